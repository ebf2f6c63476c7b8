"""Readers: what a directory says of somebody who reads. The host's own directory, or that of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen

from routing.store.records import Reader

TRAINEE: Final = "trainee"  # whose final text is a draft until somebody signs it


def _texts(many: Iterable[str]) -> tuple[str, ...]:
    return tuple(many)


@frozen(kw_only=True)
class ReaderFacts:
    """What is known of a reader now: skills (only those that are in date), grade, whether at work, and the sites."""

    skills: tuple[str, ...] = field(default=(), converter=_texts)
    grade: str = ""
    on_shift: bool = True
    sites: tuple[str, ...] = field(default=(), converter=_texts)


Known = Iterable[str] | ReaderFacts
Readers = Mapping[str, Known] | Callable[[str], Known | None] | None
"""The host's own directory: a mapping of names to skills or facts, or a function that gives them, or None for nobody.

It is asked at every claim and at every report, so that a skill that has run out in between counts no more.
"""


def from_host(readers: Readers, name: str) -> ReaderFacts | None:
    """Return what the host's directory says of somebody; None when it knows nobody of that name."""
    known: Any = readers(name) if callable(readers) else readers.get(name) if readers is not None else None
    if known is None or isinstance(known, ReaderFacts):
        return known
    return ReaderFacts(skills=known)


def from_store(reader: Reader | None) -> ReaderFacts | None:
    """Return what the store's directory says of somebody."""
    if reader is None:
        return None
    body = reader.body
    return ReaderFacts(
        skills=reader.skills,
        grade=str(body.get("grade", "")),
        on_shift=bool(body.get("on_shift", True)),
        sites=body.get("sites", ()),
    )
