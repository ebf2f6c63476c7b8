"""Character sets of HL7 v2: the name a message gives (MSH-18), the bytes it holds, and what to do when they disagree.

The name rules as long as the bytes fit it. Bytes that cannot be what the name says are read as what they are (UTF-8, or
the Windows page beside the named set), and the reader is told in words, never with the text itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from routing.sources.hl7_tables import hl7_table

_LATIN: Final = frozenset({"iso8859-1", "iso8859-15", "cp1252"})
# the Windows page that a sender means when an ISO 8859 text holds the control bytes 80 to 9F
_WINDOWS: Final = {
    "iso8859-1": "cp1252",
    "iso8859-2": "cp1250",
    "iso8859-5": "cp1251",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-15": "cp1252",
}
_CONTROLS: Final = bytes(range(0x80, 0xA0))
_HIGH: Final = 0x80  # from here on, a byte is not ASCII
_NAMES: Final = re.compile(r"(?:cp|windows|iso|koi8|mac|big5|gb|euc|shift|sjis)[-_ ]?[0-9a-z_-]*\Z", re.IGNORECASE)
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"
_HEADER: Final = "MSH|^~\\&|"  # every set that a message may be in agrees with ASCII on these
_REPLACED_BEGINS: Final = _REPLACED.encode()[0]
_NOT_WORD: Final = re.compile(r"[^0-9A-Z]")


class Decoded(NamedTuple):
    """The text, the codec that read it, and what was wrong with the declared set (None when nothing was)."""

    text: str
    codec: str
    trouble: str | None


@lru_cache(maxsize=256)
def codec_of(names: Sequence[str]) -> str | None:
    """Return the Python codec for MSH-18's repetitions, the first that is more than ASCII; None when none is known."""
    known = [codec for name in names if name.strip() and (codec := _codec(name.strip()))]
    return next((codec for codec in known if codec != "ascii"), known[0] if known else None)


@lru_cache(maxsize=256)
def codec_for_ascii(declared: Sequence[str] = (), fallback: str | None = None) -> str:
    """Return the codec that a message of nothing but ASCII would use: its hex escapes may hold more."""
    expected = _expected(declared, fallback)
    return expected if expected and expected != "ascii" else "utf-8"


def decode(data: bytes, declared: Sequence[str] = (), fallback: str | None = None) -> Decoded:
    """Return *data* as text. *declared* are the names in MSH-18; *fallback* is the name that counts when there is none.

    Never raises: bytes that fit nothing are read as Windows-1252 or Latin-1, line by line, with `trouble` set.
    """
    names = tuple(declared)
    if data.isascii() and b"\x1b" not in data:
        return Decoded(data.decode("ascii"), codec_for_ascii(names, fallback), None)
    return Decoded(*expected(names, fallback).read(data))


class Expected:
    """What a message should be in by what is said of it: `codec` is None where nothing known is said."""

    __slots__ = ("_decoder", "_is_latin", "_is_of_iso", "_names", "_page", "_troubles", "codec")

    def __init__(self, names: Sequence[str], fallback: str | None) -> None:
        self.codec = codec = _expected(names, fallback)
        self._is_latin, self._is_of_iso = codec in _LATIN, codec in _WINDOWS
        self._page = _WINDOWS.get(codec or "", "cp1252")
        self._names = (names, fallback)
        self._troubles: dict[str, str | None] = {}
        # the interpreter knows these two without looking for them; for the others `bytes.decode` takes longer
        self._decoder = _decoder(codec) if codec and codec not in {"utf-8", "iso8859-1"} else None

    def read(self, data: bytes) -> tuple[str, str, str | None]:
        """Return the parts of `Decoded` for *data* that is not all ASCII, or holds escapes. Never raises."""
        codec = self.codec
        if codec is None or codec == "utf-8":
            holds_none = _holds_no_utf_8(data)
            # with a mark where it is none: an exception would cost as much as all the rest
            if holds_none or not _is_same(read := data.decode("utf-8", "replace"), data):
                return self._as_it_is(data, holds_none=holds_none)
            return read, "utf-8", None if codec else self._trouble("utf-8")
        if self._is_latin and not data.isascii() and not _holds_no_utf_8(data):
            read = data.decode("utf-8", "replace")
            if _is_same(read, data):  # no set of one byte for each letter is meant where the bytes are UTF-8
                return read, "utf-8", self._trouble("utf-8")
        if not (self._is_of_iso and _holds_controls(data)):
            try:
                return self._decoder(data)[0] if self._decoder else data.decode(codec), codec, None
            except UnicodeError:
                pass
        read = data.decode("utf-8", "replace")
        if _is_same(read, data):
            return read, "utf-8", self._trouble("utf-8")
        return self._as_it_is(data, holds_none=_holds_no_utf_8(data))

    def _as_it_is(self, data: bytes, *, holds_none: bool) -> tuple[str, str, str | None]:
        """Return the parts of `Decoded` for bytes that are no UTF-8; some lines may be where not *holds_none*."""
        page = self._page
        text = _all_in_page(data, page) if holds_none and data[-1] < _HIGH else None
        if text is None:
            text, page = _as_it_is(data, page)
        return text, page, self._trouble(page)

    def _trouble(self, codec: str) -> str | None:
        if codec not in self._troubles:  # UTF-8 or the page, no others
            self._troubles[codec] = _trouble(codec, *self._names)
        return self._troubles[codec]


