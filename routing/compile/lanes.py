"""Lanes: for each set of inputs, the class of a procedure, and which rules that class rules out.

A lane turns what it reads into a small token that decides all its parts, and remembers for each token two sets of bits:
those that cannot be certain, and those that cannot even be possible. A token not met before costs one test for each
part of the lane. What is remembered is bounded, and holds neither free text nor a date of birth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from typing import Final

from routing.attributes import Duration, Type
from routing.compile.inputs import AGE, ARRIVAL, CLOCK, DAY, HOURS, KEY, ZONE
from routing.compile.lexicon import Lexicon
from routing.compile.parts import Part
from routing.compile.subject import Subject, Test
from routing.compile.values import CLEAN
from routing.meaning.logic import Truth
from routing.program import And, Certainly, Compares, Condition, Constant, Defined, IsKnown, Not, Or, Possibly, Program
from routing.program.walk import walk

Kills = tuple[int, int]
"""The bits that cannot be certain, and those of them that are not possible either."""

Token = Callable[[Subject], Hashable]

ROOM: Final = 1 << 25  # bits that one lane remembers at most
_MOST: Final = 4096


class Lane:
    """The parts that ask the same inputs, and what is remembered of them."""

    def __init__(self, parts: Sequence[Part], tests: Sequence[Test], token: Token, size: int, *, keeps: bool) -> None:
        self._parts, self._tests, self.token = parts, tests, token
        self._masks = [_dense(part.users, size) for part in parts]
        self._most = max(64, min(_MOST, ROOM // max(1, size))) if keeps else 0
        self.kept: dict[Hashable, Kills] = {}
        self._by_truths: dict[tuple[Truth, ...], Kills] = {}

    def kills(self, subject: Subject) -> Kills:
        """Return what the subject's class rules out."""
        token = self.token(subject)
        found = self.kept.get(token)
        return self.add(token, subject) if found is None else found

    def add(self, token: Hashable, subject: Subject) -> Kills:
        """Return what a class not met before rules out, and remember it."""
        truths = tuple([test(subject) for test in self._tests])
        found = self._by_truths.get(truths)
        if found is None:
            if len(self._by_truths) >= max(64, self._most):
                self._by_truths.clear()
            found = self._by_truths[truths] = self._worked_out(truths)
        if self._most:
            if len(self.kept) >= self._most:
                self.kept.clear()
            self.kept[token] = found
        return found

    def _worked_out(self, truths: Sequence[Truth]) -> Kills:
        certain = possible = 0
        doubtful: list[int] = []
        out: list[int] = []
        for part, mask, truth in zip(self._parts, self._masks, truths, strict=True):
            if truth is False:
                if mask is None:
                    out += part.users
                else:
                    possible |= mask
            elif truth is None:
                if mask is None:
                    doubtful += part.users
                else:
                    certain |= mask
        possible |= mask_of(out)
        return certain | possible | mask_of(doubtful), possible


