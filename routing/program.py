"""The checked rulebook: typed, with every name resolved, in file order. What `check` makes and `compile` reads.

It knows nothing of the grammar. Values in it are in the canonical form of `routing.attributes`: a duration is a
`Duration`, `weeks` an `int`, a code a `str`, an instant an aware `datetime` or a naive one that is local to the
procedure's zone. Spans and source text take no part in equality, so that equal conditions in two places are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from routing.attributes import Type
from routing.diagnostics import Span
from routing.meaning.fingerprint import fingerprint


@frozen(kw_only=True)
class Node:
    """Something written in a rulebook: where it stands and the words it was written in."""

    span: Span = field(eq=False, repr=False)
    text: str = field(eq=False, default="")


# --- operands: what a comparison compares, and what an effect takes its value from


@frozen(kw_only=True)
class Operand:
    """A typed value that is known only when a procedure is decided, or a constant. An unknown one is None."""

    type: Type


@frozen(kw_only=True)
class Constant(Operand):
    """A value written in the rule."""

    value: Any


@frozen(kw_only=True)
class AttributeRef(Operand):
    """The value of an attribute or fact."""

    name: str


@frozen(kw_only=True)
class ClockRef(Operand):
    """The procedure's clock."""

    type: Type = Type.INSTANT


@frozen(kw_only=True)
class Cell(Operand):
    """`TABLE[key, key].column`. `type` is that of one cell; `many` when a key is a set, so that a set of cells is found.

    `keys` stand in the order of the table's key columns.
    """

    table: str
    keys: tuple[Operand, ...]
    column: str
    many: bool = False


@frozen(kw_only=True)
class Sum(Operand):
    """`A plus B`, in the declaration of an attribute; numbers, durations, weeks, or an instant and a duration."""

    left: Operand
    right: Operand


@frozen(kw_only=True)
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


@frozen(kw_only=True)
class Length:
    """A length of time: an amount of a unit (`30 minutes`, `targets[…].hours hours`), or a duration when `unit` is None."""

    amount: Operand
    unit: Unit | None = None


# --- conditions


@frozen(kw_only=True)
class Condition(Node):
    """True, false or unknown for one procedure."""


@frozen(kw_only=True)
class Fixed(Condition):
    """Always true (`always`), or always false."""

    holds: bool = True


@frozen(kw_only=True)
class And(Condition):
    """All of two or more parts."""

    parts: tuple[Condition, ...]


@frozen(kw_only=True)
class Or(Condition):
    """Any of two or more parts."""

    parts: tuple[Condition, ...]


@frozen(kw_only=True)
class Not(Condition):
    """The opposite; unknown stays unknown. `unless C` is this, and-ed to the `when`."""

    part: Condition


@frozen(kw_only=True)
class Possibly(Condition):
    """Unknown counts as true."""

    part: Condition


@frozen(kw_only=True)
class Certainly(Condition):
    """Unknown counts as false."""

    part: Condition


@frozen(kw_only=True)
class Defined(Condition):
    """A use of `define NAME as …`; `condition` is the one shared object of that define."""

    name: str
    condition: Condition


@frozen(kw_only=True)
class IsTrue(Condition):
    """A yes/no attribute, fact or cell named as a condition."""

    operand: Operand


@frozen(kw_only=True)
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


@frozen(kw_only=True)
class Includes(Condition):
    """`X includes V`, `any of`, `all of`, `none of`, `only`: X is a set of codes. An empty set is unknown, like an absent one."""

    left: Operand
    reach: Reach
    values: tuple[Operand, ...]


class Order(Enum):
    """How a number or a duration stands to another."""

    UNDER = "under"
    OVER = "over"
    AT_LEAST = "at least"
    AT_MOST = "at most"


@frozen(kw_only=True)
class Compares(Condition):
    """`X under V` and its kin, for numbers and durations (weeks count as durations). `from A to under B` is an `And`."""

    left: Operand
    order: Order
    right: Operand


