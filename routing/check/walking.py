"""Walks over checked conditions: what they ask for, and whether they can be unknown."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from routing import program
from routing.attributes import Type
from routing.program import Condition, Operand

ALWAYS_KNOWN: Final = frozenset({"arrival"})
_MOMENTS: Final = frozenset({Type.DATE, Type.INSTANT})


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that *condition* is joined from; a define's own is one."""
    match condition:
        case program.And() | program.Or():
            return condition.parts
        case program.Not() | program.Possibly() | program.Certainly():
            return (condition.part,)
        case program.Defined():
            return (condition.condition,)
        case _:
            return ()


def leaves_of(condition: Condition, seen: set[int] | None = None) -> Iterator[Condition]:
    """Yield the single comparisons; those of a define once, however often it is used."""
    seen = set() if seen is None else seen
    if isinstance(condition, program.Defined):
        if id(condition.condition) in seen:
            return
        seen.add(id(condition.condition))
    parts = parts_of(condition)
    if not parts:
        yield condition
    for part in parts:
        yield from leaves_of(part, seen)


def depth_of(condition: Condition, depths: Mapping[str, int]) -> int:
    """Return how deep the parts of a condition stand inside each other; *depths* are those of the defines."""
    if isinstance(condition, program.Defined):
        return 1 + depths.get(condition.name, 0)
    return 1 + max((depth_of(part, depths) for part in parts_of(condition)), default=0)


def own_operands(leaf: Condition) -> tuple[Operand, ...]:  # noqa: PLR0911 - one line for each kind
    """Return what one comparison compares, without what stands inside cells."""
    match leaf:
        case program.IsTrue() | program.IsKnown() | program.Listed():
            return (leaf.operand,)
        case program.Is() | program.Includes():
            return (leaf.left, *leaf.values)
        case program.Compares() | program.Precedes():
            return (leaf.left, leaf.right)
        case program.Within():
            return (leaf.left, leaf.length.amount, leaf.other)
        case program.Mentions() | program.Spelt() | program.Matches():
            return (leaf.left,)
        case program.During() | program.OnCalendar():
            return (leaf.of,)
        case _:
            return ()


def operands_of(condition: Condition) -> Iterator[Operand]:
    """Yield all operands of a condition, the keys of cells among them."""
    for leaf in leaves_of(condition):
        for operand in own_operands(leaf):
            yield from inside(operand)


def inside(operand: Operand) -> Iterator[Operand]:
    """Yield the operand and what it is made of."""
    yield operand
    if isinstance(operand, program.Cell):
        for key in operand.keys:
            yield from inside(key)
    elif isinstance(operand, program.Sum):
        yield from inside(operand.left)
        yield from inside(operand.right)


def asks_for_time(condition: Condition, *, ages: bool) -> bool:
    """Say whether the condition asks for the clock, hours or a calendar; with *ages*, for an age or instant too."""
    for leaf in leaves_of(condition):
        if isinstance(leaf, program.During | program.OnCalendar):
            return True
    for operand in operands_of(condition):
        if isinstance(operand, program.ClockRef):
            return True
        if ages and isinstance(operand, program.AttributeRef) and (operand.type in _MOMENTS or operand.name == "age"):
            return True
    return False


def unknown_leaves(
    condition: Condition,
    *,
    taken_as: bool | None = None,
    negated: bool = False,
    done: dict[Hashable, bool] | None = None,
) -> Iterator[Condition]:
    """Yield the comparisons that may be unknown and leave open what *condition* then is.

    What stands under `possibly` or `certainly` is answered. With *taken_as*, only where the answer is that one: with
    True, an unknown that `certainly` makes false is yielded too. *negated* says that a `not` stands around it. *done*
    remembers what was found of defines.
    """
    done = {} if done is None else done
    match condition:
        case program.Possibly() | program.Certainly():
            answer = isinstance(condition, program.Possibly) != negated
            if taken_as is not None and answer is not taken_as:
                yield from unknown_leaves(condition.part, taken_as=taken_as, negated=negated, done=done)
        case program.Not():
            yield from unknown_leaves(condition.part, taken_as=taken_as, negated=not negated, done=done)
        case program.Defined():
            # It is the use that must say what to do about the unknown, not the define.
            key = (id(condition.condition), negated)
            if key not in done:
                inner = unknown_leaves(condition.condition, taken_as=taken_as, negated=negated, done=done)
                done[key] = any(True for _ in inner)
            if done[key]:
                yield condition
        case _:
            parts = parts_of(condition)
            for part in parts:
                yield from unknown_leaves(part, taken_as=taken_as, negated=negated, done=done)
            if not parts and may_be_unknown(condition):
                yield condition


def may_be_unknown(leaf: Condition) -> bool:
    """Say whether a single comparison can be unknown for some procedure."""
    match leaf:
        case program.Fixed() | program.IsKnown() | program.InSample():
            return False
        case _:
            return any(_operand_may_be_unknown(operand) for operand in own_operands(leaf))


def _operand_may_be_unknown(operand: Operand) -> bool:
    match operand:
        case program.Constant() | program.ClockRef() | program.ListFigure():
            return False
        case program.AttributeRef():
            return operand.name not in ALWAYS_KNOWN
        case _:
            return True


def attributes_of(condition: Condition) -> tuple[str, ...]:
    """Return the names of the attributes and facts that a condition asks for."""
    names = (operand.name for operand in operands_of(condition) if isinstance(operand, program.AttributeRef))
    return tuple(dict.fromkeys(names))


def words_in_text(
    condition: Condition, *, negated: bool = False, seen: set[Hashable] | None = None
) -> Iterator[Condition]:
    """Yield the comparisons with words of free text that, when they are true, help to make *condition* true."""
    seen = set() if seen is None else seen
    match condition:
        case program.Not():
            yield from words_in_text(condition.part, negated=not negated, seen=seen)
        case program.Mentions() | program.Matches() | program.Spelt():
            if not negated and condition.left.type is Type.TEXT:
                yield condition
        case program.Defined() if (id(condition.condition), negated) in seen:
            return
        case _:
            if isinstance(condition, program.Defined):
                seen.add((id(condition.condition), negated))
            for part in parts_of(condition):
                yield from words_in_text(part, negated=negated, seen=seen)
