"""Conditions compiled: one closure for each, from the subject to true, false or unknown (None)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from routing.attributes import Type
from routing.compile import moments
from routing.compile.asked import Asked
from routing.compile.operands import Operands, length
from routing.compile.sets import all_of, as_set, fixed_includes, open_includes
from routing.compile.spellings import Expressions
from routing.compile.subject import Read, Subject, Test
from routing.compile.texts import Mentioning, matches, spelt
from routing.compile.times import Calendars
from routing.meaning import durations
from routing.meaning.expressions import room
from routing.meaning.hours import contains
from routing.meaning.logic import Truth, either, negate
from routing.meaning.moments import wall_of
from routing.meaning.negation import Negations
from routing.meaning.samples import in_sample
from routing.meaning.words import NEAR
from routing.program import (
    And,
    AttributeRef,
    Cell,
    Certainly,
    Compares,
    Condition,
    Constant,
    Defined,
    During,
    Fixed,
    Includes,
    InSample,
    Is,
    IsKnown,
    IsTrue,
    Listed,
    Matches,
    Mentions,
    Not,
    OnCalendar,
    Operand,
    Or,
    Order,
    Possibly,
    Precedes,
    Program,
    Spelt,
    Within,
)


class Conditions(Asked):
    """The conditions of one program. A test is made once for each condition object and shared by all who use it."""

    def __init__(self, program: Program, operands: Operands, negating: Negations) -> None:
        super().__init__(program)
        self._operands, self._negating = operands, negating
        self._dates = {name: calendar.dates for name, calendar in program.calendars.items()}
        self._tests: dict[int, tuple[Condition, Test]] = {}  # by identity; the condition is kept so that the id is
        self.expressions: dict[str | Operand, Expressions] = {}
        self.near: set[str] = set()  # the texts in which the places of words matter
        self.calendars = Calendars(program, self.test)

    def test(self, condition: Condition) -> Test:
        """Return the test of a condition."""
        made = self._tests.get(id(condition))
        if made is None:
            one = self.shared(condition)
            test = self._MAKERS[type(condition)](self, condition) if one is condition else self.test(one)
            made = self._tests[id(condition)] = (condition, test)
        return made[1]

    @property
    def negating(self) -> Negations:
        """The words that negate."""
        return self._negating

    def _fixed(self, condition: Fixed) -> Test:
        holds = condition.holds
        return lambda _: holds

    def _and(self, condition: And) -> Test:
        parts = [self.test(part) for part in condition.parts]

        def every(subject: Subject) -> Truth:
            known = True
            for part in parts:
                truth = part(subject)
                if truth is False:
                    return False
                if truth is None:
                    known = False
            return True if known else None

        return every

    def _or(self, condition: Or) -> Test:
        parts = [self.test(part) for part in condition.parts]

        def any_of(subject: Subject) -> Truth:
            known = True
            for part in parts:
                truth = part(subject)
                if truth:
                    return True
                if truth is None:
                    known = False
            return False if known else None

        return any_of

    def _not(self, condition: Not) -> Test:
        part = self.test(condition.part)
        return lambda subject: negate(part(subject))

    def _possibly(self, condition: Possibly) -> Test:
        part = self.test(condition.part)
        return lambda subject: part(subject) is not False

    def _certainly(self, condition: Certainly) -> Test:
        part = self.test(condition.part)
        return lambda subject: part(subject) is True

    def _defined(self, condition: Defined) -> Test:
        part, key = self.test(condition.condition), id(condition.condition)

        def remembered(subject: Subject) -> Truth:
            memo = subject.memo
            if key not in memo:
                memo[key] = part(subject)
            found: Truth = memo[key]
            return found

        return remembered

    def _is_true(self, condition: IsTrue) -> Test:
        read = self._operands.read(condition.operand)
        if not (isinstance(condition.operand, Cell) and condition.operand.many):
            return read
        return lambda subject: None if (found := read(subject)) is None else True in found

    def _is_known(self, condition: IsKnown) -> Test:
        read, known = self._operands.read(condition.operand), condition.known
        return lambda subject: (read(subject) is not None) is known

    def _is(self, condition: Is) -> Test:
        operands = (condition.left, *condition.values)
        if any(each.type in (Type.DURATION, Type.WEEKS) for each in operands):
            test = self._any_equal(condition, [self._length(each) for each in operands], durations.equal)
        elif any(each.type in (Type.DATE, Type.INSTANT) for each in operands):
            test = self._same_day_or_moment(condition)
        elif all(isinstance(each, Constant) for each in condition.values):
            test = self._is_one_of(condition)
        else:
            test = self._any_equal(condition, [self._operands.read(each) for each in operands], _same)
        return (lambda subject: negate(test(subject))) if condition.negated else test

    def _is_one_of(self, condition: Is) -> Test:
        read = self._operands.read(condition.left)
        wanted = frozenset(each.value for each in condition.values if isinstance(each, Constant))

        def test(subject: Subject) -> Truth:
            value = read(subject)
            if value is None:
                return None
            return not wanted.isdisjoint(as_set(value, subject)) if isinstance(value, tuple) else value in wanted

        return test

    def _any_equal(self, _: Is, reads: Sequence[Read], same: Callable[[Any, Any], Truth]) -> Test:
        left, *others = reads

        def test(subject: Subject) -> Truth:
            mine = left(subject)
            if mine is None:
                return None
            return either(
                None if theirs is None else same(one, other)
                for theirs in (read(subject) for read in others)
                for one in all_of(mine)
                for other in all_of(theirs)
            )

        return test

    def _same_day_or_moment(self, condition: Is) -> Test:
        left, *others = (moments.reader(self._operands, each) for each in (condition.left, *condition.values))

        def test(subject: Subject) -> Truth:
            mine = left(subject)
            return either(
                None if mine is None or theirs is None else moments.order(mine, theirs, subject) == 0
                for theirs in (read(subject) for read in others)
            )

        return test

    def _includes(self, condition: Includes) -> Test:
        read = self._operands.read(condition.left)
        values = condition.values
        if all(isinstance(each, Constant) for each in values):
            wanted = frozenset(each.value for each in values if isinstance(each, Constant))
            return fixed_includes(read, condition.reach, wanted)
        reads = [self._operands.read(each) for each in values]

        def test(subject: Subject) -> Truth:
            held = read(subject)
            if held is None:
                return None
            found = [None if value is None else all_of(value) for value in (each(subject) for each in reads)]
            return open_includes(frozenset(all_of(held)), condition.reach, found)

        return test

    def _compares(self, condition: Compares) -> Test:
        order = condition.order
        if condition.left.type is Type.NUMBER and condition.right.type is Type.NUMBER:
            left, right = self._operands.read(condition.left), self._operands.read(condition.right)
            compare = _NUMBERS[order]
        else:
            left, right = self._length(condition.left), self._length(condition.right)
            compare = _LENGTHS[order]

        def test(subject: Subject) -> Truth:
            one, other = left(subject), right(subject)
            if one is None or other is None:
                return None
            if isinstance(one, tuple) or isinstance(other, tuple):
                return either(compare(mine, theirs) for mine in all_of(one) for theirs in all_of(other))
            return compare(one, other)

        return test

    def _precedes(self, condition: Precedes) -> Test:
        left = moments.reader(self._operands, condition.left)
        right = moments.reader(self._operands, condition.right)
        after = condition.after

        def test(subject: Subject) -> Truth:
            one, other = left(subject), right(subject)
            if one is None or other is None:
                return None
            order = moments.order(one, other, subject)
            return order > 0 if after else order < 0

        return test

    def _within(self, condition: Within) -> Test:
        return moments.within(condition, self._operands, self.calendars)

    def _mentions(self, condition: Mentions) -> Test:
        if (condition.excepted or condition.not_negated) and isinstance(condition.left, AttributeRef):
            self.near.add(condition.left.name)
        return Mentioning(condition, self._operands.read(condition.left), self._negating)

    def _spelt(self, condition: Spelt) -> Test:
        return spelt(condition, self._operands.read(condition.left))

    def _matches(self, condition: Matches) -> Test:
        left = condition.left
        asked = left.name if isinstance(left, AttributeRef) else left
        expressions = self.expressions.setdefault(asked, Expressions())
        return matches(condition, self._operands.read(left), expressions)

    @property
    def rooms(self) -> dict[str, dict[str, int]]:
        """The letters that count, by what they count for, for the attributes of which not all do."""
        rooms: dict[str, dict[str, int]] = {name: {"`except` and `not negated`": NEAR} for name in self.near}
        for name, one in self.expressions.items():
            if isinstance(name, str):
                rooms.setdefault(name, {})["`matches`"] = one.room
        return rooms

    def settle(self) -> None:
        """Arrange what is asked together, now that all of it is known."""
        letters = room(sum(each.steps for each in self.expressions.values()))
        for expressions in self.expressions.values():
            expressions.room = letters
            expressions.settle()

    def _listed(self, condition: Listed) -> Test:
        test = self._operands.listed(condition.table, condition.operand)
        return (lambda subject: negate(test(subject))) if condition.negated else test

    def _during(self, condition: During) -> Test:
        hours, read, outside = (
            self.calendars.hours(condition.times),
            self._operands.read(condition.of),
            condition.outside,
        )

        def test(subject: Subject) -> Truth:
            moment = read(subject)
            if not isinstance(moment, datetime):  # a day alone has no time
                return None
            wall = subject.wall if moment is subject.clock_at else wall_of(moment, subject.zone)
            return contains(hours(subject), wall) is not outside

        return test

    def _on_calendar(self, condition: OnCalendar) -> Test:
        dates, read = self._dates[condition.calendar], moments.reader(self._operands, condition.of)

        def test(subject: Subject) -> Truth:
            moment = read(subject)
            return None if moment is None else moments.day_of(moment, subject) in dates

        return test

    def _in_sample(self, condition: InSample) -> Test:
        rule, percent = condition.rule, condition.percent
        return lambda subject: None if subject.key is None else in_sample(rule, subject.key, percent)

    def _length(self, operand: Operand) -> Read:
        return length(self._operands.read(operand), operand.type)

    _MAKERS: ClassVar[Mapping[type[Condition], Callable[..., Test]]] = {
        Fixed: _fixed,
        And: _and,
        Or: _or,
        Not: _not,
        Possibly: _possibly,
        Certainly: _certainly,
        Defined: _defined,
        IsTrue: _is_true,
        IsKnown: _is_known,
        Is: _is,
        Includes: _includes,
        Compares: _compares,
        Precedes: _precedes,
        Within: _within,
        Mentions: _mentions,
        Spelt: _spelt,
        Matches: _matches,
        Listed: _listed,
        During: _during,
        OnCalendar: _on_calendar,
        InSample: _in_sample,
    }


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


_NUMBERS: Final[dict[Order, Callable[[Any, Any], Truth]]] = {
    Order.UNDER: lambda one, other: one < other,
    Order.OVER: lambda one, other: one > other,
    Order.AT_LEAST: lambda one, other: one >= other,
    Order.AT_MOST: lambda one, other: one <= other,
}
_LENGTHS: Final[dict[Order, Callable[[Any, Any], Truth]]] = {
    Order.UNDER: lambda one, other: negate(durations.at_least(one, other)),
    Order.OVER: durations.over,
    Order.AT_LEAST: durations.at_least,
    Order.AT_MOST: lambda one, other: negate(durations.over(one, other)),
}
