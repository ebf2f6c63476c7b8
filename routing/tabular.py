"""Tables in CSV as Excel and Notepad save them: any of their encodings and separators; cells stay text.

Cells lose the blanks around them and keep everything else, zeros included. Rows without any cell are no rows. A table
that is not in order is never read in part: `TableProblem` says on which line and why.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import Final

from attrs import frozen

MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls
_SEPARATORS: Final = (",", ";", "\t")
_DECLARED: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # Excel's own first line
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"?')


class TableProblem(Exception):
    """A file is no table; `line` is the line of the file that shows it, `help` the remedy, or empty."""

    def __init__(self, message: str, line: int = 1, help: str = "") -> None:  # noqa: A002 - as in a finding
        super().__init__(message, line, help)
        self.message, self.line, self.help = message, line, help


@frozen
class Line:
    """One row: the line of the file on which it begins, and its cells."""

    number: int
    cells: tuple[str, ...]


@frozen
class Sheet:
    """A table as text. Column names are in lower case with `_` for blanks and hyphens; a row has a cell for each."""

    text: str
    separator: str
    columns: tuple[str, ...]
    header: int
    rows: tuple[Line, ...]


def read_sheet(content: bytes) -> Sheet:
    """Return the table that *content* holds.

    Raises:
        TableProblem: it is a workbook or other binary, has no header, a column twice, a row with more or fewer cells
            than the header, a quote that does not close, or is too large.

    """
    text = decode(content)
    first, _, rest = text.partition("\n")
    declared = _DECLARED.fullmatch(first.strip("\r\n "))
    body, skipped = (rest, 1) if declared else (text, 0)
    separator = declared[1] if declared else _separator_of(body)
    lines = _lines(body, separator, skipped)
    if not lines:
        raise TableProblem("the file is empty: the first line must name the columns")
    names = _without_blank_end(tuple(map(_column_name, lines[0].cells)))
    _check_names(names, lines[0].number)
    rows = tuple(_fitted(row, len(names)) for row in lines[1:])
    return Sheet(text, separator, names, lines[0].number, rows)


def decode(content: bytes) -> str:
    """Return the text of a file saved by Excel or Notepad: UTF-8 or UTF-16 with or without mark, else Windows-1252.

    Raises:
        TableProblem: it is a workbook or binary.

    """
    if content.startswith(_WORKBOOKS):
        raise TableProblem("this is a workbook, not CSV", help="save it from Excel as `CSV UTF-8`")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace") if encoding == "utf-8" else content.decode(encoding, "replace")
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise TableProblem("this is not text", help="save it as CSV")
    return text


def _unmarked(content: bytes) -> str:
    head = content[:200]
    if head and head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head and head[::2].count(0) > len(head) // 3:
        return "utf-16-be"
    return "utf-8"


def _separator_of(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = _QUOTED.sub("", header)
    return max(_SEPARATORS, key=bare.count)


def _lines(text: str, separator: str, skipped: int) -> list[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    rows, begins = [], 1
    try:
        for cells in reader:
            cleaned = tuple(cell.strip() for cell in cells)
            if any(cleaned):
                rows.append(Line(begins + skipped, cleaned))
            begins = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise TableProblem(f"the table has more than {MOST_ROWS:,} rows", begins + skipped)
    except csv.Error as wrong:
        if "limit" in str(wrong):
            raise TableProblem("a cell of this row is too long", begins + skipped) from wrong
        help_ = "a cell in quotes ends with a quote; a quote inside it is written twice"
        raise TableProblem("the quotes of this row do not pair up", begins + skipped, help_) from wrong
    return rows


def _column_name(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.casefold())


def _without_blank_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _check_names(names: tuple[str, ...], line: int) -> None:
    if len(names) > MOST_COLUMNS:
        raise TableProblem(f"the table has more than {MOST_COLUMNS} columns", line)
    if not all(names):
        raise TableProblem("a column has no name", line, "the first line must name every column")
    for name in names:
        if names.count(name) > 1:
            raise TableProblem(f"the column `{name}` is there twice", line)


def _fitted(row: Line, width: int) -> Line:
    cells = _without_blank_end(row.cells) if len(row.cells) > width else row.cells
    if len(cells) > width:
        help_ = "a cell that holds the separator stands in double quotes"
        raise TableProblem(f"row {row.number} has {len(cells)} cells, the header {width}", row.number, help_)
    if len(cells) < width:
        help_ = "an empty cell keeps its separator"
        raise TableProblem(f"row {row.number} has {_counted(len(cells))}, the header {width}", row.number, help_)
    return row if len(cells) == len(row.cells) else Line(row.number, cells)


def _counted(cells: int) -> str:
    return f"{cells} cell{'' if cells == 1 else 's'}"


def cell_columns(sheet: Sheet, row: int, index: int) -> tuple[int, int]:
    """Return the columns (from 1; one past the end) where cell *index* stands on line *row* of the file."""
    line = re.split(r"\r\n|\r|\n", sheet.text)[row - 1]
    start = at = 0
    count = 0
    while at <= len(line):
        if at < len(line) and line[at] == '"':
            quoted = _QUOTED.match(line, at)
            at = quoted.end() if quoted else at + 1
        elif at == len(line) or line[at] == sheet.separator:
            if count == index:
                return _trimmed(line, start, at)
            count, start = count + 1, at + 1
            at += 1
        else:
            at += 1
    return 1, max(len(line), 1) + 1


def _trimmed(line: str, start: int, end: int) -> tuple[int, int]:
    part = line[start:end]
    begin = start + len(part) - len(part.lstrip())
    return begin + 1, max(begin + len(part.strip()), begin + 1) + 1
