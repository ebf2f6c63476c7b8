"""Several processes at one store, killed and stopped at random: `python -m tests.worklists.together --items 100000`.

Each process claims, reports, passes, releases and renews, and writes down each answer before it goes on. In the end
every answer must be explained by the journal: each success is there, each refusal was right, and no two readers held
one item by leases that were both running.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from routing import Rulebook, Worklists
from routing.errors import RoutingError, StaleClaim, StoreBusy, TransitionRefused
from routing.worklists import Claim

RULES = """
rulebook "Together"
language 1
timezone UTC
clock arrival
priorities stat, routine
worklist head "Head" for everyone
worklist body "Body" for everyone
worklist attention "Attention" for everyone
exceptions route to attention priority stat due within 1 hour
rule "Head" when body_part includes HEAD route to head
otherwise route to body priority routine due within 1 day
"""
LEASE = timedelta(seconds=2)


@frozen(kw_only=True)
class Outcome:
    """What became of a run: broken promises in words, and how much was done."""

    faults: tuple[str, ...]
    figures: dict[str, int]


# the processes


def work(path: Path, log: Path, name: str, seed: int) -> None:
    """Act on items until killed, or until none is left; each answer is a line in the log before the next act."""
    chance = random.Random(seed)
    with Worklists.open(path, Rulebook.loads(RULES)) as worklists, log.open("a", encoding="utf-8") as out:

        def say(what: str, claim: Claim | None, answer: str) -> None:
            item = (claim.item_id, claim.token) if claim else (None, None)
            out.write(json.dumps([what, *item, answer]) + "\n")
            out.flush()

        while True:
            try:
                claim = worklists.claim_next(name, lease=LEASE)
            except StoreBusy:
                continue
            if claim is None:
                return
            say("claim", claim, "done")
            if chance.random() < 0.1:
                time.sleep(chance.uniform(0, 0.02))
            what = chance.choices(("report", "release", "pass", "renew", "nothing"), (80, 6, 6, 5, 0.3))[0]
            try:
                _act(worklists, claim, what, chance)
                say(what, claim, "done")
            except (StaleClaim, TransitionRefused) as refused:
                say(what, claim, type(refused).__name__)
            except RoutingError as unknown:
                say(what, claim, f"unknown {type(unknown).__name__}")


def _act(worklists: Worklists, claim: Claim, what: str, chance: random.Random) -> None:
    match what:
        case "report":
            worklists.report(claim, "final", f"R{claim.item_id}.{claim.token}")
        case "release":
            worklists.release(claim)
        case "pass":
            worklists.pass_to(claim, chance.choice(("head", "body")), reason="not mine")
        case "renew":
            worklists.renew(claim, lease=LEASE)


# the one who starts, stops and kills them


def play(folder: Path, *, items: int, processes: int, seed: int, mishaps: float = 0.4) -> Outcome:
    """Let *processes* work off *items*, with a mishap every *mishaps* seconds or so; return what was found wrong."""
    path = folder / "worklist.db"
    _fill(path, items)
    chance = random.Random(seed)
    running: dict[int, str] = {}
    figures = {"killed": 0, "stopped": 0}
    born = 0
    while True:
        while len(running) < processes:
            born += 1
            name = f"reader{born}"
            running[_start(path, folder / f"{name}.log", name, seed + born)] = name
        time.sleep(chance.uniform(0, 2 * mishaps))
        victim = chance.choice(list(running))
        if chance.random() < 0.5:
            os.kill(victim, signal.SIGKILL)
            figures["killed"] += 1
        else:
            os.kill(victim, signal.SIGSTOP)
            time.sleep(chance.choice((0.05, 0.3, LEASE.total_seconds() * 1.2)))
            os.kill(victim, signal.SIGCONT)
            figures["stopped"] += 1
        finished = False
        for child in list(running):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                finished |= os.WIFEXITED(status)
        if finished and _left(path) == 0:
            break
    for child in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return _judged(path, folder, items, figures)


def _fill(path: Path, items: int) -> None:
    with Worklists.open(path, Rulebook.loads(RULES)) as worklists:
        for begin in range(0, items, 500):
            many = range(begin, min(items, begin + 500))
            worklists.receive_all(
                [
                    {"accession": f"A{at}", "study_uid": f"1.2.{at + 1}", "body_part": "HEAD", "image_count": 3}
                    for at in many
                ]
            )


def _start(path: Path, log: Path, name: str, seed: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            work(path, log, name, seed)
            os._exit(0)
        finally:
            os._exit(1)
    return child


def _left(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM item WHERE open = 1").fetchone()
    return int(count)


# holding the answers against the journal


def _judged(path: Path, folder: Path, items: int, figures: dict[str, int]) -> Outcome:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows: dict[int, list[Any]] = {}
        for row in connection.execute("SELECT * FROM journal ORDER BY seq"):
            rows.setdefault(row["item"], []).append(row)
    faults = [f"{items} items were received, {len(rows)} are known"] if len(rows) != items else []
    for item, history in rows.items():
        faults += [f"item {item}: {fault}" for fault in _wrong_in(history)]
    answered = 0
    for log in sorted(folder.glob("*.log")):
        for what, item, token, answer in _answers(log):
            answered += 1
            if not _explained(rows.get(item, []), log.stem, what, token, answer):
                faults.append(
                    f"{log.stem}: {what} of item {item} by token {token} answered {answer}: not so in the journal"
                )
    with Worklists.open(path, Rulebook.loads(RULES)) as worklists:
        counts = worklists.counts()
        faults += [f"verify {one.check}: {one.evidence}" for one in worklists.verify().findings]
    if (counts.accepted, counts.open) != (items, 0):
        faults.append(f"{counts.open} of {counts.accepted} are open in the end")
    return Outcome(faults=tuple(faults), figures={**figures, "answers": answered, "rows": sum(map(len, rows.values()))})


def _wrong_in(history: list[Any]) -> Iterator[str]:
    """Yield what no history may show: a claim while another's lease runs, a token that skips, an end twice."""
    for before, row in pairwise(history):
        if row["event"] in {"claim", "seize"}:
            if row["token"] != before["token"] + 1:
                yield f"row {row['n']}: token {row['token']} after {before['token']}"
            if before["holder"] is not None and before["lease_until"] > row["at"]:
                yield f"row {row['n']}: {row['holder']} has it while the lease of {before['holder']} runs"
        if before["target"] == "reported":
            yield f"row {row['n']}: {row['event']} after the final report"
    if history[-1]["target"] == "reported" and history[-1]["evidence"] is None:
        yield "reported without evidence"


