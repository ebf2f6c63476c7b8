"""`verify` on PostgreSQL: read a store and say whether it is what its own journal says it is. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from routing.store import rows, seals
from routing.store.postgres.checks import CHECKS, ITEM_CHECKS, ROW_CHECKS, ROW_SCREENS
from routing.store.postgres.connection import WRITES_TOO_MUCH, settings_of, weaker
from routing.store.postgres.place import Place
from routing.store.postgres.schema import applied_migrations, differences, migrations
from routing.store.postgres.session import Session
from routing.store.records import IntegrityFinding, Seal, Verification
from routing.store.writing import known_digest

_KEEP: Final = "stop writing, keep a copy of the database, and compare with the newest backup and seal"
_AGAIN: Final = "receive the procedure's inputs again from their stored bytes"


def verify(
    session: Session, place: Place, *, now: datetime | None = None, anchor: str | None = None, since_seal: bool = False
) -> Verification:
    """Return what is wrong with the store behind *session*, of the moment of its transaction.

    Args:
        session: in a transaction that sees one moment; only reads are made.
        place: how the store was opened.
        now: the instant that ages and overdue are counted at; without it there are no such figures.
        anchor: the hash of a seal that left the host; it must still be among the seals.
        since_seal: look only at what was written after the newest seal, and at the newest seal itself.

    """
    settings = settings_of(session, place)
    findings = [*_settings(settings), *_schema(session)]
    newest = seals.seals_of(session)[-1:]
    since = newest[0].last_seq if since_seal and newest else 0
    doubted = any(session.execute(sql, {"since": since}).fetchone() for sql in ROW_SCREENS)
    for check in (*(ROW_CHECKS if doubted else ()), *ITEM_CHECKS, *(() if since_seal else CHECKS)):
        for item, evidence in session.execute(check.sql, {"since": since}):
            findings.append(_finding(check.check, check.invariant, item, evidence or "", check.action))
    if since_seal:
        findings += _newest(session, newest)
        return Verification(findings=tuple(findings), figures={})
    findings += [*_knowledge(session), *_seals(session, anchor)]
    return Verification(findings=tuple(findings), figures=_figures(session, settings, now))


def _finding(check: str, invariant: str, item: int | None, evidence: str, action: str) -> IntegrityFinding:
    return IntegrityFinding(check=check, invariant=invariant, item=item, evidence=evidence, action=action)


def _settings(found: dict[str, Any]) -> Iterator[IntegrityFinding]:
    """V1: the server's settings now, forced or not, and who tells what time it is."""
    for name, value in weaker(found):
        yield _finding("V1", "N17", None, f"`{name}` is {value}", "set it on the server, and open without force")
    if found["owns_the_tables"]:
        words = f"`{found['role']}` owns the tables, and guards do not bind an owner"
        yield _finding("V1", "N17", None, words, "connect as the role of the hosts")
    elif found["writes_items"]:
        yield _finding("V1", "N17", None, f"`{found['role']}` {WRITES_TOO_MUCH}", "take it out of `pg_write_all_data`")
    if found["clock"] != "database":
        words = "every session says what time it is: the store was made for tests"
        yield _finding("V1", "N17", None, words, "make the store that is used with `routing migrate`")


def _schema(session: Session) -> Iterator[IntegrityFinding]:
    """V2: every table, index and guard is as the migrations made it, and the migrations are ours."""
    for name, word in differences(session):
        yield _finding("V2", "N17", None, f"{name} is {word}", "find out who changed the schema; restore the guards")
    known = {one.number: one.sha256 for one in migrations()}
    for number, (_, sha256) in applied_migrations(session).items():
        if known.get(number) != sha256:
            yield _finding("V2", "N17", None, f"migration {number} is not ours", "use the version that made the store")


def _knowledge(session: Session) -> Iterator[IntegrityFinding]:
    """V5: what is known of procedures and patients is what was written, with its names."""
    names: dict[int, list[tuple[str, str, str]]] = {}
    for kind, value, issuer, procedure in session.execute("SELECT kind, value, issuer, procedure FROM alias"):
        names.setdefault(procedure, []).append((kind, value, issuer))
    for number, knowledge, digest in session.execute("SELECT id, knowledge, digest FROM procedure ORDER BY id"):
        if known_digest(knowledge, sorted(names.get(number, []))) != digest:
            yield _finding("V5", "N15", None, f"what is known of procedure {number} was changed from outside", _AGAIN)
    found = session.execute("SELECT knowledge, digest FROM patient ORDER BY number, issuer")
    for position, (knowledge, digest) in enumerate(found, 1):
        if rows.digest_of(knowledge) != digest:
            yield _finding("V5", "N15", None, f"what is known of patient {position} was changed from outside", _AGAIN)


