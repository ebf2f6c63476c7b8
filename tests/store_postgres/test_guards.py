"""No guard of the PL/pgSQL is there for nothing: each has an attack that it alone names, and that gets on without it.

The attacks are made as the owner's superuser, whom no privilege stops, so that what refuses is the guard.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import pytest
from attrs import field, frozen

from routing.errors import StoreRefused
from routing.states import Event, State
from routing.store import rows, verify_store
from routing.store.postgres.schema import differences, expected_objects, migrations
from routing.store.postgres.session import Session
from routing.store.postgres.verify import verify
from routing.store.records import Evidence, Grant, Item, Reader
from routing.testing import NOW, OTHER_BOOK, accept, move
from tests.store_postgres.conftest import Cluster
from tests.store_postgres.test_adversary import Victim

pytestmark = pytest.mark.slow

Statement = str | tuple[str, list[Any]]
NOBODY: Final = 4711
ZEROS, ONES = "0" * 64, "1" * 64
# A refusal in a function: a call, the word of a case, or what is returned.
REFUSAL: Final = re.compile(r"(PERFORM (?:routing\.)?refused\(|THEN\s+|RETURN )'((?:N|I)\d+: [^']*)'(\)?)")


@frozen(kw_only=True)
class Attack:
    """What one guard stops. `behind` are guards that would speak first, `then` is what stops it when this one is gone.

    `sql` is a statement, or what is said in the next row of the journal of an item in a state (None: of a new item).
    """

    sql: str = ""
    item: State | str | None = None
    said: dict[str, Any] = field(factory=dict)
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    then: str | None = None


CHANGES, CHANGES_TOO = "N5: an item changes only by the journal", "N5: an item changes only by the journal (2)"
MOVED_ON = "N13: the item has moved on, or never was"
FREED: Final = {"target": "waiting", "holder": None, "lease_until": None}
KEY, CHECK = "foreign key", "check constraint"

ATTACKS: Final[dict[str, Attack]] = {
    "N13: a new item takes the next number and a first row that follows nothing": Attack(said={"token": 1}),
    "N6: the transition table does not allow an item to begin like this": Attack(
        said={"target": "claimed", "holder": "x", "lease_until": 1}, then=KEY
    ),
    MOVED_ON: Attack(item=State.WAITING, said={"n": 9}, then="N5: the journal row did not move the item"),
    "N6: the transition table does not allow this move": Attack(
        item=State.WAITING, said={"target": "held", "wake_at": 1}, then=KEY
    ),
    "N4: kind, procedure and opening of an item never change": Attack(
        item=State.WAITING, said={"kind": "audit"}, then=CHANGES
    ),
    "N10: the token of the claim is not the current one": Attack(item=State.WAITING, said={"token": 5}),
    "N10: a claim changes hands only when it is taken anew": Attack(
        item=State.CLAIMED, said={"event": "renew", "holder": "thief"}
    ),
    "N10: the lease is not over": Attack(item=State.CLAIMED, said={"event": "lapse"} | FREED),
    "I7: due never moves later, except by an authorised override": Attack(item=State.WAITING, said={"due_at": None}),
    "I7: priority never falls, except by an authorised override or another rulebook": Attack(
        item=State.WAITING, said={"rank": 9}
    ),
    "N12: this event does not move an item to another worklist": Attack(item=State.WAITING, said={"worklist": "chest"}),
    "N7: a draft stands from a preliminary report until a final, a withdrawal or a closure": Attack(
        item=State.WAITING, said={"draft": 1}, then=CHECK
    ),
    "N7: an item that gave way keeps its successor": Attack(
        item=State.SUPERSEDED, said={"successor": None}, then=CHECK
    ),
    "N7: this act needs a reason": Attack(item=State.CLAIMED, said={"event": "pass", "reason": ""} | FREED),
    "N7: every act has a named actor": Attack(item=State.WAITING, said={"actor": " "}),
    "N15: the row does not say which engine wrote it": Attack(item=State.WAITING, said={"engine": " "}),
    "N15: the row does not rest on what is known of the procedure": Attack(said={"procedure": NOBODY}, then=KEY),
    "N12: the worklist does not take items": Attack(said={"worklist": "nowhere"}, then=KEY),
    "N15: the rulebook is not kept": Attack(said={"rulebook": "a" * 64}, then=KEY),
    "N15: an item changes its rulebook only to the active one": Attack(
        item=State.WAITING, said={"rulebook": OTHER_BOOK}
    ),
    "N7: the evidence is not kept, or is about another procedure": Attack(
        item=State.HELD, said={"event": "close", "target": "closed", "evidence": "closure", "wake_at": None}
    ),
    "N7: the evidence does not fit the event": Attack(
        item=State.WAITING, said={"event": "final_report", "target": "reported", "evidence": "closure"}
    ),
    "N7: an item gives way only to an open item of its kind": Attack(
        item=State.WAITING,
        said={"event": "supersede", "target": "superseded", "evidence": "successor", "successor": "a reported item"},
    ),
    "N7: the same evidence does not end an item twice": Attack(
        item="reopened", said={"event": "final_report", "target": "reported", "evidence": "first final"}
    ),
    "N5: the journal row did not move the item": Attack(item=State.WAITING, said={"n": 9}, behind=(MOVED_ON,)),
    CHANGES: Attack(sql="UPDATE item SET version = version + 2 WHERE id = 1", behind=(CHANGES_TOO,)),
    CHANGES_TOO: Attack(sql="UPDATE item SET version = version + 1, priority = 'x' WHERE id = 1"),
    "N5: an item begins only by the journal": Attack(
        sql='INSERT INTO item SELECT (jsonb_populate_record(item, \'{"id": 99, "version": 2}\')).* FROM item '
        "WHERE id = 1",
        behind=(CHANGES_TOO,),
        then="N5: the item does not stand at its newest journal row",
    ),
    "N5: the item does not stand at its newest journal row": Attack(
        sql=f"UPDATE item SET head = '{ONES}' WHERE id = 1", behind=(CHANGES, CHANGES_TOO)
    ),
    "N4: the journal is never edited or shortened": Attack(sql="UPDATE journal SET actor = 'nobody'"),
    "N4: an item is never deleted": Attack(sql="DELETE FROM item WHERE state = 'expected'"),
    "N4: evidence is never edited or deleted": Attack(sql="UPDATE evidence SET body = '[]'"),
    "N4: what was received is never edited or deleted": Attack(sql="UPDATE inbox SET source = 'other'"),
    "N4: stored bytes are never deleted": Attack(sql="DELETE FROM raw", then=KEY),
    "N3: an input has one outcome, and keeps it": Attack(sql="UPDATE outcome SET reason = 'other'"),
    "N6: the transition table is frozen": Attack(sql="UPDATE legal SET needs_evidence = 0"),
    "N12: a worklist is retired, never deleted": Attack(sql="DELETE FROM worklist WHERE code = 'on_call'"),
    "N15: a kept rulebook is never edited or deleted": Attack(sql="UPDATE rulebook SET text = 'other'"),
    "N15: an activation is never edited or deleted": Attack(sql="UPDATE activation SET actor = 'other'"),
    "N4: a procedure is never deleted": Attack(sql="DELETE FROM procedure WHERE id = 1", then=KEY),
    "N4: a name of a procedure is added or dropped, never edited": Attack(sql="UPDATE alias SET issuer = 'other'"),
    "N4: what is known of a patient is never deleted": Attack(sql="DELETE FROM patient"),
    "N16: the counts are kept by the journal alone": Attack(sql="DELETE FROM tally"),
    "N14: a seal is never edited or deleted": Attack(sql="UPDATE seal SET items = 0"),
    "N4: a notice is never deleted": Attack(sql="DELETE FROM outbox"),
    "N7: a grant is taken back, never edited or deleted": Attack(sql="UPDATE grants SET actor = 'other'"),
    "N4: a reader is never deleted": Attack(sql="DELETE FROM reader"),
    "N17: what the store is does not change": Attack(sql="DELETE FROM meta WHERE name = 'clock'"),
    "N17: what the store is does not change (2)": Attack(sql="INSERT INTO meta VALUES ('mine', 'x')"),
    "N17: the record of settings is never edited or shortened": Attack(sql="UPDATE settings SET text = '{}'"),
    "N17: the record of migrations is never edited or shortened": Attack(sql="UPDATE migration SET sha256 = 'x'"),
    "N14: a step of the clock is never edited or deleted": Attack(
        sql="UPDATE clock_step SET now = 2", before=("INSERT INTO clock_step (at, now) VALUES (1, 1)",)
    ),
    "N4: stored bytes belong to one input and are never replaced": Attack(
        sql=f"INSERT INTO raw SELECT {NOBODY}, NULL, min(id) FROM evidence", then=KEY
    ),
    "N4: stored bytes are only emptied, by a recorded redaction": Attack(sql="UPDATE raw SET bytes = 'other'"),
    "N4: a procedure is numbered in order and never replaced": Attack(
        sql=f"INSERT INTO procedure (revision, digest, knowledge) VALUES (2, '{ONES}', 'x')"
    ),
    "N4: what is known of a procedure changes by revisions": Attack(sql="UPDATE procedure SET knowledge = 'other'"),
    "N4: what is known of a patient is never replaced": Attack(
        sql=f"INSERT INTO patient VALUES ('Q', '', 2, '{ONES}', 'x')"
    ),
    "N4: what is known of a patient changes by revisions, and its number by a redaction": Attack(
        sql="UPDATE patient SET knowledge = 'other'"
    ),
    "N4: a notice is numbered in order and begins undelivered": Attack(
        sql="INSERT INTO outbox (target, payload, made_at, done_at) VALUES ('phone', '{}', 0, 1)"
    ),
    "N4: a notice is only marked as delivered, once": Attack(sql="UPDATE outbox SET payload = 'other'"),
    "N4: a reader is never replaced": Attack(sql="INSERT INTO reader VALUES ('kim', '[]', '{}', 2)"),
    "N4: a reader changes by revisions": Attack(sql="UPDATE reader SET skills = '[]'"),
    "N14: a seal follows the last seal and covers the whole journal": Attack(
        sql=f"INSERT INTO seal VALUES (9, 0, 0, 0, 0, '{ZEROS}', '{ZEROS}', '{ONES}')"
    ),
    "N4: a procedure with open items keeps a name": Attack(
        sql="DELETE FROM alias WHERE procedure = (SELECT procedure FROM item WHERE state = 'held')"
    ),
    "N12: the fallback is not an active worklist, or leads back here": Attack(
        before=("UPDATE worklist SET status = 'closing' WHERE code = 'chest'",),
        sql="INSERT INTO worklist VALUES ('new', 'active', 'list', 'chest')",
    ),
    "N12: the fallback is not an active worklist, or leads back here (2)": Attack(
        sql="UPDATE worklist SET fallback = 'neuro' WHERE code = 'exceptions'"
    ),
    "N12: a worklist is never renamed": Attack(sql="UPDATE worklist SET code = 'other' WHERE code = 'on_call'"),
    "N12: a worklist with open items is not retired": Attack(
        sql="UPDATE worklist SET status = 'retired' WHERE code = 'neuro'"
    ),
    "N12: the last exceptions worklist stays": Attack(
        sql="UPDATE worklist SET kind = 'list' WHERE code = 'exceptions'"
    ),
    "N4: no table of the store is ever emptied": Attack(sql="TRUNCATE clock_step"),
}


class Target:
    """A store with something in every table, and a superuser's connection whose acts are all undone."""

    def __init__(self, victim: Victim) -> None:
        self.victim = victim
        self.items: dict[State | str, Item] = dict(victim.items)
        with victim.store.writing(NOW) as tx:
            final = move(tx, accept(tx, "A-reopened"), Event.FINAL_REPORT)
            self.items["reopened"] = move(tx, final, Event.REOPEN)
            first = max(row.evidence or 0 for row in tx.history(final.id))
            reported = victim.items[State.REPORTED].id
            waiting = victim.items[State.WAITING].procedure
            successor = tx.add_evidence(Evidence(kind="successor", procedure=waiting, item=reported))
            tx.grant(Grant(actor="lee", act="close", by="init"))
            tx.put_reader(Reader(name="lee", skills=("neuro",)))
        self.numbers = {"closure": victim.closure, "successor": successor, "first final": first}
        self.numbers["a reported item"] = reported
        self.connection = victim.cluster.connect(victim.database, "admin")
        self.connection.execute(f"SET routing.now = '{rows.to_number(NOW)}'")

    def statement(self, attack: Attack) -> Statement:
        """Return what an attack says to the database."""
        if attack.sql:
            return attack.sql
        said = {name: self.numbers.get(value, value) for name, value in attack.said.items()}
        if attack.item is not None:
            return self.victim.forged(self.items[attack.item], **said)
        new: dict[str, Any] = {"item": None, "n": 1, "event": "accept", "source": None, "target": "waiting", "token": 0}
        new |= {"prev": ZEROS, "details": "{}", "holder": None, "lease_until": None}
        return self.victim.forged(self.items[State.WAITING], **new | said)

    @contextmanager
    def undone(self) -> Iterator[psycopg.Connection]:
        """Begin a transaction that is undone."""
        with self.connection.transaction(force_rollback=True):
            yield self.connection

    def refusal(self, attack: Attack, without: tuple[str, ...]) -> str | None:
        """Return what an attack is refused with, some guards taken away; None where it gets on."""
        try:
            with self.undone() as connection:
                for guard in sorted(without, reverse=True):  # the second of two alike before the first
                    take_away(connection, guard)
                for one in attack.before:
                    connection.execute(one)
                statement = self.statement(attack)
                connection.execute(*((statement,) if isinstance(statement, str) else statement))
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return error.diag.message_primary or str(error)
        return None


