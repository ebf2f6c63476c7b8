"""How often an act travels to the server and back: what nobody waits for goes with what somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from routing import Worklists
from routing.errors import StoreRefused
from routing.states import Event
from routing.store.postgres.session import Session
from routing.store.postgres.store import PostgresStore
from routing.store.records import Evidence, Move, Worklist
from routing.testing import HOUR, NOW, accept, furnish, next_free
from tests.store_postgres.conftest import FORCED, Cluster
from tests.worklists.plain import plain_rulebook

pytestmark = pytest.mark.slow


class Journeys:
    """How many there were, but for those of the thread that tells others."""

    def __init__(self) -> None:
        self.made: list[str] = []

    @contextmanager
    def of_one_act(self, most: int) -> Iterator[None]:
        self.made.clear()
        yield
        assert len(self.made) <= most, "\n".join(self.made)


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> Journeys:
    found, send = Journeys(), Session._send

    def sent(self: Session, due: list) -> None:
        if not due[0].sql.startswith("NOTIFY"):
            found.made.append(" | ".join(one.sql for one in due))
        send(self, due)

    monkeypatch.setattr(Session, "_send", sent)
    return found


def test_a_transition_takes_few_journeys(new_store: Callable[[], PostgresStore], journeys: Journeys) -> None:
    """Beginning goes with the first statement, and the end of what is received with the commit."""
    store = new_store()
    with store.writing(NOW) as tx:
        furnish(tx)

    with journeys.of_one_act(4), store.writing(NOW) as tx:
        number = tx.add_input(source="S", message_id="1", digest="d", kind="hl7", raw=b"x")
        item = accept(tx, "A-1", due_at=None)
        tx.conclude(number, "accepted", procedures=[item.procedure or 0])
    with journeys.of_one_act(5), store.writing(NOW) as tx:
        found = next_free(tx, "neuro")
        assert found is not None
        said = {"holder": "lee", "lease_until": NOW + HOUR}
        claimed = tx.move(found, Move(event=Event.CLAIM, actor="lee", changes=said))
    with journeys.of_one_act(3), store.writing(NOW) as tx:
        evidence = tx.add_evidence(Evidence(kind="report", procedure=claimed.procedure, status="final"))
        claimed = tx.move(claimed, Move(event=Event.FINAL_REPORT, actor="lee", evidence=evidence))
    with journeys.of_one_act(2), store.writing(NOW) as tx:
        tx.move(claimed, Move(event=Event.NOTE, actor="lee"))
    with journeys.of_one_act(2), store.reading():
        store.item(claimed.id)


def test_acts_by_the_rules_take_no_more_journeys_than_they_did(
    cluster: Cluster, database: str, journeys: Journeys
) -> None:
    with Worklists.open(cluster.url(database), plain_rulebook(), forced=FORCED) as worklists:
        for number in range(3):
            worklists.receive({"accession": f"W{number}", "modality": ["CT"], "image_count": 3}, sender="S")
        with journeys.of_one_act(RECEIVE):
            worklists.receive({"accession": "W9", "modality": ["CT"], "image_count": 3}, sender="S", message_id="9")
        with journeys.of_one_act(CLAIM):
            claim = worklists.claim_next("lee", lease=timedelta(minutes=5))
        assert claim is not None
        with journeys.of_one_act(REPORT):
            worklists.report(claim, "final", "R")


RECEIVE, CLAIM, REPORT = 13, 16, 18


def test_what_is_put_off_is_refused_in_its_own_part(new_store: Callable[[], PostgresStore]) -> None:
    """The part is undone alone, and what came before it stays."""
    store = new_store()
    with store.writing(NOW) as tx:
        furnish(tx)
    with store.writing(NOW) as tx:
        tx.remark("noted", "a")
        with pytest.raises(psycopg.Error, match="fallback is not an active worklist"), tx.part():
            tx.put_worklist(Worklist(code="x", fallback="nowhere"))
        accept(tx, "A-1")

    assert store.meta("noted") == "a"
    assert "x" not in {one.code for one in store.worklists()}


def test_what_is_put_off_is_refused_at_the_latest_with_the_commit(new_store: Callable[[], PostgresStore]) -> None:
    store = new_store()
    with store.writing(NOW) as tx:
        furnish(tx)

    def act() -> None:
        with store.writing(NOW) as tx:
            tx.remark("noted", "a")
            tx.put_worklist(Worklist(code="x", fallback="nowhere"))

    with pytest.raises(StoreRefused, match="fallback is not an active worklist"):
        act()

    assert store.meta("noted") is None


def test_what_an_error_put_off_is_never_sent(new_store: Callable[[], PostgresStore], journeys: Journeys) -> None:
    store = new_store()
    with journeys.of_one_act(0), pytest.raises(ZeroDivisionError), store.writing(NOW) as tx:
        tx.remark("noted", str(1 // 0))

    assert store.meta("noted") is None
