"""The options that commands share, and how their values are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"`{text}` is no instant; write 2026-03-10T18:00:00+00:00") from None
    if instant.tzinfo is None:
        example = instant.replace(tzinfo=UTC).isoformat()
        raise typer.BadParameter(f"`{text}` has no time zone; write {example} or the like")
    return instant


def _facts(text: str) -> dict[str, dict[str, Any]]:
    try:
        facts = json.loads(Path(text).read_text(encoding="utf-8"))
    except OSError as failed:
        raise typer.BadParameter(f"{text}: {failed.strerror}") from failed
    except ValueError as failed:
        raise typer.BadParameter(f"{text} is not JSON: {failed}") from failed
    if not isinstance(facts, dict) or not all(isinstance(one, dict) for one in facts.values()):
        raise typer.BadParameter(f"{text}: expected an object of accession or study UID to an object of facts")
    return facts


def _profile(text: str) -> Path:
    from routing.errors import ProfileError
    from routing.sources.profiles import Profiles

    try:
        Profiles.load(text)
    except ProfileError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    return Path(text)


Book = Annotated[Path, typer.Argument(help="The rulebook, a .rules file.", metavar="BOOK", exists=True, dir_okay=False)]
Paths = Annotated[  # one that cannot be read is a line of the output, not the end of the run
    list[Path],
    typer.Argument(help="DICOM files, HL7 files, or folders of them.", metavar="PATH...", readable=False),
]
Store = Annotated[str, typer.Option("--store", help="The worklist store: a file, or a URL.", metavar="DB")]
Output = Annotated[Format, typer.Option("--format", help="How to print.", case_sensitive=False)]
At = Annotated[
    datetime | None,
    typer.Option("--at", parser=_instant, help="Take this instant for now and for the arrival.", metavar="INSTANT"),
]
Facts = Annotated[
    dict | None,  # type: ignore[type-arg]  # typer cannot take a parameterised dict
    typer.Option("--facts", parser=_facts, help="JSON: facts by accession or study UID.", metavar="FILE"),
]
Profile = Annotated[
    Path | None,
    typer.Option("--profile", parser=_profile, help="Sender profiles (TOML).", metavar="FILE"),
]
By = Annotated[str, typer.Option("--by", help="Who acts.", metavar="NAME")]
AsReader = Annotated[
    str | None,
    typer.Option("--reader", help="Told as this reader may know it: blind reads are not told.", metavar="NAME"),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 when any input could not be read.")]
Identity = Annotated[bool, typer.Option("--identity", help="Print patient identity too.")]
WithAttributes = Annotated[bool, typer.Option("--attributes", help="Add the attributes with raw value and source.")]
