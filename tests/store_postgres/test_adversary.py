"""Whoever has the password of the hosts, and any SQL client: refused, or lawful, and never a silent loss."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from routing.errors import StoreRefused
from routing.states import TRANSITIONS, Event, State
from routing.store import rows
from routing.store.postgres.schema import migrate
from routing.store.postgres.session import Session
from routing.store.postgres.store import PostgresStore
from routing.store.postgres.verify import verify
from routing.store.records import Evidence, Item, Seal
from routing.testing import HOUR, NOW, OTHER_BOOK, accept, evidence_for, furnish, in_state, move, receive, unsound
from tests.store_postgres.conftest import Cluster

pytestmark = pytest.mark.slow

_WRITTEN = [name for name in rows.JOURNAL if name not in {"seq", "known", "at"}]
# What the guards allow a host at any time, whatever SQL says so: lists and remarks change, notices are told.
LAWFUL = {
    ("worklist", "status"),
    ("worklist", "kind"),
    ("worklist", "fallback"),
    ("meta", "value"),
    ("outbox", "done_at"),
}


class Victim:
    """A store with something of everything, and a stranger's connection as the role of the hosts."""

    def __init__(self, store: PostgresStore, cluster: Cluster, database: str) -> None:
        self.store, self.cluster, self.database = store, cluster, database
        with store.writing(NOW) as tx:
            furnish(tx)
            self.items = {state: in_state(tx, f"A-{state.value}", state) for state in State}
            receive(tx, "message")
            tx.put_patient("P", "CITY", "known")
            tx.notify("phone", {"text": "x"})
            tx.remark("noted", "a")
        with store.writing(NOW) as tx:
            self.seal: Seal = tx.seal()
            self.closure = tx.add_evidence(
                Evidence(kind="closure", procedure=self.items[State.WAITING].procedure, body={})
            )
        self.stranger = cluster.connect(database)
        self.stranger.execute(f"SET routing.now = '{rows.to_number(NOW)}'")

    def state(self) -> dict[str, list[Any]]:
        """Return everything that must not change."""
        with self.cluster.connect(self.database, "admin") as connection:
            found = {
                name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                for name in ("item", "journal", "evidence", "inbox", "raw", "outcome", "seal", "procedure", "alias")
            }
            found["tally"] = connection.execute(
                "SELECT worklist, state, sum(count) FROM tally GROUP BY 1, 2 ORDER BY 1, 2"
            ).fetchall()
        return found

    def forged(self, item: Item, /, **said: Any) -> tuple[str, list[Any]]:
        """Return a statement that inserts the next journal row of the item, whatever is said in it."""
        image = self.stranger.execute(f"SELECT {', '.join(rows.ITEM)} FROM item WHERE id = %s", (item.id,)).fetchone()
        row: dict[str, Any] = dict(zip(rows.ITEM, image, strict=True))
        row |= {
            "item": item.id,
            "n": row["version"] + 1,
            "event": "note",
            "source": row["state"],
            "target": row["state"],
            "actor": "stranger",
            "reason": "because",
            "evidence": None,
            "engine": "0",
            "details": None,
            "body": "{}",
            "prev": row["head"],
        }
        row |= said
        names = [*_WRITTEN, *(name for name in ("seq", "at", "known", "hash") if name in said)]
        marks = ", ".join(["%s"] * len(names))
        return f"INSERT INTO journal ({', '.join(names)}) VALUES ({marks})", [row[name] for name in names]


@pytest.fixture(scope="module")
def unmoved(cluster: Cluster) -> Iterator[Victim]:
    """A victim for attacks that change nothing: each test sees to that."""
    yield from _victim(cluster)


@pytest.fixture
def victim(cluster: Cluster) -> Iterator[Victim]:
    yield from _victim(cluster)


def _victim(cluster: Cluster) -> Iterator[Victim]:
    database = cluster.database()
    store = cluster.open(database)
    made = Victim(store, cluster, database)
    yield made
    made.stranger.close()
    store.close()
    cluster.give_back(database)


