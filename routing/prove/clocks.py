"""Representatives of the clock, and of moments that hours and calendars are asked about: regions of week and calendar.

Two local times are alike where they fall into the same hours, on days of the same sets, on the same side of each date
that is named. One of each kind is taken, near a fixed Monday where it can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from routing import program
from routing.compile import Compiled
from routing.meaning.days import DaySet, day_set
from routing.meaning.hours import Range

MONDAY: Final = datetime(2026, 1, 5, 12)  # noqa: DTZ001 - what the local clock shows
_DAY: Final = timedelta(days=1)
_MINUTES: Final = 1440
_NEAR: Final = 400  # days on either side of a date that matters
_MOST_DAYS: Final = 6_000

Timed = tuple[Compiled, program.During | program.OnCalendar]


def walls(timed: Sequence[Timed], constants: Iterable[Any]) -> list[datetime]:
    """Return local times, one for each way of falling into the hours, calendars and around the *constants*."""
    sets, minutes = _sets(timed)
    named = [one for one in constants if isinstance(one, date)]
    days = {one.date() if isinstance(one, datetime) else one for one in named}
    found = [
        datetime.combine(day, _MIDNIGHT) + timedelta(minutes=more) for day in _days(sets, days) for more in minutes
    ]
    for one in named:
        if isinstance(one, datetime):
            local = one.replace(tzinfo=None)
            found += [local, local - timedelta(minutes=1), local + timedelta(minutes=1)]
    return list(dict.fromkeys(found))


_MIDNIGHT: Final = time()


def ranges(compiled: Compiled, choice: program.TimesChoice) -> tuple[Range, ...]:
    """Return the hours of one choice of a `times`."""
    return tuple(Range(days=_set(compiled, one.days), start=one.start, end=one.end) for one in choice.hours)


def _sets(timed: Sequence[Timed]) -> tuple[list[DaySet], list[int]]:
    """Return the sets of days that matter, and a minute within each stretch of the day."""
    sets: dict[DaySet, None] = {}
    edges = {0, _MINUTES}
    for compiled, leaf in timed:
        if isinstance(leaf, program.OnCalendar):
            sets[DaySet(dates=compiled.program.calendars[leaf.calendar].dates)] = None
            continue
        for choice in compiled.program.times[leaf.times].choices:
            for one in ranges(compiled, choice):
                sets[one.days] = None
                edges |= {one.start, one.end}
    middles = [low + (high - low) // 2 for low, high in pairwise(sorted(edge for edge in edges if edge <= _MINUTES))]
    noon = sorted(middles, key=lambda one: abs(one - 720))
    return list(sets), noon


def _set(compiled: Compiled, days: program.Days) -> DaySet:
    dates = {name: calendar.dates for name, calendar in compiled.program.calendars.items()}
    return day_set(days.weekdays, days.calendars, days.nth, days.excepted, dates)


def _days(sets: Sequence[DaySet], named: set[date]) -> Iterator[date]:
    """Yield one day of each kind: in which sets it and the day before are, on which side of the dates named."""
    seen: set[tuple[bool, ...]] = set()
    marks = sorted(named)
    for day in _candidates(sets, named):
        kind = (
            *(day in one for one in sets),
            *(day - _DAY in one for one in sets),
            *(day < mark for mark in marks),
            *(day == mark for mark in marks),
        )
        if kind not in seen:
            seen.add(kind)
            yield day


def _candidates(sets: Sequence[DaySet], named: set[date]) -> Iterator[date]:
    """Yield the days to look at: every listed one and its neighbours first, then whole stretches around them all."""
    monday = MONDAY.date()
    listed = {day for one in sets for day in (*one.dates, *one.excepted)}
    close = {day + step * _DAY for day in (*listed, *named) for step in (-1, 0, 1) if day.year not in (1, 9999)}
    marks = [monday, *close]
    if not sets and not named:
        yield monday
        return
    low, high = min(marks) - _NEAR * _DAY, max(marks) + _NEAR * _DAY
    if (high - low).days > _MOST_DAYS:
        low, high = monday - _MOST_DAYS // 2 * _DAY, monday + _MOST_DAYS // 2 * _DAY
    whole = [low + number * _DAY for number in range((high - low).days + 1)]
    yield from sorted({*whole, *close}, key=lambda day: abs((day - monday).days))
