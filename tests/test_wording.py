"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from routing.wording import counted


@pytest.mark.parametrize(("count", "said"), [(0, "0 items move"), (1, "1 item moves"), (2, "2 items move")])
def test_a_noun_and_its_verb_agree_with_the_number(count: int, said: str) -> None:
    """As people say it."""
    assert counted(count, "item moves", "items move") == said


def test_a_plural_is_the_noun_with_an_s_where_nothing_else_is_said() -> None:
    """`1 procedures` is nobody's English."""
    assert [counted(count, "procedure") for count in (0, 1, 2)] == ["0 procedures", "1 procedure", "2 procedures"]
