"""Undecided: the rules that are unknown and would, were they true, change the decision.

Exact, and cheap for nearly all rules: what one more rule gives is held against what the decision has of the same kind.
Only where kinds hang together (guarantees, defaults of groups, the order of ties) is the whole decision combined again,
once for all rules that give the same in the same place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from routing.combine import EXCEPTIONS, Draft, Fired, active, combine, counts, given_by, with_group_defaults
from routing.compile import Compiled, CompiledRule, Guard
from routing.compile.blame import cell_name, within
from routing.compile.effects import WITH_ROUTE, Always, Give, Given, Kind
from routing.compile.subject import Subject
from routing.decision import Outcome, Problem, Reads, Undecided
from routing.program import AttributeRef, Cell, RouteTo
from routing.program.walk import walk

MOST_UNKNOWN: Final = 100  # rules of one decision that are asked whether they matter
_UNIONS: Final = frozenset({Kind.TAGS, Kind.NOTIFY, Kind.ONLY, Kind.EXCLUDE, Kind.IDENTITY, Kind.ESCALATE})
_FIRSTS: Final = frozenset({Kind.OFFER, Kind.TOGETHER, Kind.SPLIT})
_LEAST: Final = frozenset({Kind.DUE, Kind.PRELIMINARY, Kind.PRIORITY})
_LISTED: Final = frozenset({Kind.ALSO, Kind.AUDIT, Kind.ESCALATE, Kind.SPLIT, Kind.READS})


def undecided(
    compiled: Compiled,
    subject: Subject,
    fired: Sequence[Fired],
    open_rules: Sequence[CompiledRule],
    draft: Draft,
    *,
    failed: bool,
    most: int = MOST_UNKNOWN,
) -> Iterator[Undecided]:
    """Yield each unknown rule that would, were it true, change any field of the decision but the list of rules.

    Were it true, the attributes that it lacks would be known: an effect that lacks the same counts as a change. Only
    the first *most* of the unknown rules are asked; of more than that a problem tells (`not_asked`).
    """
    if not open_rules:
        return
    question = _Question(compiled, subject, fired, draft, failed=failed)
    for rule in open_rules[:most]:
        names: tuple[str, ...] = ()
        try:
            names = within(rule.rule.condition, compiled, subject)
            changes = question.changes(rule) or question.hides(rule, names)
        except Exception:  # noqa: BLE001 - what it would have changed cannot be told, so that it is named
            changes = True
        if changes:
            yield Undecided(rule=rule.rule.name, attributes=names)


def not_asked(count: int, most: int = MOST_UNKNOWN) -> tuple[Problem, ...]:
    """Return the problem that so many rules are unknown that not all of them were asked whether they matter."""
    if count <= most:
        return ()
    message = f"{count:,} rules are unknown, and only the first {most} were asked whether they matter"
    return (Problem(kind="too-many-unknown", source="undecided", message=message),)


class _Question:
    """Whether one more true rule would change a decision."""

    def __init__(
        self, compiled: Compiled, subject: Subject, fired: Sequence[Fired], draft: Draft, *, failed: bool
    ) -> None:
        self._compiled, self._subject, self._fired, self._draft, self._failed = compiled, subject, fired, draft, failed
        self._winner = draft.winner.place if draft.winner else len(compiled.rules)
        self._defaults = {rule.rule.group for rule, _ in fired if rule.rule.group_default}
        self._guards = active(compiled, subject)
        self._guarded = frozenset().union(*map(_kinds_of, self._guards))
        self._given: dict[Kind, list[tuple[int, Any]]] = {}  # what counts from rules (and the exceptions), by place
        if draft.fields["outcome"] is Outcome.EXCEPTION:
            for kind, value in given_by(EXCEPTIONS, compiled.exceptions, subject):
                self._given.setdefault(kind, []).append((-1, value))
        for rule, gives in with_group_defaults(fired):
            for kind, value in gives:
                if counts(kind, rule, draft.winner):
                    self._given.setdefault(kind, []).append((rule.place, value))
        self._least = {kind: min([value for _, value in self._given[kind]]) for kind in _LEAST if kind in self._given}
        self._usual = {kind for kind, _ in given_by("otherwise", compiled.otherwise, subject)}
        self._firsts: dict[Kind, dict[Any, int]] = {}
        self._read_by: dict[Kind, frozenset[str]] = {}
        self._known: dict[Any, bool] = {}
        self._worked_out: dict[Give, Given | None] = {}

    def _given_by(self, rule: CompiledRule) -> tuple[Given, ...]:
        """Return what a rule gives; what several rules give alike is worked out once."""
        worked_out, found = self._worked_out, list[Given]()
        for give in rule.gives:
            if give not in worked_out:
                worked_out[give] = give(self._subject)
            one = worked_out[give]
            if one is not None:
                found.append(one)
        return tuple(found)

    def changes(self, rule: CompiledRule) -> bool:  # noqa: C901 - the laws of effects, one after the other
        """Say whether any field but the list of rules would be another."""
        group = rule.rule.group
        if not self._guards and group is None and not self._failed and rule.place < self._winner:
            for give in rule.gives:
                if isinstance(give, Always) and give.given[0] is Kind.ROUTE:
                    return True
        gives = self._given_by(rule)
        unsure = False
        if group is not None and (rule.rule.group_default or group in self._defaults):
            if rule.rule.group_default:
                return self._combined(rule, gives)
            unsure = bool(gives)  # the group's default would give less; what comes anew is seen all the same
        for kind, value in _alone(gives):
            if kind is Kind.ROUTE:
                if rule.place < self._winner and not self._failed:
                    if not self._guards:
                        return True
                    unsure = True
                continue
            if kind is Kind.CLOSE or (kind in WITH_ROUTE and rule.routes):
                continue
            told = (self._under_guard if kind in self._guarded else self._by_kind)(rule.place, kind, value)
            if told:
                return True
            unsure = unsure or told is None
        return unsure and self._combined(rule, gives)

    def _under_guard(self, place: int, kind: Kind, value: Any) -> bool | None:
        """Say the same of a kind that a guarantee has a say in: it is not asked where nothing comes anew."""
        if kind in _LEAST:
            return False if kind in self._least and value >= self._least[kind] else None
        told = self._by_kind(place, kind, value)
        if told is False:
            return False if kind in self._given else None
        if told is None or kind not in (Kind.ALSO, Kind.AUDIT, Kind.ESCALATE):
            return None
        to = value.to if kind is Kind.ESCALATE else value.worklist
        return None if any(to in guard.never for guard in self._guards) else True

    def _by_kind(self, place: int, kind: Kind, value: Any) -> bool | None:
        """Say whether what is given changes its own kind; None where that is not to be seen at a glance."""
        if kind is Kind.PRIORITY:
            return self._priority(value)
        return self._again(place, kind, value) if kind in self._given else self._anew(kind, value)

    def _anew(self, kind: Kind, value: Any) -> bool | None:
        """Say the same of a kind that no true rule gives; what `otherwise` gave of it would go."""
        if kind in _LEAST:
            return bool(value != self._draft.fields["due_at" if kind is Kind.DUE else "preliminary_due_at"])
        if kind in self._usual or kind is Kind.RAISE:
            return None
        if kind is Kind.HOLD:
            due = self._draft.fields["due_at"]
            left = 1 if due is None else (due - self._subject.arrival) // timedelta(minutes=1)
            return min(left, int(value.at_most_minutes)) > 0
        if kind is Kind.READS:
            return bool(value != Reads())
        return kind is not Kind.ALSO or value.worklist != self._draft.fields["worklist"]

    def _again(self, place: int, kind: Kind, value: Any) -> bool | None:  # noqa: PLR0911 - one for each kind
        """Say the same of a kind that true rules give too."""
        first: int | None
        if kind in _LEAST:
            return bool(value < self._least[kind])
        match kind:
            case Kind.RAISE:
                return False
            case Kind.ALSO | Kind.AUDIT if value.worklist not in self._lists(kind):
                return kind is Kind.AUDIT or value.worklist != self._draft.fields["worklist"]
            case Kind.HOLD if value.at_most_minutes > self._shortest:
                return False
            case Kind.TAGS:
                firsts = [self._first_places(kind).get(tag) for tag in value]
                if None in firsts:
                    return True
                first = max(at for at in firsts if at is not None)
            case _ if kind in _FIRSTS:
                first = self._given[kind][0][0]
            case _:
                first = self._first_places(kind).get(value)
                if first is None and kind in _UNIONS:
                    return True
        return False if first is not None and first < place else None

    def _lists(self, kind: Kind) -> frozenset[str]:
        """Return the lists of further reads or audits."""
        if kind not in self._read_by:
            self._read_by[kind] = frozenset(each.worklist for _, each in self._given[kind])
        return self._read_by[kind]

    def _priority(self, level: int) -> bool:
        had = self._given.get(Kind.PRIORITY)
        fields, priorities = self._draft.fields, self._compiled.program.priorities
        least = min(level, self._least[Kind.PRIORITY]) if had else level
        raised = Kind.RAISE in self._given or any(
            one[0] is Kind.RAISE for one in given_by("otherwise", self._compiled.otherwise, self._subject)
        )
        return bool(priorities[max(0, least - 1) if raised else least] != fields["priority"])

    def _first_places(self, kind: Kind) -> dict[Any, int]:
        """Return the values (or tags) that count of a kind, each with the place of the first rule that gives it."""
        found = self._firsts.get(kind)
        if found is None:
            found = self._firsts[kind] = {}
            for place, value in self._given[kind]:
                for one in value if kind is Kind.TAGS else (value,):
                    found.setdefault(one, place)
        return found

    @cached_property
    def _shortest(self) -> int:
        """The shortest hold that counts."""
        return min(int(each.at_most_minutes) for _, each in self._given[Kind.HOLD])

    @cached_property
    def _telling(self) -> list[Fired]:
        """The true rules with only what may tell when a rule that does not win the route joins them.

        Of dues that is the earliest, of priorities the highest, of all else the first of each value.
        """
        told = set[Any]()
        kept: list[Fired] = []
        for rule, gives in with_group_defaults(self._fired):
            left: list[Given] = []
            for kind, value in gives:
                if kind is Kind.ROUTE:
                    tells = rule.place <= self._winner
                else:
                    tells = counts(kind, rule, self._draft.winner) and value == self._least.get(kind, value)
                if tells and (kind, value) not in told:
                    told.add((kind, value))
                    left.append((kind, value))
            if left:
                kept.append((rule, tuple(left)))
        return kept

    def _combined(self, rule: CompiledRule, gives: tuple[Given, ...]) -> bool:
        group = rule.rule.group
        loses = rule.rule.group_default or (group is not None and group in self._defaults)
        fired = self._fired if loses else self._telling
        slot = bisect_left(fired, rule.place, key=_place_of)
        key = slot, gives, rule.routes, group, rule.rule.group_default, rule.place < self._winner
        found = self._known.get(key)
        if found is None:
            with_it = [*fired[:slot], (rule, gives), *fired[slot:]]
            other = combine(self._compiled, self._subject, with_it, failed=self._failed)
            found = self._known[key] = other.differs(self._draft)
        return found

    def hides(self, rule: CompiledRule, names: Sequence[str]) -> bool:
        """Say whether an effect lacks the very attributes that the condition lacks: were it true, it had a value."""
        for effect, give in zip(rule.rule.effects, rule.gives, strict=True):
            if isinstance(give, Always) or (isinstance(effect, RouteTo) and rule.place >= self._winner):
                continue
            one = self._worked_out[give] if give in self._worked_out else give(self._subject)
            if one is None:
                asked = {each.name for each in walk(effect) if isinstance(each, AttributeRef)}
                asked |= {cell_name(each) for each in walk(effect) if isinstance(each, Cell)}
                if not asked.isdisjoint(names):
                    return True
        return False


def _alone(gives: tuple[Given, ...]) -> tuple[Given, ...]:
    """Return what counts of all that one rule gives: of several dues, priorities or holds the safest alone."""
    if len({kind for kind, _ in gives}) == len(gives):
        return gives
    safest: dict[Kind, Any] = {}
    for kind, value in gives:
        if kind in _LEAST:
            safest[kind] = min(value, safest.get(kind, value))
        elif kind is Kind.HOLD:
            safest[kind] = min(safest.get(kind, value), value, key=lambda hold: int(hold.at_most_minutes))
    return (*safest.items(), *(one for one in gives if one[0] not in safest))


def _place_of(fired: Fired) -> int:
    return fired[0].place


def _kinds_of(guard: Guard) -> frozenset[Kind]:
    """Return the kinds of effects that a guarantee has a say in."""
    kinds: set[Kind] = set()
    if guard.due:
        kinds |= {Kind.DUE}
    if guard.preliminary:
        kinds |= {Kind.PRELIMINARY}
    if guard.level is not None:
        kinds |= {Kind.PRIORITY, Kind.RAISE}
    if guard.reads:
        kinds |= {Kind.READS}
    if guard.never:
        kinds |= _LISTED
    if guard.never_hold:
        kinds |= {Kind.HOLD, Kind.DUE}
    return frozenset(kinds)
