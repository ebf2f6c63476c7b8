"""The space of all studies, as far as one or two rulebooks can tell them apart, and what conditions mean in it.

What a comparison is for a class of values is found by asking the compiled comparison itself, so that the proofs and
`decide` cannot disagree. A comparison whose facets are too many to ask about becomes a free fact of its own: what is
proved then still holds, and a study that cannot be made up is reported as undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from routing import program
from routing.attributes import Type
from routing.compile import Compiled
from routing.compile.subject import Subject
from routing.compile.texts import Mentioning
from routing.meaning.hours import contains
from routing.meaning.logic import Truth
from routing.program import AttributeRef, Condition, Constant, Operand, Reach
from routing.prove.asked import CLOCK, bases_of
from routing.prove.building import facets as make_facets
from routing.prove.clocks import MONDAY, ranges
from routing.prove.facets import Class, Facet
from routing.prove.formulas import FALSE, TRUE, Formula, Literal, Meaning, every, negation, some
from routing.prove.subjects import subject_at
from routing.prove.worlds import World, compared

_MOST_ASKED: Final = 20_000
_SETS: Final = (Type.CODES, Type.TEXT)
_NEVER: Final = Meaning(FALSE, FALSE)
Test = Callable[[Subject], Truth]


@frozen(kw_only=True)
class _Asked:
    """One question: the test, whose sets count by any member (or by all), and what it is about."""

    compiled: Compiled
    test: Test
    by_all: bool
    facets: tuple[Facet, ...]


@frozen(eq=False, slots=False)
class Space:
    """The partition, and the meaning of conditions in it. Made for one or two rulebooks."""

    compileds: tuple[Compiled, ...]
    facets: list[Facet]
    _places: dict[tuple[str, ...], int] = field(factory=dict)
    _meanings: dict[tuple[int, int], tuple[Condition, Meaning]] = field(factory=dict)
    _leaves: dict[tuple[int, Condition], Meaning] = field(factory=dict)
    _spoken: dict[Hashable, int] = field(factory=dict)
    _subjects: dict[int, list[Subject]] = field(factory=dict)
    _plain_subjects: dict[tuple[int, int], list[Subject]] = field(factory=dict)

    @classmethod
    def of(cls, *compileds: Compiled) -> Space:
        """Return the space of rulebooks."""
        made = list(make_facets(compileds))
        return cls(compileds, made, {facet.key: facet.place for facet in made})

    @cached_property
    def axioms(self) -> tuple[Formula, ...]:
        """What holds for every study: PETCT stands beside PT with CT, and nowhere else."""
        place = self._places.get(("modality",))
        members = self.facets[place].members if place is not None else {}
        if place is None or not {"PT", "CT", "PETCT"} <= set(members):
            return ()
        pt, ct, both = (1 << members[code] for code in ("PT", "CT", "PETCT"))
        return (
            some((Literal(place, pt, some=False), Literal(place, ct, some=False), Literal(place, both))),
            *(some((Literal(place, both, some=False), Literal(place, one))) for one in (pt, ct)),
        )

    def facet(self, name: str) -> Facet | None:
        """Return the facet of an attribute, where a rulebook asks about it."""
        place = self._places.get((name,))
        return None if place is None else self.facets[place]

    @cached_property
    def world(self) -> World:
        """What the rulebooks share of what comparisons and effects lean on."""
        return compared(self.compileds[0], self.compileds[-1])

    # --- conditions

    def meaning(self, condition: Condition, compiled: Compiled) -> Meaning:
        """Return when a condition is true, and when it is false."""
        key = (id(condition), id(compiled))
        made = self._meanings.get(key)
        if made is None:
            made = self._meanings[key] = (condition, self._meaning(condition, compiled))
        return made[1]

    def _meaning(self, condition: Condition, compiled: Compiled) -> Meaning:  # noqa: PLR0911 - one for each kind
        match condition:
            case program.Fixed(holds=holds):
                return Meaning(TRUE, FALSE) if holds else Meaning(FALSE, TRUE)
            case program.And(parts=parts):
                inner = [self.meaning(part, compiled) for part in parts]
                return Meaning(every(one.true for one in inner), some(one.false for one in inner))
            case program.Or(parts=parts):
                inner = [self.meaning(part, compiled) for part in parts]
                return Meaning(some(one.true for one in inner), every(one.false for one in inner))
            case program.Not(part=part):
                return self.meaning(part, compiled).opposite()
            case program.Possibly(part=part):
                false = self.meaning(part, compiled).false
                return Meaning(negation(false), false)
            case program.Certainly(part=part):
                true = self.meaning(part, compiled).true
                return Meaning(true, negation(true))
            case program.Defined(condition=inner_condition):
                return self.meaning(inner_condition, compiled)
            case _:
                shared = len(self.compileds) > 1 and self.world.reads_same(condition)
                key = (id(self.compileds[0] if shared else compiled), condition)
                if key not in self._leaves:
                    self._leaves[key] = self._leaf(condition, compiled)
                return self._leaves[key]

    def _leaf(self, leaf: Condition, compiled: Compiled) -> Meaning:
        quick = self._quick(leaf, compiled)
        if quick is not None:
            return quick
        if isinstance(leaf, program.InSample):
            facet = self.facets[self._places["sample", leaf.rule]]
            mask = sum(1 << place for edge, place in facet.members.items() if edge <= leaf.percent)
            return Meaning(Literal(facet.place, mask), Literal(facet.place, facet.full & ~mask))
        if isinstance(leaf, program.During):
            return self._during(leaf, compiled)
        if isinstance(leaf, program.Includes) and leaf.reach is Reach.ALL:
            return self._all_of([evolve(leaf, reach=Reach.ANY, values=(value,)) for value in leaf.values], compiled)
        if isinstance(leaf, program.Mentions) and leaf.every:
            return self._all_of([evolve(leaf, every=False, phrases=(one,)) for one in leaf.phrases], compiled)
        names = tuple(dict.fromkeys(name for one in _operands(leaf) for name in bases_of(one, compiled)))
        return self.asked(compiled, compiled.conditions.test(leaf), names, leaf, by_all=_counts_by_all(leaf))

    def _all_of(self, parts: Sequence[Condition], compiled: Compiled) -> Meaning:
        inner = [self.meaning(part, compiled) for part in parts]
        return Meaning(every(one.true for one in inner), some(one.false for one in inner))

    # --- without asking: the commonest comparisons

    def _quick(self, leaf: Condition, compiled: Compiled) -> Meaning | None:
        match leaf:
            case program.Is(left=AttributeRef(type=Type.CODE) as left) if _all_constant(leaf.values):
                facet = self._plain(left, compiled)
                if facet is None:
                    return None
                mask = sum({1 << facet.members[value] for value in _constants(leaf.values) if value in facet.members})
                meaning = Meaning(Literal(facet.place, mask), Literal(facet.place, facet.full & ~mask & ~1))
                return meaning.opposite() if leaf.negated else meaning
            case program.Includes(left=AttributeRef(type=Type.CODES) as left) if _all_constant(leaf.values):
                facet = self._plain(left, compiled)
                return None if facet is None or leaf.reach is Reach.ALL else _includes(facet, leaf)
            case program.Mentions(left=AttributeRef(type=Type.TEXT) as left, every=False):
                facet = self._plain(left, compiled)
                if facet is None:
                    return None
                mask = 0
                for phrase in leaf.phrases:
                    mask |= self._speaks(facet, phrase, leaf, compiled)
                return Meaning(Literal(facet.place, mask), _without(facet, mask))
            case _:
                return None

    def _plain(self, left: AttributeRef, compiled: Compiled) -> Facet | None:
        return self.facet(left.name) if bases_of(left, compiled) == (left.name,) else None

    def _speaks(self, facet: Facet, phrase: str, leaf: program.Mentions, compiled: Compiled) -> int:
        """Return the snippets that mention one phrase."""
        key = (facet.place, phrase, leaf.excepted, leaf.not_negated, id(compiled))
        if key not in self._spoken:
            one = evolve(leaf, phrases=(phrase,))
            test = Mentioning(one, lambda subject: subject.known["text"], compiled.conditions.negating)
            found = 0
            for place, subject in enumerate(self._snippets(facet)):
                found |= bool(test(subject)) << place
            self._spoken[key] = found
        return self._spoken[key]

    def _snippets(self, facet: Facet) -> list[Subject]:
        if facet.place not in self._subjects:
            texts = (next(iter(one.values.values())) for one in facet.classes)
            self._subjects[facet.place] = [subject_at(self.compileds[0], {"text": text}) for text in texts]
        return self._subjects[facet.place]

    # --- hours

    def _during(self, leaf: program.During, compiled: Compiled) -> Meaning:
        """Return the meaning of `during`: the first choice of hours whose condition is true, on the facet's days."""
        names = bases_of(leaf.of, compiled)
        facet = self.facet(names[0]) if len(names) == 1 else None
        if facet is None or any(one.at_clock for one in facet.classes):
            return self._free(compiled, leaf)
        known = facet.full if facet.name == CLOCK else facet.full & ~1
        trues, falses = [], []
        before: list[Formula] = []
        choices = compiled.program.times[leaf.times].choices
        for choice in (*(one for one in choices if one.when), *(one for one in choices if one.when is None)):
            hours = ranges(compiled, choice)
            shown = (one.wall or next(iter(one.values.values()), None) for one in facet.classes)
            mask = sum(1 << place for place, wall in enumerate(shown) if wall is not None and contains(hours, wall))
            chosen = TRUE if choice.when is None else self.meaning(choice.when, compiled).true
            trues.append(every((*before, chosen, Literal(facet.place, mask))))
            falses.append(every((*before, chosen, Literal(facet.place, known & ~mask))))
            before.append(negation(chosen))
        meaning = Meaning(some(trues), some(falses))
        return meaning.opposite() if leaf.outside else meaning

    # --- by asking

    def asked(
        self, compiled: Compiled, test: Test, names: Sequence[str], about: Any, *, by_all: bool = False
    ) -> Meaning:
        """Return the meaning of a test of the attributes *names*, found by asking it about every class of each."""
        found = [self.facet(name) for name in names]
        if any(one is None for one in found):
            return self._free(compiled, about)
        mine = [one for one in found if one is not None]
        relative = any(one.at_clock for facet in mine for one in facet.classes)
        if relative and not _in_working_days(about):
            mine = [facet for facet in mine if facet.name != CLOCK]
        sets = [facet for facet in mine if facet.many]
        size = 1
        for facet in mine:
            size *= len(facet.classes) + facet.many
        if len(sets) > 1 or size > _MOST_ASKED:
            return self._free(compiled, about)
        plain = tuple(facet for facet in mine if not facet.many)
        question = _Asked(compiled=compiled, test=test, by_all=by_all, facets=(*plain, *sets))
        if len(plain) == 1 and not sets:
            return self._ask_one(question, plain[0])
        return self._ask(question, 0, {}, MONDAY)

    def _ask_one(self, question: _Asked, facet: Facet) -> Meaning:
        """Return the meaning of a test of one plain facet: what most comparisons are."""
        key = (facet.place, id(question.compiled))
        if key not in self._plain_subjects:
            shown = [(one, one.wall or MONDAY) for one in facet.classes]
            self._plain_subjects[key] = [
                subject_at(question.compiled, dict(one.given(wall)), wall) for one, wall in shown
            ]
        masks = {True: 0, False: 0, None: 0}
        for number, subject in enumerate(self._plain_subjects[key]):
            masks[question.test(subject)] |= 1 << number
        return Meaning(*(_among(facet, masks[truth]) for truth in (True, False)))

    def _ask(self, question: _Asked, place: int, known: dict[str, Any], wall: Any) -> Meaning:
        if place == len(question.facets):
            truth = self._answer(question, known, wall)
            return Meaning(TRUE, FALSE) if truth else _NEVER if truth is None else Meaning(FALSE, TRUE)
        facet = question.facets[place]
        if facet.many:
            return self._ask_set(question, facet, known, wall)
        groups: dict[Meaning, int] = {}
        for number, one in enumerate(facet.classes):
            there = one.wall or wall
            meaning = self._ask(question, place + 1, {**known, **one.given(there)}, there)
            groups[meaning] = groups.get(meaning, 0) | 1 << number
        if len(groups) == 1:
            return next(iter(groups))
        return Meaning(
            some(every((Literal(facet.place, mask), meaning.true)) for meaning, mask in groups.items()),
            some(every((Literal(facet.place, mask), meaning.false)) for meaning, mask in groups.items()),
        )

    def _ask_set(self, question: _Asked, facet: Facet, known: dict[str, Any], wall: Any) -> Meaning:
        masks = {True: 0, False: 0, None: 0}
        for number, one in enumerate(facet.classes):
            masks[self._answer(question, {**known, **one.given(wall)}, wall)] |= 1 << number
        nothing = self._answer(question, known, wall)
        first = not question.by_all  # the answer that one member is enough for
        strong = Literal(facet.place, masks[first])
        weak = every((Literal(facet.place, masks[first], some=False), Literal(facet.place, masks[not first])))
        empty = Literal(facet.place, facet.full, some=False)
        strong_too = some((strong, empty)) if nothing is first else strong
        weak_too = some((weak, empty)) if nothing is (not first) else weak
        return Meaning(strong_too, weak_too) if first else Meaning(weak_too, strong_too)

    def _answer(self, question: _Asked, known: dict[str, Any], wall: Any) -> Truth:
        return question.test(subject_at(question.compiled, known, wall))

    def _free(self, compiled: Compiled, about: Any) -> Meaning:
        """Return the meaning of what is not looked into: a fact of its own, that may be true, false or unknown."""
        which = self.compileds.index(compiled) if len(self.compileds) > 1 else 0
        key = ("free", str(which), repr(about))
        if key not in self._places:
            self._places[key] = len(self.facets)
            name = getattr(about, "text", "") or "a comparison"
            facet = Facet(place=len(self.facets), key=key, many=False, classes=(Class(),) * 3, real=False, name=name)
            self.facets.append(facet)
        place = self._places[key]
        return Meaning(Literal(place, 2), Literal(place, 4))


