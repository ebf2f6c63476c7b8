"""The public HL7 samples: each message accounted for, and attributes as a careful reading by hand gives them.

The files are not ours to ship; these tests run where they lie beside the project.
"""

# ruff: noqa: DTZ001, RUF001 - times without an offset are kept so; the samples hold a dash

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from routing.sources.hl7 import read_hl7
from routing.sources.news import NewsKind
from routing.sources.profiles import Profiles
from tests.sources.messages import SHARED, values

SAMPLES = SHARED / "samples" / "hl7"
FILES = sorted(file for file in SAMPLES.glob("*/*") if file.suffix != ".csv") if SAMPLES.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the public samples are not here")

# what a file holds where that is not one message which is read: news of each reading, or why it is refused
HOLDS: dict[str, list[int | str]] = {
    "fhir-converter/ADT-A40-02.hl7": [2],
    "fhir-converter/LAB-ORU-1.hl7": [2],
    "fhir-converter/LAB-ORU-2.hl7": [2],
    "fhir-converter/MDM-T02-02.hl7": [2],
    "fhir-converter/OMG-O19-01.hl7": ["no_key"],
    "fhir-converter/OMG-O19-02.hl7": ["no_key"],
    "fhir-converter/ORM-O01-03.hl7": [2],
    "fhir-converter/ORM-O01-04.hl7": ["message_type"],
    "fhir-converter/ORM-O01-05.hl7": ["message_type"],
    "fhir-converter/ORM-O01-06.hl7": ["message_type"],
    "hapi/omd_o03_repetitions.hl7": ["message_type"],
    "hapi/oru-radis1-three-obr-prelim.hl7": [3],
    "mirth-connect/batch01.hl7": [1, 1, 1],
    "mirth-connect/batch03.hl7": [1, 1],
    "mirth-connect/test-hl7-whitespace-input.txt": ["no_key"],
    "python-hl7/rep_sample_hl7.hl7": ["no_key"],
    "python-hl7/sample_bad_batch.hl7": ["unparseable"],
    "python-hl7/sample_bad_batch1.hl7": ["no_patient", "unparseable"],
    "python-hl7/sample_batch1.hl7": [1, 1],
    "python-hl7/sample_file1.hl7": [1, 1, 1],
    "scout/curation_20260126.log": [1] * 6,
    "scout/extraction_20250814.log": [1] * 60,
    "scout/patient_ids_20260122.log": [1] * 6,
    "scout/postgres_2007_20071021.log": [1, 1],
    "scout/postgres_2016_20160829.log": ["unparseable"],
    "scout/postgres_2019_20190106.log": ["unparseable"],
    "scout/postgres_2023_20230113.log": ["unparseable", 1, 1],
}


def _name(file: Any) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_each_message_of_a_file_is_accounted_for(file: Any) -> None:
    held = [one.refused.kind if one.refused else len(one.news) for one in read_hl7(file.read_bytes())]

    assert held == HOLDS.get(_name(file), [1])


