"""Rules: flattened out of their groups and files, each with its whole condition and its effects."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from routing import program, syntax
from routing.check.conditions import Conditions
from routing.check.desk import Desk, Setting
from routing.check.effects import Effects, Place
from routing.check.included import Placed
from routing.program import Condition


@frozen(kw_only=True)
class Guard:
    """The condition of an include or a group, around the rules inside; `good` is False where it has a finding."""

    when: Condition | None = None
    unless: Condition | None = None
    good: bool = True

    def parts(self) -> tuple[Condition, ...]:
        """Return the conditions that must be true."""
        return (*when_parts(self.when), *unless_parts(self.unless))


@frozen(kw_only=True)
class Made:
    """A checked rule beside what it was made from, for what is looked at over the whole rulebook.

    `whens` and `exceptions` are the conditions of the rule and of all that stands around it.
    """

    rule: program.Rule
    node: syntax.Rule | syntax.Otherwise
    whens: tuple[Condition, ...] = ()
    exceptions: tuple[Condition, ...] = field(default=())


class Rules:
    """Makes rules in file order; one with a finding in its condition is left out."""

    def __init__(self, desk: Desk, conditions: Conditions, effects: Effects) -> None:
        self.desk, self.conditions, self.effects = desk, conditions, effects
        self._included: dict[int, Guard] = {}
        self._given: dict[int, tuple[program.Effect, ...]] = {}

    def give(self, node: syntax.Node, group: str | None = None) -> None:
        """Make the effects of a statement's rules, before any condition.

        Effects know the types of the columns that conditions may only ask about.
        """
        match node:
            case syntax.Rule():
                self._given[id(node)] = self.effects.build(node.effects, Place.RULE, Setting(name=node.name.text))
            case syntax.Group():
                for member in (*node.members, *([node.otherwise] if node.otherwise else [])):
                    self.give(member, node.name.text)
            case syntax.Otherwise() if group is not None:
                setting = Setting(name=f"{group}: otherwise")
                self._given[id(node)] = self.effects.build(node.effects, Place.GROUP_OTHERWISE, setting)

    def build(self, placed: Placed) -> list[Made]:
        """Return the rules of a rule or group statement, whose effects are made already."""
        guards = self.guards(placed)
        statement = placed.statement
        if isinstance(statement, syntax.Rule):
            return self._rule(statement, guards, None)
        if isinstance(statement, syntax.Group):
            return self._group(statement, guards)
        return []

    def guards(self, placed: Placed) -> list[Guard]:
        """Return the conditions of the includes that a statement stands in, each made once."""
        return [self._include_guard(condition) for condition in placed.conditions]

    def _include_guard(self, condition: syntax.Condition) -> Guard:
        made = self._included.get(id(condition))
        if made is None:
            when, good = self.conditions.optional(condition, Setting(name="include"))
            made = self._included[id(condition)] = Guard(when=when, good=good)
        return made

    def _group(self, node: syntax.Group, outer: Sequence[Guard]) -> list[Made]:
        guards = [*outer, self._guard(node, node.name.text)]
        made: list[Made] = []
        for member in node.members:
            made += (
                self._rule(member, guards, node.name.text)
                if isinstance(member, syntax.Rule)
                else self._group(member, guards)
            )
        if node.otherwise is not None:
            made += self._group_otherwise(node, node.otherwise, guards)
        return made

    def _guard(self, node: syntax.Group | syntax.Rule, name: str) -> Guard:
        setting = Setting(name=name)
        when, when_good = self.conditions.optional(node.when, setting)
        unless, unless_good = self.conditions.optional(node.unless, setting)
        return Guard(when=when, unless=unless, good=when_good and unless_good)

    def _rule(self, node: syntax.Rule, guards: Sequence[Guard], group: str | None) -> list[Made]:
        name = node.name.text
        own = self._guard(node, name)
        effects = self._given[id(node)]
        self._closure_has_a_list(node)
        around = [*guards, own]
        if not all(guard.good for guard in around):
            return []
        rule = program.Rule(
            name=name,
            condition=joined([part for guard in around for part in guard.parts()], node),
            effects=effects,
            kind=node.kind.value,
            group=group,
            span=node.name.span,
            text=as_written(node),
        )
        return [_made(rule, node, around)]

    def _closure_has_a_list(self, node: syntax.Rule) -> None:
        closures = [effect for effect in node.effects if isinstance(effect, syntax.NoReport)]
        if closures and not any(isinstance(effect, syntax.RouteTo) for effect in node.effects):
            message = "a closure needs a `route to`: the list where the item waits when it is opened again"
            self.desk.findings.add(
                "syntax", closures[0].span, message, "say in the same rule where it goes: `route to WORKLIST`"
            )

    def _group_otherwise(self, node: syntax.Group, otherwise: syntax.Otherwise, guards: Sequence[Guard]) -> list[Made]:
        name = f"{node.name.text}: otherwise"
        effects = self._given[id(otherwise)]
        if not all(guard.good for guard in guards):
            return []
        rule = program.Rule(
            name=name,
            condition=joined([part for guard in guards for part in guard.parts()], node),
            effects=effects,
            group=node.name.text,
            group_default=True,
            span=otherwise.span,
            text=as_written(node),
        )
        return [_made(rule, otherwise, guards)]


def _made(rule: program.Rule, node: syntax.Rule | syntax.Otherwise, guards: Sequence[Guard]) -> Made:
    whens = tuple(guard.when for guard in guards if guard.when is not None)
    exceptions = tuple(guard.unless for guard in guards if guard.unless is not None)
    return Made(rule=rule, node=node, whens=whens, exceptions=exceptions)


def when_parts(when: Condition | None) -> tuple[Condition, ...]:
    """Return the parts of a `when` that must all be true."""
    if when is None:
        return ()
    return when.parts if isinstance(when, program.And) else (when,)


def unless_parts(unless: Condition | None) -> tuple[Condition, ...]:
    """Return an `unless` as what must be true."""
    if unless is None:
        return ()
    return (program.Not(part=unless, span=unless.span, text=f"not ({unless.text})"),)


def joined(parts: Sequence[Condition], node: syntax.Node) -> Condition:
    """Return the condition that all parts are true."""
    if not parts:
        return program.Fixed(holds=True, span=node.span, text="always")
    if len(parts) == 1:
        return parts[0]
    return program.And(parts=tuple(parts), span=node.span, text=" and ".join(part.text for part in parts))


def as_written(node: syntax.Rule | syntax.Group) -> str:
    """Return the condition of a rule or group as it was written."""
    when = f"when {node.when}" if node.when else "always"
    return f"{when} unless {node.unless}" if node.unless else when
