"""Rules of the checked form, and what stands beside them: guarantees, watches, views, examples."""

from __future__ import annotations

from datetime import time
from typing import Any

from attrs import frozen

from routing.program.conditions import Condition
from routing.program.declarations import Readers
from routing.program.effects import Effect
from routing.program.operands import Length, Node


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
    """One thing an example expects; `what` says what, and `value` is of the form in brackets.

    "route" (worklist; `by` a rule or None), "priority" (name), "due" and "preliminary_due" (an instant; naive is
    local), "due_within" (a `Length` from the clock), "also" (worklists), "tag" (tags), "undecided" (attribute or rule
    names, empty for "is undecided at all"), "closed" (policy or None), "not closed" (None), "read_by" (N).
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
