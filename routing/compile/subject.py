"""The subject of one decision: the known values, the zone and the clock, and what has been worked out so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

from routing.attributes import Attributes
from routing.meaning.logic import Truth
from routing.meaning.words import Text


class Subject:
    """One procedure at one instant. Made for one decision; `memo` belongs to the compiled rulebook.

    `arrival` and `clock_at` are in UTC, `wall` is what the local clocks show at `clock_at`. `clock_day` is the local
    date of the clock, also where only a date is known of it.
    """

    __slots__ = (
        "_day",
        "_key",
        "_local",
        "_wall",
        "arrival",
        "at",
        "attributes",
        "clock_at",
        "known",
        "memo",
        "texts",
        "zone",
    )

    at: datetime
    arrival: datetime
    attributes: Attributes
    clock_at: datetime
    known: dict[str, Any]
    memo: dict[Any, Any]
    texts: dict[Any, tuple[Text, tuple[str, ...]]]
    zone: tzinfo

    def __init__(self, attributes: Attributes, at: datetime, key: str | None) -> None:
        self.attributes, self._key = attributes, key
        self.at = self.arrival = self.clock_at = at
        self.known = attributes.known
        self.memo = {}
        self.texts = {}
        self._local: datetime | None = None
        self._wall: datetime | None = None
        self._day: date | None = None

    @property
    def key(self) -> str | None:
        """What names the procedure, for samples."""
        if self._key is None:
            self._key = key_of(self.attributes)
        return self._key

    @property
    def local(self) -> datetime:
        """The clock in the zone that governs: what the local clocks show, with its offset."""
        if self._local is None:
            self._local = self.clock_at.astimezone(self.zone) if self._wall is None else self._wall
        return self._local

    @property
    def wall(self) -> datetime:
        """What the local clocks show at the clock."""
        if self._wall is None:
            self._wall = self.local.replace(tzinfo=None)
        return self._wall

    @wall.setter
    def wall(self, wall: datetime) -> None:
        self._wall, self._local = wall, None

    @property
    def clock_day(self) -> date:
        """The local date of the clock."""
        if self._day is None:
            self._day = self.local.date()
        return self._day

    @clock_day.setter
    def clock_day(self, day: date) -> None:
        self._day = day

    def set_clock(self, moment: datetime, day: date | None) -> None:
        """Settle the clock; *day* where only the date of what was said is known. What was worked out is forgotten."""
        self.clock_at, self._day, self._local, self._wall = moment, day, None, None
        if self.memo:
            self.memo.clear()


def key_of(attributes: Attributes) -> str | None:
    """Return what names a procedure: its issuer and accession, else its study; None when it has neither."""
    known = attributes.known
    if accession := known.get("accession"):
        return f"{known.get('accession_issuer', '')}\x1f{accession}"
    study = known.get("study_uid")
    return str(study) if study else None


Read = Callable[[Subject], Any]
"""What an operand is for a subject; None is unknown."""

Test = Callable[[Subject], Truth]
"""What a condition is for a subject."""
