"""A store inside a host's own transaction: what it writes is there when the host commits, and gone when it does not.

Receiving an input and storing the images that it tells of can so be one commit. Nothing here is durable before the
host has committed, so that no acknowledgement may leave before; and nothing is tried again here, because a transaction
that was broken off is the host's to begin anew.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from routing.errors import NaiveMoment, StoreRefused
from routing.store import rows
from routing.store.postgres import connection as connecting
from routing.store.postgres.place import SCHEMA, Place, driver
from routing.store.postgres.reading import PostgresReading
from routing.store.postgres.session import Session, check_whole, meaning
from routing.store.postgres.verify import verify
from routing.store.postgres.writing import PostgresWriting
from routing.store.records import Verification

_AT_THE_END = "routing.inbox_concluded_fkey, routing.inbox_kept_fkey, routing.item_stands"


class JoinedStore(PostgresReading):
    """A store on the host's connection, for as long as `joined` lasts. For one thread: the host's."""

    retries = False

    def __init__(self, session: Session, place: Place) -> None:
        self.place = place
        self._session = session
        self._books = {}

    def _connection(self) -> Any:
        return self._session

    @contextmanager
    def reading(self) -> Iterator[JoinedStore]:
        """Let several questions be asked; what they see is the host's transaction."""
        yield self

    @contextmanager
    def writing(self, at: datetime) -> Iterator[PostgresWriting]:
        """Begin a part of the host's transaction; it is undone alone when the block raises.

        Raises:
            NaiveMoment: *at* has no time zone.
            StoreBusy, StoreInterrupted, StoreRefused: as for any store; of this part nothing was written.

        """
        if at.tzinfo is None:
            raise NaiveMoment("at")
        session = self._session
        session.execute("SAVEPOINT joined")
        try:
            begun = session.begin_writing(rows.to_number(at) or 0)
            tx = PostgresWriting(session, at, self._books, begun)
            if tx.durable == "off" and "synchronous_commit" not in self.place.forced:
                raise StoreRefused("`synchronous_commit` is switched off in this session")  # noqa: TRY301
            yield tx
            check_whole(session)
            session.later(f"SET CONSTRAINTS {_AT_THE_END} IMMEDIATE")
            session.later(f"SET CONSTRAINTS {_AT_THE_END} DEFERRED")
            session.execute("RELEASE joined")
        except driver().Error as error:
            lost = session.is_lost
            self._undo()
            raise meaning(error, lost=lost) from error
        except BaseException:
            self._books.clear()
            self._undo()
            raise

    def _undo(self) -> None:
        self._session.forget()
        with contextlib.suppress(driver().Error):
            if not self._session.is_lost:
                self._session.later("ROLLBACK TO joined")
                self._session.execute("RELEASE joined")

    def verify(
        self, *, now: datetime | None = None, anchor: str | None = None, since_seal: bool = False
    ) -> Verification:
        """Return what is wrong with the store, as the host's transaction sees it."""
        return verify(self._session, self.place, now=now, anchor=anchor, since_seal=since_seal)

    def woken(self, seconds: float) -> None:
        """Refuse to wait inside a transaction, which others would wait for."""
        del seconds
        raise StoreRefused("nobody waits for news inside a transaction")

    def close(self) -> None:
        """Leave the connection alone: it is the host's."""


@contextmanager
def joined(connection: Any, place: Place) -> Iterator[JoinedStore]:
    """Give a store on a host's psycopg connection, which is in a transaction, or begins one with its first statement.

    Raises:
        StoreRefused: the connection commits each statement by itself, or its settings or role are weaker than promised.

    """
    session = Session(connection)
    if connection.autocommit and not session.in_transaction:
        raise StoreRefused("the connection commits each statement by itself: begin a transaction first")
    before = session.execute("SELECT current_setting('search_path'), current_setting('lock_timeout')").fetchone()
    session.execute(f"SET LOCAL search_path = {SCHEMA}")
    connecting.check(connecting.settings_of(session, place), place)
    try:
        yield JoinedStore(session, place)
    finally:
        if not session.is_failed and not session.is_lost:
            sql = "SELECT set_config('search_path', ?, true), set_config('lock_timeout', ?, true)"
            session.execute(sql, before)
