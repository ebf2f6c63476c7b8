"""Examples: what is given, in the canonical form of each attribute, and what is expected of the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from routing import program, syntax
from routing.attributes import Type
from routing.check.desk import Desk, Setting
from routing.check.effects import Effects
from routing.check.kinds import IN_WORDS, literal_type
from routing.check.names import Space
from routing.files import relative_to_file
from routing.program import Expectation, Known, Origin

_SETTING: Final = Setting(name="example")
_MANY: Final = frozenset({Type.CODES, Type.TEXT})


class BadValue(Exception):
    """A value does not suit its attribute."""

    def __init__(self, name: str, message: str, help: str = "") -> None:  # noqa: A002 - as in a finding
        super().__init__(name, message, help)
        self.name, self.message, self.help = name, message, help


class Examples:
    """Makes examples; one with a finding is left out."""

    def __init__(self, desk: Desk, effects: Effects) -> None:
        self.desk, self.effects = desk, effects

    def build(self, node: syntax.Example, file: str) -> program.Example | None:
        """Return an example that stands in the rulebook."""
        given = [self._given(each) for each in node.given]
        expects = [self._expected(each) for each in node.expect]
        sample, good = self._sample(node.sample, file)
        self._once(node.given)
        if not good or None in given or None in expects:
            return None
        return program.Example(
            name=node.name.text,
            given=tuple(each for each in given if each is not None),
            expects=tuple(each for each in expects if each is not None),
            sample=sample,
            span=node.name.span,
        )

    def _once(self, given: Sequence[syntax.Given]) -> None:
        seen: set[str] = set()
        for each in given:
            if each.name.text in seen:
                message = f"`{each.name}` is given twice"
                self.desk.findings.add(
                    "duplicate-name", each.name.span, message, "values of one attribute are joined by `and`"
                )
            seen.add(each.name.text)

    def _sample(self, node: syntax.Text | None, file: str) -> tuple[str | None, bool]:
        if node is None:
            return None, True
        path = relative_to_file(file, node.text)
        try:
            self.desk.files.read(path)
        except OSError as cause:
            near = (
                self.desk.findings.did_you_mean(path.rpartition("/")[2], self.desk.files.beside(path))
                or "put it beside the rulebook"
            )
            self.desk.findings.add("unknown-name", node.span, f"`{node.text}` cannot be read: {cause.args[-1]}", near)
            return None, False
        return path, True

    # --- what is given

    def _given(self, node: syntax.Given) -> tuple[str, Any] | None:
        known = self._known(node.name)
        if known is None:
            return None
        if len(node.values) == 1 and isinstance(node.values[0], syntax.Unknown):
            return known.name, None
        if len(node.values) > 1 and known.type not in _MANY:
            message = f"`{known.name}` is {IN_WORDS[known.type]}: it has one value"
            self.desk.findings.add(
                "type-mismatch", node.span, message, "commas part the attributes, `and` the values of one"
            )
            return None
        values = []
        for value in node.values:
            try:
                values.append(self._canonical(value, known))
            except BadValue as wrong:
                self.desk.findings.add(wrong.name, value.span, wrong.message, wrong.help)
        if len(values) != len(node.values):
            return None
        return known.name, tuple(dict.fromkeys(values)) if known.type in _MANY else values[0]

    def _known(self, name: syntax.Name) -> Known | None:
        desk = self.desk
        known = desk.known.get(name.text)
        if known is None or known.origin is Origin.LIVING:
            if name.text in desk.defines:
                message = f"`{name}` is a define: give the attributes that it asks for"
                desk.findings.add("type-mismatch", name.span, message)
            else:
                candidates = [one.name for one in desk.known.values() if one.origin is not Origin.LIVING]
                desk.names.unknown(Space.CONDITION, name, candidates)
            return None
        return None if name.text in desk.broken else known

    def _canonical(  # noqa: PLR0911 - one line for each type
        self, node: syntax.Value | syntax.Unknown, known: Known
    ) -> Any:
        match known.type, node:
            case ((Type.CODE | Type.CODES), (syntax.Code() | syntax.Text() | syntax.Name())):
                return self._code(node, known)
            case Type.TEXT, syntax.Text():
                return node.text
            case Type.NUMBER, syntax.Number():
                return node.value
            case ((Type.DURATION | Type.WEEKS), syntax.Length()):
                return self._length(node, known)
            case Type.WEEKS, syntax.Number() if node.value == int(node.value):
                return int(node.value)
            case ((Type.DATE | Type.INSTANT), syntax.Date()):
                return node.value
            case Type.INSTANT, syntax.Instant():
                return node.value
            case Type.YES_NO, syntax.YesNo():
                return node.value
            case ((Type.CODE | Type.CODES), syntax.Number()):
                message = f"`{known.name}` holds codes, which are text: `{node}` is a number"
                raise BadValue("number-for-code", message, f'quote it, with its zeros: "{node}"')
            case _:
                raise BadValue("type-mismatch", *self._mismatch(node, known))

    def _mismatch(self, node: syntax.Value | syntax.Unknown, known: Known) -> tuple[str, str]:
        type_ = literal_type(node) if not isinstance(node, syntax.Unknown) else None
        shown = f"`{known.name}` is {IN_WORDS[known.type]}"
        if isinstance(node, syntax.Unknown):
            return f"{shown}: what is unknown has no other value", "leave one of them out"
        help_ = "say the unit: years, months, weeks or days" if known.type is Type.DURATION else ""
        return f"{shown}, `{node}` is {IN_WORDS[type_] if type_ else 'not'}", help_

    def _code(self, node: syntax.Code | syntax.Text | syntax.Name, known: Known) -> str:
        if known.values and node.text not in known.values and (not known.listed or isinstance(node, syntax.Name)):
            help_ = (
                self.desk.findings.did_you_mean(node.text, known.values)
                or f"it is one of {', '.join(known.values[:20])}"
            )
            raise BadValue("unknown-code", f"`{known.name}` has no value `{node.text}`", help_)
        if not known.values and isinstance(node, syntax.Name):
            help_ = f'write a code in capitals, `{node.text.upper()}`, or in quotes, "{node.text}"'
            raise BadValue("unknown-code", f"`{known.name}` has no list of values with `{node.text}` in it", help_)
        return node.text

    def _length(self, node: syntax.Length, known: Known) -> Any:
        if not isinstance(node.amount, syntax.Number):
            raise BadValue("type-mismatch", f"an example gives `{known.name}` as a number with its unit")
        if known.type is Type.WEEKS:
            if node.unit is not syntax.Unit.WEEKS or node.amount.value != int(node.amount.value):
                raise BadValue(
                    "type-mismatch", f"`{known.name}` is a number of weeks, `{node}` is not", "write `38 weeks`"
                )
            return int(node.amount.value)
        found = self.effects.operands.length_constant(node)
        if found is None:
            raise BadValue("type-mismatch", f"`{node}` is no length of time that can be given")
        return found

    # --- what is expected

    def _expected(self, node: syntax.Expectation) -> Expectation | None:  # noqa: PLR0911 - one line for each kind
        match node:
            case syntax.ExpectRoute():
                return self._route(node)
            case syntax.SetPriority():
                return self._priority(node)
            case syntax.DueWithin() | syntax.DueByTime() | syntax.DueByInstant():
                return self._due(node)
            case syntax.AlsoRead():
                names = [node.worklist] if isinstance(node.worklist, syntax.Name) else []
                good = tuple(name for each in names if (name := self.effects.worklist(each)))
                return Expectation(what="also", value=good, span=node.span, text=str(node)) if good else None
            case syntax.Tag():
                return Expectation(
                    what="tag", value=tuple(tag.text for tag in node.tags), span=node.span, text=str(node)
                )
            case syntax.Notify():
                channels = tuple(each.text for each in node.channels if self.desk.names.use(Space.CHANNEL, each))
                return Expectation(what="notify", value=channels, span=node.span, text=str(node))
            case syntax.ExpectUndecided():
                blamed = tuple(name.text for name in node.attributes if self._undecided(name))
                what = "not undecided" if node.negated else "undecided"
                return Expectation(what=what, value=blamed, span=node.span, text=str(node))
            case syntax.ExpectClosed():
                return Expectation(what="not closed" if node.negated else "closed", span=node.span, text=str(node))
            case syntax.ExpectReads():
                return Expectation(what="read_by", value=node.count.value, span=node.span, text=str(node))

    def _undecided(self, name: syntax.Name) -> bool:
        return name.text in self.desk.defines or self._known(name) is not None

    def _route(self, node: syntax.ExpectRoute) -> Expectation | None:
        place = node.route.worklist
        if not isinstance(place, syntax.Name):
            message = "an example expects a worklist by its name"
            self.desk.findings.add("type-mismatch", place.span, message)
            return None
        name = self.effects.worklist(place)
        by = "otherwise" if node.by_otherwise else None
        if node.rule is not None:
            by = node.rule.text
            if not self.is_group_default(by) and not self.desk.names.use(Space.RULE, node.rule):
                return None
        return (
            Expectation(what="route", value=name, by=by, span=node.span, text=str(node)) if name is not None else None
        )

    def is_group_default(self, by: str) -> bool:
        """Say whether it is the name of the `otherwise` of a group."""
        return by.endswith(": otherwise") and self.desk.names.has(Space.GROUP, by.removesuffix(": otherwise"))

    def _priority(self, node: syntax.SetPriority) -> Expectation | None:
        if not isinstance(node.value, syntax.Name) or node.table is not None:
            self.desk.findings.add("type-mismatch", node.span, "an example expects a priority by its name")
            return None
        if not self.desk.names.use(Space.PRIORITY, node.value):
            return None
        return Expectation(what="priority", value=node.value.text, span=node.span, text=str(node))

    def _due(self, node: syntax.Due) -> Expectation | None:
        made = self.effects.due(node, _SETTING)
        what = "due_as"
        value: Any = made
        if isinstance(made, program.DueByInstant) and made.minus is None and isinstance(made.instant, program.Constant):
            what, value = "preliminary_due" if node.preliminary else "due", made.instant.value
        elif (
            isinstance(made, program.DueWithin)
            and not node.preliminary
            and made.counting is None
            and made.start is None
        ):
            what, value = "due_within", made.within
        return Expectation(what=what, value=value, span=node.span, text=str(node)) if made is not None else None
