"""The page of guarantees names every incident of the domain, and only tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "guarantees.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (I\d+) \| .*? \| (?:`(test_\w+)`)? ?\|$", PAGE, re.MULTILINE))


def test_every_incident_has_a_promise_or_says_that_it_is_not_ours() -> None:
    """I1 to I27; one is not this product's."""
    assert list(ROWS) == [f"I{number}" for number in range(1, 28)]
    assert [name for name, test in ROWS.items() if not test] == ["I24"]


@pytest.mark.parametrize("test", [test for test in ROWS.values() if test])
def test_a_promise_names_a_test_that_exists(test: str) -> None:
    """So that the page cannot outlive what it promises."""
    assert any(f"def {test}(" in path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
