"""Operands: the subject of a comparison, and the values it is compared with, each of the one type that fits."""

from __future__ import annotations

from collections.abc import Sequence

from routing import program, syntax
from routing.attributes import Duration, Type
from routing.check import vocabulary
from routing.check.desk import Desk, Setting
from routing.check.kinds import IN_WORDS, LENGTHS, LONGEST_DAYS, MOMENTS, duration, literal_type, nominal_days
from routing.check.names import Space
from routing.check.tables import Kind
from routing.diagnostics import Related, Span
from routing.meaning.durations import in_weeks
from routing.program import Known, Operand, Origin


class Operands:
    """Makes operands; None where there is a finding, so that nothing more is said about the same cause."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    # --- subjects

    def subject(self, node: syntax.Subject, setting: Setting, wanted: Kind | None = None) -> Operand | None:
        """Return what is compared. A cell whose column has no type yet takes *wanted*, or a code for now."""
        match node:
            case syntax.Name():
                return self.attribute(node, setting)
            case syntax.Cell():
                return self.cell(node, setting, wanted)
            case syntax.Clock():
                return self._clock(node.span, setting)
            case syntax.ItemsOn() | syntax.OldestOn():
                return self._figure(node, setting)

    def attribute(self, name: syntax.Name, setting: Setting) -> program.AttributeRef | None:
        """Return the attribute or fact of that name, if it may be asked for here."""
        desk = self.desk
        if name.text in desk.defines:
            desk.names.note_use(Space.CONDITION, name.text)
            desk.findings.add(
                "type-mismatch",
                name.span,
                f"`{name.text}` is a define: it is true, false or unknown, and has no value",
                f"write `{name.text}`, `possibly {name.text}` or `certainly {name.text}`",
            )
            return None
        known = desk.known.get(name.text)
        if known is None:
            desk.names.unknown(Space.CONDITION, name, (*desk.known, *desk.defines))
            return None
        desk.names.note_use(Space.CONDITION, name.text)
        if name.text in desk.broken or not self._may_ask(known, name.span, setting):
            return None
        return program.AttributeRef(type=known.type, name=known.name)

    def _may_ask(self, known: Known, span: Span, setting: Setting) -> bool:
        if known.identity:
            self.desk.findings.add(
                "identity-in-condition",
                span,
                f"`{known.name}` says who the patient is: no rule may go by it",
                "go by what was asked or done",
            )
            return False
        if known.origin is Origin.LIVING and not setting.living:
            self.desk.findings.add(
                "living-attribute",
                span,
                f"`{known.name}` is about an item that waits: only a watch or a view may ask for it",
                "put it into a `watch`",
            )
            return False
        if known.name == "priority_requested":
            self.desk.priority_requested_seen = True
        if setting.ageless and (known.type in MOMENTS or known.name == "age"):
            return self._no_time(span, setting)
        return True

    def _no_time(self, span: Span, setting: Setting) -> bool:
        self.desk.findings.add(
            "type-mismatch",
            span,
            f"the condition of `{setting.timeless}` may not ask for a time: times are reckoned by it",
            "go by something that does not change, such as `site`",
        )
        return False

    def _clock(self, span: Span, setting: Setting) -> Operand | None:
        if setting.timeless:
            self._no_time(span, setting)
            return None
        return program.CLOCK

    def _figure(self, node: syntax.ItemsOn | syntax.OldestOn, setting: Setting) -> Operand | None:
        items = isinstance(node, syntax.ItemsOn)
        figure = "items" if items else "oldest"
        if not setting.living:
            self.desk.findings.add(
                "living-attribute",
                node.span,
                f"`{node}` counts what waits: only a watch may ask for it",
                "put it into a `watch`",
            )
            return None
        if not self.desk.names.use(Space.WORKLIST, node.worklist):
            return None
        type_ = Type.NUMBER if items else Type.DURATION
        return program.ListFigure(type=type_, figure=figure, worklist=node.worklist.text)

    # --- cells

    def cell(self, node: syntax.Cell, setting: Setting, wanted: Kind | None = None) -> program.Cell | None:
        """Return a cell of a table. Its column learns *wanted*; without it, the type that is known by now."""
        tables = self.desk.tables
        table = tables.find(node.table)
        keys = [self._key(key, setting) for key in node.keys]
        if table is None:
            return None
        if len(keys) != len(table.keys):
            self.desk.findings.add(
                "type-mismatch",
                node.span,
                f"the table `{table.name}` has {_counted(len(table.keys), 'key')}, here {_are(len(keys))} given",
                f"write {table.name}[{', '.join(table.keys)}].{node.column}",
            )
            return None
        column = tables.column(table, node.column)
        if column is None or not self._keys_fit(node, keys):
            return None
        if wanted is None:
            column.asked_early = column.asked_early or column.kind is None
        elif not tables.learn(table, column, wanted, node.span):
            return None
        type_ = column.kind.type if column.kind else Type.CODE
        operands = tuple(key for key in keys if key is not None)
        many = any(key.type is Type.CODES for key in operands)
        return program.Cell(type=type_, table=table.name, keys=operands, column=column.name, many=many)

    def column_kind(self, node: syntax.Cell) -> Kind | None:
        """Return what the column of a cell is known to hold by now, without a finding."""
        return self.desk.tables.kind_of(node.table.text, node.column.text)

    def _key(self, node: syntax.Name | syntax.Code | syntax.Text | syntax.Number, setting: Setting) -> Operand | None:
        match node:
            case syntax.Name():
                return self.attribute(node, setting)
            case syntax.Number():
                return program.Constant(type=Type.NUMBER, value=node.value)
            case _:
                return program.Constant(type=Type.CODE, value=node.text)

    def _keys_fit(self, node: syntax.Cell, keys: Sequence[Operand | None]) -> bool:
        table = self.desk.tables.find(node.table)
        good = table is not None
        for written, key, name in zip(node.keys, keys, table.keys if table else (), strict=False):
            if key is None or not self.key_fits(written, key, node.table, name):
                good = False
        return good

    def key_fits(self, written: syntax.Node, key: Operand, table: syntax.Name, column: str) -> bool:
        """Say whether *key* can be looked up in the key column; a finding if not."""
        loaded = self.desk.tables.find(table)
        if loaded is None:
            return False
        if key.type in {Type.TEXT, Type.INSTANT, Type.DURATION}:
            self.desk.findings.add(
                "type-mismatch",
                written.span,
                f"`{written}` is {IN_WORDS[key.type]}, which no table is keyed by",
                "look a table up by codes, numbers, weeks or dates",
            )
            return False
        type_ = Type.CODE if key.type is Type.CODES else key.type
        return self.desk.tables.learn(loaded, loaded.columns[column], Kind(type=type_), written.span)

    # --- values

    def value(  # noqa: C901, PLR0911 - one line for each type
        self, node: syntax.Value, subject: syntax.Node, kind: Kind, setting: Setting, known: Known | None = None
    ) -> Operand | None:
        """Return what *subject*, of that kind, is compared with; *known* is the attribute whose values may be named."""
        if isinstance(node, syntax.Name):
            return self._named_value(node, subject, kind, setting, known)
        if isinstance(node, syntax.Cell):
            return self.cell(node, setting, kind)
        if isinstance(node, syntax.Clock) and kind.type in MOMENTS:
            return self._clock(node.span, setting)
        match kind.type, node:
            case ((Type.CODE | Type.CODES), (syntax.Code() | syntax.Text())):
                return self._code(node, known)
            case ((Type.CODE | Type.CODES), syntax.Number()):
                self._number_for_code(node, subject)
                return None
            case Type.NUMBER, syntax.Number():
                return program.Constant(type=Type.NUMBER, value=node.value)
            case Type.WEEKS, syntax.Number() if node.value == int(node.value):
                return program.Constant(type=Type.WEEKS, value=int(node.value))
            case ((Type.DURATION | Type.WEEKS), syntax.Length()):
                return self.length_value(node, setting)
            case ((Type.DATE | Type.INSTANT), syntax.Date()):
                return program.Constant(type=Type.DATE, value=node.value)
            case ((Type.DATE | Type.INSTANT), syntax.Instant()):
                return program.Constant(type=Type.INSTANT, value=node.value)
            case Type.YES_NO, syntax.YesNo():
                return program.Constant(type=Type.YES_NO, value=node.value)
            case _:
                self._mismatch(node, subject, kind)
                return None

    def _mismatch(self, node: syntax.Value, subject: syntax.Node, kind: Kind) -> None:
        type_ = literal_type(node)
        shown = f"`{subject}` is {IN_WORDS[kind.type]}"
        message = f"{shown}, `{node}` is {IN_WORDS[type_]}" if type_ else f"{shown}, `{node}` is not"
        help_ = ""
        if kind.type in LENGTHS and isinstance(node, syntax.Number):
            unit = "weeks" if kind.type is Type.WEEKS else "years"
            help_ = f"say the unit: `{node} {unit}`"
        elif kind.type is Type.NUMBER and isinstance(node, syntax.Length):
            help_ = f"leave the unit out: `{node.amount}`"
        elif kind.type in {Type.CODE, Type.CODES} and isinstance(node, syntax.YesNo):
            help_ = f'write "{node}" for the code'
        self.desk.findings.add("type-mismatch", node.span, message, help_)

    def _code(self, node: syntax.Code | syntax.Text, known: Known | None) -> Operand | None:
        if known is not None:
            if known.values and node.text not in known.values:
                if not self.desk.names.has_lost("values"):
                    self._unknown_code(node, known, known.values)
                return None
            if isinstance(node, syntax.Code) and not known.values:
                remedy = vocabulary.remedy(known.name, node.text, self.desk.findings.did_you_mean)
                if remedy is not None:
                    message = f"`{known.name}` never holds `{node.text}`"
                    self.desk.findings.add("unknown-code", node.span, message, remedy)
                    return None
        return program.Constant(type=Type.CODE, value=node.text)

    def _unknown_code(
        self, node: syntax.Code | syntax.Text | syntax.Name, known: Known, candidates: Sequence[str]
    ) -> None:
        near = self.desk.findings.did_you_mean(node.text, candidates) or f"it is one of {', '.join(known.values[:20])}"
        related = (
            [Related(span=known.span, message="its values are declared here")] if known.span and known.listed else []
        )
        self.desk.findings.add("unknown-code", node.span, f"`{known.name}` has no value `{node.text}`", near, related)

    def _number_for_code(self, node: syntax.Number, subject: syntax.Node) -> None:
        self.desk.findings.add(
            "number-for-code",
            node.span,
            f"`{subject}` holds codes, which are text: `{node}` is a number",
            f'quote it, with its zeros: "{node}"',
        )

    def _named_value(
        self, node: syntax.Name, subject: syntax.Node, kind: Kind, setting: Setting, known: Known | None
    ) -> Operand | None:
        desk = self.desk
        if known is not None and node.text in known.values:
            return program.Constant(type=Type.CODE, value=node.text)
        other = desk.known.get(node.text)
        if other is None:
            self._not_a_value(node, subject, kind, known)
            return None
        desk.names.note_use(Space.CONDITION, node.text)
        if node.text in desk.broken or not self._may_ask(other, node.span, setting):
            return None
        if not _compatible(kind.type, other.type):
            message = f"`{subject}` is {IN_WORDS[kind.type]}, `{node}` is {IN_WORDS[other.type]}"
            desk.findings.add("type-mismatch", node.span, message)
            return None
        return program.AttributeRef(type=other.type, name=other.name)

    def _not_a_value(self, node: syntax.Name, subject: syntax.Node, kind: Kind, known: Known | None) -> None:
        desk = self.desk
        if desk.names.is_lost(Space.CONDITION, node.text) or desk.names.has_lost("values"):
            return
        alike = [name for name, other in desk.known.items() if _compatible(kind.type, other.type)]
        if kind.type not in {Type.CODE, Type.CODES}:
            desk.names.unknown(Space.CONDITION, node, alike)
        elif known is not None and known.values:
            self._unknown_code(node, known, (*known.values, "known", "unknown"))
        else:
            near = self.desk.findings.did_you_mean(node.text, ("known", "unknown", *alike))
            help_ = near or f'write a code in capitals, `{node.text.upper()}`, or in quotes, "{node.text}"'
            desk.findings.add(
                "unknown-code", node.span, f"`{subject}` has no list of values with `{node.text}` in it", help_
            )

    def length_value(self, node: syntax.Length, setting: Setting) -> Operand | None:
        """Return a length of time as a value to compare with: no working days, whole days and longer units."""
        if isinstance(node.amount, syntax.Cell):
            return self.cell(node.amount, setting, Kind(type=Type.DURATION, unit=node.unit))
        if isinstance(node.amount, syntax.Name):
            self.desk.findings.add(
                "type-mismatch",
                node.span,
                f"`{node}` cannot be compared with",
                f"declare `{node.amount}` as a length of time, and write `{node.amount}`",
            )
            return None
        found = self.length_constant(node)
        return None if found is None else program.Constant(type=Type.DURATION, value=found)

    def length_constant(self, node: syntax.Length) -> Duration | None:
        """Return a length of time that is written as a number, or None with a finding."""
        amount = node.amount.value if isinstance(node.amount, syntax.Number) else 0
        if not self.is_sane(node):
            return None
        found = (
            in_weeks(int(amount))
            if node.unit is syntax.Unit.WEEKS and amount == int(amount)
            else duration(amount, node.unit)
        )
        if found is None:
            working = node.unit is syntax.Unit.WORKING_DAYS
            message = f"`{node}` is no length that ages and times can be compared with"
            self.desk.findings.add(
                "type-mismatch", node.span, message, "use days" if working else "use whole numbers, or a smaller unit"
            )
        return found

    def is_sane(self, node: syntax.Length) -> bool:
        """Say whether a written length is one that can happen; a finding if not."""
        if isinstance(node.amount, syntax.Number) and nominal_days(node.amount.value, node.unit) > LONGEST_DAYS:
            self.desk.findings.add("impossible-range", node.span, f"`{node}` is longer than 200 years")
            return False
        return True


def _compatible(left: Type, right: Type) -> bool:
    if left is right:
        return True
    groups: tuple[set[Type], ...] = ({Type.CODE, Type.CODES}, set(MOMENTS), set(LENGTHS))
    return any(left in group and right in group for group in groups)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _are(number: int) -> str:
    return "1 is" if number == 1 else f"{number} are"
