"""The subject of one decision: the known values, the zone and the clock, and what has been worked out so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

from routing.attributes import Attributes
from routing.meaning.logic import Truth
from routing.meaning.words import Text


class Subject:
    """One procedure at one instant. Made for one decision and thrown away; `memo` belongs to the compiled rulebook.

    `arrival` and `clock_at` are in UTC, `wall` is what the local clocks show at `clock_at`. `clock_day` is the local
    date of the clock, also where only a date is known of it.
    """

    __slots__ = (
        "arrival",
        "at",
        "attributes",
        "clock_at",
        "clock_day",
        "key",
        "known",
        "memo",
        "texts",
        "wall",
        "zone",
    )

    at: datetime
    arrival: datetime
    attributes: Attributes
    clock_at: datetime
    clock_day: date
    key: str | None
    known: dict[str, Any]
    memo: dict[Any, Any]
    texts: dict[Any, Text]
    wall: datetime
    zone: tzinfo

    def __init__(self, attributes: Attributes, at: datetime, key: str | None) -> None:
        self.attributes, self.at, self.key = attributes, at, key
        self.known = attributes.known
        self.memo = {}
        self.texts = {}


Read = Callable[[Subject], Any]
"""What an operand is for a subject; None is unknown."""

Test = Callable[[Subject], Truth]
"""What a condition is for a subject."""
