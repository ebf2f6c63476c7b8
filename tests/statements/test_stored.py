"""Every statement whose decisions act on items also runs against a store: ladders, holds, notices, in their time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from routing.decision import Decision
from routing.rulebook import Rulebook
from routing.store.records import Item
from routing.worklists import Worklists
from routing.worklists.ladder import instant_after
from tests.statements.runner import placed
from tests.statements.statement import Case, Statement, read_statements

RULEBOOKS = Path(__file__).parent
STATEMENTS = tuple(read_statements(RULEBOOKS / "cases"))


@cache
def rulebook(name: str) -> Rulebook:
    statement = next(one for one in STATEMENTS if one.name == name)
    with placed(statement, RULEBOOKS, name) as path:
        return Rulebook.load(path)


def living(statement: Statement) -> Iterator[Case]:
    """Yield the cases whose decision does something to an item; what has no images is no reading work yet."""
    for case in statement.cases:
        acts = any(case.expect.get(name) for name in ("escalations", "hold", "notify", "closure", "also", "reads"))
        if acts and case.known.get("image_count") != 0:
            yield case


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(
    ("statement", "case"),
    [pytest.param(one, case, id=f"{one.name}-{case.name}") for one in STATEMENTS for case in living(one)],
)
def test_a_decision_comes_about_in_a_store(statement: Statement, case: Case) -> None:
    """What a department says happens to the item, when it says so, and nothing of it twice."""
    book, clock = rulebook(statement.name), Clock(case.at)
    decision = book.decide(case.known, at=case.at)
    with TemporaryDirectory() as folder, Worklists.open(Path(folder) / "w.db", book, clock=clock) as worklists:
        worklists.receive(dict(case.known) | {"accession": "A1"}, at=clock.now)
        items = [item for item in worklists.store.page(None, None) if item.kind.value == "report"]
        ended = [] if items else [worklists.store.item(worklists.item_named("A1"))]
        item = min((*items, *ended), key=lambda one: len(str(one.details["part"])))  # of several reads the first

        assert len(items) == (0 if ended else decision.reads.count + sum(not one.audit for one in decision.also))
        assert (item.worklist, item.priority) == (decision.worklist, decision.priority)
        assert item.due_at == decision.due_at or not item.is_open
        assert (item.state.value == "closed") == (decision.closure is not None)
        assert (item.state.value == "held") == (decision.hold is not None)
        if decision.hold is not None and item.wake_at is not None and item.due_at is not None:
            assert item.wake_at <= item.due_at
        opened = [one.target for one in worklists.notices(1000) if one.payload["kind"] == "opened"]
        assert opened == (list(decision.notify) if item.is_open else [])
        clock.now += timedelta(days=400)
        worklists.tick()

        assert steps(worklists, item.id) == (expected(decision, item.opened_at) if item.is_open else [])
        assert worklists.store.item(item.id).state.value == ("waiting" if item.is_open else "closed")
        assert not worklists.verify().findings


def placed_reads(items: list[Item]) -> list[tuple[str, int, bool, datetime | None]]:
    """Return where each read waits, its place among several, whether it is blind, and by when it is due."""
    return [(one.worklist, one.details.get("position", 0), bool(one.details.get("blind")), one.due_at) for one in items]


def owed_reads(decision: Decision) -> list[tuple[str, int, bool, datetime | None]]:
    """Return the same by the decision: so many on the routed list, and one on each list that reads it too.

    Those have a due of their own, else that of the report. What is read on the routed list twice is read there once.
    """
    several = decision.reads.count > 1
    own = [
        (decision.worklist, place * several, several and decision.reads.blind, decision.due_at)
        for place in range(1, decision.reads.count + 1)
    ]
    also = [(one.worklist, 0, False, one.due_at or decision.due_at) for one in decision.also if not one.audit]
    return own + [one for one in also if one[0] != decision.worklist]


def steps(worklists: Worklists, item: int) -> list[tuple[str, datetime]]:
    """Return whom the ladder has reached, with the instants at which that was due."""
    rows: list[Any] = [row.body for row in worklists.store.history(item) if row.event.value == "escalate"]
    return [(body["step"].get("to") or body["step"]["notify"], datetime.fromisoformat(body["due"])) for body in rows]


def expected(decision: Decision, since: datetime) -> list[tuple[str, datetime]]:
    """Return whom the steps of the report reach, in order; all of them, as nobody ever claims it."""
    found = []
    for step in decision.escalations:
        at = instant_after(since, decision.due_at, minutes=step.after_minutes, percent=step.after_percent)
        if at is not None:
            found.append((step.to or str(step.notify), at))
    return found
