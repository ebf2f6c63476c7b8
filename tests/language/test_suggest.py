"""Did you mean: only what is close, the closest first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.suggest import closest, did_you_mean, distance

WORDS = st.text("abcde_", max_size=10)


@pytest.mark.parametrize(
    ("word", "candidates", "found"),
    [
        ("nuero", ["neuro", "general"], ("neuro",)),
        ("lateralty", ["laterality", "location"], ("laterality",)),
        ("Body-Part", ["body_part"], ("body_part",)),
        ("modalityy", ["modality"], ("modality",)),
        ("CT", ["MR", "CR", "PT"], ()),
        ("ct", ["CT"], ("CT",)),
        ("age", ["general", "page"], ("page",)),
        ("thorax", ["chest", "neuro"], ()),
        ("", ["a"], ()),
        ("neuro", ["neuro"], ()),
        ("x" * 65, ["x" * 64], ()),
    ],
)
def test_only_close_words_are_suggested(word: str, candidates: list[str], found: tuple[str, ...]) -> None:
    """A far-fetched suggestion is worse than none."""
    assert closest(word, candidates) == found


def test_the_suggestion_is_a_question() -> None:
    """It is the author who knows what was meant."""
    assert did_you_mean("nuero", ["neuro"]) == "did you mean `neuro`?"
    assert did_you_mean("abc", ["xyz"]) == ""


@given(WORDS, WORDS)
def test_the_distance_is_the_same_both_ways(one: str, other: str) -> None:
    """Slips are counted, whoever made them."""
    assert distance(one, other, 20) == distance(other, one, 20)


@given(WORDS, WORDS, st.integers(0, 5))
def test_a_limit_only_cuts_off(one: str, other: str, limit: int) -> None:
    """It saves time and changes no answer below it."""
    assert distance(one, other, limit) == min(distance(one, other, 50), limit + 1)


@given(WORDS)
def test_no_slip_is_no_distance(word: str) -> None:
    """And only that."""
    assert distance(word, word, 3) == 0
