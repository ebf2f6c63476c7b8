"""The gate lets one writer through after the other, and is never left shut by who has gone on."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from routing.errors import StoreBusy
from routing.store.gate import Gate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work.db.gate"


@contextmanager
def held(gate: Gate) -> Iterator[threading.Event]:
    """Hold the gate in another thread until the block ends, or the event is set."""
    passed, over = threading.Event(), threading.Event()

    def hold() -> None:
        with gate.passed():
            passed.set()
            over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    passed.wait()
    try:
        yield over
    finally:
        over.set()
        thread.join()


def is_free(path: Path) -> bool:
    """Return whether somebody new may pass, who waits for those who are just leaving."""
    try:
        with Gate(path, 2.0).passed():
            return True
    except StoreBusy:
        return False


def test_who_is_interrupted_while_waiting_does_not_get_the_gate_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a signal: the process may catch it and go on, and nobody in it would ever open the gate again."""
    gate, entered = Gate(path), threading.Event.wait

    def interrupted(event: threading.Event, timeout: float | None = None) -> bool:
        if timeout == gate.wait_seconds:
            raise KeyboardInterrupt
        return entered(event, timeout)

    with held(gate):
        monkeypatch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gate.enter()
        monkeypatch.undo()

    assert is_free(path)


def test_who_is_interrupted_when_the_gate_has_come_opens_it_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal can come between the lock and the news of it."""
    gate, entered = Gate(path), threading.Event.wait

    with held(gate) as over:

        def interrupted(event: threading.Event, timeout: float | None = None) -> bool:
            if timeout == gate.wait_seconds:
                over.set()
                assert entered(event, 5.0)
                raise KeyboardInterrupt
            return entered(event, timeout)

        monkeypatch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gate.enter()
        monkeypatch.undo()

    assert is_free(path)


def test_where_no_thread_can_be_had_nothing_stays_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(path)

    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with held(gate):
        before = len(list(Path("/dev/fd").iterdir()))
        monkeypatch.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError, match="new thread"):
            gate.enter()
        monkeypatch.undo()

        assert len(list(Path("/dev/fd").iterdir())) == before


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # what a host may do is tested
def test_a_child_forked_while_the_gate_is_held_does_not_keep_it_shut(path: Path) -> None:
    """It has the descriptor too, and may live for as long as the host does."""
    gate = Gate(path)

    with held(gate):
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        assert is_free(path)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # what a host may do is tested
def test_a_child_forked_behind_the_gate_does_not_open_it(path: Path) -> None:
    """What was begun is the parent's to end."""
    gate = Gate(path)
    with gate.passed():
        child = os.fork()
        if child == 0:
            gate.leave()
            os._exit(0)
        os.waitpid(child, 0)

        with pytest.raises(StoreBusy):
            Gate(path, 0.05).enter()
