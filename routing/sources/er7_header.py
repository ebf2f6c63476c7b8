"""What the header of an HL7 message says of how the rest is to be read: its marks, and its character set (MSH-18)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from routing.sources.charsets import Expected, codec_for_ascii, expected
from routing.sources.er7_syntax import NONE, Syntax, syntax_of

USUAL_HEADER: Final = "MSH|^~\\&|"
_USUAL_HEADER_BYTES: Final = USUAL_HEADER.encode()
_LF: Final = 0x0A
_HEADER_LIMIT: Final = 65_536  # no MSH is longer
_CHARSET_FIELD: Final = 17  # MSH-18, where MSH-1 is the separator itself


def header_of(text: str) -> tuple[str, str, str]:
    """Return the separator, the encoding characters and MSH-18 as it was sent. *text* begins with the MSH segment."""
    end = text.find("\r")
    if end < 0 or text.find("\n", 0, end) >= 0:
        end = text.find("\n")
    separator = text[3:4] or "|"
    fields = (text[:end] if end >= 0 else text).split(separator)
    return (
        separator,
        fields[1] if len(fields) > 1 else "",
        fields[_CHARSET_FIELD] if len(fields) > _CHARSET_FIELD else "",
    )


def declared(data: bytes, fallback: str | None) -> tuple[Expected, Syntax]:
    """Return what MSH-18 lets expect of a message that is no ASCII, and its syntax if it is as expected."""
    end = data.find(b"\r")
    head = data[: end if end >= 0 else _HEADER_LIMIT]
    if _LF not in head and head.startswith(_USUAL_HEADER_BYTES):
        if head.count(b"|") == _CHARSET_FIELD:  # most often it is the last
            return _said(head.rpartition(b"|")[2], fallback)
        fields = head.split(b"|", _CHARSET_FIELD + 1)
        return _said(fields[_CHARSET_FIELD] if len(fields) > _CHARSET_FIELD else b"", fallback)
    return _expected(*header_of(head.decode("latin-1")), fallback)


@lru_cache(maxsize=256)
def _said(field: bytes, fallback: str | None) -> tuple[Expected, Syntax]:
    """Return the same by a raw MSH-18 of the usual marks."""
    return _expected("|", "^~\\&", field.decode("latin-1"), fallback)


def _expected(separator: str, encoding: str, names: str, fallback: str | None) -> tuple[Expected, Syntax]:
    found = expected(names_of(names, encoding), fallback)
    return found, syntax_of(separator, encoding, found.codec or "utf-8")


@lru_cache(maxsize=256)
def names_of(field: str, encoding: str) -> tuple[str, ...]:
    """Return the character sets that MSH-18 names."""
    return tuple(field.split(encoding[1:2] or NONE)) if field else ()


@lru_cache(maxsize=256)
def syntax_for_ascii(separator: str, encoding: str, names: str, charset: str | None) -> Syntax:
    """Return the syntax of a message of nothing but ASCII, by its header: its hex escapes may hold more."""
    return syntax_of(separator, encoding, codec_for_ascii(names_of(names, encoding), charset))
