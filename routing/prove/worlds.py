"""What effects lean on beside their own words: tables, hours, working days, priorities; whether two books share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from routing import program
from routing.compile import Compiled
from routing.program import Cell, Effect
from routing.program.walk import walk


@frozen
class World:
    """What effects lean on, and whether it is the same in both books."""

    tables: frozenset[str]  # that differ
    times: frozenset[str]
    days: bool  # whether working days, zone and clock are the same
    priorities: bool

    def same(self, effect: Effect) -> bool:
        """Say whether an effect that is written alike in both books gives the same."""
        if isinstance(effect, program.PriorityIs | program.RaisePriority) and not self.priorities:
            return False
        if isinstance(effect, program.DueWithin | program.DueBy | program.DueByInstant) and not self.days:
            return False
        if isinstance(effect, program.DueWithin) and effect.counting in self.times:
            return False
        return not any(isinstance(one, Cell) and one.table in self.tables for one in walk(effect))


def compared(old: Compiled, new: Compiled) -> World:
    """Return what two rulebooks share of what effects lean on."""
    mine, theirs = old.program, new.program
    days = (mine.zones, mine.clock, mine.workdays) == (theirs.zones, theirs.clock, theirs.workdays)
    calendars = mine.calendars == theirs.calendars
    return World(
        tables=_unequal(mine.tables, theirs.tables),
        times=_unequal(mine.times, theirs.times) if calendars else frozenset((*mine.times, *theirs.times)),
        days=days and (calendars or not _leans_on_calendars(mine)),
        priorities=mine.priorities == theirs.priorities,
    )


def _leans_on_calendars(book: program.Program) -> bool:
    return any(one.days.calendars or one.days.excepted for one in book.workdays)


def _unequal(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in (*mine, *theirs) if mine.get(name) != theirs.get(name))
