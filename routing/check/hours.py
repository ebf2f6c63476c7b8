"""Zones, hours and working days: by site where a condition says so, the one without a condition for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from routing import program, syntax
from routing.check.conditions import Conditions
from routing.check.desk import Desk, Setting
from routing.check.names import Space
from routing.diagnostics import Related, Span

_WEEKDAYS: Final = tuple(syntax.Weekday)
_NTH: Final = {nth: number for number, nth in enumerate(syntax.Nth, start=1)} | {syntax.Nth.LAST: -1}

T = TypeVar("T", bound=program.Node)


class HoursOf:
    """Makes what times are reckoned by; what has a finding is left out."""

    def __init__(self, desk: Desk, conditions: Conditions) -> None:
        self.desk, self.conditions = desk, conditions
        self._met_bad_zone = False  # from then on they are listed, which costs too much for a rulebook that has none

    def zones(self, statements: Sequence[syntax.Timezone], start: Span) -> tuple[program.Zone, ...]:
        """Return the zones, the one without a condition last; without any statement it is UTC."""
        made = [zone for statement in statements if (zone := self._zone(statement))]
        rest = self._rest([(zone, zone.when is None) for zone in made], "timezone")
        if not statements:
            return (program.Zone(name="UTC", span=start, text="timezone UTC"),)
        self._needs_rest(statements, "timezone", "unknown-zone")
        return (*(zone for zone in made if zone.when is not None), *rest[:1])

    def _zone(self, statement: syntax.Timezone) -> program.Zone | None:
        name = statement.zone.text
        known = name in _all_zones() if self._met_bad_zone else _is_zone(name)
        if not known:
            self._met_bad_zone = True
            city = _by_city().get(_city(name))
            near = f"did you mean `{city}`?" if city else self.desk.findings.did_you_mean(name, _all_zones())
            help_ = near or "write a name such as `Europe/London`"
            self.desk.findings.add("unknown-zone", statement.zone.span, f"there is no time zone `{name}`", help_)
        setting = Setting(name="timezone", timeless="timezone", ageless=True)
        when, good = self.conditions.optional(statement.when, setting)
        text = f"timezone {name}"
        return program.Zone(name=name, when=when, span=statement.span, text=text) if known and good else None

    def workdays(self, statements: Sequence[syntax.Workdays]) -> tuple[program.Workdays, ...]:
        """Return the working days, those without a condition last."""
        made: list[program.Workdays] = []
        for statement in statements:
            calendars = self._calendars(statement.excepted)
            when, good = self.conditions.optional(statement.when, Setting(name="workdays", timeless="workdays"))
            weekdays = frozenset(day for each in statement.days for day in _weekdays(each))
            days = program.Days(weekdays=weekdays, excepted=calendars)
            if good:
                made.append(program.Workdays(days=days, when=when, span=statement.span, text="workdays"))
        rest = self._rest([(each, each.when is None) for each in made], "workdays")
        self._needs_rest(statements, "workdays", "syntax")
        return (*(each for each in made if each.when is not None), *rest[:1])

    def times(self, statements: Sequence[syntax.Times]) -> dict[str, program.Times]:
        """Return the times by name, in each the choice without a condition last."""
        choices: dict[str, list[program.TimesChoice]] = {}
        for statement in statements:
            hours = tuple(self._hours(each) for each in statement.hours)
            when, good = self.conditions.optional(statement.when, Setting(name="times", timeless="times"))
            if good:
                choice = program.TimesChoice(
                    hours=hours, when=when, span=statement.span, text=f"times {statement.name}"
                )
                choices.setdefault(statement.name.text, []).append(choice)
        made = {}
        for name, each in choices.items():
            self._needs_rest([one for one in statements if one.name.text == name], f"times {name}", "syntax")
            rest = self._rest([(choice, choice.when is None) for choice in each], f"times {name}")
            ordered = (*(choice for choice in each if choice.when is not None), *rest[:1])
            made[name] = program.Times(name=name, choices=ordered)
        return made

    def _hours(self, node: syntax.Hours) -> program.Hours:
        excepted = self._calendars(node.excepted)
        match node.days:
            case syntax.DayRange():
                days = program.Days(weekdays=frozenset(_weekdays(node.days)), excepted=excepted)
            case syntax.NthWeekday():
                which = (_NTH[node.days.nth], _WEEKDAYS.index(node.days.weekday))
                days = program.Days(nth=(which,), excepted=excepted)
            case syntax.Name():
                days = program.Days(calendars=self._calendars((node.days,)), excepted=excepted)
        start, end = node.start.minutes, node.end.minutes
        if start >= 24 * 60:
            message = f"no hours begin at `{node.start}`"
            self.desk.findings.add("impossible-range", node.start.span, message, "midnight is 00:00 of the next day")
        return program.Hours(days=days, start=start, end=end)

    def _calendars(self, names: Sequence[syntax.Name]) -> tuple[str, ...]:
        return tuple(name.text for name in names if self.desk.names.use(Space.CALENDAR, name))

    def _needs_rest(self, statements: Sequence[Any], word: str, finding: str) -> None:
        """Add a finding where every statement has a condition, so that nothing is said for the rest."""
        if self.desk.names.has_lost(word.partition(" ")[0]):
            return
        if statements and all(statement.when is not None for statement in statements):
            message = f"`{word}` says nothing for the rest: each has a condition"
            self.desk.findings.add(finding, statements[-1].span, message, "add one without a condition")

    def _rest(self, made: Sequence[tuple[T, bool]], word: str) -> list[T]:
        rest = [each for each, is_rest in made if is_rest]
        for second in rest[1:]:
            related = [Related(span=rest[0].span, message="the first stands here")]
            message = f"`{word}` without a condition is given twice"
            self.desk.findings.add("duplicate-name", second.span, message, "leave one out, or say `when`", related)
        return rest


def _weekdays(days: syntax.DayRange) -> list[int]:
    first, last = _WEEKDAYS.index(days.first), _WEEKDAYS.index(days.last)
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


@cache
def _all_zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


@cache
def _by_city() -> dict[str, str]:
    return {_city(zone): zone for zone in reversed(_all_zones())}


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].casefold()
