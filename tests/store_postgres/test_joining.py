"""In a host's own transaction, and being woken by what other hosts commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from routing import Worklists
from routing.errors import StoreRefused
from routing.testing import NOW
from tests.store_postgres.conftest import FORCED, Cluster
from tests.worklists.opened import opened
from tests.worklists.plain import plain_rulebook

pytestmark = pytest.mark.slow
STUDY = {"accession": "A-1", "modality": ["CT"], "image_count": 3}


@pytest.fixture
def worklists(cluster: Cluster, database: str) -> Iterator[Worklists]:
    with Worklists.open(cluster.url(database), plain_rulebook(), forced=FORCED, clock=lambda: NOW) as made:
        yield made


@pytest.fixture
def host(cluster: Cluster, database: str) -> Iterator[psycopg.Connection]:
    """The host's own connection and a table of its own."""
    with psycopg.connect(cluster.url(database, "admin"), autocommit=True) as admin:
        admin.execute("CREATE TABLE public.image (name text); GRANT ALL ON public.image TO hosts")
    with psycopg.connect(cluster.url(database)) as connection:
        connection.execute("SET search_path = public")
        connection.commit()
        yield connection
    with psycopg.connect(cluster.url(database, "admin"), autocommit=True) as admin:
        admin.execute("DROP TABLE public.image")


def test_what_is_received_is_committed_with_what_the_host_writes(
    worklists: Worklists, host: psycopg.Connection
) -> None:
    host.execute("INSERT INTO image VALUES ('one')")
    with worklists.joined(host) as inside:
        assert inside.receive(STUDY, sender="S").outcome == "accepted"
        claim = inside.claim_next("lee")
        assert claim is not None
        assert inside.report(claim, "final", "R1").state == "reported"
    host.execute("INSERT INTO image VALUES ('two')")  # by the host's own search path, as before

    assert worklists.counts().accepted == 0
    host.commit()
    assert worklists.counts().accepted == 1
    assert host.execute("SELECT count(*) FROM image").fetchone() == (2,)
    assert [one.check for one in worklists.verify().findings if one.check != "V1"] == []


def test_what_the_host_does_not_commit_never_was(worklists: Worklists, host: psycopg.Connection) -> None:
    with worklists.joined(host) as inside:
        inside.receive(STUDY, sender="S")
    host.rollback()

    assert worklists.counts().accepted == 0
    assert list(worklists.store.inputs()) == []


def test_a_part_that_is_refused_leaves_the_hosts_transaction_whole(
    worklists: Worklists, host: psycopg.Connection
) -> None:
    host.execute("INSERT INTO image VALUES ('one')")
    with worklists.joined(host) as inside:
        with pytest.raises(StoreRefused), inside.store.writing(NOW) as tx:
            tx.add_input(source="S", message_id="1", digest="d", kind="hl7", raw=b"")  # without an outcome
        inside.receive(STUDY, sender="S")
    host.commit()

    assert [one.source for one in worklists.store.inputs()] == ["S"]
    assert worklists.counts().accepted == 1
    assert host.execute("SELECT count(*) FROM image").fetchone() == (1,)


def test_a_connection_without_a_transaction_is_refused(worklists: Worklists, host: psycopg.Connection) -> None:
    host.autocommit = True

    with pytest.raises(StoreRefused, match="begin a transaction"), worklists.joined(host):
        pass


def test_a_file_cannot_be_joined() -> None:
    with opened() as worklists, pytest.raises(StoreRefused, match="PostgreSQL"), worklists.joined(None):
        pass


def test_who_waits_for_a_change_is_woken_by_another_hosts_commit(
    cluster: Cluster, database: str, worklists: Worklists
) -> None:
    """By the bell, long before looking again by oneself; and a wait for nothing ends."""
    assert not worklists.wait(0, 0.1)

    def later() -> None:
        time.sleep(0.2)
        with Worklists.open(cluster.url(database), forced=FORCED, clock=lambda: NOW) as other:
            other.receive(STUDY, sender="S")

    thread = threading.Thread(target=later)
    thread.start()
    assert worklists.wait(0, 30)
    thread.join()
    assert [change.event for change in worklists.changes()] == ["accept"]


def test_a_wait_on_a_file_ends_with_the_next_commit() -> None:
    with opened() as worklists:
        assert not worklists.wait(0, 0.05)
        thread = threading.Thread(target=lambda: worklists.receive(STUDY, sender="S"))
        thread.start()
        assert worklists.wait(0, 30)
        thread.join()


def test_the_next_claim_is_not_kept_from_what_another_only_looks_at(
    worklists: Worklists, host: psycopg.Connection
) -> None:
    """A claim that is not committed yet holds its own item, and none of those that it came before."""
    for number in range(3):
        worklists.receive(STUDY | {"accession": f"A-{number}"}, sender="S")
    with worklists.joined(host) as inside:
        first = inside.claim_next("lee")
        second = worklists.claim_next("patel")
        third = worklists.claim_next("patel")
    host.commit()

    assert first is not None
    assert second is not None
    assert third is not None
    assert [one.accession for one in (first, second, third)] == ["A-0", "A-1", "A-2"]
    assert worklists.claim_next("okafor") is None
