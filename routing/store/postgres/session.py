"""One connection as the questions see it: `execute` with `?` and `:name`, as they are written for both engines.

Here too stands what an error of the server means: who was refused, who should try again, and what nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from routing.errors import RoutingError, StoreBusy, StoreInterrupted, StoreRefused
from routing.store.postgres.place import WAIT_SECONDS

_TRY_AGAIN: Final = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_NAME: Final = re.compile(r"(?<!:):([a-z_]+\d*)")


@lru_cache(maxsize=512)
def translated(sql: str) -> str:
    """Return the statement with the placeholders of the driver."""
    return _NAME.sub(r"%(\1)s", sql.replace("%", "%%").replace("?", "%s"))


class Session:
    """A psycopg connection in autocommit: transactions are begun and ended by statements, as with SQLite."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.is_spoilt = False  # whether it must not be used again, whatever it looks like

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run one statement and return its cursor. The end of a transaction is never a prepared statement."""
        prepare = None if parameters else False
        with _discreet():
            return self.connection.execute(translated(sql), parameters or None, prepare=prepare)

    def begin(self, said: int) -> Any:
        """Begin a writing transaction, in one journey, and return what `begin_writing` says of it."""
        with _discreet():
            cursor = self.connection.execute(f"BEGIN; SELECT * FROM begin_writing({said:d})", prepare=False)  # noqa: S608
        cursor.nextset()
        return cursor.fetchone()

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        if rows:
            with _discreet():
                self.connection.cursor().executemany(translated(sql), rows)

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
    if lost or state is None or state[:2] in {"08", "57"}:
        return StoreInterrupted("the connection to the server was lost")
    message = getattr(getattr(error, "diag", None), "message_primary", None) or type(error).__name__
    return StoreRefused(f"the store refused the write: {message}")
