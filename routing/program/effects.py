"""Effects of the checked form: what a rule asks for (LANGUAGE section 4)."""

from __future__ import annotations

from datetime import date, time

from attrs import frozen

from routing.program.conditions import Condition
from routing.program.operands import AttributeRef, Cell, Length, Node, Operand


@frozen(kw_only=True, cache_hash=True)
class Effect(Node):
    """One thing that a rule asks for (LANGUAGE section 4)."""


@frozen(kw_only=True, cache_hash=True)
class RouteTo(Effect):
    """`route to W`, or to the worklist that a cell names (the first of a set)."""

    to: str | Cell


@frozen(kw_only=True, cache_hash=True)
class PriorityIs(Effect):
    """`priority P`, `priority ATTRIBUTE`, or a cell: `priority ATTRIBUTE from TABLE`, `priority TABLE[…].column`.

    An attribute's STAT, HIGH, MEDIUM, ROUTINE are the first to fourth of the rulebook's priorities, and the name of a
    priority is itself; a cell holds names of priorities.
    """

    level: str | Operand


@frozen(kw_only=True, cache_hash=True)
class RaisePriority(Effect):
    """`raise priority`: one step, once however many rules say it, after the highest."""


@frozen(kw_only=True, cache_hash=True)
class DueWithin(Effect):
    """`[preliminary] due within D [counting TIMES] [from INSTANT]`; `start` None is the clock."""

    within: Length
    preliminary: bool = False
    counting: str | None = None
    start: Operand | None = None


@frozen(kw_only=True, cache_hash=True)
class DueBy(Effect):
    """`due by 12:00 [next Monday | next day | next working day]`: the first such wall time after the clock.

    Without a day, the first 12:00 after the clock; with one, 12:00 on the next such day after the clock's date. `day`
    is "day", "working day" or a weekday 0 (Monday) to 6.
    """

    at: time
    day: str | int | None = None
    preliminary: bool = False


@frozen(kw_only=True, cache_hash=True)
class DueByInstant(Effect):
    """`due by INSTANT [minus D]`. A date alone is its end: midnight of the next day."""

    instant: Operand
    minus: Length | None = None
    preliminary: bool = False


@frozen(kw_only=True, cache_hash=True)
class Tag(Effect):
    """`tag T, T`."""

    tags: tuple[str, ...]


@frozen(kw_only=True, cache_hash=True)
class Notify(Effect):
    """`notify CHANNEL`, at once."""

    channel: str


@frozen(kw_only=True, cache_hash=True)
class AlsoReadBy(Effect):
    """`also read by W [within D]`, or `audit by W within D` when `audit`."""

    worklist: str
    within: Length | None = None
    audit: bool = False


@frozen(kw_only=True, cache_hash=True)
class ReadBy(Effect):
    """`read by N different readers [blind][, disagreement to W][, agreement on CODE to W]`."""

    count: int
    blind: bool = False
    disagreement_to: str | None = None
    agreement: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True, cache_hash=True)
class OnlyReaders(Effect):
    """`only readers with SKILL [and|or SKILL]`, or `show identity only to readers with SKILL` when `identity`."""

    skills: tuple[str, ...]
    combine: str = "and"
    identity: bool = False


@frozen(kw_only=True, cache_hash=True)
class ExcludeReaders(Effect):
    """`exclude readers in ATTRIBUTE, …`."""

    attributes: tuple[AttributeRef, ...]


@frozen(kw_only=True, cache_hash=True)
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


@frozen(kw_only=True, cache_hash=True)
class HoldUntil(Effect):
    """`hold at most D until C`. `until.text` is what the decision shows."""

    at_most: Length
    until: Condition


@frozen(kw_only=True, cache_hash=True)
class OfferTo(Effect):
    """`offer to previous reader within D for D`, `least loaded reader [with SKILL] for D`, `reader in ATTRIBUTE for D`.

    `reader` is "previous reader", "least loaded reader", or the attribute that names one.
    """

    reader: str | AttributeRef
    lasts: Length
    within: Length | None = None
    skill: str | None = None


@frozen(kw_only=True, cache_hash=True)
class ReadTogether(Effect):
    """`read together with same patient, ATTRIBUTE within D`; the same patient counts, named in `attributes` or not."""

    attributes: tuple[str, ...]
    within: Length


@frozen(kw_only=True, cache_hash=True)
class SplitTo(Effect):
    """`split to W, W after D`."""

    worklists: tuple[str, ...]
    after: Length


@frozen(kw_only=True, cache_hash=True)
class NoReport(Effect):
    """`no report needed because "…" under policy "…" until DATE`; the date belongs to the policy."""

    reason: str
    policy: str
    until: date


@frozen(kw_only=True, cache_hash=True)
class MoveTo(Effect):
    """`move to W`, in a watch."""

    worklist: str


@frozen(kw_only=True, cache_hash=True)
class DecideAgain(Effect):
    """`decide again [without "RULE"]`, in a watch."""

    without: str | None = None
