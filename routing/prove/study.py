"""Made-up studies: a model of the partition as attributes that can be decided, shown, and saved as an example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import Attributes, Duration, Type, Value
from routing.compile import Compiled
from routing.decide import decide, subject_of
from routing.decision import Decision, Outcome
from routing.meaning.moments import instant_at
from routing.meaning.samples import in_sample
from routing.prove.asked import CLOCK
from routing.prove.clocks import MONDAY
from routing.prove.facets import bits_of
from routing.prove.search import Model
from routing.prove.space import Space

_MOST_KEYS: Final = 5_000
_BARE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]*[A-Z][A-Z0-9_-]*|[A-Z][A-Z0-9_-]*")
_UNITS: Final = ("years", "months", "weeks", "days")


@frozen(kw_only=True)
class Study:
    """One made-up study: what is known of it, when it is decided, and the key that its samples go by."""

    given: Mapping[str, Any] = field(hash=False)
    at: datetime
    key: str = "made up"

    @property
    def attributes(self) -> Attributes:
        """What is known, as attributes."""
        return Attributes({name: Value(value=value, source="made up") for name, value in self.given.items()})

    def decide(self, compiled: Compiled, kind: str = "report") -> Decision:
        """Return the decision of a rulebook about it."""
        return decide(compiled, self.attributes, self.at, key=self.key, kind=kind)

    def shown(self) -> dict[str, Any]:
        """Return what is known in words and lists, as findings show it; never empty."""
        found = {name: shown_value(value) for name, value in self.given.items() if value is not None}
        return found or {"arrival": self.at.isoformat()}

    def as_example(self, compiled: Compiled, name: str) -> str | None:
        """Return the study as an `example` block that expects what *compiled* decides; None where it cannot be written.

        An example's name is the key of its samples.
        """
        study = Study(given=self.given, at=self.at, key=name)
        given = [_written(one, value, compiled) for one, value in self.given.items() if value is not None]
        if any(one is None for one in given) or self.key not in ("made up", name):
            return None
        decision = study.decide(compiled)
        by = f' by "{decision.route_rule}"' if decision.route_rule else ""
        by = " by otherwise" if decision.outcome is Outcome.OTHERWISE else by
        lines = [f'example "{name}"']
        lines += [f"  {', '.join(one for one in given if one)}"] if given else []
        lines += [f"  expect route to {decision.worklist}{by}", f"  expect priority {decision.priority}"]
        return "\n".join(lines)


def study_of(space: Space, model: Model, compiled: Compiled) -> Study | None:
    """Return a study that a model describes; None where it stands for nothing that can be made up."""
    wall = MONDAY
    given: dict[str, Any] = {}
    samples: list[tuple[str, int]] = []
    touched = sorted(model)
    for place in touched:
        facet = space.facets[place]
        if facet.key == (CLOCK,):
            one = facet.classes[bits_of(model[place])[0]]
            wall = one.wall or MONDAY
            given |= one.given(wall)
    for place in touched:
        facet, value = space.facets[place], model[place]
        if not facet.real:
            return None
        if facet.key[0] == "sample":
            samples.append((facet.name, place))
        elif facet.many and value:
            values = [facet.classes[bit].given(wall)[facet.name][0] for bit in bits_of(value)]
            given[facet.name] = _together(facet.name, values)
        elif not facet.many and facet.key != (CLOCK,):
            given |= facet.classes[bits_of(value)[0]].given(wall)
    key = _key(space, model, samples)
    if key is None:
        return None
    return Study(given=given, at=_instant(compiled, given, wall), key=key)


def at_other_times(study: Study, compiled: Compiled, days: Iterable[date] = ()) -> Iterator[Study]:
    """Yield the study at times that tell dues apart: long after its exam, on other days and hours, around *days*.

    Working days, times of day and hours that elapse part ways at weekends, at night, before days that a calendar
    lists and where the clocks change.
    """
    moved = next((name for name in ("exam_end", "exam_start") if isinstance(study.given.get(name), datetime)), None)
    yield evolve(
        study,
        given={**study.given, **({} if "exam_end" in study.given else {"exam_end": study.at.replace(tzinfo=None)})},
        at=study.at + timedelta(days=60),
    )
    zone = compiled.zone(subject_of(compiled, study.attributes, study.at)[0])
    wall = study.given[moved] if moved else study.at.astimezone(zone).replace(tzinfo=None)
    walls = [wall - timedelta(days=back) for back in range(1, 7)]
    walls += [wall.replace(hour=hour) for hour in range(1, 24, 3)]
    for day in (*days, *_changes(zone, wall.year)):
        noon = datetime.combine(day, wall.time())
        walls += [noon - timedelta(days=back) for back in (0, 1, 2, 4, 7, 14, 27, 30)]
    for each in walls:
        given = {**study.given, **({moved: each} if moved else {})}
        yield evolve(study, given=given, at=instant_at(each, zone))


@cache
def _changes(zone: tzinfo, year: int) -> tuple[date, ...]:
    """Return the days of a year on which the clocks of a zone change."""
    noons = [datetime(year, 1, 1, 12, tzinfo=zone) + timedelta(days=number) for number in range(366)]
    return tuple(other.date() for one, other in pairwise(noons) if one.utcoffset() != other.utcoffset())


def _together(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the members of a set; where PT and CT are, PETCT stands beside them."""
    both = name == "modality" and {"PT", "CT"} <= set(values) and "PETCT" not in values
    return (*values, "PETCT") if both else tuple(values)


