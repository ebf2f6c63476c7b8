"""The kinds of what effects give: what is combined with its like."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from routing.program import (
    AlsoReadBy,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    EscalateTo,
    ExcludeReaders,
    HoldUntil,
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


class Kind(Enum):
    """What sort of thing is given. A default (`otherwise`) counts only for a kind that no rule gave."""

    ROUTE = "route"
    PRIORITY = "priority"
    RAISE = "raise priority"
    DUE = "due"
    PRELIMINARY = "preliminary due"
    TAGS = "tags"
    NOTIFY = "notify"
    ALSO = "also read by"
    AUDIT = "audit by"
    READS = "read by"
    ONLY = "only readers"
    EXCLUDE = "exclude readers"
    IDENTITY = "show identity"
    ESCALATE = "escalate"
    HOLD = "hold"
    OFFER = "offer"
    TOGETHER = "read together"
    SPLIT = "split"
    CLOSE = "no report needed"

    __hash__ = object.__hash__  # each is itself alone; that of an enumeration is worked out from its name each time


WITH_ROUTE: Final = frozenset({Kind.ESCALATE, Kind.HOLD, Kind.OFFER, Kind.TOGETHER, Kind.SPLIT})
"""What belongs to the list: it counts from the rule that wins the route and from rules that have no `route to`."""


def kind_of(effect: Effect) -> Kind:
    """Return the kind of what an effect of a rule gives, if it gives anything."""
    match effect:
        case DueWithin(preliminary=True) | DueBy(preliminary=True) | DueByInstant(preliminary=True):
            return Kind.PRELIMINARY
        case AlsoReadBy(audit=audit):
            return Kind.AUDIT if audit else Kind.ALSO
        case OnlyReaders(identity=identity):
            return Kind.IDENTITY if identity else Kind.ONLY
        case _:
            return _KINDS[type(effect)]


_KINDS: Final[Mapping[type[Effect], Kind]] = {
    RouteTo: Kind.ROUTE,
    PriorityIs: Kind.PRIORITY,
    RaisePriority: Kind.RAISE,
    DueWithin: Kind.DUE,
    DueBy: Kind.DUE,
    DueByInstant: Kind.DUE,
    Tag: Kind.TAGS,
    Notify: Kind.NOTIFY,
    ReadBy: Kind.READS,
    ExcludeReaders: Kind.EXCLUDE,
    EscalateTo: Kind.ESCALATE,
    HoldUntil: Kind.HOLD,
    OfferTo: Kind.OFFER,
    ReadTogether: Kind.TOGETHER,
    SplitTo: Kind.SPLIT,
    NoReport: Kind.CLOSE,
}
