"""The PostgreSQL store does what every store must do, on the machine's server and on the wheel's."""

from collections.abc import Callable

import pytest

from routing.store.postgres.store import PostgresStore
from routing.testing import StoreConformance


@pytest.mark.slow
class TestPostgres(StoreConformance):
    @pytest.fixture
    def empty(self, new_store: Callable[[], PostgresStore]) -> PostgresStore:
        return new_store()
