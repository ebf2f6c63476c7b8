"""What a writing transaction of a PostgreSQL store looks at it holds, so that others come before or after it.

Many transactions run side by side at READ COMMITTED. Two about the same procedure come one after the other, because a
name is held before what it leads to is read, and a procedure before its items; whoever waits sees what the other wrote.
Two that wait for each other are told apart by the server: one is broken off with nothing written and tried again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from routing.store import rows
from routing.store.moving import MOST_KNOWN
from routing.store.postgres.reading import PostgresReading
from routing.store.postgres.session import Later, Session
from routing.store.questions import ITEM
from routing.store.records import Grant, Input, Item, PatientRow, Procedure, StoredRulebook
from routing.store.transaction import FLAGGED_STEP
from routing.store.writing import SqliteWriting, procedure_of

_NAMES_LOCK: Final = 1380930902
_HELD: Final = "SELECT id, revision, knowledge FROM procedure WHERE id = ? FOR NO KEY UPDATE"
_BUCKETS: Final = 1024  # so that an import of any size fits into the server's table of locks
_BEGUN: Final = frozenset({"slot", "now", "at", "_at", "durable", "stepped_back"})
_STARTED: Final = "CAST(extract(epoch FROM pg_postmaster_start_time()) AS text)"
_NUMBER: Final = f"SELECT CAST(pg_current_xact_id_if_assigned() AS text), {_STARTED}"
_BY_NUMBER: Final = f"SELECT CASE {_STARTED} WHEN ? THEN pg_xact_status(CAST(? AS xid8)) ELSE 'unknown' END"


class PostgresTransaction(PostgresReading, SqliteWriting):
    """The part of a transaction that reads and holds.

    `now` is the server's clock, or the caller's in a store made for tests. `proof` is how it can be seen later whether
    the transaction was committed: a statement and its parameters. It answers "committed", "aborted" (or no row), or a
    word for that this server cannot say; None where nothing was written.
    """

    slot: int
    now: datetime
    at: datetime
    _at: int
    durable: str
    stepped_back: bool

    def __init__(self, session: Session, said: datetime, books: dict[str, StoredRulebook], begun: Later) -> None:
        self._sql = session
        self._books = books
        self._held: set[object] = set()
        self._begin_to_remember()
        self._procedures: dict[int, Procedure] = {}  # held, so that nobody else changes them
        self.proof: tuple[str, tuple[Any, ...]] | None = None
        self._said, self._begun = said, begun

    def __getattr__(self, name: str) -> Any:
        """Return what the transaction begins with: known with the first answer, so that it is not waited for alone."""
        if name not in _BEGUN or name in self.__dict__:
            raise AttributeError(name)
        self.slot, now, written, self.durable = self._begun.one()
        self.now = rows.to_instant(now) or self._said
        self.at = rows.to_instant(max(now, written)) or self._said
        self._at = rows.to_number(self.at) or 0
        self.stepped_back = self.at - self.now > FLAGGED_STEP
        if self.stepped_back:
            self._flag_step()
        return self.__dict__[name]

    def _run(self, sql: str, *parameters: Any) -> None:
        self._sql.later(sql, parameters)

    def _flag_step(self) -> None:
        """Write the step down once, and again only when the clock stands elsewhere by an hour."""
        last = self._one("SELECT now FROM clock_step ORDER BY seq DESC LIMIT 1")
        now = rows.to_number(self.now) or 0
        if last is None or abs(last[0] - now) > FLAGGED_STEP.total_seconds() * 1_000_000:
            self._run("INSERT INTO clock_step (at, now) VALUES (?, ?)", self._at, now)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Begin a part of the transaction that is undone alone when it raises: one bad input spoils no batch."""
        held, proof = set(self._held), self.proof
        self._sql.execute("SAVEPOINT part")
        try:
            yield
            self._sql.execute("RELEASE part")
        except BaseException:
            self._sql.forget()
            if not self._sql.is_lost:
                self._sql.later("ROLLBACK TO part")
                self._sql.execute("RELEASE part")
            self._held, self.proof = held, proof  # what was held since then is not any more
            self._forget()
            self._procedures.clear()
            raise

    # holding ---------------------------------------------------------------------------------------------------------

    def _hold_name(self, *parts: str, shared: bool = False) -> None:
        """Wait until no other transaction that asked for this name is under way."""
        bucket = bucket_of(*parts)
        if bucket in self._held or (shared and (bucket, "shared") in self._held):
            return
        kind = "_shared" if shared else ""
        self._run(f"SELECT pg_advisory_xact_lock{kind}(?, ?)", _NAMES_LOCK, bucket)
        self._held.add((bucket, "shared") if shared else bucket)

    def _returned(self, sql: str, *parameters: Any) -> int:
        return int(self._one(sql, *parameters)[0])

    def _prove(self, where: str, *parameters: Any) -> None:
        """Remember a row by which it can be seen whether this was committed; one of the journal goes before any.

        Where another transaction has overwritten it since, this one is taken for lost and done again, which for such
        a row changes nothing.
        """
        if self.proof is None:
            self.proof = (f"SELECT 'committed' FROM {where}", parameters)  # noqa: S608 - a table of ours

    def prove_by_number(self) -> None:
        """Before the commit, where no row proves it: remember the number of the transaction, if it has written at all.

        After a crash or a failover a number may be given a second time, so it counts only as long as the server runs.
        """
        if self.proof is None:
            number, started = self._one(_NUMBER)
            self.proof = None if number is None else (_BY_NUMBER, (started, number))

    def item(self, item: int) -> Item:
        """Return the item, held. Raises NotFound."""
        row = self._one(f"SELECT {ITEM} FROM hold_item(?)", item)  # noqa: S608 - names of columns
        return rows.item_of(self._found(row, "item", item))

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first, all held with it: nobody else writes them, read once."""
        known = self._items_known.get(procedure)
        if known is None:
            if len(self._items_known) >= MOST_KNOWN:
                self._items_known.clear()
            found = self._all(f"SELECT {ITEM} FROM hold_items_of(?)", procedure)  # noqa: S608 - names of columns
            known = self._items_known[procedure] = tuple(map(rows.item_of, found))
        return tuple(item for item in known if item.is_open) if open_only else known

    def hold_free(self, item: int) -> Item | None:
        """Return an item that is free to claim, held; None where it is not, or another transaction holds it."""
        row = self._one(f"SELECT {ITEM} FROM hold_free(?, ?)", item, rows.to_number(self.now, "now"))  # noqa: S608
        return None if row is None else rows.item_of(row)

    def procedure(self, procedure: int) -> Procedure:
        """Return the procedure, held. Raises NotFound."""
        if (known := self._procedures.get(procedure)) is not None:
            return known
        held = self._sql.later(_HELD, (procedure,))
        names = self._all("SELECT kind, value, issuer FROM alias WHERE procedure = ? ORDER BY 1, 2, 3", procedure)
        number, revision, knowledge = self._found(held.one(), "procedure", procedure)
        return self._hold(procedure_of(number, revision, knowledge, names))

    def _hold(self, procedure: Procedure) -> Procedure:
        if len(self._procedures) >= MOST_KNOWN:
            self._procedures.clear()
        self._procedures[procedure.id] = procedure
        return procedure

    def procedures_by(self, kind: str, value: str, issuer: str | None = None) -> tuple[Procedure, ...]:
        """Return the procedures that a name leads to, held; nobody else gives that name meanwhile."""
        value = rows.clean(value)
        said = None if issuer is None else rows.clean(issuer)
        bucket = bucket_of(kind, value)
        found = self._all("SELECT id, revision, knowledge FROM hold_named(?, ?, ?, ?)", bucket, kind, value, said)
        self._held.add(bucket)
        return tuple(self._hold(self._procedure_of(row)) for row in found)

    def patients_by_number(self, number: str) -> tuple[PatientRow, ...]:
        """Return what is known under a number, which nobody changes meanwhile."""
        self._hold_name("patient", rows.clean(number), shared=True)
        return super().patients_by_number(number)

    def input_by(self, source: str, message_id: str, digest: str) -> Input | None:
        """Return the input with exactly this identity, or None; nobody else takes it in meanwhile."""
        self._hold_name("input", rows.clean(source), rows.clean(message_id))
        return super().input_by(source, message_id, digest)

    def inputs_by_id(self, source: str, message_id: str) -> tuple[Input, ...]:
        """Return the inputs of this sender and id, whatever their digests; nobody else takes one in meanwhile."""
        self._hold_name("input", rows.clean(source), rows.clean(message_id))
        return super().inputs_by_id(source, message_id)

    def latest_input(self, source: str) -> Input | None:
        """Return the newest input of a sender; nobody else who asks this takes one in meanwhile."""
        self._hold_name("sender", rows.clean(source))
        return super().latest_input(source)

    def grants(self, actor: str | None = None) -> tuple[Grant, ...]:
        """Return the rights in force, which nobody changes meanwhile."""
        self._hold_name("grants", shared=True)
        return super().grants(actor)

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself, which nobody changes meanwhile."""
        if name not in self._remarks:
            self._hold_name("remark", name, shared=True)
        return super().meta(name)


def bucket_of(*parts: str) -> int:
    """Return the bucket in which a name is held; others share it, and then wait without need."""
    return zlib.crc32("\0".join(parts).encode("utf-8", "surrogatepass")) % _BUCKETS
