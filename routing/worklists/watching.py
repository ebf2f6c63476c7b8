"""Watches of each item: which breach has begun, which is over, and when that can next change.

Pure but for the figures of lists, which are asked of the store. A watch does what it does once for each breach: it is
armed again by its `until`, or without one by its condition being false. It raises, widens and shortens, never lowers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import Attributes, Duration
from routing.compile.kinds import Kind as Given
from routing.compile.operands import figure_name
from routing.compile.subject import Subject
from routing.meaning.logic import Truth
from routing.program import (
    AlsoReadBy,
    DecideAgain,
    EscalateTo,
    ListFigure,
    MoveTo,
    Notify,
    PriorityIs,
    RaisePriority,
    Watch,
)
from routing.sources.procedure import Procedure
from routing.states import State
from routing.store.protocol import Reading, Writing
from routing.store.records import Item
from routing.worklists.judging import Judge
from routing.worklists.ladder import LADDER, instant_after, step_at
from routing.worklists.living import waiting_since

WATCHED: Final = "watched"
ALSO: Final = "also"
WITHOUT: Final = "without"
IS_FIRED: Final = "fired"
IS_ARMED: Final = "armed"
READABLE: Final = (State.WAITING, State.CLAIMED, State.PRELIMINARY)
_MANY: Final = 100
_NO_TIME: Final = Duration()


@frozen(kw_only=True)
class Breach:
    """What a watch does to an item: it fires, or (`fires` false) the breach is over and it is armed again."""

    watch: str
    fires: bool
    details: Mapping[str, Any]
    changes: Mapping[str, Any] = field(factory=dict)
    to: str | None = None
    channels: tuple[str, ...] = ()
    again: bool = False


class Watcher:
    """The watches of the active rulebook that look at each item."""

    def __init__(self, tx: Writing, judge: Judge) -> None:
        self.tx = tx
        self.judge = judge
        self.each = [watch for watch in judge.watches if watch.each_item and watch.at is None]

    def forbidden(self, item: Item, to: str, procedure: Procedure | None, now: datetime) -> tuple[str, ...]:
        """Return the guarantees that forbid a list to what the item is about."""
        living = self.judge.living
        if living is None:
            return ()
        return living.forbidden(living.subject(self._attributes(procedure), now, item=item), to)

    def breaches(self, item: Item, procedure: Procedure | None, now: datetime) -> Iterator[Breach]:
        """Yield what each watch has to do, in file order; each looks at the item as the one before has left it."""
        done: set[str] = set()
        looking = bool(self.each)
        while looking:
            looking = False
            for watch in self.each:
                breach = self.look(watch, item, procedure, now) if watch.name not in done else None
                if breach is not None:
                    done.add(watch.name)
                    looking = True
                    yield breach
                    item = self.tx.item(item.id)

    def look(self, watch: Watch, item: Item, procedure: Procedure | None, now: datetime) -> Breach | None:
        """Return what a watch has to do to an item at *now*; None where it has nothing to do."""
        living = self.judge.living
        if living is None or not item.is_open:
            return None
        figures = self.figures(watch)
        subject = living.subject(self._attributes(procedure), now, item=item, figures=figures)
        here = watch.worklist is None or watch.worklist == item.worklist
        truth: Truth = living.holds(watch.when, subject) if here else False
        if not _is_fired(item, watch):
            return self._fire(watch, item, procedure, now) if truth else None
        over = not here or (living.holds(watch.until, subject) is True if watch.until else truth is False)
        if not over or watch.when is None:
            return None
        channels = tuple(effect.channel for effect in watch.effects if isinstance(effect, Notify))
        return Breach(watch=watch.name, fires=False, details=_marked(item, watch.name, IS_ARMED), channels=channels)

    def instants(self, item: Item, procedure: Procedure | None, now: datetime) -> Iterator[datetime]:
        """Yield for each watch the first instant after *now* at which time alone begins or ends its breach."""
        living = self.judge.living
        if living is None or not self.each:
            return
        attributes = self._attributes(procedure)
        for watch in self.each:
            if watch.worklist is not None and watch.worklist != item.worklist:
                continue
            figures = self.figures(watch)
            fired = _is_fired(item, watch)
            turns = watch.until if fired and watch.until is not None else watch.when
            wanted: Truth = not fired or watch.until is not None
            subject = living.subject(attributes, now, item=item, figures=figures)
            found = set(living.instants((turns,), subject, item, figures))
            if item.lease_until is not None:
                found.add(item.lease_until)  # then nobody has it in hand any more
            for at in sorted(one for one in found if one > now):
                then = living.subject(attributes, at, item=item, figures=figures)
                if living.holds(turns, then) is wanted:
                    yield at
                    break

    def figures(self, watch: Watch) -> dict[str, Any]:
        """Return the figures of lists that a watch asks for, as they are now."""
        asked = self.judge.living.figures_in(watch.when, watch.until) if self.judge.living else frozenset()
        return figures_of(self.tx, asked) if asked else {}

    def _attributes(self, procedure: Procedure | None) -> Attributes | None:
        return procedure.attributes(self.judge.zone) if procedure is not None else None

    # what it does

    def _fire(self, watch: Watch, item: Item, procedure: Procedure | None, now: datetime) -> Breach:
        return effects_on(self.judge, watch, item, self._attributes(procedure), now)


def effects_on(
    judge: Judge, watch: Watch, item: Item, attributes: Attributes | None, now: datetime, *, tells: bool = True
) -> Breach:
    """Return what a watch that fires does to an item: dues count from *now*, and nothing is lowered or made later.

    Without *tells* no channel is told of the item: where the watch is about a whole list, it was told of that.
    """
    living = judge.living
    if living is None:
        raise TypeError("a rulebook without a living part has no watches")
    subject = living.subject(attributes, now, item=item, clock=now)
    breach = Breach(watch=watch.name, fires=True, details=_marked(item, watch.name, IS_FIRED))
    for effect in watch.effects:
        match effect:
            case Notify(channel=channel):
                breach = evolve(breach, channels=(*breach.channels, channel))
            case MoveTo(worklist=worklist):
                breach = evolve(breach, to=worklist)
            case EscalateTo():
                breach = _escalated(effect, breach, watch, item, subject, now, judge)
            case RaisePriority() | PriorityIs():
                breach = _raised(effect, breach, item, subject, judge)
            case AlsoReadBy():
                breach = _also(effect, breach, item, subject, judge)
            case DecideAgain(without=without):
                left_out = list(item.details.get(WITHOUT) or ())
                names = sorted({*left_out, without} if without else left_out)
                breach = evolve(breach, again=True, details={**breach.details, WITHOUT: names})
            case _:
                breach = _shortened(effect, breach, item, subject, judge)
    return breach if tells else evolve(breach, channels=())


def _escalated(
    effect: EscalateTo, breach: Breach, watch: Watch, item: Item, subject: Subject, now: datetime, judge: Judge
) -> Breach:
    if effect.after is None and effect.after_percent is None and not effect.overdue:
        if effect.worklist is not None:
            return evolve(breach, to=effect.worklist)
        return evolve(breach, channels=(*breach.channels, str(effect.channel)))
    minutes = judge.living.compiled.effects.minutes(effect.after)(subject) if effect.after and judge.living else None
    at = instant_after(now, item.due_at, minutes=minutes, percent=effect.after_percent)
    if at is None or (effect.after is not None and minutes is None):
        return breach
    until = "claimed" if effect.until_claimed else None
    step = step_at(at, to=effect.worklist, notify=effect.channel, until=until) | {"by": watch.name}
    ladder = [*breach.details.get(LADDER, item.details.get(LADDER, ())), step]
    return evolve(breach, details={**breach.details, LADDER: ladder})


def _raised(effect: Any, breach: Breach, item: Item, subject: Subject, judge: Judge) -> Breach:
    rank: int = breach.changes.get("rank", item.rank)
    if isinstance(effect, RaisePriority):
        wanted = rank - 1
    else:
        found = _given(effect, subject, judge)
        wanted = found[1] if found else rank
    if not 0 <= wanted < rank:
        return breach
    return evolve(breach, changes={**breach.changes, "rank": wanted, "priority": judge.priorities[wanted]})


def _shortened(effect: Any, breach: Breach, item: Item, subject: Subject, judge: Judge) -> Breach:
    found = _given(effect, subject, judge)
    if not found or item.state is State.EXPECTED:
        return breach
    name = "preliminary_due_at" if found[0] is Given.PRELIMINARY else "due_at"
    due: datetime | None = breach.changes.get(name, getattr(item, name))
    if due is not None and due <= found[1]:
        return breach
    return evolve(breach, changes={**breach.changes, name: found[1]})


def _also(effect: AlsoReadBy, breach: Breach, item: Item, subject: Subject, judge: Judge) -> Breach:
    found = _given(effect, subject, judge)
    if not found:
        return breach
    due = found[1].due_at
    one = {"worklist": effect.worklist, "due_at": due.astimezone(UTC).isoformat() if due else None}
    had = [each for each in item.details.get(ALSO) or () if each["worklist"] != effect.worklist]
    return evolve(breach, again=True, details={**breach.details, ALSO: [*had, one]})


def _given(effect: Any, subject: Subject, judge: Judge) -> tuple[Given, Any] | None:
    give = judge.living.compiled.effects.give(effect) if judge.living else None
    return give(subject) if give else None


def _is_fired(item: Item, watch: Watch) -> bool:
    return (item.details.get(WATCHED) or {}).get(watch.name) == IS_FIRED


def _marked(item: Item, watch: str, as_: str) -> dict[str, Any]:
    return {WATCHED: {**(item.details.get(WATCHED) or {}), watch: as_}}


def figures_of(store: Reading, figures: frozenset[ListFigure]) -> dict[str, Any]:
    """Return figures of lists: how many items can be read there, and since when the oldest waits (no time: none)."""
    found: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    if any(one.figure == "items" for one in figures):
        for row in store.counts():
            if row.state in READABLE:
                sizes[row.worklist] = sizes.get(row.worklist, 0) + row.count
    for one in figures:
        if one.figure == "items":
            found[figure_name(one)] = sizes.get(one.worklist, 0)
        else:
            found[figure_name(one)] = oldest_on(store, one.worklist) or _NO_TIME
    return found


def oldest_on(store: Reading, worklist: str) -> datetime | None:
    """Return since when the item that waits longest on a list does; none waits from before it began."""
    oldest: datetime | None = None
    last: Item | None = None
    while found := store.aged(worklist, _MANY, after=last):
        for item in found:
            if oldest is not None and item.opened_at >= oldest:
                return oldest
            since = waiting_since(item)
            oldest = since if oldest is None or (since and since < oldest) else oldest
        last = found[-1]
    return oldest
