"""The public DICOM samples: each accounted for, and attributes as an independent reading gives them.

The files are not ours to ship; these tests run where they lie beside the project.
"""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pydicom
import pydicom.config
import pytest

from routing.attributes import Duration
from routing.sources.dicom import read_dataset, read_dicom
from tests.sources.datasets import SHARED, kinds, values

SAMPLES = SHARED / "samples" / "dicom"
FILES = {str(file.relative_to(SAMPLES)): file for file in sorted(SAMPLES.glob("*/*"))} if SAMPLES.is_dir() else {}

pytestmark = pytest.mark.skipif(not FILES, reason="the public samples are not here")

EAST = timezone(-timedelta(hours=4))
EASTERN = timezone(-timedelta(hours=5))


def _at(*parts: int, zone: Any = None) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


REFUSED = {
    "fo-dicom/GH220.dcm": "no_key",
    "fo-dicom/GH223.dcm": "no_key",
    "fo-dicom/GH487.dcm": "no_key",
    "orthanc-tests/Issue196.dcm": "truncated",
    "pydicom/UN_sequence.dcm": "no_key",
    "pydicom/chrSQEncoding.dcm": "no_key",
    "pydicom/chrSQEncoding1.dcm": "no_key",
    "pydicom/dicomdirtests_DICOMDIR": "dicomdir",
    "pydicom/empty_charset_LEI.dcm": "truncated",
    "pydicom/meta_missing_tsyntax.dcm": "truncated",
    "pydicom/nested_priv_SQ.dcm": "truncated",
    "pydicom/no_meta_group_length.dcm": "truncated",
    "pydicom/priv_SQ.dcm": "no_key",
}

DOUBTS = {
    "fo-dicom/GH1301.dcm": ["sex"],
    "fo-dicom/GH178.dcm": ["accession"],
    "pydicom/ExplVR_BigEnd.dcm": ["date"],
    "pydicom/ExplVR_BigEndNoMeta.dcm": ["no_preamble"],
    "pydicom/ExplVR_LitEndNoMeta.dcm": ["no_preamble"],
    "pydicom/MR_truncated.dcm": ["truncated"],
    "pydicom/meta_missing_tsyntax.dcm": ["file_meta"],
    "pydicom/no_meta.dcm": ["no_preamble", "stray"],  # a blank stands before its first element
    "pydicom/rtplan_truncated.dcm": ["truncated"],
    "pydicom/rtstruct.dcm": ["no_preamble"],
}

