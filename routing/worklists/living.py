"""The living part of a rulebook: conditions over items that wait, and when time alone will change their answer.

Pure. What only an item has (`waiting`, `time_left`, `overdue`, `state`, `skips`, `enquiries`) and what only a list has
(`items on W`, `oldest on W`) stand beside the attributes of the procedure; everything else is as in a decision. Lengths
of waiting are in whole seconds: an answer changes on the second, and `instants` names every second on which it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

from routing.attributes import Attributes, Duration, Value
from routing.compile import Compiled
from routing.compile.operands import figure_name, length
from routing.compile.subject import Subject
from routing.decide import subject_of
from routing.meaning.durations import Age, extent
from routing.meaning.logic import Truth
from routing.program import (
    AttributeRef,
    Compares,
    Condition,
    Constant,
    During,
    InSample,
    Is,
    IsTrue,
    Listed,
    ListFigure,
    OnCalendar,
    Operand,
)
from routing.program.walk import walk
from routing.states import State
from routing.store.records import Item

SINCE: Final = "since"
ENQUIRIES: Final = "enquiries"
SKIPS: Final = "skips"
_SOURCE: Final = "the store"
_SECOND: Final = timedelta(seconds=1)
_NOTHING: Final = Attributes({})

Figures = Mapping[str, Any]
"""Figures of lists by what `figure_name` calls them: how many items, or the instant since which the oldest waits."""


def waiting_since(item: Item) -> datetime | None:
    """Return since when an item waits to be read: not before its images are here; None while it is expected."""
    if item.state is State.EXPECTED:
        return None
    since = item.details.get(SINCE)
    return datetime.fromisoformat(since) if since else item.opened_at


def is_held_by(item: Item, now: datetime) -> str | None:
    """Return who has the item in hand at *now*: nobody where the lease is over."""
    live = item.state is State.CLAIMED and (item.lease_until is None or item.lease_until > now)
    return item.holder if live else None


def state_at(item: Item, now: datetime) -> State:
    """Return the state as people see it: a claim whose lease is over is none."""
    if item.state is State.CLAIMED and is_held_by(item, now) is None:
        return State.PRELIMINARY if item.draft else State.WAITING
    return item.state


def is_overdue(item: Item, now: datetime) -> bool:
    """Return whether the due has come: from that instant on it is overdue."""
    return item.is_open and item.due_at is not None and item.due_at <= now


def values_of(item: Item, now: datetime, names: Iterable[str] | None = None) -> dict[str, Value]:
    """Return what only an item has, or those of it that are named, as attributes; what it has not is left out."""
    said = {name: _SAYS[name](item, now) for name in (_SAYS if names is None else names)}
    return {name: Value(value=value, source=_SOURCE) for name, value in said.items() if value is not None}


def _waiting(item: Item, now: datetime) -> Duration | None:
    since = waiting_since(item)
    return None if since is None else Duration(seconds=max(0, (now - since) // _SECOND))


def _time_left(item: Item, now: datetime) -> Duration | None:
    return None if item.due_at is None else Duration(seconds=ceil((item.due_at - now) / _SECOND))


_SAYS: Final[Mapping[str, Callable[[Item, datetime], Any]]] = {
    "overdue": is_overdue,
    "state": lambda item, now: state_at(item, now).value,
    "skips": lambda item, _: item.details.get(SKIPS, 0),
    "enquiries": lambda item, _: item.details.get(ENQUIRIES, 0),
    "waiting": _waiting,
    "time_left": _time_left,
}
OF_ITEMS: Final = frozenset(_SAYS)


def figures_in(*conditions: Condition | None) -> frozenset[ListFigure]:
    """Return the figures of lists that conditions ask for."""
    return frozenset(each for one in conditions if one for each in walk(one) if isinstance(each, ListFigure))


def living_names(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return the names of what only an item has that conditions ask for."""
    found = (each for one in conditions for each in walk(one) if isinstance(each, AttributeRef))
    return frozenset(each.name for each in found) & OF_ITEMS


def asks_living(condition: Condition) -> bool:
    """Return whether a condition asks what only an item or a list has."""
    return any(
        isinstance(each, ListFigure) or (isinstance(each, AttributeRef) and each.name in OF_ITEMS)
        for each in walk(condition)
    )


def asks_attributes(condition: Condition) -> bool:
    """Return whether a condition asks anything beside what only an item or a list has."""
    for each in walk(condition):
        plain = isinstance(each, Constant | ListFigure) or (isinstance(each, AttributeRef) and each.name in OF_ITEMS)
        if isinstance(each, Operand) and not plain:
            return True
        if isinstance(each, During | InSample | Listed | OnCalendar):
            return True
    return False


