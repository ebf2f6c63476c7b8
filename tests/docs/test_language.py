"""The reference of the language: every block runs, every table is decided, and nothing of the language is left out."""

from __future__ import annotations

from typing import Any

import pytest

from routing import machine as machine_module
from routing.building import Builder
from routing.machine import Machine
from routing.parse import _grammar, machine, parse
from tests.docs.blocks import LANGUAGE, Block, Decided, blocks, severe, slips, tables

BLOCKS = list(blocks(LANGUAGE))
TABLES = list(tables(LANGUAGE))


@pytest.mark.parametrize("block", [one for one in BLOCKS if "wrong" not in one.words], ids=str)
def test_what_the_reference_shows_is_right(block: Block) -> None:
    """Whoever copies a block must not be told that it is wrong."""
    assert severe(block.findings()) == []


@pytest.mark.parametrize("block", [one for one in BLOCKS if "wrong" in one.words], ids=str)
def test_what_the_reference_calls_wrong_is_answered_as_shown(block: Block) -> None:
    """`python -m tests.docs.blocks` prints the findings anew."""
    assert block.prints == block.printed()


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_each_row_of_a_table_is_decided_as_it_says(table: Decided) -> None:
    """Boundary cases are what departments argue about; the page has the last word only if it is true."""
    assert list(table.failures()) == []


@pytest.mark.parametrize(("written", "remedy"), list(slips(LANGUAGE)))
def test_what_people_write_by_habit_is_answered_as_the_reference_says(written: str, remedy: str) -> None:
    """One finding, and its help is the right form."""
    (found,) = parse(written, "x").findings

    assert found.help == remedy


@pytest.mark.slow
def test_every_construct_and_every_word_of_the_grammar_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds something to the language shows it here, or this fails."""
    used: set[str] = set()

    class Recording(Builder):
        """Notes which functions the parser calls."""

        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)

            def noted(children: Any) -> Any:
                used.add(name)
                return found(children)

            return noted if callable(found) and not name.startswith("_") else found

    monkeypatch.setattr(machine_module, "Builder", Recording)
    recording = Machine(_grammar())
    words: set[str] = set()
    for block in BLOCKS:
        if "wrong" in block.words:
            continue
        tokens, _ = recording.cutter.cut(block.whole(), "")
        starts = [
            number for number, token in enumerate(tokens) if token.text in recording.statement_words and token.first
        ]
        for start, stop in zip(starts, [*starts[1:], len(tokens)], strict=True):
            recording.parse(tokens[start:stop])
        words |= {token.text for token in tokens}

    constructs = {name for name in dir(Builder) if not name.startswith("_")}
    assert constructs - used == set()
    assert {word for word in machine().keywords if word[:1].isalpha()} - words == set()
