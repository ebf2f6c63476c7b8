"""Values as the compiled form sees them: garbage of whatever kind is unknown, never an error.

An instant is in UTC, or a bare `date` when only the day is known; a duration is a `Duration` or an `Age`; a text is a
tuple of fields. Everything else is as in `routing.attributes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from routing.attributes import Duration, Type
from routing.compile.subject import Subject
from routing.meaning.durations import Age
from routing.meaning.moments import utc, wall_of
from routing.meaning.words import Cut

_MOST_WEEKS: Final = 100_000
TOO_MANY: Final[Any] = object()
"""In place of codes that are more than count: unknown, and no lesser source of the attribute speaks for them."""


def code(value: Any, _: Subject) -> str | None:
    """Return a code that is not empty; a set of one is its member."""
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) and value else None


def codes(value: Any, _: Subject) -> tuple[str, ...] | None:
    """Return the codes that are not empty, or unknown when there are none; TOO_MANY stays what it is."""
    if isinstance(value, str):
        return (value,) if value else None
    if isinstance(value, tuple | list | set | frozenset):
        found = tuple([each for each in value if isinstance(each, str) and each])  # quicker than a generator
        return found or None
    return value if value is TOO_MANY else None


def text(value: Any, _: Subject) -> tuple[str, ...] | None:
    """Return the fields, or unknown when all are blank."""
    if isinstance(value, str):
        return (value,) if value and not value.isspace() else None
    if isinstance(value, tuple | list):
        found = tuple([each for each in value if isinstance(each, str) and each and not each.isspace()])
        return (Cut(found) if value.__class__ is Cut else found) or None
    return None


def number(value: Any, _: Subject) -> float | None:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def weeks(value: Any, _: Subject) -> int | None:
    """Return whole weeks, none below zero."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < _MOST_WEEKS else None


def duration(value: Any, _: Subject) -> Duration | Age | None:
    """Return a length of time."""
    return value if isinstance(value, Duration | Age) else None


def day(value: Any, subject: Subject) -> date | None:
    """Return a date; of an instant its local date."""
    if isinstance(value, datetime):
        moment = utc(value, subject.zone)
        return wall_of(moment, subject.zone).date() if moment else None
    return value if isinstance(value, date) else None


def instant(value: Any, subject: Subject) -> date | None:
    """Return an instant in UTC, or a date when only the day is known."""
    if isinstance(value, datetime):
        return utc(value, subject.zone)
    return value if isinstance(value, date) else None


def yes_no(value: Any, _: Subject) -> bool | None:
    """Return true or false."""
    return value if isinstance(value, bool) else None


CLEAN: Final[Mapping[Type, Callable[[Any, Subject], Any]]] = MappingProxyType(
    {
        Type.CODE: code,
        Type.CODES: codes,
        Type.TEXT: text,
        Type.NUMBER: number,
        Type.WEEKS: weeks,
        Type.DURATION: duration,
        Type.DATE: day,
        Type.INSTANT: instant,
        Type.YES_NO: yes_no,
    }
)
