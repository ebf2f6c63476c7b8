"""The invented day's orders against its manifest, where the samples lie beside the project or in an example."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.sources.hl7 import read_hl7
from routing.sources.news import News, NewsKind, ReportStatus
from tests.sources.messages import SHARED

DAY = SHARED / "samples" / "synthetic"
PRIORITIES = {"STAT": "STAT", "URGENT": "HIGH", "ROUTINE": "ROUTINE"}
CLASSES = {"E": "emergency", "I": "inpatient", "O": "outpatient"}

pytestmark = pytest.mark.skipif(not DAY.is_dir(), reason="the invented day is not here")


def _studies() -> list[dict[str, Any]]:
    if not DAY.is_dir():
        return []
    studies = json.loads((DAY / "manifest.json").read_text(encoding="utf-8"))
    return [study for study in studies if study["has_local_order"]]


def _order(key: str) -> tuple[News, ...]:
    (file,) = DAY.glob(f"hl7/*-{key}-order.hl7")
    (reading,) = read_hl7(file.read_bytes())
    return reading.news


@pytest.mark.parametrize("study", _studies(), ids=lambda study: study["key"])
def test_an_order_says_what_the_manifest_says(study: dict[str, Any]) -> None:
    orders = _order(study["key"])
    told = orders[0]

    said = {name: value.value for name, value in told.attributes.items()}
    assert [one.keys.accession for one in orders] == study["accessions"]
    assert {one.keys.study_uid for one in orders} == {study["study_uid"]}
    assert said["site"] == study["site"]
    assert said["patient_class"] == CLASSES[study["patient_class"]]
    assert said["location"] == study["patient_location"]
    assert said["priority_requested"] == PRIORITIES[study["priority"]]
    assert said["referrer"] in {study["referrer"], "DEFAULT^DOCTOR"}
    assert said["sex"] == study["patient_sex"]
    if study["key"] != "unknown-trauma":  # merged only later into the patient of the manifest
        assert told.patient.number == study["patient_id"]
        assert said["birth_date"].isoformat() == study["birth_date"]
        assert said["patient_name"] == (study["patient_name"].partition("=")[0],)
    if len(orders) == 1:
        assert said["procedure_code"] == (study["procedure_code"],)
        assert said["description"] == (study["description"],)
    assert set(said["modality"]) <= set(study["modality"])
    assert told.warnings == ()


def test_every_message_of_the_day_is_read() -> None:
    readings = [one for file in sorted(DAY.glob("hl7/*.hl7")) for one in read_hl7(file.read_bytes())]

    assert len(readings) == 52
    assert [one.message_id for one in readings if one.refused] == []
    statuses = [one.news[0].report.status for one in readings if one.news[0].kind is NewsKind.REPORT]
    assert statuses.count(ReportStatus.UNKNOWN) == 1
    assert statuses.count(ReportStatus.CANCELLED) == 1
