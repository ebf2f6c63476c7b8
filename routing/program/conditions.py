"""Conditions of the checked form: true, false or unknown for one procedure (LANGUAGE section 3)."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from routing.program.operands import CLOCK, Length, Node, Operand


@frozen(kw_only=True, cache_hash=True)
class Condition(Node):
    """True, false or unknown for one procedure."""


@frozen(kw_only=True, cache_hash=True)
class Fixed(Condition):
    """Always true (`always`), or always false."""

    holds: bool = True


@frozen(kw_only=True, cache_hash=True)
class And(Condition):
    """All of two or more parts."""

    parts: tuple[Condition, ...]


@frozen(kw_only=True, cache_hash=True)
class Or(Condition):
    """Any of two or more parts."""

    parts: tuple[Condition, ...]


@frozen(kw_only=True, cache_hash=True)
class Not(Condition):
    """The opposite; unknown stays unknown. `unless C` is this, and-ed to the `when`."""

    part: Condition


@frozen(kw_only=True, cache_hash=True)
class Possibly(Condition):
    """Unknown counts as true."""

    part: Condition


@frozen(kw_only=True, cache_hash=True)
class Certainly(Condition):
    """Unknown counts as false."""

    part: Condition


@frozen(kw_only=True, cache_hash=True)
class Defined(Condition):
    """A use of `define NAME as …`; `condition` is the one shared object of that define."""

    name: str
    condition: Condition


@frozen(kw_only=True, cache_hash=True)
class IsTrue(Condition):
    """A yes/no attribute, fact or cell named as a condition."""

    operand: Operand


@frozen(kw_only=True, cache_hash=True)
class Is(Condition):
    """`X is V`, `is not V`, `is one of`, `is none of`: equal to one of the values, or (negated) to none.

    A value that is a set of cells counts as all its members. Codes compare whole and by case.
    """

    left: Operand
    values: tuple[Operand, ...]
    negated: bool = False


class Reach(Enum):
    """How much of the listed values a set must hold."""

    ANY = "any"
    ALL = "all"
    NONE = "none"
    ONLY = "only"


@frozen(kw_only=True, cache_hash=True)
class Includes(Condition):
    """`X includes V`, `any of`, `all of`, `none of`, `only`, for sets. An empty set is unknown, as an absent one is."""

    left: Operand
    reach: Reach
    values: tuple[Operand, ...]


class Order(Enum):
    """How a number or a duration stands to another."""

    UNDER = "under"
    OVER = "over"
    AT_LEAST = "at least"
    AT_MOST = "at most"


@frozen(kw_only=True, cache_hash=True)
class Compares(Condition):
    """`X under V` and its kin, for numbers and durations (weeks are durations). `from A to under B` is an `And`."""

    left: Operand
    order: Order
    right: Operand


@frozen(kw_only=True, cache_hash=True)
class Precedes(Condition):
    """`X before V`, or `X after V` when `after`. An instant meets a date by its local date."""

    left: Operand
    right: Operand
    after: bool = False


class Side(Enum):
    """On which side of the other moment."""

    EITHER = "of"
    BEFORE = "before"
    AFTER = "after"


@frozen(kw_only=True, cache_hash=True)
class Within(Condition):
    """`X within D of Y` (both ways), `within D before Y`, `within D after Y`. Both ends belong to it."""

    left: Operand
    length: Length
    side: Side
    other: Operand


@frozen(kw_only=True, cache_hash=True)
class Mentions(Condition):
    """`X mentions "…", "…" [except "…"] [not negated]`: any phrase, or `every` phrase for `mentions all of`."""

    left: Operand
    phrases: tuple[str, ...]
    every: bool = False
    excepted: tuple[str, ...] = ()
    not_negated: bool = False


@frozen(kw_only=True, cache_hash=True)
class Spelt(Condition):
    """`X starts with "U" except "UR-"`: one code (or field of a text) is spelt as any of `texts` and as none excepted.

    Codes compare by case; texts are folded. `operator` is one of `SPELLINGS`.
    """

    left: Operand
    operator: str
    texts: tuple[str, ...]
    excepted: tuple[str, ...] = ()


@frozen(kw_only=True, cache_hash=True)
class Matches(Condition):
    """`X matches /…/`: found anywhere in a field of the text, or in a code; linear-time engine."""

    left: Operand
    pattern: str


@frozen(kw_only=True, cache_hash=True)
class IsKnown(Condition):
    """`X is known`, or `is unknown` when not `known`. Never unknown itself."""

    operand: Operand
    known: bool = True


@frozen(kw_only=True, cache_hash=True)
class Listed(Condition):
    """`X is listed in TABLE` (any of several codes), or `is not listed in` (none). The table has one key column."""

    operand: Operand
    table: str
    negated: bool = False


@frozen(kw_only=True, cache_hash=True)
class During(Condition):
    """`during TIMES`, or `outside TIMES` when `outside`; of the clock, or of the instant `of`."""

    times: str
    of: Operand = CLOCK
    outside: bool = False


@frozen(kw_only=True, cache_hash=True)
class OnCalendar(Condition):
    """`on CALENDAR`: the local date of the clock (or of `of`) is one of the calendar's."""

    calendar: str
    of: Operand = CLOCK


@frozen(kw_only=True, cache_hash=True)
class InSample(Condition):
    """`in sample of 5 percent`: reproducible, by the rule's name and the procedure's key."""

    percent: float
    rule: str
