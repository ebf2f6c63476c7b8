"""What people do with items: claim, release, report, pass, close, reopen. Each names its actor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any, Final

from routing.errors import NotAllowed, NotFound, StaleClaim, TransitionRefused
from routing.sources.account import ACT, ReportEntry, said_at, stamp_of
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure, called, dump
from routing.states import Event, Kind, State, is_allowed
from routing.store.protocol import Writing
from routing.store.records import Evidence, Grant, Item, Move, Reader
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper, key
from routing.worklists.records import Claim
from routing.worklists.rights import BREAK, CLOSE, GRANT, Rights, require_name
from routing.worklists.shelf import StoreShelf, aliases_of, is_gone

LEASE: Final = timedelta(minutes=30)
_CANDIDATES: Final = 64
_STATUSES: Final = frozenset(
    {
        ReportStatus.PRELIMINARY,
        ReportStatus.FINAL,
        ReportStatus.CORRECTED,
        ReportStatus.ADDENDUM,
        ReportStatus.WITHDRAWN,
    }
)


class Acts:
    """The acts of people, within one transaction."""

    def __init__(self, tx: Writing, judge: Judge, rights: Rights, hold: timedelta) -> None:
        self.tx = tx
        self.judge = judge
        self.rights = rights
        self.hold = hold

    # claiming

    def claim(self, item_id: int, by: str, lease: timedelta = LEASE) -> Claim:
        """Put an item into the hands of a reader, until the lease is over."""
        item = self.tx.item(item_id)
        self.rights.require_read(by, item.worklist, "claim")
        if not item.is_free(self.tx.now):
            reason = "somebody else has it" if item.state is State.CLAIMED else ""
            raise TransitionRefused(str(item_id), item.state.value, Event.CLAIM.value, reason)
        if self._reads_twice(item, by):
            raise NotAllowed(by, "read it twice", "a different reader")
        return self._claim(item, by, lease)

    def claim_next(self, reader: str, worklists: Iterable[str] | None = None, lease: timedelta = LEASE) -> Claim | None:
        """Claim the most urgent item that the reader may read; None when there is none."""
        require_name(reader, "claim")
        asked = None if worklists is None else self.rights.require_known(worklists)
        lists = [name for name in self.rights.lists(reader) if asked is None or name in asked]
        if not lists:
            return None
        for item in self.tx.candidates(lists, _CANDIDATES, self.tx.now):
            if item.kind is not Kind.RESOLVE and not self._reads_twice(item, reader):
                return self._claim(item, reader, lease)
        return None

    def _claim(self, item: Item, by: str, lease: timedelta) -> Claim:
        event = Event.SEIZE if item.state is State.CLAIMED else Event.CLAIM
        until = self.tx.now + lease
        return self._as_claim(self._move(item, event, by, changes={"holder": by, "lease_until": until}))

    def _as_claim(self, item: Item) -> Claim:
        name = None
        if item.procedure is not None and not is_gone(row := self.tx.procedure(item.procedure)):
            name = called(row.knowledge)
        return Claim(
            item_id=item.id,
            token=item.token,
            lease_until=item.lease_until or self.tx.now,
            accession=name.accession if name else None,
            study_uids=name.study_uids if name else (),
            worklist=item.worklist,
            holder=item.holder or "",
        )

    def _reads_twice(self, item: Item, reader: str) -> bool:
        """Return whether the reader has another read of the same procedure, which needs different readers."""
        if item.kind is not Kind.REPORT or item.procedure is None:
            return False
        others = [one for one in self.tx.items_of(item.procedure) if one.kind is Kind.REPORT and one.id != item.id]
        same = [one for one in others if key(one)[1].partition(".")[0] == key(item)[1].partition(".")[0]]
        if not same:
            return False
        held = any(one.holder == reader and not one.is_free(self.tx.now) for one in same)
        parts = {key(one)[1] for one in same}
        filed = StoreShelf(self.tx).procedure(item.procedure).filed
        return held or any(entry.part in parts and reader in entry.readers for entry in filed)

    def renew(self, claim: Claim, lease: timedelta = LEASE) -> Claim:
        """Lengthen the lease of a claim, counted from now."""
        item = self._held(claim.item_id, claim.token)
        return self._as_claim(self._move(item, Event.RENEW, claim.holder, changes={"lease_until": self.tx.now + lease}))

    def release(self, item_id: int, by: str, token: int | None = None) -> Item:
        """Give an item back to its list; somebody else's claim is broken only with a grant."""
        require_name(by, "release")
        item = self.tx.item(item_id)
        if item.state is not State.CLAIMED:
            raise TransitionRefused(str(item_id), item.state.value, Event.RELEASE.value)
        if token is not None:
            item = self._held(item_id, token)
        if item.holder == by:
            moved = self._move(item, Event.RELEASE, by)
        else:
            self.rights.require(by, BREAK, item.worklist)
            moved = self._move(item, Event.BREAK, by, reason=f"claim of {item.holder} broken")
        self._keep(moved, by)
        return self.tx.item(item_id)

    def _held(self, item_id: int, token: int) -> Item:
        item = self.tx.item(item_id)
        if item.state is not State.CLAIMED or item.token != token:
            raise StaleClaim(str(item_id), token)
        return item

    # reporting

    def report(
        self, item_id: int, status: str, report_id: str, by: str, *, token: int | None = None, digest: str = ""
    ) -> Item:
        """File a report for an item. Only `final` and `corrected` discharge it; `preliminary` leaves it open."""
        require_name(by, "report")
        word = _status(status)
        item = self._held(item_id, token) if token is not None else self.tx.item(item_id)
        holds = item.state is State.CLAIMED and (item.holder == by or token is not None)
        if item.state is State.CLAIMED and not holds and not item.is_free(self.tx.now):
            raise NotAllowed(by, "report", "the token of the claim")
        if not holds:
            self.rights.require_read(by, item.worklist, "report")
        self._check_reportable(item, word)
        if not isinstance(report_id, str) or not report_id.strip():
            needs = "`report_id` says no report: give what it is called where it is kept"
            raise TransitionRefused(str(item_id), item.state.value, "report", needs)
        evidence = self.tx.add_evidence(
            Evidence(
                kind="report",
                procedure=item.procedure,
                status=word.value,
                digest=digest,
                body={"report_id": report_id, "by": by},
            )
        )
        if item.kind is Kind.REPORT and item.procedure is not None:
            return self._file(item, word, (report_id, by, digest), evidence)
        return self._done(item, word, by, evidence)

    def _check_reportable(self, item: Item, word: ReportStatus) -> None:
        event = {
            ReportStatus.PRELIMINARY: Event.PRELIMINARY,
            ReportStatus.WITHDRAWN: Event.WITHDRAW,
            ReportStatus.ADDENDUM: Event.AMEND,
        }.get(word, Event.FINAL_REPORT)
        amends = item.state is State.REPORTED and word in {ReportStatus.FINAL, ReportStatus.CORRECTED}
        if not is_allowed(item.state, event) and not amends:
            reason = "no images are here yet" if item.state is State.EXPECTED else ""
            raise TransitionRefused(str(item.id), item.state.value, event.value, reason)

    def _file(self, item: Item, word: ReportStatus, what: tuple[str, str, str], evidence: int) -> Item:
        report_id, by, digest = what
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
        )
        self._write(number, procedure.with_filed(entry), by, act=entry.source)
        after = self.tx.item(item.id)
        if after.version == item.version:
            # Nothing followed from it, as from an addendum: the history still shows it.
            self.tx.move(after, Move(event=Event.NOTE, actor=by, reason=word.value, evidence=evidence))
        return self.tx.item(item.id)

    def _done(self, item: Item, word: ReportStatus, by: str, evidence: int) -> Item:
        """End an item of another kind by its own report."""
        if word is ReportStatus.PRELIMINARY:
            return self._move(item, Event.PRELIMINARY, by, to=State.PRELIMINARY, evidence=evidence)
        return self._act(item, "done", by, Event.FINAL_REPORT, reason=None, evidence=evidence)

    # passing, closing, reopening

    def pass_to(self, item_id: int, worklist: str, by: str, reason: str, token: int | None = None) -> Item:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back."""
        item = self._held(item_id, token) if token is not None else self.tx.item(item_id)
        self.rights.require_read(by, item.worklist, "pass")
        if worklist not in self.judge.lists:
            raise NotFound("worklist", worklist)
        if item.state is State.CLAIMED and item.holder != by and not item.is_free(self.tx.now):
            raise NotAllowed(by, "pass", "the token of the claim")
        changes = {"worklist": worklist, "details": {**item.details, "passed": worklist}}
        to = None if item.state is State.CLAIMED else item.state
        return self._move(item, Event.PASS, by, to=to, changes=changes, reason=reason)

    def close(self, item_id: int, by: str, reason: str, policy: str = "") -> Item:
        """End an item without a report: by a person with the grant, with a reason; `reopen` takes it back."""
        item = self.tx.item(item_id)
        self.rights.require(by, CLOSE, item.worklist)
        body = {"by": by, "policy": policy, "reason": reason}
        evidence = self.tx.add_evidence(Evidence(kind="closure", procedure=item.procedure, body=body))
        return self._act(item, "closed", by, Event.CLOSE, reason=reason, evidence=evidence)

    def reopen(self, item_id: int, by: str, reason: str) -> Item:
        """Bring discharged work back, with its original clock."""
        require_name(by, "reopen")
        return self._act(self.tx.item(item_id), "reopened", by, Event.REOPEN, reason=reason, evidence=None)

    def _act(self, item: Item, what: str, by: str, event: Event, *, reason: str | None, evidence: int | None) -> Item:
        if item.procedure is None:
            return self._move(item, event, by, to=_back(event), reason=reason, evidence=evidence)
        number, procedure = self._procedure(item)
        kind, part = key(item)
        done = procedure.with_act(kind.value, part, what, self._stamp(procedure))
        self.tx.change_procedure(number, dump(done), aliases_of(done))
        to = State.EXPECTED if event is Event.REOPEN and not procedure.images_here else _back(event)
        self._move(item, event, by, to=to, reason=reason, evidence=evidence)
        self._keeper(by).keep(number, done)
        return self.tx.item(item.id)

    # rights

    def grant(self, actor: str, act: str, by: str, *, scope: str = "", reason: str = "", given: bool = True) -> None:
        """Give a right, or take it back. The first grant of a store needs none; it includes the right to grant."""
        require_name(by, "grant")
        require_name(actor, "grant")
        if not self.tx.grants():
            self.tx.grant(Grant(actor=by, act=GRANT, by=by, reason="the first grant of this store"))
        self.rights.require(by, GRANT)
        self.tx.grant(Grant(actor=actor, act=act, scope=scope, given=given, by=by, reason=reason))

    def put_reader(self, reader: Reader, by: str) -> None:
        """Add or change a reader of the store's directory."""
        require_name(by, "change readers")
        if self.tx.grants():
            self.rights.require(by, GRANT)
        self.tx.put_reader(reader)

    # the common part

    def _procedure(self, item: Item) -> tuple[int, Procedure]:
        if item.procedure is None:
            raise NotFound("procedure of item", str(item.id))
        return item.procedure, StoreShelf(self.tx).procedure(item.procedure)

    def _stamp(self, procedure: Procedure) -> int:
        return max(stamp_of(self.tx.at), procedure.latest + 1)

    def _write(self, number: int, procedure: Procedure, by: str, *, act: str = "") -> None:
        self.tx.change_procedure(number, dump(procedure), aliases_of(procedure))
        keeper = self._keeper(by)
        keeper.act = act
        keeper.keep(number, procedure)

    def _keep(self, item: Item, by: str) -> None:
        if item.procedure is not None:
            self._keeper(by).keep(item.procedure, StoreShelf(self.tx).procedure(item.procedure))

    def _keeper(self, by: str) -> Keeper:
        return Keeper(self.tx, self.judge, hold=self.hold, actor=by)

    def _move(
        self,
        item: Item,
        event: Event,
        by: str,
        *,
        to: State | None = None,
        changes: dict[str, Any] | None = None,
        reason: str | None = None,
        evidence: int | None = None,
    ) -> Item:
        return self.tx.move(
            item, Move(event=event, actor=by, to=to, changes=changes or {}, reason=reason, evidence=evidence)
        )


def _back(event: Event) -> State | None:
    return State.WAITING if event is Event.REOPEN else None


def _status(word: str) -> ReportStatus:
    try:
        status = ReportStatus(word)
    except ValueError:
        status = ReportStatus.UNKNOWN
    if status not in _STATUSES:
        raise NotFound("report status", word)
    return status
