"""The schema of a PostgreSQL store: numbered SQL files, applied once each by its owner, and what they should have made.

A file is `NNNN_pre_…` or `NNNN_post_…`. What `pre` adds, the version before can live with: apply it, replace the hosts
one by one, then apply `post`, which may take away what only the old version used. All that is due is one transaction
under a lock, so that of several that start at once one applies it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from attrs import frozen

from routing.errors import StoreInterrupted, StoreRefused
from routing.store.postgres.place import SCHEMA, driver
from routing.store.schema import legal_rows

FROZEN_AFTER: Final = 1  # the migration after which `legal` and `meta` are filled; the next one freezes them
_LOCK: Final = "SELECT pg_advisory_xact_lock(1380930904, 0)"
_OPEN_SET: Final = (
    "SELECT id, kind, state, worklist, priority, rank, due_at, holder, token FROM item WHERE open = 1 ORDER BY id"
)
_ROLE_SETTINGS: Final = (
    ("search_path", SCHEMA),
    ("idle_in_transaction_session_timeout", "60s"),
    ("lock_timeout", "10s"),
)


@frozen(kw_only=True)
class Migration:
    """One numbered SQL file. `phase` is "pre" or "post"."""

    number: int
    name: str
    phase: str
    text: str

    @property
    def sha256(self) -> str:
        """The digest that the store keeps, so that an edited file is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@frozen(kw_only=True)
class Migrated:
    """What a migration did: the names of the files that were applied, and remarks for the person who ran it."""

    applied: tuple[str, ...]
    remarks: tuple[str, ...]


@lru_cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations, in order."""
    folder = files("routing.store.postgres").joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(
        Migration(
            number=int(name[:4]),
            name=name,
            phase=name.split("_")[1],
            text=folder.joinpath(name).read_text(encoding="utf-8"),
        )
        for name in names
    )


def migrate(
    url: str,
    *,
    app_role: str,
    reader_role: str | None = None,
    phase: str | None = None,
    clock: str = "database",
) -> Migrated:
    """
    Make the store in the database at *url*, or bring it up to date, as the role that is to own it.

    Args:
        url: the database, as the owner.
        app_role: the role of the hosts; made, without a password, where it is missing and the owner may do that.
        reader_role: a role that only asks, likewise.
        phase: "pre" leaves out what is to be applied after all hosts have the new version; None applies everything.
        clock: "session" lets every session say what time it is, for tests; `verify` tells of it. Only for a new store.

    Raises:
        StoreRefused: the database is somebody else's, newer than this code, or not fit; nothing was changed.

    """
    psycopg = driver()
    try:
        with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
            connection.execute(_LOCK)
            applied = _apply(connection, phase, clock)
            remarks = [
                *_grant(connection, app_role, "grants.sql", "app"),
                *(_grant(connection, reader_role, "grants_reader.sql", "reader") if reader_role else ()),
            ]
    except psycopg.Error as error:
        raise StoreRefused(f"the store was not migrated: {_said(error)}") from error
    return Migrated(applied=tuple(applied), remarks=tuple(remarks))


def _said(error: Exception) -> str:
    return getattr(getattr(error, "diag", None), "message_primary", None) or str(error).splitlines()[0]


def _apply(connection: Any, phase: str | None, clock: str) -> list[str]:
    encoding = connection.execute("SHOW server_encoding").fetchone()[0]
    if encoding != "UTF8":
        raise StoreRefused(f"the database is in {encoding}: make one in UTF8")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.execute(f"SET LOCAL search_path = {SCHEMA}")
    before = applied_migrations(connection)
    if not before:
        _refuse_foreign(connection)
    check_known(before)
    due = [one for one in migrations() if one.number not in before and phase in {None, one.phase}]
    open_set = connection.execute(_OPEN_SET).fetchall() if before else []
    for one in due:
        connection.execute(one.text)
        connection.execute("INSERT INTO migration VALUES (%s, %s, %s)", (one.number, one.name, one.sha256))
        if one.number == FROZEN_AFTER:
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO legal VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", legal_rows())
            connection.execute("INSERT INTO meta VALUES ('clock', %s)", (clock,))
    if before and connection.execute(_OPEN_SET).fetchall() != open_set:
        raise StoreRefused("the migration would have changed the open work: nothing was changed")
    return [one.name for one in due]


def _refuse_foreign(connection: Any) -> None:
    """Refuse a schema of that name that is somebody else's: never add our tables to it."""
    sql = "SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace"
    if connection.execute(sql, (SCHEMA,)).fetchone()[0]:
        raise StoreRefused(f"the database has another program's schema `{SCHEMA}`")


