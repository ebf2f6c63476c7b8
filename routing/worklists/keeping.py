"""Keeping items in step with what is owed: after every input, act and tick, in the same transaction.

What is owed comes from `routing.worklists.owed`; here it is compared with the items that there are, and each difference
is one move in the journal. Nothing is taken from under a reader's hands but by a final report, which ends the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from routing.decision import Decision
from routing.sources.entries import ACT, ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure
from routing.states import Event, Kind, State
from routing.store.protocol import Writing
from routing.store.records import Evidence, Item, Move, Opening
from routing.worklists.answering import unread_until
from routing.worklists.judging import Judge
from routing.worklists.owed import HOLD, Owed, held_until, is_whose_in_doubt, parked_until, work_owed
from routing.worklists.parking import park, unpark
from routing.worklists.placing import (
    IDENTITY,
    LIMITS,
    RESTRICTED,
    VIEWS,
    Place,
    gained,
    key,
    limiting,
    newest_open,
    reading_details,
    restricting,
    why,
)
from routing.worklists.reads import filed_final
from routing.worklists.waking import LIBRARY, Waker

__all__ = ["LIBRARY", "Keeper", "Place", "key", "newest_open"]

_DECISIONS: Final = 4  # how often a watch may have it decided anew within one look


class Keeper:
    """Brings the items of procedures in step with what is known of them, within one transaction."""

    def __init__(
        self,
        tx: Writing,
        judge: Judge,
        *,
        hold: timedelta = HOLD,
        actor: str = LIBRARY,
        input_number: int | None = None,
    ) -> None:
        self.tx = tx
        self.judge = judge
        self.hold = hold
        self.actor = actor
        self.input = input_number  # the input that is being taken in, if one is
        self._fresh: list[ReportEntry] = []  # the reports that this input or act brought
        self.act = ""  # the source of the report that is being filed here, if one is
        self.changed: tuple[str, ...] = ()  # the attributes that the input changed, by name, as the reason of moves
        self.waker = Waker(tx, judge)
        self._told = False  # whether what this input or act brought is written

    def keep(self, number: int, procedure: Procedure) -> tuple[Item, ...]:
        """Bring the items of a procedure in step, with time too, and return them all as they then stand."""
        self._told = False
        for _ in range(_DECISIONS):
            before = self.tx.items_of(number)
            decision = self.waker.decided(procedure, before)
            self._keep(number, procedure, decision, before)
            items, again = self.waker.settle_all(number, procedure, decision, {item.id: item for item in before})
            self._told = True
            if not again:
                break
        self._remember_parked(number, procedure, decision, items)
        return items

    def _keep(self, number: int, procedure: Procedure, decision: Decision, before: Iterable[Item]) -> None:
        self._fresh = [entry for entry in procedure.reports if self._is_new(entry)]
        owed = work_owed(procedure, now=self.waker.now, decision=decision, hold=self.hold)
        items = {key(item): item for item in before}
        in_doubt = is_whose_in_doubt(owed)
        for one in owed:
            item = items.get((one.kind, one.part))
            place = restricting(self.place(procedure, one, decision, item), item, in_doubt=in_doubt)
            if item is None:
                if one.is_open or one.kind is Kind.REPORT:
                    self._begin(number, one, place, decision)
            else:
                self._follow(item, one, place)
        wanted = {(one.kind, one.part) for one in owed}
        for name, item in items.items():
            if name not in wanted:
                self._settle(item, procedure)

    def attention(
        self, number: int | None, reason: str, *, why: str, part: str, evidence: Mapping[str, Any] | None = None
    ) -> Item:
        """Begin a `resolve` item for an input that belongs to no procedure, or could not be processed."""
        decision = self.waker.decision_for(Kind.RESOLVE, None, None)
        item = self.tx.open(
            Opening(
                procedure=number,
                kind=Kind.RESOLVE,
                state=State.WAITING,
                worklist=decision.worklist,
                priority=decision.priority,
                rank=self.judge.rank(decision.priority),
                rulebook=self.judge.fingerprint,
                due_at=decision.due_at,
                details={"part": part, "reason": reason},
            ),
            actor=self.actor,
            reason=why,
            body=evidence,
        )
        return self.waker.settle(item, decision)

    # where an item waits

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

    # beginning

    def _begin(self, number: int, owed: Owed, place: Place, decision: Decision) -> None:
        state = owed.state if owed.state in {State.EXPECTED, State.HELD} else State.WAITING
        if owed.state is State.CLOSED and place.due_at is None:
            state = State.EXPECTED
        item = self.tx.open(
            Opening(
                procedure=number,
                kind=owed.kind,
                state=state,
                worklist=place.worklist,
                priority=place.priority,
                rank=place.rank,
                rulebook=self.judge.fingerprint,
                due_at=place.due_at,
                preliminary_due_at=place.preliminary_due_at,
                wake_at=place.wake_at,
                opened_at=self.waker.moment,
                details=place.details,
            ),
            actor=self.actor,
            reason=owed.reason or None,
            body=why(decision),
        )
        self._follow(item, owed, place)

    # following

    def _follow(self, item: Item, owed: Owed, place: Place) -> None:
        if owed.is_open:
            self._keep_open(item, owed, place)
        elif owed.state is State.REPORTED:
            self._report(item, owed, place)
        elif owed.state is State.CLOSED and item.is_open:
            if owed.kind is Kind.RESOLVE and item.state is State.CLAIMED:
                return
            self._close(item, owed)

    def _keep_open(self, item: Item, owed: Owed, place: Place) -> None:
        if not item.is_open:
            item = self._again(item, owed, place)
        if item.state is State.EXPECTED and owed.state is not State.EXPECTED:
            item = self._images(item, owed, place)
        if item.state is State.HELD and owed.state is State.WAITING:
            item = self._move(item, Event.HOLD_OVER, changes=self._changes(item, place) | {"wake_at": place.wake_at})
        if owed.state is State.PRELIMINARY and owed.entry is not None:
            item = self._draft(item, owed, owed.entry)
        elif item.draft and item.kind is Kind.REPORT:  # a draft on what is checked or arbitrated is no news of the scan
            item = self._take_back(item, owed)
        self._route(item, place)

    def _again(self, item: Item, owed: Owed, place: Place) -> Item:
        """Bring discharged work back with its original clock."""
        changes = self._landing(item, place)
        reason = owed.reason or "new images, order or act"
        to = State.EXPECTED if owed.state is State.EXPECTED else State.WAITING
        if item.state is State.REPORTED and to is State.WAITING and owed.evidence:
            evidence = self._message(item, owed.evidence)
            return self._move(item, Event.WITHDRAW, to=to, changes=changes, reason=reason, evidence=evidence)
        return self._move(item, Event.REOPEN, to=to, changes=changes, reason=reason)

    def _landing(self, item: Item, place: Place) -> dict[str, Any]:
        """Return the change of list that discharged work needs to come back: its own may be gone from the rulebook."""
        return {} if item.worklist in self.judge.lists else {"worklist": place.worklist}

    def _images(self, item: Item, owed: Owed, place: Place) -> Item:
        to = State.HELD if owed.state is State.HELD else State.WAITING
        return self._move(item, Event.IMAGES, to=to, changes=self._changes(item, place) | {"wake_at": place.wake_at})

    def _draft(self, item: Item, owed: Owed, entry: ReportEntry) -> Item:
        if item.draft and not self._is_new(entry):
            return item
        evidence = self._report_evidence(item, entry)
        to = State.CLAIMED if item.state is State.CLAIMED and not entry.is_act else State.PRELIMINARY
        changes = {"wake_at": None} if item.state is State.HELD else {}
        return self._move(
            item, Event.PRELIMINARY, to=to, changes=changes, evidence=evidence, reason=owed.reason or None
        )

    def _take_back(self, item: Item, owed: Owed) -> Item:
        source = owed.evidence or (str(self.input) if self.input is not None else self.act)
        if not source:
            return item
        evidence = self._message(item, source)
        return self._move(item, Event.WITHDRAW, reason=owed.reason or "the draft was withdrawn", evidence=evidence)

    def _report(self, item: Item, owed: Owed, place: Place) -> None:
        entry = owed.entry
        if entry is None:
            return
        if item.state is State.REPORTED:
            for fresh in self._fresh:
                if fresh.status in _AMENDS:
                    item = self._move(item, Event.AMEND, evidence=self._report_evidence(item, fresh))
            return
        if not item.is_open:
            changes = self._landing(item, place)
            item = self._move(item, Event.REOPEN, to=State.WAITING, changes=changes, reason="a report came")
        if item.state is State.EXPECTED:
            item = self._move(item, Event.IMAGES, to=State.WAITING, changes=self._changes(item, place))
        changes = {"details": _with_what_holds(item, place)} if item.details.get(RESTRICTED) else {}
        self._move(item, Event.FINAL_REPORT, changes=changes, evidence=self._report_evidence(item, entry))

    def _close(self, item: Item, owed: Owed) -> None:
        evidence = self._message(item, owed.evidence) if owed.evidence else self._closure(item, owed.reason)
        self._move(item, Event.CLOSE, reason=owed.reason or "closed", evidence=evidence)

    def _settle(self, item: Item, procedure: Procedure) -> None:
        """End what is owed no longer: a report by the final that is filed on it now, what needed a person by itself.

        That is also an arbitration of reads of which one is owed again, or that agree now.
        """
        final = filed_final(procedure.filed, str(item.details.get("part")))
        if item.kind is Kind.REPORT and item.state is State.CLAIMED and final is not None and self._is_new(final):
            self._move(item, Event.FINAL_REPORT, evidence=self._report_evidence(item, final))
        settles = item.kind in {Kind.RESOLVE, Kind.ARBITRATE} and "input" not in item.details
        if not settles or not item.is_open or item.state is State.CLAIMED:
            return
        said = "settled by later news"
        evidence = self._message(item, str(self.input)) if self.input is not None else self._closure(item, said)
        self._move(item, Event.CLOSE, reason=said, evidence=evidence)

    def _closure(self, item: Item, reason: str) -> int:
        body = {"reason": reason, "rulebook": self.judge.fingerprint, "by": self.actor}
        return self.tx.add_evidence(Evidence(kind="closure", procedure=item.procedure, body=body))

    def _route(self, item: Item, place: Place) -> None:
        if changes := self.rerouting(item, place):
            said = f"{', '.join(self.changed)} changed" if self.changed else None
            self._move(item, Event.ADOPT if "rulebook" in changes else Event.ROUTE, changes=changes, reason=said)

    def rerouting(self, item: Item, place: Place) -> dict[str, Any]:
        """Return what deciding anew changes of an item; nothing of where it is, while a reader has it in hand."""
        if item.state is State.CLAIMED or item.details.get("passed"):
            place = Place(
                worklist=item.worklist,
                priority=place.priority,
                rank=place.rank,
                due_at=place.due_at,
                preliminary_due_at=place.preliminary_due_at,
                details=_with_what_holds(item, place),
            )
        changes = self._changes(item, place)
        if item.state is State.CLAIMED:
            changes.pop("rulebook", None)
        return changes

    def _changes(self, item: Item, place: Place) -> dict[str, Any]:
        """Return what is different: another list, a more urgent priority, an earlier due; never the other way."""
        changes: dict[str, Any] = {}
        if place.worklist != item.worklist:
            changes["worklist"] = place.worklist
        changes |= gained(place, item)
        if item.rulebook != self.judge.fingerprint:
            changes["rulebook"] = self.judge.fingerprint
        kept = {name: value for name, value in item.details.items() if name not in place.details}
        details = _with_what_holds(item, place) if item.kind is Kind.RESOLVE else dict(place.details) | kept
        if details != dict(item.details):
            changes["details"] = details
        return changes

    # the journal

    def _move(
        self,
        item: Item,
        event: Event,
        *,
        to: State | None = None,
        changes: Mapping[str, Any] | None = None,
        reason: str | None = None,
        evidence: int | None = None,
    ) -> Item:
        move = Move(event=event, actor=self.actor, to=to, changes=changes or {}, reason=reason, evidence=evidence)
        return self.tx.move(item, move)

    def _message(self, item: Item, source: str) -> int:
        """Return the evidence that a source is: the message that came, or what was written when somebody acted here."""
        if source.startswith(ACT):
            return int(source.removeprefix(ACT))
        return self.tx.add_evidence(Evidence(kind="message", procedure=item.procedure, input=int(source)))

    def _report_evidence(self, item: Item, entry: ReportEntry) -> int:
        if entry.is_act:
            return int(entry.source.removeprefix(ACT))
        return self.tx.add_evidence(
            Evidence(
                kind="report",
                procedure=item.procedure,
                status=entry.status.value,
                input=int(entry.source),
                digest=entry.digest,
                body={"raw_status": entry.raw_status},
            )
        )

    def _is_new(self, entry: ReportEntry) -> bool:
        """Return whether this very input, or this very act, brought the report."""
        if self._told:
            return False
        return entry.source == str(self.input) if self.input is not None else entry.is_act and entry.source == self.act

    # reports that wait for their images, and answers that wait for their reader

    def _remember_parked(self, number: int, procedure: Procedure, decision: Decision, items: Sequence[Item]) -> None:
        opinions = [item for item in items if item.kind is Kind.OPINION]
        if not procedure.reports and not opinions:
            return
        found = [parked_until(procedure, decision), *map(unread_until, opinions)]
        still = [until for until in found if until is not None and until > self.waker.now]
        if still:
            park(self.tx, number, min(still))
        else:
            unpark(self.tx, number)


def _with_what_holds(item: Item, place: Place) -> dict[str, Any]:
    """Return an item's own details with who may read it, whose it is and which views show it: never out of date."""
    return {**item.details, **{name: place.details[name] for name in _HOLDING if name in place.details}}


_HOLDING: Final = (LIMITS, VIEWS, RESTRICTED)
_AMENDS: Final = frozenset({ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.ADDENDUM})
