"""`verify`: read a store and say whether it is what its own journal says it is. It changes nothing and needs no guard.

Findings are what must not be; figures are to watch (ages, overdue, backlog, clocks) and never make a store unsound.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from routing.store import rows, schema, seals
from routing.store.checks import CHECKS, RECENT_CHECKS, ROW_CHECKS, ROWS_SQL
from routing.store.connection import SETTINGS, Place, connect, has_wal_reset_defect, settings_of
from routing.store.records import IntegrityFinding, Verification
from routing.store.writing import known_digest

MANY: Final = 2**62  # past every number
_OPEN: Final = "('expected', 'held', 'waiting', 'claimed', 'preliminary')"


def verify(
    connection: Any,
    place: Place,
    *,
    now: datetime | None = None,
    anchor: str | None = None,
    since_seal: bool = False,
    processes: int = 1,
) -> Verification:
    """Return what is wrong with the store behind *connection*, of one moment.

    Args:
        connection: any connection to the file; only reads are made.
        place: where the file is.
        now: the instant that ages and overdue are counted at; without it there are no such figures.
        anchor: the hash of a seal that left the host; it must still be among the seals.
        since_seal: look only at what was written after the newest seal, and at the newest seal itself.
        processes: how many processes share the work of a long journal; with more than one, each check is of a moment
            of its own, and a program that calls this needs the `__main__` guard that starting processes asks for.

    """
    begun = not connection.in_transaction
    if begun:
        connection.execute("BEGIN")
    try:
        findings = [*_settings(connection, place), *_schema(connection)]
        tables = {name for name, _ in schema.differences(connection) if name.startswith("table ")}
        figures = {}
        if tables:  # what is there is not what the other checks ask about; V2 has named it
            findings += _pages(connection)
        elif since_seal:
            findings += _recent(connection)
        else:
            findings += (
                _in_parts(place, _jobs(connection, processes), processes) if processes > 1 else _whole(connection)
            )
            findings += _seals(connection, anchor)
            figures = _figures(connection, place, now)
    finally:
        if begun:
            connection.execute("ROLLBACK")
    return Verification(findings=tuple(findings), figures=figures)


def _whole(connection: Any) -> Iterator[IntegrityFinding]:
    for check in CHECKS_OF.values():
        yield from check(connection)


def _jobs(connection: Any, processes: int) -> list[tuple[str, int, int]]:
    """Return the checks as jobs (name, from, to), the long ones in parts and first."""
    sql = "SELECT ifnull(max(item), 0), ifnull(max(seq), 0) FROM journal"
    items, last = connection.execute(sql).fetchone()
    jobs = [("pages", 0, 0)]
    for name, whole in (("chain", items), ("rows", last)):
        step = max(_PART, whole // (processes * 2) + 1)
        # What lies beyond the numbers that should be there is read too: by the first part and by the last.
        bounds = [-MANY, *range(step, whole, step), MANY]
        jobs += [(name, low + (name == "chain"), high) for low, high in pairwise(bounds)]
    return [*jobs, ("sql", 0, 0), ("knowledge", 0, 0), ("inputs", 0, 0)]


def _in_parts(place: Place, jobs: list[tuple[str, int, int]], processes: int) -> list[IntegrityFinding]:
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(part_of, place.path, place.forced, *job) for job in jobs]
        return [one for each in work for one in each.result()]


def part_of(path: Path, forced: frozenset[str], name: str, low: int, high: int) -> list[IntegrityFinding]:
    """Make one check, or a part of one, in a process of its own."""
    connection = connect(Place(path=path, forced=forced), guarded=False)
    try:
        connection.execute("BEGIN")
        return list(CHECKS_OF[name](connection, low, high) if high else CHECKS_OF[name](connection))
    finally:
        connection.close()


def _finding(check: str, invariant: str, item: int | None, evidence: str, action: str) -> IntegrityFinding:
    return IntegrityFinding(check=check, invariant=invariant, item=item, evidence=evidence, action=action)


def _settings(connection: Any, place: Place) -> Iterator[IntegrityFinding]:
    """V1: the engine's settings now, and whether the file is its owner's alone."""
    found = settings_of(connection, place)
    for name, _, expected in SETTINGS:
        if found[name] != expected:
            yield _finding(
                "V1", "N17", None, f"`{name}` is {found[name]}, not {expected}", "open the store without force"
            )
    if found["file_system"] not in {"local", "unknown"}:
        yield _finding("V1", "N17", None, f"the file is on {found['file_system']}", "move the store to a local disk")
    if place.path.exists() and os.stat(place.path).st_mode & 0o077:  # noqa: PTH116 - the mode as the system has it
        yield _finding("V1", "N17", None, "other users may read the file", "chmod 600")


def _schema(connection: Any) -> Iterator[IntegrityFinding]:
    """V2: every table, index and guard is as the migrations made it, and the migrations are ours."""
    for name, word in schema.differences(connection):
        yield _finding("V2", "N17", None, f"{name} is {word}", "find out who changed the schema; restore the guards")
    known = {one.number: one.sha256 for one in schema.migrations()}
    for number, sha256 in schema.applied_migrations(connection).items():
        if known.get(number) != sha256:
            yield _finding("V2", "N17", None, f"migration {number} is not ours", "use the version that made the store")


def _pages(connection: Any) -> Iterator[IntegrityFinding]:
    """V3: the file itself, and V8: every reference resolves."""
    for (word,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if word != "ok":
            yield _finding("V3", "N4", None, f"the file is damaged: {word}", "restore the newest backup beside it")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield _finding("V8", "N3", None, f"row {row} of {table} points to no {parent}", "look at the row by hand")


def _sql(connection: Any) -> Iterator[IntegrityFinding]:
    for check in CHECKS:
        for item, evidence in connection.execute(check.sql):
            yield _finding(check.check, check.invariant, item, evidence or "", check.action)


def _rows(connection: Any, since: int = -MANY, until: int = MANY) -> Iterator[IntegrityFinding]:
    """V6, V7, V11, V15: each row of the journal is lawful after the one before."""
    for item, n, *met in connection.execute(ROWS_SQL, {"since": since, "until": until}):
        for one, is_met in zip(ROW_CHECKS, met, strict=True):
            if is_met:
                yield _finding(one.check, one.invariant, item, one.words.format(n=n), one.action)


def _chain(connection: Any, low: int = -MANY, high: int = MANY, *, since: int = 0) -> Iterator[IntegrityFinding]:
    """V4: each row has the hash of its columns and follows the row before; V5: the item stands at the newest.

    Of the items from *low* to *high*. With *since* only the rows after that number are read, each item's first after
    the one that was there.
    """
    later = "AND seq > :since " if since else ""
    sql = f"{_CHAIN} WHERE journal.item BETWEEN :low AND :high {later}ORDER BY journal.item, n"
    item, head, details, stands = None, rows.GENESIS, None, True
    sha256 = hashlib.sha256  # looked up once: the loop is as long as the journal
    for number, n, prev, found, said, form, is_newest, kept in connection.execute(
        sql, {"low": low, "high": high, "since": since}
    ):
        if number != item:
            if not stands:
                yield _finding("V5", "N5", item, "it is not where its newest journal row left it", _REBUILD)
            item, head, details = number, rows.GENESIS, None
            if since:
                head, details = _before(connection, item, n)
        if prev != head:
            yield _finding("V4", "N14", item, f"row {n} does not follow the row before", _KEEP)
        head, details = found, details if said is None else said
        stands = is_newest == 1 and kept == details
        if sha256(form).hexdigest() != found:
            yield _finding("V4", "N14", item, f"row {n} was changed after it was written", _KEEP)
    if not stands:
        yield _finding("V5", "N5", item, "it is not where its newest journal row left it", _REBUILD)


def _before(connection: Any, item: int, n: int) -> tuple[str, str | None]:
    """Return the hash of an item's row before row *n*, and what its details were then."""
    found = connection.execute("SELECT hash FROM journal WHERE item = ? AND n = ?", (item, n - 1)).fetchone()
    sql = "SELECT details FROM journal WHERE item = ? AND n < ? AND details NOT NULL ORDER BY n DESC LIMIT 1"
    details = connection.execute(sql, (item, n)).fetchone()
    return (found[0] if found else rows.GENESIS), (details[0] if details else None)


