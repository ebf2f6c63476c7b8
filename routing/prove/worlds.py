"""What conditions and effects lean on beside their own words, and whether two books share it.

Tables, attributes, hours, working days, the clock and the priorities: what is written alike in both books means the
same only where all that it leans on is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from routing import program
from routing.attributes import Type
from routing.compile import Compiled
from routing.program import AttributeRef, Cell, Condition, Effect, Length, Unit
from routing.program.walk import walk

_MOMENTS: Final = (Type.DATE, Type.INSTANT)
_TIMED: Final = (program.DueWithin, program.DueBy, program.DueByInstant)


@frozen(slots=False)
class World:
    """What differs between two books of all that conditions and effects lean on."""

    names: frozenset[str]  # attributes and facts
    tables: frozenset[str]
    calendars: frozenset[str]
    times: frozenset[str]
    clock: bool  # whether zone and clock are the same
    workdays: bool  # whether working days are the same
    priorities: bool
    words: bool  # whether the same words negate
    moved: frozenset[str] = frozenset()  # attributes that are read from other fields or elements
    _known: dict[Condition | Effect, bool] = field(factory=dict, eq=False, repr=False)

    @cached_property
    def whole(self) -> bool:
        """Whether nothing differs that a condition could lean on."""
        differs = self.names or self.tables or self.calendars or self.times
        return self.clock and self.workdays and self.priorities and self.words and not differs

    def reads_same(self, condition: Condition) -> bool:
        """Say whether a condition that is written alike in both books means the same."""
        if self.whole:
            return True
        found = self._known.get(condition)
        if found is None:
            parts = condition.parts if isinstance(condition, program.And) else ()
            if parts:  # most rules share theirs with others
                found = all(map(self.reads_same, parts))
            else:
                found = self.words and all(map(self._shares, walk(condition)))
            self._known[condition] = found
        return found

    def same(self, effect: Effect) -> bool:
        """Say whether an effect that is written alike in both books gives the same."""
        if self.whole:
            return True
        found = self._known.get(effect)
        if found is None:
            found = self._known[effect] = self._same(effect)
        return found

    def _same(self, effect: Effect) -> bool:
        if isinstance(effect, program.PriorityIs | program.RaisePriority) and not self.priorities:
            return False
        if isinstance(effect, _TIMED) and not self.clock:
            return False
        if isinstance(effect, program.DueBy) and not (self.workdays and not self.calendars):
            return False
        if isinstance(effect, program.DueWithin) and effect.counting in self.times:
            return False
        return all(self._shares(one) for one in walk(effect))

    def _shares(self, part: Any) -> bool:  # noqa: PLR0911 - one for each kind
        """Say whether one part of a condition or effect leans on nothing that differs."""
        match part:
            case Cell(table=table) | program.Listed(table=table):
                return table not in self.tables
            case AttributeRef(name=name, type=kind):
                return name not in self.names and (self.clock or kind not in _MOMENTS)
            case program.During(times=times):
                return self.clock and times not in self.times
            case program.OnCalendar(calendar=calendar):
                return self.clock and calendar not in self.calendars
            case Length(unit=Unit.WORKING_DAYS):
                return self.clock and self.workdays
            case program.Within() | program.ClockRef():
                return self.clock
            case _:
                return True


def compared(old: Compiled, new: Compiled) -> World:
    """Return what two rulebooks share of what conditions and effects lean on."""
    mine, theirs = old.program, new.program
    tables, calendars = _unequal(mine.tables, theirs.tables), _unequal(mine.calendars, theirs.calendars)
    names = _names(mine, theirs, tables)
    differs = _Differs(names=names, tables=tables, calendars=calendars)
    times = _unequal(mine.times, theirs.times)
    return World(
        names=names,
        tables=tables,
        calendars=calendars,
        times=times | {name for name, one in mine.times.items() if differs.below(one.choices)},
        clock=(mine.zones, mine.clock) == (theirs.zones, theirs.clock) and not differs.below(mine.zones),
        workdays=mine.workdays == theirs.workdays and not differs.below(mine.workdays),
        priorities=mine.priorities == theirs.priorities,
        words=old.conditions.negating == new.conditions.negating,
        moved=frozenset(name for name in names if _paths(mine, name) != _paths(theirs, name)),
    )


@frozen(kw_only=True)
class _Differs:
    """Attributes, tables and calendars that differ, and whether something leans on one of them."""

    names: AbstractSet[str]
    tables: AbstractSet[str]
    calendars: AbstractSet[str] = frozenset()

    def below(self, what: Any) -> bool:
        """Say whether anything inside *what* names one."""
        return bool(self.names or self.tables or self.calendars) and any(map(self._is_one, walk(what)))

    def _is_one(self, part: Any) -> bool:
        match part:
            case Cell(table=table) | program.Listed(table=table):
                return table in self.tables
            case AttributeRef(name=name):
                return name in self.names
            case program.Days(calendars=on, excepted=off):
                return bool(self.calendars & {*on, *off})
            case program.OnCalendar(calendar=calendar):
                return calendar in self.calendars
            case _:
                return False


def _names(mine: program.Program, theirs: program.Program, tables: frozenset[str]) -> frozenset[str]:
    """Return the attributes that are read from elsewhere, or that lean on a table or attribute that differs."""
    found = set(_unequal(mine.known, theirs.known))
    before = -1
    while len(found) != before:
        before = len(found)
        differs = _Differs(names=found, tables=tables)
        found |= {name for name, one in mine.known.items() if one.sources and differs.below(one.sources)}
    return frozenset(found)


def _paths(book: program.Program, name: str) -> list[program.Path]:
    known = book.known.get(name)
    return [one for one in known.sources if isinstance(one, program.Path)] if known else []


def _unequal(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in (*mine, *theirs) if mine.get(name) != theirs.get(name))
