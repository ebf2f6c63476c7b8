"""Hours: half-open wall-clock ranges on sets of days.

Hours that cross midnight belong, with weekday and holidays, to the day on which they begin. They are what the local
clocks show, so that the night of a clock change has fewer or more of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
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
    return Counted(start, ranges, zone).after(seconds)


class Counted:
    """Time that is counted within hours from one instant on; what was walked for one length serves all others."""

    def __init__(self, start: datetime, ranges: Sequence[Range], zone: tzinfo) -> None:
        self.ranges, self._start = ranges, start
        self._walk = _from(start, _stretches(start, ranges, zone))
        self._ends: list[datetime] = []  # of each stretch that was walked
        self._sums: list[timedelta] = []  # what has been counted when it ends

    def after(self, seconds: float) -> datetime | None:
        """Return the instant at which so many seconds have passed, or None when that is not in reach."""
        wanted = timedelta(seconds=seconds)
        if wanted <= timedelta(0):
            return self._start
        sums, ends = self._sums, self._ends
        while not sums or sums[-1] < wanted:
            stretch = next(self._walk, None)
            if stretch is None:
                return None
            begin, end = stretch
            ends.append(end)
            sums.append((sums[-1] if sums else timedelta(0)) + (end - begin))
        place = bisect_left(sums, wanted)
        return ends[place] - (sums[place] - wanted)


def _from(start: datetime, stretches: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Yield what of the stretches lies after *start*, every moment once."""
    reached = start
    for low, high in stretches:
        begin = max(low, reached)
        if high > begin:
            yield begin, high
            reached = high


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
