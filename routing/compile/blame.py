"""Blame: which unknown attributes made a condition unknown, as the rule names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from routing.program import AttributeRef, Cell, Condition, InSample, Operand

if TYPE_CHECKING:
    from routing.compile import Compiled
    from routing.compile.subject import Subject

_BLAMED: Final = ("blamed",)  # no attribute has such a name


def blame(condition: Condition, compiled: Compiled, subject: Subject) -> tuple[str, ...]:
    """Return the names of the unknown attributes behind an unknown condition, in the order they are written in.

    There are none where the condition is known.
    """
    condition = compiled.conditions.shared(condition)
    if compiled.conditions.test(condition)(subject) is not None:
        return ()
    return within(condition, compiled, subject)


def within(condition: Condition, compiled: Compiled, subject: Subject) -> tuple[str, ...]:
    """Return the unknown attributes behind a condition of which it is known already that it is unknown."""
    unknown = compiled.conditions.all_unknown(condition)
    if unknown is not None and unknown[1].isdisjoint(subject.known):
        return unknown[0]
    inner = compiled.conditions.inner(condition)
    if not inner:
        plain = compiled.conditions.plain(condition)
        return plain or tuple(dict.fromkeys(_unknowns(condition, compiled, subject)))
    blamed: dict[int, tuple[str, ...]] = subject.memo.setdefault(_BLAMED, {})
    found: list[tuple[str, ...]] = []
    for part in inner:
        names = blamed.get(id(part))
        if names is None:
            blamed[id(part)] = ()  # the cost stays linear, however often a define is named
            names = blamed[id(part)] = blame(part, compiled, subject)
        if names:
            found.append(names)
    if len(found) == 1:
        return found[0]
    return tuple(dict.fromkeys([name for names in found for name in names]))


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
        yield from keys or (cell_name(operand),)


def cell_name(cell: Cell) -> str:
    """Return how a cell is named that is empty, or in no row."""
    return f"{cell.table}[…].{cell.column}"