@frozen(kw_only=True)
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


@frozen(kw_only=True)
class Within(Condition):
    """`X within D of Y` (both ways), `within D before Y`, `within D after Y`. Both ends belong to it."""

    left: Operand
    length: Length
    side: Side
    other: Operand


@frozen(kw_only=True)
class Mentions(Condition):
    """`X mentions "…", "…" [except "…"] [not negated]`: any phrase, or `every` phrase for `mentions all of`."""

    left: Operand
    phrases: tuple[str, ...]
    every: bool = False
    excepted: tuple[str, ...] = ()
    not_negated: bool = False


@frozen(kw_only=True)
class StartsWith(Condition):
    """`X starts with "U" except "UR-"`: one code (or field of a text) starts with any prefix and with none excepted.

    Codes compare by case; texts are folded.
    """

    left: Operand
    prefixes: tuple[str, ...]
    excepted: tuple[str, ...] = ()


@frozen(kw_only=True)
class Matches(Condition):
    """`X matches /…/`: found anywhere in a field of the text, or in a code; linear-time engine."""

    left: Operand
    pattern: str


@frozen(kw_only=True)
class IsKnown(Condition):
    """`X is known`, or `is unknown` when not `known`. Never unknown itself."""

    operand: Operand
    known: bool = True


@frozen(kw_only=True)
class Listed(Condition):
    """`X is listed in TABLE` (any of several codes), or `is not listed in` (none of them). The table has one key column."""

    operand: Operand
    table: str
    negated: bool = False


@frozen(kw_only=True)
class During(Condition):
    """`during TIMES`, or `outside TIMES` when `outside`; of the clock, or of the instant `of`."""

    times: str
    of: Operand = ClockRef()
    outside: bool = False


@frozen(kw_only=True)
class OnCalendar(Condition):
    """`on CALENDAR`: the local date of the clock (or of `of`) is one of the calendar's."""

    calendar: str
    of: Operand = ClockRef()


@frozen(kw_only=True)
class InSample(Condition):
    """`in sample of 5 percent`: reproducible, by the rule's name and the procedure's key."""

    percent: float
    rule: str


# --- effects


@frozen(kw_only=True)
class Effect(Node):
    """One thing that a rule asks for (LANGUAGE section 4)."""


@frozen(kw_only=True)
class RouteTo(Effect):
    """`route to W`, or to the worklist that a cell names (the first of a set)."""

    to: str | Cell


@frozen(kw_only=True)
class PriorityIs(Effect):
    """`priority P`, `priority ATTRIBUTE`, `priority ATTRIBUTE from TABLE` (a cell), `priority TABLE[…].column` (a cell).

    An attribute's STAT, HIGH, MEDIUM, ROUTINE are the first to fourth of the rulebook's priorities, and the name of a
    priority is itself; a cell holds names of priorities.
    """

    level: str | Operand


@frozen(kw_only=True)
class RaisePriority(Effect):
    """`raise priority`: one step, once however many rules say it, after the highest."""


@frozen(kw_only=True)
class DueWithin(Effect):
    """`[preliminary] due within D [counting TIMES] [from INSTANT]`; `start` None is the clock."""

    within: Length
    preliminary: bool = False
    counting: str | None = None
    start: Operand | None = None


@frozen(kw_only=True)
class DueBy(Effect):
    """`due by 12:00 [next Monday | next day | next working day]`: the first such wall time after the clock.

    Without a day, the first 12:00 after the clock; with one, 12:00 on the next such day after the clock's date. `day` is
    "day", "working day" or a weekday 0 (Monday) to 6.
    """

    at: time
    day: str | int | None = None
    preliminary: bool = False


@frozen(kw_only=True)
class DueByInstant(Effect):
    """`due by INSTANT [minus D]`. A date alone is its end: midnight of the next day."""

    instant: Operand
    minus: Length | None = None
    preliminary: bool = False