def _knowledge(connection: Any) -> Iterator[IntegrityFinding]:
    """V5: what is known of procedures and patients is what was written, with its names."""
    for number, knowledge, digest, names in _known(connection):
        if known_digest(knowledge, names) != digest:
            yield _finding("V5", "N15", None, f"what is known of procedure {number} was changed from outside", _AGAIN)
    for position, (knowledge, digest) in enumerate(connection.execute("SELECT knowledge, digest FROM patient"), 1):
        if rows.digest_of(knowledge) != digest:
            yield _finding("V5", "N15", None, f"what is known of patient {position} was changed from outside", _AGAIN)
    nameless = (
        "SELECT id FROM item WHERE open = 1 AND procedure NOT NULL AND procedure NOT IN (SELECT procedure FROM alias)"
    )
    for (item,) in connection.execute(nameless):
        yield _finding("V5", "N4", item, "its procedure has no name left", _AGAIN)


def _known(connection: Any) -> Iterator[tuple[int, str, str, list[tuple[str, str, str]]]]:
    """Yield each procedure's number, knowledge and digest with its names in order, reading both tables side by side."""
    aliases = connection.execute("SELECT procedure, kind, value, issuer FROM alias ORDER BY 1, 2, 3, 4")
    alias = aliases.fetchone()
    for number, knowledge, digest in connection.execute("SELECT id, knowledge, digest FROM procedure ORDER BY id"):
        names = []
        while alias is not None and alias[0] <= number:
            if alias[0] == number:
                names.append(alias[1:])
            alias = aliases.fetchone()
        yield number, knowledge, digest, names


