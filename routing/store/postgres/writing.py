"""What one writing transaction of a PostgreSQL store writes; the server numbers, dates and hashes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import evolve

import routing
from routing.errors import StaleClaim
from routing.store import rows, seals
from routing.store.moving import refuse_hidden
from routing.store.postgres.holding import PostgresTransaction
from routing.store.postgres.place import driver
from routing.store.records import (
    Alias,
    Evidence,
    Grant,
    Item,
    Move,
    PatientRow,
    Procedure,
    Reader,
    Seal,
    StoredRulebook,
    Worklist,
)
from routing.store.writing import known_digest, named_by, procedure_of

_WRITTEN: Final = [name for name in rows.JOURNAL if name not in {"seq", "known", "at"}]
_JOURNAL: Final = (
    f"INSERT INTO journal ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))}) RETURNING item, seq, hash"  # noqa: S608
)
# What belongs together goes to the server together.
_RECEIVE: Final = """WITH kept AS (INSERT INTO inbox (source, message_id, digest, kind, received_at, raw_sha256)
      VALUES (?, ?, ?, ?, coalesce(CAST(? AS bigint), clock()), ?) RETURNING id, received_at),
    whole AS (INSERT INTO raw (input, bytes) SELECT id, CAST(? AS bytea) FROM kept)
    SELECT id, received_at FROM kept"""
_BEGIN: Final = """WITH begun AS (INSERT INTO procedure (revision, digest, knowledge) VALUES (1, ?, ?) RETURNING id),
    named AS (INSERT INTO alias SELECT name.kind, name.value, name.issuer, begun.id FROM begun,
      unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[])) AS name (kind, value, issuer))
    SELECT id FROM begun"""


class PostgresWriting(PostgresTransaction):
    """One open transaction, made by `PostgresStore.writing`."""

    # the journal -----------------------------------------------------------------------------------------------------

    def _next(self, table: str, column: str = "id") -> int:  # noqa: ARG002 - as in the other engine
        return 0  # the server numbers

    def _write(self, before: Item | None, image: dict[str, Any], move: Move, details: str | None) -> Item:
        """Insert the journal row, which is the transition, and return the item as the database now has it."""
        refuse_hidden(image["details"], details)
        number = rows.to_number
        said = {
            **{name: image[name] for name in ("procedure", "worklist", "priority", "rank", "holder", "token")},
            **{name: image[name] for name in ("successor", "rulebook")},
            **{name: number(image[name], name) for name in ("due_at", "preliminary_due_at", "wake_at", "lease_until")},
            "item": before.id if before else None,
            "n": before.version + 1 if before else 1,
            "event": move.event.value,
            "source": before.state.value if before else None,
            "target": image["state"].value,
            "kind": image["kind"].value,
            "draft": int(image["draft"]),
            "opened_at": number(image["opened_at"], "opened_at"),
            "actor": rows.clean(move.actor),
            "reason": None if move.reason is None else rows.clean(move.reason),
            "evidence": move.evidence,
            "engine": routing.__version__,
            "prev": before.head if before else rows.GENESIS,
            "details": details,
            "body": rows.to_json(move.body),
        }
        try:
            item, seq, head = self._one(_JOURNAL, *(said[name] for name in _WRITTEN))
        except driver().IntegrityError as error:
            if before is not None and (error.diag.message_primary or "").startswith("N13"):
                raise StaleClaim(str(before.id), before.token) from error
            raise
        self.proof = ("SELECT 'committed' FROM journal WHERE seq = ? AND hash = ?", (seq, head))
        if details is not None:
            image["details"] = json.loads(details)
        return self._noted(Item(**image | {"id": item}, version=said["n"], head=head), before)

    # the inbox -------------------------------------------------------------------------------------------------------

    def add_input(
        self, *, source: str, message_id: str, digest: str, kind: str, raw: bytes, received_at: datetime | None = None
    ) -> int:
        """Keep an input and return its number. It must be concluded before the transaction ends, or nothing commits."""
        at = rows.to_number(received_at, "received_at")
        said = (rows.clean(source), rows.clean(message_id), digest)
        number, at = self._one(_RECEIVE, *said, kind, at, hashlib.sha256(raw).hexdigest(), raw)
        self._taken[number] = (number, *said, kind, at)
        self._prove("inbox WHERE id = ? AND source = ? AND message_id = ? AND digest = ?", number, *said)
        return int(number)

    # procedures, patients and evidence -------------------------------------------------------------------------------

    def add_procedure(self, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Begin a procedure."""
        named, knowledge = named_by(aliases), rows.clean(knowledge)
        for kind, value, _ in named:
            self._hold_name(kind, value, shared=kind == "patient")
        columns = [list(one) for one in zip(*named, strict=True)] or [[], [], []]
        number = self._returned(_BEGIN, known_digest(knowledge, named), knowledge, *columns)
        return self._hold(procedure_of(number, 1, knowledge, named))

    def change_procedure(self, procedure: int, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Write what is now known and all names that lead to it; a procedure with open items keeps at least one."""
        return self._hold(super().change_procedure(procedure, knowledge, aliases))

    def put_patient(self, number: str, issuer: str, knowledge: str) -> PatientRow:
        """Write what is now known of a patient identity, alone."""
        self._hold_name("patient", rows.clean(number))
        return super().put_patient(number, issuer, knowledge)

    def redact_patient(self, number: str, issuer: str, evidence: int) -> None:
        """Empty what is known of a patient identity, its number too, by a recorded redaction; one for each identity."""
        self._hold_name("patient", rows.clean(number))
        super().redact_patient(number, issuer, evidence)

    def add_evidence(self, evidence: Evidence) -> int:
        """Keep evidence and return its number, for `Move.evidence`."""
        return self._returned(
            "INSERT INTO evidence (kind, procedure, status, item, input, digest, body, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, clock()) RETURNING id",
            evidence.kind,
            evidence.procedure,
            evidence.status,
            evidence.item,
            evidence.input,
            evidence.digest,
            rows.to_json(evidence.body),
        )

    # the rest --------------------------------------------------------------------------------------------------------

    def _alone(self) -> None:
        """Wait until no other writer is in the middle of anything."""
        if "gate" not in self._held:
            self._run("SELECT close_gate()")
            self._held.add("gate")

    def put_worklist(self, worklist: Worklist) -> None:
        """Add a worklist or change its status and fallback, alone. Raises StoreRefused for a dead end."""
        self._alone()
        super().put_worklist(worklist)

    def add_rulebook(self, rulebook: StoredRulebook) -> None:
        """Keep a rulebook's text; the same fingerprint twice is nothing new."""
        self._alone()
        super().add_rulebook(rulebook)

    def activate(self, fingerprint: str, *, actor: str, reason: str = "") -> None:
        """Make a stored rulebook the active one. Deciding anew is the caller's part, in the same transaction."""
        self._alone()
        sql = "INSERT INTO activation (fingerprint, actor, reason, at) VALUES (?, ?, ?, ?) RETURNING seq"
        seq = self._returned(sql, fingerprint, rows.clean(actor), rows.clean(reason), self._at)
        self._prove("activation WHERE seq = ? AND fingerprint = ? AND at = ?", seq, fingerprint, self._at)

    def grant(self, grant: Grant) -> None:
        """Write that a right was given or taken back."""
        self._hold_name("grants")
        self._run(
            "INSERT INTO grants (actor, act, scope, given, by, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows.clean(grant.actor),
            grant.act,
            grant.scope,
            int(grant.given),
            rows.clean(grant.by),
            rows.clean(grant.reason),
            self._at,
        )
        said = (rows.clean(grant.actor), grant.act, grant.scope, int(grant.given), self._at)
        self._prove("grants WHERE actor = ? AND act = ? AND scope = ? AND given = ? AND at = ?", *said)

    def put_reader(self, reader: Reader) -> None:
        """Add or change a reader of the directory."""
        super().put_reader(reader)
        said = (rows.clean(reader.name), rows.to_json(list(reader.skills)), rows.to_json(reader.body))
        self._prove("reader WHERE name = ? AND skills = ? AND body = ?", *said)

    def told(self, notice: int) -> None:
        """Mark a notice as delivered."""
        super().told(notice)
        self._prove("outbox WHERE id = ? AND done_at IS NOT NULL", notice)

    def notify(self, target: str, payload: Mapping[str, Any], item: int | None = None) -> None:
        """Put a notice into the outbox."""
        sql = "INSERT INTO outbox (item, target, payload, made_at) VALUES (?, ?, ?, ?)"
        self._run(sql, item, rows.clean(target), rows.to_json(payload), self._at)

    def remark(self, name: str, value: str) -> None:
        """Write a remark of the store about itself (`meta`), alone."""
        self._hold_name("remark", name)
        super().remark(name, value)
        self._prove("meta WHERE name = ? AND value = ?", f"remark.{name}", rows.clean(value))

    def seal(self) -> Seal:
        """Seal everything that is there; the seal's hash should then leave the host.

        One sealer at a time. The others wait only for the moment at which it looks: from then on it reads what was
        there at that moment, whatever is written meanwhile.
        """
        self._run("SELECT pg_advisory_xact_lock(1380930901, 0)")
        found = self.seals()
        self._sql.is_spoilt = True  # a lock of the session outlives the transaction: an error must end both
        self._run("SELECT pg_advisory_lock(1380930900, 0)")
        self._run("DECLARE heads NO SCROLL CURSOR FOR SELECT id, version, head FROM item ORDER BY id")
        last = self._returned("SELECT coalesce(max(seq), 0) FROM journal")
        self._sql.execute("SELECT pg_advisory_unlock(1380930900, 0)")
        self._sql.is_spoilt = False
        items, root = seals.root_of(self._fetched_in_parts("heads"))
        events = self._returned("SELECT count(*) FROM journal WHERE seq <= ?", last)
        seal = Seal(
            k=len(found) + 1,
            at=self.at,
            items=items,
            events=events,
            last_seq=last,
            root=root,
            prev=found[-1].hash if found else rows.GENESIS,
            hash="",
        )
        seal = evolve(seal, hash=seals.hash_of(seal))
        said = (seal.items, seal.events, seal.last_seq, seal.root, seal.prev, seal.hash)
        self._run("INSERT INTO seal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seal.k, self._at, *said)
        self._prove("seal WHERE k = ? AND hash = ?", seal.k, seal.hash)
        return seal

    def _fetched_in_parts(self, cursor: str) -> Iterator[Any]:
        while found := self._all(f"FETCH 10000 FROM {cursor}"):
            yield from found
        self._run(f"CLOSE {cursor}")
