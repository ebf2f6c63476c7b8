"""Damaged messages and objects, mixed, received into a store: each is in the inbox with an outcome, and nothing raises.

    python -m tests.worklists.fuzz --each 100000 --seed 1 [--first 0] [--store fuzz.db] [--lot 1000] [--processes 2]

Each input is made from the seed and its number alone; with a store that stays, a run that was stopped goes on with
`--first N`. The keys of the inputs are drawn from a pool, so that orders, images, reports and merges meet. They meet so
often that in one store all patients would end as one, whose every procedure each of their news is about: so many inputs
go lot by lot into stores of their own, each with a seed of its own.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from routing.worklists import Receipt, Worklists
from tests.sources.damage import damaged_message, damaged_object
from tests.sources.fuzz import Broken, megabytes
from tests.worklists.plain import plain_rulebook

_BEGAN: Final = datetime(2026, 3, 17, 16, tzinfo=UTC)
_OUTCOMES: Final = frozenset({"accepted", "accepted_with_warning", "duplicate_ignored", "parked", "quarantined"})
_SECONDS: Final = 5.0
_MOST_GROWTH: Final = 600  # MB for a whole run
_FAILED: Final = "processing_error"


def received(worklists: Worklists, seed: int, number: int) -> Receipt:
    """
    Return the receipt of one input: of each two, one is a message and one an object.

    Raises:
        Broken: something was raised or failed within, it took too long, or the inbox does not hold it.

    """
    kind = "hl7" if number % 2 == 0 else "dicom"
    pool = 200 + number // 5  # grows with the store
    data = (damaged_message if kind == "hl7" else damaged_object)(seed, number // 2, pool)
    started = time.process_time()
    try:
        receipt = worklists.receive(data)
    except Exception as error:
        raise Broken(f"{kind} {number} of seed {seed}: {type(error).__name__}: {error}") from error
    seconds = time.process_time() - started
    if seconds > _SECONDS:
        raise Broken(f"{kind} {number} of seed {seed}: took {seconds:.2f} s")
    for part in receipt.parts or (receipt,):
        if _FAILED in part.quarantined or _FAILED in part.warnings:
            raise Broken(f"{kind} {number} of seed {seed}: the processing failed")
        kept = worklists.store.input(part.input) if part.input is not None else None
        if kept is None or kept.outcome not in _OUTCOMES or part.outcome not in _OUTCOMES:
            raise Broken(f"{kind} {number} of seed {seed}: it is not in the inbox with an outcome")
    return receipt


def run(where: Path, each: int, seed: int, first: int = 0, *, loud: bool = False) -> tuple[Counter[str], list[str]]:
    """Receive *each* messages and as many objects; return how they ended, and what broke."""
    now = [_BEGAN + timedelta(seconds=first)]
    ended, broken = Counter[str](), list[str]()
    with Worklists.open(where, plain_rulebook(), clock=lambda: now[0]) as worklists:
        began, weight = time.monotonic(), megabytes()
        for number in range(first, 2 * each):
            now[0] += timedelta(seconds=random.Random(f"clock {seed} {number}").randrange(3))
            try:
                ended[received(worklists, seed, number).outcome] += 1
            except Broken as wrong:
                broken.append(str(wrong))
                if loud:
                    print(f"FAILED {wrong}", flush=True)
            if loud and number % 5000 == 0 and number > first:
                rate = (number - first) / (time.monotonic() - began)
                print(f"{number} inputs, {rate:.0f} a second, {megabytes()} MB, {dict(ended)}", flush=True)
        lost = [one.id for one in worklists.store.inputs() if one.outcome not in _OUTCOMES]
        broken += [f"input {number} has no outcome" for number in lost]
        figures = worklists.counts()
        if figures.accepted != figures.open + figures.reported + figures.closed + figures.superseded:
            broken.append("items are not conserved")
        broken += [f"verify: {one.check} {one.evidence}" for one in worklists.verify().findings]
        if megabytes() - weight > _MOST_GROWTH:
            broken.append(f"the run grew by {megabytes() - weight} MB")
    return ended, broken


def run_in_lots(
    folder: Path, each: int, seed: int, lot: int, *, processes: int = 1, loud: bool = False
) -> tuple[Counter[str], list[str]]:
    """The same, *lot* of each kind in one store, then in the next, whose seed is the next number."""
    ended, broken = Counter[str](), list[str]()
    firsts = range(0, each, lot)
    stores = [folder / f"fuzz-{number}.db" for number in range(len(firsts))]
    sizes = [min(lot, each - first) for first in firsts]
    seeds = range(seed, seed + len(firsts))
    with ProcessPoolExecutor(processes) as pool:
        lots = (pool.map if processes > 1 else map)(_lot, stores, sizes, seeds)
        for some, wrong in lots:
            ended += some
            broken += wrong
            if loud:
                print(f"{ended.total()} inputs, {dict(ended)}, {len(broken)} failures", flush=True)
    return ended, broken


def _lot(store: Path, each: int, seed: int) -> tuple[Counter[str], list[str]]:
    ended, broken = run(store, each, seed)
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()
    return ended, broken


def main(words: list[str]) -> int:
    """Run as many as are asked for; print how they ended, and each that broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=100_000, metavar="N", help="inputs of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--store", type=Path, help="one store for all, which stays; else lots")
    parser.add_argument("--lot", type=int, default=1000, help="how many of each kind go into one store")
    parser.add_argument("--processes", type=int, default=1, help="how many lots at once")
    parser.add_argument("--where", help="the folder for the stores of lots; memory (/dev/shm) is quick")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(dir=asked.where) as folder:
        if asked.store:
            ended, broken = run(asked.store, asked.each, asked.seed, asked.first, loud=True)
        else:
            ended, broken = run_in_lots(
                Path(folder), asked.each, asked.seed, asked.lot, processes=asked.processes, loud=True
            )
    for line in broken:
        print(f"FAILED {line}")
    print(", ".join(f"{count} {outcome}" for outcome, count in ended.most_common()))
    print(f"{len(broken)} failures")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
