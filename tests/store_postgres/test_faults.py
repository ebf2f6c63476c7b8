"""Servers that stop, wires that are cut, clients that sleep: what was acknowledged is there, and clients go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Self

import psycopg
import pytest

from routing import Worklists
from routing.errors import OutcomeUnknown, RoutingError, StaleClaim, StoreBusy, StoreInterrupted, StoreRefused
from routing.states import Event
from routing.store.postgres.schema import migrate
from routing.store.postgres.session import Session
from routing.store.postgres.store import PostgresStore
from routing.store.records import Evidence, Grant, Move
from routing.testing import NOW, accept, furnish, next_free, receive, unsound
from tests.store_postgres.conftest import FORCED, Cluster
from tests.store_postgres.proxy import Wire
from tests.store_postgres.server import Server
from tests.worklists.plain import plain_rulebook

pytestmark = pytest.mark.slow


@pytest.fixture
def store(new_store) -> PostgresStore:
    made = new_store()
    with made.writing(NOW) as tx:
        furnish(tx)
    return made


class Load:
    """Threads that receive inputs for as long as they are let, and remember what was acknowledged."""

    def __init__(self, store: PostgresStore, threads: int = 4, *, name: str = "load") -> None:
        self.store = store
        self.name = name
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]
        for thread in self.threads:
            thread.start()

    def _work(self, worker: int) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            name = f"{self.name}-{worker}-{number}"
            try:
                with self.store.writing(NOW) as tx:
                    receive(tx, name)
            except StoreInterrupted:
                self.refused.append(name)
            except OutcomeUnknown:
                continue
            else:
                self.acknowledged.append(name)

    def wait_for(self, count: int, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while len(self.acknowledged) < count:
            assert time.monotonic() < end, "no more is acknowledged"
            time.sleep(0.005)

    def end(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def check(self) -> None:
        """Everything acknowledged is there, and nothing that was said not to be written."""
        there = {one.message_id for one in self.store.inputs()}
        assert set(self.acknowledged) <= there
        assert not set(self.refused) & there
        assert unsound(self.store) == []


def test_nothing_acknowledged_is_lost_when_the_server_stops_at_once(durable: Server, in_use: str) -> None:
    """Three times under load, without a shutdown; clients find the server again by themselves."""
    migrate(durable.url(in_use, "owner"), app_role="hosts", clock="session")
    store = PostgresStore.open(durable.url(in_use, "hosts"))
    with store.writing(NOW) as tx:
        furnish(tx)
    load = Load(store)
    for stop in range(3):
        load.wait_for(15 * (stop + 1))
        durable.kill()
        time.sleep(0.1)
        durable.start()
    load.wait_for(60)
    load.end()

    load.check()
    store.close()


def test_killed_backends_lose_nothing_and_are_replaced(cluster: Cluster, store: PostgresStore) -> None:
    load = Load(store)
    with psycopg.connect(cluster.server.url("postgres"), autocommit=True) as admin:
        for kill in range(15):
            load.wait_for(2 * kill)
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'routing' LIMIT 2"
            )
    load.wait_for(len(load.acknowledged) + 20)
    load.end()

    load.check()


@pytest.fixture
def wire(cluster: Cluster) -> Iterator[Wire]:
    made = Wire(cluster.server.folder)
    yield made
    made.close()


def test_a_commit_whose_answer_was_cut_off_is_found_out(database: str, wire: Wire) -> None:
    """Committed: the caller never knows of it. Not committed: the caller is told to try again, and nothing is there."""
    store = PostgresStore.open(wire.url(database), forced=FORCED)
    with store.writing(NOW) as tx:
        furnish(tx)

    wire.cut = "after"
    with store.writing(NOW) as tx:
        receive(tx, "committed")
    wire.cut = "before"
    with pytest.raises(StoreInterrupted), store.writing(NOW) as tx:
        receive(tx, "never")
    wire.cut = "after"
    with store.writing(NOW) as tx:
        tx.grant(Grant(actor="lee", act="close", by="init"))
    wire.cut = "after"
    with store.writing(NOW) as tx:
        tx.remark("noted", "x")

    assert wire.cuts == 4
    assert len(store.grants()) == 1
    assert [one.message_id for one in store.inputs()] == ["committed"]
    assert unsound(store) == []
    store.close()


def test_a_commit_that_no_row_shows_is_found_out_by_its_number(cluster: Cluster, database: str, wire: Wire) -> None:
    """Evidence by itself says nothing of its transaction, and a transaction that wrote nothing has lost nothing."""
    store = PostgresStore.open(wire.url(database), forced=FORCED)
    for cut in ("after", "before"):
        wire.cut = cut
        with store.writing(NOW) as tx:
            assert tx.active_rulebook() is None
    wire.cut = "after"
    with store.writing(NOW) as tx:
        tx.add_evidence(Evidence(kind="closure", procedure=None))
    wire.cut = "before"
    with pytest.raises(StoreInterrupted), store.writing(NOW) as tx:
        tx.add_evidence(Evidence(kind="closure", procedure=None))

    assert wire.cuts == 4
    with cluster.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM evidence").fetchone() == (1,)
    store.close()


@pytest.mark.parametrize("is_made", [True, False])
def test_a_server_that_ends_a_connection_behind_a_commit_is_not_believed(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, *, is_made: bool
) -> None:
    """It says so though the commit is made, and the wire may look whole still: only the store itself can tell."""
    usual = Session.execute

    def ended(session: Session, sql: str, parameters: object = ()) -> object:
        if sql != "COMMIT":
            return usual(session, sql, parameters)
        monkeypatch.undo()
        if is_made:
            usual(session, sql)
        raise psycopg.errors.AdminShutdown

    monkeypatch.setattr(Session, "execute", ended)
    with nullcontext() if is_made else pytest.raises(StoreInterrupted), store.writing(NOW) as tx:
        receive(tx, "told")

    assert [one.message_id for one in store.inputs()] == ["told"] * is_made
    assert unsound(store) == []


def test_a_server_that_began_anew_knows_no_number(durable: Server, in_use: str) -> None:
    """A number may be given a second time after a crash: what only a number shows is then not known, and said so."""
    migrate(durable.url(in_use, "owner"), app_role="hosts", clock="session")
    wire = Wire(durable.folder)
    store = PostgresStore.open(wire.url(in_use))
    wire.on_cut = lambda: (durable.kill(), durable.start())
    wire.cut = "before"
    with pytest.raises(OutcomeUnknown), store.writing(NOW) as tx:
        tx.add_evidence(Evidence(kind="closure", procedure=None))
    wire.cut = "before"
    with pytest.raises(StoreInterrupted), store.writing(NOW) as tx:
        tx.remark("noted", "x")  # its row would be there
    wire.cut = "after"
    with store.writing(NOW) as tx:
        tx.remark("noted", "y")

    assert store.meta("noted") == "y"
    store.close()
    wire.close()


def test_acts_are_done_once_whatever_is_cut(database: str, wire: Wire) -> None:
    """Worklists find out, or try again, and nobody has to know: one claim, one report, one input."""
    with Worklists.open(wire.url(database), plain_rulebook(), forced=FORCED) as worklists:
        for cut in ("before", "after"):
            wire.cut = cut
            receipt = worklists.receive({"accession": f"A-{cut}", "modality": ["CT"], "image_count": 3}, sender="S")
            assert receipt.outcome == "accepted"
            wire.cut = cut
            claim = worklists.claim_next("lee")
            assert claim is not None
            wire.cut = cut
            assert worklists.report(claim, "final", f"R-{cut}").state == "reported"

        events = [row.event for row in worklists.store.journal_since(0, 99)]
        assert events == [Event.ACCEPT, Event.CLAIM, Event.FINAL_REPORT] * 2
    assert wire.cuts == 6


def test_a_client_that_slept_past_its_lease_is_told_so(cluster: Cluster, database: str) -> None:
    """The server's clock decides: the second reader has it, and the first one's report is refused."""
    cluster.server.execute("CREATE DATABASE leases OWNER owner")
    migrate(cluster.url("leases", "owner"), app_role="hosts")
    with Worklists.open(cluster.url("leases"), plain_rulebook(), forced=FORCED) as worklists:
        worklists.receive({"accession": "A", "modality": ["CT"], "image_count": 3}, sender="S")
        first = worklists.claim_next("lee", lease=timedelta(seconds=0.2))
        assert first is not None
        assert worklists.claim_next("kim") is None
        time.sleep(0.3)
        second = worklists.claim_next("kim")

        assert second is not None
        assert (second.item_id, second.token) == (first.item_id, first.token + 1)
        with pytest.raises(StaleClaim):
            worklists.report(first, "final", "R1")
        with pytest.raises(StaleClaim):
            worklists.renew(first)
        assert worklists.report(second, "final", "R2").state == "reported"
    cluster.server.execute("DROP DATABASE leases WITH (FORCE)")
    assert database


@pytest.fixture
def timed(cluster: Cluster) -> Iterator[str]:
    """The name of a database in which the server says what time it is."""
    cluster.server.execute("CREATE DATABASE timed OWNER owner")
    migrate(cluster.url("timed", "owner"), app_role="hosts")
    yield "timed"
    cluster.server.execute("DROP DATABASE timed WITH (FORCE)")


class Paused:
    """A process of its own that is stopped (SIGSTOP) where it says so, and goes on (SIGCONT) when told to."""

    def __init__(self, url: str, where: str) -> None:
        command = [sys.executable, "-m", "tests.store_postgres.paused", url, where]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = self.process.stdout.readline().strip()
        self.process.send_signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def go_on(self) -> str:
        """Return what it was told."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def test_a_process_that_was_stopped_past_its_lease_is_refused(cluster: Cluster, timed: str) -> None:
    """It knows nothing of its sleep; the server does. Nobody waits for it, and the item is reported once."""
    with Worklists.open(cluster.url(timed), plain_rulebook(), forced=FORCED) as worklists:
        worklists.receive({"accession": "A", "modality": ["CT"], "image_count": 3}, sender="S")
        with Paused(cluster.url(timed), "lease") as sleeper:
            assert sleeper.said == "token 1"
            end = time.monotonic() + 30
            while (claim := worklists.claim_next("kim")) is None:
                assert time.monotonic() < end, "the lease is never over"
                time.sleep(0.05)

            assert claim.token == 2
            assert sleeper.go_on() == "StaleClaim"
        assert worklists.report(claim, "final", "R-kim").state == "reported"
        events = [row.event for row in worklists.store.journal_since(0, 99)]
        assert events == [Event.ACCEPT, Event.CLAIM, Event.SEIZE, Event.FINAL_REPORT]


