"""Declarations of the checked form: attributes, tables, calendars, hours, zones, worklists."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from attrs import field, frozen

from routing.attributes import Type
from routing.diagnostics import Span
from routing.program.conditions import Condition
from routing.program.operands import Node, Operand


@frozen(kw_only=True)
class Zone(Node):
    """`timezone NAME [when C]`; the first whose condition holds governs, the one without a condition the rest."""

    name: str
    when: Condition | None = None


@frozen(kw_only=True)
class Path:
    """Where a source reader finds a declared attribute: `hl7 "OBR-31.1"` or `dicom "Keyword.Keyword"`.

    The reader puts what it finds under the attribute's own name.
    """

    source: str  # "hl7" | "dicom"
    path: str


class Origin(Enum):
    """Who gives an attribute its value."""

    CORE = "core"  # the sources
    DECLARED = "declared"  # `attribute …`
    FACT = "fact"  # the host
    LIVING = "living"  # the store, when it looks at an item


@frozen(kw_only=True)
class Known:
    """An attribute or fact that this rulebook may name.

    `sources` are the alternatives of a declared attribute, the first that is known; a value supplied under the
    attribute's own name (by the host or, for a `Path`, a reader) outranks them. `values` are those that `is` may name;
    `listed` when a `values` statement says that others are to be reported.
    """

    name: str
    type: Type
    origin: Origin
    values: tuple[str, ...] = ()
    listed: bool = False
    identity: bool = False
    sources: tuple[Path | Operand, ...] = ()
    span: Span | None = field(eq=False, repr=False, default=None)


class Wild(Enum):
    """A table cell `*`: it fits anything, an unknown too."""

    ANY = "*"


@frozen(kw_only=True)
class Row:
    """One row of a table: its key cells (typed, or `Wild.ANY`), its other cells (typed; None is empty, so unknown)."""

    keys: tuple[Any, ...]
    cells: tuple[Any, ...]
    line: int = field(eq=False, default=0)


@frozen(kw_only=True)
class Table(Node):
    """`table NAME from "FILE" key K, K`: rows in file order, the first that fits counts. `columns` name `Row.cells`."""

    name: str
    file: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class Calendar(Node):
    """`calendar NAME from …`: its dates, pinned when the rulebook was loaded."""

    name: str
    dates: frozenset[date]


@frozen(kw_only=True)
class Days:
    """A set of days: weekdays (0 is Monday), days of calendars, `last Thu of month` as (-1, 3), `first Mon` as (1, 0).

    A day is in it if any of these says so and none of the calendars in `excepted` holds it.
    """

    weekdays: frozenset[int] = frozenset()
    calendars: tuple[str, ...] = ()
    nth: tuple[tuple[int, int], ...] = ()
    excepted: tuple[str, ...] = ()


@frozen(kw_only=True)
class Hours:
    """Wall-clock hours on a set of days: minutes from midnight, half-open; `end` <= `start` runs into the next day.

    Hours without a range are 0 to 1440. They belong, with weekday and holidays, to the day on which they begin.
    """

    days: Days
    start: int = 0
    end: int = 1440


@frozen(kw_only=True)
class TimesChoice(Node):
    """One `times NAME are … [when C]`."""

    hours: tuple[Hours, ...]
    when: Condition | None = None


@frozen(kw_only=True)
class Times:
    """All statements of one `times NAME`, in order; the first whose condition holds, the last has none."""

    name: str
    choices: tuple[TimesChoice, ...]


@frozen(kw_only=True)
class Workdays(Node):
    """One `workdays are … [when C]`; as `timezone`, the first that holds, else the one without a condition."""

    days: Days
    when: Condition | None = None


@frozen(kw_only=True)
class Readers:
    """`for everyone` (no skills), or `for readers with S [and|or S]`."""

    skills: tuple[str, ...] = ()
    combine: str = "and"


@frozen(kw_only=True)
class Worklist(Node):
    """A declared list, its title and who reads it."""

    name: str
    title: str
    readers: Readers
