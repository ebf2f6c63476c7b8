"""Disks that fail at any call, and power that goes at any moment: an exception and no receipt, or nothing lost."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from routing.errors import StoreRefused
from routing.states import Event
from routing.store.sqlite import SqliteStore, verify_file
from tests.store.building import HOUR, NOW, furnish, move
from tests.store.crashing import receive

pytest.importorskip("apsw")

from tests.store.faulting import Disk, driver_on

KINDS = ("write", "sync", "read", "truncate")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one waiting item, closed, so that a copy of its one file is all of it."""
    path = tmp_path_factory.mktemp("prepared") / "worklist.db"
    store = SqliteStore.open(path)
    with store.writing(NOW) as tx:
        furnish(tx)
        receive(tx, "m0")
    store.close()
    return path


def in_child(act: Callable[[int], None]) -> list[str]:
    """Run *act* in a forked child with a pipe to write lines to; return the lines."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            act(writing)
        except BaseException as error:  # noqa: BLE001 - the parent has to know, whatever it is
            os.write(writing, f"broke {error!r}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read().splitlines()
    os.waitpid(child, 0)
    return said


def fresh(prepared: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return Path(shutil.copy(prepared, folder / "worklist.db"))


def work(store: SqliteStore, say: Callable[[str], None], times: int) -> None:
    """Receive and claim and report; say what is durable as soon as it is, and what was refused."""
    for turn in range(times):
        name = f"m{turn + 1}"
        try:
            with store.writing(NOW + HOUR) as tx:
                receive(tx, name)
            say(name)
            with store.writing(NOW + HOUR) as tx:
                claimed = move(tx, tx.candidates(["neuro"], 1, NOW + HOUR)[0], Event.CLAIM)
            say(f"token {claimed.id} {claimed.token}")
            with store.writing(NOW + HOUR) as tx:
                move(tx, tx.item(claimed.id), Event.FINAL_REPORT)
            say(f"reported {claimed.id}")
        except StoreRefused:
            say("refused")


def check(path: Path, said: list[str], *, lost_is_fine: bool = False) -> list[str]:
    """Return what was acknowledged and is not there; the store itself must be sound and take the same again."""
    assert verify_file(path).findings == (), said
    store = SqliteStore.open(path)
    lost = [name for name in said if name[0] == "m" and store.input_by("RIS", name, f"digest-{name}") is None]
    items = {item.id: item for item in store._items("1 ORDER BY id")}
    for line in said:
        words = line.split()
        if words[0] == "token":
            lost += [line] if int(words[1]) not in items or items[int(words[1])].token < int(words[2]) else []
        if words[0] == "reported":
            lost += [line] if int(words[1]) not in items or items[int(words[1])].is_open else []
    with store.writing(NOW + HOUR) as tx:
        for name in said:
            if name[0] == "m":
                receive(tx, name)
    assert store.verify().is_clean
    assert len(store.inputs_by_id("RIS", "m1")) <= 1
    store.close()
    assert lost_is_fine or lost == []
    return lost


def fail_at(path: Path, kind: str, number: int) -> list[str]:
    def act(pipe: int) -> None:
        disk = Disk()
        driver, system = driver_on(disk)
        store = SqliteStore.open(path, driver=driver)
        disk.calls, disk.fails = {}, (kind, number)
        work(store, lambda line: os.write(pipe, f"{line}\n".encode()), 2)
        disk.fails = ("", 0)
        os.write(pipe, f"calls {disk.calls.get(kind, 0)}\n".encode())
        del system

    return in_child(act)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_fails_at_some_call_loses_nothing(prepared: Path, tmp_path: Path, kind: str) -> None:
    """Some of the calls; `stress` has all of them."""
    fail_everywhere(prepared, tmp_path, kind, stride=17)


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_fails_at_any_call_loses_nothing(prepared: Path, tmp_path: Path, kind: str) -> None:
    """An exception, no receipt, nothing half written, and the same message is taken when it comes again."""
    assert fail_everywhere(prepared, tmp_path, kind, stride=1) > 0 or kind in {"truncate", "read"}


def fail_everywhere(prepared: Path, tmp_path: Path, kind: str, stride: int) -> int:
    calls = int(fail_at(fresh(prepared, tmp_path / "whole"), kind, 0)[-1].split()[1])
    for number in range(1, calls + 1, stride):
        path = fresh(prepared, tmp_path / "failing")
        said = fail_at(path, kind, number)
        assert not [line for line in said if line.startswith("broke")], (kind, number, said)
        if kind in {"write", "sync"}:
            assert "refused" in said, (kind, number, said)
        check(path, said)
    return calls


@pytest.mark.slow
def test_after_a_failed_sync_the_store_takes_nothing_until_it_is_opened_again(prepared: Path, tmp_path: Path) -> None:
    """What the system failed to sync may be neither on disk nor in memory: trying again could succeed falsely."""
    path = fresh(prepared, tmp_path / "failing")

    said = fail_at(path, "sync", 3)  # the first two begin the log and make the first message durable

    assert said[:2] == ["m1", "refused"], said
    assert not any(line[0] in "mt" for line in said[2:]), said


def cut(path: Path, seed: int, *, weaker: bool) -> list[str]:
    """Work until the power goes at a random write or sync; leave at *path* what was on the platter."""

    def act(pipe: int) -> None:
        chance = random.Random(seed)
        disk = Disk(chance=chance)
        driver, system = driver_on(disk, weaker=weaker)

        def stop() -> None:
            for name, data in disk.after_the_cut().items():
                Path(name).with_name(f"{Path(name).name}.left").write_bytes(data)
            os._exit(0)

        disk.when_cut = stop
        store = SqliteStore.open(path, driver=driver, forced=("synchronous",) if weaker else ())
        # A small log is begun anew soon, which is where old frames and new ones meet.
        store.own_connection().execute("PRAGMA wal_autocheckpoint = 40").fetchall()
        disk.cut_at = chance.randint(1, 400)
        work(store, lambda line: os.write(pipe, f"{line}\n".encode()), 1000)
        del system

    said = in_child(act)
    for name in ("worklist.db", "worklist.db-wal", "worklist.db-shm"):
        there = path.with_name(name)
        there.unlink(missing_ok=True)
        if (left := path.with_name(f"{name}.left")).exists():
            left.rename(there)
            there.chmod(0o600)
    return said


def cut_often(prepared: Path, folder: Path, seeds: range, *, weaker: bool) -> tuple[int, int]:
    """Return how much was acknowledged over all the cuts, and how much of it was lost."""
    acknowledged = lost = 0
    for seed in seeds:
        path = fresh(prepared, folder / "cut")
        said = cut(path, seed, weaker=weaker)
        assert not [line for line in said if line.startswith("broke")], (seed, said)
        acknowledged += len(said)
        lost += len(check(path, said, lost_is_fine=weaker))
    return acknowledged, lost


@pytest.mark.slow
def test_a_power_cut_loses_nothing_that_was_acknowledged(prepared: Path, tmp_path: Path) -> None:
    """Unsynced sectors are dropped, torn and reordered. A few cuts; `stress` has five hundred."""
    acknowledged, lost = cut_often(prepared, tmp_path, range(12), weaker=False)

    assert acknowledged > 50
    assert lost == 0


@pytest.mark.slow
def test_the_same_cuts_do_lose_where_the_log_is_not_synced(prepared: Path, tmp_path: Path) -> None:
    """The control: with `synchronous=NORMAL` the rig is seen to bite."""
    _, lost = cut_often(prepared, tmp_path, range(12), weaker=True)

    assert lost > 0


@pytest.mark.stress
@pytest.mark.timeout(3000)
def test_five_hundred_power_cuts_lose_nothing_that_was_acknowledged(prepared: Path, tmp_path: Path) -> None:
    acknowledged, lost = cut_often(prepared, tmp_path, range(1000, 1500), weaker=False)

    print(f"{acknowledged} acknowledged in 500 cuts, {lost} lost")
    assert lost == 0


def test_a_question_to_a_disk_that_fails_is_refused(prepared: Path, tmp_path: Path) -> None:
    """A host that catches our exceptions catches this one; nothing is taken for an empty list."""
    path = fresh(prepared, tmp_path / "asking")

    def act(pipe: int) -> None:
        disk = Disk()
        driver, system = driver_on(disk)
        store = SqliteStore.open(path, driver=driver)
        store.counts()  # the connection is there
        for ask in (
            lambda: store.page(["neuro"], 5),
            lambda: store.item(1),
            lambda: store.procedures_by("filler", "x"),
        ):
            store.own_connection().execute("PRAGMA shrink_memory").fetchall()
            disk.fails = ("read", disk.calls["read"] + 1)
            try:
                ask()
                os.write(pipe, b"answered\n")
            except StoreRefused:
                os.write(pipe, b"refused\n")
        del system

    assert in_child(act) == ["refused"] * 3


def test_a_claim_costs_one_sync(prepared: Path, tmp_path: Path) -> None:
    """What a reader waits for when claiming the next item: the log is synced once, and two is the bar."""
    path = fresh(prepared, tmp_path / "claiming")

    def act(pipe: int) -> None:
        disk = Disk()
        driver, system = driver_on(disk)
        store = SqliteStore.open(path, driver=driver)
        with store.writing(NOW + HOUR) as tx:
            receive(tx, "m1")
        disk.calls = {}
        with store.writing(NOW + HOUR) as tx:
            move(tx, tx.candidates(["neuro"], 1, NOW + HOUR)[0], Event.CLAIM)
        os.write(pipe, f"{disk.calls['sync']}\n".encode())
        del system

    assert in_child(act) == ["1"]
