"""The side of readers: claiming, reporting, passing on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

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

    def claimed(self, item: int, by: str, token: int) -> Claim:
        """Return a claim by its token, as for a host that kept only that. Raises StaleClaim."""
        with self._acting() as acts:
            return acts.claimed(item, by, token)

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
        result: str = "",
        sign_off: str | None = None,
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
            result: what was found, in a code of the department's (`RECALL`): several reads are held together by it.
            sign_off: of a preliminary report, the supervisor who is asked to sign; who is not there leaves it to all.

        Raises:
            StaleClaim: the claim is not the current one.
            NotAllowed, TransitionRefused, NotFound: it may not, cannot, or is nowhere. Nothing is written.

        """
        item, by, token = which(self._asking().item_named(what) if isinstance(what, str) else what, by, token)
        with self._acting() as acts:
            return self._line(
                acts,
                acts.report(item, status, report_id, by, token=token, digest=digest, result=result, sign_off=sign_off),
            )

    @again
    def wrong_patient(self, item: int, by: str, reason: str, *, other: int | None = None) -> Line:
        """
        Take back the report of an item because it is another patient's; both sides are open, and whose they are hidden.

        Each side whose images are here has a `resolve` item besides. Until that has been dealt with, or a newer final
        report is there, only who reads the exceptions worklist is told whose the items are.

        Args:
            item: the number of the item that the report was filed for.
            by: who says so.
            reason: why; it is kept. Write no names into it.
            other: the item of the patient whose report it is, where that is known; its report is taken back too.

        Raises:
            NotAllowed: *by* may not read the item. TransitionRefused: an item is owed no report, or no reason is given.

        """
        with self._acting() as acts:
            return self._line(acts, acts.wrong_patient(item, by, reason, other))

    @again
    def pass_to(
        self,
        item: Claim | int,
        worklist: str,
        by: str | None = None,
        reason: str = "",
        *,
        token: int | None = None,
        accept: bool = False,
    ) -> Line:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back.

        With *accept* it stays where it is until a reader of that list accepts it, and goes nowhere if nobody does.
        """
        number, by, token = which(item, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.pass_to(number, worklist, by, reason, token, accept=accept))

    @again
    def hand_to(
        self, item: Claim | int, reader: str, by: str | None = None, reason: str = "", *, token: int | None = None
    ) -> Line:
        """Pass an item to one reader, with a reason: until they `accept`, its own list stays responsible for it.

        Where they neither accept nor decline within eight hours, the pass is over, and who passed it is told.
        """
        number, by, token = which(item, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.hand_to(number, reader, by, reason, token))

    @again
    def accept(self, item: int, by: str, *, lease: timedelta = LEASE) -> Claim:
        """Take what was passed to this reader, or to a list that they read. Raises TransitionRefused, NotAllowed."""
        with self._acting() as acts:
            return acts.accept(item, by, lease)

    @again
    def decline(self, item: int, by: str, reason: str) -> Line:
        """Give back what was passed to this reader, with a reason; who passed it is told."""
        with self._acting() as acts:
            return self._line(acts, acts.decline(item, by, reason))

    @again
    def skip(self, item: int, by: str, reason: str) -> Line:
        """Write that a reader passed an item over, and why. It stays where it is."""
        with self._acting() as acts:
            return self._line(acts, acts.skip(item, by, reason))

    @again
    def ask_opinion(
        self,
        item: int,
        of: str | None = None,
        by: str = "",
        question: str = "",
        *,
        worklist: str | None = None,
        due: timedelta | datetime | None = None,
    ) -> Line:
        """
        Ask a colleague, or a list, for a second opinion; return the `opinion` item, which stands beside the first.

        It is answered by `report` with status `final`. It neither closes nor reopens the first item.

        Args:
            item: the number of the item it is about, open or discharged.
            of: the reader who is asked; after the due, or where None, whoever reads the list.
            by: who asks, and is told of the answer.
            question: what is asked. It is kept in the journal: write no names into it.
            worklist: where it waits; where None, as the rules `for opinion` say, else on the first item's list.
            due: by when, aware, or how long from now; where None as the rules say.

        """
        with self._acting() as acts:
            return self._line(acts, acts.ask_opinion(item, by, question, of=of, worklist=worklist, due=due))

    @again
    def acknowledge(self, item: int, by: str) -> Line:
        """Write that the one who asked for an opinion has read its answer."""
        with self._acting() as acts:
            return self._line(acts, acts.acknowledge(item, by))
