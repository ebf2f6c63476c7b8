"""The corpus of broken rulebooks: right line, right word underlined, and no cascade."""

import pytest

from tests.language import corpus


@pytest.mark.parametrize("name", corpus.names())
def test_a_broken_rulebook_gives_the_findings_that_its_reader_would_want(name: str) -> None:
    """`python -m tests.language.corpus` shows what differs, as it is printed."""
    assert corpus.found(name) == corpus.expected(name)


def test_there_are_many_of_them_and_each_has_a_finding() -> None:
    """A corpus that shrinks, or files without a mistake, would say nothing."""
    assert len(corpus.names()) >= 80
    assert all(corpus.expected(name) for name in corpus.names())
