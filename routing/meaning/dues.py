"""Dues: the moment that lies a length of time away, and the next wall time of a kind.

Minutes and hours elapse. Days, weeks, months and years keep the wall clock. N working days end at the same wall time on
the Nth working day; from a day that is none, the next one counts as the first. Counting some hours, minutes and hours
elapse only within them, and days are days on which they begin. None: that moment is out of reach.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Final

from attrs import frozen

from routing.attributes import Duration
from routing.meaning.days import after
from routing.meaning.hours import Beginnings, Counted
from routing.meaning.moments import instant_at, wall_of

MOST_SECONDS: Final = 3_000_000_000  # about 95 years
_MOST_DAYS: Final = 36_600


class Pace(Enum):
    """How a length of time passes."""

    ELAPSED = "elapsed"  # the amount is in seconds
    DAYS = "days"  # calendar days, the wall clock kept
    MONTHS = "months"  # calendar months, the wall clock kept; a month too short ends it on its last day
    WORKING_DAYS = "working days"


@frozen(kw_only=True)
class Stretch:
    """A known length of time: an amount at a pace. Days and months are whole, elapsed seconds may be a fraction."""

    amount: float
    pace: Pace


def stretches_of(length: Duration) -> tuple[Stretch, ...]:
    """Return the parts of a duration, the coarsest first; one without any length is none at all."""
    parts = (
        Stretch(amount=length.years * 12 + length.months, pace=Pace.MONTHS),
        Stretch(amount=length.days, pace=Pace.DAYS),
        Stretch(amount=length.seconds, pace=Pace.ELAPSED),
    )
    return tuple(part for part in parts if part.amount)


def away(
    start: datetime,
    stretch: Stretch,
    zone: tzinfo,
    workdays: Container[date],
    *,
    back: bool = False,
    counting: Counted | None = None,
    wall: datetime | None = None,
) -> datetime | None:
    """Return the moment, in UTC, that lies *stretch* after the instant *start* (before it when *back*).

    *counting* counts from *start*; *wall* is what the clocks of the zone show there, where that is known already.
    """
    if not math.isfinite(stretch.amount) or stretch.amount < 0 or stretch.amount > MOST_SECONDS:
        return None
    try:
        return _away(start, -stretch.amount if back else stretch.amount, stretch.pace, zone, workdays, counting, wall)
    except (OverflowError, ValueError):
        return None


def _away(
    start: datetime,
    amount: float,
    pace: Pace,
    zone: tzinfo,
    workdays: Container[date],
    counting: Counted | None,
    wall: datetime | None,
) -> datetime | None:
    if pace is Pace.ELAPSED:
        if counting is not None and amount > 0:
            return counting.after(amount)
        return start + timedelta(seconds=amount)
    if abs(amount) > _MOST_DAYS:
        return None
    if wall is None:
        wall = wall_of(start, zone)
    whole = math.floor(amount)
    day: date | None
    if pace is Pace.MONTHS:
        day = _month_away(wall.date(), whole)
    elif pace is Pace.DAYS and counting is None:
        # A part of a day keeps the wall clock too: 1.5 days after 10:00 is 22:00.
        wall += timedelta(days=amount - whole)
        day = wall.date() + timedelta(days=whole)
    else:
        day = after(wall.date(), whole, Beginnings(tuple(counting.ranges)) if counting is not None else workdays)
    return instant_at(datetime.combine(day, wall.time()), zone) if day else None


def _month_away(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_at(
    start: datetime, at: time, day: str | int | None, zone: tzinfo, workdays: Container[date]
) -> datetime | None:
    """Return the next instant, in UTC, at which the wall clock shows *at*: the first after *start*, or on such a day.

    *day* is "day" (the next date), "working day" or a weekday from 0 (Monday): the next one after the local date.
    """
    today = wall_of(start, zone).date()
    try:
        if day is None:
            due = instant_at(datetime.combine(today, at), zone)
            return due if due > start else instant_at(datetime.combine(today + timedelta(days=1), at), zone)
        if day == "working day":
            found = after(today, 1, workdays)
        else:
            found = today + timedelta(days=1 if isinstance(day, str) else (day - today.weekday() - 1) % 7 + 1)
        return instant_at(datetime.combine(found, at), zone) if found else None
    except (OverflowError, ValueError):
        return None
