"""The conditions of the language: comparisons, names, and what joins them.

`str(condition)` is its text on one line; parsing that gives an equal condition. A comparison on an unknown subject is
unknown (Kleene); nothing here evaluates.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from attrs import frozen

from routing.syntax.terms import Length, Name, Node, Number, Pattern, Subject, Text, Value, listed


@frozen(kw_only=True)
class Is(Node):
    """`X is V`, `X is one of V, V`; negated: `X is not V`, `X is none of V, V`."""

    subject: Subject
    values: tuple[Value, ...]
    negated: bool = False

    def __str__(self) -> str:
        one, many = ("is not", "is none of") if self.negated else ("is", "is one of")
        return f"{self.subject} {one if len(self.values) == 1 else many} {listed(self.values)}"


class Quantity(Enum):
    """How many of the values a set must include; the value is how it is written before several values."""

    ANY = "any of"
    ALL = "all of"
    NONE = "none of"
    ONLY = "only"


@frozen(kw_only=True)
class Includes(Node):
    """`X includes V`, `includes any of`, `all of`, `none of`, `only V, V`."""

    subject: Subject
    quantity: Quantity
    values: tuple[Value, ...]

    def __str__(self) -> str:
        plain = self.quantity is Quantity.ANY and len(self.values) == 1
        return f"{self.subject} includes {'' if plain else self.quantity.value + ' '}{listed(self.values)}"


class Order(Enum):
    """How a number or a length compares; the value is how it is written."""

    UNDER = "under"
    OVER = "over"
    AT_LEAST = "at least"
    AT_MOST = "at most"


@frozen(kw_only=True)
class Compare(Node):
    """`X under V`, `over`, `at least`, `at most`."""

    subject: Subject
    order: Order
    value: Value

    def __str__(self) -> str:
        return f"{self.subject} {self.order.value} {self.value}"


@frozen(kw_only=True)
class InRange(Node):
    """`X from V to under V`: the first belongs to it, the second does not."""

    subject: Subject
    low: Value
    high: Value

    def __str__(self) -> str:
        return f"{self.subject} from {self.low} to under {self.high}"


class Side(Enum):
    """On which side of a moment; the value is how it is written."""

    BEFORE = "before"
    AFTER = "after"


@frozen(kw_only=True)
class Moment(Node):
    """`X before V`, `X after V`."""

    subject: Subject
    side: Side
    value: Value

    def __str__(self) -> str:
        return f"{self.subject} {self.side.value} {self.value}"


@frozen(kw_only=True)
class Within(Node):
    """`X within D of Y` counts both ways (`side` is None); `within D before Y` and `within D after Y` one."""

    subject: Subject
    length: Length
    side: Side | None
    other: Value

    def __str__(self) -> str:
        return f"{self.subject} within {self.length} {self.side.value if self.side else 'of'} {self.other}"


@frozen(kw_only=True)
class Mentions(Node):
    """`X mentions "…", "…"`, `mentions all of`; with `except` phrases, and `not negated`."""

    subject: Subject
    phrases: tuple[Text, ...]
    all_of: bool = False
    excepted: tuple[Text, ...] = ()
    not_negated: bool = False

    def __str__(self) -> str:
        every = "all of " if self.all_of else ""
        without = f" except {listed(self.excepted)}" if self.excepted else ""
        negated = " not negated" if self.not_negated else ""
        return f"{self.subject} mentions {every}{listed(self.phrases)}{without}{negated}"


@frozen(kw_only=True)
class Spelt(Node):
    """`X starts with "U" except "UR-"`; of a set, one code must satisfy both. `operator` is how it is written."""

    subject: Subject
    operator: str
    texts: tuple[Text, ...]
    excepted: tuple[Text, ...] = ()

    def __str__(self) -> str:
        without = f" except {listed(self.excepted)}" if self.excepted else ""
        return f"{self.subject} {self.operator} {listed(self.texts)}{without}"


@frozen(kw_only=True)
class Matches(Node):
    """`X matches /…/`."""

    subject: Subject
    pattern: Pattern

    def __str__(self) -> str:
        return f"{self.subject} matches {self.pattern}"


@frozen(kw_only=True)
class IsKnown(Node):
    """`X is known`; negated: `X is unknown`. Never unknown itself."""

    subject: Subject
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.subject} is {'unknown' if self.negated else 'known'}"


@frozen(kw_only=True)
class Listed(Node):
    """`X is listed in TABLE`; negated: `X is not listed in TABLE`."""

    subject: Subject
    table: Name
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.subject} is {'not ' if self.negated else ''}listed in {self.table}"


@frozen(kw_only=True)
class During(Node):
    """`during TIMES`, `outside TIMES` of the clock (`subject` is None), or of an instant: `X during TIMES`."""

    subject: Subject | None
    times: Name
    outside: bool = False

    def __str__(self) -> str:
        what = f"{self.subject} " if self.subject else ""
        return f"{what}{'outside' if self.outside else 'during'} {self.times}"


@frozen(kw_only=True)
class OnCalendar(Node):
    """`on CALENDAR` of the clock (`subject` is None), or of a date or instant: `X on CALENDAR`."""

    subject: Subject | None
    calendar: Name

    def __str__(self) -> str:
        return f"{self.subject} on {self.calendar}" if self.subject else f"on {self.calendar}"


@frozen(kw_only=True)
class Named(Node):
    """A define, or a yes/no attribute or fact, by its name."""

    name: Name

    def __str__(self) -> str:
        return str(self.name)


@frozen(kw_only=True)
class InSample(Node):
    """`in sample of 5 percent`: reproducible by rule name and procedure key."""

    percent: Number

    def __str__(self) -> str:
        return f"in sample of {self.percent} percent"


@frozen(kw_only=True)
class Not(Node):
    """`not C`."""

    condition: Condition

    def __str__(self) -> str:
        return f"not {_tight(self.condition)}"


@frozen(kw_only=True)
class Possibly(Node):
    """`possibly C`: unknown counts as true. Never unknown."""

    condition: Condition

    def __str__(self) -> str:
        return f"possibly {_tight(self.condition)}"


@frozen(kw_only=True)
class Certainly(Node):
    """`certainly C`: unknown counts as false. Never unknown."""

    condition: Condition

    def __str__(self) -> str:
        return f"certainly {_tight(self.condition)}"


@frozen(kw_only=True)
class And(Node):
    """`C and C`, two parts or more; a part that is itself joined stands in parentheses."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(map(_tight, self.parts))


@frozen(kw_only=True)
class Or(Node):
    """`C or C`, two parts or more; a part that is itself joined stands in parentheses."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(map(_tight, self.parts))


Comparison: TypeAlias = (
    Is
    | Includes
    | Compare
    | InRange
    | Moment
    | Within
    | Mentions
    | Spelt
    | Matches
    | IsKnown
    | Listed
    | During
    | OnCalendar
    | InSample
)
Condition: TypeAlias = Comparison | Named | Not | Possibly | Certainly | And | Or


def _tight(condition: Condition) -> str:
    return f"({condition})" if isinstance(condition, And | Or) else str(condition)
