"""Examples in a CSV file: a department tests its rulebook with the list of cases that it has."""

from __future__ import annotations

from typing import Any, Final

from routing import program, syntax
from routing.attributes import Type
from routing.check.cells import BadCell, read_cell
from routing.check.desk import Desk
from routing.check.examples import BadValue, Examples
from routing.check.names import Space
from routing.check.tables import shown_beside
from routing.diagnostics import Related, Span
from routing.files import relative_to_file
from routing.program import Expectation, Known, Origin
from routing.tabular import Line, Sheet, cell_columns

_EXPECTED: Final = (
    "expect_route",
    "expect_by",
    "expect_priority",
    "expect_due",
    "expect_also",
    "expect_tag",
    "expect_undecided",
    "expect_closed",
    "expect_reads",
)


_MANY: Final = frozenset({Type.CODES, Type.TEXT})


class ExampleTables:
    """Makes the examples of CSV files; one with a finding is left out."""

    def __init__(self, desk: Desk, examples: Examples) -> None:
        self.desk, self.examples = desk, examples

    def build(self, node: syntax.ExamplesFrom, file: str) -> list[program.Example]:
        """Return the examples of a CSV file: one for each row.

        A column is an attribute, `example` (the name), `sample`, or what is expected: `expect_route`, `expect_by`,
        `expect_priority`, `expect_due`, `expect_also`, `expect_tag`, `expect_undecided`, `expect_closed` (yes or no),
        `expect_reads`. Values of one cell are joined by ` and `. An empty cell says nothing; `unknown` is unknown.
        """
        shown = shown_beside(node.span.file, node.path.text)
        path = relative_to_file(file, node.path.text)
        sheet = self.desk.tables.read(node.path, path, shown)
        if sheet is None or not self._columns(sheet, shown, node):
            return []
        return [made for line in sheet.rows if (made := self._row(sheet, line, shown, path, node)) is not None]

    def _columns(self, sheet: Sheet, shown: str, node: syntax.ExamplesFrom) -> bool:
        good = True
        for index, name in enumerate(sheet.columns):
            known = self.desk.known.get(name)
            if name in {"example", "sample", *_EXPECTED} or (known and known.origin is not Origin.LIVING):
                continue
            near = self.desk.findings.did_you_mean(name, ("example", "sample", *_EXPECTED, *self.desk.known))
            message = f"the column `{name}` is no attribute and nothing that can be expected"
            self._bad(sheet, sheet.header, index, shown, node, message, near)
            good = False
        if not any(name in _EXPECTED for name in sheet.columns):
            message = f"`{shown}` expects nothing"
            self.desk.findings.add("bad-table", node.path.span, message, "add a column `expect_route`")
            good = False
        return good

    def _row(
        self, sheet: Sheet, line: Line, shown: str, path: str, node: syntax.ExamplesFrom
    ) -> program.Example | None:
        cells = {name: cell for name, cell in zip(sheet.columns, line.cells, strict=True) if cell}
        span = Span(file=shown, line=line.number, column=1, end_line=line.number, end_column=2)
        given: list[tuple[str, Any]] = []
        expects: list[Expectation] = []
        good = True
        for index, name in enumerate(sheet.columns):
            cell = cells.get(name)
            if cell is None or name in {"example", "sample"}:
                continue
            try:
                if name == "expect_by":
                    self._rule(cell)
                elif name in _EXPECTED:
                    expects.append(self._expected_cell(name, cell, cells, span))
                else:
                    given.append((name, self._given_cell(cell, self.desk.known[name], sheet.separator)))
            except (BadCell, BadValue) as wrong:
                good = False
                self._bad(sheet, line.number, index, shown, node, f"row {line.number}: {wrong.message}", wrong.help)
        if not good:
            return None
        sample = relative_to_file(path, cells["sample"]) if "sample" in cells else None
        name = cells.get("example", f"row {line.number} of {shown}")
        return program.Example(name=name, given=tuple(given), expects=tuple(expects), sample=sample, span=span)

    def _given_cell(self, cell: str, known: Known, separator: str) -> Any:
        if cell == "unknown":
            return None
        if known.type in _MANY:
            parts = tuple(dict.fromkeys(part.strip() for part in cell.split(" and ")))
            return parts if known.type is Type.CODES else (cell,)
        number, _, unit = cell.partition(" ")
        units = {one.value: one for one in syntax.Unit} | {one.value[:-1]: one for one in syntax.Unit}
        if known.type is Type.DURATION and unit in units:
            return read_cell(number, known.type, units[unit], separator)
        if known.type is Type.DURATION and cell.isdigit():
            raise BadCell(f"`{cell}` does not say its unit", "write `6 years`, `18 months` or `27 days`")
        value = read_cell(cell, known.type, None, separator)
        if known.values and not known.listed and value not in known.values:
            raise BadValue(
                "unknown-code",
                f"`{known.name}` has no value `{cell}`",
                self.desk.findings.did_you_mean(cell, known.values),
            )
        return value

    def _expected_cell(  # noqa: PLR0911 - one line for each column
        self, column: str, cell: str, cells: dict[str, str], span: Span
    ) -> Expectation:
        parts = tuple(part.strip() for part in cell.split(" and "))
        text = f"{column.removeprefix('expect_')} {cell}"
        match column:
            case "expect_route" | "expect_also":
                for part in parts:
                    self._declared(Space.WORKLIST, part)
                if column == "expect_also":
                    return Expectation(what="also", value=parts, span=span, text=text)
                return Expectation(what="route", value=cell, by=cells.get("expect_by"), span=span, text=text)
            case "expect_priority":
                self._declared(Space.PRIORITY, cell)
                return Expectation(what="priority", value=cell, span=span, text=text)
            case "expect_due":
                return Expectation(what="due", value=read_cell(cell, Type.INSTANT), span=span, text=text)
            case "expect_reads":
                return Expectation(what="read_by", value=read_cell(cell, Type.NUMBER), span=span, text=text)
            case "expect_closed":
                closed = read_cell(cell, Type.YES_NO)
                return Expectation(what="closed" if closed else "not closed", span=span, text=text)
            case _:
                return Expectation(what=column.removeprefix("expect_"), value=parts, span=span, text=text)

    def _rule(self, name: str) -> None:
        if name != "otherwise" and not self.examples.is_group_default(name):
            self._declared(Space.RULE, name)

    def _declared(self, space: Space, name: str) -> None:
        if not self.desk.names.has(space, name) and not self.desk.names.is_lost(space, name):
            raise BadCell(
                f"there is no {space.value} `{name}`", self.desk.findings.did_you_mean(name, self.desk.names.all(space))
            )
        self.desk.names.note_use(space, name)

    def _bad(
        self, sheet: Sheet, line: int, index: int, shown: str, node: syntax.ExamplesFrom, message: str, help_: str
    ) -> None:
        start, end = cell_columns(sheet, line, index)
        span = Span(file=shown, line=line, column=start, end_line=line, end_column=end)
        related = [Related(span=node.path.span, message="the examples are named here")]
        self.desk.findings.add("bad-table", span, message, help_, related)
