"""Tables: read from CSV, their cells typed by what they meet, and refused whole when anything in them is wrong.

A column has the type of the first comparison or effect that uses it; a use as another type is a finding. Cells become
values when all uses are known. Each wrong value is one finding, in the CSV, at the first row that has it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen

from routing import program, syntax
from routing.attributes import Type
from routing.check.cells import BadCell, read_cell
from routing.check.kinds import IN_WORDS
from routing.check.names import Findings, Names, Space
from routing.diagnostics import Related, Span
from routing.files import Files, relative_to_file
from routing.tabular import Sheet, TableProblem, cell_columns, decode, read_sheet

_MOST_BAD_CELLS: Final = 20  # findings for one column


@frozen(kw_only=True)
class Kind:
    """What the cells of a column are: a type, and the unit of lengths that are written as numbers."""

    type: Type
    unit: syntax.Unit | None = None


@define
class Column:
    """One column of a table, and what its uses have taught about it so far."""

    name: str
    kind: Kind | None = None
    learnt_at: Span | None = None
    routes: list[Span] = field(factory=list)
    priorities: list[Span] = field(factory=list)
    asked_early: bool = False


@define
class Loaded:
    """A table whose file could be read."""

    name: str
    span: Span
    shown: str
    file: str
    sheet: Sheet
    keys: tuple[str, ...]
    columns: dict[str, Column]


class Tables:
    """The tables of a rulebook: declared ones, those of them that could be read, and what their columns hold."""

    def __init__(self, findings: Findings, names: Names, files: Files, texts: dict[str, str]) -> None:
        self._findings, self._names, self._files, self._texts = findings, names, files, texts
        self._loaded: dict[str, Loaded] = {}
        self._broken: set[str] = set()

    def load(self, statement: syntax.Table, file: str) -> None:
        """Read the table of a statement that stands in *file*; what is wrong becomes findings."""
        self._broken.add(statement.name.text)
        path = relative_to_file(file, statement.path.text)
        shown = shown_beside(statement.span.file, statement.path.text)
        sheet = self.read(statement.path, path, shown)
        if sheet is None or not self._has_keys(statement, sheet, shown):
            return
        if not sheet.rows:
            span = Span(file=shown, line=sheet.header, column=1, end_line=sheet.header, end_column=2)
            self._findings.add("bad-table", span, "the table has no rows", related=[_declared(statement)])
            return
        keys = tuple(key.text for key in statement.keys)
        columns = {name: Column(name) for name in sheet.columns}
        self._loaded[statement.name.text] = Loaded(
            statement.name.text, statement.span, shown, path, sheet, keys, columns
        )
        self._broken.discard(statement.name.text)

    def read(self, written: syntax.Text, path: str, shown: str, name: str = "bad-table") -> Sheet | None:
        """Return the sheet of a file that the rulebook names as *written*, or None with a finding."""
        try:
            content = self._files.read(path)
        except OSError as cause:
            near = (
                self._findings.did_you_mean(posixpath.basename(path), self._files.beside(path))
                or "put it beside the rulebook"
            )
            self._findings.add(name, written.span, f"`{written.text}` cannot be read: {_reason(cause)}", near)
            return None
        try:
            self._texts[shown] = decode(content)
            return read_sheet(content)
        except TableProblem as problem:
            span = Span(file=shown, line=problem.line, column=1, end_line=problem.line, end_column=2)
            related = [Related(span=written.span, message="the file is named here")]
            self._findings.add(name, span, problem.message, problem.help, related)
            return None

    def _has_keys(self, statement: syntax.Table, sheet: Sheet, shown: str) -> bool:
        good = True
        seen: set[str] = set()
        for key in statement.keys:
            if key.text in seen:
                self._findings.add("duplicate-name", key.span, f"the key `{key.text}` is there twice")
                good = False
            elif key.text not in sheet.columns:
                near = (
                    self._findings.did_you_mean(key.text, sheet.columns)
                    or f"its columns are {', '.join(sheet.columns)}"
                )
                self._findings.add("bad-table", key.span, f"`{shown}` has no column `{key.text}`", near)
                good = False
            seen.add(key.text)
        return good

    def find(self, name: syntax.Name) -> Loaded | None:
        """Return the table of that name; None with a finding, or without one when its file had its own."""
        if not self._names.use(Space.TABLE, name):
            return None
        return self._loaded.get(name.text)

    def column(self, table: Loaded, name: syntax.Name) -> Column | None:
        """Return a column of a table, or None with a finding."""
        found = table.columns.get(name.text.casefold())
        if found is None:
            near = (
                self._findings.did_you_mean(name.text, table.columns) or f"its columns are {', '.join(table.columns)}"
            )
            self._findings.add("unknown-name", name.span, f"the table `{table.name}` has no column `{name.text}`", near)
        return found

    def kind_of(self, table: str, column: str) -> Kind | None:
        """Return what a column is known to hold by now; None too when there is no such table or column."""
        loaded = self._loaded.get(table)
        found = loaded.columns.get(column.casefold()) if loaded else None
        return found.kind if found else None

    def learn(self, table: Loaded, column: Column, kind: Kind, span: Span) -> bool:
        """Note that a use takes the column as *kind*; where another took it otherwise, a finding, and False."""
        if column.kind is None:
            column.kind, column.learnt_at = kind, span
            return True
        if column.kind == kind:
            return True
        where = column.learnt_at or span
        mine, other = IN_WORDS[kind.type], IN_WORDS[column.kind.type]
        if kind.type is column.kind.type:
            mine, other = str(kind.unit and kind.unit.value), str(column.kind.unit and column.kind.unit.value)
        self._findings.add(
            "type-mismatch",
            span,
            f"the column `{column.name}` of `{table.name}` is {mine} here and {other} elsewhere",
            "a column has one type: give the other its own column",
            [Related(span=where, message=f"`{column.name}` is {other} here")],
        )
        return False

    def note_named(self, table: str, column: str, span: Span, worklists: bool) -> None:  # noqa: FBT001 - one of two
        """Note that each cell of a column must name a worklist, or else a priority."""
        found = self._loaded[table].columns[column]
        (found.routes if worklists else found.priorities).append(span)

    def asked_too_early(self) -> bool:
        """Say whether a column was asked for its type before a later use taught it, so that a second look is due."""
        columns = (column for table in self._loaded.values() for column in table.columns.values())
        return any(column.asked_early and column.kind and column.kind.type is not Type.CODE for column in columns)

    def finish(
        self, statements: Mapping[str, syntax.Table], worklists: Sequence[str], priorities: Sequence[str]
    ) -> dict[str, program.Table]:
        """Return all tables with typed cells; every wrong cell becomes a finding."""
        return {
            name: self._typed(table, statements[name], worklists, priorities) for name, table in self._loaded.items()
        }

    def _typed(
        self, table: Loaded, statement: syntax.Table, worklists: Sequence[str], priorities: Sequence[str]
    ) -> program.Table:
        order = {name: index for index, name in enumerate(table.sheet.columns)}
        others = tuple(name for name in table.sheet.columns if name not in table.keys)
        read = {name: self._read_column(table, column, order[name]) for name, column in table.columns.items()}
        for column in table.columns.values():
            self._check_named(table, column, order[column.name], worklists, Space.WORKLIST, column.routes)
            self._check_named(table, column, order[column.name], priorities, Space.PRIORITY, column.priorities)
        rows = tuple(
            program.Row(
                keys=tuple(read[key][number] for key in table.keys),
                cells=tuple(read[name][number] for name in others),
                line=line.number,
            )
            for number, line in enumerate(table.sheet.rows)
        )
        self._check_keys(table, rows)
        text = f'table {table.name} from "{statement.path.text}"'
        return program.Table(
            name=table.name, file=table.file, keys=table.keys, columns=others, rows=rows, span=table.span, text=text
        )

    def _read_column(self, table: Loaded, column: Column, index: int) -> list[Any]:
        kind = column.kind or Kind(type=Type.CODE)
        is_key = column.name in table.keys
        values: list[Any] = []
        bad: dict[str, list[int]] = {}
        reasons: dict[str, BadCell] = {}
        for number, line in enumerate(table.sheet.rows):
            cell = line.cells[index]
            try:
                if is_key and cell == "*":
                    values.append(program.Wild.ANY)
                elif is_key and not cell:
                    bad.setdefault(cell, []).append(number)
                    reasons[cell] = BadCell("a key cell is empty", "write `*` where the key does not matter")
                    values.append(None)
                else:
                    values.append(read_cell(cell, kind.type, kind.unit, table.sheet.separator) if cell else None)
            except BadCell as wrong:
                bad.setdefault(cell, []).append(number)
                reasons[cell] = wrong
                values.append(None)
        related = [Related(span=column.learnt_at, message="it is used here")] if column.learnt_at else []
        for cell, numbers in list(bad.items())[:_MOST_BAD_CELLS]:
            self._bad_cell(table, column.name, index, numbers, reasons[cell].message, reasons[cell].help, related)
        return values

    def _check_named(
        self, table: Loaded, column: Column, index: int, known: Sequence[str], space: Space, uses: list[Span]
    ) -> None:
        if not uses:
            return
        bad: dict[str, list[int]] = {}
        names = set(known)
        for number, line in enumerate(table.sheet.rows):
            cell = line.cells[index]
            if cell in names:
                self._names.note_use(space, cell)
            elif cell and not (column.name in table.keys and cell == "*") and not self._names.is_lost(space, cell):
                bad.setdefault(cell, []).append(number)
        related = [Related(span=uses[0], message="the column is used here")]
        for cell, numbers in list(bad.items())[:_MOST_BAD_CELLS]:
            near = self._findings.did_you_mean(cell, known) or f"the {space.value}s are {', '.join(known)}"[:200]
            self._bad_cell(table, column.name, index, numbers, f"there is no {space.value} `{cell}`", near, related)

    def _bad_cell(
        self,
        table: Loaded,
        column: str,
        index: int,
        numbers: list[int],
        reason: str,
        help_: str,
        related: list[Related],
    ) -> None:
        line = table.sheet.rows[numbers[0]].number
        more = f", and {len(numbers) - 1} more" if len(numbers) > 1 else ""
        span = self._cell_span(table, line, index)
        self._findings.add("bad-table", span, f"row {line}{more}, column `{column}`: {reason}", help_, related)

    def _cell_span(self, table: Loaded, line: int, index: int) -> Span:
        start, end = cell_columns(table.sheet, line, index)
        return Span(file=table.shown, line=line, column=start, end_line=line, end_column=end)

    def _check_keys(self, table: Loaded, rows: tuple[program.Row, ...]) -> None:
        first: dict[tuple[Any, ...], program.Row] = {}
        index = table.sheet.columns.index(table.keys[0])
        for row in rows:
            other = first.setdefault(row.keys, row)
            if other is row or other.cells == row.cells or None in row.keys:
                continue
            start = self._cell_span(table, row.line, index)
            related = [Related(span=self._cell_span(table, other.line, index), message="the first row with this key")]
            shown = ", ".join("*" if key is program.Wild.ANY else str(key) for key in row.keys)
            self._findings.add(
                "bad-table",
                start,
                f"row {row.line} has the key `{shown}` of row {other.line}, with other cells",
                "one key has one row: remove one, or make them the same",
                related,
            )

    def column_names(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each table that could be read, with the names of its columns."""
        for table in self._loaded.values():
            yield table.name, tuple(table.columns)


def shown_beside(file: str, name: str) -> str:
    """Return how a file that *file* names is shown to a person."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file.replace("\\", "/")), name.replace("\\", "/")))


def _declared(statement: syntax.Table) -> Related:
    return Related(span=statement.path.span, message="the table is declared here")


def _reason(cause: OSError) -> str:
    return str(cause.args[-1]) if cause.args else "it cannot be read"
