"""Every finding has a page: what to avoid, what to prefer, and why; both are checked as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.codes import REGISTER
from tests.docs.blocks import FINDINGS, Block, blocks, severe

PAGES = sorted(FINDINGS.glob("*.md"))


def avoided(page: Path) -> Block:
    return next(block for block in blocks(page) if block.words & {"wrong", "proved"})


def preferred(page: Path) -> Block:
    return next(block for block in blocks(page) if not block.words & {"wrong", "proved"})


def test_every_finding_has_a_page_and_every_page_a_finding() -> None:
    """A code in a message that leads nowhere is a riddle."""
    assert [page.stem for page in PAGES] == sorted(REGISTER)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_the_register_says(page: Path) -> None:
    """Code, name, severity and title stand on the page, and its three parts in their order."""
    entry = REGISTER[page.stem]
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {entry.code} {entry.name}\n\n{entry.severity.value.capitalize()}: {entry.title}.\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Avoid", "## Prefer", "## Why"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_to_be_avoided_has_that_finding_and_no_other(page: Path) -> None:
    """The printed form on the page is the one that people see: `python -m tests.docs.blocks` prints it anew."""
    block = avoided(page)
    found = block.findings()

    if "proved" in block.words:  # nobody can be shown a rulebook that is too much for the proofs
        assert severe(found) == []
    else:
        assert [one.name for one in found] == [page.stem]
        assert block.prints == block.printed()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_to_be_preferred_has_no_finding(page: Path) -> None:
    """A remedy that is wrong in another way is none."""
    assert [one.headline() for one in preferred(page).findings()] == []
