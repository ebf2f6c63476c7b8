"""The invented imaging day, received in its order, backwards and shuffled: the same open work."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from routing.rulebook import Rulebook
from routing.worklists import Worklists
from tests.worklists import feeding
from tests.worklists.feeding import EVENING, EXAMPLE, STEP


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """Return the example department's rules."""
    return Rulebook.load(EXAMPLE / "radiology.rules")


@pytest.fixture(scope="module")
def inputs() -> list[bytes]:
    """Return the inputs of the day in the order of the timeline."""
    return feeding.inputs()


@pytest.fixture(scope="module")
def forward(rulebook: Rulebook, inputs: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Counter[Any]:
    """Return the open work after the day in its order."""
    return _open_work(rulebook, inputs, tmp_path_factory.mktemp("forward"))


def _open_work(rulebook: Rulebook, inputs: Iterable[bytes], folder: Path) -> Counter[Any]:
    now = [EVENING]
    with Worklists.open(folder / "w.db", rulebook, clock=lambda: now[0]) as worklists:
        for data in inputs:
            worklists.receive(data)
            now[0] += STEP
        return _work_of(worklists)


def _work_of(worklists: Worklists) -> Counter[Any]:
    assert not worklists.verify().findings
    return Counter(
        (
            (line.accession, line.accession_issuer, line.study_uid),
            (line.kind, line.reason if line.kind == "resolve" else ""),
            (line.state, line.worklist, line.priority),
            line.due_at if line.kind == "report" and line.accession else None,  # one study has no date of its own
        )
        for line in worklists.page(limit=None)
        if line.kind != "recheck"
    )


@pytest.mark.slow
def test_the_day_leaves_what_is_still_to_be_done(forward: Counter[Any]) -> None:
    """What is reported is gone; each contradiction of the day is with a person."""
    doubts = {(who[0], what[1]) for who, what, _, _ in forward if what[0] == "resolve"}
    reports = {who[0] for who, what, _, _ in forward if what[0] == "report"}

    assert doubts >= {
        ("DEN26000010", "report_withdrawn"),
        ("STO26000123", "cancelled_with_images"),
        ("STO26000127", "patient_conflict"),
    }
    assert not reports & {"STO26000101", "STO26000114", "STO26000115", "STO26000116", "STO26000118", "STO26000119"}
    assert reports >= {"STO26000123", "STO26000127", "STO26000117", "S26-00451", None}


@pytest.mark.slow
def test_the_day_backwards_ends_in_the_same_open_work(
    rulebook: Rulebook, inputs: list[bytes], forward: Counter[Any], tmp_path: Path
) -> None:
    """Reports first, orders last."""
    assert _open_work(rulebook, inputs[::-1], tmp_path) == forward


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_day_shuffled_and_repeated_ends_in_the_same_open_work(
    seed: int, rulebook: Rulebook, inputs: list[bytes], forward: Counter[Any], tmp_path: Path
) -> None:
    """Late images apart, which are about what came first."""
    chance = random.Random(seed)
    shuffled = [*inputs, *chance.sample(inputs, 20)]
    chance.shuffle(shuffled)

    assert _open_work(rulebook, shuffled, tmp_path) == forward


@pytest.mark.slow
def test_the_day_again_changes_nothing(rulebook: Rulebook, inputs: list[bytes], tmp_path: Path) -> None:
    """Everything is known already."""
    with Worklists.open(tmp_path / "w.db", rulebook, clock=lambda: EVENING) as worklists:
        worklists.receive_all(inputs)
        before = worklists.counts(), len(list(worklists.store.inputs()))

        again = worklists.receive_all(inputs)

        assert {receipt.outcome for receipt in again} == {"duplicate_ignored"}
        assert (worklists.counts(), len(list(worklists.store.inputs()))) == before


@pytest.mark.parametrize(
    "kills", [pytest.param(4, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.stress)]
)
def test_the_day_killed_and_begun_again_loses_nothing(
    kills: int, rulebook: Rulebook, forward: Counter[Any], tmp_path: Path
) -> None:
    """What was acknowledged is there; sending everything again ends as if nothing had happened (N1, N2)."""
    chance, where = random.Random(7), tmp_path / "w.db"
    for _ in range(kills):
        acknowledged = _fed(where, stop_after=chance.uniform(0, 0.6))
        with Worklists.open(where, rulebook, clock=lambda: EVENING) as worklists:
            assert len(list(worklists.store.inputs())) >= acknowledged
            assert not worklists.verify().findings
        if kills > 10 and chance.random() < 0.1:  # begin anew now and then: kills are to meet every part of the day
            where = tmp_path / f"{chance.random()}.db"
    _fed(where, stop_after=None)

    with Worklists.open(where, rulebook, clock=lambda: EVENING) as worklists:
        assert _work_of(worklists) == forward


def _fed(where: Path, *, stop_after: float | None) -> int:
    """Feed the day to a process of its own, kill it after so many seconds, and return how many inputs it had taken."""
    command = [sys.executable, "-m", "tests.worklists.feeding", str(where)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if stop_after is not None:
            timer = threading.Timer(stop_after, process.kill)
            timer.start()
        said = process.stdout.read().split()
    distinct = 2  # of the day's inputs repeat an earlier one word for word
    taken = len([one for one in said if one.isdecimal()])
    return max(0, taken - distinct)
