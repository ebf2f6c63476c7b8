"""Gifts: what rules give beside the list, each with when it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Final

from attrs import define, evolve, frozen

from routing import program
from routing.compile.effects import Give, Kind
from routing.diagnostics import Span
from routing.program import Cell, Constant, Effect, Operand
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
_MOST_AMOUNTS: Final = 200
BESIDE: Final = -1  # in place of a rule's: what `otherwise` and guarantees give
LISTED: Final = (Kind.ESCALATE, Kind.HOLD, Kind.OFFER, Kind.TOGETHER, Kind.SPLIT)


@define(eq=False, slots=False)
class Gift:
    """One effect (`by` a rule, a guarantee or `otherwise`), and when it counts."""

    effect: Effect
    by: str
    make: Callable[[], Formula]
    place: int = BESIDE  # of its rule
    reads: tuple[str, ...] = ()  # the attributes that its value is read from
    promised: bool = False  # by a guarantee: it stands beside the rules
    rest: bool = False  # by `otherwise`: it counts where no rule gives its like
    whenever: bool = False  # it counts whenever its rule is true

    @cached_property
    def when(self) -> Formula:
        """When it counts; worked out when it is asked for."""
        return self.make()


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
    """Return what the rules of a book give, by kind, then what guarantees promise, and at last what `otherwise` gives.

    What comes with the list of a routing rule is not among them: it is compared with the routes.
    """
    found: dict[Kind, list[Gift]] = {}
    groups: dict[tuple[str, Kind], list[Gift]] = {}
    for place, one in enumerate(prover.rules):
        rule = one.rule
        for number, effect in enumerate(rule.effects):
            kind = kind_of(effect)
            if kind is None or (kind in LISTED and prover.routes[place] is not None):
                continue
            in_group = groups.setdefault((rule.group, kind), []) if rule.group else []
            alone = in_group if rule.group_default else ()
            mine = list(_valued(prover, place, effect, one.gives[number], alone))
            if not rule.group_default:
                in_group.extend(mine)
            found.setdefault(kind, []).extend(mine)
    for kind, gift in _promised(prover):
        found.setdefault(kind, []).append(gift)
    for effect in prover.compiled.program.otherwise:
        kind = kind_of(effect)
        if kind is not None and kind not in LISTED:
            others = found.setdefault(kind, [])
            others.append(Gift(effect, "`otherwise`", _NoneOf(tuple(others)), rest=True))
    return found


@frozen(eq=False)
class _NoneOf:
    """When no rule gives anything of a kind."""

    others: tuple[Gift, ...]

    def __call__(self) -> Formula:
        return negation(some(one.when for one in self.others if not one.promised and not one.rest))


@frozen(eq=False)
class _When:
    """When a rule is true, none of its group gives the like, and the effect has a value."""

    prover: Prover
    place: int
    value: Callable[[], Formula] | None = None
    unless: Sequence[Gift] = ()

    def __call__(self) -> Formula:
        parts = [self.prover.fires[self.place], *(negation(one.when) for one in self.unless)]
        return every([*parts, self.value()] if self.value else parts)


def _promised(prover: Prover) -> Iterator[tuple[Kind, Gift]]:
    """Yield what guarantees see to: a guard takes the safer value, whatever the rules give."""
    for guarantee in prover.compiled.program.guarantees:
        by = f"the guarantee `{guarantee.name}`"
        for claim in guarantee.claims:
            match claim:
                case program.PriorityAtLeast(level=level):
                    effect: Effect = program.PriorityIs(level=level, span=guarantee.span, text=f"priority {level}")
                    kind = Kind.PRIORITY
                case program.AlwaysDue(within=within, preliminary=preliminary):
                    effect = program.DueWithin(within=within, preliminary=preliminary, span=guarantee.span, text="due")
                    kind = Kind.PRELIMINARY if preliminary else Kind.DUE
                case program.ReadsAtLeast(count=count):
                    effect = program.ReadBy(count=count, span=guarantee.span, text=f"read by {count}")
                    kind = Kind.READS
                case _:
                    continue
            yield kind, Gift(effect, by, _Applies(prover, guarantee), promised=True)


@frozen(eq=False)
class _Applies:
    """When a guarantee is about a study."""

    prover: Prover
    guarantee: program.Guarantee

    def __call__(self) -> Formula:
        when = self.guarantee.when
        return TRUE if when is None else self.prover.space.meaning(when, self.prover.compiled).true


def _valued(prover: Prover, place: int, effect: Effect, give: Give, unless: Sequence[Gift]) -> Iterator[Gift]:
    """Yield a gift; where its value is read, only when it has one: a priority or a number once for each value."""
    by = f"`{prover.rules[place].rule.name}`"
    names = names_of(effect, prover.compiled)
    if not names or isinstance(effect, program.HoldUntil):
        yield Gift(effect, by, _When(prover, place, unless=unless), place, whenever=not unless)
    elif isinstance(effect, program.PriorityIs):
        for rank, level in enumerate(prover.compiled.program.priorities):
            value = partial(prover.gives, effect, give, _Equal(rank))
            yield Gift(evolve(effect, level=level), by, _When(prover, place, value, unless), place)
    elif isinstance(effect, program.DueWithin) and (amounts := _amounts(prover, effect)):
        for amount in amounts:
            fixed = evolve(effect, within=evolve(effect.within, amount=amount))
            value = partial(_reads, prover, effect.within.amount, amount)
            yield Gift(fixed, by, _When(prover, place, value, unless), place)
    else:
        value = partial(prover.gives, effect, give)
        yield Gift(effect, by, _When(prover, place, value, unless), place, names)


def _amounts(prover: Prover, effect: program.DueWithin) -> list[Constant]:
    """Return the numbers that a due is read from in a column of a table; none where it is read otherwise."""
    cell = effect.within.amount
    if not isinstance(cell, Cell) or effect.start is not None:
        return []
    table = prover.compiled.program.tables[cell.table]
    column = table.columns.index(cell.column)
    found = dict.fromkeys(row.cells[column] for row in table.rows if row.cells[column] is not None)
    is_plain = all(isinstance(value, int | float) for value in found) and len(found) <= _MOST_AMOUNTS
    return [Constant(type=cell.type, value=value) for value in found] if is_plain else []


def _reads(prover: Prover, cell: Operand, amount: Constant) -> Formula:
    """Return when a cell has a value; where several cells are found, when one of them has."""
    span = Span(file="", line=0, column=0, end_line=0, end_column=0)
    return prover.space.meaning(program.Is(left=cell, values=(amount,), span=span), prover.compiled).true


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
        case program.DueBy(), program.DueWithin():
            return is_plain(effect) and prover.amounts.surely_by(other, effect.within)
        case program.Tag(tags=mine), program.Tag(tags=theirs):
            return set(mine) >= set(theirs)
        case _:
            return False
