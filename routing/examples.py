"""Examples: the tests that stand in a rulebook, run; and which rules and conditions they reach.

Nothing asks the clock: an example arrives at the latest instant that it gives for the rulebook's clock, at noon of a
day alone, and else on a fixed Monday at noon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, Protocol

from attrs import define, field, frozen

from routing.attributes import Attributes, Missing, Value
from routing.compile import Compiled
from routing.compile.asked import parts_of as parts
from routing.compile.subject import Subject
from routing.decide import decide, subject_of
from routing.decision import Decision, Outcome
from routing.diagnostics import Span
from routing.meaning.logic import Truth
from routing.meaning.moments import utc
from routing.program import Condition, Defined, Example, Expectation, Fixed
from routing.wording import counted

MONDAY: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)

Samples = Callable[[str], Mapping[str, Value]]
"""What reads the procedure of a sample file beside the rulebook; raises `OSError` or `RoutingError` with the reason."""


class HasExamples(Protocol):
    """A rulebook, as far as its examples go."""

    @property
    def compiled(self) -> Compiled:
        """The compiled rules."""

    def sample(self, name: str) -> Mapping[str, Value]:
        """Return what a file beside the rulebook says of its procedure."""


@frozen(kw_only=True)
class ExampleResult:
    """What became of one example: a line for each expectation that failed."""

    name: str
    span: Span
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON and CSV."""
        return {
            "example": self.name,
            "file": self.span.file,
            "line": self.span.line,
            "passed": self.passed,
            "failures": list(self.failures),
        }