def test_a_process_that_was_stopped_in_a_transaction_holds_nothing_for_ever(cluster: Cluster, timed: str) -> None:
    """The server ends it after a while (a minute, as `migrate` sets it): nothing was written, and it is told so."""
    cluster.server.execute(f"ALTER ROLE hosts IN DATABASE {timed} SET idle_in_transaction_session_timeout = '300ms'")
    store = cluster.open(timed)
    with store.writing(NOW) as tx:
        furnish(tx)
    with Paused(cluster.url(timed), "transaction") as sleeper:
        assert sleeper.said == "written"
        with store.writing(NOW) as tx:  # the same input waits until the other is gone
            receive(tx, "sleeper")

        assert sleeper.go_on() == "StoreInterrupted"
    assert len(list(store.inputs())) == 1
    assert [one.check for one in store.verify().findings if one.check != "V1"] == []
    store.close()


def test_a_claim_waits_for_nobody(store: PostgresStore) -> None:
    """SKIP LOCKED: what another transaction has in hand is passed over, and nothing is handed out twice."""
    with store.writing(NOW) as tx:
        items = [accept(tx, f"A-{number}") for number in range(3)]
    taken = []

    def take() -> None:
        with store.writing(NOW) as other:
            taken.append(next_free(other, "neuro"))

    with store.writing(NOW) as tx:
        first = next_free(tx, "neuro")
        thread = threading.Thread(target=take)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()

    assert [one.id if one else None for one in (first, *taken)] == [items[0].id, items[1].id]


