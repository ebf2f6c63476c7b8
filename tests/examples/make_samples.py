"""Write the samples of the two smaller example departments: orders and images, wholly invented.

The same bytes on every run: fixed dates and UIDs, no clock, no random numbers. `python -m tests.examples.make_samples`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import pydicom.config
from attrs import frozen
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
DEPARTMENTS: Final = ("us-group", "dental-eye")
ROOT: Final = "1.2.826.0.1.3680043.10.9998"  # example arc, used nowhere else
SOP_CLASSES: Final = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "PX": "1.2.840.10008.5.1.4.1.1.1.1",
    "IO": "1.2.840.10008.5.1.4.1.1.1.3",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "OP": "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    "OPT": "1.2.840.10008.5.1.4.1.1.77.1.5.4",
}


@frozen(kw_only=True)
class Study:
    """One invented study with its order. `when` is local to the site, as the scanner writes it."""

    key: str
    site: str
    institution: str
    code: str
    title: str
    modality: str
    region: str
    born: str
    sex: str
    patient_class: str
    location: str
    priority: str
    when: str
    reason: str = ""


US: Final = (
    Study(
        key="ct-head-night",
        site="LAKESIDE",
        institution="Lakeside Medical Center",
        code="LHDCT",
        title="CT head",
        modality="CT",
        region="HEAD",
        born="19560714",
        sex="F",
        patient_class="E",
        location="ED^12",
        priority="S",
        when="20261125030000",
        reason="Fall, headache",
    ),
    Study(
        key="ct-head-mountains",
        site="SUMMIT",
        institution="Summit Mountain Hospital",
        code="LHDCT",
        title="CT head",
        modality="CT",
        region="HEAD",
        born="19810302",
        sex="M",
        patient_class="E",
        location="ED^2",
        priority="S",
        when="20261125063000",
        reason="Ski accident",
    ),
    Study(
        key="ct-abdomen-child-night",
        site="LAKESIDE",
        institution="Lakeside Medical Center",
        code="LABCT",
        title="CT abdomen and pelvis",
        modality="CT",
        region="ABDOMEN",
        born="20170911",
        sex="M",
        patient_class="E",
        location="ED^7",
        priority="S",
        when="20261125014500",
        reason="? appendicitis",
    ),
    Study(
        key="mr-knee-day",
        site="PRAIRIE",
        institution="Prairie Outpatient Imaging",
        code="LKNMR",
        title="MR knee right",
        modality="MR",
        region="KNEE",
        born="19860120",
        sex="M",
        patient_class="O",
        location="OUT",
        priority="R",
        when="20261125100000",
        reason="Locking",
    ),
    Study(
        key="mammogram-day",
        site="PRAIRIE",
        institution="Prairie Outpatient Imaging",
        code="LMGSC",
        title="Mammogram screening",
        modality="MG",
        region="BREAST",
        born="19740608",
        sex="F",
        patient_class="O",
        location="OUT",
        priority="R",
        when="20261125103000",
    ),
    Study(
        key="chest-holiday",
        site="LAKESIDE",
        institution="Lakeside Medical Center",
        code="LCHXR",
        title="XR chest portable",
        modality="DX",
        region="CHEST",
        born="19480517",
        sex="F",
        patient_class="I",
        location="4W^11",
        priority="A",
        when="20261126100000",
        reason="Line position",
    ),
)
CLINIC: Final = (
    Study(
        key="bitewings",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="BITEW",
        title="Bitewings",
        modality="IO",
        region="JAW",
        born="19920410",
        sex="F",
        patient_class="O",
        location="SURG1",
        priority="R",
        when="20260310091000",
        reason="Caries check",
    ),
    Study(
        key="cone-beam",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="CBCT1",
        title="Cone beam CT jaws",
        modality="CT",
        region="JAW",
        born="19810222",
        sex="M",
        patient_class="O",
        location="SURG2",
        priority="R",
        when="20260310093000",
        reason="Implant planning",
    ),
    Study(
        key="panoramic-ulcer",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="OPG01",
        title="OPG",
        modality="PX",
        region="JAW",
        born="19650130",
        sex="M",
        patient_class="O",
        location="SURG1",
        priority="R",
        when="20260310094500",
        reason="Non-healing ulcer, left tongue",
    ),
    Study(
        key="fundus-screening",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="OPSCR",
        title="Diabetic eye screening",
        modality="OP",
        region="EYE",
        born="19671105",
        sex="F",
        patient_class="O",
        location="EYE",
        priority="R",
        when="20260310100000",
        reason="Diabetic eye screening",
    ),
    Study(
        key="oct-sight-loss",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="OCTMA",
        title="OCT macula",
        modality="OPT",
        region="EYE",
        born="19550803",
        sex="F",
        patient_class="O",
        location="EYE",
        priority="A",
        when="20260310101500",
        reason="Sudden loss of vision, left",
    ),
    Study(
        key="oct-treatment",
        site="HARBOUR",
        institution="Harbour Dental and Eye Clinic",
        code="OCTWM",
        title="OCT macula for treatment",
        modality="OPT",
        region="EYE",
        born="19441217",
        sex="M",
        patient_class="O",
        location="EYE",
        priority="R",
        when="20260310103000",
        reason="Wet AMD, before injection",
    ),
)


def main() -> int:
    """Write both departments' samples."""
    pydicom.config.settings.writing_validation_mode = pydicom.config.RAISE
    for department in DEPARTMENTS:
        for path, content in samples(department):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return 0


