"""A small share of a department's year keeps every promise; `python -m tests.simulation` plays as much as is asked."""

import pytest

from tests.simulation.__main__ import play
from tests.simulation.luck import ROUGH


@pytest.mark.slow
def test_a_day_of_a_department_loses_nothing_and_starves_nobody() -> None:
    """Feeds that repeat and overtake, readers who crash, outages, staff who leave, rules that change."""
    verdict = play(0.0007, 1, seed=3)

    assert not verdict.faults
    assert verdict.figures["rules changed"]
    assert verdict.figures["final"] > 100


@pytest.mark.slow
def test_where_far_more_goes_wrong_nothing_is_lost_either() -> None:
    """Drafts on every third reading, late images, reports taken back, cancelled orders and merged patients."""
    verdict = play(0.0007, 1, seed=4, luck=ROUGH)

    assert not verdict.faults
    assert verdict.figures["preliminary"] > 50
    assert verdict.figures["withdrawn from outside"]
    assert verdict.figures["corrected from outside"]
