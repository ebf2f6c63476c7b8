"""Lengths of time and ages: added to dates by the calendar, and compared exactly or not at all.

An age is counted by the calendar from its birth date; on the birthday the year is complete, and a day that does not
exist (29 February, the 31st of a short month) is the first of the next month. A length known only in completed units
(`015Y`) is anything up to the next unit: a comparison that it cannot settle is unknown.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final, TypeAlias

from attrs import frozen

from routing.attributes import Duration
from routing.meaning.logic import Truth, negate

_DAY: Final = 86_400
_ISO: Final = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)


@frozen(kw_only=True)
class Age:
    """The time from a birth to a later day, by the calendar."""

    birth: date
    on: date


Span = Duration | Age
_Exact: TypeAlias = tuple[int, int] | Age
"""An exact length: months by the calendar and seconds beside them (a day has 86 400), or an age."""
_UNITS: Final = {"years": (12, 0), "months": (1, 0), "weeks": (0, 7)}  # months and days; else one day


def age(birth: date, on: date) -> Age | None:
    """Return the age on a day, or None when the birth is after it."""
    return Age(birth=birth, on=on) if birth <= on else None


def add_months(day: date, months: int) -> date:
    """Return the day that many months later; one that does not exist is the first of the next month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= monthrange(year, month + 1)[1]:
        return date(year, month + 1, day.day)
    return add_months(date(year, month + 1, 1), 1)


def reached(birth: date, length: Duration) -> date:
    """Return the day on which an age of *length* is reached; seconds do not count."""
    return add_months(birth, length.years * 12 + length.months) + timedelta(days=length.days)


def parse_duration(text: str) -> Duration | None:
    """Return the ISO 8601 duration (`P77D`, `PT90M`, `P11W`), or None when *text* is none."""
    found = _ISO.fullmatch(text.strip())
    if not found or not any(found.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return Duration(years=years, months=months, days=weeks * 7 + days, seconds=hours * 3600 + minutes * 60 + seconds)


def in_weeks(weeks: int) -> Duration:
    """Return whole weeks as a length of time."""
    return Duration(days=weeks * 7)


def add(left: Span, right: Span) -> Duration:
    """Return the sum; an age counts in days, and the coarser precision stays."""
    one, other = _counted(left), _counted(right)
    return Duration(
        years=one.years + other.years,
        months=one.months + other.months,
        days=one.days + other.days,
        seconds=one.seconds + other.seconds,
        precision=one.precision or other.precision,
    )


def _counted(span: Span) -> Duration:
    return Duration(days=_days(span)) if isinstance(span, Age) else span


def at_least(span: Span, limit: Span) -> Truth:
    """Say whether *span* is *limit* or longer; None when it cannot be told."""
    low, high = _ends(span)
    limit_low, limit_high = _ends(limit)
    least, most = _gap(low, limit_high or limit_low)
    if high is not None or limit_high is not None:
        most = _gap(high or low, limit_low)[1] - (high is not None)  # it never quite reaches its upper end
    return True if least >= 0 else False if most < 0 else None


def over(span: Span, limit: Span) -> Truth:
    """Say whether *span* is longer than *limit*; None when it cannot be told."""
    return negate(at_least(limit, span))


def equal(span: Span, other: Span) -> Truth:
    """Say whether both are the same length; None when it cannot be told."""
    longer, shorter = at_least(span, other), at_least(other, span)
    if longer is False or shorter is False:
        return False
    return True if longer and shorter else None


def _ends(span: Span) -> tuple[_Exact, tuple[int, int] | None]:
    """Return the shortest length that it may be, and the first that it cannot be any more (None: it is exact)."""
    if isinstance(span, Age):
        return span, None
    months, seconds = span.years * 12 + span.months, span.days * _DAY + span.seconds
    if span.precision is None:
        return (months, seconds), None
    more_months, more_days = _UNITS.get(span.precision, (0, 1))
    return (months, seconds), (months + more_months, seconds + more_days * _DAY)


def _gap(left: _Exact, right: _Exact) -> tuple[int, int]:
    """Return by how much one exact length is longer than another: the least and the most that it may be, in seconds.

    Only the sign counts where months alone differ, or months and the rest point the same way.
    """
    if isinstance(left, Age):
        gap = (_days(left) - _days(right)) * _DAY if isinstance(right, Age) else _age_gap(left, right)
        return gap, gap
    if isinstance(right, Age):
        gap = _age_gap(right, left)
        return -gap, -gap
    months, seconds = left[0] - right[0], left[1] - right[1]
    if not months:
        return seconds, seconds
    if not seconds or (months > 0) is (seconds > 0):
        return months, months
    shortest, longest = _days_in(abs(months))
    if months > 0:
        return seconds + shortest * _DAY, seconds + longest * _DAY
    return seconds - longest * _DAY, seconds - shortest * _DAY


def extent(span: Span) -> tuple[int, int]:
    """Return the least and the most seconds that a length takes: months and years are longer and shorter."""
    if isinstance(span, Age):
        return _days(span) * _DAY, _days(span) * _DAY
    shortest, longest = _days_in(abs(span.years * 12 + span.months))
    rest = span.days * _DAY + span.seconds
    return shortest * _DAY + rest, longest * _DAY + rest


def _days(span: Age) -> int:
    return (span.on - span.birth).days


def _age_gap(left: Age, right: tuple[int, int]) -> int:
    months, seconds = right
    try:
        day = add_months(left.birth, months)
    except (OverflowError, ValueError):  # beyond the calendar: nobody is so old
        return -1
    return (left.on - day).days * _DAY - seconds


@lru_cache(maxsize=512)
def _days_in(months: int) -> tuple[int, int]:
    """Return the fewest and the most days that so many months can have."""
    if not months:
        return 0, 0
    whole, rest = divmod(months, 4800)  # the calendar repeats after 400 years
    if not rest:
        return whole * 146_097, whole * 146_097
    firsts = _firsts()
    shortest, longest = 31 * (rest + 1), 0
    for month in _STARTS:
        days = firsts[month + rest] - firsts[month]
        lost = firsts[month + 1] - firsts[month] - (firsts[month + rest + 1] - firsts[month + rest])
        longest = max(longest, days)
        shortest = min(shortest, days - max(0, lost - 1))  # from a last day that has no like: to the first after it
    return whole * 146_097 + shortest, whole * 146_097 + longest


_FIRST_YEAR: Final = 1596
_STARTS: Final = tuple(
    (year - _FIRST_YEAR) * 12 + month
    for century in (1600, 1700, 1800, 1900, 2000)  # where leap years are close, and where one is left out
    for year in range(century - 4, century + 5)
    for month in range(12)
)


@cache
def _firsts() -> tuple[int, ...]:
    """Return the day numbers of the first of each month, over more than the 400 years after which they repeat."""
    return tuple(date(year, month, 1).toordinal() for year in range(_FIRST_YEAR, 2406) for month in range(1, 13))
