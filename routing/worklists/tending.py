"""Tending: what time alone brings about. It never removes anything: holds end, leases end, waiting reports are shown.

Evaluated whenever the store is read or written, and by `tick`, with the same result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from routing.states import Event
from routing.store.protocol import Reading, Writing
from routing.store.records import Move
from routing.worklists.asking import follow
from routing.worklists.judging import Judge
from routing.worklists.keeping import LIBRARY, Keeper
from routing.worklists.parking import parked_over
from routing.worklists.shelf import StoreShelf

_BATCH: Final = 500
LAST_TICK: Final = "ticked"


@frozen(kw_only=True)
class Tended:
    """What a tick found to do."""

    holds_over: int
    leases_over: int
    reports_waiting: int

    def as_dict(self) -> dict[str, int]:
        """Return the figures as `tick --format json` prints them."""
        return {
            "holds_over": self.holds_over,
            "leases_over": self.leases_over,
            "reports_waiting": self.reports_waiting,
        }


def is_needed(store: Reading, now: datetime) -> bool:
    """Return whether a hold has reached its ceiling or a report has waited long enough: cheap, for every access."""
    return bool(store.awake(now, 1)) or bool(parked_over(store, now))


def tend(tx: Writing, judge: Judge, hold: timedelta) -> Tended:
    """Bring in step whatever time has changed."""
    keeper, shelf = Keeper(tx, judge, hold=hold), StoreShelf(tx)
    awake = tx.awake(tx.now, _BATCH)
    parked = parked_over(tx, tx.now)
    lapsed = tx.lapsed(tx.now, _BATCH)
    for item in lapsed:
        tx.move(item, Move(event=Event.LAPSE, actor=LIBRARY, reason="the lease is over"))
    numbers = [item.procedure for item in (*awake, *lapsed) if item.procedure is not None]
    for number in dict.fromkeys(follow(tx, one) for one in (*numbers, *parked)):
        keeper.keep(number, shelf.procedure(number))
    for item in tx.awake(tx.now, _BATCH):
        # Nothing was owed by the clock any more: it need not wake again.
        tx.move(item, Move(event=Event.ROUTE, actor=LIBRARY, changes={"wake_at": None}))
    tx.remark(LAST_TICK, tx.now.isoformat())
    return Tended(holds_over=len(awake), leases_over=len(lapsed), reports_waiting=len(parked))
