"""Reports that wait for their images, and answers for their reader: which procedures to look at again, and when.

Neither has an open item that could carry a wake time, so the store keeps a remark for each day: the procedures whose
time comes that day. A day's remark is small, and empty when its day has been dealt with.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from routing.store.protocol import Reading, Writing

_DAY: Final = "parked.{}"
_DAYS: Final = "parked"  # the days that have a remark


def park(tx: Writing, procedure: int, until: datetime) -> None:
    """Write that a procedure is to be looked at again at that instant; an earlier note of it is replaced."""
    days = _days(tx)
    stamp = until.astimezone(UTC).isoformat()
    day = stamp[:10]
    notes = _notes(tx, day)
    if notes.get(str(procedure)) == stamp:
        return
    unpark(tx, procedure)
    tx.remark(_DAY.format(day), json.dumps(_notes(tx, day) | {str(procedure): stamp}))
    if day not in days:
        tx.remark(_DAYS, json.dumps(sorted({*_days(tx), day})))


def unpark(tx: Writing, procedure: int) -> None:
    """Write that nothing of this procedure waits any more."""
    for day in _days(tx):
        notes = _notes(tx, day)
        if notes.pop(str(procedure), None) is not None:
            tx.remark(_DAY.format(day), json.dumps(notes))
            if not notes:
                tx.remark(_DAYS, json.dumps([one for one in _days(tx) if one != day]))


def parked_over(store: Reading, now: datetime) -> dict[int, datetime]:
    """Return the procedures whose time has come, the earliest first, with when it came."""
    today = now.astimezone(UTC).isoformat()[:10]
    found = [
        (at, int(procedure))
        for day in _days(store)
        if day <= today
        for procedure, stamp in _notes(store, day).items()
        if (at := datetime.fromisoformat(stamp)) <= now
    ]
    return {procedure: at for at, procedure in sorted(found)}


def _days(store: Reading) -> list[str]:
    return list(json.loads(store.meta(_DAYS) or "[]"))


def _notes(store: Reading, day: str) -> dict[str, str]:
    return dict(json.loads(store.meta(_DAY.format(day)) or "{}"))
