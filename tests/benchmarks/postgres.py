"""What a PostgreSQL store takes: `python -m tests.benchmarks.postgres` prints a table.

Clients are processes, all that is compared runs in turn on one server that syncs, and figures are medians of rounds. A
slow disk is made by a library that is loaded before the server's own and delays each sync (`--delay`, needs gcc).
`--open 1000000` also measures questions and claims on a large store; procrastinate is compared with where it is
installed (`--peer PYTHON` names an interpreter that has it).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from routing import Worklists
from routing.states import Event
from routing.store.postgres.schema import migrate
from routing.store.postgres.store import PostgresStore
from routing.store.records import Evidence, Move
from routing.testing import BOOK, HOUR, accept, furnish, next_free
from tests.store_postgres.server import DURABLE, Server, machine_binaries, wheel_binaries
from tests.worklists.plain import plain_rulebook

LISTS = tuple(f"list{number}" for number in range(12))
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int fsync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fsync"); usleep(DELAY); return real(fd); }
int fdatasync(int fd) { int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync"); usleep(DELAY); return real(fd); }
"""


def row(what: str, value: str, bar: str = "") -> None:
    """Print one line of the table."""
    sys.stdout.write(f"{what:<66} {value:>14}  {bar}\n")
    sys.stdout.flush()


# what one client does, over and over


def now() -> datetime:
    return datetime.now(UTC)


def notes(store: PostgresStore, worker: int) -> Callable[[], Any]:
    """One guarded durable transition: an item of this client's own is moved, and that is committed."""
    with store.writing(now()) as tx:
        item = accept(tx, f"N-{worker}-{time.time_ns()}", worklist="chest", due_at=None)
    kept = [item]

    def act() -> None:
        event = Event.RELEASE if kept[0].holder else Event.CLAIM
        said = {} if kept[0].holder else {"holder": "lee", "lease_until": now() + HOUR}
        with store.writing(now()) as tx:
            kept[0] = tx.move(kept[0], Move(event=event, actor="lee", changes=said))

    return act


def cycles(store: PostgresStore, worker: int) -> Callable[[], Any]:
    """Accept, claim, report: three transactions by the store's own operations, as a queue's peers count them."""
    number = iter(range(10**9))

    def act() -> None:
        name = f"C-{worker}-{time.time_ns()}-{next(number)}"
        with store.writing(now()) as tx:
            made = tx.add_input(source="S", message_id=name, digest="d", kind="hl7", raw=b"x" * 200)
            item = accept(tx, name, due_at=None)
            tx.conclude(made, "accepted", procedures=[item.procedure or 0])
        with store.writing(now()) as tx:
            found = next_free(tx, "neuro")
            if found is None:
                return
            said = {"holder": name, "lease_until": tx.now + HOUR}
            claimed = tx.move(found, Move(event=Event.CLAIM, actor=name, changes=said))
        with store.writing(now()) as tx:
            evidence = tx.add_evidence(Evidence(kind="report", procedure=claimed.procedure, status="final"))
            tx.move(claimed, Move(event=Event.FINAL_REPORT, actor=name, evidence=evidence))

    return act


def whole_cycles(store: PostgresStore, worker: int) -> Callable[[], Any]:
    """Receive, claim, report by the rules: all that `Worklists` does."""
    worklists = Worklists.open(store, plain_rulebook())
    number = iter(range(10**9))

    def act() -> None:
        name = f"W{worker}.{time.time_ns()}.{next(number)}"
        worklists.receive({"accession": name, "modality": ["CT"], "image_count": 3}, sender=name)
        claim = worklists.claim_next(name)
        if claim is not None:
            worklists.report(claim, "final", name)

    return act


def claims(store: PostgresStore, worker: int) -> Callable[[], Any]:
    """Claim the next item of all lists."""
    name = f"reader{worker}"

    def act() -> None:
        with store.writing(now()) as tx:
            found = next_free(tx, *LISTS)
            if found is None:
                return
            said = {"holder": name, "lease_until": tx.now + HOUR}
            tx.move(found, Move(event=Event.CLAIM, actor=name, changes=said))

    return act


ACTS = {"notes": notes, "cycles": cycles, "whole": whole_cycles, "claims": claims}


def work(what: str, url: str, worker: int, seconds: float, rate: float) -> None:
    """Act for some seconds, as fast as it goes or at a rate, and print how long each act took, in ms."""
    store = PostgresStore.open(url, pool=2)
    act, chance = ACTS[what](store, worker), random.Random(worker)
    for _ in range(8):
        act()
    print("ready", flush=True)
    sys.stdin.readline()
    took, end = [], time.monotonic() + seconds
    due = time.monotonic() + (chance.random() / rate if rate else 0)
    while (begun := time.monotonic()) < end:
        if rate:
            time.sleep(max(0.0, due - begun))
            begun, due = due, due + chance.expovariate(rate)  # from when it was due: waiting counts
        act()
        took.append(round((time.monotonic() - begun) * 1000, 3))
    print(json.dumps(took), flush=True)
    store.close()


