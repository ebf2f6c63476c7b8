"""Character sets of HL7 v2: the name a message gives (MSH-18), the bytes it holds, and what to do when they disagree.

The name rules as long as the bytes fit it. Bytes that cannot be what the name says are read as what they are (UTF-8, or
the Windows page beside the named set), and the reader is told in words, never with the text itself.
"""

from __future__ import annotations

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
_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
_NAMES: Final = re.compile(r"(?:cp|windows|iso|koi8|mac|big5|gb|euc|shift|sjis)[-_ ]?[0-9a-z_-]*\Z", re.IGNORECASE)
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_HEADER: Final = "MSH|^~\\&|"  # every set that a message may be in agrees with ASCII on these
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
    named = codec_of(declared) if declared else None
    expected = named or (codec_of((fallback,)) if fallback else None)
    return expected if expected and expected != "ascii" else "utf-8"


def decode(data: bytes, declared: Sequence[str] = (), fallback: str | None = None) -> Decoded:
    """Return *data* as text. *declared* are the names in MSH-18; *fallback* is the name that counts when there is none.

    Never raises: bytes that fit nothing are read as Windows-1252 or Latin-1, line by line, with `trouble` set.
    """
    named = codec_of(tuple(declared)) if declared else None
    expected = named or (codec_of((fallback,)) if fallback else None)
    if data.isascii() and b"\x1b" not in data:
        return Decoded(data.decode("ascii"), codec_for_ascii(tuple(declared), fallback), None)
    if expected and not _contradicts(data, expected):
        text = _strictly(data, expected)
        if text is not None:
            return Decoded(text, expected, None)
    text, codec = _as_it_is(data, expected)
    return Decoded(text, codec, _trouble(codec, tuple(declared), fallback))


def decode_escaped(data: bytes, codec: str) -> str:
    """Return the text of a hex escape's bytes in the message's *codec*, or what fits; NUL is dropped. Never raises."""
    text = None if _contradicts(data, codec) else _strictly(data, codec)
    if text is None:
        text = _line(data, _WINDOWS.get(codec, "cp1252"))
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


def _contradicts(data: bytes, codec: str) -> bool:
    """Whether a set in which every byte means something cannot be meant: it would be control bytes, or it is UTF-8."""
    if codec not in _WINDOWS and codec not in _LATIN:
        return False
    if codec in _WINDOWS and _CONTROLS.search(data):
        return True
    return codec in _LATIN and not data.isascii() and _strictly(data, "utf-8") is not None


def _as_it_is(data: bytes, expected: str | None) -> tuple[str, str]:
    """Return the text and the codec that fits best, whatever was declared."""
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError as wrong:
        if wrong.end == len(data) and wrong.reason == "unexpected end of data":
            return data[: wrong.start].decode("utf-8") + "\N{REPLACEMENT CHARACTER}", "utf-8"
    page = _WINDOWS.get(expected or "", "cp1252")
    texts: list[str] = []
    end = 0
    while odd := _HIGH.search(data, end):  # line by line: some senders put texts of several origins together
        start = data.rfind(b"\r", end, odd.start()) + 1 or end
        texts.append(data[end:start].decode("ascii"))
        stop = data.find(b"\r", odd.start())
        end = stop if stop >= 0 else len(data)
        texts.append(_line(data[start:end], page))
    texts.append(data[end:].decode("ascii"))
    return "".join(texts), page


def _line(line: bytes, page: str) -> str:
    for codec in ("utf-8", page):
        text = _strictly(line, codec)
        if text is not None:
            return text
    return line.decode("latin-1")


@lru_cache(maxsize=256)
def _trouble(codec: str, declared: Sequence[str], fallback: str | None) -> str | None:
    """Return what is wrong with the set that was named; None where none was and the bytes are UTF-8."""
    if codec == "utf-8" and not fallback and not any(name.strip() for name in declared):
        return None
    return f"the bytes are not {_say(declared, fallback)}: read as {codec}"


def _say(declared: Sequence[str], fallback: str | None) -> str:
    if any(name.strip() for name in declared):
        return "in the character set that MSH-18 names"
    return "in the character set of the sender's profile" if fallback else "ASCII, and MSH-18 names no character set"