def _instant(compiled: Compiled, given: Mapping[str, Any], wall: datetime) -> datetime:
    from routing.prove.subjects import subject_at  # noqa: PLC0415 - only its zone is asked

    zone = subject_at(compiled, dict(given), wall).zone
    clocked = any(isinstance(value, datetime) and value == wall for value in given.values())
    return instant_at(wall, zone) if clocked or wall != MONDAY else MONDAY.replace(tzinfo=UTC)


def _key(space: Space, model: Model, samples: Sequence[tuple[str, int]]) -> str | None:
    """Return a key that is in the samples that it must be in, and in no other."""
    for number in range(_MOST_KEYS if samples else 1):
        key = f"made up {number}" if number else "made up"
        if all(_fits(space, model[place], place, rule, key) for rule, place in samples):
            return key
    return None


def _fits(space: Space, value: int, place: int, rule: str, key: str) -> bool:
    edges = {number: edge for edge, number in space.facets[place].members.items()}
    number = bits_of(value)[0]
    lower = edges.get(number + 1)
    return in_sample(rule, key, edges[number]) and (lower is None or not in_sample(rule, key, lower))


# --- in words


def shown_value(value: Any) -> Any:
    """Return a value in words and lists."""
    if isinstance(value, tuple):
        return [shown_value(one) for one in value]
    if isinstance(value, Duration):
        return _length(value) + (f" (in completed {value.precision})" if value.precision else "")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "yes" if value is True else "no" if value is False else value


def _length(value: Duration) -> str:
    for unit in _UNITS:
        amount = getattr(value, unit, 0)
        if amount and value == Duration(**{unit: amount}, precision=value.precision):
            return f"{amount} {unit}"
    if value.seconds and value == Duration(seconds=value.seconds):
        return f"{value.seconds // 60} minutes"
    return "0 days" if value == Duration(precision=value.precision) else str(value)


def _written(name: str, value: Any, compiled: Compiled) -> str | None:
    """Return an attribute as an example writes it; None where it cannot."""
    kind = compiled.program.known[name].type if name in compiled.program.known else None
    values = value if isinstance(value, tuple) else (value,)
    written = [_one(each, kind, name, compiled) for each in values]
    return None if None in written or not kind else f"{name} {' and '.join(str(one) for one in written)}"


def _one(value: Any, kind: Type | None, name: str, compiled: Compiled) -> str | None:  # noqa: PLR0911 - by type
    match kind:
        case Type.TEXT:
            return f'"{value}"' if '"' not in value and "\n" not in value else None
        case Type.CODE | Type.CODES:
            listed = compiled.program.known[name].values
            if value in listed and value.replace("_", "a").isalnum() and value[0].islower():
                return str(value)
            return value if _BARE.fullmatch(value) else f'"{value}"' if '"' not in value else None
        case Type.DURATION:
            text = _length(value) if value.precision is None else ""
            return text if text.partition(" ")[2] in (*_UNITS, "minutes") else None
        case Type.WEEKS:
            return f"{value} weeks"
        case Type.YES_NO:
            return "yes" if value else "no"
        case Type.INSTANT if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M") if value.second == 0 else None
        case Type.DATE | Type.INSTANT:
            return str(value.isoformat()[:10])
        case _:
            return str(value)
