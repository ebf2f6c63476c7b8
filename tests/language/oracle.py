"""The slow, obvious interpreter: what a checked rulebook means, written for reading and never for speed.

It shares with the product the primitives that have tables of their own (words, lengths, hours, dues) and nothing else:
conditions, lookups, the laws of effects, guards and `undecided` are said again here, in the words of LANGUAGE.md.
"""

# ruff: noqa: C901, PLR0912, PLR0915, FBT003 - one long definition, to be read from top to bottom
from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from routing.attributes import Attributes, Duration, Type
from routing.compile.doubts import MOST_CODES
from routing.decision import Also, Closure, Escalation, Hold, Offer, Outcome, ReaderLimit, Reads, Split, Together
from routing.meaning import durations
from routing.meaning.days import DaySet
from routing.meaning.dues import Pace, Stretch, away, next_at, stretches_of
from routing.meaning.expressions import room, steps
from routing.meaning.hours import Counted, Range, contains
from routing.meaning.lookups import MOST
from routing.meaning.moments import start_of, utc, wall_of
from routing.meaning.negation import Negations, shipped
from routing.meaning.samples import in_sample
from routing.meaning.words import LIMIT, MOST_FIELDS, NEAR, Cut, Phrase, Text, fold, mask, phrase, whole_words
from routing.program import (
    AlsoReadBy,
    AlwaysDue,
    AlwaysRoute,
    And,
    AttributeRef,
    Cell,
    Certainly,
    ClockRef,
    Compares,
    Condition,
    Constant,
    Days,
    Defined,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    EscalateTo,
    ExcludeReaders,
    Fixed,
    HoldUntil,
    Includes,
    InSample,
    Is,
    IsKnown,
    IsTrue,
    Length,
    Listed,
    Matches,
    Mentions,
    NeverClose,
    NeverHold,
    NeverRoute,
    NoReport,
    Not,
    Notify,
    OfferTo,
    OnCalendar,
    OnlyReaders,
    Operand,
    Or,
    Order,
    Path,
    Possibly,
    Precedes,
    PriorityAtLeast,
    PriorityIs,
    Program,
    RaisePriority,
    Reach,
    ReadBy,
    ReadsAtLeast,
    ReadTogether,
    RouteTo,
    Rule,
    Side,
    Spelt,
    SplitTo,
    Sum,
    Tag,
    Unit,
    Wild,
    Within,
)
from routing.program import During as DuringTimes
from routing.program.walk import walk
from routing.undecided import MOST_UNKNOWN


