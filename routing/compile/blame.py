"""Blame: which unknown attributes made a condition unknown, as the rule names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from routing.program import (
    And,
    AttributeRef,
    Cell,
    Certainly,
    Condition,
    Defined,
    InSample,
    Not,
    Operand,
    Or,
    Possibly,
)

if TYPE_CHECKING:
    from routing.compile import Compiled
    from routing.compile.subject import Subject


def blame(condition: Condition, compiled: Compiled, subject: Subject) -> tuple[str, ...]:
    """Return the names of the unknown attributes behind an unknown condition, in the order they are written in."""
    condition = compiled.conditions.shared(condition)
    key = "blame", id(condition)
    found: tuple[str, ...] | None = subject.memo.get(key)
    if found is None:
        subject.memo[key] = ()  # the cost stays linear, however often a define is named
        found = subject.memo[key] = _blame(condition, compiled, subject)
    return found


def parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that a condition is made of; none for a comparison."""
    match condition:
        case And(parts=inner) | Or(parts=inner):
            return inner
        case Not(part=part) | Possibly(part=part) | Certainly(part=part) | Defined(condition=part):
            return (part,)
        case _:
            return ()


def _blame(condition: Condition, compiled: Compiled, subject: Subject) -> tuple[str, ...]:
    if compiled.conditions.test(condition)(subject) is not None:
        return ()
    inner = parts(condition)
    if not inner:
        return tuple(dict.fromkeys(_unknowns(condition, compiled, subject)))
    return tuple(dict.fromkeys([name for part in inner for name in blame(part, compiled, subject)]))


def _unknowns(condition: Condition, compiled: Compiled, subject: Subject) -> Iterator[str]:
    """Yield the unknown operands of a comparison; where all are known, the attributes that could not settle it."""
    if isinstance(condition, InSample):
        yield "accession"
        return
    outer = compiled.conditions.operands_of(condition)
    unknown = [name for each in outer for name in _names(each, compiled, subject)]
    yield from unknown or (each.name for each in outer if isinstance(each, AttributeRef))


def _names(operand: Operand, compiled: Compiled, subject: Subject) -> Iterator[str]:
    if compiled.operands.read(operand)(subject) is not None:
        return
    if isinstance(operand, AttributeRef):
        yield operand.name
    elif isinstance(operand, Cell):
        keys = [name for key in operand.keys for name in _names(key, compiled, subject)]
        yield from keys or (f"{operand.table}[…].{operand.column}",)
