"""Ladders, holds and watches do the same on PostgreSQL as in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from routing.store.postgres.store import PostgresStore
from routing.worklists import Worklists
from tests.worklists.opened import HandClock
from tests.worklists.test_tending import BOOK, standing
from tests.worklists.timed import book, scan


def test_time_does_the_same_on_both_engines(new_store: Callable[[], PostgresStore], tmp_path: Path) -> None:
    """The same day, the same steps, notices and instants; asked for late on one and often on the other."""
    ends = []
    for where, looks in ((tmp_path / "w.db", ()), (new_store(), (21, 50, 90, 260))):
        clock = HandClock(0)
        with Worklists.open(where, book(BOOK), clock=clock) as worklists:
            ends.append(day(worklists, clock, looks))
    assert ends[0] == ends[1]


def day(worklists: Worklists, clock: HandClock, looks: tuple[int, ...]) -> dict[str, Any]:
    """Let a day go by and return how everything stands in the end."""
    for number in range(6):
        scan(worklists, clock, f"A{number}", modality=["CT", "MR", "US"][number % 3])
    for look in looks:
        clock.move_to(look)
        worklists.tick()
    clock.move_to(300)
    worklists.status("A1", by="ward 7")
    worklists.status("A1", by="ward 8")
    worklists.report("A2", "final", "R2", "lee")
    clock.move_to(700)
    worklists.tick()
    assert {one.check for one in worklists.verify().findings} <= {"V1"}  # a server for tests is weaker
    assert worklists.counts().overdue
    assert [one.cursor for one in worklists.changes()] == sorted(one.cursor for one in worklists.changes())
    return standing(worklists)
