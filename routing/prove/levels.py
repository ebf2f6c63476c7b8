"""Priorities as they come out, level by level, where rules that raise them stand beside rules that give them.

A priority is at least as urgent as a level where one is given that is, or where one is given that falls short by one
and something raises it. That names every rule that gives or raises one, so it is asked only where effect by effect is
not enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from routing.compile.effects import Kind
from routing.prove.formulas import FALSE, TRUE, Formula, every, negation, some
from routing.prove.gifts import Gift
from routing.prove.sides import Side


def urgent(side: Side, rank: int) -> Formula:
    """Return when what a book decides is at least as urgent as a place among the priorities (0 is the most urgent)."""
    given = _given(side)
    raised = some(one.when for one in side.gifts.get(Kind.RAISE, ()) if not one.rest)
    promised = (one.when for one in side.gifts.get(Kind.PRIORITY, ()) if one.promised and _rank(one, side) <= rank)
    return some((_at_least(side, given, rank), every((raised, _at_least(side, given, rank + 1))), *promised))


def _at_least(side: Side, given: list[Gift], rank: int) -> Formula:
    """Return when a priority is given, or left, that is at least so urgent before anything raises it."""
    priorities = side.prover.compiled.program.priorities
    rest = next((one for one in side.gifts.get(Kind.PRIORITY, ()) if one.rest), None)
    left = _rank(rest, side) if rest is not None else len(priorities) - 1
    none = every(negation(one.when) for one in given) if left <= rank else FALSE
    return TRUE if rank >= len(priorities) - 1 else some((*(one.when for one in _within(side, given, rank)), none))


def _within(side: Side, given: list[Gift], rank: int) -> Iterator[Gift]:
    return (one for one in given if _rank(one, side) <= rank)


def _given(side: Side) -> list[Gift]:
    return [one for one in side.gifts.get(Kind.PRIORITY, ()) if not one.rest and not one.promised]


def _rank(gift: Gift, side: Side) -> int:
    priorities = side.prover.compiled.program.priorities
    level = getattr(gift.effect, "level", None)
    return priorities.index(level) if level in priorities else len(priorities) - 1
