"""The scenarios of the worklists, each once more over PostgreSQL: not a line of them is another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from routing import store as stores
from routing.store.postgres import verify as verifying
from routing.store.postgres.store import PostgresStore
from tests.store_postgres.conftest import Cluster
from tests.worklists.test_invented_day import *  # noqa: F403 - the point is to run all that there is
from tests.worklists.test_rounds import *  # noqa: F403
from tests.worklists.test_worklists import *  # noqa: F403

# These open files by themselves, in processes of their own, or hundreds of stores for one test.
del test_the_day_killed_and_begun_again_loses_nothing  # noqa: F821 - imported above
del test_every_order_of_arrival_leaves_the_same_items_in_a_store  # noqa: F821

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def on_postgres(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Open a database wherever a file would be opened; the same path is the same database."""
    databases: dict[str, str] = {}

    def open_store(url: str, **options: Any) -> PostgresStore:
        if url not in databases:
            databases[url] = cluster.database()
        return cluster.open(databases[url], **options)

    monkeypatch.setattr(stores, "open_store", open_store)
    monkeypatch.setattr(stores, "exists", databases.__contains__)
    monkeypatch.setattr(verifying, "_settings", lambda _: ())  # this server is weaker than one for use, on purpose
    yield
    for name in databases.values():
        cluster.give_back(name)
