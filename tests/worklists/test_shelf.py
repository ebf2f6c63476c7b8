"""The store as a shelf: what it remembers is what it would read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from routing.sources.procedure import Procedure, dump, load
from routing.worklists import Worklists, shelf
from tests.sources.damage import damaged_message, damaged_object
from tests.worklists.fuzz import _BEGAN
from tests.worklists.plain import plain_rulebook


@pytest.mark.slow
def test_what_was_written_need_not_be_read_to_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A procedure that is kept from its writing on is, value by value, what reading its text makes of it."""
    written: list[tuple[str, Procedure]] = []
    dumped = shelf.dumped

    def noted(procedure: Procedure) -> str:
        text = dumped(procedure)
        written.append((text, shelf.loaded(text)))
        return text

    monkeypatch.setattr("routing.worklists.intake.dumped", noted)
    now = [_BEGAN]
    with Worklists.open(tmp_path / "shelf.db", plain_rulebook(), clock=lambda: now[0]) as worklists:
        for number in range(150):
            now[0] += timedelta(seconds=1)
            worklists.receive((damaged_message if number % 3 else damaged_object)(11, number, 20))

    assert len(written) > 100
    for text, kept in written:
        read = load(text)
        assert kept == read
        assert dump(kept) == dump(read) == text
        assert repr(kept.attributes()) == repr(read.attributes())