STATEMENTS = [
    "DELETE FROM item",
    "DELETE FROM journal WHERE seq = 1",
    "DELETE FROM inbox",
    "DELETE FROM seal",
    "DELETE FROM legal",
    "DELETE FROM evidence",
    "DELETE FROM procedure",
    "DELETE FROM tally",
    "DELETE FROM alias",  # the last names of open work
    "TRUNCATE journal CASCADE",
    "TRUNCATE item CASCADE",
    "UPDATE item SET state = 'reported', open = 0, readable = 0",
    "UPDATE item SET worklist = 'chest'",
    "UPDATE item SET holder = NULL",
    "UPDATE journal SET actor = 'nobody'",
    "UPDATE tally SET count = 0",
    "UPDATE legal SET needs_evidence = 0",
    "INSERT INTO legal VALUES ('note', 'waiting', 'closed', 0, 0, 0, 0, 0, 0)",
    "INSERT INTO item SELECT * FROM item LIMIT 1",
    "INSERT INTO item SELECT * FROM item LIMIT 1 ON CONFLICT (id) DO UPDATE SET state = 'closed'",
    "INSERT INTO tally VALUES ('neuro', 'waiting', 99, 5)",
    "INSERT INTO journal SELECT * FROM journal LIMIT 1",
    "INSERT INTO migration VALUES (99, 'x', 'y')",
    """INSERT INTO inbox (id, source, message_id, digest, kind, received_at, raw_sha256) OVERRIDING SYSTEM VALUE
    VALUES (99, 'a', 'b', 'c', 'hl7', 0, repeat('0', 64))""",
    "INSERT INTO meta VALUES ('clock', 'session') ON CONFLICT (name) DO UPDATE SET value = 'session'",
    "UPDATE meta SET value = 'database' WHERE name = 'clock'",
    "UPDATE raw SET bytes = NULL, redacted = 1",
    "UPDATE raw SET bytes = 'other'",
    "UPDATE procedure SET knowledge = 'other'",
    "UPDATE procedure SET knowledge = 'other', revision = revision + 5, digest = repeat('0', 64)",
    "UPDATE patient SET number = 'Q', revision = revision + 1, digest = repeat('0', 64)",
    "UPDATE worklist SET status = 'retired' WHERE code = 'neuro'",
    "UPDATE worklist SET kind = 'list' WHERE code = 'exceptions'",
    "UPDATE worklist SET code = 'other' WHERE code = 'chest'",
    "INSERT INTO seal VALUES (2, 0, 0, 0, 0, repeat('0', 64), repeat('0', 64), repeat('1', 64))",
    "INSERT INTO seal SELECT k + 5, at, items, events, last_seq, root, hash, repeat('1', 64) FROM seal",
    "ALTER TABLE item DISABLE TRIGGER ALL",
    "ALTER TABLE journal DISABLE TRIGGER journal_guard",
    "DROP TRIGGER journal_guard ON journal",
    "DROP TABLE item CASCADE",
    "DROP FUNCTION refuse() CASCADE",
    "CREATE TABLE routing.mine (a integer)",
    "CREATE FUNCTION routing.clock() RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    "SET session_replication_role = replica",
    "SET ROLE owner",
    "CREATE RULE nothing AS ON INSERT TO journal DO INSTEAD NOTHING",
    "SELECT setval('journal_seq', 1)",
    "SELECT nextval('item_id')",
    "SELECT count_one('neuro', 'waiting', 5)",
    "SELECT refused('x')",
    "COPY item FROM STDIN",
    "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_stranger_is_refused(unmoved: Victim, statement: str) -> None:
    before = unmoved.state()

    with pytest.raises(psycopg.Error), unmoved.stranger.transaction():
        unmoved.stranger.execute(statement)

    assert unmoved.state() == before
    assert unsound(unmoved.store) == []


FORGERIES: list[tuple[State, dict[str, Any]]] = [
    (State.WAITING, {"n": 9}),
    (State.WAITING, {"n": 1}),
    (State.WAITING, {"item": 4711}),
    (State.WAITING, {"prev": "0" * 64}),
    (State.WAITING, {"seq": 1}),
    (State.WAITING, {"at": 0}),
    (State.WAITING, {"hash": "0" * 64}),
    (State.WAITING, {"known": "0" * 64}),
    (State.WAITING, {"source": "held"}),
    (State.WAITING, {"event": "final_report", "target": "reported"}),
    (State.WAITING, {"event": "note", "target": "closed"}),
    (State.WAITING, {"event": "claim", "target": "claimed", "token": 5, "holder": "x", "lease_until": 1}),
    (State.WAITING, {"event": "claim", "target": "claimed", "token": 1}),
    (State.WAITING, {"kind": "audit"}),
    (State.WAITING, {"opened_at": 0}),
    (State.WAITING, {"procedure": None}),
    (State.WAITING, {"due_at": None}),
    (State.WAITING, {"rank": 9}),
    (State.WAITING, {"worklist": "chest"}),
    (State.WAITING, {"event": "route", "worklist": "nowhere"}),
    (State.WAITING, {"rulebook": OTHER_BOOK}),
    (State.WAITING, {"draft": 1}),
    (State.WAITING, {"actor": " "}),
    (State.WAITING, {"engine": " "}),
    (State.WAITING, {"evidence": 4711}),
    (State.WAITING, {"body": "a\x00b"}),
    (State.CLAIMED, {"event": "seize", "token": 2, "holder": "thief"}),
    (State.CLAIMED, {"event": "renew", "holder": "thief"}),
    (State.CLAIMED, {"event": "lapse", "target": "waiting", "holder": None, "lease_until": None}),
    (State.CLAIMED, {"event": "pass", "target": "waiting", "holder": None, "lease_until": None, "reason": None}),
    (State.SUPERSEDED, {"successor": None}),
    (State.REPORTED, {"event": "reopen", "target": "waiting", "reason": ""}),
]


@pytest.mark.parametrize(("state", "said"), FORGERIES)
def test_a_forged_row_of_the_journal_is_refused(unmoved: Victim, state: State, said: dict[str, Any]) -> None:
    """Whoever may insert may act, and only lawfully: guards, keys and privileges say no to the rest."""
    before = unmoved.state()

    with pytest.raises((psycopg.Error, psycopg.DataError)):
        unmoved.stranger.execute(*unmoved.forged(unmoved.items[state], **said))

    assert unmoved.state() == before
    assert unsound(unmoved.store) == []


def test_evidence_of_another_procedure_closes_nothing(victim: Victim) -> None:
    said = {"event": "close", "target": "closed", "evidence": victim.closure}
    with pytest.raises(psycopg.Error, match="N7"):
        victim.stranger.execute(*victim.forged(victim.items[State.HELD], **said, wake_at=None))

    victim.stranger.execute(*victim.forged(victim.items[State.WAITING], **said))
    assert victim.store.item(victim.items[State.WAITING].id).state is State.CLOSED
    assert unsound(victim.store) == []


def test_the_database_alone_refuses_what_is_not_in_the_table(victim: Victim) -> None:
    """A stranger who writes well-formed journal rows is still bound by the table."""
    with victim.store.writing(NOW) as tx:
        evidence = {
            (state, event): evidence_for(tx, item, event, item.successor or item.id)
            for state, item in victim.items.items()
            for event in Event
        }
    before = victim.state()
    for source in State:
        for event in Event:
            for target in State:
                if target in TRANSITIONS.get((source, event), ()):
                    continue
                said = {"event": event.value, "target": target.value, "evidence": evidence[source, event]}
                with pytest.raises(psycopg.Error):
                    victim.stranger.execute(
                        *victim.forged(victim.items[source], **said, draft=int(target is State.PRELIMINARY))
                    )

    assert victim.state() == before


def test_no_column_of_any_table_can_be_changed_but_lawfully(unmoved: Victim) -> None:
    """Every column, with the value of another row, with nothing, and with itself."""
    before = unmoved.state()
    columns = unmoved.stranger.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'routing'"
    ).fetchall()
    changed = set()
    for table, column in columns:
        for value in ("NULL", f"(SELECT max({column}) FROM {table})", column):
            statement = sql.SQL("UPDATE {} SET {} = ").format(sql.Identifier(table), sql.Identifier(column))
            try:
                with unmoved.stranger.transaction(force_rollback=True):
                    done = unmoved.stranger.execute(statement + sql.SQL(value))
                    if done.rowcount:
                        changed.add((table, column))
            except psycopg.Error:
                continue

    assert len(columns) > 150
    assert changed <= LAWFUL
    assert unmoved.state() == before


