"""What names somebody is found by its index and no further than was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from routing.errors import StoreRefused
from routing.states import Event
from routing.store.postgres.store import PostgresStore
from routing.testing import NOW, accept, furnish, move
from tests.store_postgres.conftest import Cluster

pytestmark = pytest.mark.slow


class Watched(PostgresStore):
    """A store that keeps what it asked and how many rows came."""

    asked: list[tuple[str, Any, int]]

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        found = super()._fetched(sql, parameters)
        self.asked.append((sql, parameters, len(found)))
        return found


@pytest.mark.parametrize("index", ["item_asked", "item_unread"])
def test_what_names_somebody_is_limited_where_it_is_found(cluster: Cluster, database: str, index: str) -> None:
    store = Watched.open(cluster.url(database), forced=("fsync", "full_page_writes"))
    store.asked = []
    detail = "asked" if index == "item_asked" else "unread_by"
    with store.writing(NOW) as tx:
        furnish(tx)
        for number in range(6):
            item = accept(tx, f"A-{number}", details={detail: 'l"ee'})
            if detail == "unread_by":
                move(tx, item, Event.FINAL_REPORT)

    found = store.asked_of('l"ee', 2) if detail == "asked" else store.unread_by('l"ee', 2)
    sql, parameters, came = store.asked[-1]
    with store.reading(), store.borrowed() as session:
        session.execute("SET LOCAL enable_seqscan = off")
        session.execute("SET LOCAL enable_sort = off")
        plan = "\n".join(line for (line,) in session.execute(f"EXPLAIN {sql}", parameters))

    assert [len(found), came] == [2, 2]
    assert index in plan
    store.close()


@pytest.mark.parametrize("name", ["asked", "unread_by"])
def test_a_name_stands_in_the_details_where_it_is_found(new_store: Callable[[], PostgresStore], name: str) -> None:
    """At the top: deeper down it would be taken for the item's own, or hide it."""
    store = new_store()
    with store.writing(NOW) as tx:
        furnish(tx)
        with pytest.raises(StoreRefused, match="only at the top"):
            accept(tx, "A-1", details={"second": {name: "lee"}})
