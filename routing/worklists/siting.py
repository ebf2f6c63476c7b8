"""Siting: where and when an item waits by the decision on its procedure, and what deciding anew changes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve

from routing.decision import Decision
from routing.sources.procedure import Procedure
from routing.states import Kind, State
from routing.store.protocol import Writing
from routing.store.records import Item
from routing.worklists.judging import Judge
from routing.worklists.owed import Owed, held_until
from routing.worklists.placing import IDENTITY, LIMITS, RESTRICTED, VIEWS, Place, gained, limiting, reading_details
from routing.worklists.waking import Waker


class Siting:
    """Finds where items wait, within one transaction; nothing is written."""

    def __init__(self, tx: Writing, judge: Judge, waker: Waker) -> None:
        self.tx = tx
        self.judge = judge
        self.waker = waker

    def place(self, procedure: Procedure, owed: Owed, decision: Decision, item: Item | None) -> Place:
        """Return where and when an item waits, with its ladder; nothing is written."""
        place = self.waker.placed(self._place(procedure, owed, decision, item), owed, procedure, decision, item)
        views = self.judge.views_of(procedure, self.waker.now)
        return place if views is None else evolve(place, details={**place.details, VIEWS: views})

    def _place(self, procedure: Procedure, owed: Owed, decision: Decision, item: Item | None) -> Place:
        if owed.kind is Kind.RESOLVE:
            exception = self.waker.decision_for(Kind.RESOLVE, procedure, decision)
            # It is for those who sort out what came in; only whose it is stays with whom the rules allow.
            limits = limiting(item, decision, kinds=(IDENTITY,))
            return self._at(exception, exception.due_at, details={"part": owed.part, "reason": owed.part} | limits)
        details: dict[str, Any] = {"part": owed.part, "reason": owed.reason, "tags": list(decision.tags)}
        if owed.kind is Kind.RECHECK:
            first, decision = decision, self.waker.decision_for(owed.kind, procedure, decision)
            details |= limiting(item, first, decision)
            length = decision.due_at - decision.clock_at if decision.due_at else None
            return self._at(decision, self.tx.now + length if length and item is None else None, details=details)
        details |= reading_details(decision, owed, item)
        if owed.kind is Kind.ARBITRATE:
            first, decision = decision, self.waker.decision_for(owed.kind, procedure, decision)
            details |= limiting(item, first, decision)
        if owed.begins is not None:
            own = self.judge.decide(procedure, self.waker.now, ended=owed.begins)
            decision = evolve(decision, due_at=own.due_at, preliminary_due_at=own.preliminary_due_at)
        # What is only expected has no clock yet: nobody can report it before it is done.
        running = procedure.images_here and owed.state is not State.EXPECTED
        wake = held_until(procedure, decision) if owed.state is State.HELD else None
        return Place(
            worklist=owed.worklist or decision.worklist,
            priority=decision.priority,
            rank=self.judge.rank(decision.priority),
            due_at=(owed.due_at or decision.due_at) if running else None,
            preliminary_due_at=decision.preliminary_due_at if running and owed.worklist is None else None,
            wake_at=wake,
            details=details,
        )

    def _at(self, decision: Decision, due_at: datetime | None, details: Mapping[str, Any]) -> Place:
        return Place(
            worklist=decision.worklist,
            priority=decision.priority,
            rank=self.judge.rank(decision.priority),
            due_at=due_at,
            details=details,
        )

    def rerouting(self, item: Item, place: Place) -> dict[str, Any]:
        """Return what deciding anew changes of an item; nothing of where it is, while a reader has it in hand."""
        if item.state is State.CLAIMED or item.details.get("passed"):
            place = Place(
                worklist=item.worklist,
                priority=place.priority,
                rank=place.rank,
                due_at=place.due_at,
                preliminary_due_at=place.preliminary_due_at,
                details=with_what_holds(item, place) | _why_it_is_open(item, place),
            )
        changes = self.changes(item, place)
        if item.state is State.CLAIMED:
            changes.pop("rulebook", None)
        return changes

    def changes(self, item: Item, place: Place) -> dict[str, Any]:
        """Return what is different: another list, a more urgent priority, an earlier due; never the other way."""
        changes: dict[str, Any] = {}
        if place.worklist != item.worklist:
            changes["worklist"] = place.worklist
        changes |= gained(place, item)
        if item.rulebook != self.judge.fingerprint:
            changes["rulebook"] = self.judge.fingerprint
        kept = {name: value for name, value in item.details.items() if name not in place.details}
        details = with_what_holds(item, place) if item.kind is Kind.RESOLVE else dict(place.details) | kept
        if details != dict(item.details):
            changes["details"] = details
        return changes


def _why_it_is_open(item: Item, place: Place) -> dict[str, Any]:
    """Return why a report is owed: that is told as it is now, wherever the item is and in whose hands."""
    return {"reason": place.details["reason"]} if item.kind is Kind.REPORT and "reason" in place.details else {}


def with_what_holds(item: Item, place: Place) -> dict[str, Any]:
    """Return an item's own details with who may read it, whose it is and which views show it: never out of date."""
    return {**item.details, **{name: place.details[name] for name in _HOLDING if name in place.details}}


_HOLDING: Final = (LIMITS, VIEWS, RESTRICTED)
