"""The figures of the store, in the test run that asks for them: `pytest -m benchmark`."""

import sys
from pathlib import Path

import pytest

from routing.states import Event
from tests.benchmarks import bulk, store
from tests.store.building import NOW, move


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_what_the_store_takes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the table; a figure says something on a quiet machine only, so that none is asserted."""
    monkeypatch.setattr(sys, "argv", ["store", "--rounds", "5"])
    store.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)


def test_a_store_that_was_filled_in_bulk_is_sound_and_guarded(tmp_path: Path) -> None:
    """Figures about a store that is not what a store is would be worth nothing."""
    filled = bulk.filled(tmp_path, waiting=30, reported=20)

    with filled.writing(NOW) as tx:
        move(tx, tx.candidates(list(bulk.LISTS), 1, NOW)[0], Event.CLAIM)

    assert filled.verify().findings == ()
    assert sum(row.count for row in filled.counts()) == 50
    filled.close()
