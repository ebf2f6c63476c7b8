"""Moving a SQLite store to PostgreSQL: one transaction, which commits only when the copy is proved equal.

It is done by the owner of the tables, into an empty store. The guards are away for the length of that transaction
and no longer, because what is copied was guarded when it was written; the keys between the tables hold all the while.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from attrs import frozen

from routing.errors import StoreRefused
from routing.store import rows
from routing.store.postgres.connection import configure
from routing.store.postgres.place import Place, driver
from routing.store.postgres.schema import applied_migrations, check_applied
from routing.store.postgres.session import Session, meaning
from routing.store.postgres.verify import verify
from routing.store.sqlite import SqliteStore

# In the order in which they refer to each other; every column that is not made by the server itself.
_TABLES: Final[tuple[tuple[str, str], ...]] = (
    ("worklist", "code, status, kind, fallback"),
    ("rulebook", "fingerprint, name, text, tables, added_at"),
    ("activation", "seq, fingerprint, actor, reason, at"),
    ("procedure", "id, revision, digest, knowledge"),
    ("alias", "kind, value, issuer, procedure"),
    ("patient", "number, issuer, revision, digest, knowledge"),
    ("inbox", "id, source, message_id, digest, kind, received_at, raw_sha256"),
    ("item", f"{', '.join(rows.ITEM[:4])}, open, readable, {', '.join(rows.ITEM[4:])}"),
    ("evidence", "id, kind, procedure, status, item, input, digest, body, at"),
    ("raw", "input, bytes, redacted"),
    ("outcome", "input, outcome, procedures, warnings, item, reason, body, at"),
    ("journal", f"{', '.join(rows.JOURNAL)}, hash"),
    ("seal", "k, at, items, events, last_seq, root, prev, hash"),
    ("outbox", "id, item, target, payload, made_at, done_at"),
    ("grants", "seq, actor, act, scope, given, by, reason, at"),
    ("reader", "name, skills, body, revision"),
    ("clock_step", "seq, at, now"),
)
_REMARKS: Final = "SELECT name, value FROM meta WHERE name LIKE 'remark.%' ORDER BY name"
_COUNT: Final = "INSERT INTO tally SELECT worklist, state, 0, count(*) FROM item GROUP BY worklist, state"
_NUMBERS: Final = (  # what the next number is made from
    *((f"pg_get_serial_sequence('{table}', 'seq')", table, "seq") for table in ("activation", "grants", "clock_step")),
    *(
        (f"pg_get_serial_sequence('{table}', 'id')", table, "id")
        for table in ("procedure", "inbox", "evidence", "outbox")
    ),
    ("'journal_seq'", "journal", "seq"),
    ("'item_id'", "item", "id"),
)


@frozen(kw_only=True)
class Copied:
    """What was copied and proved equal: the open items, the rows of the journal, the inputs."""

    open_items: int
    events: int
    inputs: int

    def as_dict(self) -> dict[str, int]:
        """Return the figures as `copy --format json` prints them."""
        return {"open_items": self.open_items, "events": self.events, "inputs": self.inputs}


def copy(source: SqliteStore, url: str) -> Copied:
    """
    Copy a SQLite store into the empty store at *url*, given as its owner, and prove that both are equal.

    Nobody writes to the source meanwhile; stop the hosts before, and start them again with the new address.

    Raises:
        StoreRefused: the source is not sound, the target is not an empty store of the owner's, or the two differ.
            Nothing was written.

    """
    if findings := source.verify().findings:
        raise StoreRefused(f"the source is not sound: {findings[0].check}: {findings[0].evidence}")
    psycopg = driver()
    try:
        with source.gate.passed(), source.reading(), psycopg.connect(url, autocommit=True) as connection:
            configure(connection)
            with connection.transaction():
                return _copy(source.own_connection(), Session(connection), url)
    except psycopg.Error as error:
        raise meaning(error) from error


def _copy(source: Any, target: Session, url: str) -> Copied:
    check_applied(applied_migrations(target))
    target.execute("SELECT pg_advisory_xact_lock(1380930900, 0)")
    names = [name for name, _ in _TABLES]
    for name in (*names, "meta", "tally", "settings"):
        target.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    if any(target.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in names):  # noqa: S608 - ours
        raise StoreRefused("the target is not empty: make a new store with `routing migrate`")
    target.execute("SET CONSTRAINTS ALL DEFERRED")
    for name, columns in _TABLES:
        _fill(source.execute(f"SELECT {columns} FROM {name}"), target, f"COPY {name} ({columns}) FROM STDIN")  # noqa: S608
    _fill(source.execute(_REMARKS), target, "COPY meta (name, value) FROM STDIN")
    target.execute(_COUNT)
    for sequence, table, column in _NUMBERS:
        target.execute(f"SELECT setval({sequence}, max({column})) FROM {table} HAVING count(*) > 0")  # noqa: S608 - ours
    target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name in (*names, "meta", "tally", "settings"):
        target.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
    proved = _prove(source, target)
    _check_sound(target, url)
    said = {"copied_from": "sqlite", "role": "copy", "forced": ["owner"], **proved.as_dict()}
    target.execute("INSERT INTO settings (text) VALUES (?)", (json.dumps(said, sort_keys=True),))
    return proved


def _fill(found: Iterator[Sequence[Any]], target: Session, statement: str) -> None:
    with target.connection.cursor() as cursor, cursor.copy(statement) as copying:
        for row in found:
            copying.write_row(row)


def _prove(source: Any, target: Session) -> Copied:
    """Read both stores side by side, every column of the open set and of the journal, and refuse a difference."""
    open_set = f"SELECT {', '.join(rows.ITEM)} FROM item WHERE open = 1 ORDER BY id"  # noqa: S608 - names of columns
    journal = f"SELECT {', '.join(rows.JOURNAL)}, hash FROM journal ORDER BY seq"  # noqa: S608 - names of columns
    inputs = (
        "SELECT id, source, message_id, digest, raw_sha256, outcome FROM inbox JOIN outcome ON input = id ORDER BY id"
    )
    same = {word: _same(word, sql, source, target) for word, sql in (("open set", open_set), ("journal", journal))}
    same["inputs"] = _same("inputs", inputs, source, target)
    return Copied(open_items=same["open set"], events=same["journal"], inputs=same["inputs"])


def _same(word: str, sql: str, source: Any, target: Session) -> int:
    count = 0
    with target.connection.cursor("compared") as cursor:
        cursor.itersize = 5000
        cursor.execute(sql)
        for count, (one, other) in enumerate(zip_longest(source.execute(sql), cursor), 1):  # noqa: B007 - the count is wanted
            if one is None or other is None or tuple(one) != tuple(other):
                raise StoreRefused(f"the copy's {word} is not the source's: nothing was written")
    return count


def _check_sound(target: Session, url: str) -> None:
    place = Place(url=url, forced=frozenset({"owner"}))
    found = [one for one in verify(target, place).findings if one.check != "V1"]
    if found:
        raise StoreRefused(f"the copy would not be sound: {found[0].check}: {found[0].evidence}")
