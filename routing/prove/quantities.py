"""Representatives of numbers, lengths of time, dates and instants: one value for each stretch between what is named.

The order is that in which a made-up study takes them: plain values first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from attrs import evolve

from routing.attributes import Duration, Type

_YEAR: Final = 365.2425
_MONTH: Final = _YEAR / 12
_DAY: Final = timedelta(days=1)
_OLDEST: Final = 120 * _YEAR


def numbers(constants: Iterable[Any], *, whole: bool) -> list[float]:
    """Return a number below, at, between and above the constants; *whole* ones are counts."""
    named = sorted({value for value in constants if isinstance(value, int | float) and not isinstance(value, bool)})
    if not named:
        return [1]
    found: list[float] = [*named]
    found += [value + step for value in named for step in (1, -1)]
    if not whole:
        found += [(low + high) / 2 for low, high in pairwise([named[0] - 1, *named, named[-1] + 1])]
    else:
        found = [value for value in found if value >= 0 and value == int(value)]
    return list(dict.fromkeys(found))


def weeks(constants: Iterable[Any]) -> list[int]:
    """Return whole weeks around the constants."""
    days = [found for value in constants if (found := _in_days(value)) is not None]
    near = {max(0, int(one // 7) + step) for one in days for step in (-1, 0, 1, 2)}
    return sorted(near) or [40]


def lengths(constants: Iterable[Any], *, ages: bool) -> list[Duration]:
    """Return lengths of time around the constants; *ages* come in completed units too, as senders write them."""
    named = sorted({_as_length(value) for value in constants if _in_days(value) is not None}, key=nominal_days)
    found = [*named]
    for one in named:
        found += [near for near in _beside(one) if nominal_days(near) >= 0]
    middles = [0.0, *map(nominal_days, named)]
    found += [Duration(days=int((low + high) / 2)) for low, high in pairwise(middles)]
    found += [Duration(years=int(nominal_days(named[-1]) // _YEAR) + 20)] if named else [Duration(years=40)]
    if ages:
        found = [one for one in found if nominal_days(one) < _OLDEST]
        found += [near for one in named for near in _completed(nominal_days(one))]
    return list(dict.fromkeys(found))


def _beside(one: Duration) -> list[Duration]:
    """Return lengths just under and just over one; in its own unit first, which reads best."""
    near = [
        evolve(one, **{unit: getattr(one, unit) + step})
        for unit in ("years", "months", "days", "seconds")
        if getattr(one, unit)
        for step in (-1, 1)
    ]
    days = nominal_days(one)
    return [*near, Duration(days=int(days) - 2), Duration(days=int(days) + 3), evolve(one, days=one.days + 1)]


def _completed(days: float) -> list[Duration]:
    """Return ages in completed years, months, weeks and days around a length; the short units for the young."""
    found = []
    for unit, size, most in (("years", _YEAR, 120), ("months", _MONTH, 36), ("weeks", 7.0, 52), ("days", 1.0, 90)):
        for count in (int(days / size), int(days / size) - 1):
            if 0 <= count <= most:
                amount = {"days": count * 7} if unit == "weeks" else {unit: count}
                found.append(Duration(**amount, precision=unit))
    return found


def dates(constants: Iterable[Any]) -> list[date]:
    """Return dates around the constants; of an instant its date."""
    named = sorted({one.date() if isinstance(one, datetime) else one for one in constants if isinstance(one, date)})
    found = [near for one in named for near in (one, one - _DAY, one + _DAY)]
    found += [low + (high - low) / 2 for low, high in pairwise(named)]
    return list(dict.fromkeys(found))


def instants(constants: Iterable[Any]) -> list[datetime]:
    """Return instants around the constants, at noon of dates; local to the study's zone."""
    found = []
    for one in constants:
        if isinstance(one, datetime):
            found += [one.replace(tzinfo=None) + step for step in (timedelta(), -timedelta(days=2), timedelta(days=2))]
            found += [one + timedelta(minutes=step) for step in (-1, 1)] if one.tzinfo is None else []
    found += [datetime(day.year, day.month, day.day, 12) for day in dates(constants)]  # noqa: DTZ001 - local
    return list(dict.fromkeys(found))


def offsets(spans: Iterable[Duration | timedelta]) -> list[timedelta]:
    """Return distances from the clock around lengths of time, both ways, and around none."""
    days = [one if isinstance(one, timedelta) else timedelta(days=nominal_days(one)) for one in spans]
    found = [timedelta(), -_DAY, _DAY, timedelta(minutes=-1), timedelta(minutes=1)]
    for one in days:
        for sign in (1, -1):
            found += [sign * one + step for step in (timedelta(), -timedelta(minutes=1), timedelta(minutes=1))]
            found += [sign * one + step * _DAY for step in (-2, -1, 1, 2)]
    return list(dict.fromkeys(found))


def days_of(value: Any, type_: Type) -> float | None:
    """Return a length of time in days, a number as it is; None for anything else."""
    if type_ is Type.NUMBER and isinstance(value, int | float):
        return float(value)
    return _in_days(value)


def less(whole: float, part: Any, part_type: Type, rest_type: Type) -> Any:
    """Return what is left of *whole* days (or of a number) after a part, in the rest's type; None where nothing is."""
    taken = float(part) if part_type is Type.NUMBER and isinstance(part, int | float) else _in_days(part)
    if taken is None:
        return None
    left = whole - taken
    if rest_type is Type.NUMBER:
        return left
    if left < 0:
        return None
    return int(left // 7) if rest_type is Type.WEEKS else Duration(days=int(left))


def _in_days(value: Any) -> float | None:
    if isinstance(value, Duration):
        return nominal_days(value)
    return value * 7.0 if isinstance(value, int) and not isinstance(value, bool) else None


def _as_length(value: Any) -> Duration:
    return value if isinstance(value, Duration) else Duration(days=value * 7)


def nominal_days(one: Duration) -> float:
    """Return about how many days a length of time has."""
    return one.years * _YEAR + one.months * _MONTH + one.days + one.seconds / 86_400
