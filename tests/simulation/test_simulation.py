"""A small share of a department's year keeps every promise; `python -m tests.simulation` plays as much as is asked."""

import pytest

from tests.simulation.__main__ import play


@pytest.mark.slow
def test_a_day_of_a_department_loses_nothing_and_starves_nobody() -> None:
    """Feeds that repeat and overtake, readers who crash, outages, staff who leave, rules that change."""
    verdict = play(0.0007, 1, seed=3)

    assert not verdict.faults
    assert verdict.figures["rules changed"]
    assert verdict.figures["final"] > 100
