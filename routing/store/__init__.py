"""The store: whole operations behind one protocol, and the databases that enforce the transition table once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from routing.errors import StoreRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from routing.store.protocol import Store
    from routing.store.records import Verification
    from routing.store.sqlite import SqliteStore


def open_store(url: str, **options: Any) -> Store:
    """Return the store at a path or `sqlite:///path`, made when it is not there yet, or at `postgresql://…`.

    Raises:
        StoreRefused: the address names no known kind of store, or the store is weaker than what is promised.
        MissingExtra: a PostgreSQL store needs the extra `postgres`.

    """
    if _is_served(url):
        from routing.store.postgres.store import PostgresStore  # noqa: PLC0415 - so that nobody else needs the driver

        return PostgresStore.open(url, **options)
    from routing.store.sqlite import SqliteStore  # noqa: PLC0415 - so that importing the package stays cheap

    return SqliteStore.open(url, **options)


def open_file(url: str) -> SqliteStore:
    """Return the SQLite store at a path or URL, which must be there: for what is done to a file.

    Raises:
        StoreRefused: it is on a server, whose own tools do that, or it is not there.

    """
    from routing.store.sqlite import SqliteStore  # noqa: PLC0415 - as above

    if _is_served(url):
        raise StoreRefused("a store on a server is backed up by the server: see the how-to on deploying")
    return SqliteStore.open(url, create=False)


def verify_store(
    url: str,
    *,
    now: datetime | None = None,
    anchor: str | None = None,
    since_seal: bool = False,
    processes: int = 1,
) -> Verification:
    """Verify a store that may be damaged: nothing is migrated, mended or refused on the way in. Raises StoreRefused."""
    if _is_served(url):
        from routing.store.postgres.store import verify_database  # noqa: PLC0415 - so that nobody else needs the driver

        return verify_database(url, now=now, anchor=anchor, since_seal=since_seal)
    from routing.store.sqlite import verify_file  # noqa: PLC0415 - as above

    return verify_file(url, now=now, anchor=anchor, since_seal=since_seal, processes=processes)


def repair_store(url: str, *, at: datetime, actor: str) -> tuple[int, ...]:
    """Rebuild items and counts from the journal where they differ from it; on a server, as the owner of the tables.

    Raises:
        StoreRefused: something is wrong that a rebuilding cannot mend; nothing was changed.

    """
    if _is_served(url):
        from routing.store.postgres import maintenance as served  # noqa: PLC0415 - so that nobody else needs the driver

        return served.repair(url, at=at, actor=actor)
    from routing.store import maintenance  # noqa: PLC0415 - as above

    opened = open_file(url)
    try:
        return maintenance.repair(opened, at=at, actor=actor)
    finally:
        opened.close()


def export_store(store: Store, *, identity: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table with its table's name, of one moment; see the stores' own `maintenance`."""
    from routing.store import maintenance  # noqa: PLC0415 - as above
    from routing.store.sqlite import SqliteStore  # noqa: PLC0415 - as above

    if isinstance(store, SqliteStore):
        return maintenance.export(store, identity=identity)
    from routing.store.postgres import maintenance as served  # noqa: PLC0415 - so that nobody else needs the driver

    return served.export(store, identity=identity)  # type: ignore[arg-type]  # there are two kinds


def _is_served(url: str) -> bool:
    return url.startswith(("postgresql://", "postgres://"))


def exists(url: str) -> bool:
    """Return whether there is a store at a path or URL.

    Raises:
        StoreInterrupted: the server cannot be reached.

    """
    if _is_served(url):
        from routing.store.postgres.schema import is_made  # noqa: PLC0415 - so that nobody else needs the driver

        return is_made(url)
    path = Path(url.removeprefix("sqlite:///"))
    return path.is_file() and path.stat().st_size > 0
