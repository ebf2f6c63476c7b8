"""Combining what the true rules give into one decision: the laws of LANGUAGE section 4.

- The list: the first rule that gives one that no guarantee forbids, else `otherwise`, at last the exceptions list.
- What the patient is owed (priority, due, tags, notices, reads, who may read) counts from every rule; what belongs to
  the list counts from the rule that won it and from rules without a `route to`; a closure only from the winner.
- The safest value wins: the highest priority, the earliest due, the union of the rest.
- `otherwise` gives what no rule gave; a group's `otherwise` what no rule of the group gave.
- Guarantees are guards: what would break one is taken away or made safer, and is a problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from attrs import define, evolve, field, frozen

from routing.compile import Compiled, CompiledRule, Guard
from routing.compile.effects import WITH_ROUTE, Always, Give, Given, Kind, Lasting
from routing.compile.subject import Subject
from routing.decision import Also, Escalation, Hold, Outcome, Problem, Reads

Fired = tuple[CompiledRule, tuple[Given, ...]]
"""A rule whose condition is true, and what it gives."""


@frozen(kw_only=True, eq=False)
class Draft:
    """A decision but for what is said about it; `by` is what counts, with who gave it."""

    fields: dict[str, Any]
    problems: tuple[Problem, ...]
    by: Sequence[tuple[str, Sequence[Given]]]
    winner: CompiledRule | None

    @property
    def contributors(self) -> tuple[tuple[str, Given], ...]:
        """Who gave what, for explanations."""
        return tuple((who, one) for who, gives in self.by for one in gives)

    def differs(self, other: Draft) -> bool:
        """Say whether any field differs but the list of the rules that fired."""
        mine, theirs = self.fields, other.fields
        return self.problems != other.problems or any(mine[name] != theirs[name] for name in mine if name != "rules")


@define
class _Board:
    """What has been given so far, by kind and in order, with who gave it."""

    given: dict[Kind, list[Any]] = field(factory=lambda: defaultdict(list))
    by: list[tuple[str, Sequence[Given]]] = field(factory=list)

    def add(self, who: str, gives: Sequence[Given]) -> None:
        given = self.given
        for kind, value in gives:
            given[kind].append(value)
        self.by.append((who, gives))

    def all(self, kind: Kind) -> list[Any]:
        return self.given.get(kind, [])

    def first(self, kind: Kind) -> Any:
        return next(iter(self.all(kind)), None)


@frozen(kw_only=True, eq=False)
class _Route:
    """Who won the route: a rule, `otherwise` (None), or the exceptions."""

    worklist: str
    outcome: Outcome
    rule: CompiledRule | None = None


OTHERWISE = "otherwise"
EXCEPTIONS = "exceptions"
_GUARDS = ("guards",)
_OUT = frozenset({Kind.ROUTE, Kind.CLOSE})  # what counts from the winner alone
_OUT_WITH_ROUTE = _OUT | WITH_ROUTE


def combine(compiled: Compiled, subject: Subject, fired: Sequence[Fired], *, failed: bool) -> Draft:
    """Return the decision that the true rules make, in file order; *failed* leads to the exceptions list."""
    guards = active(compiled, subject)
    fired = with_group_defaults(fired)
    broken: list[Guard] = []
    route = _route(compiled, subject, fired, guards, broken, failed=failed)
    board = _Board()
    if route.outcome is Outcome.EXCEPTION:
        _fill(board, EXCEPTIONS, compiled.exceptions, subject, set())
    for rule, gives in fired:
        board.add(rule.rule.name, counting(rule, gives, route.rule))
    held_back = set(WITH_ROUTE) if route.outcome is not Outcome.OTHERWISE else set()
    _fill(board, OTHERWISE, compiled.otherwise, subject, set(board.given) | held_back)
    fields = _fields(compiled, subject, route, board, guards, broken)
    fields["rules"] = tuple(rule.rule.name for rule, gives in fired if gives or not rule.rule.group_default)
    kept = {guard.guarantee.name for guard in broken}
    problems = tuple(
        Problem(kind="guarantee", source=name, message=f"the guarantee `{name}` was kept against the rules")
        for name in dict.fromkeys(guard.guarantee.name for guard in guards)  # in file order, whatever broke first
        if name in kept
    )
    return Draft(fields=fields, problems=problems, by=board.by, winner=route.rule)


def given(rule: CompiledRule, subject: Subject) -> tuple[Given, ...]:
    """Return what a rule gives; an effect whose value is unknown is not given."""
    found: list[Given] = []
    memo = subject.memo
    give: Any
    for give in rule.gives:
        kind = give.__class__
        if kind is Always or (kind is Lasting and subject.clock_at <= give.last):
            found.append(give.given)
            continue
        if kind is Lasting:
            continue
        if give in memo:  # what several rules give alike is worked out once
            one = memo[give]
        else:
            one = memo[give] = give(subject)
        if one is not None:
            found.append(one)
    return tuple(found)


def given_once(rule: CompiledRule, subject: Subject) -> tuple[Given, ...]:
    """Return the same, worked out once for a subject."""
    found: tuple[Given, ...] | None = subject.memo.get(rule)
    if found is None:
        found = subject.memo[rule] = given(rule, subject)
    return found


def given_by(who: str, gives: Sequence[Give], subject: Subject) -> tuple[Given, ...]:
    """Return what `otherwise` or the exceptions give, worked out once for a subject."""
    key = (who,)  # no attribute has such a name
    if key not in subject.memo:
        subject.memo[key] = tuple(one for give in gives if (one := give(subject)) is not None)
    given: tuple[Given, ...] = subject.memo[key]
    return given


def active(compiled: Compiled, subject: Subject) -> tuple[Guard, ...]:
    """Return the guarantees that are about this subject: their condition is true, or they have none."""
    found: tuple[Guard, ...] | None = subject.memo.get(_GUARDS)
    if found is None:
        found = tuple(guard for guard in compiled.guards if guard.applies is None or guard.applies(subject))
        subject.memo[_GUARDS] = found
    return found


def with_group_defaults(fired: Sequence[Fired]) -> list[Fired]:
    """Return what fired, where a group's `otherwise` keeps only what no rule of its group gave."""
    if not any(rule.rule.group_default for rule, _ in fired):
        return list(fired)
    given: dict[str, set[Kind]] = {}
    kept: list[Fired] = []
    for rule, gives in fired:
        group = rule.rule.group
        if group is not None:
            kinds = given.setdefault(group, set())
            if rule.rule.group_default:
                kept.append((rule, tuple(one for one in gives if one[0] not in kinds)))
                continue
            kinds.update(one[0] for one in gives)
        kept.append((rule, gives))
    return kept


