"""The figures of loading, in the test run that asks for them: `pytest -m benchmark`."""

import pytest

from tests.benchmarks import load


@pytest.mark.benchmark
def test_what_loading_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the table; a figure says something on a quiet machine only, so that none is asserted."""
    load.main()

    with capsys.disabled():
        print("\n" + capsys.readouterr().out)


def test_the_measured_rulebook_is_sound() -> None:
    """A figure for text that does not load would be worth nothing."""
    book = load.Rulebook.loads(load.rules_text(20), tables={"procedures.csv": load.table_text(10)})

    assert len(book.program.rules) == 20
