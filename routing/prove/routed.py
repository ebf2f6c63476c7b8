"""Where studies go: the studies that another rule wins than before, or that the same rule sends elsewhere.

Where the winners differ, one of the two rules is new, gone or moved, or no longer true: only those are looked at. The
winners on the other side are taken one by one: first those that a model shows, then each that could win before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from routing import program
from routing.decide import REPORT
from routing.prove.change import Change
from routing.prove.facets import bits_of
from routing.prove.formulas import FALSE, Formula, every, some
from routing.prove.search import Model
from routing.prove.sides import Both, Side, Standing
from routing.prove.study import Study
from routing.prove.telling import Telling

_LISTED: Final = (
    program.RouteTo,
    program.EscalateTo,
    program.HoldUntil,
    program.OfferTo,
    program.ReadTogether,
    program.SplitTo,
    program.NoReport,
)
_SORT: Final = "routes"


@frozen(kw_only=True)
class _Region:
    """What the winner on one side wins, and who may not win before it on either side."""

    formulas: tuple[Formula, ...]
    shut_out: tuple[Standing, ...]


class Routed:
    """Compares the routes of two rulebooks, for one kind of item."""

    def __init__(self, both: Both, telling: Telling) -> None:
        self.both, self.telling = both, telling
        self._done: set[tuple[int, int]] = set()

    def changes(self) -> Iterator[Change]:
        """Yield the changes, rule by rule, those of the new book first."""
        old, new = self.both.old, self.both.new
        for mine, other in ((new, old), (old, new)):
            for place in mine.prover.routing:
                if place in mine.changed:
                    yield from self._won(place, mine, other)
        if new.prover.kind == REPORT and self._default_differs():
            yield from self._won(len(new.prover.rules), new, old)

    def _default_differs(self) -> bool:
        return self._key(self.both.old, None) != self._key(self.both.new, None)

    def _key(self, side: Side, place: int | None) -> tuple[Any, ...]:
        """Return what comes with the list; equal ones mean the same in both books."""
        book = side.prover.compiled.program
        effects = book.otherwise if place is None else side.prover.rules[place].rule.effects
        mine = [one for one in effects if isinstance(one, _LISTED)]
        return (place is None, *mine, "" if all(map(self.both.world.same, mine)) else side is self.both.old)

    def _keys(self, pair: tuple[int, int]) -> tuple[Any, Any]:
        sides = zip((self.both.old, self.both.new), pair, strict=True)
        one, other = (self._key(side, place if place < len(side.prover.rules) else None) for side, place in sides)
        return one, other

    # --- what one rule wins

    def _won(self, place: int, mine: Side, other: Side) -> Iterator[Change]:
        """Yield what differs among the studies that a rule of one book wins, by who wins them in the other."""
        name = self._name(mine, place)
        region = self._region(place, mine, other) if self.telling.goes_on(_SORT, name) else None
        if region is None:
            return
        met: list[int] = []
        blocked: list[Formula] = []
        while self.telling.goes_on(_SORT, name):
            answer = self.both.outside([*region.formulas, *blocked], *region.shut_out)
            if answer.model is None:
                if answer.is_open:
                    self._doubt(name)
                break
            winner = other.winner(answer.model)
            met.append(winner)
            yield from self._pair(place, winner, mine, answer.model, region)
            if winner == len(other.prover.rules):
                break
            blocked.append(other.prover.not_taking(winner))
        yield from self._before(met, place, mine, other, region)

    def _region(self, place: int, mine: Side, other: Side) -> _Region | None:
        """Return the studies that a rule wins and that could go elsewhere; None where there are none at once."""
        if place == len(mine.prover.rules):
            return _Region(formulas=(), shut_out=(mine.before(place),))
        formulas = [mine.prover.takes[place]]
        like = mine.like.get(place)
        if like is not None and like in other.prover.routing and self._is_fixed(mine, place):
            pair = (like, place) if mine is self.both.new else (place, like)
            one, another = self._keys(pair)
            if one == another:  # where it is true in both books, something else makes the winners differ
                formulas.append(other.prover.not_taking(like))
        if FALSE in formulas:
            return None
        return _Region(formulas=tuple(formulas), shut_out=(mine.before(place),))

    def _before(self, met: Sequence[int], place: int, mine: Side, other: Side, region: _Region) -> Iterator[Change]:
        """Yield what goes to rules of the other book that win before those that a model showed."""
        name = self._name(mine, place)
        for one in other.prover.routing:
            if one >= max(met, default=0):
                return
            like = other.like.get(one)
            is_shut_out = like is not None and one not in other.changed and like < place
            pair = (one, place) if mine is self.both.new else (place, one)
            if one in met or is_shut_out or pair in self._done or self._is_alike(pair):
                continue
            if not self.telling.goes_on(_SORT, name):
                return
            wins = every((*region.formulas, other.prover.takes[one]))
            if wins == FALSE:
                continue
            answer = self.both.outside([wins], *region.shut_out, other.before(one))
            if answer.is_open:
                self._doubt(name)
            if answer.model is not None:
                yield from self._pair(place, one, mine, answer.model, region)

    # --- one rule of each book

    def _pair(self, place: int, winner: int, mine: Side, model: Model, region: _Region) -> Iterator[Change]:
        pair = (winner, place) if mine is self.both.new else (place, winner)
        if pair in self._done:
            return
        self._done.add(pair)
        if self._is_alike(pair):
            return
        where, name = self._moved(*pair), self._name(mine, place)
        change = self._shown(model, where) or self._elsewhere(pair, mine, winner, region, where)
        if change is None:
            self._doubt(name)
        elif self.telling.tells(_SORT, name):
            yield change

    def _is_alike(self, pair: tuple[int, int]) -> bool:
        """Say whether two rules give the same list and all that comes with it."""
        one, other = self._keys(pair)
        return bool(one == other) and self._is_fixed(self.both.new, pair[1])

    def _is_fixed(self, side: Side, place: int) -> bool:
        """Say whether the list of a rule is written in it."""
        route = side.prover.routes[place] if place < len(side.prover.rules) else None
        return route is None or isinstance(getattr(route[0], "to", None), str)

    def _shown(self, model: Model, where: str) -> Change | None:
        study = self.both.study(model)
        return None if study is None else self._decided(study, where)

    def _decided(self, study: Study, where: str) -> Change | None:
        provers = (self.both.old.prover, self.both.new.prover)
        before, after = (study.decide(one.compiled, one.kind) for one in provers)
        change = Change(where=where, study=study, before=before, after=after, kind=provers[1].kind)
        return change if change.fields else None

    def _elsewhere(self, pair: tuple[int, int], mine: Side, winner: int, region: _Region, where: str) -> Change | None:
        """Return a study that shows the difference of two rules where the first one did not.

        Their lists may be read from tables; or what comes with the list was given by another rule as well.
        """
        other = self.both.old if mine is self.both.new else self.both.new
        formulas = [*region.formulas, *([other.prover.takes[winner]] if winner < len(other.prover.rules) else [])]
        shut_out = [*region.shut_out, other.before(winner)]
        if not (self._is_fixed(self.both.old, pair[0]) and self._is_fixed(self.both.new, pair[1])):
            formulas.append(self._lists_differ(pair))
        else:
            shut_out += [self._beside(side) for side in (mine, other)]
        answer = self.both.outside(formulas, *shut_out)
        return None if answer.model is None else self._shown(answer.model, where)

    def _lists_differ(self, pair: tuple[int, int]) -> Formula:
        """Return when a pair of rules names different lists."""
        values = []
        for side, number in zip((self.both.old, self.both.new), pair, strict=True):
            if number == len(side.prover.rules):
                return every(())  # `otherwise`: that another list is named is sure
            lists = sorted(side.prover.compiled.program.worklists)
            values.append({name: side.prover.to(number, _Named(name)) for name in lists})
        return some(
            every((formula, values[1][there]))
            for here, formula in values[0].items()
            for there in values[1]
            if here != there
        )

    def _beside(self, side: Side) -> Standing:
        """Return what shuts out the rules that give without a list what others give with theirs."""
        rules = side.prover.rules
        giving = sum(
            1 << place
            for place, one in enumerate(rules)
            if side.prover.routes[place] is None and any(isinstance(effect, _LISTED) for effect in one.rule.effects)
        )

        def standing(model: Model) -> Iterator[Formula]:
            return (side.prover.fires[place] for place in bits_of(side.fired(model) & giving))

        return standing

    def _doubt(self, name: str) -> None:
        self.telling.doubts.append(f"whether anything changes of what {name} takes")

    def _moved(self, before: int, after: int) -> str:
        one, other = self._name(self.both.old, before), self._name(self.both.new, after)
        if one == other:
            return f"studies that {one} routes"
        return f"studies that {one} routed and {other} routes now"

    def _name(self, side: Side, place: int) -> str:
        rules = side.prover.rules
        return f"`{rules[place].rule.name}`" if place < len(rules) else "`otherwise`"


@frozen
class _Named:
    """Whether a list is the one named."""

    name: str

    def __call__(self, worklist: Any) -> bool:
        return bool(worklist == self.name)
