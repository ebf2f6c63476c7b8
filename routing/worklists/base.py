"""What every side of `Worklists` stands on: the store, the active rulebook, the clock, one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from routing.errors import NaiveMoment, NotAllowed, OtherRulebookActive, StoreBusy, StoreRefused
from routing.store.protocol import Store, Writing
from routing.store.records import Item
from routing.worklists.acts import Acts
from routing.worklists.again import again
from routing.worklists.asking import Asking
from routing.worklists.board import look_at_lists
from routing.worklists.judging import Judge
from routing.worklists.lines import lines
from routing.worklists.noting import Noting
from routing.worklists.readers import Readers
from routing.worklists.records import Claim, Line
from routing.worklists.rights import Rights
from routing.worklists.tending import Tended, is_needed, tend

Clock = Callable[[], datetime]
REFUSED = "refused"  # the channel that is told of acts that were refused for want of a right


class Base:
    """The common part of the sides; hosts use `Worklists`, which has all of them."""

    def __init__(
        self, store: Store, judge: Judge, *, clock: Clock, readers: Readers, hold: timedelta, profiles: Any
    ) -> None:
        self._store = store
        self._judge = judge
        self._clock = clock
        self._readers = readers
        self._hold = hold
        self._profiles = profiles

    @property
    def store(self) -> Store:
        """The store behind the worklists."""
        return self._store

    @property
    def rulebook(self) -> Any:
        """The active rulebook."""
        return self._judge.rules

    @again
    def tick(self, at: datetime | None = None) -> Tended:
        """
        Bring about what time alone does, and return what it was.

        Holds and leases end, ladders and watches take their steps, reports without images are shown. It works in
        transactions of bounded size: broken off anywhere, it goes on from there when it is called again.
        """
        now, done = self._now(at), Tended(more=True)
        while done.more:
            with self._writing(now, looks=False) as tx:  # it lets them look itself, at each instant
                done += tend(tx, self._judge, self._hold)
        return done

    def _now(self, at: datetime | None = None) -> datetime:
        return aware(at if at is not None else self._clock())

    @contextmanager
    def _writing(self, now: datetime, *, looks: bool = True) -> Iterator[Writing]:
        """Begin a transaction by the active rulebook; at its end the watches over lists look at what it has changed."""
        with self._remembering(now), self._store.writing(now) as tx:
            found = tx.active_fingerprint()
            if found != self._judge.fingerprint:
                raise OtherRulebookActive(found or "", self._judge.fingerprint)
            yield tx
            if looks:
                look_at_lists(tx, self._judge, self._hold)

    @contextmanager
    def _remembering(self, now: datetime) -> Iterator[None]:
        """Write down what is refused within, once what was begun there is undone."""
        try:
            yield
        except NotAllowed as refused:
            self._remember(refused, now)
            raise

    def _remember(self, refused: NotAllowed, now: datetime) -> None:
        """Write down, apart from what was undone, that somebody tried what they may not."""
        said = {"kind": REFUSED, "actor": refused.actor, "act": refused.act, "needs": refused.needs}
        with suppress(StoreBusy, StoreRefused), self._store.writing(now) as tx:
            tx.notify(REFUSED, said | {"item": refused.item, "at": now.isoformat()}, refused.item)

    @contextmanager
    def _acting(self) -> Iterator[Acts]:
        now = self._now()
        if is_needed(self._store, now):
            self.tick(now)
        with self._writing(now) as tx:
            noting: Any = Noting(tx) if self._judge.watches_items else None
            acting = noting or tx
            yield Acts(acting, self._judge, Rights(acting, self._judge, self._readers, now=now), self._hold)
            if noting:
                noting.look(self._judge, self._hold)

    def _line(self, acts: Acts, item: Item) -> Line:
        return lines(acts.tx, [item], acts.tx.now)[0]

    @contextmanager
    def _looking(self) -> Iterator[Asking]:
        """Answer several questions as of one moment: nothing that others commit in between shows."""
        asking = self._asking()
        with self._store.reading():
            yield asking

    def _asking(self) -> Asking:
        now = self._now()
        if is_needed(self._store, now):
            self.tick(now)
        return Asking(self._store, self._judge, Rights(self._store, self._judge, self._readers, now=now), now)


def which(what: Claim | int, by: str | None, token: int | None) -> tuple[int, str, int | None]:
    """Return the item, the actor and the token that a claim, or the number of an item, stands for."""
    if isinstance(what, Claim):
        return what.item_id, by or what.holder, what.token
    if not isinstance(what, int) or isinstance(what, bool):
        raise TypeError(f"`item` is a claim or the number of an item, not {type(what).__name__}")
    return what, by or "", token


def aware(instant: datetime) -> datetime:
    """Return an instant in UTC. Raises NaiveMoment, and TypeError for what is no instant."""
    if not isinstance(instant, datetime):
        raise TypeError(f"`at` is an aware datetime, not {type(instant).__name__}")
    if instant.tzinfo is None:
        raise NaiveMoment("at")
    return instant.astimezone(UTC)