def _inputs(connection: Any) -> Iterator[IntegrityFinding]:
    """V8: the stored bytes are those that were received, and every procedure that an outcome names is there."""
    sql = "SELECT input, bytes, raw_sha256 FROM raw JOIN inbox ON id = input WHERE bytes IS NOT NULL"
    for number, raw, digest in connection.execute(sql):
        if hashlib.sha256(raw).hexdigest() != digest:
            yield _finding("V8", "N1", None, f"the bytes of input {number} are not those received", _KEEP)
    last = connection.execute("SELECT ifnull(max(id), 0) FROM procedure").fetchone()[0]
    for number, procedures in connection.execute("SELECT input, procedures FROM outcome WHERE procedures <> '[]'"):
        if any(one > last for one in json.loads(procedures)):
            yield _finding("V8", "N3", None, f"input {number} names a procedure that is not there", _KEEP)


def _seals(connection: Any, anchor: str | None) -> Iterator[IntegrityFinding]:
    """V12: seals follow each other, the newest covers what is there, and the one that left the host is among them."""
    found, before = seals.seals_of(connection), rows.GENESIS
    for number, seal in enumerate(found, 1):
        if seal.k != number or seal.prev != before or seals.hash_of(seal) != seal.hash:
            yield _finding(
                "V12", "N14", None, f"seal {seal.k} was changed, or does not follow seal {number - 1}", _KEEP
            )
        before = seal.hash
    anchored = [seal for seal in found if seal.hash == anchor]
    if anchor and not anchored:
        yield _finding("V12", "N14", None, "the seal that left the host is not among the seals", _KEEP)
    for seal in {one.k: one for one in (*anchored, *found[-1:])}.values():
        if seals.root_at(connection, seal.last_seq) != (seal.items, seal.root):
            yield _finding("V12", "N14", None, f"what seal {seal.k} covered is not what is there", _KEEP)
        if _events_until(connection, seal.last_seq) != seal.events:
            yield _finding(
                "V12", "N14", None, f"seal {seal.k} covered {seal.events} rows and they are not there", _KEEP
            )


