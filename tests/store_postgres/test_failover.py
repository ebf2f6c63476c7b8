"""A server is lost and its standby takes over: what was acknowledged is there, or is known to be what can be lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from routing.store.postgres.schema import migrate
from routing.store.postgres.store import PostgresStore
from routing.testing import NOW, furnish, unsound
from tests.store_postgres.server import Server, Standby
from tests.store_postgres.test_faults import Load

pytestmark = pytest.mark.slow


@pytest.fixture
def first(durable: Server) -> Iterator[Server]:
    """A server of its own, since it will be lost."""
    server = Server(durable.binaries, durable.settings)
    server.execute("CREATE ROLE owner LOGIN CREATEROLE")
    server.execute("CREATE DATABASE trust OWNER owner")
    migrate(server.url("trust", "owner"), app_role="hosts", clock="session")
    yield server
    server.close()


@pytest.fixture
def standby(first: Server) -> Iterator[Standby]:
    server = Standby(first, "second")
    yield server
    server.close()


@pytest.fixture
def store(first: Server, standby: Standby) -> Iterator[PostgresStore]:
    """A store by the names of both servers, as the deployment page says: whichever takes writes."""
    where = f"host={first.folder},{standby.folder}&target_session_attrs=read-write"
    store = PostgresStore.open(f"postgresql://hosts@/trust?{where}")
    with store.writing(NOW) as tx:
        furnish(tx)
    yield store
    store.close()


def follows(first: Server, state: str) -> None:
    """Wait until the standby follows in that way."""
    with psycopg.connect(first.url("trust"), autocommit=True) as connection:
        end = time.monotonic() + 30
        while connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone() != (state,):
            assert time.monotonic() < end, f"the standby is never {state}"
            time.sleep(0.02)


def test_with_a_synchronous_standby_nothing_is_lost_and_clients_go_over(
    first: Server, standby: Standby, store: PostgresStore
) -> None:
    first.execute("ALTER SYSTEM SET synchronous_standby_names = 'second'")
    first.execute("SELECT pg_reload_conf()")
    follows(first, "sync")

    load = Load(store)
    load.wait_for(40)
    first.kill()
    before = len(load.acknowledged)
    standby.promote()
    load.wait_for(before + 20)
    load.end()

    load.check()


def test_with_an_asynchronous_one_the_last_moments_can_be_lost_and_the_rest_is_sound(
    first: Server, standby: Standby, store: PostgresStore
) -> None:
    """What had not reached the standby is gone, though it was acknowledged: that is what the page warns of."""
    follows(first, "async")
    load = Load(store)
    load.wait_for(20)
    load.end()
    sent = set(load.acknowledged)
    with psycopg.connect(first.url("trust")) as connection:
        (last,) = connection.execute("SELECT pg_current_wal_lsn()").fetchone() or ("",)
    with psycopg.connect(standby.url("trust"), autocommit=True) as connection:
        while connection.execute("SELECT pg_last_wal_replay_lsn() < %s", (last,)).fetchone() == (True,):
            time.sleep(0.02)

    standby.cut_off()
    load = Load(store, name="later")
    load.wait_for(20)
    load.end()
    first.kill()
    standby.promote()

    there = {one.message_id for one in store.inputs()}
    assert sent <= there
    assert set(load.acknowledged) - there
    assert unsound(store) == []
