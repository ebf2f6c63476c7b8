"""`verify`: read a store and say whether it is what its own journal says it is. It changes nothing and needs no guard.

Findings are what must not be; figures are to watch (ages, overdue, backlog, clocks) and never make a store unsound.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from routing.store import proofs, rows, schema, screens, seals
from routing.store.checks import RECENT_CHECKS
from routing.store.connection import SETTINGS, Place, has_wal_reset_defect, settings_of
from routing.store.crew import Crew, Job
from routing.store.proofs import KEEP, LEAST, MOST, finding
from routing.store.records import IntegrityFinding, Verification

_OPEN: Final = "('expected', 'held', 'waiting', 'claimed', 'preliminary')"
_PART: Final = 20_000  # a part that is shorter is not worth a process
_NUMBERED: Final = {  # by which numbers what is long is shared out
    "items": "item.id",
    "moves": "journal.seq",
    "chain": "journal.seq",
    "knowledge": "procedure.id",
    "inputs": "inbox.id",
}


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
        processes: how many processes may share the work of a long journal; with more than one, each reads a moment of
            its own. What is short is not shared.

    """
    begun = not connection.in_transaction
    if begun:
        connection.execute("BEGIN")
    try:
        with screens.reading(connection):
            differences = schema.differences(connection)
            findings = [*_settings(connection, place), *_schema(connection, differences)]
            figures = {}
            if any(name.startswith("table ") for name, _ in differences):
                findings += proofs.pages(connection)  # what is there is not what the other checks ask about
            elif since_seal:
                findings += _recent(connection, trusted=not differences)
            else:
                findings += _whole(connection, place, anchor, processes, trusted=not differences)
                figures = _figures(connection, place, now)
    finally:
        if begun:
            connection.execute("ROLLBACK")
    return Verification(findings=tuple(findings), figures=figures)


def _whole(
    connection: Any, place: Place, anchor: str | None, processes: int, *, trusted: bool
) -> list[IntegrityFinding]:
    """Ask the screens, and the proofs only where a screen has a doubt or the schema is not ours."""
    found: list[IntegrityFinding] = []
    sealed: list[IntegrityFinding] = []
    (there,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    with Crew(place, max(1, min(processes, there // _PART))) as crew:
        seen = crew.ask(
            connection,
            _jobs(connection, "screen", list(screens.SCREENS), crew.size) if trusted else [],
            meanwhile=lambda: sealed.extend(_seals(connection, anchor)),
            until=bool,
        )
        if not trusted or any(seen):
            for each in crew.ask(connection, _jobs(connection, "proof", list(proofs.PROOFS), crew.size)):
                found += each if isinstance(each, list) else []
    return found + sealed


def _jobs(connection: Any, kind: str, names: list[str], size: int) -> list[Job]:
    """Return the checks as jobs in their order, the long ones in parts where several share them."""
    jobs = []
    for name in names:
        number = "item.id" if (kind, name) == ("proof", "chain") else _NUMBERED.get(name, "")
        bounds = _bounds(connection, number, size) if number and size > 1 else []
        # What lies beyond the numbers that should be there is read too: by the first part and by the last.
        ends = [LEAST - 1, *bounds, MOST]
        jobs += [Job(f"{kind} {name}", low + 1, high) for low, high in pairwise(ends)]
    return jobs


def _bounds(connection: Any, number: str, size: int) -> list[int]:
    table, _, column = number.partition(".")
    most = connection.execute(f"SELECT ifnull(max({column}), 0) FROM {table}").fetchone()[0]  # noqa: S608
    step = max(_PART, most // (size * 4) + 1)
    return list(range(step, most, step)) if most < MOST // 2 else []


def _settings(connection: Any, place: Place) -> Iterator[IntegrityFinding]:
    """V1: the engine's settings now, and whether the file is its owner's alone."""
    found = settings_of(connection, place)
    for name, _, expected in SETTINGS:
        if found[name] != expected:
            yield finding(
                "V1", "N17", None, f"`{name}` is {found[name]}, not {expected}", "open the store without force"
            )
    if found["file_system"] not in {"local", "unknown"}:
        yield finding("V1", "N17", None, f"the file is on {found['file_system']}", "move the store to a local disk")
    if place.path.exists() and os.stat(place.path).st_mode & 0o077:  # noqa: PTH116 - the mode as the system has it
        yield finding("V1", "N17", None, "other users may read the file", "chmod 600")


def _schema(connection: Any, differences: list[tuple[str, str]]) -> Iterator[IntegrityFinding]:
    """V2: every table, index and guard is as the migrations made it, and the migrations are ours."""
    for name, word in differences:
        yield finding("V2", "N17", None, f"{name} is {word}", "find out who changed the schema; restore the guards")
    known = {one.number: one.sha256 for one in schema.migrations()}
    for number, sha256 in schema.applied_migrations(connection).items():
        if known.get(number) != sha256:
            yield finding("V2", "N17", None, f"migration {number} is not ours", "use the version that made the store")


def _seals(connection: Any, anchor: str | None) -> Iterator[IntegrityFinding]:
    """V12: seals follow each other, the newest covers what is there, and the one that left the host is among them."""
    found, before = seals.seals_of(connection), rows.GENESIS
    for number, seal in enumerate(found, 1):
        if seal.k != number or seal.prev != before or seals.hash_of(seal) != seal.hash:
            yield finding("V12", "N14", None, f"seal {seal.k} was changed, or does not follow seal {number - 1}", KEEP)
        before = seal.hash
    anchored = [seal for seal in found if seal.hash == anchor]
    if anchor and not anchored:
        yield finding("V12", "N14", None, "the seal that left the host is not among the seals", KEEP)
    for seal in {one.k: one for one in (*anchored, *found[-1:])}.values():
        if seals.root_at(connection, seal.last_seq) != (seal.items, seal.root):
            yield finding("V12", "N14", None, f"what seal {seal.k} covered is not what is there", KEEP)
        if _events_until(connection, seal.last_seq) != seal.events:
            yield finding("V12", "N14", None, f"seal {seal.k} covered {seal.events} rows and they are not there", KEEP)


def _events_until(connection: Any, last_seq: int) -> int:
    return int(connection.execute("SELECT count(*) FROM journal WHERE seq <= ?", (last_seq,)).fetchone()[0])


def _recent(connection: Any, *, trusted: bool) -> Iterator[IntegrityFinding]:
    """Ask the same of what came after the newest seal, and whether that seal is what it says it is."""
    newest = seals.seals_of(connection)[-1:]
    since = newest[0].last_seq if newest else 0
    for seal in newest:
        if seals.hash_of(seal) != seal.hash:
            yield finding("V12", "N14", None, f"seal {seal.k} was changed", KEEP)
        if _events_until(connection, since) != seal.events or seal.events != since:
            yield finding("V12", "N14", None, f"seal {seal.k} covered {seal.events} rows and they are not there", KEEP)
    for check in RECENT_CHECKS:
        for item, evidence in connection.execute(check.sql, {"since": since}):
            yield finding(check.check, check.invariant, item, evidence or "", check.action)
    if trusted and not screens.recent(connection, since):
        return
    yield from proofs.moves(connection, since + 1)
    yield from proofs.chain(connection, since=since)


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
