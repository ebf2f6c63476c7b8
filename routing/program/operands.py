"""Operands of the checked form: what a comparison compares, and what an effect takes its value from."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from attrs import field, frozen

from routing.attributes import Type
from routing.diagnostics import Span


@frozen(kw_only=True, cache_hash=True)
class Node:
    """Something written in a rulebook: where it stands and the words it was written in."""

    span: Span = field(eq=False, repr=False)
    text: str = field(eq=False, default="")


@frozen(kw_only=True, cache_hash=True)
class Operand:
    """A typed value that is known only when a procedure is decided, or a constant. An unknown one is None."""

    type: Type


@frozen(kw_only=True, cache_hash=True)
class Constant(Operand):
    """A value written in the rule."""

    value: Any


@frozen(kw_only=True, cache_hash=True)
class AttributeRef(Operand):
    """The value of an attribute or fact."""

    name: str


@frozen(kw_only=True, cache_hash=True)
class ClockRef(Operand):
    """The procedure's clock."""

    type: Type = Type.INSTANT


CLOCK: Final = ClockRef()


@frozen(kw_only=True, cache_hash=True)
class Cell(Operand):
    """`TABLE[key, key].column`. `type` is that of one cell; `many` when a key is a set, so a set of cells is found.

    `keys` stand in the order of the table's key columns.
    """

    table: str
    keys: tuple[Operand, ...]
    column: str
    many: bool = False


@frozen(kw_only=True, cache_hash=True)
class Sum(Operand):
    """`A plus B`, in the declaration of an attribute; numbers, durations, weeks, or an instant and a duration."""

    left: Operand
    right: Operand


@frozen(kw_only=True, cache_hash=True)
class ListFigure(Operand):
    """`items on W` (number) or `oldest on W` (duration): known only while looking at living items."""

    figure: str  # "items" | "oldest"
    worklist: str


class Unit(Enum):
    """The unit of a length of time in an effect."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    WORKING_DAYS = "working days"


@frozen(kw_only=True, cache_hash=True)
class Length:
    """An amount of a unit (`30 minutes`, `targets[…].hours hours`), or a duration when `unit` is None."""

    amount: Operand
    unit: Unit | None = None
