"""Edits of whole books: any one rule taken out of them, and one edit of each kind among a thousand rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from routing.diff import Difference, diff
from routing.rulebook import Rulebook
from tests.benchmarks.edits import edits, made_up

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/*.rules"))
STATEMENTS = ROOT / "tests" / "statements"

CHANGES_NOTHING = {
    # `otherwise` gives the same 28 days, and no rule gives later ones: the sentence is kept for the reader.
    "One department, three sites": {"20. Nothing later"},
    # `otherwise` gives the same 42 days.
    "Harbour Dental and Eye Clinic": {"Never later than 6 weeks"},
    # The next rule sends children and patients of unknown age to the same list.
    "Starter department": {"Children stay with the paediatric team"},
    "Lakeside Imaging Partners": {"Children"},
}
BREAKS_A_GUARANTEE = {
    # The cap also keeps a guarantee up, which is what is told of it.
    "Northbank radiology": {"Never later than 28 days"},
    "Lakeside Imaging Partners": {"Nothing older than a week"},
}


@cache
def whole_department() -> Rulebook:
    tables = (STATEMENTS / "cases" / "whole-department").glob("*.csv")
    text = (STATEMENTS / "whole-department.rules").read_text(encoding="utf-8")
    return Rulebook.loads(text, tables={one.name: one.read_text(encoding="utf-8") for one in tables})


def taken_out(book: Rulebook, name: str) -> Difference:
    return diff(book, book.without([name]))


def check_each_rule(book: Rulebook) -> None:
    silent, breaking = set(), set()
    for rule in book.program.rules:
        found = taken_out(book, rule.name)
        assert not found.proved.undecided, rule.name
        told = [one.where for one in found.proved.found]
        if found.none:
            silent.add(rule.name)
        elif not any(f"`{rule.name}`" in one for one in told):
            assert all("break the guarantee" in one for one in told), (rule.name, told)
            breaking.add(rule.name)
        for one in found.proved.found:
            assert one.study.decide(book.compiled) != one.study.decide(book.without([rule.name]).compiled)
    assert silent == CHANGES_NOTHING.get(book.name, set())
    assert breaking == BREAKS_A_GUARANTEE.get(book.name, set())


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_taking_any_rule_out_of_an_example_names_the_studies_concerned(path: Path) -> None:
    check_each_rule(Rulebook.load(path))


@pytest.mark.slow
def test_taking_any_rule_out_of_the_whole_department_names_the_studies_concerned() -> None:
    check_each_rule(whole_department())


@pytest.mark.slow
def test_the_cap_of_28_days_changes_nothing_in_the_whole_department() -> None:
    """Proved: what no rule gives a due has 28 days by `otherwise`, and the rules give earlier ones."""
    found = taken_out(whole_department(), "20. Nothing later")

    assert found.none


@pytest.mark.slow
def test_each_kind_of_edit_among_a_thousand_rules_is_settled() -> None:
    """Their times are measured by `python -m tests.benchmarks.edits`."""
    book = made_up(1000, seed=7)
    old = book.load()
    settled = {}
    for name, edit in edits(book, seed=7).items():
        new = edit.load()
        found = diff(old, new)
        settled[name] = bool(found.proved.found)
        assert bool(found.proved.undecided) is (name == "an attribute read from elsewhere"), name
        for one in found.proved.found:
            assert one.study.decide(old.compiled) != one.study.decide(new.compiled)

    assert not settled["a rule renamed"]
    assert all(
        settled[name] for name in ("a rule added", "a rule taken out", "a rule moved", "another list", "a holiday")
    )
