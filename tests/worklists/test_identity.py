"""Who a patient is stands only where it can be erased: nowhere in journal, items, outcomes, evidence or notices."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from routing.store import export_store
from routing.worklists import Worklists
from tests.sources.damage import MESSAGES, SEEDS_BESIDE, damaged_message
from tests.worklists.opened import HandClock
from tests.worklists.plain import plain_rulebook

SAID = ("5100", "EXAMPLE", "STO26030101", "STO26030102", "PL1", "FL1", "1.2.3")  # in the messages of the tests


@pytest.mark.slow
def test_nothing_that_stays_after_an_erasure_says_who_it_was(tmp_path: Path) -> None:
    """The tables that `redact` empties are the only ones that hold identity, notices and reasons of ours included."""
    clock = HandClock()
    with Worklists.open(tmp_path / "worklist.db", plain_rulebook(), clock=clock) as worklists:
        for number, data in enumerate((*MESSAGES, *SEEDS_BESIDE, *(damaged_message(3, n) for n in range(60)))):
            clock.now += timedelta(minutes=number)
            worklists.receive(data)
        while (claim := worklists.claim_next("lee")) is not None:
            worklists.report(claim, "final", f"R{claim.item_id}")
        clock.now += timedelta(days=30)
        worklists.tick()

        rows = [(table, json.dumps(row, default=str)) for table, row in export_store(worklists.store)]

    assert {"journal", "item", "outcome", "evidence", "inbox"} <= {table for table, _ in rows}
    apart = {"migration", "rulebook", "settings", "legal"}
    assert [(table, word) for table, row in rows if table not in apart for word in SAID if f'"{word}' in row] == []
    assert not [table for table, row in rows if table not in apart and ("EXAMPLE" in row or "STO2603" in row)]
