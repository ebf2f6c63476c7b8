"""DICOM value texts as canonical values: dates, times, offsets, ages, names. Careless forms are read, with a doubt.

Each function returns what was read, None for unknown, and whether the text is a doubt worth telling. None raises.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from routing.attributes import Duration

EARLIEST_BIRTH: Final = 1700
OLDEST: Final = 150  # years; more is a placeholder
PLACEHOLDER_BIRTHS: Final = frozenset({date(1900, 1, 1)})
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_OLD_DATE: Final = re.compile(r"(\d{4})[.\-/](\d{1,2})[.\-/](\d{1,2})")  # ACR-NEMA 300-1985 writes yyyy.mm.dd
_PARTIAL_DATE: Final = re.compile(r"\d{4}(?:\d\d)?")
_TIME: Final = re.compile(r"(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6})\d*)?)?)?")
_OLD_TIME: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?")
_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)")
_AGE: Final = re.compile(r"(\d{1,4})\s*([DWMY])")
_STANDARD_AGE: Final = re.compile(r"\d{3}[DWMY]")
_LONGEST_OFFSET: Final = timedelta(hours=14)


def day(text: str) -> tuple[date | None, bool]:
    """Return the date that a DA names. A year or a month alone is no date."""
    match = _DATE.fullmatch(text)
    old = None if match else _OLD_DATE.fullmatch(text)
    found = match or old
    if found is None:
        return None, True
    try:
        return date(int(found[1]), int(found[2]), int(found[3])), old is not None
    except ValueError:
        return None, True


def clock_time(text: str) -> tuple[time | None, bool]:
    """Return the time of day that a TM names."""
    match = _TIME.fullmatch(text)
    old = None if match else _OLD_TIME.fullmatch(text)
    found = match or old
    if found is None:
        return None, True
    second = min(int(found[3] or 0), 59)  # a leap second is the last one of its minute to us
    try:
        return time(int(found[1]), int(found[2] or 0), second, int((found[4] or "").ljust(6, "0"))), old is not None
    except ValueError:
        return None, True


def offset(text: str) -> tuple[tzinfo | None, bool]:
    """Return the offset from UTC that Timezone Offset From UTC or the end of a DT says."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None, True
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if size > _LONGEST_OFFSET:
        return None, True
    return timezone(-size if match[1] == "-" else size), False


def moment(day_text: str, time_text: str, ground: tzinfo | None) -> tuple[datetime | date | None, bool]:
    """Return the moment of a DA and a TM; without a time that can be read, the date alone."""
    on, is_odd_day = day(day_text)
    if on is None or not time_text:
        return on, is_odd_day
    at, is_odd_time = clock_time(time_text)
    if at is None:
        return on, True
    return datetime.combine(on, at, ground), is_odd_day or is_odd_time


def date_time(text: str, ground: tzinfo | None) -> tuple[datetime | date | None, bool]:
    """Return the moment that a DT names; its own offset, else that of *ground*. A year or a month alone is none."""
    if old := _OLD_DATE.match(text):
        return moment(old[0], text[old.end() :].strip(" T"), ground)
    main, sign, tail = text, "", ""
    for mark in "+-":
        head, found, rest = text.partition(mark)
        if found and len(head) >= len("YYYY") and head.replace(".", "").isdigit():
            main, sign, tail = head, found, rest
    zone, is_odd = offset(sign + tail) if sign else (ground, False)
    if _PARTIAL_DATE.fullmatch(main):
        return None, False
    found_moment, is_odd_moment = moment(main[:8], main[8:], zone if zone is not None else ground)
    return found_moment, is_odd or is_odd_moment


def birth_date(text: str) -> tuple[date | None, bool]:
    """Return the whole date of birth. A year or month alone and 1900-01-01 are unknown, and no doubt."""
    if _PARTIAL_DATE.fullmatch(text):
        return None, False
    born, is_odd = day(text)
    if born is None or born in PLACEHOLDER_BIRTHS:
        return None, is_odd
    return (None, True) if born.year < EARLIEST_BIRTH else (born, is_odd)


def age(text: str) -> tuple[Duration | None, bool]:
    """Return the age that an AS says, in completed units. `000Y` says nothing; a number without a unit neither."""
    word = text.upper()
    match = _AGE.fullmatch(word)
    if match is None:
        return None, True
    count, unit = int(match[1]), match[2]
    is_odd = _STANDARD_AGE.fullmatch(text) is None
    if count == 0 and unit != "D":
        return None, is_odd  # under one of these, or not known: it makes nobody a newborn
    if count > OLDEST * {"D": 366, "W": 53, "M": 12, "Y": 1}[unit]:
        return None, True
    made = {
        "D": Duration(days=count, precision="days"),
        "W": Duration(days=7 * count, precision="weeks"),
        "M": Duration(months=count, precision="months"),
        "Y": Duration(years=count, precision="years"),
    }
    return made[unit], is_odd


def person_name(text: str) -> str:
    """Return a PN without empty components at the end of each of its groups, and without empty groups at the end."""
    groups = ["^".join(part.strip() for part in group.split("^")).rstrip("^") for group in text.split("=")]
    return "=".join(groups).rstrip("=")


def family_given(text: str) -> str:
    """Return family^given of the first group of a PN that is not empty."""
    group = next((group for group in text.split("=") if group.strip("^ ")), "")
    return "^".join(part.strip() for part in group.split("^")[:2]).rstrip("^")