def _grant(connection: Any, role: str, file: str, word: str) -> list[str]:
    from psycopg import errors, sql  # noqa: PLC0415 - an extra

    name, remarks = sql.Identifier(role), []
    if role == connection.execute("SELECT current_user").fetchone()[0]:
        raise StoreRefused(f"`{role}` would own the tables, and guards do not bind an owner: name another role")
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        try:
            with connection.transaction():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        except (errors.DuplicateObject, errors.UniqueViolation):  # made for another database of this server meanwhile
            remarks.append(f"the role `{role}` was made by another at this moment")
        except errors.InsufficientPrivilege as error:
            raise StoreRefused(f"there is no role `{role}`, and this owner may not make one") from error
    text = files("routing.store.postgres").joinpath(file).read_text(encoding="utf-8")
    statement = sql.SQL("\n".join(line for line in text.splitlines() if not line.startswith("--")))
    connection.execute(statement.format(**{word: name}))
    try:
        with connection.transaction():
            database = sql.Identifier(connection.info.dbname)
            for setting, value in _ROLE_SETTINGS:
                said = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
                connection.execute(said.format(name, database, sql.Identifier(setting), sql.Literal(value)))
    except errors.InsufficientPrivilege:
        remarks.append(f"behind a transaction pooler, set for `{role}` in this database: search_path = {SCHEMA}")
    return remarks


def applied_migrations(connection: Any) -> dict[int, tuple[str, str]]:
    """Return name and digest of what was applied, by number; empty where there is no store."""
    there = connection.execute("SELECT to_regclass('routing.migration')").fetchone()[0]
    if there is None:
        return {}
    found = connection.execute(f"SELECT number, name, sha256 FROM {SCHEMA}.migration ORDER BY number")  # noqa: S608
    return {row[0]: (row[1], row[2]) for row in found}


def is_made(url: str) -> bool:
    """Return whether the database at *url* has a store. Raises StoreInterrupted when it cannot be reached."""
    psycopg = driver()
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            return bool(applied_migrations(connection))
    except psycopg.Error as error:
        raise StoreInterrupted(f"the server could not be asked ({_said(error)})") from error


def check_known(applied: Mapping[int, tuple[str, str]]) -> None:
    """Refuse a store that this code cannot work with: another text, or a newer one that took something away."""
    known = {one.number: one for one in migrations()}
    for number, (name, sha256) in applied.items():
        if number not in known:
            if name.split("_")[1] == "post":
                raise StoreRefused(f"the store was made by a newer version: it has migration {number}")
        elif known[number].sha256 != sha256:
            raise StoreRefused(f"migration {number} was applied with another text")


def check_applied(applied: Mapping[int, tuple[str, str]]) -> None:
    """Refuse a database without a store, or one that lacks what this code builds on."""
    if not applied:
        raise StoreRefused("there is no store in this database: `routing migrate OWNER_URL --app-role NAME` makes one")
    check_known(applied)
    if missing := [one.name for one in migrations() if one.phase == "pre" and one.number not in applied]:
        raise StoreRefused(f"the store is older than this version: `routing migrate` applies {', '.join(missing)}")


