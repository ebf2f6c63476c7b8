"""What an act costs does not grow with what the store holds: counted in steps of the database's engine, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from routing import Rulebook, Worklists
from tests.benchmarks.whole import BOOK, ORDER

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
FEW, MANY = 120, 720


def filled(path: Path, count: int) -> Worklists:
    """Return a store with so many reports that are waiting, each of an order and its images, and half as many done."""
    worklists = Worklists.open(path, Rulebook.loads(BOOK), clock=lambda: NOW)
    for number in range(count):
        name = f"{number:07d}"
        worklists.receive_all([ORDER.format(n=name).encode()])
        worklists.receive_all([images(name)], sender="PACS", message_id=name)
        if number % 3 == 0:
            claim = worklists.claim_next("kim")
            assert claim is not None
            worklists.report(claim, "final", f"R{name}")
    return worklists


def images(name: str) -> dict[str, Any]:
    return {"accession": f"A{name}", "modality": "CT", "body_part": "HEAD", "image_count": 1}


def acts(worklists: Worklists, name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what people and feeds do, one after another, about one new procedure."""
    claims: list[Any] = []
    yield "an order", lambda: worklists.receive(ORDER.format(n=name).encode())
    yield "the same order again", lambda: worklists.receive(ORDER.format(n=name).encode())
    yield "images", lambda: worklists.receive(images(name), sender="PACS", message_id=name)
    yield "images of which a host says no number", lambda: worklists.receive(images(name) | {"image_count": 2})
    yield "a page", lambda: worklists.page(reader="lee", limit=50)
    yield "the status", lambda: worklists.status(accession=f"A{name}")
    yield "a claim of the next", lambda: claims.append(worklists.claim_next("lee"))
    yield "a release", lambda: worklists.release(claims.pop())
    yield "another claim", lambda: claims.append(worklists.claim_next("lee"))
    yield "a pass", lambda: worklists.pass_to(claims.pop(), "general", reason="not mine")
    yield "a third claim", lambda: claims.append(worklists.claim_next("lee"))
    yield "a report", lambda: worklists.report(claims[0], "final", f"R{name}")
    yield "its history", lambda: worklists.history(claims[0].item_id)
    yield "a tick", worklists.tick


def steps(worklists: Worklists, act: Callable[[], Any]) -> int:
    """Return how many steps the engine takes for an act."""
    count = 0

    def counted() -> int:
        nonlocal count
        count += 1
        return 0

    connection = worklists.store.own_connection()  # type: ignore[attr-defined]  # of SQLite
    connection.set_progress_handler(counted, 1)
    try:
        act()
    finally:
        connection.set_progress_handler(None, 1)
    return count


@pytest.mark.slow
def test_no_act_costs_more_in_a_large_store(tmp_path: Path) -> None:
    taken = []
    for count in (FEW, MANY):
        with filled(tmp_path / f"{count}.db", count) as worklists:
            taken.append({what: steps(worklists, act) for what, act in acts(worklists, "9999999")})

    few, many = taken
    grown = {what: (few[what], many[what]) for what in few if many[what] > 1.3 * few[what] + 100}
    assert not grown
