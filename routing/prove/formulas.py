"""Formulas over facets: two-valued, in negation normal form. What three-valued conditions become.

A literal says of one facet that its value is in a set of classes. The value of a plain facet is exactly one class; that
of a set facet any number of them, where none at all is unknown. Kleene's logic is told by two formulas for each
condition: when it is true, and when it is false; it is unknown where neither holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from attrs import frozen

from routing.prove.facets import Facet, bits_of


@frozen(slots=True)
class Literal:
    """Some class of `mask` is in the value of a facet; with `some` False, none is."""

    facet: int
    mask: int
    some: bool = True


@frozen(slots=True, cache_hash=True)
class All:
    """Every part holds; without parts, true."""

    parts: tuple[Formula, ...]


@frozen(slots=True, cache_hash=True)
class Some:
    """At least one part holds; without parts, false."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = Literal | All | Some
TRUE: Final = All(())
FALSE: Final = Some(())


@frozen(slots=True)
class Meaning:
    """What a condition means: when it is true, and when it is false."""

    true: Formula
    false: Formula

    def opposite(self) -> Meaning:
        """Return the meaning of `not`."""
        return Meaning(self.false, self.true)

    @property
    def unknown(self) -> Formula:
        """When it is neither true nor false."""
        return every((negation(self.true), negation(self.false)))


def every(parts: Iterable[Formula]) -> Formula:
    """Return the formula that all of *parts* hold, flattened, each once."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, Some) and not part.parts:
            return FALSE
        for one in part.parts if isinstance(part, All) else (part,):
            kept[one] = None
    return next(iter(kept)) if len(kept) == 1 else All(tuple(kept))


def some(parts: Iterable[Formula]) -> Formula:
    """Return the formula that any of *parts* holds, flattened, each once."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if isinstance(part, All) and not part.parts:
            return TRUE
        for one in part.parts if isinstance(part, Some) else (part,):
            kept[one] = None
    return next(iter(kept)) if len(kept) == 1 else Some(tuple(kept))


def negation(formula: Formula) -> Formula:
    """Return the opposite, with the negation at the literals."""
    if isinstance(formula, Literal):
        return Literal(formula.facet, formula.mask, not formula.some)
    parts = tuple(negation(part) for part in formula.parts)
    return some(parts) if isinstance(formula, All) else every(parts)


def exactly(facet: Facet, value: int) -> Formula:
    """Return that a facet has just this value."""
    if not facet.many or not value:
        return Literal(facet.place, value or facet.full, some=bool(value))
    has = (Literal(facet.place, 1 << bit) for bit in bits_of(value))
    return every((*has, Literal(facet.place, facet.full & ~value, some=False)))


def conjuncts(formula: Formula) -> tuple[Formula, ...]:
    """Return the parts that must all hold."""
    return formula.parts if isinstance(formula, All) else (formula,)


def literals_of(formula: Formula) -> Iterable[Literal]:
    """Yield every literal of a formula."""
    if isinstance(formula, Literal):
        yield formula
    else:
        for part in formula.parts:
            yield from literals_of(part)
