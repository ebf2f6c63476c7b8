"""Further cases of the kinds in `tests/cases`, and of kinds beside them: one test for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.runner import Case, cases_in, failures_of

_CASES = cases_in(Path(__file__).parent)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_another_input_of_the_kind_comes_to_what_is_right(case: Case) -> None:
    """Each says in `reason` by which rule its outcome is right."""
    assert failures_of(case) == []


def test_all_further_cases_are_here() -> None:
    assert len(_CASES) == 75
