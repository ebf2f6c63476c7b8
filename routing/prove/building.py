"""Building the facets: the finite partition of all studies that one or two rulebooks can tell apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from routing import program
from routing.attributes import Duration, Type
from routing.check.walking import leaves_of
from routing.compile import Compiled
from routing.program import AttributeRef, Condition, Constant, Known, Operand, Origin
from routing.program.walk import walk
from routing.prove import quantities
from routing.prove.asked import CLOCK, Asked, Asking
from routing.prove.clocks import MONDAY, Timed, walls
from routing.prove.facets import Class, Facet, Key
from routing.prove.snippets import matching, snippets
from routing.prove.subjects import subject_at
from routing.prove.worlds import compared

_PLAIN_CODES: Final = ("OTHER", "SOMETHING ELSE", "NONE OF THESE", "ZZ9")
_NOTHING_SAID: Final = Class()
_UNCLEAR: Final = 7.0  # days: lengths further apart than that are never taken for each other


def ask(compileds: Sequence[Compiled]) -> Asking:
    """Return what the rulebooks ask of each attribute: their conditions, and the values of their effects."""
    asking = Asking()
    asked: set[Condition | program.Effect] = set()
    for number, compiled in enumerate(compileds):
        if number and not compared(compileds[0], compiled).whole:
            asked.clear()  # what is written alike may ask for something else here
        seen: set[int] = set()
        for condition in _conditions(compiled.program):
            for leaf in leaves_of(condition, seen):
                if leaf not in asked:
                    asked.add(leaf)
                    asking.condition(leaf, compiled)
                    asking.named |= {one.name for one in walk(leaf) if isinstance(one, AttributeRef)}
        for effect in _effects(compiled.program):
            if effect not in asked:
                asked.add(effect)
                for operand in walk(effect):
                    if isinstance(operand, Operand) and not isinstance(operand, Constant):
                        asking.operand(operand, compiled)
    return asking


def _conditions(book: program.Program) -> Iterator[Condition]:
    yield from (rule.condition for rule in book.rules)
    yield from (one.when for one in book.guarantees if one.when is not None)
    yield from (one for watch in book.watches for one in (watch.when, watch.until) if one is not None)
    yield from (zone.when for zone in book.zones if zone.when is not None)
    yield from (one.when for times in book.times.values() for one in times.choices if one.when is not None)
    yield from (one.when for one in book.workdays if one.when is not None)
    yield from (effect.until for effect in _effects(book) if isinstance(effect, program.HoldUntil))


def _effects(book: program.Program) -> Iterator[program.Effect]:
    yield from (effect for rule in book.rules for effect in rule.effects)
    yield from book.otherwise


def facets(compileds: Sequence[Compiled]) -> tuple[Facet, ...]:
    """Return the facets of one or two rulebooks."""
    asking = ask(compileds)
    made: list[Facet] = []

    def add(key: Key, classes: Sequence[Class], members: Mapping[Any, int], *, many: bool, name: str) -> None:
        facet = Facet(place=len(made), key=key, many=many, classes=tuple(classes), members=members, name=name)
        made.append(facet)

    asked = asking.finish()
    ends = [
        effect.until for book in compileds for effect in _effects(book.program) if isinstance(effect, program.NoReport)
    ]
    clock = asked.get(CLOCK) or Asked(CLOCK, Type.INSTANT)
    clock.constants |= dict.fromkeys(ends)
    add((CLOCK,), _clock(clock, asking, compileds), {}, many=False, name=CLOCK)
    for name, one in asked.items():
        if name == CLOCK:
            continue
        known = _known(name, compileds)
        many = one.type in (Type.CODES, Type.TEXT)
        lengths = _Lengths(name, asking)
        values = [value for value in _values(one, known, asking.times) if lengths.are_clear(value)]
        members = {value: number + (not many) for number, value in enumerate(values)}
        shown = [_shown(name, value, one) for value in values]
        add((name,), shown if many else [_NOTHING_SAID, *shown], members, many=many, name=name)
    for rule, percents in sorted(asking.samples.items()):
        edges = sorted({*percents, 100.0})
        members = {edge: place for place, edge in enumerate(reversed(edges))}
        add(("sample", rule), [_NOTHING_SAID] * len(edges), members, many=False, name=rule)
    return tuple(made)


class _Lengths:
    """What one attribute is compared with, where that is a length: days with years cannot always be compared."""

    def __init__(self, name: str, asking: Asking) -> None:
        self._name = name
        found = asking.lengths.get(name, {}).items()
        self._near = sorted(
            (
                (quantities.nominal_days(side.value), compiled, leaf)
                for sides, (compiled, leaf) in found
                for side in sides
            ),
            key=itemgetter(0),
        )

    def are_clear(self, value: Any) -> bool:
        """Say whether an exact value is surely shorter, longer or equal. No month is off its usual length by days."""
        if not isinstance(value, Duration) or value.precision is not None:
            return True
        days = quantities.nominal_days(value)
        low = bisect_left(self._near, days - _UNCLEAR, key=itemgetter(0))
        high = bisect_right(self._near, days + _UNCLEAR, key=itemgetter(0))
        return all(
            compiled.conditions.test(leaf)(subject_at(compiled, {self._name: value})) is not None
            for _, compiled, leaf in self._near[low:high]
        )


def _known(name: str, compileds: Sequence[Compiled]) -> Known:
    return next(book.program.known[name] for book in compileds if name in book.program.known)


def _clock(asked: Asked, asking: Asking, compileds: Sequence[Compiled]) -> list[Class]:
    own = [(book, leaf) for book, leaf in asking.times if _is_clock(leaf.of, book)]
    found = [MONDAY, *(wall for wall in walls(own, list(asked.constants)) if wall != MONDAY)]
    names = [name for name in compileds[0].program.clock if name != "arrival"]
    instants = [name for name in names if compileds[0].program.known[name].type is Type.INSTANT]
    named = any(name in asking.named for book in compileds for name in book.program.clock)
    ways = [instants[0] if instants else "arrival"]
    ways += ["arrival"] if named and instants else []
    return [Class(values={way: wall}, wall=wall) for way in ways for wall in found]


def _is_clock(operand: Operand, compiled: Compiled) -> bool:
    name = operand.name if isinstance(operand, AttributeRef) else ""
    return isinstance(operand, program.ClockRef) or name == "arrival" or name in compiled.program.clock


def _values(asked: Asked, known: Known, times: Sequence[Timed]) -> list[Any]:  # noqa: PLR0911 - one line for each type
    constants = list(asked.constants)
    match asked.type:
        case Type.CODE | Type.CODES:
            return _codes(asked, known)
        case Type.TEXT:
            return snippets(asked)
        case Type.NUMBER:
            return quantities.numbers(constants, whole=known.name == "image_count")
        case Type.WEEKS:
            return quantities.weeks(constants)
        case Type.DURATION:
            return quantities.lengths(constants, ages=known.name == "age")
        case Type.YES_NO:
            return [True, False]
        case _:
            return _moments(asked, times)


def _codes(asked: Asked, known: Known) -> list[str]:
    named = [value for value in asked.constants if isinstance(value, str)]
    if known.values and known.origin is Origin.CORE and not known.listed:
        return list(dict.fromkeys([*(value for value in named if value in known.values), *known.values]))
    found = list(dict.fromkeys([*named, *(known.values if known.listed else ())]))
    if asked.name == "modality" and ({"PT", "CT"} <= set(found) or "PETCT" in found):
        found = list(dict.fromkeys([*found, "PT", "CT", "PETCT"]))
    prefixes = list(asked.prefixes)
    found += [made for prefix in prefixes if (made := _longer(prefix, [*prefixes, *named])) not in found]
    found += [guess for pattern in asked.patterns if (guess := matching(pattern)) and guess not in found]
    free = [code for code in _PLAIN_CODES if code not in found and not code.startswith(tuple(prefixes) or ("\0",))]
    return list(dict.fromkeys([*found, *free[: 2 if asked.compared else 1]]))


def _longer(prefix: str, named: Sequence[str]) -> str:
    """Return a code that starts with *prefix* and with nothing longer that is named."""
    longer = tuple(other for other in named if other.startswith(prefix) and other != prefix)
    tries = (prefix + tail for tail in ("1", "X", "Z9", "Q7", "_9"))
    return next((made for made in tries if not made.startswith(longer or ("\0",))), prefix)


def _moments(asked: Asked, times: Sequence[Timed]) -> list[Any]:
    constants = list(asked.constants)
    is_date = asked.type is Type.DATE
    if asked.to_clock and not asked.by_itself:
        spans: list[Duration | timedelta] = [found for one in asked.spans if (found := _span(one)) is not None]
        away = quantities.offsets(spans)
        return list(dict.fromkeys(timedelta(days=one.days) for one in away)) if is_date else away
    own = [(book, leaf) for book, leaf in times if isinstance(leaf.of, AttributeRef) and leaf.of.name == asked.name]
    fixed: list[Any] = list(quantities.dates(constants) if is_date else quantities.instants(constants))
    found_walls = walls(own, constants) if own else []
    fixed += [wall.date() for wall in found_walls] if is_date else found_walls
    return list(dict.fromkeys(fixed)) or [MONDAY.date() if is_date else MONDAY]


def _span(within: program.Within) -> timedelta | None:
    amount = within.length.amount
    if not isinstance(amount, Constant) or within.length.unit is None:
        return None
    days = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "weeks": 7, "months": 30, "years": 365}
    return timedelta(days=amount.value * days.get(within.length.unit.value, 1.4))


def _shown(name: str, value: Any, asked: Asked) -> Class:
    """Return the class that a value shows."""
    if isinstance(value, timedelta):
        is_date = asked.type is Type.DATE

        def at_clock(wall: datetime) -> Mapping[str, Any]:
            moment = wall + value
            return {name: moment.date() if is_date else moment}

        return Class(values=at_clock(MONDAY), at_clock=at_clock)
    if asked.type in (Type.CODES, Type.TEXT):
        value = (value,)
    return Class(values={name: value})


__all__ = ["ask", "facets", "subject_at"]
