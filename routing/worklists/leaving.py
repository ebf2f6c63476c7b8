"""Who may read a list that the rulebook no longer has: whoever could when it still had it.

Work that is left on such a list, and reports that were filed from it, are still somebody's. What each rulebook says of
its lists is therefore kept when it is activated, and what an earlier one said of a list that is gone is not forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from routing.store.protocol import Reading, Writing
from routing.worklists.judging import Judge, ListReaders

_READERS: Final = "readers of lists"  # the remark: each list with its skills and how they combine


def keep_readers(tx: Writing, judge: Judge) -> None:
    """Keep who may read each list of the rulebook that is being activated."""
    kept = _kept(tx)
    for name, readers in judge.lists.items():
        kept[name] = {"skills": list(readers.skills), "combine": readers.combine}
    tx.remark(_READERS, json.dumps(kept, sort_keys=True))


def readers_before(store: Reading, judge: Judge) -> Mapping[str, ListReaders]:
    """Return who may read each list that this rulebook lacks, as the latest that had it said."""
    return {
        name: ListReaders(skills=tuple(readers["skills"]), combine=readers["combine"])
        for name, readers in _kept(store).items()
        if name not in judge.lists
    }


def _kept(store: Reading) -> dict[str, dict[str, Any]]:
    return dict(json.loads(store.meta(_READERS) or "{}"))
