"""Previewing: what activating another rulebook would do to the open items. Nothing is written.

It asks what `activate` asks: the same placing, the same rules for what may change. Lists change as the rulebook says;
dues only become earlier and priorities only higher; what a reader has in hand is decided when it is given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from routing.states import Kind, State
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper, Place, key
from routing.worklists.living import is_held_by
from routing.worklists.shelf import StoreShelf, open_numbers


@frozen(kw_only=True)
class Shift:
    """Items that would go the same way, from a list to a list (the same one: only dues or priorities change).

    `earlier`: dues that move earlier. `later`: the rulebook alone would make them later, so they stay as they are.
    `raised` and `lowered` are the same for priorities. `claimed` are in hand, and go when they are given back.
    """

    before: str
    after: str
    count: int
    earlier: int = 0
    later: int = 0
    raised: int = 0
    lowered: int = 0
    claimed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the group as `preview --format json` prints it."""
        names = ("count", "earlier", "later", "raised", "lowered", "claimed")
        return {"from": self.before, "to": self.after, **{name: getattr(self, name) for name in names}}


@frozen(kw_only=True)
class Preview:
    """What a rulebook would do to the open work. `decided` procedures were looked at, of `procedures` that are open."""

    rulebook: str
    name: str
    shifts: tuple[Shift, ...]
    decided: int
    procedures: int
    exceptions: int
    opened: int = 0
    closed: int = 0
    closing: tuple[str, ...] = field(factory=tuple)

    @property
    def moving(self) -> int:
        """How many items would go to another list."""
        return sum(one.count for one in self.shifts if one.before != one.after)

    def as_dict(self) -> dict[str, Any]:
        """Return the preview as `preview --format json` prints it."""
        sums = {name: sum(getattr(one, name) for one in self.shifts) for name in ("earlier", "later", "claimed")}
        return {
            "rulebook": self.rulebook,
            "name": self.name,
            "decided": self.decided,
            "procedures": self.procedures,
            "moving": self.moving,
            "exceptions": self.exceptions,
            **sums,
            "opened": self.opened,
            "closed": self.closed,
            "closing": list(self.closing),
            "moves": [one.as_dict() for one in self.shifts],
        }


class _AsOf:
    """A reading of the store as a transaction sees it that only looks: it has an instant, and no way to write."""

    def __init__(self, store: Reading, now: datetime) -> None:
        self._store = store
        self.now = self.at = now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def preview(store: Reading, judge: Judge, now: datetime, hold: timedelta, limit: int | None = None) -> Preview:
    """Return what activating the judge's rulebook would do; *limit*: look at no more than so many procedures."""
    reading: Any = _AsOf(store, now)
    keeper = Keeper(reading, judge, hold=hold)
    groups: dict[tuple[str, str], dict[str, int]] = {}
    exceptions = opened = closed = decided = procedures = 0
    for numbers in open_numbers(store):
        shelf = StoreShelf(store)  # one for some: it remembers what it has read
        looked_at = numbers if limit is None else numbers[: max(0, limit - decided)]
        procedures, decided = procedures + len(numbers), decided + len(looked_at)
        for item, place in (pair for number in looked_at for pair in _planned(keeper, shelf, number)):
            if item is None or place is None:
                opened, closed = opened + (item is None), closed + (place is None)
                continue
            changes = keeper.siting.rerouting(item, place)
            _count(groups, item, place, changes, now)
            exceptions += changes.get("worklist") == judge.exceptions_list
    lists = [one.code for one in store.worklists() if one.status == "active" and one.code not in judge.lists]
    return Preview(
        rulebook=judge.fingerprint,
        name=str(judge.rules.name),
        shifts=tuple(_shifts(groups)),
        decided=decided,
        procedures=procedures,
        exceptions=exceptions,
        opened=opened,
        closed=closed,
        closing=tuple(lists),
    )


def _planned(keeper: Keeper, shelf: StoreShelf, number: int) -> Iterator[tuple[Item | None, Place | None]]:
    """Yield each open item with its place by the new rules; without an item it begins, without a place it is closed."""
    procedure, before = shelf.procedure(number), keeper.tx.items_of(number)
    decision = keeper.waker.decided(procedure, before)
    items = {key(item): item for item in before}
    for one in keeper.owed(procedure, decision, items):
        item = items.get((one.kind, one.part))
        if item is not None and not item.is_open:
            continue
        if not one.is_open:
            if item is not None and one.state is State.CLOSED and one.kind is not Kind.RESOLVE:
                yield item, None
        elif item is None:
            yield None, keeper.siting.place(procedure, one, decision, None)
        else:
            yield item, keeper.siting.place(procedure, one, decision, item)


def _count(
    groups: dict[tuple[str, str], dict[str, int]], item: Item, place: Place, changes: dict[str, Any], now: datetime
) -> None:
    later = place.due_at is not None and item.due_at is not None and place.due_at > item.due_at
    claimed = is_held_by(item, now) is not None
    after = place.worklist if claimed and not item.details.get("passed") else changes.get("worklist", item.worklist)
    seen = {
        "earlier": "due_at" in changes and item.due_at is not None,
        "later": later,
        "raised": "rank" in changes,
        "lowered": place.rank > item.rank,
        "claimed": claimed and after != item.worklist,
    }
    if after == item.worklist and not any(seen.values()):
        return
    group = groups.setdefault((item.worklist, after), dict.fromkeys(("count", *seen), 0))
    group["count"] += 1
    for name, holds in seen.items():
        group[name] += holds


def _shifts(groups: dict[tuple[str, str], dict[str, int]]) -> Iterable[Shift]:
    for (before, after), counts in sorted(groups.items(), key=lambda one: (-one[1]["count"], one[0])):
        yield Shift(before=before, after=after, **counts)