@pytest.fixture(scope="module")
def target(cluster: Cluster) -> Iterator[Target]:
    database = cluster.database()
    store = cluster.open(database)
    victim = Victim(store, cluster, database)
    made = Target(victim)
    yield made
    made.connection.close()
    victim.stranger.close()
    store.close()
    cluster.give_back(database)


def take_away(connection: psycopg.Connection, guard: str) -> None:
    """Take one guard away: the trigger that says it, or the one place of a function that does."""
    words, _, numbered = guard.partition(" (")
    place = int(numbered.rstrip(")") or 1)
    sql = """SELECT tgname, tgrelid::regclass::text FROM pg_trigger
        WHERE NOT tgisinternal AND encode(tgargs, 'escape') = %s || '\\000' ORDER BY oid"""
    triggers = connection.execute(sql, (words,)).fetchall()
    if triggers and place == 1:
        for name, table in triggers:
            connection.execute(f"DROP TRIGGER {name} ON {table}")
        return
    place -= bool(triggers)
    functions = connection.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'routing'::regnamespace AND prokind = 'f'"
    ).fetchall()
    for (text,) in functions:
        found = [one for one in REFUSAL.finditer(text) if one[2] == words]
        if found:
            one = found[place - 1]
            instead = "PERFORM (1)" if one[1].startswith("PERFORM") else f"{one[1]}NULL"
            connection.execute(text[: one.start()] + instead + text[one.end() :])
            return
    raise AssertionError(f"no guard says: {guard}")


