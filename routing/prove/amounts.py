"""Lengths of time compared for every clock: which of two dues is sure not to be the later one."""

from __future__ import annotations

from math import inf

from routing.program import Constant, DueWithin, Effect, Length, Unit

_HOURS = {Unit.MINUTES: (1 / 60, 1 / 60), Unit.HOURS: (1.0, 1.0), Unit.MONTHS: (28 * 24.0, 31 * 24.0)}
_SHIFT = 2.0  # a day keeps the wall clock: the clocks may change in between


def surely_within(one: Length, limit: Length) -> bool:
    """Say whether *one* never ends later than *limit* from the same clock."""
    if one.unit is not None and one.unit is limit.unit:
        mine, other = _amount(one), _amount(limit)
        return mine is not None and other is not None and mine <= other
    return _bounds(one)[1] <= _bounds(limit)[0]


def is_plain(effect: Effect) -> bool:
    """Say whether an effect is a due of a fixed length from the clock."""
    return (
        isinstance(effect, DueWithin)
        and effect.counting is None
        and effect.start is None
        and effect.within.unit is not None
        and _amount(effect.within) is not None
    )


def _amount(length: Length) -> float | None:
    amount = length.amount
    known = isinstance(amount, Constant) and isinstance(amount.value, int | float)
    return float(amount.value) if isinstance(amount, Constant) and known else None


def _bounds(length: Length) -> tuple[float, float]:
    """Return the fewest and the most hours that a length may last; nothing is known of one that is read."""
    amount = _amount(length)
    if amount is None or length.unit is None:
        return 0.0, inf
    if length.unit in (Unit.DAYS, Unit.WEEKS):
        hours = amount * (24 if length.unit is Unit.DAYS else 168)
        return hours - _SHIFT, hours + _SHIFT
    if length.unit is Unit.WORKING_DAYS:
        return max(0.0, amount * 24 - _SHIFT), inf
    if length.unit is Unit.YEARS:
        return amount * 365 * 24 - _SHIFT, amount * 366 * 24 + _SHIFT
    low, high = _HOURS[length.unit]
    shift = _SHIFT if length.unit is Unit.MONTHS else 0.0
    return amount * low - shift, amount * high + shift