def test_a_session_cannot_say_what_time_it_is_in_a_store_for_use(cluster: Cluster) -> None:
    """Database time decides leases: neither the host's clock nor a setting of the session does."""
    cluster.server.execute("CREATE DATABASE in_use OWNER owner")
    migrate(cluster.url("in_use", "owner"), app_role="hosts")
    store = cluster.open("in_use")
    with store.writing(NOW) as tx:
        furnish(tx)
        item = move(tx, accept(tx, "A-1", due_at=None), Event.CLAIM)
        assert abs((tx.now - NOW).days) > 100
    stranger = cluster.connect("in_use")
    stranger.execute(f"SET routing.now = '{2**60}'")
    with pytest.raises(psycopg.Error, match="N10: the lease is not over"):
        stranger.execute(
            "INSERT INTO journal (item, n, event, source, target, kind, procedure, worklist, priority, rank, token, "
            "draft, opened_at, rulebook, actor, engine, prev, body) SELECT id, 3, 'lapse', 'claimed', 'waiting', kind, "
            "procedure, worklist, priority, rank, token, draft, opened_at, rulebook, 'x', '0', head, '{}' FROM item"
        )
    with pytest.raises(Exception, match="lease is not over"), store.writing(NOW + 9999 * HOUR) as tx:
        move(tx, item, Event.SEIZE)

    assert store.item(item.id) == item
    assert [one.evidence for one in store.verify().findings if "fsync" not in one.evidence] == [
        "`full_page_writes` is off"
    ]
    stranger.close()
    store.close()
    cluster.server.execute("DROP DATABASE in_use WITH (FORCE)")


