"""DICOM objects for tests: invented people, written by pydicom, and the one piece of news that an object gives."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pydicom.config
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from routing.sources.dicom import read_dicom
from routing.sources.news import News, Reading
from routing.sources.profiles import Profiles

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CASES = ROOT / "tests" / "cases"
DAY = ROOT / "examples" / "city-hospitals" / "samples"
UID = "1.2.826.0.1.3680043.10.9998"
CT = "1.2.840.10008.5.1.4.1.1.2"

USUAL: dict[str, Any] = {
    "SOPClassUID": CT,
    "SOPInstanceUID": f"{UID}.1.1.1",
    "StudyDate": "20260317",
    "StudyTime": "101500",
    "AccessionNumber": "STO26000001",
    "Modality": "CT",
    "StudyDescription": "CT Chest",
    "PatientName": "EXAMPLE^ROBIN",
    "PatientID": "5100",
    "IssuerOfPatientID": "STO",
    "PatientBirthDate": "19700402",
    "PatientSex": "F",
    "StudyInstanceUID": f"{UID}.1",
    "SeriesInstanceUID": f"{UID}.1.1",
}


def dataset(**said: Any) -> Dataset:
    """Return a CT of the chest; what is said replaces or adds elements, None takes one away."""
    made = Dataset()
    with pydicom.config.disable_value_validation():
        for keyword, value in (USUAL | said).items():
            if value is not None:
                setattr(made, keyword, value)
    return made


def items(*levels: dict[str, Any]) -> Sequence:
    made = []
    for level in levels:
        item = Dataset()
        with pydicom.config.disable_value_validation():
            for keyword, value in level.items():
                setattr(item, keyword, value)
        made.append(item)
    return Sequence(made)


def coded(value: str, meaning: str = "", scheme: str = "99NICIP") -> dict[str, str]:
    return {"CodeValue": value, "CodeMeaning": meaning, "CodingSchemeDesignator": scheme}


def file_of(made: Dataset, *, implicit: bool = False) -> bytes:
    """Return a DICOM file that holds a dataset."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.get("SOPClassUID") or CT
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.3.4"
    whole = FileDataset(None, made, file_meta=meta, preamble=b"\0" * 128)
    buffer = io.BytesIO()
    with pydicom.config.disable_value_validation():
        whole.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def explicit(*elements: tuple[int, str, bytes]) -> bytes:
    """Return a dataset written byte by byte: tag, VR, value; explicit and little endian, padded as given."""
    made = b""
    for tag, vr, value in elements:
        head = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + vr.encode()
        is_long = vr in {"OB", "OW", "SQ", "UN", "UT", "UC"}
        made += (
            head + (b"\0\0" + len(value).to_bytes(4, "little") if is_long else len(value).to_bytes(2, "little")) + value
        )
    return made


def reading(profiles: Profiles | None = None, **said: Any) -> Reading:
    return read_dicom(file_of(dataset(**said)), profiles)


def news(**said: Any) -> News:
    """Return the one news of an object that is read."""
    (one,) = reading(**said).news
    return one


def values(one: News) -> dict[str, Any]:
    return dict(one.attributes.known)


def kinds(read: Reading) -> list[str]:
    return [problem.kind for problem in read.warnings]