def occurs(wanted: Phrase, text: Text, excepted: list[Phrase], negating: Negations | None) -> bool:
    """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
    for number, words in enumerate(text.words):
        places = wanted.places(words)
        if not places:
            continue
        hidden = mask(words, excepted)
        size = len(wanted.words)
        open_places = [at for at in places if not any(at + more in hidden for more in range(size))]
        if text.goes_on and number == len(text.words) - 1:  # what stands behind it is not known
            left = max([0, *(len(each.words) - 1 for each in excepted)])
            open_places = [at for at in open_places if at + size + left <= len(words)]
            if negating is not None:
                last = Text([f"{text.fields[-1]} x"]).clauses[0][-1]
                open_places = [at for at in open_places if text.clauses[number][at + size - 1] < last]
        if open_places and negating is None:
            return True
        if open_places and negating is not None and _free(open_places, size, words, text.clauses[number], negating):
            return True
    return False


def _free(places: list[int], size: int, words: list[str], clauses: list[int], negating: Negations) -> bool:
    """Say whether any of the places is negated neither from before nor from behind within its clause."""
    idle = mask(words, negating.neither)
    earliest: dict[int, int] = {}  # clause -> where the first negating word of it ends
    latest: dict[int, int] = {}  # clause -> where the last word that negates backwards begins
    for each in negating.before:
        for at in each.places(words):
            end = at + len(each.words)
            if clauses[at] == clauses[end - 1] and at not in idle:
                earliest[clauses[at]] = min(end, earliest.get(clauses[at], end))
    for each in negating.after:
        for at in each.places(words):
            if clauses[at] == clauses[at + len(each.words) - 1] and at not in idle:
                latest[clauses[at]] = max(at, latest.get(clauses[at], at))
    return any(
        earliest.get(clauses[at], at + 1) > at and latest.get(clauses[at + size - 1], -1) < at + size for at in places
    )


LIST_EFFECTS = (EscalateTo, HoldUntil, OfferTo, ReadTogether, SplitTo)
Truth = bool | None


TOO_MANY = object()


class Case:
    """One procedure at one instant under one rulebook."""

    def __init__(self, program: Program, attributes: Attributes, at: datetime, key: str | None) -> None:
        self.program, self.known, self.at, self.key = program, attributes.known, at.astimezone(UTC), key
        self.zone = ZoneInfo("UTC")
        self.arrival = self.clock = self.at
        self.day = self.at.date()
        self.zone = ZoneInfo(self.choose([(zone.when, zone.name) for zone in program.zones]))
        said = self.known.get("arrival")
        self.arrival = (utc(said, self.zone) if isinstance(said, datetime) else None) or self.at
        self.set_clock()

    @cached_property
    def room(self) -> int:
        """How many letters of a text count for expressions: the fewer the more steps all of them take."""
        program = self.program
        parts = (program.rules, program.guarantees, program.otherwise, program.exceptions, program.zones)
        found = {(each.left, each.pattern) for part in parts for each in walk(part) if isinstance(each, Matches)}
        return room(sum(steps(pattern) for _, pattern in found))

    def choose(self, choices: list[tuple[Condition | None, Any]]) -> Any:
        for when, what in choices:
            if when is None or self.holds(when) is True:
                return what
        return choices[-1][1]

    def set_clock(self) -> None:
        moments: list[datetime] = []
        days: list[date] = []
        for name in self.program.clock:
            value = self.attribute(name) if name != "arrival" else self.arrival
            if isinstance(value, datetime):
                if value <= self.arrival:
                    moments.append(value)
                    break
            elif value is not None and value <= self.local(self.arrival).date():
                days.append(value)
        self.clock = moments[0] if moments else self.arrival
        self.day = days[0] if days else self.local(self.clock).date()

    def local(self, moment: datetime) -> datetime:
        return wall_of(moment, self.zone)

    # operands

    def value(self, operand: Operand) -> Any:
        match operand:
            case Constant(value=value):
                return utc(value, self.zone) if isinstance(value, datetime) else value
            case AttributeRef(name=name):
                return self.attribute(name)
            case ClockRef():
                return self.clock
            case Cell():
                return self.cell(operand)
            case Sum():
                return self.sum(operand)
        raise AssertionError(operand)

    def sum(self, total: Sum) -> Any:
        left, right = self.value(total.left), self.value(total.right)
        if left is None or right is None:
            return None
        if total.type is Type.NUMBER:
            return left + right
        if not isinstance(left, date):
            return durations.add(self.span(left, total.left.type), self.span(right, total.right.type))
        span = self.span(right, total.right.type)
        if isinstance(span, durations.Age):
            span = Duration(days=(span.on - span.birth).days)
        if isinstance(left, datetime):
            return self.reach(left, stretches_of(span), working=False)
        return durations.reached(left, span) + timedelta(days=span.seconds // 86_400)

    @staticmethod
    def span(value: Any, type_: Type) -> Any:
        """Return a length of time: weeks are seven days, a number is days."""
        if type_ is Type.WEEKS:
            return Duration(days=7 * value)
        return Duration(seconds=round(value * 86_400)) if type_ is Type.NUMBER else value

    def attribute(self, name: str) -> Any:
        value = self.said(name)
        return None if value is TOO_MANY else value

    def said(self, name: str) -> Any:
        """Return the value of an attribute; TOO_MANY where its codes are more than count, whatever sources follow."""
        value = self.known.get(name)
        if name in self.program.known and isinstance(value, tuple):  # what is too large
            if self.program.known[name].type is Type.CODES and len(value) > MOST_CODES:
                return TOO_MANY
            if self.program.known[name].type is Type.TEXT and len(value) > MOST_FIELDS:
                value = Cut(value[:MOST_FIELDS])
        if name == "arrival":
            return self.arrival
        if name == "age" and isinstance(self.known.get("birth_date"), date):
            return durations.age(self.known["birth_date"], self.day)
        known = self.program.known[name]
        for source in known.sources:
            if value is not None:
                break
            if not isinstance(source, Path):
                value = self.said(source.name) if isinstance(source, AttributeRef) else self.value(source)
                if isinstance(value, tuple) and known.type is not Type.CODES:
                    value = value[0]
        if isinstance(value, datetime):
            moment = utc(value, self.zone)
            return self.local(moment).date() if moment and known.type is Type.DATE else moment
        if isinstance(value, tuple) and known.type is Type.TEXT:
            value = type(value)(one for one in value if one.strip())
        return None if value in ((), "", None) else value

    def cell(self, cell: Cell) -> Any:
        table = self.program.tables[cell.table]
        column = table.columns.index(cell.column)
        keys = [self.value(key) for key in cell.keys]
        choices: list[list[Any]] = [[]]
        for key in keys:
            choices = [[*one, member] for one in choices for member in (key if isinstance(key, tuple) else (key,))]
        if len(keys) > 1 and len(choices) > MOST:
            return None
        rows = [number for one in choices if (number := self.row(cell.table, one)) is not None]
        cells = [table.rows[number].cells[column] for number in sorted(set(rows))]
        found = list(dict.fromkeys(one for one in cells if one is not None))
        if not found:
            return None
        return tuple(found) if cell.many else found[0]

    def row(self, table: str, keys: list[Any]) -> int | None:
        for number, row in enumerate(self.program.tables[table].rows):
            fits = [
                cell is Wild.ANY or (None if key is None else cell == key)
                for cell, key in zip(row.keys, keys, strict=True)
            ]
            if False in fits:
                continue
            return None if None in fits else number
        return None

    # conditions

    def holds(self, condition: Condition) -> Truth:  # noqa: PLR0911 - one case for each form
        match condition:
            case Fixed(holds=holds):
                return holds
            case And(parts=parts):
                truths = [self.holds(part) for part in parts]
                return False if False in truths else None if None in truths else True
            case Or(parts=parts):
                truths = [self.holds(part) for part in parts]
                return True if True in truths else None if None in truths else False
            case Not(part=part):
                truth = self.holds(part)
                return None if truth is None else not truth
            case Possibly(part=part):
                return self.holds(part) in (True, None)
            case Certainly(part=part):
                return self.holds(part) is True
            case Defined(condition=part):
                return self.holds(part)
            case IsTrue(operand=operand):
                value = self.value(operand)
                return (True in value) if isinstance(value, tuple) else value
            case IsKnown(operand=operand, known=known):
                return (self.value(operand) is not None) == known
            case Is():
                return self.flip(condition.negated, self.is_one_of(condition))
            case Includes():
                return self.includes(condition)
            case Compares():
                return self.compares(condition)
            case Precedes():
                return self.precedes(condition)
            case Within():
                return self.within(condition)
            case Mentions():
                return self.mentions(condition)
            case Spelt():
                return self.starts_with(condition)
            case Matches():
                return self.matches(condition)
            case Listed(operand=operand, table=table, negated=negated):
                value = self.value(operand)
                members = value if isinstance(value, tuple) else (value,)
                rows = [self.row(table, [member]) for member in members]
                truth = (
                    True
                    if any(row is not None for row in rows)
                    else None
                    if value is None and self.rows(table)
                    else False
                )
                return self.flip(negated, truth)
            case DuringTimes():
                return self.during(condition)
            case OnCalendar(calendar=calendar, of=of):
                moment = self.moment(of)
                return None if moment is None else self.as_day(moment) in self.program.calendars[calendar].dates
            case InSample(percent=percent, rule=rule):
                return None if self.key is None else in_sample(rule, self.key, percent)
        raise AssertionError(condition)

    def rows(self, table: str) -> bool:
        return bool(self.program.tables[table].rows)

    @staticmethod
    def flip(negated: bool, truth: Truth) -> Truth:
        return truth if not negated or truth is None else not truth

    def is_one_of(self, condition: Is) -> Truth:
        mine = self.moment(condition.left)
        if mine is None:
            return None
        truths: list[Truth] = []
        for each in condition.values:
            theirs = self.moment(each)
            for member in theirs if isinstance(theirs, tuple) else (theirs,):
                truths += [None if member is None else self.same(mine, condition.left, member, each)]
        return True if True in truths else None if None in truths else False

    def same(self, mine: Any, left: Operand, theirs: Any, right: Operand) -> Truth:
        if left.type in (Type.DURATION, Type.WEEKS):
            return durations.equal(self.span(mine, left.type), self.span(theirs, right.type))
        if isinstance(mine, date) and not (isinstance(mine, datetime) and isinstance(theirs, datetime)):
            return self.as_day(mine) == self.as_day(theirs)
        return bool(mine == theirs)

    def includes(self, condition: Includes) -> Truth:
        held = self.value(condition.left)
        if held is None:
            return None
        values = [self.value(each) for each in condition.values]  # each a code, a set of them, or unknown
        sets = [None if each is None else set(each) if isinstance(each, tuple) else {each} for each in values]
        match condition.reach:
            case Reach.ANY:
                return self.any_of([None if each is None else bool(each & set(held)) for each in sets])
            case Reach.ALL:
                return self.flip(True, self.any_of([None if each is None else not each <= set(held) for each in sets]))
            case Reach.NONE:
                return self.flip(True, self.any_of([None if each is None else bool(each & set(held)) for each in sets]))
            case _:
                listed = set().union(*(each for each in sets if each is not None))
                return True if set(held) <= listed else None if None in sets else False

    @staticmethod
    def any_of(truths: list[Truth]) -> Truth:
        return True if True in truths else None if None in truths else False

    def compares(self, condition: Compares) -> Truth:
        one, others = self.value(condition.left), self.value(condition.right)
        if one is None or others is None:
            return None
        if condition.left.type is Type.NUMBER:
            return any(
                {
                    Order.UNDER: one < other,
                    Order.OVER: one > other,
                    Order.AT_LEAST: one >= other,
                    Order.AT_MOST: one <= other,
                }[condition.order]
                for other in (others if isinstance(others, tuple) else (others,))
            )
        one, other = self.span(one, condition.left.type), self.span(others, condition.right.type)
        at_least, over = durations.at_least(one, other), durations.over(one, other)
        return {
            Order.UNDER: self.flip(True, at_least),
            Order.OVER: over,
            Order.AT_LEAST: at_least,
            Order.AT_MOST: self.flip(True, over),
        }[condition.order]

    def moment(self, operand: Operand) -> Any:
        if isinstance(operand, ClockRef) and self.day != self.local(self.clock).date():
            return self.day
        return self.value(operand)

    def as_day(self, moment: date) -> date:
        return self.local(moment).date() if isinstance(moment, datetime) else moment

    def precedes(self, condition: Precedes) -> Truth:
        one, other = self.moment(condition.left), self.moment(condition.right)
        if one is None or other is None:
            return None
        if not (isinstance(one, datetime) and isinstance(other, datetime)):
            one, other = self.as_day(one), self.as_day(other)
        return one > other if condition.after else one < other

    def within(self, condition: Within) -> Truth:
        one, other = self.moment(condition.left), self.moment(condition.other)
        several = self.alternatives(condition.length)
        if one is None or other is None or not several:
            return None
        if not (isinstance(one, datetime) and isinstance(other, datetime)):
            one, other = start_of(self.as_day(one), self.zone), start_of(self.as_day(other), self.zone)
        if (condition.side is Side.AFTER and one < other) or (condition.side is Side.BEFORE and one > other):
            return False
        ends = [end for each in several if (end := self.reach(other, each, back=one < other)) is not None]
        if not ends:
            return None
        return min(ends) <= one if one < other else one <= max(ends)

    def mentions(self, condition: Mentions) -> Truth:
        fields = self.value(condition.left)
        if fields is None:
            return None
        text = Text(fields, NEAR if condition.excepted or condition.not_negated else LIMIT)
        masks = [phrase(one) for one in condition.excepted]
        words = shipped() if condition.not_negated else None
        found = [occurs(phrase(one), text, masks, words) for one in condition.phrases]
        truth = all(found) if condition.every else any(found)
        return None if text.cut and not truth else truth

    def starts_with(self, condition: Spelt) -> Truth:
        value = self.value(condition.left)
        if value is None:
            return None

        def folded(text: str) -> str:
            return " ".join(fold(text[:LIMIT]).split()) if condition.left.type is Type.TEXT else text

        room = LIMIT
        for one in value if isinstance(value, tuple) else (value,):
            if room <= 0 and condition.left.type is Type.TEXT:
                return None
            room -= len(one)
            begun = any(folded(one).startswith(folded(text)) for text in condition.texts)
            if begun and not any(folded(one).startswith(folded(text)) for text in condition.excepted):
                return True
        return None if isinstance(value, Cut) else False

    def matches(self, condition: Matches) -> Truth:
        value = self.value(condition.left)
        if value is None:
            return None
        room = self.room
        for one in value if isinstance(value, tuple) else (value,):
            if len(one) > room:
                asks_for_the_end = re.search(r"\$|\\z|\\B", re.sub(r"\\\$", "", condition.pattern))
                counts = whole_words(one, room) if re.match(r"(?a:\w)", one[room]) else one[:room]
                return True if re.search(condition.pattern, counts) and not asks_for_the_end else None
            if re.search(condition.pattern, one):
                return True
            room -= len(one)
        return None if isinstance(value, Cut) else False

    def during(self, condition: DuringTimes) -> Truth:
        moment = self.value(condition.of)
        if not isinstance(moment, datetime):
            return None
        return contains(self.ranges(condition.times), self.local(moment)) != condition.outside

    def ranges(self, times: str) -> list[Range]:
        choices = self.program.times[times].choices
        hours = self.choose([(choice.when, choice.hours) for choice in choices])
        return [Range(days=self.days(one.days), start=one.start, end=one.end) for one in hours]

    def days(self, days: Days) -> DaySet:
        dates = {name: calendar.dates for name, calendar in self.program.calendars.items()}
        return DaySet(
            weekdays=days.weekdays,
            dates=frozenset(day for name in days.calendars for day in dates[name]),
            nth=days.nth,
            excepted=frozenset(day for name in days.excepted for day in dates[name]),
        )

    def workdays(self) -> DaySet:
        usual = [(None, Days(weekdays=frozenset(range(5))))]
        return self.days(self.choose([(one.when, one.days) for one in self.program.workdays] or usual))

    # effects

    def stretches(self, length: Length) -> tuple[Stretch, ...] | None:
        amount = self.value(length.amount)
        if amount is None:
            return None
        if length.unit is None:
            return stretches_of(self.span(amount, length.amount.type))
        pace, factor = {
            Unit.MINUTES: (Pace.ELAPSED, 60),
            Unit.HOURS: (Pace.ELAPSED, 3600),
            Unit.DAYS: (Pace.DAYS, 1),
            Unit.WEEKS: (Pace.DAYS, 7),
            Unit.MONTHS: (Pace.MONTHS, 1),
            Unit.YEARS: (Pace.MONTHS, 12),
            Unit.WORKING_DAYS: (Pace.WORKING_DAYS, 1),
        }[length.unit]
        return (Stretch(amount=amount * factor, pace=pace),)

    def alternatives(self, length: Length) -> list[tuple[Stretch, ...]]:
        """Return what a length may be: as many as its amount has values."""
        amounts = self.value(length.amount)
        each = [
            Length(amount=Constant(type=length.amount.type, value=one), unit=length.unit)
            for one in (amounts if isinstance(amounts, tuple) else (amounts,))
        ]
        return [stretches for one in each if (stretches := self.stretches(one)) is not None]

    def reach(
        self,
        start: datetime,
        stretches: tuple[Stretch, ...],
        counting: str | None = None,
        *,
        back: bool = False,
        working: bool = True,
    ) -> datetime | None:
        days = self.workdays() if working else ()
        end: datetime | None = start
        for stretch in stretches:
            counted = Counted(end, self.ranges(counting), self.zone) if counting and end else None
            end = away(end, stretch, self.zone, days, back=back, counting=counted) if end else None
        return end

    def due(self, length: Length, counting: str | None = None, start: Operand | None = None) -> datetime | None:
        first = self.clock
        if start is not None:
            said = self.value(start)
            if said is None:
                return None
            first = said if isinstance(said, datetime) else self.clock  # a day alone has no time of day
        ends = [self.reach(first, stretches, counting) for stretches in self.alternatives(length)]
        return min((end for end in ends if end is not None), default=None)

    def minutes(self, length: Length) -> int | None:
        end = self.due(length)
        return None if end is None else (end - self.clock) // timedelta(minutes=1)

    def gives(self, effect: Effect) -> Any:  # noqa: PLR0911 - one case for each form
        """Return the value that an effect gives, None when it is unknown."""
        match effect:
            case RouteTo(to=to):
                found = self.value(to) if isinstance(to, Cell) else to
                return found[0] if isinstance(found, tuple) else found
            case PriorityIs(level=level):
                if isinstance(level, str):
                    return level
                names = self.program.priorities
                requested = dict(zip(("STAT", "HIGH", "MEDIUM", "ROUTINE"), names, strict=False))
                found = self.value(level)
                return None if found is None else requested.get(found, found if found in names else None)
            case RaisePriority():
                return True
            case DueWithin(within=within, counting=counting, start=start):
                return self.due(within, counting, start)
            case DueBy(at=at, day=day):
                return next_at(self.clock, at, day, self.zone, self.workdays())
            case DueByInstant(instant=instant, minus=minus):
                moment = self.value(instant)
                if moment is None:
                    return None
                if not isinstance(moment, datetime):
                    moment = start_of(moment, self.zone)
                if minus is None:
                    return moment
                early = [self.reach(moment, each, back=True) for each in self.alternatives(minus)]
                return min((one for one in early if one is not None), default=None)
            case Tag(tags=tags):
                return tags
            case Notify(channel=channel):
                return channel
            case AlsoReadBy(worklist=worklist, within=within, audit=audit):
                return Also(worklist=worklist, due_at=self.due(within) if within else None, audit=audit)
            case ReadBy(count=count, blind=blind, disagreement_to=to, agreement=agreement):
                return Reads(count=count, blind=blind, disagreement_to=to, agreement=agreement)
            case OnlyReaders(skills=skills, combine=combine, identity=identity):
                return ReaderLimit(kind="identity" if identity else "only", skills=skills, combine=combine)
            case ExcludeReaders(attributes=attributes):
                values = [value for each in attributes if (value := self.value(each)) is not None]
                readers = [name for value in values for name in (value if isinstance(value, tuple) else (value,))]
                return ReaderLimit(kind="exclude", readers=tuple(dict.fromkeys(readers))) if readers else None
            case EscalateTo():
                after = self.minutes(effect.after) if effect.after else None
                if effect.after and after is None:
                    return None
                return Escalation(
                    to=effect.worklist,
                    notify=effect.channel,
                    after_minutes=after,
                    after_percent=effect.after_percent,
                    when="overdue" if effect.overdue else None,
                    until="claimed" if effect.until_claimed else None,
                )
            case HoldUntil(at_most=at_most, until=until):
                most = self.minutes(at_most)
                return None if self.holds(until) or most is None else Hold(at_most_minutes=most, until=until.text)
            case OfferTo(reader=reader, lasts=lasts, within=within, skill=skill):
                to = reader if isinstance(reader, str) else self.value(reader)
                days = within.amount.value if within and isinstance(within.amount, Constant) else None
                lasting = self.minutes(lasts)
                return (
                    None
                    if to is None or lasting is None
                    else Offer(to=to, within_days=days, for_minutes=lasting, skill=skill)
                )
            case ReadTogether(attributes=names, within=within):
                minutes = self.minutes(within)
                others = tuple(one for one in names if one != "same patient")
                return None if minutes is None else Together(attributes=others, within_minutes=minutes)
            case SplitTo(worklists=worklists, after=after):
                minutes = self.minutes(after)
                return None if minutes is None else Split(worklists=worklists, after_minutes=minutes)
            case NoReport(reason=reason, policy=policy, until=until):
                end = start_of(until + timedelta(days=1), self.zone)
                over = self.at >= end or self.clock >= end
                return None if over else Closure(policy=policy, reason=reason, until=end - timedelta(seconds=1))
        raise AssertionError(effect)

    # the decision

    def decide(self, most_unknown: int = MOST_UNKNOWN) -> dict[str, Any]:
        rules = [rule for rule in self.program.rules if rule.kind == "report"]
        truths = [self.holds(rule.condition) for rule in rules]
        fired = [rule for rule, truth in zip(rules, truths, strict=True) if truth]
        fields = self.combine(fired)
        undecided = []
        unknown = [rule for rule, truth in zip(rules, truths, strict=True) if truth is None]
        for rule, truth in zip(rules, truths, strict=True):
            if truth is None and rule in unknown[:most_unknown]:
                with_it = self.combine([each for each in rules if each in fired or each is rule])
                if {**with_it, "rules": ()} != {**fields, "rules": ()} or self.hides(rule, rules, fields["route_rule"]):
                    undecided.append(rule.name)
        return {**fields, "undecided": tuple(undecided)}

    def hides(self, rule: Rule, rules: list[Rule], route_rule: str | None) -> bool:
        """Say whether an effect lacks an attribute that the condition lacks too, and would count if it had a value."""
        before = next((each for each in rules if each.name in (rule.name, route_rule)), rule) is rule
        lacking = set(self.lacking(rule.condition))
        return any(
            lacking & set(self.names_in(effect))
            for effect in rule.effects
            if self.gives(effect) is None and (before or not isinstance(effect, RouteTo))
        )

    def lacking(self, condition: Condition) -> list[str]:
        """Return the unknown attributes that make a condition unknown."""
        if self.holds(condition) is not None:
            return []
        if isinstance(condition, And | Or):
            return [name for part in condition.parts for name in self.lacking(part)]
        if isinstance(condition, Not):
            return self.lacking(condition.part)
        if isinstance(condition, Defined):
            return self.lacking(condition.condition)
        operands = [each for each in walk(condition) if isinstance(each, Operand)]
        return [name for each in operands for name in self.unknown_in(each)] or self.names_in(condition)

    def unknown_in(self, operand: Operand) -> list[str]:
        """Return the unknown attribute; of a cell that is unknown though its keys are known, the cell itself."""
        if isinstance(operand, AttributeRef) and self.attribute(operand.name) is None:
            return [operand.name]
        if isinstance(operand, Cell) and self.cell(operand) is None:
            return [] if any(self.value(key) is None for key in operand.keys) else [self.named(operand)]
        return []

    @staticmethod
    def named(cell: Cell) -> str:
        return f"{cell.table}.{cell.column}"

    def names_in(self, value: Any) -> list[str]:
        nodes = list(walk(value))
        cells = [self.named(each) for each in nodes if isinstance(each, Cell)]
        return [*(each.name for each in nodes if isinstance(each, AttributeRef)), *cells]

    def combine(self, fired: list[Rule]) -> dict[str, Any]:
        program = self.program
        given = [
            (rule, [(effect, value) for effect in rule.effects if (value := self.gives(effect)) is not None])
            for rule in fired
        ]
        given = [(rule, self.without_what_the_group_gave(rule, effects, given)) for rule, effects in given]
        active = [one for one in program.guarantees if one.when is None or self.holds(one.when) is True]
        claims = [(one.name, claim) for one in active for claim in one.claims]
        broken: set[str] = set()

        def allowed(worklist: str) -> bool:
            stops = [
                name
                for name, claim in claims
                if (isinstance(claim, NeverRoute) and worklist in claim.worklists)
                or (
                    isinstance(claim, AlwaysRoute)
                    and worklist != claim.worklist
                    and not self.also_always(name, worklist)
                )
            ]
            broken.update(stops)
            return not stops

        def free(worklist: str | None) -> bool:
            stops = [name for name, claim in claims if isinstance(claim, NeverRoute) and worklist in claim.worklists]
            broken.update(stops)
            return not stops

        routes = [(rule, value) for rule, effects in given for effect, value in effects if isinstance(effect, RouteTo)]
        otherwise = [(effect, value) for effect in program.otherwise if (value := self.gives(effect)) is not None]
        last = next(value for effect, value in otherwise if isinstance(effect, RouteTo))
        winner: Rule | None = None
        for rule, worklist in routes:
            if allowed(worklist):
                winner, outcome, routed = rule, Outcome.ROUTED, worklist
                break
        else:
            outcome, routed = (Outcome.OTHERWISE, last) if allowed(last) else (Outcome.EXCEPTION, "")
        counting: list[tuple[Effect, Any]] = []
        if outcome is Outcome.EXCEPTION:
            counting += [(effect, value) for effect in program.exceptions if (value := self.gives(effect)) is not None]
            routed = next(value for effect, value in counting if isinstance(effect, RouteTo))
        for rule, effects in given:
            has_route = any(isinstance(effect, RouteTo) for effect in rule.effects)
            for effect, value in effects:
                if isinstance(effect, NoReport):
                    counts = rule is winner
                elif isinstance(effect, LIST_EFFECTS):
                    counts = rule is winner or not has_route
                else:
                    counts = True
                if counts:
                    counting.append((effect, value))
        already = {self.kind(effect) for effect, _ in counting}
        counting += [
            (effect, value)
            for effect, value in otherwise
            if self.kind(effect) not in already
            and (outcome is Outcome.OTHERWISE or not isinstance(effect, LIST_EFFECTS))
        ]

        def all_of(*kinds: type[Effect]) -> list[Any]:
            return [value for effect, value in counting if isinstance(effect, kinds)]

        def moments(*, preliminary: bool) -> datetime | None:
            found = [
                value
                for effect, value in counting
                if isinstance(effect, DueWithin | DueBy | DueByInstant) and effect.preliminary is preliminary
            ]
            at = min(found, default=None)
            for name, claim in claims:
                if isinstance(claim, AlwaysDue) and claim.preliminary is preliminary:
                    latest = self.due(claim.within)
                    if latest and (at is None or at > latest):
                        broken.add(name)
                        at = latest
            return at

        level = min(map(program.priorities.index, all_of(PriorityIs)), default=len(program.priorities) - 1)
        if all_of(RaisePriority):
            level = max(0, level - 1)
        for name, claim in claims:
            if isinstance(claim, PriorityAtLeast) and program.priorities.index(claim.level) < level:
                broken.add(name)
                level = program.priorities.index(claim.level)
        due = moments(preliminary=False)
        closures = all_of(NoReport)
        closure = closures[0] if closures else None
        if closure and (stops := [name for name, claim in claims if isinstance(claim, NeverClose)]):
            broken.update(stops)
            closure = None
        holds = all_of(HoldUntil)
        hold = min(holds, key=lambda one: one.at_most_minutes) if holds else None
        if hold and due:
            left = (due - self.arrival) // timedelta(minutes=1)
            hold = Hold(at_most_minutes=min(left, hold.at_most_minutes), until=hold.until)
        if hold and hold.at_most_minutes <= 0:
            hold = None
        if hold and (stops := [name for name, claim in claims if isinstance(claim, NeverHold)]):
            broken.update(stops)
            hold = None
        also: dict[Any, list[Also]] = {}
        for one in sorted(all_of(AlsoReadBy), key=lambda one: one.audit):
            if one.audit or one.worklist != routed:
                also.setdefault((one.worklist, one.audit), []).append(one)
        reads = all_of(ReadBy)
        count = max((one.count for one in reads), default=1)
        for name, claim in claims:
            if isinstance(claim, ReadsAtLeast) and claim.count > count:
                broken.add(name)
                count = claim.count
        to = next(
            (one.disagreement_to for one in sorted(reads, key=lambda one: -one.count) if one.disagreement_to), None
        )

        agreement: dict[str, str] = {}
        for code, worklist in (pair for one in sorted(reads, key=lambda one: -one.count) for pair in one.agreement):
            if free(worklist):
                agreement.setdefault(code, worklist)

        def when(step: Escalation) -> float:
            total = (due - self.clock) / timedelta(minutes=1) if due else float("inf")
            if step.after_minutes is not None:
                return step.after_minutes
            return total * step.after_percent / 100 if step.after_percent is not None else total

        exceptions_list = next(each.to for each in program.exceptions if isinstance(each, RouteTo))
        offers, togethers, splits = all_of(OfferTo), all_of(ReadTogether), all_of(SplitTo)
        lists = tuple(worklist for worklist in splits[0].worklists if free(worklist)) if splits else ()
        limits = [
            *[value for effect, value in counting if isinstance(effect, OnlyReaders) and not effect.identity],
            *all_of(ExcludeReaders),
            *[value for effect, value in counting if isinstance(effect, OnlyReaders) and effect.identity],
        ]
        return {
            "outcome": outcome,
            "worklist": routed,
            "route_rule": winner.name if winner else None,
            "priority": program.priorities[level],
            "due_at": due,
            "preliminary_due_at": moments(preliminary=True),
            "also": tuple(
                Also(
                    worklist=worklist, audit=audit, due_at=min((one.due_at for one in same if one.due_at), default=None)
                )
                for (worklist, audit), same in also.items()
                if free(worklist)
            ),
            "tags": tuple(dict.fromkeys(tag for tags in all_of(Tag) for tag in tags)),
            "notify": tuple(dict.fromkeys(all_of(Notify))),
            "reads": Reads(
                count=count,
                blind=any(one.blind for one in reads),
                disagreement_to=to if free(to) else exceptions_list,
                agreement=tuple(agreement.items()),
            ),
            "hold": hold,
            "escalations": tuple(
                sorted((one for one in dict.fromkeys(all_of(EscalateTo)) if one.to is None or free(one.to)), key=when)
            ),
            "offer": offers[0] if offers else None,
            "closure": closure,
            "limits": tuple(dict.fromkeys(limits)),
            "together": togethers[0] if togethers else None,
            "split": Split(worklists=lists, after_minutes=splits[0].after_minutes) if lists else None,
            "rules": tuple(rule.name for rule, effects in given if effects or not rule.group_default),
            "broken": frozenset(broken),
        }

    def also_always(self, name: str, worklist: str) -> bool:
        """Say whether the same guarantee also allows this list."""
        return any(
            isinstance(claim, AlwaysRoute) and claim.worklist == worklist
            for one in self.program.guarantees
            if one.name == name
            for claim in one.claims
        )

    def without_what_the_group_gave(
        self, rule: Rule, effects: list[tuple[Effect, Any]], given: list[tuple[Rule, list[tuple[Effect, Any]]]]
    ) -> list[tuple[Effect, Any]]:
        if not rule.group_default:
            return effects
        gave = {
            self.kind(effect)
            for other, others in given
            if other.group == rule.group and not other.group_default
            for effect, _ in others
        }
        return [(effect, value) for effect, value in effects if self.kind(effect) not in gave]

    @staticmethod
    def kind(effect: Effect) -> object:
        """Return what an effect is one of, for `otherwise`: dues of all forms are one kind, the preliminary another."""
        if isinstance(effect, DueWithin | DueBy | DueByInstant):
            return "preliminary" if effect.preliminary else "due"
        if isinstance(effect, AlsoReadBy):
            return "audit" if effect.audit else "also"
        if isinstance(effect, OnlyReaders):
            return "identity" if effect.identity else "only"
        return type(effect)
