"""DICOM elements in bytes: where each begins and ends, and whether the last one is whole. One pass over element heads.

pydicom reads a file that was cut off without an error, and tells of doubtful values in warnings that print them; a
router has to know of the first and must not do the second. So boundaries are found here; what the values mean is
`dicom_header`'s, with pydicom's dictionary and character sets. A length that leads out of the bytes is a cut, whatever
the reason for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, Final, Literal, NamedTuple, Protocol

SHORT_VRS: Final = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG_VRS: Final = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_UNDEFINED: Final = 0xFFFFFFFF
_MARKS: Final = 0xFFFE  # the group of items and end marks
_HEAD: Final = 8
_LONG_HEAD: Final = 12
_DEPTH: Final = 24
_HEADS: Final = {True: Struct("<HHL"), False: Struct(">HHL")}
_LENGTHS: Final = {True: (Struct("<H"), Struct("<L")), False: (Struct(">H"), Struct(">L"))}


class Form(NamedTuple):
    """How elements are written: with their VR or without, least significant byte first or last."""

    explicit: bool
    little: bool


_META_GROUP: Final = 2
_PIXEL_GROUP: Final = 0x7FE0
_UNKNOWN: Final = Form(explicit=False, little=True)  # of what is inside an element of unknown VR (PS3.5 6.2.2)
_PLAIN: Final = {
    (True, True): Struct("<HH2sH").unpack_from,
    (True, False): Struct(">HH2sH").unpack_from,
    (False, True): Struct("<HHL").unpack_from,
    (False, False): Struct(">HHL").unpack_from,
}


class Element(NamedTuple):
    """One element: its value begins at `value_at` and ends before `value_end`; the next element begins at `end`."""

    tag: int
    vr: bytes | None
    value_at: int
    value_end: int
    end: int
    form: Form  # of what is inside
    undefined: bool


class Kept(NamedTuple):
    """The value of an element that was kept."""

    vr: bytes | None
    value: bytes
    form: Form


def plain(data: bytes, at: int, form: Form, kept: dict[int, Kept], room: int, largest: int) -> int:
    """Add the elements from *at* on to *kept* up to the first that wants a closer look, and return where that begins.

    `walk` says the same of these. A closer look want sequences of undefined length, what has no VR or an odd one where
    there should be one, values of more than *largest* bytes, the groups up to 2, what leads out of the bytes, and
    whatever does not fit into *room* bytes any more.
    """
    size, new = len(data), tuple.__new__
    heads, last = _PLAIN[form.explicit, form.little], at + room
    inside = dict.fromkeys(SHORT_VRS | LONG_VRS, form) | {b"UN": _UNKNOWN}
    order: Literal["little", "big"] = "little" if form.little else "big"
    while at + _HEAD <= size:
        vr: bytes | None = None
        value_at = at + _HEAD
        if form.explicit:
            group, number, vr, length = heads(data, at)
            if vr not in SHORT_VRS:
                if vr not in LONG_VRS:
                    break
                value_at += 4
                length = int.from_bytes(data[at + _HEAD : value_at], order)
        else:
            group, number, length = heads(data, at)
        end = value_at + length
        if length > largest or end > size or not _META_GROUP < group < _PIXEL_GROUP or value_at > size or end > last:
            break
        kept[group << 16 | number] = new(Kept, (vr, data[value_at:end], inside[vr] if vr else form))
        at = end
    return at


class Source(Protocol):
    """Bytes that can be read at any place."""

    size: int

    def read(self, at: int, count: int) -> bytes:
        """Return up to *count* bytes from *at* on."""


class Memory:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read(self, at: int, count: int) -> bytes:
        """Return up to *count* bytes from *at* on."""
        return self.data[at : at + count]


class OpenFile:
    """A file that is read where it is asked for, so that its size does not matter."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.size = file, file.seek(0, 2)

    def read(self, at: int, count: int) -> bytes:
        """Return up to *count* bytes from *at* on."""
        self.file.seek(at)
        return self.file.read(count)


class Cut(Exception):
    """The bytes end before the element does."""


