"""A change: studies that two rulebooks decide differently, with one of them and its decisions before and after."""

from __future__ import annotations

from typing import Any, Final

from attrs import field, frozen

from routing.decide import REPORT
from routing.decision import Decision
from routing.prove.study import Study

FIELDS: Final = (
    "outcome",
    "worklist",
    "priority",
    "due_at",
    "preliminary_due_at",
    "also",
    "tags",
    "notify",
    "reads",
    "hold",
    "escalations",
    "offer",
    "closure",
    "limits",
    "together",
    "split",
)


@frozen(kw_only=True)
class Change:
    """Studies that are decided differently, in words, with one of them and its decision before and after."""

    where: str
    study: Study
    before: Decision = field(repr=False)
    after: Decision = field(repr=False)
    kind: str = REPORT

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the decision that differ."""
        return differing(self.before, self.after)

    @property
    def is_later(self) -> bool:
        """Whether it is due later than before."""
        return later(self.before, self.after)


@frozen(kw_only=True)
class More:
    """Changes that were not told: of what, how many, and whether they were counted to the end (else: at least).

    With no count, nobody looked: there was enough to tell before.
    """

    of: str
    count: int
    exact: bool = True

    def __str__(self) -> str:
        if not self.count:
            return f"whatever else changes by {self.of}"
        return f"{'' if self.exact else 'at least '}{self.count} more of {self.of}"


@frozen(kw_only=True)
class Changes:
    """All that was found, and what was not settled; nothing of either proves that no decision changes."""

    found: tuple[Change, ...]
    undecided: tuple[str, ...] = ()
    more: tuple[More, ...] = ()

    @property
    def none(self) -> bool:
        """Whether it is proved that no decision changes."""
        return not self.found and not self.undecided


def differing(before: Decision, after: Decision) -> tuple[str, ...]:
    """Return the fields in which two decisions differ; the names of rules and what was unknown do not count.

    A guarantee that had to be kept against the rules counts, as `guarantees`: a person has to look.
    """
    found = tuple(name for name in FIELDS if _bare(getattr(before, name)) != _bare(getattr(after, name)))
    return found if kept(before) == kept(after) else (*found, "guarantees")


def kept(decision: Decision) -> frozenset[str]:
    """Return the guarantees that were kept against the rules."""
    return frozenset(one.source for one in decision.problems if one.kind == "guarantee")


def later(before: Decision, after: Decision) -> bool:
    """Say whether a decision is due later than the one before."""
    return before.due_at is not None and (after.due_at is None or after.due_at > before.due_at)


def _bare(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value
