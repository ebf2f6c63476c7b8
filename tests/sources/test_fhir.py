"""FHIR resources: orders, images and reports from plain JSON, and no JSON that raises."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.sources.fhir import read_fhir
from routing.sources.joining import join
from routing.sources.news import NewsKind, OrderControl, Reading, ReportStatus
from routing.sources.profiles import Profiles
from routing.sources.read import read_bytes
from tests.worklists.opened import kinds, opened

NUMBER = {
    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]},
    "value": "STO26030101",
    "assigner": {"display": "STO"},
}
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "urn:oid:2.16", "value": "5100", "assigner": {"display": "STO"}}],
    "name": [{"use": "official", "family": "EXAMPLE", "given": ["ROBIN"]}],
    "gender": "female",
    "birthDate": "1970-04-02",
}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
    "location": [{"location": {"display": "ED"}}],
}
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "sr1",
    "identifier": [NUMBER, {"type": {"coding": [{"code": "PLAC"}]}, "value": "PL1"}],
    "status": "active",
    "intent": "order",
    "priority": "urgent",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "169069000", "display": "CT chest"}]},
    "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": "51185008", "display": "Chest"}]}],
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "requester": {"display": "Dr Mia Stone"},
    "reasonCode": [{"text": "?PE"}],
    "authoredOn": "2026-03-17T10:00:00+00:00",
}
STUDY: dict[str, Any] = {
    "resourceType": "ImagingStudy",
    "id": "is1",
    "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4"}, NUMBER],
    "status": "available",
    "subject": {"reference": "Patient/p1"},
    "started": "2026-03-17T11:00:00+00:00",
    "description": "CT Chest",
    "series": [
        {
            "uid": "1.2.3.4.1",
            "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"},
            "bodySite": {"system": "http://snomed.info/sct", "code": "51185008"},
            "laterality": {"system": "http://snomed.info/sct", "code": "24028007"},
        },
        {"uid": "1.2.3.4.2", "modality": {"code": "SR"}},
    ],
}
REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport",
    "id": "dr1",
    "status": "final",
    "code": {"text": "CT chest"},
    "basedOn": [{"reference": "ServiceRequest/sr1"}],
    "subject": {"reference": "Patient/p1"},
    "issued": "2026-03-17T12:00:00+00:00",
    "conclusion": "No pulmonary embolism.",
    "resultsInterpreter": [{"display": "Dr Lee"}],
}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"https://example.test/{one['resourceType']}/{one.get('id')}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "message", "entry": entries}


def only(loaded: dict[str, Any], profiles: Profiles | None = None) -> Reading:
    (reading,) = read_fhir(loaded, profiles)
    return reading


def test_a_service_request_is_an_order_with_its_provenance() -> None:
    reading = only(bundle(ORDER, PATIENT, ENCOUNTER))
    (news,) = reading.news

    assert (reading.kind, reading.message_type, news.kind) == ("fhir", "ServiceRequest", NewsKind.ORDER)
    assert (news.keys.accession, news.keys.accession_issuer, news.keys.placer_number) == ("STO26030101", "STO", "PL1")
    assert (news.patient.number, news.patient.issuer, news.control) == ("5100", "STO", OrderControl.NEW)
    known = news.attributes.known
    assert known["priority_requested"] == "HIGH"
    assert news.attributes["priority_requested"].source == "ServiceRequest.priority"
    assert news.attributes["priority_requested"].raw == "urgent"
    assert known["procedure_code"] == ("169069000",)
    assert known["body_part"] == ("CHEST",)
    assert known["patient_class"] == "emergency"
    assert known["location"] == "ED"
    assert known["patient_name"] == ("EXAMPLE^ROBIN",)
    assert (known["sex"], known["birth_date"]) == ("F", date(1970, 4, 2))
    assert known["indication"] == ("?PE",)
    assert known["referrer"] == "Dr Mia Stone"


@pytest.mark.parametrize(
    ("status", "control", "meaning"),
    [
        ("draft", OrderControl.STATUS, None),
        ("active", OrderControl.NEW, "scheduled"),
        ("on-hold", OrderControl.CHANGE, "scheduled"),
        ("revoked", OrderControl.CANCEL, "cancelled"),
        ("completed", OrderControl.STATUS, "completed"),
        ("entered-in-error", OrderControl.CANCEL, "cancelled"),
    ],
)
def test_the_status_of_a_request_says_what_it_asks_for(status: str, control: OrderControl, meaning: str | None) -> None:
    (news,) = only(ORDER | {"status": status}).news

    assert news.control is control
    assert news.attributes.known.get("order_status") == meaning


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("registered", ReportStatus.NONE),
        ("partial", ReportStatus.PRELIMINARY),
        ("preliminary", ReportStatus.PRELIMINARY),
        ("final", ReportStatus.FINAL),
        ("amended", ReportStatus.CORRECTED),
        ("corrected", ReportStatus.CORRECTED),
        ("appended", ReportStatus.ADDENDUM),
        ("cancelled", ReportStatus.CANCELLED),
        ("entered-in-error", ReportStatus.WITHDRAWN),
        ("unknown", ReportStatus.UNKNOWN),
        ("done", ReportStatus.UNKNOWN),
        ("", ReportStatus.UNKNOWN),
    ],
)
def test_the_status_of_a_report_is_final_only_where_it_says_so(status: str, meaning: ReportStatus) -> None:
    (news,) = next(
        one for one in read_fhir(bundle(REPORT | {"status": status}, ORDER)) if one.message_type == "DiagnosticReport"
    ).news

    assert news.report is not None
    assert news.report.status is meaning
    assert any(one.kind == "report_status" for one in news.warnings) == (meaning is ReportStatus.UNKNOWN)


def test_an_imaging_study_is_images_by_series_and_companions_are_told_apart() -> None:
    reading = only(bundle(STUDY, PATIENT))

    image, companion = reading.news
    assert image.instance is not None
    assert companion.instance is not None
    assert (image.instance.clinical, companion.instance.clinical) == (True, False)
    assert image.keys.study_uid == "1.2.3.4"
    assert image.attributes.known["modality"] == ("CT",)
    assert image.attributes["modality"].source == "ImagingStudy.series.modality"
    assert image.attributes.known["laterality"] == ("R",)
    assert companion.attributes.known["companions"] == ("SR",)
    assert image.attributes.known["exam_end"] == datetime(2026, 3, 17, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "control"), [("registered", OrderControl.STATUS), ("cancelled", OrderControl.DISCONTINUE)]
)
def test_a_study_without_images_brings_none(status: str, control: OrderControl) -> None:
    (news,) = only(STUDY | {"status": status}).news

    assert (news.kind, news.control, news.instance) == (NewsKind.ORDER, control, None)


def test_a_study_entered_in_error_is_for_a_person() -> None:
    refused = only(STUDY | {"status": "entered-in-error"}).refused

    assert refused is not None
    assert refused.kind == "images_withdrawn"


def test_a_report_names_each_order_that_it_is_based_on() -> None:
    second = ORDER | {"id": "sr2", "identifier": [NUMBER | {"value": "STO26030102"}]}
    both = REPORT | {"basedOn": [{"reference": "ServiceRequest/sr1"}, {"reference": "ServiceRequest/sr2"}]}

    readings = read_fhir(bundle(both, ORDER, second))

    assert [news.keys.accession for news in readings[0].news] == ["STO26030101", "STO26030102"]
    assert readings[0].news[0].report == readings[0].news[1].report


@pytest.mark.parametrize(
    ("change", "has_text"),
    [
        ({}, True),
        ({"conclusion": ""}, False),
        ({"conclusion": "Report to follow"}, False),
        ({"conclusion": "", "presentedForm": [{"contentType": "application/pdf", "data": "JVBERi0="}]}, True),
        (
            {"conclusion": "", "presentedForm": [{"contentType": "text/plain", "data": b64encode(b"  ").decode()}]},
            False,
        ),
        (
            {
                "conclusion": "",
                "presentedForm": [{"contentType": "text/html", "data": b64encode(b"<p>Clear</p>").decode()}],
            },
            True,
        ),
        ({"conclusion": "", "text": {"status": "generated", "div": "<div> </div>"}}, False),
        ({"conclusion": "", "presentedForm": [{"url": "https://example.test/1.pdf"}]}, True),
    ],
)
def test_a_blank_report_has_no_text(change: dict[str, Any], has_text: bool) -> None:
    (news,) = read_fhir(bundle(REPORT | change, ORDER))[0].news

    assert news.report is not None
    assert news.report.has_text is has_text


def test_a_local_word_for_a_status_and_a_priority_is_the_profiles() -> None:
    profiles = Profiles.loads(
        '[[sender]]\nsending_application = "EHR"\npriority_words = { URGENT = "STAT" }\naccession_issuer = "NTH"'
    )
    bare = {key: value for key, value in NUMBER.items() if key != "assigner"}
    header = {"resourceType": "MessageHeader", "id": "m", "source": {"name": "EHR"}}

    (news,) = only(bundle(header, ORDER | {"identifier": [bare]}), profiles).news

    assert news.attributes.known["priority_requested"] == "STAT"
    assert news.keys.accession_issuer == "NTH"


@pytest.mark.parametrize(
    ("loaded", "kind", "word"),
    [
        ({"resourceType": "MedicationRequest", "id": "1"}, "resource_type", "MedicationRequest"),
        (PATIENT, "resource_type", "Patient"),
        ({"resourceType": "EXAMPLE ROBIN"}, "resource_type", "no type"),
        (bundle(PATIENT), "resource_type", "Bundle"),
        (ORDER | {"status": "EXAMPLE"}, "order_control", "status"),
        (ORDER | {"intent": "plan"}, "order_control", "intent"),
        (ORDER | {"identifier": []}, "no_key", "accession"),
        (REPORT, "no_key", "accession"),
    ],
)
def test_what_cannot_be_applied_is_refused_by_name(loaded: dict[str, Any], kind: str, word: str) -> None:
    refused = only(loaded).refused

    assert refused is not None
    assert refused.kind == kind
    assert word in refused.message
    assert "EXAMPLE" not in refused.message


def test_an_unhandled_resource_in_a_bundle_does_not_take_its_neighbours_with_it() -> None:
    readings = read_fhir(bundle({"resourceType": "MedicationRequest", "id": "1"}, ORDER, PATIENT))

    assert [one.refused is None for one in readings] == [True, False]


def test_what_is_stored_reads_the_same_again() -> None:
    for loaded in (bundle(ORDER, PATIENT, ENCOUNTER), bundle(STUDY, PATIENT), bundle(REPORT, ORDER, PATIENT)):
        first = read_fhir(loaded)[0]

        (again,) = read_bytes(first.raw)

        assert again.news == first.news
        assert (again.digest, again.message_id) == (first.digest, first.message_id)


def test_files_hold_resources_alone_in_lists_and_by_line() -> None:
    alone = json.dumps(ORDER).encode()

    assert [one.message_type for one in read_bytes(alone)] == ["ServiceRequest"]
    assert [one.kind for one in read_bytes(json.dumps([ORDER, STUDY]).encode())] == ["fhir", "fhir"]
    assert [one.kind for one in read_bytes(alone + b"\n" + json.dumps(STUDY).encode() + b"\n")] == ["fhir", "fhir"]


def test_order_images_and_report_meet_in_one_procedure() -> None:
    readings = [
        only(bundle(ORDER, PATIENT)),
        only(bundle(STUDY, PATIENT)),
        read_fhir(bundle(REPORT, ORDER, PATIENT))[0],
    ]

    ((procedure, places),) = join(readings, datetime(2026, 3, 17, 16, tzinfo=UTC)).procedures

    assert places == (0, 1, 2)
    assert procedure.images_here
    known = procedure.attributes(UTC).known
    assert (known["modality"], known["companions"]) == (("CT",), ("SR",))
    assert known["priority_requested"] == "HIGH"
    assert known["study_uid"] == "1.2.3.4"


@pytest.mark.slow
def test_a_final_report_discharges_what_was_ordered_and_made() -> None:
    with opened() as worklists:
        worklists.receive(bundle(ORDER, PATIENT))
        worklists.receive(json.dumps(bundle(STUDY, PATIENT)).encode())
        assert kinds(worklists) == ["report waiting"]

        report = worklists.receive(
            bundle({"resourceType": "List", "id": "x"}, REPORT | {"basedOn": [{"identifier": NUMBER}]}, PATIENT)
        )

        assert report.parts[0].outcome == "accepted"
        assert kinds(worklists) == ["resolve resource_type"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["2026-03-17", "final", "ACSN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=300)
@given(data=st.data())
def test_no_json_raises(data: st.DataObject) -> None:
    """Whatever stands where an element should, there is news or a reason why not."""
    made = dict(data.draw(st.sampled_from([ORDER, STUDY, REPORT, PATIENT, ENCOUNTER])))
    for _ in range(data.draw(st.integers(1, 4))):
        made[data.draw(st.sampled_from([*sorted(made), "contained", "result", "imagingStudy", "note"]))] = data.draw(
            _JSON
        )
    loaded = data.draw(
        st.sampled_from([made, bundle(made, PATIENT, ORDER), {**bundle(made), "entry": data.draw(_JSON)}])
    )

    for reading in read_fhir(loaded):
        assert bool(reading.news) != bool(reading.refused)
        for news in reading.news:
            dict(news.attributes)
