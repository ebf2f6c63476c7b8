"""The figures of pages, in the test run that asks for them; and that what they measure is asked and answered."""

import sys
from pathlib import Path

import pytest

from tests.benchmarks import pages


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_what_pages_take(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the table; a figure says something on a quiet machine only, so that none is asserted."""
    monkeypatch.setattr(sys, "argv", ["pages"])
    pages.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)


@pytest.mark.slow
def test_a_made_store_is_asked_like_any_other(tmp_path: Path) -> None:
    """What its items keep for views is what a store keeps that came to it by receiving."""
    with pages.department(tmp_path, 3000) as worklists:
        half = worklists.page("kim", view="Half", limit=20)

        assert len(half) == 20
        assert all(line.item % 2 == 0 for line in half)
        assert half.hidden == worklists.counts().open - 20
        assert len(worklists.page("kim", view="None", limit=20)) == 0
        for ask, _ in pages.questions(worklists).values():
            ask()
