"""Whether two conditions plainly exclude each other; what takes a proof is left to the proofs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from routing import program
from routing.program import Condition

Facts = Mapping[Any, frozenset[Any]]
"""What must hold for a condition to be true: for a subject, the values that it may have."""


def facts_of(condition: Condition) -> Facts:
    """Return what must hold for the condition to be true, as far as single parts show it."""
    return dict(_facts(condition, set()))


def exclude_each_other(one: Facts, other: Facts) -> bool:
    """Say whether both cannot be true: other codes of one attribute, a thing and its `not`."""
    return any(subject in other and not values & other[subject] for subject, values in one.items())


def _facts(condition: Condition, seen: set[str]) -> Iterator[tuple[Any, frozenset[Any]]]:
    """Yield what must hold: a subject, and the values that it may have; what a define says once."""
    match condition:
        case program.And():
            for part in condition.parts:
                yield from _facts(part, seen)
        case program.Defined():
            yield ("define", condition.name), frozenset({True})
            if condition.name not in seen:
                seen.add(condition.name)
                yield from _facts(condition.condition, seen)
        case program.Not(part=program.Defined() as part):
            yield ("define", part.name), frozenset({False})
        case program.Is(negated=False) if all(isinstance(value, program.Constant) for value in condition.values):
            constants = (value for value in condition.values if isinstance(value, program.Constant))
            yield condition.left, frozenset(value.value for value in constants)
        case program.Certainly():
            yield from _facts(condition.part, seen)
        case program.IsTrue():
            yield condition.operand, frozenset({True})
        case program.Not(part=program.IsTrue() as part):
            yield part.operand, frozenset({False})
        case _:
            return