@frozen(kw_only=True)
class Seen:
    """How often the examples saw a rule, or one condition of it (`text`), true, false and unknown."""

    rule: str
    text: str = ""
    true: int = 0
    false: int = 0
    unknown: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the counts for JSON."""
        named = {"rule": self.rule} | ({"condition": self.text} if self.text else {})
        return named | {"true": self.true, "false": self.false, "unknown": self.unknown}


@frozen(kw_only=True)
class Report:
    """All examples of a rulebook, and what they reach."""

    results: tuple[ExampleResult, ...]
    rules: tuple[Seen, ...]
    conditions: tuple[Seen, ...]

    @property
    def failed(self) -> tuple[ExampleResult, ...]:
        """The examples that were decided otherwise than they expect."""
        return tuple(one for one in self.results if not one.passed)

    @property
    def rule_coverage(self) -> float:
        """The per cent of rules that fired in some example; 100 where there are no rules."""
        return 100 * sum(one.true > 0 for one in self.rules) / len(self.rules) if self.rules else 100.0

    @property
    def condition_coverage(self) -> float:
        """The per cent of conditions that were seen both true and false; 100 where there are none."""
        both = sum(one.true > 0 and one.false > 0 for one in self.conditions)
        return 100 * both / len(self.conditions) if self.conditions else 100.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "examples": [one.as_dict() for one in self.results],
            "passed": len(self.results) - len(self.failed),
            "failed": len(self.failed),
            "rule_coverage": round(self.rule_coverage, 1),
            "condition_coverage": round(self.condition_coverage, 1),
            "rules": [one.as_dict() for one in self.rules],
            "conditions": [one.as_dict() for one in self.conditions],
        }

    def lines(self) -> Iterator[str]:
        """Yield the report for a terminal."""
        for result in self.failed:
            yield f"{result.span.file}:{result.span.line}: example `{result.name}` failed"
            yield from (f"  {failure}" for failure in result.failures)
        yield f"{counted(len(self.results) - len(self.failed), 'example')} passed, {len(self.failed)} failed"
        yield (
            f"{self.rule_coverage:.0f} % of the rules fired, "
            f"{self.condition_coverage:.0f} % of the conditions were seen true and false"
        )
        for rule in self.rules:
            if not rule.true:
                yield f"  no example fires `{rule.rule}`"
        for one in self.conditions:
            missing = [word for word, count in (("true", one.true), ("false", one.false)) if not count]
            if missing:
                yield f"  never {' or '.join(missing)} in `{one.rule}`: {one.text}"


def run_examples(rulebook: HasExamples) -> Report:
    """Return how the examples of a rulebook come out. A sample that cannot be read is a failed example."""
    compiled = rulebook.compiled
    tally = _Tally(compiled)
    results = [_run(compiled, example, rulebook.sample, tally) for example in compiled.program.examples]
    return Report(results=tuple(results), rules=tuple(tally.rules()), conditions=tuple(tally.conditions()))


def _run(compiled: Compiled, example: Example, sample: Samples, tally: _Tally) -> ExampleResult:
    try:
        found: dict[str, Value] = dict(sample(example.sample)) if example.sample else {}
    except Exception as error:  # noqa: BLE001 - whatever keeps a sample from being read is the example's failure
        failure = f"the sample `{example.sample}` cannot be read: {error}"
        return ExampleResult(name=example.name, span=example.span, failures=(failure,))
    given = {name: _said(value) for name, value in example.given}
    if "age" in given:  # ages are reckoned from the birth date where there is one
        found.pop("birth_date", None)
    attributes = Attributes(found | given)
    at = _arrival(compiled, attributes)
    subject, _ = subject_of(compiled, attributes, at, example.name)
    tally.count(subject)
    # An example may name the attribute that any one rule lacks: all of them are asked.
    decision = decide(compiled, attributes, at, key=example.name, most_unknown=len(compiled.rules))
    failures = (line for one in example.expects if (line := _failure(one, decision, compiled, subject)))
    return ExampleResult(name=example.name, span=example.span, failures=tuple(failures))


def _said(value: Any) -> Value:
    return Value(value=value, source="example", missing=Missing.ABSENT if value is None else None)


def _arrival(compiled: Compiled, attributes: Attributes) -> datetime:
    subject = Subject(attributes, MONDAY, None)
    subject.arrival = subject.clock_at = MONDAY
    zone = compiled.zone(subject)
    found: list[datetime] = []
    for name in ("arrival", *(name for name, _ in compiled.clock)):
        value = attributes.known.get(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time(12))
        moment = utc(value, zone) if isinstance(value, datetime) else None
        if moment and name == "arrival":
            return moment
        found += [moment] if moment else []
    return max(found, default=MONDAY)


def _failure(expected: Expectation, decision: Decision, compiled: Compiled, subject: Subject) -> str | None:
    """Return how the decision differs from what is expected, or None when it does not."""
    wanted = expected.value
    if expected.what in _MOMENTS:
        at, preliminary = _due(expected, compiled, subject)
        due = decision.preliminary_due_at if preliminary else decision.due_at
        shown = [one.astimezone(subject.zone).isoformat() if one else "nothing" for one in (at, due)]
        return None if at == due else _differs(expected, *shown)
    if expected.what == "route":
        by = decision.route_rule or ("otherwise" if decision.outcome is Outcome.OTHERWISE else "exceptions")
        asked = f"{wanted} by `{expected.by}`" if expected.by else str(wanted)
        right = decision.worklist == wanted and expected.by in (None, by)
        return None if right else _differs(expected, asked, f"{decision.worklist} by `{by}`")
    actual, right = _COMPARED[expected.what](decision, wanted)
    return None if right else _differs(expected, _words(wanted), _words(actual))


def _due(expected: Expectation, compiled: Compiled, subject: Subject) -> tuple[datetime | None, bool]:
    """Return the moment that is expected, and whether it is that of the preliminary report."""
    wanted = expected.value
    if expected.what == "due_within":
        return compiled.effects.due(wanted)(subject), False
    if expected.what == "due_as":
        give = compiled.effects.give(wanted)
        given = give(subject) if give else None
        return given[1] if given else None, wanted.preliminary
    return utc(wanted, subject.zone), expected.what == "preliminary_due"


def _differs(expected: Expectation, wanted: str, found: str) -> str:
    return f"expected {expected.text or f'{expected.what} {wanted}'}, decided {found}"


def _words(value: Any) -> str:
    if isinstance(value, tuple | frozenset | set):
        return ", ".join(sorted(map(str, value))) or "nothing"
    return "nothing" if value is None else str(value)


def _undecided(decision: Decision, wanted: Sequence[str]) -> tuple[Any, bool]:
    names = {name for one in decision.undecided for name in (one.rule, *one.attributes)}
    return names, names >= set(wanted) if wanted else bool(names)


def _not(compared: tuple[Any, bool]) -> tuple[Any, bool]:
    return compared[0], not compared[1]


def _holds(found: Sequence[str], wanted: Sequence[str]) -> tuple[Any, bool]:
    return tuple(found), set(found) >= set(wanted)


def _closed(decision: Decision, policy: str | None) -> tuple[Any, bool]:
    closure = decision.closure
    return closure.policy if closure else None, closure is not None and policy in (None, closure.policy)


_MOMENTS: Final = ("due", "preliminary_due", "due_within", "due_as")
_COMPARED: Final[Mapping[str, Callable[[Decision, Any], tuple[Any, bool]]]] = {
    "priority": lambda decision, wanted: (decision.priority, decision.priority == wanted),
    "also": lambda decision, wanted: _holds([one.worklist for one in decision.also], wanted),
    "tag": lambda decision, wanted: _holds(decision.tags, wanted),
    "notify": lambda decision, wanted: _holds(decision.notify, wanted),
    "not undecided": lambda decision, wanted: _not(_undecided(decision, wanted or ())),
    "undecided": lambda decision, wanted: _undecided(decision, wanted or ()),
    "closed": _closed,
    "not closed": lambda decision, _: (decision.closure and decision.closure.policy, decision.closure is None),
    "read_by": lambda decision, wanted: (decision.reads.count, decision.reads.count == wanted),
}


@define
class _Tally:
    """Counts what each rule and each condition of it was, over the examples."""

    compiled: Compiled
    seen: Counter[tuple[int, int, Truth]] = field(factory=Counter)
    places: dict[tuple[int, int], Condition] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for rule in self.compiled.rules:
            self.places[rule.place, 0] = rule.rule.condition
            for number, condition in enumerate(_pieces(rule.rule.condition), 1):
                self.places[rule.place, number] = condition

    def count(self, subject: Subject) -> None:
        """Note what every rule and condition is for one example."""
        for place, condition in self.places.items():
            self.seen[*place, self.compiled.conditions.test(condition)(subject)] += 1

    def rules(self) -> Iterator[Seen]:
        """Yield how often each rule was seen."""
        return (self._counts(place, "") for place in self.places if not place[1])

    def conditions(self) -> Iterator[Seen]:
        """Yield how often each condition of each rule was seen."""
        return (self._counts(place, one.text) for place, one in self.places.items() if place[1] and one.text)

    def _counts(self, place: tuple[int, int], text: str) -> Seen:
        true, false, unknown = (self.seen[*place, truth] for truth in (True, False, None))
        return Seen(rule=self.compiled.rules[place[0]].rule.name, text=text, true=true, false=false, unknown=unknown)


def _pieces(condition: Condition) -> Iterator[Condition]:
    """Yield the comparisons and names that a condition is made of; a define counts as one."""
    inner = () if isinstance(condition, Defined) else parts(condition)
    if not inner and not isinstance(condition, Fixed):
        yield condition
    for part in inner:
        yield from _pieces(part)
