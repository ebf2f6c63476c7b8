"""Making a store, bringing it up to date, moving into it, and what is refused on the way."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from routing import Worklists
from routing.errors import StoreRefused
from routing.states import State
from routing.store import exists, verify_store
from routing.store.postgres import schema
from routing.store.postgres.copying import copy
from routing.store.postgres.maintenance import export, repair
from routing.store.postgres.store import PostgresStore
from routing.store.records import Worklist
from routing.store.sqlite import SqliteStore
from routing.testing import HOUR, NOW, accept, furnish, in_state, receive, unsound
from tests.store_postgres.conftest import FORCED, Cluster
from tests.store_postgres.objects import found_by
from tests.worklists.plain import plain_rulebook

pytestmark = pytest.mark.slow


@pytest.fixture
def bare(cluster: Cluster, request: pytest.FixtureRequest):
    """A database with nothing in it."""
    name = f"bare_{abs(hash(request.node.name)) % 10**9}"
    cluster.server.execute(f"CREATE DATABASE {name} OWNER owner")
    yield name
    cluster.server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_catalogue_is_as_the_shipped_list_says(cluster: Cluster) -> None:
    """`objects.json` is what a store is compared with; after a migration `python -m tests.store_postgres.objects`."""
    try:
        assert found_by(cluster.server) == schema.expected_objects()
    finally:
        cluster.server.execute("DROP DATABASE objects WITH (FORCE)")
        cluster.server.execute("DROP OWNED BY maker CASCADE; DROP ROLE maker")


def test_of_several_that_start_at_once_one_makes_the_store(cluster: Cluster, bare: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        url = cluster.url(bare, "owner")
        done = list(pool.map(lambda _: schema.migrate(url, app_role="hosts"), range(6)))

    assert sorted(len(one.applied) for one in done) == [0, 0, 0, 0, 0, len(schema.migrations())]
    assert exists(cluster.url(bare))


def deadlocks(cluster: Cluster, database: str) -> int:
    with cluster.connect(database, "admin") as admin:
        found = admin.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return found[0] if found else 0


def test_hosts_that_start_at_once_on_a_new_store_do_not_break_each_other_off(cluster: Cluster, database: str) -> None:
    """Each would make its rulebook the first: one does, and the others find it, without a deadlock on the way."""
    book, before = plain_rulebook(), deadlocks(cluster, database)
    start = Barrier(8)

    def opened(_: int) -> str | None:
        store = cluster.open(database, pool=1)
        start.wait(60)
        with Worklists.open(store, book):
            return store.active_fingerprint()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(opened, range(8)))

    store = cluster.open(database)
    assert found == {book.fingerprint}
    assert len(store.activations(9)) == 1
    assert deadlocks(cluster, database) == before
    store.close()


def test_stores_of_one_server_made_at_once_share_a_role(cluster: Cluster, bare: str) -> None:
    """Roles are the server's, and the lock is the database's: whoever comes second finds the role made."""
    names = [f"{bare}_{number}" for number in range(4)]
    try:
        for name in names:
            cluster.server.execute(f"CREATE DATABASE {name} OWNER owner")
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda name: schema.migrate(cluster.url(name, "owner"), app_role="new_hosts"), names))
        assert all(one.applied for one in done)
    finally:
        for name in names:
            cluster.server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cluster.server.execute("DROP ROLE new_hosts")


def test_opening_never_makes_a_store(cluster: Cluster, bare: str) -> None:
    with pytest.raises(StoreRefused, match="routing migrate"):
        PostgresStore.open(cluster.url(bare, "owner"), forced=("owner", *FORCED))

    assert not exists(cluster.url(bare, "owner"))


def test_another_programs_schema_is_left_alone(cluster: Cluster, bare: str) -> None:
    with psycopg.connect(cluster.url(bare, "owner")) as connection:
        connection.execute("CREATE SCHEMA routing CREATE TABLE mine (a integer)")

    with pytest.raises(StoreRefused, match="another program"):
        schema.migrate(cluster.url(bare, "owner"), app_role="hosts")


def test_the_hosts_may_not_own_the_tables(cluster: Cluster, bare: str) -> None:
    with pytest.raises(StoreRefused, match="would own the tables"):
        schema.migrate(cluster.url(bare, "owner"), app_role="owner")


def test_an_owner_is_refused_unless_forced_by_name_and_that_is_recorded(cluster: Cluster, database: str) -> None:
    url = cluster.url(database, "owner")
    with pytest.raises(StoreRefused, match="owns the tables"):
        PostgresStore.open(url, forced=FORCED)

    store = PostgresStore.open(url, forced=("owner", *FORCED))
    found = store.verify()
    store.close()

    assert "owner" in found.figures["forced"]
    assert any("owns the tables" in one.evidence for one in found.findings)


def test_weaker_settings_are_refused_unless_forced_by_name(cluster: Cluster, database: str) -> None:
    """N17: what is acknowledged is kept only where the server syncs."""
    with pytest.raises(StoreRefused, match="fsync"):
        PostgresStore.open(cluster.url(database))
    with pytest.raises(StoreRefused, match="synchronous_commit"):
        PostgresStore.open(f"{cluster.url(database)}&options=-csynchronous_commit%3Doff", forced=FORCED)

    store = cluster.open(database, pool=1)
    with store.borrowed() as session:
        session.execute("SET synchronous_commit = off")
    with pytest.raises(StoreRefused, match="switched off"), store.writing(NOW):
        pass
    store.close()


def test_a_newer_store_is_used_until_something_was_taken_away(cluster: Cluster, database: str) -> None:
    """`pre` before the hosts are replaced, `post` after: the version before works between the two."""
    with cluster.connect(database, "owner") as owner:
        owner.execute("INSERT INTO migration VALUES (90, '0090_pre_more.sql', 'x')")
        owner.execute("CREATE FUNCTION more() RETURNS integer LANGUAGE sql RETURN 1")
        owner.execute("CREATE OR REPLACE FUNCTION close_gate() RETURNS void LANGUAGE plpgsql AS 'BEGIN NULL; END'")
    cluster.open(database).close()
    with cluster.connect(database, "owner") as owner:
        owner.execute("ALTER TABLE item DISABLE TRIGGER item_guard")
    with pytest.raises(StoreRefused, match="item_guard is altered"):
        cluster.open(database)
    with cluster.connect(database, "owner") as owner:
        owner.execute("ALTER TABLE item ENABLE TRIGGER item_guard")
        owner.execute("INSERT INTO migration VALUES (91, '0091_post_less.sql', 'x')")

    with pytest.raises(StoreRefused, match="newer version"):
        cluster.open(database)


def test_a_reader_only_asks(cluster: Cluster, database: str) -> None:
    watcher = cluster.connect(database, "watcher")

    assert watcher.execute("SELECT count(*) FROM item").fetchone() == (0,)
    for statement in ("INSERT INTO meta VALUES ('remark.x', 'y')", "SELECT begin_writing(NULL)", "DELETE FROM item"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            watcher.execute(statement)
    watcher.close()
    assert {one.check for one in verify_store(cluster.url(database, "watcher")).findings} == {"V1"}


# copying


def filled(path: Path) -> SqliteStore:
    """A SQLite store with something of everything."""
    store = SqliteStore.open(path)
    with store.writing(NOW) as tx:
        furnish(tx)
        for state in State:
            in_state(tx, f"A-{state.value}", state)
        accept(tx, "\u00e4 \0", details={"asked": "l\u00e9e", "text": "\0"})
        tx.put_patient("P", "CITY", "known")
        tx.notify("phone", {"text": "x"})
        tx.remark("noted", "a")
    with store.writing(NOW + HOUR) as tx:
        receive(tx, "message")
        tx.seal()
    return store


def test_a_copy_is_proved_equal_and_goes_on(cluster: Cluster, database: str, tmp_path: Path) -> None:
    source = filled(tmp_path / "w.db")
    seal = source.seals()[-1]

    done = copy(source, cluster.url(database, "owner"))
    store = cluster.open(database)

    assert (done.open_items, done.events) == (len(source.page(None, None)), seal.events)
    assert store.page(None, None) == source.page(None, None)
    assert store.counts() == source.counts()
    assert store.seals() == source.seals()
    assert store.meta("noted") == "a"
    assert list(store.procedures()) == list(source.procedures())
    assert [store.history(item.id) for item in store.page(None, None)] == [
        source.history(item.id) for item in source.page(None, None)
    ]
    with store.writing(NOW + 2 * HOUR) as tx:
        receive(tx, "another")
        newest = tx.seal()
    assert (newest.k, newest.prev) == (seal.k + 1, seal.hash)
    assert unsound(store) == []
    assert [one for one in store.verify(anchor=seal.hash).findings if one.check == "V12"] == []
    store.close()
    source.close()


def test_a_copy_into_a_store_that_is_not_empty_is_refused(cluster: Cluster, database: str, tmp_path: Path) -> None:
    source = filled(tmp_path / "w.db")
    store = cluster.open(database)
    with store.writing(NOW) as tx:
        tx.put_worklist(Worklist(code="x", kind="exceptions"))

    with pytest.raises(StoreRefused, match="not empty"):
        copy(source, cluster.url(database, "owner"))

    assert [one.code for one in store.worklists()] == ["x"]
    with pytest.raises(StoreRefused):  # and a host may not copy at all
        copy(source, cluster.url(database))
    store.close()
    source.close()


def test_an_unsound_source_is_not_copied(cluster: Cluster, database: str, tmp_path: Path) -> None:
    source = filled(tmp_path / "w.db")
    stranger = sqlite3.connect(tmp_path / "w.db")
    stranger.execute("DROP TRIGGER journal_never_changes")
    stranger.execute("UPDATE journal SET actor = 'x' WHERE seq = 1")
    stranger.commit()
    stranger.close()

    with pytest.raises(StoreRefused, match="not sound"):
        copy(source, cluster.url(database, "owner"))
    source.close()


# repairing and exporting


def test_items_and_counts_are_rebuilt_from_the_journal_by_the_owner(cluster: Cluster, database: str) -> None:
    store = cluster.open(database)
    with store.writing(NOW) as tx:
        furnish(tx)
        items = [in_state(tx, f"A-{state.value}", state) for state in State]
    before = store.page(None, None)
    with cluster.connect(database, "admin") as admin, admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute("UPDATE item SET priority = 'other', rank = 9 WHERE id = %s", (items[2].id,))
        admin.execute("UPDATE tally SET count = count + 3")

    mended = repair(cluster.url(database, "owner"), at=NOW, actor="pacs-team")

    assert mended == (items[2].id,)
    assert unsound(store) == []
    assert store.history(items[2].id)[-1].reason == "rebuilt from the journal"
    assert [(one.id, one.rank) for one in store.page(None, None)] == [(one.id, one.rank) for one in before]
    assert repair(cluster.url(database, "owner"), at=NOW, actor="pacs-team") == ()
    store.close()


def test_what_a_rebuilding_cannot_mend_is_refused(cluster: Cluster, database: str) -> None:
    store = cluster.open(database)
    with store.writing(NOW) as tx:
        furnish(tx)
        accept(tx, "A-1")
    with cluster.connect(database, "admin") as admin, admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute("UPDATE journal SET actor = 'x'")

    with pytest.raises(StoreRefused, match="does not mend V4"):
        repair(cluster.url(database, "owner"), at=NOW, actor="pacs-team")
    store.close()


def test_an_export_has_every_row_and_no_identity_unless_asked(cluster: Cluster, database: str) -> None:
    store = cluster.open(database)
    with store.writing(NOW) as tx:
        furnish(tx)
        receive(tx, "SECRET")

    tables = {name for name, _ in export(store)}

    assert {"item", "journal", "worklist", "legal"} <= tables
    assert not tables & {"alias", "patient", "procedure", "raw"}
    assert "alias" in {name for name, _ in export(store, identity=True)}
    assert json.dumps([row for name, row in export(store) if name == "journal"])
    store.close()
