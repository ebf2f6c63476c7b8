"""The shipped words: what feeds say and what it means here; a site may say otherwise."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.attributes import ATTRIBUTES, PATIENT_CLASSES, REQUESTED_PRIORITIES
from routing.errors import UnreadableInput
from routing.vocabulary import (
    TABLES,
    body_part,
    contrast,
    laterality,
    load_vocabulary,
    modality_parts,
    patient_class,
    priority,
    sex,
    shipped_vocabulary,
)
from routing.vocabulary.snomed import sct_code_of

WORDS = shipped_vocabulary()


def _column(table: str, column: str) -> set[str]:
    text = files("routing").joinpath("vocabulary", f"{table}.csv").read_text(encoding="utf-8")
    return {row[column] for row in csv.DictReader(text.splitlines())}


def test_images_and_companions_are_told_apart() -> None:
    assert modality_parts(["ct", "SR", "KO", "PR", "SEG", "REG", "DOC"]) == (
        ("CT",),
        ("SR", "KO", "PR", "SEG", "REG", "DOC"),
    )


def test_a_pet_with_a_ct_is_a_petct_besides() -> None:
    assert modality_parts(["PT", "CT"]) == (("PT", "CT", "PETCT"), ())
    assert modality_parts(["PT"]) == (("PT",), ())


def test_a_modality_that_nobody_knows_is_an_image() -> None:
    assert modality_parts([" qq ", "", "QQ"]) == (("QQ",), ())


def test_the_plain_film_family_is_xr() -> None:
    assert {
        code for code in ("CR", "DX", "RF", "XA", "IO", "PX", "CT", "MG") if WORDS.modality_family(code) == "XR"
    } == {
        "CR",
        "DX",
        "RF",
        "XA",
        "IO",
        "PX",
    }
    assert WORDS.modality_family("QQ") is None


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("CHEST", "CHEST"),
        ("chest ", "CHEST"),
        ("WHOLE BODY", "WHOLEBODY"),
        ("Whole_Body", "WHOLEBODY"),
        ("C-SPINE", "CSPINE"),
        ("Cervical Spine", "CSPINE"),
        ("HEAD/NECK", "HEADNECK"),
        ("Abdomen & Pelvis", "ABDOMENPELVIS"),
        ("Bäcken", "BÄCKEN"),
        ("left  arm", "LEFT ARM"),
        ("FOREHEAD", "FOREHEAD"),
        ("", ""),
    ],
)
def test_a_body_part_is_the_defined_term_else_the_word_in_capitals(word: str, term: str) -> None:
    assert body_part(word) == term


@pytest.mark.parametrize(
    ("code", "scheme", "meaning", "term"),
    [
        ("T-D1100", "SRT", "", "HEAD"),
        ("69536005", "SCT", "", "HEAD"),
        ("T-D3000", "SNM3", "", "CHEST"),
        ("T-A0100", None, "", "BRAIN"),
        ("818982008", "SCT", "Abdomen and Pelvis", "ABDOMENPELVIS"),
        ("L1", "99LOCAL", "Lumbar spine", "LSPINE"),
        ("L1", "99LOCAL", "", None),
    ],
)
def test_a_region_is_known_by_its_code_else_its_meaning(
    code: str, scheme: str | None, meaning: str, term: str | None
) -> None:
    assert WORDS.anatomic_region(code, scheme, meaning) == term


@pytest.mark.slow
def test_pydicoms_table_of_retired_codes_is_where_we_look() -> None:
    """It sits in a module whose name begins with an underscore; this fails when it moves."""
    assert sct_code_of("T-D4000") == "113345001"
    assert sct_code_of("T-A0100") == "12738006"
    assert sct_code_of("no such code") is None


def test_classes_priorities_sexes_and_sides_are_understood() -> None:
    assert [patient_class(code) for code in "EIOPRB"] == list(PATIENT_CLASSES)
    assert [priority(code) for code in "SACPRT"] == ["STAT", "HIGH", "HIGH", "HIGH", "ROUTINE", "MEDIUM"]
    assert [priority(word) for word in ("stat", "URGENT", "low", "whenever")] == ["STAT", "HIGH", "ROUTINE", None]
    assert [sex(word) for word in ("f", "Male", "O", "A", "U", "Q")] == ["F", "M", "O", "O", None, None]
    assert [laterality(word) for word in ("r", "Left", "OD", "OS", "OU", "bilateral", "U", "X")] == [
        "R",
        "L",
        "R",
        "L",
        "B",
        "B",
        None,
        None,
    ]


def test_an_agent_means_given_and_only_a_word_that_says_so_means_none() -> None:
    assert [contrast(word) for word in ("given", "without", "W/O", "with and without", "IOHEXOL")] == [
        "given",
        "none",
        "none",
        "both",
        None,
    ]
    assert [WORDS.agent_contrast(word) for word in ("IOHEXOL", "none", "unknown", "")] == ["given", "none", None, None]


def test_every_meaning_in_the_tables_is_one_that_rules_may_name() -> None:
    assert _column("patient_classes", "class") == set(PATIENT_CLASSES)
    assert _column("requested_priorities", "priority") == set(REQUESTED_PRIORITIES)
    assert _column("sexes", "sex") - {""} == set(ATTRIBUTES["sex"].values)
    assert _column("lateralities", "side") - {""} == set(ATTRIBUTES["laterality"].values)
    assert _column("contrast", "contrast") - {""} == set(ATTRIBUTES["contrast"].values)
    assert _column("modalities", "kind") == {"image", "companion"}


def test_every_term_of_a_region_or_synonym_means_itself() -> None:
    for term in _column("anatomic_regions", "term") | _column("body_parts", "term"):
        assert body_part(term) == term


@given(st.text(max_size=30))
def test_padding_and_case_make_no_difference_and_reading_twice_changes_nothing(word: str) -> None:
    assert body_part(f"  {word}\0 ") == body_part(word)
    assert body_part(body_part(word)) == body_part(word)
    assert modality_parts([word.upper()]) == modality_parts([word.upper().lower()]) or not word.isascii()


def test_a_site_replaces_a_table_by_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "body_parts.csv").write_text("word,term\nBäcken,PELVIS\n", encoding="utf-8")
    (tmp_path / "modalities.csv").write_text("code,kind,family\nOT,companion,\n", encoding="utf-8")

    site = load_vocabulary(tmp_path)

    assert (site.body_part("BÄCKEN"), site.body_part("Cervical Spine")) == ("PELVIS", "CERVICAL SPINE")
    assert site.modality_parts(["OT", "CT"]) == (("CT",), ("OT",))
    assert site.priority("S") == "STAT"
    assert body_part("BÄCKEN") == "BÄCKEN"


def test_a_sites_table_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "sexes.csv").write_text("word\nF\n", encoding="utf-8")

    with pytest.raises(UnreadableInput, match=r"`sexes\.csv` lacks the column `sex`"):
        load_vocabulary(tmp_path)


@pytest.mark.parametrize("table", TABLES)
def test_no_word_stands_twice_in_a_table(table: str) -> None:
    text = files("routing").joinpath("vocabulary", f"{table}.csv").read_text(encoding="utf-8")
    keys = [row[TABLES[table]].upper() for row in csv.DictReader(text.splitlines())]

    assert len(keys) == len(set(keys))
