"""Statements: what a PACS team wants to say, with the studies that show what it means (format in cases/README.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from attrs import frozen


@frozen(kw_only=True)
class Case:
    """One study of a statement: what is known of it, when it arrives, and what the right decision says."""

    name: str
    known: Mapping[str, Any]  # attributes and facts together, as `decide` takes them
    at: datetime
    expect: Mapping[str, Any]


@frozen(kw_only=True)
class Check:
    """A proof: a guarantee that is "proved" or "refuted", or the rule that `never_wins` (None: each rule can)."""

    guarantee: str | None
    expect: str | None
    never_wins: str | None


@frozen(kw_only=True)
class Statement:
    """One file: its cases, the changes that must not load, its proofs, and the files that its rulebook refers to."""

    name: str
    zone: ZoneInfo
    cases: tuple[Case, ...]
    refused: tuple[str, ...]
    checks: tuple[Check, ...]
    files: Mapping[str, bytes]


def read_statements(folder: Path) -> Iterator[Statement]:
    """Yield the statements of *folder*, by name: `17-….yaml`, or a folder of that name with a `scenario.yaml`."""
    paths = [*folder.glob("*.yaml"), *folder.glob("*/scenario.yaml")]
    for path in sorted(paths, key=_name):
        yield read_statement(path)


def read_statement(path: Path) -> Statement:
    """Read one statement. A date or time without an offset is local to its `timezone`."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    zone = ZoneInfo(text.get("timezone", "UTC"))
    return Statement(
        name=_name(path),
        zone=zone,
        cases=tuple(_case(case, zone) for case in text.get("cases") or ()),
        refused=tuple(entry["says"] for entry in text.get("refused") or ()),
        checks=tuple(_check(entry) for entry in text.get("checks") or ()),
        files=dict(_beside(path)) | dict(_files(text.get("data") or {}, path.parent)),
    )


def moment(value: Any, zone: ZoneInfo) -> datetime:
    """Return an instant of a statement: text, or what YAML made of it; without an offset it is local to *zone*."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _name(path: Path) -> str:
    return path.parent.name if path.name == "scenario.yaml" else path.stem


def _case(text: Mapping[str, Any], zone: ZoneInfo) -> Case:
    known = {**(text.get("attributes") or {}), **(text.get("facts") or {})}
    return Case(name=str(text["name"]), known=known, at=moment(text["at"], zone), expect=text.get("expect") or {})


def _check(text: Mapping[str, Any]) -> Check:
    return Check(guarantee=text.get("guarantee"), expect=text.get("expect"), never_wins=text.get("never_wins"))


def _beside(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the tables that lie in the folder of a scenario, whether or not it lists them."""
    if path.name == "scenario.yaml":
        yield from ((beside.name, beside.read_bytes()) for beside in path.parent.glob("*.csv"))


def _files(data: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the tables and calendars by file name: written in the statement, or the names of files beside it."""
    for kind in ("tables", "calendars"):
        declared = data.get(kind) or {}
        if not isinstance(declared, Mapping):
            declared = dict.fromkeys(declared)
        for name, content in declared.items():
            file = name if Path(name).suffix else f"{name}.csv"
            yield file, (folder / file).read_bytes() if content is None else _content(content)


def _content(content: str | list[date | str]) -> bytes:
    text = content if isinstance(content, str) else "\n".join(["date", *map(str, content)]) + "\n"
    return text.encode()
