"""Stores with invented content, for the tests of the store."""

import sqlite3
from pathlib import Path
from typing import Any

from routing.store import rows
from routing.store.records import Item
from routing.store.sqlite import SqliteStore
from routing.testing import BOOK, HOUR, NOW, OTHER_BOOK, accept, evidence_for, furnish, in_state, move

__all__ = [
    "BOOK",
    "HOUR",
    "NOW",
    "OTHER_BOOK",
    "accept",
    "evidence_for",
    "forged",
    "forged_by",
    "furnish",
    "in_state",
    "move",
    "new_store",
    "stranger",
]


def new_store(folder: Path, **options: Any) -> SqliteStore:
    """Return an empty store with a rulebook, an exceptions list and three lists."""
    store = SqliteStore.open(folder / "worklist.db", **options)
    with store.writing(NOW) as tx:
        furnish(tx)
    return store


def stranger(store: SqliteStore) -> sqlite3.Connection:
    """Return a connection as any SQL client makes it: no setting of ours, foreign keys off."""
    connection = sqlite3.connect(store.place.path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def forged(store: SqliteStore, item: Item, /, **said: Any) -> tuple[str, list[Any]]:
    """Return a statement that inserts the next journal row of the item with a right hash, whatever is said in it."""
    connection = stranger(store)
    try:
        return forged_by(connection, item, **said)
    finally:
        connection.close()


def forged_by(connection: sqlite3.Connection, item: Item, /, **said: Any) -> tuple[str, list[Any]]:
    """The same, read through a connection that is there already."""
    image = dict(
        zip(
            rows.ITEM,
            connection.execute(f"SELECT {', '.join(rows.ITEM)} FROM item WHERE id = ?", (item.id,)).fetchone(),  # noqa: S608
            strict=True,
        )
    )
    seq, at = connection.execute("SELECT max(seq) + 1, max(at) FROM journal").fetchone()
    known = connection.execute("SELECT digest FROM procedure WHERE id = ?", (image["procedure"],)).fetchone()
    row: dict[str, Any] = image | {
        "seq": seq,
        "item": item.id,
        "n": image["version"] + 1,
        "event": "note",
        "source": image["state"],
        "target": image["state"],
        "known": known[0],
        "actor": "stranger",
        "reason": "because",
        "evidence": None,
        "engine": "0",
        "at": at,
        "details": None,
        "body": "{}",
        "prev": image["head"],
    }
    row |= said
    columns = [row[name] for name in rows.JOURNAL]
    head = said.get("hash", rows.hash_of(columns))
    names = ", ".join((*rows.JOURNAL, "hash"))
    marks = ", ".join("?" * (len(columns) + 1))
    return f"INSERT INTO journal ({names}) VALUES ({marks})", [*columns, head]  # noqa: S608