def guards() -> set[str]:
    """Return what every guard says, numbered where several say the same."""
    text = "\n".join(one.text for one in migrations())
    said = re.findall(r"'((?:N|I)\d+: [^']*)'", text)
    counted: Counter[str] = Counter()
    found = set()
    for one in said:
        counted[one] += 1
        found.add(one if counted[one] == 1 else f"{one} ({counted[one]})")
    return found


def test_every_guard_has_an_attack() -> None:
    """A guard that no attack needs is either useless or untested."""
    assert guards() == set(ATTACKS)


@pytest.mark.parametrize("guard", ATTACKS)
def test_each_guard_stops_its_attack_and_without_it_another_does_or_none(target: Target, guard: str) -> None:
    """Mutation of the guards: the attack is refused in the guard's own words, and with it taken away no longer."""
    attack = ATTACKS[guard]

    stopped, gone = target.refusal(attack, attack.behind), target.refusal(attack, (*attack.behind, guard))

    assert stopped == guard.partition(" (")[0]
    if attack.then is None:
        assert gone is None
    else:
        assert gone is not None
        assert attack.then.partition(" (")[0] in gone


def test_the_attacks_have_left_nothing(target: Target) -> None:
    before = target.victim.state()

    assert [target.refusal(attack, attack.behind) for attack in ATTACKS.values()].count(None) == 0
    assert target.victim.state() == before