OWNERS: list[tuple[str, str]] = [
    ("ALTER TABLE item DISABLE TRIGGER item_guard", "V2"),
    ("DROP TRIGGER journal_never_changes ON journal", "V2"),
    ("ALTER TABLE journal ADD COLUMN mine integer", "V2"),
    ("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL;END'", "V2"),
    ("DROP INDEX item_page", "V2"),
    ("SET LOCAL session_replication_role = replica; DELETE FROM journal WHERE n = 1 AND item = 4", "V4"),
    ("SET LOCAL session_replication_role = replica; UPDATE journal SET actor = 'x' WHERE seq = 2", "V4"),
    ("SET LOCAL session_replication_role = replica; UPDATE item SET priority = 'other' WHERE id = 3", "V5"),
    ("SET LOCAL session_replication_role = replica; DELETE FROM item WHERE id = 1", "V5"),
    ("SET LOCAL session_replication_role = replica; UPDATE tally SET count = count + 1", "V13"),
    ("SET LOCAL session_replication_role = replica; DELETE FROM outcome", "V8"),
    ("SET LOCAL session_replication_role = replica; UPDATE raw SET bytes = 'other'", "V8"),
    ("SET LOCAL session_replication_role = replica; UPDATE procedure SET knowledge = 'other' WHERE id = 1", "V5"),
    ("SET LOCAL session_replication_role = replica; UPDATE worklist SET status = 'retired' WHERE code = 'neuro'", "V9"),
    ("SET LOCAL session_replication_role = replica; DELETE FROM seal; DELETE FROM journal WHERE seq > 5", "V5"),
    ("SET LOCAL session_replication_role = replica; DELETE FROM legal WHERE event = 'note'", "V2"),
    ("SET LOCAL session_replication_role = replica; UPDATE seal SET items = items + 1", "V12"),
]


@pytest.mark.parametrize(("statement", "check"), OWNERS)
def test_what_only_a_superuser_can_do_is_named_by_verify(unmoved: Victim, statement: str, check: str) -> None:
    """Guards do not bind who owns the tables, so `verify` trusts none of them."""
    with (
        unmoved.cluster.connect(unmoved.database, "admin") as connection,
        connection.transaction(force_rollback=True),
    ):
        for one in statement.split("; "):
            connection.execute(one)
        found = verify(Session(connection), unmoved.store.place, now=NOW, anchor=unmoved.seal.hash).findings

    assert check in {one.check for one in found}


def test_no_error_tells_what_stands_in_a_row(victim: Victim) -> None:
    """The server would add the values of the row that it refuses; a traceback must not name a patient."""
    with pytest.raises(StoreRefused) as refused, victim.store.writing(NOW) as tx:
        tx._run("INSERT INTO patient VALUES ('SECRET', 'CITY', 1, 'too short', 'SECRET')")

    told = "".join(traceback.format_exception(refused.value))
    assert "check constraint" in told
    assert "SECRET" not in told.replace("VALUES ('SECRET', 'CITY', 1, 'too short', 'SECRET')", "")


def test_a_store_without_a_guard_is_not_opened(victim: Victim) -> None:
    with victim.cluster.connect(victim.database, "admin") as connection:
        connection.execute("DROP TRIGGER item_guard ON item")

    with pytest.raises(StoreRefused, match=r"item\.item_guard is missing"):
        victim.cluster.open(victim.database)
