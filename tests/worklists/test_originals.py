"""What was received can be looked at, byte for byte, by those who have to; and a store that is closed says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.errors import NotAllowed, NotFound, StoreRefused
from routing.worklists import Worklists
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.plain import plain_rulebook
from tests.worklists.telling import order

BROKEN = b"MSH|^~\\&|RIS|STO|||20260310||ORM^O01|7|P|2.5.1\rPID|1||5100^^^STO"  # it names no procedure


def test_a_resolve_item_leads_to_its_input() -> None:
    """Its history says the number, and whoever may take the item may see the bytes."""
    with opened(readers={"lee": ["pacs_team"]}) as worklists:
        receipt = worklists.receive(BROKEN, sender="RIS")
        item = worklists.page().lines[0].item
        evidence = worklists.history(item)[0].evidence
        assert evidence is not None

        seen = worklists.input(evidence["input"], by="lee")

    assert seen.input == receipt.input
    assert (seen.raw, seen.item, seen.outcome) == (BROKEN, item, "quarantined")
    assert "5100" not in repr(seen)
    assert "raw" not in seen.as_dict()


def test_an_input_that_nobody_has_to_look_at_is_seen_by_a_grant_alone() -> None:
    """And that somebody tried is written down."""
    with opened() as worklists:
        number = receive(worklists, order()).input
        assert number is not None
        with pytest.raises(NotAllowed, match="inspect"):
            worklists.input(number, by="lee")
        with pytest.raises(NotAllowed):
            worklists.input(number, by=" ")
        worklists.grant("lee", "inspect", by="boss")

        assert worklists.input(number, by="lee").item is None
        with pytest.raises(NotFound):
            worklists.input(99, by="lee")
        assert [one.payload["act"] for one in worklists.store.notices(9)] == ["look at input 1", "look at an input"]


def test_opening_without_a_rulebook_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="no rulebook"):
        Worklists.open(tmp_path / "worklist.db")

    assert list(tmp_path.iterdir()) == []


def test_worklists_that_are_closed_say_so(tmp_path: Path) -> None:
    worklists = Worklists.open(tmp_path / "worklist.db", plain_rulebook(), clock=HandClock())
    worklists.close()
    worklists.close()

    for act in (worklists.page, worklists.tick, lambda: worklists.receive(BROKEN)):
        with pytest.raises(StoreRefused, match="closed"):
            act()
