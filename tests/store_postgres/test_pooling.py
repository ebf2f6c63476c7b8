"""Behind a transaction pooler a store does what every store must do: two transactions seldom share a connection."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from routing.store.postgres.store import PostgresStore
from routing.store.postgres.writing import PostgresWriting
from routing.testing import NOW, StoreConformance, accept, furnish, receive
from tests.store_postgres.conftest import FORCED, Cluster
from tests.store_postgres.pooler import Pooler, pooler_program
from tests.store_postgres.test_faults import Load

pytestmark = pytest.mark.slow

SIZE = 4  # connections of the pooler to the server


@pytest.fixture(scope="module")
def pooler(cluster: Cluster) -> Iterator[Pooler]:
    program = pooler_program()
    if program is None:
        pytest.skip("there is no pgbouncer here")
    made = Pooler(cluster.server, program, size=SIZE)
    yield made
    made.close()


class TestPooled(StoreConformance):
    @pytest.fixture
    def empty(self, database: str, pooler: Pooler) -> Iterator[PostgresStore]:
        store = PostgresStore.open(pooler.url(database), forced=FORCED)
        yield store
        store.close()


def test_what_a_transaction_sets_is_not_left_to_the_next(cluster: Cluster, database: str, pooler: Pooler) -> None:
    """The store sets nothing for a session and prepares nothing: who has the connection next finds it as it was."""
    store = PostgresStore.open(pooler.url(database), forced=FORCED)
    with store.writing(NOW) as tx:
        furnish(tx)
        receive(tx, "one")
        tx.seal()
    for number in range(20):
        with store.writing(NOW) as tx:
            receive(tx, f"again-{number}")
    with psycopg.connect(pooler.url(database), autocommit=True, prepare_threshold=None) as other:
        assert other.execute("SELECT coalesce(current_setting('routing.begun', true), '')").fetchone() == ("",)
        assert other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
    with cluster.connect(database, "admin") as admin:
        users = admin.execute(
            "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE datname = %s AND usename = 'hosts'", (database,)
        ).fetchone()
    assert users is not None
    assert 1 <= users[0] <= SIZE
    store.close()


def test_whoever_waits_behind_a_pooler_looks_by_himself(database: str, pooler: Pooler) -> None:
    """`LISTEN` would be said to whichever connection is free, so it is not said at all; the news comes nevertheless."""
    store = PostgresStore.open(pooler.url(database), forced=FORCED)
    store.woken(0.01)
    with store.writing(NOW) as tx:
        furnish(tx)
        accept(tx, "A-1")
    store.woken(0.01)

    assert [row.item for row in store.journal_since(0, 9)] == [1]
    with psycopg.connect(pooler.url(database), autocommit=True, prepare_threshold=None) as other:
        assert other.execute("SELECT count(*) FROM pg_listening_channels()").fetchone() == (0,)
    store.close()


def test_a_failed_seal_leaves_no_lock_behind(
    cluster: Cluster, database: str, pooler: Pooler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate is locked for the session for a moment; a pooler would keep that lock for ever, and all writers wait."""
    store = PostgresStore.open(pooler.url(database), forced=FORCED)
    with store.writing(NOW) as tx:
        furnish(tx)
    returned = PostgresWriting._returned

    def fails(tx: PostgresWriting, sql: str, *parameters: object) -> int:
        if "max(seq)" in sql:
            raise RuntimeError(sql)
        return returned(tx, sql, *parameters)

    with monkeypatch.context() as patched:
        patched.setattr(PostgresWriting, "_returned", fails)
        with pytest.raises(RuntimeError), store.writing(NOW) as tx:
            tx.seal()
    with cluster.connect(database, "admin") as admin:
        end = time.monotonic() + 10
        while admin.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() != (0,):
            assert time.monotonic() < end, "a lock was left behind"
            time.sleep(0.02)
    with store.writing(NOW) as tx:
        tx.seal()
    store.close()


def test_killed_behind_a_pooler_nothing_is_lost(cluster: Cluster, database: str, pooler: Pooler) -> None:
    """More writers than connections, some of which are killed: each waits for its turn, and what was told is there."""
    store = PostgresStore.open(pooler.url(database), forced=FORCED)
    with store.writing(NOW) as tx:
        furnish(tx)
    load = Load(store, threads=SIZE * 2)
    with psycopg.connect(cluster.server.url("postgres"), autocommit=True) as admin:
        for kill in range(8):
            load.wait_for(10 * kill)
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s LIMIT 1", (database,)
            )
    load.wait_for(len(load.acknowledged) + 20)
    load.end()

    load.check()
    store.close()
