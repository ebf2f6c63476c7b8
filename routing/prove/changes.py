"""What an edit changes: the studies that two rulebooks decide differently, or the proof that there are none.

Where a study goes is compared winner by winner, everything else effect by effect: an effect that only one book has
changes a decision where the other gives nothing as safe. Each change found is decided by both books before it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from attrs import field, frozen

from routing import program
from routing.compile import Compiled
from routing.compile.effects import Kind
from routing.decide import REPORT
from routing.decision import Decision
from routing.program import Effect
from routing.prove.facets import bits_of
from routing.prove.formulas import FALSE, TRUE, Formula, every, exactly, negation, some
from routing.prove.gifts import Gift, beats, gifts
from routing.prove.guarantees import all_broken
from routing.prove.prover import Prover
from routing.prove.search import Model
from routing.prove.space import Space
from routing.prove.study import Study, late
from routing.prove.worlds import compared

_MOST_EACH: Final = 6  # changes told of one rule
_MOST_TRIES: Final = 40
FIELDS: Final = (
    "outcome",
    "worklist",
    "priority",
    "due_at",
    "preliminary_due_at",
    "also",
    "tags",
    "notify",
    "reads",
    "hold",
    "escalations",
    "offer",
    "closure",
    "limits",
    "together",
    "split",
)


@frozen(kw_only=True)
class Change:
    """Studies that are decided differently, in words, with one of them and its decision before and after."""

    where: str
    study: Study
    before: Decision = field(repr=False)
    after: Decision = field(repr=False)
    kind: str = REPORT

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the decision that differ."""
        return differing(self.before, self.after)

    @property
    def is_later(self) -> bool:
        """Whether it is due later than before."""
        return later(self.before, self.after)


