"""The checked rulebook: typed, with every name resolved, in file order. What `check` makes and `compile` reads.

It knows nothing of the grammar. Values in it are in the canonical form of `routing.attributes`: a duration is a
`Duration`, `weeks` an `int`, a code a `str`, an instant an aware `datetime` or a naive one that is local to the
procedure's zone. Spans and source text take no part in equality, so that equal conditions in two places are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from attrs import field, frozen

from routing.meaning.fingerprint import fingerprint
from routing.program.conditions import (
    And,
    Certainly,
    Compares,
    Condition,
    Defined,
    During,
    Fixed,
    Includes,
    InSample,
    Is,
    IsKnown,
    IsTrue,
    Listed,
    Matches,
    Mentions,
    Not,
    OnCalendar,
    Or,
    Order,
    Possibly,
    Precedes,
    Reach,
    Side,
    Spelt,
    Within,
)
from routing.program.declarations import (
    Calendar,
    Days,
    Hours,
    Known,
    Origin,
    Path,
    Readers,
    Row,
    Table,
    Times,
    TimesChoice,
    Wild,
    Workdays,
    Worklist,
    Zone,
)
from routing.program.effects import (
    AlsoReadBy,
    DecideAgain,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    EscalateTo,
    ExcludeReaders,
    HoldUntil,
    MoveTo,
    NoReport,
    Notify,
    OfferTo,
    OnlyReaders,
    PriorityIs,
    RaisePriority,
    ReadBy,
    ReadTogether,
    RouteTo,
    SplitTo,
    Tag,
)
from routing.program.operands import (
    CLOCK,
    AttributeRef,
    Cell,
    ClockRef,
    Constant,
    Length,
    ListFigure,
    Node,
    Operand,
    Sum,
    Unit,
)
from routing.program.rules import (
    AlwaysDue,
    AlwaysRoute,
    Claim,
    Example,
    Expectation,
    Guarantee,
    NeverClose,
    NeverHold,
    NeverRoute,
    PriorityAtLeast,
    ReadsAtLeast,
    Rule,
    SortKey,
    View,
    Watch,
)

__all__ = [
    "CLOCK",
    "AlsoReadBy",
    "AlwaysDue",
    "AlwaysRoute",
    "And",
    "AttributeRef",
    "Calendar",
    "Cell",
    "Certainly",
    "Claim",
    "ClockRef",
    "Compares",
    "Condition",
    "Constant",
    "Days",
    "DecideAgain",
    "Defined",
    "DueBy",
    "DueByInstant",
    "DueWithin",
    "During",
    "Effect",
    "EscalateTo",
    "Example",
    "ExcludeReaders",
    "Expectation",
    "Fixed",
    "Guarantee",
    "HoldUntil",
    "Hours",
    "InSample",
    "Includes",
    "Is",
    "IsKnown",
    "IsTrue",
    "Known",
    "Length",
    "ListFigure",
    "Listed",
    "Matches",
    "Mentions",
    "MoveTo",
    "NeverClose",
    "NeverHold",
    "NeverRoute",
    "NoReport",
    "Node",
    "Not",
    "Notify",
    "OfferTo",
    "OnCalendar",
    "OnlyReaders",
    "Operand",
    "Or",
    "Order",
    "Origin",
    "Path",
    "Possibly",
    "Precedes",
    "PriorityAtLeast",
    "PriorityIs",
    "Program",
    "RaisePriority",
    "Reach",
    "ReadBy",
    "ReadTogether",
    "Readers",
    "ReadsAtLeast",
    "RouteTo",
    "Row",
    "Rule",
    "Side",
    "SortKey",
    "Spelt",
    "SplitTo",
    "Sum",
    "Table",
    "Tag",
    "Times",
    "TimesChoice",
    "Unit",
    "View",
    "Watch",
    "Wild",
    "Within",
    "Workdays",
    "Worklist",
    "Zone",
]


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
