"""What stands inside conditions and effects: names, literals, lengths of time and table cells.

Every node has the `span` it was written at, which does not count for equality, and `str(node)` is its text as the
formatter writes it: on one line, and parsing that text gives an equal node.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TypeAlias

from attrs import field, frozen

from routing.diagnostics import Span


@frozen(kw_only=True)
class Node:
    """Anything that was written; `span` is where, and does not count for equality."""

    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Name(Node):
    """A bare lower-case word: an attribute, define, worklist, skill or listed value; checking says which."""

    text: str

    def __str__(self) -> str:
        return self.text


@frozen(kw_only=True)
class Code(Node):
    """A bare upper-case code, such as `CT`, `2WW` or `GB-ENG`."""

    text: str

    def __str__(self) -> str:
        return self.text


@frozen(kw_only=True)
class Text(Node):
    """A quoted string; `text` is without the quotes. A quote inside is written twice."""

    text: str

    def __str__(self) -> str:
        return '"' + self.text.replace('"', '""') + '"'


@frozen(kw_only=True)
class Pattern(Node):
    """A regular expression between slashes; `text` is what stands between them, as it was written."""

    text: str

    def __str__(self) -> str:
        return f"/{self.text}/"


@frozen(kw_only=True)
class Number(Node):
    """A number; never negative. `written` keeps leading zeros, for a code that should have been quoted."""

    value: int | float
    written: str = field(default="", eq=False, repr=False)

    def __str__(self) -> str:
        return self.written or str(self.value)


@frozen(kw_only=True)
class YesNo(Node):
    """`yes` or `no` as a value."""

    value: bool

    def __str__(self) -> str:
        return "yes" if self.value else "no"


@frozen(kw_only=True)
class Date(Node):
    """A calendar date, `2026-04-01`."""

    value: dt.date

    def __str__(self) -> str:
        return self.value.isoformat()


@frozen(kw_only=True)
class Instant(Node):
    """A moment to the minute or second, local to the rulebook's zone unless an offset was written."""

    value: dt.datetime

    def __str__(self) -> str:
        shown = self.value.strftime("%H:%M:%S" if self.value.second else "%H:%M")
        offset = self.value.strftime("%z")
        zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}" if offset else ""
        return f"{self.value.date().isoformat()} {shown}{zone}"


@frozen(kw_only=True)
class TimeOfDay(Node):
    """A wall clock time in minutes after midnight; `24:00` is 1440 and only ends hours."""

    minutes: int

    def __str__(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"


@frozen(kw_only=True)
class Clock(Node):
    """The rulebook's clock, standing as an instant."""

    def __str__(self) -> str:
        return "clock"


@frozen(kw_only=True)
class Cell(Node):
    """A cell of a table: `TABLE[key, key].column`."""

    table: Name
    keys: tuple[Name | Code | Text | Number, ...]
    column: Name

    def __str__(self) -> str:
        return f"{self.table}[{', '.join(map(str, self.keys))}].{self.column}"


class Unit(Enum):
    """A unit of time; the value is its plural in the language."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@frozen(kw_only=True)
class Length(Node):
    """A length of time or an age: an amount, which may be a table cell or a number attribute, and its unit."""

    amount: Number | Cell | Name
    unit: Unit

    def __str__(self) -> str:
        one = isinstance(self.amount, Number) and self.amount.value == 1
        return f"{self.amount} {self.unit.value[:-1] if one else self.unit.value}"


@frozen(kw_only=True)
class Percent(Node):
    """A share, such as `50 percent`."""

    amount: Number

    def __str__(self) -> str:
        return f"{self.amount} percent"


@frozen(kw_only=True)
class ItemsOn(Node):
    """`items on W`: how many items wait on a list. Only in a watch."""

    worklist: Name

    def __str__(self) -> str:
        return f"items on {self.worklist}"


@frozen(kw_only=True)
class OldestOn(Node):
    """`oldest on W`: how long the oldest item of a list has waited. Only in a watch."""

    worklist: Name

    def __str__(self) -> str:
        return f"oldest on {self.worklist}"


Subject: TypeAlias = Name | Cell | Clock | ItemsOn | OldestOn
Value: TypeAlias = Name | Code | Text | Number | YesNo | Length | Date | Instant | Cell | Clock


def listed(nodes: tuple[Node, ...]) -> str:
    """Return the members of a list with commas between them."""
    return ", ".join(map(str, nodes))
