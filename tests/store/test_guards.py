"""A stranger with an SQL prompt cannot lose, edit or discharge work; and no guard is there for nothing."""

import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.states import Event, State
from routing.store import rows, schema
from routing.store.records import Evidence, Grant, Item, Reader, Worklist
from routing.store.sqlite import SqliteStore, verify_file
from tests.store.attacks import ATTACKS, Attack, World
from tests.store.building import HOUR, NOW, accept, forged, in_state, move, new_store, stranger

AFTER_THE_FACT = {  # guards that act rather than refuse: without them a lawful move leaves what `verify` names
    "journal_begins_the_item": "V5",
    "journal_moves_the_item": "V5",
    "tally_of_a_new_worklist": "V13",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A store with something in every table, and items in every state."""
    store = new_store(tmp_path_factory.mktemp("kept"))
    with store.writing(NOW) as tx:
        items = {state.value: in_state(tx, f"A-{state.value}", state) for state in State if state is not State.WAITING}
        items["waiting"] = accept(tx, "A-waiting", preliminary_due_at=NOW + HOUR)
        first = move(tx, accept(tx, "A-reopened"), Event.FINAL_REPORT)
        items["reopened"] = move(tx, first, Event.REOPEN)
        evidence = _evidence(tx, items)
        number = tx.add_input(source="RIS", message_id="1", digest="d1", kind="hl7", raw=b"MSH|")
        tx.conclude(number, "accepted", procedures=[1])
        tx.put_patient("P-1", "CITY", '{"class":"inpatient"}')
        tx.grant(Grant(actor="boss", act="close", by="init"))
        tx.put_reader(Reader(name="lee", skills=("neuro",)))
        tx.notify("phone", {"text": "invented"})
        tx.remark("ticked_at", "never")
        tx.seal()
    with store.writing(NOW - 9 * HOUR):
        pass
    yield World(store, items, evidence)
    store.close()


def _evidence(tx, items: dict[str, Item]) -> dict[str, int]:
    procedure = items["waiting"].procedure
    return {
        "final of reported": _last_evidence(tx, items["reported"]),
        "final of reopened": _last_evidence(tx, items["reopened"]),
        "preliminary of waiting": tx.add_evidence(Evidence(kind="report", procedure=procedure, status="preliminary")),
        "successor of waiting": tx.add_evidence(
            Evidence(kind="successor", procedure=procedure, item=items["reported"].id)
        ),
    }


def _last_evidence(tx, item: Item) -> int:
    return max(row.evidence for row in tx.history(item.id) if row.evidence is not None)


@pytest.fixture
def attacker(kept: World) -> Iterator[sqlite3.Connection]:
    connection = stranger(kept.store)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.execute("ROLLBACK")
    connection.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_refuses(kept: World, attacker: sqlite3.Connection, name: str) -> None:
    """Whatever the client and its settings: foreign keys and recursive triggers are off here."""
    sql, values = ATTACKS[name].statement(kept)

    with pytest.raises(sqlite3.IntegrityError, match=r"^(N\d+|I7): "):
        attacker.execute(sql, values)


def test_the_store_under_attack_is_sound(kept: World) -> None:
    """The attacks above were refused, not absorbed."""
    assert kept.store.verify().findings == ()


def guards() -> set[str]:
    """Return every guard: a trigger with one refusal, each refusal of a trigger with several, a trigger that acts."""
    found = set()
    for name, sql in schema.expected_objects().items():
        if name.startswith("trigger "):
            numbered = {f"{name[8:]}/{number}" for number in range(len(_refusals(sql)))}
            found |= numbered or {name[8:]}
            found |= {name[8:]} if " AFTER " in sql else set()
    return found


def _refusals(sql: str) -> list[str]:
    """Return the refusals that stand on lines of their own."""
    several = r"^    WHEN (?:(?!^    WHEN ).)*?THEN RAISE\(ABORT, '[^']*'\)$|^  SELECT RAISE.*?;$"
    return re.findall(several, sql, flags=re.DOTALL | re.MULTILINE)


def without(connection: sqlite3.Connection, guard: str) -> None:
    """Take one guard away."""
    name, _, number = guard.partition("/")
    sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
    connection.execute(f"DROP TRIGGER {name}")
    if number:
        refusal = _refusals(schema.expected_objects()[f"trigger {name}"])[int(number)]
        rest = sql.replace(refusal, "WHEN 0 THEN NULL" if "WHEN" in refusal.split()[0] else "SELECT 1;")
        assert rest != sql
        connection.execute(rest)


def _through(connection: sqlite3.Connection, attack: Attack, kept: World, dropped: tuple[str, ...]) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for guard in dropped:
            without(connection, guard)
        sql, values = attack.statement(kept)
        connection.execute(sql, values)
    except sqlite3.IntegrityError:
        return False
    finally:
        connection.execute("ROLLBACK")
    return True


@pytest.mark.slow
def test_each_guard_alone_stops_its_attack(kept: World) -> None:
    """Mutation of the guards: with it taken away the attack succeeds, so the attack shows that the guard works."""
    connection = stranger(kept.store)

    survived = [
        name for name, attack in ATTACKS.items() if not _through(connection, attack, kept, (attack.guard, *attack.also))
    ]

    connection.close()
    assert survived == []


def test_every_guard_has_an_attack() -> None:
    """A guard that no attack needs is either useless or untested."""
    aimed_at = {guard for attack in ATTACKS.values() for guard in (attack.guard, *attack.also)}

    assert guards() - aimed_at - set(AFTER_THE_FACT) == set()


@pytest.mark.slow
@pytest.mark.parametrize("guard", AFTER_THE_FACT)
def test_a_guard_that_acts_is_missed_by_verify(tmp_path: Path, guard: str) -> None:
    """Without it a lawful move leaves a trace that `verify` names, apart from the missing trigger itself."""
    store = new_store(tmp_path)
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
    connection = stranger(store)
    connection.execute(f"DROP TRIGGER {guard}")
    connection.close()

    with store.writing(NOW) as tx:
        if guard == "tally_of_a_new_worklist":
            tx.put_worklist(Worklist(code="dental", fallback="exceptions"))
            accept(tx, "A-2", worklist="dental")
        elif guard == "journal_begins_the_item":
            accept(tx, "A-2")
        else:
            move(tx, item, Event.CLAIM if guard == "journal_moves_the_item" else Event.FINAL_REPORT)

    assert {AFTER_THE_FACT[guard], "V2"} <= {one.check for one in store.verify().findings}
    store.close()


# What triggers cannot stop is named: changes of the schema, and rows that are well formed but false.
NAMED = {
    "drop a guard": ("V2", ["DROP TRIGGER item_never_vanishes"]),
    "drop the journal": ("V2", ["DROP TABLE journal"]),
    "drop an index": ("V2", ["DROP INDEX item_page"]),
    "rename a column": ("V2", ["ALTER TABLE worklist RENAME COLUMN fallback TO other"]),
    "add a trigger that undoes": (
        "V2",
        ["CREATE TRIGGER mine AFTER INSERT ON worklist BEGIN SELECT 1; END"],
    ),
    "write the schema itself": (
        "V2",
        [
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'N4', 'N5') WHERE name = 'item_never_vanishes'",
        ],
    ),
    "delete an item behind a dropped guard": (
        "V5",
        ["DROP TRIGGER item_never_vanishes", "DELETE FROM item WHERE id = 1"],
    ),
    "edit the journal behind a dropped guard": (
        "V4",
        ["DROP TRIGGER journal_never_changes", "UPDATE journal SET actor = 'nobody' WHERE seq = 2"],
    ),
    "hide a text behind a NUL behind dropped guards": (
        "V4",
        ["DROP TRIGGER journal_never_changes", "UPDATE journal SET actor = actor || char(0) || 'x' WHERE seq = 2"],
    ),
    "edit an item behind a dropped guard": (
        "V5",
        ["DROP TRIGGER item_only_by_the_journal", "UPDATE item SET due_at = NULL WHERE id = 1"],
    ),
    "edit a count behind a dropped guard": (
        "V13",
        ["DROP TRIGGER tally_only_by_the_journal", "UPDATE tally SET count = 99"],
    ),
    "allow more behind a dropped guard": (
        "V2",
        ["DROP TRIGGER legal_is_frozen", "INSERT INTO legal VALUES ('forget', 'waiting', 'closed', 0, 0, 0, 0, 0, 0)"],
    ),
    "take evidence away behind a dropped guard": (
        "V7",
        ["DROP TRIGGER evidence_never_vanishes", "DELETE FROM evidence"],
    ),
    "empty the inbox behind dropped guards": (
        "V8",
        ["DROP TRIGGER inbox_never_vanishes", "DELETE FROM inbox"],
    ),
    "an input without an outcome": (
        "V8",
        ["INSERT INTO inbox VALUES (2, 'x', 'y', 'z', 'hl7', 0, '" + "0" * 64 + "', 2, 2)"],
    ),
    "other bytes for an input behind a dropped guard": (
        "V8",
        ["DROP TRIGGER raw_only_redacted", "UPDATE raw SET bytes = x'00'"],
    ),
    "other knowledge with an invented digest": (
        "V5",
        ["UPDATE procedure SET revision = revision + 1, knowledge = '{}', digest = '" + "a" * 64 + "' WHERE id = 1"],
    ),
    "other knowledge of a patient": (
        "V5",
        ["UPDATE patient SET revision = revision + 1, knowledge = '{}', digest = '" + "a" * 64 + "'"],
    ),
    "a name more": ("V5", ["INSERT INTO alias VALUES ('accession', 'A-0', '', 1)"]),
    "a retired list with work behind a dropped guard": (
        "V9",
        ["DROP TRIGGER worklist_never_strands", "UPDATE worklist SET status = 'retired' WHERE code = 'neuro'"],
    ),
    "no exceptions list behind a dropped guard": (
        "V9",
        ["DROP TRIGGER worklist_never_strands", "UPDATE worklist SET kind = 'list'"],
    ),
    "another seal behind a dropped guard": (
        "V12",
        ["DROP TRIGGER seal_never_changes", "UPDATE seal SET items = 0"],
    ),
    "weaker keeping": ("V1", []),
}


@pytest.fixture
def copied(kept: World, tmp_path: Path) -> Path:
    """A copy of the store, so that each attack has its own."""
    path = tmp_path / "copy.db"
    source, target = sqlite3.connect(kept.store.place.path), sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.close()
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", NAMED)
def test_verify_names(copied: Path, name: str) -> None:
    """DDL is out of reach of triggers; `verify` says what was done."""
    check, statements = NAMED[name]
    connection = sqlite3.connect(copied, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    if check == "V1":
        copied.chmod(0o644)

    found = verify_file(copied)

    assert check in {one.check for one in found.findings}
    assert all(one.evidence and one.action and one.invariant for one in found.findings)


def test_a_copied_store_is_sound(copied: Path) -> None:
    assert verify_file(copied, now=NOW).findings == ()


FORGED = {  # rows that are well chained and unlawful, written behind dropped guards
    "a move outside the table": ("V6", {"event": "forget", "target": "closed"}),
    "a start elsewhere": ("V6", {"source": "held", "event": "hold_over"}),
    "a later due": ("V6", {"event": "route", "due_at": rows.to_number(NOW + 99 * HOUR)}),
    "a lower priority": ("V6", {"event": "route", "rank": 9}),
    "another kind": ("V6", {"kind": "audit"}),
    "a report without a report": ("V7", {"event": "final_report", "target": "reported"}),
    "a closure without a reason": ("V7", {"event": "close", "target": "closed", "reason": None}),
    "nobody's act": ("V7", {"actor": " "}),
    "a token too many": ("V11", {"token": 5}),
    "an hour before": ("V15", {"at": 0}),
    "a list that is not there": ("V9", {"event": "route", "worklist": "nowhere"}),
}


@pytest.mark.parametrize("name", FORGED)
def test_verify_names_what_was_forged_behind_dropped_guards(kept: World, copied: Path, name: str) -> None:
    """The checks do not lean on the guards: they ask the same again of what is there."""
    check, said = FORGED[name]
    store = SqliteStore.open(copied)
    sql, values = forged(store, kept.items["waiting"], **said)
    store.close()
    connection = sqlite3.connect(copied, isolation_level=None)
    for guard in ("journal_follows", "journal_is_lawful", "journal_has_evidence", "tally_only_by_the_journal"):
        connection.execute(f"DROP TRIGGER {guard}")
    connection.execute(sql, values)
    connection.close()

    found = {(one.check, one.item) for one in verify_file(copied).findings}

    assert (check, kept.items["waiting"].id) in found


def test_what_is_written_without_the_checks_of_the_engine_is_named(kept: World, copied: Path) -> None:
    """A client may switch its CHECK constraints off; the file then says of itself that it breaks them."""
    store = SqliteStore.open(copied)
    sql, values = forged(store, kept.items["waiting"], holder="mallory")
    store.close()
    connection = sqlite3.connect(copied, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(sql, values)
    connection.close()

    assert "V3" in {one.check for one in verify_file(copied).findings}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`setconfig` is there from Python 3.12")
def test_what_is_written_without_triggers_is_named(copied: Path) -> None:
    """A client may switch triggers off for itself, which leaves no trace in the schema but in what it wrote."""
    connection = sqlite3.connect(copied, isolation_level=None)
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # noqa: FBT003
    connection.execute("UPDATE item SET rank = 9 WHERE state = 'waiting'")
    connection.execute("DELETE FROM evidence")
    connection.close()

    assert {"V5", "V7"} <= {one.check for one in verify_file(copied).findings}


def test_a_row_with_a_false_hash_is_named(kept: World, copied: Path) -> None:
    """SQLite cannot compute a SHA-256, so a forger of rows is caught by `verify`."""
    store = SqliteStore.open(copied)
    sql, values = forged(store, kept.items["waiting"], hash="a" * 64)
    store.close()
    connection = sqlite3.connect(copied, isolation_level=None)
    connection.execute(sql, values)
    connection.close()

    assert {one.check for one in verify_file(copied).findings} == {"V4"}


def test_a_tail_that_was_cut_is_shown_by_the_seal_that_left_the_host(kept: World, copied: Path, tmp_path: Path) -> None:
    """An old copy put back is sound by itself; only something outside can say that there was more."""
    store = SqliteStore.open(copied)
    old = tmp_path / "old.db"
    shutil.copy(copied, old)
    with store.writing(NOW) as tx:
        move(tx, tx.item(kept.items["waiting"].id), Event.CLAIM)
        anchor = tx.seal().hash
    assert store.verify(anchor=anchor).is_clean
    store.close()
    old.chmod(0o600)

    assert verify_file(old).findings == ()
    assert {one.check for one in verify_file(old, anchor=anchor).findings} == {"V12"}


def test_sqlite_utils_cannot_take_the_guards_away_unseen(copied: Path) -> None:
    """Its `transform` and `add_foreign_key` drop triggers and say nothing (simonw/sqlite-utils#611)."""
    sqlite_utils = pytest.importorskip("sqlite_utils")
    database = sqlite_utils.Database(sqlite3.connect(copied), execute_plugins=False)
    database["grants"].transform(not_null={"reason"})
    database.close()

    assert "V2" in {one.check for one in verify_file(copied).findings}


def test_our_own_connections_cannot_change_the_schema(kept: World) -> None:
    """A mistake of ours must not be able to drop a guard either."""
    connection = kept.store._connection()

    for sql in (
        "DROP TRIGGER item_never_vanishes",
        "DELETE FROM outbox",
        "ALTER TABLE item ADD COLUMN x",
        "ATTACH 'x' AS x",
    ):
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
            connection.execute(sql)
