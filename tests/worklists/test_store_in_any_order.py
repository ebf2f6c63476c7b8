"""The same law with a store: items that were opened on the way end as if the news had come in any other order."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.sources.news import News
from routing.worklists import Worklists
from tests.worklists.opened import open_items, opened, receive
from tests.worklists.telling import SMITH
from tests.worklists.test_any_order import _lists


@pytest.mark.slow
@given(_lists(SMITH), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_store_ends_with_the_same_open_work_in_any_order(news: list[News], chance: random.Random) -> None:
    """Nothing that was opened early may be left behind, and nothing may be missing."""
    again = [*news, *chance.sample(news, len(news) // 2)]
    chance.shuffle(again)

    with opened() as forward, opened() as shuffled:
        for one in news:
            receive(forward, one)
        for one in again:
            receive(shuffled, one)

        assert _work(forward) == _work(shuffled)
        assert not forward.verify().findings
        assert not shuffled.verify().findings


def _work(worklists: Worklists) -> set[tuple[Any, ...]]:
    """Return what is open, without the state: an item whose images turned out to be another's still waits.

    And of which it is in doubt whose it is, which nobody but those who sort it out is told.
    """
    hidden = {
        (line.accession, line.accession_issuer, line.study_uid, line.kind, "restricted", line.identity_shown)
        for line in worklists.page(reader="anybody", limit=None)
        if line.kind != "recheck"
    }
    return {(*one[:5], *one[6:]) for one in open_items(worklists, without=["recheck"])} | hidden
