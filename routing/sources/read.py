"""The one door for files: paths, folders and bytes as readings. What an input is, is told by its content, not its name.

    for source, reading in read_path(Path("samples"), profiles): ...

Every path stands in some source, and a bad input never stops the others nor raises: what cannot be read gives a Reading
that is refused with its reason. Folders are read in order of name, hidden ones and loops of links are not entered.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from routing.sources.unreadable import unreadable, unreadable_file

if TYPE_CHECKING:
    from routing.sources.mapping import Declared
    from routing.sources.news import Reading
    from routing.sources.profiles import Profiles

# what lies beside samples and is meant for people or programs; it is an input all the same where it can be read as one
_BESIDE: Final = frozenset(
    {
        ".cfg",
        ".csv",
        ".htm",
        ".html",
        ".ini",
        ".json",
        ".jsonl",
        ".md",
        ".pdf",
        ".png",
        ".py",
        ".rst",
        ".rules",
        ".toml",
    }
    | {".tsv", ".xlsx", ".xml", ".yaml", ".yml"}
)
MOST_TEXT: Final = 256 * 1024 * 1024  # bytes of HL7 or JSON in one file; DICOM files may be of any size
_HL7_HEADER: Final = re.compile(rb"(?:MSH|FHS|BHS|BTS|FTS)[!-/:-@\[-`{-~]")
_DICOM_TAG: Final = re.compile(r"[0-9A-Fa-f]{8}")
_SNIFFED: Final = 4096
_BLANK: Final = b" \t\r\n\x0b"
_BOM: Final = b"\xef\xbb\xbf"
_CONTROLS: Final = re.compile(rb"[\0-\x08\x0e-\x1a]")


def read_path(
    path: Path, profiles: Profiles | None = None, declared: Declared | None = None
) -> Iterator[tuple[str, Reading]]:
    """Yield what a file or folder holds, each reading with the path that it came from.

    *profiles* are the sender profiles, *declared* the attributes and facts that a rulebook declares.
    """
    for found in files_under(path):
        yield from read_found(found, profiles, declared)


Found = tuple[Path, tuple[str, str] | None, bool]
"""A path, kind and reason where it is not to be opened, and whether it was found in a folder rather than named."""


def files_under(path: Path) -> Iterator[Found]:
    """Yield the files under a path in order of name, each to be given to `read_found`."""
    return ((found, trouble, found != path) for found, trouble in _files(path, set()))


def read_found(
    found: Found, profiles: Profiles | None = None, declared: Declared | None = None
) -> list[tuple[str, Reading]]:
    """Return what one file holds, each reading with the path that it came from."""
    path, trouble, in_folder = found
    name = str(path)
    if trouble is not None:
        return [(name, unreadable(os.fsencode(path), *trouble))]
    try:
        readings = list(_read_file(path, profiles, declared))
    except OSError as wrong:
        reason = f"the file cannot be read: {wrong.strerror or 'no reason given'}"
        return [(name, unreadable(os.fsencode(path), "unreadable_file", reason))]
    if in_folder and path.suffix.lower() in _BESIDE and all(one.kind == "unreadable" for one in readings):
        readings = [unreadable_file(path, "not_an_input", "lies beside the inputs: neither DICOM, HL7 nor a mapping")]
    return [(name, reading) for reading in readings]


def read_bytes(
    data: bytes, profiles: Profiles | None = None, declared: Declared | None = None, *, evidence: bool = True
) -> Iterable[Reading]:
    """Return what *data* holds, at least one reading: a DICOM object, HL7 messages, a mapping, DICOM JSON or FHIR.

    Without *evidence* a DICOM object has no digest and nothing to be stored, as `read_dicom` says.
    """
    if data[:3] == b"MSH" and data[128:132] != b"DICM":  # mostly a message, and then no dataset
        return _read_text(data, profiles, declared)
    from routing.sources.dicom_scan import looks_like_dicom  # noqa: PLC0415 - readers come as they are needed

    if looks_like_dicom(data):
        from routing.sources.dicom import read_dicom  # noqa: PLC0415 - as above

        return [read_dicom(data, profiles, declared, evidence=evidence)]
    return _read_text(data, profiles, declared)


def _read_file(path: Path, profiles: Profiles | None, declared: Declared | None) -> Iterable[Reading]:
    from routing.sources.dicom_scan import looks_like_dicom  # noqa: PLC0415 - as above

    with path.open("rb") as file:
        if looks_like_dicom(file.read(_SNIFFED)):
            from routing.sources.dicom import read_dicom  # noqa: PLC0415 - as above

            return [read_dicom(path, profiles, declared)]
        file.seek(0)
        data = file.read(MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        return [unreadable_file(path, "too_large", "not DICOM, and larger than any message file")]
    return _read_text(data, profiles, declared)


def _read_text(data: bytes, profiles: Profiles | None, declared: Declared | None) -> Iterable[Reading]:
    """Return the readings of bytes that are no DICOM."""
    if _HL7_HEADER.match(data) and (readings := _read_messages(data, profiles, declared)):
        return readings
    if not data.strip(_BLANK + b"\0"):
        return [unreadable(data, "empty", "there is nothing in it")]
    head = data.removeprefix(_BOM).lstrip(_BLANK)[:1]
    if head in {b"{", b"["} and (found := _read_json(data, profiles, declared)):
        return found
    if _HL7_HEADER.search(data) and (readings := _read_messages(data, profiles, declared)):
        return readings
    if _CONTROLS.search(data[:_SNIFFED]):
        return [unreadable(data, "not_dicom", "neither DICOM nor text")]
    return [unreadable(data, "unparseable", "text that holds no HL7 message and no mapping of attributes")]


def _read_messages(data: bytes, profiles: Profiles | None, declared: Declared | None) -> list[Reading]:
    from routing.sources.hl7 import read_hl7  # noqa: PLC0415 - as above

    return read_hl7(data, profiles, declared=declared)


# JSON


def _read_json(data: bytes, profiles: Profiles | None, declared: Declared | None) -> list[Reading]:
    """Return the readings of a JSON object or list of objects, none when it is not JSON or not one of ours."""
    objects = _objects(data.removeprefix(_BOM))
    if not objects:
        return []
    from routing.sources.fhir import is_fhir, read_fhir  # noqa: PLC0415 - as above

    if all(is_fhir(one) for one in objects):
        try:
            return [reading for one in objects for reading in read_fhir(one, profiles)]
        except RecursionError:
            return []
    if all(_is_dicom_json(one) for one in objects):
        return [_from_dicom_json(one, profiles, declared) for one in objects]
    from routing.sources.mapping import names_only_attributes, read_mapping  # noqa: PLC0415 - as above

    if not all(names_only_attributes(one, declared) for one in objects):
        return []
    words = profiles.fallback.vocabulary if profiles is not None else None
    return [read_mapping(one, declared, vocabulary=words) for one in objects]


def _objects(data: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects that *data* is: one, a list, or one on each line; none where it is anything else."""
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        try:
            loaded = [json.loads(line) for line in data.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return []
    objects = loaded if isinstance(loaded, list) else [loaded]
    return objects if all(isinstance(one, dict) and one for one in objects) else []


def _is_dicom_json(loaded: dict[str, Any]) -> bool:
    return all(_DICOM_TAG.fullmatch(tag) and isinstance(one, dict) and "vr" in one for tag, one in loaded.items())


def _from_dicom_json(loaded: dict[str, Any], profiles: Profiles | None, declared: Declared | None) -> Reading:
    from pydicom import Dataset  # noqa: PLC0415 - as above

    from routing.sources.dicom import read_dataset  # noqa: PLC0415 - as above
    from routing.sources.dicom_charsets import quiet_pydicom  # noqa: PLC0415 - as above

    try:
        with quiet_pydicom():
            dataset = Dataset.from_json(loaded, bulk_data_uri_handler=lambda *_: b"")
    except Exception:  # noqa: BLE001 - pydicom raises of many kinds for what JSON can hold
        return unreadable(
            json.dumps(loaded).encode("ascii"), "unparseable", "DICOM JSON with a value of the wrong form"
        )
    return read_dataset(dataset, profiles, declared)


# files


def _files(path: Path, entered: set[tuple[int, int]]) -> Iterator[tuple[Path, tuple[str, str] | None]]:
    """Yield the files under *path* in order of name; with kind and reason those paths that are not to be opened."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            identity = (status.st_dev, status.st_ino)
            if identity in entered:
                yield path, ("link_loop", "a link to a folder that is read already")
                return
            entered.add(identity)
            inside = sorted(path.iterdir())
        elif stat.S_ISREG(status.st_mode):
            yield path, None
            return
        else:
            yield path, ("not_a_file", "neither a file nor a folder")
            return
    except OSError as wrong:
        yield path, ("unreadable_file", f"cannot be read: {wrong.strerror or 'no reason given'}")
        return
    for one in inside:
        if one.name.startswith("."):
            yield one, ("not_an_input", "hidden: not looked into")
        else:
            yield from _files(one, entered)
