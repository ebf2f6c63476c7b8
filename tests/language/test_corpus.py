"""The corpus of broken rulebooks: right line, right word underlined, and no cascade."""

from typing import Final

import pytest

from routing.check import check
from routing.diagnostics import Severity
from routing.files import Folder
from routing.parse import machine, parse
from tests.language import corpus
from tests.language.corpus import FOLDER

NOTE: Final = Severity.NOTE
SOUND: Final = (FOLDER.parent / "sound.rules").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", corpus.names())
def test_a_broken_rulebook_gives_the_findings_that_its_reader_would_want(name: str) -> None:
    """`python -m tests.language.corpus` shows what differs, as it is printed."""
    assert corpus.found(name) == corpus.expected(name)


def test_there_are_many_of_them_and_each_has_a_finding() -> None:
    """A corpus that shrinks, or files without a mistake, would say nothing."""
    assert len(corpus.names()) >= 80
    assert all(corpus.expected(name) for name in corpus.names())


@pytest.mark.slow
@pytest.mark.parametrize("slip", ["forgotten", "twice", "letters swapped"])
def test_one_slip_anywhere_in_a_sound_rulebook_has_no_consequences(slip: str) -> None:
    """One cause, one finding, however much of the rulebook depends on the word."""
    tokens, _ = machine().cutter.cut(SOUND, "")
    starts = [0, *(at + 1 for at, mark in enumerate(SOUND) if mark == "\n")]
    several = {}
    for token in tokens[::2]:
        start, stop = starts[token.line - 1] + token.column - 1, starts[token.line - 1] + token.end_column - 1
        word = SOUND[start:stop]
        changed = {"forgotten": "", "twice": f"{word} {word}", "letters swapped": word[0] + word[1:3][::-1] + word[3:]}
        text = SOUND[:start] + changed[slip] + SOUND[stop:]
        parsed = parse(text, "x")
        found = [one for one in (*parsed.findings, *check(parsed, Folder(FOLDER)).findings) if one.severity is not NOTE]
        if len(found) > 1:
            several[token.line, word] = [one.headline() for one in found]

    assert not several
