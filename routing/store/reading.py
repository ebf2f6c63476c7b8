"""The questions that a SQLite store answers. Each is one statement of prepared SQL on the thread's own connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from routing.states import State
from routing.store import rows, seals
from routing.store.inbox_reading import InboxReading
from routing.store.item_reading import ItemReading
from routing.store.known_reading import KnownReading
from routing.store.records import Activation, CountRow, Grant, Notice, Reader, Seal, StoredRulebook, Worklist

_OVERDUE_COUNTS: Final = """SELECT worklist, count(*),
      sum(CASE WHEN state = 'claimed' AND lease_until > ? THEN 0 ELSE 1 END)
    FROM item WHERE open = 1 AND due_at IS NOT NULL AND due_at <= ? GROUP BY worklist ORDER BY worklist"""
_COUNTS: Final = """SELECT worklist, state, count, CASE state
    WHEN 'claimed' THEN (SELECT min(opened_at) FROM item INDEXED BY item_lease
      WHERE item.worklist = tally.worklist AND item.state = 'claimed')
    WHEN 'held' THEN (SELECT min(opened_at) FROM item INDEXED BY item_held
      WHERE item.worklist = tally.worklist AND item.state = 'held')
    WHEN 'preliminary' THEN (SELECT min(opened_at) FROM item INDEXED BY item_draft
      WHERE item.worklist = tally.worklist AND item.state = 'preliminary')
    WHEN 'waiting' THEN (SELECT opened_at FROM item INDEXED BY item_age
      WHERE item.worklist = tally.worklist AND readable = 1 AND open = 1 AND item.state = 'waiting'
      ORDER BY opened_at LIMIT 1)
    WHEN 'expected' THEN (SELECT opened_at FROM item INDEXED BY item_age
      WHERE item.worklist = tally.worklist AND readable = 0 AND open = 1 AND item.state = 'expected'
      ORDER BY opened_at LIMIT 1)
    END FROM tally WHERE count > 0 ORDER BY worklist, state"""


class SqliteReading(ItemReading, KnownReading, InboxReading):
    """The reading half. A subclass says how to get the connection."""

    def counts(self) -> tuple[CountRow, ...]:
        """Return how many items are in each worklist and state, discharged ones too, from the table the guards keep."""
        return tuple(
            CountRow(worklist=worklist, state=State(state), count=count, oldest=rows.to_instant(oldest))
            for worklist, state, count, oldest in self._all(_COUNTS)
        )

    def overdue_counts(self, now: datetime) -> Mapping[str, tuple[int, int]]:
        """Return for each list with overdue items how many there are, and how many of them nobody has in hand."""
        at = rows.to_number(now, "now")
        return {row[0]: (int(row[1]), int(row[2])) for row in self._all(_OVERDUE_COUNTS, at, at)}

    def worklists(self) -> tuple[Worklist, ...]:
        """Return all worklists, by code."""
        found = self._all("SELECT code, status, kind, fallback FROM worklist ORDER BY code")
        return tuple(Worklist(code=row[0], status=row[1], kind=row[2], fallback=row[3]) for row in found)

    def active_fingerprint(self) -> str | None:
        """Return the fingerprint of the rulebook that was activated last, or None."""
        row = self._one("SELECT fingerprint FROM activation ORDER BY seq DESC LIMIT 1")
        return str(row[0]) if row else None

    def active_rulebook(self) -> StoredRulebook | None:
        """Return the rulebook that was activated last, or None."""
        fingerprint = self.active_fingerprint()
        return self.rulebook(fingerprint) if fingerprint else None

    def activations(self, limit: int) -> tuple[Activation, ...]:
        """Return which rulebooks were made active, by whom and why, the newest first."""
        sql = "SELECT fingerprint, actor, reason, at FROM activation ORDER BY seq DESC LIMIT ?"
        return tuple(rows.activation_of(row) for row in self._all(sql, limit))

    def rulebook(self, fingerprint: str) -> StoredRulebook:
        """Return a stored rulebook. Raises NotFound."""
        sql = "SELECT fingerprint, name, text, tables, added_at FROM rulebook WHERE fingerprint = ?"
        return rows.rulebook_of(self._found(self._one(sql, fingerprint), "rulebook", fingerprint))

    def grants(self, actor: str | None = None) -> tuple[Grant, ...]:
        """Return the rights in force, all of them or those of one actor, oldest first."""
        whose, name = ("", ()) if actor is None else ("WHERE actor = ?", (rows.clean(actor),))
        sql = f"""SELECT actor, act, scope, by, reason FROM grants WHERE given = 1
            AND seq IN (SELECT max(seq) FROM grants {whose} GROUP BY actor, act, scope) ORDER BY seq"""  # noqa: S608
        found = self._all(sql, *name)
        return tuple(Grant(actor=row[0], act=row[1], scope=row[2], by=row[3], reason=row[4]) for row in found)

    def reader(self, name: str) -> Reader | None:
        """Return a reader of the directory, or None."""
        row = self._one("SELECT name, skills, body FROM reader WHERE name = ?", rows.clean(name))
        return rows.reader_of(row) if row else None

    def readers(self) -> tuple[Reader, ...]:
        """Return the directory; empty when there is none."""
        return tuple(rows.reader_of(row) for row in self._all("SELECT name, skills, body FROM reader ORDER BY name"))

    def notices(self, limit: int) -> tuple[Notice, ...]:
        """Return what is still to be told, oldest first."""
        sql = "SELECT id, item, target, payload, made_at FROM outbox WHERE done_at IS NULL ORDER BY id LIMIT ?"
        return tuple(rows.notice_of(row) for row in self._all(sql, limit))

    def seals(self) -> tuple[Seal, ...]:
        """Return all seals, oldest first."""
        return seals.seals_of(self._connection())

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself, such as the instant of the last tick."""
        row = self._one("SELECT value FROM meta WHERE name = ?", f"remark.{name}")
        return str(row[0]) if row else None
