"""One DICOM object as it was found: its file meta, the elements worth keeping, the digest of the whole, what is wrong.

Kept are values of up to 64 kB and sequences of up to 4 MB that hold no larger value; never pixel data. Nothing in here
raises for bad bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from routing.sources.dicom_elements import (
    ITEM,
    LONG_VRS,
    SHORT_VRS,
    Cut,
    Element,
    Form,
    Kept,
    Memory,
    OpenFile,
    Source,
    item_head,
    items_in,
    plain,
    walk,
)

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
MOST_VALUE: Final = 64 * 1024
MOST_SEQUENCE: Final = 4 * 1024 * 1024
MOST_KEPT: Final = 16 * 1024 * 1024
MOST_INFLATED: Final = 256 * 1024 * 1024

_SOP_CLASS: Final = 0x00020002
_TRANSFER_SYNTAX: Final = 0x00020010
_SOURCE_AE: Final = 0x00020016
_NOTE_CREATOR: Final = 0x00020100
_NOTE: Final = 0x00020102
_CREATOR_UID: Final = "2.25.301940203284710846392838205730957413"  # ours; says that the note is in our form
PIXELS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_SHA: Final = re.compile(r"[0-9a-f]{64}")
_CHUNK: Final = 1 << 20
_HEAD: Final = 8
_META_GROUP: Final = 2
_LONGEST_UID: Final = 64
_LAST_FIRST_GROUP: Final = 0x0040
_BLANK: Final = b" \t\r\n"
_MOST_STRAY: Final = 16  # bytes
_FIRST_LATE_GROUP: Final = 0x0400  # no object begins with such a group: its bytes are the other way round


@frozen(kw_only=True)
class Scan:
    """One object as it was found: file meta, the elements that were kept, the digest of the whole dataset.

    `flaws` are stable words: `truncated`, `no_preamble`, `file_meta` (a meta group without a transfer syntax).
    `is_whole` when it was in memory at first, so that nothing can be missing at its end.
    `header` are the bytes of what was kept, in the form that they came in. Digest and header are empty where nobody
    asked for evidence.
    """

    meta: dict[int, Kept]
    elements: dict[int, Kept]
    digest: str
    form: Form
    header: bytes = field(repr=False)
    flaws: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def sop_class(self) -> str:
        """The class that the file meta names, ``""`` where it names none."""
        return _text(self.meta.get(_SOP_CLASS))

    @property
    def source_ae(self) -> str:
        """The AE title of whoever sent it, ``""`` where the file meta does not say."""
        return _text(self.meta.get(_SOURCE_AE))

    def stored(self) -> bytes:
        """Return a file that gives this same scan again: without what was left out, with a note of digest and flaws."""
        syntax = EXPLICIT_LITTLE if self.form.explicit else IMPLICIT_LITTLE
        note = {"digest": self.digest, "header": _sha(self.header), "flaws": self.flaws, "whole": self.is_whole}
        meta = _meta_element(_SOP_CLASS, b"UI", self.sop_class) if self.sop_class else b""
        meta += _meta_element(_TRANSFER_SYNTAX, b"UI", syntax if self.form.little else EXPLICIT_BIG)
        if self.source_ae:
            meta += _meta_element(_SOURCE_AE, b"AE", self.meta[_SOURCE_AE].value)
        meta += _meta_element(_NOTE_CREATOR, b"UI", _CREATOR_UID)
        meta += _meta_element(_NOTE, b"OB", json.dumps(note, separators=(",", ":")))
        length = b"\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little")
        return b"\0" * 128 + b"DICM" + length + meta + self.header


def scan(source: Source, *, evidence: bool = True) -> Scan | None:
    """Return what *source* holds, or None when it does not look like DICOM at all.

    Without *evidence*, for deciding alone, the pixels are not looked at: there is no digest and nothing to be stored.
    """
    start, flaws = _start(source)
    if start is None:
        return None
    meta, at = _meta(source, start)
    syntax = _text(meta.get(_TRANSFER_SYNTAX))
    if meta and not syntax:
        flaws.append("file_meta")
    if syntax == DEFLATED:
        source, at = _inflated(source, at, flaws), 0
    form = _form(source.read(at, _HEAD), syntax)
    return _scanned(source, at, form, meta, flaws, evidence=evidence)


def scan_dataset(data: bytes, form: Form, source_ae: str = "") -> Scan:
    """Return what the bytes of a dataset alone hold: no preamble, no file meta, in a form that is known."""
    return _scanned(Memory(data), 0, form, _sent_by(source_ae, form), [], is_whole=True)


def scan_elements(elements: dict[int, Kept], form: Form, source_ae: str = "") -> Scan:
    """Return what elements in memory hold, as `scan_dataset` does of their bytes, without evidence."""
    return Scan(meta=_sent_by(source_ae, form), elements=elements, digest="", form=form, header=b"", is_whole=True)


def scan_path(path: Path, *, evidence: bool = True) -> Scan | None:
    """Return what the file at *path* holds, or None when it does not look like DICOM. Raises OSError."""
    with path.open("rb") as file:
        return scan(OpenFile(file), evidence=evidence)


def looks_like_dicom(data: bytes) -> bool:
    """Whether bytes begin as a DICOM file or dataset does."""
    start, _ = _start(Memory(data))
    return start is not None


def _sent_by(source_ae: str, form: Form) -> dict[int, Kept]:
    return {_SOURCE_AE: Kept(b"AE", source_ae.encode("ascii", "replace"), form)} if source_ae else {}


def _scanned(
    source: Source,
    at: int,
    form: Form,
    meta: dict[int, Kept],
    flaws: list[str],
    *,
    is_whole: bool = False,
    evidence: bool = True,
) -> Scan:
    kept, header, is_cut = _kept(source, at, form, with_header=evidence or _NOTE in meta)
    if is_cut and "truncated" not in flaws:
        flaws.append("truncated")
    note = _note(meta, header)
    return Scan(
        meta=meta,
        elements=kept,
        digest=note["digest"] if note else _digest(source, at) if evidence else "",
        form=form,
        header=header,
        flaws=tuple(note["flaws"]) if note else tuple(flaws),
        is_whole=note["whole"] is True if note else is_whole,
    )


# where it begins and how it is written


def _start(source: Source) -> tuple[int | None, list[str]]:
    """Return where file meta or dataset begins, None for what is no DICOM; and the flaws of that beginning."""
    head = source.read(0, 132)
    if head[128:132] == b"DICM":
        return 132, []
    if head[:4] == b"DICM":
        return 4, ["no_preamble"]
    if _is_first_element(head, source.size):
        return 0, ["no_preamble"]
    stray = len(head) - len(head.lstrip(_BLANK))
    after = head[stray:]
    # what an editor or a transfer put before a dataset; text that begins with blanks never goes on like this
    if 0 < stray <= _MOST_STRAY and after[:2] in {b"\x02\x00", b"\x08\x00"} and _names_vr(after):
        return stray, ["no_preamble", "stray"]
    return None, []


def _names_vr(head: bytes) -> bool:
    return head[4:6] in LONG_VRS or head[4:6] in SHORT_VRS


def _is_first_element(head: bytes, size: int) -> bool:
    """Whether bytes can be a first element: a low group, then a known VR; or group 2 or 8 with a length that fits."""
    if len(head) < _HEAD:
        return False
    group = min(int.from_bytes(head[:2], "little"), int.from_bytes(head[:2], "big"))
    if _names_vr(head):
        return 0 < group <= _LAST_FIRST_GROUP and group % 2 == 0
    length = int.from_bytes(head[4:8], "little")
    return head[:2] in {b"\x02\x00", b"\x08\x00"} and head[3] == 0 and length <= min(size - _HEAD, 1024)


def _meta(source: Source, start: int) -> tuple[dict[int, Kept], int]:
    """Return the file meta group, which is always explicit and little endian, and where the dataset begins."""
    meta: dict[int, Kept] = {}
    at = start
    try:
        for element in walk(source, start, source.size, Form(explicit=True, little=True), 0):
            if element.tag >> 16 != _META_GROUP:
                break
            at = element.end
            if element.value_end - element.value_at <= MOST_VALUE:
                value = source.read(element.value_at, element.value_end - element.value_at)
                meta[element.tag] = Kept(element.vr, value, element.form)
    except Cut:
        pass
    return meta, at


def _form(head: bytes, syntax: str) -> Form:
    """Return the encoding: what the transfer syntax says, unless the first element contradicts it."""
    explicit = syntax not in {"", IMPLICIT_LITTLE}
    little = syntax != EXPLICIT_BIG
    if len(head) < _HEAD:
        return Form(explicit, little)
    is_vr = _names_vr(head)
    as_little, as_big = int.from_bytes(head[:2], "little"), int.from_bytes(head[:2], "big")
    if is_vr and (as_little >= _FIRST_LATE_GROUP) != (as_big >= _FIRST_LATE_GROUP):
        little = as_little < _FIRST_LATE_GROUP
    if not is_vr and not (b"AA" <= head[4:6] <= b"ZZ"):
        return Form(explicit=False, little=little)
    return Form(explicit=explicit or is_vr, little=little)


def _inflated(source: Source, at: int, flaws: list[str]) -> Memory:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    chunks: list[bytes] = []
    total = 0
    try:
        while not inflater.eof and total < MOST_INFLATED:
            given = inflater.unconsumed_tail or source.read(at, _CHUNK)
            if not given:
                break
            if not inflater.unconsumed_tail:
                at += len(given)
            chunks.append(inflater.decompress(given, MOST_INFLATED - total))
            total += len(chunks[-1])
    except zlib.error:
        pass
    if not inflater.eof:
        flaws.append("truncated")
    return Memory(b"".join(chunks))


# the elements


def _kept(source: Source, at: int, form: Form, *, with_header: bool) -> tuple[dict[int, Kept], bytes, bool]:
    """Return the elements worth keeping, their bytes as they came, and whether the object was cut off."""
    kept: dict[int, Kept] = {}
    header: list[bytes] = []
    total = 0
    try:
        while True:
            if isinstance(source, Memory):  # most elements are plain, and a header is mostly in memory
                start, at = at, plain(source.data, at, form, kept, MOST_KEPT - total, MOST_VALUE)
                total += at - start
                if with_header:
                    header.append(source.data[start:at])
            element = next(walk(source, at, source.size, form, 0), None)
            if element is None:
                return kept, b"".join(header), False
            size = element.value_end - element.value_at
            if (
                element.tag >> 16 > _META_GROUP
                and element.tag not in PIXELS
                and _is_small(source, element)
                and total + size <= MOST_KEPT
            ):
                whole = source.read(at, element.end - at)
                header.append(whole)
                value = whole[element.value_at - at : element.value_end - at]
                kept[element.tag] = Kept(element.vr, value, element.form)
                total += len(whole)
            at = element.end
    except Cut:
        return kept, b"".join(header), True


def _is_small(source: Source, element: Element) -> bool:
    size = element.value_end - element.value_at
    if size <= MOST_VALUE:
        return True
    is_sequence = element.undefined or element.vr == b"SQ"
    if not is_sequence:
        is_sequence = element.vr in {None, b"UN"} and item_head(source, element.value_at, element.form)[0] == ITEM
    if not is_sequence or size > MOST_SEQUENCE:
        return False
    value = source.read(element.value_at, size)
    return all(len(kept.value) <= MOST_VALUE for item in items_in(value, element.form) for kept in item.values())


# digest and note


def _digest(source: Source, at: int) -> str:
    if isinstance(source, Memory):
        return hashlib.sha256(memoryview(source.data)[at:]).hexdigest()
    digest = hashlib.sha256()
    while chunk := source.read(at, _CHUNK):
        digest.update(chunk)
        at += len(chunk)
    return digest.hexdigest()


def _note(meta: dict[int, Kept], header: bytes) -> dict[str, Any] | None:
    """Return the note that `Scan.stored` left; None when there is none, or it is about another header."""
    if _NOTE not in meta or _text(meta.get(_NOTE_CREATOR)) != _CREATOR_UID:
        return None
    try:
        note = json.loads(_text(meta[_NOTE]))
        known = (
            note["header"] == _sha(header)
            and _SHA.fullmatch(note["digest"])
            and isinstance(note["flaws"], list)
            and "whole" in note
        )
    except (ValueError, KeyError, TypeError):
        return None
    return note if known else None


def _meta_element(tag: int, vr: bytes, value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode("latin-1")
    data = data[:_LONGEST_UID] if vr in SHORT_VRS else data
    data += b"" if len(data) % 2 == 0 else b"\0" if vr == b"UI" else b" "
    head = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + vr
    return (
        head
        + (len(data).to_bytes(2, "little") if vr in SHORT_VRS else b"\0\0" + len(data).to_bytes(4, "little"))
        + data
    )


def _text(kept: Kept | None) -> str:
    return kept.value.decode("latin-1").strip("\0 ") if kept else ""


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
