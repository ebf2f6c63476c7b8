"""What is told on request: rules that take studies from more specific ones, and what no rule catches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, overload

from attrs import frozen

from routing.diagnostics import Related
from routing.prove.formulas import FALSE, Formula, Literal, conjuncts, every, literals_of, negation
from routing.prove.proof import Proof, proof, undecided
from routing.prove.prover import Prover
from routing.prove.study import Study
from routing.prove.words import region, said

_MOST_SHAPES: Final = 12
_MOST_PAIRS: Final = 200


@frozen(kw_only=True)
class Shape:
    """One shape of studies that no rule routes, in words, with one of them."""

    words: str
    study: Study | None


def conflicts(prover: Prover, never: frozenset[int]) -> list[Proof]:
    """Return pairs where an earlier rule takes studies from a later, more specific one with another list.

    The most surprising come first: the more specific the later rule, and the less the earlier one.
    """
    found: list[tuple[int, int, Proof]] = []
    weights = {place: sum(1 for _ in literals_of(prover.takes[place])) for place in prover.routing}
    routing = [place for place in prover.routing if place not in never]
    masks = {place: _masks(prover, prover.takes[place]) for place in routing}
    pairs = [
        (one, other)
        for number, other in enumerate(routing)
        for one in routing[:number]
        if weights[one] < weights[other]
        and not prover.rules[one].rule.group_default
        and all(mask & masks[other].get(facet, mask) for facet, mask in masks[one].items())
        and _lists_differ(prover, one, other)
    ]
    pairs.sort(key=lambda pair: (weights[pair[0]] - weights[pair[1]], pair))
    for one, other in pairs:
        if len(found) >= _MOST_PAIRS:
            what = f"which more rules take studies from others: these are the {_MOST_PAIRS} most surprising ones"
            found.append((0, len(prover.rules), undecided(prover.rules[other].rule.span, what)))
            break
        answer = prover.outside([prover.takes[one], prover.takes[other]], (1 << one) - 1)
        first, second = prover.rules[one].rule, prover.rules[other].rule
        if answer.is_open:
            found.append((0, other, undecided(second.span, f"whether `{first.name}` takes studies from it")))
        if answer.model is not None:
            message = f"`{first.name}` takes studies from `{second.name}`, which is more specific and routes elsewhere"
            related = [Related(span=first.span, message="this rule comes first")]
            help_ = "if that is not meant, put the more specific rule first"
            study = prover.study(answer.model)
            entry = proof("conflict", second.span, message, help_, related, study)
            found.append((weights[one] - weights[other], other, entry))
    return [entry for _, _, entry in sorted(found, key=lambda each: each[:2])]


def _masks(prover: Prover, formula: Formula) -> dict[int, int]:
    """Return the classes of plain facets that a formula plainly needs."""
    found: dict[int, int] = {}
    for part in conjuncts(formula):
        if isinstance(part, Literal) and part.some and not prover.space.facets[part.facet].many:
            found[part.facet] = found.get(part.facet, part.mask) & part.mask
    return found


def _lists_differ(prover: Prover, one: int, other: int) -> bool:
    lists = []
    for place in (one, other):
        route = prover.routes[place]
        lists.append(getattr(route[0], "to", None) if route else None)
    return lists[0] != lists[1]


@frozen(kw_only=True)
class Shapes(Sequence[Shape]):
    """Shapes that were found; with `more`, why they are not all."""

    found: tuple[Shape, ...]
    more: str = ""

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, place: int) -> Shape: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Shape]: ...
    def __getitem__(self, place: int | slice) -> Shape | Sequence[Shape]:
        return self.found[place]


def rest(prover: Prover, *, every_one: bool = False) -> Shapes:
    """Return the shapes of what no rule routes, until they cover it all; else, where there are many, only some."""
    done: list[Formula] = []
    facets = sorted({one.facet for formula in prover.takes for one in literals_of(formula)})
    taking = [formula for formula in prover.takes if formula != FALSE]

    def stays(parts: list[Formula]) -> bool:
        return all(prover.find([*parts, formula]).covering is not None for formula in taking)

    shapes: list[Shape] = []
    while (answer := prover.falls(done)).model is not None:
        if len(shapes) >= _MOST_SHAPES and not every_one:
            return Shapes(found=tuple(shapes), more="and there are more shapes than these")
        found = region(prover.space, answer.model, facets, lambda parts: stays(list(parts)))
        shapes.append(Shape(words=said(found), study=prover.study(answer.model)))
        done.append(negation(every(formula for formula, _ in found.values())))
    open_ = "undecided: whether there are more shapes than these" if answer.is_open else ""
    return Shapes(found=tuple(shapes), more=open_)
