"""The prover of one rulebook and one kind of item: which rules can be true, and which can name the list.

A question is first asked without the other rules; the model that comes out says which of them stand in the way, and
only those are added. When there is no model left they are the ones that cover it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

from attrs import frozen

from routing.compile import Compiled, CompiledRule
from routing.compile.effects import Give
from routing.compile.subject import Subject
from routing.decide import REPORT
from routing.program import Effect, Operand, RouteTo
from routing.program.walk import walk
from routing.prove.amounts import Amounts
from routing.prove.asked import bases_of
from routing.prove.facets import bits_of
from routing.prove.firing import Firing
from routing.prove.formulas import FALSE, TRUE, Formula, every, negation
from routing.prove.search import Model, OutOfSteps, Search
from routing.prove.space import Space
from routing.prove.study import Study, study_of


@frozen(kw_only=True)
class Answer:
    """A model, or the rules that leave none; neither when the budget ran out."""

    model: Model | None = None
    covering: tuple[int, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the budget ran out."""
        return self.model is None and self.covering is None


class Formulas(Sequence[Formula]):
    """One formula for each rule, worked out when it is asked for: an edit needs few of a thousand."""

    def __init__(self, count: int, make: Callable[[int], Formula]) -> None:
        self._made: list[Formula | None] = [None] * count
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> Formula: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Formula]: ...
    def __getitem__(self, place: int | slice) -> Formula | Sequence[Formula]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        made = self._made[place]
        if made is None:
            made = self._made[place] = self._make(range(len(self))[place])
        return made

    def __iter__(self) -> Iterator[Formula]:
        return (self[place] for place in range(len(self)))


class Prover:
    """Asks about the rules of one kind. Rules are named by their place among those of the kind."""

    def __init__(self, space: Space, compiled: Compiled, kind: str = REPORT, search: Search | None = None) -> None:
        self.space, self.compiled, self.kind = space, compiled, kind
        self.rules: tuple[CompiledRule, ...] = compiled.kinds.get(kind, ())
        self.fires: Sequence[Formula] = Formulas(len(self.rules), self._fires)
        self.routes: list[tuple[Effect, Give] | None] = [_route_of(one) for one in self.rules]
        self.takes: Sequence[Formula] = Formulas(len(self.rules), self._takes)
        self.search = search or Search(space.facets)
        self._not_taking: dict[int, Formula] = {}

    @cached_property
    def firing(self) -> Firing:
        """Which rules are true in a model."""
        return Firing(self.fires, self.search)

    @cached_property
    def amounts(self) -> Amounts:
        """Compares the rulebook's lengths of time."""
        return Amounts(self.compiled)

    @cached_property
    def taking(self) -> Firing:
        """Which rules would name the list in a model."""
        return Firing(self.takes, self.search)

    @cached_property
    def routing(self) -> tuple[int, ...]:
        """The rules that have a `route to`."""
        return tuple(place for place, route in enumerate(self.routes) if route is not None)

    def not_taking(self, place: int) -> Formula:
        """Return when a rule would not name the list."""
        if place not in self._not_taking:
            self._not_taking[place] = negation(self.takes[place])
        return self._not_taking[place]

    def _fires(self, place: int) -> Formula:
        return self.space.meaning(self.rules[place].rule.condition, self.compiled).true

    def _takes(self, place: int) -> Formula:
        route = self.routes[place]
        if route is None:
            return FALSE
        effect, give = route
        given = TRUE if isinstance(effect, RouteTo) and isinstance(effect.to, str) else self.gives(effect, give)
        return every((self.fires[place], given))

    def gives(self, effect: Effect, give: Give, wanted: Callable[[Any], bool] = lambda _: True) -> Formula:
        """Return when an effect has a value that is wanted; with a set of cells, where one of them alone has."""
        names = names_of(effect, self.compiled)

        def test(subject: Subject) -> bool:
            found = give(subject)
            return found is not None and wanted(found[1])

        if not names:
            return TRUE if test(self._plain_subject) else FALSE
        return self.space.asked(self.compiled, test, names, (effect, wanted)).true

    @cached_property
    def _plain_subject(self) -> Subject:
        from routing.prove.subjects import subject_at  # noqa: PLC0415 - a subject of which nothing is known

        return subject_at(self.compiled, {})

    def to(self, place: int, wanted: Callable[[str], bool]) -> Formula:
        """Return when a rule would name a list that is wanted."""
        route = self.routes[place]
        if route is None:
            return FALSE
        effect, give = route
        if isinstance(effect, RouteTo) and isinstance(effect.to, str):
            return self.fires[place] if wanted(effect.to) else FALSE
        return every((self.fires[place], self.gives(effect, give, wanted)))

    # --- questions

    def find(self, formulas: Iterable[Formula]) -> Answer:
        """Return a model of formulas."""
        try:
            model = self.search.find([*self.space.axioms, *formulas])
        except OutOfSteps:
            return Answer()
        return Answer(covering=()) if model is None else Answer(model=model)

    def outside(self, formulas: Sequence[Formula], others: int, firing: Firing | None = None) -> Answer:
        """Return a model of formulas in which none of the rules *others* (bits) would name the list, or are true."""
        among = firing or self.taking
        source = self.fires if among is not self.taking else self.takes
        used: dict[int, Formula] = {}
        while True:
            answer = self.find([*formulas, *used.values()])
            if answer.is_open:
                return answer
            if answer.model is None:
                return Answer(covering=self._least(formulas, used))
            standing = among.bits(answer.model) & others
            if not standing:
                return answer
            used |= {place: negation(source[place]) for place in bits_of(standing)}

    def wins(self, place: int, more: Sequence[Formula] = ()) -> Answer:
        """Return a model in which a rule names the list and *more* holds."""
        return self.outside([self.takes[place], *more], (1 << place) - 1)

    def falls(self, more: Sequence[Formula] = ()) -> Answer:
        """Return a model in which no rule names the list and *more* holds."""
        return self.outside(more, (1 << len(self.rules)) - 1)

    def _least(self, formulas: Sequence[Formula], used: dict[int, Formula]) -> tuple[int, ...]:
        """Return few of the rules that leave no model: each is needed."""
        kept = dict(used)
        for place in sorted(used, reverse=True):
            rest = {other: formula for other, formula in kept.items() if other != place}
            if len(kept) > 1 or not rest:
                answer = self.find([*formulas, *rest.values()])
                if answer.model is None and not answer.is_open:
                    kept = rest
        return tuple(sorted(kept))

    def study(self, model: Model) -> Study | None:
        """Return the study of a model."""
        return study_of(self.space, model, self.compiled)


def names_of(effect: Effect, compiled: Compiled) -> tuple[str, ...]:
    """Return the base attributes that the value of an effect depends on."""
    operands = [one for one in walk(effect) if isinstance(one, Operand)]
    return tuple(dict.fromkeys(name for one in operands for name in bases_of(one, compiled)))


def _route_of(one: CompiledRule) -> tuple[Effect, Give] | None:
    pairs = zip(one.rule.effects, one.gives, strict=True)
    return next(((effect, give) for effect, give in pairs if isinstance(effect, RouteTo)), None)