def _route(
    compiled: Compiled,
    subject: Subject,
    fired: Sequence[Fired],
    guards: Sequence[Guard],
    broken: list[Guard],
    *,
    failed: bool,
) -> _Route:
    exceptions = _Route(worklist=compiled.exceptions_list, outcome=Outcome.EXCEPTION)
    if failed:
        return exceptions
    forbidden = set[str]()
    for rule, gives in fired:
        if not rule.routes:
            continue
        for kind, worklist in gives:
            if kind is Kind.ROUTE and worklist not in forbidden:
                if not _is_broken_by(worklist, guards, broken):
                    return _Route(worklist=worklist, outcome=Outcome.ROUTED, rule=rule)
                forbidden.add(worklist)
    for kind, worklist in given_by(OTHERWISE, compiled.otherwise, subject):
        if kind is Kind.ROUTE and not _is_broken_by(worklist, guards, broken):
            return _Route(worklist=worklist, outcome=Outcome.OTHERWISE)
    return exceptions


def _is_broken_by(worklist: str, guards: Iterable[Guard], broken: list[Guard]) -> bool:
    found = [guard for guard in guards if worklist in guard.never or (guard.always and worklist not in guard.always)]
    broken.extend(found)
    return bool(found)


def counts(kind: Kind, rule: CompiledRule, winner: CompiledRule | None) -> bool:
    """Say whether what a true rule gives counts, where *winner* named the list."""
    if kind in (Kind.ROUTE, Kind.CLOSE):
        return rule is winner
    return kind not in WITH_ROUTE or rule is winner or not rule.routes


def counting(rule: CompiledRule, gives: Sequence[Given], winner: CompiledRule | None) -> Sequence[Given]:
    """Return all of what a true rule gives that counts, where *winner* named the list."""
    if rule is winner:
        return gives
    out = _OUT_WITH_ROUTE if rule.routes else _OUT
    return [one for one in gives if one[0] not in out]


def _fill(board: _Board, who: str, gives: Sequence[Give], subject: Subject, but: set[Kind]) -> None:
    board.add(who, [one for one in given_by(who, gives, subject) if one[0] not in but])


def _fields(
    compiled: Compiled, subject: Subject, route: _Route, board: _Board, guards: Sequence[Guard], broken: list[Guard]
) -> dict[str, Any]:
    due = _earliest(board.all(Kind.DUE), [(guard, at) for guard in guards for at in guard.due], subject, broken)
    preliminary = _earliest(
        board.all(Kind.PRELIMINARY), [(guard, at) for guard in guards for at in guard.preliminary], subject, broken
    )
    ways = _Ways(compiled=compiled, guards=guards, broken=broken)
    return {
        "outcome": route.outcome,
        "worklist": route.worklist,
        "route_rule": route.rule.rule.name if route.rule else None,
        "priority": compiled.program.priorities[_level(compiled, board, guards, broken)],
        "due_at": due,
        "preliminary_due_at": preliminary,
        "also": _also(board, route, ways),
        "tags": tuple(dict.fromkeys(tag for tags in board.all(Kind.TAGS) for tag in tags)),
        "notify": tuple(dict.fromkeys(board.all(Kind.NOTIFY))),
        "reads": _reads(board.all(Kind.READS), ways),
        "hold": _hold(board.all(Kind.HOLD), due, subject, ways),
        "escalations": _ladder(board.all(Kind.ESCALATE), due, subject, ways),
        "offer": board.first(Kind.OFFER),
        "closure": ways.unless(board.first(Kind.CLOSE), lambda guard: guard.never_close),
        "limits": tuple(
            dict.fromkeys(one for kind in (Kind.ONLY, Kind.EXCLUDE, Kind.IDENTITY) for one in board.all(kind))
        ),
        "together": board.first(Kind.TOGETHER),
        "split": _split(board.first(Kind.SPLIT), ways),
    }


