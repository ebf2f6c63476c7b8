"""Whether two conditions plainly exclude each other; what takes a proof is left to the proofs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routing import program
from routing.program import Condition


def exclude_each_other(one: Condition, other: Condition) -> bool:
    """Say whether single parts show that both cannot be true: other codes of one attribute, a thing and its `not`."""
    facts, others = dict(_facts(one)), dict(_facts(other))
    return any(subject in others and not values & others[subject] for subject, values in facts.items())


def _facts(condition: Condition) -> Iterator[tuple[Any, frozenset[Any]]]:
    """Yield what must hold: a subject, and the values that it may have."""
    match condition:
        case program.And():
            for part in condition.parts:
                yield from _facts(part)
        case program.Defined():
            yield ("define", condition.name), frozenset({True})
            yield from _facts(condition.condition)
        case program.Not(part=program.Defined() as part):
            yield ("define", part.name), frozenset({False})
        case program.Not(part=part):
            yield part, frozenset({False})
        case program.Is(negated=False) if all(isinstance(value, program.Constant) for value in condition.values):
            yield (
                condition.left,
                frozenset(value.value for value in condition.values if isinstance(value, program.Constant)),
            )
        case program.Certainly():
            yield from _facts(condition.part)
        case program.Or() | program.Possibly():
            return
        case _:
            yield condition, frozenset({True})
