"""What docs/explanation/adding-an-operator.md says is all that it takes to add an operator."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from routing.codes import REGISTER
from routing.examples import run_examples
from routing.format import format_text
from routing.machine import Machine
from routing.meaning import spelling
from routing.parse import _grammar
from routing.rulebook import Rulebook, check_text

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "explanation" / "adding-an-operator.md").read_text(encoding="utf-8")
BOOK: Final = """\
worklist general "General" for everyone
worklist left "Left" for everyone
exceptions route to general
rule "Left sides" when procedure_code ends with "L", "LT" except "XL" route to left
rule "As requested" always priority priority_requested
otherwise route to general priority routine due within 10 working days
example "left" procedure_code KNEEL and XL expect route to left
example "excepted" procedure_code XL expect route to general by otherwise
example "right" procedure_code KNEER expect route to general by otherwise
example "unknown" modality DX expect route to general undecided procedure_code
"""


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def ends_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page followed: one line of the grammar, and one entry."""
    grammar = re.sub(r"(.*-> spelt\n)", lambda line: line[0] + block("lark"), _grammar())
    machine = Machine(grammar)
    entry = eval(f"{{{block('python')}}}", {"Spelling": spelling.Spelling})  # noqa: S307 - our own page
    more = MappingProxyType({**spelling.SPELLINGS, **entry})
    monkeypatch.setattr("routing.parse.machine", lambda: machine)
    for module in ("routing.check.comparisons", "routing.compile.texts", "routing.prove.asked"):
        monkeypatch.setattr(f"{module}.SPELLINGS", more)


@pytest.mark.slow
@pytest.mark.usefixtures("ends_with")
def test_an_operator_that_is_added_as_the_page_says_decides() -> None:
    """True, false, excepted and unknown."""
    report = run_examples(Rulebook.loads(BOOK))

    assert not report.failed, list(report.lines())


@pytest.mark.slow
@pytest.mark.usefixtures("ends_with")
def test_it_is_printed_checked_and_proved_too() -> None:
    """Nothing else has to know of it."""
    wrong = BOOK.replace("procedure_code ends", "age ends", 1)
    dead = BOOK.replace(
        'rule "As', 'rule "Twice" when procedure_code ends with "SL" except "XL" route to general\nrule "As'
    )

    assert 'procedure_code ends with "L", "LT" except "XL"' in format_text(BOOK, "x")
    assert format_text(format_text(BOOK, "x"), "x") == format_text(BOOK, "x")
    assert [one.name for one in check_text(BOOK)] == []
    assert "type-mismatch" in [one.name for one in check_text(wrong)]
    assert "never-wins" in [one.name for one in check_text(dead)]
    assert set(REGISTER) >= {one.name for one in check_text(dead)}


def test_the_operator_that_the_page_explains_is_in_two_files_only() -> None:
    """Where a third file names it in code, the page is no longer true; comments and texts for people may."""
    named = {
        str(path.relative_to(ROOT))
        for path in [*(ROOT / "routing").rglob("*.py"), *(ROOT / "grammar").iterdir()]
        if re.search(r'StartsWith|starts_with|"starts with"|"starts" "with"', path.read_text(encoding="utf-8"))
    }

    assert named == {"grammar/rules.lark", "routing/meaning/spelling.py"}