def mask_of(bits: Sequence[int]) -> int:
    """Return the number that has these bits."""
    if not bits:
        return 0
    if len(bits) < 4:  # noqa: PLR2004 - a few shifts are quicker than an array
        made = 0
        for bit in bits:
            made |= 1 << bit
        return made
    array = bytearray((max(bits) >> 3) + 1)
    for bit in bits:
        array[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(array, "little")


def _dense(users: Sequence[int], size: int) -> int | None:
    """Return the users as a mask where that is not larger than eight bytes for each."""
    return mask_of(users) if len(users) * 64 >= size else None


class Tokens:
    """How the class of a subject is read, lane by lane."""

    def __init__(self, program: Program, test: Callable[[Condition], Test]) -> None:
        self._program, self._test = program, test
        self._bounds = sorted(
            {
                minute % 1440
                for times in program.times.values()
                for choice in times.choices
                for hours in choice.hours
                for minute in (hours.start, hours.end)
            }
        )

    def token(self, inputs: frozenset[str], parts: Sequence[Part]) -> tuple[Token, bool]:
        """Return what reads the class, and whether what it reads may be remembered."""
        conditions = [part.condition for part in parts]
        if inputs == AGE and (ages := _Ages.of(conditions)):
            return ages, True
        if len(inputs) == 1:
            (name,) = inputs
            known = self._program.known.get(name)
            if known and known.type is Type.TEXT and all(map(Lexicon.reads, conditions)):
                tests = {
                    id(each): self._test(each)
                    for one in conditions
                    for each in walk(one)
                    if isinstance(each, Condition)
                }
                return Lexicon(name, conditions, tests).token, True
            if known and known.type is Type.NUMBER and (limits := _limits(conditions)) is not None:
                return _number(name, limits), True
            return self._one(name), self._may_keep(name)
        each = [self._one(name) for name in sorted(inputs)]
        return (lambda subject: tuple([one(subject) for one in each])), all(map(self._may_keep, inputs))

    def raw(self, inputs: frozenset[str]) -> str | None:
        """Return the name of the attribute that is its own class, as it is; None for other lanes."""
        known = self._program.known.get(next(iter(inputs))) if len(inputs) == 1 else None
        return known.name if known and known.type in (Type.CODE, Type.CODES) else None

    def _may_keep(self, name: str) -> bool:
        known = self._program.known.get(name)
        if known is None:
            return name not in (KEY, CLOCK, ARRIVAL)
        return known.type is not Type.TEXT and name != "birth_date"

    def _one(self, name: str) -> Token:
        special = {CLOCK: _clock, DAY: _day, ARRIVAL: _arrival, ZONE: _zone, KEY: _key, HOURS: self._hours}
        return special.get(name) or _cleaned(name, self._program.known[name].type)

    def _hours(self, subject: Subject) -> Hashable:
        local = subject.local
        return local.date(), bisect_right(self._bounds, local.hour * 60 + local.minute)


def _cleaned(name: str, type_: Type) -> Token:
    clean = CLEAN[type_]

    def token(subject: Subject) -> Hashable:
        value = subject.known.get(name)
        found: Hashable = None if value is None else clean(value, subject)
        return found

    return token


def _clock(subject: Subject) -> Hashable:
    return subject.clock_at, subject.clock_day


def _day(subject: Subject) -> Hashable:
    return subject.clock_day


def _arrival(subject: Subject) -> Hashable:
    return subject.arrival


def _zone(subject: Subject) -> Hashable:
    return str(subject.zone)


def _key(subject: Subject) -> Hashable:
    return subject.key


def _limits(conditions: Sequence[Condition]) -> list[float] | None:
    """Return the constants that a number is compared with, in order; None where anything else is asked of it."""
    found: set[float] = set()
    for each in (each for one in conditions for each in walk(one) if isinstance(each, Condition)):
        if isinstance(each, Compares):
            if (
                not isinstance(each.right, Constant)
                or each.right.type is not Type.NUMBER
                or isinstance(each.left, Constant)
            ):
                return None
            found.add(each.right.value)
        elif not isinstance(each, IsKnown) and not _is_join(each):
            return None
    return sorted(found)


def _number(name: str, limits: Sequence[float]) -> Token:
    clean = CLEAN[Type.NUMBER]

    def token(subject: Subject) -> Hashable:
        value = clean(subject.known.get(name), subject)
        return None if value is None else (bisect_left(limits, value), bisect_right(limits, value))

    return token


class _Ages:
    """The class of an age among lengths in whole months or days: how many of each it has reached, and whether today."""

    def __init__(self, months: list[int], days: list[int]) -> None:
        self._months, self._days = months, days

    @classmethod
    def of(cls, conditions: Sequence[Condition]) -> _Ages | None:
        """Return the classes of ages for the conditions, or None where they ask for more than these can tell."""
        months: set[int] = set()
        days: set[int] = set()
        for each in (each for one in conditions for each in walk(one) if isinstance(each, Condition)):
            if isinstance(each, Compares):
                limit = each.right.value if isinstance(each.right, Constant) else None
                if not isinstance(limit, Duration) or limit.seconds or limit.precision:
                    return None
                whole = limit.years * 12 + limit.months
                if whole and limit.days:
                    return None
                (months if whole else days).add(whole or limit.days)
            elif not isinstance(each, IsKnown) and not _is_join(each):
                return None
        return cls(sorted(months), sorted(days))

    def __call__(self, subject: Subject) -> Hashable:
        birth = subject.known.get("birth_date")
        if not isinstance(birth, date) or isinstance(birth, datetime):
            said = subject.known.get("age")
            return said if isinstance(said, Duration) else None
        on = subject.clock_day
        if birth > on:
            return None
        whole = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
        reached = bisect_right(self._months, whole)
        today = reached and self._months[reached - 1] == whole and _is_monthly(birth, on)
        if not self._days:
            return reached, today
        old = (on - birth).days
        return reached, today, bisect_left(self._days, old), bisect_right(self._days, old)


def _is_monthly(birth: date, on: date) -> bool:
    """Say whether a whole number of months is complete on this very day."""
    if on.day == birth.day:
        return True
    if on.day != 1 or birth.day <= 28:  # noqa: PLR2004 - every month has 28 days
        return False
    last = on.toordinal() - 1
    return date.fromordinal(last).day < birth.day


def _is_join(condition: Condition) -> bool:
    return isinstance(condition, And | Or | Not | Possibly | Certainly | Defined)