class Living:
    """The conditions of one rulebook over living items."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._turning: dict[
            int, tuple[Condition, tuple[Compares | Is | IsTrue, ...]]
        ] = {}  # by identity, which is kept
        self._figures: dict[int, tuple[Condition, frozenset[ListFigure]]] = {}

    def subject(
        self,
        attributes: Attributes | None,
        now: datetime,
        *,
        item: Item | None = None,
        figures: Figures | None = None,
        clock: datetime | None = None,
        names: Iterable[str] | None = None,
    ) -> Subject:
        """
        Return the subject of a condition at *now*.

        Args:
            attributes: what is known of the procedure.
            now: as of when.
            item: the item that is looked at.
            figures: those of the lists that the condition asks for.
            clock: replaces the procedure's own: dues count from it.
            names: of what only an item has, those that are asked for; all where None.

        """
        said: dict[str, Value] = dict(attributes or _NOTHING)
        if item is not None:
            said |= values_of(item, now, names)
        for name, value in (figures or {}).items():
            if isinstance(value, datetime):
                value = Duration(seconds=max(0, (now - value) // _SECOND))  # noqa: PLW2901 - as the condition sees it
            said[name] = Value(value=value, source=_SOURCE)
        subject, _ = subject_of(self.compiled, Attributes(said), now)
        if clock is not None:
            subject.set_clock(clock.astimezone(UTC), None)
        return subject

    def holds(self, condition: Condition | None, subject: Subject) -> Truth:
        """Return whether a condition is true of a subject; none at all is true."""
        return True if condition is None else self.compiled.conditions.test(condition)(subject)

    def value(self, name: str, subject: Subject) -> Any:
        """Return what an attribute or fact that the rulebook knows is for a subject; None for unknown."""
        return self.compiled.operands.attribute(name)(subject)

    def forbidden(self, subject: Subject, worklist: str) -> tuple[str, ...]:
        """Return the guarantees that forbid this list to the subject: they cover every way onto one."""
        return tuple(
            guard.guarantee.name
            for guard in self.compiled.guards
            if (guard.applies is None or guard.applies(subject))
            and (worklist in guard.never or (guard.always and worklist not in guard.always))
        )

    def instants(
        self, conditions: Iterable[Condition | None], subject: Subject, item: Item | None, figures: Figures
    ) -> Iterator[datetime]:
        """Yield every instant at which time alone can change the answer, in no order, those gone by too."""
        for condition in conditions:
            for each in self._turns(condition) if condition is not None else ():
                if not isinstance(each, IsTrue):
                    yield from self._of_comparison(each, subject, item, figures)
                elif item and item.due_at:
                    yield item.due_at

    def _turns(self, condition: Condition) -> tuple[Compares | Is | IsTrue, ...]:
        """Return the comparisons of a condition whose answer time can change, found once."""
        made = self._turning.get(id(condition))
        if made is None:
            found = tuple(each for each in walk(condition) if isinstance(each, Compares | Is | IsTrue) and _turns(each))
            made = self._turning[id(condition)] = (condition, found)
        return made[1]

    def figures_in(self, *conditions: Condition | None) -> frozenset[ListFigure]:
        """Return the figures of lists that conditions ask for, found once for each."""
        found: frozenset[ListFigure] = frozenset()
        for condition in conditions:
            if condition is not None:
                made = self._figures.get(id(condition))
                if made is None:
                    made = self._figures[id(condition)] = (condition, figures_in(condition))
                found |= made[1]
        return found

    def _of_comparison(
        self, condition: Compares | Is, subject: Subject, item: Item | None, figures: Figures
    ) -> Iterator[datetime]:
        operands = (condition.left, *(condition.values if isinstance(condition, Is) else (condition.right,)))
        for mine in operands:
            start, sign = _reckoned_from(mine, item, figures)
            if start is None:
                continue
            for other in operands:
                if other is not mine:
                    for seconds in self._lengths(other, subject):
                        turns = start + sign * timedelta(seconds=seconds)
                        yield from (turns, turns + _SECOND)

    def _lengths(self, operand: Operand, subject: Subject) -> tuple[int, ...]:
        found = length(self.compiled.operands.read(operand), operand.type)(subject)
        spans = found if isinstance(found, tuple) else (found,)
        ends = {end for span in spans if isinstance(span, Duration | Age) for end in extent(span)}
        return tuple(sorted(end for end in ends if abs(end) < _LONGEST))


_LONGEST: Final = 100 * 366 * 86_400  # seconds: what lies further off never comes


def _turns(each: Compares | Is | IsTrue) -> bool:
    if isinstance(each, IsTrue):
        return _named(each.operand) == "overdue"
    operands = (each.left, *(each.values if isinstance(each, Is) else (each.right,)))
    return any(isinstance(one, ListFigure) or _named(one) in {"waiting", "time_left"} for one in operands)


def _named(operand: Operand) -> str | None:
    return operand.name if isinstance(operand, AttributeRef) else None


def _reckoned_from(operand: Operand, item: Item | None, figures: Figures) -> tuple[datetime | None, int]:
    """Return the instant from which a living length is reckoned, and whether it grows (1) or shrinks (-1)."""
    if isinstance(operand, ListFigure):
        since = figures.get(figure_name(operand))
        return (since if isinstance(since, datetime) else None), 1
    if item is None:
        return None, 1
    if _named(operand) == "waiting":
        return waiting_since(item), 1
    return (item.due_at, -1) if _named(operand) == "time_left" else (None, 1)
