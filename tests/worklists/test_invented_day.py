"""The invented imaging day, received in its order, backwards and shuffled: the same open work."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from routing.rulebook import Rulebook
from routing.worklists import Worklists

_HERE: Final = Path(__file__).parents[2] / "examples" / "city-hospitals"
_DAY: Final = _HERE / "samples"
_EVENING: Final = datetime(2026, 3, 11, 18, tzinfo=UTC)
_STEP: Final = timedelta(seconds=10)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """Return the example department's rules."""
    return Rulebook.load(_HERE / "radiology.rules")


@pytest.fixture(scope="module")
def inputs() -> list[bytes]:
    """Return the inputs of the day in the order of the timeline."""
    timeline = json.loads((_DAY / "timeline.json").read_text(encoding="utf-8"))
    return [(_DAY / name).read_bytes() for row in timeline for name in row.get("files", [row.get("file")])]


@pytest.fixture(scope="module")
def forward(rulebook: Rulebook, inputs: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Counter[Any]:
    """Return the open work after the day in its order."""
    return _open_work(rulebook, inputs, tmp_path_factory.mktemp("forward"))


def _open_work(rulebook: Rulebook, inputs: Iterable[bytes], folder: Path) -> Counter[Any]:
    now = [_EVENING]
    with Worklists.open(folder / "w.db", rulebook, clock=lambda: now[0]) as worklists:
        for data in inputs:
            worklists.receive(data)
            now[0] += _STEP
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
    with Worklists.open(tmp_path / "w.db", rulebook, clock=lambda: _EVENING) as worklists:
        worklists.receive_all(inputs)
        before = worklists.counts(), len(list(worklists.store.inputs()))

        again = worklists.receive_all(inputs)

        assert {receipt.outcome for receipt in again} == {"duplicate_ignored"}
        assert (worklists.counts(), len(list(worklists.store.inputs()))) == before
