"""A client that is stopped by its parent at the worst moment, and says afterwards what it was told.

`python -m tests.store_postgres.paused URL lease|transaction`: a line when it may be stopped, a line after it went on.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from routing import Worklists
from routing.errors import RoutingError
from routing.store.postgres.store import PostgresStore
from routing.testing import NOW, receive
from tests.store_postgres.conftest import FORCED
from tests.worklists.plain import plain_rulebook


def past_the_lease(url: str) -> None:
    """Claim for a moment, and report after whatever sleep as if nothing had happened."""
    with Worklists.open(url, plain_rulebook(), forced=FORCED) as worklists:
        claim = worklists.claim_next("sleeper", lease=timedelta(seconds=0.5))
        print(f"token {claim.token if claim else None}", flush=True)
        sys.stdin.readline()
        worklists.report(claim, "final", "R-sleeper")


def inside_a_transaction(url: str) -> None:
    """Write, sleep, and commit."""
    store = PostgresStore.open(url, forced=FORCED)
    with store.writing(NOW) as tx:
        receive(tx, "sleeper")
        print("written", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    try:
        {"lease": past_the_lease, "transaction": inside_a_transaction}[sys.argv[2]](sys.argv[1])
        print("done")
    except RoutingError as told:
        print(type(told).__name__)
