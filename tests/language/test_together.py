"""What is looked for together, however many rules ask: the same as what each of them finds by itself."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.compile import compile_program, spellings
from routing.compile.spellings import Beginnings, Expressions
from routing.decide import subject_of
from routing.meaning.words import LIMIT, fold, whole_words, words_of
from routing.program import Matches, Spelt
from tests.language.making import AT, SPAN, base, ref, rule, said

SHORT = st.text("abAB1 ", max_size=4)


@settings(max_examples=300)
@given(values=st.lists(SHORT, max_size=12), texts=st.lists(SHORT, max_size=3), excepted=st.lists(SHORT, max_size=3))
def test_beginnings_are_found_as_by_asking_each_value(values: list[str], texts: list[str], excepted: list[str]) -> None:
    expected = any(one.startswith(tuple(texts)) and not one.startswith(tuple(excepted)) for one in values)

    assert Beginnings(values).has(texts, excepted) is expected


@given(values=st.lists(st.text(max_size=3)), text=st.text(max_size=2))
def test_beginnings_of_any_letters(values: list[str], text: str) -> None:
    assert Beginnings(values).has([text], []) is any(one.startswith(text) for one in values)


PATTERNS = [
    "head",
    "^head",
    "head$",
    "",
    "(?i)HEAD",
    "h.*d",
    r"\bhead\b",
    "ä+",
    "[^a]",
    "x{3}",
    "^$",
    "\\A ",
    "é|è",
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(["head", "Head", "h\nd", "ä", "\ud800", "xxx", "", " ", "café"]), max_size=4).map(
        " ".join
    ),
    st.text(max_size=8),
    st.just("x" * (LIMIT - 2)),
    st.just("y" * (LIMIT + 1)),
)


def one_by_one(pattern: str, fields: tuple[str, ...]) -> bool | None:
    """Return what `matches` means: found in a field, as far as the text counts; else unknown where it was cut.

    Where it was cut no field ends, and no word.
    """
    room = LIMIT
    for one in fields:
        counts, is_cut = one[:room], len(one) > room
        if is_cut and re.match(r"[0-9A-Za-z_]", one[room]):
            counts = whole_words(one, room)
        if re2.search(pattern, counts.encode("utf-8", "replace").decode("utf-8")) and not (is_cut and "$" in pattern):
            return True
        room -= len(one)
        if room < 0:
            return None
    return False


def looked_for(expressions: Expressions, pattern: str, fields: tuple[str, ...]) -> bool | None:
    subject, _ = subject_of(compile_program(base()), said(), AT)
    found, cut = expressions.found(fields, subject)
    return True if expressions.number(pattern) in found else None if cut else False


@settings(max_examples=150, deadline=None)
@given(fields=st.lists(TEXTS, min_size=1, max_size=4).map(tuple), settled=st.integers(0, len(PATTERNS)))
def test_expressions_are_found_as_each_by_itself(fields: tuple[str, ...], settled: int) -> None:
    """Also those that came after the others were put together."""
    expressions = Expressions()
    for pattern in PATTERNS[:settled]:
        expressions.number(pattern)
    expressions.settle()
    for pattern in PATTERNS[settled:]:
        expressions.number(pattern)

    for pattern in PATTERNS:
        assert looked_for(expressions, pattern, fields) == one_by_one(pattern, fields), pattern


@pytest.mark.parametrize("most", [1, 20, 60])
def test_many_expressions_take_several_automata(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spellings, "_MOST_PROGRAM", most)
    expressions = Expressions()
    for pattern in PATTERNS:
        expressions.number(pattern)
    expressions.settle()

    for fields in (("head",), ("a head äh",), ("x",), ("", "xxx")):
        for pattern in PATTERNS:
            assert looked_for(expressions, pattern, fields) == one_by_one(pattern, fields), pattern


def test_an_automaton_without_room_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that nothing was found, even of what is found in any text."""

    class Full:
        def Match(self, _: bytes) -> list[int]:  # noqa: N802 - as the engine calls it
            return []

    monkeypatch.setattr(spellings, "_automaton", lambda _: Full())
    expressions = Expressions()
    for pattern in PATTERNS:
        expressions.number(pattern)
    expressions.settle()

    for pattern in PATTERNS:
        assert looked_for(expressions, pattern, ("a head",)) == one_by_one(pattern, ("a head",))


def folded_at_once(text: str) -> str:
    """Return a text folded as a whole, as Unicode says it: apart, without case, apart again, without marks."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    strokes = {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
    }
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return "".join(strokes.get(one, one) for one in bare)


@settings(max_examples=300)
@given(st.text())
def test_letters_fold_by_themselves_as_the_text_folds(text: str) -> None:
    assert fold(text) == folded_at_once(text)
    assert "".join(map(fold, text)) == folded_at_once(text)


@given(st.text(st.characters(max_codepoint=255)))
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    folded = folded_at_once(text)
    expected = "".join(one if one.isalnum() else " " for one in folded).split(" ")

    assert list(words_of(text)) == [one for one in expected if one]


FIELDS = st.lists(
    st.sampled_from(["CT head", "CT  Head ", "ct", "MR", "Ä b", "x-1", "  a"]), min_size=1, max_size=9
).map(tuple)


@settings(max_examples=150)
@given(fields=FIELDS, codes=st.lists(st.text("PQ12", min_size=1, max_size=4), min_size=1, max_size=9).map(tuple))
def test_many_fields_and_codes_begin_as_few_do(fields: tuple[str, ...], codes: tuple[str, ...]) -> None:
    def begins(name: str, *texts: str, excepted: tuple[str, ...] = ()) -> Any:
        return Spelt(span=SPAN, text="", left=ref(name), operator="starts with", texts=texts, excepted=excepted)

    asked = [
        begins("description", "ct"),
        begins("description", "CT H", "mr"),
        begins("description", "ct", excepted=("ct head",)),
        begins("description", "ä"),
        begins("procedure_code", "P"),
        begins("procedure_code", "P", "Q1", excepted=("P1", "Q12")),
        Matches(span=SPAN, text="", left=ref("procedure_code"), pattern="^P1+$"),
    ]
    program = base(rules=tuple(rule(f"R{number}", one) for number, one in enumerate(asked)))
    compiled = compile_program(program)
    together, _ = subject_of(compiled, said(description=fields, procedure_code=codes), AT)

    for place, one in enumerate(compiled.rules):
        name = "description" if place < 4 else "procedure_code"
        alone = [
            one.test(subject_of(compiled, said(**{name: (each,)}), AT)[0])
            for each in (fields if place < 4 else codes)
            if each.strip()
        ]
        assert one.test(together) is any(alone)