def test_two_that_wait_for_each_other_are_told_apart(store: PostgresStore) -> None:
    """One goes on, the other is broken off with nothing written and may try again."""
    with store.writing(NOW) as tx:
        one, two = accept(tx, "A-1"), accept(tx, "A-2")
    met, said = threading.Barrier(2), []

    def cross(first: int, second: int) -> None:
        try:
            with store.writing(NOW) as tx:
                tx.move(tx.item(first), Move(event=Event.NOTE, actor="x"))
                met.wait(10)
                tx.move(tx.item(second), Move(event=Event.NOTE, actor="x"))
            said.append("done")
        except StoreInterrupted:
            said.append("interrupted")

    threads = [threading.Thread(target=cross, args=pair) for pair in ((one.id, two.id), (two.id, one.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["done", "interrupted"]
    assert [len(store.history(item.id)) for item in (one, two)] == [2, 2]


def test_a_late_commit_is_never_passed_over_by_the_feed(store: PostgresStore) -> None:
    """A row with a lower number may be committed after one with a higher: the feed waits for it."""
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    last = store.journal_since(0, 99)[-1].seq
    begun, go_on = threading.Event(), threading.Event()

    def late() -> None:
        with store.writing(NOW) as tx:
            accept(tx, "late")
            begun.set()
            go_on.wait(10)

    thread = threading.Thread(target=late)
    thread.start()
    begun.wait(10)
    with store.writing(NOW) as tx:
        accept(tx, "early")
    with store.reading() as moment:
        before = moment.journal_since(last, 99)
        go_on.set()
        thread.join()
        moment.page(None, None)
        after = moment.journal_since(last, 99)

    assert before == ()
    assert [row.item for row in after] == [2, 3]
    assert [row.seq for row in after] == sorted(row.seq for row in after)


def test_a_busy_store_says_so_and_nothing_is_written(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
    said: list[RoutingError] = []

    def wait() -> None:
        try:
            with store.writing(NOW) as tx:
                tx._run("SET LOCAL lock_timeout = '50ms'")
                tx.item(item.id)
        except RoutingError as busy:
            said.append(busy)

    with store.writing(NOW) as tx:
        tx.item(item.id)
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()

    assert [type(one) for one in said] == [StoreBusy]
    assert monkeypatch


def test_two_inputs_about_one_procedure_fold_one_after_the_other(cluster: Cluster, database: str) -> None:
    """However many tell of an accession number at once, there is one procedure with one report to write."""
    with Worklists.open(cluster.url(database), plain_rulebook(), forced=FORCED) as worklists:

        def tell(number: int) -> None:
            study = {"accession": "SAME", "modality": ["CT"], "image_count": number + 1}
            worklists.receive(study, sender=f"S{number}", message_id="1")

        threads = [threading.Thread(target=tell, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(list(worklists.store.procedures())) == 1
        assert [line.kind for line in worklists.page(limit=None)].count("report") == 1
        assert len(list(worklists.store.inputs())) == 6


def test_what_is_under_way_when_the_store_is_closed_ends_as_it_would_have(cluster: Cluster, database: str) -> None:
    """It commits, its connection goes with it, and no pool is begun anew for it."""
    store, begun, go_on = cluster.open(database), threading.Event(), threading.Event()

    def write() -> None:
        with store.writing(NOW) as tx:
            furnish(tx)
            accept(tx, "A-1")
            begun.set()
            go_on.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(10)
    store.close()
    go_on.set()
    thread.join()

    with cluster.connect(database, "admin") as connection:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'routing'"
        end = time.monotonic() + 10
        while connection.execute(sql, (database,)).fetchone() != (0,):
            assert time.monotonic() < end, "a connection was left behind"
            time.sleep(0.01)
        assert connection.execute("SELECT count(*) FROM item").fetchone() == (1,)
    with pytest.raises(StoreRefused, match="closed"):
        store.counts()


def test_starters_at_once_activate_one_rulebook(cluster: Cluster, database: str) -> None:
    opened: list[Worklists] = []

    def start() -> None:
        opened.append(Worklists.open(cluster.url(database), plain_rulebook(), forced=FORCED))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(opened) == 4
    assert len(opened[0].store.activations(9)) == 1
    for worklists in opened:
        worklists.close()
