"""The questions about items, their history and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from routing.errors import NotFound
from routing.store import rows
from routing.store.naming import Naming
from routing.store.pages import FREE, overdue_sql, page_sql, urgency
from routing.store.questions import ITEM
from routing.store.records import Evidence, Item, JournalRow

_ONE: Final = f"SELECT {ITEM} FROM item WHERE id = ?"  # noqa: S608 - names of columns
_JOURNAL: Final = (*rows.JOURNAL, "hash")
_BATCH: Final = 100  # lists in one statement; SQLite joins at most 500
_OPEN: Final = "('expected', 'held', 'waiting', 'claimed', 'preliminary')"


class ItemReading(Naming):
    """What is asked about items."""

    def item(self, item: int) -> Item:
        """Return the item. Raises NotFound."""
        return rows.item_of(self._found(self._one(_ONE, item), "item", item))

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first."""
        also = "AND open = 1 " if open_only else ""
        return self._items(f"procedure = ? {also}ORDER BY id", procedure)

    def page(
        self, worklists: Sequence[str] | None, limit: int | None, *, after: Item | None = None
    ) -> tuple[Item, ...]:
        """Return open items, most urgent first: priority, due (none last), age. *worklists* None means all."""
        return self._most_urgent("open = 1", worklists, limit, after=after)

    def candidates(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return the most urgent items that are free to claim at *now*: waiting, preliminary, or lease over."""
        return self._most_urgent(FREE, worklists, limit, now=rows.to_number(now, "now"))

    def _most_urgent(
        self,
        where: str,
        worklists: Sequence[str] | None,
        limit: int | None,
        *,
        after: Item | None = None,
        now: int | None = None,
    ) -> tuple[Item, ...]:
        lists = self._busy_lists() if worklists is None else list(dict.fromkeys(worklists))
        parameters: dict[str, Any] = {"limit": -1 if limit is None else limit, "now": now}
        if after is not None:
            parameters |= dict(zip(("rank", "due", "opened", "id"), urgency(after), strict=True))
        later = after is not None
        found = self._merged(lists, lambda some: page_sql(some, where, after=later), parameters)
        if len(lists) > _BATCH:
            found = sorted(found, key=urgency)[:limit]
        return tuple(found)

    def _merged(self, lists: Sequence[str], sql: Callable[[int], str], parameters: Mapping[str, Any]) -> list[Item]:
        """Return what a statement over several lists finds, for as many lists as there are."""
        found: list[Item] = []
        for start in range(0, len(lists), _BATCH):
            some = lists[start : start + _BATCH]
            named = {**parameters, **{f"w{number}": code for number, code in enumerate(some)}}
            found += [rows.item_of(row) for row in self._fetched(sql(len(some)), named)]
        return found

    def _busy_lists(self) -> list[str]:
        sql = f"SELECT DISTINCT worklist FROM tally WHERE count > 0 AND state IN {_OPEN}"  # noqa: S608
        return [row[0] for row in self._all(sql)]

    def held_by(self, reader: str) -> tuple[Item, ...]:
        """Return what the reader has claimed, whether or not the lease is over."""
        return self._items("state = 'claimed' AND holder = ? ORDER BY lease_until, id", reader)

    def awake(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose `wake_at` has come, earliest first."""
        where = "open = 1 AND wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def overdue(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose due has passed, earliest first."""
        where = "open = 1 AND due_at IS NOT NULL AND due_at < ? ORDER BY due_at, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def overdue_in(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return items of the lists that are free to claim at *now* and whose due has passed, earliest due first."""
        lists = list(dict.fromkeys(worklists))
        found = self._merged(lists, overdue_sql, {"limit": limit, "now": rows.to_number(now, "now")})
        return tuple(sorted(found, key=lambda item: (item.due_at or rows.EPOCH, item.id))[:limit])

    def aged(self, worklist: str, limit: int, *, after: Item | None = None) -> tuple[Item, ...]:
        """Return items of a list that can be read (waiting, claimed, preliminary), those that began first before."""
        later = "AND (opened_at, id) > (?, ?)" if after is not None else ""
        last = (rows.to_number(after.opened_at), after.id) if after is not None else ()
        where = f"worklist = ? AND open = 1 AND readable = 1 {later} ORDER BY opened_at, id LIMIT ?"
        return self._items(where, rows.clean(worklist), *last, limit)

    def lapsed(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return claimed items whose lease is over, earliest first."""
        where = "state = 'claimed' AND lease_until <= ? ORDER BY lease_until, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def history(self, item: int) -> tuple[JournalRow, ...]:
        """Return what happened to the item, oldest first. Raises NotFound."""
        found = self._all(f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE item = ? ORDER BY n", item)  # noqa: S608
        if not found:
            raise NotFound("item", str(item))
        return tuple(rows.journal_row_of(dict(zip(_JOURNAL, row, strict=True))) for row in found)

    def journal_since(self, seq: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the rows of the journal after row *seq*, of all items, in the order in which they were written."""
        sql = f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        return tuple(rows.journal_row_of(dict(zip(_JOURNAL, row, strict=True))) for row in self._all(sql, seq, limit))

    def evidence(self, evidence: int) -> Evidence:
        """Return one row of evidence. Raises NotFound."""
        sql = "SELECT kind, procedure, status, item, input, digest, body FROM evidence WHERE id = ?"
        return rows.evidence_of(self._found(self._one(sql, evidence), "evidence", evidence))
