"""How an item begins and moves: one row in the journal, checked in code, and again by the guards of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import routing
from routing.errors import StaleClaim, StoreRefused, TransitionRefused
from routing.states import (
    DISCHARGED,
    MAY_LENGTHEN,
    MAY_LOWER,
    MOVES_LIST,
    NEEDS_EVIDENCE,
    NEEDS_REASON,
    RAISES_TOKEN,
    Event,
    State,
    next_state,
)
from routing.store import rows
from routing.store.records import Item, Move, Opening
from routing.store.transaction import SqliteTransaction

_COLUMNS: Final = ", ".join((*rows.JOURNAL, "hash"))
_INSERT: Final = f"INSERT INTO journal ({_COLUMNS}) VALUES ({', '.join('?' * (len(rows.JOURNAL) + 1))})"  # noqa: S608
_CHANGES: Final = frozenset(
    {"worklist", "priority", "rank", "due_at", "preliminary_due_at", "wake_at", "holder", "lease_until"}
    | {"rulebook", "successor", "details"}
)


_INDEXED: Final = ("asked", "unread_by")  # the details that are found by an index
MOST_KNOWN: Final = 1024  # procedures whose items are kept in mind


class SqliteMoving(SqliteTransaction):
    """The part of a transaction that writes the journal, and nothing else does."""

    def open(
        self, opening: Opening, *, actor: str, reason: str | None = None, body: Mapping[str, Any] | None = None
    ) -> Item:
        """Begin an item."""
        image: dict[str, Any] = {
            "id": self._next("item"),
            "procedure": opening.procedure,
            "kind": opening.kind,
            "state": next_state(None, Event.ACCEPT, to=opening.state),
            "worklist": rows.clean(opening.worklist),
            "priority": rows.clean(opening.priority),
            "rank": opening.rank,
            "due_at": opening.due_at,
            "preliminary_due_at": opening.preliminary_due_at,
            "wake_at": opening.wake_at,
            "holder": None,
            "token": 0,
            "lease_until": None,
            "draft": False,
            "successor": None,
            "opened_at": opening.opened_at or self.at,
            "rulebook": opening.rulebook,
            "details": _as_kept(opening.details),
        }
        move = Move(event=Event.ACCEPT, actor=actor, reason=reason, body=body or {})
        item = self._write(None, image, move, rows.to_json(image["details"]))
        self._given["item"] = item.id
        return item

    def move(self, item: Item, move: Move) -> Item:
        """Let something happen to an item, as it was read in this transaction.

        Raises:
            TransitionRefused: the table does not allow it, or evidence, reason or a clock says no.
            StaleClaim: the item has moved on since it was read.

        """
        target = next_state(item.state, move.event, to=move.to, draft=item.draft, item_id=str(item.id))
        _refuse(item, move, target)
        changes, holder = move.changes, None
        if claimed := target is State.CLAIMED:
            holder = changes.get("holder", item.holder)
        image: dict[str, Any] = {
            "id": item.id,
            "procedure": item.procedure,
            "kind": item.kind,
            "state": target,
            "worklist": rows.clean(changes.get("worklist", item.worklist)),
            "priority": rows.clean(changes.get("priority", item.priority)),
            "rank": changes.get("rank", item.rank),
            "due_at": changes.get("due_at", item.due_at),
            "preliminary_due_at": changes.get("preliminary_due_at", item.preliminary_due_at),
            "wake_at": changes.get("wake_at", item.wake_at),
            "holder": rows.clean(holder) if holder is not None else None,
            "token": item.token + (move.event in RAISES_TOKEN),
            "lease_until": changes.get("lease_until", item.lease_until) if claimed else None,
            "draft": _draft(item, move.event, target),
            "successor": changes.get("successor", item.successor) if target is State.SUPERSEDED else None,
            "opened_at": item.opened_at,
            "rulebook": changes.get("rulebook", item.rulebook),
            "details": _as_kept(changes.get("details", item.details)),
        }
        return self._write(item, image, move, rows.to_json(image["details"]) if "details" in changes else None)

    def _write(self, before: Item | None, image: dict[str, Any], move: Move, details: str | None) -> Item:
        """Insert the journal row, which is the transition, and return the item as the database now has it."""
        version = before.version + 1 if before else 1
        refuse_hidden(image["details"], details)
        number = rows.to_number
        columns = (
            self._seq + 1,
            image["id"],
            version,
            move.event._value_,
            before.state._value_ if before else None,
            image["state"]._value_,
            image["kind"]._value_,
            image["procedure"],
            self._known(image["procedure"]),
            image["worklist"],
            image["priority"],
            image["rank"],
            number(image["due_at"], "due_at"),
            number(image["preliminary_due_at"], "preliminary_due_at"),
            number(image["wake_at"], "wake_at"),
            image["holder"],
            image["token"],
            number(image["lease_until"], "lease_until"),
            int(image["draft"]),
            image["successor"],
            number(image["opened_at"], "opened_at"),
            image["rulebook"],
            rows.clean(move.actor),
            None if move.reason is None else rows.clean(move.reason),
            move.evidence,
            routing.__version__,
            self._at,
            before.head if before else rows.GENESIS,
            details,
            rows.to_json(move.body),
        )
        head = rows.hash_of(columns)
        try:
            self._open_still().execute(_INSERT, (*columns, head))
        except sqlite3.IntegrityError as error:
            if before is not None and str(error).startswith("N13"):
                raise StaleClaim(str(before.id), before.token) from error
            raise
        self._seq += 1
        if details is not None:
            image["details"] = rows.from_json(details)
        return self._noted(Item(**image, version=version, head=head), before)

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first. Nobody else writes meanwhile: they are read once."""
        known = self._items_known.get(procedure)
        if known is None:
            if len(self._items_known) >= MOST_KNOWN:
                self._items_known.clear()
            known = self._items_known[procedure] = super().items_of(procedure)
        return tuple(item for item in known if item.is_open) if open_only else known

    def _noted(self, item: Item, before: Item | None) -> Item:
        """Return an item, which is from now on among those known of its procedure where these are known."""
        known = self._items_known.get(item.procedure or 0)
        if known is not None:
            stand = (*known, item) if before is None else tuple(item if one.id == item.id else one for one in known)
            self._items_known[item.procedure or 0] = stand
        return item

    def _known(self, procedure: int | None) -> str | None:
        """Return the digest of what is known of the procedure: what a move rests on."""
        if procedure is None:
            return None
        known = self._digests.get(procedure)
        if known is None:
            row = self._one("SELECT digest FROM procedure WHERE id = ?", procedure)
            if row is None:
                return None
            if len(self._digests) >= MOST_KNOWN:
                self._digests.clear()
            known = self._digests[procedure] = str(row[0])
        return known


