"""Waking: what time brings to one item: the steps of its ladder, moves that waited for a claim, notices, watches.

Everything is reckoned as of an instant, and what has been done stands in the item's details: looked at late, once or
often, the same has happened in the same order (`routing.worklists.tending` goes from instant to instant).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from attrs import evolve

from routing.decision import Also, Decision
from routing.sources.procedure import Procedure
from routing.states import Event, Kind, State
from routing.store.protocol import Writing
from routing.store.records import Item, Move
from routing.worklists.answering import UNREAD_BY, overdue, unread_until
from routing.worklists.asked import asked_until, unasked
from routing.worklists.judging import Judge
from routing.worklists.ladder import FIRED, LADDER, Step, instant, ladder_of, still_to_come
from routing.worklists.living import SINCE, is_held_by, waiting_since
from routing.worklists.owed import Owed, held_until
from routing.worklists.placing import earlier_due, key
from routing.worklists.watching import ALSO, WITHOUT, Breach, Watcher

LIBRARY: Final = "routing"  # the actor of what follows from news, rules and time alone
ROUTE: Final = "route"  # the list that was decided, where the item was escalated or moved to another
MOVING: Final = "moving"  # the list it goes to when the claim ends
TOLD: Final = "told"  # the channels that were told when it began or was decided anew
_MOMENT: Final = timedelta(microseconds=1)

_Place = TypeVar("_Place", bound=Any)


class Waker:
    """Brings items in step with time, within one transaction. `moment` is the instant that is looked at; None: now."""

    def __init__(self, tx: Writing, judge: Judge) -> None:
        self.tx = tx
        self.judge = judge
        self.moment: datetime | None = None
        self._ladders: dict[tuple[Kind, str], list[Step]] = {}
        self._holds: datetime | None = None
        self.watcher = Watcher(tx, judge)
        self.counts = {"escalated": 0, "watches": 0}

    @property
    def now(self) -> datetime:
        """The instant that is looked at."""
        return self.moment or self.tx.now

    # before an item is placed

    def decided(self, procedure: Procedure, items: Iterable[Item]) -> Decision:
        """Return the decision on a procedure, with what watches have added to it and without what they left out."""
        without: set[str] = set()
        also: dict[str, Also] = {}
        for item in items:
            without.update(item.details.get(WITHOUT) or ())
            for one in item.details.get(ALSO) or ():
                due = datetime.fromisoformat(one["due_at"]) if one["due_at"] else None
                also[one["worklist"]] = Also(worklist=one["worklist"], due_at=due)
        decision = self.judge.decide(procedure, self.now, without=without)
        known = {one.worklist for one in decision.also if not one.audit} | {decision.worklist}
        more = tuple(one for name, one in also.items() if name not in known)
        return evolve(decision, also=(*decision.also, *more)) if more else decision

    def decision_for(self, kind: Kind, procedure: Procedure | None, decision: Decision | None) -> Decision:
        """Return the decision by which an item of a kind waits: that for exceptions for what needs a person."""
        default = self.judge.exception(self.now) if kind is Kind.RESOLVE or decision is None else decision
        return self.judge.decide_for(kind, procedure, self.now, default)

    def placed(self, place: _Place, owed: Owed, procedure: Procedure, decision: Decision, item: Item | None) -> _Place:
        """Return a place with the item's ladder, whom to tell and when to wake; an item that was moved stays moved."""
        name = owed.kind, owed.part
        mine = self.decision_for(owed.kind, procedure, decision)
        details = dict(place.details)
        if self._tells(owed, mine):
            told = item.details.get(TOLD, ()) if item is not None else ()
            details[TOLD] = list(dict.fromkeys((*told, *mine.notify)))
        worklist = place.worklist
        if item is not None:
            worklist, details = _staying(item, place.worklist, details)
        if owed.state is State.EXPECTED or not owed.is_open:
            return evolve(place, worklist=worklist, details=details)
        since = self.moment or self.tx.at
        if item is not None:
            if item.state is State.EXPECTED:
                details[SINCE] = since.astimezone(UTC).isoformat()
            since = waiting_since(item) or since
        steps: list[Step] = []
        if mine.escalations and place.worklist == mine.worklist:
            steps = ladder_of(
                mine,
                since,
                due_at=earlier_due(place.due_at, item),
                preliminary_due_at=earlier_due(place.preliminary_due_at, item, "preliminary_due_at"),
            )
        self._ladders[name] = steps
        left = self._left(steps, item)
        if left or (item is not None and LADDER in item.details):
            details[LADDER] = left
        found = [place.wake_at, *(instant(step) for step in left)]
        if self.watcher.each:
            standing = _as_it_will_be(self.moment or self.tx.at, place, owed, item)
            found += self.watcher.instants(standing, procedure, self.now)
        wake = min((at for at in found if at is not None), default=None)
        return evolve(place, worklist=worklist, details=details, wake_at=wake)

    def _tells(self, owed: Owed, decision: Decision) -> bool:
        """Return whether channels are told of this item: of several reads of one report the first alone."""
        return bool(decision.notify) and owed.is_open and (owed.kind is Kind.RESOLVE or "." not in owed.part)

    def _left(self, steps: list[Step], item: Item | None) -> list[Step]:
        if item is None:
            return still_to_come(steps, (), draft=False)
        by_watch = [step for step in item.details.get(LADDER, ()) if "by" in step]
        known = [step for step in by_watch if step.get("to") is None or step["to"] in self.judge.lists]
        return still_to_come([*steps, *known], item.details.get(FIRED, ()), draft=item.draft)

    # when it stands

    def settle_all(
        self, number: int, procedure: Procedure, decision: Decision, before: Mapping[int, Item]
    ) -> tuple[tuple[Item, ...], bool]:
        """Bring the open items of a procedure in step with time; say too whether it has to be decided anew."""
        again, items = False, []
        for item in self.tx.items_of(number):
            if item.is_open:
                self._holds = held_until(procedure, decision) if item.state is State.HELD else None
                self._tell(item, before.get(item.id))
                item, more = self._settled(item, procedure)  # noqa: PLW2901 - as it then stands
                again = again or more
            else:
                item = self.unread(item)  # noqa: PLW2901 - as above
            items.append(item)
        return tuple(items), again

    def settle(self, item: Item, decision: Decision | None = None) -> Item:
        """Bring an item that belongs to no procedure in step with time; *decision* where it has just begun."""
        for channel in decision.notify if decision is not None else ():
            self.tx.notify(channel, notice_of(item, "opened", self.now), item.id)
        if decision is not None and decision.escalations:
            self._ladders[key(item)] = ladder_of(decision, item.opened_at, due_at=item.due_at)
        return self._settled(item, None)[0]

    def _tell(self, item: Item, was: Item | None) -> None:
        """Put a notice into the outbox for each channel that is to be told of the item and was not yet."""
        told = was.details.get(TOLD, ()) if was is not None else ()
        for channel in item.details.get(TOLD, ()):
            if channel not in told:
                self.tx.notify(channel, notice_of(item, "opened", self.tx.now), item.id)

    def _settled(self, item: Item, procedure: Procedure | None) -> tuple[Item, bool]:
        item = self._after_the_claim(item, procedure)
        item = self._unanswered(item, procedure)
        item = self._climbed(item, procedure)
        item, again = self._looked_at(item, procedure)
        item = self._climbed(item, procedure)
        wake = self._wake(item, procedure)
        if wake != item.wake_at:
            item = self.tx.move(item, Move(event=Event.ROUTE, actor=LIBRARY, changes={"wake_at": wake}))
        return item, again

    def _after_the_claim(self, item: Item, procedure: Procedure | None) -> Item:
        """Move an item that was to be moved while a reader had it in hand."""
        to = item.details.get(MOVING)
        if not to or item.state is State.CLAIMED:
            return item
        changes = self._to(item, to) if to in self.judge.lists else {}
        changes["details"] = {**item.details, **changes.get("details", {}), MOVING: None}
        return self._move(item, changes, reason="escalated while it was in hand", body={"to": to}, procedure=procedure)

    def _unanswered(self, item: Item, procedure: Procedure | None) -> Item:
        """Give an item back to all of its list when whom it was asked of has not answered in time (I8)."""
        until = asked_until(item)
        if until is None or until > self.now or is_held_by(item, self.now):
            return item
        over, body = unasked(item), {"due": until.isoformat()}
        said = f"{over.what}: {over.to} has not answered"
        item = self._move(item, {"details": over.details}, body=body, reason=said, procedure=procedure)
        for target in (*over.tells, item.worklist):
            self.tx.notify(target, notice_of(item, f"{over.what}_unanswered", until) | dict(over.given), item.id)
        self.counts["escalated"] += 1
        return item

    def unread(self, item: Item) -> Item:
        """Tell the list of the first item, once and in time, that who asked for an opinion has not read the answer."""
        until = unread_until(item)
        if until is None or until > self.now:
            return item
        body = {"due": until.isoformat()}
        said = f"answer: {item.details[UNREAD_BY]} has not read it"
        changes = {"details": overdue(item.details)}
        item = self.tx.move(item, Move(event=Event.NOTE, actor=LIBRARY, changes=changes, reason=said, body=body))
        first = self.tx.item(item.details["of_item"])
        self.tx.notify(first.worklist, notice_of(item, "answer_unread", until), item.id)
        self.counts["escalated"] += 1
        return item

    # the ladder

    def _climbed(self, item: Item, procedure: Procedure | None) -> Item:
        """Take every step of the ladder whose instant has come, in order."""
        steps = self._ladders.get(key(item))
        kept = [step for step in item.details.get(LADDER, ()) if "by" not in step]
        left = self._left(kept if steps is None else steps, item)
        if left != list(item.details.get(LADDER, ())):
            details = {**item.details, LADDER: left}
            item = self.tx.move(item, Move(event=Event.ROUTE, actor=LIBRARY, changes={"details": details}))
        for step in left:
            waits_for_the_claim = step.get("until") == "claimed" and is_held_by(item, self.now)
            if instant(step) <= self.now and not waits_for_the_claim:
                item = self._take(item, step, procedure)
        return item

    def _take(self, item: Item, step: Step, procedure: Procedure | None) -> Item:
        left = [one for one in item.details.get(LADDER, ()) if one != step]
        details = {**item.details, LADDER: left, FIRED: [*item.details.get(FIRED, ()), step]}
        body: dict[str, Any] = {"step": {name: value for name, value in step.items() if name != "at"}}
        body["due"] = step["at"]
        changes: dict[str, Any] = {"details": details}
        target, to = step.get("notify"), step.get("to")
        if to is not None:
            target = to
            if to == item.worklist or not self._may_go(item, to, procedure, body):
                said = f"not escalated to {to}"
                return self._move(item, changes, body=body, event=Event.NOTE, reason=said, procedure=procedure)
            changes = self._to(evolve(item, details=details), to)
        item = self._move(item, changes, body=body, procedure=procedure)
        self.tx.notify(str(target), notice_of(item, "escalated", instant(step)), item.id)
        self.counts["escalated"] += 1
        return item

    def _may_go(self, item: Item, to: str, procedure: Procedure | None, body: dict[str, Any]) -> bool:
        """Return whether an item may be moved to a list; a guarantee that forbids it is named in the journal."""
        if to not in self.judge.lists:
            return False
        forbidden = self.watcher.forbidden(item, to, procedure, self.now)
        if forbidden:
            body["guarantees"] = list(forbidden)
        return not forbidden

    def _to(self, item: Item, to: str) -> dict[str, Any]:
        """Return the changes that bring an item to a list: at once, or when the claim that it is in ends."""
        if item.state is State.CLAIMED:
            return {"details": {**item.details, MOVING: to}}
        route = item.details.get(ROUTE) or item.worklist
        return {"worklist": to, "details": {**item.details, ROUTE: route}}

    # watches

    def _looked_at(self, item: Item, procedure: Procedure | None) -> tuple[Item, bool]:
        again = False
        for breach in self.watcher.breaches(item, procedure, self.now):
            item, more = self.carry_out(item, breach, procedure)
            again = again or more
        return item, again

    def carry_out(self, item: Item, breach: Breach, procedure: Procedure | None) -> tuple[Item, bool]:
        """Do what a watch asks for; return the item, and whether its procedure has to be decided anew."""
        body: dict[str, Any] = {"watch": breach.watch, "due": self.now.isoformat()}
        details = {**item.details, **breach.details}
        changes: dict[str, Any] = {**breach.changes, "details": details}
        to = breach.to
        if to is not None and to != item.worklist and self._may_go(item, to, procedure, body):
            changes |= self._to(evolve(item, details=details), to)
        event = Event.ESCALATE if breach.fires else Event.NOTE
        self.counts["watches"] += breach.fires
        said = "" if breach.fires else "over: "
        said = f"{said}watch {breach.watch}"
        item = self._move(item, changes, reason=said, body=body, event=event, procedure=procedure)
        for channel in breach.channels:
            what = "watch" if breach.fires else "recovered"
            self.tx.notify(channel, notice_of(item, what, self.now) | {"watch": breach.watch}, item.id)
        return item, breach.again or "due_at" in breach.changes or "preliminary_due_at" in breach.changes

    # waking

    def _wake(self, item: Item, procedure: Procedure | None) -> datetime | None:
        """Return when time will next have something to say of the item."""
        if not item.is_open:
            return None
        held = is_held_by(item, self.now) is not None
        free_at = item.lease_until if held else None
        found = list(self.watcher.instants(item, procedure, self.now))
        if item.state is State.HELD:
            ceiling = self._holds or item.wake_at
            found += [ceiling] if ceiling else []
        for step in item.details.get(LADDER, ()):
            at = instant(step)
            found.append(max(at, free_at) if step.get("until") == "claimed" and free_at else at)
        if item.details.get(MOVING) and free_at:
            found.append(free_at)
        if (until := asked_until(item)) is not None:
            found.append(max(until, free_at) if free_at else until)
        return max(min(found), self.now + _MOMENT) if found else None

    def _move(
        self,
        item: Item,
        changes: Mapping[str, Any],
        *,
        body: Mapping[str, Any],
        event: Event = Event.ESCALATE,
        reason: str | None = None,
        procedure: Procedure | None = None,
    ) -> Item:
        # Also when it wakes next, so that nothing but this row need be written.
        changes = dict(changes) | {"wake_at": self._wake(evolve(item, **changes), procedure)}
        return self.tx.move(item, Move(event=event, actor=LIBRARY, changes=changes, reason=reason, body=body))


