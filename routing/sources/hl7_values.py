"""HL7 field texts as canonical values: times, dates of birth, names, places, codes. Each keeps its source and raw text.

A value is told by its parts (`routing.attributes.Said`): a `Value` of each would cost more than all the reading.

An explicit null (`""`) is a value of its own, with `missing` NULL: it deletes. An empty or absent field gives no value.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from routing.attributes import Missing, Said
from routing.sources.er7_segments import joined, part
from routing.sources.er7_syntax import NULL, Syntax

Values = dict[str, Said]

EARLIEST_BIRTH: Final = 1850
PLACEHOLDER_BIRTHS: Final = frozenset({date(1900, 1, 1)})
_SECONDS: Final = 14  # YYYYMMDDHHMMSS
_DAY: Final = 8
_DIGIT: Final = re.compile(r"\d")
_TIME: Final = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.?(\d{1,9}))?)?)?)?)?)?"
    r"\s*(?:(Z)|([+-])(\d\d):?(\d\d)?)?\Z"
)
_DASHED: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?")


def instant(text: str, ground: tzinfo | None) -> datetime | date | None:
    """Return the moment that an HL7 time names; a day alone is a date, and what is no date or only a month is None.

    The offset is the text's own, else that of *ground* (the message's, or the sender's zone), else the result is naive.
    """
    if len(text) == _SECONDS and text.isascii() and text.isdigit():
        try:
            moment = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
            return moment.replace(tzinfo=ground) if ground else moment
        except ValueError:
            pass  # second 60, or no date at all
    match = _TIME.match(_undashed(text.strip()))
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, *offset = match.groups()
    if day is None:
        return None
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        micro = int((fraction or "").ljust(6, "0")[:6])
        ends = min(int(second or 0), 59)  # a leap second is the last one of its minute to us
        zone = UTC if zulu else _offset(*offset) or ground
        return datetime(int(year), int(month), int(day), int(hour), int(minute or 0), ends, micro, zone)
    except (ValueError, OverflowError):
        return None


def offset_of(text: str) -> tzinfo | None:
    """Return the offset that an HL7 time says, None when it says none or is no time."""
    if len(text) == _SECONDS:
        return None
    match = _TIME.match(_undashed(text))
    if match is None:
        return None
    return UTC if match.group(8) else _offset(*match.groups()[8:])


def when(raw: str, syntax: Syntax, source: str, ground: tzinfo | None) -> Said | None:
    """Return a raw time field as a value; a text that is no time is MALFORMED, nothing at all is None."""
    if raw == NULL:
        return nothing(source)
    text = raw if raw.isdigit() else part(raw.partition(syntax.repetition)[0], syntax, 1)
    if not text:
        return None
    moment = instant(text, ground)
    return moment, source, text, Missing.MALFORMED if moment is None else None


def birth_date(text: str) -> tuple[date | None, bool]:
    """Return the whole date of birth, and whether the text is a doubt worth telling.

    A year or month alone and 1900-01-01 are unknown and no doubt; what is no date, or before 1850, is one.
    """
    day: date | None
    if len(text) == _DAY and text.isascii() and text.isdigit():
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
    else:
        moment = instant(text, None)
        day = moment.date() if isinstance(moment, datetime) else moment
    if day is None:
        match = _TIME.match(text)
        return None, match is None or match.group(3) is not None
    if day.year < EARLIEST_BIRTH:
        return None, True
    return (None, False) if day in PLACEHOLDER_BIRTHS else (day, False)


@lru_cache(maxsize=512)
def nothing(source: str) -> Said:
    """Return the explicit null of a field: it deletes what was known."""
    return None, source, NULL, Missing.NULL


def told(meaning: object, source: str, raw: str) -> Said:
    """Return a value by what it was found to mean; one that nobody mapped is unknown, MALFORMED, with its text kept."""
    return meaning or None, source, raw, None if meaning else Missing.MALFORMED


@lru_cache(maxsize=4096)
def plain(source: str, raw: str, syntax: Syntax, component: int = 1) -> Said | None:
    """Return a component of a raw repetition as its own value; None when it is empty. For what is no one's identity."""
    text = part(raw, syntax, component)
    return (text, source, text, None) if text else None


def components(repetition: str, syntax: Syntax, count: int) -> list[str]:
    """Return the first *count* components of a raw repetition, decoded, without their further sub-components.

    The same as `part` for each of them, and quicker where most are plain.
    """
    parts = repetition.split(syntax.component, count)
    if not "".join(parts).isalnum():  # there may be something to decode or to trim
        if syntax.escape in repetition or syntax.subcomponent in repetition or NULL in repetition:
            parts = [part(one, syntax, 1) for one in parts]
        else:
            parts = [one.strip() for one in parts]
    missing = count - len(parts)
    return parts[:count] if missing < 0 else parts + _EMPTY[:missing]


_EMPTY: Final = [""] * 8  # as many as are ever counted


def patient_name(repetition: str, syntax: Syntax) -> str:
    """Return an XPN as `family^given^middle^prefix^suffix`, the order in which images write it."""
    family, given, middle, suffix, prefix = components(repetition, syntax, 5)
    return f"{family}^{given}^{middle}^{prefix}^{suffix}".rstrip("^")


def person(repetition: str, syntax: Syntax) -> tuple[str, str]:
    """Return an XCN as (family^given, register number), either of them perhaps empty."""
    family, given = part(repetition, syntax, 2), part(repetition, syntax, 3)
    return f"{family}^{given}".rstrip("^"), part(repetition, syntax, 1)


def place(repetition: str, syntax: Syntax) -> str:
    """Return a PL as `point of care^room^bed`, without what is empty at the end and without the facility."""
    care = part(repetition, syntax, 1)
    return f"{care}^{part(repetition, syntax, 2)}^{part(repetition, syntax, 3)}".rstrip("^")


def number_and_issuer(repetition: str, syntax: Syntax) -> tuple[str, str | None]:
    """Return an EI as (number, issuer): the namespace, else the universal id; None where neither is said.

    A number that a careless sender divided with the component separator (`MR^20061213-0007`) is put together again: a
    number without any digit, beside an issuer that has some, is no number.
    """
    if syntax.component not in repetition:
        return part(repetition, syntax, 1), None
    number, namespace, universal = components(repetition, syntax, 3)
    issuer = namespace or universal
    if issuer and not has_digit(number) and has_digit(issuer):
        return joined(repetition, syntax), None
    return number, issuer or None


def has_digit(text: str) -> bool:
    """Whether there is a digit in a text, as there is in every number that anybody gives out."""
    return text[-1:].isdecimal() or _DIGIT.search(text) is not None


def _undashed(text: str) -> str:
    """Return ISO dates, which some senders write, without their marks."""
    return _DASHED.sub(lambda match: "".join(part or "" for part in match.groups()), text) if "-" in text[:5] else text


@lru_cache(maxsize=64)
def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timezone | None:
    if not sign:
        return None
    span = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        return timezone(-span if sign == "-" else span)
    except ValueError:
        return None
