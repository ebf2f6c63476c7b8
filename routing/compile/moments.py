"""Conditions on dates and instants compiled: before, after, within. An instant meets a date by its local date."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime
from typing import TYPE_CHECKING

from routing.compile.lengths import Alternatives, lengths
from routing.compile.operands import Operands
from routing.compile.subject import Read, Subject, Test
from routing.meaning.dues import away
from routing.meaning.logic import Truth
from routing.meaning.moments import start_of, wall_of
from routing.program import ClockRef, Operand, Side, Within

if TYPE_CHECKING:
    from routing.compile.times import Calendars


def reader(operands: Operands, operand: Operand) -> Read:
    """Return what reads a date or an instant; a clock of which only the day is known is that day."""
    return _clock if isinstance(operand, ClockRef) else operands.read(operand)


def _clock(subject: Subject) -> date:
    moment: date = subject.clock_at
    return moment if subject.clock_day == subject.wall.date() else subject.clock_day


def day_of(moment: date, subject: Subject) -> date:
    """Return the local date of an instant; a date is itself."""
    return wall_of(moment, subject.zone).date() if isinstance(moment, datetime) else moment


def order(one: date, other: date, subject: Subject) -> int:
    """Return below, at or above zero as *one* is before, at or after *other*; by local dates if either is a date."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return (one > other) - (one < other)
    mine, theirs = day_of(one, subject), day_of(other, subject)
    return (mine > theirs) - (mine < theirs)


def within(condition: Within, operands: Operands, calendars: Calendars) -> Test:
    """Return the test of `within D of`, `before` and `after`; both ends belong to it."""
    left, right = reader(operands, condition.left), reader(operands, condition.other)
    spans, workdays, side = lengths(condition.length, operands), calendars.workdays(), condition.side

    def test(subject: Subject) -> Truth:
        one, other, found = left(subject), right(subject), spans(subject)
        if one is None or other is None or not found:
            return None
        if not (isinstance(one, datetime) and isinstance(other, datetime)):
            one, other = (start_of(day_of(each, subject), subject.zone) for each in (one, other))
        back = one < other
        if one != other and side is (Side.AFTER if back else Side.BEFORE):
            return False
        end = _reach(other, found, subject, workdays(subject), back=back)
        return None if end is None else end <= one if back else one <= end

    return test


def _reach(
    start: datetime, found: Alternatives, subject: Subject, days: Container[date], *, back: bool
) -> datetime | None:
    """Return the farthest moment that any of the lengths reaches."""
    ends: list[datetime] = []
    for stretches in found:
        end: datetime | None = start
        for stretch in stretches:
            end = away(end, stretch, subject.zone, days, back=back) if end else None
        if end:
            ends.append(end)
    return (min if back else max)(ends, default=None)
