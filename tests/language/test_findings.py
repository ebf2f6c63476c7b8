"""The register of findings and their printed form."""

import re

from hypothesis import given
from hypothesis import strategies as st

from routing.codes import REGISTER, finding
from routing.diagnostics import Related, Severity, Span
from routing.parse import parse
from routing.render import render, render_all

NAMES = (
    "syntax",
    "reserved-word",
    "mixed-and-or",
    "repeated-effect",
    "unknown-attribute",
    "unknown-worklist",
    "unknown-code",
    "unknown-name",
    "duplicate-name",
    "unused-name",
    "type-mismatch",
    "use-includes",
    "number-for-code",
    "impossible-range",
    "empty-list",
    "identity-in-condition",
    "living-attribute",
    "define-cycle",
    "no-otherwise",
    "no-exceptions-list",
    "worklist-without-readers",
    "list-in-no-view",
    "bad-table",
    "bad-calendar",
    "regex-unavailable",
    "otherwise-incomplete",
    "unknown-zone",
    "hold-without-limit",
    "hold-outlasts-due",
    "preliminary-after-due",
    "escalation-cycle",
    "words-lower-care",
    "closure-on-unknown",
    "unless-may-be-unknown",
    "later-than-otherwise",
    "priority-requested-unused",
    "example-failed",
    "never-wins",
    "never-contributes",
    "always-false",
    "always-true",
    "same-as",
    "conflict",
    "guarantee-refuted",
    "effect-may-be-lost",
    "undecided",
)
WARNINGS = (
    "never-wins",
    "never-contributes",
    "always-false",
    "words-lower-care",
    "unless-may-be-unknown",
    "worklist-without-readers",
    "hold-outlasts-due",
    "preliminary-after-due",
    "escalation-cycle",
    "example-failed",
)
NOTES = (
    "later-than-otherwise",
    "conflict",
    "always-true",
    "same-as",
    "effect-may-be-lost",
    "priority-requested-unused",
    "unused-name",
    "list-in-no-view",
    "undecided",
)


def test_every_name_of_the_language_page_is_registered() -> None:
    assert set(NAMES) <= set(REGISTER)


def test_codes_are_a_letter_and_a_number_and_none_is_used_twice() -> None:
    codes = [entry.code for entry in REGISTER.values()]

    assert all(re.fullmatch(r"R[1-5]\d\d", code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_severities_are_those_of_the_language_page() -> None:
    for name in NAMES:
        expected = Severity.WARNING if name in WARNINGS else Severity.NOTE if name in NOTES else Severity.ERROR
        assert REGISTER[name].severity is expected, name


def test_a_finding_is_printed_as_people_read_it() -> None:
    text = 'rule "One"\n  when child\n\n  route to nuero\n'
    where = Span(file="neuro.rules", line=4, column=12, end_line=4, end_column=17)

    shown = render(finding("unknown-worklist", where, "there is no worklist `nuero`", "did you mean `neuro`?"), text)

    assert shown == (
        "neuro.rules:4:12: error R203 unknown-worklist: there is no worklist `nuero`\n"
        "    4 |   route to nuero\n"
        "      |            ^^^^^\n"
        "   help: did you mean `neuro`?"
    )


def test_related_places_and_a_made_up_study_are_printed() -> None:
    where = Span(file="a.rules", line=1, column=1, end_line=1, end_column=5)
    near = Related(span=Span(file="b.rules", line=7, column=3, end_line=7, end_column=4), message="it is also here")
    made = finding("never-wins", where, "`x` can never win", "", [near], {"modality": ["CT", "MR"], "age": "6 years"})

    assert render(made) == (
        "a.rules:1:1: warning R501 never-wins: `x` can never win\n"
        "   see b.rules:7:3: it is also here\n"
        "   for example: modality CT and MR, age 6 years"
    )


def test_the_underline_stands_below_the_words_after_tabs_and_wide_letters() -> None:
    text = '\t"頭部" nuero'
    where = Span(file="x", line=1, column=7, end_line=1, end_column=12)

    _, line, under = render(finding("unknown-worklist", where, "there is none"), text).split("\n")

    columns = sum(2 if mark in "頭部" else 1 for mark in line[: line.index("nuero")])
    assert under.index("^") == columns
    assert under.count("^") == 5


def test_a_long_line_is_cut_around_the_underline() -> None:
    text = "x " * 300 + "nuero" + " y" * 300
    where = Span(file="x", line=1, column=601, end_line=1, end_column=606)

    _, line, under = render(finding("unknown-worklist", where, "there is none"), text, width=80).split("\n")

    assert len(line) <= 80
    assert line[under.index("^") :].startswith("nuero")
    assert line.count("…") == 2


def test_letters_that_steer_a_terminal_are_shown_as_dots() -> None:
    where = Span(file="x", line=1, column=1, end_line=1, end_column=3)

    shown = render(finding("syntax", where, "no"), "\x1b[2J\u202egnp")

    assert "\x1b" not in shown
    assert "\u202e" not in shown


@given(st.text(max_size=60), st.integers(1, 4), st.integers(1, 80), st.integers(0, 80), st.integers(20, 120))
def test_any_place_in_any_text_is_printed(text: str, line: int, column: int, length: int, width: int) -> None:
    where = Span(file="x", line=line, column=column, end_line=line, end_column=column + length)

    assert render(finding("syntax", where, "m", "h"), text, width).startswith("x:")


def test_several_findings_are_printed_one_below_the_other() -> None:
    text = 'rule "a" wen child rout to b'

    shown = render_all(parse(text, "x").findings, {"x": text})

    assert shown.count("error R101 syntax") == 2
    assert shown.count("help: did you mean") == 2
