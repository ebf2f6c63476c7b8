"""Deciding: one procedure, one instant, exactly one decision.

The first rule that is true and routes names the list; everything else is the safest value of what the true rules give
(`routing.combine`). A rule whose condition is unknown does not fire, and is named when it would have mattered. A rule
that fails, and a route that no guarantee allows, lead to the exceptions list with a problem; nothing is ever raised for
what is in the attributes. `routing.settle` decides; rules are asked one by one only where one of them fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from routing.attributes import Attributes
from routing.combine import Fired, combine, given
from routing.compile import Compiled, CompiledRule
from routing.compile.subject import Subject, key_of
from routing.decision import Decision, Outcome, Problem
from routing.errors import NaiveMoment
from routing.meaning.moments import utc, wall_of
from routing.settle import Explainers, settler_of
from routing.undecided import MOST_UNKNOWN, not_asked, undecided

__all__ = ["REPORT", "decide", "decide_exception", "given", "key_of", "subject_of"]

REPORT: Final = "report"


def decide(  # noqa: PLR0913 - each says something else of one decision
    compiled: Compiled,
    attributes: Attributes,
    at: datetime,
    *,
    key: str | None = None,
    kind: str = REPORT,
    problems: Sequence[Problem] = (),
    explain_with: Callable[..., Any] | None = None,
    explainer: Explainers | None = None,
    most_unknown: int = MOST_UNKNOWN,
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
        explainer: what makes that when it is first asked for, instead.
        most_unknown: how many unknown rules are asked whether they matter; a problem tells of more.

    Raises:
        NaiveMoment: *at* has no time zone. Nothing is written: this is pure.

    """
    if at.tzinfo is None:
        raise NaiveMoment("at")
    try:
        subject, found = subject_of(compiled, attributes, at, key)
        if problems or found:
            found = [*problems, *found]
        try:
            settler = compiled.kept.get(kind) or settler_of(compiled, kind)
            return settler.decision(subject, tuple(found), explain_with, explainer, most_unknown)
        except Exception:  # noqa: BLE001 - the rule that fails is looked for
            if explainer:
                explain_with = explainer(compiled, subject, kind)
            return _walk(compiled, subject, kind, found, explain_with, most_unknown)
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
    subject = Subject(attributes, at if at.tzinfo is UTC else at.astimezone(UTC), key)
    doubts = compiled.doubts
    cut = doubts.bound(subject)
    zone = subject.zone = compiled.zone(subject)
    known = subject.known
    arrival = known.get("arrival")
    if isinstance(arrival, datetime):
        subject.arrival = utc(arrival, zone) or subject.at
    problems: list[Problem] = []
    moment: datetime | None = None
    day: date | None = None
    for name, read in compiled.clock:
        value = known.get(name)
        if value.__class__ is not datetime or value.tzinfo is not UTC:
            value = read(subject)
            if value is None:
                continue
        if isinstance(value, datetime):
            if value <= subject.arrival:
                moment = value
                break
        elif value <= wall_of(subject.arrival, zone).date():
            day = day or value
            continue
        problems.append(_not_believed(name))
    subject.set_clock(moment or subject.arrival, day)
    if cut:
        problems += cut
    if doubts.any:
        doubts.note(subject, problems)
    return subject, problems


def _not_believed(name: str) -> Problem:
    """Return the problem of a time or day after the arrival."""
    message = f"`{name}` is later than the arrival: the arrival counts"
    return Problem(kind="time-not-believed", source=name, message=message)


def _walk(
    compiled: Compiled,
    subject: Subject,
    kind: str,
    problems: list[Problem],
    explain_with: Callable[..., Any] | None,
    most_unknown: int,
) -> Decision:
    """Decide rule by rule, so that one that fails is found and named."""
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
    problems += not_asked(len(open_rules), most_unknown)
    return Decision(
        **draft.fields,
        undecided=tuple(undecided(compiled, subject, fired, open_rules, draft, failed=failed, most=most_unknown)),
        problems=(*problems, *draft.problems),
        rulebook=compiled.fingerprint,
        clock_at=subject.clock_at,
        explain_with=explain_with,
    )


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
