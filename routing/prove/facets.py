"""Facets: what can be known of a study, each with the finite classes of values that a rulebook can tell apart.

A class is shown by one value of it. In a plain facet class 0 is what holds when nothing is said (unknown; for the clock
a Monday at noon); in a set facet nothing chosen is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from attrs import field, frozen

Key: TypeAlias = tuple[str, ...]
"""What names a facet: its kind, and the attribute or rule that it is about."""

Given: TypeAlias = Mapping[str, Any]
"""Values of attributes and facts, in canonical form; None is unknown."""


@frozen(kw_only=True, eq=False)
class Class:
    """One class of values, shown by the attributes that a study of it has: fixed, or reckoned from its clock."""

    values: Given = field(factory=dict)
    at_clock: Callable[[datetime], Given] | None = None  # from the local time that the clock shows
    wall: datetime | None = None  # of the clock itself

    def given(self, wall: datetime) -> Given:
        """Return the attributes of a study whose clock shows *wall*."""
        return self.at_clock(wall) if self.at_clock else self.values


@frozen(kw_only=True, eq=False)
class Facet:
    """One facet. `members` tells the class of a value that rules name; `real` is False where no study shows a class."""

    place: int
    key: Key
    many: bool
    classes: tuple[Class, ...]
    members: Mapping[Any, int] = field(factory=dict)
    real: bool = True
    name: str = ""  # the attribute

    @property
    def full(self) -> int:
        """All classes, as bits."""
        return (1 << len(self.classes)) - 1

    @property
    def default(self) -> int:
        """The value where nothing is said."""
        return 0 if self.many else 1


def bits_of(mask: int) -> list[int]:
    """Return the places of the bits that are set, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
