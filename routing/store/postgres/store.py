"""The PostgreSQL store: a pool of connections, many writers at once, and a commit whose outcome is found out."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

from routing.errors import NaiveMoment, OutcomeUnknown, StoreInterrupted, StoreRefused
from routing.store import rows
from routing.store.postgres import connection as connecting
from routing.store.postgres.bell import Bell, Ear
from routing.store.postgres.joined import JoinedStore, joined
from routing.store.postgres.place import POOL_SIZE, WAIT_SECONDS, Place, driver, place_of
from routing.store.postgres.reading import PostgresReading
from routing.store.postgres.schema import applied_migrations, check_applied, differences, not_by_newer
from routing.store.postgres.session import Session, check_whole, is_end, meaning
from routing.store.postgres.verify import verify
from routing.store.postgres.writing import PostgresWriting
from routing.store.records import JournalRow, Verification

_SLOTS_LOCK: Final = 1380930903
_PAUSE: Final = 0.05  # seconds between two attempts to reach a server that is away
T = TypeVar("T")


class PostgresStore(PostgresReading):
    """A store in one database. Safe to share between threads, and to use in a process that was forked."""

    retries = True  # whether an act that was interrupted may be tried again: the transaction is ours alone

    def __init__(self, place: Place) -> None:
        self.place = place
        self._books = {}
        self._local = threading.local()
        self._lock = threading.Lock()
        self._pool: Any = None
        self._process = os.getpid()
        self._closed = False
        self._bell, self._ear = Bell(self._notify), Ear(place.url)

    @classmethod
    def open(
        cls, url: str, *, forced: tuple[str, ...] = (), pool: int = POOL_SIZE, create: bool = True
    ) -> PostgresStore:
        """Return the store in the database at *url*; nothing is ever created: that is `routing migrate`.

        Args:
            url: `postgresql://…`, as the role of the hosts.
            forced: what may be weaker than promised, by name: a setting of the server, "owner" or "schema".
            pool: how many connections this process may have at once.
            create: has no meaning here; as for other stores.

        Raises:
            StoreRefused: there is no store, or it, its guards, its settings or the role are not what is needed.
            StoreInterrupted: the server cannot be reached.

        """
        del create
        store = cls(place_of(url, forced=forced, pool=pool))
        try:
            store._asked(store._prepare)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, session: Session) -> None:
        applied = applied_migrations(session)
        check_applied(applied)
        found = connecting.settings_of(session, self.place)
        connecting.check(found, self.place)
        changed = not_by_newer(differences(session), applied)
        if changed and "schema" not in self.place.forced:
            words = ", ".join(f"{name} is {word}" for name, word in changed[:5])
            raise StoreRefused(f"the guards of the store are not as they were made: {words}")
        connecting.record(session, found)

    # connections -----------------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise StoreRefused("the store was closed: open it again")

    def _connections(self) -> Any:
        with self._lock:
            self._check_open()
            if self._pool is None or self._process != os.getpid():
                driver()
                from psycopg_pool import ConnectionPool  # noqa: PLC0415 - an extra

                self._local, self._process = threading.local(), os.getpid()
                self._bell, self._ear = Bell(self._notify), Ear(self.place.url)
                self._pool = ConnectionPool(
                    self.place.url,
                    min_size=1,
                    max_size=max(1, self.place.pool),
                    timeout=WAIT_SECONDS,
                    reconnect_timeout=WAIT_SECONDS,
                    name="routing",
                    configure=connecting.configure,
                    kwargs={"application_name": "routing", "autocommit": True},
                    open=True,
                )
            return self._pool

    def _checked_out(self) -> Session:
        from psycopg_pool import PoolClosed, PoolTimeout  # noqa: PLC0415 - an extra

        try:
            session = Session(self._connections().getconn())
        except (PoolTimeout, PoolClosed) as error:
            self._check_open()
            raise StoreInterrupted("the server could not be reached, or all connections are in use") from error
        session.renew = lambda: self._renew(session)
        return session

    def _renew(self, session: Session) -> None:
        """Put back a connection that was lost, and take another."""
        self._put_back(session)
        session.is_put_back = True  # until there is another
        session.connection = self._checked_out().connection
        session.is_put_back = False

    def _put_back(self, session: Session) -> None:
        if session.is_put_back:
            return
        if session.is_spoilt or session.in_transaction or self._closed:
            session.connection.close()
        with contextlib.suppress(driver().Error, StoreRefused):  # refused: the store was closed meanwhile
            self._connections().putconn(session.connection)

    @contextmanager
    def borrowed(self) -> Iterator[Session]:
        """Lend a connection: that of the transaction which this thread has open, or one of the pool."""
        mine = getattr(self._local, "session", None)
        if mine is not None and self._process == os.getpid():
            yield mine
            return
        session = self._checked_out()
        try:
            yield session
        finally:
            self._put_back(session)

    def _asked(self, question: Callable[[Session], T]) -> T:
        """Return the answer to a question, asked again by another connection when one was lost."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            with self.borrowed() as session:
                try:
                    return question(session)
                except driver().Error as error:
                    lost, inside = session.is_lost, session is getattr(self._local, "session", None)
                    if not lost or inside or time.monotonic() > end:
                        words = meaning(error, lost=lost)
                        raise words from error
            time.sleep(_PAUSE)

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        return self._asked(lambda session: list(session.execute(sql, parameters)))

    def _one(self, sql: str, *parameters: Any) -> Any:
        return self._asked(lambda session: session.execute(sql, parameters).fetchone())

    def _connection(self) -> Any:
        return _Asking(self)

    def journal_since(self, seq: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the rows of the journal after row *seq*, as of now and not of the moment that `reading` sees.

        What has settled has to be known before what is there is looked at, or a row could be passed over.
        """
        mine, self._local.session = getattr(self._local, "session", None), None
        try:
            return super().journal_since(seq, limit)
        finally:
            self._local.session = mine

    def close(self) -> None:
        """Close every connection of this store; those of transactions under way when they end.

        From then on the store answers nothing: whoever goes on with it is told so.
        """
        self._bell.close()
        self._ear.close()
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None and self._process == os.getpid():
            pool.close()

    def _notify(self, statement: str) -> None:
        with contextlib.suppress(driver().Error, StoreInterrupted, StoreRefused), self._pool_session() as session:
            session.execute(statement)

    def woken(self, seconds: float) -> None:
        """Wait until another transaction may have been committed, by whatever host, or about *seconds* are over."""
        self._check_open()
        self._ear.wait(seconds)

    def joined(self, connection: Any) -> AbstractContextManager[JoinedStore]:
        """Give this store inside a host's own transaction: what is written there is the host's to commit.

        Raises:
            StoreRefused: it is no transaction, or its settings or role are weaker than promised.

        """
        self._check_open()
        return joined(connection, self.place)

    @contextmanager
    def reading(self) -> Iterator[PostgresStore]:
        """Let several questions see one moment: nothing that others commit in between shows."""
        if getattr(self._local, "session", None) is not None:
            yield self
            return
        with self._begun(lambda session: session.begin_reading()) as (session, _):
            try:
                yield self
            finally:
                self._undo(session)

    @contextmanager
    def _begun(self, begin: Callable[[Session], T]) -> Iterator[tuple[Session, T]]:
        """Begin a transaction, with its first statement, as this thread's own."""
        session = self._checked_out()
        self._local.session = session
        try:
            yield session, begin(session)
        finally:
            self._local.session = None
            self._put_back(session)

    @staticmethod
    def _undo(session: Session) -> None:
        session.forget()
        with contextlib.suppress(driver().Error):
            if session.is_spoilt:  # in the middle of its transaction, so that a pooler does not use it again either
                session.connection.close()
            if session.in_transaction and not session.is_lost:
                session.execute("ROLLBACK")

    # writing ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, at: datetime) -> Iterator[PostgresWriting]:
        """Begin a write transaction; it is durable when the block has ended, and gone when the block raises.

        The server's clock says what time it is, not *at*, unless the store was made for tests.

        Raises:
            NaiveMoment: *at* has no time zone.
            StoreBusy: others held what it needs for too long; nothing was written.
            StoreInterrupted: it was broken off by a deadlock or a lost connection; nothing was written.
            OutcomeUnknown: the connection was lost at the commit and the server could not say since what became of it.
            StoreRefused: the database refused a write (its message is the guard's own); nothing was written.

        """
        if at.tzinfo is None:
            raise NaiveMoment("at")
        if getattr(self._local, "session", None) is not None and self._process == os.getpid():
            raise RuntimeError("a transaction is already open in this thread")
        said = rows.to_number(at) or 0
        with self._begun(lambda session: session.begin(said)) as (session, begun):
            try:
                tx = PostgresWriting(session, at, self._books, begun)
                yield tx
                check_whole(session)
                self._check_durable(tx)
                tx.prove_by_number()
            except driver().Error as error:
                lost = session.is_lost
                self._undo(session)
                raise meaning(error, lost=lost) from error
            except BaseException:
                self._books.clear()  # what was added here was not committed
                self._undo(session)
                raise
            self._commit(session, tx)
        self._bell.ring()

    def _check_durable(self, tx: PostgresWriting) -> None:
        if tx.durable == "off" and "synchronous_commit" not in self.place.forced:
            raise StoreRefused("`synchronous_commit` was switched off in this session: nothing was written")

    def _commit(self, session: Session, tx: PostgresWriting) -> None:
        try:
            session.execute("COMMIT")
        except driver().Error as error:
            if not (session.is_lost or is_end(error)):
                self._undo(session)
                raise meaning(error) from error
            session.is_spoilt = True
            self._undo(session)
            self._find_out(tx, error)

    def _find_out(self, tx: PostgresWriting, error: Exception) -> None:
        """Find out on another connection what became of a commit that was not answered; never write it again blindly.

        The lost transaction holds its slot until it is over, so who has the slot sees what became of it.
        """
        if tx.proof is None:
            return  # nothing was written
        end = time.monotonic() + WAIT_SECONDS * 3
        while not self._closed and time.monotonic() < end:
            try:
                with self._pool_session() as session:
                    session.execute("BEGIN")
                    session.execute("SELECT set_config('lock_timeout', '10s', true)")
                    session.execute("SELECT pg_advisory_xact_lock(?, ?)", (_SLOTS_LOCK, tx.slot))
                    row = session.execute(*tx.proof).fetchone()
                    session.execute("ROLLBACK")
            except (driver().Error, StoreInterrupted, StoreRefused):
                time.sleep(_PAUSE)
                continue
            said = row[0] if row else "aborted"
            if said == "committed":
                return
            if said == "aborted":
                raise StoreInterrupted("the connection was lost at the commit, which was not made") from error
            break
        raise OutcomeUnknown("the connection was lost at the commit") from error

    @contextmanager
    def _pool_session(self) -> Iterator[Session]:
        session = self._checked_out()
        try:
            yield session
        finally:
            self._put_back(session)

    def verify(
        self,
        *,
        now: datetime | None = None,
        anchor: str | None = None,
        since_seal: bool = False,
    ) -> Verification:
        """Return what is wrong with the store, reading only, of one moment."""
        with self.reading():
            session = self._local.session
            return verify(session, self.place, now=now, anchor=anchor, since_seal=since_seal)


class _Asking:
    """A connection for one question at a time, for what is shared with the other engine."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return iter(self._store._fetched(sql, parameters))  # noqa: SLF001 - a part of the store


def verify_database(
    url: str, *, now: datetime | None = None, anchor: str | None = None, since_seal: bool = False
) -> Verification:
    """Verify a store that may be damaged, by whatever role: nothing is refused on the way in.

    Raises:
        StoreRefused: there is no store, or it cannot be read at all.
        StoreInterrupted: the server cannot be reached.

    """
    store = PostgresStore(place_of(url, pool=1))
    try:
        return store.verify(now=now, anchor=anchor, since_seal=since_seal)
    except driver().Error as error:
        raise StoreRefused(f"the database is not a store that can be read: {error}") from error
    finally:
        store.close()
