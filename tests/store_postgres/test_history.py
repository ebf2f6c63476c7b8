"""Processes at once, some of them with their backends killed: every answer is in the journal, or rightly is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store_postgres.conftest import Cluster
from tests.store_postgres.history import Workers, one_run, unexplained, wrong_after

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers(3)
    yield made
    made.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_answer_is_borne_out_by_the_journal(cluster: Cluster, workers: Workers, seed: int) -> None:
    """Odd seeds have backends killed in the middle of whatever they do; `stress` has two hundred."""
    assert one_run(cluster.server, workers, seed, {}) == []


@pytest.mark.stress
@pytest.mark.timeout(3000)
def test_two_hundred_runs_find_nothing(cluster: Cluster, workers: Workers) -> None:
    assert [fault for seed in range(200) for fault in one_run(cluster.server, workers, seed, {})] == []


def test_the_checker_sees_what_it_is_for() -> None:
    """A success that is not there, a failure that is, a claim while another has it, a chain with a hole."""
    row = {"item": 1, "n": 1, "event": "claim", "holder": "w0.1", "token": 1, "target": "claimed", "lease_until": 9}
    claimed = {"name": "w0.1", "what": "claim", "answer": "done", "item": 1, "token": 1}

    assert list(unexplained(claimed, [row], {})) == []
    assert list(unexplained(claimed, [], {}))
    assert list(unexplained(claimed | {"answer": "StaleClaim"}, [row], {}))
    assert list(unexplained(claimed | {"answer": "OutcomeUnknown"}, [row], {})) == []
    assert list(unexplained({"name": "m", "what": "receive", "answer": "done"}, [], {}))
    assert list(unexplained({"name": "m", "what": "receive", "answer": "StoreBusy"}, [], {"m": 1}))
    assert list(wrong_after(row, row | {"n": 2, "token": 2}))
    assert list(wrong_after(row, row | {"n": 3, "event": "release", "holder": None}))
    assert list(wrong_after(row, row | {"n": 2, "token": 2, "event": "seize", "at": 5}))
    assert list(wrong_after(row, row | {"n": 2, "event": "final_report", "target": "reported", "evidence": None}))
    assert not list(wrong_after(row, row | {"n": 2, "event": "release", "target": "waiting", "holder": None}))