def test_no_table_is_emptied(target: Target) -> None:
    tables = target.connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r'"
    ).fetchall()

    assert len(tables) > 15
    for (table,) in tables:
        with pytest.raises(psycopg.Error, match="ever emptied"), target.undone() as connection:
            connection.execute(f"TRUNCATE {table} CASCADE")


DROPS: Final = {
    "constraints": "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE",
    "triggers": "DROP TRIGGER {name} ON {table}",
    "indexes": "DROP INDEX {table}",
    "functions": "DROP FUNCTION {whole} CASCADE",
    "columns": "ALTER TABLE {table} DROP COLUMN IF EXISTS {name} CASCADE",
}
SWITCHED_OFF: Final = ("triggers", "ALTER TABLE {table} DISABLE TRIGGER {name}", "altered")


@pytest.mark.parametrize(("kind", "sql", "word"), [*((*one, "missing") for one in DROPS.items()), SWITCHED_OFF])
def test_whatever_is_taken_away_of_the_schema_is_named(target: Target, kind: str, sql: str, word: str) -> None:
    """Each by its own name: a store without it is not opened, and `verify` says V2."""
    there = [one for one in expected_objects() if one.startswith(f"{kind} ")]
    with target.undone() as connection:
        if kind == "indexes":  # those of keys go with their constraints
            keys = {
                name for (name,) in connection.execute("SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u')")
            }
            there = [one for one in there if one.partition(" ")[2] not in keys]
        for one in there:
            whole = one.partition(" ")[2]
            table, _, name = whole.partition(".")
            connection.execute(sql.format(table=table, name=name, whole=whole))
        named = {name for name, found in differences(connection) if found == word}

    assert len(there) > 10
    assert set(there) - named == set()