def notice_of(item: Item, kind: str, at: datetime) -> dict[str, Any]:
    """Return what a notice says of an item: no name, no number of a patient or a request."""
    return {
        "kind": kind,
        "item": item.id,
        "what": item.kind.value,
        "worklist": item.worklist,
        "state": item.state.value,
        "priority": item.priority,
        "due_at": item.due_at.isoformat() if item.due_at else None,
        "reason": str(item.details.get("reason") or ""),
        "at": at.isoformat(),
    }


def _as_it_will_be(at: datetime, place: Any, owed: Owed, item: Item | None) -> Item:
    """Return an item as it will stand when it is placed, to ask when a watch will next have something to say of it."""
    state = owed.state if owed.state in {State.EXPECTED, State.HELD} else State.WAITING
    if item is not None:
        return evolve(item, state=item.state if item.state is not State.EXPECTED else state, due_at=place.due_at)
    return Item(
        id=0,
        procedure=None,
        kind=owed.kind,
        state=state,
        worklist=place.worklist,
        priority=place.priority,
        rank=place.rank,
        due_at=place.due_at,
        preliminary_due_at=place.preliminary_due_at,
        wake_at=None,
        holder=None,
        token=0,
        lease_until=None,
        draft=False,
        successor=None,
        opened_at=at,
        rulebook="",
        details=place.details,
        version=0,
        head="",
    )


def _staying(item: Item, decided: str, details: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return where an item stays that somebody or something moved: there, until another list is decided for it."""
    if item.details.get("passed"):
        return item.worklist, details
    route = item.details.get(ROUTE)
    if route is None:
        return decided, details
    if route == decided and item.state is not State.EXPECTED:
        return item.worklist, details
    return decided, details | {ROUTE: None}
