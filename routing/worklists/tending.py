"""Tending: what time alone brings about. It never removes anything: holds and leases end, steps and watches are taken.

Evaluated whenever the store is read or written, and by `tick`, with the same result: it goes from instant to instant,
each looked at as of itself, however late. A part of it is one transaction of bounded size, and can be broken off
anywhere: what is left is found again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Final

from attrs import frozen

from routing.states import Event, State
from routing.store.protocol import Reading, Writing
from routing.store.records import Item, Move
from routing.worklists.asking import follow
from routing.worklists.board import Board, is_due
from routing.worklists.changing import retire
from routing.worklists.judging import Judge
from routing.worklists.keeping import LIBRARY, Keeper
from routing.worklists.parking import parked_over, unpark
from routing.worklists.shelf import StoreShelf

BATCH: Final = 500  # items that one transaction works off
LAST_TICK: Final = "ticked"
_LOOKS: Final = 100  # how often one item is looked at within one transaction


@frozen(kw_only=True)
class Tended:
    """What a tick found to do. `more` says that time has still something to say, in a transaction of its own."""

    holds_over: int = 0
    leases_over: int = 0
    reports_waiting: int = 0
    escalated: int = 0
    watches: int = 0
    more: bool = False

    def as_dict(self) -> dict[str, int]:
        """Return the figures as `tick --format json` prints them."""
        return {
            "holds_over": self.holds_over,
            "leases_over": self.leases_over,
            "reports_waiting": self.reports_waiting,
            "escalated": self.escalated,
            "watches": self.watches,
        }

    def __add__(self, other: Tended) -> Tended:
        """Return both together; whether there is more is as the later one says."""
        figures = {name: getattr(self, name) + getattr(other, name) for name in self.as_dict()}
        return Tended(**figures, more=other.more)


def is_needed(store: Reading, now: datetime) -> bool:
    """Return whether time has something to say: cheap, for every access."""
    return bool(store.awake(now, 1)) or bool(parked_over(store, now)) or is_due(store, now)


def tend(tx: Writing, judge: Judge, hold: timedelta, *, batch: int = BATCH) -> Tended:
    """Bring in step what time has changed, instant by instant, for at most *batch* items."""
    tending = _Tending(tx, judge, hold)
    tending.work(batch)
    retire(tx)
    tx.remark(LAST_TICK, tx.now.isoformat())
    return tending.tended()


class _Tending:
    """One transaction's part of a tick."""

    def __init__(self, tx: Writing, judge: Judge, hold: timedelta) -> None:
        self.tx = tx
        self.judge = judge
        self.keeper, self.shelf = Keeper(tx, judge, hold=hold), StoreShelf(tx)
        self.board = Board(tx, judge, self.keeper)
        self._heap: list[tuple[datetime, int]] = []
        self._looks: dict[int, int] = {}
        self._parks: dict[int, datetime] = {}  # procedures without an item that could wake, and when they are due
        self._found = {"holds_over": 0, "leases_over": 0, "reports_waiting": 0}
        self._more = False

    def tended(self) -> Tended:
        """Return what was found to do."""
        counts = self.keeper.waker.counts
        return Tended(**self._found, escalated=counts["escalated"], watches=counts["watches"], more=self._more)

    def work(self, batch: int) -> None:
        """Go from instant to instant up to now, or to where the batch ends."""
        until = self._gather(batch)
        while (at := self._next(until)) is not None:
            while self._heap and self._heap[0][0] <= at:
                self._look_at(self.tx.item(heappop(self._heap)[1]), at)
            self._parked(at)
            self.board.look(at)
            if self.board.sweeps and not self.board.sweep(batch):
                self._more = True  # the rest of the sweep comes first, in a transaction of its own
                return
        if until == self.tx.now:
            self.board.look(until)
        self.board.save()

    def _gather(self, batch: int) -> datetime:
        """Collect the items that time has something to say of; return up to which instant they are all there."""
        now = self.tx.now
        awake, lapsed = self.tx.awake(now, batch), self.tx.lapsed(now, batch)
        ends = [found[-1] for found in (awake, lapsed) if len(found) == batch]
        until = min((at for item in ends if (at := _instant(item, self.tx.now))), default=now)
        self._more = bool(ends)
        instants = {item.id: at for item in (*awake, *lapsed) if (at := _instant(item, now)) and at <= until}
        self._heap = [(at, number) for number, at in instants.items()]
        heapify(self._heap)
        self._parks = parked_over(self.tx, until)
        return until

    def _next(self, until: datetime) -> datetime | None:
        if (at := self._soonest(until)) is None and self._parks != (parks := parked_over(self.tx, until)):
            self._parks = parks  # what was decided anew on the way may be looked at again earlier
            at = self._soonest(until)
        return at

    def _soonest(self, until: datetime) -> datetime | None:
        heap, parked = self._heap[0][0] if self._heap else None, min(self._parks.values(), default=None)
        found = [at for at in (heap, parked, self.board.next()) if at is not None and at <= until]
        return min(found, default=None)

    def _look_at(self, item: Item, at: datetime) -> None:
        """Look at one item as of an instant, and at all items of its procedure with it."""
        due = _instant(item, self.tx.now)
        if not item.is_open or due is None or due > at:
            return
        self.keeper.waker.moment = at
        before = item
        if item.state is State.CLAIMED and item.lease_until is not None and item.lease_until <= at:
            item = self.tx.move(item, Move(event=Event.LAPSE, actor=LIBRARY, reason="the lease is over"))
            self._found["leases_over"] += 1
        items: tuple[Item, ...]
        if item.procedure is None:
            items = (self.keeper.waker.settle(item),)
        else:
            number = follow(self.tx, item.procedure)
            items = self.keeper.keep(number, self.shelf.procedure(number))
        after = self.tx.item(item.id)
        self._found["holds_over"] += before.state is State.HELD and after.state is not State.HELD
        self._looks[item.id] = self._looks.get(item.id, 0) + 1
        if after.wake_at is not None and after.wake_at <= at and after.state is not State.HELD:
            # Nothing was owed by the clock any more: it need not wake again.
            self.tx.move(after, Move(event=Event.ROUTE, actor=LIBRARY, changes={"wake_at": None}))
        for one in items:
            again = _instant(one, self.tx.now) if one.is_open else None
            if again is not None and again > at and self._looks.get(one.id, 0) < _LOOKS:
                heappush(self._heap, (again, one.id))

    def _parked(self, at: datetime) -> None:
        """Show the reports that have waited long enough for their images, and tell of answers that nobody read."""
        if not any(instant <= at for instant in self._parks.values()):
            return
        for parked in parked_over(self.tx, at):
            unpark(self.tx, parked)  # also where it has become part of another, which has a note of its own
            number = follow(self.tx, parked)
            procedure = self.shelf.procedure(number)
            self.keeper.waker.moment = at
            for item in self.tx.items_of(parked) if parked != number else ():
                self.keeper.waker.unread(item)  # what was discharged stays with what became part of another
            self._found["reports_waiting"] += bool(procedure.reports) and not procedure.images_here
            for one in self.keeper.keep(number, procedure):
                again = _instant(one, self.tx.now) if one.is_open else None
                if again is not None and again > at:
                    heappush(self._heap, (again, one.id))
        self._parks = parked_over(self.tx, self.tx.now)


def _instant(item: Item, now: datetime) -> datetime | None:
    """Return when an item is to be looked at, at the latest now; None where time has nothing to say of it yet."""
    found = [at for at in (item.wake_at, item.lease_until) if at is not None]
    at = min(found, default=None)
    return at if at is not None and at <= now else None
