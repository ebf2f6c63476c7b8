"""Keeping items in step with what is owed: after every input, act and tick, in the same transaction.

What is owed comes from `routing.worklists.owed`; here it is compared with the items that there are, and each difference
is one move in the journal. Nothing is taken from under a reader's hands but by a final report, which ends the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from routing.decision import Decision
from routing.sources.entries import ACT, ReportEntry
from routing.sources.procedure import Procedure
from routing.sources.reports import AMENDS, FINALS
from routing.states import Event, Kind, State
from routing.store.protocol import Writing
from routing.store.records import Item, Move, Opening
from routing.worklists.answering import unread_until
from routing.worklists.judging import Judge
from routing.worklists.owed import HOLD, Owed, is_whose_in_doubt, parked_until, work_owed
from routing.worklists.parking import park, unpark
from routing.worklists.placing import RESTRICTED, Place, key, newest_open, restricting, why
from routing.worklists.proof import Proof
from routing.worklists.reads import BACK
from routing.worklists.siting import Siting, with_what_holds
from routing.worklists.unowed import Standing, still_owed
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
        self.proof = Proof(tx=tx, actor=actor, rulebook=judge.fingerprint, input=input_number)
        self._fresh: list[ReportEntry] = []  # the reports that this input or act brought
        self.changed: tuple[str, ...] = ()  # the attributes that the input changed, by name, as the reason of moves
        self.waker = Waker(tx, judge)
        self.siting = Siting(tx, judge, self.waker)

    def keep(self, number: int, procedure: Procedure) -> tuple[Item, ...]:
        """Bring the items of a procedure in step, with time too, and return them all as they then stand."""
        self.proof.told = False
        for _ in range(_DECISIONS):
            before = [self._lapsed(item) for item in self.tx.items_of(number)]
            decision = self.waker.decided(procedure, before)
            self._keep(number, procedure, decision, before)
            items, again = self.waker.settle_all(number, procedure, decision, {item.id: item for item in before})
            self.proof.told = True
            if not again:
                break
        self._remember_parked(number, procedure, decision, items)
        return items

    def _lapsed(self, item: Item) -> Item:
        """Return an item without a claim that is over: nobody has it in hand. A tick ends each at its own instant."""
        if self.waker.moment is not None or item.state is not State.CLAIMED or not item.is_free(self.tx.now):
            return item
        return self._move(item, Event.LAPSE, reason="the lease is over")

    def _keep(self, number: int, procedure: Procedure, decision: Decision, before: Iterable[Item]) -> None:
        self._fresh = [entry for entry in procedure.reports if self.proof.brought(entry)]
        items = {key(item): item for item in before}
        owed = self.owed(procedure, decision, items)
        in_doubt = is_whose_in_doubt(owed)
        for one in owed:
            item = items.get((one.kind, one.part))
            place = restricting(self.siting.place(procedure, one, decision, item), item, in_doubt=in_doubt)
            if item is None:
                if one.is_open or one.kind is Kind.REPORT:
                    self._begin(number, one, place, decision)
            else:
                self._follow(item, one, place)
        wanted = {(one.kind, one.part) for one in owed}
        for name, item in items.items():
            if name not in wanted:
                self._settle(item)

    def owed(self, procedure: Procedure, decision: Decision, items: Mapping[tuple[Kind, str], Item]) -> list[Owed]:
        """Return what is owed, and of the items for which nothing gives cause any more what remains of them."""
        owed = list(work_owed(procedure, now=self.waker.now, decision=decision, hold=self.hold))
        wanted = {(one.kind, one.part) for one in owed}
        standing = [
            Standing(kind=kind, part=part, is_open=item.is_open, drafted=bool(item.draft))
            for (kind, part), item in items.items()
            if (kind, part) not in wanted
        ]
        return owed + list(still_owed(procedure, standing, decision, now=self.waker.now, fresh=self._fresh))

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
            item = self._move(
                item, Event.HOLD_OVER, changes=self.siting.changes(item, place) | {"wake_at": place.wake_at}
            )
        if owed.state is State.PRELIMINARY and owed.entry is not None:
            item = self._draft(item, owed, owed.entry)
        # A draft on what is checked or arbitrated is no news of the scan.
        elif item.draft and item.kind is Kind.REPORT and owed.state is not State.PRELIMINARY:
            item = self._take_back(item, owed)
        self._route(item, place)

    def _again(self, item: Item, owed: Owed, place: Place) -> Item:
        """Bring discharged work back with its original clock."""
        changes = self._landing(item, place)
        reason = owed.reason or "new images, order or act"
        to = State.EXPECTED if owed.state is State.EXPECTED else State.WAITING
        if item.state is State.REPORTED and to is State.WAITING and (source := self._taken_back_by(owed)):
            evidence = self.proof.of_source(item, source)
            return self._move(item, Event.WITHDRAW, to=to, changes=changes, reason=reason, evidence=evidence)
        return self._move(item, Event.REOPEN, to=to, changes=changes, reason=reason)

    def _taken_back_by(self, owed: Owed) -> str:
        """Return the source of what took a report back; of what people did here only a withdrawal does that."""
        back = {entry.source for entry in owed.reports if entry.status in BACK}
        found = (one for one in (owed.evidence, self.proof.source) if one and (one in back or not one.startswith(ACT)))
        return next(found, "")

    def _landing(self, item: Item, place: Place) -> dict[str, Any]:
        """Return the change of list that discharged work needs to come back: its own may be gone from the rulebook."""
        return {} if item.worklist in self.judge.lists else {"worklist": place.worklist}

    def _images(self, item: Item, owed: Owed, place: Place) -> Item:
        to = State.HELD if owed.state is State.HELD else State.WAITING
        return self._move(
            item, Event.IMAGES, to=to, changes=self.siting.changes(item, place) | {"wake_at": place.wake_at}
        )

    def _draft(self, item: Item, owed: Owed, entry: ReportEntry) -> Item:
        if item.draft and not self.proof.brought(entry):
            return item
        evidence = self.proof.of_report(item, entry)
        to = State.CLAIMED if item.state is State.CLAIMED and not entry.is_act else State.PRELIMINARY
        changes = {"wake_at": None} if item.state is State.HELD else {}
        return self._move(
            item, Event.PRELIMINARY, to=to, changes=changes, evidence=evidence, reason=owed.reason or None
        )

    def _take_back(self, item: Item, owed: Owed) -> Item:
        if not (source := self._taken_back_by(owed)):
            return item
        evidence = self.proof.of_source(item, source)
        return self._move(item, Event.WITHDRAW, reason=owed.reason or "the draft was withdrawn", evidence=evidence)

    def _report(self, item: Item, owed: Owed, place: Place) -> None:
        entry = owed.entry
        if entry is None:
            return
        if item.state is State.REPORTED:
            for fresh in self._fresh:
                if fresh.status in _NOTED and fresh in owed.reports:
                    item = self._move(item, Event.AMEND, evidence=self.proof.of_report(item, fresh))
            return
        if not item.is_open:
            changes = self._landing(item, place)
            item = self._move(item, Event.REOPEN, to=State.WAITING, changes=changes, reason="a report came")
        if item.state is State.EXPECTED:
            item = self._move(item, Event.IMAGES, to=State.WAITING, changes=self.siting.changes(item, place))
        changes = {"details": with_what_holds(item, place)} if item.details.get(RESTRICTED) else {}
        self._move(item, Event.FINAL_REPORT, changes=changes, evidence=self.proof.of_report(item, entry))

    def _close(self, item: Item, owed: Owed) -> None:
        evidence = (
            self.proof.of_source(item, owed.evidence) if owed.evidence else self.proof.of_closure(item, owed.reason)
        )
        self._move(item, Event.CLOSE, reason=owed.reason or "closed", evidence=evidence)

    def _settle(self, item: Item) -> None:
        """Close what needed a person and no longer does, unless somebody has it in hand; nothing else ends so.

        That is what a person had to look at, and an arbitration of reads of which one is owed again, or that agree now.
        """
        settles = item.kind in {Kind.RESOLVE, Kind.ARBITRATE} and "input" not in item.details
        if not settles or not item.is_open or item.state is State.CLAIMED:
            return
        said = "settled by later news"
        evidence = (
            self.proof.of_source(item, self.proof.source)
            if self.proof.input is not None
            else self.proof.of_closure(item, said)
        )
        self._move(item, Event.CLOSE, reason=said, evidence=evidence)

    def _route(self, item: Item, place: Place) -> None:
        if changes := self.siting.rerouting(item, place):
            said = f"{', '.join(self.changed)} changed" if self.changed else None
            self._move(item, Event.ADOPT if "rulebook" in changes else Event.ROUTE, changes=changes, reason=said)

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


_NOTED: Final = FINALS | AMENDS  # what is written down on a report that is there already
