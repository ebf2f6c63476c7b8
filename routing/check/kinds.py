"""Types in words, for messages; and lengths of time as they are written, in canonical form."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from routing import program, syntax
from routing.attributes import Duration, Type

LONGEST_DAYS: Final = 73_000  # 200 years: nothing that is owed or aged is longer

IN_WORDS: Final = MappingProxyType(
    {
        Type.CODE: "a code",
        Type.CODES: "a set of codes",
        Type.TEXT: "text",
        Type.NUMBER: "a number",
        Type.DURATION: "a length of time",
        Type.WEEKS: "a number of weeks",
        Type.DATE: "a date",
        Type.INSTANT: "a moment",
        Type.YES_NO: "yes or no",
    }
)
COMPARE_IT: Final = MappingProxyType(
    {
        Type.CODE: "compare it with a code: `{} is CODE`",
        Type.CODES: "a set is asked what it includes: `{} includes CODE`",
        Type.TEXT: 'text is searched for words: `{} mentions "word"`',
        Type.NUMBER: "compare it with a number: `{} at least 3`",
        Type.DURATION: "compare it with a length of time: `{} under 16 years`",
        Type.WEEKS: "compare it with weeks: `{} under 37 weeks`",
        Type.DATE: "compare it with a date or moment: `{} before 2026-04-01`",
        Type.INSTANT: "compare it with a date or moment: `{} before 2026-04-01`",
        Type.YES_NO: "it stands by itself: `{0}`, or `not {0}`",
    }
)
MOMENTS: Final = frozenset({Type.DATE, Type.INSTANT})
LENGTHS: Final = frozenset({Type.DURATION, Type.WEEKS})
UNITS: Final = MappingProxyType({unit: program.Unit(unit.value) for unit in syntax.Unit})

_DAYS_EACH: Final = {
    syntax.Unit.YEARS: 365.2425,
    syntax.Unit.MONTHS: 30.436875,
    syntax.Unit.WEEKS: 7.0,
    syntax.Unit.WORKING_DAYS: 1.4,  # five in a week of seven; holidays make it longer
    syntax.Unit.DAYS: 1.0,
    syntax.Unit.HOURS: 1 / 24,
    syntax.Unit.MINUTES: 1 / 1440,
}


def nominal_days(amount: float, unit: syntax.Unit) -> float:
    """Return about how many days a length of time takes: good for ordering lengths, not for reckoning dues."""
    return amount * _DAYS_EACH[unit]


def literal_type(node: syntax.Value) -> Type | None:  # noqa: PLR0911 - one line for each kind
    """Return the type that a value shows by how it is written; None for names and cells, which are looked up."""
    match node:
        case syntax.Code() | syntax.Text():
            return Type.CODE
        case syntax.Number():
            return Type.NUMBER
        case syntax.YesNo():
            return Type.YES_NO
        case syntax.Length():
            return Type.DURATION
        case syntax.Date():
            return Type.DATE
        case syntax.Instant() | syntax.Clock():
            return Type.INSTANT
        case _:
            return None


def duration(amount: float, unit: syntax.Unit) -> Duration | None:  # noqa: PLR0911 - one line for each unit
    """Return the length of time, or None when it is none: working days, or a part of a day, week, month or year."""
    if unit is syntax.Unit.HOURS:
        return Duration(seconds=round(amount * 3600))
    if unit is syntax.Unit.MINUTES:
        return Duration(seconds=round(amount * 60))
    if amount != int(amount):
        return None
    whole = int(amount)
    match unit:
        case syntax.Unit.YEARS:
            return Duration(years=whole)
        case syntax.Unit.MONTHS:
            return Duration(months=whole)
        case syntax.Unit.WEEKS:
            return Duration(days=whole * 7)
        case syntax.Unit.DAYS:
            return Duration(days=whole)
        case _:
            return None
