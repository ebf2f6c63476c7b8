"""Days: which dates a set of days holds, and counting working days."""

from __future__ import annotations

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
    later = day + timedelta(days=7 * -which)
    return later.month != day.month and (which == -1 or (later - timedelta(days=7)).month == day.month)


def after(day: date, count: int, days: Container[date]) -> date | None:
    """Return the *count*-th day of the set after *day* (before it when negative), or None when there is none in reach.

    From a day that is not in the set, the next that is counts as the first.
    """
    return _counted(day, count, days) if isinstance(days, DaySet) else _count(day, count, days)


@lru_cache(maxsize=4096)
def _counted(day: date, count: int, days: DaySet) -> date | None:
    return _count(day, count, days)


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
