"""Passing: an item to another list or to a colleague, a second opinion, and what a person changes by a right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve

from routing.decision import Decision
from routing.errors import NaiveMoment, NotAllowed, NotFound, TransitionRefused
from routing.states import Event, Kind, State
from routing.store.records import Item, Opening
from routing.worklists.answering import acknowledged, is_unread, unread_until
from routing.worklists.asked import ASKED, HANDOVER, accepted, asked_until, handing, without_asked, without_handover
from routing.worklists.ladder import LADDER, ladder_of
from routing.worklists.placing import OVERRIDDEN, key, limiting, overridden
from routing.worklists.records import Claim
from routing.worklists.reporting import UNREAD, Reports
from routing.worklists.rights import LENGTHEN, LOWER, REASSIGN, require_name
from routing.worklists.shelf import StoreShelf

PASSED: Final = "passed"


class Passes(Reports):
    """Passing, opinions and overriding, within one transaction."""

    def pass_to(
        self, item_id: int, worklist: str, by: str, reason: str, token: int | None = None, *, accept: bool = False
    ) -> Item:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back.

        With *accept* it waits where it is until a reader of the other list accepts it.
        """
        item = self._passable(item_id, by, token)
        if worklist not in self.judge.lists:
            raise NotFound("worklist", worklist)
        if worklist == item.worklist:
            raise TransitionRefused(str(item_id), item.state.value, Event.PASS.value, f"it is on `{worklist}` already")
        if accept:
            return self._offer(item, {"to_worklist": worklist}, by, reason, tells=worklist)
        changes, body = _moved(item, worklist), {"to_worklist": worklist}
        return self._move(item, Event.PASS, by, to=_kept(item), changes=changes, reason=reason, body=body)

    def hand_to(self, item_id: int, reader: str, by: str, reason: str, token: int | None = None) -> Item:
        """Offer an item to one reader; until they accept, it waits on its own list, which stays responsible."""
        item = self._passable(item_id, by, token)
        require_name(reader, "be given an item")
        if reader == by:
            raise NotAllowed(by, "pass an item to themselves", "another reader", item.id)
        self.rights.require_asked(reader)
        return self._offer(item, {"to_reader": reader}, by, reason, tells=f"reader:{reader}")

    def _offer(self, item: Item, to: dict[str, str], by: str, reason: str, *, tells: str) -> Item:
        changes = {"details": handing(item.details, to, by, reason, self.tx.now)}
        moved = self._move(item, Event.PASS, by, to=_kept(item), changes=changes, reason=reason, body=to)
        self._tell(tells, moved, "passed_to_you", by=by, reason=reason)
        self._keep(moved, by)
        return self.tx.item(item.id)

    def accept(self, item_id: int, by: str, lease: timedelta) -> Claim:
        """Take an item that was passed to this reader, or to a list that they read: it is claimed for them."""
        item = self._handed(item_id, by)
        handover = item.details[HANDOVER]
        if not item.is_free(self.tx.now):
            raise TransitionRefused(str(item_id), item.state.value, "accept", "somebody else has it")
        if self._reads_twice(item, by):
            raise NotAllowed(by, "read it twice", "a different reader", item.id)
        said = f"accepted from {handover['by']}"
        if (worklist := handover.get("to_worklist")) is not None:
            changes, body = _moved(item, worklist), {"to_worklist": worklist}
            item = self._move(item, Event.PASS, by, to=_kept(item), changes=changes, reason=said, body=body)
        else:
            item = self._note(item, by, said, details=accepted(item.details))
        return self._claim(item, by, lease)

    def decline(self, item_id: int, by: str, reason: str) -> Item:
        """Give back what was passed to this reader, or to their list, with a reason; who passed it is told."""
        item = self._handed(item_id, by)
        if not reason.strip():
            raise TransitionRefused(str(item_id), item.state.value, "decline", "it needs a reason")
        moved = self._note(item, by, f"declined: {reason}", details=without_handover(item.details))
        self._tell(f"reader:{item.details[HANDOVER]['by']}", moved, "pass_declined", by=by, reason=reason)
        self._keep(moved, by)
        return self.tx.item(item_id)

    def _handed(self, item_id: int, by: str) -> Item:
        """Return an item that is being passed to this reader; its limits hold for them as for anybody."""
        require_name(by, "answer a pass")
        item = self.tx.item(item_id)
        handover = item.details.get(HANDOVER)
        until = asked_until(item)
        if handover is None or not item.is_open or until is None or until <= self.tx.now:
            needs = "nobody is asked to take it"
            raise TransitionRefused(str(item_id), item.state.value, "answer a pass", needs)
        if handover.get("to_reader", by) != by:
            raise NotAllowed(by, "answer a pass", "to be the one it was passed to", item.id)
        self.rights.require_take(by, evolve(item, worklist=handover.get("to_worklist", item.worklist)), "answer a pass")
        return item

    def _passable(self, item_id: int, by: str, token: int | None) -> Item:
        item = self._held(item_id, token) if token is not None else self.tx.item(item_id)
        self.rights.require_take(by, item, "pass")
        if item.state is State.CLAIMED and item.holder != by and not item.is_free(self.tx.now):
            raise NotAllowed(by, "pass", "the token of the claim", item.id)
        return item

    # a second opinion

    def ask_opinion(
        self,
        item_id: int,
        by: str,
        question: str,
        *,
        of: str | None = None,
        worklist: str | None = None,
        due: timedelta | datetime | None = None,
    ) -> Item:
        """Begin an item of kind `opinion` beside the first, which it neither closes nor reopens."""
        require_name(by, "ask for an opinion")
        item = self.tx.item(item_id)
        self.rights.require_read(by, item.worklist, "ask for an opinion")
        if of == by:
            raise NotAllowed(by, "ask themselves for an opinion", "another reader", item.id)
        if of is not None:
            self.rights.require_asked(of)
        if not question.strip():
            raise TransitionRefused(str(item_id), item.state.value, "ask for an opinion", "it needs a question")
        if item.procedure is None:
            raise NotFound("procedure of item", str(item_id))
        if worklist is not None and worklist not in self.judge.lists:
            raise NotFound("worklist", worklist)
        decision = self._opinion_decision(item)
        due_at = decision.due_at if due is None else self._due(item, due)
        opened = self.tx.open(
            Opening(
                procedure=item.procedure,
                kind=Kind.OPINION,
                state=State.WAITING,
                worklist=worklist or decision.worklist,
                priority=decision.priority,
                rank=self.judge.rank(decision.priority),
                rulebook=self.judge.fingerprint,
                due_at=due_at,
                details=self._opinion_details(item, by, question, of)
                | limiting(None, decision)
                | {LADDER: ladder_of(decision, self.tx.now, due_at=due_at)},
            ),
            actor=by,
            reason="second opinion",
            body={"of_item": item.id} | ({"asked_of": of} if of is not None else {}),
        )
        for target in dict.fromkeys((f"reader:{of}" if of is not None else opened.worklist, *decision.notify)):
            self._tell(target, opened, "opinion_asked", by=by)
        self._keep(opened, by)
        return self.tx.item(opened.id)

    def _due(self, item: Item, due: timedelta | datetime) -> datetime:
        """Return by when an opinion is asked for. Refused: what is over already, or past the end of the calendar."""
        if isinstance(due, datetime) and due.tzinfo is None:
            raise NaiveMoment("due")
        try:
            at = due.astimezone(UTC) if isinstance(due, datetime) else self.tx.now + due
        except OverflowError:
            at = None
        if at is None or at <= self.tx.now:
            reason = "its due is over already" if at is not None else "its due is after the last day of the calendar"
            raise TransitionRefused(str(item.id), item.state.value, "ask for an opinion", reason)
        return at

    def _opinion_details(self, item: Item, by: str, question: str, of: str | None) -> dict[str, Any]:
        number = sum(one.kind is Kind.OPINION for one in self.tx.items_of(item.procedure or 0)) + 1
        return {
            "part": f"{key(item)[1]}.{number}",
            "reason": "a second opinion is asked for",
            "question": question,
            "asked_by": by,
            "of_item": item.id,
        } | ({ASKED: of} if of is not None else {})

    def _opinion_decision(self, item: Item) -> Decision:
        """Return the decision for an opinion: by the rules `for opinion`, else where the first item waits."""
        procedure = StoreShelf(self.tx).procedure(item.procedure or 0)
        waker = self._keeper(by="").waker
        first = waker.decided(procedure, self.tx.items_of(item.procedure or 0))
        beside = evolve(first, worklist=item.worklist, escalations=(), notify=())
        return self.judge.decide_for(Kind.OPINION, procedure, self.tx.now, beside)

    def acknowledge(self, item_id: int, by: str) -> Item:
        """Write that the one who asked has read the answer to an opinion.

        Where they have not within a day, whoever reads the list of the first item may too.
        """
        require_name(by, "acknowledge")
        item = self.tx.item(item_id)
        if item.kind is not Kind.OPINION or item.state is not State.REPORTED:
            raise TransitionRefused(str(item_id), item.state.value, "acknowledge", "it is no answered opinion")
        first = self.tx.item(item.details["of_item"])
        is_late = is_unread(item) and unread_until(item) is None
        if item.details.get("asked_by") != by and not (is_late and self.rights.may_read(by, first.worklist)):
            raise NotAllowed(by, "acknowledge", "to be the one who asked", item.id)
        if UNREAD in first.details and first.is_open:
            left = [one for one in first.details[UNREAD] if one["opinion"] != item_id]
            self._note(first, by, "answer read", details={**first.details, UNREAD: left})
        self._keep(self._note(item, by, "answer read", details=acknowledged(item.details, by)), by)
        return self.tx.item(item_id)

    # what a person changes by a right

    def override(
        self,
        item_id: int,
        by: str,
        reason: str,
        *,
        priority: str | None = None,
        due_at: datetime | None = None,
        worklist: str | None = None,
    ) -> Item:
        """Change priority, due or list against the rules: lower, later or elsewhere each need a right of their own."""
        require_name(by, "override")
        item = self.tx.item(item_id)
        changes: dict[str, Any] = {}
        if priority is not None:
            if priority not in self.judge.priorities:
                raise NotFound("priority", priority)
            if self.judge.rank(priority) > item.rank:
                self.rights.require(by, LOWER, item.worklist, item=item.id)
            changes |= {"priority": priority, "rank": self.judge.rank(priority)}
        if due_at is not None:
            if due_at.tzinfo is None:
                raise NaiveMoment("due_at")
            if item.due_at is not None and due_at > item.due_at:
                self.rights.require(by, LENGTHEN, item.worklist, item=item.id)
            changes["due_at"] = due_at.astimezone(UTC)
        if worklist is not None:
            if worklist not in self.judge.lists:
                raise NotFound("worklist", worklist)
            self.rights.require(by, REASSIGN, item.worklist, item=item.id)
            changes |= _moved(item, worklist)
        if not changes:
            raise TransitionRefused(str(item_id), item.state.value, "override", "nothing is to be changed")
        details = {**changes.get("details", item.details), OVERRIDDEN: overridden(item, changes)}
        moved = self._move(
            item, Event.OVERRIDE, by, to=item.state, changes=changes | {"details": details}, reason=reason
        )
        self._keep(moved, by)
        return self.tx.item(item_id)


def _moved(item: Item, worklist: str) -> dict[str, Any]:
    """Return what changes where a person brings an item to a list: it stays there, and nobody is asked any more."""
    return {"worklist": worklist, "details": {**without_asked(item.details), PASSED: worklist}}


def _kept(item: Item) -> State | None:
    return None if item.state is State.CLAIMED else item.state