def _root_at(session: Session, last_seq: int) -> tuple[int, str]:
    sql = "SELECT DISTINCT ON (item) item, n, hash FROM journal WHERE seq <= ? ORDER BY item, n DESC"
    return seals.root_of(session.execute(sql, (last_seq,)))


def _seals(session: Session, anchor: str | None) -> Iterator[IntegrityFinding]:
    """V12: seals follow each other, the newest covers what is there, and the one that left the host is among them."""
    found, before = seals.seals_of(session), rows.GENESIS
    for number, seal in enumerate(found, 1):
        if seal.k != number or seal.prev != before or seals.hash_of(seal) != seal.hash:
            words = f"seal {seal.k} was changed, or does not follow seal {number - 1}"
            yield _finding("V12", "N14", None, words, _KEEP)
        before = seal.hash
    anchored = [seal for seal in found if seal.hash == anchor]
    if anchor and not anchored:
        yield _finding("V12", "N14", None, "the seal that left the host is not among the seals", _KEEP)
    for seal in {one.k: one for one in (*anchored, *found[-1:])}.values():
        if _root_at(session, seal.last_seq) != (seal.items, seal.root):
            yield _finding("V12", "N14", None, f"what seal {seal.k} covered is not what is there", _KEEP)
        yield from _covered(session, seal)


def _newest(session: Session, newest: tuple[Seal, ...]) -> Iterator[IntegrityFinding]:
    for seal in newest:
        if seals.hash_of(seal) != seal.hash:
            yield _finding("V12", "N14", None, f"seal {seal.k} was changed", _KEEP)
        yield from _covered(session, seal)


def _covered(session: Session, seal: Seal) -> Iterator[IntegrityFinding]:
    there = session.execute("SELECT count(*) FROM journal WHERE seq <= ?", (seal.last_seq,)).fetchone()[0]
    if there != seal.events:
        words = f"seal {seal.k} covered {seal.events} rows and {there} are there"
        yield _finding("V12", "N14", None, words, _KEEP)


def _figures(session: Session, settings: dict[str, Any], now: datetime | None) -> dict[str, Any]:
    """V10, V14 and the small steps of V15: figures to watch."""

    def one(sql: str, *parameters: Any) -> Any:
        return session.execute(sql, parameters).fetchone()[0]

    forced = {name for (text,) in session.execute("SELECT text FROM settings") for name in json.loads(text)["forced"]}
    figures: dict[str, Any] = {
        "items": one("SELECT count(*) FROM item"),
        "open": one("SELECT count(*) FROM item WHERE open = 1"),
        "events": one("SELECT count(*) FROM journal"),
        "inputs": one("SELECT count(*) FROM inbox"),
        "seals": one("SELECT count(*) FROM seal"),
        "server": settings.get("server_version"),
        "synchronous_standby_names": settings.get("synchronous_standby_names"),
        "forced": sorted(forced),
        "clock_steps": one("SELECT count(*) FROM clock_step"),
        "undelivered": one("SELECT count(*) FROM outbox WHERE done_at IS NULL"),
    }
    moment = rows.to_number(now, "now")
    if moment is None:
        return figures
    figures |= {
        "overdue": one("SELECT count(*) FROM item WHERE open = 1 AND due_at < ?", moment),
        "past_lease": one("SELECT count(*) FROM item WHERE state = 'claimed' AND lease_until <= ?", moment),
        "past_wake": one("SELECT count(*) FROM item WHERE open = 1 AND wake_at <= ?", moment),
        "future_stamps": one("SELECT count(*) FROM journal WHERE at > ?", moment),
    }
    oldest = session.execute("SELECT worklist, min(opened_at) FROM item WHERE open = 1 GROUP BY 1 ORDER BY 1")
    figures["oldest_minutes"] = {worklist: (moment - opened) // 60_000_000 for worklist, opened in oldest}
    return figures
