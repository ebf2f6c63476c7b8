"""The figures of deciding, in the test run that asks for them: `pytest -m benchmark tests/benchmarks`."""

from __future__ import annotations

import pytest

from tests.benchmarks import deciding, worst


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_what_deciding_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the tables; a figure says something on a quiet machine only, so that none is asserted."""
    deciding.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_the_worst_that_one_decision_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the table; as above, none of the figures is asserted."""
    worst.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)


@pytest.mark.slow
def test_all_engines_that_are_compared_answer_alike() -> None:
    """Figures for different answers would be worth nothing."""
    names = ("ours", "if_chain", "if_chain_with_decision", "if_chain_same_decision")

    found = dict(deciding.engines([10, 60], names))

    assert len(found) == 4
