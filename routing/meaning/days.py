"""Days: which dates a set of days holds, and counting working days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Collection, Container, Mapping
from datetime import date, timedelta
from functools import lru_cache

from attrs import frozen

_LONGEST = 4000  # days to look ahead before a count is given up: more than ten years


@frozen(kw_only=True, cache_hash=True)
class DaySet:
    """Weekdays (0 is Monday), listed dates, `last Thu of month` as (-1, 3); less the excepted dates."""

    weekdays: frozenset[int] = frozenset()
    dates: frozenset[date] = frozenset()
    nth: tuple[tuple[int, int], ...] = ()
    excepted: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.excepted:
            return False
        return (
            day.weekday() in self.weekdays
            or day in self.dates
            or any(day.weekday() == weekday and is_nth(day, which) for which, weekday in self.nth)
        )


def day_set(
    weekdays: Collection[int],
    calendars: Collection[str],
    nth: Collection[tuple[int, int]],
    excepted: Collection[str],
    dates: Mapping[str, frozenset[date]],
) -> DaySet:
    """Return the set of days with its calendars looked up among *dates*."""
    return DaySet(
        weekdays=frozenset(weekdays),
        dates=frozenset().union(*(dates[name] for name in calendars)),
        nth=tuple(nth),
        excepted=frozenset().union(*(dates[name] for name in excepted)),
    )


WEEKDAYS = DaySet(weekdays=frozenset(range(5)))


def is_nth(day: date, which: int) -> bool:
    """Say whether *day* is the first (1), second … or last (-1) of its weekday in its month."""
    if which > 0:
        return (day.day - 1) // 7 + 1 == which
    return (monthrange(day.year, day.month)[1] - day.day) // 7 + 1 == -which


def after(day: date, count: int, days: Container[date]) -> date | None:
    """Return the *count*-th day of the set after *day* (before it when negative), or None when there is none in reach.

    From a day that is not in the set, the next that is counts as the first.
    """
    return _in_set(day, count, days) if isinstance(days, DaySet) else _count(day, count, days)


def _in_set(day: date, count: int, days: DaySet) -> date | None:
    """Return the same as `_count`, year by year."""
    start, left, year = day.toordinal(), abs(count), day.year
    if not left:
        return day
    while date.min.year <= year <= date.max.year and abs(year - day.year) * 365 <= _LONGEST + 365:
        members = _members(days, year)
        if count > 0:
            first = bisect_right(members, start) + left - 1
            if first < len(members):
                return _within_reach(start, members[first])
            left = first - len(members) + 1
        else:
            last = bisect_left(members, start) - left
            if last >= 0:
                return _within_reach(start, members[last])
            left = -last
        year += 1 if count > 0 else -1
    return None


def _within_reach(start: int, found: int) -> date | None:
    return date.fromordinal(found) if abs(found - start) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _members(days: DaySet, year: int) -> list[int]:
    """Return the days of a year that a set holds, by their ordinals."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return [number for number in range(first, last + 1) if date.fromordinal(number) in days]


def _count(day: date, count: int, days: Container[date]) -> date | None:
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    try:
        for _ in range(_LONGEST):
            if not left:
                return day
            day += step
            left -= day in days
    except OverflowError:
        return None
    return day if not left else None
