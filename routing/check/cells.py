"""Cells of tables: text to values, strictly; a cell that does not fit its column is refused and says why."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from routing import syntax
from routing.attributes import Duration, Type
from routing.check.kinds import LONGEST_DAYS, duration, nominal_days
from routing.meaning.durations import parse_duration

_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,10})?")
_COMMA_NUMBER: Final = re.compile(r"\d{1,15},\d{1,10}")
_MAYBE_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOCAL_DATE: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_TEXT_FIRST: Final = "write dates as 2026-04-01; in Excel, format the column as text first"
_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}


class BadCell(Exception):
    """A cell is not what its column holds."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in a finding
        super().__init__(message, help)
        self.message, self.help = message, help


def read_cell(  # noqa: PLR0911 - one line for each type
    cell: str, type_: Type, unit: syntax.Unit | None = None, separator: str = ","
) -> Any:
    """Return the value of a cell that is not empty, in the canonical form of its type.

    A length of time is a number of *unit* (days when there is none) or ISO 8601. A decimal comma is understood where
    commas do not part the cells.

    Raises:
        BadCell: it is no value of that type.

    """
    match type_:
        case Type.NUMBER:
            return _number(cell, separator)
        case Type.DURATION:
            return _duration(cell, unit, separator)
        case Type.WEEKS:
            weeks = _number(cell, separator)
            if not isinstance(weeks, int) or weeks < 0:
                raise BadCell(f"`{cell}` is no whole number of weeks")
            return weeks
        case Type.DATE:
            return _date(cell)
        case Type.INSTANT:
            return _instant(cell)
        case Type.YES_NO:
            if cell.casefold() not in _WORDS:
                raise BadCell(f"`{cell}` is neither yes nor no")
            return _WORDS[cell.casefold()]
        case Type.TEXT:
            return (cell,)
        case _:
            return cell


def _number(cell: str, separator: str) -> int | float:
    plain = cell
    if separator != "," and _COMMA_NUMBER.fullmatch(cell):
        if _MAYBE_THOUSANDS.fullmatch(cell):
            raise BadCell(
                f"`{cell}` may be a decimal or a thousands comma", "write it without a comma, or with a decimal point"
            )
        plain = cell.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise BadCell(f"`{cell}` is no number")
    value = float(plain)
    return int(value) if value == int(value) else value


def _duration(cell: str, unit: syntax.Unit | None, separator: str) -> Duration:
    iso = parse_duration(cell)
    if iso is not None:
        return iso
    unit = unit or syntax.Unit.DAYS
    try:
        amount = _number(cell, separator)
    except BadCell:
        raise BadCell(
            f"`{cell}` is no length of time", f"write a number of {unit.value}, or a length such as P77D"
        ) from None
    found = duration(amount, unit) if amount >= 0 and nominal_days(amount, unit) <= LONGEST_DAYS else None
    if found is None:
        raise BadCell(f"`{cell}` {unit.value} is no length of time")
    return found


def _date(cell: str) -> date:
    if not _ISO_DATE.fullmatch(cell):
        help_ = _TEXT_FIRST if _LOCAL_DATE.fullmatch(cell) else ""
        raise BadCell(f"`{cell}` is no date of the form 2026-04-01", help_)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise BadCell(f"`{cell}` is no day of the calendar") from None


def _instant(cell: str) -> date | datetime:
    if _ISO_DATE.fullmatch(cell):
        return _date(cell)
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        help_ = _TEXT_FIRST if _LOCAL_DATE.match(cell) else ""
        raise BadCell(f"`{cell}` is no date or moment of the form 2026-04-01T08:00", help_) from None