# (file, place of the reading, place of the news): attributes, by hand
OFFSET = timezone(timedelta(hours=2, minutes=15))
BY_HAND: list[tuple[str, int, int, dict[str, Any]]] = [
    (
        "dcm4che/OMI_O23-ImagingOrder.hl7",
        0,
        0,
        {
            "accession": "AccessionNumber",
            "study_uid": "1.2.392.200036.9125.0.198811291108.7",
            "patient_id": "PID_1",
            "patient_id_issuer": "ADT1",
            "patient_name": ("Smith^Lucy^Mark",),
            "birth_date": date(2014, 10, 14),
            "modality": ("CT",),
            "patient_class": "emergency",
            "location": None,
            "referrer": "RequestingPhysicianFN^RequestingPhysicianGN",
            "procedure_code": ("10637-7",),
            "description": ("Microscopic Observation",),
            "indication": (
                "Rheumatoid, other arthritis with motor score from 12 –35.,comorbidity in tier 3",
                "MedicalAlerts",
            ),
            "priority_requested": None,
            "station": "ScheduledStationName",
            "order_status": "scheduled",
            "message_type": "OMI^O23",
        },
    ),
    (
        "dcm4che/ORM_O01-GeneralOrder.hl7",
        0,
        0,
        {
            "accession": "AccessionNumber",
            "study_uid": "1.2.392.200036.9125.0.198811291108.7",
            "message_type": "OMI^O23",
        },
    ),
    (
        "dcm4che/ORU_R01-SR.hl7",
        0,
        0,
        {
            "accession": "AccessionNumber",
            "study_uid": "1.2.392.200036.9125.0.198811291108.7",
            "report_status": "final",
            "exam_end": datetime(2022, 3, 24, 19, 30, 57),
        },
    ),
    (
        "dcm4che/SIU_S12-NewAppointmentBooking.hl7",
        0,
        0,
        {"patient_id": "PID_1", "patient_class": "emergency", "referrer": "ReferringPhysicianFN^ReferringPhysicianGN"},
    ),
    (
        "fhir-converter/ORM-O01-01.hl7",
        0,
        0,
        {
            "accession": "1201",
            "accession_issuer": "GHHFiller",
            "patient_id": "PATID1234",
            "patient_name": ("EVERYMAN^ADAM^A^Dr.^III",),
            "birth_date": date(1988, 8, 18),
            "description": ("CT Head",),
            "procedure_code": ("24725-4",),
            "exam_start": datetime(2021, 10, 20, 12, 0, tzinfo=OFFSET),
            "indication": ("Traumatic brain injury",),
            "location": "RADUnit01^Room01",
            "site": "GHH",
            "referrer": "RAD^ROBIN",
            "modality": None,
            "priority_requested": None,
        },
    ),
    (
        "fhir-converter/ORM-O01-03.hl7",
        0,
        1,
        {"accession": "2301", "description": ("MR Brain",), "procedure_code": ("24590-2",)},
    ),
    (
        "fhir-converter/ADT-A08-01.hl7",
        0,
        0,
        {"patient_class": "preadmit", "location": "HUH AE OMU^OMU B^Bed 03", "department": "SUR", "sex": "M"},
    ),
    (
        "fhir-converter/MDM-T02-01.hl7",
        0,
        0,
        {
            "accession": "1-1",
            "study_uid": "1.2.840.317.5947431.51",
            "report_status": "final",
            "patient_class": "inpatient",
            "location": "CCU^2000^1",
        },
    ),
    (
        "fhir-converter/MDM-T02-03.hl7",
        0,
        0,
        {"report_status": "preliminary", "patient_id": "3196695816", "patient_name": ("Clark^Frederick^^Mr",)},
    ),
    (
        "hapi/oru-radis1-three-obr-prelim.hl7",
        0,
        0,
        {
            "accession": "0000000566",
            "accession_issuer": "RADIS1",
            "procedure_code": ("37953",),
            "description": ("CT CHEST",),
            "report_status": "preliminary",
            "exam_start": datetime(1994, 5, 2, 15, 45),
            "indication": ("R/O TUMOR",),
            "modality": None,
        },
    ),
    (
        "hapi/oru-radis1-three-obr-prelim.hl7",
        0,
        2,
        {"accession": "0000000568", "description": ("CT PELVIS (LIMITED)",), "report_status": "preliminary"},
    ),
    (
        "mirth-connect/test-hl7-input.txt",
        0,
        0,
        {
            "accession": "MR^20061213-0007",
            "accession_issuer": None,
            "birth_date": None,
            "procedure_code": ("MRS", "70553"),
            "priority_requested": "ROUTINE",
            "patient_class": "outpatient",
            "department": "CARE",
        },
    ),
    (
        "mirth-connect/framed-text-SOM-EOM.txt",
        0,
        0,
        {
            "patient_id": "999965423",
            "patient_id_issuer": "AccMgr",
            "patient_name": ("TEST^PATIENT LB",),
            "patient_class": "emergency",
            "location": "ED",
            "department": "ED",
            "birth_date": date(1957, 2, 19),
        },
    ),
    (
        "linuxforhealth/sample_win.hl7",
        0,
        0,
        {"patient_id": "PID1234", "patient_id_issuer": "A", "patient_class": None, "location": "yyy"},
    ),
    (
        "linuxforhealth/ORU-multiline-short-mixed.hl7",
        0,
        0,
        {"accession": "FON_0d70c6c8", "accession_issuer": "LAB", "report_status": "final", "modality": ("CT",)},
    ),
    (
        "python-hl7/sample_hl7.hl7",
        0,
        0,
        {"accession": "1045813", "accession_issuer": "GHH LAB", "birth_date": None, "report_status": "final"},
    ),
    (
        "scout/duplicate-key_20260522.log",
        0,
        0,
        {
            "accession": "A7795082807",
            "patient_id": "ABC451002",
            "patient_id_issuer": "ABC",
            "procedure_code": ("M755570", "755570"),
            "description": ("755570 MR CARDIAC MRPH FUNC W/O",),
            "birth_date": date(1968, 7, 22),
            "priority_requested": None,
            "report_status": "preliminary",
            "referrer": "SMITH^JENNIFER",
        },
    ),
    (
        "scout/patient_ids_20260122.log",
        0,
        0,
        {"patient_id": "999999-001", "patient_id_issuer": None, "report_status": "final", "modality": ("MR",)},
    ),
    (
        "scout/patient_ids_20260122.log",
        1,
        0,
        {"patient_id": "999999-W126", "patient_id_issuer": "SLCH"},
    ),
]


@pytest.mark.parametrize(
    ("file", "reading", "news", "expected"), BY_HAND, ids=[f"{one[0]}:{one[1]}" for one in BY_HAND]
)
def test_attributes_are_what_a_reading_by_hand_gives(
    file: str, reading: int, news: int, expected: dict[str, Any]
) -> None:
    told = read_hl7((SAMPLES / file).read_bytes())[reading].news[news]

    assert values(told, *expected) == expected


def test_a_radiology_log_is_read_by_its_senders_profile() -> None:
    """Its accession stands in OBR-3, its status in words, and OBR-18 holds a body part."""
    profiles = Profiles.loads(
        """
        [[sender]]
        sending_facility = "ABCHOSP"
        accession_from = "OBR-3"
        charset = "8859/1"
        report_status_words = { Prelim = "preliminary", Final = "final", "Wet Read" = "preliminary" }
        """
    )

    readings = read_hl7((SAMPLES / "scout" / "extraction_20250814.log").read_bytes(), profiles)

    told = [one.news[0] for one in readings]
    assert all(one.kind is NewsKind.REPORT for one in told)
    assert len({one.keys.accession for one in told}) == len(told) == 60
    assert all(warning.kind != "charset" for one in readings for warning in one.warnings)
    assert Counter(one.report.status.value for one in told if one.report) == {
        "final": 29,
        "preliminary": 26,
        "unknown": 5,
    }


def test_problems_hold_no_value_of_any_sample() -> None:
    said = {
        problem.message
        for file in FILES
        for one in read_hl7(file.read_bytes())
        for problem in (
            *one.warnings,
            *([one.refused] if one.refused else []),
            *(w for n in one.news for w in n.warnings),
        )
    }

    assert said
    for value in ("Aug 15", "196203520", "Wet Read", "EVERYMAN", "DOE", "QQ"):
        assert not any(value in message for message in said)
