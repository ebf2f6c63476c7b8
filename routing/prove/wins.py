"""Rules that never name the list: against the union of the rules before them."""

from __future__ import annotations

from collections.abc import Iterator

from routing.prove.proof import Proof, named, proof, seen, undecided
from routing.prove.prover import Prover


def never_wins(prover: Prover, never: frozenset[int]) -> Iterator[tuple[int, Proof]]:
    """Yield the routing rules that no study reaches as the winner, but for those that never fire at all."""
    for place in prover.routing:
        if place in never:
            continue
        rule = prover.rules[place].rule
        answer = prover.wins(place)
        if answer.is_open:
            yield place, undecided(rule.span, f"whether the rule `{rule.name}` can name the list")
        if answer.covering is None:
            continue
        taken = prover.find([prover.fires[place]])
        study = prover.study(taken.model) if taken.model is not None else None
        if not answer.covering:
            message = f"the rule `{rule.name}` never names the list: its `route to` never has a value"
            yield place, proof("never-wins", rule.span, message, study=study)
            continue
        by = named(prover, answer.covering)
        take = "takes" if len(answer.covering) == 1 else "together take"
        message = f"the rule `{rule.name}` never names the list: {by} {take} every study that it matches"
        related = seen(prover, answer.covering, "this rule comes first")
        help_ = "put it before them, narrow them, or take it out"
        yield place, proof("never-wins", rule.span, message, help_, related, study)
