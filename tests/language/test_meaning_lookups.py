"""Tables, samples, three values and fingerprints."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.attributes import Duration, Type
from routing.meaning import lookups
from routing.meaning.fingerprint import fingerprint
from routing.meaning.logic import Truth, both, either, negate
from routing.meaning.lookups import MOST, Index, Unknown
from routing.meaning.samples import in_sample
from routing.program import Constant, Wild
from tests.effort import calls

CELLS = st.sampled_from(["A", "B", "C", Wild.ANY])
KEYS = st.sampled_from(["A", "B", "Z", None])
TRUTHS = st.sampled_from([True, False, None])


def slow_first(rows: list[tuple[Any, ...]], keys: tuple[Any, ...]) -> int | Unknown | None:
    """The definition, row by row."""
    for number, row in enumerate(rows):
        cells = [
            True if cell is Wild.ANY else None if key is None else cell == key
            for cell, key in zip(row, keys, strict=True)
        ]
        if False in cells:
            continue
        return number if None not in cells else Unknown.UNKNOWN
    return None


@pytest.mark.parametrize("at_once", [0, 1 << 18])
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.tuples(KEYS, KEYS, KEYS))
def test_the_first_row_that_fits_counts(at_once: int, rows: list[tuple[Any, ...]], keys: tuple[Any, ...]) -> None:
    """Whether the lookups with an unknown key were arranged at once or are when they are asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookups, "_AT_ONCE", at_once)
        assert Index(rows, Wild.ANY).first(keys) == slow_first(rows, keys)


@given(st.lists(st.tuples(CELLS), max_size=8), st.lists(st.sampled_from("ABZ"), max_size=3))
def test_a_set_finds_its_rows_in_a_table_of_one_key(rows: list[tuple[Any, ...]], many: list[str]) -> None:
    members: list[str | None] = [*many] if many else [None]
    expected = {slow_first(rows, (one,)) for one in members}

    assert Index(rows, Wild.ANY).all([tuple(many) or None]) == sorted(n for n in expected if isinstance(n, int))


@given(st.lists(st.tuples(CELLS), max_size=8), st.lists(KEYS, min_size=1, max_size=3))
def test_a_table_holds_any_of_several_keys(rows: list[tuple[Any, ...]], many: list[str | None]) -> None:
    found = [slow_first(rows, (one,)) for one in many]
    expected = True if any(isinstance(one, int) for one in found) else None if Unknown.UNKNOWN in found else False

    assert Index(rows, Wild.ANY).holds_any(many) is expected


def test_a_lookup_with_an_unknown_key_takes_no_longer_in_a_longer_table() -> None:
    def asked(count: int) -> int:
        index = Index([(f"P{number}", f"C{number % 7}") for number in range(count)], Wild.ANY)
        return calls(index.first, ("X", None)) + calls(index.first, ("P7", None)) + calls(index.first, (None, "C6"))

    assert asked(20) == asked(2_000)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.lists(st.sampled_from("ABZ"), max_size=3), KEYS)
def test_a_set_finds_the_rows_of_its_members_in_table_order(
    rows: list[tuple[Any, ...]], many: list[str], key: Any
) -> None:
    found = Index(rows, Wild.ANY).all([tuple(many) or None, (key,)])
    expected = {slow_first(rows, (one, key)) for one in (many or [None])}

    assert found == sorted(number for number in expected if isinstance(number, int))


def test_what_more_combinations_than_are_tried_would_find_is_unknown() -> None:
    """Nothing is dropped in silence: a part of what is there would be taken for all of it."""
    rows = [(f"A{number}", f"B{number}") for number in range(MOST)]
    ones = tuple(one for one, _ in rows)

    assert Index(rows, Wild.ANY).all([ones, ("B7",)]) == [7]
    assert Index(rows, Wild.ANY).all([(*ones, "A"), ("B7",)]) == []
    assert Index(rows, Wild.ANY).all([ones, ("B7", "B8")]) == []
    assert calls(Index(rows, Wild.ANY).all, [ones, ones]) < 20


def test_a_table_of_one_key_finds_the_rows_of_any_number_of_members() -> None:
    members = tuple(f"A{number}" for number in range(20 * MOST))
    rows: list[tuple[Any, ...]] = [(one,) for one in members[:-1]]

    assert Index(rows, Wild.ANY).all([members]) == list(range(len(rows)))
    assert Index([*rows[-3:], (Wild.ANY,), *rows], Wild.ANY).all([members]) == [0, 1, 2, 3]


def test_a_star_fits_an_unknown_and_a_named_cell_before_it_does_not_decide() -> None:
    assert Index([(Wild.ANY,), ("A",)], Wild.ANY).first([None]) == 0
    assert Index([("A",), (Wild.ANY,)], Wild.ANY).first([None]) is Unknown.UNKNOWN
    assert Index([("A", "X"), (Wild.ANY, Wild.ANY)], Wild.ANY).first([None, "Y"]) == 1


@given(st.text(max_size=10), st.text(max_size=10), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_sample_holds_the_smaller(rule: str, key: str, one: float, other: float) -> None:
    if in_sample(rule, key, min(one, other)):
        assert in_sample(rule, key, max(one, other))
    assert in_sample(rule, key, 100)
    assert not in_sample(rule, key, 0)


def test_a_sample_has_about_its_size_and_is_the_same_for_ever() -> None:
    found = [key for key in range(2000) if in_sample("Second look", f"A-{key}", 5)]

    assert 60 < len(found) < 140
    assert found[:3] == [17, 20, 39]
    assert found != [key for key in range(2000) if in_sample("Other", f"A-{key}", 5)]


def test_kleene_connectives_by_their_tables() -> None:
    for one, other in product((True, False, None), repeat=2):
        assert both((one, other)) is (False if False in (one, other) else None if None in (one, other) else True)
        assert either((one, other)) is (True if True in (one, other) else None if None in (one, other) else False)


@given(st.lists(TRUTHS), TRUTHS)
def test_an_unknown_that_becomes_known_never_turns_an_answer_round(truths: list[Truth], known: Truth) -> None:
    """Kleene logic is monotone: what was settled without it stays."""
    settled = [known if truth is None else truth for truth in truths]

    assert both(truths) in (None, both(settled))
    assert either(truths) in (None, either(settled))
    assert negate(both(truths)) is either(negate(truth) for truth in truths)


def test_a_fingerprint_knows_types_and_ignores_what_is_skipped() -> None:
    def of(value: Any) -> str:
        return fingerprint(Constant(type=Type.CODE, value=value))

    assert of("1") != of(1)
    assert of(("a", "b")) != of(("ab",))
    assert of({"a": 1, "b": 2}) == of({"b": 2, "a": 1})
    assert of(frozenset({1, 2})) == of(frozenset({2, 1}))
    assert of(Duration(days=1)) != of(Duration(seconds=1))
    assert fingerprint(Constant(type=Type.CODE, value="x"), skip={"value"}) == fingerprint(
        Constant(type=Type.CODE, value="y"), skip={"value"}
    )