def clients(
    what: str, url: str, count: int, seconds: float, *, rate: float = 0, python: str = sys.executable
) -> list[float]:
    """Return how long the acts of several clients at once took, in ms."""
    module = "tests.benchmarks.postgres_peer" if what == "peer" else "tests.benchmarks.postgres"
    children = [
        subprocess.Popen(
            [python, "-m", module, "--work", what, url, str(number), str(seconds), str(rate / count if rate else 0)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    took = [one for child in children for one in json.loads(child.stdout.readline())]
    for child in children:
        child.communicate()
    return took


def per_second(took: list[float], seconds: float) -> float:
    return len(took) / seconds


# stores


def fresh(server: Server, name: str, *, lists: bool = False) -> str:
    """Return the address of a new store with lists, on a server for use."""
    server.execute(f"CREATE DATABASE {name} OWNER owner")
    migrate(server.url(name, "owner"), app_role="hosts")
    store = PostgresStore.open(server.url(name, "hosts"))
    with store.writing(now()) as tx:
        furnish(tx)
        if lists:
            from routing.store.records import Worklist

            for code in LISTS:
                tx.put_worklist(Worklist(code=code, fallback="exceptions"))
    store.close()
    return server.url(name, "hosts")


def empty_for_rules(server: Server, name: str) -> str:
    server.execute(f"CREATE DATABASE {name} OWNER owner")
    migrate(server.url(name, "owner"), app_role="hosts")
    Worklists.open(server.url(name, "hosts"), plain_rulebook()).close()
    return server.url(name, "hosts")


FILL = """
INSERT INTO procedure (id, revision, digest, knowledge) OVERRIDING SYSTEM VALUE
  SELECT n, 1, encode(sha256(n::text::bytea), 'hex'), '{{}}' FROM generate_series({first}::bigint, {last}::bigint) AS n;
INSERT INTO alias SELECT 'accession', 'B' || n, '', n FROM generate_series({first}::bigint, {last}::bigint) AS n;
INSERT INTO journal (seq, item, n, event, target, kind, procedure, known, worklist, priority, rank, due_at, token, draft,
    opened_at, rulebook, actor, engine, at, prev, hash, details, body)
  SELECT n, n, 1, 'accept', 'waiting', 'report', n, encode(sha256(n::text::bytea), 'hex'), 'list' || n % 12, 'p',
    n * 7919 % 4, {base} + n * 104729 % 400000000 * 1000, 0, 0, {base} + n, '{book}', 'x', '0', {base},
    repeat('0', 64), encode(sha256(n::text::bytea), 'hex'), '{{}}', '{{}}' FROM generate_series({first}::bigint, {last}::bigint) AS n;
INSERT INTO item SELECT item, procedure, kind, target, 1, 1, worklist, priority, rank, due_at, NULL, NULL, NULL, 0, NULL,
    0, NULL, opened_at, rulebook, 1, hash, details FROM journal WHERE seq BETWEEN {first} AND {last}
"""


def fill(server: Server, name: str, count: int) -> None:
    """Put many open items into a store, without asking its guards: they cost what they cost elsewhere."""
    base = int(now().timestamp() * 1_000_000)
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute("SET search_path = routing")
        connection.execute("SET session_replication_role = replica")
        for first in range(1, count, 100_000):
            last = min(count, first + 99_999)
            for statement in FILL.format(first=first, last=last, base=base, book=BOOK).split(";"):
                connection.execute(statement)
        for sequence in ("journal_seq", "item_id"):
            connection.execute(f"SELECT setval('{sequence}', {count})")
        connection.execute(f"SELECT setval(pg_get_serial_sequence('procedure', 'id'), {count})")
        connection.execute("INSERT INTO tally SELECT worklist, state, 0, count(*) FROM item GROUP BY 1, 2")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def started(delay_ms: float = 0) -> Server:
    binaries = machine_binaries() or wheel_binaries()
    environment = {}
    if delay_ms:
        folder = Path(tempfile.mkdtemp(prefix="routing-shim-", dir="/tmp"))
        (folder / "shim.c").write_text(SHIM)
        command = ["gcc", "-shared", "-fPIC", f"-DDELAY={int(delay_ms * 1000)}", "-o", folder / "shim.so"]
        subprocess.run([*command, folder / "shim.c", "-ldl"], check=True)
        folder.chmod(0o755)
        environment["LD_PRELOAD"] = str(folder / "shim.so")
    server = Server(binaries, (*DURABLE, "shared_buffers=512MB", "max_wal_size=8GB"), environment)
    server.execute("CREATE ROLE owner LOGIN CREATEROLE")
    return server


# the table


def transitions(server: Server, label: str, rounds: int, seconds: float, bar: str) -> None:
    url = fresh(server, f"notes_{len(label)}")
    one, many = [], []
    for _ in range(rounds):
        one.append(per_second(clients("notes", url, 1, seconds), seconds))
        many.append(per_second(clients("notes", url, 8, seconds), seconds))
    row(f"guarded durable transitions, 1 client, {label} disk, per s", f"{statistics.median(one):.0f}")
    row(f"guarded durable transitions, 8 clients, {label} disk, per s", f"{statistics.median(many):.0f}")
    ratio = statistics.median(b / a for a, b in zip(one, many, strict=True))
    row(f"8 clients : 1 client, {label} disk", f"{ratio:.2f}", bar)


def compared(server: Server, rounds: int, seconds: float, peer: str | None) -> None:
    ours, whole = fresh(server, "cycles"), empty_for_rules(server, "whole")
    if peer:
        server.execute("CREATE DATABASE peer OWNER owner")
        subprocess.run([peer, "-m", "tests.benchmarks.postgres_peer", "--schema", server.url("peer")], check=True)
    for count in (1, 4):
        figures: dict[str, list[float]] = {"cycles": [], "whole": [], "peer": []}
        for _ in range(rounds):
            figures["cycles"].append(per_second(clients("cycles", ours, count, seconds), seconds))
            figures["whole"].append(per_second(clients("whole", whole, count, seconds), seconds))
            if peer:
                took = clients("peer", server.url("peer"), count, seconds, python=peer)
                figures["peer"].append(per_second(took, seconds))
        row(f"accept-claim-report, {count} clients: the store, per s", f"{statistics.median(figures['cycles']):.0f}")
        row(f"accept-claim-report, {count} clients: Worklists, per s", f"{statistics.median(figures['whole']):.0f}")
        if peer:
            row(
                f"defer-fetch-finish, {count} clients: procrastinate, per s",
                f"{statistics.median(figures['peer']):.0f}",
            )
            for name in ("cycles", "whole"):
                pairs = zip(figures[name], figures["peer"], strict=True)
                row(
                    f"{name} : procrastinate, {count} clients",
                    f"{statistics.median(a / b for a, b in pairs):.2f}",
                    "1.5",
                )


def large(server: Server, count: int, seconds: float) -> None:
    url = fresh(server, "large", lists=True)
    fill(server, "large", count)
    store = PostgresStore.open(url)
    for what, ask, bar in (
        ("top-50 page of 12 lists", lambda: store.page(LISTS, 50), "2 ms"),
        ("top-50 page of 3 lists", lambda: store.page(LISTS[:3], 50), "2 ms"),
        ("counts", store.counts, ""),
        ("overdue of 12 lists", lambda: store.overdue_in(LISTS, 50, now() + timedelta(days=9)), ""),
    ):
        took = timed(ask)
        row(f"{what}, {count} open, ms: median, least", f"{took[0]:.2f} {took[1]:.2f}", bar)
    store.close()
    full = clients("claims", url, 8, seconds)
    rate = per_second(full, seconds)
    row(f"claim-next, 8 clients, {count} open, per s", f"{rate:.0f}")
    took = sorted(clients("claims", url, 8, seconds, rate=rate / 2))
    row(
        "claim-next at half of that, ms: p50, p99",
        f"{took[len(took) // 2]:.1f} {took[len(took) * 99 // 100]:.1f}",
        "20 ms",
    )


def timed(ask: Callable[[], Any], times: int = 60) -> tuple[float, float]:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), min(took)


def parts(asked: argparse.Namespace) -> Iterator[Callable[[Server], None]]:
    yield lambda server: transitions(server, "fast", asked.rounds, asked.seconds, "0.9")
    yield lambda server: compared(server, asked.rounds, asked.seconds, asked.peer)
    if asked.open:
        yield lambda server: large(server, asked.open, asked.seconds * 2)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.postgres", description=__doc__)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--open", type=int, default=0, help="how many open items the large store has")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds that each sync takes longer")
    parser.add_argument("--peer", help="an interpreter that has procrastinate")
    asked = parser.parse_args()
    if asked.work:
        what, url, worker, seconds, rate = asked.work
        work(what, url, int(worker), float(seconds), float(rate))
        return
    server = started()
    try:
        for part in parts(asked):
            part(server)
    finally:
        server.close()
    if asked.delay:
        slow = started(asked.delay)
        try:
            transitions(slow, f"{asked.delay:g} ms", asked.rounds, asked.seconds, "4")
        finally:
            slow.close()


if __name__ == "__main__":
    os.environ.pop("PGOPTIONS", None)
    main()
