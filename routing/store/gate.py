"""The gate before every write: one file lock that lets writers through one by one, in the order in which they came.

SQLite's own busy handler lets some writers starve, and versions up to 3.51.2 can lose a commit when another connection
checkpoints at the same moment; both end when every writer and every checkpoint passes here first.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from routing.errors import StoreBusy, StoreRefused

if TYPE_CHECKING:
    from pathlib import Path

WAIT_SECONDS: Final = 10.0


class Gate:
    """The lock file `<db>.gate`. Each use has its own descriptor: threads wait for each other as processes do."""

    def __init__(self, path: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.path = path
        self.wait_seconds = wait_seconds
        self._local = threading.local()

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Hold the gate. Raises StoreBusy, with the holder's process id, when it stays shut for too long."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Pass the gate; `leave` must follow, whatever happens. Raises StoreBusy as `passed` does."""
        if getattr(self._local, "descriptor", None) is not None:
            raise RuntimeError("a writing transaction is already open in this thread")
        self._local.process = os.getpid()
        self._local.descriptor = self._opened()

    def leave(self) -> None:
        """Let the next one pass. A process that was forked behind the gate leaves it to the one that passed."""
        descriptor, self._local.descriptor = self._local.descriptor, None
        if self._local.process == os.getpid():
            _release(descriptor)
        else:
            os.close(descriptor)

    def _opened(self) -> int:
        # The end of the process ends the lock, also when it is killed.
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as failed:
            raise StoreRefused(f"{self.path} cannot be written ({failed.strerror}): see to its folder") from failed
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        own = b"%-20d" % os.getpid()
        try:
            if os.pread(descriptor, len(own), 0) != own:  # a write would touch the file's times each time
                os.pwrite(descriptor, own, 0)
        except OSError:
            pass  # who holds the gate is only told to those who wait in vain
        except BaseException:
            _release(descriptor)
            raise
        return descriptor

    def _wait(self, descriptor: int) -> None:
        """Wait in the kernel's queue, which is fair, in a thread of its own, because such a wait has no time limit."""
        waiting = _Waiting(descriptor)
        started = time.monotonic()
        try:
            waiting.start()
            has_come = waiting.entered.wait(self.wait_seconds)
        except RuntimeError:  # the system has no thread to give
            os.close(descriptor)
            raise
        except BaseException:  # a signal's, for one: whoever goes on after it must not stand in everybody's way
            if not waiting.give_up():
                _release(descriptor)
            raise
        if not has_come and waiting.give_up():
            raise StoreBusy(time.monotonic() - started, self.holder())
        if waiting.error is not None:
            os.close(descriptor)
            raise waiting.error

    def holder(self) -> int | None:
        """Return the process id that passed last, or None."""
        try:
            word = self.path.read_text(encoding="ascii").strip()
        except OSError:
            return None
        return int(word) if word.isdigit() else None


def _release(descriptor: int) -> None:
    """End the lock itself: to close is not enough where a child that was forked meanwhile has the descriptor too."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


class _Waiting(threading.Thread):
    """A thread that waits for the lock, and gives it up at once when nobody wants it any more."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True, name="routing-gate")
        self.descriptor = descriptor
        self.entered = threading.Event()
        self.error: OSError | None = None
        self._given_up = False
        self._lock = threading.Lock()

    def run(self) -> None:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        except OSError as error:
            self.error = error
        with self._lock:
            if self._given_up:
                _release(self.descriptor)
            else:
                self.entered.set()

    def give_up(self) -> bool:
        """Return whether the lock had not come; if so the thread closes the descriptor when it does."""
        with self._lock:
            self._given_up = not self.entered.is_set()
            return self._given_up
