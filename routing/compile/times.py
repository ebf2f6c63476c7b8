"""Times compiled: calendars, hours, workdays and zones, each chosen by the first condition that holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from routing.compile.subject import Subject, Test
from routing.meaning.days import WEEKDAYS, DaySet, day_set
from routing.meaning.hours import Range
from routing.program import Condition, Days, Hours, Program

_T = TypeVar("_T")
Choice = Callable[[Subject], _T]


class Calendars:
    """The times of one program. A choice goes to the first condition that is true, else to the one without any."""

    def __init__(self, program: Program, test: Callable[[Condition], Test]) -> None:
        self._program, self._test = program, test
        self._dates = {name: calendar.dates for name, calendar in program.calendars.items()}
        self._hours: dict[str, Choice[Sequence[Range]]] = {}

    def zone(self) -> Choice[tzinfo]:
        """Return what chooses the zone that governs; its conditions ask for no time."""
        return _choice([(self._maybe(zone.when), ZoneInfo(zone.name)) for zone in self._program.zones])

    def workdays(self) -> Choice[DaySet]:
        """Return what chooses the working days; Monday to Friday where the rulebook names none."""
        return _choice(
            [(self._maybe(one.when), self._days(one.days)) for one in self._program.workdays] or [(None, WEEKDAYS)]
        )

    def hours(self, name: str) -> Choice[Sequence[Range]]:
        """Return what chooses the ranges of `times NAME`, the same ranges for everyone who asks."""
        made = self._hours.get(name)
        if made is None:
            choices = self._program.times[name].choices
            made = self._hours[name] = _choice(
                [(self._maybe(choice.when), tuple(map(self._range, choice.hours))) for choice in choices]
            )
        return made

    def _maybe(self, when: Condition | None) -> Test | None:
        return None if when is None else self._test(when)

    def _range(self, hours: Hours) -> Range:
        return Range(days=self._days(hours.days), start=hours.start, end=hours.end)

    def _days(self, days: Days) -> DaySet:
        return day_set(days.weekdays, days.calendars, days.nth, days.excepted, self._dates)


def _choice(choices: Sequence[tuple[Test | None, _T]]) -> Choice[_T]:
    conditional = [(test, value) for test, value in choices if test is not None]
    rest = next((value for test, value in choices if test is None), choices[-1][1])
    if not conditional:
        return lambda _: rest

    def choose(subject: Subject) -> _T:
        return next((value for test, value in conditional if test(subject)), rest)

    return choose
