"""The store: whole operations behind one protocol, and the databases that enforce the transition table once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing.store.protocol import Store


def open_store(url: str, **options: Any) -> Store:
    """Return the store at a path or `sqlite:///path`, made when it is not there yet.

    Raises:
        StoreRefused: the address names no known kind of store, or the store is weaker than what is promised.

    """
    from routing.store.sqlite import SqliteStore  # noqa: PLC0415 - so that importing the package stays cheap

    return SqliteStore.open(url, **options)
