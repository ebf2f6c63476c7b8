"""Character sets of DICOM: the terms of Specific Character Set, misspelt ones too, and bytes that do not fit them.

A term means what it looks like. Text is never lost and nothing is raised: bytes that the named set cannot hold are read
as UTF-8 where they are that, else as Latin-1, and the reader is told, never with the text itself.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from codecs import lookup
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final, NamedTuple

_QUIET: Final = threading.RLock()
_ISO: Final = re.compile(r"ISO[ _-]?(?:(2022)[ _-]?)?(?:IR[ _-]?)?(\d+)")
_UTF8: Final = frozenset({"UTF8", "UNICODE", "ISO10646", "UNICODEUTF8"})
_PLAIN_NAME: Final = re.compile(r"(?i:cp|windows|iso|koi8|mac|big5|gb|euc|shift|sjis)[-_ ]?[0-9A-Za-z_-]*")
_NOT_WORD: Final = re.compile(r"[^0-9A-Z]")
_ESCAPE: Final = b"\x1b"
_ESCAPES: Final = re.compile("\x1b[$()\\-][()]?[A-Z]")
_LATIN: Final = frozenset({"ascii", "latin_1"})
_TEXT_DELIMITERS: Final = frozenset({0x5C, 0x0D, 0x0A, 0x09, 0x0C})
_NAME_DELIMITERS: Final = _TEXT_DELIMITERS | {0x5E, 0x3D}


class Charset(NamedTuple):
    """The Python codecs of a Specific Character Set, the first without escapes; `flaw` when a term is not standard."""

    codecs: tuple[str, ...]
    flaw: bool = False


DEFAULT: Final = Charset(("ascii",))


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom from checking and from telling: its warnings and log lines may hold values.

    pydicom's settings are global, so one thread at a time; they are as before when the block is left.
    """
    from pydicom import config  # noqa: PLC0415 - a host without DICOM does not pay for it

    logger = logging.getLogger("pydicom")
    with _QUIET, config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        was_disabled, logger.disabled = logger.disabled, True
        try:
            yield
        finally:
            logger.disabled = was_disabled


@lru_cache(maxsize=256)
def charset_of(terms: tuple[str, ...]) -> Charset:
    """Return the codecs for the values of Specific Character Set; no value or an empty first one means ASCII."""
    from pydicom.charset import STAND_ALONE_ENCODINGS, python_encoding  # noqa: PLC0415 - as above

    codecs: list[str] = []
    flaw = False
    for place, term in enumerate(terms):
        name = _standard(term.strip().upper(), python_encoding)
        flaw = flaw or name is None or name != term.strip()
        if name is None:
            codecs += _python_codec(term.strip())
            continue
        if name in STAND_ALONE_ENCODINGS and len(terms) > 1:
            flaw = True  # it allows no code extensions: first, it stands alone; later, it does not count
            if place == 0:
                return Charset((_codec(name, python_encoding),), flaw)
            continue
        codecs.append(_codec(name, python_encoding))
    return Charset(tuple(codecs) or DEFAULT.codecs, flaw)


def decode(data: bytes, charset: Charset, *, is_name: bool = False) -> tuple[str, bool]:
    """Return the text of *data*, and whether the bytes fit the character set."""
    if _ESCAPE in data:
        return _decode_escaped(data, charset, is_name=is_name)
    if data.isascii():
        return data.decode("ascii"), True
    if charset.codecs[0] in _LATIN:
        utf8 = _strictly(data, "utf-8")
        if utf8 is not None:
            return utf8, False
        return data.decode("latin-1"), charset.codecs[0] == "latin_1"
    text = _strictly(data, charset.codecs[0])
    if text is not None:
        return text, True
    utf8 = _strictly(data, "utf-8")
    return (data.decode("latin-1") if utf8 is None else utf8), False


def _decode_escaped(data: bytes, charset: Charset, *, is_name: bool) -> tuple[str, bool]:
    """Return the text of bytes that switch between character sets (PS3.5 6.1.2.5)."""
    from pydicom.charset import decode_bytes  # noqa: PLC0415 - as above

    codecs = ["iso8859" if codec == "ascii" else codec for codec in charset.codecs]
    try:
        with quiet_pydicom():
            text = decode_bytes(data, codecs, set(_NAME_DELIMITERS if is_name else _TEXT_DELIMITERS))
    except (UnicodeError, LookupError, ValueError):
        return data.decode("latin-1"), False
    text = _ESCAPES.sub("", text)  # pydicom leaves those of GB 2312
    return text, "\N{REPLACEMENT CHARACTER}" not in text and "\x1b" not in text


def _standard(term: str, known: dict[str, str]) -> str | None:
    """Return the standard term that *term* means, None when nobody knows it."""
    if term in known:
        return term
    if (bare := _NOT_WORD.sub("", term)) in _UTF8 or bare.startswith("ISOIR192"):
        return "ISO_IR 192"
    if match := _ISO.fullmatch(term):
        if match[2] == "192":
            return "ISO_IR 192"
        for name in (f"ISO 2022 IR {match[2]}" if match[1] else f"ISO_IR {match[2]}", f"ISO 2022 IR {match[2]}"):
            if name in known:
                return name
    return {"LATIN1": "ISO_IR 100", "ISO88591": "ISO_IR 100", "ASCII": "ISO_IR 6", "GB2312": "GBK"}.get(bare)


def _python_codec(term: str) -> list[str]:
    """Return the codec for a term that is no term of DICOM but the plain name of a character set."""
    if _PLAIN_NAME.fullmatch(term) is None:
        return []
    try:
        return [lookup(term).name]
    except LookupError:
        return []


def _codec(name: str, known: dict[str, str]) -> str:
    return "ascii" if name in {"", "ISO_IR 6", "ISO 2022 IR 6"} else known[name]


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None
