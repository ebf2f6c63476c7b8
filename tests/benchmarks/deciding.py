"""What deciding takes, beside other engines and beside what reading alone takes: python -m tests.benchmarks.deciding

Every figure is a median over rounds of the same run, in microseconds of the processor's time, so that what others do on
the machine stays out; what is compared takes turns. The answers are compared before anything is measured. Engines that are not installed are left out (`pip install .[bench]`).
"""

from __future__ import annotations

import gc
import io
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from routing.rulebook import Rulebook
from tests.benchmarks.engines import ENGINES, Engine
from tests.benchmarks.made_up import AT, as_rulebook, rules, subjects
from tests.benchmarks.test_reading import ORDER
from tests.sources.messages import message

SIZES = (10, 100, 1_000, 10_000)
SLOW = {"cel", "zen", "rule_engine"}  # a few subjects are enough for these


def once(make: Callable[[Any], Any], things: Sequence[Any]) -> float:
    """Return what one call takes, in microseconds of the processor's time."""
    start = time.process_time()
    for one in things:
        make(one)
    return (time.process_time() - start) / len(things) * 1e6


def timed(make: Callable[[Any], Any], things: Sequence[Any], rounds: int = 15) -> float:
    """Return the median over rounds of what one call takes, in microseconds."""
    return median(once(make, things) for _ in range(rounds))


def in_turn(cases: Mapping[str, tuple[Callable[[Any], Any], Callable[[], Sequence[Any]]]]) -> dict[str, float]:
    """Return the median of each case over rounds in which all of them take turns."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(15):
        for name, (make, things) in cases.items():
            given = things()
            once(make, given[:5])  # so that none of them pays for what the one before it has pushed out
            found[name].append(once(make, given[5:]))
    return {name: median(times) for name, times in found.items()}


def engines(sizes: Iterable[int] = SIZES, names: Iterable[str] = tuple(ENGINES)) -> list[tuple[str, dict[int, float]]]:
    """Return what each engine takes for each number of rules. Raises AssertionError where two answers differ."""
    table: dict[str, dict[int, float]] = {}
    for size in sizes:
        made, known = rules(size), subjects(200)
        expected: list[str] | None = None
        for name in names:
            if name in SLOW and size > 1_000:  # they take minutes there
                continue
            try:
                engine: Engine = ENGINES[name](made)
            except ImportError:
                continue
            title, prepare, decide, read = engine
            given = [prepare(one) for one in (known[:20] if name in SLOW else known)]
            answers = [read(decide(one)) for one in given]
            expected = expected or answers
            assert answers == expected[: len(answers)], f"{title} answers otherwise at {size} rules"
            gc.collect()
            table.setdefault(title, {})[size] = timed(decide, given, 3 if name in SLOW else 15)
    return list(table.items())


def sources() -> list[tuple[str, float, str, float]]:
    """Return what deciding takes from a Dataset, from DICOM and from HL7 bytes, beside what reading alone takes."""
    from pydicom import dcmread

    book = Rulebook.loads(as_rulebook(rules(1_000)))
    data = _dicom()
    names = (
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Modality", "BodyPartExamined",
        "StudyDescription", "SeriesDescription", "AccessionNumber", "PatientID", "PatientBirthDate", "StudyDate",
        "StudyTime", "InstitutionName", "StationName", "PatientSex",
    )  # fmt: skip

    def read(dataset: Any) -> list[Any]:
        return [getattr(dataset, name, None) for name in names]

    def parsed(one: bytes) -> Any:
        return dcmread(io.BytesIO(one), stop_before_pixels=True)

    def decide(one: Any) -> Any:
        return book.decide(one, at=AT)

    took = in_turn(
        {
            "dataset": (decide, lambda: [parsed(data) for _ in range(105)]),
            "elements": (read, lambda: [parsed(data) for _ in range(105)]),
            "dicom": (decide, lambda: [data] * 105),
            "parsed": (parsed, lambda: [data] * 105),
            "parsed, elements": (lambda one: read(parsed(one)), lambda: [data] * 105),
        }
    )
    found = [
        ("fresh Dataset", took["dataset"], "reading the same elements", took["elements"]),
        ("DICOM bytes", took["dicom"], "dcmread and reading the same elements", took["parsed, elements"]),
        ("DICOM bytes", took["dicom"], "dcmread alone", took["parsed"]),
    ]
    try:
        import hl7
    except ImportError:
        return found
    for sent in (ORDER, SHORT_ORDER):
        ours, theirs = [sent] * 105, [sent.decode()] * 30
        took = in_turn({"ours": (decide, partial(list, ours)), "theirs": (hl7.parse, partial(list, theirs))})
        found.append((f"HL7 order, {len(sent)} bytes", took["ours"], "hl7.parse alone", took["theirs"]))
    return found


def _dicom() -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    said = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SOPInstanceUID": "1.2.3.1.1",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
        "Modality": "CT",
        "BodyPartExamined": "HEAD",
        "StudyDescription": "CT HEAD WITH CONTRAST",
        "SeriesDescription": "Axial 1.0",
        "AccessionNumber": "A-1",
        "PatientID": "P-1",
        "PatientName": "Made^Up",
        "PatientBirthDate": "19700101",
        "PatientSex": "F",
        "StudyDate": "20260310",
        "StudyTime": "101500",
        "InstitutionName": "City",
        "StationName": "CT1",
        "Manufacturer": "Made up",
        "Rows": 512,
        "Columns": 512,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "SamplesPerPixel": 1,
        "PixelRepresentation": 0,
        "PhotometricInterpretation": "MONOCHROME2",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "ImagePositionPatient": [0, 0, 0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.5, 0.5],
        "InstanceNumber": 1,
        "SeriesNumber": 1,
    }
    for name, value in said.items():
        setattr(dataset, name, value)
    dataset.PixelData = bytes(512 * 512 * 2)
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


SHORT_ORDER = message(
    r"MSH|^~\&|RIS|CITY|PACS|CITY|20260310101500||ORM^O01|M-1|P|2.4",
    "PID|1||P-1^^^CITY||Made^Up||19700101|F",
    "PV1|1|E|ED^RESUS^1||||||||||||||||V-1",
    "ORC|NW|O-1|F-1||SC||||20260310100000|||REF^Made^Up",
    "OBR|1|O-1|F-1|CTHEAD^CT head^LOCAL|||20260310100000|||||||||REF^Made^Up||A-1||||||CT|||^^^^^S||||headache",
)


def main(sizes: Iterable[int] = SIZES, out: Any = sys.stdout) -> None:
    """Print both tables."""
    sizes = tuple(sizes)
    table = engines(sizes)
    print(f"{'microseconds a decision':32}" + "".join(f"{size:>20,}" for size in sizes), file=out)
    usual = dict(table[0][1])
    for title, row in table:
        cells = [f"{row[size]:12,.1f} {row[size] / usual[size]:6.1f}x" if size in row else f"{'':19}" for size in sizes]
        print(f"{title:32}" + "".join(f"{cell:>20}" for cell in cells), file=out)
    first, last = sizes[-2:]
    print(f"{last:,} rules to {first:,}: {usual[last] / usual[first]:.2f} times", file=out)
    print(f"\n{'from':24}{'ours, us':>10}  beside", file=out)
    for title, mine, other, theirs in sources():
        print(
            f"{title:24}{mine:10,.0f}  {other} {theirs:,.0f}: {mine / theirs:.2f} times, {theirs / mine:.1f} times faster",
            file=out,
        )


if __name__ == "__main__":
    main()
