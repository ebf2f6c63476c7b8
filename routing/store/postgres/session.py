"""One connection as the questions see it: `execute` with `?` and `:name`, as they are written for both engines.

A journey to the server costs more than most statements, so what nobody waits for travels with what somebody asks.

Here too stands what an error of the server means: who was refused, who should try again, and what nobody knows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, Final

from routing.errors import RoutingError, StoreBusy, StoreInterrupted, StoreRefused
from routing.store.postgres.place import WAIT_SECONDS, driver

_TRY_AGAIN: Final = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_BEGIN: Final = "BEGIN"
_BEGIN_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PAUSE: Final = 0.005  # seconds before another connection is tried
_NAME: Final = re.compile(r"(?<!:):([a-z_]+\d*)")


@lru_cache(maxsize=512)
def translated(sql: str) -> str:
    """Return the statement with the placeholders of the driver."""
    return _NAME.sub(r"%(\1)s", sql.replace("%", "%%").replace("?", "%s"))


class Later:
    """A statement that goes with the next journey to the server, and its answer after that."""

    def __init__(self, session: Session, sql: str, parameters: Any) -> None:
        self._session = session
        self.sql, self.parameters = sql, parameters
        self.cursor: Any = None

    def one(self) -> Any:
        """Return the first row of the answer; the statement is sent now where it was not."""
        if self.cursor is None:
            self._session.flush()
        return self.cursor.fetchone()


class Session:
    """A psycopg connection in autocommit: transactions are begun and ended by statements, as with SQLite.

    What nobody waits for (a lock, a write without an answer, the beginning of a transaction) is sent `later`: with the
    next statement whose answer is asked for, or with the commit, in their order and in one journey. Where one of them
    is refused, those behind it are not done, and the refusal is raised there.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.is_spoilt = False  # whether it must not be used again, whatever it looks like
        self.is_put_back = False  # whether it has no connection any more
        self.renew: Callable[[], None] | None = None  # takes another connection, where there are others
        self._due: list[Later] = []

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement, after those that were put off, and return its cursor."""
        asked = self.later(sql, parameters)
        self.flush()
        return asked.cursor

    def later(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Later:
        """Run a statement with the next one that is asked. The end of a transaction is never a prepared statement."""
        one = Later(self, translated(sql), parameters or None)
        self._due.append(one)
        return one

    def begin(self, said: int) -> Later:
        """Begin a writing transaction with the first statement that is asked in it; return what it begins with."""
        self.later(_BEGIN)
        return self.begin_writing(said)

    def begin_writing(self, said: int) -> Later:
        """Begin to write in a transaction that there is; return what the writing begins with."""
        return self.later("SELECT * FROM begin_writing(?)", (said,))

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment, which is that of the first statement asked in it."""
        self.later(_BEGIN_READING)

    def forget(self) -> None:
        """Leave out what was put off: it is part of nothing any more."""
        self._due.clear()

    def flush(self) -> None:
        """Send what was put off.

        A connection that turns out to be lost before a transaction was begun on it is replaced by another.
        """
        due, self._due = self._due, []
        end = time.monotonic() + WAIT_SECONDS
        while due:
            try:
                self._send(due)
            except driver().Error:
                begins = due[0].sql in {_BEGIN, _BEGIN_READING}
                if self.renew is None or not begins or not self.is_lost or time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)
                self.renew()
            else:
                return

    def _send(self, due: Sequence[Later]) -> None:
        """Make one journey, and give each its answer."""
        together = self.connection.pipeline() if len(due) > 1 and driver().Pipeline.is_supported() else nullcontext()
        with _discreet():
            with together:
                cursors = [self._ask(one) for one in due]
            for one, cursor in zip(due, cursors, strict=True):
                one.cursor = cursor

    def _ask(self, one: Later) -> Any:
        prepare = None if one.parameters else False
        return self.connection.execute(one.sql, one.parameters, prepare=prepare)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, sound or not."""
        return int(self.connection.info.transaction_status) != 0

    @property
    def is_failed(self) -> bool:
        """Whether a statement of the open transaction was refused, so that a commit would undo it in silence."""
        return int(self.connection.info.transaction_status) == 3  # noqa: PLR2004 - INERROR of libpq

    @property
    def is_lost(self) -> bool:
        """Whether the server is no longer at the other end."""
        return bool(self.connection.closed or self.connection.broken)


class _discreet:  # noqa: N801 - it reads as a word of the statement
    """Leave out of an error what the server adds to it: the values of the row, which may be a patient's."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Keep the first line of the server's message."""
        message = getattr(getattr(error, "diag", None), "message_primary", None)
        if error is not None and message:
            error.args = (message,)


def check_whole(session: Session) -> None:
    """Refuse to commit a transaction of which a statement was refused. Raises StoreRefused."""
    if session.is_failed:
        raise StoreRefused("the store refused a write of this transaction: nothing was written")


def is_end(error: Exception) -> bool:
    """Return whether an error says that the connection ends, or does not come from the server at all.

    What was sent may have been done all the same: a server that is told to end a connection says so behind the answer
    to a commit, and the driver may not have seen the end of the wire by then.
    """
    state = getattr(error, "sqlstate", None)
    return state is None or state[:2] in {"08", "57"}


def meaning(error: Exception, *, lost: bool = False) -> RoutingError:
    """Return the exception of ours that an error of the driver stands for; nothing was written.

    Everything that is worth another try is a StoreBusy or a StoreInterrupted: a lock that did not come, a deadlock, a
    connection that was lost before the commit was sent.
    """
    state = getattr(error, "sqlstate", None)
    if state == "55P03":
        return StoreBusy(WAIT_SECONDS)
    if state in _TRY_AGAIN:
        return StoreInterrupted("two transactions waited for each other")
    if lost or is_end(error):
        return StoreInterrupted("the connection to the server was lost")
    message = getattr(getattr(error, "diag", None), "message_primary", None) or type(error).__name__
    return StoreRefused(f"the store refused the write: {message}")
