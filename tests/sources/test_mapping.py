"""Mappings of attributes and facts: what a host gives, as the same canonical values that other sources give."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.attributes import ATTRIBUTES, Duration, Missing, Type
from routing.sources.mapping import from_mapping, names_only_attributes, read_mapping
from routing.sources.news import NewsKind, OrderControl

NAIVE = datetime(2026, 3, 10, 10)  # noqa: DTZ001 - local to the rulebook's zone
DECLARED = {kind.value: kind for kind in Type}


def known(mapping: dict[str, Any]) -> dict[str, Any]:
    attributes, problems = from_mapping(mapping, DECLARED)
    assert problems == ()
    return attributes.known


@pytest.mark.parametrize(
    ("name", "given_", "expected"),
    [
        ("code", "0012", "0012"),
        ("code", " A b ", "A b"),
        ("code", 12, "12"),
        ("code", ["X"], "X"),
        ("codes", "A", ("A",)),
        ("codes", ["A", "B", "A", None, ""], ("A", "B")),
        ("codes", {"B", "A"}, ("A", "B")),
        ("text", "CT Chest", ("CT Chest",)),
        ("text", ["CT", "Chest", ""], ("CT", "Chest")),
        ("number", 3, 3),
        ("number", "3.5", 3.5),
        ("number", "-2", -2),
        ("duration", "P77D", Duration(days=77)),
        ("duration", "PT90M", Duration(seconds=5400)),
        ("duration", "P1Y2M3W4DT5H", Duration(years=1, months=2, days=25, seconds=18000)),
        ("duration", "027D", Duration(days=27, precision="days")),
        ("duration", 7, Duration(days=7)),
        ("duration", 1.5, Duration(days=1, seconds=43200)),
        ("duration", timedelta(days=2, hours=1), Duration(days=2, seconds=3600)),
        ("weeks", 30, 30),
        ("weeks", "30", 30),
        ("weeks", "P30W", 30),
        ("weeks", 30.0, 30),
        ("date", "2026-03-10", date(2026, 3, 10)),
        ("date", "20260310", date(2026, 3, 10)),
        ("date", date(2026, 3, 10), date(2026, 3, 10)),
        ("date", "2026-03-10T10:00", date(2026, 3, 10)),
        ("instant", "2026-03-10T10:00:00", NAIVE),
        ("instant", "2026-03-10T10:00:00Z", NAIVE.replace(tzinfo=UTC)),
        ("instant", "2026-03-10T11:00+01:00", NAIVE.replace(tzinfo=UTC)),
        ("instant", NAIVE, NAIVE),
        ("instant", "2026-03-10", date(2026, 3, 10)),
        ("yes/no", True, True),
        ("yes/no", "no", False),
        ("yes/no", "Y", True),
    ],
)
def test_each_type_is_read_from_what_json_and_python_have_for_it(name: str, given_: Any, expected: Any) -> None:
    assert known({name: given_}) == {name: expected}


@pytest.mark.parametrize(
    ("name", "given_"),
    [
        ("code", True),
        ("code", 1.5),
        ("code", ["A", "B"]),
        ("code", {"a": 1}),
        ("codes", [["A", "B"]]),
        ("text", 5),
        ("text", [5]),
        ("number", True),
        ("number", "three"),
        ("number", float("nan")),
        ("number", 10**400),
        ("duration", "P"),
        ("duration", "45"),
        ("duration", -1),
        ("duration", float("inf")),
        ("duration", timedelta(-1)),
        ("weeks", 30.5),
        ("weeks", -1),
        ("date", "2026-02-30"),
        ("date", "2026"),
        ("date", 20260310),
        ("instant", "ten o'clock"),
        ("instant", "2026-03-10T25:00"),
        ("instant", 1773136800),
        ("yes/no", 1),
        ("yes/no", "maybe"),
        ("sex", "Q"),
        ("laterality", ["L", "X"]),
        ("patient_class", "vip"),
        ("priority_requested", "whenever"),
        ("order_status", "lost"),
        ("origin", 4.5),
    ],
)
def test_a_malformed_value_is_unknown_and_a_problem_that_does_not_show_it(name: str, given_: Any) -> None:
    attributes, (problem,) = from_mapping({name: given_}, DECLARED)

    assert attributes[name].value is None
    assert attributes[name].missing is Missing.MALFORMED
    assert (problem.kind, problem.source) == ("malformed_value", name)
    assert str(given_) not in problem.message


@pytest.mark.parametrize("empty", ["", "  ", [], [""], [None], "\0"])
def test_empty_is_unknown_and_no_problem(empty: Any) -> None:
    attributes, problems = from_mapping({"modality": empty, "description": empty, "body_part": None})

    assert problems == ()
    assert {attributes[name].missing for name in ("modality", "description")} == {Missing.EMPTY}
    assert attributes["body_part"].missing is Missing.NULL
    assert attributes.known == {}


def test_an_unknown_name_is_a_problem_and_nothing_else_suffers() -> None:
    attributes, problems = from_mapping({"modalty": "CT", "sex": "F", 5: "x"})  # type: ignore[dict-item]

    assert attributes.known == {"sex": "F"}
    assert [(problem.kind, problem.source) for problem in problems] == [
        ("unknown_attribute", "modalty"),
        ("unknown_attribute", "5"),
    ]


def test_modalities_are_given_as_a_source_gives_them() -> None:
    assert known({"modality": ["PT", "sr", "CT"]}) == {"modality": ("PT", "CT", "PETCT"), "companions": ("SR",)}
    assert known({"modality": "SR", "companions": ["KO"]}) == {"companions": ("KO", "SR")}


def test_words_of_core_attributes_are_understood_as_in_any_source() -> None:
    assert known(
        {
            "body_part": ["whole body", "Chest"],
            "laterality": ["R", "left"],
            "sex": "female",
            "contrast": "IOHEXOL",
            "patient_class": "E",
            "priority_requested": "urgent",
            "order_status": "CANCELLED",
            "origin": "Own",
        }
    ) == {
        "body_part": ("WHOLEBODY", "CHEST"),
        "laterality": ("R", "L"),
        "sex": "F",
        "contrast": "given",
        "patient_class": "emergency",
        "priority_requested": "HIGH",
        "order_status": "cancelled",
        "origin": "own",
    }


def test_a_word_that_says_unknown_is_unknown() -> None:
    attributes, problems = from_mapping({"sex": "U", "laterality": "unpaired", "birth_date": "1900-01-01"})

    assert problems == ()
    assert attributes.known == {}


def test_every_value_says_that_the_host_gave_it_and_how() -> None:
    attributes, _ = from_mapping({"exam_end": NAIVE, "codes": ["A", "B"], "yes/no": True}, DECLARED)

    assert {value.source for value in attributes.values()} == {"host"}
    assert [attributes[name].raw for name in ("exam_end", "codes", "yes/no")] == ["2026-03-10T10:00:00", "A\\B", "true"]


def test_text_that_no_database_can_hold_is_cleaned() -> None:
    assert known({"description": "CT\0 Chest\ud800"})["description"] == ("CT Chest?",)


# a mapping as one input


def test_a_mapping_is_an_order_with_its_images_here() -> None:
    read = read_mapping({"accession": "A1", "study_uid": "1.2.3", "patient_id": "5100", "exam_end": "2026-03-10T10:00"})

    (one,) = read.news
    assert (read.kind, read.refused, one.kind, one.control) == ("mapping", None, NewsKind.ORDER, OrderControl.NEW)
    assert (one.keys.accession, one.keys.study_uid, one.patient.number) == ("A1", "1.2.3", "5100")
    assert one.images_present
    assert one.said_at == NAIVE


def test_a_mapping_that_counts_no_images_is_an_order_alone() -> None:
    assert not read_mapping({"accession": "A1", "image_count": 0}).news[0].images_present
    assert read_mapping({"accession": "A1", "image_count": 3}).news[0].images_present
    assert read_mapping({"accession": "A1", "image_count": None}).news[0].images_present


@pytest.mark.parametrize(("status", "control"), [("cancelled", OrderControl.CANCEL), ("completed", OrderControl.NEW)])
def test_a_cancelled_mapping_cancels_its_order(status: str, control: OrderControl) -> None:
    assert read_mapping({"accession": "A1", "order_status": status}).news[0].control is control


def test_a_mapping_without_a_key_is_refused() -> None:
    read = read_mapping({"modality": "CT", "accession": ""})

    assert read.refused is not None
    assert (read.refused.kind, read.news) == ("no_key", ())


def test_the_identity_is_what_the_mapping_holds_in_whatever_order() -> None:
    one = read_mapping({"accession": "A1", "modality": ["CT"]})
    other = read_mapping({"modality": ["CT"], "accession": "A1"})

    assert (one.digest, one.raw) == (other.digest, other.raw)
    assert one.digest != read_mapping({"accession": "A1", "modality": ["MR"]}).digest


def test_doubts_of_a_mapping_are_told() -> None:
    assert [one.kind for one in read_mapping({"accession": "A1", "sex": "Q", "who": 1}).warnings] == [
        "malformed_value",
        "unknown_attribute",
    ]


def test_a_mapping_is_meant_as_one_when_all_its_names_are_known() -> None:
    assert names_only_attributes({"accession": "A1", "sex": "F"})
    assert names_only_attributes({"accession": "A1", "trial": "x"}, {"trial": Type.CODE})
    assert not names_only_attributes({"accession": "A1", "trial": "x"})
    assert not names_only_attributes({})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*ATTRIBUTES, *DECLARED, "other"]), VALUES, max_size=4))
@settings(max_examples=150)
def test_any_mapping_is_read_and_what_is_stored_reads_the_same(mapping: dict[str, Any]) -> None:
    read = read_mapping(mapping, DECLARED)
    again = read_mapping(json.loads(read.raw), DECLARED)

    for news in read.news:
        for name, value in news.attributes.items():
            assert (value.value is None) == (value.missing is not None), name
    assert [news.attributes.known for news in again.news] == [news.attributes.known for news in read.news]