def refuse_hidden(said: Mapping[str, Any], details: str | None) -> None:
    """Refuse details in which a name stands where its index does not find it. Raises StoreRefused."""
    for name in _INDEXED:
        if details is not None and details.count(f'"{name}":') > (name in said):
            raise StoreRefused(f"`{name}` stands only at the top of an item's details, where the index finds it")


def _as_kept(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return details as they are kept: who is asked goes by the same name as everywhere else."""
    asked = details.get("asked")
    return details if not isinstance(asked, str) else {**details, "asked": rows.clean(asked)}


def _draft(item: Item, event: Event, target: State) -> bool:
    if event is Event.PRELIMINARY:
        return True
    if target in DISCHARGED:
        return False
    if event in {Event.WITHDRAW, Event.REOPEN}:
        return target is State.PRELIMINARY
    return item.draft


def _refuse(item: Item, move: Move, target: State) -> None:
    """Refuse in code what the database would refuse too, with words for the caller."""
    event, changes = move.event, move.changes
    if unknown := set(changes) - _CHANGES:
        raise StoreRefused(f"an event does not change {', '.join(sorted(unknown))}")

    refusals = (
        (event in NEEDS_EVIDENCE and move.evidence is None, "it needs evidence"),
        (event in NEEDS_REASON and not (move.reason or "").strip(), "it needs a reason"),
        (not move.actor.strip(), "it needs a named actor"),
        (_moves_elsewhere(item, move, target), "it does not move an item to another worklist"),
        (event not in MAY_LENGTHEN and _lengthens(item, changes), "a due time never moves later"),
        (event not in MAY_LOWER and changes.get("rank", item.rank) > item.rank, "a priority never falls"),
    )
    for applies, reason in refusals:
        if applies:
            raise TransitionRefused(str(item.id), item.state.value, event.value, reason)


def _moves_elsewhere(item: Item, move: Move, target: State) -> bool:
    if move.changes.get("worklist", item.worklist) == item.worklist:
        return False
    return move.event not in MOVES_LIST or target is State.CLAIMED


def _lengthens(item: Item, changes: Mapping[str, Any]) -> bool:
    return any(
        name in changes and _is_later(changes[name], getattr(item, name)) for name in ("due_at", "preliminary_due_at")
    )


def _is_later(new: datetime | None, old: datetime | None) -> bool:
    if old is None or new == old:
        return False
    return new is None or new > old
