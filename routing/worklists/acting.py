"""What every act stands on: the transaction, the rulebook, who may, and bringing in step what follows from an act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from routing.errors import NotFound, StaleClaim
from routing.sources.account import stamp_of
from routing.sources.procedure import Procedure, dump
from routing.states import Event, Kind, State
from routing.store.protocol import Writing
from routing.store.records import Item, Move
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper, key
from routing.worklists.reads import SET_ASIDE
from routing.worklists.rights import Rights
from routing.worklists.shelf import StoreShelf, aliases_of
from routing.worklists.waking import notice_of


class Acting:
    """The common part of the acts of people, within one transaction."""

    def __init__(self, tx: Writing, judge: Judge, rights: Rights, hold: timedelta) -> None:
        self.tx = tx
        self.judge = judge
        self.rights = rights
        self.hold = hold

    def _held(self, item_id: int, token: int) -> Item:
        """Return the item of a live claim. Raises StaleClaim also where the lease is over and nobody took it since."""
        item = self.tx.item(item_id)
        if item.state is not State.CLAIMED or item.token != token or item.is_free(self.tx.now):
            raise StaleClaim(str(item_id), token)
        return item

    def _act(
        self,
        item: Item,
        what: str,
        by: str,
        event: Event,
        *,
        reason: str | None,
        evidence: int | None,
        changes: dict[str, Any] | None = None,
    ) -> Item:
        if item.procedure is None:
            return self._move(item, event, by, to=_back(event), changes=changes, reason=reason, evidence=evidence)
        number, procedure = self._procedure(item)
        kind, part = key(item)
        stamp = self._stamp(procedure)
        done = procedure.with_act(kind.value, part, what, stamp)
        if kind is Kind.REPORT and event is Event.REOPEN:
            done = done.with_act(SET_ASIDE, part, what, stamp)
        self.tx.change_procedure(number, dump(done), aliases_of(done))
        to = State.EXPECTED if event is Event.REOPEN and not procedure.images_here else _back(event)
        self._move(item, event, by, to=to, changes=changes, reason=reason, evidence=evidence)
        self._keeper(by).keep(number, done)
        return self.tx.item(item.id)

    def _procedure(self, item: Item) -> tuple[int, Procedure]:
        if item.procedure is None:
            raise NotFound("procedure of item", str(item.id))
        return item.procedure, StoreShelf(self.tx).procedure(item.procedure)

    def _stamp(self, procedure: Procedure) -> int:
        return max(stamp_of(self.tx.at), procedure.latest + 1)

    def _write(self, number: int, procedure: Procedure, by: str, *, act: str = "") -> None:
        self.tx.change_procedure(number, dump(procedure), aliases_of(procedure))
        keeper = self._keeper(by)
        keeper.proof.act = act
        keeper.keep(number, procedure)

    def _keep(self, item: Item, by: str) -> None:
        """Bring in step what follows from an act, with time too: when the item wakes next may have changed."""
        if item.procedure is not None:
            self._keeper(by).keep(item.procedure, StoreShelf(self.tx).procedure(item.procedure))
        else:
            self._keeper(by).waker.settle(item)

    def _keeper(self, by: str) -> Keeper:
        return Keeper(self.tx, self.judge, hold=self.hold, actor=by)

    def _move(
        self,
        item: Item,
        event: Event,
        by: str,
        *,
        to: State | None = None,
        changes: dict[str, Any] | None = None,
        reason: str | None = None,
        evidence: int | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Item:
        changes, body = changes or {}, body or {}
        move = Move(event=event, actor=by, to=to, changes=changes, reason=reason, evidence=evidence, body=body)
        return self.tx.move(item, move)

    def _note(self, item: Item, by: str, reason: str, details: dict[str, Any] | None = None) -> Item:
        """Write something that moves nothing, and what it changes of the details."""
        return self._move(item, Event.NOTE, by, changes={} if details is None else {"details": details}, reason=reason)

    def _tell(self, to: str, item: Item, kind: str, *, by: str, **more: str) -> None:
        """Put a notice about an item into the outbox; *more* is said beside what the item says."""
        self.tx.notify(to, notice_of(item, kind, self.tx.now) | {"by": by} | more, item.id)


def _back(event: Event) -> State | None:
    return State.WAITING if event is Event.REOPEN else None
