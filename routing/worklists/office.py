"""The side of those who answer for the lists: closing, reopening, rights, readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from routing.errors import NaiveMoment
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
        """
        Give a right, or take it back. The first grant of a store makes its giver the one who may grant.

        Args:
            actor: who may.
            act: close, break, lower, lengthen, reassign or read, which may be for one list alone; activate, grant,
                redact, inspect; `read:SKILL`, to read what asks for that skill.
            by: who gives it, by the right `grant`; it is kept.
            scope: the list that it is for; for all of them where empty.
            reason: why; it is kept.
            given: False takes it back.

        Raises:
            NotAllowed: without the right, or to take back the last right to grant. NotFound: there is no such right.

        """
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
        until: Mapping[str, date] | None = None,
    ) -> None:
        """
        Add or change a reader in the store's own directory: needs the grant `grant`, or a store without any.

        Args:
            name: the reader; what was known of them before is replaced.
            skills: of the rulebook's skills, those that they have.
            by: who says so; it is kept.
            grade: the host's word; what a `trainee` files as final is preliminary.
            on_shift: whether they are at work; who is not is not waited for.
            sites: where they work, for the host.
            until: a skill's last day, in the rulebook's zone, or the instant, aware, from which it counts no more.

        Raises:
            NotAllowed: without the right. NotFound: there is no such skill. NaiveMoment: an instant has no time zone.

        """
        ends = {skill: _ending(end) for skill, end in (until or {}).items()}
        body = {"grade": grade, "on_shift": on_shift, "sites": list(sites)} | ({"until": ends} if ends else {})
        with self._acting() as acts:
            acts.put_reader(Reader(name=name, skills=tuple(skills), body=body), by)

    @again
    def drop_reader(self, name: str, by: str, reason: str) -> int:
        """
        Write that a reader has left: what is asked of them alone is for all of its list again, and its history says so.

        It is for readers of a host's own directory too, which nobody can watch. Needs what `put_reader` needs; returns
        how many items were asked of them. What they have in hand stays theirs until the lease is over.

        Raises:
            NotAllowed: without the right, or without a reason. NotFound: nobody knows the reader.

        """
        with self._acting() as acts:
            return acts.drop_reader(name, by, reason)


def _ending(end: date) -> str:
    if not isinstance(end, datetime):
        return end.isoformat()
    if end.tzinfo is None:
        raise NaiveMoment("until")
    return end.astimezone(UTC).isoformat()
