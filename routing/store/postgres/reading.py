"""The questions that PostgreSQL is asked otherwise than SQLite; all others are the same statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from routing.states import State
from routing.store import rows
from routing.store.pages import urgency
from routing.store.questions import ITEM
from routing.store.reading import SqliteReading
from routing.store.records import Alias, CountRow, Item, JournalRow, StoredRulebook

_LAST: Final = 9223372036854775807  # no due sorts after every due
_ORDER: Final = f"rank, coalesce(due_at, {_LAST}), opened_at, id"
_FREE: Final = "readable = 1 AND (state <> 'claimed' OR lease_until <= :now)"

# The most urgent of each list by its index, then the most urgent of those: one sort over few rows, however many wait.
_PAGE: Final = f"""SELECT {ITEM} FROM unnest(CAST(:lists AS text[])) AS list (code) CROSS JOIN LATERAL (
      SELECT {ITEM} FROM item WHERE {{where}} AND worklist = list.code {{later}} ORDER BY {_ORDER} LIMIT :limit) AS best
    ORDER BY {_ORDER} LIMIT :limit"""  # noqa: S608 - names of columns
_LATER: Final = f"AND ({_ORDER}) > (:rank, :due, :opened, :id)"

# What waits, by its index; and what was claimed by leases that are over, which are few.
_CANDIDATES: Final = f"""SELECT {ITEM} FROM (
      SELECT best.* FROM unnest(CAST(:lists AS text[])) AS list (code) CROSS JOIN LATERAL (
        SELECT {ITEM} FROM item WHERE readable = 1 AND state <> 'claimed' AND worklist = list.code
        ORDER BY {_ORDER} LIMIT :limit) AS best
      UNION ALL
      SELECT {ITEM} FROM item WHERE state = 'claimed' AND lease_until <= :now AND worklist = ANY (:lists)) AS free
    ORDER BY {_ORDER} LIMIT :limit"""  # noqa: S608 - names of columns
_OVERDUE: Final = f"""SELECT {ITEM} FROM unnest(CAST(:lists AS text[])) AS list (code) CROSS JOIN LATERAL (
      SELECT {ITEM} FROM item WHERE {_FREE} AND worklist = list.code AND due_at IS NOT NULL AND due_at < :now
      ORDER BY due_at, id LIMIT :limit) AS best ORDER BY due_at, id LIMIT :limit"""  # noqa: S608 - names of columns
_JOURNAL: Final = (*rows.JOURNAL, "hash")

_OLDEST: Final = """WHEN '{state}' THEN (SELECT opened_at FROM item
      WHERE item.worklist = tally.worklist AND item.state = '{state}' AND open = 1{also} ORDER BY opened_at LIMIT 1)"""
_ALSO: Final = {
    "waiting": " AND readable = 1",
    "expected": " AND readable = 0",
    "claimed": "",
    "held": "",
    "preliminary": "",
}
_COUNTS: Final = f"""SELECT worklist, state, count,
      CASE state {" ".join(_OLDEST.format(state=state, also=also) for state, also in _ALSO.items())} END
    FROM (SELECT worklist, state, CAST(sum(count) AS bigint) AS count FROM tally GROUP BY worklist, state) AS tally
    WHERE count > 0 ORDER BY worklist, state"""  # noqa: S608 - words of ours


class PostgresReading(SqliteReading):
    """The reading half. A subclass says how to get the connection."""

    _position = """strpos(details, '"{detail}":"')"""
    _first_part = """split_part(split_part(details, '"{detail}":"', 2), '"', 1)"""
    _books: dict[str, StoredRulebook]  # rulebooks never change: each is read once

    def rulebook(self, fingerprint: str) -> StoredRulebook:
        """Return a stored rulebook. Raises NotFound."""
        if fingerprint not in self._books:
            self._books[fingerprint] = super().rulebook(fingerprint)
        return self._books[fingerprint]

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
        parameters: dict[str, Any] = {"lists": lists, "limit": limit}
        if now is not None:
            parameters["now"] = now
        if after is not None:
            parameters |= dict(zip(("rank", "due", "opened", "id"), urgency(after), strict=True))
        sql = _PAGE.format(where=where, later=_LATER if after is not None else "")
        return tuple(rows.item_of(row) for row in self._fetched(sql, parameters))

    def overdue_in(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return items of the lists that are free to claim at *now* and whose due has passed, earliest due first."""
        parameters = {"lists": list(dict.fromkeys(worklists)), "limit": limit, "now": rows.to_number(now, "now")}
        return tuple(rows.item_of(row) for row in self._fetched(_OVERDUE, parameters))

    def came_elsewhere(self, instance: str, study: str) -> bool:
        """Return whether an instance, by its UID, has come in another study than this; whoever sent it."""
        sql = (
            "SELECT 1 FROM inbox WHERE kind = 'dicom' AND reverse(split_part(reverse(message_id), '/', 1)) = ?"
            " AND strpos(message_id, '/') > 0 AND strpos(message_id, ?) <> 1 LIMIT 1"
        )
        return self._one(sql, rows.clean(instance), rows.clean(f"{study}/")) is not None

    def journal_since(self, seq: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the rows of the journal after row *seq*, of all items, in the order of their numbers.

        Rows that stand behind a number which a transaction under way may still write are not told yet: whoever asks
        again after the last row that was told misses none.
        """
        settled = self._one("SELECT settled()")[0]  # a statement of its own: what had settled is seen by the next
        sql = f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"  # noqa: S608
        found = self._all(sql, seq, settled, limit)
        return tuple(rows.journal_row_of(dict(zip(_JOURNAL, row, strict=True))) for row in found)

    def aliases(self, procedures: Sequence[int]) -> Mapping[int, tuple[Alias, ...]]:
        """Return the names of several procedures at once, without what is known of them."""
        found: dict[int, list[Alias]] = {number: [] for number in procedures}
        sql = "SELECT procedure, kind, value, issuer FROM alias WHERE procedure = ANY (?) ORDER BY 1, 2, 3, 4"
        for number, kind, value, issuer in self._all(sql, list(found)):
            found[number].append(Alias(kind=kind, value=value, issuer=issuer))
        return {number: tuple(names) for number, names in found.items()}

    def first_lines(self, procedures: Sequence[int]) -> Mapping[int, str]:
        """Return the first line of what is known of several procedures at once: enough to say what they are called."""
        sql = "SELECT id, split_part(knowledge, chr(10), 1) FROM procedure WHERE id = ANY (?)"
        return dict(self._all(sql, list(procedures)))

    def inputs_of(self, procedure: int) -> tuple[int, ...]:
        """Return the numbers of the inputs whose outcome names the procedure, oldest first."""
        sql = "SELECT input FROM outcome WHERE CAST(procedures AS jsonb) @> CAST(? AS jsonb) ORDER BY input"
        return tuple(row[0] for row in self._all(sql, str(procedure)))

    def counts(self) -> tuple[CountRow, ...]:
        """Return how many items are in each worklist and state, discharged ones too, from the table the guards keep."""
        return tuple(
            CountRow(worklist=worklist, state=State(state), count=count, oldest=rows.to_instant(oldest))
            for worklist, state, count, oldest in self._all(_COUNTS)
        )

    def candidates(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return the most urgent items that are free to claim at *now*: waiting, preliminary, or lease over."""
        parameters = {"lists": list(dict.fromkeys(worklists)), "limit": limit, "now": rows.to_number(now, "now")}
        return tuple(rows.item_of(row) for row in self._fetched(_CANDIDATES, parameters))
