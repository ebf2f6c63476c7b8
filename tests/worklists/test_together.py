"""Several processes at one store, killed and stopped at random moments: every answer is explained by the journal."""

from pathlib import Path

import pytest

from tests.worklists.together import play


@pytest.mark.slow
def test_no_two_hold_one_item_and_every_answer_is_in_the_journal(tmp_path: Path) -> None:
    """A reader killed with a claim, and one stopped past the lease who goes on, take nothing from anybody."""
    outcome = play(tmp_path, items=250, processes=4, seed=2, mishaps=0.2)

    assert not outcome.faults
    assert outcome.figures["answers"] > 250
