"""Conditions that say less than they seem to: never true, never false, or the same as another's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from routing import program
from routing.diagnostics import Related
from routing.program import Condition
from routing.prove.facets import bits_of
from routing.prove.formulas import FALSE, TRUE, Formula, negation
from routing.prove.proof import Proof, proof, undecided
from routing.prove.prover import Prover


def dead(prover: Prover) -> frozenset[int]:
    """Return the rules whose condition is never true."""
    return frozenset(place for place, formula in enumerate(prover.fires) if _impossible(prover, formula))


def _impossible(prover: Prover, formula: Formula) -> bool:
    if formula == FALSE:
        return True
    return formula != TRUE and prover.find([formula]).covering is not None


def always_false(prover: Prover, never: frozenset[int]) -> Iterator[Proof]:
    """Yield the conditions, and the alternatives in them, that no study makes true."""
    told: set[int] = set()
    for place, one in enumerate(prover.rules):
        rule = one.rule
        parts = [rule.condition] if place in never else [*_alternatives(rule.condition, told)]
        for part in parts:
            if place in never or _impossible(prover, prover.space.meaning(part, prover.compiled).true):
                shown = f"`{part.text or rule.text}` is never true"
                message = f"{shown}: the rule `{rule.name}` never fires" if place in never else shown
                related = [Related(span=rule.span, message=f"in the rule `{rule.name}`")] if place not in never else []
                span = rule.span if place in never else part.span
                yield proof("always-false", span, message, "no study is like that: mend it, or take it out", related)


def _alternatives(condition: Condition, told: set[int]) -> Iterator[Condition]:
    """Yield the members of every `or`; those of a define once."""
    if isinstance(condition, program.Defined):
        if id(condition.condition) in told:
            return
        told.add(id(condition.condition))
        yield from _alternatives(condition.condition, told)
    elif isinstance(condition, program.Or):
        for part in condition.parts:
            yield part
            yield from _alternatives(part, told)
    elif isinstance(condition, program.And):
        for part in condition.parts:
            yield from _alternatives(part, told)
    elif isinstance(condition, program.Not | program.Possibly | program.Certainly):
        yield from _alternatives(condition.part, told)


def always_true(prover: Prover) -> Iterator[Proof]:
    """Yield the rules whose condition every study makes true, though they do not say `always`."""
    for place, one in enumerate(prover.rules):
        rule, formula = one.rule, prover.fires[place]
        if isinstance(rule.condition, program.Fixed) or rule.group_default:
            continue
        if formula == TRUE or (formula != FALSE and prover.find([negation(formula)]).covering is not None):
            message = f"the condition of `{rule.name}` is true for every study"
            yield proof("always-true", rule.span, message, "write `always`, or mend the condition")


def same_as(prover: Prover, never: frozenset[int]) -> Iterator[Proof]:
    """Yield pairs of rules with the same condition, where both or neither name a list: they could be one rule."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, signature in _signatures(prover, never):
        groups.setdefault((signature, place in prover.routing), []).append(place)
    for places in groups.values():
        told: set[int] = set()
        for one, other in combinations(places[:40], 2):
            if other not in told and _same(prover, one, other):
                told.add(other)
                first, second = prover.rules[one].rule, prover.rules[other].rule
                message = f"the rule `{second.name}` has the same condition as `{first.name}`"
                related = [Related(span=first.span, message="the other rule")]
                yield proof("same-as", second.span, message, "make them one rule, or tell them apart", related)


def _signatures(prover: Prover, never: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield for each rule in which of the models of all rules it is true: rules that are alike are true in the same."""
    found: dict[int, int] = dict.fromkeys(range(len(prover.rules)), 0)
    for number, formula in enumerate(prover.fires):
        answer = prover.find([formula]) if number not in never else None
        if answer is not None and answer.model is not None:
            for place in bits_of(prover.firing.bits(answer.model)):
                found[place] |= 1 << number
    for place, rule in enumerate(prover.rules):
        if place not in never and not isinstance(rule.rule.condition, program.Fixed) and not rule.rule.group_default:
            yield place, found[place]


def _same(prover: Prover, one: int, other: int) -> bool:
    first, second = prover.fires[one], prover.fires[other]
    if first == second:
        return True
    return all(
        prover.find([mine, negation(theirs)]).covering is not None
        for mine, theirs in ((first, second), (second, first))
    )


def not_settled(prover: Prover) -> Iterator[Proof]:
    """Yield the rules of which not even this was settled."""
    for place, one in enumerate(prover.rules):
        if prover.find([prover.fires[place]]).is_open:
            yield undecided(one.rule.span, f"whether the rule `{one.rule.name}` can fire")
