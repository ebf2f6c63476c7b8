"""Backups are verified; rebuilding mends items from their journal and nothing else; a full disk loses nothing."""

import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from routing.errors import StoreRefused
from routing.states import Event, State
from routing.store import inbox_reading, pages, reading
from routing.store.maintenance import backup, export, repair
from routing.store.sqlite import SqliteStore, verify_file
from tests.store.building import NOW, accept, in_state, move, new_store, stranger


@pytest.fixture
def store(tmp_path: Path):
    made = new_store(tmp_path)
    with made.writing(NOW) as tx:
        for state in State:
            in_state(tx, f"A-{state.value}", state)
    yield made
    made.close()


def test_a_backup_is_the_same_store(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"

    assert backup(store, target, now=NOW).is_clean

    copy = SqliteStore.open(target)
    assert copy.page(None, None) == store.page(None, None)
    assert copy.counts() == store.counts()
    copy.close()
    with pytest.raises(StoreRefused, match="never overwrites"):
        backup(store, target)


def test_an_export_has_every_row_and_no_identity_unless_asked(store: SqliteStore) -> None:
    rows = list(export(store))
    everything = list(export(store, identity=True))

    tables = {name for name, _ in rows}
    assert {"journal", "item", "evidence", "worklist"} <= tables
    assert not tables & {"alias", "patient", "procedure", "raw"}
    assert {name for name, _ in everything} - tables == {"alias", "procedure"}
    assert sum(name == "item" for name, _ in rows) == sum(row.count for row in store.counts())
    assert "A-waiting" not in str(rows)
    assert not store._connection().in_transaction


def test_a_sound_store_is_left_as_it_is(store: SqliteStore) -> None:
    assert repair(store, at=NOW, actor="pacs-team") == ()
    assert store.verify().is_clean


@pytest.mark.parametrize(
    ("guard", "damage", "mended"),
    [
        ("item_only_by_the_journal", "UPDATE item SET priority = 'low', rank = 9 WHERE id = 3", (3,)),
        ("item_never_vanishes", "DELETE FROM item WHERE id IN (2, 5)", (2, 5)),
        ("tally_only_by_the_journal", "UPDATE tally SET count = 7", ()),
        (
            "item_only_from_the_journal",
            """INSERT INTO item SELECT 99, procedure, kind, state, open, readable, worklist, priority, rank, due_at,
            preliminary_due_at, wake_at, holder, token, lease_until, draft, successor, opened_at, rulebook,
            version, head, details FROM item WHERE id = 3""",
            (),
        ),
    ],
)
def test_items_are_rebuilt_from_their_journal(
    store: SqliteStore, guard: str, damage: str, mended: tuple[int, ...]
) -> None:
    """Whoever got past a guard changed only the image; the journal says what is."""
    before = {item.id: item for item in store.page(None, None)}
    connection = stranger(store)
    sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (guard,)).fetchone()[0]
    connection.execute(f"DROP TRIGGER {guard}")
    connection.execute(damage)
    connection.execute(sql)
    connection.close()
    assert not store.verify().is_clean

    assert repair(store, at=NOW, actor="pacs-team") == mended

    assert store.verify().is_clean
    for number in mended:
        last = store.history(number)[-1]
        assert (last.event, last.actor, last.reason) == (Event.NOTE, "pacs-team", "rebuilt from the journal")
    after = {item.id: item for item in store.page(None, None)}
    assert {number: item.state for number, item in after.items()} == {n: item.state for n, item in before.items()}


def test_a_journal_in_doubt_is_never_mended(store: SqliteStore) -> None:
    """Only what follows from an unbroken journal can be rebuilt."""
    connection = stranger(store)
    sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'journal_never_changes'").fetchone()[0]
    connection.execute("DROP TRIGGER journal_never_changes")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    connection.execute(sql)
    connection.close()

    with pytest.raises(StoreRefused, match="V4"):
        repair(store, at=NOW, actor="pacs-team")
    assert len(store.verify().findings) == 1


def test_a_full_disk_is_an_exception_and_leaves_nothing_half_written(store: SqliteStore) -> None:
    """No receipt, nothing written, and the next try works once there is room."""
    connection = store._connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    with pytest.raises(StoreRefused, match="full"), store.writing(NOW) as tx:
        assert [accept(tx, f"B-{number}") for number in range(500)]

    assert store.procedures_by("accession", "B-0") == ()
    with store.writing(NOW) as tx:
        accept(tx, "B-0")
    assert verify_file(store.place.path).is_clean


