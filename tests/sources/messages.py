"""HL7 messages for tests: invented people, built from segments, and the one piece of news that a message gives."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from routing.sources.hl7 import read_hl7
from routing.sources.news import News, Reading
from routing.sources.profiles import Profiles

SHARED = Path(__file__).resolve().parents[3] / "shared"

PID = "PID|1||5100^^^STO^MR||EXAMPLE^ROBIN||19700402|F"


def header(
    kind: str = "ORM^O01", *, charset: str = "UNICODE UTF-8", sent: str = "20260317103000", number: str = "C1"
) -> str:
    return f"MSH|^~\\&|RIS|STO|ROUTER|PACS|{sent}||{kind}|{number}|P|2.5.1||||||{charset}"


def obr(accession: str = "STO26030101", **fields: str) -> str:
    """Return an OBR with its usual fields; others are given as f25="F"."""
    usual = {"f1": "1", "f2": "PL1", "f3": "FL1", "f4": "CCHES^CT Chest^99NICIP", "f18": accession, "f24": "CT"}
    said = usual | fields
    return "|".join(["OBR", *(said.get(f"f{place}", "") for place in range(1, 48))]).rstrip("|")


def message(*segments: str, charset: str = "utf-8", end: str = "\r") -> bytes:
    return "".join(segment + end for segment in segments).encode(charset)


def order(*segments: str, **fields: str) -> bytes:
    """Return an ORM^O01 of one order; *segments* come after its OBR."""
    return message(header(), PID, "ORC|NW|PL1|FL1||SC", obr(**fields), *segments)


def report(status: str = "F", *results: str, **fields: str) -> bytes:
    """Return an ORU^R01 of one OBR with that OBR-25; *results* are OBX segments."""
    said = {"f22": "20260317113000", "f25": status} | fields
    return message(header("ORU^R01^ORU_R01"), PID, obr(**said), *(results or ("OBX|1|TX|X&GDT||Normal.||||||F",)))


def reading(data: bytes, profiles: Profiles | None = None) -> Reading:
    (only,) = read_hl7(data, profiles)
    return only


def news(data: bytes, profiles: Profiles | None = None) -> News:
    (only,) = reading(data, profiles).news
    return only


def values(told: News, *names: str) -> dict[str, Any]:
    return {name: told.attributes[name].value if name in told.attributes else None for name in names}


def kinds(problems: Iterable[Any]) -> list[str]:
    return [problem.kind for problem in problems]


# what a careful sender may write into a field: no control characters, which framing and segments are made of
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
