"""The cases from public bug reports: one test for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.runner import Case, cases_in, failures_of

_CASES = cases_in(Path(__file__).parent)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_a_case_comes_to_what_is_right(case: Case) -> None:
    """Each is an example of a kind of fault that feeds have."""
    assert failures_of(case) == []


def test_all_cases_are_here() -> None:
    """A copy that lost one would pass."""
    assert len(_CASES) == 35
