"""The statements of a rulebook file that decide, promise, watch or test, and the file as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias, TypeVar

from attrs import frozen

from routing.syntax.conditions import Condition
from routing.syntax.declarations import (
    AttributeDeclaration,
    Calendar,
    Channels,
    ClockFrom,
    Define,
    Exceptions,
    Fact,
    Include,
    Language,
    Priorities,
    Readers,
    RulebookName,
    Skills,
    Table,
    Times,
    Timezone,
    Values,
    Workdays,
    Worklist,
)
from routing.syntax.effects import AlsoRead, Due, Effect, Notify, RouteTo, SetPriority, Tag
from routing.syntax.terms import Name, Node, Number, Text, TimeOfDay, Value


class Kind(Enum):
    """The kind of item that a rule is about; the value is how it is written."""

    REPORT = "report"
    OPINION = "opinion"
    ARBITRATE = "arbitrate"
    RECHECK = "recheck"
    RESOLVE = "resolve"
    AUDIT = "audit"


@frozen(kw_only=True)
class Rule(Node):
    """`rule "…" [for KIND] when C [unless C] EFFECTS`; `when` is None for `always`."""

    name: Text
    kind: Kind = Kind.REPORT
    when: Condition | None
    unless: Condition | None = None
    effects: tuple[Effect, ...]


@frozen(kw_only=True)
class Otherwise(Node):
    """`otherwise EFFECTS`: at the end of the file the default, in a group what none of its rules gave."""

    effects: tuple[Effect, ...]


@frozen(kw_only=True)
class Group(Node):
    """`group "…" when C [unless C]`, rules and groups, `[otherwise …]`, `end`; `when` is None for `always`."""

    name: Text
    when: Condition | None
    unless: Condition | None = None
    members: tuple[Rule | Group, ...]
    otherwise: Otherwise | None = None


@frozen(kw_only=True)
class NeverRoute(Node):
    """`never route to W, W`."""

    worklists: tuple[Name, ...]

    def __str__(self) -> str:
        return f"never route to {', '.join(map(str, self.worklists))}"


@frozen(kw_only=True)
class AlwaysRoute(Node):
    """`always route to W`."""

    worklists: tuple[Name, ...]

    def __str__(self) -> str:
        return f"always route to {', '.join(map(str, self.worklists))}"


@frozen(kw_only=True)
class PriorityAtLeast(Node):
    """`priority at least P`."""

    priority: Name

    def __str__(self) -> str:
        return f"priority at least {self.priority}"


@frozen(kw_only=True)
class ReadByAtLeast(Node):
    """`read by at least N`."""

    count: Number

    def __str__(self) -> str:
        return f"read by at least {self.count}"


@frozen(kw_only=True)
class NeverClose(Node):
    """`never close`."""

    def __str__(self) -> str:
        return "never close"


@frozen(kw_only=True)
class NeverHold(Node):
    """`never hold`."""

    def __str__(self) -> str:
        return "never hold"


Promise: TypeAlias = NeverRoute | AlwaysRoute | Due | PriorityAtLeast | ReadByAtLeast | NeverClose | NeverHold


@frozen(kw_only=True)
class Guarantee(Node):
    """`guarantee "…" PROMISE [when C]`; `when` is None where it holds always."""

    name: Text
    promise: Promise
    when: Condition | None = None


@frozen(kw_only=True)
class Watch(Node):
    """`watch "…" [at 07:00 [on working days]] [each item [on W]] [when C [until C]] EFFECTS`."""

    name: Text
    at: TimeOfDay | None = None
    working_days: bool = False
    each_item: bool = False
    worklist: Name | None = None
    when: Condition | None = None
    until: Condition | None = None
    effects: tuple[Effect, ...]


@frozen(kw_only=True)
class View(Node):
    """`view "…" for … shows W, W [when C] [sorted by K, K]`."""

    name: Text
    readers: Readers
    worklists: tuple[Name, ...]
    when: Condition | None = None
    sorted_by: tuple[Name, ...] = ()


@frozen(kw_only=True)
class Unknown(Node):
    """`unknown` as the value of an attribute in an example."""

    def __str__(self) -> str:
        return "unknown"


@frozen(kw_only=True)
class Given(Node):
    """One attribute or fact of an example, with its values: `modality CT and SR`."""

    name: Name
    values: tuple[Value | Unknown, ...]

    def __str__(self) -> str:
        return f"{self.name} {' and '.join(map(str, self.values))}"


@frozen(kw_only=True)
class ExpectRoute(Node):
    """`route to W [by "RULE"]`, or `by otherwise`; `rule` is then None and `by_otherwise` True."""

    route: RouteTo
    rule: Text | None = None
    by_otherwise: bool = False

    def __str__(self) -> str:
        return f"{self.route}{f' by {self.rule}' if self.rule else ' by otherwise' if self.by_otherwise else ''}"


@frozen(kw_only=True)
class ExpectUndecided(Node):
    """`undecided`, `undecided ATTRIBUTE, …`; negated: `not undecided`."""

    attributes: tuple[Name, ...] = ()
    negated: bool = False

    def __str__(self) -> str:
        names = f" {', '.join(map(str, self.attributes))}" if self.attributes else ""
        return f"{'not ' if self.negated else ''}undecided{names}"


@frozen(kw_only=True)
class ExpectClosed(Node):
    """`closed`; negated: `not closed`."""

    negated: bool = False

    def __str__(self) -> str:
        return "not closed" if self.negated else "closed"


@frozen(kw_only=True)
class ExpectReads(Node):
    """`read by N`."""

    count: Number

    def __str__(self) -> str:
        return f"read by {self.count}"


Expectation: TypeAlias = (
    ExpectRoute | SetPriority | Due | AlsoRead | Tag | Notify | ExpectUndecided | ExpectClosed | ExpectReads
)


@frozen(kw_only=True)
class Example(Node):
    """`example "…" [from "sample.dcm"] ATTRIBUTES expect EXPECTATIONS`; what is given replaces the sample's own."""

    name: Text
    sample: Text | None = None
    given: tuple[Given, ...] = ()
    expect: tuple[Expectation, ...]


@frozen(kw_only=True)
class ExamplesFrom(Node):
    """`examples from "cases.csv"`."""

    path: Text


Statement: TypeAlias = (
    RulebookName
    | Language
    | Timezone
    | ClockFrom
    | Priorities
    | Include
    | Table
    | Calendar
    | Workdays
    | Times
    | Values
    | Skills
    | Channels
    | AttributeDeclaration
    | Fact
    | Define
    | Worklist
    | Exceptions
    | Rule
    | Group
    | Otherwise
    | Guarantee
    | Watch
    | View
    | Example
    | ExamplesFrom
)

S = TypeVar("S", bound=Node)


@frozen(kw_only=True)
class Rulebook(Node):
    """One file: its statements in the order in which they stand. `span` is the whole text."""

    statements: tuple[Statement, ...]

    def each(self, kind: type[S]) -> Iterator[S]:
        """Yield the statements of one kind in file order; those inside groups are not among them."""
        return (statement for statement in self.statements if isinstance(statement, kind))