@frozen(kw_only=True)
class Tag(Effect):
    """`tag T, T`."""

    tags: tuple[str, ...]


@frozen(kw_only=True)
class Notify(Effect):
    """`notify CHANNEL`, at once."""

    channel: str


@frozen(kw_only=True)
class AlsoReadBy(Effect):
    """`also read by W [within D]`, or `audit by W within D` when `audit`."""

    worklist: str
    within: Length | None = None
    audit: bool = False


@frozen(kw_only=True)
class ReadBy(Effect):
    """`read by N different readers [blind][, disagreement to W][, agreement on CODE to W]`."""

    count: int
    blind: bool = False
    disagreement_to: str | None = None
    agreement: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class OnlyReaders(Effect):
    """`only readers with SKILL [and|or SKILL]`, or `show identity only to readers with SKILL` when `identity`."""

    skills: tuple[str, ...]
    combine: str = "and"
    identity: bool = False


@frozen(kw_only=True)
class ExcludeReaders(Effect):
    """`exclude readers in ATTRIBUTE, …`."""

    attributes: tuple[AttributeRef, ...]


@frozen(kw_only=True)
class EscalateTo(Effect):
    """`escalate to W` or `notify C` with `after D`, `after N percent` or `when overdue`, and perhaps `until claimed`.

    Exactly one of `worklist` and `channel`; exactly one of `after`, `after_percent` and `overdue`.
    """

    worklist: str | None = None
    channel: str | None = None
    after: Length | None = None
    after_percent: int | None = None
    overdue: bool = False
    until_claimed: bool = False


@frozen(kw_only=True)
class HoldUntil(Effect):
    """`hold at most D until C`. `until.text` is what the decision shows."""

    at_most: Length
    until: Condition


@frozen(kw_only=True)
class OfferTo(Effect):
    """`offer to previous reader within D for D`, `least loaded reader [with SKILL] for D`, `reader in ATTRIBUTE for D`.

    `reader` is "previous reader", "least loaded reader", or the attribute that names one.
    """

    reader: str | AttributeRef
    lasts: Length
    within: Length | None = None
    skill: str | None = None


@frozen(kw_only=True)
class ReadTogether(Effect):
    """`read together with same patient, ATTRIBUTE within D`; `attributes` may hold "same patient"."""

    attributes: tuple[str, ...]
    within: Length


@frozen(kw_only=True)
class SplitTo(Effect):
    """`split to W, W after D`."""

    worklists: tuple[str, ...]
    after: Length


@frozen(kw_only=True)
class NoReport(Effect):
    """`no report needed because "…" under policy "…" until DATE`; the date belongs to the policy."""

    reason: str
    policy: str
    until: date


@frozen(kw_only=True)
class MoveTo(Effect):
    """`move to W`, in a watch."""

    worklist: str


@frozen(kw_only=True)
class DecideAgain(Effect):
    """`decide again [without "RULE"]`, in a watch."""

    without: str | None = None


# --- declarations


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


# --- rules and what stands beside them


@frozen(kw_only=True)
class Rule(Node):
    """One rule, flattened: `condition` holds those of its file and group, its `when` and its not `unless`.

    `text` is the condition as written. `kind` is the item kind that the rule is about ("report" without `for`).
    A rule with `group_default` is the `otherwise` of `group`: `condition` is the group's, and each effect counts only
    if no rule of that group gave its like. Its `name` is `GROUP: otherwise`.
    """

    name: str
    condition: Condition
    effects: tuple[Effect, ...]
    kind: str = "report"
    group: str | None = None
    group_default: bool = False


@frozen(kw_only=True)
class NeverRoute:
    """`never route to W, W`, by whatever way onto a list."""

    worklists: tuple[str, ...]


@frozen(kw_only=True)
class AlwaysRoute:
    """`always route to W`."""

    worklist: str


