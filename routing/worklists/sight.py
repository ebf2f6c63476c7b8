"""Sight: how a view's condition is split into what an item keeps and what is asked when somebody looks. Pure.

The largest parts of a condition that ask nothing an item or a list has come out the same until there is news of the
procedure. How they came out is kept with the item, a letter for each, so that a page can go through many items without
reading what is known of their procedures; `waiting`, `overdue` and their kin are asked of the item as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from attrs import field, frozen

from routing.attributes import Duration
from routing.meaning.durations import Age, extent
from routing.meaning.logic import Truth, both, either, negate
from routing.program import And, Certainly, Condition, Defined, Not, Or, Possibly, View
from routing.worklists.living import asks_attributes, asks_living, living_names

WHEN: Final = "when"  # of what an item keeps for views: the letters of each view, by its name
BY: Final = "by"  # and the values that views sort by, by attribute
_LETTERS: Final[dict[Truth, str]] = {True: "T", False: "F", None: "U"}
_TRUTHS: Final[dict[str, Truth]] = {letter: truth for truth, letter in _LETTERS.items()}

Ask = Callable[[Condition], Truth]
Outcome = Callable[[str, Ask], Truth]


@frozen(kw_only=True)
class Sight:
    """The condition of one view: `steady` are the parts that an item keeps, `came_out` puts all together again.

    `came_out` takes the letters of the steady parts, and what answers the others. `asks` are the names of what those
    ask an item for, `needs_attributes` says that one of them asks an attribute as well.
    """

    name: str
    steady: tuple[Condition, ...]
    came_out: Outcome = field(eq=False)
    asks: frozenset[str]
    needs_attributes: bool

    def letters(self, ask: Ask) -> str:
        """Return how the steady parts come out: T, F, or U for unknown, one letter for each."""
        return "".join(_LETTERS[ask(part)] for part in self.steady)


def sight_of(view: View) -> Sight | None:
    """Return the sight of a view; None for one without a condition."""
    if view.when is None:
        return None
    steady: list[Condition] = []
    others: list[Condition] = []
    came_out = _outcome(view.when, steady, others)
    return Sight(
        name=view.name,
        steady=tuple(steady),
        came_out=came_out,
        asks=living_names(others),
        needs_attributes=any(asks_attributes(one) for one in others),
    )


def sortable(value: Any) -> str | float | None:
    """Return a value as one that sorts beside others of the same attribute, and can be kept; None for unknown.

    Lengths sort by the least that they take; of a set the members count in the order of the alphabet.
    """
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, Duration | Age):
        return extent(value)[0]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    members: Iterable[Any] = value if isinstance(value, (frozenset, set, tuple, list)) else (value,)
    return ", ".join(sorted(said(one).casefold() for one in members))


def said(value: Any) -> str:
    """Return a value as people write it in a filter."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _outcome(condition: Condition, steady: list[Condition], others: list[Condition]) -> Outcome:
    """Return what puts a condition together, noting its steady parts and the others in the order of the text."""
    if not asks_living(condition):
        place = len(steady)
        steady.append(condition)
        return lambda letters, _: _TRUTHS[letters[place]]
    match condition:
        case And(parts=parts) | Or(parts=parts):
            return _joined(both if isinstance(condition, And) else either, _first_steady(parts, steady, others))
        case Not(part=part) | Possibly(part=part) | Certainly(part=part):
            return _turned(_TURNS[type(condition)], _outcome(part, steady, others))
        case Defined(condition=defined):
            return _outcome(defined, steady, others)
        case _:
            others.append(condition)
            return lambda _, ask: ask(condition)


def _first_steady(parts: Iterable[Condition], steady: list[Condition], others: list[Condition]) -> tuple[Outcome, ...]:
    """Return the parts with those first that cost nothing to answer; the order changes no truth."""
    made = [(asks_living(part), _outcome(part, steady, others)) for part in parts]
    return tuple(outcome for _, outcome in sorted(made, key=lambda pair: pair[0]))


def _joined(join: Callable[[Iterable[Truth]], Truth], parts: Sequence[Outcome]) -> Outcome:
    return lambda letters, ask: join(part(letters, ask) for part in parts)


def _turned(turn: Callable[[Truth], Truth], part: Outcome) -> Outcome:
    return lambda letters, ask: turn(part(letters, ask))


_TURNS: Final[dict[type[Condition], Callable[[Truth], Truth]]] = {
    Not: negate,
    Possibly: lambda truth: truth is not False,
    Certainly: lambda truth: truth is True,
}