def _events_until(connection: Any, last_seq: int) -> int:
    return int(connection.execute("SELECT count(*) FROM journal WHERE seq <= ?", (last_seq,)).fetchone()[0])


def _recent(connection: Any) -> Iterator[IntegrityFinding]:
    """Ask the same of what came after the newest seal, and whether that seal is what it says it is."""
    newest = seals.seals_of(connection)[-1:]
    since = newest[0].last_seq if newest else 0
    for seal in newest:
        if seals.hash_of(seal) != seal.hash:
            yield _finding("V12", "N14", None, f"seal {seal.k} was changed", _KEEP)
        if _events_until(connection, since) != seal.events or seal.events != since:
            yield _finding(
                "V12", "N14", None, f"seal {seal.k} covered {seal.events} rows and they are not there", _KEEP
            )
    for check in RECENT_CHECKS:
        for item, evidence in connection.execute(check.sql, {"since": since}):
            yield _finding(check.check, check.invariant, item, evidence or "", check.action)
    yield from _rows(connection, since)
    yield from _chain(connection, since=since)


def _figures(connection: Any, place: Place, now: datetime | None) -> dict[str, Any]:
    """V10, V14 and the small steps of V15: figures to watch."""

    def one(sql: str, *parameters: Any) -> Any:
        return connection.execute(sql, parameters).fetchone()[0]

    version = settings_of(connection, place)["sqlite"]
    figures: dict[str, Any] = {
        "items": one("SELECT count(*) FROM item"),
        "open": one("SELECT count(*) FROM item WHERE open = 1"),
        "events": one("SELECT count(*) FROM journal"),
        "inputs": one("SELECT count(*) FROM inbox"),
        "seals": one("SELECT count(*) FROM seal"),
        "sqlite": version,
        "writes_only_behind_the_gate": has_wal_reset_defect(version),
        "forced": sorted(
            {name for (text,) in connection.execute("SELECT text FROM settings") for name in _forced(text)}
        ),
        "clock_steps": one("SELECT count(*) FROM clock_step"),
        "undelivered": one("SELECT count(*) FROM outbox WHERE done_at IS NULL"),
    }
    moment = rows.to_number(now, "now")
    if moment is None:
        return figures
    counted: dict[str, Callable[[], Any]] = {
        "overdue": lambda: one("SELECT count(*) FROM item WHERE open = 1 AND due_at < ?", moment),
        "past_lease": lambda: one("SELECT count(*) FROM item WHERE state = 'claimed' AND lease_until <= ?", moment),
        "past_wake": lambda: one("SELECT count(*) FROM item WHERE open = 1 AND wake_at <= ?", moment),
        "future_stamps": lambda: one("SELECT count(*) FROM journal WHERE at > ?", moment),
    }
    figures |= {name: count() for name, count in counted.items()}
    oldest = connection.execute(f"SELECT worklist, min(opened_at) FROM item WHERE state IN {_OPEN} GROUP BY 1")  # noqa: S608
    figures["oldest_minutes"] = {worklist: (moment - opened) // 60_000_000 for worklist, opened in oldest}
    return figures


def _forced(text: str) -> list[str]:
    return list(json.loads(text).get("forced", []))


CHECKS_OF: Final[dict[str, Callable[..., Iterator[IntegrityFinding]]]] = {
    "pages": _pages,
    "sql": _sql,
    "rows": _rows,
    "chain": _chain,
    "knowledge": _knowledge,
    "inputs": _inputs,
}
_PART: Final = 20_000  # a part that is shorter is not worth a process
_CHAIN: Final = f"""SELECT journal.item, n, prev, hash, journal.details, {rows.FORM_IN_SQL},
      head = hash, item.details
    FROM journal LEFT JOIN item ON item.id = journal.item AND version = n"""  # noqa: S608 - words of ours
_KEEP: Final = "stop writing, keep a copy of the files, and compare with the newest backup and seal"
_REBUILD: Final = "rebuild the items from the journal: `verify --repair`"
_AGAIN: Final = "receive the procedure's inputs again from their stored bytes"
