"""Where a PostgreSQL store is and how it is opened: the address, and what may be weaker than promised."""

from __future__ import annotations

from typing import Any, Final

from attrs import field, frozen

from routing.errors import MissingExtra, StoreRefused

SCHEMA: Final = "routing"
POOL_SIZE: Final = 8
WAIT_SECONDS: Final = 10.0


@frozen(kw_only=True)
class Place:
    """A database that holds a store. `forced` names what may be weaker than promised.

    A setting of the server ("fsync", "full_page_writes", "synchronous_commit"), "owner" (writing as the role that owns
    the tables), or "schema". `pool` is how many connections one process may have at once.
    """

    url: str = field(repr=False)  # it may hold a password
    forced: frozenset[str] = field(factory=frozenset)
    pool: int = POOL_SIZE


def is_address(url: str) -> bool:
    """Return whether *url* names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def place_of(url: str, *, forced: tuple[str, ...] = (), pool: int = POOL_SIZE) -> Place:
    """Return the place that a `postgresql://` address means. Raises StoreRefused."""
    if not is_address(url):
        raise StoreRefused("the address of a PostgreSQL store begins with `postgresql://`")
    return Place(url=url, forced=frozenset(forced), pool=pool)


def driver() -> Any:
    """Return psycopg. Raises MissingExtra."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise MissingExtra("postgres", "a PostgreSQL store") from missing
    return psycopg
