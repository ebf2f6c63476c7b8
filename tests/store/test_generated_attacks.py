"""Every column of every table is written by a stranger: refused, or named by `verify`, or listed here as harmless."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.states import State
from routing.store import schema
from routing.store.records import Grant, Reader
from routing.store.sqlite import SqliteStore
from routing.store.verify import verify
from tests.store.building import NOW, accept, in_state, new_store, stranger

TABLES = sorted(name[6:] for name in schema.expected_objects() if name.startswith("table "))
HARMLESS = {  # what a host may do by SQL, because nothing rests on it that is not checked when it is used
    ("meta", "value"),  # a remark, such as the instant of the last tick
    ("outbox", "done_at"),  # once: a notice that somebody else has delivered
    ("worklist", "status"),  # `closing`: takes nothing new, loses nothing
    ("worklist", "kind"),  # one more exceptions list; the last one stays
    ("reader", "revision"),  # by one, as every change of a reader
    ("worklist", "fallback"),  # to another active list that ends in the exceptions
}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store with something in every table."""
    store = new_store(tmp_path_factory.mktemp("furnished"))
    with store.writing(NOW) as tx:
        for state in State:
            in_state(tx, f"A-{state.value}", state)
        accept(tx, "A-last")
        number = tx.add_input(source="RIS", message_id="1", digest="d1", kind="hl7", raw=b"MSH|")
        tx.conclude(number, "accepted", procedures=[1])
        tx.put_patient("P-1", "CITY", '{"class":"inpatient"}')
        tx.grant(Grant(actor="boss", act="close", by="init"))
        tx.put_reader(Reader(name="lee", skills=("neuro",)))
        tx.notify("phone", {"text": "invented"})
        tx.remark("ticked_at", "never")
        tx.seal()
    with store.writing(NOW.replace(year=2020)):
        pass
    yield store
    store.close()


def columns(table: str) -> list[tuple[str, str]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(connection)
    found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    connection.close()
    return [(row[1], row[2]) for row in found]


VALUES = {
    "INTEGER": ("NULL", "0", "1", "{column} + 1", "-1", "9223372036854775807"),
    "TEXT": ("NULL", "''", "'x'", "{column} || 'x'", "'closing'", "'exceptions'", "'{{}}'"),
    "BLOB": ("NULL", "x''", "x'00'"),
}
STATEMENTS = (
    "UPDATE {table} SET {column} = {value}",
    "UPDATE OR REPLACE {table} SET {column} = {value}",
    "UPDATE OR IGNORE {table} SET {column} = {value} WHERE rowid_or_key",
    "INSERT OR REPLACE INTO {table} ({names}) SELECT {changed} FROM {table}",
    "INSERT OR IGNORE INTO {table} ({names}) SELECT {changed} FROM {table}",
    "REPLACE INTO {table} ({names}) SELECT {changed} FROM {table} LIMIT 1",
)


def attacks(table: str) -> Iterator[tuple[str, str]]:
    there = columns(table)
    names = ", ".join(name for name, _ in there)
    for column, kind in there:
        for value in VALUES[kind]:
            said = value.format(column=column)
            changed = ", ".join(said if name == column else name for name, _ in there)
            for statement in STATEMENTS:
                sql = statement.format(table=table, column=column, value=said, names=names, changed=changed)
                yield column, sql.replace("rowid_or_key", f"{column} IS NOT {said}")


def named(connection: sqlite3.Connection, store: SqliteStore) -> set[str]:
    """Return the checks that fail, apart from V1: the stranger's own settings are weak, and that is no damage."""
    return {one.check for one in verify(connection, store.place).findings} - {"V1"}


def image(connection: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    return set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_no_column_is_written_unseen(furnished: SqliteStore, table: str) -> None:
    """A row more is an act that anybody who may write can do; a row lost or changed is not."""
    connection = stranger(furnished)
    before = image(connection, table)
    unseen = set()

    for column, sql in attacks(table):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(sql)
        except sqlite3.Error:
            continue
        else:
            if not before <= image(connection, table) and not named(connection, furnished):
                unseen.add((table, column))
        finally:
            connection.execute("ROLLBACK")

    connection.close()
    assert unseen <= HARMLESS, unseen - HARMLESS


@pytest.mark.parametrize("table", [name for name in TABLES if name != "alias"])
def test_no_table_is_emptied(furnished: SqliteStore, table: str) -> None:
    connection = stranger(furnished)
    connection.execute("BEGIN")

    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608

    connection.execute("ROLLBACK")
    connection.close()


def test_a_dropped_name_is_named(furnished: SqliteStore) -> None:
    """A procedure with open items keeps its last name; any other that goes missing is seen."""
    connection = stranger(furnished)
    connection.execute("BEGIN")
    connection.execute("DELETE FROM alias WHERE procedure NOT IN (SELECT procedure FROM item WHERE open = 1)")

    found = named(connection, furnished)

    connection.execute("ROLLBACK")
    connection.close()
    assert found == {"V5"}
    assert Path(furnished.place.path).exists()
