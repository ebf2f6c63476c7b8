"""Receiving files and folders into worklists: each input is durable by itself, and every path is accounted for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from routing.attributes import Attributes
from routing.dry_run import shown
from routing.errors import UnreadableInput

if TYPE_CHECKING:
    from routing.sources.news import Reading
    from routing.worklists import Receipt, Worklists

Track = Callable[..., Iterable[Any]]

# The outcome of a study is the one of its files that a person should hear of first.
_WORST = ("quarantined", "accepted_with_warning", "parked", "accepted", "duplicate_ignored")


@frozen(kw_only=True)
class Received:
    """The rows of a reception (DESIGN section 6), how many inputs there were and how many were set aside."""

    rows: tuple[dict[str, Any], ...]
    inputs: int
    quarantined: int


@frozen(kw_only=True)
class _Lot:
    """What became of one message, or of the files of one study that arrived together."""

    sources: list[str]
    receipts: list[Receipt] = field(factory=list)


def receive_paths(
    worklists: Worklists,
    paths: Sequence[str | Path],
    *,
    profile: Path | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    attributes: bool = False,
    identity: bool = False,
    track: Track | None = None,
) -> Received:
    """
    Receive everything under *paths*, one transaction for each input, and return a row for each message or study.

    What a process that was killed had received is there; receiving the same paths again takes in the rest, and what is
    there already changes nothing.

    Args:
        profile: a file of sender profiles (TOML).
        facts: the host's facts by accession or study UID; they come with each input that names that procedure.
        attributes: add each procedure's attributes as they stand after it; *identity* shows the patient's too.
        track: wraps the iterable of inputs, for a progress bar.

    Raises:
        RoutingError: the profiles cannot be read, or the store did not take an input; those before it are received.
    """
    from routing.sources.profiles import Profiles  # noqa: PLC0415 - only where inputs are read
    from routing.sources.read import read_path  # noqa: PLC0415 - pydicom comes with it

    profiles = Profiles.load(profile) if profile else Profiles.default()
    declared = getattr(worklists.rulebook, "declared", None)
    lots: dict[object, _Lot] = {}
    inputs = (found for path in paths for found in read_path(Path(path), profiles, declared))
    count = 0
    for name, reading in track(inputs) if track else inputs:
        count += 1
        lot = lots.setdefault(_lot_of(reading, count), _Lot(sources=[]))
        if name not in lot.sources:
            lot.sources.append(name)
        lot.receipts.append(worklists.receive(with_facts(reading, facts, declared) if facts else reading))
    rows = tuple(_row(lot, attributes=attributes, identity=identity) for lot in lots.values())
    aside = sum(receipt.outcome == "quarantined" for lot in lots.values() for receipt in lot.receipts)
    return Received(rows=rows, inputs=count, quarantined=aside)


def with_facts(reading: Reading, facts: Mapping[str, Mapping[str, Any]], declared: Mapping[str, Any] | None) -> Reading:
    """
    Return a reading with the host's facts about the procedures that it names.

    *facts* are keyed by accession or study UID; what they say of an attribute outranks the input, and one that cannot
    be understood or that nobody declares is a warning of the reading.
    """
    from routing.sources.mapping import from_mapping  # noqa: PLC0415 - only where facts are given

    news = []
    for one in reading.news:
        said = {**facts.get(one.keys.accession or "", {}), **facts.get(one.keys.study_uid or "", {})}
        if said:
            known, wrong = from_mapping(said, declared)
            one = evolve(  # noqa: PLW2901 - the same piece of news, with more in it
                one, attributes=Attributes({**one.attributes, **known}), warnings=(*one.warnings, *wrong)
            )
        news.append(one)
    return evolve(reading, news=tuple(news))


def read_census(path: Path) -> list[str]:
    """
    Return the accession numbers of a host's list: one a line, or a CSV file with a column `accession`.

    Raises:
        UnreadableInput: the file is a table without that column, or no text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as failed:
        raise UnreadableInput("census", f"{path} cannot be read as text") from failed
    if not lines or not (any(sign in lines[0] for sign in ",;\t") or lines[0].strip().lower() == "accession"):
        return [line.strip() for line in lines if line.strip()]
    separator = next((sign for sign in ";\t," if sign in lines[0]), ",")
    table = csv.DictReader(lines, delimiter=separator)
    column = next((name for name in table.fieldnames or () if name.strip().lower() == "accession"), None)
    if column is None:
        raise UnreadableInput("census", f"{path} has no column `accession`")
    return [row[column].strip() for row in table if (row[column] or "").strip()]


def _lot_of(reading: Reading, count: int) -> object:
    """Files of one study make one lot; anything else is a lot of its own."""
    if reading.kind == "dicom" and reading.refused is None:
        uids = frozenset(news.keys.study_uid for news in reading.news)
        if uids and None not in uids:
            return uids
    return count


def _row(lot: _Lot, *, attributes: bool, identity: bool) -> dict[str, Any]:
    outcome = min((receipt.outcome for receipt in lot.receipts), key=_WORST.index)
    procedures: dict[object, dict[str, Any]] = {}
    for receipt in lot.receipts:
        for named in receipt.procedures:
            one = named.as_dict()
            if attributes and named.attributes is not None:
                one["attributes"] = shown(named.attributes, identity=identity)
            procedures[named.id] = one
    warnings = [kind for receipt in lot.receipts for kind in receipt.as_dict()["warnings"]]
    return {
        "source": list(lot.sources),
        "outcome": outcome,
        "procedures": list(procedures.values()),
        "warnings": list(dict.fromkeys(warnings)),
        "ack": lot.receipts[-1].as_dict()["ack"],
    }
