"""Lengths of time compared for every clock: which of two dues is sure not to be the later one.

A day keeps the wall clock and may be an hour longer or shorter. How long so many working days can last follows from the
rulebook's own calendars.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from math import inf
from typing import Final

from routing.compile import Compiled
from routing.meaning.days import WEEKDAYS, DaySet, after, day_set
from routing.program import Constant, DueBy, DueWithin, Effect, Length, Unit

_HOURS: Final = {Unit.MINUTES: (1 / 60, 1 / 60), Unit.HOURS: (1.0, 1.0)}
_DAYS: Final = {
    Unit.DAYS: (1, 1),
    Unit.WEEKS: (7, 7),
    Unit.MONTHS: (28, 31),
    Unit.YEARS: (365, 366),
}
_SHIFT: Final = 2.0
_MOST_WORKING_DAYS: Final = 60
_MOST_LOOKED: Final = 3_000
_A_MONDAY: Final = date(2026, 1, 5)


class Amounts:
    """Compares the lengths of time of one rulebook, or of two with the same working days."""

    def __init__(self, compiled: Compiled) -> None:
        self._sets = _workdays(compiled)
        self.working_days = cache(self._working_days)

    def surely_within(self, one: Length, limit: Length) -> bool:
        """Say whether *one* never ends later than *limit* from the same clock."""
        if one.unit is not None and one.unit is limit.unit:
            mine, other = amount(one), amount(limit)
            return mine is not None and other is not None and mine <= other
        return self._bounds(one)[1] <= self._bounds(limit)[0]

    def surely_by(self, one: DueBy, limit: Length) -> bool:
        """Say whether a time of day never comes later than *limit* from the same clock."""
        if one.day == "working day":
            whole = self.working_days(1)[1] + 1
        else:
            whole = {"": 1.0, "day": 2.0}.get(str(one.day or ""), 8.0)  # else a weekday
        return whole * 24 + _SHIFT <= self._bounds(limit)[0]

    def _bounds(self, length: Length) -> tuple[float, float]:
        """Return the fewest and the most hours that a length may last; nothing is known of one that is read."""
        number = amount(length)
        if number is None or length.unit is None:
            return 0.0, inf
        if length.unit in _HOURS:
            low, high = _HOURS[length.unit]
            return number * low, number * high
        if length.unit is Unit.WORKING_DAYS:
            least, most = self.working_days(int(number))
        else:
            few, many = _DAYS[length.unit]
            least, most = number * few, number * many
        return max(0.0, least * 24 - _SHIFT), most * 24 + _SHIFT

    def _working_days(self, number: int) -> tuple[float, float]:
        """Return over how few and how many days so many working days can stretch."""
        if not number or number > _MOST_WORKING_DAYS:
            return float(number), float(number) if not number else inf
        least, most = inf, 0.0
        for one in self._sets:
            for day in _starts(one, number):
                end = after(day, number, one)
                length = (end - day).days if end else inf
                least, most = min(least, length), max(most, length)
        return least, most


def _workdays(compiled: Compiled) -> tuple[DaySet, ...]:
    book = compiled.program
    dates = {name: calendar.dates for name, calendar in book.calendars.items()}
    found = tuple(
        day_set(one.days.weekdays, one.days.calendars, one.days.nth, one.days.excepted, dates) for one in book.workdays
    )
    return found or (WEEKDAYS,)


def _starts(days: DaySet, number: int) -> list[date]:
    """Return the days from which counting can differ: a fortnight, and all that lie before a listed date."""
    reach = number * 3 + 14
    near = {_A_MONDAY + timedelta(days=more) for more in range(-1, 62 if days.nth else 15)}
    for listed in list(days.excepted | days.dates)[:_MOST_LOOKED]:
        near |= {listed - timedelta(days=more) for more in range(-1, reach)}
    return sorted(near)[:_MOST_LOOKED]


def is_plain(effect: Effect) -> bool:
    """Say whether an effect is a due of a fixed length from the clock."""
    return (
        isinstance(effect, DueWithin)
        and effect.counting is None
        and effect.start is None
        and effect.within.unit is not None
        and amount(effect.within) is not None
    )


def amount(length: Length) -> float | None:
    """Return the number of a length that is written in the rule; None for one that is read."""
    value = length.amount.value if isinstance(length.amount, Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
