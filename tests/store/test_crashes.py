"""SIGKILL before and after every statement: nothing acknowledged is lost, nothing is half done, redelivery converges.

A child that forks for each point keeps this quick: the interpreter and the imports are paid once.
"""

import os
import shutil
from itertools import product
from pathlib import Path

import pytest

from routing.store.sqlite import SqliteStore, verify_file
from tests.store.building import HOUR, NOW, furnish
from tests.store.crashing import OPERATIONS, Countdown, counting_driver

PREPARATION = ("receive", "receive_another")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two waiting items; each crash begins from a copy."""
    path = tmp_path_factory.mktemp("prepared") / "worklist.db"
    store = SqliteStore.open(path)
    with store.writing(NOW) as tx:
        furnish(tx)
    for name in PREPARATION:
        with store.writing(NOW) as tx:
            OPERATIONS[name](tx)
    store.close()
    return path


def run(path: Path, names: tuple[str, ...], number: int, *, after: bool) -> tuple[bool, list[str]]:
    """Run the operations in a forked child that dies at a statement; return whether it died, and what it acknowledged.

    With number 0 the child lives, and the last word says how many statements there were.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            countdown = Countdown(number, after=after)
            store = SqliteStore.open(path, driver=counting_driver(countdown))
            for name in names:
                with store.writing(NOW + HOUR) as tx:
                    OPERATIONS[name](tx)
                os.write(writing, f"{name}\n".encode())
            os.write(writing, f"{countdown.seen}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read().split()
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status), said


def open_work(path: Path) -> list[tuple[object, ...]]:
    """Return what is owed, apart from numbers that a crash may use up."""
    store = SqliteStore.open(path)
    found = [(item.state, item.worklist, item.holder, item.token) for item in store.page(None, None)]
    store.close()
    return sorted(found, key=str)


def crash_everywhere(prepared: Path, folder: Path, names: tuple[str, ...], stride: int = 1) -> int:
    """Kill at each (or each so-many-th) statement, before and after it; return how many statements there were."""
    whole = folder / "whole.db"
    shutil.copy(prepared, whole)
    died, said = run(whole, names, 0, after=False)
    assert not died
    statements = int(said[-1])
    outcomes = {count: _after(prepared, folder, names[:count]) for count in range(len(names) + 1)}

    points = list(product(range(1, statements + 1), (False, True)))
    for number, after in points[len(names[-1]) % stride :: stride]:
        path = folder / "crashed.db"
        for old in folder.glob("crashed.db*"):
            old.unlink()
        shutil.copy(prepared, path)
        died, acknowledged = run(path, names, number, after=after)
        assert died, (names, number, after)
        assert verify_file(path).findings == (), (names, number, after)
        # The operation in hand may have committed without being acknowledged; nothing lies in between.
        possible = [outcomes[count] for count in (len(acknowledged), min(len(acknowledged) + 1, len(names)))]
        assert open_work(path) in possible, (names, number, after)
    return statements


def _after(prepared: Path, folder: Path, names: tuple[str, ...]) -> list[tuple[object, ...]]:
    path = folder / f"after-{len(names)}.db"
    shutil.copy(prepared, path)
    run(path, names, 0, after=False)
    return open_work(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in PREPARATION])
def test_a_kill_at_any_statement_leaves_all_or_nothing(prepared: Path, tmp_path: Path, name: str) -> None:
    """One operation after another has been acknowledged. Some of the points; `stress` has all of them."""
    first = {"release": "claim", "reopen": "report"}.get(name)

    assert crash_everywhere(prepared, tmp_path, (first, name) if first else (name,), stride=11) > 10


@pytest.mark.stress
@pytest.mark.parametrize("names", list(product([name for name in OPERATIONS if name not in PREPARATION], repeat=2)))
def test_a_kill_in_any_two_operations_leaves_all_or_nothing(
    prepared: Path, tmp_path: Path, names: tuple[str, str]
) -> None:
    """All sequences of two operations."""
    assert crash_everywhere(prepared, tmp_path, names) > 10


@pytest.mark.slow
def test_redelivery_after_a_kill_converges(tmp_path: Path) -> None:
    """A sender that got no acknowledgement sends again; the work is there once."""
    empty = tmp_path / "empty.db"
    store = SqliteStore.open(empty)
    with store.writing(NOW) as tx:
        furnish(tx)
    store.close()
    whole = tmp_path / "whole.db"
    shutil.copy(empty, whole)
    _, said = run(whole, ("receive", "receive_another"), 0, after=False)

    for number in range(1, int(said[-1]) + 1, 9):
        path = tmp_path / f"crashed-{number}.db"
        shutil.copy(empty, path)
        run(path, ("receive", "receive_another"), number, after=number % 2 == 0)
        run(path, ("receive", "receive_another"), 0, after=False)
        assert open_work(path) == open_work(whole)
        assert verify_file(path).is_clean


@pytest.mark.slow
def test_a_kill_while_the_store_is_made_can_be_made_again(tmp_path: Path) -> None:
    """The schema is there whole or not at all."""
    _, said = run(tmp_path / "whole.db", (), 0, after=False)

    for number in range(1, int(said[-1]) + 1, 29):
        path = tmp_path / f"crashed-{number}.db"
        died, _ = run(path, (), number, after=False)
        assert died
        SqliteStore.open(path).close()
        assert verify_file(path).is_clean
