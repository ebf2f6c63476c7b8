"""Whatever a host hands over, as readings: bytes, a pydicom Dataset, a mapping, a reading, or several of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from attrs import evolve

from routing.decision import Problem
from routing.errors import UnreadableInput
from routing.sources.news import Reading


def readings_of(
    source: Any, *, sender: str | None = None, message_id: str | None = None, profiles: Any = None, declared: Any = None
) -> list[Reading]:
    """Return the readings of what a host hands over, at least one where it holds anything.

    Args:
        source: bytes or text of HL7, bytes of a DICOM file, a Dataset, a mapping of attributes, a `Reading`, or a list.
        sender: who sent it, where the host knows better than the input.
        message_id: its identity with that sender.
        profiles: the sender profiles.
        declared: the attributes and facts that the rulebook declares.

    Raises:
        UnreadableInput: it is none of these. Nothing has been read.

    """
    readings = list(_readings(source, sender, profiles, declared))
    if message_id is not None and len(readings) == 1:
        readings = [evolve(readings[0], message_id=message_id)]
    return readings


def _readings(source: Any, sender: str | None, profiles: Any, declared: Any) -> Iterable[Reading]:
    if isinstance(source, Reading):
        return [source if sender is None else evolve(source, sender=sender)]
    if isinstance(source, str):
        source = _as_bytes(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return _named(_bytes(bytes(source), profiles, declared), sender)
    if isinstance(source, Mapping) and "resourceType" in source:
        from routing.sources.fhir import read_fhir  # noqa: PLC0415 - only for hosts that hand resources over

        return _named(read_fhir(source, profiles), sender)
    if isinstance(source, Mapping) and all(isinstance(name, str) for name in source):
        from routing.sources.mapping import read_mapping  # noqa: PLC0415 - only for hosts that hand mappings over

        words = profiles.fallback.vocabulary if profiles is not None else None
        return _named([read_mapping(source, declared=declared, vocabulary=words)], sender)
    if hasattr(source, "file_meta") or type(source).__name__.endswith("Dataset"):
        from routing.sources.dicom import read_dataset  # noqa: PLC0415 - pydicom is slow to import

        return _named([read_dataset(source, profiles, declared)], sender)
    if isinstance(source, list | tuple):
        if not source:
            raise UnreadableInput("unknown_input", "the list is empty: nothing was handed over")
        return [reading for one in source for reading in _readings(one, sender, profiles, declared)]
    raise UnreadableInput("unknown_input", "give bytes, a Dataset, a mapping of attributes, or a list of these")


def _as_bytes(text: str) -> bytes:
    """Return the bytes that a text was read from, those that were no UTF-8 included."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _bytes(data: bytes, profiles: Any, declared: Any) -> Iterable[Reading]:
    from routing.sources.read import read_bytes  # noqa: PLC0415 - it brings every reader with it

    try:
        return list(read_bytes(data, profiles, declared))
    except Exception as error:  # noqa: BLE001 - a reader that fails must not lose the input: it is kept for a person
        digest = sha256(data).hexdigest()
        message = f"the reader failed ({type(error).__name__})"
        return [
            Reading(
                kind="unreadable",
                sender="",
                message_id=digest,
                digest=digest,
                raw=data,
                refused=Problem(kind="processing_error", source="reader", message=message),
            )
        ]


def _named(readings: Iterable[Reading], sender: str | None) -> list[Reading]:
    return [reading if sender is None else evolve(reading, sender=sender) for reading in readings]
