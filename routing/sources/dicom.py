"""Reads a DICOM object, file or pydicom Dataset into one Reading: its identity, its news, and what is wrong with it.

One news for each accession number: that of the header, and those of the requests that the study answers. Nothing
raises for what is in an object; what cannot be used is refused with its reason, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from attrs import evolve

from routing.attributes import Attributes, Missing, Value
from routing.decision import Problem
from routing.sources.dicom_attributes import examination, modalities, request
from routing.sources.dicom_classes import DICOMDIR, PERFORMED_STEP, Role, companion_of, role_of
from routing.sources.dicom_declared import declared_values
from routing.sources.dicom_elements import Memory
from routing.sources.dicom_header import Header
from routing.sources.dicom_scan import Scan, scan, scan_dataset, scan_elements, scan_path
from routing.sources.news import Instance, Keys, News, NewsKind, OrderControl, Patient, Reading
from routing.sources.profiles import Profile, Profiles
from routing.sources.unreadable import MOST_KEPT, unreadable, unreadable_file
from routing.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pydicom import Dataset

_UID: Final = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*")
_LONGEST_UID: Final = 64
_STUDY_UID_TAG: Final = 0x0020000D
_FLAWS: Final = {
    "truncated": "the object ends before its last element does: read up to there",
    "no_preamble": "there is no preamble: the dataset starts at once",
    "stray": "blank bytes stand before the first element: left out",
    "file_meta": "the file meta names no transfer syntax: the encoding was found by looking",
}


def read_dicom(
    data: bytes | Path | Dataset,
    profiles: Profiles | None = None,
    declared: Mapping[str, Any] | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    evidence: bool = True,
) -> Reading:
    """Return what a DICOM object says.

    What has neither Study Instance UID nor accession number, a DICOMDIR, a file that ends before the Study Instance
    UID, and bytes that are no DICOM give a Reading with `refused`. Of these only the first has news: it may be decided
    on, never stored, since nothing joins on an empty key. *profiles* are the sender profiles, by AE
    title of the sender or institution; *declared* the attributes of a rulebook, some with DICOM paths; *vocabulary* a
    site's own tables. Without *evidence* the digest and what would be stored are left out: deciding needs neither.

    Raises:
        OSError: the file at a path cannot be read.

    """
    scanned, lost = _scan(data, evidence=evidence, by_sender=bool(profiles and profiles.senders))
    if scanned is None:
        reason = "neither a DICOM file nor a DICOM dataset"
        if isinstance(data, Path):
            return unreadable_file(data, "not_dicom", reason)
        return unreadable(bytes(cast("bytes", data)), "not_dicom", reason)
    header = Header(scanned.elements)
    for keyword in lost:
        header.doubt("unwritable", keyword, "the element cannot be encoded: left out")
    for flaw in scanned.flaws:
        header.doubt(flaw, "", _FLAWS.get(flaw, flaw))
    keys = _identity(header)
    refused = _refusal(header, scanned, keys)
    if refused is not None and refused.kind != "no_key":
        reading = _reading(scanned, header, keys, (), refused, evidence=evidence)
        return evolve(reading, raw=_evidence(data) or reading.raw) if evidence else reading
    profile = _profile(scanned, header, profiles)
    news = _news(header, scanned, profile, vocabulary or profile.vocabulary, keys)
    if own := declared_values(header, declared):
        news = [evolve(one, attributes=Attributes({**one.attributes, **own})) for one in news]
    return _reading(scanned, header, keys, tuple(news), refused, evidence=evidence)


def read_dataset(
    dataset: Dataset,
    profiles: Profiles | None = None,
    declared: Mapping[str, Any] | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    evidence: bool = True,
) -> Reading:
    """Return what a pydicom Dataset says, as `read_dicom` does. The dataset is not changed; nothing is raised."""
    return read_dicom(dataset, profiles, declared, vocabulary=vocabulary, evidence=evidence)


def _scan(data: bytes | Path | Dataset, *, evidence: bool, by_sender: bool) -> tuple[Scan | None, tuple[str, ...]]:
    if isinstance(data, Path):
        return scan_path(data, evidence=evidence), ()
    if isinstance(data, bytes | bytearray | memoryview):
        return scan(Memory(bytes(data)), evidence=evidence), ()
    from routing.sources import dicom_dataset  # noqa: PLC0415 - only for what is in memory

    if not evidence and (found := dicom_dataset.dataset_elements(data)) is not None:
        return scan_elements(*found, dicom_dataset.source_ae(data) if by_sender else ""), ()
    encoded, form, lost = dicom_dataset.dataset_bytes(data)
    return scan_dataset(encoded, form, dicom_dataset.source_ae(data)), lost


def _evidence(data: bytes | Path | Dataset) -> bytes:
    """Return a refused object as it came, ``b""`` when it is too large to be kept or was never bytes."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            kept = file.read(MOST_KEPT + 1)
    else:
        kept = bytes(data) if isinstance(data, bytes | bytearray | memoryview) else b""
    return kept if len(kept) <= MOST_KEPT else b""


