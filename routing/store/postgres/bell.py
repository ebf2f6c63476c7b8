"""Telling other hosts that something was committed, and waiting to be told: a hint, never the news itself.

It is rung after the commit and not in it: a notice inside a transaction would make all commits of the server wait for
each other. Many commits ring once. Who waits asks again after a while without any, so that a lost hint costs a moment.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, Final

from routing.store.postgres.connection import is_pooled
from routing.store.postgres.place import driver

CHANNEL: Final = "routing"
_TOGETHER: Final = 0.05  # seconds in which many commits ring once
_PATIENCE: Final = 2.0  # seconds after which one who waits looks by himself


class Bell:
    """Rings for the commits of one store, on a thread of its own that begins with the first of them."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._rung = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Say that something was committed; this never waits."""
        self._rung.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._closed.is_set():
                    self._thread = threading.Thread(target=self._run, daemon=True, name="routing-bell")
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            if self._closed.is_set():
                return
            self._notify(f"NOTIFY {CHANNEL}")
            self._closed.wait(_TOGETHER)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._rung.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(1)


class Ear:
    """Waits for the bells of others, on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._is_deaf = False  # behind a pooler, whose server hears for nobody in particular

    def wait(self, seconds: float) -> None:
        """Return when a bell was rung, or after a while: sooner or later than *seconds* never by much."""
        patience = min(seconds, _PATIENCE)
        try:
            if self._connection is None:
                self._connection = driver().connect(self._url, autocommit=True, application_name="routing-ear")
                self._is_deaf = is_pooled(self._connection)
                if not self._is_deaf:
                    self._connection.execute(f"LISTEN {CHANNEL}")
                return  # what was rung before it listened was not heard
            if self._is_deaf:
                threading.Event().wait(patience)
                return
            for _ in self._connection.notifies(timeout=patience, stop_after=1):
                return
        except driver().Error:
            self.close()
            threading.Event().wait(min(patience, 0.5))

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(driver().Error):
                self._connection.close()
            self._connection = None
