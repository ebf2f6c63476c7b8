"""What one writing transaction of a SQLite store can do besides moving items."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve

from routing.store import rows, seals
from routing.store.known_reading import RECENT
from routing.store.moving import SqliteMoving
from routing.store.records import (
    Alias,
    Evidence,
    Grant,
    Input,
    Item,
    PatientRow,
    Procedure,
    Reader,
    Seal,
    StoredRulebook,
    Worklist,
)


class SqliteWriting(SqliteMoving):
    """One open transaction, made by `SqliteStore.writing`."""

    # the inbox -------------------------------------------------------------------------------------------------------

    def add_input(
        self, *, source: str, message_id: str, digest: str, kind: str, raw: bytes, received_at: datetime | None = None
    ) -> int:
        """Keep an input and return its number. It must be concluded before the transaction ends, or nothing commits."""
        number = self._next("inbox")
        at = self._at if received_at is None else rows.to_number(received_at, "received_at")
        self._run(
            "INSERT INTO inbox (id, source, message_id, digest, kind, received_at, raw_sha256, concluded, kept) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number,
            rows.clean(source),
            rows.clean(message_id),
            digest,
            kind,
            at,
            hashlib.sha256(raw).hexdigest(),
            number,
            number,
        )
        self._run("INSERT INTO raw (input, bytes) VALUES (?, ?)", number, raw)
        self._given["inbox"] = number
        self._taken[number] = (number, rows.clean(source), rows.clean(message_id), digest, kind, at)
        return number

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
        said = (rows.to_json(list(procedures)), rows.to_json(list(warnings)), item, rows.clean(reason))
        kept = (outcome, *said, rows.to_json(body))
        self._run("INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?)", number, *kept, self._at)
        taken = self._taken.pop(number, None)
        return self.input(number) if taken is None else rows.input_of((*taken, *kept))

    def hold_free(self, item: int) -> Item | None:
        """Return an item that is free to claim, as it stands; nobody else writes, so that nobody has it in hand."""
        found = self.item(item)
        return found if found.is_free(self.now) else None

    def redact_input(self, number: int, evidence: int) -> None:
        """Empty the stored bytes of an input by a recorded redaction; that it was received, and its digest, stay."""
        self._run("UPDATE raw SET bytes = NULL, redacted = ? WHERE input = ? AND bytes IS NOT NULL", evidence, number)

    # procedures and patients -----------------------------------------------------------------------------------------

    def add_procedure(self, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Begin a procedure."""
        number = self._next("procedure")
        named = named_by(aliases)
        knowledge = rows.clean(knowledge)
        digest = known_digest(knowledge, named)
        self._run("INSERT INTO procedure VALUES (?, 1, ?, ?)", number, digest, knowledge)
        for name in named:
            self._run("INSERT INTO alias VALUES (?, ?, ?, ?)", *name, number)
        self._given["procedure"], self._digests[number] = number, digest
        return RECENT.put((number, 1, digest), procedure_of(number, 1, knowledge, named))

    def change_procedure(self, procedure: int, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Write what is now known and all names that lead to it; a procedure with open items keeps at least one."""
        named, knowledge = named_by(aliases), rows.clean(knowledge)
        before = self.procedure(procedure)
        had = named_by(before.aliases)
        if before.knowledge == knowledge and had == named:
            return before
        gained, lost = [name for name in named if name not in had], [name for name in had if name not in named]
        for name in gained:
            self._run("INSERT INTO alias VALUES (?, ?, ?, ?)", *name, procedure)
        for name in lost:
            self._run(
                "DELETE FROM alias WHERE kind = ? AND value = ? AND issuer = ? AND procedure = ?", *name, procedure
            )
        digest, revision = known_digest(knowledge, named), before.revision + 1
        sql = "UPDATE procedure SET revision = revision + 1, knowledge = ?, digest = ? WHERE id = ?"
        self._run(sql, knowledge, digest, procedure)
        self._digests[procedure] = digest
        return RECENT.put((procedure, revision, digest), procedure_of(procedure, revision, knowledge, named))

    def put_patient(self, number: str, issuer: str, knowledge: str) -> PatientRow:
        """Write what is now known of a patient identity."""
        number, issuer, knowledge = rows.clean(number), rows.clean(issuer), rows.clean(knowledge)
        before = self.patient(number, issuer)
        if before is None:
            digest = rows.digest_of(knowledge)
            self._run("INSERT INTO patient VALUES (?, ?, 1, ?, ?)", number, issuer, digest, knowledge)
            return PatientRow(number=number, issuer=issuer, revision=1, knowledge=knowledge)
        if before.knowledge == knowledge:
            return before
        self._run(
            "UPDATE patient SET revision = revision + 1, knowledge = ?, digest = ? WHERE number = ? AND issuer = ?",
            knowledge,
            rows.digest_of(knowledge),
            number,
            issuer,
        )
        return PatientRow(number=number, issuer=issuer, revision=before.revision + 1, knowledge=knowledge)

    def redact_patient(self, number: str, issuer: str, evidence: int) -> None:
        """Empty what is known of a patient identity, its number too, by a recorded redaction; one for each identity."""
        self._run(
            "UPDATE patient SET number = ?, revision = revision + 1, knowledge = '{}', digest = ? "
            "WHERE number = ? AND issuer = ?",
            f"redacted {evidence}",
            rows.digest_of("{}"),
            rows.clean(number),
            rows.clean(issuer),
        )

    def add_evidence(self, evidence: Evidence) -> int:
        """Keep evidence and return its number, for `Move.evidence`."""
        number = self._next("evidence")
        self._run(
            "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number,
            evidence.kind,
            evidence.procedure,
            evidence.status,
            evidence.item,
            evidence.input,
            evidence.digest,
            rows.to_json(evidence.body),
            self._at,
        )
        self._given["evidence"] = number
        return number

    # the rest --------------------------------------------------------------------------------------------------------

    def put_worklist(self, worklist: Worklist) -> None:
        """Add a worklist or change its status and fallback. Raises StoreRefused for a dead end."""
        there = self._one("SELECT status, kind, fallback FROM worklist WHERE code = ?", rows.clean(worklist.code))
        said = (worklist.status, worklist.kind, worklist.fallback)
        if there is None:
            self._run("INSERT INTO worklist VALUES (?, ?, ?, ?)", rows.clean(worklist.code), *said)
        elif tuple(there) != said:
            sql = "UPDATE worklist SET status = ?, kind = ?, fallback = ? WHERE code = ?"
            self._run(sql, *said, rows.clean(worklist.code))

    def add_rulebook(self, rulebook: StoredRulebook) -> None:
        """Keep a rulebook's text; the same fingerprint twice is nothing new."""
        if self._one("SELECT 1 FROM rulebook WHERE fingerprint = ?", rulebook.fingerprint):
            return
        self._run(
            "INSERT INTO rulebook VALUES (?, ?, ?, ?, ?)",
            rulebook.fingerprint,
            rows.clean(rulebook.name),
            rows.clean(rulebook.text),
            rows.to_json(rulebook.tables),
            rows.to_number(rulebook.added_at, "added_at"),
        )

    def activate(self, fingerprint: str, *, actor: str, reason: str = "") -> None:
        """Make a stored rulebook the active one. Deciding anew is the caller's part, in the same transaction."""
        seq = self._next("activation", "seq")
        said = (rows.clean(actor), rows.clean(reason))
        self._run("INSERT INTO activation VALUES (?, ?, ?, ?, ?)", seq, fingerprint, *said, self._at)

    def grant(self, grant: Grant) -> None:
        """Write that a right was given or taken back."""
        self._run(
            "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self._next("grants", "seq"),
            rows.clean(grant.actor),
            grant.act,
            grant.scope,
            int(grant.given),
            rows.clean(grant.by),
            rows.clean(grant.reason),
            self._at,
        )

    def put_reader(self, reader: Reader) -> None:
        """Add or change a reader of the directory."""
        said = (rows.to_json(list(reader.skills)), rows.to_json(reader.body))
        name = rows.clean(reader.name)
        if self._one("SELECT 1 FROM reader WHERE name = ?", name):
            self._run("UPDATE reader SET skills = ?, body = ?, revision = revision + 1 WHERE name = ?", *said, name)
        else:
            self._run("INSERT INTO reader VALUES (?, ?, ?, 1)", name, *said)

    def notify(self, target: str, payload: Mapping[str, Any], item: int | None = None) -> None:
        """Put a notice into the outbox."""
        said = (item, rows.clean(target), rows.to_json(payload))
        self._run("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, NULL)", self._next("outbox"), *said, self._at)

    def told(self, notice: int) -> None:
        """Mark a notice as delivered."""
        self._run("UPDATE outbox SET done_at = ? WHERE id = ? AND done_at IS NULL", self._at, notice)

    def seal(self) -> Seal:
        """Seal everything that is there; the seal's hash should then leave the host."""
        found = seals.seals_of(self._sql)
        items, root = seals.root_now(self._sql)
        seal = Seal(
            k=len(found) + 1,
            at=self.at,
            items=items,
            events=self._seq,
            last_seq=self._seq,
            root=root,
            prev=found[-1].hash if found else rows.GENESIS,
            hash="",
        )
        seal = evolve(seal, hash=seals.hash_of(seal))
        said = (seal.items, seal.events, seal.last_seq, seal.root, seal.prev, seal.hash)
        self._run("INSERT INTO seal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seal.k, self._at, *said)
        return seal

    def remark(self, name: str, value: str) -> None:
        """Write a remark of the store about itself (`meta`)."""
        key = f"remark.{name}"
        if self._one("SELECT 1 FROM meta WHERE name = ?", key):
            self._run("UPDATE meta SET value = ? WHERE name = ?", rows.clean(value), key)
        else:
            self._run("INSERT INTO meta VALUES (?, ?)", key, rows.clean(value))
        self._remarks[name] = rows.clean(value)


def known_digest(knowledge: str, names: Sequence[tuple[str, str, str]]) -> str:
    """Return the digest of what is known of a procedure: its text and the names that lead to it."""
    return rows.digest_of(knowledge, *(part for name in names for part in name))


def named_by(aliases: Sequence[Alias]) -> list[tuple[str, str, str]]:
    """Return names as rows of `alias`, each once, in order."""
    return sorted({(one.kind, rows.clean(one.value), rows.clean(one.issuer)) for one in aliases})


def procedure_of(number: int, revision: int, knowledge: str, names: Sequence[tuple[str, str, str]]) -> Procedure:
    """Return a procedure as it was just written."""
    aliases = tuple(Alias(kind=kind, value=value, issuer=issuer) for kind, value, issuer in names)
    return Procedure(id=number, revision=revision, knowledge=knowledge, aliases=aliases)
