"""Conditions: from comparisons as written to typed ones with every name resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routing import program, syntax
from routing.attributes import Type
from routing.check import expressions
from routing.check.desk import Desk, Setting
from routing.check.kinds import COMPARE_IT, IN_WORDS, LENGTHS, MOMENTS, literal_type
from routing.check.names import Space
from routing.check.operands import Operands
from routing.check.tables import Kind
from routing.meaning.durations import at_least
from routing.meaning.expressions import MOST_STEPS, steps
from routing.meaning.spelling import SPELLINGS
from routing.program import Operand

_ORDERS = {order: program.Order(order.value) for order in syntax.Order}
_REACHES = {
    syntax.Quantity.ANY: program.Reach.ANY,
    syntax.Quantity.ALL: program.Reach.ALL,
    syntax.Quantity.NONE: program.Reach.NONE,
    syntax.Quantity.ONLY: program.Reach.ONLY,
}
_IN_PARTS = frozenset({syntax.Unit.MINUTES, syntax.Unit.HOURS, syntax.Unit.DAYS})
_ALL = 100  # percent
_SIDES = {None: program.Side.EITHER, syntax.Side.BEFORE: program.Side.BEFORE, syntax.Side.AFTER: program.Side.AFTER}


class Comparisons:
    """Makes single comparisons; None where there is a finding."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.operands = Operands(desk)
        self._counted: set[tuple[Operand, str]] = set()  # the expressions so far, and what they ask of
        self._steps = 0
        self._makers: dict[type, Callable[[Any, Setting], program.Condition | None]] = {
            syntax.Is: self._is,
            syntax.Includes: self._includes,
            syntax.Compare: self._compare,
            syntax.InRange: self._in_range,
            syntax.Moment: self._moment,
            syntax.Within: self._within,
            syntax.Mentions: self._mentions,
            syntax.Spelt: self._spelt,
            syntax.Matches: self._matches,
            syntax.IsKnown: self._is_known,
            syntax.Listed: self._listed,
            syntax.During: self._during,
            syntax.OnCalendar: self._during,
            syntax.InSample: self._in_sample,
        }

    def build(self, node: syntax.Comparison, setting: Setting) -> program.Condition | None:
        """Return the typed comparison."""
        return self._makers[type(node)](node, setting)

    def _is_known(self, node: syntax.IsKnown, setting: Setting) -> program.Condition | None:
        operand = self.operands.subject(node.subject, setting)
        return None if operand is None else program.IsKnown(operand=operand, known=not node.negated, **_written(node))

    # --- one value, and sets

    def _is(self, node: syntax.Is, setting: Setting) -> program.Condition | None:
        left = self._subject(node.subject, node.values, setting)
        if left is None:
            return None
        if left.type is Type.CODES or _is_many(left):
            quantity = syntax.Quantity.NONE if node.negated else syntax.Quantity.ANY
            better = syntax.Includes(subject=node.subject, quantity=quantity, values=node.values, span=node.span)
            message = f"`{node.subject}` is a set of {'cells' if _is_many(left) else 'codes'}, not one"
            self.desk.findings.add("use-includes", node.span, message, f"write `{better}`")
            return None
        if left.type in {Type.TEXT, Type.DURATION, Type.INSTANT}:
            self._wrong_comparison(node, node.subject, left)
            return None
        values = self._values(node, node.values, left, setting)
        if values is None:
            return None
        if left.type is Type.YES_NO and len(values) == 1 and isinstance(values[0], program.Constant):
            holds = program.IsTrue(operand=left, **_written(node))
            same = values[0].value is not node.negated
            return holds if same else program.Not(part=holds, **_written(node))
        return program.Is(left=left, values=values, negated=node.negated, **_written(node))

    def _includes(self, node: syntax.Includes, setting: Setting) -> program.Condition | None:
        left = self._subject(node.subject, node.values, setting)
        if left is None:
            return None
        if left.type is Type.CODE and not _is_many(left):
            negated = node.quantity is syntax.Quantity.NONE
            better = syntax.Is(subject=node.subject, values=node.values, negated=negated, span=node.span)
            message = f"`{node.subject}` is one code, not a set"
            self.desk.findings.add("type-mismatch", node.span, message, f"write `{better}`")
            return None
        if left.type not in {Type.CODE, Type.CODES}:
            self._wrong_comparison(node, node.subject, left)
            return None
        values = self._values(node, node.values, left, setting)
        if values is None:
            return None
        return program.Includes(left=left, reach=_REACHES[node.quantity], values=values, **_written(node))

    def _values(
        self, node: syntax.Node, written: tuple[syntax.Value, ...], left: Operand, setting: Setting
    ) -> tuple[Operand, ...] | None:
        subject: syntax.Subject = node.subject  # type: ignore[attr-defined]  # every caller's node has one
        if not written:
            self.desk.findings.add("empty-list", node.span, "the list has no members", "name at least one")
            return None
        known = self.desk.known.get(left.name) if isinstance(left, program.AttributeRef) else None
        kind = Kind(type=Type.CODE if left.type is Type.CODES else left.type)
        made = [self.operands.value(value, subject, kind, setting, known) for value in written]
        good = tuple(each for each in made if each is not None)
        return good if len(good) == len(made) else None

    # --- numbers, lengths, moments

    def _compare(self, node: syntax.Compare, setting: Setting) -> program.Condition | None:
        left = self._measured(node, node.subject, (node.value,), setting)
        if left is None:
            return None
        right = self.operands.value(node.value, node.subject, Kind(type=left.type), setting)
        if right is None:
            return None
        return program.Compares(left=left, order=_ORDERS[node.order], right=right, **_written(node))

    def _in_range(self, node: syntax.InRange, setting: Setting) -> program.Condition | None:
        left = self._measured(node, node.subject, (node.low, node.high), setting)
        if left is None:
            return None
        kind = Kind(type=left.type)
        low = self.operands.value(node.low, node.subject, kind, setting)
        high = self.operands.value(node.high, node.subject, kind, setting)
        if low is None or high is None:
            return None
        if _is_empty(low, high):
            message = f"no value is from {node.low} to under {node.high}"
            self.desk.findings.add(
                "impossible-range", node.span, message, "the first is the smaller; the second does not belong to it"
            )
            return None
        parts = (
            program.Compares(left=left, order=program.Order.AT_LEAST, right=low, **_written(node)),
            program.Compares(left=left, order=program.Order.UNDER, right=high, **_written(node)),
        )
        return program.And(parts=parts, **_written(node))

    def _measured(
        self, node: syntax.Node, subject: syntax.Subject, values: tuple[syntax.Value, ...], setting: Setting
    ) -> Operand | None:
        left = self._subject(subject, values, setting)
        if left is None:
            return None
        if left.type not in LENGTHS | {Type.NUMBER} or _is_many(left):
            self._wrong_comparison(node, subject, left)
            return None
        return left

    def _moment(self, node: syntax.Moment, setting: Setting) -> program.Condition | None:
        pair = self._moments(node, node.subject, node.value, setting)
        after = node.side is syntax.Side.AFTER
        return None if pair is None else program.Precedes(left=pair[0], right=pair[1], after=after, **_written(node))

    def _within(self, node: syntax.Within, setting: Setting) -> program.Condition | None:
        pair = self._moments(node, node.subject, node.other, setting)
        length = self.length(node.length, setting)
        if pair is None or length is None:
            return None
        return program.Within(left=pair[0], length=length, side=_SIDES[node.side], other=pair[1], **_written(node))

    def _moments(
        self, node: syntax.Node, subject: syntax.Subject, value: syntax.Value, setting: Setting
    ) -> tuple[Operand, Operand] | None:
        left = self._subject(subject, (value,), setting)
        if left is None:
            return None
        if left.type not in MOMENTS or _is_many(left):
            self._wrong_comparison(node, subject, left)
            return None
        other = self.operands.value(value, subject, Kind(type=left.type), setting)
        return None if other is None else (left, other)

    def length(self, node: syntax.Length, setting: Setting) -> program.Length | None:
        """Return a length of time to reckon with: its amount is a number, a cell or a number attribute."""
        unit = program.Unit(node.unit.value)
        amount: Operand | None
        match node.amount:
            case syntax.Number():
                if not self.operands.is_sane(node):
                    return None
                whole = node.unit not in _IN_PARTS
                if whole and node.amount.value != int(node.amount.value):
                    self.desk.findings.add(
                        "type-mismatch", node.span, f"`{node}` is no whole number of {node.unit.value}"
                    )
                    return None
                amount = program.Constant(type=Type.NUMBER, value=node.amount.value)
            case syntax.Cell():
                amount = self.operands.cell(node.amount, setting, Kind(type=Type.NUMBER))
            case syntax.Name():
                amount = self.operands.attribute(node.amount, setting)
                if amount is not None and amount.type is not Type.NUMBER:
                    message = f"`{node.amount}` is {IN_WORDS[amount.type]}, not a number of {node.unit.value}"
                    self.desk.findings.add("type-mismatch", node.amount.span, message)
                    return None
        return None if amount is None else program.Length(amount=amount, unit=unit)

    # --- words and codes

    def _mentions(self, node: syntax.Mentions, setting: Setting) -> program.Condition | None:
        left = self._worded(node, node.subject, (Type.TEXT,), setting)
        if not self._no_blank(*node.phrases, *node.excepted) or left is None:
            return None
        return program.Mentions(
            left=left,
            phrases=tuple(phrase.text for phrase in node.phrases),
            every=node.all_of,
            excepted=tuple(phrase.text for phrase in node.excepted),
            not_negated=node.not_negated,
            **_written(node),
        )

    def _spelt(self, node: syntax.Spelt, setting: Setting) -> program.Condition | None:
        left = self._worded(node, node.subject, SPELLINGS[node.operator].types, setting)
        if not self._no_blank(*node.texts, *node.excepted) or left is None:
            return None
        texts = tuple(text.text for text in node.texts)
        excepted = tuple(text.text for text in node.excepted)
        return program.Spelt(left=left, operator=node.operator, texts=texts, excepted=excepted, **_written(node))

    def _matches(self, node: syntax.Matches, setting: Setting) -> program.Condition | None:
        left = self._worded(node, node.subject, (Type.CODE, Type.CODES, Type.TEXT), setting)
        problem = expressions.problem(node.pattern.text)
        if problem is not None:
            self.desk.findings.add("regex-unavailable", node.pattern.span, problem.message, problem.help)
        if problem is not None or left is None:
            return None
        self._count_steps(node.pattern, left)
        return program.Matches(left=left, pattern=node.pattern.text, **_written(node))

    def _count_steps(self, pattern: syntax.Pattern, left: Operand) -> None:
        """Report the expression with which all of them become too much to look for in one text."""
        if (left, pattern.text) in self._counted:
            return
        self._counted.add((left, pattern.text))
        before = self._steps
        self._steps += steps(pattern.text)
        if before <= MOST_STEPS < self._steps:
            message = f"with this the expressions of the rulebook take {self._steps:,} steps, more than {MOST_STEPS:,}"
            help_ = "where words are meant, ask with `mentions`; `.` and counts such as `{90}` take most steps"
            self.desk.findings.add("regex-unavailable", pattern.span, message, help_)

    def _worded(
        self, node: syntax.Node, subject: syntax.Subject, types: tuple[Type, ...], setting: Setting
    ) -> Operand | None:
        """Return a subject of one of the types; a column that has none yet becomes the first."""
        left = self.operands.subject(subject, setting, self._kind(subject, types[0]))
        if left is not None and left.type not in types:
            self._wrong_comparison(node, subject, left)
            return None
        return left

    def _no_blank(self, *texts: syntax.Text) -> bool:
        blank = [text for text in texts if not any(letter.isalnum() for letter in text.text)]
        for text in blank:
            self.desk.findings.add(
                "empty-list", text.span, f"{text} holds no letter and no digit to look for", "name a word"
            )
        return not blank

    def _listed(self, node: syntax.Listed, setting: Setting) -> program.Condition | None:
        operand = self.operands.subject(node.subject, setting)
        table = self.desk.tables.find(node.table)
        if operand is None or table is None:
            return None
        if len(table.keys) != 1:
            message = f"the table `{table.name}` has {len(table.keys)} keys, so one value cannot be listed in it"
            self.desk.findings.add(
                "type-mismatch", node.span, message, "ask for a cell of it: `TABLE[key, key].column is known`"
            )
            return None
        if not self.operands.key_fits(node.subject, operand, node.table, table.keys[0]):
            return None
        return program.Listed(operand=operand, table=table.name, negated=node.negated, **_written(node))

    # --- hours, calendars, samples

    def _during(self, node: syntax.During | syntax.OnCalendar, setting: Setting) -> program.Condition | None:
        is_hours = isinstance(node, syntax.During)
        of: Operand | None = program.CLOCK
        if setting.timeless:
            message = f"the condition of `{setting.timeless}` may not ask for a time: times are reckoned by it"
            self.desk.findings.add(
                "type-mismatch", node.span, message, "go by something that does not change, such as `site`"
            )
            of = None
        elif node.subject is not None:
            of = self.operands.subject(node.subject, setting, self._kind(node.subject, Type.INSTANT))
            if of is not None and (of.type not in MOMENTS if not is_hours else of.type is not Type.INSTANT):
                self._wrong_comparison(node, node.subject, of)
                of = None
        if isinstance(node, syntax.During):
            found = self.desk.names.use(Space.TIMES, node.times)
            if of is None or not found:
                return None
            return program.During(times=node.times.text, of=of, outside=node.outside, **_written(node))
        found = self.desk.names.use(Space.CALENDAR, node.calendar)
        return (
            program.OnCalendar(calendar=node.calendar.text, of=of, **_written(node))
            if of is not None and found
            else None
        )

    def _in_sample(self, node: syntax.InSample, setting: Setting) -> program.Condition | None:
        if node.percent.value > _ALL:
            self.desk.findings.add(
                "impossible-range", node.percent.span, f"no sample is {node.percent} percent", "at most 100 percent"
            )
            return None
        return program.InSample(percent=float(node.percent.value), rule=setting.name, **_written(node))

    # --- what they share

    def _subject(self, node: syntax.Subject, values: tuple[syntax.Value, ...], setting: Setting) -> Operand | None:
        return self.operands.subject(node, setting, self._kind(node, self._type_of(values)))

    def _kind(self, node: syntax.Subject, wanted: Type | None) -> Kind | None:
        """Return the kind that a cell's column learns here: what it is known to hold, else what it is compared with."""
        if not isinstance(node, syntax.Cell):
            return None
        return self.operands.column_kind(node) or (Kind(type=wanted) if wanted else None)

    def _type_of(self, values: tuple[syntax.Value, ...]) -> Type | None:
        for value in values:
            if (type_ := literal_type(value)) is not None:
                return type_
            if isinstance(value, syntax.Name) and (known := self.desk.known.get(value.text)):
                return Type.CODE if known.type is Type.CODES else known.type
            if isinstance(value, syntax.Cell) and (kind := self.operands.column_kind(value)):
                return kind.type
        return Type.CODE if values else None

    def _wrong_comparison(self, node: syntax.Node, subject: syntax.Node, left: Operand) -> None:
        type_ = Type.CODES if _is_many(left) else left.type
        said = str(node).removeprefix(str(subject)).strip()
        words = IN_WORDS[type_] if not _is_many(left) else "a set of cells"
        message = f"`{subject}` is {words}: `{said}` does not suit it"
        help_ = "" if _is_many(left) else COMPARE_IT[type_].format(subject)
        self.desk.findings.add("type-mismatch", node.span, message, help_)


def _written(node: syntax.Node) -> dict[str, Any]:
    return {"span": node.span, "text": str(node)}


def _is_many(operand: Operand) -> bool:
    return isinstance(operand, program.Cell) and operand.many


def _is_empty(low: Operand, high: Operand) -> bool:
    if not isinstance(low, program.Constant) or not isinstance(high, program.Constant):
        return False
    if low.type is Type.DURATION and high.type is Type.DURATION:
        return at_least(low.value, high.value) is True
    return low.type is high.type and bool(low.value >= high.value)
