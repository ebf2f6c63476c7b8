"""The schema of a SQLite store: numbered SQL files, applied once each, and the fingerprint of what they make.

A migration is one transaction behind the gate: it is there whole or not at all, and of several processes that start at
once one applies it. What the schema should be is never written down twice: it is built in memory from the same files
and compared object by object.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from attrs import frozen

from routing.errors import StoreRefused
from routing.states import (
    MAY_LENGTHEN,
    MAY_LOWER,
    MOVES_LIST,
    NEEDS_EVIDENCE,
    NEEDS_REASON,
    RAISES_TOKEN,
    TRANSITIONS,
)

APPLICATION_ID: Final = 0x524F5554  # "ROUT", in the header of the file
MINIMUM_SQLITE: Final = (3, 37, 0)  # STRICT tables
FROZEN_AFTER: Final = 1  # the migration after which `legal` is filled; the next one freezes it


@frozen(kw_only=True)
class Migration:
    """One numbered SQL file."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The digest that the store keeps, so that an edited file is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """Yield the statements one by one: `executescript` would commit before it begins."""
        statement = ""
        for line in self.text.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""


@lru_cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations, in order."""
    folder = files("routing.store").joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(
        Migration(number=int(name[:4]), name=name, text=folder.joinpath(name).read_text(encoding="utf-8"))
        for name in names
    )


def legal_rows() -> list[tuple[str, str, str, int, int, int, int, int, int]]:
    """Return the transition table as rows of `legal`, in a fixed order."""
    sets = (NEEDS_EVIDENCE, NEEDS_REASON, RAISES_TOKEN, MOVES_LIST, MAY_LENGTHEN, MAY_LOWER)
    rows = []
    for (source, event), targets in TRANSITIONS.items():
        flags = tuple(int(event in one) for one in sets)
        rows += [(event.value, source.value if source else "", target.value, *flags) for target in targets]
    return sorted(rows)  # type: ignore[arg-type]


def migrate(connection: Any) -> int:
    """Bring the schema up to date inside the caller's transaction, and return how many migrations were applied.

    Raises:
        StoreRefused: a migration that was applied has another text now, or the file is newer than this code.

    """
    applied = applied_migrations(connection)
    known = {one.number: one for one in migrations()}
    for number, sha256 in applied.items():
        if number not in known:
            raise StoreRefused(f"the store was made by a newer version: it has migration {number}")
        if known[number].sha256 != sha256:
            raise StoreRefused(f"migration {number} was applied with another text")
    due = [one for one in migrations() if one.number not in applied]
    for one in due:
        for statement in one.statements():
            connection.execute(statement)
        connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (one.number, one.name, one.sha256))
        if one.number == FROZEN_AFTER:
            connection.executemany("INSERT INTO legal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", legal_rows())
    return len(due)


def applied_migrations(connection: Any) -> dict[int, str]:
    """Return number and digest of what was applied; empty for a new file."""
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'").fetchone()
    return dict(connection.execute("SELECT number, sha256 FROM migration ORDER BY number")) if there else {}


def objects_of(connection: Any) -> dict[str, str]:
    """Return every table, index, trigger and view with its SQL, by "type name"."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {f"{kind} {name}": sql or "" for kind, name, sql in rows}


@lru_cache
def expected_objects() -> Mapping[str, str]:
    """Return what the migrations make, built in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        return objects_of(connection)
    finally:
        connection.close()


def constraints_of(table: str) -> list[str]:
    """Return the conditions that each row of one of our tables must meet, as the table's SQL has them."""
    sql, found = expected_objects()[f"table {table}"], []
    for start in re.finditer(r"\bCHECK (?=\()", sql):
        depth = 0
        for end, letter in enumerate(sql[start.end() :], start.end()):
            depth += (letter == "(") - (letter == ")")
            if not depth:
                found.append(sql[start.end() : end + 1])
                break
    return found


def fingerprint(objects: Mapping[str, str]) -> str:
    """Return one digest over all objects."""
    text = "\n".join(f"{name}\n{sql}" for name, sql in sorted(objects.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(connection: Any) -> list[tuple[str, str]]:
    """Return what is missing, altered or added, as (object, word); an added table or view of the host's is none.

    An added trigger, or an added index on one of our tables, is a difference: it acts on our rows.
    """
    found, expected = objects_of(connection), expected_objects()
    result = [(name, "missing") for name in expected if name not in found]
    result += [(name, "altered") for name, sql in expected.items() if name in found and found[name] != sql]
    result += [(name, "added") for name in found if name not in expected and name.startswith("trigger ")]
    kept = sorted(legal_rows())
    if "table legal" in found and sorted(connection.execute("SELECT * FROM legal").fetchall()) != kept:
        result.append(("rows of legal", "altered"))
    return sorted(result)
