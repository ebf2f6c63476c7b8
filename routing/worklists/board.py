"""The board: watches over whole lists, and watches that look at a time of day.

What stands open lies in one remark of the store: which watch has fired, when each looks next, and how far a sweep over
items has come. A sweep does to the items of a list what a watch asks for, a bounded number in each transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from routing.meaning.dues import next_at
from routing.meaning.moments import wall_of
from routing.program import Effect, EscalateTo, Notify, Watch
from routing.sources.procedure import Procedure
from routing.store.protocol import Reading, Writing
from routing.store.records import Item
from routing.worklists.asking import follow
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper
from routing.worklists.living import figures_in, state_at
from routing.worklists.shelf import StoreShelf
from routing.worklists.watching import READABLE, effects_on, figures_of

BOARD: Final = "board"
_DAYS: Final = 400  # how far the next working day is looked for


def is_due(store: Reading, now: datetime) -> bool:
    """Return whether a watch over lists or times has to look, or a sweep is not at its end."""
    text = store.meta(BOARD)
    if not text:
        return False
    state = json.loads(text)
    return bool(state["sweeps"]) or (state["next"] is not None and datetime.fromisoformat(state["next"]) <= now)


class Board:
    """The watches of the active rulebook that look at lists, or at a time of day, within one transaction."""

    def __init__(self, tx: Writing, judge: Judge, keeper: Keeper) -> None:
        self.tx, self.judge, self.keeper = tx, judge, keeper
        self._watches = {one.name: one for one in judge.watches if not one.each_item or one.at is not None}
        self._text = tx.meta(BOARD)
        kept = json.loads(self._text) if self._text else {}
        same = kept.get("rulebook") == judge.fingerprint
        self._states: dict[str, dict[str, Any]] = kept.get("watches", {})
        self._states = {name: self._states.get(name) or {} for name in self._watches}
        known = [one for one in kept.get("sweeps", ()) if one["watch"] in self._watches]
        self.sweeps: list[dict[str, Any]] = known
        for name, watch in self._watches.items():
            state = self._states[name]
            if watch.at is not None and (not same or not state.get("next")):
                state["next"] = _iso(self._time_of(watch, tx.now))

    def next(self) -> datetime | None:
        """Return when a watch has to look next; at once where a sweep is not at its end."""
        if self.sweeps:
            return datetime.fromisoformat(self.sweeps[0]["at"])
        found = [datetime.fromisoformat(state["next"]) for state in self._states.values() if state.get("next")]
        return min(found, default=None)

    def look(self, now: datetime) -> None:
        """Let every watch look whose time has come, and all that look at lists whenever something has moved."""
        for name, watch in self._watches.items():
            state = self._states[name]
            if watch.at is None:
                self._look_at_lists(watch, state, now)
            elif state.get("next") and datetime.fromisoformat(state["next"]) <= now:
                state["next"] = _iso(self._time_of(watch, now))
                if watch.each_item:
                    self.sweeps.append({"watch": name, "at": now.isoformat(), "after": None})
                else:
                    self._look_at_lists(watch, state, now)

    def save(self) -> None:
        """Write what stands open, where it has changed."""
        if not self._watches and self._text is None:
            return
        at = self.next()
        said = {
            "rulebook": self.judge.fingerprint,
            "next": at.isoformat() if at else None,
            "watches": self._states,
            "sweeps": self.sweeps,
        }
        text = json.dumps(said, sort_keys=True)
        if text != self._text:
            self.tx.remark(BOARD, text)
            self._text = text

    # whole lists

    def _look_at_lists(self, watch: Watch, state: dict[str, Any], now: datetime) -> None:
        living = self.judge.living
        if living is None:
            return
        figures = figures_of(self.tx, living.figures_in(watch.when, watch.until))
        subject = living.subject(None, now, figures=figures)
        truth = living.holds(watch.when, subject)
        if not state.get("fired"):
            if truth:
                state["fired"] = watch.when is not None
                self._tell(watch, "watch", now)
                if any(_channel(effect) is None for effect in watch.effects):
                    self.sweeps.append({"watch": watch.name, "at": now.isoformat(), "after": None})
        elif living.holds(watch.until, subject) is True if watch.until else truth is False:
            state["fired"] = False
            self._tell(watch, "recovered", now)
            self.sweeps = [one for one in self.sweeps if one["watch"] != watch.name]
        if watch.at is None:
            ahead = [at for at in living.instants((watch.when, watch.until), subject, None, figures) if at > now]
            state["next"] = _iso(min(ahead, default=None))

    def _tell(self, watch: Watch, kind: str, now: datetime) -> None:
        for effect in watch.effects:
            channel = _channel(effect)
            if channel is not None:
                said = {"kind": kind, "item": None, "watch": watch.name, "at": now.isoformat()}
                self.tx.notify(channel, said)

    # sweeps

    def sweep(self, batch: int) -> bool:
        """Go on with the sweeps, over at most *batch* items; return whether they are at their end."""
        left = batch
        while self.sweeps and left > 0:
            one = self.sweeps[0]
            watch = self._watches[one["watch"]]
            after = self.tx.item(one["after"]) if one["after"] is not None else None
            items = self.tx.page(self._lists(watch), min(left, batch), after=after)
            left -= max(1, len(items))
            for item in items:
                one["after"] = item.id
                self._sweep_over(watch, self.tx.item(item.id), datetime.fromisoformat(one["at"]))
                if not watch.each_item and not self._states[watch.name].get("fired", True):
                    break
            if not items and one in self.sweeps:
                self.sweeps.remove(one)
        self.save()
        return not self.sweeps

    def _lists(self, watch: Watch) -> list[str] | None:
        if watch.each_item:
            return [watch.worklist] if watch.worklist else None
        return sorted({figure.worklist for figure in figures_in(watch.when, watch.until)})

    def _sweep_over(self, watch: Watch, item: Item, now: datetime) -> None:
        procedure = self._procedure(item)
        waker = self.keeper.waker
        waker.moment = now
        if watch.each_item:
            breach = waker.watcher.look(watch, item, procedure, now)
        elif state_at(item, now) in READABLE and item.holder is None:
            attributes = procedure.attributes(self.judge.zone) if procedure is not None else None
            breach = effects_on(self.judge, watch, item, attributes, now, tells=False)
        else:
            return
        if breach is None:
            return
        item, _ = waker.carry_out(item, breach, procedure)
        if item.procedure is not None and procedure is not None:
            self.keeper.keep(follow(self.tx, item.procedure), procedure)
        if not watch.each_item:
            self._look_at_lists(watch, self._states[watch.name], now)

    def _procedure(self, item: Item) -> Procedure | None:
        if item.procedure is None:
            return None
        return StoreShelf(self.tx).procedure(follow(self.tx, item.procedure))

    # times of day

    def _time_of(self, watch: Watch, after: datetime) -> datetime | None:
        """Return the next instant after *after* at which a watch looks, by the clocks of the rulebook's own zone."""
        living = self.judge.living
        if living is None or watch.at is None:
            return None
        subject = living.subject(None, after)
        workdays = living.compiled.conditions.calendars.workdays()(subject)
        for at in self._times(watch, after, subject.zone):
            if not watch.on_working_days or wall_of(at, subject.zone).date() in workdays:
                return at
        return None

    def _times(self, watch: Watch, after: datetime, zone: Any) -> Iterator[datetime]:
        at: datetime | None = after.astimezone(UTC)
        for _ in range(_DAYS):
            at = next_at(at, watch.at, None, zone, ()) if at and watch.at else None
            if at is None:
                return
            yield at


def _channel(effect: Effect) -> str | None:
    """Return the channel that an effect tells at once; None for one that does something to items."""
    if isinstance(effect, EscalateTo):
        staged = effect.after is not None or effect.after_percent is not None or effect.overdue
        return None if staged else effect.channel
    return effect.channel if isinstance(effect, Notify) else None


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None


def look_at_lists(tx: Writing, judge: Judge, hold: timedelta) -> None:
    """Let the watches over lists look at what a transaction has changed: a breach is found whenever it begins."""
    if any(not watch.each_item or watch.at is not None for watch in judge.watches) or tx.meta(BOARD):
        board = Board(tx, judge, Keeper(tx, judge, hold=hold))
        board.look(tx.now)
        board.save()
