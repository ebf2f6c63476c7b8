"""Whose turn it is: the order in which free items are given to readers, with ageing, so that none starves (I10). Pure.

An item gains one step of priority for each whole target that it is overdue, and beside items of one step the earlier
due goes first. So it waits at most its target for each step it is from the highest, one more, and until the items are
read that were there before it was due: what comes later never passes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from routing.store.records import Item

SHORTEST: Final = timedelta(minutes=1)  # the shortest target that ageing counts by


def turn(item: Item, now: datetime) -> tuple[int, float, float, int]:
    """Return what orders turns at *now*: the step, the due (none: last of its step), the age, the number."""
    if item.due_at is None:
        return item.rank, float("inf"), item.opened_at.timestamp(), item.id
    overdue = max(timedelta(0), now - item.due_at) // target(item)
    return max(0, item.rank - overdue), item.due_at.timestamp(), item.opened_at.timestamp(), item.id


def target(item: Item) -> timedelta:
    """Return how long an item may wait: from when it began to its due, and at least a minute."""
    return max(item.due_at - item.opened_at, SHORTEST) if item.due_at is not None else SHORTEST