@lru_cache(maxsize=256)
def _expected(declared: Sequence[str], fallback: str | None) -> str | None:
    """Return the codec that a message should be in by what is said of it; None where nothing known is said."""
    named = codec_of(declared) if declared else None
    return named or (codec_of((fallback,)) if fallback else None)


@lru_cache(maxsize=256)
def expected(names: tuple[str, ...], fallback: str | None) -> Expected:
    """Return what is expected of a message whose MSH-18 names these sets, by the sender's *fallback* if it has none."""
    return Expected(names, fallback)


def _holds_no_utf_8(data: bytes) -> bool:
    """Whether *data* is not all ASCII, and none of the rest UTF-8: so is most text of another set, and quickly told."""
    return data.decode("utf-8", "ignore").isascii() and not data.isascii()


def _is_same(read: str, data: bytes) -> bool:
    """Whether *read*, which UTF-8 makes of *data* with a mark where it makes nothing, is all of it."""
    return _REPLACED not in read or (_REPLACED_BEGINS in data and read.encode() == data)


def decode_escaped(data: bytes, codec: str) -> str:
    """Return the text of a hex escape's bytes in the message's *codec*, or what fits; NUL is dropped. Never raises."""
    text = _strictly(data, "utf-8") if codec in _LATIN else None
    if text is None and not (codec in _WINDOWS and _holds_controls(data)):
        text = _strictly(data, codec)
    if text is None:
        text = _strictly(data, "utf-8")
    if text is None:
        text = _in_page(data, _WINDOWS.get(codec, "cp1252"))
    return text.replace("\0", "")


def _codec(name: str) -> str | None:
    """Return the codec for one name; None for a name that nobody knows."""
    found = hl7_table("hl7_charsets").get(_NOT_WORD.sub("", name.upper()))
    if found or not _NAMES.match(name):
        return found
    try:
        is_like_ascii = _HEADER.encode(name) == _HEADER.encode()
    except (LookupError, ValueError):
        return None
    return name.lower() if is_like_ascii else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _holds_controls(data: bytes) -> bool:
    """Whether an ISO 8859 set cannot be meant: some bytes would be control characters."""
    return len(data.translate(None, _CONTROLS)) != len(data)


def _as_it_is(data: bytes, page: str) -> tuple[str, str]:
    """Return the text of bytes that are no UTF-8, though some lines may be, and the codec of the others, *page*."""
    read = data.decode("utf-8", "replace")
    if read.endswith(_REPLACED) and (cut := _cut_off(data)) is not None:
        return cut, "utf-8"
    # line by line: some senders put texts of several origins together
    lines, raws = read.split("\r"), data.split(b"\r")
    for place, line in enumerate(lines):
        if _REPLACED in line and line.encode() != raws[place]:
            lines[place] = _in_page(raws[place], page)
    return "\r".join(lines), page


def _cut_off(data: bytes) -> str | None:
    """Return the text of bytes that are UTF-8 but for a last letter that was cut off; None where they are not."""
    try:
        return data.decode()
    except UnicodeDecodeError as wrong:
        is_cut = wrong.end == len(data) and wrong.reason == "unexpected end of data"
        return data[: wrong.start].decode() + _REPLACED if is_cut else None


def _in_page(data: bytes, page: str) -> str:
    text = _all_in_page(data, page)
    return data.decode("latin-1") if text is None else text


def _all_in_page(data: bytes, page: str) -> str | None:
    if page == "cp1252" and len(data.translate(None, _CONTROLS)) == len(data):
        return data.decode("latin-1")  # the same but for those, and quicker
    try:
        return _decoder(page)(data)[0]
    except UnicodeError:
        return None


_decoder: Final = lru_cache(maxsize=32)(codecs.getdecoder)  # `bytes.decode` takes twice as long for these


def _trouble(codec: str, declared: Sequence[str], fallback: str | None) -> str | None:
    """Return what is wrong with the set that was named; None where none was and the bytes are UTF-8."""
    if codec == "utf-8" and not fallback and not any(name.strip() for name in declared):
        return None
    return f"the bytes are not {_say(declared, fallback)}: read as {codec}"


def _say(declared: Sequence[str], fallback: str | None) -> str:
    if any(name.strip() for name in declared):
        return "in the character set that MSH-18 names"
    return "in the character set of the sender's profile" if fallback else "ASCII, and MSH-18 names no character set"
