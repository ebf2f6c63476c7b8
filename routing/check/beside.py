"""What stands beside rules: guarantees, watches and views."""

from __future__ import annotations

from datetime import time

from routing import program, syntax
from routing.attributes import Type
from routing.check.desk import Desk, Setting
from routing.check.effects import Effects, Place
from routing.check.names import Space
from routing.check.rules import Guard, joined
from routing.program import Condition

_SORTED_BY_NAMES = ("priority", "due")


class Beside:
    """Makes guarantees, watches and views; what has a finding is left out."""

    def __init__(self, desk: Desk, effects: Effects) -> None:
        self.desk, self.effects, self.conditions = desk, effects, effects.conditions

    def guarantee(self, node: syntax.Guarantee, guards: list[Guard]) -> program.Guarantee | None:
        """Return a guarantee; in an included file it is about what the file is included for."""
        claim = self._claim(node.promise)
        when, good = self.conditions.optional(node.when, Setting(name=node.name.text))
        if claim is None or not good:
            return None
        when = _narrowed(when, guards, node)
        return program.Guarantee(
            name=node.name.text, claims=(claim,), when=when, span=node.name.span, text=str(node.promise)
        )

    def _claim(self, node: syntax.Promise) -> program.Claim | None:  # noqa: PLR0911 - one line for each kind
        match node:
            case syntax.NeverRoute():
                names = [self.effects.worklist(name) for name in node.worklists]
                good = tuple(name for name in names if name is not None)
                return program.NeverRoute(worklists=good) if len(good) == len(names) else None
            case syntax.AlwaysRoute():
                return self._always_route(node)
            case syntax.PriorityAtLeast():
                good_name = self.desk.names.use(Space.PRIORITY, node.priority)
                return program.PriorityAtLeast(level=node.priority.text) if good_name else None
            case syntax.ReadByAtLeast():
                if node.count.value != int(node.count.value) or node.count.value < 1:
                    self.desk.findings.add(
                        "impossible-range", node.count.span, f"`{node.count}` is no number of readers"
                    )
                    return None
                return program.ReadsAtLeast(count=int(node.count.value))
            case syntax.NeverClose():
                return program.NeverClose()
            case syntax.NeverHold():
                return program.NeverHold()
            case _:
                return self._always_due(node)

    def _always_route(self, node: syntax.AlwaysRoute) -> program.Claim | None:
        names = [self.effects.worklist(name) for name in node.worklists]
        if len(names) > 1:
            message = "an item is routed to one list: `always route to` names one"
            self.desk.findings.add("syntax", node.worklists[1].span, message, "write a guarantee for each")
            return None
        return program.AlwaysRoute(worklist=names[0]) if names[0] is not None else None

    def _always_due(self, node: syntax.Due) -> program.Claim | None:
        if not isinstance(node, syntax.DueWithin) or node.counting or node.start:
            message = f"`{node}` cannot be promised for every procedure"
            self.desk.findings.add(
                "syntax", node.span, message, "promise a length of time from the clock: `due within 28 days`"
            )
            return None
        within = self.effects.length(node.within, Setting(name="guarantee"))
        return program.AlwaysDue(within=within, preliminary=node.preliminary) if within is not None else None

    def watch(self, node: syntax.Watch, guards: list[Guard]) -> program.Watch | None:
        """Return a watch."""
        setting = Setting(name=node.name.text, living=True)
        at, good = self._at(node.at)
        when, when_good = self.conditions.optional(node.when, setting)
        until, until_good = self.conditions.optional(node.until, setting)
        list_good = node.worklist is None or self.effects.worklist(node.worklist) is not None
        effects = self.effects.build(node.effects, Place.WATCH, setting)
        if not (good and when_good and until_good and list_good):
            return None
        return program.Watch(
            name=node.name.text,
            effects=effects,
            at=at,
            on_working_days=node.working_days,
            each_item=node.each_item,
            worklist=node.worklist.text if node.worklist else None,
            # what counts whole lists is about no procedure: what its file is included for says nothing of it
            when=_narrowed(when, guards if node.each_item else [], node),
            until=until,
            span=node.name.span,
        )

    def _at(self, node: syntax.TimeOfDay | None) -> tuple[time | None, bool]:
        if node is None:
            return None, True
        if node.minutes >= 24 * 60:
            message = f"no day has a time `{node}`"
            self.desk.findings.add("impossible-range", node.span, message, "midnight is 00:00 of the next day")
            return None, False
        return time(node.minutes // 60, node.minutes % 60), True

    def view(self, node: syntax.View) -> program.View | None:
        """Return a view."""
        when, good = self.conditions.optional(node.when, Setting(name=node.name.text, living=True))
        names = [self.effects.worklist(name) for name in node.worklists]
        shown = tuple(name for name in names if name is not None)
        keys = tuple(program.SortKey(name=name.text) for name in node.sorted_by if self._sorts(name))
        readers = self.readers(node.readers)
        if not good or len(shown) != len(names) or len(keys) != len(node.sorted_by):
            return None
        return program.View(
            name=node.name.text, readers=readers, worklists=shown, when=when, sorted_by=keys, span=node.name.span
        )

    def _sorts(self, name: syntax.Name) -> bool:
        if name.text in _SORTED_BY_NAMES:
            return True
        known = self.desk.known.get(name.text)
        if known is None:
            self.desk.names.unknown(Space.CONDITION, name, (*_SORTED_BY_NAMES, *self.desk.known))
            return False
        self.desk.names.note_use(Space.CONDITION, name.text)
        if known.identity or known.type in {Type.CODES, Type.TEXT}:
            message = f"a list cannot be sorted by `{name}`"
            self.desk.findings.add(
                "type-mismatch", name.span, message, "sort by `priority`, `due`, `waiting` or one value"
            )
            return False
        return True

    def readers(self, node: syntax.Readers | None) -> program.Readers:
        """Return who reads; nobody said is everyone, which is the caller's to point out."""
        if not isinstance(node, syntax.ReadersWith):
            return program.Readers()
        good = tuple(skill.text for skill in node.skills if self.desk.names.use(Space.SKILL, skill))
        return program.Readers(skills=good, combine="or" if node.any_of else "and")


def _narrowed(when: Condition | None, guards: list[Guard], node: syntax.Node) -> Condition | None:
    parts = [part for guard in guards if guard.good for part in guard.parts()]
    if when is not None:
        parts.append(when)
    return joined(parts, node) if parts else None
