"""Kills at random moments under load, and bursts of writers: what was acknowledged is there, nobody starves."""

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest

from routing.states import Event
from routing.store.records import Move
from routing.store.sqlite import SqliteStore, verify_file
from tests.store.building import HOUR, NOW, move, new_store
from tests.store.crashing import receive


def work_until_killed(path: Path, pipe: int, worker: int) -> None:
    """Receive, claim, report, for ever; say each message's name when its transaction has ended."""
    store = SqliteStore.open(path)
    number = 0
    while True:
        number += 1
        name = f"{worker}-{os.getpid()}-{number}"
        with store.writing(NOW) as tx:
            receive(tx, name)
        os.write(pipe, f"{name}\n".encode())
        with store.writing(NOW) as tx:
            found = tx.candidates(["neuro"], 1, NOW)
            if found and number % 3:
                said = {"holder": name, "lease_until": NOW + HOUR}
                claimed = tx.move(found[0], Move(event=Event.CLAIM, actor=name, changes=said))
                if number % 2:
                    move(tx, claimed, Event.FINAL_REPORT)


def start(path: Path, pipe: int, worker: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            work_until_killed(path, pipe, worker)
        finally:
            os._exit(1)
    return child


def kill_at_random(folder: Path, kills: int, seed: int) -> None:
    """Two workers at once; each kill takes both, and new ones go on with the same file."""
    chance = random.Random(seed)
    store = new_store(folder)
    path = store.place.path
    store.close()
    acknowledged: list[str] = []

    for kill in range(kills):
        reading, writing = os.pipe()
        children = [start(path, writing, worker) for worker in (1, 2)]
        os.close(writing)
        if kill % 4 == 0:  # also where the machine is slow, some get as far as an acknowledgement
            select.select([reading], [], [], 10)
        time.sleep(chance.uniform(0.004, 0.06))
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with os.fdopen(reading) as said:
            acknowledged += [line.strip() for line in said if line.endswith("\n")]

    assert verify_file(path).findings == (), f"seed {seed}"
    store = SqliteStore.open(path)
    lost = [name for name in acknowledged if store.input_by("RIS", name, f"digest-{name}") is None]
    named = [name for name in acknowledged if not store.procedures_by("accession", name, "CITY")]
    store.close()
    assert (lost, named) == ([], []), f"seed {seed}"
    assert acknowledged


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_a_kill_at_any_moment(tmp_path: Path) -> None:
    """A few; `stress` has many."""
    kill_at_random(tmp_path, kills=8, seed=1)


@pytest.mark.stress
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", range(10))
def test_nothing_acknowledged_is_lost_by_a_thousand_kills(tmp_path: Path, seed: int) -> None:
    """Ten thousand random points in all."""
    kill_at_random(tmp_path, kills=1000, seed=seed)


def burst(path: Path, writers: int, seconds: float) -> list[list[float]]:
    """Let processes write as fast as they can for a while; return how long each of their writes waited, in ms."""
    pipes, children = [], []
    for _ in range(writers):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                _burst_worker(path, writing, seconds)
            finally:
                os._exit(0)
        os.close(writing)
        pipes.append(reading)
        children.append(child)
    waits = []
    for reading in pipes:
        with os.fdopen(reading) as pipe:
            waits.append([float(line) for line in pipe])
    for child in children:
        os.waitpid(child, 0)
    return waits


def _burst_worker(path: Path, pipe: int, seconds: float) -> None:
    store = SqliteStore.open(path)
    end, said = time.monotonic() + seconds, []
    while time.monotonic() < end:
        begun = time.monotonic()
        with store.writing(NOW) as tx:
            tx.move(tx.page(["neuro"], 1)[0], Move(event=Event.NOTE, actor="writer"))
        said.append(f"{(time.monotonic() - begun) * 1000:.3f}\n")
    os.write(pipe, "".join(said).encode()[:60000].rsplit(b"\n", 1)[0] + b"\n")
    store.close()


@pytest.mark.slow
def test_no_writer_starves_in_a_burst(tmp_path: Path) -> None:
    """With SQLite's own waiting, four writers got 1, 1, 499 and 21,827 commits."""
    store = new_store(tmp_path)
    with store.writing(NOW) as tx:
        receive(tx, "m")
    store.close()

    waits = burst(store.place.path, writers=4, seconds=0.8)

    counts = sorted(len(one) for one in waits)
    assert counts[0] > 0.3 * counts[-1], counts
    assert verify_file(store.place.path).is_clean
