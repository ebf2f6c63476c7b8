"""Hours: half-open wall-clock ranges on sets of days.

Hours that cross midnight belong, with weekday and holidays, to the day on which they begin. They are what the local
clocks show, so that the night of a clock change has fewer or more of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from attrs import frozen

from routing.meaning.days import DaySet
from routing.meaning.moments import instant_at, wall_of

_DAY = 1440
_LONGEST = 1100  # days to look ahead when time is counted: some three years


@frozen(kw_only=True)
class Range:
    """Minutes from midnight on a set of days; `end` at or before `start` runs into the next day."""

    days: DaySet
    start: int
    end: int

    def holds(self, day: date, minute: int) -> bool:
        """Say whether a wall time belongs to these hours."""
        if self.start < self.end:
            return self.start <= minute < self.end and day in self.days
        if minute >= self.start and day in self.days:
            return True
        return minute < self.end and day > date.min and day - timedelta(days=1) in self.days


def contains(ranges: Sequence[Range], wall: datetime) -> bool:
    """Say whether a local wall time falls into any of the ranges."""
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    return any(each.holds(day, minute) for each in ranges)


def after_counting(start: datetime, seconds: float, ranges: Sequence[Range], zone: tzinfo) -> datetime | None:
    """Return the instant at which so many seconds have passed within the hours, or None when that is not in reach."""
    left = timedelta(seconds=seconds)
    if left <= timedelta(0):
        return start
    reached = start
    for low, high in _stretches(start, ranges, zone):
        begin = max(low, reached)
        if high <= begin:
            continue
        if high - begin >= left:
            return begin + left
        left -= high - begin
        reached = high
    return None


def _stretches(start: datetime, ranges: Sequence[Range], zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of the hours from the day before *start* on, as instants, by their beginning."""
    first = wall_of(start, zone).date()
    for more in range(-1, _LONGEST):
        day = first + timedelta(days=more)
        todays = sorted((each.start, each.end) for each in ranges if day in each.days)
        for begin, end in todays:
            length = end if begin < end else end + _DAY
            yield instant_at(_wall(day, begin), zone), instant_at(_wall(day, length), zone)


def _wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


@frozen
class Beginnings:
    """The days on which any of the hours begin."""

    ranges: tuple[Range, ...]

    def __contains__(self, day: object) -> bool:
        return any(day in each.days for each in self.ranges)
