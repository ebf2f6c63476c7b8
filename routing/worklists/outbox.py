"""The side of those who are told: the change feed, in order and with a cursor, and notices that wait to be delivered.

Both hold what is committed, and nothing else. Neither names a patient or a request unless that is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from attrs import field, frozen

from routing.sources.procedure import Called, called
from routing.store.protocol import Reading
from routing.store.records import JournalRow, Notice
from routing.worklists.again import again
from routing.worklists.asking import passed_to
from routing.worklists.base import Base
from routing.worklists.blinding import Blinds
from routing.worklists.lines import NOBODY


@frozen(kw_only=True)
class Change:
    """One thing that happened to one item. `cursor` rises, perhaps with gaps: ask for what came after the last."""

    cursor: int
    at: datetime
    item: int
    kind: str
    event: str
    source: str | None
    target: str
    worklist: str
    priority: str
    due_at: datetime | None
    holder: str | None
    actor: str
    reason: str | None
    rulebook: str
    passed_to: str | None = None  # the reader or list of a pass
    accession: str | None = field(default=None, repr=False)
    accession_issuer: str | None = field(default=None, repr=False)
    study_uid: tuple[str, ...] = field(default=(), repr=False)

    def as_dict(self, *, identity: bool = False) -> dict[str, Any]:
        """Return the change as `changes --format json` prints it; what it is called only with *identity*."""
        said = {
            "cursor": self.cursor,
            "at": self.at.isoformat(),
            "item": self.item,
            "kind": self.kind,
            "event": self.event,
            "from": self.source,
            "to": self.target,
            "worklist": self.worklist,
            "priority": self.priority,
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "holder": self.holder,
            "actor": self.actor,
            "reason": self.reason,
            "rulebook": self.rulebook,
            "passed_to": self.passed_to,
        }
        called_so = {
            "accession": self.accession,
            "accession_issuer": self.accession_issuer,
            "study_uid": list(self.study_uid),
        }
        return said | called_so if identity else said


Handler = Callable[[Notice], None]
"""What delivers a notice to the outside; that it returns says that it is delivered."""


class Outbox(Base):
    """What others are told of."""

    def changes(
        self, after: int = 0, limit: int = 500, *, identity: bool = False, reader: str | None = None
    ) -> tuple[Change, ...]:
        """
        Return what happened after a cursor, in the order in which it was written, of all items.

        Args:
            after: the cursor of the last change that was seen; 0 for all from the beginning.
            limit: at most so many.
            identity: whether each says what its procedure is called (accession number, issuer, studies).
            reader: to whom it is shown: not told who read what, while reads that are blind are still to come.

        """
        with self._store.reading() as store:
            rows = store.journal_since(after, limit)
            names = names_of(store, [row.procedure for row in rows]) if identity else {}
            blinds = Blinds(store, reader)
            return tuple(blinds.change(change_of(row, names.get(row.procedure or 0, NOBODY))) for row in rows)

    def wait(self, after: int, seconds: float) -> bool:
        """Wait until there is a change after a cursor, at most so long, and return whether there is one."""
        end = time.monotonic() + seconds
        while not self._store.journal_since(after, 1):
            if (left := end - time.monotonic()) <= 0:
                return False
            self._store.woken(left)
        return True

    def notices(self, limit: int = 100) -> tuple[Notice, ...]:
        """Return what is still to be told, oldest first."""
        return self._store.notices(limit)

    def deliver(self, handler: Handler, limit: int = 100) -> int:
        """
        Give what is still to be told to a handler, oldest first, and return how many it took.

        Each is given at least once: what a handler took and nobody could write down as delivered comes again. Nothing
        is given before it is committed. When the handler raises, that notice and the rest stay, and it is raised here.
        """
        taken = 0
        for notice in self._store.notices(limit):
            handler(notice)
            self.mark_told(notice.id)
            taken += 1
        return taken

    @again
    def mark_told(self, notice: int) -> None:
        """Write that a notice was delivered; once more changes nothing. Hosts that use `deliver` need not."""
        with self._writing(self._now()) as tx:
            tx.told(notice)


def names_of(store: Reading, numbers: Iterable[int | None]) -> dict[int, Called]:
    """Return what procedures are called."""
    firsts = store.first_lines([number for number in dict.fromkeys(numbers) if number is not None])
    return {number: called(first) for number, first in firsts.items() if not first.startswith('{"gone":')}


def change_of(row: JournalRow, name: Called) -> Change:
    """Return a row of the journal as a change."""
    return Change(
        cursor=row.seq,
        at=row.at,
        item=row.item,
        kind=row.kind.value,
        event=row.event.value,
        source=row.source.value if row.source else None,
        target=row.target.value,
        worklist=row.worklist,
        priority=row.priority,
        due_at=row.due_at,
        holder=row.holder,
        actor=row.actor,
        reason=row.reason,
        rulebook=row.rulebook,
        passed_to=passed_to(row),
        accession=name.accession,
        accession_issuer=name.accession_issuer,
        study_uid=name.study_uids,
    )
