"""Pages: the statements that take the first of each list by its index and merge them, and what they are sorted by."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from routing.store import rows
from routing.store.records import Item

_ITEM: Final = ", ".join(rows.ITEM)
_LAST: Final = 9223372036854775807  # no due sorts after every due
# A lease that is over frees the item; nobody has to write that down first.
FREE: Final = "readable = 1 AND (state <> 'claimed' OR lease_until <= :now)"


@lru_cache
def page_sql(lists: int, where: str, *, after: bool) -> str:
    """Return the statement that takes the most urgent of each list by its index and merges them."""
    later = f"AND (rank, ifnull(due_at, {_LAST}), opened_at, id) > (:rank, :due, :opened, :id)" if after else ""
    one = (
        f"SELECT * FROM (SELECT {_ITEM}, ifnull(due_at, {_LAST}) AS due_order FROM item WHERE {where} "  # noqa: S608
        f"AND worklist = :w{{}} {later} ORDER BY rank, ifnull(due_at, {_LAST}), opened_at, id LIMIT :limit)"
    )
    parts = " UNION ALL ".join(one.format(number) for number in range(lists))
    return f"{parts} ORDER BY rank, due_order, opened_at, id LIMIT :limit"


@lru_cache
def overdue_sql(lists: int) -> str:
    """Return the statement that takes the earliest due of each list by its index and merges them."""
    one = (
        f"SELECT * FROM (SELECT {_ITEM} FROM item INDEXED BY item_overdue WHERE {FREE} AND worklist = :w{{}} "  # noqa: S608
        "AND due_at IS NOT NULL AND due_at < :now ORDER BY due_at, id LIMIT :limit)"
    )
    parts = " UNION ALL ".join(one.format(number) for number in range(lists))
    return f"{parts} ORDER BY due_at, id LIMIT :limit"


def urgency(item: Item) -> tuple[int, int, int, int]:
    """Return what a page is sorted by: priority, due (none last), age, number."""
    due = rows.to_number(item.due_at)
    return (item.rank, _LAST if due is None else due, rows.to_number(item.opened_at) or 0, item.id)
