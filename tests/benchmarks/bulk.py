"""A large store made quickly: rows are written behind dropped guards, which are then put back, and `verify` proves it.

Nothing of this is for use: it is what a benchmark needs to see whether questions stay flat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from routing.store import rows, schema
from routing.store.connection import connect
from routing.store.sqlite import SqliteStore
from routing.store.writing import known_digest
from tests.store.building import BOOK, NOW, new_store

LISTS: Final = ("neuro", "chest", "on_call")
MINUTES: Final = 100_000  # items begin so many different minutes ago; the higher the number, the longer
KNOWLEDGE: Final = '{"about":"invented"}'
CHUNK: Final = 20_000
_BEGUN: Final = rows.to_number(NOW) or 0
_MINUTE: Final = 60_000_000
_COLUMNS: Final = ", ".join((*rows.JOURNAL, "hash"))
_ITEM: Final = ", ".join((*rows.ITEM[:4], "open", "readable", *rows.ITEM[4:]))


def accession(number: int) -> str:
    """Return the accession number of the procedure."""
    return f"B{number:09d}"


@frozen(kw_only=True)
class Shape:
    """What all items of a bulk store have: what is known of each procedure, by which rulebook, and its details."""

    knowledge: Callable[[int], str] = lambda _: KNOWLEDGE
    rulebook: str = BOOK
    details: Callable[[int], Mapping[str, Any]] = lambda _: {}


def filled(
    folder: Path, waiting: int, reported: int = 0, *, into: SqliteStore | None = None, shape: Shape = Shape()
) -> SqliteStore:
    """Return a store with so many items that wait and so many that are reported, its guards as they were made.

    *into* is a store without items; it has the lists, and the rulebook of *shape*.
    """
    store = into or new_store(folder)
    connection = connect(store.place, guarded=False)
    guards = {name: sql for name, sql in schema.expected_objects().items() if name.startswith("trigger ")}
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    connection.execute("BEGIN IMMEDIATE")
    for name in guards:
        connection.execute(f"DROP TRIGGER {name.removeprefix('trigger ')}")
    seq = 0
    for first in range(1, waiting + reported + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, waiting + reported + 1))
        seq = _write(connection, shape, [_life(number, shape, is_open=number <= waiting) for number in numbers], seq)
    connection.execute(
        "UPDATE tally SET seq = ?, count = (SELECT count(*) FROM item "
        "WHERE item.worklist = tally.worklist AND item.state = tally.state)",
        (seq,),
    )
    for sql in guards.values():
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    return store


def _life(number: int, shape: Shape, *, is_open: bool) -> list[dict[str, Any]]:
    """Return the journal of one item as rows by column, without numbers of rows and hashes."""
    worklist, opened = LISTS[number % len(LISTS)], _BEGUN - (number % MINUTES) * _MINUTE
    begin: dict[str, Any] = dict.fromkeys(rows.JOURNAL) | {
        "item": number,
        "n": 1,
        "event": "accept",
        "target": "waiting",
        "kind": "report",
        "procedure": number,
        "known": known_digest(shape.knowledge(number), [("accession", accession(number), "CITY")]),
        "worklist": worklist,
        "priority": ("stat", "urgent", "routine")[number % 3],
        "rank": number % 3,
        "due_at": opened + 4 * 60 * _MINUTE,
        "token": 0,
        "draft": 0,
        "opened_at": opened,
        "rulebook": shape.rulebook,
        "actor": "system",
        "engine": "bulk",
        "at": _BEGUN,
        "details": rows.to_json(shape.details(number)),
        "body": "{}",
    }
    end = begin | {"n": 2, "event": "final_report", "source": "waiting", "target": "reported", "details": None}
    return [begin] if is_open else [begin, end | {"evidence": -1}]


def _write(connection: sqlite3.Connection, shape: Shape, lives: list[list[dict[str, Any]]], seq: int) -> int:
    evidence = connection.execute("SELECT ifnull(max(id), 0) FROM evidence").fetchone()[0]
    journal, items, proofs = [], [], []
    for life in lives:
        head = rows.GENESIS
        for row in life:
            seq += 1
            row |= {"seq": seq, "prev": head}
            if row["evidence"]:
                evidence += 1
                row["evidence"] = evidence
                proofs.append((evidence, "report", row["procedure"], "final", None, None, "", "{}", _BEGUN))
            columns = [row[name] for name in rows.JOURNAL]
            head = rows.hash_of(columns)
            journal.append((*columns, head))
        items.append(tuple(_image(life[-1] | {"details": life[0]["details"]}, head)))
    connection.executemany(
        "INSERT INTO procedure VALUES (?, 1, ?, ?)",
        ((life[0]["procedure"], life[0]["known"], shape.knowledge(life[0]["procedure"])) for life in lives),
    )
    connection.executemany(
        "INSERT INTO alias VALUES ('accession', ?, 'CITY', ?)",
        ((accession(life[0]["item"]), life[0]["procedure"]) for life in lives),
    )
    connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", proofs)
    marks = ", ".join("?" * (len(rows.JOURNAL) + 1))
    connection.executemany(f"INSERT INTO journal ({_COLUMNS}) VALUES ({marks})", journal)  # noqa: S608
    marks = ", ".join("?" * (len(rows.ITEM) + 2))
    connection.executemany(f"INSERT INTO item ({_ITEM}) VALUES ({marks})", items)  # noqa: S608
    return seq


def _image(row: dict[str, Any], head: str) -> Iterator[Any]:
    said = row | {"id": row["item"], "state": row["target"], "version": row["n"], "head": head}
    is_open = int(row["target"] == "waiting")
    yield from (said[name] for name in rows.ITEM[:4])
    yield from (is_open, is_open)
    yield from (said[name] for name in rows.ITEM[4:])
