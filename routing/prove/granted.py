"""What studies are given beside their list: dues, priorities, tags, further reads and the like, effect by effect.

An effect that only one book has changes a decision where the other gives nothing as safe. Only what differs is looked
at: an effect of a rule that both books have is outdone, or not, alike in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Final

from routing import program
from routing.compile.effects import Kind
from routing.program import Effect
from routing.prove.change import Change, differing
from routing.prove.formulas import FALSE, Formula, every, exactly, negation, some
from routing.prove.gifts import LISTED, Gift, beats
from routing.prove.levels import urgent
from routing.prove.search import Model
from routing.prove.sides import Both, Side, Standing
from routing.prove.study import at_other_times
from routing.prove.telling import Telling

_MOST_TRIES: Final = 40
_DUES: Final = (Kind.DUE, Kind.PRELIMINARY)
_SHOWS: Final = {
    Kind.PRIORITY: ("priority",),
    Kind.RAISE: ("priority",),
    Kind.DUE: ("due_at",),
    Kind.PRELIMINARY: ("preliminary_due_at",),
    Kind.TAGS: ("tags",),
    Kind.NOTIFY: ("notify",),
    Kind.ALSO: ("also",),
    Kind.AUDIT: ("also",),
    Kind.READS: ("reads",),
}
_SORT: Final = "effects"


class Covers:
    """The gifts of one book that are as safe as an effect of the other, whatever the study.

    Which ones are is found out for those that are asked about: of a thousand, the few that stand in a model.
    """

    def __init__(self, effect: Effect, both: Both, mine: Side) -> None:
        self._effect, self._same, self._prover = effect, both.world.same, mine.prover
        self._is_same = self._same(effect)
        self._known: dict[int, bool] = {}  # by the identity of the gift's effect

    def __contains__(self, gift: Gift) -> bool:
        """Say whether a gift is one of them."""
        effect = gift.effect
        found = self._known.get(id(effect))
        if found is None:
            means_it = self._is_same or self._same(effect)
            found = self._known[id(effect)] = means_it and beats(effect, self._effect, self._prover)
        return found


class Granted:
    """Compares what two rulebooks give beside the list, for one kind of item."""

    def __init__(self, both: Both, telling: Telling) -> None:
        self.both, self.telling = both, telling
        self._days = _days_that_differ(both)
        self._covers: dict[tuple[Effect, bool], Covers] = {}

    def changes(self) -> Iterator[Change]:
        """Yield the studies for which one book gives what the other does not."""
        old, new = self.both.old, self.both.new
        for kind in dict.fromkeys((*old.gifts, *new.gifts)):
            for mine, other in ((old, new), (new, old)):
                for gift in self._differing(kind, mine, other):
                    if not self.telling.goes_on(_SORT, gift.by):
                        continue
                    yield from self._given(kind, gift, mine, other)

    def _differing(self, kind: Kind, mine: Side, other: Side) -> list[Gift]:
        """Return what one book gives and the other does not, or not with the same meaning."""
        theirs = other.gifts.get(kind, ())
        beside = [one.effect for one in theirs if one.place < 0]
        found = []
        for gift in mine.gifts.get(kind, ()):
            same = self.both.world.same(gift.effect)
            if gift.place < 0:
                alike = same and gift.effect in beside
                alike = alike and (not gift.promised or self.both.world.whole)
                if not alike or (gift.rest and self._some_differ(kind)):
                    found.append(gift)
            elif not same or mine.differs(gift):
                found.append(gift)
        return found

    def _some_differ(self, kind: Kind) -> bool:
        return any(
            side.differs(one) or not self.both.world.same(one.effect)
            for side in (self.both.old, self.both.new)
            for one in side.gifts.get(kind, ())
        )

    def _given(self, kind: Kind, gift: Gift, mine: Side, other: Side) -> Iterator[Change]:
        """Yield a study that is given something in one book, and nothing as safe in the other."""
        covers = self._covering(gift.effect, mine, other)
        alike = [one for one in other.by_effect.get(kind, {}).get(gift.effect, ()) if one in covers]
        if gift.place >= 0 and any(one.place >= 0 and other.differs(one) and one.when == gift.when for one in alike):
            return
        like = mine.like.get(gift.place)
        in_its_place = [negation(one.when) for one in alike if one.place == like]
        for region, by in self._regions(kind, gift, covers, other):
            formulas = [*region, *in_its_place]
            change = self._uncovered(kind, gift, by, formulas, covers, mine, other)
            if change is not None:
                if self.telling.tells(_SORT, gift.by):
                    yield change
                return

    def _covering(self, effect: Effect, mine: Side, other: Side) -> Covers:
        """Return the gifts of the other book that are as safe as an effect, whatever the study."""
        key = (effect, other is self.both.new)
        if key not in self._covers:
            self._covers[key] = Covers(effect, self.both, mine)
        return self._covers[key]

    def _regions(self, kind: Kind, gift: Gift, covers: Covers, other: Side) -> Iterator[tuple[list[Formula], str]]:
        """Yield the regions to look at, and whose studies they are: all that is given, unless `otherwise` covers it.

        What `otherwise` gives is given where no rule does, so where it covers, some rule must give less.
        """
        base = [] if gift.rest else [gift.when]
        rest = next((one for one in other.gifts.get(kind, ()) if one.rest), None)
        if FALSE in base:
            return
        if rest is None or rest not in covers:
            yield base, gift.by
            return
        for one in other.gifts.get(kind, ()):
            if one.rest or one.promised or one in covers or (gift.rest and not self._is_only_there(one, other)):
                continue
            region = every((*base, one.when))
            if region != FALSE:
                yield [region], one.by if gift.rest else gift.by

    def _is_only_there(self, gift: Gift, side: Side) -> bool:
        return side.differs(gift) or (bool(gift.reads) and not self.both.world.same(gift.effect))

    def _uncovered(
        self, kind: Kind, gift: Gift, by: str, region: list[Formula], covers: Covers, mine: Side, other: Side
    ) -> Change | None:
        """Return a study of a region that is given something in one book, and nothing as safe in the other."""
        formulas, guessed = list(region), False
        shut_out = [_covering(kind, covers, other)]
        if gift.rest:
            shut_out.append(_given_by_rules(kind, mine))
        if kind is Kind.RAISE:
            shut_out.append(_most_urgent(mine))
        for _ in range(_MOST_TRIES):
            answer = self.both.outside(formulas, *shut_out)
            if answer.model is None:
                if answer.is_open or guessed:
                    break
                return None
            model = answer.model
            change = self._shown(model, f"studies that {by} matches", kind)
            if change is not None:
                return change
            narrowed = self._narrowed(kind, gift, model, mine, other)
            if narrowed is None:
                return None
            more, is_guess = narrowed
            guessed = guessed or is_guess
            if not more:
                break
            formulas += more
        doubt = f"whether `{gift.effect.text}` of {gift.by} changes anything"
        if kind in (Kind.PRIORITY, Kind.RAISE):
            return self._levels(gift, region, doubt, mine, other)
        self.telling.doubts.append(doubt)
        return None

    def _levels(self, gift: Gift, region: list[Formula], doubt: str, mine: Side, other: Side) -> Change | None:
        """Return a study of a region whose priority is more urgent in one book than in the other."""
        for rank in range(len(mine.prover.compiled.program.priorities) - 1):
            for one, another in ((mine, other), (other, mine)):
                answer = self.both.outside([*region, urgent(one, rank), negation(urgent(another, rank))])
                change = (
                    self._shown(answer.model, f"studies that {gift.by} matches", Kind.PRIORITY)
                    if answer.model is not None
                    else None
                )
                if change is not None:
                    return change
                if answer.is_open or answer.model is not None:
                    self.telling.doubts.append(doubt)
                    return None
        return None

    def _narrowed(
        self, kind: Kind, gift: Gift, model: Model, mine: Side, other: Side
    ) -> tuple[list[Formula], bool] | None:
        """Return what to look at next where a model shows nothing, and whether that leaves something out.

        None where it is sure that nothing shows: what is given is what is given without any rule.
        """
        if hiding := self._behind_the_route(kind, gift.effect, model, mine, other):
            return hiding, False
        beside_it = (one for side in (other, mine) for one in side.standing(kind, model) if one is not gift)
        standing = [one for one in beside_it if one.reads or not beats(gift.effect, one.effect, mine.prover)]
        values = self._values(gift, model)
        if values is None and not standing:
            return None if _is_nothing(gift.effect, self.both) else ([], True)
        rests = any(one.rest for one in standing)
        hidden = [part for one in (gift, *standing) if (part := self._values(one, model)) is not None]
        beside = [one.when for one in standing if not one.rest]
        if hidden:  # with these values of what is read, and the others beside it, it does not show
            return [negation(every((*hidden, *beside)))], rests
        return [negation(one) for one in beside], True  # as safe for this study; whether for every one is open

    def _behind_the_route(self, kind: Kind, effect: Effect, model: Model, mine: Side, other: Side) -> list[Formula]:
        """Return when another rule routes, where the route hides the effect; nothing where it does not.

        A further read does not show on its own list, and what a rule gives with its list is given anyhow.
        """
        if kind is Kind.ALSO and isinstance(effect, program.AlsoReadBy):
            return _routed_otherwise(mine, model, partial(_names_list, mine, effect.worklist))
        if kind in LISTED:
            return _routed_otherwise(other, model, partial(_gives_with_list, other, effect))
        return []

    def _values(self, gift: Gift, model: Model) -> Formula | None:
        """Return the values in a model of what a gift is read from; None where it is not read."""
        space = self.both.new.prover.space
        facets = [facet for name in gift.reads if (facet := space.facet(name)) is not None]
        exact = [exactly(facet, model.get(facet.place, facet.default)) for facet in facets]
        return every(exact) if exact else None

    # --- shown by deciding

    def _shown(self, model: Model, where: str, kind: Kind) -> Change | None:
        study = self.both.study(model)
        if study is None:
            return None
        provers = (self.both.old.prover, self.both.new.prover)
        for one in (study, *(at_other_times(study, provers[1].compiled, self._days) if kind in _DUES else ())):
            before, after = (one.decide(prover.compiled, prover.kind) for prover in provers)
            fields = differing(before, after)
            if fields and set(fields) & set(_SHOWS.get(kind, fields)):
                return Change(where=where, study=one, before=before, after=after, kind=provers[1].kind)
        return None


def _routed_otherwise(side: Side, model: Model, hides: Callable[[int], bool]) -> list[Formula]:
    """Return when a rule that does not hide routes; nothing where none that hides routes in the model."""
    prover, winner = side.prover, side.winner(model)
    if not hides(winner):
        return []
    before = [prover.takes[place] for place in prover.routing if place < winner and not hides(place)]
    return [some([prover.not_taking(winner), *before] if winner < len(prover.rules) else before)]


def _effects_of(side: Side, place: int) -> tuple[Effect, ...]:
    rules = side.prover.rules
    return rules[place].rule.effects if place < len(rules) else side.prover.compiled.program.otherwise


def _names_list(side: Side, worklist: str, place: int) -> bool:
    return any(isinstance(one, program.RouteTo) and one.to == worklist for one in _effects_of(side, place))


def _gives_with_list(side: Side, effect: Effect, place: int) -> bool:
    return effect in _effects_of(side, place)


def _covering(kind: Kind, covers: Covers, side: Side) -> Standing:
    def standing(model: Model) -> Iterator[Formula]:
        return (one.when for one in side.standing(kind, model) if one in covers and not one.rest)

    return standing


def _given_by_rules(kind: Kind, side: Side) -> Standing:
    def standing(model: Model) -> Iterator[Formula]:
        return (one.when for one in side.standing(kind, model) if not one.rest and not one.promised)

    return standing


def _most_urgent(side: Side) -> Standing:
    """Return what shuts out the highest priority: raising it shows nothing."""
    highest = side.prover.compiled.program.priorities[0]

    def standing(model: Model) -> Iterator[Formula]:
        given = (one for one in side.standing(Kind.PRIORITY, model) if not one.rest)
        return (one.when for one in given if getattr(one.effect, "level", None) == highest)

    return standing


def _is_nothing(effect: Effect, both: Both) -> bool:
    """Say whether an effect gives what holds without any: the lowest priority, or one read."""
    match effect:
        case program.PriorityIs(level=level):
            return all(side.prover.compiled.program.priorities[-1] == level for side in (both.old, both.new))
        case program.ReadBy():
            return effect.count == 1 and not effect.blind and not effect.disagreement_to and not effect.agreement
        case _:
            return False


def _days_that_differ(both: Both) -> list[date]:
    """Return the days that a calendar lists in only one of the books."""
    mine, theirs = (side.prover.compiled.program.calendars for side in (both.old, both.new))
    found: set[date] = set()
    for name in {*mine, *theirs}:
        found ^= (mine[name].dates if name in mine else frozenset()) ^ (
            theirs[name].dates if name in theirs else frozenset()
        )
    return sorted(found)[:12]
