"""Two rulebooks side by side, for one kind of item: which of their rules are true in a model, and which differ.

Which rules are true is asked of the compiled rulebooks themselves, with the study that the model describes; so only the
rules that stand in the way of an answer are ever turned into formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, TypeAlias

from routing.compile.effects import Kind
from routing.decide import subject_of
from routing.program import Effect, RouteTo, Rule
from routing.prove.facets import bits_of
from routing.prove.formulas import Formula, negation
from routing.prove.gifts import BESIDE, Gift, gifts
from routing.prove.prover import Answer, Prover
from routing.prove.search import Model
from routing.prove.study import Study

Standing: TypeAlias = Callable[[Model], Iterable[Formula]]
"""What is to be shut out and yet holds in a model."""


class Side:
    """One of the two rulebooks. Rules are named by their place among those of the kind."""

    def __init__(self, prover: Prover, both: Both) -> None:
        self.prover, self._both = prover, both
        self.changed: frozenset[int] = frozenset()  # rules that the other book has not, or with another meaning
        self.like: dict[int, int] = {}  # the rule of the other book that stands in the place of one
        bits = prover.compiled.sieve.bits
        self._place_at = {bit: place for place, one in enumerate(prover.rules) for bit in bits[one.place]}
        self._rule_bits = sum(1 << bit for bit in self._place_at)
        self._read = 0  # routing rules whose list is read from a table, so that it may be unknown
        self._named = 0
        for place, route in enumerate(prover.routes):
            if route is not None:
                is_named = isinstance(route[0], RouteTo) and isinstance(route[0].to, str)
                self._named |= is_named << place
                self._read |= (not is_named) << place

    @cached_property
    def gifts(self) -> dict[Kind, list[Gift]]:
        """What the rules give beside the list, by kind."""
        return gifts(self.prover)

    @cached_property
    def by_effect(self) -> dict[Kind, dict[Effect, list[Gift]]]:
        """The same, by effect: many rules give the same."""
        found: dict[Kind, dict[Effect, list[Gift]]] = {}
        for kind, each in self.gifts.items():
            for gift in each:
                found.setdefault(kind, {}).setdefault(gift.effect, []).append(gift)
        return found

    @cached_property
    def _by_place(self) -> dict[Kind, dict[int, list[Gift]]]:
        """The same, by the place of the rule: a model makes few of many rules true."""
        found: dict[Kind, dict[int, list[Gift]]] = {}
        for kind, each in self.gifts.items():
            for gift in each:
                found.setdefault(kind, {}).setdefault(gift.place, []).append(gift)
        return found

    @cached_property
    def _giving(self) -> dict[Kind, int]:
        """The rules that give something of a kind, as bits."""
        return {kind: sum(1 << place for place in each if place != BESIDE) for kind, each in self._by_place.items()}

    @cached_property
    def _groups(self) -> frozenset[str]:
        """The groups of which a rule differs."""
        rules = (self.prover.rules[place].rule for place in self.changed)
        return frozenset(rule.group for rule in rules if rule.group)

    def differs(self, gift: Gift) -> bool:
        """Say whether a gift is of a rule that differs, or that waits for one of its group that does."""
        rule = self.prover.rules[gift.place].rule if gift.place >= 0 else None
        return gift.place in self.changed or bool(rule and rule.group_default and rule.group in self._groups)

    # --- in a model

    def fired(self, model: Model) -> int:
        """Return the rules that are true in a model, as bits."""
        study = self._both.study(model)
        if study is None:
            return self.prover.firing.bits(model)
        compiled = self.prover.compiled
        subject, _ = subject_of(compiled, study.attributes, study.at, key=study.key)
        certain, _ = compiled.sieve.sift(subject)
        found = 0
        for bit in bits_of(certain & self._rule_bits):
            found |= 1 << self._place_at[bit]
        return found

    def taking(self, model: Model) -> int:
        """Return the rules that would name the list in a model, as bits."""
        fired = self.fired(model)
        found = fired & self._named
        for place in bits_of(fired & self._read):
            found |= self.prover.search.holds(self.prover.takes[place], model) << place
        return found

    def winner(self, model: Model) -> int:
        """Return the rule that names the list; one more than there are, where none does."""
        taking = self.taking(model)
        return (taking & -taking).bit_length() - 1 if taking else len(self.prover.rules)

    def standing(self, kind: Kind, model: Model) -> list[Gift]:
        """Return what is given of a kind in a model."""
        holds, by_place = self.prover.search.holds, self._by_place.get(kind, {})
        places = [*bits_of(self.fired(model) & self._giving.get(kind, 0)), BESIDE]
        found = (gift for place in places for gift in by_place.get(place, ()) if not gift.rest)
        given = [gift for gift in found if gift.whenever or holds(gift.when, model)]
        if all(gift.promised for gift in given):
            given += [gift for gift in by_place.get(BESIDE, ()) if gift.rest]
        return given

    def before(self, place: int) -> Standing:
        """Return what shuts out the rules before one."""
        rules = (1 << place) - 1

        def standing(model: Model) -> Iterator[Formula]:
            return (self.prover.takes[one] for one in bits_of(self.taking(model) & rules))

        return standing


class Both:
    """Both sides: `old` and `new`."""

    def __init__(self, old: Prover, new: Prover) -> None:
        self.old, self.new = Side(old, self), Side(new, self)
        self.world = new.space.world
        self._last: tuple[Model | None, Study | None] = (None, None)
        self._align()

    def study(self, model: Model) -> Study | None:
        """Return the study of a model, once."""
        if self._last[0] is not model:
            self._last = model, self.new.prover.study(model)
        return self._last[1]

    def outside(self, formulas: Sequence[Formula], *shut_out: Standing) -> Answer:
        """Return a model of formulas in which nothing holds that is shut out; open when that is not settled."""
        used: dict[Formula, None] = {}
        while True:
            answer = self.new.prover.find([*formulas, *used])
            if answer.model is None:
                return answer
            standing = [negation(one) for each in shut_out for one in each(answer.model)]
            if not standing:
                return answer
            if used.keys() >= set(standing):
                return Answer()  # what is decided and what is proved do not agree
            used |= dict.fromkeys(standing)

    # --- which rules differ

    def _align(self) -> None:
        """Note which rules stand for which: those that are alike, in order, and in the gaps those of one name."""
        mine, theirs = ([one.rule for one in side.prover.rules] for side in (self.old, self.new))
        same: set[int] = set()
        like: dict[int, int] = {}
        gap = (0, 0)
        for here, there, size in _matching([*map(_key, mine)], [*map(_key, theirs)]):
            like |= _same_names(mine, theirs, gap, (here, there))
            for step in range(size):
                like[here + step] = there + step
                if self._means_the_same(mine[here + step]):
                    same.add(here + step)
            gap = here + size, there + size
        self.old.like, self.new.like = like, {there: here for here, there in like.items()}
        self.old.changed = frozenset(range(len(mine))) - same
        self.new.changed = frozenset(range(len(theirs))) - {like[here] for here in same}

    def _means_the_same(self, rule: Rule) -> bool:
        return self.world.whole or (self.world.reads_same(rule.condition) and all(map(self.world.same, rule.effects)))


def _key(rule: Rule) -> tuple[Any, ...]:
    return rule.condition, rule.effects, rule.group, rule.group_default


def _same_names(
    mine: Sequence[Rule], theirs: Sequence[Rule], start: tuple[int, int], end: tuple[int, int]
) -> dict[int, int]:
    """Return the rules of one name between two places; those that come in the same order."""
    places = {theirs[there].name: there for there in range(start[1], end[1])}
    found: dict[int, int] = {}
    last = start[1] - 1
    for here in range(start[0], end[0]):
        there = places.get(mine[here].name, -1)
        if there > last:
            found[here] = last = there
    return found


def _matching(one: Sequence[Any], other: Sequence[Any]) -> list[tuple[int, int, int]]:
    """Return the runs that both have in the same order."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    numbers: dict[Any, int] = {}  # a rule is read once here, and compared often
    left, right = (
        [numbers.setdefault(key, len(numbers)) for key in each[start : len(each) - end]] for each in (one, other)
    )
    inner = SequenceMatcher(None, left, right, autojunk=False)
    runs = [(match.a + start, match.b + start, match.size) for match in inner.get_matching_blocks()]
    return [(0, 0, start), *runs, (len(one) - end, len(other) - end, end)]