@frozen(kw_only=True)
class Changes:
    """All that was found, and what was not settled; nothing of either proves that no decision changes."""

    found: tuple[Change, ...]
    undecided: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether it is proved that no decision changes."""
        return not self.found and not self.undecided


def differing(before: Decision, after: Decision) -> tuple[str, ...]:
    """Return the fields in which two decisions differ; the names of rules and what was unknown do not count.

    A guarantee that had to be kept against the rules counts, as `guarantees`: a person has to look.
    """
    found = tuple(name for name in FIELDS if _bare(getattr(before, name)) != _bare(getattr(after, name)))
    return found if kept(before) == kept(after) else (*found, "guarantees")


def kept(decision: Decision) -> frozenset[str]:
    """Return the guarantees that were kept against the rules."""
    return frozenset(one.source for one in decision.problems if one.kind == "guarantee")


def later(before: Decision, after: Decision) -> bool:
    """Say whether a decision is due later than the one before."""
    return before.due_at is not None and (after.due_at is None or after.due_at > before.due_at)


def _bare(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value


def changes(old: Compiled, new: Compiled) -> Changes:
    """Return the studies that *new* decides differently from *old*."""
    if old.fingerprint == new.fingerprint:
        return Changes(found=())
    space = Space.of(old, new)
    found: list[Change] = []
    doubts: list[str] = []
    found += _broken(space, old, new)
    for kind in dict.fromkeys((REPORT, *old.kinds, *new.kinds)):
        comparing = _Comparing(Prover(space, old, kind), Prover(space, new, kind), doubts)
        found += comparing.routes()
        found += comparing.effects()
    return Changes(found=tuple(_once(found)), undecided=tuple(dict.fromkeys(doubts)))


def _broken(space: Space, old: Compiled, new: Compiled) -> Iterator[Change]:
    """Yield a study for each guarantee that one of the books keeps only as a guard."""
    for book in (old, new):
        for one in all_broken([Prover(space, book)]) if book.guards else ():
            if one.study is not None:
                before, after = (one.study.decide(each) for each in (old, new))
                if kept(before) != kept(after):
                    name = next(iter(kept(before) ^ kept(after)))
                    where = f"studies that break the guarantee `{name}`"
                    yield Change(where=where, study=one.study, before=before, after=after)


def _once(found: Sequence[Change]) -> Iterator[Change]:
    """Yield each change once: the same place, the same fields, the same lists."""
    seen: set[tuple[Any, ...]] = set()
    for one in found:
        key = (one.where, one.fields, one.before.worklist, one.after.worklist)
        if key not in seen:
            seen.add(key)
            yield one


class _Comparing:
    """Two rulebooks, for one kind of item."""

    def __init__(self, old: Prover, new: Prover, doubts: list[str]) -> None:
        self.old, self.new, self.doubts = old, new, doubts
        self.world = compared(old.compiled, new.compiled)

    # --- where it goes

    def routes(self) -> Iterator[Change]:
        """Yield the studies that another rule wins than before, or that the same rule sends elsewhere."""
        done: set[tuple[int, int]] = set()
        old_changed, new_changed = self._changed()
        for place in new_changed:
            yield from self._won(place, self.new, self.old, done, flipped=False)
        for place in old_changed:
            yield from self._won(place, self.old, self.new, done, flipped=True)
        if self.old.kind == REPORT and self._default_differs():
            yield from self._won(len(self.new.rules), self.new, self.old, done, flipped=False)

    def _changed(self) -> tuple[list[int], list[int]]:
        """Return the routing rules of each book that the other has not in the same order."""
        keys = [
            [(prover.takes[place], self._list_effects(prover, place)) for place in prover.routing]
            for prover in (self.old, self.new)
        ]
        kept: list[set[int]] = [set(), set()]
        for match in _matching(*keys):
            for side, start in enumerate((match[0], match[1])):
                kept[side] |= set(range(start, start + match[2]))
        return (
            [place for number, place in enumerate(self.old.routing) if number not in kept[0]],
            [place for number, place in enumerate(self.new.routing) if number not in kept[1]],
        )

    def _list_effects(self, prover: Prover, place: int) -> tuple[Any, ...]:
        """Return what comes with the list, so that equal ones mean the same in both books."""
        effects = prover.rules[place].rule.effects
        mine = [one for one in effects if isinstance(one, _LISTED)]
        same = all(self._means_the_same(one) for one in mine)
        return (*mine, "" if same else prover is self.old)

    def _default_differs(self) -> bool:
        mine, theirs = (
            [one for one in prover.compiled.program.otherwise if isinstance(one, _LISTED)]
            for prover in (self.old, self.new)
        )
        return mine != theirs or not all(self._means_the_same(one) for one in mine)

    def _won(
        self, place: int, mine: Prover, other: Prover, done: set[tuple[int, int]], *, flipped: bool
    ) -> Iterator[Change]:
        """Yield what differs among the studies that a rule of one book wins, by who wins them in the other."""
        wins = mine.takes[place] if place < len(mine.rules) else TRUE
        blocked: list[Formula] = []
        told = 0
        for _ in range(_MOST_TRIES):
            answer = mine.outside([wins, *blocked], (1 << place) - 1)
            if answer.is_open:
                break
            if answer.model is None:
                return
            model = answer.model
            winner = _lowest(other.taking.bits(model), len(other.rules))
            pair = (winner, place) if not flipped else (place, winner)
            if pair not in done:
                done.add(pair)
                change = self._shown(model, self._moved(*pair)) or self._elsewhere(pair, [wins, *blocked], mine, place)
                if change is not None:
                    yield change
                    told += 1
                    if told >= _MOST_EACH:
                        return
            blocked.append(self._not_won(other, winner, wins))
        if not told:
            self.doubts.append(f"whether anything changes of what {self._name(mine, place)} takes")

    def _elsewhere(self, pair: tuple[int, int], formulas: list[Formula], mine: Prover, place: int) -> Change | None:
        """Return a study for which a pair of rules whose lists are read from tables name different lists."""
        values = []
        for prover, number in zip((self.old, self.new), pair, strict=True):
            route = prover.routes[number] if number < len(prover.rules) else None
            if route is None or isinstance(getattr(route[0], "to", None), str):
                continue
            lists = sorted(prover.compiled.program.worklists)
            values.append({name: prover.to(number, _Named(name)) for name in lists})
        if len(values) != 2:  # noqa: PLR2004 - both books read the list
            return None
        differ = some(
            every((formula, values[1][there]))
            for here, formula in values[0].items()
            for there in values[1]
            if here != there
        )
        model = mine.outside([*formulas, differ], (1 << place) - 1).model
        return None if model is None else self._shown(model, self._moved(*pair))

    def _not_won(self, other: Prover, winner: int, within: Formula) -> Formula:
        """Return that a rule of the other book does not win; only rules that can matter here are named."""
        before = [
            formula
            for formula in other.takes[:winner]
            if formula != FALSE and self.new.find([within, formula]).covering is None
        ]
        mine = [negation(other.takes[winner])] if winner < len(other.rules) else []
        return some((*mine, *before))

    def _moved(self, before: int, after: int) -> str:
        one, other = self._name(self.old, before), self._name(self.new, after)
        if one == other:
            return f"studies that {one} routes"
        return f"studies that {one} routed and {other} routes now"

    def _name(self, prover: Prover, place: int) -> str:
        return f"`{prover.rules[place].rule.name}`" if place < len(prover.rules) else "`otherwise`"

    # --- everything else

    def effects(self) -> Iterator[Change]:
        """Yield the studies for which one book gives what the other does not."""
        mine, theirs = gifts(self.old), gifts(self.new)
        for kind in dict.fromkeys((*mine, *theirs)):
            yield from self._given(kind, mine.get(kind, []), theirs.get(kind, []), self.new)
            yield from self._given(kind, theirs.get(kind, []), mine.get(kind, []), self.old)

    def _given(self, kind: Kind, ours: Sequence[Gift], theirs: Sequence[Gift], other: Prover) -> Iterator[Change]:
        there = {(one.when, one.effect) for one in theirs}
        for gift in ours:
            if self._means_the_same(gift.effect) and (gift.when, gift.effect) in there:
                continue
            if gift.when == FALSE:
                continue
            covers = [
                one for one in theirs if beats(one.effect, gift.effect, other) and self._means_the_same(gift.effect)
            ]
            yield from self._uncovered(gift, covers, [one for one in theirs if one not in covers], kind)

    def _uncovered(self, gift: Gift, covers: Sequence[Gift], rest: Sequence[Gift], kind: Kind) -> Iterator[Change]:
        """Yield a study that is given something in one book, and nothing as safe in the other."""
        formulas = [gift.when, *(negation(one.when) for one in covers)]
        doubt = f"whether `{gift.effect.text}` of {gift.by} changes anything"
        guessed = False
        for _ in range(_MOST_TRIES):
            answer = self.new.find(formulas)
            if answer.is_open:
                break
            if answer.model is None:
                if guessed:
                    break
                return
            change = self._shown(answer.model, f"studies that {gift.by} matches", kind)
            if change is not None:
                yield change
                return
            if values := self._values(gift, answer.model):
                formulas.append(negation(values))
                continue
            standing = [one for one in rest if self.new.search.holds(one.when, answer.model)]
            if not standing:
                return  # nothing else is given: what differs does not show in a decision
            read = [every((one.when, values)) for one in standing if (values := self._values(one, answer.model))]
            if read:  # as safe with these values of what it is read from
                formulas.append(negation(read[0]))
                continue
            guessed = True  # it is as safe for this study; whether for every one is not known
            formulas += [negation(one.when) for one in standing]
        self.doubts.append(doubt)

    def _values(self, gift: Gift, model: Model) -> Formula | None:
        """Return the values in a model of what a gift is read from; None where it is not read."""
        facets = [facet for name in gift.reads if (facet := self.new.space.facet(name)) is not None]
        exact = [exactly(facet, model.get(facet.place, facet.default)) for facet in facets]
        return every(exact) if exact else None

    def _shown(self, model: Model, where: str, kind: Kind | None = None) -> Change | None:
        study = self.new.study(model)
        if study is None:
            self.doubts.append(f"whether anything changes for {where}")
            return None
        for one in (study, *(late(study) if kind in _DUES else ())):
            before, after = (one.decide(prover.compiled, prover.kind) for prover in (self.old, self.new))
            fields = differing(before, after)
            if fields and (kind is None or set(fields) & set(_SHOWS.get(kind, fields))):
                return Change(where=where, study=one, before=before, after=after, kind=self.new.kind)
        return None

    def _means_the_same(self, effect: Effect) -> bool:
        """Say whether an effect written alike gives the same in both books: its tables, hours and days are the same."""
        return self.world.same(effect)


@frozen
class _Named:
    """Whether a list is the one named."""

    name: str

    def __call__(self, worklist: Any) -> bool:
        return bool(worklist == self.name)


def _matching(one: Sequence[Any], other: Sequence[Any]) -> list[tuple[int, int, int]]:
    """Return the runs that both have in the same order."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    inner = SequenceMatcher(None, one[start : len(one) - end], other[start : len(other) - end], autojunk=False)
    runs = [(match.a + start, match.b + start, match.size) for match in inner.get_matching_blocks()]
    return [(0, 0, start), *runs, (len(one) - end, len(other) - end, end)]


def _lowest(rules: int, none: int) -> int:
    return bits_of(rules & -rules)[0] if rules else none


_DUES: Final = (Kind.DUE, Kind.PRELIMINARY)
_LISTED: Final = (
    program.RouteTo,
    program.EscalateTo,
    program.HoldUntil,
    program.OfferTo,
    program.ReadTogether,
    program.SplitTo,
    program.NoReport,
)
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
__all__ = ["FIELDS", "Change", "Changes", "changes", "differing", "later"]
