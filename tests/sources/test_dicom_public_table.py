"""Every public DICOM file that is read, against what pydicom reads of it, attribute by attribute and by hand.

The files are not ours to ship; these tests run where they lie beside the project.
"""

from __future__ import annotations

import re
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pydicom
import pydicom.config
import pytest

from routing.sources.dicom import read_dicom
from tests.sources.datasets import SHARED

SAMPLES = SHARED / "samples" / "dicom"
FILES = sorted(SAMPLES.glob("*/*")) if SAMPLES.is_dir() else []
SIDES = {"L": "L", "R": "R", "B": "B"}

pytestmark = pytest.mark.skipif(not FILES, reason="the public samples are not here")


def readable() -> list[Any]:
    """Return the files that are read; of one behind a stray blank, pydicom makes nothing."""
    return [
        pytest.param(file, id=f"{file.parent.name}/{file.name}")
        for file in FILES
        if file.name != "no_meta.dcm" and not read_dicom(file).refused
    ]


def by_pydicom(file: Path) -> dict[str, Any]:
    with warnings.catch_warnings(), pydicom.config.disable_value_validation():
        warnings.simplefilter("ignore")
        made = pydicom.dcmread(file, force=True, stop_before_pixels=True)

        def said(keyword: str) -> str:
            value = made.get(keyword)
            return "" if value is None else str(value).strip("\0 ")

        # the one file with ISO 2022 IR 58, whose switches pydicom leaves in
        whole = said("PatientName").replace("\x1b$)A", "")
        name = "=".join(group.strip().rstrip("^") for group in whole.split("=")).rstrip("=")
        doctors = (said("ReferringPhysicianName"), said("RequestingPhysician"))
        askers = ["^".join(part.strip() for part in one.split("=")[0].split("^")[:2]).rstrip("^") for one in doctors]
        asker = next((one for one in askers if one), "")
        issuers = [
            item.get("LocalNamespaceEntityID") or item.get("UniversalEntityID")
            for item in made.get("IssuerOfAccessionNumberSequence") or []
        ]
        qualifiers = made.get("IssuerOfPatientIDQualifiersSequence") or []
        authority = said("IssuerOfPatientID") or next((item.get("UniversalEntityID") for item in qualifiers), None)
        codes = [
            str(item.CodeValue)
            for keyword in ("ProcedureCodeSequence", "RequestedProcedureCodeSequence", "PerformedProtocolCodeSequence")
            for item in made.get(keyword) or []
            if "CodeValue" in item
        ]
        years = re.fullmatch(r"(\d{3})Y", said("PatientAge"))
        return {
            "accession_issuer": next(iter(issuers), None),
            "patient_id_issuer": (authority or None) if said("PatientID") else None,
            "patient_name": name or None,
            "birth_date": day_of(said("PatientBirthDate")),
            "sex": said("PatientSex").upper() if said("PatientSex").upper() in {"F", "M", "O"} else None,
            "age_years": int(years[1]) if years and years[1] != "000" else None,
            "side": SIDES.get(said("ImageLaterality") or said("Laterality")),
            "agent": bool(said("ContrastBolusAgent")),
            "department": said("InstitutionalDepartmentName") or None,
            "institution": said("InstitutionName") or None,
            "location": said("CurrentPatientLocation") or None,
            "referrer": asker or None,
            "procedure_code": set(codes),
        }


def day_of(text: str) -> date | None:
    digits = text.replace(".", "")
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return None if (day.month, day.day, day.year) == (1, 1, 1900) or day.year < 1700 else day


@pytest.mark.parametrize("file", readable())
def test_the_attributes_are_those_that_pydicom_reads(file: Path) -> None:
    news = read_dicom(file).news
    known = news[0].attributes.known
    age = known.get("age")

    mine = {
        "accession_issuer": known.get("accession_issuer"),
        "patient_id_issuer": known.get("patient_id_issuer"),
        "patient_name": next(iter(known.get("patient_name", ())), None),
        "birth_date": known.get("birth_date"),
        "sex": known.get("sex"),
        "age_years": age.years if age is not None and age.precision == "years" else None,
        "side": next(iter(known.get("laterality", ())), None),
        "agent": known.get("contrast") is not None,
        "department": known.get("department"),
        "institution": next(iter(known.get("institution", ())), None),
        "location": known.get("location"),
        "referrer": known.get("referrer"),
        "procedure_code": {code for one in news for code in one.attributes.known.get("procedure_code", ())},
    }

    assert mine == by_pydicom(file)
