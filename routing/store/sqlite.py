"""The SQLite store: one file, one connection for each thread, one writer at a time behind the gate."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from routing.errors import NaiveMoment, StoreBusy, StoreRefused
from routing.store import schema
from routing.store.connection import BUSY_SECONDS, FULL, Place, connect, place_of, settings_text
from routing.store.gate import Gate
from routing.store.reading import SqliteReading
from routing.store.records import Verification
from routing.store.verify import verify
from routing.store.writing import SqliteWriting

_LOOK: Final = 0.05  # seconds between two looks for what others have committed


class _Passage:
    """One passage of the gate: a transaction that begins when it is entered, and is durable or undone when left."""

    __slots__ = ("_at", "_connection", "_gate", "_store")

    def __init__(self, store: SqliteStore, at: datetime) -> None:
        self._store, self._at = store, at

    def __enter__(self) -> SqliteWriting:
        self._gate = self._store.gate  # the store has another one after a fork
        self._gate.enter()
        try:
            self._connection, writing = self._store.begun(self._at)
        except BaseException:
            self._gate.leave()
            raise
        return writing

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None:
                self._store.ended(self._connection)
            else:
                self._store.spoilt(self._connection, error)
        finally:
            self._gate.leave()


class SqliteStore(SqliteReading):
    """A store in one SQLite file. Safe to share between threads and to open again after a fork."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.gate = Gate(place.gate)
        self._local = threading.local()
        self._connections: dict[threading.Thread, Any] = {}
        self._abandoned: list[Any] = []  # of a parent process: closing them here would drop the parent's locks
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._failed: str | None = None
        self._closed = False

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        driver: ModuleType = sqlite3,
        forced: tuple[str, ...] = (),
        create: bool = True,
        synchronous: str = FULL,
    ) -> SqliteStore:
        """Return the store at *url*, made and migrated when needed.

        Args:
            url: a path or `sqlite:///path`.
            driver: the module that connects; fault rigs give their own.
            forced: what may be weaker than promised, by name: a pragma, "file system", "schema", "sqlite version".
            create: whether a missing file may be made.
            synchronous: FULL, or OFF or NORMAL where "synchronous" is forced: for playing, since what was acknowledged
                can be gone after a power failure. It is recorded, and a finding of `verify` while it lasts.

        Raises:
            StoreRefused: the file, its schema, the engine or its settings are not what the guarantee needs.
            StoreBusy: another process held the store for too long.

        """
        place = place_of(url, driver=driver, forced=forced, synchronous=synchronous)
        if not create and not place.path.exists():
            raise StoreRefused("there is no store at this path")
        store = cls(place)
        try:
            store._prepare()
        except sqlite3.DatabaseError as error:
            store.close()
            raise StoreRefused(f"the file is not a store that can be used: {error}") from error
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self) -> None:
        with self.gate.passed():
            connection = connect(self.place, guarded=False)
            try:
                if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
                    _refuse_foreign(connection)
                if self._is_behind(connection):
                    self._migrate(connection)
                self._check_schema(connection)
                self._record_settings(connection)
            finally:
                connection.close()

    @staticmethod
    def _is_behind(connection: Any) -> bool:
        return len(schema.applied_migrations(connection)) != len(schema.migrations())

    def _migrate(self, connection: Any) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            before = _open_set(connection)
            schema.migrate(connection)
            _check_open_set(connection, before)
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _check_schema(self, connection: Any) -> None:
        found = schema.differences(connection)
        if found and "schema" not in self.place.forced:
            words = ", ".join(f"{name} is {word}" for name, word in found[:5])
            raise StoreRefused(f"the guards of the store are not as they were made: {words}")

    def _record_settings(self, connection: Any) -> None:
        text = settings_text(connection, self.place)
        last = connection.execute("SELECT seq, text FROM settings ORDER BY seq DESC LIMIT 1").fetchone()
        if last is None or last[1] != text:
            connection.execute("INSERT INTO settings VALUES (?, ?)", (last[0] + 1 if last else 1, text))

    # connections -----------------------------------------------------------------------------------------------------

    def _connection(self) -> Any:
        if self._closed:
            raise StoreRefused("the store was closed: open it again")
        if self._process != os.getpid():
            self._forget()
        connection = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = connect(self.place)
            except sqlite3.Error as error:
                raise StoreRefused(f"the file cannot be opened: {error}") from error
            self._local.connection = connection
            with self._lock:
                self._sweep()
                self._connections[threading.current_thread()] = connection
        return connection

    def own_connection(self) -> Any:
        """Return this thread's connection, for inspection and backup; it cannot change the schema."""
        return self._connection()

    def _sweep(self) -> None:
        """Close the connections of threads that have ended."""
        for thread in [one for one in self._connections if not one.is_alive()]:
            self._connections.pop(thread).close()

    def _forget(self) -> None:
        """Begin anew in a process that was forked: a connection must not be used on both sides of a fork."""
        self._abandoned += [*self._connections.values()]
        self._connections, self._local, self._lock = {}, threading.local(), threading.Lock()
        self.gate = Gate(self.place.gate, self.gate.wait_seconds)
        self._process = os.getpid()

    def _drop(self, connection: Any) -> None:
        with self._lock:
            self._connections.pop(threading.current_thread(), None)
        self._local.connection = None
        connection.close()

    def close(self) -> None:
        """Close every connection of this store. The last one to close checkpoints, so it passes the gate.

        From then on the store answers nothing: whoever goes on with it is told so.
        """
        self._closed = True
        with self._lock:
            connections, self._connections = [*self._connections.values()], {}
            self._local = threading.local()
        if not connections or self._process != os.getpid():
            return
        with self.gate.passed():
            for connection in connections:
                connection.close()

    def verify(
        self,
        *,
        now: datetime | None = None,
        anchor: str | None = None,
        since_seal: bool = False,
        processes: int = 1,
    ) -> Verification:
        """Return what is wrong with the store, reading only.

        *anchor* is the hash of a seal that left the host. *since_seal* looks only at what the newest seal does not
        cover: quick enough for every start, where the whole is for every night. *processes* share the work.
        """
        connection = self._connection()
        return verify(connection, self.place, now=now, anchor=anchor, since_seal=since_seal, processes=processes)

    def woken(self, seconds: float) -> None:
        """Wait until another connection has committed since the last call, or *seconds* are over."""
        end = time.monotonic() + seconds
        while (seen := self._one("PRAGMA data_version")[0]) == getattr(self._local, "seen", None):
            if time.monotonic() >= end:
                return
            time.sleep(_LOOK)
        self._local.seen = seen

    @contextmanager
    def reading(self) -> Iterator[SqliteStore]:
        """Let several questions see one moment: nothing that others commit in between shows."""
        connection = self._connection()
        if connection.in_transaction:
            yield self
            return
        connection.execute("BEGIN")
        try:
            yield self
        finally:
            connection.execute("COMMIT")

    # A question outside a transaction of writing fails with an exception of ours too.

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        try:
            return super()._fetched(sql, parameters)
        except sqlite3.Error as error:
            raise StoreRefused(f"the store could not be read: {error}") from error

    def _one(self, sql: str, *parameters: Any) -> Any:
        try:
            return super()._one(sql, *parameters)
        except sqlite3.Error as error:
            raise StoreRefused(f"the store could not be read: {error}") from error

    # writing ---------------------------------------------------------------------------------------------------------

    def writing(self, at: datetime) -> AbstractContextManager[SqliteWriting]:
        """Begin the one write transaction; it is durable when the block has ended, and gone when the block raises.

        Raises:
            NaiveMoment: *at* has no time zone.
            StoreBusy: another writer held the store for too long; nothing was written.
            StoreRefused: the database refused a write (its message is the guard's own); nothing was written.

        """
        return _Passage(self, at)

    def begun(self, at: datetime) -> tuple[Any, SqliteWriting]:
        """Begin, behind the gate that the caller has passed; return the connection and what can be done on it."""
        if at.tzinfo is None:
            raise NaiveMoment("at")
        if self._failed:
            raise StoreRefused(self._failed)
        connection = self._connection()
        try:
            self._begin(connection)
            return connection, SqliteWriting(connection, at)
        except BaseException as error:
            self.spoilt(connection, error)
            raise

    def ended(self, connection: Any) -> None:
        """Make what was begun durable."""
        try:
            connection.execute("COMMIT")
        except BaseException as error:
            self.spoilt(connection, error)
            raise

    def spoilt(self, connection: Any, error: BaseException) -> None:
        """Undo what was begun. An error of the database is raised as a refusal of ours."""
        if isinstance(error, sqlite3.Error):
            self._fail(connection, error)
            raise StoreRefused(f"the store refused the write: {error}") from error
        self._undo(connection)

    def _begin(self, connection: Any) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreBusy(BUSY_SECONDS, self.gate.holder()) from error
            raise

    def _undo(self, connection: Any) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._drop(connection)

    def _fail(self, connection: Any, error: sqlite3.Error) -> None:
        """Undo; and after anything but a refused row trust the connection no more."""
        if isinstance(error, sqlite3.IntegrityError):
            self._undo(connection)
            return
        self._drop(connection)
        if "IOERR_FSYNC" in getattr(error, "sqlite_errorname", ""):
            # What the system failed to sync may be neither on disk nor in memory: trying again could succeed falsely.
            self._failed = "the disk failed to keep what was written: close the store, check the disk, run `verify`"


