"""Damaged inputs received into a store: a little of `python -m tests.worklists.fuzz`, and more of it under stress."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worklists.fuzz import run, run_in_lots


@pytest.mark.slow
def test_every_damaged_input_is_in_the_inbox_with_an_outcome(tmp_path: Path) -> None:
    ended, broken = run(tmp_path / "fuzz.db", 150, seed=7)

    assert not broken
    assert ended.total() == 300


@pytest.mark.stress
@pytest.mark.timeout(3600)
def test_twenty_thousand_damaged_inputs_of_each_kind_are_kept(tmp_path: Path) -> None:
    ended, broken = run_in_lots(tmp_path, 20_000, seed=1, lot=1000)

    assert not broken
    assert ended.total() == 40_000
