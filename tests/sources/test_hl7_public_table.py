"""Every message of every public HL7 file against a second, plain reading of it: split by hand, with nothing shared.

The files are not ours to ship; these tests run where they lie beside the project.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from routing.sources.hl7 import read_hl7
from routing.sources.news import News, NewsKind, Reading
from tests.sources.messages import SHARED

SAMPLES = SHARED / "samples" / "hl7"
FILES = sorted(file for file in SAMPLES.glob("*/*") if file.suffix != ".csv") if SAMPLES.is_dir() else []
CLASSES = {"E": "emergency", "I": "inpatient", "O": "outpatient", "P": "preadmit", "R": "recurring", "B": "obstetrics"}
ESCAPES = {"\\F\\": "|", "\\S\\": "^", "\\T\\": "&", "\\R\\": "~", "\\E\\": "\\", "\\.br\\": "\n"}

pytestmark = pytest.mark.skipif(not FILES, reason="the public samples are not here")


class Split:
    """A message split by hand: lines that begin with a segment's name, cut at the signs that its MSH names."""

    def __init__(self, raw: bytes) -> None:
        text = decoded(raw)
        self.bar, self.hat = text[3], text[4]
        others = text[5:8] if text[5:6] != self.bar else ""
        self.tilde = others[:1]
        self.lines = [
            line.strip(" ").split(self.bar)
            for line in re.split(r"[\r\n]+", text)
            if re.match(r"\s*[A-Z][A-Z0-9]{2}(?:\W|$)", line)
        ]
        for line in self.lines:
            if line[0] == "MSH":
                line.insert(1, self.bar)

    def groups(self) -> list[dict[str, list[str]]]:
        """Return the segments by name for each OBR (or ORC without one): the first of each name that belongs to it."""
        shared: dict[str, list[str]] = {}
        groups: list[dict[str, list[str]]] = []
        for line in self.lines:
            name = line[0]
            opens = name == "ORC" or (name == "OBR" and (not groups or "OBR" in groups[-1]))
            if opens:
                groups.append({**({"ORC^": groups[-1]["ORC"]} if groups and "ORC" in groups[-1] else {})})
            if name == "PID":
                shared = {**shared, "PID": line}
            if groups and name != "PID":
                groups[-1].setdefault(name, line)
            else:
                shared.setdefault(name, line)
        return [{**shared, **group} for group in groups] or [shared]

    def get(self, group: dict[str, list[str]], name: str, field: int, component: int = 1) -> str:
        """Return a component of a field's first repetition, in plain text."""
        line = group.get(name, [])
        raw = line[field] if field < len(line) else ""
        raw = raw.split(self.tilde)[0] if self.tilde else raw
        parts = raw.split(self.hat)
        said = parts[component - 1] if component <= len(parts) else ""
        said = said.split("&")[0] if component != 2 else said
        for escape, sign in ESCAPES.items():
            said = said.replace(escape, sign)
        said = said.strip()
        return "" if said == '""' else said


def decoded(raw: bytes) -> str:
    for codec in ("utf-8", "cp1252", "latin-1"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise AssertionError


def pairs() -> list[Any]:
    found = []
    for file in FILES:
        for place, reading in enumerate(read_hl7(file.read_bytes())):
            if reading.kind == "hl7" and reading.news:
                found.append(pytest.param(reading, id=f"{file.parent.name}/{file.name}-{place}"))
    return found


def expected(split: Split, group: dict[str, list[str]], kind: NewsKind) -> dict[str, Any]:
    """Return what a plain reading makes of one order group."""
    get = lambda *where: split.get(group, *where)  # noqa: E731 - short names for many reads
    name = "^".join(get("PID", 5, at) for at in (1, 2, 3, 5, 4)).rstrip("^")
    place = "^".join(get("PV1", 3, at) for at in (1, 2, 3)).rstrip("^")
    said: dict[str, Any] = {
        "patient_name": (name,) if name else None,
        "birth_date": day_of(get("PID", 7)),
        "sex": get("PID", 8) if get("PID", 8) in {"F", "M", "O"} else None,
        "patient_class": CLASSES.get(get("PV1", 2)),
        "location": place or None,
    }
    if kind not in {NewsKind.ORDER, NewsKind.REPORT}:
        return said
    own_orc = "ORC" if "ORC" in group else ""
    places = (("IPC", 1), ("OBR", 18), ("OBR", 3), (own_orc, 3))
    number = next((word for segment, field in places if (word := get(segment, field))), None)
    if number == "MR" and get("OBR", 18, 2):  # MR^20061213-0007: one number, with the sign for components in it
        number = f"MR^{get('OBR', 18, 2)}"
    return said | {
        "accession": number,
        "procedure_code": get("OBR", 4, 1) or None,
        "description": get("OBR", 4, 2) or None,
        "exam_start": (get("OBR", 7)[:8] or None) if re.match(r"\d{8}", get("OBR", 7)) else None,
    }


def day_of(text: str) -> str | None:
    """Return the day that a text begins with, in ISO form; None for one that no calendar has."""
    try:
        return str(date(int(text[:4]), int(text[4:6]), int(text[6:8])))
    except ValueError:
        return None


def told(news: News, kind: NewsKind) -> dict[str, Any]:
    known = news.attributes.known
    said = {name: known.get(name) for name in ("patient_name", "sex", "patient_class", "location")}
    said["birth_date"] = str(known["birth_date"]) if "birth_date" in known else None
    if kind not in {NewsKind.ORDER, NewsKind.REPORT}:
        return said
    start = known.get("exam_start")
    return said | {
        "accession": news.keys.accession,
        "procedure_code": next(iter(known.get("procedure_code", ())), None),
        "description": next(iter(known.get("description", ())), None),
        "exam_start": start.strftime("%Y%m%d") if start else None,
    }


@pytest.mark.parametrize("reading", pairs())
def test_a_plain_reading_says_the_same(reading: Reading) -> None:
    split = Split(reading.raw)
    groups = [group for group in split.groups() if "PID" in group or "OBR" in group]
    kinds = {news.kind for news in reading.news}
    if kinds <= {NewsKind.ORDER, NewsKind.REPORT} and len(groups) >= len(reading.news):
        for news, group in zip(reading.news, groups, strict=False):
            assert told(news, news.kind) == expected(split, group, news.kind)
    else:
        numbers = {
            split.get({"PID": line}, "PID", 3) or split.get({"PID": line}, "PID", 2)
            for line in split.lines
            if line[0] == "PID"
        }
        for news in reading.news:
            assert news.patient.number in numbers
