"""What every part of the suite is given: an empty store, and one with lists and a rulebook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from routing.store.protocol import Store
from routing.testing.invented import NOW, furnish, unsound


class Given:
    """The stores of a test; each test has its own."""

    @pytest.fixture
    def empty(self) -> Iterator[Store]:
        """Give a new, empty store in which the caller says what time it is."""
        raise NotImplementedError("say how a store is made")

    @pytest.fixture
    def store(self, empty: Store) -> Iterator[Store]:
        """Give a store with lists and a rulebook, and ask in the end whether it is sound."""
        with empty.writing(NOW) as tx:
            furnish(tx)
        yield empty
        assert unsound(empty) == []
