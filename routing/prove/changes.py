"""What an edit changes: the studies that two rulebooks decide differently, or the proof that there are none.

Only rules that differ are looked at: where a study goes is compared winner by winner (`routed`), everything else effect
by effect (`granted`). Each change found is decided by both books before it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from routing.compile import Compiled
from routing.decide import REPORT
from routing.prove.change import FIELDS, Change, Changes, More, differing, kept, later
from routing.prove.granted import Granted
from routing.prove.guarantees import all_broken
from routing.prove.prover import Prover
from routing.prove.routed import Routed
from routing.prove.search import Search
from routing.prove.sides import Both
from routing.prove.space import Space
from routing.prove.telling import Telling

__all__ = ["FIELDS", "Change", "Changes", "More", "changes", "differing", "later"]


def changes(old: Compiled, new: Compiled, *, every: bool = False) -> Changes:
    """Return the studies that *new* decides differently from *old*; all of them with *every*, else those that fit."""
    if old.fingerprint == new.fingerprint:
        return Changes(found=())
    space = Space.of(old, new)
    search = Search(space.facets)
    telling = Telling(every=every)
    for name in sorted(space.world.moved):
        if space.facet(name) is not None:
            telling.doubts.append(f"what changes where `{name}` is read from elsewhere: count it among real studies")
    found = [*_broken(space, old, new, telling)]
    for kind in dict.fromkeys((REPORT, *old.kinds, *new.kinds)):
        both = Both(*(Prover(space, book, kind, search) for book in (old, new)))
        found += Routed(both, telling).changes()
        found += Granted(both, telling).changes()
    return Changes(found=tuple(_once(found)), undecided=tuple(dict.fromkeys(telling.doubts)), more=telling.more())


def _broken(space: Space, old: Compiled, new: Compiled, telling: Telling) -> Iterator[Change]:
    """Yield a study for each guarantee that one of the books keeps only as a guard.

    Where both do, what the guard passes over may differ as well: that is not looked into, so it stays open.
    """
    for book in (old, new):
        for one in all_broken([Prover(space, book)]) if book.guards else ():
            if one.study is None:
                telling.doubts.append(one.finding.message)
                continue
            before, after = (one.study.decide(each) for each in (old, new))
            if kept(before) == kept(after):
                telling.doubts.append(f"whether anything changes where a guarantee is kept: {one.finding.message}")
                continue
            where = f"studies that break the guarantee `{min(kept(before) ^ kept(after))}`"
            yield Change(where=where, study=one.study, before=before, after=after)


def _once(found: Sequence[Change]) -> Iterator[Change]:
    """Yield each change once: the same place, the same fields, the same lists."""
    seen: set[tuple[Any, ...]] = set()
    for one in found:
        key = (one.where, one.fields, one.before.worklist, one.after.worklist)
        if key not in seen:
            seen.add(key)
            yield one
