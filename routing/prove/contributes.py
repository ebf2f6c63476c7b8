"""Effects that never contribute: whenever their rule fires, other rules give something as safe or safer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing import program
from routing.compile.effects import Kind
from routing.program import Effect
from routing.prove.amounts import is_plain
from routing.prove.proof import Proof, named, proof, seen, undecided
from routing.prove.prover import Prover

_KINDS: Final = {
    program.PriorityIs: Kind.PRIORITY,
    program.DueWithin: Kind.DUE,
    program.Tag: Kind.TAGS,
    program.Notify: Kind.NOTIFY,
    program.AlsoReadBy: Kind.ALSO,
    program.ReadBy: Kind.READS,
}


def never_contributes(prover: Prover, never: frozenset[int]) -> Iterator[Proof]:
    """Yield the effects that change no decision, whatever the study."""
    giving = _Giving(prover)
    for place, one in enumerate(prover.rules):
        if place in never:
            continue
        for effect in one.rule.effects:
            others = giving.others(place, effect)
            if not others:
                continue
            answer = prover.outside([prover.fires[place]], others, prover.firing)
            if answer.is_open:
                yield undecided(effect.span, f"whether `{effect.text}` can count in the rule `{one.rule.name}`")
            if answer.covering is not None:
                yield _proof(prover, place, effect, answer.covering)


def _proof(prover: Prover, place: int, effect: Effect, covering: tuple[int, ...]) -> Proof:
    rule = prover.rules[place].rule
    give = "gives" if len(covering) == 1 else "give"
    message = f"`{effect.text}` of `{rule.name}` never counts: {named(prover, covering)} {give} as much or more"
    model = prover.find([prover.fires[place]]).model
    study = prover.study(model) if model is not None else None
    related = seen(prover, covering, "this rule gives as much or more whenever it would")
    return proof("never-contributes", effect.span, message, "take it out, or make it safer", related, study)


class _Giving:
    """Which rules give what, so that the rivals of an effect are found without looking at every rule."""

    def __init__(self, prover: Prover) -> None:
        self._by_effect: dict[Effect, int] = {}
        self._groups: dict[tuple[str, Kind], int] = {}
        self._prover = prover
        for place, one in enumerate(prover.rules):
            for effect in one.rule.effects:
                kind = _KINDS.get(type(effect))
                if one.rule.group and not one.rule.group_default and kind:
                    key = (one.rule.group, kind)
                    self._groups[key] = self._groups.get(key, 0) | 1 << place
                if not one.rule.group_default:
                    self._by_effect[effect] = self._by_effect.get(effect, 0) | 1 << place

    def others(self, place: int, effect: Effect) -> int:
        """Return the rules that give something safer, or the same and stand earlier; none where that cannot be told."""
        rule = self._prover.rules[place].rule
        earlier = (1 << place) - 1
        kind = _KINDS.get(type(effect))
        found = 0
        for other, rules in self._by_effect.items():
            if type(other) is type(effect) and (sort := self._beats(other, effect)):
                found |= rules if sort == "safer" else rules & earlier
        if rule.group and rule.group_default and kind:
            found |= self._groups.get((rule.group, kind), 0)
        return found & ~(1 << place)

    def _beats(self, other: Effect, effect: Effect) -> str:  # noqa: PLR0911 - one line for each kind
        """Return "safer", "same" or nothing."""
        if other == effect:
            return "same" if isinstance(effect, tuple(_KINDS)) and _is_fixed(effect) else ""
        match other, effect:
            case program.PriorityIs(level=str(mine)), program.PriorityIs(level=str(theirs)):
                ranks = self._prover.compiled.program.priorities
                return "safer" if ranks.index(mine) < ranks.index(theirs) else ""
            case program.DueWithin(), program.DueWithin():
                if not (is_plain(other) and is_plain(effect) and other.preliminary == effect.preliminary):
                    return ""
                return "safer" if self._prover.amounts.surely_within(other.within, effect.within) else ""
            case program.Tag(tags=mine), program.Tag(tags=theirs):
                return "same" if set(mine) >= set(theirs) else ""
            case program.ReadBy(), program.ReadBy():
                more = other.count > effect.count and other.blind >= effect.blind and not effect.agreement
                return "safer" if more and other.disagreement_to else ""
            case _:
                return ""


def _is_fixed(effect: Effect) -> bool:
    """Say whether an effect gives the same for every study, and is always given."""
    if isinstance(effect, program.DueWithin):
        return is_plain(effect)
    return not isinstance(effect, program.PriorityIs) or isinstance(effect.level, str)
