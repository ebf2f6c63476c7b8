"""Words: texts and phrases are folded alike, and match as words in a row within one field."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.meaning.negation import shipped
from routing.meaning.occurrences import occurs
from routing.meaning.words import LIMIT, Text, fold, phrase, words_of
from tests.effort import calls
from tests.language import oracle

TEXTS = st.text(max_size=60)
WORDS = st.lists(
    st.sampled_from(["head", "neck", "ct", "no", "Femoral", "thorax", "émbol", "ruled", "out"]), max_size=8
)
MARKS = st.sampled_from([" ", ", ", "/", "-", ". ", " + ", "\n"])


def mentions(text: str | tuple[str, ...], wanted: str, *excepted: str, not_negated: bool = False) -> bool:
    fields = (text,) if isinstance(text, str) else text
    return occurs(phrase(wanted), Text(fields), [phrase(one) for one in excepted], shipped() if not_negated else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CT HEAD", "head"),
        ("Thórax, abdo + pelvis", "thorax"),
        ("tho\u0301rax", "thórax"),
        ("CT chest w/o contrast", "w/o contrast"),
        ("CHEST/ABDOMEN/PELVIS", "abdomen pelvis"),
        ("Pulmonary embolus", "embol*"),
        ("pulmonary emboli seen", "pulmonary embol* seen"),
        ("Straße", "STRASSE"),
        ("Ärztin", "arztin"),
        ("T2* weighted", "t2"),
        ("Ökologie", "O\u0308kologie"),
        ("smörgås på Ærø", "aero"),
    ],
)
def test_what_a_reader_takes_for_the_same_word_matches(text: str, wanted: str) -> None:
    assert phrase(wanted).is_in(Text((text,)))
    assert mentions(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Caribbean", "rib"),
        ("Traumatic occlusion", "trauma"),
        ("Nail-patella syndrome", "NAI"),
        ("MR bone marrow, age 7", "bone age"),
        (("CT bone", "age 7"), "bone age"),
        ("heads", "head"),
        ("embolus", "*"),
        ("anything", ""),
        ("anything", "?!"),
        ("", "head"),
    ],
)
def test_letters_inside_a_word_and_words_apart_do_not_match(text: str | tuple[str, ...], wanted: str) -> None:
    fields = (text,) if isinstance(text, str) else text

    assert not phrase(wanted).is_in(Text(fields))
    assert not mentions(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "excepted", "expected"),
    [
        ("head and femoral head", "head", ["femoral head"], True),
        ("femoral head", "head", ["femoral head"], False),
        ("femoral heads", "head*", ["femoral head"], True),
        ("femoral head, radial head", "head", ["femoral head", "radial head"], False),
        ("chest wall", "chest", ["chest wall"], False),
        ("head neck pain", "head neck", ["neck pain"], False),
        ("head neck pain", "head", ["neck pain"], True),
        ("head", "head", ["femoral head"], True),
    ],
)
def test_an_exception_masks_its_own_words_and_no_others(
    text: str, wanted: str, excepted: list[str], *, expected: bool
) -> None:
    assert mentions(text, wanted, *excepted) is expected


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("SOB. ? PE", "PE", True),
        ("? PE", "PE", True),
        ("rule out PE", "PE", True),
        ("r/o PE", "PE", True),
        ("No PE on previous scan", "PE", False),
        ("no evidence of acute PE", "PE", False),
        ("Cough, PE excluded last week", "PE", False),
        ("PE ruled out", "PE", False),
        ("PE has been excluded", "PE", False),
        ("PE not excluded", "PE", True),
        ("PE cannot be excluded", "PE", True),
        ("cannot exclude PE", "PE", True),
        ("no fracture, PE", "PE", True),
        ("no fracture. PE", "PE", True),
        ("no fracture\nPE", "PE", True),
        ("no fracture: PE", "PE", True),
        ("no fracture; PE", "PE", True),
        ("Dental abscess, no trauma", "trauma", False),
        ("no PE before, now PE", "PE", True),
        ("non-contrast", "contrast", False),
        ("w/o contrast", "contrast", False),
        ("without contrast", "without contrast", True),
        ("No change in known PE", "PE", True),
        ("excluded PE", "PE", False),
        ("northern PE", "PE", True),
    ],
)
def test_a_negating_word_takes_away_what_it_negates_in_its_clause(text: str, wanted: str, *, expected: bool) -> None:
    assert mentions(text, wanted, not_negated=True) is expected


CLAUSES = st.lists(
    st.sampled_from(["head", "heads", "no", "not excluded", "ruled out", "rule out", "unlikely", ",", ".", "a"]),
    max_size=12,
).map(" ".join)


@settings(deadline=None)
@given(st.lists(CLAUSES, min_size=1, max_size=3), st.sampled_from(["head", "head*", "h*", "a", "ruled out", "x*"]))
def test_what_is_negated_is_what_the_slow_interpreter_says(fields: list[str], wanted: str) -> None:
    """One pass over the clauses tells it for all words; an exception that stands nowhere changes nothing."""
    text = tuple(fields)

    expected = oracle.occurs(phrase(wanted), Text(text), [], shipped())
    assert mentions(text, wanted, not_negated=True) is expected
    assert mentions(text, wanted, "nowhere", not_negated=True) is expected


def test_one_more_word_that_may_be_negated_costs_no_look_through_the_text() -> None:
    def asked(count: int) -> int:
        text = Text((". ".join([f"no w{number}. x{number}" for number in range(count)]),))
        occurs(phrase("x0"), text, [], shipped())
        return sum(calls(occurs, phrase(one), text, [], shipped()) for one in ("x1", "w1", "nowhere"))

    assert asked(500) == asked(20)


def test_exception_and_negation_may_stand_together() -> None:
    assert not mentions("no head, femoral head", "head", "femoral head", not_negated=True)
    assert mentions("no neck, head, femoral head", "head", "femoral head", not_negated=True)


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_composition_and_case_do_not_matter(text: str, form: str) -> None:
    assert words_of(unicodedata.normalize(form, text)) == words_of(text)
    assert words_of(text.casefold()) == words_of(text)


@given(
    WORDS,
    st.lists(MARKS, min_size=8, max_size=8),
    st.lists(st.sampled_from(["head", "neck", "thorax*", "ct"]), min_size=1, max_size=3),
)
def test_the_quick_search_agrees_with_the_slow_one(words: list[str], marks: list[str], wanted: list[str]) -> None:
    """The definition: some run of words of one field fits word by word."""
    text = "".join(word + mark for word, mark in zip(words, marks, strict=False))
    folded = words_of(text)
    runs = [folded[at : at + len(wanted)] for at in range(len(folded) - len(wanted) + 1)]
    slow = any(
        all(
            word.startswith(mine[:-1]) if mine.endswith("*") else word == mine
            for mine, word in zip(wanted, run, strict=True)
        )
        for run in runs
    )

    assert phrase(" ".join(wanted)).is_in(Text((text,))) is slow
    assert mentions(text, " ".join(wanted)) is slow


@given(WORDS, st.lists(MARKS, min_size=8, max_size=8))
def test_every_word_has_a_clause(words: list[str], marks: list[str]) -> None:
    text = Text(("".join(word + mark for word, mark in zip(words, marks, strict=False)),))

    assert [len(line) for line in text.words] == [len(line) for line in text.clauses]


def test_only_the_first_64_kb_count() -> None:
    """A text of any length costs what 64 kB cost; the fields share the room."""
    long = "x " * LIMIT + "head"
    cut, whole = Text((long,)), Text(("head", "x"))

    assert cut.cut
    assert not phrase("head").is_in(cut)
    assert not whole.cut
    assert Text(("x" * LIMIT, "head")).cut
    assert not Text(("x" * (LIMIT - 4), "head")).cut
