"""Calendars: days from a CSV file with one column `date`, or the public holidays of a country, pinned at load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final

from routing import program, syntax
from routing.attributes import Type
from routing.check.cells import BadCell, read_cell
from routing.check.desk import Desk
from routing.check.tables import shown_beside
from routing.diagnostics import Related, Span
from routing.errors import MissingExtra
from routing.files import relative_to_file
from routing.suggest import did_you_mean
from routing.tabular import Sheet, cell_columns

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2049
_NATIONS: Final = ("ENG", "WLS", "SCT", "NIR")
_MOST_BAD_DAYS: Final = 20


def load_calendar(statement: syntax.Calendar, file: str, desk: Desk) -> program.Calendar | None:
    """Return the calendar of a statement that stands in *file*, or None with findings."""
    dates = (
        _from_file(statement, file, desk)
        if isinstance(statement.source, syntax.Text)
        else _from_holidays(statement, desk)
    )
    if dates is None:
        return None
    text = f"calendar {statement.name} from {statement.source}"
    return program.Calendar(name=statement.name.text, dates=dates, span=statement.span, text=text)


def _from_file(statement: syntax.Calendar, file: str, desk: Desk) -> frozenset[date] | None:
    source = statement.source
    assert isinstance(source, syntax.Text)  # noqa: S101 - the caller looked
    shown = shown_beside(statement.span.file, source.text)
    sheet = desk.tables.read(source, relative_to_file(file, source.text), shown, "bad-calendar")
    if sheet is None:
        return None
    if "date" not in sheet.columns:
        help_ = (
            desk.findings.did_you_mean("date", sheet.columns)
            or "a calendar has one column `date`, with days such as 2026-12-25"
        )
        desk.findings.add(
            "bad-calendar", source.span, f"`{shown}` has no column `date`", help_.replace("did you mean", "is it")
        )
        return None
    if not sheet.rows:
        desk.findings.add("bad-calendar", source.span, f"`{shown}` has no days")
        return None
    return _days(sheet, shown, source, desk)


def _days(sheet: Sheet, shown: str, source: syntax.Text, desk: Desk) -> frozenset[date] | None:
    index = sheet.columns.index("date")
    days, bad = set(), 0
    for line in sheet.rows:
        cell = line.cells[index]
        try:
            days.add(read_cell(cell or "nothing", Type.DATE))
        except BadCell as wrong:
            bad += 1
            if bad <= _MOST_BAD_DAYS:
                start, end = cell_columns(sheet, line.number, index)
                span = Span(file=shown, line=line.number, column=start, end_line=line.number, end_column=end)
                related = [Related(span=source.span, message="the calendar is declared here")]
                desk.findings.add("bad-calendar", span, f"row {line.number}: {wrong.message}", wrong.help, related)
    return None if bad else frozenset(days)


def _from_holidays(statement: syntax.Calendar, desk: Desk) -> frozenset[date] | None:
    code = statement.source.text
    try:
        return holidays_of(code)
    except HolidayProblem as wrong:
        desk.findings.add("bad-calendar", statement.source.span, wrong.message, wrong.help)
    except MissingExtra as missing:
        desk.findings.add(
            "bad-calendar", statement.source.span, str(missing).partition(": ")[0], str(missing).partition(": ")[2]
        )
    return None


class HolidayProblem(Exception):
    """There are no holidays by that code."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in a finding
        super().__init__(message, help)
        self.message, self.help = message, help


@lru_cache(maxsize=32)
def holidays_of(code: str) -> frozenset[date]:
    """Return the public holidays of a country (`PT`) or a part of one (`GB-ENG`, `US-CA`), for the years 2000 to 2049.

    Raises:
        HolidayProblem: there is no such country or part, or the United Kingdom is meant without its nation.
        MissingExtra: the package that knows holidays is not installed.

    """
    try:
        import holidays  # noqa: PLC0415 - an extra, needed only where a rulebook asks for holidays
    except ImportError as cause:
        raise MissingExtra("calendars", "a calendar of public holidays") from cause
    country, _, part = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        help_ = (
            did_you_mean(country, (each for each in known if len(each) == len("GB")))
            or "write the country's two letters, such as `GB-ENG`"
        )
        raise HolidayProblem(f"there are no holidays for the country `{country}`", help_)
    if country in {"GB", "GBR"} and part not in _NATIONS:
        nations = ", ".join(f"{country}-{nation}" for nation in _NATIONS)
        raise HolidayProblem(f"`{code}` does not say which nation's holidays", f"write one of {nations}")
    if part and part not in known[country]:
        parts = known[country]
        help_ = did_you_mean(part, parts) or (
            f"its parts are {', '.join(parts)}"[:300] if parts else f"write `{country}`"
        )
        raise HolidayProblem(f"`{country}` has no part `{part}`", help_)
    make: Callable[..., dict[date, str]] = holidays.country_holidays
    return frozenset(make(country, subdiv=part or None, years=range(FIRST_YEAR, LAST_YEAR + 1)))
