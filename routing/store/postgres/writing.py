"""One writing transaction of a PostgreSQL store. What it looks at it holds, so that others come before or after it.

Many transactions run side by side at READ COMMITTED. Two about the same procedure come one after the other, because a
name is held before what it leads to is read, and a procedure before its items; whoever waits sees what the other wrote.
Two that wait for each other are told apart by the server: one is broken off with nothing written and tried again.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from attrs import evolve

import routing
from routing.errors import StaleClaim
from routing.store import rows, seals
from routing.store.postgres.place import driver
from routing.store.postgres.reading import ITEM, PostgresReading
from routing.store.postgres.session import Session
from routing.store.records import (
    Alias,
    Evidence,
    Grant,
    Input,
    Item,
    Move,
    PatientRow,
    Procedure,
    Seal,
    StoredRulebook,
    Worklist,
)
from routing.store.transaction import FLAGGED_STEP
from routing.store.writing import SqliteWriting, known_digest, named_by, procedure_of

_OF_OUTCOME: Final = frozenset({"outcome", "procedures", "warnings", "item", "reason", "body"})
_NAMES_LOCK: Final = 1380930902
_BUCKETS: Final = 1024  # so that an import of any size fits into the server's table of locks
_WRITTEN: Final = [name for name in rows.JOURNAL if name not in {"seq", "known", "at"}]
_JOURNAL: Final = (
    f"INSERT INTO journal ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))}) RETURNING item, seq, hash"  # noqa: S608
)
# What belongs together goes to the server together.
_RECEIVE: Final = """WITH kept AS (INSERT INTO inbox (source, message_id, digest, kind, received_at, raw_sha256)
      VALUES (?, ?, ?, ?, ?, ?) RETURNING id),
    whole AS (INSERT INTO raw (input, bytes) SELECT id, CAST(? AS bytea) FROM kept)
    SELECT id FROM kept"""
_CONCLUDE: Final = f"""WITH said AS (INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *)
    SELECT {", ".join(f"said.{name}" if name in _OF_OUTCOME else f"inbox.{name}" for name in rows.INPUT)}
    FROM inbox JOIN said ON said.input = inbox.id"""  # noqa: S608 - names of columns
_BEGIN: Final = """WITH begun AS (INSERT INTO procedure (revision, digest, knowledge) VALUES (1, ?, ?) RETURNING id),
    named AS (INSERT INTO alias SELECT name.kind, name.value, name.issuer, begun.id FROM begun,
      unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[])) AS name (kind, value, issuer))
    SELECT id FROM begun"""


class PostgresWriting(PostgresReading, SqliteWriting):
    """One open transaction, made by `PostgresStore.writing`.

    `now` is the server's clock, or the caller's in a store made for tests. `proof` is a row by which it can be seen
    later whether the transaction was committed: a statement and its parameters, once something was written.
    """

    def __init__(
        self, session: Session, said: datetime, books: dict[str, StoredRulebook], begun: Sequence[Any] | None = None
    ) -> None:
        self._sql = session
        self._books = books
        self._held: set[object] = set()
        self.proof: tuple[str, tuple[Any, ...]] | None = None
        if begun is None:
            begun = self._one("SELECT * FROM begin_writing(?)", rows.to_number(said))
        self.slot: int
        self.slot, now, written, self.durable = begun
        self.now = rows.to_instant(now) or said
        self.at = rows.to_instant(max(now, written)) or said
        self._at = rows.to_number(self.at) or 0
        self.stepped_back = self.at - self.now > FLAGGED_STEP
        if self.stepped_back:
            self._flag_step()

    def _flag_step(self) -> None:
        """Write the step down once, and again only when the clock stands elsewhere by an hour."""
        last = self._one("SELECT now FROM clock_step ORDER BY seq DESC LIMIT 1")
        now = rows.to_number(self.now) or 0
        if last is None or abs(last[0] - now) > FLAGGED_STEP.total_seconds() * 1_000_000:
            self._run("INSERT INTO clock_step (at, now) VALUES (?, ?)", self._at, now)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Begin a part of the transaction that is undone alone when it raises: one bad input spoils no batch."""
        held, proof = set(self._held), self.proof
        self._run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if not self._sql.is_lost:
                self._run("ROLLBACK TO part")
                self._run("RELEASE part")
            self._held, self.proof = held, proof  # what was held since then is not any more
            raise
        self._run("RELEASE part")

    # holding ---------------------------------------------------------------------------------------------------------

    def _hold_name(self, *parts: str, shared: bool = False) -> None:
        """Wait until no other transaction that asked for this name is under way."""
        bucket = bucket_of(*parts)
        if bucket in self._held or (shared and (bucket, "shared") in self._held):
            return
        kind = "_shared" if shared else ""
        self._run(f"SELECT pg_advisory_xact_lock{kind}(?, ?)", _NAMES_LOCK, bucket)
        self._held.add((bucket, "shared") if shared else bucket)

    def _returned(self, sql: str, *parameters: Any) -> int:
        return int(self._one(sql, *parameters)[0])

    def item(self, item: int) -> Item:
        """Return the item, held. Raises NotFound."""
        row = self._one(f"SELECT {ITEM} FROM hold_item(?)", item)  # noqa: S608 - names of columns
        return rows.item_of(self._found(row, "item", item))

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first, all held with it."""
        also = " WHERE open = 1" if open_only else ""
        return tuple(rows.item_of(row) for row in self._all(f"SELECT {ITEM} FROM hold_items_of(?){also}", procedure))  # noqa: S608

    def candidates(self, worklists: Sequence[str], limit: int, now: datetime) -> Iterator[Item]:
        """Yield the most urgent items that are free to claim, each held; what others hold is passed over."""
        lists = list(dict.fromkeys(worklists))
        passed: list[int] = []
        sql = f"SELECT {ITEM} FROM next_free(?, ?, ?)"  # noqa: S608 - names of columns
        while len(passed) < limit and (row := self._one(sql, lists, rows.to_number(now, "now"), passed)):
            item = rows.item_of(row)
            passed.append(item.id)
            yield item

    def procedure(self, procedure: int) -> Procedure:
        """Return the procedure, held. Raises NotFound."""
        row = self._one("SELECT id, revision, knowledge FROM procedure WHERE id = ? FOR NO KEY UPDATE", procedure)
        return self._procedure_of(self._found(row, "procedure", procedure))

    def procedures_by(self, kind: str, value: str, issuer: str | None = None) -> tuple[Procedure, ...]:
        """Return the procedures that a name leads to, held; nobody else gives that name meanwhile."""
        value = rows.clean(value)
        said = None if issuer is None else rows.clean(issuer)
        bucket = bucket_of(kind, value)
        found = self._all("SELECT id, revision, knowledge FROM hold_named(?, ?, ?, ?)", bucket, kind, value, said)
        self._held.add(bucket)
        return tuple(self._procedure_of(row) for row in found)

    def patients_by_number(self, number: str) -> tuple[PatientRow, ...]:
        """Return what is known under a number, which nobody changes meanwhile."""
        self._hold_name("patient", rows.clean(number), shared=True)
        return super().patients_by_number(number)

    def input_by(self, source: str, message_id: str, digest: str) -> Input | None:
        """Return the input with exactly this identity, or None; nobody else takes it in meanwhile."""
        self._hold_name("input", rows.clean(source), rows.clean(message_id))
        return super().input_by(source, message_id, digest)

    def inputs_by_id(self, source: str, message_id: str) -> tuple[Input, ...]:
        """Return the inputs of this sender and id, whatever their digests; nobody else takes one in meanwhile."""
        self._hold_name("input", rows.clean(source), rows.clean(message_id))
        return super().inputs_by_id(source, message_id)

    def latest_input(self, source: str) -> Input | None:
        """Return the newest input of a sender; nobody else who asks this takes one in meanwhile."""
        self._hold_name("sender", rows.clean(source))
        return super().latest_input(source)

    def grants(self) -> tuple[Grant, ...]:
        """Return the rights in force, which nobody changes meanwhile."""
        self._hold_name("grants")
        return super().grants()

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself, which nobody changes meanwhile."""
        self._hold_name("remark", name, shared=True)
        return super().meta(name)

    # the journal -----------------------------------------------------------------------------------------------------

    def _next(self, table: str, column: str = "id") -> int:  # noqa: ARG002 - as in the other engine
        return 0  # the server numbers

    def _write(self, before: Item | None, image: dict[str, Any], move: Move, details: str | None) -> Item:
        """Insert the journal row, which is the transition, and return the item as the database now has it."""
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
        self.proof = ("SELECT 1 FROM journal WHERE seq = ? AND hash = ?", (seq, head))
        if details is not None:
            image["details"] = json.loads(details)
        return Item(**image | {"id": item}, version=said["n"], head=head)

    # the inbox -------------------------------------------------------------------------------------------------------

    def add_input(
        self, *, source: str, message_id: str, digest: str, kind: str, raw: bytes, received_at: datetime | None = None
    ) -> int:
        """Keep an input and return its number. It must be concluded before the transaction ends, or nothing commits."""
        at = self._at if received_at is None else rows.to_number(received_at, "received_at")
        said = (rows.clean(source), rows.clean(message_id), digest)
        number = self._returned(_RECEIVE, *said, kind, at, hashlib.sha256(raw).hexdigest(), raw)
        if self.proof is None:
            sql = "SELECT 1 FROM inbox WHERE id = ? AND source = ? AND message_id = ? AND digest = ?"
            self.proof = (sql, (number, *said))
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
        row = self._one(_CONCLUDE, number, outcome, *said, rows.to_json(body), self._at)
        return rows.input_of(self._found(row, "input", number))

    # procedures, patients and evidence -------------------------------------------------------------------------------

    def add_procedure(self, knowledge: str, aliases: Sequence[Alias]) -> Procedure:
        """Begin a procedure."""
        named, knowledge = named_by(aliases), rows.clean(knowledge)
        for kind, value, _ in named:
            self._hold_name(kind, value, shared=kind == "patient")
        columns = [list(one) for one in zip(*named, strict=True)] or [[], [], []]
        number = self._returned(_BEGIN, known_digest(knowledge, named), knowledge, *columns)
        return procedure_of(number, 1, knowledge, named)

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
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            evidence.kind,
            evidence.procedure,
            evidence.status,
            evidence.item,
            evidence.input,
            evidence.digest,
            rows.to_json(evidence.body),
            self._at,
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
        sql = "INSERT INTO activation (fingerprint, actor, reason, at) VALUES (?, ?, ?, ?)"
        self._run(sql, fingerprint, rows.clean(actor), rows.clean(reason), self._at)

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

    def notify(self, target: str, payload: Mapping[str, Any], item: int | None = None) -> None:
        """Put a notice into the outbox."""
        sql = "INSERT INTO outbox (item, target, payload, made_at) VALUES (?, ?, ?, ?)"
        self._run(sql, item, rows.clean(target), rows.to_json(payload), self._at)

    def remark(self, name: str, value: str) -> None:
        """Write a remark of the store about itself (`meta`), alone."""
        self._hold_name("remark", name)
        super().remark(name, value)

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
        self._run("SELECT pg_advisory_unlock(1380930900, 0)")
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
        if self.proof is None:
            self.proof = ("SELECT 1 FROM seal WHERE k = ? AND hash = ?", (seal.k, seal.hash))
        return seal

    def _fetched_in_parts(self, cursor: str) -> Iterator[Any]:
        while found := self._all(f"FETCH 10000 FROM {cursor}"):
            yield from found
        self._run(f"CLOSE {cursor}")


def bucket_of(*parts: str) -> int:
    """Return the bucket in which a name is held; others share it, and then wait without need."""
    return zlib.crc32("\0".join(parts).encode("utf-8", "surrogatepass")) % _BUCKETS
