"""Readers: what a directory says of somebody who reads. The host's own directory, or that of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final, Protocol, runtime_checkable

from attrs import evolve, field, frozen

from routing.errors import NaiveMoment
from routing.store.records import Reader

LEFT: Final = "left"  # in the store's record of a reader who is none any more: why
TRAINEE: Final = "trainee"  # whose final text is a draft until somebody signs it


def _texts(many: Iterable[str]) -> tuple[str, ...]:
    return tuple(many)


@frozen(kw_only=True)
class ReaderFacts:
    """What is known of a reader: skills, grade, whether at work, the sites, and until when a skill is in date.

    `until` gives a skill its end: a date is its last day, an aware instant the moment from which it counts no more. A
    skill that it does not name has none.
    """

    skills: tuple[str, ...] = field(default=(), converter=_texts)
    grade: str = ""
    on_shift: bool = True
    sites: tuple[str, ...] = field(default=(), converter=_texts)
    until: Mapping[str, date] = field(factory=dict, hash=False)

    def at(self, now: datetime, zone: tzinfo) -> ReaderFacts:
        """Return the facts with those skills alone that are in date at *now*; days are those of *zone*.

        Raises:
            NaiveMoment: an instant of `until` has no time zone.

        """
        if not self.until:
            return self
        return evolve(self, skills=[one for one in self.skills if now < _end(self.until.get(one), now, zone)])


def _end(until: date | None, now: datetime, zone: tzinfo) -> datetime:
    if until is None:
        return now + timedelta.resolution
    if not isinstance(until, datetime):
        return datetime.combine(until + timedelta(days=1), time(), zone)
    if until.tzinfo is None:
        raise NaiveMoment("until")
    return until


Known = Iterable[str] | ReaderFacts


@runtime_checkable
class Directory(Protocol):
    """A host's own directory as an object: it also says whom it knows, so that a list nobody may read is noticed."""

    def facts(self, name: str) -> ReaderFacts | None:
        """Return what is known of somebody now; None for nobody of that name."""

    def names(self) -> Iterable[str]:
        """Return everybody whom it knows."""


Readers = Mapping[str, Known] | Callable[[str], Known | None] | Directory | None
"""The host's own directory: a mapping of names to skills or facts, a function that gives them or None, or an object.

It is asked at every claim and at every report, so that a skill that has run out in between counts no more.
"""


def from_host(readers: Readers, name: str) -> ReaderFacts | None:
    """Return what the host's directory says of somebody; None when it knows nobody of that name."""
    if readers is None:
        return None
    known: Any
    if isinstance(readers, Directory):
        known = readers.facts(name)
    else:
        known = readers(name) if callable(readers) else readers.get(name)
    return known if known is None or isinstance(known, ReaderFacts) else ReaderFacts(skills=known)


def names_of(readers: Readers) -> tuple[str, ...] | None:
    """Return whom the host's directory knows; None where it is a function, which cannot say."""
    if readers is None:
        return ()
    if isinstance(readers, Directory):
        return tuple(readers.names())
    return None if callable(readers) else tuple(readers)


def from_store(reader: Reader | None) -> ReaderFacts | None:
    """Return what the store's directory says of somebody; None of who has left."""
    if reader is None or LEFT in reader.body:
        return None
    body = reader.body
    return ReaderFacts(
        skills=reader.skills,
        grade=str(body.get("grade", "")),
        on_shift=bool(body.get("on_shift", True)),
        sites=body.get("sites", ()),
        until={skill: ending(text) for skill, text in body.get("until", {}).items()},
    )


def ending(text: str) -> date:
    """Return the end of a skill as the store keeps it: a day, or an instant with its offset. Raises ValueError."""
    return date.fromisoformat(text) if len(text) == len("2026-12-31") else datetime.fromisoformat(text)