EVENTS = {
    "claim": {"claim", "seize"},
    "report": {"final_report"},
    "release": {"release"},
    "pass": {"pass"},
    "renew": {"renew"},
}


def _explained(history: list[Any], name: str, what: str, token: int, answer: str) -> bool:
    mine = [row for row in history if row["token"] == token and row["event"] in EVENTS.get(what, set())]
    if what == "nothing" or answer.startswith("unknown"):
        return True
    if answer == "done":
        return any(name in {row["actor"], row["holder"]} for row in mine)
    later = any(row["token"] > token for row in history)  # somebody else has claimed it since
    return later or any(row["event"] == "lapse" and row["token"] == token for row in history)


def _answers(log: Path) -> Iterator[tuple[str, int, int, str]]:
    for line in log.read_text(encoding="utf-8").splitlines():
        what, item, token, answer = json.loads(line)
        yield what, item, token, answer


def main() -> int:
    """Play, print, and return 1 where an answer is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.worklists.together", description=__doc__)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--where", help="the folder for the store")
    asked = parser.parse_args()
    begun = time.monotonic()
    with TemporaryDirectory(dir=asked.where) as folder:
        outcome = play(Path(folder), items=asked.items, processes=asked.processes, seed=asked.seed)
    for fault in outcome.faults[:50]:
        print(f"FAULT {fault}")
    print(f"{asked.items} items, {asked.processes} processes, {outcome.figures}, {time.monotonic() - begun:.0f} s")
    print(f"{len(outcome.faults)} faults")
    return int(bool(outcome.faults))


if __name__ == "__main__":
    sys.exit(main())
