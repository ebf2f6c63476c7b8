"""What the store takes, beside the disk and beside peers: `python -m tests.benchmarks.store` prints a table.

Every ratio is the median of rounds in which all that is compared runs in turn, so that the load of the machine and of
the disk is the same for all. `--open 1000000` also measures the questions on a large store (some minutes).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from routing.states import Event, State
from routing.store.records import Evidence, Item, Move
from routing.store.sqlite import SqliteStore
from tests.benchmarks import bulk
from tests.benchmarks.peers import litequeue_cycle, persist_queue_cycle
from tests.benchmarks.whole import ACTS, api_cycle
from tests.store.building import HOUR, NOW, accept, new_store
from tests.store.test_under_load import burst

ROUNDS: Final = 9
WARM: Final = 900  # enough for the log to have been begun anew, so that it no longer grows
CLAIM: Final = Move(event=Event.CLAIM, actor="lee", changes={"holder": "lee", "lease_until": NOW + HOUR})
RELEASE: Final = Move(event=Event.RELEASE, actor="lee")


def row(what: str, value: str, bar: str = "") -> None:
    """Print one line of the table."""
    sys.stdout.write(f"{what:<62} {value:>16}  {bar}\n")
    sys.stdout.flush()


def rate(act: Callable[[int], object], times: int) -> float:
    """Return how often a second *act* runs."""
    started = time.perf_counter()
    for number in range(times):
        act(number)
    return times / (time.perf_counter() - started)


def syncing(folder: Path, *, growing: bool) -> Callable[[int], None]:
    """Return one write of a page and its sync: to a file that grows, or over what is there."""
    path = folder / f"sync-{growing}"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    page = os.urandom(4096)
    if not growing:
        os.pwrite(descriptor, page * 64, 0)
        os.fsync(descriptor)
    at = iter(range(10**9))

    def sync(_: int) -> None:
        number = next(at)
        os.pwrite(descriptor, page, 4096 * (number if growing else number % 64))
        os.fdatasync(descriptor)

    return sync


def transition(store: SqliteStore, items: list[Item]) -> Callable[[int], None]:
    """Return one durable transition: a claim or a release, each a transaction of its own."""
    turn = iter(range(10**9))

    def act(_: int) -> None:
        with store.writing(NOW) as tx:
            item = tx.item(items[next(turn) % len(items)].id)
            tx.move(item, RELEASE if item.state is State.CLAIMED else CLAIM)

    return act


def cycle(store: SqliteStore) -> Callable[[int], None]:
    """Return one cycle: accept with its input, claim the most urgent, report; three transactions."""
    turn = iter(range(10**9))

    def act(_: int) -> None:
        name = f"C-{next(turn)}"
        with store.writing(NOW) as tx:
            number = tx.add_input(source="RIS", message_id=name, digest=name, kind="hl7", raw=name.encode())
            item = accept(tx, name, worklist="chest")
            tx.conclude(number, "accepted", procedures=[item.procedure or 0])
        with store.writing(NOW) as tx:
            claimed = tx.move(next(iter(tx.candidates(["chest"], 1, NOW))), CLAIM)
        with store.writing(NOW) as tx:
            said = Evidence(kind="report", procedure=claimed.procedure, status="final")
            final = Move(event=Event.FINAL_REPORT, actor="lee", evidence=tx.add_evidence(said))
            tx.move(tx.item(claimed.id), final)

    return act


def batch(store: SqliteStore, size: int) -> tuple[float, float]:
    """Return transitions a second where so many are one transaction, and for each second of the processor."""
    with store.writing(NOW) as tx:
        items = [accept(tx, f"batch-{time.monotonic_ns()}-{number}", worklist="on_call") for number in range(size)]
    best = by_processor = 0.0
    for _ in range(8):
        started, processor = time.perf_counter(), time.process_time()
        with store.writing(NOW) as tx:
            items = [tx.move(item, RELEASE if item.state is State.CLAIMED else CLAIM) for item in items]
        best = max(best, size / (time.perf_counter() - started))
        by_processor = max(by_processor, size / (time.process_time() - processor))
    return best, by_processor


def ratios(folder: Path, rounds: int) -> None:
    """Print what is measured against the disk and against peers."""
    store = new_store(folder)
    with store.writing(NOW) as tx:
        items = [accept(tx, f"A-{number}") for number in range(500)]
    over, grow = syncing(folder, growing=False), syncing(folder, growing=True)
    single, whole = transition(store, items), cycle(store)
    peers = {"litequeue": litequeue_cycle(folder), "persist-queue": persist_queue_cycle(folder)}
    peers = {name: peer for name, peer in peers.items() if peer is not None}
    api, share = api_cycle(folder)
    rate(single, WARM)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        now = {
            "sync, file grows": rate(grow, 150),
            "sync, over what is there": rate(over, 150),
            "single": rate(single, 150),
            "cycle": rate(whole, 60),
            "api": rate(api, 30),
            **{name: rate(peer, 60) for name, peer in peers.items()},
        }
        now["best peer"] = max((now[name] for name in peers), default=float("nan"))
        now["single / growing"] = now["single"] / now["sync, file grows"]
        now["single / over"] = now["single"] / now["sync, over what is there"]
        now["cycle / peer"] = now["cycle"] / now["best peer"]
        now["api / peer"] = now["api"] * ACTS / (now["best peer"] * 3)
        for name, value in now.items():
            found.setdefault(name, []).append(value)
    median = {name: statistics.median(values) for name, values in found.items()}
    for name in ("sync, file grows", "sync, over what is there", "single", "cycle", *peers, "api"):
        row(f"{name}, a second", f"{median[name]:,.0f}")
    row("durable single transitions / syncs of a file that grows", f"{median['single / growing']:.2f}", "bar 0.60")
    row("durable single transitions / syncs over what is there", f"{median['single / over']:.2f}")
    row("accept, claim, report / best peer", f"{median['cycle / peer']:.2f}", "bar 0.75")
    row("durable acts of the whole API, HL7 bytes first / best peer", f"{median['api / peer']:.2f}", "bar 0.40")
    row("  of which the processor's", f"{share():.0%}")
    best, by_processor = batch(store, 1000)
    row("transitions a second in batches of 1,000, best", f"{best:,.0f}", "bar 20,000")
    row("  for each second of the processor", f"{by_processor:,.0f}")
    store.close()


def eight_writers(folder: Path) -> None:
    """Print how long eight processes wait for each other."""
    store = new_store(folder)
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    store.close()
    waits = burst(store.place.path, writers=8, seconds=3)
    sync = 1000 / rate(syncing(folder, growing=True), 200)
    counts = sorted(len(one) for one in waits)
    waited = sorted(wait for one in waits for wait in one)
    row("eight writers, p99 of a write", f"{waited[int(0.99 * len(waited))]:.1f} ms", "bar 50 ms")
    row("  eight syncs in turn", f"{8 * sync:.1f} ms")
    row("eight writers, least and most writes of one", f"{counts[0]} and {counts[-1]}", "none starved")


def timed(acts: dict[str, Callable[[], object]], times: int = 200) -> dict[str, float]:
    """Return the median time of each act in milliseconds; all run in turn, so that the load is the same for all."""
    found: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(times):
        for name, act in acts.items():
            started = time.perf_counter()
            act()
            found[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values) for name, values in found.items()}


def questions(store: SqliteStore, waiting: int) -> dict[str, Callable[[], object]]:
    """Return what is asked of a store with so many items that wait."""
    lists = list(bulk.LISTS)

    def claim_next() -> None:
        with store.writing(NOW) as tx:
            tx.move(next(iter(tx.candidates(lists, 1, NOW))), CLAIM)

    def status() -> None:
        for procedure in store.procedures_by("accession", bulk.accession(waiting // 2)):
            store.items_of(procedure.id)

    return {
        "top-50 page": lambda: store.page(lists, 50),
        "status": status,
        "counts": store.counts,
        "claim-next": claim_next,
    }


def side_by_side(folder: Path, waiting: int, reported: int) -> None:
    """Print what asking takes on a store of 1,000 open items and on a large one, and how long `verify` is."""
    sizes = {"small": (1000, 0), "large": (waiting, reported)}
    stores = {}
    for name, (open_items, done) in sizes.items():
        (folder / name).mkdir()
        stores[name] = bulk.filled(folder / name, open_items, done)
    asked = {name: questions(store, sizes[name][0]) for name, store in stores.items()}
    for what in asked["small"]:
        found = timed({name: acts[what] for name, acts in asked.items()})
        for name, value in found.items():
            said = f"{what}, {sizes[name][0]:,} open and {sizes[name][1]:,} reported"
            row(said, f"{value:.3f} ms", "bar 1 ms" * (what[0] in "ts"))
        row(f"{what}, large / small", f"{found['large'] / found['small']:.2f}", "bar 1.5" * (what != "counts"))
    for name, processes in (("small", 1), ("large", os.cpu_count() or 1)):
        verified(stores[name], processes)
        stores[name].close()


def verified(store: SqliteStore, processes: int) -> None:
    """Print how fast `verify` is, its work shared by so many processes."""
    started, before = time.perf_counter(), os.times()
    sound = store.verify(processes=processes)
    seconds, after = time.perf_counter() - started, os.times()
    assert sound.is_clean, sound.findings[:3]
    events = sound.figures["events"]
    processor = sum(after[:4]) - sum(before[:4])  # of this process and of its children
    row(f"verify, {events:,} rows, {processes} processes", f"{events / seconds:,.0f}/s", "bar 200,000/s")
    row("  of the processor for a row", f"{processor / events * 1e6:.1f} us")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--open", type=int, default=20_000, help="how many open items the large store has")
    parser.add_argument("--reported", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where to write: the disk that is measured")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=said.folder))
    try:
        for name in ("ratios", "writers", "sizes"):
            (folder / name).mkdir()
        row("load of the machine at the start", f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}")
        ratios(folder / "ratios", said.rounds)
        eight_writers(folder / "writers")
        side_by_side(folder / "sizes", said.open, said.reported)
        row("load of the machine at the end", f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