WRITES: Final = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.mark.parametrize("role", ["hosts", "watcher", "PUBLIC"])
def test_whatever_more_a_role_may_do_is_named(target: Target, role: str) -> None:
    """What was never granted, or is taken back, is a guard too: no trigger minds the counts, for one."""
    tables = sorted({name.split()[1].split(".")[0] for name in expected_objects() if name.startswith("columns ")})
    more = {f"{table} {write}": f"GRANT {write} ON {table} TO {role}" for table in tables for write in WRITES}
    more |= {f"journal.{name} INSERT": f"GRANT INSERT ({name}) ON journal TO {role}" for name in ("seq", "at", "hash")}
    more |= {f"procedure.id {write}": f"GRANT {write} (id) ON procedure TO {role}" for write in ("INSERT", "UPDATE")}
    sequences = ("journal_seq", "item_id")
    more |= {f"journal.{name} UPDATE": f"GRANT UPDATE ON SEQUENCE {name} TO {role}" for name in sequences}
    more["inbox.inbox_id_seq USAGE"] = f"GRANT USAGE ON SEQUENCE inbox_id_seq TO {role}"
    more["schema CREATE"] = f"GRANT CREATE ON SCHEMA routing TO {role}"
    more["function journal_applies EXECUTE"] = f"GRANT EXECUTE ON FUNCTION journal_applies() TO {role}"
    with target.undone() as connection:
        for grant in more.values():
            connection.execute(grant)
        named = {name for name, word in differences(connection) if word == "added"}

    assert named == {f"privileges {name}" for name in more if f"privileges {name}" not in expected_objects()}
    assert len(named) > 80


def test_without_a_privilege_that_was_not_given_the_counts_can_be_falsified(target: Target) -> None:
    """No trigger stops this one: that the hosts may not is the guard, and `verify` names both."""
    with target.undone() as connection:
        connection.execute("GRANT UPDATE ON tally TO hosts")
        connection.execute("SET LOCAL ROLE hosts")
        connection.execute("UPDATE tally SET count = count + 1")
        connection.execute("RESET ROLE")
        found = verify(Session(connection), target.victim.store.place).findings

    assert {"V2", "V13"} <= {one.check for one in found}
    with target.undone() as connection:
        connection.execute("SET LOCAL ROLE hosts")
        with pytest.raises(psycopg.Error, match="permission denied"):
            connection.execute("UPDATE tally SET count = count + 1")


def test_readers_and_tables_of_the_host_are_no_difference(target: Target) -> None:
    """A role that only asks, and what a host keeps beside our tables, whoever may write there."""
    with target.undone() as connection:
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA routing TO PUBLIC")
        connection.execute("GRANT SELECT (state, worklist) ON item TO watcher")
        connection.execute("CREATE TABLE routing.mine (a bigint GENERATED ALWAYS AS IDENTITY)")
        connection.execute("GRANT ALL ON routing.mine TO hosts; GRANT ALL ON SEQUENCE routing.mine_a_seq TO hosts")
        assert differences(connection) == []


def test_a_store_in_which_the_hosts_may_do_more_is_not_opened(cluster: Cluster, database: str) -> None:
    with cluster.connect(database, "admin") as connection:
        connection.execute("GRANT DELETE ON journal TO hosts")
        with pytest.raises(StoreRefused, match="privileges journal DELETE is added"):
            cluster.open(database)

        connection.execute("REVOKE DELETE ON journal FROM hosts")
    cluster.open(database).close()


def test_a_role_that_may_write_everything_by_membership_does_not_open_a_store(cluster: Cluster, database: str) -> None:
    """`pg_write_all_data` is no privilege on any table, and would let the hosts write the items without the journal."""
    with cluster.connect(database, "admin") as connection:
        connection.execute("CREATE ROLE writers IN ROLE pg_write_all_data; GRANT writers TO hosts")
    try:
        with pytest.raises(StoreRefused, match="may write more than"):
            cluster.open(database)
        assert any("may write more" in one.evidence for one in verify_store(cluster.url(database)).findings)
    finally:
        with cluster.connect(database, "admin") as connection:
            connection.execute("DROP ROLE writers")
    cluster.open(database).close()
