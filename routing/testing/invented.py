"""Invented content for stores: lists, a rulebook, procedures, items that came to a state by lawful moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from routing.states import Event, Kind, State
from routing.store.protocol import Store, Writing
from routing.store.records import (
    Alias,
    Evidence,
    Item,
    Move,
    Opening,
    StoredRulebook,
    Worklist,
)

NOW: Final = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
BOOK: Final = "f" * 64
OTHER_BOOK: Final = "e" * 64


def furnish(tx: Writing) -> None:
    """Write two rulebooks, of which one is active, an exceptions list and three lists."""
    for fingerprint in (OTHER_BOOK, BOOK):
        tx.add_rulebook(
            StoredRulebook(fingerprint=fingerprint, name="invented", text="rulebook", tables={}, added_at=NOW)
        )
    tx.activate(BOOK, actor="pacs-team", reason="go-live")
    tx.put_worklist(Worklist(code="exceptions", kind="exceptions"))
    for code in ("neuro", "chest", "on_call"):
        tx.put_worklist(Worklist(code=code, fallback="exceptions"))


def accept(tx: Writing, accession: str, *, state: State = State.WAITING, **said: Any) -> Item:
    """Return a new item of a new procedure."""
    procedure = tx.add_procedure('{"about":"invented"}', [Alias(kind="accession", value=accession, issuer="CITY")])
    opening: dict[str, Any] = {
        "kind": Kind.REPORT,
        "worklist": "neuro",
        "priority": "routine",
        "rank": 2,
        "rulebook": BOOK,
        "due_at": NOW + 4 * HOUR,
        "wake_at": NOW + HOUR if state is State.HELD else None,
    } | said
    return tx.open(Opening(procedure=procedure.id, state=state, **opening), actor="system")


def evidence_for(tx: Writing, item: Item, event: Event, successor: int | None = None) -> int | None:
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


def move(tx: Writing, item: Item, event: Event, *, to: State | None = None, **changes: Any) -> Item:
    """Return the item after the event, with whatever the event needs made up."""
    said = dict(changes)
    if event in {Event.CLAIM, Event.SEIZE}:
        said.setdefault("holder", "lee")
        said.setdefault("lease_until", tx.now + HOUR)
    evidence = evidence_for(tx, item, event, said.get("successor"))
    return tx.move(item, Move(event=event, to=to, actor="lee", reason="because", evidence=evidence, changes=said))


def in_state(tx: Writing, accession: str, state: State, kind: Kind = Kind.REPORT) -> Item:
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
    heir: dict[str, Any] = (
        {"successor": accept(tx, f"{accession}-heir", kind=kind).id} if state is State.SUPERSEDED else {}
    )
    return move(tx, item, ways[state], **heir) if state in ways else item


def next_free(tx: Writing, *worklists: str) -> Item | None:
    """Return the most urgent item of some lists that is free and in no other transaction's hands, held."""
    free = (tx.hold_free(one.id) for one in tx.candidates(worklists, 64, tx.now))
    return next((one for one in free if one is not None), None)


def receive(tx: Writing, name: str) -> Item:
    """Take in an input with one new item."""
    number = tx.add_input(source="RIS", message_id=name, digest=f"digest-{name}", kind="hl7", raw=name.encode())
    item = accept(tx, name)
    assert item.procedure is not None
    tx.conclude(number, "accepted", procedures=[item.procedure])
    return item


def unsound(store: Store) -> list[str]:
    """Return what `verify` finds, but for what a test's own server or clock is weaker in (V1)."""
    return [f"{one.check}: {one.evidence}" for one in store.verify(now=NOW).findings if one.check != "V1"]
