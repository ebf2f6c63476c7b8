"""What a store can do: whole operations, the same for every database.

Reading never blocks and never changes anything. Writing is one transaction: `with store.writing(at) as tx`. It commits
when the block ends and is gone when the block raises; only after the block has ended is what it wrote durable, so a
receipt or an acknowledgement is made after it and never inside it.

Every change of an item is `tx.open(...)` or `tx.move(...)`: one row in the journal, checked against the transition
table here and again by the database. There is no other way to write an item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from routing.store.records import (
    Activation,
    Alias,
    CountRow,
    Evidence,
    Grant,
    Input,
    Item,
    JournalRow,
    Move,
    Notice,
    Opening,
    PatientRow,
    Procedure,
    Reader,
    Seal,
    StoredRulebook,
    Verification,
    Worklist,
)


class Reading(Protocol):
    """What can be asked, inside a writing transaction (of its own view) and outside (of the newest committed one)."""

    # items
    def item(self, item: int) -> Item:
        """Return the item. Raises NotFound."""

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first."""

    def page(
        self, worklists: Sequence[str] | None, limit: int | None, *, after: Item | None = None
    ) -> tuple[Item, ...]:
        """Return open items, most urgent first: priority, due (none last), age. *worklists* None means all."""

    def candidates(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return the most urgent items that are free to claim at *now*: waiting, preliminary, or lease over.

        Others may be claiming them at this moment: `Writing.hold_free` says which is one's own.
        """

    def held_by(self, reader: str) -> tuple[Item, ...]:
        """Return what the reader has claimed, whether or not the lease is over."""

    def awake(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose `wake_at` has come, earliest first."""

    def overdue(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose due has passed, earliest first."""

    def overdue_in(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return items of the lists that are free to claim at *now* and whose due has passed, earliest due first."""

    def asked_of(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return open items that ask this reader (`asked` in their details), oldest first."""

    def asked_of_any(self, names: Sequence[str], limit: int) -> tuple[Item, ...]:
        """Return open items that ask any of these, each once, oldest first."""

    def unread_by(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return items whose answer this reader has not read (`unread_by` in their details), oldest first."""

    def aged(self, worklist: str, limit: int, *, after: Item | None = None) -> tuple[Item, ...]:
        """Return items of a list that can be read (waiting, claimed, preliminary), those that began first before."""

    def lapsed(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return claimed items whose lease is over, earliest first."""

    def history(self, item: int) -> tuple[JournalRow, ...]:
        """Return what happened to the item, oldest first. Raises NotFound."""

    def journal_since(self, seq: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the rows of the journal after row *seq*, of all items, in the order in which they were written."""

    def evidence(self, evidence: int) -> Evidence:
        """Return one row of evidence. Raises NotFound."""

    # procedures and patients
    def procedure(self, procedure: int) -> Procedure:
        """Return the procedure. Raises NotFound."""

    def aliases(self, procedures: Sequence[int]) -> Mapping[int, tuple[Alias, ...]]:
        """Return the names of several procedures at once, without what is known of them."""

    def first_lines(self, procedures: Sequence[int]) -> Mapping[int, str]:
        """Return the first line of what is known of several procedures at once: enough to say what they are called."""

    def inputs_of(self, procedure: int) -> tuple[int, ...]:
        """Return the numbers of the inputs whose outcome names the procedure, oldest first."""

    def procedures_by(self, kind: str, value: str, issuer: str | None = None) -> tuple[Procedure, ...]:
        """Return the procedures that a name leads to; *issuer* None means whatever the issuer, "" means not said."""

    def procedures(self) -> Iterator[Procedure]:
        """Return every procedure, in order of arrival."""

    def patient(self, number: str, issuer: str) -> PatientRow | None:
        """Return what is known of one patient identity, or None."""

    def patients_by_number(self, number: str) -> tuple[PatientRow, ...]:
        """Return what is known under a number, whatever the issuer."""

    # the inbox
    def input_by(self, source: str, message_id: str, digest: str) -> Input | None:
        """Return the input with exactly this identity, or None."""

    def came_elsewhere(self, instance: str, study: str) -> bool:
        """Return whether an instance, by its UID, has come in another study than this; whoever sent it."""

    def inputs_by_id(self, source: str, message_id: str) -> tuple[Input, ...]:
        """Return the inputs of this sender and id, whatever their digests, oldest first."""

    def latest_input(self, source: str) -> Input | None:
        """Return the newest input of a sender, or None."""

    def input(self, number: int) -> Input:
        """Return one input. Raises NotFound."""

    def raw(self, number: int) -> bytes | None:
        """Return the bytes of an input as they were stored; None when they were redacted. Raises NotFound."""

    def inputs(self) -> Iterator[Input]:
        """Return every input, in order of arrival."""

    # the rest
    def counts(self) -> tuple[CountRow, ...]:
        """Return how many items are in each worklist and state, discharged ones too, from the table the guards keep."""

    def overdue_counts(self, now: datetime) -> Mapping[str, tuple[int, int]]:
        """Return for each list with overdue items how many there are, and how many of them nobody has in hand."""

    def worklists(self) -> tuple[Worklist, ...]:
        """Return all worklists, by code."""

    def active_fingerprint(self) -> str | None:
        """Return the fingerprint of the rulebook that was activated last, or None."""

    def active_rulebook(self) -> StoredRulebook | None:
        """Return the rulebook that was activated last, or None."""

    def activations(self, limit: int) -> tuple[Activation, ...]:
        """Return which rulebooks were made active, by whom and why, the newest first."""

    def rulebook(self, fingerprint: str) -> StoredRulebook:
        """Return a stored rulebook. Raises NotFound."""

    def grants(self, actor: str | None = None) -> tuple[Grant, ...]:
        """Return the rights in force, all of them or those of one actor, oldest first."""

    def reader(self, name: str) -> Reader | None:
        """Return a reader of the directory, or None."""

    def readers(self) -> tuple[Reader, ...]:
        """Return the directory; empty when there is none."""

    def notices(self, limit: int) -> tuple[Notice, ...]:
        """Return what is still to be told, oldest first."""

    def seals(self) -> tuple[Seal, ...]:
        """Return all seals, oldest first."""

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself, such as the instant of the last tick."""


class Writing(Reading, Protocol):
    """One transaction. `now` is the caller's instant; `at` is what is written: never before what was written earlier.

    `stepped_back` is true when the clock is more than an hour behind what the store has already written.
    """

    now: datetime
    at: datetime
    stepped_back: bool

    def part(self) -> AbstractContextManager[None]:
        """Begin a part of the transaction that is undone alone when it raises: one bad input spoils no batch."""

    def add_input(
        self, *, source: str, message_id: str, digest: str, kind: str, raw: bytes, received_at: datetime | None = None
    ) -> int:
        """Keep an input and return its number. It must be concluded before the transaction ends, or nothing commits."""

    def conclude(
        self,
        number: int,
        outcome: str,
        *,
        procedures: Sequence[int] = (),
        warnings: Sequence[str] = (),
        item: int | None = None,
        reason: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> Input:
        """Write the one outcome of an input; *item* is the `resolve` item that holds it when nothing was applied."""

    def redact_input(self, number: int, evidence: int) -> None:
        """Empty the stored bytes of an input by a recorded redaction; that it was received, and its digest, stay."""

    def add_procedure(self, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Begin a procedure."""

    def change_procedure(self, procedure: int, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Write what is now known and all names that lead to it; a procedure with open items keeps at least one."""

    def put_patient(self, number: str, issuer: str, knowledge: str) -> PatientRow:
        """Write what is now known of a patient identity."""

    def redact_patient(self, number: str, issuer: str, evidence: int) -> None:
        """Empty what is known of a patient identity, its number too, by a recorded redaction; one for each identity."""

    def add_evidence(self, evidence: Evidence) -> int:
        """Keep evidence and return its number, for `Move.evidence`."""

    def open(
        self, opening: Opening, *, actor: str, reason: str | None = None, body: Mapping[str, Any] | None = None
    ) -> Item:
        """Begin an item."""

    def move(self, item: Item, move: Move) -> Item:
        """Let something happen to an item, as it was read in this transaction.

        Raises:
            TransitionRefused: the table does not allow it, or evidence, reason or a clock says no.
            StaleClaim: the item has moved on since it was read.

        """

    def hold_free(self, item: int) -> Item | None:
        """Return an item that is free to claim at `now`, as it stands, for this transaction alone.

        None where it is free no more, or another transaction has it in hand: it is not waited for.
        """

    def put_worklist(self, worklist: Worklist) -> None:
        """Add a worklist or change its status and fallback. Raises StoreRefused for a dead end."""

    def add_rulebook(self, rulebook: StoredRulebook) -> None:
        """Keep a rulebook's text; the same fingerprint twice is nothing new."""

    def activate(self, fingerprint: str, *, actor: str, reason: str = "") -> None:
        """Make a stored rulebook the active one. Deciding anew is the caller's part, in the same transaction."""

    def grant(self, grant: Grant) -> None:
        """Write that a right was given or taken back."""

    def put_reader(self, reader: Reader) -> None:
        """Add or change a reader of the directory."""

    def notify(self, target: str, payload: Mapping[str, Any], item: int | None = None) -> None:
        """Put a notice into the outbox."""

    def told(self, notice: int) -> None:
        """Mark a notice as delivered."""

    def seal(self) -> Seal:
        """Seal everything that is there; the seal's hash should then leave the host."""

    def remark(self, name: str, value: str) -> None:
        """Write a remark of the store about itself (`meta`)."""


class Store(Reading, Protocol):
    """A store of worklists. Safe to share between threads; each thread has its own connection."""

    def reading(self) -> AbstractContextManager[Reading]:
        """Let several questions see one moment: nothing that others commit in between shows."""

    def writing(self, at: datetime) -> AbstractContextManager[Writing]:
        """Begin the one write transaction.

        Raises:
            NaiveMoment: *at* has no time zone.
            StoreBusy: another writer held the store for too long; nothing was written.
            StoreRefused: the database refused a write (its message is the guard's own); nothing was written.

        """

    def verify(
        self, *, now: datetime | None = None, anchor: str | None = None, since_seal: bool = False
    ) -> Verification:
        """Return what is wrong with the store, reading only.

        *anchor* is the hash of a seal that left the host. *since_seal* looks only at what the newest seal does not
        cover: quick enough for every start, where the whole is for every night.
        """

    def woken(self, seconds: float) -> None:
        """Wait until something may have been committed since the last call, by whatever process: a hint, to ask again.

        It returns after about *seconds* at the latest, and may return sooner for no reason.
        """

    def close(self) -> None:
        """Close every connection of this store."""
