"""Where and when an item waits, what tells items of one procedure apart, and what an item keeps of who may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import asdict, evolve, field, frozen

from routing.decision import Decision
from routing.states import Kind
from routing.store.records import Item
from routing.worklists.owed import Owed

IDENTITY: Final = "identity"  # the kind of limit that says who may see whose it is
_LIMITS: Final = ("only", "exclude", IDENTITY)
LIMITS: Final = "limits"  # in an item's details: who may read it, who may not, who may see whose it is
RESTRICTED: Final = "restricted"  # it is in doubt whose it is: only those who sort that out are told
VIEWS: Final = "views"  # how what neither time nor an act changes of each view's condition comes out, as letters
POSITION: Final = "position"  # the first, second… of several reads
OVERRIDDEN: Final = "overridden"  # what the rules gave where a person has overridden it
BLIND: Final = "blind"  # no reader is told of another read before all are in


@frozen(kw_only=True)
class Place:
    """Where and when an item waits."""

    worklist: str
    priority: str
    rank: int
    due_at: datetime | None
    preliminary_due_at: datetime | None = None
    wake_at: datetime | None = None
    details: Mapping[str, Any] = field(factory=dict)


def key(item: Item) -> tuple[Kind, str]:
    """Return what tells the items of one procedure apart: the kind and the part."""
    return item.kind, str(item.details.get("part", "1"))


def reading_details(decision: Decision, owed: Owed, item: Item | None) -> dict[str, Any]:
    """Return what an item keeps of who may read it: the limits, its place among several reads, whether they are blind.

    What no longer holds is written as empty, so that an older decision does not go on by it.
    """
    several = decision.reads.count > 1 and owed.position > 0
    known = item.details if item is not None else {}
    found = limiting(item, decision)
    if several:
        found[POSITION] = owed.position
    if (several and decision.reads.blind) or known.get(BLIND):
        found[BLIND] = several and decision.reads.blind
    return found


def limiting(item: Item | None, *decisions: Decision, kinds: Iterable[str] = _LIMITS) -> dict[str, Any]:
    """Return what an item keeps of the limits of these kinds that decisions give: each counts, as of every rule."""
    every = dict.fromkeys(limit for one in decisions for limit in one.limits if limit.kind in kinds)
    limits = [asdict(limit) for limit in every]
    if not limits and not (item is not None and item.details.get(LIMITS)):
        return {}
    return {LIMITS: [one | {"skills": list(one["skills"]), "readers": list(one["readers"])} for one in limits]}


def restricting(place: Place, item: Item | None, *, in_doubt: bool) -> Place:
    """Return a place that says whether whose the item is is in doubt; nothing where that never was."""
    if not in_doubt and not (item is not None and item.details.get(RESTRICTED)):
        return place
    return evolve(place, details={**place.details, RESTRICTED: in_doubt})


def gained(place: Place, item: Item) -> dict[str, Any]:
    """Return what is more urgent or due earlier by a decision: never the other way, nor what a person overrode."""
    changes: dict[str, Any] = {}
    given = item.details.get(OVERRIDDEN, {}).get("rank")
    if place.rank < min(item.rank, given["rules"] if given else item.rank):
        changes |= {"priority": place.priority, "rank": place.rank}
    for name in ("due_at", "preliminary_due_at"):
        if (new := earlier_due(getattr(place, name), item, name)) != getattr(item, name):
            changes[name] = new
    return changes


def earlier_due(decided: datetime | None, item: Item | None, name: str = "due_at") -> datetime | None:
    """Return the due of an item when it is decided anew: the earlier, but against a person's only what is news."""
    old: datetime | None = getattr(item, name) if item is not None else None
    if item is None or old is None or decided is None:
        return old or decided
    given = item.details.get(OVERRIDDEN, {}).get(name)
    rules = datetime.fromisoformat(given["rules"]) if given and given["rules"] else old
    return decided if decided < min(old, rules) else old


def overridden(item: Item, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the rules gave and what a person gives instead, of the priority's rank and the due.

    Against it only what is more urgent, or earlier, than the rules said until now counts again. What they have said
    since an earlier override counts as what they say now.
    """
    found = dict(item.details.get(OVERRIDDEN, {}))
    for name in {"rank", "due_at"} & set(changes):
        now, new = _plain(getattr(item, name)), _plain(changes[name])
        before = found.get(name)
        rules = before["rules"] if before and before["person"] == now else now
        found[name] = {"rules": rules, "person": new}
    return found


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def newest_open(items: Iterable[Item], kind: Kind = Kind.REPORT) -> Item | None:
    """Return the newest item of a kind, an open one before a discharged one."""
    mine = [item for item in items if item.kind is kind]
    return max(mine, key=lambda item: (item.is_open, item.id), default=None)


def why(decision: Decision) -> dict[str, Any]:
    """Return the reason path of a decision for the journal; names of rules, no values."""
    return {
        "outcome": decision.outcome.value,
        "rules": list(decision.rules),
        "route_rule": decision.route_rule,
        "undecided": [one.rule for one in decision.undecided],
        "problems": [one.kind for one in decision.problems],
    }
