"""A wire between client and server that is cut when told: before a commit is passed on, or before its answer."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from pathlib import Path

PORT = ".s.PGSQL.5432"


class Wire:
    """A socket of its own that leads to a server's. `cut` is "before" or "after" the next commit, or None."""

    def __init__(self, server: Path) -> None:
        self.server = str(server / PORT)
        self.folder = Path(tempfile.mkdtemp(prefix="routing-wire-", dir="/tmp"))
        self.cut: str | None = None
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
            server.connect(self.server)
            state = {"answer": True}
            threading.Thread(target=self._forward, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, state), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, state: dict[str, bool]) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                cut = self.cut if b"COMMIT\0" in data else None
                if cut is not None:
                    self.cut, self.cuts = None, self.cuts + 1
                    state["answer"] = False
                if cut != "before":
                    server.sendall(data)
                if cut is not None:
                    client.shutdown(socket.SHUT_RDWR)
                    if cut == "before":
                        break
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket, state: dict[str, bool]) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if state["answer"]:
                    client.sendall(data)
        for one in (server, client):
            with contextlib.suppress(OSError):
                one.close()