class _Failing(sqlite3.Connection):
    """Fails at the commit, as a disk does."""

    failure: str | None = None

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        if sql == "COMMIT" and _Failing.failure:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = _Failing.failure
            raise error
        return super().execute(sql, *parameters)


def _failing_driver() -> ModuleType:
    driver = ModuleType("failing")
    driver.sqlite_version_info = sqlite3.sqlite_version_info
    driver.connect = lambda *said, **named: sqlite3.connect(*said, factory=_Failing, **named)
    return driver


@pytest.mark.parametrize(("failure", "goes_on"), [("SQLITE_IOERR_WRITE", True), ("SQLITE_IOERR_FSYNC", False)])
def test_a_commit_that_failed_is_no_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, *, goes_on: bool
) -> None:
    """After a failed sync the store takes nothing more: trying again could succeed falsely."""
    store = new_store(tmp_path, driver=_failing_driver())
    monkeypatch.setattr(_Failing, "failure", failure)
    with pytest.raises(StoreRefused, match="disk I/O error"), store.writing(NOW) as tx:
        accept(tx, "A-1")
    monkeypatch.setattr(_Failing, "failure", None)

    assert store.procedures_by("accession", "A-1") == ()
    if goes_on:
        with store.writing(NOW) as tx:
            accept(tx, "A-1")
    else:
        with pytest.raises(StoreRefused, match="the disk failed"), store.writing(NOW) as tx:
            accept(tx, "A-1")
    assert store.verify().is_clean
    store.close()


