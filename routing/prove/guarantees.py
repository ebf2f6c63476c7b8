"""Guarantees proved, or refuted by a made-up study, over every way onto a list.

Each claim is turned into the ways in which it could break; a way is a question to the prover. What the question finds
is decided before it is reported: the guard of the guarantee must have been needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing import program
from routing.diagnostics import Related
from routing.prove.claims import Way, ways
from routing.prove.clocks import MONDAY
from routing.prove.facets import bits_of
from routing.prove.formulas import Formula, negation, some
from routing.prove.proof import Proof, proof, undecided
from routing.prove.prover import Answer, Prover
from routing.prove.search import Model
from routing.prove.study import Study, at_other_times

_MOST_DAYS: Final = 12
_MOST_MODELS: Final = 4
_HELP: Final = "move the rule that keeps it up, add an `unless`, or narrow the guarantee"


def broken(provers: list[Prover], guarantee: program.Guarantee) -> Proof | None:
    """Return the refutation of a guarantee, a note where it was not settled, or None where it is proved."""
    doubt: str | None = None
    calendars = provers[0].compiled.program.calendars.values()
    days = sorted({day for one in calendars for day in one.dates if day.year >= MONDAY.year})[:_MOST_DAYS]
    for prover in provers:
        for way in ways(prover, guarantee):
            answer = _ask(prover, way)
            if answer.is_open:
                doubt = doubt or way.says
            if answer.model is None:
                continue
            for model in _models(prover, guarantee, way, answer.model):
                study = prover.study(model)
                for one in (study, *at_other_times(study, prover.compiled, days)) if study is not None else ():
                    if _shows(prover, guarantee, way, one):
                        return _refuted(guarantee, way, one)
            doubt = doubt or way.says
    if doubt is None:
        return None
    return undecided(guarantee.span, f"whether `{guarantee.name}` holds: {doubt}")


def _ask(prover: Prover, way: Way) -> Answer:
    return prover.outside(way.formulas, way.others, way.among)


def _models(prover: Prover, guarantee: program.Guarantee, way: Way, first: Model) -> Iterator[Model]:
    """Yield a model, and others while it does not show the way: outside other guarantees, then with fewer rules true.

    Another guarantee may send the study elsewhere, and other rules may give more: neither keeps this guarantee up.
    """
    yield first
    whens = [one.when for one in prover.compiled.program.guarantees if one is not guarantee and one.when is not None]
    apart = [negation(prover.space.meaning(when, prover.compiled).true) for when in whens]
    model: Model | None = first
    for more in (apart, []) if apart else ([],):
        blocked: list[Formula] = []
        model = first if not more else prover.outside([*way.formulas, *more], way.others, way.among).model
        for _ in range(_MOST_MODELS):
            if model is None:
                break
            if model is not first:
                yield model
            true = bits_of(prover.firing.bits(model))
            blocked.append(some(negation(prover.fires[place]) for place in true))
            model = prover.outside([*way.formulas, *more, *blocked], way.others, way.among).model


def _shows(prover: Prover, guarantee: program.Guarantee, way: Way, study: Study) -> bool:
    """Say whether deciding the study needs the guard; a watch acts later, so that for one its condition must hold."""
    if way.later:
        return True
    decision = study.decide(prover.compiled, prover.kind)
    return any(one.kind == "guarantee" and one.source == guarantee.name for one in decision.problems)


def _refuted(guarantee: program.Guarantee, way: Way, study: Study) -> Proof:
    message = f"`{guarantee.name}` does not hold: {way.says}"
    related = [Related(span=way.span, message="this breaks it")] if way.span else []
    return proof("guarantee-refuted", guarantee.span, message, _HELP, related, study)


def all_broken(provers: list[Prover]) -> Iterator[Proof]:
    """Yield what is to be said about the guarantees of a rulebook."""
    for guarantee in provers[0].compiled.program.guarantees:
        found = broken(provers, guarantee)
        if found is not None:
            yield found