@frozen(kw_only=True, eq=False)
class _Ways:
    """The guarantees that forbid a way onto a list, or a thing altogether; what one stops is noted in `broken`."""

    compiled: Compiled
    guards: Sequence[Guard]
    broken: list[Guard]

    @cached_property
    def _never(self) -> frozenset[str]:
        return frozenset().union(*(guard.never for guard in self.guards))

    def free(self, worklist: str | None) -> bool:
        """Say whether a list may be reached; one that may not is noted."""
        if worklist is None or worklist not in self._never:
            return True
        self.broken.extend(guard for guard in self.guards if worklist in guard.never)
        return False

    def unless(self, value: Any, forbids: Callable[[Guard], bool]) -> Any:
        """Return *value*, or None where a guarantee forbids it."""
        stopping = [guard for guard in self.guards if forbids(guard)] if value is not None else []
        self.broken.extend(stopping)
        return None if stopping else value


def _earliest(
    given: Sequence[datetime], promised: Sequence[tuple[Guard, Any]], subject: Subject, broken: list[Guard]
) -> datetime | None:
    due = min(given, default=None)
    for guard, read in promised:
        latest = read(subject)
        if latest is not None and (due is None or due > latest):
            broken.append(guard)
            due = latest
    return due


def _level(compiled: Compiled, board: _Board, guards: Sequence[Guard], broken: list[Guard]) -> int:
    level: int = min(board.all(Kind.PRIORITY), default=len(compiled.program.priorities) - 1)
    if board.all(Kind.RAISE):
        level = max(0, level - 1)
    for guard in guards:
        if guard.level is not None and guard.level < level:
            broken.append(guard)
            level = guard.level
    return level


def _also(board: _Board, route: _Route, ways: _Ways) -> tuple[Also, ...]:
    """Return the further reads, each list once with its earliest due; the routed list again adds nothing."""
    found: dict[tuple[str, bool], Also] = {}
    for kind in (Kind.ALSO, Kind.AUDIT):
        for one in board.all(kind):
            same = found.setdefault((one.worklist, one.audit), one)
            if one.due_at is not None and (same.due_at is None or one.due_at < same.due_at):
                found[one.worklist, one.audit] = one
    return tuple(
        one for one in found.values() if (one.audit or one.worklist != route.worklist) and ways.free(one.worklist)
    )


def _reads(given: Sequence[Reads], ways: _Ways) -> Reads:
    """Return the largest number of reads, blind if any is; whom differing reads go to is the first that says so."""
    count = max((one.count for one in given), default=1)
    for guard in ways.guards:
        if guard.reads > count:
            ways.broken.append(guard)
            count = guard.reads
    largest_first = sorted(given, key=lambda one: -one.count)
    to = next((one.disagreement_to for one in largest_first if one.disagreement_to), None)
    agreement: dict[str, str] = {}
    for code, worklist in (pair for one in largest_first for pair in one.agreement):
        if ways.free(worklist):
            agreement.setdefault(code, worklist)
    return Reads(
        count=count,
        blind=any(one.blind for one in given),
        disagreement_to=to if ways.free(to) else ways.compiled.exceptions_list,
        agreement=tuple(agreement.items()),
    )


def _hold(given: Sequence[Hold], due: datetime | None, subject: Subject, ways: _Ways) -> Hold | None:
    """Return the shortest hold, no longer than to the due; none where the due has come."""
    if not given:
        return None
    shortest = min(given, key=lambda one: one.at_most_minutes)
    if due is not None:
        left = (due - subject.arrival) // timedelta(minutes=1)
        shortest = evolve(shortest, at_most_minutes=min(shortest.at_most_minutes, left))
    if shortest.at_most_minutes <= 0:
        return None
    held: Hold | None = ways.unless(shortest, lambda guard: guard.never_hold)
    return held


def _ladder(given: Sequence[Escalation], due: datetime | None, subject: Subject, ways: _Ways) -> tuple[Escalation, ...]:
    """Return the steps in order of time, each once."""
    total = (due - subject.clock_at) / timedelta(minutes=1) if due is not None else float("inf")

    def when(step: Escalation) -> float:
        if step.after_minutes is not None:
            return step.after_minutes
        return total if step.after_percent is None else total * step.after_percent / 100

    return tuple(sorted((step for step in dict.fromkeys(given) if ways.free(step.to)), key=when))


def _split(split: Any, ways: _Ways) -> Any:
    if split is None:
        return None
    free = tuple(worklist for worklist in split.worklists if ways.free(worklist))
    return evolve(split, worklists=free) if free else None
