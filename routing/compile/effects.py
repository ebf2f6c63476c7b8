"""Effects compiled: one closure for each, from the subject to what it gives, or None when its value is unknown.

What is given is a pair of a `Kind` and a value in the form that the decision takes; a priority is its place among the
rulebook's priorities, 0 the most urgent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Final

from attrs import evolve

from routing.attributes import REQUESTED_PRIORITIES
from routing.compile.conditions import Conditions
from routing.compile.kinds import WITH_ROUTE, Kind, kind_of
from routing.compile.lengths import Stretches, elapsed, lengths
from routing.compile.operands import Operands
from routing.compile.subject import Subject
from routing.decision import Also, Closure, Escalation, Hold, Offer, ReaderLimit, Reads, Split, Together
from routing.meaning.dues import away, next_at
from routing.meaning.hours import Counted, Range
from routing.meaning.moments import start_of
from routing.program import (
    AlsoReadBy,
    Cell,
    Constant,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    EscalateTo,
    ExcludeReaders,
    HoldUntil,
    Length,
    NoReport,
    Notify,
    OfferTo,
    OnlyReaders,
    Operand,
    PriorityIs,
    Program,
    RaisePriority,
    ReadBy,
    ReadTogether,
    RouteTo,
    SplitTo,
    Tag,
    Unit,
)

__all__ = ["WITH_ROUTE", "Always", "Effects", "Give", "Given", "Kind", "gives", "kind_of"]

Given = tuple[Kind, Any]
Give = Callable[[Subject], Given | None]

_COUNTED: Final = "counted"
_HELD_DAYS: Final = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 30, Unit.YEARS: 365, Unit.WORKING_DAYS: 1}


class Effects:
    """The effects of one program."""

    def __init__(self, program: Program, operands: Operands, conditions: Conditions) -> None:
        self._program, self._operands, self._conditions = program, operands, conditions
        self._made: dict[Effect, Give] = {}
        self._levels = {name: place for place, name in enumerate(program.priorities)}
        last = len(program.priorities) - 1
        self._requested = {name: min(place, last) for place, name in enumerate(REQUESTED_PRIORITIES)} | self._levels
        self._workdays = conditions.calendars.workdays()

    def give(self, effect: Effect) -> Give | None:
        """Return what gives the effect, the same for equal effects; None for one that only a watch can have."""
        make = self._MAKERS.get(type(effect))
        if make is None or isinstance(effect, HoldUntil):  # a hold shows its condition as it was written
            return make(self, effect) if make else None
        made = self._made.get(effect)
        if made is None:
            made = self._made[effect] = make(self, effect)
        return made

    def due(
        self, within: Length, counting: str | None = None, start: Operand | None = None
    ) -> Callable[[Subject], Any]:
        """Return what reads the earliest moment, in UTC, that lies a length after the clock (or after *start*)."""
        spans = lengths(within, self._operands)
        hours = self._conditions.calendars.hours(counting) if counting else None
        begin = self._operands.read(start) if start else None
        span = elapsed(within) if counting is None and start is None else None
        if span is not None:
            return lambda subject: _later(subject.clock_at, span)

        def due(subject: Subject) -> datetime | None:
            first = begin(subject) if begin else subject.clock_at
            if first is None:
                return None
            if not isinstance(first, datetime):  # a day alone has no time of day to count from
                first = subject.clock_at
            found = [
                self._after(first, stretches, subject, hours(subject) if hours else None)
                for stretches in spans(subject)
            ]
            return min((one for one in found if one is not None), default=None)

        return due

    def _after(
        self, start: datetime, stretches: Stretches, subject: Subject, hours: Any = None, *, back: bool = False
    ) -> datetime | None:
        end: datetime | None = start
        for stretch in stretches:
            if end is None:
                break
            counting = None if hours is None else _counted(end, hours, subject)
            wall = subject.wall if end is subject.clock_at else None
            end = away(end, stretch, subject.zone, self._workdays(subject), back=back, counting=counting, wall=wall)
        return end

    def minutes(self, written: Length) -> Callable[[Subject], int | None]:
        """Return what reads a length as elapsed minutes from the clock, the shortest of several."""
        due = self.due(written)

        def minutes(subject: Subject) -> int | None:
            end = due(subject)
            return None if end is None else max(0, math.floor((end - subject.clock_at) / timedelta(minutes=1)))

        return minutes

    def _timed(self, written: Length, made: Callable[[int], Given]) -> Give:
        """Return what gives what is made of a length in minutes: once for all where it is the same for everyone."""
        span, minutes = elapsed(written), self.minutes(written)
        if span is not None:
            return Lasting(made(math.floor(span / timedelta(minutes=1))), span)
        return lambda subject: None if (most := minutes(subject)) is None else made(most)

    def _route(self, effect: RouteTo) -> Give:
        if isinstance(effect.to, str):
            return _fixed(Kind.ROUTE, effect.to)
        read, worklists = self._operands.read(effect.to), self._program.worklists

        def give(subject: Subject) -> Given | None:
            named = read(subject)
            first = named[0] if isinstance(named, tuple) else named
            return (Kind.ROUTE, first) if first in worklists else None

        return give

    def _priority(self, effect: PriorityIs) -> Give:
        if isinstance(effect.level, str):
            return _fixed(Kind.PRIORITY, self._levels[effect.level])
        read = self._operands.read(effect.level)
        levels = self._levels if isinstance(effect.level, Cell) else self._requested

        def give(subject: Subject) -> Given | None:
            named = read(subject)
            places = [levels[one] for one in (named if isinstance(named, tuple) else (named,)) if one in levels]
            return (Kind.PRIORITY, min(places)) if places else None

        return give

    def _raise(self, _: RaisePriority) -> Give:
        return _fixed(Kind.RAISE, value=True)

    def _due_within(self, effect: DueWithin) -> Give:
        return _moment(effect.preliminary, self.due(effect.within, effect.counting, effect.start))

    def _due_by(self, effect: DueBy) -> Give:
        at: time = effect.at
        day = effect.day
        return _moment(
            effect.preliminary,
            lambda subject: next_at(subject.clock_at, at, day, subject.zone, self._workdays(subject)),
        )

    def _due_by_instant(self, effect: DueByInstant) -> Give:
        read = self._operands.read(effect.instant)
        spans = lengths(effect.minus, self._operands) if effect.minus else None

        def moments(subject: Subject) -> list[datetime]:
            found = read(subject)
            ends = [_whole(one, subject) for one in (found if isinstance(found, tuple) else (found,))]
            known = [one for one in ends if one is not None]
            if spans is None:
                return known
            early = (self._after(one, each, subject, back=True) for one in known for each in spans(subject))
            return [one for one in early if one is not None]

        return _moment(effect.preliminary, lambda subject: min(moments(subject), default=None))

    def _tag(self, effect: Tag) -> Give:
        return _fixed(Kind.TAGS, effect.tags)

    def _notify(self, effect: Notify) -> Give:
        return _fixed(Kind.NOTIFY, effect.channel)

    def _also(self, effect: AlsoReadBy) -> Give:
        kind = Kind.AUDIT if effect.audit else Kind.ALSO
        if effect.within is None:
            return _fixed(kind, Also(worklist=effect.worklist, audit=effect.audit))
        due = self.due(effect.within)
        return lambda subject: (kind, Also(worklist=effect.worklist, due_at=due(subject), audit=effect.audit))

    def _reads(self, effect: ReadBy) -> Give:
        reads = Reads(
            count=effect.count,
            blind=effect.blind,
            disagreement_to=effect.disagreement_to,
            agreement=effect.agreement,
        )
        return _fixed(Kind.READS, reads)

    def _only(self, effect: OnlyReaders) -> Give:
        kind = "identity" if effect.identity else "only"
        limit = ReaderLimit(kind=kind, skills=effect.skills, combine=effect.combine)
        return _fixed(Kind.IDENTITY if effect.identity else Kind.ONLY, limit)

    def _exclude(self, effect: ExcludeReaders) -> Give:
        reads = [self._operands.read(each) for each in effect.attributes]

        def give(subject: Subject) -> Given | None:
            found = [value for value in (read(subject) for read in reads) if value is not None]
            names = [name for value in found for name in (value if isinstance(value, tuple) else (value,))]
            readers = tuple(dict.fromkeys(str(name) for name in names))
            return (Kind.EXCLUDE, ReaderLimit(kind="exclude", readers=readers)) if readers else None

        return give

    def _escalate(self, effect: EscalateTo) -> Give:
        step = Escalation(
            to=effect.worklist,
            notify=effect.channel,
            after_percent=effect.after_percent,
            when="overdue" if effect.overdue else None,
            until="claimed" if effect.until_claimed else None,
        )
        if effect.after is None:
            return _fixed(Kind.ESCALATE, step)
        return self._timed(effect.after, lambda after: (Kind.ESCALATE, evolve(step, after_minutes=after)))

    def _hold(self, effect: HoldUntil) -> Give:
        minutes, over = self.minutes(effect.at_most), self._conditions.test(effect.until)
        until = effect.until.text

        def give(subject: Subject) -> Given | None:
            most = minutes(subject)
            if most is None or over(subject):
                return None
            return Kind.HOLD, Hold(at_most_minutes=most, until=until)

        return give

    def _offer(self, effect: OfferTo) -> Give:
        lasts = self.minutes(effect.lasts)
        days = self._days_back(effect.within) if effect.within else None
        reader = effect.reader
        read = None if isinstance(reader, str) else self._operands.read(reader)

        def give(subject: Subject) -> Given | None:
            to = read(subject) if read else reader
            minutes, within = lasts(subject), days(subject) if days else None
            if minutes is None or not isinstance(to, str) or (days and within is None):
                return None
            return Kind.OFFER, Offer(to=to, within_days=within, for_minutes=minutes, skill=effect.skill)

        return give

    def _days_back(self, written: Length) -> Callable[[Subject], int | None]:
        """Return what reads a length as days: 7 a week, 30 a month, 365 a year, a part of a day as one."""
        if written.unit in _HELD_DAYS and isinstance(written.amount, Constant):
            days = math.ceil(written.amount.value * _HELD_DAYS[written.unit])
            return lambda _: days
        minutes = self.minutes(written)
        return lambda subject: None if (most := minutes(subject)) is None else math.ceil(most / 1440)

    def _together(self, effect: ReadTogether) -> Give:
        attributes = tuple(name for name in effect.attributes if name != "same patient")  # that always counts
        return self._timed(
            effect.within, lambda within: (Kind.TOGETHER, Together(attributes=attributes, within_minutes=within))
        )

    def _split(self, effect: SplitTo) -> Give:
        worklists = effect.worklists
        return self._timed(effect.after, lambda after: (Kind.SPLIT, Split(worklists=worklists, after_minutes=after)))

    def _close(self, effect: NoReport) -> Give:
        day, policy, reason = effect.until + timedelta(days=1), effect.policy, effect.reason

        def give(subject: Subject) -> Given | None:
            end = subject.memo.get(day)  # no attribute has such a name
            if end is None:
                end = subject.memo[day] = start_of(day, subject.zone)
            if subject.at >= end or subject.clock_at >= end:
                return None
            return Kind.CLOSE, Closure(policy=policy, reason=reason, until=end - timedelta(seconds=1))

        return give

    _MAKERS: ClassVar[Mapping[type[Effect], Callable[..., Give]]] = {
        RouteTo: _route,
        PriorityIs: _priority,
        RaisePriority: _raise,
        DueWithin: _due_within,
        DueBy: _due_by,
        DueByInstant: _due_by_instant,
        Tag: _tag,
        Notify: _notify,
        AlsoReadBy: _also,
        ReadBy: _reads,
        OnlyReaders: _only,
        ExcludeReaders: _exclude,
        EscalateTo: _escalate,
        HoldUntil: _hold,
        OfferTo: _offer,
        ReadTogether: _together,
        SplitTo: _split,
        NoReport: _close,
    }


class Always:
    """What gives the same to every subject."""

    __slots__ = ("given",)

    def __init__(self, given: Given) -> None:
        self.given = given

    def __call__(self, _: Subject) -> Given | None:
        """Return it."""
        return self.given


class Lasting(Always):
    """What gives the same to every subject whose calendar has room for a length of time after the clock."""

    __slots__ = ("last",)

    def __init__(self, given: Given, span: timedelta) -> None:
        super().__init__(given)
        self.last = datetime.max.replace(tzinfo=UTC) - span

    def __call__(self, subject: Subject) -> Given | None:
        """Return it, and None at the end of the calendar."""
        return self.given if subject.clock_at <= self.last else None


def _fixed(kind: Kind, value: Any) -> Give:
    return Always((kind, value))


def _moment(preliminary: bool, due: Callable[[Subject], datetime | None]) -> Give:  # noqa: FBT001 - one of two kinds
    kind = Kind.PRELIMINARY if preliminary else Kind.DUE
    return lambda subject: None if (at := due(subject)) is None else (kind, at)


def _later(start: datetime, span: timedelta) -> datetime | None:
    try:
        return start + span
    except OverflowError:  # at the very end of the calendar
        return None


def _whole(moment: date | None, subject: Subject) -> datetime | None:
    """Return an instant as it is, and a day alone as its first moment: the earlier is the safer."""
    if moment is None or isinstance(moment, datetime):
        return moment
    try:
        return start_of(moment, subject.zone)
    except (OverflowError, ValueError):  # at the very end of the calendar
        return None


def _counted(start: datetime, hours: Sequence[Range], subject: Subject) -> Counted:
    """Return what counts the hours from an instant on, once for each subject."""
    key = _COUNTED, id(hours), start
    found = subject.memo.get(key)
    if found is None:
        found = subject.memo[key] = Counted(start, hours, subject.zone)  # which keeps the hours, so that the id is
    counted: Counted = found
    return counted


def gives(effects: Sequence[Effect], compiled: Effects) -> tuple[Give, ...]:
    """Return what gives each of the effects, in order."""
    made = (compiled.give(effect) for effect in effects)
    return tuple(one for one in made if one is not None)
