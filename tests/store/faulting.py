"""A disk that fails, and power that goes: the store on apsw with a file system of our own, in a forked child.

One process uses one SQLite library on a file, so all of this runs in children that never open the file otherwise.
`apsw` is another build of SQLite than Python's; the SQL and the settings are the store's own, through its `driver`.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import apsw
from attrs import define, field

SECTOR: Final = 512
_ERRORS: Final = {
    "write": (apsw.FullError, apsw.SQLITE_FULL),
    "sync": (apsw.IOError, apsw.SQLITE_IOERR_FSYNC),
    "read": (apsw.IOError, apsw.SQLITE_IOERR_READ),
    "truncate": (apsw.IOError, apsw.SQLITE_IOERR_TRUNCATE),
}


@define
class Disk:
    """What has reached the platter, by file, and what is still on its way. Deleting a file is at once."""

    fails: tuple[str, int] = ("", 0)  # the call that fails, and at which one of its kind
    cut_at: int = 0  # at which write or sync the power goes; 0 never
    chance: random.Random = field(factory=random.Random)
    kept: dict[str, bytearray] = field(factory=dict)
    pending: dict[str, list[tuple[int, bytes]]] = field(factory=dict)
    calls: dict[str, int] = field(factory=dict)
    when_cut: Callable[[], None] = lambda: None

    def call(self, kind: str, path: str) -> None:
        """Count a call; fail it or cut the power when its turn has come."""
        if path.endswith("-shm"):
            return
        self.calls[kind] = self.calls.get(kind, 0) + 1
        if self.fails == (kind, self.calls[kind]):
            error, code = _ERRORS[kind]
            failure = error("made to fail")
            failure.extendedresult = code
            raise failure
        if kind in {"write", "sync"} and self.cut_at:
            self.cut_at -= 1
            if self.cut_at == 0:
                self.when_cut()

    def after_the_cut(self) -> dict[str, bytes]:
        """Return what is on the platter: all that was synced, and of the rest any sectors, in any order."""
        for path, writes in self.pending.items():
            image = self.kept.setdefault(path, bytearray())
            pieces = [
                (at + start, data[start : start + SECTOR])
                for at, data in writes
                for start in range(0, len(data), SECTOR)
            ]
            share = self.chance.choice((0.0, 0.3, 0.5, 0.9, 1.0))
            for at, piece in (one for one in pieces if self.chance.random() < share):
                _put(image, at, piece)
        return {path: bytes(image) for path, image in self.kept.items()}


def _put(image: bytearray, at: int, data: bytes) -> None:
    if len(image) < at + len(data):
        image.extend(bytes(at + len(data) - len(image)))
    image[at : at + len(data)] = data


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self.disk = disk
        self.path = os.fspath(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        if self.path and self.path not in disk.kept:
            there = Path(self.path)
            disk.kept[self.path] = bytearray(there.read_bytes() if there.exists() else b"")

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's names
        self.disk.call("read", self.path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.call("write", self.path)
        self.disk.pending.setdefault(self.path, []).append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.call("truncate", self.path)
        del self.disk.kept[self.path][size:]
        self.disk.pending[self.path] = [one for one in self.disk.pending.get(self.path, []) if one[0] < size]
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.call("sync", self.path)
        super().xSync(flags)
        for at, data in self.disk.pending.pop(self.path, []):
            _put(self.disk.kept[self.path], at, data)


class _System(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__("faulting", "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        super().xDelete(name, sync)
        self.disk.kept.pop(name, None)
        self.disk.pending.pop(name, None)


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """Raise what `sqlite3` would raise."""
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error).removeprefix("ConstraintError: ")) from error
    except apsw.Error as error:
        other = sqlite3.OperationalError(str(error))
        code = getattr(error, "extendedresult", 0)
        other.sqlite_errorname = "SQLITE_IOERR_FSYNC" if code == apsw.SQLITE_IOERR_FSYNC else type(error).__name__
        raise other from error


class _Rows:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def fetchone(self) -> Any:
        with _as_sqlite3():
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        with _as_sqlite3():
            return self._cursor.fetchall()


class _Connection:
    """As much of `sqlite3.Connection` as the store uses."""

    def __init__(self, path: str, *, weaker: bool) -> None:
        with _as_sqlite3():
            self._own = apsw.Connection(path, vfs="faulting")
            self._own.set_busy_timeout(10_000)
        self._weaker = weaker

    @property
    def in_transaction(self) -> bool:
        return bool(self._own.in_transaction)

    def execute(self, sql: str, values: Any = ()) -> _Rows:
        if self._weaker and sql.startswith("PRAGMA synchronous ="):
            sql = "PRAGMA synchronous = NORMAL"
        with _as_sqlite3():
            return _Rows(self._own.execute(sql, values))

    def executemany(self, sql: str, values: Any) -> _Rows:
        with _as_sqlite3():
            return _Rows(self._own.executemany(sql, values))

    def set_authorizer(self, authorise: Any) -> None:
        self._own.authorizer = authorise

    def close(self) -> None:
        with _as_sqlite3():
            self._own.close()


def driver_on(disk: Disk, *, weaker: bool = False) -> tuple[ModuleType, Any]:
    """Return a driver for the store whose files are on the disk, and the file system to keep alive with it."""
    system = _System(disk)
    driver = ModuleType("faulting")
    driver.connect = lambda path, **_: _Connection(path, weaker=weaker)
    driver.sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    return driver, system
