"""Nothing that anybody can write makes the library raise; `python -m tests.language.fuzz` runs as long as asked."""

import pytest

from routing.parse import parse
from tests.language.fuzz import damaged, random_bytes, run


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("bytes", 1500), ("mutations", 100)])
def test_only_findings_come_out(kind: str, count: int) -> None:
    """A host that checks what a team types must survive every keystroke."""
    assert sum(1 for _ in run(kind, 0, range(count))) == count


@pytest.mark.stress
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("kind", "count"), [("bytes", 1_000_000), ("mutations", 100_000)])
def test_only_findings_come_out_of_very_many(kind: str, count: int) -> None:
    """As above; the numbers are what the language promises."""
    assert sum(1 for _ in run(kind, 1, range(count))) == count


@pytest.mark.slow
def test_an_input_is_made_from_its_numbers_alone() -> None:
    """Otherwise a failure could not be made again, nor a run go on where it was stopped."""
    assert random_bytes(1, 5) == random_bytes(1, 5) != random_bytes(2, 5)
    assert damaged(1, 5)[0] == damaged(1, 5)[0] != damaged(1, 6)[0]


def test_a_text_that_is_nothing_but_a_foreign_comment_is_a_finding() -> None:
    """Leaving out what another language comments out may leave nothing to read."""
    assert [found.name for found in parse("/* nothing", "x").findings] == ["syntax"]


def test_words_that_a_repair_moved_keep_their_places_in_order() -> None:
    """A finding about a statement whose words stood the wrong way round has a place that can be shown."""
    (found,) = parse('watch "W" when overdue expect tag', "x").findings[:1]

    assert (found.span.line, found.span.column) < (found.span.end_line, found.span.end_column)