def items_in(data: bytes, form: Form) -> Iterator[dict[int, Kept]]:
    """Yield the items of a sequence's value, each as its elements; what is broken in it is left out."""
    source = Memory(data)
    at = 0
    while at + _HEAD <= len(data):
        tag, length = item_head(source, at, form)
        if tag != ITEM:
            return
        place = at + _HEAD
        end = len(data) if length == _UNDEFINED else min(place + length, len(data))
        found: dict[int, Kept] = {}
        try:
            inner = _inner_form(data[place : place + _HEAD], end - place, form)
            for element in walk(source, place, end, inner, 1):
                place = element.end
                if element.tag in {_ITEM_END, _SEQUENCE_END}:
                    break
                found[element.tag] = Kept(element.vr, data[element.value_at : element.value_end], element.form)
        except Cut:
            place = end
        yield found
        at = place if length == _UNDEFINED else end


def item_head(source: Source, at: int, form: Form) -> tuple[int, int]:
    """Return tag and length of an item, or zeros where nothing is left."""
    head = source.read(at, _HEAD)
    if len(head) < _HEAD:
        return 0, 0
    group, number, length = _HEADS[form.little].unpack(head)
    return group << 16 | number, length


def _inner_form(head: bytes, room: int, form: Form) -> Form:
    """Return the form of an item: explicit all the same where a VR stands and the implicit length would not fit."""
    if form.explicit or (head[4:6] not in LONG_VRS and head[4:6] not in SHORT_VRS):
        return form
    return Form(explicit=True, little=True) if int.from_bytes(head[4:8], "little") > room else form


def walk(source: Source, at: int, end: int, form: Form, depth: int) -> Iterator[Element]:
    """Yield the elements between *at* and *end*; NULs at the end are padding. Raises Cut where one leads beyond."""
    unpack = _HEADS[form.little].unpack_from
    while at < end:
        raw = source.read(at, _LONG_HEAD)
        if at + _HEAD > end or len(raw) < _HEAD:
            if raw[: end - at].strip(b"\0"):
                raise Cut
            return
        group, number, length = unpack(raw)
        tag = group << 16 | number
        if group == _MARKS:
            if tag == ITEM:
                raise Cut  # an item where an element belongs
            yield Element(tag, None, at + _HEAD, at + _HEAD, at + _HEAD, form, undefined=False)
            at += _HEAD
            continue
        if tag == 0 and length == 0 and not source.read(at, 64).strip(b"\0"):
            return
        vr, inner, value_at = None, form, at + _HEAD
        if form.explicit:
            vr, length, inner, value_at = _explicit(raw, at, length, form)
        if length == _UNDEFINED:
            value_end = _items_end(source, value_at, end, inner, depth + 1)
            element = Element(tag, vr, value_at, value_end, value_end + _HEAD, inner, undefined=True)
        else:
            element = Element(tag, vr, value_at, value_at + length, value_at + length, inner, undefined=False)
        if element.end > end:
            raise Cut
        yield element
        at = element.end


def _explicit(raw: bytes, at: int, implicit_length: int, form: Form) -> tuple[bytes | None, int, Form, int]:
    """Return VR, length, the form of what is inside and the place of the value, for an element with its VR."""
    short, long = _LENGTHS[form.little]
    vr = raw[4:6]
    if vr in LONG_VRS:
        if len(raw) < _LONG_HEAD:
            raise Cut
        inner = _UNKNOWN if vr == b"UN" else form
        return vr, long.unpack_from(raw, 8)[0], inner, at + _LONG_HEAD
    if b"AA" <= vr <= b"ZZ":
        return vr, short.unpack_from(raw, 6)[0], form, at + _HEAD
    # some writers fall back to implicit in the middle
    return None, implicit_length, Form(explicit=False, little=form.little), at + _HEAD


def _items_end(source: Source, at: int, end: int, form: Form, depth: int) -> int:
    """Return where the end mark of a value of undefined length stands. Raises Cut when there is none."""
    if depth > _DEPTH:
        raise Cut
    while at + _HEAD <= end:
        tag, length = item_head(source, at, form)
        if tag == _SEQUENCE_END:
            return at
        if tag != ITEM:
            raise Cut
        at += _HEAD
        if length != _UNDEFINED:
            at += length
            continue
        for element in walk(source, at, end, form, depth):
            at = element.end
            if element.tag == _ITEM_END:
                break
            if element.tag == _SEQUENCE_END:  # the item's own end mark is missing
                return element.end - _HEAD
        else:
            raise Cut
    raise Cut
