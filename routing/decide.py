"""Deciding: one procedure, one instant, exactly one decision.

The first rule that is true and routes names the list; everything else is the safest value of what the true rules give
(`routing.combine`). A rule whose condition is unknown does not fire, and is named when it would have mattered. A rule
that fails, and a route that no guarantee allows, lead to the exceptions list with a problem; nothing is ever raised for
what is in the attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from routing.attributes import Attributes
from routing.combine import Draft, Fired, active, combine
from routing.compile import Compiled, CompiledRule
from routing.compile.blame import blame
from routing.compile.effects import Given, Kind
from routing.compile.subject import Subject
from routing.decision import Decision, Outcome, Problem, Undecided
from routing.errors import NaiveMoment
from routing.meaning.moments import utc, wall_of
from routing.meaning.words import LIMIT
from routing.program import AttributeRef, RouteTo
from routing.program.walk import walk

REPORT: Final = "report"


def decide(
    compiled: Compiled,
    attributes: Attributes,
    at: datetime,
    *,
    key: str | None = None,
    kind: str = REPORT,
    problems: Sequence[Problem] = (),
    explain_with: Callable[..., Any] | None = None,
) -> Decision:
    """Return the one decision for a procedure: the first rule that routes, and the safest value of everything else.

    A comparison on an absent attribute is unknown (Kleene), never false and never an error. A rule whose condition is
    unknown does not fire; the decision names the rule and the attribute.

    Args:
        compiled: the rulebook.
        attributes: canonical attributes, and the host's facts; absent ones are unknown, and so is garbage.
        at: the instant of deciding, with a time zone; the arrival where the attributes have none.
        key: what names the procedure, for samples; else its accession or study.
        kind: the kind of item that is decided; only rules about it count.
        problems: what went wrong before; they stand first among those of the decision.
        explain_with: what `Decision.explain` calls.

    Raises:
        NaiveMoment: *at* has no time zone. Nothing is written: this is pure.

    """
    if at.tzinfo is None:
        raise NaiveMoment("at")
    try:
        subject, found = subject_of(compiled, attributes, at, key)
        return _decide(compiled, subject, kind, [*problems, *found], explain_with)
    except Exception as error:  # noqa: BLE001 - total: whatever happens, a person sees the procedure
        return _last_resort(compiled, at, [*problems, _failure("rulebook", error)])


def decide_exception(compiled: Compiled, at: datetime, problems: Sequence[Problem] = ()) -> Decision:
    """Return the decision for what cannot be decided: the exceptions list, its priority, and its due counted from *at*.

    Raises:
        NaiveMoment: *at* has no time zone.

    """
    if at.tzinfo is None:
        raise NaiveMoment("at")
    subject, _ = subject_of(compiled, Attributes({}), at)
    draft = combine(compiled, subject, (), failed=True)
    return Decision(**draft.fields, problems=tuple(problems), rulebook=compiled.fingerprint, clock_at=subject.clock_at)


def subject_of(
    compiled: Compiled, attributes: Attributes, at: datetime, key: str | None = None
) -> tuple[Subject, list[Problem]]:
    """Return the subject, with its zone and clock settled, and what is wrong with its values."""
    subject = Subject(attributes, at.astimezone(UTC), key or key_of(attributes))
    subject.arrival = subject.clock_at = subject.at
    subject.zone = compiled.zone(subject)
    arrival = subject.known.get("arrival")
    if isinstance(arrival, datetime):
        subject.arrival = utc(arrival, subject.zone) or subject.at
    problems = list(_set_clock(compiled, subject))
    subject.memo.clear()  # what was worked out for the zone knew no clock
    problems += _doubts(compiled, attributes)
    return subject, problems


def key_of(attributes: Attributes) -> str | None:
    """Return what names a procedure: its issuer and accession, else its study; None when it has neither."""
    known = attributes.known
    if accession := known.get("accession"):
        return f"{known.get('accession_issuer', '')}\x1f{accession}"
    study = known.get("study_uid")
    return str(study) if study else None


def _set_clock(compiled: Compiled, subject: Subject) -> Iterator[Problem]:
    """Settle the clock: the first attribute that is not later than the arrival, else the arrival.

    A date alone counts as the day for ages, and for nothing that needs a time.
    """
    today = wall_of(subject.arrival, subject.zone).date()
    moment: datetime | None = None
    day: date | None = None
    for name, read in compiled.clock:
        value = read(subject)
        if value is None:
            continue
        if value > subject.arrival if isinstance(value, datetime) else value > today:
            yield Problem(
                kind="time-not-believed", source=name, message=f"`{name}` is later than the arrival: the arrival counts"
            )
        elif isinstance(value, datetime):
            moment = value
            break
        else:
            day = day or value
    subject.clock_at = moment or subject.arrival
    subject.wall = wall_of(subject.clock_at, subject.zone)
    subject.clock_day = day or subject.wall.date()


def _doubts(compiled: Compiled, attributes: Attributes) -> Iterator[Problem]:
    known = attributes.known
    for name in compiled.texts:
        fields = known.get(name)
        if isinstance(fields, str | tuple | list) and _size(fields) > LIMIT:
            yield Problem(kind="text-cut", source=name, message=f"only the first 64 kB of `{name}` count")
    for name, values in compiled.listed.items():
        said = known.get(name)
        codes = said if isinstance(said, tuple | list) else () if said is None else (said,)
        if any(isinstance(code, str) and code not in values for code in codes):
            message = f"`{name}` has a value that is not in its list"
            yield Problem(kind="unlisted-value", source=name, message=message)


def _size(fields: str | Iterable[object]) -> int:
    return len(fields) if isinstance(fields, str) else sum(len(one) for one in fields if isinstance(one, str))


def _decide(
    compiled: Compiled, subject: Subject, kind: str, problems: list[Problem], explain_with: Callable[..., Any] | None
) -> Decision:
    fired: list[Fired] = []
    open_rules: list[CompiledRule] = []
    failed = False
    for rule in compiled.kinds.get(kind, ()):
        try:
            truth = rule.test(subject)
            if truth:
                fired.append((rule, given(rule, subject)))
            elif truth is None:
                open_rules.append(rule)
        except Exception as error:  # noqa: BLE001 - a rule that fails must not take the procedure with it
            failed = True
            problems.append(_failure(rule.rule.name, error))
    draft = combine(compiled, subject, fired, failed=failed)
    return Decision(
        **draft.fields,
        undecided=tuple(_undecided(compiled, subject, fired, open_rules, draft, failed=failed)),
        problems=(*problems, *draft.problems),
        rulebook=compiled.fingerprint,
        clock_at=subject.clock_at,
        explain_with=explain_with,
    )


def given(rule: CompiledRule, subject: Subject) -> tuple[Given, ...]:
    """Return what a rule gives; an effect whose value is unknown is not given."""
    return tuple(one for give in rule.gives if (one := give(subject)) is not None)


def _undecided(
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
    winner = next(
        (rule.place for rule, _ in fired if rule.rule.name == draft.fields["route_rule"]), len(compiled.rules)
    )
    unguarded = not failed and not active(compiled, subject)
    for rule in open_rules:
        names: tuple[str, ...] = ()
        try:
            added = (rule, given(rule, subject))
            names = blame(rule.rule.condition, compiled, subject)
            # What would name the list itself changes it: no need to work the whole decision out again.
            changes = unguarded and rule.place < winner and any(kind is Kind.ROUTE for kind, _ in added[1])
            if not changes:
                place = next((at for at, (other, _) in enumerate(fired) if other.place > rule.place), len(fired))
                other = combine(compiled, subject, [*fired[:place], added, *fired[place:]], failed=failed)
                changes = other.differs(draft) or _hidden(rule, names, subject, winner)
        except Exception:  # noqa: BLE001 - what it would have changed cannot be told, so that it is named
            changes = True
        if changes:
            yield Undecided(rule=rule.rule.name, attributes=names)


def _hidden(rule: CompiledRule, names: Sequence[str], subject: Subject, winner: int) -> bool:
    """Say whether an effect hides behind the very attributes that the condition lacks: were it true, it had a value."""
    for effect, give in zip(rule.rule.effects, rule.gives, strict=True):
        matters = rule.place < winner or not isinstance(effect, RouteTo)
        if matters and give(subject) is None:
            asked = {each.name for each in walk(effect) if isinstance(each, AttributeRef)}
            if not asked.isdisjoint(names):
                return True
    return False


def _failure(source: str, error: Exception) -> Problem:
    """Name what failed and how, never a value: the message ends in logs."""
    return Problem(kind="rule-failed", source=source, message=f"`{source}` failed ({type(error).__name__})")


def _last_resort(compiled: Compiled, at: datetime, problems: Sequence[Problem]) -> Decision:
    """Return the decision for a procedure that cannot be decided at all: on the exceptions list, most urgent."""
    return Decision(
        outcome=Outcome.EXCEPTION,
        worklist=compiled.exceptions_list,
        priority=compiled.program.priorities[0],
        due_at=at,
        problems=tuple(problems),
        rulebook=compiled.fingerprint,
        clock_at=at,
    )
