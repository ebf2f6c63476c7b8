"""The ways in which the claims of a guarantee could break: onto a list, too late, too low, closed, held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from attrs import field, frozen

from routing import program
from routing.compile import Guard
from routing.compile.effects import WITH_ROUTE, kind_of
from routing.compile.subject import Subject
from routing.diagnostics import Span
from routing.program import Effect, Length, Unit
from routing.prove.amounts import is_plain
from routing.prove.asked import CLOCK
from routing.prove.facets import bits_of
from routing.prove.firing import Firing
from routing.prove.formulas import FALSE, TRUE, Formula, every, negation, some
from routing.prove.prover import Prover, names_of

_MARGIN = timedelta(hours=2)  # a day keeps the wall clock, an hour elapses: the clocks may change in between


@frozen(kw_only=True)
class Way:
    """One way of breaking a guarantee: formulas that hold while none of the rules `others` names the list."""

    says: str
    span: Span | None
    formulas: Sequence[Formula]
    others: int = 0
    among: Firing | None = field(default=None, eq=False)
    later: bool = False  # by a watch: no decision shows it


def ways(prover: Prover, guarantee: program.Guarantee) -> Iterator[Way]:
    """Yield every way in which a guarantee could break."""
    when = TRUE if guarantee.when is None else prover.space.meaning(guarantee.when, prover.compiled).true
    if when == FALSE:
        return
    guard = next(one for one in prover.compiled.guards if one.guarantee is guarantee)
    yield from _onto_lists(prover, guard, when)
    if prover.kind != "report":
        return
    for claim in guarantee.claims:
        match claim:
            case program.AlwaysDue():
                yield from _too_late(prover, claim, when)
            case program.PriorityAtLeast():
                yield from _too_low(prover, claim, when)
            case program.ReadsAtLeast():
                yield from _too_few(prover, claim, when)
            case _:
                pass
    for forbidden, kind in ((guard.never_close, program.NoReport), (guard.never_hold, program.HoldUntil)):
        if forbidden:
            yield from _given(prover, kind, when)


# --- onto lists


def _onto_lists(prover: Prover, guard: Guard, when: Formula) -> Iterator[Way]:
    def bad(worklist: str) -> bool:
        return worklist in guard.never or (bool(guard.always) and worklist not in guard.always)

    if not guard.never and not guard.always:
        return
    yield from _by_route(prover, when, bad)
    for place, one in enumerate(prover.rules):
        for effect in one.rule.effects:
            if to := [name for name in _reached(effect) if name in guard.never]:
                says = f"the rule `{one.rule.name}` sends such a study to `{to[0]}` by `{effect.text}`"
                yield _counting(prover, place, effect, when, says)
    for effect in prover.compiled.program.otherwise:
        if to := [name for name in _reached(effect) if name in guard.never]:
            says = f"`otherwise` sends such a study to `{to[0]}` by `{effect.text}`"
            yield _by_default(prover, effect, when, says)
    if prover.kind == "report":
        yield from _watched(prover, guard, when)


def _by_route(prover: Prover, when: Formula, bad: Callable[[str], bool]) -> Iterator[Way]:
    for place in prover.routing:
        formula = prover.to(place, bad)
        if formula != FALSE:
            rule = prover.rules[place].rule
            says = f"the rule `{rule.name}` routes such a study"
            yield Way(says=says, span=rule.span, formulas=(formula, when), others=(1 << place) - 1)
    default = next(one for one in prover.compiled.program.otherwise if isinstance(one, program.RouteTo))
    if isinstance(default.to, str) and bad(default.to) and prover.kind == "report":
        says = f"no rule routes such a study, and `otherwise` sends it to `{default.to}`"
        yield Way(says=says, span=default.span, formulas=(when,), others=(1 << len(prover.rules)) - 1)


def _reached(effect: Effect) -> tuple[str, ...]:
    """Return the lists that an effect reaches beside the route."""
    match effect:
        case program.AlsoReadBy() | program.MoveTo():
            return (effect.worklist,)
        case program.EscalateTo(worklist=str(to)):
            return (to,)
        case program.SplitTo():
            return effect.worklists
        case program.ReadBy():
            lists = [effect.disagreement_to] if effect.disagreement_to else []
            return (*lists, *(worklist for _, worklist in effect.agreement))
        case _:
            return ()


def _counting(prover: Prover, place: int, effect: Effect, when: Formula, says: str) -> Way:
    """Return the way in which an effect counts: one that belongs to the list, only where its rule wins it."""
    listed = isinstance(effect, program.EscalateTo | program.SplitTo | program.HoldUntil | program.NoReport)
    rule = prover.rules[place].rule
    alone = _none_gives(prover, effect, rule.group) if rule.group_default else TRUE
    if listed and prover.routes[place] is not None:
        return Way(says=says, span=effect.span, formulas=(prover.takes[place], when, alone), others=(1 << place) - 1)
    return Way(says=says, span=effect.span, formulas=(prover.fires[place], when, alone))


def _by_default(prover: Prover, effect: Effect, when: Formula, says: str) -> Way:
    """Return the way in which an effect of `otherwise` counts: whatever the list, where no rule gives its like.

    What belongs to the list counts only where no rule names one.
    """
    alone = _none_gives(prover, effect)
    others = (1 << len(prover.rules)) - 1 if kind_of(effect) in WITH_ROUTE else 0
    return Way(says=says, span=effect.span, formulas=(when, alone), others=others)


def _none_gives(prover: Prover, effect: Effect, group: str | None = None) -> Formula:
    """Return when no rule gives the like of an effect: no other of its group; without one, none whatever the list."""
    kind = kind_of(effect)
    parts = []
    for place, one in enumerate(prover.rules):
        rule = one.rule
        if group is not None and (rule.group != group or rule.group_default):
            continue
        if group is None and kind in WITH_ROUTE and prover.routes[place] is not None:
            continue
        for other, give in zip(rule.effects, one.gives, strict=True):
            if kind_of(other) is kind:
                alone = _none_gives(prover, other, rule.group) if rule.group_default else TRUE
                parts.append(negation(every((prover.fires[place], _given_at_all(prover, other, give), alone))))
    return every(parts)


def _watched(prover: Prover, guard: Guard, when: Formula) -> Iterator[Way]:
    for watch in prover.compiled.program.watches:
        condition = TRUE if watch.when is None else prover.space.meaning(watch.when, prover.compiled).true
        here = TRUE if watch.worklist is None else _on(prover, watch.worklist)
        for effect in watch.effects:
            if to := [name for name in _reached(effect) if name in guard.never]:
                says = f"the watch `{watch.name}` sends such a study to `{to[0]}` by `{effect.text}`"
                yield Way(says=says, span=effect.span, formulas=(when, condition, here), later=True)


def _on(prover: Prover, worklist: str) -> Formula:
    """Return when a study may be on a list by its route; on that of `otherwise` any may."""
    if any(isinstance(one, program.RouteTo) and one.to == worklist for one in prover.compiled.program.otherwise):
        return TRUE
    return some(prover.to(place, lambda name: name == worklist) for place in prover.routing)


# --- too late, too low, too few


def _blocked(prover: Prover, formulas: Sequence[Formula]) -> tuple[list[Formula], int, Firing]:
    """Return what keeps a claim, one formula for each rule, in the form in which a way excludes it."""
    firing = Firing(formulas, prover.search)
    return list(formulas), sum(1 << place for place, one in enumerate(formulas) if one != FALSE), firing


def _too_late(prover: Prover, claim: program.AlwaysDue, when: Formula) -> Iterator[Way]:
    kind = "preliminary due" if claim.preliminary else "due"
    keeps, gives = [], []
    for place, one in enumerate(prover.rules):
        mine = [
            (effect, give)
            for effect, give in zip(one.rule.effects, one.gives, strict=True)
            if isinstance(effect, program.DueWithin | program.DueBy | program.DueByInstant)
            and effect.preliminary == claim.preliminary
        ]
        found = [_in_time(prover, effect, give, claim.within) for effect, give in mine]
        sure = [formula for formula in found if formula != FALSE]
        keeps.append(every((prover.fires[place], some(sure))) if sure and not one.rule.group_default else FALSE)
        gives.append(every((prover.fires[place], some(_given_at_all(prover, *each) for each in mine))))
    needed: tuple[Formula, ...] = ()
    default = [one for one in prover.compiled.program.otherwise if is_plain(one) and isinstance(one, program.DueWithin)]
    if any(
        one.preliminary == claim.preliminary and prover.amounts.surely_within(one.within, claim.within)
        for one in default
    ):
        needed = (some(gives),)
    says = f"the {kind} of such a study is later than `{_said(claim.within)}`"
    yield from _unless_kept(prover, keeps, (when, *needed), says)


def _given_at_all(prover: Prover, effect: Effect, give: Callable[[Subject], Any]) -> Formula:
    """Return when an effect has a value: a cell may be empty."""
    return prover.gives(effect, give) if names_of(effect, prover.compiled) else TRUE


def _in_time(prover: Prover, effect: Effect, give: Callable[[Subject], Any], within: Length) -> Formula:
    """Return when a due is sure not to be later than a length after the clock."""
    if isinstance(effect, program.DueBy):
        return TRUE if prover.amounts.surely_by(effect, within) else FALSE
    if isinstance(effect, program.DueWithin) and effect.start is None and effect.counting is None:
        if is_plain(effect):
            return TRUE if prover.amounts.surely_within(effect.within, within) else FALSE
        if effect.within.unit in (Unit.MINUTES, Unit.HOURS) and CLOCK not in names_of(effect, prover.compiled):
            limit = prover.compiled.effects.due(within)
            slack = timedelta() if within.unit in (Unit.MINUTES, Unit.HOURS) else _MARGIN

            def test(subject: Subject) -> bool:
                given, latest = give(subject), limit(subject)
                return given is not None and latest is not None and given[1] <= latest - slack

            return prover.space.asked(prover.compiled, test, names_of(effect, prover.compiled), (effect, within)).true
    return FALSE


def _too_low(prover: Prover, claim: program.PriorityAtLeast, when: Formula) -> Iterator[Way]:
    ranks = prover.compiled.program.priorities
    level = ranks.index(claim.level)
    raising = [one for one, rule in zip(prover.fires, prover.rules, strict=True) if _has(rule, program.RaisePriority)]
    default = next(one for one in prover.compiled.program.otherwise if isinstance(one, program.PriorityIs))
    fallback = ranks.index(default.level) if isinstance(default.level, str) else 0
    says = f"the priority of such a study is lower than `{claim.level}`"
    cases: list[tuple[int, tuple[Formula, ...]]] = [(level, tuple(map(negation, raising)))]
    if raising:
        cases.append((level + 1, (some(raising),)))
    for reached, more in cases:
        keeps = [_level_kept(prover, place, reached) for place in range(len(prover.rules))]
        gives = [_level_kept(prover, place, len(ranks)) for place in range(len(prover.rules))]
        needed = (some(gives),) if fallback <= reached else ()
        yield from _unless_kept(prover, keeps, (when, *more, *needed), says)


def _level_kept(prover: Prover, place: int, level: int) -> Formula:
    one = prover.rules[place]
    pairs = zip(one.rule.effects, one.gives, strict=True)
    mine = [(effect, give) for effect, give in pairs if isinstance(effect, program.PriorityIs)]
    kept = [prover.gives(effect, give, _AtMost(level)) for effect, give in mine]
    return every((prover.fires[place], some(kept))) if kept else FALSE


@frozen
class _AtMost:
    """Whether a level is at most another: as urgent, or more."""

    level: int

    def __call__(self, level: Any) -> bool:
        return bool(level <= self.level)


def _has(rule: Any, kind: type[Effect]) -> bool:
    return any(isinstance(effect, kind) for effect in rule.rule.effects)


def _too_few(prover: Prover, claim: program.ReadsAtLeast, when: Formula) -> Iterator[Way]:
    def count(effects: Sequence[Effect]) -> int:
        return max((one.count for one in effects if isinstance(one, program.ReadBy)), default=0)

    counts = [0 if one.rule.group_default else count(one.rule.effects) for one in prover.rules]
    keeps = [fires if number >= claim.count else FALSE for fires, number in zip(prover.fires, counts, strict=True)]
    gives = [fires for fires, number in zip(prover.fires, counts, strict=True) if number]
    needed = (some(gives),) if count(prover.compiled.program.otherwise) >= claim.count else ()
    if claim.count > 1:
        says = f"such a study is read by fewer than {claim.count}"
        yield from _unless_kept(prover, keeps, (when, *needed), says)


def _unless_kept(prover: Prover, keeps: Sequence[Formula], more: Sequence[Formula], says: str) -> Iterator[Way]:
    """Yield the way in which no rule that keeps a claim fires."""
    if any(one == TRUE for one in keeps):
        return
    formulas, others, firing = _blocked(prover, keeps)
    if len(bits_of(others)) > 0:
        more = (*more, *(negation(formulas[place]) for place in bits_of(others)))
    yield Way(says=says, span=None, formulas=tuple(more), among=firing)


# --- closed, held


def _given(prover: Prover, kind: type[Effect], when: Formula) -> Iterator[Way]:
    for place, one in enumerate(prover.rules):
        for effect, give in zip(one.rule.effects, one.gives, strict=True):
            if not isinstance(effect, kind):
                continue
            what = "closes" if kind is program.NoReport else "holds"
            way = _counting(prover, place, effect, when, f"the rule `{one.rule.name}` {what} such a study")
            yield _also(way, _in_force(prover, effect, give))
    for effect in prover.compiled.program.otherwise:
        if isinstance(effect, kind):
            yield _by_default(prover, effect, when, "`otherwise` holds such a study")


def _also(way: Way, formula: Formula) -> Way:
    return Way(says=way.says, span=way.span, formulas=(*way.formulas, formula), others=way.others)


def _in_force(prover: Prover, effect: Effect, give: Callable[[Subject], Any]) -> Formula:
    """Return when a closure's policy still runs, or a hold's condition is not true already."""
    if isinstance(effect, program.HoldUntil):
        return negation(prover.space.meaning(effect.until, prover.compiled).true)
    return prover.space.asked(
        prover.compiled, lambda subject: give(subject) is not None, (CLOCK,), (effect, "in force")
    ).true


def _said(length: Length) -> str:
    amount = length.amount.value if isinstance(length.amount, program.Constant) else "…"
    return f"{amount} {length.unit.value}" if length.unit else str(amount)
