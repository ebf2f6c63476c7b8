"""The images of the invented day against its manifest, attribute by attribute."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.sources.dicom import read_dicom
from routing.sources.news import News
from tests.sources.datasets import DAY

STUDIES: list[dict[str, Any]] = json.loads((DAY / "manifest.json").read_text(encoding="utf-8"))


def _news(key: str) -> list[News]:
    readings = [read_dicom(file) for file in sorted((DAY / "studies" / key).glob("*.dcm"))]
    assert not any(reading.refused or reading.warnings for reading in readings)
    return [one for reading in readings for one in reading.news]


def _said(news: list[News], name: str) -> set[Any]:
    found = {one.attributes[name].value for one in news if name in one.attributes} - {None}
    return {part for value in found for part in (value if isinstance(value, tuple) else (value,))}


def _one(value: Any) -> set[Any]:
    return {value} if value else set()


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study["key"])
def test_the_images_say_what_the_manifest_says(study: dict[str, Any]) -> None:
    news = _news(study["key"])

    sides = _said(news, "laterality")
    raw = {one.attributes["contrast"].raw for one in news if one.attributes.known.get("contrast")}
    accessions = set(study["accessions"]) if study["accession"] else {None}
    assert _said(news, "modality") - {"PETCT"} | _said(news, "companions") == set(study["modality"] or ())
    assert _said(news, "body_part") == {part.replace("WHOLE BODY", "WHOLEBODY") for part in study["body_part"] or ()}
    assert ({"B"} if sides == {"L", "R"} else sides) == _one(study["laterality"])
    assert raw == _one(study["contrast"])
    assert {one.keys.accession for one in news} == accessions
    assert {one.keys.accession_issuer for one in news} == {study["accession_issuer"]}
    assert {one.keys.study_uid for one in news} == {study["study_uid"]}
    assert {(one.patient.number, one.patient.issuer) for one in news} == {
        (study["patient_id"], study["patient_id_issuer"])
    }
    for name, key in (
        ("patient_name", "patient_name"),
        ("sex", "patient_sex"),
        ("institution", "institution"),
        ("department", "department"),
        ("referrer", "referrer"),
    ):
        assert _said(news, name) == _one(study[key])
    assert {day.isoformat() for day in _said(news, "birth_date")} == _one(study["birth_date"])
    assert {end.isoformat() for end in _said(news, "exam_end")} == _one(study["study_datetime"])
    assert _said(news, "description") >= _one(study["description"])
    assert _said(news, "procedure_code") >= _one(study["procedure_code"])
    assert _said(news, "station") >= _one(study["station"])
    assert not _said(news, "patient_class") | _said(news, "location") | _said(news, "priority_requested")


def test_a_study_that_answers_three_requests_is_news_of_each_with_its_own_code() -> None:
    news = _news("ct-cap")[:3]

    assert {one.keys.accession: one.attributes.known["procedure_code"] for one in news} == {
        "STO26000114": ("CCABP", "CCHEC"),
        "STO26000115": ("CCABP", "CABDC"),
        "STO26000116": ("CCABP", "CPELC"),
    }


def test_the_first_request_is_that_of_the_header() -> None:
    assert _news("ct-cap")[0].keys.accession == "STO26000114"