_OBJECTS: Final = {
    "columns": """SELECT c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
          a.attnotnull, a.attidentity, a.attgenerated)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'routing'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """SELECT c.relname || '.' || o.conname, concat_ws(' ', pg_get_constraintdef(o.oid), o.convalidated)
        FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
        WHERE o.connamespace = 'routing'::regnamespace AND o.contype IN ('c', 'f', 'p', 'u')""",
    "indexes": """SELECT i.relname, concat_ws(' ', pg_get_indexdef(x.indexrelid), x.indisvalid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE i.relnamespace = 'routing'::regnamespace""",
    "triggers": """SELECT c.relname || '.' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'routing'::regnamespace AND NOT t.tgisinternal""",
    "functions": """SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
          concat_ws(' ', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'), p.prosecdef, p.provolatile,
          array_to_string(p.proconfig, ' '))
        FROM pg_proc p WHERE p.pronamespace = 'routing'::regnamespace""",
    # What anybody may do but read, whom the guards bind: everybody but the tables' owners, who are found out elsewhere.
    "privileges": """SELECT given.what || ' ' || acl.privilege_type, '' FROM (
          SELECT 'schema' AS what, nspacl AS acl FROM pg_namespace WHERE nspname = 'routing'
          UNION ALL SELECT 'function ' || proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
            WHERE pronamespace = 'routing'::regnamespace
          UNION ALL SELECT relname, relacl FROM pg_class
            WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r'
          UNION ALL SELECT relname || '.' || attname, attacl FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r' AND attacl IS NOT NULL
          UNION ALL SELECT coalesce(owns.relname, 'journal') || '.' || c.relname, c.relacl
            FROM pg_class c LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
            LEFT JOIN pg_class owns ON owns.oid = d.refobjid
            WHERE c.relnamespace = 'routing'::regnamespace AND c.relkind = 'S'
        ) AS given CROSS JOIN LATERAL aclexplode(given.acl) AS acl
        WHERE acl.privilege_type <> 'SELECT' AND (acl.grantee = 0 OR NOT pg_has_role(acl.grantee,
          (SELECT relowner FROM pg_class WHERE oid = 'routing.journal'::regclass), 'MEMBER'))""",
}


def objects_of(connection: Any) -> dict[str, str]:
    """Return every column, constraint, index, trigger, function and privilege of the store with its definition."""
    return {f"{kind} {name}": text for kind, sql in _OBJECTS.items() for name, text in connection.execute(sql)}


@lru_cache
def expected_objects() -> Mapping[str, str]:
    """Return what the migrations make, as the catalogue of a server has it."""
    text = files("routing.store.postgres").joinpath("objects.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def differences(connection: Any) -> list[tuple[str, str]]:
    """Return what is missing, altered or added, as (object, word).

    An added table or index of the host's is none, nor is a privilege that a role lacks.
    """
    found, expected = objects_of(connection), expected_objects()
    tables = {name.split()[1].split(".")[0] for name in expected if name.startswith("columns ")}
    result = [(name, "missing") for name in expected if name not in found and not name.startswith("privileges ")]
    result += [(name, "altered") for name, text in expected.items() if name in found and found[name] != text]
    result += [(name, "added") for name in _acting(found, tables) if name not in expected]
    kept = sorted(tuple(row) for row in legal_rows())
    if sorted(tuple(row) for row in connection.execute("SELECT * FROM legal").fetchall()) != kept:
        result.append(("rows of legal", "altered"))
    return sorted(result)


def not_by_newer(changed: Iterable[tuple[str, str]], applied: Mapping[int, tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the differences that no newer version can have made before all hosts are replaced.

    What `pre` of a newer version adds, or a function that it replaces, is for that version to judge; whatever it finds
    of ours must still be there and be switched on.
    """
    if set(applied) <= {one.number for one in migrations()}:
        return list(changed)
    return [one for one in changed if one[1] != "added" and not one[0].startswith("functions ")]


def _acting(found: Iterable[str], tables: set[str]) -> Iterable[str]:
    """Return what acts on our rows: triggers, columns and privileges of our tables, functions of our schema."""
    for name in found:
        kind, _, what = name.partition(" ")
        of = what.partition(" ")[0].partition(".")[0]
        ours = kind == "functions" or (kind == "privileges" and of in {"schema", "function"})
        if ours or (kind in {"triggers", "columns", "privileges"} and of in tables):
            yield name