def samples(department: str) -> Iterator[tuple[Path, bytes]]:
    """Yield the path and the content of every sample of a department."""
    folder = EXAMPLES / department / "samples"
    for number, study in enumerate(US if department == "us-group" else CLINIC, start=1):
        yield folder / "hl7" / f"{number:03d}-{study.key}-order.hl7", order(study, number).encode()
        with BytesIO() as file:
            image(study, number).save_as(file, enforce_file_format=True)
            yield folder / "studies" / f"{study.key}.dcm", file.getvalue()


def order(study: Study, number: int) -> str:
    """Return the order as an ORM^O01 message, carriage returns between segments."""
    given, timing = accession(study, number), f"1^once^^{study.when}^^{study.priority}"
    code = f"{study.code}^{study.title}^99LOCAL"
    place = study.location + "^" * (2 - study.location.count("^"))
    segments = (
        f"MSH|^~\\&|RIS|{study.site}|ROUTER|PACS|{study.when}||ORM^O01|{given}O|P|2.3.1||||||UNICODE UTF-8",
        f"PID|1||{patient(number)}^^^{study.site}^MR||INVENTED^PATIENT {number}||{study.born}|{study.sex}",
        f"PV1|1|{study.patient_class}|{place}^{study.site}",
        f"ORC|NW|P{number}^EPR|F{number}^RIS||SC||{timing}||{study.when}",
        f"OBR|1|P{number}^EPR|F{number}^RIS|{code}||||||||||||||{given}||||||{study.modality}|||{timing}||||^{study.reason}",
        f"ZDS|{ROOT}.{study_number(study, number)}^RIS^Application^DICOM",
    )
    return "".join(f"{segment}\r" for segment in segments)


def image(study: Study, number: int) -> FileDataset:
    """Return one image of the study, 4 by 4 pixels."""
    uid = f"{ROOT}.{study_number(study, number)}"
    sop_class, sop_uid = UID(SOP_CLASSES[study.modality]), UID(f"{uid}.1.1")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = sop_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(f"{ROOT}.0")
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = sop_class, sop_uid
    data.StudyInstanceUID, data.SeriesInstanceUID = uid, f"{uid}.1"
    data.StudyDate = data.AcquisitionDate = study.when[:8]
    data.StudyTime = data.AcquisitionTime = study.when[8:]
    data.AccessionNumber, data.Modality = accession(study, number), study.modality
    data.InstitutionName, data.StudyDescription, data.SeriesDescription = study.institution, study.title, study.title
    data.PatientName, data.PatientID, data.IssuerOfPatientID = f"INVENTED^PATIENT {number}", patient(number), study.site
    data.PatientBirthDate, data.PatientSex = study.born, study.sex
    data.BodyPartExamined, data.SeriesNumber, data.InstanceNumber = study.region, 1, 1
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = study.code, "99LOCAL", study.title
    data.ProcedureCodeSequence = [code]
    data.Rows = data.Columns = 4
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = bytes(16)
    return data


def accession(study: Study, number: int) -> str:
    """Return the accession number: the site and the study's place in the list."""
    return f"{study.site[:3]}26{number:05d}"


def patient(number: int) -> str:
    """Return an invented patient number."""
    return f"X{3000 + number}"


def study_number(study: Study, number: int) -> int:
    """Return the last arc of the study's UID, unlike in the two departments."""
    return number + (100 if study.site == "HARBOUR" else 200)


if __name__ == "__main__":
    sys.exit(main())
