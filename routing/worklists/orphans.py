"""Lists that nobody may read: what waits there waits for nobody, however sound the store is (I27)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from routing.errors import RoutingError
from routing.states import OPEN
from routing.store.protocol import Reading, Store
from routing.store.records import Verification
from routing.worklists.changing import loaded
from routing.worklists.judging import Judge
from routing.worklists.readers import Readers, names_of
from routing.worklists.rights import READ, SKILL, Rights

UNREAD: Final = "lists_nobody_may_read"  # as a figure of `verify`


@frozen(kw_only=True)
class Orphan:
    """A list that nobody may read, and how many open items are on it."""

    worklist: str
    open: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as `counts --format json` prints it."""
        return {"worklist": self.worklist, "open": self.open}


def orphans(store: Reading, rights: Rights, readers: Readers) -> tuple[Orphan, ...]:
    """
    Return the lists that nobody of the directories, and nobody by a grant, may read; the fullest first.

    A list for everyone is nobody's orphan. Where the host's directory is a function it cannot be asked whom it knows,
    and nothing is said of the lists that ask for a skill.

    Args:
        store: the store, with its own directory and its grants.
        rights: who may do what by the active rulebook, as of now: a skill that is out of date counts no more.
        readers: the host's own directory.

    """
    theirs = names_of(readers)
    granted = [one.actor for one in store.grants() if one.act == READ or one.act.startswith(SKILL)]
    names = dict.fromkeys((*(theirs or ()), *(one.name for one in store.readers()), *granted))
    held = _open_on(store)
    found = [
        Orphan(worklist=name, open=held.get(name, 0))
        for name in (one.code for one in store.worklists() if one.status != "retired")
        if _can_be_told(name, rights, is_listed=theirs is not None) and not _is_read(name, names, rights)
    ]
    return tuple(sorted(found, key=lambda one: (-one.open, one.worklist)))


def _can_be_told(worklist: str, rights: Rights, *, is_listed: bool) -> bool:
    readers = rights.readers_of(worklist)
    if readers is None:
        return True  # no rulebook that the store remembers had it: it is read by a grant alone
    return bool(readers.skills) and is_listed


def _is_read(worklist: str, names: Iterable[str], rights: Rights) -> bool:
    return any(rights.may_read(name, worklist) for name in names)


def _open_on(store: Reading) -> dict[str, int]:
    held: dict[str, int] = {}
    for row in store.counts():
        if row.state in OPEN:
            held[row.worklist] = held.get(row.worklist, 0) + row.count
    return held


def with_orphans(found: Verification, ask: Callable[[], Iterable[Orphan]]) -> Verification:
    """Return what `verify` found with the lists that nobody may read among its figures: they never make it unsound.

    A store that is too damaged to say is left as it was found.
    """
    try:
        alone = {one.worklist: one.open for one in ask()}
    except (RoutingError, ValueError):
        return found
    return evolve(found, figures={**found.figures, UNREAD: alone})


def unread_in(store: Store, now: datetime) -> tuple[Orphan, ...]:
    """Return the orphans of a store by its active rulebook and its own directory; none where it has no rulebook."""
    kept = store.active_rulebook()
    if kept is None:
        return ()
    judge = Judge(loaded(kept))
    return orphans(store, Rights(store, judge, now=now), None)
