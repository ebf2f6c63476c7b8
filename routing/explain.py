"""Explanations: why a decision is what it is, worked out again when asked for, so that deciding pays nothing for it.

The rule that won and what each earlier rule failed on, by value or because something was unknown; who gave each effect;
for another rule or worklist, why not; and the source of every attribute that was used. Identity is never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from attrs import frozen

from routing.attributes import Attributes, Duration, Missing
from routing.combine import EXCEPTIONS, OTHERWISE, Draft, Fired, combine
from routing.compile import Compiled, CompiledRule
from routing.compile.asked import parts_of as parts
from routing.compile.blame import blame
from routing.compile.effects import Given, Kind
from routing.compile.subject import Subject
from routing.decide import REPORT, decide, given, subject_of
from routing.decision import Decision
from routing.meaning.durations import Age
from routing.program import And, AttributeRef, Cell, Condition, Defined, Not, Origin, RouteTo
from routing.program.walk import walk
from routing.settle import settler_of


@frozen(kw_only=True)
class Step:
    """What became of one rule. `truth` None is unknown; `failed` is the first part of its condition that did not hold.

    `by` is "value" or "unknown", empty where the rule is true. `attributes` are those of the failed part; `note` says
    what else kept a true rule from naming the list.
    """

    rule: str
    routes: bool
    truth: bool | None
    failed: str = ""
    by: str = ""
    attributes: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        if self.truth:
            return f"`{self.rule}` is true{f': {self.note}' if self.note else ''}"
        what = f"`{self.failed}`" if self.failed else "its condition"
        if self.by == "unknown":
            return f"`{self.rule}` is not known: {what} needs {_list(self.attributes)}"
        return f"`{self.rule}` is not true: {what} does not hold"


@frozen(kw_only=True)
class Contribution:
    """One effect that counts, and the rule (or `otherwise`, or `exceptions`) that gave it."""

    effect: str
    value: str
    by: str


@frozen(kw_only=True)
class Used:
    """One attribute that the rules asked for: its value in words, the raw text and the field it came from."""

    name: str
    value: str | None
    raw: str | None
    source: str | None
    missing: str | None


@frozen(kw_only=True)
class Explanation:
    """Why one decision is what it is. `other` answers a question about another rule or worklist, `asked` names it."""

    worklist: str
    outcome: str
    route_rule: str | None
    clock_at: datetime
    earlier: tuple[Step, ...]
    contributions: tuple[Contribution, ...]
    undecided: tuple[tuple[str, tuple[str, ...]], ...]
    used: tuple[Used, ...]
    asked: str | None = None
    other: tuple[Step, ...] = ()
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        by = f"by the rule `{self.route_rule}`" if self.route_rule else f"by `{self._by()}`"
        yield f"on `{self.worklist}` {by}; the clock stands at {self.clock_at.isoformat()}"
        yield from _section("before it", [str(step) for step in self.earlier])
        gave = [f"{one.effect} {one.value}: {_by(one.by)}" for one in self.contributions if one.effect != "route"]
        yield from _section("what was given", gave)
        yield from _section("not decided", [f"`{rule}` needs {_list(names)}" for rule, names in self.undecided])
        if self.asked is not None:
            steps = [str(step) for step in self.other]
            yield from _section(f"why not `{self.asked}`", steps or ["no rule and no list of that name could win"])
        yield from _section("what it was decided on", [_used(one) for one in self.used])
        yield from _section("problems", list(self.problems))

    def _by(self) -> str:
        return OTHERWISE if self.outcome == OTHERWISE else EXCEPTIONS

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation for JSON."""
        return {
            "worklist": self.worklist,
            "outcome": self.outcome,
            "route_rule": self.route_rule,
            "clock_at": self.clock_at.isoformat(),
            "earlier": [_step(step) for step in self.earlier],
            "contributions": [{"effect": one.effect, "value": one.value, "by": one.by} for one in self.contributions],
            "undecided": [{"rule": rule, "attributes": list(names)} for rule, names in self.undecided],
            "asked": self.asked,
            "other": [_step(step) for step in self.other],
            "used": [
                {"name": one.name, "value": one.value, "raw": one.raw, "source": one.source, "missing": one.missing}
                for one in self.used
            ],
            "problems": list(self.problems),
        }


