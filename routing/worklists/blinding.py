"""Blinding: while reads that are blind are still to come, no reader is told who read what, and what they found.

A host that names no reader is told all of it: what it shows to whom is its own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from attrs import evolve

from routing.states import Kind
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.asked import ASKED
from routing.worklists.placing import BLIND, key
from routing.worklists.reads import report_of
from routing.worklists.records import Happening, Line
from routing.worklists.waking import LIBRARY

_TOLD_OF: Final = frozenset({Kind.REPORT.value, Kind.OPINION.value})  # a read, or a question about one
ANOTHER: Final = "another reader"

_Told = TypeVar("_Told", bound=Any)


class Blinds:
    """What one reader may not be told, within one look at the store."""

    def __init__(self, store: Reading, reader: str | None) -> None:
        self._store = store
        self._reader = reader
        self._hidden: dict[int, bool] = {}

    def happening(self, one: Happening) -> Happening:
        """Return what happened to an item as the reader may know it."""
        # What follows from news and rules alone tells nothing of a read, unless it says by which report.
        others = one.actor not in {self._reader, LIBRARY} or one.evidence is not None
        if self._reader is None or not others or not self._hides(one.item):
            return one
        return evolve(one, actor=ANOTHER, reason=None, evidence=None, passed_to=None, question=None, asked_of=None)

    def change(self, one: _Told) -> _Told:
        """Return a change of the feed as the reader may know it."""
        if self._reader is None or one.kind not in _TOLD_OF or not self._hides(one.item):
            return one
        if one.actor in {self._reader, LIBRARY}:
            return self._held(one)
        return self._held(evolve(one, actor=ANOTHER, reason=None, passed_to=None))

    def lines(self, items: Sequence[Item], lines: Iterable[Line]) -> tuple[Line, ...]:
        """Return lines as the reader may know them: that another has a read in hand, and not who."""
        return tuple(
            self._asked(self._held(line)) if self._reader is not None and self._is_hidden(item) else line
            for item, line in zip(items, lines, strict=True)
        )

    def _asked(self, line: Line) -> Line:
        """Return a line that names nobody but its reader among those who pass a read on, or ask about it."""
        names = ("asked_by", "asked_of", "passed_to", "passed_by")
        said: dict[str, Any] = {name: ANOTHER for name in names if getattr(line, name) not in {None, self._reader}}
        return evolve(line, question=None, answer=None, **said)

    def _held(self, one: _Told) -> _Told:
        return one if one.holder in {None, self._reader} else evolve(one, holder=ANOTHER)

    def _hides(self, item: int) -> bool:
        if item not in self._hidden:
            self._hidden[item] = self._is_hidden(self._store.item(item))
        return self._hidden[item]

    def _is_hidden(self, item: Item) -> bool:
        """Return whether an item is one of several blind reads of a report that are not all in, or asks about one.

        Who asks for an opinion, and who is asked, knows that read anyway.
        """
        if item.kind is Kind.OPINION and "of_item" in item.details:
            if self._reader in {item.details.get("asked_by"), item.details.get(ASKED)}:
                return False
            return self._is_hidden(self._store.item(item.details["of_item"]))
        if not item.details.get(BLIND) or item.procedure is None:
            return False
        mine = report_of(key(item)[1])
        reads = [one for one in self._store.items_of(item.procedure, open_only=True) if one.kind is Kind.REPORT]
        return any(one.is_open and report_of(key(one)[1]) == mine for one in reads)
