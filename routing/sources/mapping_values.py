"""Python and JSON values as values of the attribute types: one reader for each type. A wrong value raises Malformed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from routing.attributes import Duration, Type
from routing.sources.dicom_values import age as dicom_age

_ISO_DURATION: Final = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)
_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d{8}")
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_WORDS: Final = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}
_DAY: Final = 86_400
_LONGEST: Final = 3_650_000  # days


class Malformed(Exception):
    """The value is not of the type."""


def shown(value: Any) -> str | None:
    """Return a value as text for its provenance; None for null."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return "\\".join(shown(one) or "" for one in value)
    if isinstance(value, set | frozenset):
        return "\\".join(sorted(shown(one) or "" for one in value))
    for kind, as_text in _SHOWN:
        if isinstance(value, kind):
            return as_text(value)
    return f"<{type(value).__name__}>"


def clean(text: str) -> str:
    """Return text without NULs and lone surrogates, which no database and no file can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def code(value: Any) -> str:
    """Return a code: text as it stands but for padding; a whole number as text."""
    if isinstance(value, list | tuple | set | frozenset) and len(value) == 1:
        value = next(iter(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Malformed
    return clean(value).strip()


def codes(value: Any) -> tuple[str, ...]:
    """Return codes, none of them twice; one alone may stand without a list."""
    if not isinstance(value, list | tuple | set | frozenset):
        return (code(value),)
    ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
    return tuple(dict.fromkeys(one for given in ordered if given is not None and (one := code(given))))


def text(value: Any) -> tuple[str, ...]:
    """Return the parts of a text; one alone may stand without a list."""
    parts = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(part, str) or part is None for part in parts):
        raise Malformed
    return tuple(part for given in parts if given is not None and (part := clean(given).strip()))


def number(value: Any) -> int | float:
    """Return a finite number, given as one or as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Malformed
    return value


def weeks(value: Any) -> int:
    """Return a whole number of weeks."""
    if isinstance(value, str) and (found := re.fullmatch(r"P(\d{1,4})W", value.strip())):
        return int(found[1])
    count = number(value)
    if count != int(count) or count < 0:
        raise Malformed
    return int(count)


def duration(value: Any) -> Duration:
    """Return a length of time: ISO 8601 (P77D), a DICOM age (027D), a timedelta, or a number of days."""
    if isinstance(value, Duration):
        return value
    if isinstance(value, timedelta):
        if value < timedelta():
            raise Malformed
        return Duration(days=value.days, seconds=value.seconds)
    if not isinstance(value, str):
        days = number(value)
        if not 0 <= days <= _LONGEST:
            raise Malformed
        return Duration(days=int(days), seconds=round((days - int(days)) * _DAY))
    found = _ISO_DURATION.fullmatch(value.strip().upper())
    if found and any(found.groups()):
        years, months, whole_weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return Duration(
            years=years, months=months, days=whole_weeks * 7 + days, seconds=hours * 3600 + minutes * 60 + seconds
        )
    aged, _ = dicom_age(value.strip())
    if aged is None:
        raise Malformed
    return aged


def day(value: Any) -> date:
    """Return a date, given as one, as ISO text, or as the day of an instant."""
    found = instant(value)
    return found.date() if isinstance(found, datetime) else found


def instant(value: Any) -> datetime | date:
    """Return an instant; without an offset it stays naive, and a day alone is a date."""
    if isinstance(value, date):  # datetimes too
        return value
    if not isinstance(value, str):
        raise Malformed
    word = value.strip()
    if _ISO_DATE.fullmatch(word):
        return date.fromisoformat(word)
    if _ISO_DATE.match(word) is None:
        raise Malformed
    return datetime.fromisoformat(word)


def yes_no(value: Any) -> bool:
    """Return a yes or no, given as a boolean or as the word."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.strip().lower() not in _WORDS:
        raise Malformed
    return _WORDS[value.strip().lower()]


READERS: Final[Mapping[Type, Callable[[Any], Any]]] = MappingProxyType(
    {
        Type.CODE: code,
        Type.CODES: codes,
        Type.TEXT: text,
        Type.NUMBER: number,
        Type.DURATION: duration,
        Type.WEEKS: weeks,
        Type.DATE: day,
        Type.INSTANT: instant,
        Type.YES_NO: yes_no,
    }
)


def _iso(length: Duration) -> str:
    """Return a length as ISO 8601, or as a DICOM age where only completed units are known."""
    if length.precision:
        count, unit = {
            "years": (length.years, "Y"),
            "months": (length.months, "M"),
            "weeks": (length.days // 7, "W"),
            "days": (length.days, "D"),
        }[length.precision]
        return f"{count:03d}{unit}"
    parts = (("Y", length.years), ("M", length.months), ("D", length.days))
    ahead = "".join(f"{count}{unit}" for unit, count in parts if count)
    return f"P{ahead}" + (f"T{length.seconds}S" if length.seconds or not ahead else "")


_SHOWN: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (str, clean),
    (bool, lambda value: "true" if value else "false"),
    (int | float, str),
    (date, lambda value: str(value.isoformat())),  # datetimes too
    (timedelta, lambda value: _iso(Duration(days=value.days, seconds=value.seconds))),
    (Duration, _iso),
)
