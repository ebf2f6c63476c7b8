"""Ladders: the escalations of a decision as instants, from when an item begins to wait. Pure.

A step is a mapping that stands in the item's details: `at` (ISO, UTC), `to` (a list) or `notify` (a channel), and where
they apply `until` ("claimed"), `of` ("preliminary": it chases the preliminary report), `by` (the watch that gave it).
A step that has been taken moves from `ladder` to `fired`; no party is told twice of the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from routing.decision import Decision, Escalation

LADDER: Final = "ladder"
FIRED: Final = "fired"
_PRELIMINARY: Final = "preliminary"

Step = dict[str, Any]


def ladder_of(
    decision: Decision, since: datetime, *, due_at: datetime | None = None, preliminary_due_at: datetime | None = None
) -> list[Step]:
    """
    Return the steps of a decision in order of time, each with its instant.

    Args:
        decision: whose escalations they are.
        since: when the item begins to wait; `after` counts from it, and no step is before it.
        due_at: by when the report is owed; `percent` is of the time from *since* to it. None: such steps never come.
        preliminary_due_at: by when a preliminary report is owed; what chases the report by its due chases this too.

    """
    steps = [step for each in decision.escalations if (step := _step(each, since, due_at)) is not None]
    if preliminary_due_at is not None:
        steps += [
            step | {"of": _PRELIMINARY}
            for each in decision.escalations
            if each.after_minutes is None and (step := _step(each, since, preliminary_due_at)) is not None
        ]
    return sorted(steps, key=lambda step: str(step["at"]))


def still_to_come(steps: Iterable[Step], fired: Sequence[Mapping[str, Any]], *, draft: bool) -> list[Step]:
    """Return the steps that are left: each party once, and none for a preliminary report that is here."""
    told = {party(one) for one in fired}
    left: list[Step] = []
    for step in sorted(steps, key=lambda one: str(one["at"])):
        if party(step) not in told and not (draft and step.get("of") == _PRELIMINARY):
            told.add(party(step))
            left.append(step)
    return left


def party(step: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return whom a step reaches, and about which report."""
    way = "to" if "to" in step else "notify"
    return way, str(step[way]), str(step.get("of", ""))


def instant(step: Mapping[str, Any]) -> datetime:
    """Return when a step comes."""
    return datetime.fromisoformat(step["at"])


def step_at(at: datetime, *, to: str | None, notify: str | None, until: str | None) -> Step:
    """Return a step as it stands in an item's details."""
    way = {"to": to} if to is not None else {"notify": notify}
    return {"at": at.astimezone(UTC).isoformat(), **way, **({"until": until} if until else {})}


def _step(each: Escalation, since: datetime, due_at: datetime | None) -> Step | None:
    at = instant_after(since, due_at, minutes=each.after_minutes, percent=each.after_percent)
    return None if at is None else step_at(at, to=each.to, notify=each.notify, until=each.until)


def instant_after(
    since: datetime, due_at: datetime | None, *, minutes: int | None, percent: int | None
) -> datetime | None:
    """Return when a step comes that is said in minutes, in percent of the time to the due, or (neither) at the due."""
    if minutes is not None:
        return since + timedelta(minutes=minutes)
    if due_at is None:
        return None
    if percent is None or due_at <= since:
        return max(due_at, since)
    return since + (due_at - since) * percent / 100
