"""The conformance suite: what every store must do, for hosts that bring their own.

It needs pytest. Subclass `StoreConformance` in a test module of yours and say how a new, empty store is made, in
which the caller says what time it is:

    class TestMyStore(StoreConformance):
        @pytest.fixture
        def empty(self, tmp_path):
            store = MyStore(tmp_path)
            yield store
            store.close()

`furnish`, `accept`, `move` and `in_state` make invented content, and serve a host's own tests too.
"""

from __future__ import annotations

from routing.testing.invented import (
    BOOK,
    HOUR,
    NOW,
    OTHER_BOOK,
    accept,
    evidence_for,
    furnish,
    in_state,
    move,
    next_free,
    receive,
    unsound,
)
from routing.testing.items import Items
from routing.testing.knowing import Knowing
from routing.testing.moments import Moments
from routing.testing.pages import Pages
from routing.testing.receiving import Receiving

__all__ = [
    "BOOK",
    "HOUR",
    "NOW",
    "OTHER_BOOK",
    "StoreConformance",
    "accept",
    "evidence_for",
    "furnish",
    "in_state",
    "move",
    "next_free",
    "receive",
    "unsound",
]


class StoreConformance(Receiving, Items, Pages, Knowing, Moments):
    """What every store must do. Each test has a store of its own."""
