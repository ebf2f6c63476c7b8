"""Attributes that a rulebook declares with a path in DICOM objects.

attribute species is text from dicom "PatientSpeciesDescription"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from routing.attributes import Missing, Type, Value
from routing.sources.dicom_header import Header
from routing.sources.dicom_values import date_time, day
from routing.sources.mapping_values import READERS, Malformed


class Declaration(Protocol):
    """What a rulebook declares: a type, and where to look, in order of trial."""

    @property
    def type(self) -> Type:
        """The type."""

    @property
    def sources(self) -> tuple[Any, ...]:
        """Alternatives; those with `source` "dicom" have the `path`, keywords joined by dots."""


def declared_values(header: Header, declared: Mapping[str, Any] | None) -> dict[str, Value]:
    """Return the values of the declared attributes that this object gives: the first path that says anything counts."""
    values: dict[str, Value] = {}
    for name, declaration in (declared or {}).items():
        for source in getattr(declaration, "sources", ()):
            if getattr(source, "source", None) != "dicom":
                continue
            if words := header.path(source.path):
                values[name] = _value(source.path, words, declaration.type)
                break
    return values


def _value(path: str, words: tuple[str, ...], kind: Type) -> Value:
    raw = "\\".join(words)
    try:
        if kind in _MANY:
            value = _MANY[kind](words)
        else:
            value = _ONE[kind](words[0]) if kind in _ONE else READERS[kind](words[0])
    except (Malformed, ValueError, OverflowError):
        value = None
    return Value(value=value, source=path, raw=raw, missing=Missing.MALFORMED if value is None else None)


_MANY: Final[Mapping[Type, Callable[[tuple[str, ...]], Any]]] = {
    Type.CODES: lambda words: tuple(dict.fromkeys(words)),
    Type.TEXT: lambda words: words,
}
_ONE: Final[Mapping[Type, Callable[[str], Any]]] = {
    Type.DATE: lambda word: day(word)[0],
    Type.INSTANT: lambda word: date_time(word, None)[0],
}
