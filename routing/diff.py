"""Differences between two rulebooks: proved over all studies, and counted among real ones.

Real studies are those under paths, or the open items of a store; each is decided by both rulebooks as of one instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from routing.decision import Decision
from routing.dry_run import Facts, decide_all
from routing.prove.changes import Change, Changes, changes, differing, later
from routing.worklists.judging import Judge

if TYPE_CHECKING:
    from routing.rulebook import Rulebook
    from routing.sources.procedure import Procedure
    from routing.worklists import Worklists

Pair: TypeAlias = tuple[str, Decision, Decision]
"""What a real study is called, and what the old and the new rulebook decide of it."""

_NOT_SHOWN = "guarantees"


@frozen(kw_only=True)
class Move:
    """Real studies that move alike: from a list to a list, in the same fields. `names` are accessions or sources."""

    before: str
    after: str
    fields: tuple[str, ...]
    names: tuple[str, ...] = field(repr=False)
    later: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the group as a row."""
        return {
            "from": self.before,
            "to": self.after,
            "count": len(self.names),
            "later": self.later,
            "fields": list(self.fields),
            "studies": list(self.names),
        }


@frozen(kw_only=True)
class Difference:
    """What two rulebooks decide differently: what is proved, and which real studies move, of how many."""

    proved: Changes
    moves: tuple[Move, ...] = field(default=(), repr=False)
    decided: int = 0

    @property
    def none(self) -> bool:
        """Whether no decision changes: proved, and none of the real studies moves."""
        return self.proved.none and not self.moves

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as JSON has it."""
        return {
            "same": self.none,
            "changes": [as_row(one) for one in self.proved.found],
            "more": [{"of": one.of, "count": one.count, "exact": one.exact} for one in self.proved.more],
            "undecided": list(self.proved.undecided),
            "decided": self.decided,
            "moves": [one.as_dict() for one in self.moves],
        }


def diff(
    old: Rulebook,
    new: Rulebook,
    paths: Sequence[str | Path] = (),
    *,
    at: datetime | None = None,
    facts: Facts | None = None,
    profile: Path | None = None,
    worklists: Worklists | None = None,
    every: bool = False,
) -> Difference:
    """Return what *new* decides differently from *old*.

    Args:
        old: the rulebook that decides now.
        new: the rulebook after the edit.
        paths: DICOM and HL7 files, or folders of them, to be decided by both.
        at: the instant at which they are decided, aware; needed with *paths* or *worklists*.
        facts: the host's facts by accession or study UID.
        profile: a file of sender profiles.
        worklists: a store whose open items are decided by both.
        every: tell every change that is proved; else some of each rule, and how many more there are.

    Raises:
        NaiveMoment: *at* has no time zone. Nothing is written: nothing ever is.

    """
    pairs: list[Pair] = []
    if at is not None:
        pairs += _from_paths(old, new, paths, at, facts, profile) if paths else ()
        pairs += by_both(old, new, worklists.open_procedures(), at) if worklists is not None else ()
    proved = changes(old.compiled, new.compiled, every=every)
    return Difference(proved=proved, moves=grouped(pairs), decided=len(pairs))


def as_row(change: Change) -> dict[str, Any]:
    """Return a proved change as a row: where, the made-up study, and the fields before and after."""
    before, after = change.before.as_dict(), change.after.as_dict()
    return {
        "where": change.where,
        "study": change.study.shown(),
        "fields": list(change.fields),
        "later": change.is_later,
        "before": _picked(before, change.fields),
        "after": _picked(after, change.fields),
    }


def _picked(decision: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a decision that differ, under the names of its JSON form."""
    names = [name for field_ in fields for name in _NAMES.get(field_, (field_,))]
    return {name: decision[name] for name in ("worklist", "route_rule", *names) if name in decision}


_NAMES = {"also": ("also", "audits"), "limits": ("readers",), _NOT_SHOWN: ("problems",)}


def _from_paths(
    old: Rulebook, new: Rulebook, paths: Sequence[str | Path], at: datetime, facts: Facts | None, profile: Path | None
) -> Iterator[Pair]:
    both = (decide_all(book, paths, at=at, facts=facts, profile=profile) for book in (old, new))
    for one, other in zip(*both, strict=True):
        if one.procedure is not None:
            yield one.procedure.accession or one.sources[0], one.decision, other.decision


def by_both(old: Rulebook, new: Rulebook, procedures: Iterable[tuple[int, Procedure]], at: datetime) -> Iterator[Pair]:
    """Yield each procedure, by its accession or else its number, with what either rulebook decides of all it knows."""
    judges = Judge(old), Judge(new)
    for number, procedure in procedures:
        before, after = (judge.decide(procedure, at) for judge in judges)
        yield procedure.accession or f"procedure {number}", before, after


def grouped(pairs: Iterable[Pair]) -> tuple[Move, ...]:
    """Return those that are decided differently, grouped by the lists and the fields; the largest group first."""
    return tuple(_groups(pairs))


def _groups(pairs: Iterable[Pair]) -> Iterator[Move]:
    groups: dict[tuple[str, str, tuple[str, ...]], list[tuple[str, bool]]] = {}
    for name, before, after in pairs:
        if fields := differing(before, after):
            key = (before.worklist, after.worklist, fields)
            groups.setdefault(key, []).append((name, later(before, after)))
    for (here, there, fields), found in sorted(groups.items(), key=lambda one: -len(one[1])):
        yield Move(
            before=here,
            after=there,
            fields=fields,
            names=tuple(name for name, _ in found),
            later=sum(is_later for _, is_later in found),
        )


__all__ = ["Difference", "Move", "Pair", "as_row", "by_both", "diff", "grouped"]
