"""Gifts: what rules give beside the list, each with when it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from routing import program
from routing.compile.effects import Give, Kind
from routing.program import Effect
from routing.prove.amounts import is_plain
from routing.prove.formulas import TRUE, Formula, every, negation, some
from routing.prove.prover import Prover, names_of

_KINDS: Final = {
    program.PriorityIs: Kind.PRIORITY,
    program.RaisePriority: Kind.RAISE,
    program.Tag: Kind.TAGS,
    program.Notify: Kind.NOTIFY,
    program.ReadBy: Kind.READS,
    program.ExcludeReaders: Kind.EXCLUDE,
    program.EscalateTo: Kind.ESCALATE,
    program.HoldUntil: Kind.HOLD,
    program.OfferTo: Kind.OFFER,
    program.ReadTogether: Kind.TOGETHER,
    program.SplitTo: Kind.SPLIT,
}
_LISTED: Final = (Kind.ESCALATE, Kind.HOLD, Kind.OFFER, Kind.TOGETHER, Kind.SPLIT)


@frozen
class Gift:
    """One effect of a rule (`by`), and when it counts."""

    when: Formula
    effect: Effect
    by: str
    reads: tuple[str, ...] = ()  # the attributes that its value is read from
    promised: bool = False  # by a guarantee: it stands beside the rules


def kind_of(effect: Effect) -> Kind | None:
    """Return the sort of an effect; None for a route, a closure, and what only watches have."""
    match effect:
        case program.DueWithin() | program.DueBy() | program.DueByInstant():
            return Kind.PRELIMINARY if effect.preliminary else Kind.DUE
        case program.AlsoReadBy():
            return Kind.AUDIT if effect.audit else Kind.ALSO
        case program.OnlyReaders():
            return Kind.IDENTITY if effect.identity else Kind.ONLY
        case _:
            return _KINDS.get(type(effect))


def gifts(prover: Prover) -> dict[Kind, list[Gift]]:
    """Return what the rules of a book give, by kind, and at last what `otherwise` gives where none of them does.

    What comes with the list of a routing rule is not among them: it is compared with the routes.
    """
    found: dict[Kind, list[Gift]] = {}
    groups: dict[tuple[str, Kind], list[Formula]] = {}
    for place, one in enumerate(prover.rules):
        rule, fires = one.rule, prover.fires[place]
        for number, effect in enumerate(rule.effects):
            kind = kind_of(effect)
            if kind is None or (kind in _LISTED and prover.routes[place] is not None):
                continue
            when = fires
            if rule.group and rule.group_default:
                when = every((fires, *(negation(one) for one in groups.get((rule.group, kind), ()))))
            elif rule.group:
                groups.setdefault((rule.group, kind), []).append(fires)
            found.setdefault(kind, []).extend(_valued(prover, Gift(when, effect, f"`{rule.name}`"), one.gives[number]))
    for kind, gift in _promised(prover):
        found.setdefault(kind, []).append(gift)
    for effect in prover.compiled.program.otherwise:
        kind = kind_of(effect)
        if kind is not None and kind not in _LISTED:
            none = negation(some(one.when for one in found.get(kind, ()) if not one.promised))
            found.setdefault(kind, []).append(Gift(none, effect, "`otherwise`"))
    return found


def _promised(prover: Prover) -> Iterator[tuple[Kind, Gift]]:
    """Yield what guarantees see to: a guard takes the safer value, whatever the rules give."""
    for guarantee in prover.compiled.program.guarantees:
        when = TRUE if guarantee.when is None else prover.space.meaning(guarantee.when, prover.compiled).true
        by = f"the guarantee `{guarantee.name}`"
        for claim in guarantee.claims:
            match claim:
                case program.PriorityAtLeast(level=level):
                    effect: Effect = program.PriorityIs(level=level, span=guarantee.span, text=f"priority {level}")
                    yield Kind.PRIORITY, Gift(when, effect, by, promised=True)
                case program.AlwaysDue(within=within, preliminary=preliminary):
                    effect = program.DueWithin(within=within, preliminary=preliminary, span=guarantee.span, text="due")
                    yield Kind.PRELIMINARY if preliminary else Kind.DUE, Gift(when, effect, by, promised=True)
                case program.ReadsAtLeast(count=count):
                    effect = program.ReadBy(count=count, span=guarantee.span, text=f"read by {count}")
                    yield Kind.READS, Gift(when, effect, by, promised=True)
                case _:
                    pass


def _valued(prover: Prover, gift: Gift, give: Give) -> Iterator[Gift]:
    """Yield a gift, where its value is read: only when it has one, and a priority once for each level."""
    effect = gift.effect
    names = names_of(effect, prover.compiled)
    if not names or isinstance(effect, program.HoldUntil):
        yield gift
    elif isinstance(effect, program.PriorityIs):
        for place, level in enumerate(prover.compiled.program.priorities):
            when = every((gift.when, prover.gives(effect, give, _Equal(place))))
            yield Gift(when, evolve(effect, level=level), gift.by)
    else:
        yield Gift(every((gift.when, prover.gives(effect, give))), effect, gift.by, names)


@frozen
class _Equal:
    """Whether a value is the one wanted."""

    value: int

    def __call__(self, value: object) -> bool:
        return value == self.value


def beats(other: Effect, effect: Effect, prover: Prover) -> bool:
    """Say whether *other* is sure to be as safe as *effect*, whatever the study."""
    if other == effect:
        return True
    match other, effect:
        case program.PriorityIs(level=str(mine)), program.PriorityIs(level=str(theirs)):
            ranks = prover.compiled.program.priorities
            return bool(mine in ranks and theirs in ranks and ranks.index(mine) <= ranks.index(theirs))
        case program.DueWithin(), program.DueWithin():
            return is_plain(other) and is_plain(effect) and prover.amounts.surely_within(other.within, effect.within)
        case program.Tag(tags=mine), program.Tag(tags=theirs):
            return set(mine) >= set(theirs)
        case _:
            return False
