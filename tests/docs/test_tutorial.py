"""The tutorial, and each how-to with commands in it, works as it is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.tutorial import PAGES, walked


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_prints_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    """A beginner who sees something else stops trusting both; `python -m tests.docs.tutorial` renews the pages."""
    text = page.read_text(encoding="utf-8")

    assert walked(text, tmp_path) == text