@frozen(kw_only=True, eq=False)
class Explainer:
    """What a decision needs to be explained later: the rulebook and what was decided on."""

    compiled: Compiled
    attributes: Attributes
    at: datetime
    key: str | None
    kind: str = REPORT

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the trace behind when a decision is pickled: compiled rules cannot travel."""
        return type(None), ()

    def __call__(self, other: str | None = None) -> Explanation:
        """Return the explanation; for *other*, the name of a rule or worklist, also why it is not that."""
        return explain(self, other)


def explainer_of(compiled: Compiled, subject: Subject, kind: str) -> Explainer:
    """Return what explains the decision about a subject."""
    return Explainer(compiled=compiled, attributes=subject.attributes, at=subject.at, key=subject.key, kind=kind)


def explain(case: Explainer, other: str | None = None) -> Explanation:
    """Return why the decision is what it is. Raises nothing: what cannot be told is left out."""
    compiled = case.compiled
    decision = decide(compiled, case.attributes, case.at, key=case.key, kind=case.kind)
    subject, _ = subject_of(compiled, case.attributes, case.at, case.key)
    rules = compiled.kinds.get(case.kind, ())
    truths = _Truths(compiled, subject, case.kind)
    draft = _draft(compiled, subject, decision, truths)
    winner = next((rule.place for rule in rules if rule.rule.name == decision.route_rule), len(rules))
    asked = [rule for rule in rules if _is_asked(rule, other, compiled, subject)] if other else []
    return Explanation(
        worklist=decision.worklist,
        outcome=decision.outcome.value,
        route_rule=decision.route_rule,
        clock_at=decision.clock_at,
        earlier=tuple(
            _why_not(rule, truths, compiled, subject, decision) for rule in rules if rule.routes and rule.place < winner
        ),
        contributions=tuple(_contributions(draft, compiled.program.priorities)) if draft else (),
        undecided=tuple((one.rule, one.attributes) for one in decision.undecided),
        used=tuple(_all_used(compiled, subject, case.kind)),
        asked=other,
        other=tuple(_why_not(rule, truths, compiled, subject, decision) for rule in asked),
        problems=tuple(f"{one.kind}: {one.message}" for one in decision.problems),
    )


class _Truths:
    """What each rule is for one subject. Where one fails, each is asked by itself."""

    def __init__(self, compiled: Compiled, subject: Subject, kind: str) -> None:
        self._subject = subject
        self.rules = compiled.kinds.get(kind, ())
        self._true: frozenset[int] | None = None
        try:
            certain, unknown = compiled.sieve.sift(subject)
            settler = settler_of(compiled, kind)
            self._true = frozenset(rule.place for rule in settler.rules_of(certain))
            self._open = frozenset(rule.place for rule in settler.rules_of(unknown)) - self._true
        except Exception:  # noqa: BLE001 - the decision names the rule that failed
            self._true = None

    def of(self, rule: CompiledRule) -> bool | None:
        """Return whether a rule is true, false or unknown; raises what the rule raises."""
        if self._true is None:
            return rule.test(self._subject)
        return True if rule.place in self._true else None if rule.place in self._open else False


def _draft(compiled: Compiled, subject: Subject, decision: Decision, truths: _Truths) -> Draft | None:
    try:
        fired: list[Fired] = [(rule, given(rule, subject)) for rule in truths.rules if truths.of(rule)]
    except Exception:  # noqa: BLE001 - the decision already names the rule that failed
        return None
    failed = any(one.kind == "rule-failed" for one in decision.problems)
    return combine(compiled, subject, fired, failed=failed)


def _contributions(draft: Draft, priorities: tuple[str, ...]) -> Iterator[Contribution]:
    for who, one in draft.contributors:
        yield Contribution(effect=one[0].value, value=_given(one, priorities), by=who)


def _is_asked(rule: CompiledRule, other: str, compiled: Compiled, subject: Subject) -> bool:
    if rule.rule.name == other:
        return True
    for effect in rule.rule.effects:
        if isinstance(effect, RouteTo):
            named = compiled.operands.read(effect.to)(subject) if isinstance(effect.to, Cell) else effect.to
            if named == other or (isinstance(named, tuple) and named[0] == other):
                return True
    return False


def _why_not(rule: CompiledRule, truths: _Truths, compiled: Compiled, subject: Subject, decision: Decision) -> Step:
    try:
        truth = truths.of(rule)
    except Exception:  # noqa: BLE001 - explaining must not fail where deciding did not
        return Step(rule=rule.rule.name, routes=rule.routes, truth=None, note="it failed", by="unknown")
    if truth:
        return Step(rule=rule.rule.name, routes=rule.routes, truth=True, note=_passed_over(rule, subject, decision))
    failed = _first_failed(rule.rule.condition, truth, compiled, subject)
    by = "value" if truth is False else "unknown"
    names = blame(failed, compiled, subject) if truth is None else compiled.conditions.names_in(failed)
    return Step(rule=rule.rule.name, routes=rule.routes, truth=truth, failed=failed.text, by=by, attributes=names)


def _passed_over(rule: CompiledRule, subject: Subject, decision: Decision) -> str:
    if rule.rule.name == decision.route_rule:
        return "it named the list"
    if not rule.routes:
        return "it names no list"
    if not any(kind is Kind.ROUTE for kind, _ in given(rule, subject)):
        return "the list that it looks up is not known"
    if any(one.kind == "guarantee" for one in decision.problems):
        return "a guarantee forbids its list, or an earlier rule named one"
    return f"an earlier rule, `{decision.route_rule}`, named the list"


def _first_failed(condition: Condition, truth: bool | None, compiled: Compiled, subject: Subject) -> Condition:  # noqa: FBT001 - a truth
    """Return the first part, in the order of writing, that keeps the whole, which is not true, from being so."""
    if isinstance(condition, And | Defined) or (isinstance(condition, Not) and truth is None):
        for part in parts(condition):
            if compiled.conditions.test(part)(subject) is truth:
                inner = _first_failed(part, truth, compiled, subject)
                return inner if inner.text else condition
    return condition


def _names_used(compiled: Compiled, kind: str) -> tuple[str, ...]:
    """Return the attributes that the rules name, in file order, without those that are never shown."""
    key = "names used", kind
    found: tuple[str, ...] | None = compiled.kept.get(key)
    if found is None:
        names: dict[str, None] = {}
        for rule in compiled.kinds.get(kind, ()):
            names.update(dict.fromkeys(compiled.conditions.names_in(rule.rule.condition)))
            for effect in rule.rule.effects:
                names.update((each.name, None) for each in walk(effect) if isinstance(each, AttributeRef))
        known = compiled.program.known
        found = compiled.kept[key] = tuple(
            name
            for name in names
            if name in known and not known[name].identity and known[name].origin is not Origin.LIVING
        )
    return found


def _all_used(compiled: Compiled, subject: Subject, kind: str) -> Iterator[Used]:
    for name in _names_used(compiled, kind):
        value = compiled.operands.attribute(name)(subject)
        from_birth = name == "age" and "birth_date" in subject.known
        said = subject.attributes.get("birth_date" if from_birth else name)
        missing = said.missing or Missing.MALFORMED if said else Missing.ABSENT
        yield Used(
            name=name,
            value=None if value is None else _shown(value),
            raw=said.raw if said and not from_birth else None,
            source=said.source if said else None,
            missing=missing.value if value is None else None,
        )


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Age):
        years = (
            value.on.year - value.birth.year - ((value.on.month, value.on.day) < (value.birth.month, value.birth.day))
        )
        return f"{years} years" if years > 1 else f"{(value.on - value.birth).days} days"
    if isinstance(value, Duration):
        named = (("years", value.years), ("months", value.months), ("days", value.days), ("seconds", value.seconds))
        return " ".join(f"{count} {unit}" for unit, count in named if count) or "0 days"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _given(one: Given, priorities: tuple[str, ...]) -> str:
    kind, value = one
    if kind is Kind.PRIORITY:
        return priorities[value]
    if kind in _WORDS:
        return str(_WORDS[kind](value))
    return value if isinstance(value, str) else ""


_WORDS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.DUE: datetime.isoformat,
    Kind.PRELIMINARY: datetime.isoformat,
    Kind.RAISE: lambda _: "by one step",
    Kind.TAGS: ", ".join,
    Kind.ALSO: lambda one: one.worklist,
    Kind.AUDIT: lambda one: one.worklist,
    Kind.READS: lambda one: f"{one.count} readers",
    Kind.ONLY: lambda one: f" {one.combine} ".join(one.skills),
    Kind.IDENTITY: lambda one: f" {one.combine} ".join(one.skills),
    Kind.ESCALATE: lambda one: one.to or one.notify,
    Kind.HOLD: lambda one: f"{one.at_most_minutes} minutes",
    Kind.OFFER: lambda one: f"{one.for_minutes} minutes",
    Kind.TOGETHER: lambda one: ", ".join(one.attributes),
    Kind.SPLIT: lambda one: ", ".join(one.worklists),
    Kind.CLOSE: lambda one: f"under {one.policy}",
}


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in lines)] if lines else []


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "something that nobody said"


def _by(who: str) -> str:
    return who if who in (OTHERWISE, EXCEPTIONS) else f"`{who}`"


def _used(one: Used) -> str:
    if one.value is None:
        return f"{one.name}: unknown ({one.missing}{f', {one.source}' if one.source else ''})"
    raw = f" `{one.raw}`" if one.raw is not None and one.raw != one.value else ""
    return f"{one.name}: {one.value}{f' ({one.source}{raw})' if one.source else ''}"


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": step.rule,
        "routes": step.routes,
        "truth": step.truth,
        "failed": step.failed or None,
        "by": step.by or None,
        "attributes": list(step.attributes),
        "note": step.note or None,
    }
