"""Passing: an item to another list or to a colleague, a second opinion, and what a person changes by a right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from routing.errors import NaiveMoment, NotAllowed, NotFound, TransitionRefused
from routing.states import Event, Kind, State
from routing.store.records import Item, Opening
from routing.worklists.placing import OVERRIDDEN, key
from routing.worklists.records import Claim
from routing.worklists.reporting import ASKED, Reports
from routing.worklists.rights import LENGTHEN, LOWER, REASSIGN, require_name
from routing.worklists.shelf import StoreShelf

HANDOVER: Final = "handover"
PASSED: Final = "passed"
ANSWERS_WITHIN: Final = timedelta(hours=8)  # a pass that nobody answers for so long is over


class Passes(Reports):
    """Passing, opinions and overriding, within one transaction."""

    def pass_to(self, item_id: int, worklist: str, by: str, reason: str, token: int | None = None) -> Item:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back."""
        item = self._passable(item_id, by, token)
        if worklist not in self.judge.lists:
            raise NotFound("worklist", worklist)
        details = {name: value for name, value in item.details.items() if name not in {HANDOVER, ASKED}}
        changes = {"worklist": worklist, "details": {**details, PASSED: worklist}}
        return self._move(item, Event.PASS, by, to=_kept(item), changes=changes, reason=reason)

    def hand_to(self, item_id: int, reader: str, by: str, reason: str, token: int | None = None) -> Item:
        """Offer an item to one reader; until they accept, it waits on its own list, which stays responsible."""
        item = self._passable(item_id, by, token)
        require_name(reader, "be given an item")
        if reader == by:
            raise NotAllowed(by, "pass an item to themselves", "another reader")
        handover = {"to": reader, "by": by, "until": (self.tx.now + ANSWERS_WITHIN).astimezone(UTC).isoformat()}
        details = {**item.details, ASKED: reader, HANDOVER: handover}
        moved = self._move(item, Event.PASS, by, to=_kept(item), changes={"details": details}, reason=reason)
        self._tell(f"reader:{reader}", moved, "passed_to_you", by=by)
        return moved

    def accept(self, item_id: int, by: str, lease: timedelta) -> Claim:
        """Take an item that was passed to this reader: it is claimed for them."""
        item = self._handed(item_id, by)
        if not item.is_free(self.tx.now):
            raise TransitionRefused(str(item_id), item.state.value, "accept", "somebody else has it")
        details = {name: value for name, value in item.details.items() if name != HANDOVER}
        item = self._note(item, by, f"accepted from {item.details[HANDOVER]['by']}", details=details)
        return self._claim(item, by, lease)

    def decline(self, item_id: int, by: str, reason: str) -> Item:
        """Give back what was passed to this reader, with a reason; who passed it is told."""
        item = self._handed(item_id, by)
        if not reason.strip():
            raise TransitionRefused(str(item_id), item.state.value, "decline", "it needs a reason")
        details = {name: value for name, value in item.details.items() if name not in {HANDOVER, ASKED}}
        giver = item.details[HANDOVER]["by"]
        moved = self._note(item, by, f"declined: {reason}", details=details)
        self._tell(f"reader:{giver}", moved, "pass_declined", by=by)
        return moved

    def _handed(self, item_id: int, by: str) -> Item:
        require_name(by, "answer a pass")
        item = self.tx.item(item_id)
        if HANDOVER not in item.details or not item.is_open:
            raise TransitionRefused(
                str(item_id), item.state.value, "answer a pass", "it is not being passed to anybody"
            )
        if item.details[HANDOVER]["to"] != by:
            raise NotAllowed(by, "answer a pass", "to be the one it was passed to")
        return item

    def _passable(self, item_id: int, by: str, token: int | None) -> Item:
        item = self._held(item_id, token) if token is not None else self.tx.item(item_id)
        self.rights.require_take(by, item, "pass")
        if item.state is State.CLAIMED and item.holder != by and not item.is_free(self.tx.now):
            raise NotAllowed(by, "pass", "the token of the claim")
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
        if not question.strip():
            raise TransitionRefused(str(item_id), item.state.value, "ask for an opinion", "it needs a question")
        if item.procedure is None:
            raise NotFound("procedure of item", str(item_id))
        if worklist is not None and worklist not in self.judge.lists:
            raise NotFound("worklist", worklist)
        place = self._opinion_place(item)
        asked = {ASKED: of} if of is not None else {}
        mine = [one for one in self.tx.items_of(item.procedure) if one.kind is Kind.OPINION]
        details: dict[str, Any] = {
            "part": f"{key(item)[1]}.{len(mine) + 1}",
            "reason": "a second opinion is asked for",
            "question": question,
            "asked_by": by,
            "of_item": item.id,
            **asked,
        }
        due_at = place.due_at if due is None else due if isinstance(due, datetime) else self.tx.now + due
        if due_at is not None and due_at.tzinfo is None:
            raise NaiveMoment("due")
        opened = self.tx.open(
            Opening(
                procedure=item.procedure,
                kind=Kind.OPINION,
                state=State.WAITING,
                worklist=worklist or place.worklist,
                priority=place.priority,
                rank=self.judge.rank(place.priority),
                rulebook=self.judge.fingerprint,
                due_at=due_at,
                details=details,
            ),
            actor=by,
            reason="second opinion",
        )
        self._tell(f"reader:{of}" if of is not None else opened.worklist, opened, "opinion_asked", by=by)
        return opened

    def _opinion_place(self, item: Item) -> Any:
        """Return the decision for an opinion: by the rules `for opinion`, else where the first item waits."""
        procedure = StoreShelf(self.tx).procedure(item.procedure or 0)
        keeper = self._keeper("routing")
        first = keeper.waker.decided(procedure, self.tx.items_of(item.procedure or 0))
        return keeper.waker.decision_for(Kind.OPINION, procedure, first)

    def acknowledge(self, item_id: int, by: str) -> Item:
        """Write that the one who asked has read the answer to an opinion."""
        require_name(by, "acknowledge")
        item = self.tx.item(item_id)
        if item.kind is not Kind.OPINION or item.state is not State.REPORTED:
            raise TransitionRefused(str(item_id), item.state.value, "acknowledge", "it is no answered opinion")
        if item.details.get("asked_by") != by:
            raise NotAllowed(by, "acknowledge", "to be the one who asked")
        return self._note(item, by, "answer read", details={**item.details, "read_by": by})

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
                self.rights.require(by, LOWER, item.worklist)
            changes |= {"priority": priority, "rank": self.judge.rank(priority)}
        if due_at is not None:
            if due_at.tzinfo is None:
                raise NaiveMoment("due_at")
            if item.due_at is not None and due_at > item.due_at:
                self.rights.require(by, LENGTHEN, item.worklist)
            changes["due_at"] = due_at.astimezone(UTC)
        if worklist is not None:
            if worklist not in self.judge.lists:
                raise NotFound("worklist", worklist)
            self.rights.require(by, REASSIGN, item.worklist)
            changes |= {"worklist": worklist, "details": {**item.details, PASSED: worklist}}
        if not changes:
            raise TransitionRefused(str(item_id), item.state.value, "override", "nothing is to be changed")
        details = dict(changes.get("details", item.details))
        details[OVERRIDDEN] = _against(item, changes) | details.get(OVERRIDDEN, {})
        changes["details"] = details
        return self._move(item, Event.OVERRIDE, by, to=item.state, changes=changes, reason=reason)


def _against(item: Item, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what the rules gave where a person overrides it: only what is more urgent than that counts again."""
    against: dict[str, Any] = {}
    if "rank" in changes:
        against["rank"] = item.rank
    if "due_at" in changes and item.due_at is not None:
        against["due_at"] = item.due_at.astimezone(UTC).isoformat()
    return against


def _kept(item: Item) -> State | None:
    return None if item.state is State.CLAIMED else item.state
