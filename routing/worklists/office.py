"""The side of those who answer for the lists: closing, reopening, rights, readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from routing.store.records import Reader
from routing.worklists.again import again
from routing.worklists.asking import Asking
from routing.worklists.base import Base
from routing.worklists.erasing import Erased, redact
from routing.worklists.originals import Original, original
from routing.worklists.records import Line


class Office(Base):
    """What is done by a right that was given."""

    @again
    def close_item(self, item: int, by: str, reason: str, policy: str = "") -> Line:
        """End an item without a report: needs a grant `close` and a reason. `reopen` takes it back."""
        with self._acting() as acts:
            return self._line(acts, acts.close(item, by, reason, policy))

    @again
    def reopen(self, item: int, by: str, reason: str) -> Line:
        """Bring discharged work back, with its original clock."""
        with self._acting() as acts:
            return self._line(acts, acts.reopen(item, by, reason))

    @again
    def override(
        self,
        item: int,
        by: str,
        reason: str,
        *,
        priority: str | None = None,
        due_at: datetime | None = None,
        worklist: str | None = None,
    ) -> Line:
        """Change what the rules gave: `lower`, `lengthen` and `reassign` are rights of their own.

        From then on only what is more urgent, or due earlier, than the rules said at that moment counts again.
        """
        with self._acting() as acts:
            changed = acts.override(item, by, reason, priority=priority, due_at=due_at, worklist=worklist)
            return self._line(acts, changed)

    @again
    def input(self, number: int, by: str) -> Original:
        """Return an input as it was received: to whoever may take the item that holds it, or has the grant `inspect`.

        The history of a `resolve` item says the number of its input. Raises NotFound, NotAllowed.
        """
        with self._acting() as acts:
            return original(acts.tx, acts.rights, number, by)

    @again
    def redact(self, accession: str, by: str, reason: str) -> Erased:
        """Erase who the patient of discharged work was, by the grant `redact`; what happened, and its chain, stay."""
        with self._acting() as acts:
            found = Asking(acts.tx, self._judge, acts.rights, acts.tx.now).find(accession, None, None)
            return redact(acts.tx, acts.rights, [number for number, _ in found], by, reason)

    @again
    def grant(self, actor: str, act: str, by: str, *, scope: str = "", reason: str = "", given: bool = True) -> None:
        """Give a right, or take it back. The first grant of a store makes its giver the one who may grant."""
        with self._acting() as acts:
            acts.grant(actor, act, by, scope=scope, reason=reason, given=given)

    @again
    def put_reader(
        self,
        name: str,
        skills: Sequence[str],
        by: str,
        *,
        grade: str = "",
        on_shift: bool = True,
        sites: Sequence[str] = (),
    ) -> None:
        """Add or change a reader in the store's own directory: needs the grant `grant`, or a store without any."""
        body = {"grade": grade, "on_shift": on_shift, "sites": list(sites)}
        with self._acting() as acts:
            acts.put_reader(Reader(name=name, skills=tuple(skills), body=body), by)
