"""A wire between client and server that is cut when told: before a commit is passed on, or before its answer."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

PORT = ".s.PGSQL.5432"


class _State:
    """Of one connection: whether it was cut, and whether the server has answered since."""

    def __init__(self) -> None:
        self.is_cut = False
        self.answered = threading.Event()


class Wire:
    """A socket of its own that leads to a server's. `cut` is "before" or "after" the next commit, or None.

    `on_cut` is done when it was cut, before the client hears of it.
    """

    def __init__(self, server: Path) -> None:
        self.server = str(server / PORT)
        self.folder = Path(tempfile.mkdtemp(prefix="routing-wire-", dir="/tmp"))
        self.cut: str | None = None
        self.on_cut: Callable[[], object] = lambda: None
        self.cuts = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / PORT))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database: str, user: str = "hosts") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.server)
            except OSError:  # the server is away
                client.close()
                server.close()
                continue
            state = _State()
            threading.Thread(target=self._forward, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, state), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, state: _State) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                cut = self.cut if b"COMMIT\0" in data else None
                if cut is not None:
                    self.cut, self.cuts = None, self.cuts + 1
                    state.is_cut = True
                if cut != "before":
                    server.sendall(data)
                if cut == "after":
                    state.answered.wait(10)
                if cut is not None:
                    self.on_cut()
                    client.shutdown(socket.SHUT_RDWR)
                    if cut == "before":
                        break
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket, state: _State) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if state.is_cut:
                    state.answered.set()
                else:
                    client.sendall(data)
        for one in (server, client):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # a close alone does not wake who reads from it
            one.close()
