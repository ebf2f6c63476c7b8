"""Conditions: comparisons and names joined by `and`, `or`, `not`, `possibly` and `certainly`; and the defines they use.

A define is made once and shared by all that use it. One that asks for something living, or for a time, may be used only
where that may be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from routing import program, syntax
from routing.attributes import Type
from routing.check.comparisons import Comparisons
from routing.check.desk import LIVING, Desk, Setting
from routing.check.kinds import COMPARE_IT, IN_WORDS
from routing.check.names import Space
from routing.check.walking import asks_for_time, depth_of, operands_of
from routing.diagnostics import Related

_DEEPEST: Final = 100


class Conditions:
    """Makes conditions; None where there is a finding in any part."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.comparisons = Comparisons(desk)
        self._made: dict[str, program.Condition | None] = {}
        self._open: list[str] = []
        self._depth = 0
        self._depths: dict[str, int] = {}
        self._living: dict[str, str | None] = {}

    def build(self, node: syntax.Condition, setting: Setting) -> program.Condition | None:
        """Return the typed condition."""
        if self._depth >= _DEEPEST:
            message = f"conditions and defines stand more than {_DEEPEST} deep inside each other here"
            self.desk.findings.add("syntax", node.span, message, "say it with fewer steps")
            return None
        self._depth += 1
        try:
            return self._build(node, setting)
        finally:
            self._depth -= 1

    def _build(  # noqa: PLR0911 - one line for each kind
        self, node: syntax.Condition, setting: Setting
    ) -> program.Condition | None:
        match node:
            case syntax.And() | syntax.Or():
                parts = [self.build(part, setting) for part in node.parts]
                good = tuple(part for part in parts if part is not None)
                if len(good) != len(parts):
                    return None
                join = program.And if isinstance(node, syntax.And) else program.Or
                return join(parts=good, span=node.span, text=str(node))
            case syntax.Not():
                part = self.build(node.condition, setting)
                return part and program.Not(part=part, span=node.span, text=str(node))
            case syntax.Possibly():
                part = self.build(node.condition, setting)
                return part and program.Possibly(part=part, span=node.span, text=str(node))
            case syntax.Certainly():
                part = self.build(node.condition, setting)
                return part and program.Certainly(part=part, span=node.span, text=str(node))
            case syntax.Named():
                return self._named(node, setting)
            case _:
                return self.comparisons.build(node, setting)

    def optional(self, node: syntax.Condition | None, setting: Setting) -> tuple[program.Condition | None, bool]:
        """Return the condition, None when there is none; and whether it is good."""
        if node is None:
            return None, True
        made = self.build(node, setting)
        return made, made is not None

    def _named(self, node: syntax.Named, setting: Setting) -> program.Condition | None:
        name = node.name
        if name.text in self.desk.defines:
            self.desk.names.note_use(Space.CONDITION, name.text)
            made = self.define(name.text)
            if made is None or not self._may_use(node, made, setting):
                return None
            return program.Defined(name=name.text, condition=made, span=node.span, text=str(node))
        known = self.desk.known.get(name.text)
        if known is not None and known.type is not Type.YES_NO and not known.identity:
            self.desk.names.note_use(Space.CONDITION, name.text)
            if name.text not in self.desk.broken:
                message = f"`{name}` is {IN_WORDS[known.type]}, not a condition"
                self.desk.findings.add("type-mismatch", name.span, message, COMPARE_IT[known.type].format(name))
            return None
        operand = self.comparisons.operands.attribute(name, setting)
        return None if operand is None else program.IsTrue(operand=operand, span=node.span, text=str(node))

    def _may_use(self, node: syntax.Named, made: program.Condition, setting: Setting) -> bool:
        if not setting.living:
            living = self._living_name(node.name.text, made)
            if living is not None:
                message = f"`{node}` asks for `{living}`, which only a watch or a view may"
                self.desk.findings.add("living-attribute", node.span, message, "put it into a `watch`")
                return False
        if setting.timeless and asks_for_time(made, ages=setting.ageless):
            message = f"`{node}` asks for a time, which the condition of `{setting.timeless}` may not"
            self.desk.findings.add(
                "type-mismatch", node.span, message, "go by something that does not change, such as `site`"
            )
            return False
        return True

    def _living_name(self, name: str, made: program.Condition) -> str | None:
        if name not in self._living:
            self._living[name] = next(iter(_living_names(made)), None)
        return self._living[name]

    def define(self, name: str) -> program.Condition | None:
        """Return the condition of a define; one that depends on itself is a finding."""
        if name in self._made:
            return self._made[name]
        if name in self._open:
            self._cycle(self._open[self._open.index(name) :])
            return None
        self._open.append(name)
        statement = self.desk.defines[name]
        made = self.build(statement.condition, Setting(name=name, living=True))
        self._open.pop()
        if made is not None:
            self._depths[name] = depth_of(made, self._depths)
            if self._depths[name] > _DEEPEST:
                message = f"the define `{name}` uses others more than {_DEEPEST} deep inside each other"
                self.desk.findings.add("syntax", statement.name.span, message, "say it with fewer steps")
                made = None
        return self._made.setdefault(name, made)

    def _cycle(self, names: Sequence[str]) -> None:
        first, *others = (self.desk.defines[name].name for name in names)
        path = " → ".join([*names, names[0]])
        related = [Related(span=other.span, message=f"by way of `{other}`") for other in others]
        message = f"the define `{first}` depends on itself: {path}"
        self.desk.findings.add("define-cycle", first.span, message, "write one of them without the other", related)

    def all_defines(self) -> None:
        """Make all defines, so that what is wrong in those that nothing uses is found too."""
        for name in self.desk.defines:
            self.define(name)


def _living_names(made: program.Condition) -> list[str]:
    names = []
    for operand in operands_of(made):
        if isinstance(operand, program.ListFigure):
            names.append(f"{operand.figure} on {operand.worklist}")
        elif isinstance(operand, program.AttributeRef) and operand.name in LIVING:
            names.append(operand.name)
    return names
