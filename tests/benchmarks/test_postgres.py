"""The figures of the PostgreSQL store, in the test run that asks for them: `pytest -m benchmark`."""

import sys

import pytest

from tests.benchmarks import postgres


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_what_a_server_takes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the table; a figure says something on a quiet machine only, so that none is asserted."""
    monkeypatch.setattr(sys, "argv", ["postgres", "--rounds", "3", "--seconds", "2"])
    postgres.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)
