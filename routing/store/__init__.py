"""The store: whole operations behind one protocol, and the databases that enforce the transition table once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing.store.protocol import Store


def open_store(url: str, **options: Any) -> Store:
    """Return the store at a path or `sqlite:///path`, made when it is not there yet, or at `postgresql://…`.

    Raises:
        StoreRefused: the address names no known kind of store, or the store is weaker than what is promised.
        MissingExtra: a PostgreSQL store needs the extra `postgres`.

    """
    if url.startswith(("postgresql://", "postgres://")):
        from routing.store.postgres.store import PostgresStore  # noqa: PLC0415 - so that nobody else needs the driver

        return PostgresStore.open(url, **options)
    from routing.store.sqlite import SqliteStore  # noqa: PLC0415 - so that importing the package stays cheap

    return SqliteStore.open(url, **options)


def exists(url: str) -> bool:
    """Return whether there is a store at a path or URL.

    Raises:
        StoreInterrupted: the server cannot be reached.

    """
    if url.startswith(("postgresql://", "postgres://")):
        from routing.store.postgres.schema import is_made  # noqa: PLC0415 - so that nobody else needs the driver

        return is_made(url)
    path = Path(url.removeprefix("sqlite:///"))
    return path.is_file() and path.stat().st_size > 0
