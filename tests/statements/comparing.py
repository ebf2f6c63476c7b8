"""Comparing a decision with what a statement expects: only the listed keys, sets exactly, instants as instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from routing.decision import Decision, Escalation
from tests.statements.statement import Case, moment

LATEST: Final = 10**9


def differences(case: Case, decision: Decision, zone: ZoneInfo) -> Iterator[str]:
    """Yield a line for each expectation of *case* that *decision* does not meet; none when it is right."""
    for key, expected in case.expect.items():
        if key in _INSTANTS:
            actual = getattr(decision, key)
            right = actual == (None if expected is None else moment(expected, zone))
        elif key == "undecided":
            actual = sorted({name for rule in decision.undecided for name in rule.attributes})
            right = not decision.undecided if not expected else set(expected) <= set(actual)
        elif key in _SETS:
            actual = sorted(_SETS[key](decision))
            right = set(actual) == set(expected or ())
        elif key in _PLAIN:
            actual = _PLAIN[key](decision)
            right = _agrees(expected, actual)
        else:
            actual, right = "nothing: there is no such expectation", False
        if not right:
            yield f"{key}: expected {_shown(expected)}, decided {_shown(actual)}"


def _agrees(expected: Any, actual: Any) -> bool:
    """Tell whether *actual* has all that *expected* lists; a bare value stands for the first key of a record."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and _agrees(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(_agrees(one, other) for one, other in zip(expected, actual, strict=True))
        )
    if isinstance(actual, Mapping) and expected is not None:
        return bool(expected == next(iter(actual.values())))
    return bool(expected == actual)


def _record(decision: Decision, key: str) -> Any:
    return decision.as_dict()[key]


def _ladder(decision: Decision) -> list[dict[str, Any]]:
    def when(step: Escalation) -> int:
        return LATEST if step.after_minutes is None else step.after_minutes

    steps = sorted(decision.escalations, key=when)
    return [
        {"to": step.to, "notify": step.notify, "after_minutes": step.after_minutes, "after_percent": step.after_percent}
        | {"when": step.when, "until": step.until}
        for step in steps
    ]


def _shown(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


_INSTANTS: Final = ("due_at", "preliminary_due_at")
_SETS: Final[Mapping[str, Callable[[Decision], set[str]]]] = {
    "also": lambda decision: {read.worklist for read in decision.also if not read.audit},
    "tags": lambda decision: set(decision.tags),
    "notify": lambda decision: set(decision.notify),
}
_PLAIN: Final[Mapping[str, Callable[[Decision], Any]]] = {
    "worklist": lambda decision: decision.worklist,
    "outcome": lambda decision: decision.outcome.value,
    "priority": lambda decision: decision.priority,
    "reads": lambda decision: _record(decision, "reads"),
    "closure": lambda decision: _record(decision, "closure"),
    "hold": lambda decision: _record(decision, "hold"),
    "offer": lambda decision: _record(decision, "offer"),
    "escalations": _ladder,
}
