"""Reporting: what a reader files for an item, and what follows from it."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from routing.errors import NotAllowed, NotFound, TransitionRefused
from routing.sources.account import said_at
from routing.sources.entries import ACT, ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.reports import FINALS
from routing.states import Event, Kind, State, is_allowed
from routing.store.records import Evidence, Item, Move
from routing.worklists.answering import answered
from routing.worklists.asked import signing
from routing.worklists.claiming import Claims
from routing.worklists.placing import key
from routing.worklists.readers import TRAINEE
from routing.worklists.rights import require_name

UNREAD: Final = "unread"  # answered opinions on an item that the ones who asked have not read
_SIGNED: Final = frozenset({Kind.REPORT, Kind.ARBITRATE})  # what a trainee cannot end alone
_STATUSES: Final = frozenset(
    {
        ReportStatus.PRELIMINARY,
        ReportStatus.FINAL,
        ReportStatus.CORRECTED,
        ReportStatus.ADDENDUM,
        ReportStatus.WITHDRAWN,
    }
)


class Reports(Claims):
    """Reports, within one transaction."""

    def report(
        self,
        item_id: int,
        status: str,
        report_id: str,
        by: str,
        *,
        token: int | None = None,
        digest: str = "",
        result: str = "",
        sign_off: str | None = None,
    ) -> Item:
        """File a report for an item. Only `final` and `corrected` discharge it; `preliminary` leaves it open.

        What a trainee files is preliminary, whatever it is called.
        """
        require_name(by, "report")
        word = _status(status)
        item = self._held(item_id, token) if token is not None else self.tx.item(item_id)
        holds = item.state is State.CLAIMED and (item.holder == by or token is not None)
        if item.state is State.CLAIMED and not holds and not item.is_free(self.tx.now):
            raise NotAllowed(by, "report", "the token of the claim", item.id)
        if not holds or self.rights.readers_of(item.worklist):  # else nobody's rights on the list can be looked up
            self.rights.require_take(by, item, "report")
        self._check_different(item, by)
        body = {"report_id": report_id, "by": by} | ({"result": result} if result else {})
        if word in FINALS and item.kind in _SIGNED and self.rights.facts(by).grade == TRAINEE:
            # A signature is owed, whatever the text says of itself.
            word, body = ReportStatus.PRELIMINARY, body | {"said": word.value}
        if sign_off is not None and word is not ReportStatus.PRELIMINARY:
            raise TransitionRefused(str(item_id), item.state.value, "report", "only a preliminary report is signed off")
        self._check_reportable(item, word)
        if not isinstance(report_id, str) or not report_id.strip():
            needs = "`report_id` says no report: give what it is called where it is kept"
            raise TransitionRefused(str(item_id), item.state.value, "report", needs)
        evidence = self.tx.add_evidence(
            Evidence(kind="report", procedure=item.procedure, status=word.value, digest=digest, body=body)
        )
        if item.kind is Kind.REPORT and item.procedure is not None:
            item = self._file(item, word, (report_id, by, digest, result), evidence)
        else:
            item = self._done(item, word, (report_id, by), evidence)
        return self._ask_to_sign(item, sign_off, by) if word is ReportStatus.PRELIMINARY else item

    def _check_different(self, item: Item, by: str) -> None:
        """Raise NotAllowed for a reader who has filed another read of the same report, claimed or not."""
        if self._reads_twice(item, by):
            raise NotAllowed(by, "read it twice", "a different reader", item.id)

    def _check_reportable(self, item: Item, word: ReportStatus) -> None:
        event = {
            ReportStatus.PRELIMINARY: Event.PRELIMINARY,
            ReportStatus.WITHDRAWN: Event.WITHDRAW,
            ReportStatus.ADDENDUM: Event.AMEND,
        }.get(word, Event.FINAL_REPORT)
        amends = item.state is State.REPORTED and word in FINALS
        if not is_allowed(item.state, event) and not amends:
            reason = "no images are here yet" if item.state is State.EXPECTED else ""
            raise TransitionRefused(str(item.id), item.state.value, event.value, reason)

    def _file(self, item: Item, word: ReportStatus, what: tuple[str, str, str, str], evidence: int) -> Item:
        report_id, by, digest, result = what
        number, procedure = self._procedure(item)
        reads = [one for one in self.tx.items_of(number) if one.kind is Kind.REPORT]
        entry = ReportEntry(
            status=word,
            raw_status=word.value,
            has_text=True,
            said=said_at(self.tx.now, UTC),
            stamp=self._stamp(procedure),
            digest=digest,
            report_id=report_id,
            readers=(by,),
            source=f"{ACT}{evidence}",
            part=key(item)[1] if len(reads) > 1 else None,
            result=result,
        )
        self._write(number, procedure.with_filed(entry), by, act=entry.source)
        after = self.tx.item(item.id)
        if after.version == item.version:
            # Nothing followed from it, as from an addendum: the history still shows it.
            self.tx.move(after, Move(event=Event.NOTE, actor=by, reason=word.value, evidence=evidence))
        return self.tx.item(item.id)

    def _done(self, item: Item, word: ReportStatus, what: tuple[str, str], evidence: int) -> Item:
        """End an item of another kind by its own report, and tell who asked for it."""
        report_id, by = what
        if word is ReportStatus.PRELIMINARY:
            return self._move(item, Event.PRELIMINARY, by, to=State.PRELIMINARY, evidence=evidence)
        asker = item.details.get("asked_by") if item.kind is Kind.OPINION else None
        changes = {"details": answered(item.details, asker, report_id, self.tx.now)} if asker else None
        done = self._act(item, "done", by, Event.FINAL_REPORT, reason=None, evidence=evidence, changes=changes)
        if asker:
            self._tell(f"reader:{asker}", done, "opinion_answered", by=by)
            self._answered(self.tx.item(item.details["of_item"]), asker, by, done.id)
        return done

    def _answered(self, first: Item, asker: str, by: str, opinion: int) -> None:
        """Show on an item that is still open that the answer to an opinion on it is there, until it is read."""
        if first.is_open:
            unread = [*first.details.get(UNREAD, ()), {"opinion": opinion, "by": asker}]
            self._note(first, by, "an opinion was given", details={**first.details, UNREAD: unread})

    def _ask_to_sign(self, item: Item, supervisor: str | None, by: str) -> Item:
        """Ask one supervisor to sign a draft; who is not there, or does not in time, leaves it to the whole list."""
        if supervisor is None or item.state is not State.PRELIMINARY:
            return item
        require_name(supervisor, "sign off")
        if supervisor == by:
            raise NotAllowed(by, "ask themselves to sign", "another reader", item.id)
        if not self.rights.is_there(supervisor, item.worklist):
            return self._note(
                item, by, f"sign-off: {supervisor} is unknown or not on shift, so it is for all of the list"
            )
        details = signing(item.details, supervisor, self.tx.now, item.due_at)
        item = self._note(item, by, f"sign-off is asked of {supervisor}", details=details)
        self._tell(f"reader:{supervisor}", item, "sign_off_asked", by=by)
        self._keep(item, by)
        return self.tx.item(item.id)


def _status(word: str) -> ReportStatus:
    try:
        status = ReportStatus(word)
    except ValueError:
        status = ReportStatus.UNKNOWN
    if status not in _STATUSES:
        raise NotFound("report status", word)
    return status