def _refuse_foreign(connection: Any) -> None:
    """Refuse a database that is somebody else's: never add our tables to it."""
    others = set(schema.objects_of(connection)) - set(schema.expected_objects())
    if others and not schema.applied_migrations(connection):
        raise StoreRefused("the file is another program's database")


def _open_set(connection: Any) -> list[Any] | None:
    if not schema.applied_migrations(connection):
        return None
    sql = "SELECT id, kind, state, worklist, priority, rank, due_at, holder, token FROM item WHERE open = 1 ORDER BY id"
    return list(connection.execute(sql))


def _check_open_set(connection: Any, before: list[Any] | None) -> None:
    if before is not None and before != _open_set(connection):
        raise StoreRefused("the migration would have changed the open work: nothing was changed")


def verify_file(
    url: str | Path,
    *,
    now: datetime | None = None,
    anchor: str | None = None,
    since_seal: bool = False,
    processes: int = 1,
    forced: tuple[str, ...] = (),
) -> Verification:
    """Verify a store that may be damaged: nothing is migrated, mended or refused on the way in.

    Raises:
        StoreRefused: there is no file, or it is no database at all.

    """
    place = place_of(url, forced=forced)
    if not place.path.exists():
        raise StoreRefused("there is no store at this path")
    try:
        connection = connect(place)
        try:
            return verify(connection, place, now=now, anchor=anchor, since_seal=since_seal, processes=processes)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise StoreRefused(f"the file is not a database that can be read: {error}") from error
