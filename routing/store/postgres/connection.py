"""Connections to a server: settings are read back, weaker ones refused, and what was found is recorded (N17).

Guards bind only a role that does not own the tables, so a store is never opened as their owner; `fsync`,
`full_page_writes` and `synchronous_commit` are part of the promise that what was acknowledged is kept.
"""

from __future__ import annotations

import json
from typing import Any, Final

from routing.errors import StoreRefused
from routing.store.postgres.place import SCHEMA, Place
from routing.store.postgres.session import Session

_SETTINGS: Final = "SELECT name, setting FROM pg_settings WHERE name = ANY (?) ORDER BY name"
SETTINGS: Final = ("fsync", "full_page_writes", "synchronous_commit")
_ALSO: Final = ("synchronous_standby_names", "server_version", "data_checksums", "wal_level")
_OWNS: Final = """SELECT bool_or(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class
    WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r'"""
# By whatever way: granted, inherited, or as a member of `pg_write_all_data`.
_WRITES: Final = "SELECT has_table_privilege(to_regclass('routing.item'), 'INSERT, UPDATE, DELETE, TRUNCATE')"

WRITES_TOO_MUCH: Final = "may write more than `routing migrate` gives: see whose member it is"


def is_pooled(connection: Any) -> bool:
    """Return whether a pooler stands between: who answered the connection is not who answers its statements."""
    (answers,) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    return bool(answers != connection.info.backend_pid)


def configure(connection: Any) -> None:
    """Set up a new connection of the pool: no transaction but ours, our schema, a durable commit.

    Behind a pooler nothing is prepared: what one transaction leaves with the server is not there for the next.
    """
    connection.autocommit = True
    if is_pooled(connection):
        connection.prepare_threshold = None
    path = connection.execute("SHOW search_path").fetchone()[0]
    if path.strip('"') != SCHEMA:
        connection.execute(f"SET search_path = {SCHEMA}")
    if connection.execute("SHOW lock_timeout").fetchone()[0] == "0":
        connection.execute("SET lock_timeout = '10s'")


def settings_of(session: Session, place: Place) -> dict[str, Any]:
    """Return the settings as the server reports them, with who is connected and what was forced."""
    found: dict[str, Any] = dict(session.execute(_SETTINGS, ([*SETTINGS, *_ALSO],)).fetchall())
    found["role"] = session.execute("SELECT current_user::text").fetchone()[0]
    found["owns_the_tables"] = bool(session.execute(_OWNS).fetchone()[0])
    found["writes_items"] = bool(session.execute(_WRITES).fetchone()[0])
    clock = session.execute("SELECT value FROM meta WHERE name = 'clock'").fetchone()
    found["clock"] = clock[0] if clock else "unknown"
    found["forced"] = sorted(place.forced)
    return found


def weaker(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the settings that promise less than the store does, each with how it is."""
    result = [(name, found.get(name, "unknown")) for name in ("fsync", "full_page_writes") if found.get(name) != "on"]
    wanted = {"on", "remote_apply"} if found.get("synchronous_standby_names") else {"on", "remote_apply", "local"}
    if found.get("synchronous_commit") not in wanted:
        result.append(("synchronous_commit", found.get("synchronous_commit", "unknown")))
    return result


def check(found: dict[str, Any], place: Place) -> None:
    """Refuse settings that are weaker than promised, unless they are forced by name. Raises StoreRefused."""
    for name, value in weaker(found):
        if name not in place.forced:
            raise StoreRefused(f"the server's setting `{name}` is {value}: what is acknowledged could be lost")
    if found["owns_the_tables"] and "owner" not in place.forced:
        raise StoreRefused(
            f"`{found['role']}` owns the tables, and guards do not bind an owner: connect as the role of the hosts"
        )
    if found["writes_items"] and not found["owns_the_tables"]:
        raise StoreRefused(f"`{found['role']}` {WRITES_TOO_MUCH}")


def record(session: Session, found: dict[str, Any]) -> None:
    """Write the settings down when they differ from the last that this role found."""
    text = json.dumps(found, sort_keys=True)
    sql = "SELECT text FROM settings WHERE (text::jsonb)->>'role' = ? ORDER BY seq DESC LIMIT 1"
    last = session.execute(sql, (found["role"],)).fetchone()
    if last is None or last[0] != text:
        session.execute("INSERT INTO settings (text) VALUES (?)", (text,))
