"""What is done to a store as a whole: a backup that is verified, and the rebuilding of items from their journal."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from routing.errors import StoreRefused
from routing.states import Event
from routing.store import rows, schema
from routing.store.connection import connect
from routing.store.records import Move, Verification
from routing.store.sqlite import SqliteStore, verify_file
from routing.store.verify import verify
from routing.store.writing import SqliteWriting

_SHIELDS: Final = (
    "item_never_vanishes",
    "item_only_by_the_journal",
    "item_only_from_the_journal",
    "tally_only_by_the_journal",
    "tally_begins_at_nothing",
    "tally_never_vanishes",
)
_IDENTITY: Final = frozenset({"alias", "patient", "procedure", "raw"})
_REBUILDABLE: Final = frozenset({"V5", "V13"})
# An item as its journal has it, in the order of the columns of `item`.
_IMAGE: Final = """
    SELECT j.item, j.procedure, j.kind, j.target, j.target NOT IN ('reported', 'closed', 'superseded'),
      j.target IN ('waiting', 'claimed', 'preliminary'), j.worklist,
      j.priority, j.rank, j.due_at, j.preliminary_due_at, j.wake_at, j.holder, j.token, j.lease_until, j.draft,
      j.successor, j.opened_at, j.rulebook, j.n, j.hash,
      (SELECT details FROM journal WHERE item = j.item AND details IS NOT NULL ORDER BY n DESC LIMIT 1)
    FROM journal AS j WHERE j.n = (SELECT max(n) FROM journal WHERE item = j.item)"""
_TALLY: Final = """
    INSERT INTO tally SELECT code, column1, (SELECT count(*) FROM item WHERE worklist = code AND state = column1), 0
    FROM worklist, (VALUES ('expected'), ('held'), ('waiting'), ('claimed'), ('preliminary'), ('reported'), ('closed'),
      ('superseded'))"""


def backup(store: SqliteStore, target: Path, *, now: datetime | None = None) -> Verification:
    """Copy the store to *target* while others go on writing, and return what `verify` says of the copy.

    Raises:
        StoreRefused: there is something at *target* already, or the copy cannot be made.

    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise StoreRefused("there is a file at the target already: a backup never overwrites") from error
    try:
        copy = sqlite3.connect(target)
        try:
            store.own_connection().backup(copy)
        finally:
            copy.close()
    except sqlite3.Error as error:
        target.unlink()
        raise StoreRefused(f"the backup could not be made: {error}") from error
    return verify_file(target, now=now)


def export(store: SqliteStore, *, identity: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table with its table's name, of one moment, for a copy in another form.

    Without *identity* the tables that hold who the patients are, and what their messages said, are left out.
    """
    from sqlite_utils import Database  # noqa: PLC0415 - only an export needs it

    hidden = set() if identity else _IDENTITY
    with store.reading():
        database = Database(store.own_connection(), execute_plugins=False)
        for name in sorted(database.table_names()):
            if name not in hidden:
                yield from ((name, row) for row in database[name].rows)


def repair(store: SqliteStore, *, at: datetime, actor: str) -> tuple[int, ...]:
    """Rebuild items and counts from the journal where they differ from it, and write that into the journal.

    Nothing else is ever mended: where the journal itself, the schema or the evidence is in doubt, nothing is done.
    The numbers of the items that were rebuilt come back; none where the store was sound.

    Raises:
        StoreRefused: something is wrong that a rebuilding cannot mend; nothing was changed.

    """
    with store.gate.passed():
        connection = connect(store.place, guarded=False)
        try:
            return _repair(connection, store, at, actor)
        finally:
            connection.close()


def _repair(connection: Any, store: SqliteStore, at: datetime, actor: str) -> tuple[int, ...]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = verify(connection, store.place).findings
        mended = _rebuild(connection) if _may_rebuild(connection, found) else ()
        tx = SqliteWriting(connection, at)
        for number in mended:
            tx.move(tx.item(number), Move(event=Event.NOTE, actor=actor, reason="rebuilt from the journal"))
        _refuse_doubt(connection, store)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return mended


def _may_rebuild(connection: Any, found: Any) -> bool:
    """Return whether there is something to mend that is of the projection alone; refuse where there is more."""
    heads = "its head is not the hash of its newest row"
    beyond = [one for one in found if one.check not in _REBUILDABLE and one.evidence != heads]
    if beyond:
        raise StoreRefused(f"a rebuilding does not mend {beyond[0].check}: {beyond[0].evidence}")
    return bool(found) and bool(connection.execute("SELECT 1 FROM journal LIMIT 1").fetchone())


def _rebuild(connection: Any) -> tuple[int, ...]:
    # The guards are away for the length of this transaction only, and it ends with the schema as it was made.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for name in _SHIELDS:
        connection.execute(f"DROP TRIGGER {name}")
    columns = f"id, {', '.join(rows.ITEM[1:4])}, open, readable, {', '.join(rows.ITEM[4:17])}, version, head, details"
    there = set(connection.execute(f"SELECT {columns} FROM item"))  # noqa: S608
    right = set(connection.execute(_IMAGE))
    for row in there - right:
        connection.execute("DELETE FROM item WHERE id = ?", (row[0],))
    for row in right - there:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO item ({columns}) VALUES ({marks})", row)  # noqa: S608
    connection.execute("DELETE FROM tally")
    connection.execute(_TALLY)
    for name in _SHIELDS:
        connection.execute(schema.expected_objects()[f"trigger {name}"])
    return tuple(sorted(row[0] for row in right - there))


def _refuse_doubt(connection: Any, store: SqliteStore) -> None:
    left = verify(connection, store.place).findings
    if left:
        raise StoreRefused(f"the rebuilding left {left[0].check}: {left[0].evidence}")