class _Identity(NamedTuple):
    """The UIDs of an object, letter by letter as they came; ``""`` where there is none."""

    study: str
    series: str
    sop: str
    sop_class: str


def _identity(header: Header) -> _Identity:
    """Return the UIDs; of a performed step, the study is the one that its scheduled step names."""
    return _Identity(
        study=_uid(header, "StudyInstanceUID")
        or next(iter(header.path("ScheduledStepAttributesSequence.StudyInstanceUID")), ""),
        series=_uid(header, "SeriesInstanceUID"),
        sop=_uid(header, "SOPInstanceUID"),
        sop_class=header.text("SOPClassUID") or "",
    )


def _uid(header: Header, keyword: str) -> str:
    uid = header.text(keyword) or ""
    if uid and (_UID.fullmatch(uid) is None or len(uid) > _LONGEST_UID):
        header.doubt("uid", keyword, "not the form of a UID: kept letter by letter")
    return uid


def _refusal(header: Header, scanned: Scan, uids: _Identity) -> Problem | None:
    """Return why nothing of the object may be applied, None when it may."""
    if scanned.sop_class == DICOMDIR or "DirectoryRecordSequence" in header:
        return Problem(kind="dicomdir", source="", message="a DICOMDIR lists files and is no study")
    if uids.study:
        return None
    # A cut between two elements leaves no trace but this: nothing comes where the UID belongs or after it.
    ends_early = not scanned.is_whole and max(scanned.elements, default=0) < _STUDY_UID_TAG
    if "truncated" in scanned.flaws or ends_early:
        return Problem(kind="truncated", source="", message="the object ends before its Study Instance UID")
    if header.text("AccessionNumber") or any(item.text("AccessionNumber") for item in _request_items(header)):
        return None
    return Problem(
        kind="no_key", source="StudyInstanceUID", message="neither a Study Instance UID nor an accession number"
    )


def _profile(scanned: Scan, header: Header, profiles: Profiles | None) -> Profile:
    institution = header.text("InstitutionName")
    return (profiles or Profiles.default()).find(ae_title=scanned.source_ae or None, institution=institution or None)


def _news(header: Header, scanned: Scan, profile: Profile, vocabulary: Vocabulary, uids: _Identity) -> list[News]:
    """Return what the object says about each procedure that it belongs to."""
    found: list[News] = []
    modality = next(iter(header.words("Modality")), "")
    role = role_of(uids.sop_class, modality, vocabulary)
    companion = companion_of(uids.sop_class)
    shared = examination(header, vocabulary, profile, is_clinical=role is Role.IMAGE)
    shared |= modalities(header, vocabulary, companion)
    if role is Role.REPORT:
        shared |= _report_status(header)
    patient = _patient(header, shared)
    is_step = uids.sop_class == PERFORMED_STEP
    instance = Instance(
        series_uid=uids.series or None,
        sop_uid=uids.sop or None,
        sop_class=uids.sop_class or None,
        modality=modality.upper() or None,
        clinical=role is Role.IMAGE,
        digest=scanned.digest,
        is_report=role is Role.REPORT,
    )
    end = shared["exam_end"].value if "exam_end" in shared else None
    for accession, issuer, items in _requests(header, profile):
        keys = Keys(
            accession=accession.value if accession else None,
            accession_issuer=issuer.value if issuer else None,
            study_uid=uids.study or None,
        )
        values = shared | request(header, items, vocabulary, profile) | _key_values(header, accession, issuer, uids)
        found.append(
            News(
                kind=NewsKind.ORDER if is_step else NewsKind.IMAGES,
                keys=keys,
                patient=patient,
                attributes=Attributes(values),
                said_at=end if isinstance(end, datetime) else None,
                control=OrderControl.STATUS if is_step else None,
                instance=None if is_step else instance,
            )
        )
    return found


_Request = tuple[Value | None, Value | None, tuple[Header, ...]]


