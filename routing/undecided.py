"""Undecided: the rules that are unknown and would, were they true, change the decision.

Exact, and cheap for nearly all rules: what one more rule gives is held against what the decision has of the same kind.
Only where kinds hang together (guarantees, defaults of groups, the order of ties) is the whole decision combined again,
once for all rules that give the same in the same place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Final

from routing.combine import EXCEPTIONS, Draft, Fired, active, combine, counts, given_by, with_group_defaults
from routing.compile import Compiled, CompiledRule, Guard
from routing.compile.blame import within
from routing.compile.effects import WITH_ROUTE, Always, Give, Given, Kind
from routing.compile.subject import Subject
from routing.decision import Also, Outcome, Undecided
from routing.program import AttributeRef, RouteTo
from routing.program.walk import walk

_UNIONS: Final = frozenset({Kind.TAGS, Kind.NOTIFY, Kind.ONLY, Kind.EXCLUDE, Kind.IDENTITY, Kind.ESCALATE})
_FIRSTS: Final = frozenset({Kind.OFFER, Kind.TOGETHER, Kind.SPLIT})
_SEEN: Final = {
    Kind.TAGS: "tags",
    Kind.NOTIFY: "notify",
    Kind.ESCALATE: "escalations",
    Kind.OFFER: "offer",
    Kind.TOGETHER: "together",
    Kind.SPLIT: "split",
}
_LISTED: Final = frozenset({Kind.ALSO, Kind.AUDIT, Kind.ESCALATE, Kind.SPLIT, Kind.READS})


def undecided(
    compiled: Compiled,
    subject: Subject,
    fired: Sequence[Fired],
    open_rules: Sequence[CompiledRule],
    draft: Draft,
    *,
    failed: bool,
) -> Iterator[Undecided]:
    """Yield each unknown rule that would, were it true, change any field of the decision but the list of rules.

    Were it true, the attributes that it lacks would be known: an effect that lacks the same counts as a change.
    """
    if not open_rules:
        return
    question = _Question(compiled, subject, fired, draft, failed=failed)
    for rule in open_rules:
        names: tuple[str, ...] = ()
        try:
            names = within(rule.rule.condition, compiled, subject)
            changes = question.changes(rule) or question.hides(rule, names)
        except Exception:  # noqa: BLE001 - what it would have changed cannot be told, so that it is named
            changes = True
        if changes:
            yield Undecided(rule=rule.rule.name, attributes=names)


class _Question:
    """Whether one more true rule would change a decision."""

    def __init__(
        self, compiled: Compiled, subject: Subject, fired: Sequence[Fired], draft: Draft, *, failed: bool
    ) -> None:
        self._compiled, self._subject, self._fired, self._draft, self._failed = compiled, subject, fired, draft, failed
        self._winner = draft.winner.place if draft.winner else len(compiled.rules)
        self._places = [rule.place for rule, _ in fired]
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
        self._known: dict[Any, bool] = {}
        self._worked_out: dict[Give, Given | None] = {}

    def _given_by(self, rule: CompiledRule) -> tuple[Given, ...]:
        """Return what a rule gives; what several rules give alike is worked out once."""
        worked_out, found = self._worked_out, list[Given]()
        for give in rule.gives:
            if isinstance(give, Always):
                found.append(give.given)
                continue
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
        if group is not None and (rule.rule.group_default or group in self._defaults):
            return self._combined(rule, gives)
        unsure = False
        for kind, value in gives:
            if kind is Kind.ROUTE:
                if rule.place < self._winner and not self._failed:
                    if not self._guards:
                        return True
                    unsure = True
                continue
            if kind is Kind.CLOSE or (kind in WITH_ROUTE and rule.routes):
                continue
            told = None if kind in self._guarded else self._by_kind(rule.place, kind, value)
            if told:
                return True
            unsure = unsure or told is None
        return unsure and self._combined(rule, gives)

    def _by_kind(self, place: int, kind: Kind, value: Any) -> bool | None:  # noqa: PLR0911 - one for each kind
        """Say whether what is given changes its own kind; None where that is not to be seen at a glance."""
        had = self._given.get(kind)
        if kind in (Kind.ALSO, Kind.AUDIT):
            return self._also(value, had)
        match kind:
            case Kind.PRIORITY:
                return self._priority(value)
            case Kind.RAISE:
                return None if had is None else False
            case Kind.DUE | Kind.PRELIMINARY:
                if had:
                    return bool(value < min(each for _, each in had))
                name = "due_at" if kind is Kind.DUE else "preliminary_due_at"
                return bool(value != self._draft.fields[name])
            case _ if not had:
                # What `otherwise` gave of this kind would go; where that is nothing, what comes is new.
                return True if kind in _SEEN and not self._draft.fields[_SEEN[kind]] else None
            case Kind.HOLD:
                shortest = min(each.at_most_minutes for _, each in had)
                return False if value.at_most_minutes > shortest else None
            case _ if kind in _FIRSTS:
                return False if place > had[0][0] else None
            case _ if kind in _UNIONS:
                first = next((at for at, each in had if each == value), None)
                return (
                    True
                    if first is None and kind is not Kind.TAGS
                    else False
                    if first is not None and first < place
                    else None
                )
            case _:
                return None

    def _also(self, read: Also, had: Sequence[tuple[int, Any]] | None) -> bool | None:
        if not had and self._draft.fields["also"]:
            return None
        if had and any((each.worklist, each.audit) == (read.worklist, read.audit) for _, each in had):
            return None
        return read.audit or read.worklist != self._draft.fields["worklist"]

    def _priority(self, level: int) -> bool:
        had = self._given.get(Kind.PRIORITY)
        fields, priorities = self._draft.fields, self._compiled.program.priorities
        least = min([level, *(each for _, each in had)]) if had else level
        raised = Kind.RAISE in self._given or any(
            one[0] is Kind.RAISE for one in given_by("otherwise", self._compiled.otherwise, self._subject)
        )
        return bool(priorities[max(0, least - 1) if raised else least] != fields["priority"])

    def _combined(self, rule: CompiledRule, gives: tuple[Given, ...]) -> bool:
        slot = bisect_left(self._places, rule.place)
        key = slot, gives, rule.routes, rule.rule.group, rule.rule.group_default, rule.place < self._winner
        found = self._known.get(key)
        if found is None:
            with_it = [*self._fired[:slot], (rule, gives), *self._fired[slot:]]
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
                if not asked.isdisjoint(names):
                    return True
        return False


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