@frozen(kw_only=True)
class AlwaysDue:
    """`due within D`."""

    within: Length
    preliminary: bool = False


@frozen(kw_only=True)
class PriorityAtLeast:
    """`priority at least P`."""

    level: str


@frozen(kw_only=True)
class ReadsAtLeast:
    """`read by at least N`."""

    count: int


@frozen(kw_only=True)
class NeverClose:
    """`never close`."""


@frozen(kw_only=True)
class NeverHold:
    """`never hold`."""


Claim = NeverRoute | AlwaysRoute | AlwaysDue | PriorityAtLeast | ReadsAtLeast | NeverClose | NeverHold


@frozen(kw_only=True)
class Guarantee(Node):
    """`guarantee "…" CLAIM… [when C]`; without a condition it is about every procedure."""

    name: str
    claims: tuple[Claim, ...]
    when: Condition | None = None


@frozen(kw_only=True)
class Watch(Node):
    """`watch "…"`: what to look for on living items, and what to do once for each breach."""

    name: str
    effects: tuple[Effect, ...]
    at: time | None = None
    on_working_days: bool = False
    each_item: bool = False
    worklist: str | None = None
    when: Condition | None = None
    until: Condition | None = None


@frozen(kw_only=True)
class SortKey:
    """One key of `sorted by`."""

    name: str
    descending: bool = False


@frozen(kw_only=True)
class View(Node):
    """`view "…" for readers with S shows W, W [when C] [sorted by K, K]`."""

    name: str
    readers: Readers
    worklists: tuple[str, ...]
    when: Condition | None = None
    sorted_by: tuple[SortKey, ...] = ()


@frozen(kw_only=True)
class Expectation(Node):
    """One thing an example expects. `what` is one of these, with its `value`:

    "route" (worklist; `by` a rule or None), "priority" (name), "due" and "preliminary_due" (an instant; naive is local),
    "due_within" (a `Length` from the clock), "also" (worklists), "tag" (tags), "undecided" (attribute or rule names, empty
    for "is undecided at all"), "closed" (policy or None), "not closed" (None), "read_by" (N).
    """

    what: str
    value: Any = None
    by: str | None = None


@frozen(kw_only=True)
class Example(Node):
    """`example "…" ATTRIBUTES expect …`, or a row of `examples from`.

    `given` are attributes and facts in canonical form (None is explicitly unknown). `sample` is a file beside the
    rulebook whose procedure is decided, with `given` on top. Without an `arrival` the clock's own attribute counts.
    """

    name: str
    given: tuple[tuple[str, Any], ...]
    expects: tuple[Expectation, ...]
    sample: str | None = None


@frozen(kw_only=True)
class Program:
    """One checked rulebook. Every name in it is resolved; mappings are by name.

    `clock` are attribute names in order; `arrival` is the implied last. `zones` hold at least one, and the last has no
    condition. `priorities` go from most to least urgent. `rules` are in file order and end before `otherwise`.
    """

    name: str
    language: int = 1
    priorities: tuple[str, ...]
    zones: tuple[Zone, ...]
    clock: tuple[str, ...] = ()
    known: Mapping[str, Known] = field(hash=False)
    tables: Mapping[str, Table] = field(hash=False, factory=dict)
    calendars: Mapping[str, Calendar] = field(hash=False, factory=dict)
    times: Mapping[str, Times] = field(hash=False, factory=dict)
    workdays: tuple[Workdays, ...] = ()
    worklists: Mapping[str, Worklist] = field(hash=False)
    skills: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    exceptions: tuple[Effect, ...]
    otherwise: tuple[Effect, ...]
    rules: tuple[Rule, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    watches: tuple[Watch, ...] = ()
    views: tuple[View, ...] = ()
    examples: tuple[Example, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """A short hex digest of all that decides: rules, tables, calendars; not of layout, comments or examples."""
        return fingerprint(self, skip={"examples"})
