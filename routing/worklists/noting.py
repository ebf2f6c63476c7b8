"""Noting which items an act moves, so that the watches of each item look at them before the act is committed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from routing.store.protocol import Writing
from routing.store.records import Item, Move, Opening
from routing.worklists.asking import follow
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper
from routing.worklists.shelf import StoreShelf


class Noting:
    """A transaction that notes the items which are begun and moved in it, and is that transaction in all else."""

    def __init__(self, tx: Writing) -> None:
        self._tx = tx
        self._moved: dict[int, None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def open(
        self, opening: Opening, *, actor: str, reason: str | None = None, body: Mapping[str, Any] | None = None
    ) -> Item:
        """Begin an item, and note it."""
        item = self._tx.open(opening, actor=actor, reason=reason, body=body)
        self._moved[item.id] = None
        return item

    def move(self, item: Item, move: Move) -> Item:
        """Let something happen to an item, and note it."""
        self._moved[item.id] = None
        return self._tx.move(item, move)

    def look(self, judge: Judge, hold: timedelta) -> None:
        """Bring what was moved in step: a claim or a pass may begin or end what a watch looks for."""
        keeper, shelf = Keeper(self._tx, judge, hold=hold), StoreShelf(self._tx)
        items = [self._tx.item(number) for number in self._moved]
        for item in items:
            if item.procedure is None and item.is_open:
                keeper.waker.settle(item)
        procedures = (follow(self._tx, item.procedure) for item in items if item.procedure is not None)
        for number in dict.fromkeys(procedures):
            keeper.keep(number, shelf.procedure(number))
