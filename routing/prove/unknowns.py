"""Rules that lower care although something they ask for is unknown: closures, holds, divided lists and offers.

A rule is named where it fires on a study of which an attribute is unknown, and would not if that were known otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing import program
from routing.prove.facets import Facet
from routing.prove.formulas import Formula, exactly, literals_of
from routing.prove.overlaps import Shape
from routing.prove.prover import Answer, Prover
from routing.prove.search import Model

_LOWERS: Final = {
    program.NoReport: "closes",
    program.HoldUntil: "holds",
    program.SplitTo: "divides among other lists",
    program.OfferTo: "offers to one reader first",
}


def on_unknown(prover: Prover) -> Iterator[Shape]:
    """Yield each rule that lowers care in doubt, with the attribute in words and a study."""
    for place, one in enumerate(prover.rules):
        does = next((_LOWERS[type(effect)] for effect in one.rule.effects if type(effect) in _LOWERS), None)
        for facet in _asked(prover, place) if does else ():
            answer = _fires(prover, place, exactly(facet, facet.default))
            if answer.model is not None and _hangs_on(prover, place, facet, answer.model):
                words = f"the rule `{one.rule.name}` {does} a study of which `{facet.name}` is unknown"
                yield Shape(words=words, study=prover.study(answer.model))


def _asked(prover: Prover, place: int) -> list[Facet]:
    """Return the attributes that a rule asks for and that may be unknown."""
    places = sorted({literal.facet for literal in literals_of(prover.fires[place])})
    facets = [prover.space.facets[one] for one in places]
    return [facet for facet in facets if facet.real and len(facet.key) == 1 and facet.key != ("clock",)]


def _fires(prover: Prover, place: int, unknown: Formula) -> Answer:
    if prover.routes[place] is not None:
        return prover.wins(place, [unknown])
    return prover.find([prover.fires[place], unknown])


def _hangs_on(prover: Prover, place: int, facet: Facet, model: Model) -> bool:
    """Say whether the rule does not fire for some value of the attribute, all else being equal."""
    values = (1 << number for number in range(not facet.many, len(facet.classes)))
    return any(not prover.search.holds(prover.fires[place], {**model, facet.place: value}) for value in values)