# written from dumps of the files, attribute by attribute; None: unknown
SAYS: dict[str, dict[str, Any]] = {
    "fo-dicom/1403-OB.dcm": {
        "accession": "ANON119084194093",
        "modality": ("OT",),
        "birth_date": date(1942, 1, 1),
        "sex": "F",
        "exam_end": _at(2016, 11, 9, 10, 14, 23),
        "description": ("OTHERS", "#1403 odd length and OB PixelData"),
        "referrer": "Anonymous^Unknown",
    },
    "fo-dicom/GH1146.dcm": {
        "accession": "123456",
        "modality": ("MR",),
        "body_part": ("BRAIN",),
        "laterality": None,
        "contrast": None,
        "age": Duration(years=26, precision="years"),
        "birth_date": date(1994, 8, 20),
        "sex": "M",
        "referrer": None,
        "exam_end": _at(2020, 8, 20, 10, 25, 21),
    },
    "fo-dicom/GH1301.dcm": {"sex": None, "patient_name": ("Wang^XiaoDong=王^小东",), "modality": ("OT",)},
    "fo-dicom/GH178.dcm": {
        "accession": "9999999",
        "modality": ("CT",),
        "birth_date": None,
        "age": Duration(years=81, precision="years"),
        "station": "ct01",
        "exam_end": _at(2014, 1, 6, 8, 14, 25),
    },
    "fo-dicom/chrGB2312.dcm": {"patient_name": ("Zhang^XiaoDong=张^小东",)},
    "highdicom/dx_image.dcm": {
        "accession": "16387a",
        "modality": ("DX",),
        "body_part": ("THORAX",),
        "laterality": ("L",),
        "contrast": None,
        "birth_date": date(2014, 4, 22),
        "age": Duration(years=5, precision="years"),
        "exam_end": _at(2020, 1, 25, 10, 50, 0, 115_000),
        "institution": ("Veterinarian",),
        "station": "DEVO",
    },
    "highdicom/seg_image_ct_binary.dcm": {
        "modality": None,
        "companions": ("SEG",),
        "accession": "2",
        "description": ("CT, HEAD/BRAIN WO CONTRAST",),
        "exam_end": _at(1995, 9, 3, 17, 30, 32),
    },
    "highdicom/sm_annotations.dcm": {"modality": None, "companions": ("ANN",)},
    "highdicom/sm_image.dcm": {
        "accession": "S19-1_A_1_1",
        "accession_issuer": "http://test.org/specimens/2019",
        "patient_id": "AA01",
        "patient_id_issuer": "http://test.org/mrns",
        "modality": ("SM",),
        "birth_date": date(1789, 5, 5),
        "exam_end": _at(2009, 12, 29, 9, 59, 15),
    },
    "highdicom/sr_document.dcm": {
        "modality": None,
        "companions": ("SR",),
        "age": None,
        "sex": "O",
        "report_status": "preliminary",
        "exam_end": _at(2004, 1, 19, 7, 27, 30),
    },
    "orthanc-tests/CR000000.dcm": {
        "accession": None,
        "modality": ("CR",),
        "body_part": ("B?CKEN",),
        "description": ("Bäcken", "BÄCKEN FRONTAL"),
        "age": Duration(years=86, precision="years"),
        "exam_end": None,
    },
    "orthanc-tests/Issue137.dcm": {"study_uid": "4.5.6", "modality": None, "companions": ("M3D",)},
    "orthanc-tests/Issue140.dcm": {"accession": "RadioLogic-4321", "modality": ("OT",)},
    "orthanc-tests/Issue146.dcm": {"exam_end": date(2020, 1, 1), "modality": None},
    "orthanc-tests/Issue195.dcm": {"description": ("Hello1",)},
    "orthanc-tests/Issue195-bis.dcm": {"description": None},
    "orthanc-tests/MarekLatin2.dcm": {
        "accession": "73",
        "companions": ("SR",),
        "report_status": "preliminary",
        "station": "RSR2",
        "exam_end": _at(2014, 4, 4, 9, 33, 23),
    },
    "orthanc-tests/PR000000.dcm": {"modality": None, "companions": ("PR",), "exam_end": None},
    "orthanc-tests/SR_IM0.dcm": {"companions": ("SR",), "report_status": "preliminary"},
    "pydicom/CT_small.dcm": {
        "accession": None,
        "modality": ("CT",),
        "age": None,
        "contrast": "given",
        "station": "CT01_OC0",
        "exam_end": _at(1997, 4, 30, 11, 29, 36, zone=EASTERN),
    },
    "pydicom/ExplVR_BigEnd.dcm": {"modality": ("US",), "exam_end": _at(1997, 4, 24, 14, 4, 38)},
    "pydicom/ExplVR_LitEndNoMeta.dcm": {"companions": ("RTPLAN",), "exam_end": _at(2015, 5, 15, 10, 53, 51)},
    "pydicom/JPEG2000.dcm": {
        "modality": ("NM",),
        "body_part": ("WHOLEBODY",),
        "description": ("Whole Body Bone",),
        "exam_end": _at(1997, 8, 6, 12, 29, 31, zone=EAST),
    },
    "pydicom/SC_rgb_small_odd.dcm": {"age": Duration(years=24, precision="years"), "modality": ("OT",)},
    "pydicom/badVR.dcm": {"modality": None, "companions": ("RTDOSE",), "station": "Computer001"},
    "pydicom/chrFren.dcm": {"patient_name": ("Buc^Jérôme",)},
    "pydicom/chrH32.dcm": {"patient_name": ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",)},
    "pydicom/chrJapMulti.dcm": {
        "accession": "2008050417172310",
        "modality": ("CR",),
        "body_part": ("CHEST",),
        "station": "CR250",
        "age": None,
        "exam_end": _at(2008, 5, 4, 17, 17, 15),
    },
    "pydicom/chrX1.dcm": {"patient_name": ("Wang^XiaoDong=王^小東",)},
    "pydicom/dicomdirtests_CR1_6154.dcm": {
        "accession": "2",
        "modality": ("CR",),
        "body_part": ("CSPINE",),
        "age": Duration(years=47, precision="years"),
        "sex": None,
        "birth_date": None,
        "exam_end": _at(2001, 1, 1, zone=UTC),
    },
    "pydicom/dicomdirtests_MR1_15820.dcm": {
        "accession": "428",
        "body_part": None,
        "description": ("Carotids", "FAST LOCALIZER"),
        "exam_end": _at(2003, 5, 5, 5, 8, 29, zone=UTC),
    },
    "pydicom/no_meta.dcm": {
        "study_uid": "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322",
        "modality": ("CT",),
        "accession": None,
    },
    "pydicom/rtplan_truncated.dcm": {
        "companions": ("RTPLAN",),
        "department": "Radiation Therap",
        "station": "COMPUTER002",
    },
    "pydicom/rtstruct.dcm": {"accession": "1", "companions": ("RTSTRUCT",), "birth_date": date(1969, 12, 31)},
}


@pytest.mark.parametrize("name", FILES)
def test_every_public_file_is_read_or_refused_with_its_reason(name: str) -> None:
    read = read_dicom(FILES[name])

    assert (read.refused.kind if read.refused else None) == REFUSED.get(name)
    assert kinds(read) == DOUBTS.get(name, [])
    assert read.refused or len(read.news) == 1
    if read.kind == "dicom":
        assert read_dicom(read.raw) == read


@pytest.mark.parametrize("name", SAYS)
def test_the_attributes_are_those_of_a_reading_by_hand(name: str) -> None:
    (one,) = read_dicom(FILES[name]).news

    assert {key: values(one).get(key) for key in SAYS[name]} == SAYS[name]


# pydicom takes the stray byte for part of the first tag, and finds nothing
BY_PYDICOM = [name for name in FILES if name not in {*REFUSED, "pydicom/no_meta.dcm"}]


@pytest.mark.parametrize("name", BY_PYDICOM)
def test_pydicom_reads_the_same_texts(name: str) -> None:
    """Where pydicom can read a value at all, it says the same."""
    with warnings.catch_warnings(), pydicom.config.disable_value_validation():
        warnings.simplefilter("ignore")
        made = pydicom.dcmread(FILES[name], force=True, stop_before_pixels=True)
        said = {
            keyword: str(made.get(keyword, "") or "").strip("\0 ")
            for keyword in ("AccessionNumber", "StudyInstanceUID", "PatientID", "StationName", "StudyDescription")
        }
        modality = str(made.get("Modality", "") or "")

    (one,) = read_dicom(FILES[name]).news
    known = values(one)

    assert known.get("accession", "") == said["AccessionNumber"]
    assert known.get("study_uid", "") == said["StudyInstanceUID"]
    assert known.get("patient_id", "") == said["PatientID"]
    assert known.get("station", "") == said["StationName"]
    assert (known.get("description") or ("",))[0] == said["StudyDescription"] or not said["StudyDescription"]
    assert (*known.get("modality", ()), *known.get("companions", ())) == ((modality,) if modality else ())


@pytest.mark.parametrize("name", BY_PYDICOM)
def test_a_dataset_that_pydicom_read_says_what_the_file_says(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pydicom.dcmread(FILES[name], force=True)

    mine, its = read_dicom(FILES[name]), read_dataset(made)

    assert [values(one) for one in its.news] == [values(one) for one in mine.news]
