"""The one place where connections to a SQLite file are made: settings are set, read back and recorded here.

The settings are part of the guarantee (N17): a write-ahead log with `synchronous=FULL` loses nothing that was
acknowledged when the power fails, and `NORMAL` was measured to lose. A setting that does not stick is refused, unless
the caller forces it by its name. Who only plays with a store may switch its syncs off in the same way.
"""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from attrs import field, frozen

from routing.errors import StoreRefused
from routing.store.schema import MINIMUM_SQLITE

BUSY_SECONDS: Final = 10.0
FULL: Final = "FULL"
WEAKER: Final = ("OFF", "NORMAL")  # what `synchronous` may be besides, by force
SETTINGS: Final[tuple[tuple[str, str | int, str | int], ...]] = (  # pragma, what is set, what must be read back
    ("journal_mode", "wal", "wal"),
    ("synchronous", FULL, 2),
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("fullfsync", "ON", 1),
    ("checkpoint_fullfsync", "ON", 1),
)
NETWORK_FILE_SYSTEMS: Final = {
    0x6969: "nfs",
    0xFF534D42: "cifs",
    0xFE534D42: "smb2",
    0x517B: "smb",
    0x01021997: "9p",
    0x65735546: "fuse",
    0x6A656A63: "virtiofs",
    0x5346414F: "afs",
    0x0BD00BD0: "lustre",
    0x00C36400: "ceph",
    0x47504653: "gpfs",
    0x01161970: "gfs2",
}
WAL_RESET_FIXED: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))  # a fix holds for its own series, the last for all later
_DENIED: Final = {
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_VIEW,
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_TABLE,
}
_DELETABLE: Final = {"alias"}


@frozen(kw_only=True)
class Place:
    """Where a store is and how it is opened. `driver` is the module that connects; rigs give another one.

    `forced` names what may be weaker than promised: a pragma, "file system", "schema" or "sqlite version".
    `synchronous` is another setting than FULL only where that pragma is forced.
    """

    path: Path
    driver: ModuleType = sqlite3
    forced: frozenset[str] = field(factory=frozenset)
    synchronous: str = FULL

    @property
    def gate(self) -> Path:
        """The lock file beside the database."""
        return self.path.with_name(self.path.name + ".gate")


def place_of(
    url: str | Path, *, driver: ModuleType = sqlite3, forced: tuple[str, ...] = (), synchronous: str = FULL
) -> Place:
    """Return the place that a path or `sqlite:///path` means.

    Raises:
        StoreRefused: the address is of another kind, or keeps nothing (an in-memory database); or *synchronous* is
            weaker than FULL, and not forced by its name.

    """
    text = os.fspath(url)
    if text.startswith("sqlite://"):
        text = text.removeprefix("sqlite://").removeprefix("/")
    elif "://" in text:
        raise StoreRefused(f"no store is known for addresses that begin with `{text.split('://')[0]}://`")
    if text in {"", ":memory:"} or text.startswith("file:"):
        raise StoreRefused("a store is a file: an in-memory database keeps nothing")
    if synchronous not in {FULL, *WEAKER}:
        raise StoreRefused(f"`synchronous` is {FULL}, or by force {' or '.join(WEAKER)}")
    if synchronous != FULL and "synchronous" not in forced:
        raise StoreRefused(f"`synchronous` {synchronous} loses what was acknowledged: force it by its name")
    return Place(path=Path(text).absolute(), driver=driver, forced=frozenset(forced), synchronous=synchronous)


def connect(place: Place, *, guarded: bool = True) -> Any:
    """Return a connection whose settings are set and have been read back; *guarded* ones cannot change the schema.

    Raises:
        StoreRefused: the SQLite is too old, the file system is a network one, or a setting did not stick.

    """
    _check_version(place)
    _check_file_system(place)
    if not place.path.exists():
        # The file holds patients' data: it is the owner's alone from its first byte.
        os.close(os.open(place.path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = place.driver.connect(
        str(place.path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        for name, value, _ in SETTINGS:
            asked = place.synchronous if name == "synchronous" else value
            connection.execute(f"PRAGMA {name} = {asked}").fetchall()
        connection.execute("PRAGMA cache_size = -16000")
        # A checkpoint costs two syncs and writes each changed page once: seldom is cheaper; 16 MB are read back fast.
        connection.execute("PRAGMA wal_autocheckpoint = 4000").fetchall()
        _check_settings(place, connection)
        _defend(connection)
        if guarded:
            connection.set_authorizer(_authorise)
    except BaseException:
        connection.close()
        raise
    return connection


def settings_of(connection: Any, place: Place) -> dict[str, Any]:
    """Return the settings as the engine reports them, with its version and the file system."""
    found: dict[str, Any] = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name, _, _ in SETTINGS}
    found["sqlite"] = connection.execute("SELECT sqlite_version()").fetchone()[0]
    found["file_system"] = file_system(place.path.parent)
    found["forced"] = sorted(place.forced)
    return found


def settings_text(connection: Any, place: Place) -> str:
    """Return the settings as the line that is recorded."""
    return json.dumps(settings_of(connection, place), sort_keys=True)


def has_wal_reset_defect(version: str) -> bool:
    """Return whether this SQLite can lose a commit when another connection checkpoints; the gate keeps us from it."""
    found = tuple(int(part) for part in version.split("."))
    if found >= WAL_RESET_FIXED[-1]:
        return False
    return not any(found[:2] == fixed[:2] and found >= fixed for fixed in WAL_RESET_FIXED)


def file_system(folder: Path) -> str:
    """Return "local", the name of a network file system, or "unknown" where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return "unknown"
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(256)
    if libc.statfs(os.fsencode(folder), buffer) != 0:
        return "unknown"
    magic = ctypes.c_ulong.from_buffer(buffer).value & 0xFFFFFFFF
    return NETWORK_FILE_SYSTEMS.get(magic, "local")


def _check_version(place: Place) -> None:
    found = tuple(getattr(place.driver, "sqlite_version_info", MINIMUM_SQLITE))
    if found < MINIMUM_SQLITE and "sqlite version" not in place.forced:
        need = ".".join(map(str, MINIMUM_SQLITE))
        raise StoreRefused(f"SQLite {need} or newer is needed, and this Python has {'.'.join(map(str, found))}")


def _check_file_system(place: Place) -> None:
    if not place.path.parent.is_dir():
        raise StoreRefused("the folder of the store does not exist")
    found = file_system(place.path.parent)
    if found not in {"local", "unknown"} and "file system" not in place.forced:
        raise StoreRefused(f"the store would be on a network file system ({found}), which can lose commits")


def _check_settings(place: Place, connection: Any) -> None:
    for name, _, expected in SETTINGS:
        found = connection.execute(f"PRAGMA {name}").fetchone()
        if (found is None or found[0] != expected) and name not in place.forced:
            raise StoreRefused(f"the setting `{name}` is not {expected} after it was set")


def _defend(connection: Any) -> None:
    """Switch off what lets SQL write the schema or the pages themselves, where the driver can (Python 3.12)."""
    setconfig = getattr(connection, "setconfig", None)
    if setconfig is not None:
        setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # type: ignore[attr-defined, unused-ignore]  # noqa: FBT003


def _authorise(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Refuse what no operation of ours does: changes of the schema, deletes, attaching, `writable_schema`."""
    if action in _DENIED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_DELETE and first not in _DELETABLE:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first == "writable_schema" and second is not None:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