def _requests(header: Header, profile: Profile) -> Iterator[_Request]:
    """Yield each accession number with its issuer and the requests that carry it, that of the header first.

    Where the header and the one request name different numbers, the header's counts; it was set last. Where there are
    several requests, each stands for itself besides.
    """
    items = _request_items(header)
    own = header.text("AccessionNumber") or ""
    numbers = dict.fromkeys(number for item in items if (number := item.text("AccessionNumber")))
    others = [number for number in numbers if number != own]
    if own and others and own not in numbers:
        header.doubt("accession", "AccessionNumber", "the header names another number than the request")
        if len(others) == 1:
            yield _said(own), _issuer((header,), profile), items
            return
    for number in ([own] if own or not others else []) + others:
        mine = tuple(item for item in items if (item.text("AccessionNumber") or own or number) == number)
        levels = (header, *mine) if number == own else mine
        yield (_said(number), _issuer(levels, profile), mine) if number else (None, None, mine)


def _request_items(header: Header) -> tuple[Header, ...]:
    return header.items("RequestAttributesSequence") + header.items("ScheduledStepAttributesSequence")


def _said(number: str) -> Value:
    return Value(value=number, source="AccessionNumber", raw=number)


def _issuer(levels: Iterable[Header], profile: Profile) -> Value | None:
    """Return who gave a number, by its own field, else by the sender's profile."""
    keyword = "IssuerOfAccessionNumberSequence"
    for level in levels:
        for item in level.items(keyword):
            if text := item.text("LocalNamespaceEntityID") or item.text("UniversalEntityID"):
                return Value(value=text, source=keyword, raw=text)
    known = profile.accession_issuer
    return Value(value=known, source="profile", raw=known) if known else None


def _key_values(header: Header, accession: Value | None, issuer: Value | None, uids: _Identity) -> dict[str, Value]:
    values = {}
    if accession is not None:
        values["accession"] = accession
    elif "AccessionNumber" in header:
        values["accession"] = Value(value=None, source="AccessionNumber", missing=Missing.EMPTY)
    if issuer is not None:
        values["accession_issuer"] = issuer
    if uids.study:
        values["study_uid"] = Value(value=uids.study, source="StudyInstanceUID", raw=uids.study)
    return values


def _patient(header: Header, values: dict[str, Value]) -> Patient:
    """Return who the patient is, and add number and issuer to *values*."""
    number, issuer = _patient_pair(header)
    if number:
        values["patient_id"] = Value(value=number, source="PatientID", raw=number)
        if issuer:
            values["patient_id_issuer"] = Value(value=issuer, source="IssuerOfPatientID", raw=issuer)
    elif "PatientID" in header:
        values["patient_id"] = Value(value=None, source="PatientID", missing=Missing.EMPTY)
    others = [_patient_pair(item) for item in header.items("OtherPatientIDsSequence")]
    others += [(word, None) for word in header.words("OtherPatientIDs")]
    further = dict.fromkeys((other, by) for other, by in others if other and (other, by) != (number, issuer))
    return Patient(number=number or None, issuer=issuer if number else None, others=tuple(further))


def _patient_pair(level: Header) -> tuple[str, str | None]:
    issuer = level.text("IssuerOfPatientID") or next(
        iter(level.path("IssuerOfPatientIDQualifiersSequence.UniversalEntityID")), None
    )
    return level.text("PatientID") or "", issuer or None


def _report_status(header: Header) -> dict[str, Value]:
    """Return what a structured report says of itself; only a complete and verified one calls itself final."""
    words = [
        (header.text(keyword) or "").upper() for keyword in ("CompletionFlag", "VerificationFlag", "PreliminaryFlag")
    ]
    if not any(words):
        return {}
    is_final = words[:2] == ["COMPLETE", "VERIFIED"] and words[2] != "PRELIMINARY"
    raw = "\\".join(word for word in words if word)
    return {"report_status": Value(value="final" if is_final else "preliminary", source="CompletionFlag", raw=raw)}


def _reading(
    scanned: Scan, header: Header, uids: _Identity, news: tuple[News, ...], refused: Problem | None, *, evidence: bool
) -> Reading:
    return Reading(
        kind="dicom",
        sender="",  # a path or a sender is no part of an object's identity
        message_id=f"{uids.study}/{uids.series}/{uids.sop}",
        digest=scanned.digest,
        raw=scanned.stored() if evidence else b"",
        news=news,
        refused=refused,
        warnings=tuple(header.problems),
    )
