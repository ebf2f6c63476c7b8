"""Effects: what a rule gives, with every name resolved, and only where it may stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from enum import Enum
from typing import Any, Final

from routing import program, syntax
from routing.attributes import Type
from routing.check.conditions import Conditions
from routing.check.desk import Desk, Setting
from routing.check.kinds import IN_WORDS, MOMENTS
from routing.check.names import Space
from routing.check.repeats import find_repeats
from routing.check.tables import Kind
from routing.program import Operand


class Place(Enum):
    """Where effects stand; the value names the statement."""

    RULE = "a rule"
    OTHERWISE = "`otherwise`"
    GROUP_OTHERWISE = "the `otherwise` of a group"
    EXCEPTIONS = "`exceptions`"
    WATCH = "a watch"


_IN_WATCH: Final = (
    syntax.Notify,
    syntax.Escalate,
    syntax.MoveTo,
    syntax.RaisePriority,
    syntax.SetPriority,
    syntax.DueWithin,
    syntax.DueByTime,
    syntax.DueByInstant,
    syntax.AlsoRead,
    syntax.DecideAgain,
)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_READERS: Final = 9
_ALL: Final = 100  # percent


class Effects:
    """Makes effects; what has a finding is left out."""

    def __init__(self, desk: Desk, conditions: Conditions) -> None:
        self.desk = desk
        self.conditions = conditions
        self.operands = conditions.comparisons.operands
        self.length = conditions.comparisons.length
        self._makers: dict[type, Callable[[Any, Setting], program.Effect | None]] = {
            syntax.RouteTo: self._route,
            syntax.SetPriority: self._priority,
            syntax.RaisePriority: self._raise_priority,
            syntax.DueWithin: self._due_within,
            syntax.DueByTime: self._due_by_time,
            syntax.DueByInstant: self._due_by_instant,
            syntax.Tag: self._tag,
            syntax.AlsoRead: self._also,
            syntax.Audit: self._also,
            syntax.ReadBy: self._read_by,
            syntax.OnlyReaders: self._limit,
            syntax.ShowIdentity: self._limit,
            syntax.ExcludeReaders: self._exclude,
            syntax.Escalate: self._escalate,
            syntax.Hold: self._hold,
            syntax.OfferPrevious: self._offer,
            syntax.OfferLeastLoaded: self._offer,
            syntax.OfferNamed: self._offer,
            syntax.ReadTogether: self._read_together,
            syntax.Split: self._split,
            syntax.NoReport: self._no_report,
            syntax.MoveTo: self._move_to,
            syntax.DecideAgain: self._decide_again,
        }

    def build(self, nodes: tuple[syntax.Effect, ...], place: Place, setting: Setting) -> tuple[program.Effect, ...]:
        """Return the typed effects in their order."""
        find_repeats(nodes, self.desk.findings)
        made: list[program.Effect] = []
        for node in nodes:
            if self._may_stand(node, place):
                made += [effect for effect in self._one(node, setting) if effect is not None]
        return tuple(made)

    def _may_stand(self, node: syntax.Effect, place: Place) -> bool:
        """Say whether the effect may stand there; parsing has said already what only a watch may do."""
        if isinstance(node, syntax.NoReport) and place is not Place.RULE:
            message = f"{place.value} takes what is unknown: it cannot close"
            help_ = "put the closure into a rule that says what it is for"
            self.desk.findings.add("closure-on-unknown", node.span, message, help_)
            return False
        if place is Place.WATCH and not isinstance(node, _IN_WATCH):
            help_ = (
                "a watch may notify, escalate, move, raise priority, shorten the due, have it also read, decide again"
            )
            self.desk.findings.add("syntax", node.span, f"`{node}` cannot stand in a watch", help_)
            return False
        return True

    def _one(self, node: syntax.Effect, setting: Setting) -> list[program.Effect | None]:
        if isinstance(node, syntax.Notify):  # one notice for each channel
            channels = [each.text for each in node.channels if self.desk.names.use(Space.CHANNEL, each)]
            return [program.Notify(channel=channel, **_written(node)) for channel in channels]
        return [self._makers[type(node)](node, setting)]

    # --- where and when

    def _route(self, node: syntax.RouteTo, setting: Setting) -> program.Effect | None:
        if isinstance(node.worklist, syntax.Name):
            name = self.worklist(node.worklist)
            return program.RouteTo(to=name, **_written(node)) if name is not None else None
        cell = self._named_cell(node.worklist, setting, Space.WORKLIST)
        return None if cell is None else program.RouteTo(to=cell, **_written(node))

    def worklist(self, name: syntax.Name) -> str | None:
        """Return the name of a declared worklist, or None with a finding."""
        return name.text if self.desk.names.use(Space.WORKLIST, name) else None

    def _named_cell(self, node: syntax.Cell, setting: Setting, space: Space) -> program.Cell | None:
        """Return a cell that holds names of worklists or priorities, and note that all of its column must."""
        cell = self.operands.cell(node, setting, Kind(type=Type.CODE))
        if cell is not None:
            self.desk.tables.note_named(cell.table, cell.column, node.span, space is Space.WORKLIST)
        return cell

    def _priority(self, node: syntax.SetPriority, setting: Setting) -> program.Effect | None:
        level: str | Operand | None
        if isinstance(node.value, syntax.Cell):
            level = self._named_cell(node.value, setting, Space.PRIORITY)
        elif node.table is not None:
            level = self._translated(node.value, node.table, setting)
        elif self.desk.names.has(Space.PRIORITY, node.value.text):
            self.desk.names.note_use(Space.PRIORITY, node.value.text)
            level = node.value.text
        else:
            level = self._priority_attribute(node.value, setting)
        return None if level is None else program.PriorityIs(level=level, **_written(node))

    def _priority_attribute(self, name: syntax.Name, setting: Setting) -> Operand | None:
        if name.text not in self.desk.known:
            self._no_priority(name)
            return None
        operand = self.operands.attribute(name, setting)
        if operand is not None and operand.type is not Type.CODE:
            message = f"`{name}` is {IN_WORDS[operand.type]}, which says no priority"
            help_ = "name a priority, or an attribute that is one code"
            self.desk.findings.add("type-mismatch", name.span, message, help_)
            return None
        return operand

    def _raise_priority(self, node: syntax.RaisePriority, _: Setting) -> program.Effect:
        return program.RaisePriority(**_written(node))

    def _no_priority(self, name: syntax.Name) -> None:
        priorities = self.desk.names.all(Space.PRIORITY)
        codes = [known.name for known in self.desk.known.values() if known.type is Type.CODE and not known.identity]
        near = self.desk.findings.did_you_mean(name.text, (*priorities, *codes))
        self.desk.names.unknown(Space.PRIORITY, name, (*priorities, *codes) if near else priorities)

    def _translated(self, attribute: syntax.Name, table: syntax.Name, setting: Setting) -> program.Cell | None:
        """Return `priority ATTRIBUTE from TABLE` as a cell: the column `priority`, or the only one beside the key."""
        loaded = self.desk.tables.find(table)
        operand = self.operands.attribute(attribute, setting)
        if loaded is None or operand is None:
            return None
        others = [name for name in loaded.columns if name not in loaded.keys]
        column = "priority" if "priority" in others else others[0] if len(others) == 1 else None
        if column is None or len(loaded.keys) != 1:
            message = f"the table `{table}` does not say which column holds priorities"
            help_ = "give it one key column and a column `priority`"
            self.desk.findings.add("type-mismatch", table.span, message, help_)
            return None
        cell = syntax.Cell(
            table=table, keys=(attribute,), column=syntax.Name(text=column, span=table.span), span=table.span
        )
        return self._named_cell(cell, setting, Space.PRIORITY)

    def due(self, node: syntax.Due, setting: Setting) -> program.Effect | None:
        """Return a due, in whichever of its forms."""
        return self._makers[type(node)](node, setting)

    def _due_by_time(self, node: syntax.DueByTime, _: Setting) -> program.Effect | None:
        at = self._time(node.time)
        day = node.day.value if node.day else None
        number = _WEEKDAYS.index(day) if day in _WEEKDAYS else day
        return None if at is None else program.DueBy(at=at, day=number, preliminary=node.preliminary, **_written(node))

    def _due_by_instant(self, node: syntax.DueByInstant, setting: Setting) -> program.Effect | None:
        instant = self._moment(node.instant, setting)
        minus = self.length(node.minus, setting) if node.minus else None
        if instant is None or (node.minus and minus is None):
            return None
        return program.DueByInstant(instant=instant, minus=minus, preliminary=node.preliminary, **_written(node))

    def _due_within(self, node: syntax.DueWithin, setting: Setting) -> program.Effect | None:
        within = self.length(node.within, setting)
        counting = node.counting is None or self.desk.names.use(Space.TIMES, node.counting)
        start = self._moment(node.start, setting) if node.start else None
        if within is None or not counting or (node.start and start is None):
            return None
        times = node.counting.text if node.counting else None
        return program.DueWithin(
            within=within, counting=times, start=start, preliminary=node.preliminary, **_written(node)
        )

    def _time(self, node: syntax.TimeOfDay) -> time | None:
        if node.minutes >= 24 * 60:
            self.desk.findings.add(
                "impossible-range", node.span, f"no day has a time `{node}`", "midnight is 00:00 of the next day"
            )
            return None
        return time(node.minutes // 60, node.minutes % 60)

    def _moment(self, node: syntax.Start, setting: Setting) -> Operand | None:
        match node:
            case syntax.Date():
                return program.Constant(type=Type.DATE, value=node.value)
            case syntax.Instant():
                return program.Constant(type=Type.INSTANT, value=node.value)
            case syntax.Clock():
                return program.CLOCK
            case syntax.Cell():
                known = self.operands.column_kind(node)
                return self.operands.cell(
                    node, setting, known if known and known.type in MOMENTS else Kind(type=Type.INSTANT)
                )
            case syntax.Name():
                operand = self.operands.attribute(node, setting)
                if operand is not None and operand.type not in MOMENTS:
                    message = f"`{node}` is {IN_WORDS[operand.type]}, not a moment to reckon from"
                    self.desk.findings.add("type-mismatch", node.span, message)
                    return None
                return operand

    # --- readers

    def _also(self, node: syntax.AlsoRead | syntax.Audit, setting: Setting) -> program.Effect | None:
        within = self.length(node.within, setting) if node.within else None
        if isinstance(node.worklist, syntax.Cell):
            message = "a further read names its worklist itself, not by a table"
            self.desk.findings.add("type-mismatch", node.worklist.span, message, "write one rule for each worklist")
            return None
        name = self.worklist(node.worklist)
        if name is None or (node.within and within is None):
            return None
        return program.AlsoReadBy(worklist=name, within=within, audit=isinstance(node, syntax.Audit), **_written(node))

    def _read_by(self, node: syntax.ReadBy, _: Setting) -> program.Effect | None:
        count = node.count.value
        to = self.worklist(node.disagreement_to) if node.disagreement_to else None
        agreement = tuple((each.code.text, name) for each in node.agreements if (name := self.worklist(each.worklist)))
        if not 1 <= count <= _MOST_READERS or count != int(count):
            message = f"`{node.count}` is no number of readers"
            self.desk.findings.add(
                "impossible-range", node.count.span, message, f"it is a whole number from 1 to {_MOST_READERS}"
            )
            return None
        if count > 1 and node.disagreement_to is None:
            message = f"`{node}` does not say who decides when the readers differ"
            self.desk.findings.add("syntax", node.span, message, "add `, disagreement to WORKLIST`")
            return None
        return program.ReadBy(
            count=int(count), blind=node.blind, disagreement_to=to, agreement=agreement, **_written(node)
        )

    def _limit(self, node: syntax.OnlyReaders | syntax.ShowIdentity, _: Setting) -> program.Effect:
        good = tuple(skill.text for skill in node.skills if self.desk.names.use(Space.SKILL, skill))
        combine = "or" if node.any_of else "and"
        identity = isinstance(node, syntax.ShowIdentity)
        return program.OnlyReaders(skills=good, combine=combine, identity=identity, **_written(node))

    def _exclude(self, node: syntax.ExcludeReaders, setting: Setting) -> program.Effect:
        found = [self.operands.attribute(name, setting) for name in node.attributes]
        good = tuple(each for each in found if each is not None)
        return program.ExcludeReaders(attributes=good, **_written(node))

    def _tag(self, node: syntax.Tag, _: Setting) -> program.Effect:
        return program.Tag(tags=tuple(tag.text for tag in node.tags), **_written(node))

    def _no_report(self, node: syntax.NoReport, _: Setting) -> program.Effect:
        reason, policy, until = node.reason.text, node.policy.text, node.until.value
        return program.NoReport(reason=reason, policy=policy, until=until, **_written(node))

    # --- the list's own

    def _escalate(self, node: syntax.Escalate, setting: Setting) -> program.Effect | None:
        good = True
        if node.worklist is not None:
            good = self.desk.names.use(Space.WORKLIST, node.worklist)
        if node.channel is not None:
            good = self.desk.names.use(Space.CHANNEL, node.channel)
        after, percent = None, None
        if isinstance(node.after, syntax.Percent):
            percent = self._percent(node.after)
            good = good and percent is not None
        elif node.after is not None:
            after = self.length(node.after, setting)
            good = good and after is not None
        if not good:
            return None
        return program.EscalateTo(
            worklist=node.worklist.text if node.worklist else None,
            channel=node.channel.text if node.channel else None,
            after=after,
            after_percent=percent,
            overdue=node.overdue,
            until_claimed=node.until_claimed,
            **_written(node),
        )

    def _percent(self, node: syntax.Percent) -> int | None:
        value = node.amount.value
        if not 0 < value <= _ALL or value != int(value):
            message = f"`{node}` is no part of the time until the due"
            self.desk.findings.add("impossible-range", node.span, message, "it is a whole number from 1 to 100")
            return None
        return int(value)

    def _hold(self, node: syntax.Hold, setting: Setting) -> program.Effect | None:
        until = self.conditions.build(node.until, setting)
        if node.at_most is None:
            message = "the hold has no ceiling: an item could wait for ever"
            self.desk.findings.add(
                "hold-without-limit", node.span, message, f"write `hold at most 1 hour until {node.until}`"
            )
            return None
        at_most = self.length(node.at_most, setting)
        if until is None or at_most is None:
            return None
        return program.HoldUntil(at_most=at_most, until=until, **_written(node))

    def _offer(self, node: syntax.Offer, setting: Setting) -> program.Effect | None:
        lasts = self.length(node.lasting, setting)
        reader: str | program.AttributeRef | None = "least loaded reader"
        within, skill, good = None, None, lasts is not None
        if isinstance(node, syntax.OfferPrevious):
            reader, within = "previous reader", self.length(node.within, setting)
            good = good and within is not None
        elif isinstance(node, syntax.OfferNamed):
            reader = self.operands.attribute(node.attribute, setting)
            if reader is not None and reader.type is not Type.CODE:
                message = f"`{node.attribute}` is {IN_WORDS[reader.type]}, not one reader"
                self.desk.findings.add("type-mismatch", node.attribute.span, message)
                good = False
        elif node.skill is not None:
            good = self.desk.names.use(Space.SKILL, node.skill) and good
            skill = node.skill.text
        if lasts is None or reader is None or not good:
            return None
        return program.OfferTo(reader=reader, lasts=lasts, within=within, skill=skill, **_written(node))

    def _split(self, node: syntax.Split, setting: Setting) -> program.Effect | None:
        names = [self.worklist(name) for name in node.worklists]
        good = tuple(name for name in names if name is not None)
        after = self.length(node.after, setting)
        return None if after is None else program.SplitTo(worklists=good, after=after, **_written(node))

    def _read_together(self, node: syntax.ReadTogether, setting: Setting) -> program.Effect | None:
        found = [self.operands.attribute(name, setting) for name in node.attributes]
        within = self.length(node.within, setting)
        attributes = ("same patient", *(each.name for each in found if each is not None))
        return None if within is None else program.ReadTogether(attributes=attributes, within=within, **_written(node))

    def _move_to(self, node: syntax.MoveTo, _: Setting) -> program.Effect | None:
        name = self.worklist(node.worklist)
        return None if name is None else program.MoveTo(worklist=name, **_written(node))

    def _decide_again(self, node: syntax.DecideAgain, _: Setting) -> program.Effect | None:
        if node.without is not None and not self.desk.names.use(Space.RULE, node.without):
            return None
        return program.DecideAgain(without=node.without.text if node.without else None, **_written(node))


def _written(node: syntax.Node) -> dict[str, Any]:
    return {"span": node.span, "text": str(node)}
