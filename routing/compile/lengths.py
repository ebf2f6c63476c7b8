"""Lengths of time compiled: from the subject to the stretches that a length may be, one for each cell of a set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from routing.attributes import Duration
from routing.compile.operands import Operands, length
from routing.compile.subject import Read, Subject
from routing.meaning.dues import MOST_SECONDS, Pace, Stretch, stretches_of
from routing.meaning.durations import Age
from routing.program import Constant, Length, Unit

Stretches = tuple[Stretch, ...]
Alternatives = tuple[Stretches, ...]
Lengths = Callable[[Subject], Alternatives]
"""What a length may be: one run of stretches for each value found; none is unknown."""

_UNITS: Final = {
    Unit.MINUTES: (60, Pace.ELAPSED),
    Unit.HOURS: (3600, Pace.ELAPSED),
    Unit.DAYS: (1, Pace.DAYS),
    Unit.WEEKS: (7, Pace.DAYS),
    Unit.MONTHS: (1, Pace.MONTHS),
    Unit.YEARS: (12, Pace.MONTHS),
    Unit.WORKING_DAYS: (1, Pace.WORKING_DAYS),
}


def lengths(written: Length, operands: Operands) -> Lengths:
    """Return what reads a length of time."""
    read, make = _parts(written, operands)

    def alternatives(subject: Subject) -> Alternatives:
        value = read(subject)
        if value is None:
            return ()
        found = map(make, value if isinstance(value, tuple) else (value,))
        return tuple(one for one in found if one is not None)

    if isinstance(written.amount, Constant):
        made = make(written.amount.value)
        fixed: Alternatives = () if made is None else (made,)
        return lambda _: fixed
    return alternatives


def elapsed(written: Length) -> timedelta | None:
    """Return the time that a length of minutes or hours takes for every procedure alike; None for other lengths."""
    factor, pace = _UNITS[written.unit] if written.unit is not None else (0, None)
    if pace is not Pace.ELAPSED or not isinstance(written.amount, Constant):
        return None
    seconds = written.amount.value * factor
    return timedelta(seconds=seconds) if 0 <= seconds <= MOST_SECONDS else None


def _parts(written: Length, operands: Operands) -> tuple[Read, Callable[[Any], Stretches | None]]:
    """Return what reads the amount, and what makes stretches of it."""
    read = operands.read(written.amount)
    if written.unit is None:
        return length(read, written.amount.type), _of_duration
    factor, pace = _UNITS[written.unit]

    def make(amount: Any) -> Stretches | None:
        usable = isinstance(amount, int | float) and amount >= 0
        return (Stretch(amount=amount * factor, pace=pace),) if usable else None

    return read, make


def _of_duration(span: Any) -> Stretches | None:
    if isinstance(span, Age):
        span = Duration(days=(span.on - span.birth).days)
    return stretches_of(span) if isinstance(span, Duration) else None
