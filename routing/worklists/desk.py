"""The side of readers: claiming, reporting, passing on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from routing.worklists.acts import LEASE
from routing.worklists.again import again
from routing.worklists.base import Base, which
from routing.worklists.records import Claim, Line


class Desk(Base):
    """What readers do."""

    @again
    def claim(self, item: int, by: str, *, lease: timedelta = LEASE) -> Claim:
        """Put an item into the hands of a reader. Raises TransitionRefused, NotAllowed, NotFound."""
        with self._acting() as acts:
            return acts.claim(item, by, lease)

    @again
    def claim_next(
        self, reader: str, *, worklists: Iterable[str] | None = None, lease: timedelta = LEASE
    ) -> Claim | None:
        """Claim the most urgent item that the reader may read; None when there is none. There is one winner."""
        with self._acting() as acts:
            return acts.claim_next(reader, worklists, lease)

    @again
    def renew(self, claim: Claim, *, lease: timedelta = LEASE) -> Claim:
        """Lengthen a claim's lease, counted from now. Raises StaleClaim."""
        with self._acting() as acts:
            return acts.renew(claim, lease)

    @again
    def release(self, claim: Claim | int, by: str | None = None, *, token: int | None = None) -> Line:
        """Give an item back to its list. Another's claim is broken only with a grant. Raises StaleClaim, NotAllowed."""
        item, by, token = which(claim, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.release(item, by, token))

    @again
    def report(
        self,
        what: Claim | int | str,
        status: str,
        report_id: str,
        by: str | None = None,
        *,
        token: int | None = None,
        digest: str = "",
    ) -> Line:
        """
        File a report for a claim, an item or an accession number; return the item as it then stands.

        Args:
            what: the claim, the number of an item, or an accession number with one report owed.
            status: preliminary, final, corrected, addendum or withdrawn. Only final and corrected discharge.
            report_id: what the report is called where it is kept; without one it is refused.
            by: who reports; the holder of the claim where None.
            token: the claim's token, where *what* is not the claim itself.
            digest: what tells its text from another's, where the host knows.

        Raises:
            StaleClaim: the claim is not the current one.
            NotAllowed, TransitionRefused, NotFound: it may not, cannot, or is nowhere. Nothing is written.

        """
        item, by, token = which(self._asking().item_named(what) if isinstance(what, str) else what, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.report(item, status, report_id, by, token=token, digest=digest))

    @again
    def pass_to(
        self, item: Claim | int, worklist: str, by: str | None = None, reason: str = "", *, token: int | None = None
    ) -> Line:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back."""
        number, by, token = which(item, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.pass_to(number, worklist, by, reason, token))
