"""Stores with invented content, for the tests of the store."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from routing.states import Event, Kind, State
from routing.store import rows
from routing.store.records import Alias, Evidence, Item, Move, Opening, StoredRulebook, Worklist
from routing.store.sqlite import SqliteStore
from routing.store.writing import SqliteWriting

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK = "f" * 64
OTHER_BOOK = "e" * 64


def new_store(folder: Path, **options: Any) -> SqliteStore:
    """Return an empty store with a rulebook, an exceptions list and three lists."""
    store = SqliteStore.open(folder / "worklist.db", **options)
    with store.writing(NOW) as tx:
        furnish(tx)
    return store


def furnish(tx: SqliteWriting) -> None:
    for fingerprint in (OTHER_BOOK, BOOK):
        tx.add_rulebook(
            StoredRulebook(fingerprint=fingerprint, name="invented", text="rulebook", tables={}, added_at=NOW)
        )
    tx.activate(BOOK, actor="pacs-team", reason="go-live")
    tx.put_worklist(Worklist(code="exceptions", kind="exceptions"))
    for code in ("neuro", "chest", "on_call"):
        tx.put_worklist(Worklist(code=code, fallback="exceptions"))


def accept(tx: SqliteWriting, accession: str, *, state: State = State.WAITING, **said: Any) -> Item:
    """Return a new item of a new procedure."""
    procedure = tx.add_procedure('{"about":"invented"}', [Alias(kind="accession", value=accession, issuer="CITY")])
    opening = {
        "kind": Kind.REPORT,
        "worklist": "neuro",
        "priority": "routine",
        "rank": 2,
        "rulebook": BOOK,
        "due_at": NOW + 4 * HOUR,
        "wake_at": NOW + HOUR if state is State.HELD else None,
    } | said
    return tx.open(Opening(procedure=procedure.id, state=state, **opening), actor="system")


def evidence_for(tx: SqliteWriting, item: Item, event: Event, successor: int | None = None) -> int | None:
    """Return evidence that allows the event, or None where none is needed."""
    kinds = {
        Event.PRELIMINARY: Evidence(kind="report", procedure=item.procedure, status="preliminary"),
        Event.FINAL_REPORT: Evidence(kind="report", procedure=item.procedure, status="final"),
        Event.AMEND: Evidence(kind="report", procedure=item.procedure, status="corrected"),
        Event.WITHDRAW: Evidence(kind="report", procedure=item.procedure, status="withdrawn"),
        Event.CLOSE: Evidence(kind="closure", procedure=item.procedure, body={"policy": "duplicate"}),
    }
    if event is Event.SUPERSEDE:
        return tx.add_evidence(Evidence(kind="successor", procedure=item.procedure, item=successor))
    return tx.add_evidence(kinds[event]) if event in kinds else None


def move(tx: SqliteWriting, item: Item, event: Event, *, to: State | None = None, **changes: Any) -> Item:
    """Return the item after the event, with whatever the event needs made up."""
    said = dict(changes)
    if event in {Event.CLAIM, Event.SEIZE}:
        said.setdefault("holder", "lee")
        said.setdefault("lease_until", tx.now + HOUR)
    evidence = evidence_for(tx, item, event, said.get("successor"))
    return tx.move(item, Move(event=event, to=to, actor="lee", reason="because", evidence=evidence, changes=said))


def in_state(tx: SqliteWriting, accession: str, state: State, kind: Kind = Kind.REPORT) -> Item:
    """Return a new item that came to the state by lawful moves."""
    ways = {
        State.CLAIMED: Event.CLAIM,
        State.PRELIMINARY: Event.PRELIMINARY,
        State.REPORTED: Event.FINAL_REPORT,
        State.CLOSED: Event.CLOSE,
        State.SUPERSEDED: Event.SUPERSEDE,
    }
    first = state if state in {State.EXPECTED, State.HELD} else State.WAITING
    item = accept(tx, accession, state=first, kind=kind)
    heir = {"successor": accept(tx, f"{accession}-heir", kind=kind).id} if state is State.SUPERSEDED else {}
    return move(tx, item, ways[state], **heir) if state in ways else item


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
