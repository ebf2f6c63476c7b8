"""One write transaction of a SQLite store: its clock, its parts, and the numbers it gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from routing.errors import StoreRefused
from routing.store import rows
from routing.store.reading import SqliteReading
from routing.store.records import Item

FLAGGED_STEP: Final = timedelta(hours=1)
_WRITTEN: Final = """SELECT ifnull((SELECT seq FROM journal ORDER BY seq DESC LIMIT 1), 0),
    ifnull((SELECT at FROM journal ORDER BY seq DESC LIMIT 1), -1),
    ifnull((SELECT at FROM outcome ORDER BY input DESC LIMIT 1), -1)"""


class SqliteTransaction(SqliteReading):
    """An open transaction on one connection. `now` is the caller's clock; `at` never runs behind what is written."""

    def __init__(self, connection: Any, now: datetime) -> None:
        self._sql = connection
        self._begin_to_remember()
        self._seq, journalled, concluded = connection.execute(_WRITTEN).fetchone()
        self._last: int = max(journalled, concluded)
        self.now = now
        mine = rows.to_number(now)
        self.at = now if mine is None or mine >= self._last else rows.to_instant(self._last) or now
        self._at: int = rows.to_number(self.at) or 0
        self.stepped_back = self.at - now > FLAGGED_STEP
        if self.stepped_back:
            self._flag_step()

    def _begin_to_remember(self) -> None:
        self._items_known: dict[int, tuple[Item, ...]] = {}  # of procedures, as they stand in this transaction
        self._remarks: dict[str, str | None] = {}  # likewise, by name
        self._given: dict[str, int] = {}  # the numbers given last, by table
        self._digests: dict[int, str] = {}  # of what is known of procedures
        self._taken: dict[int, tuple[Any, ...]] = {}  # inputs that were kept, as they are read, by number

    def _forget(self) -> None:
        """Forget what was remembered in a part that is undone."""
        for remembered in (self._items_known, self._remarks, self._given, self._digests, self._taken):
            remembered.clear()

    def _connection(self) -> Any:
        return self._sql

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        return self._sql.execute(sql, parameters).fetchall()  # type: ignore[no-any-return]

    def _one(self, sql: str, *parameters: Any) -> Any:
        return self._sql.execute(sql, parameters).fetchone()

    def _run(self, sql: str, *parameters: Any) -> None:
        self._open_still().execute(sql, parameters)

    def _open_still(self) -> Any:
        """Return the connection for a write. Raises StoreRefused where the transaction is over.

        SQLite undoes the whole of it by itself after some errors (of the disk, or of memory). Where somebody goes on
        after such an error, each further write would be durable alone.
        """
        if not self._sql.in_transaction:
            raise StoreRefused("the database has undone the transaction: nothing more is written in it")
        return self._sql

    def _next(self, table: str, column: str = "id") -> int:
        last = self._given.get(table)
        if last is None:
            last = self._one(f"SELECT ifnull(max({column}), 0) FROM {table}")[0]  # noqa: S608
        return last + 1

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself. Nobody else writes meanwhile: it is read once."""
        if name not in self._remarks:
            self._remarks[name] = super().meta(name)
        return self._remarks[name]

    def _flag_step(self) -> None:
        """Write the step down once, and again only when the clock stands elsewhere by an hour."""
        last = self._one("SELECT now FROM clock_step ORDER BY seq DESC LIMIT 1")
        now = rows.to_number(self.now) or 0
        if last is None or abs(last[0] - now) > FLAGGED_STEP // timedelta(microseconds=1):
            self._run("INSERT INTO clock_step VALUES (?, ?, ?)", self._next("clock_step", "seq"), self._at, now)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Begin a part of the transaction that is undone alone when it raises: one bad input spoils no batch."""
        seq = self._seq
        self._run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._sql.in_transaction:
                self._run("ROLLBACK TO part")
                self._run("RELEASE part")
            self._seq = seq
            self._forget()
            raise
        self._run("RELEASE part")
