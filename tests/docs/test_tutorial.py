"""The tutorial works as it is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.tutorial import PAGE, walked


@pytest.mark.slow
def test_the_tutorial_prints_what_its_commands_print(tmp_path: Path) -> None:
    """A beginner who sees something else stops trusting both; `python -m tests.docs.tutorial` renews the page."""
    page = PAGE.read_text(encoding="utf-8")

    assert walked(page, tmp_path) == page