def test_every_list_is_read_by_an_index(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader waits for stays flat however much there is."""
    asked: list[tuple[str, Any]] = []
    with monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "_fetched", lambda _, sql, parameters: asked.append((sql, parameters)) or [])
        store.asked_of_any(["lee", "kim"], 9)
        store.unread_by("lee", 9)
    assert len(asked) == 2
    connection = store._connection()
    named = {"w0": "a", "w1": "b", "limit": 5, "rank": 1, "due": 1, "opened": 1, "id": 1, "now": 1}
    queries: list[tuple[str, Any]] = [
        *asked,
        *(
            (pages.page_sql(2, where, after=after), named)
            for where in ("open = 1", pages.FREE)
            for after in (False, True)
        ),
    ]
    queries += [
        ("SELECT id FROM item WHERE open = 1 AND wake_at IS NOT NULL AND wake_at <= 1 ORDER BY wake_at, id", {}),
        ("SELECT id FROM item WHERE open = 1 AND due_at IS NOT NULL AND due_at < 1 ORDER BY due_at, id", {}),
        ("SELECT id FROM item WHERE state = 'claimed' AND lease_until <= 1 ORDER BY lease_until, id", {}),
        ("SELECT id FROM item WHERE procedure = 1 ORDER BY id", {}),
        (pages.overdue_sql(2), named),
        (f"SELECT message_id FROM inbox WHERE {inbox_reading._INSTANCE.replace('?', '1')}", {}),  # noqa: S608
        (reading._COUNTS, {}),
        ("SELECT max(id) FROM inbox WHERE source = 'a'", {}),
        ("SELECT procedure FROM alias WHERE kind = 'accession' AND value = '1'", {}),
    ]

    for sql, parameters in queries:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        assert not any(step.startswith(("SCAN item", "SCAN inbox", "SCAN alias")) for step in plan), (sql, plan)
        assert any("INDEX" in step or "PRIMARY KEY" in step for step in plan), (sql, plan)


def test_a_claim_is_one_commit(store: SqliteStore) -> None:
    """One transaction, so one sync of the log."""
    began: list[str] = []
    connection = store._connection()
    connection.set_trace_callback(lambda sql: began.append(sql) if sql in {"BEGIN IMMEDIATE", "COMMIT"} else None)

    with store.writing(NOW) as tx:
        move(tx, tx.candidates(["neuro"], 1, NOW)[0], Event.CLAIM)

    connection.set_trace_callback(None)
    assert began == ["BEGIN IMMEDIATE", "COMMIT"]


def test_the_store_goes_on_after_a_refused_write(store: SqliteStore) -> None:
    with pytest.raises(StoreRefused, match="N4"), store.writing(NOW) as tx:
        tx._run("UPDATE journal SET actor = 'x'")

    with store.writing(NOW) as tx:
        accept(tx, "B-1")
    assert store.verify().is_clean


def test_a_stranger_who_holds_the_lock_makes_the_store_busy(store: SqliteStore) -> None:
    """The gate cannot keep out who does not know it."""
    connection = stranger(store)
    connection.execute("BEGIN IMMEDIATE")
    store._connection().execute("PRAGMA busy_timeout = 20")

    with pytest.raises(Exception, match="try again"), store.writing(NOW):
        pass

    connection.execute("ROLLBACK")
    connection.close()
    with store.writing(NOW) as tx:
        accept(tx, "B-1")
    assert isinstance(connection, sqlite3.Connection)


def test_after_a_seal_only_what_is_new_is_proved(store: SqliteStore) -> None:
    """Quick enough for every start: what the seal covers is left to the whole `verify`, and what came after is not."""
    with store.writing(NOW) as tx:
        old, new = accept(tx, "A-old"), accept(tx, "A-new")
        tx.seal()
    with store.writing(NOW) as tx:
        move(tx, new, Event.CLAIM)
    assert store.verify(since_seal=True).is_clean
    connection = stranger(store)
    connection.execute("DROP TRIGGER journal_never_changes")

    connection.execute("UPDATE journal SET actor = 'nobody' WHERE item = ?", (old.id,))
    found_old = {one.check for one in store.verify(since_seal=True).findings}
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE item = ? AND n = 2", (new.id,))
    found_new = {one.check for one in store.verify(since_seal=True).findings}

    connection.close()
    assert (found_old, found_new) == ({"V2"}, {"V2", "V4"})
    assert {one.item for one in store.verify().findings if one.check == "V4"} == {old.id, new.id}


@pytest.mark.parametrize(
    ("guard", "sql", "check"),
    [
        ("item_only_by_the_journal", "UPDATE item SET rank = 9", "V5"),
        ("item_only_by_the_journal", "UPDATE item SET details = '{\"x\":1}'", "V5"),
        ("item_never_vanishes", "DELETE FROM item WHERE id = (SELECT max(id) FROM item)", "V5"),
        ("journal_never_shrinks", "DELETE FROM journal WHERE seq = 1", "V12"),
        ("journal_never_shrinks", "DELETE FROM journal WHERE seq = (SELECT max(seq) - 1 FROM journal)", "V4"),
        ("seal_never_changes", "UPDATE seal SET items = 99", "V12"),
        ("tally_only_by_the_journal", "UPDATE tally SET count = count + 1", "V13"),
    ],
)
def test_after_a_seal_what_was_done_behind_a_dropped_guard_is_named(
    store: SqliteStore, guard: str, sql: str, check: str
) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
        tx.seal()
    with store.writing(NOW) as tx:
        move(tx, move(tx, move(tx, item, Event.CLAIM), Event.RELEASE), Event.NOTE)
        accept(tx, "A-2")
    connection = stranger(store)
    connection.execute(f"DROP TRIGGER {guard}")
    connection.execute(sql)
    connection.close()

    assert check in {one.check for one in store.verify(since_seal=True).findings}


@pytest.mark.slow
def test_several_processes_find_what_one_finds(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal is split among them; what lies beyond every number that should be there is still read."""
    with store.writing(NOW) as tx:
        for number in range(6):
            move(tx, accept(tx, f"A-{number}"), Event.CLAIM)
    connection = stranger(store)
    for guard in ("journal_never_changes", "item_only_by_the_journal", "journal_is_lawful", "journal_follows"):
        connection.execute(f"DROP TRIGGER {guard}")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq IN (2, 11)")
    connection.execute("UPDATE journal SET token = 7 WHERE seq = 6")
    connection.execute("UPDATE journal SET item = -5 WHERE seq = 9")
    connection.execute("UPDATE item SET rank = 9 WHERE id = 4")
    connection.close()
    monkeypatch.setattr("routing.store.verify._PART", 2)

    alone, together = store.verify(), store.verify(processes=2)

    assert {"V2", "V4", "V5", "V11"} <= {one.check for one in alone.findings}
    assert sorted(map(repr, alone.findings)) == sorted(map(repr, together.findings))
