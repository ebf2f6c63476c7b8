"""A pgbouncer of its own in front of a private server: clients share few connections, each for one transaction."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.store_postgres.server import Server, wait_for_answer

PORT = 6432


def pooler_program() -> str | None:
    """Return where pgbouncer is, or None."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


class Pooler:
    """Transaction pooling on a socket; `size` connections to the server for each database and role."""

    def __init__(self, server: Server, program: str, *, size: int = 4) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="routing-pool-", dir="/tmp"))
        (self.folder / "users").write_text('"hosts" ""\n"watcher" ""\n"owner" ""\n')
        settings = {
            "listen_addr": "",
            "listen_port": PORT,
            "unix_socket_dir": self.folder,
            "auth_type": "trust",
            "auth_file": self.folder / "users",
            "pool_mode": "transaction",
            "default_pool_size": size,
            "max_client_conn": 200,
            "log_connections": 0,
            "log_disconnections": 0,
        }
        lines = ["[databases]", f"* = host={server.folder}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        (self.folder / "settings").write_text("\n".join(lines) + "\n")
        server.give(self.folder)
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [program, self.folder / "settings"], stdout=log, stderr=log, start_new_session=True, **server.as_user()
        )
        log.close()
        wait_for_answer(self.url("postgres", "owner"), self.process, self.folder / "log")

    def url(self, database: str, user: str = "hosts") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={PORT}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