def _among(facet: Facet, mask: int) -> Formula:
    return TRUE if mask == facet.full else Literal(facet.place, mask) if mask else FALSE


def _all_constant(values: Sequence[Operand]) -> bool:
    return all(isinstance(value, Constant) for value in values)


def _constants(values: Sequence[Operand]) -> list[Any]:
    return [value.value for value in values if isinstance(value, Constant)]


def _without(facet: Facet, mask: int) -> Formula:
    return every((Literal(facet.place, mask, some=False), Literal(facet.place, facet.full & ~mask)))


def _includes(facet: Facet, leaf: program.Includes) -> Meaning:
    mask = sum({1 << facet.members[value] for value in _constants(leaf.values) if value in facet.members})
    if leaf.reach is Reach.ONLY:
        return Meaning(_without(facet, facet.full & ~mask), Literal(facet.place, facet.full & ~mask))
    meaning = Meaning(Literal(facet.place, mask), _without(facet, mask))
    return meaning.opposite() if leaf.reach is Reach.NONE else meaning


def _counts_by_all(leaf: Condition) -> bool:
    """Say whether one member that fails is enough for false, rather than one that fits for true."""
    match leaf:
        case program.Includes(reach=reach):
            return reach in (Reach.NONE, Reach.ONLY)
        case program.Is(negated=negated) | program.Listed(negated=negated):
            return negated
        case program.IsKnown(known=known):
            return not known
        case _:
            return False


def _operands(leaf: Condition) -> tuple[Operand, ...]:
    from routing.check.walking import own_operands  # noqa: PLC0415 - kept beside its one use

    return own_operands(leaf)


def _in_working_days(about: Any) -> bool:
    return isinstance(about, program.Within) and about.length.unit is program.Unit.WORKING_DAYS
