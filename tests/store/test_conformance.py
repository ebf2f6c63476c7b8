"""The SQLite store does what every store must do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.store.sqlite import SqliteStore
from routing.testing import StoreConformance


class TestSqlite(StoreConformance):
    @pytest.fixture
    def empty(self, tmp_path: Path) -> Iterator[SqliteStore]:
        store = SqliteStore.open(tmp_path / "worklist.db")
        yield store
        store.close()
