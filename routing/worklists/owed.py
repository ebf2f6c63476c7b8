"""What work is owed on a procedure, by everything that is known of it: DESIGN 5.1 as one pure function.

The same knowledge owes the same work, whatever came first. What owes a person's attention (`resolve`) is owed for as
long as the knowledge contradicts itself: a later message may settle it, and a person may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from routing.decision import Decision
from routing.sources.account import instant_of, stamp_of
from routing.sources.entries import ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure
from routing.sources.reports import Timeline, timeline
from routing.states import Kind, State
from routing.worklists.reads import Read, filed, filed_final, in_force, reads_of, shared, verdict
from routing.worklists.rounds import Round, rounds

HOLD: Final = timedelta(hours=1)  # how long after the first image a report that came before it covers more of them
PARKED_AT_LEAST: Final = timedelta(hours=1)  # a report whose due had passed when it came still waits so long for images
PARKED_AT_MOST: Final = timedelta(days=1)  # and so long where nothing is due

REASONS: Final = {
    "report_withdrawn": "the report was withdrawn or cancelled",
    "wrong_patient": "the report was filed for the wrong patient",
    "blank_report": "the report has no text",
    "preliminary_after_final": "a preliminary report is newer than the final",
    "reports_differ": "two final reports differ",
    "cancelled_with_images": "the order is cancelled, but images are here",
    "patient_conflict": "another patient is named for the same images or number",
    "accession_collision": "two patients share the accession number",
    "issuer_unclear": "the accession number could be that of two issuers",
    "report_unclear": "the report could be about two procedures",
    "no_key": "nothing says which procedure this is",
    "report_without_images": "a report is here, but no images came by the time they were due",
    "reads_missing": "a final report came, but not all of its reads",
}

WHOSE: Final = frozenset({"wrong_patient", "patient_conflict"})  # the reasons for which it is in doubt whose it is
_OPENING: Final = frozenset({"wrong_patient", "report_withdrawn", "reports_differ"})  # those that open a report again


@frozen(kw_only=True)
class Owed:
    """One item that should be, and how it should stand.

    `part` tells items of one kind apart: the number of a report or read, the reason of a `resolve`. `state` is where it
    belongs if nobody holds it. `since` is the stamp of what last gave cause for it: a person's closure older than that
    does not stand. `reason` says why in words, `evidence` names the input that discharges it or showed it. `entry` is
    the report that discharges it, or the draft that stands. `worklist` and `due_at` are its own where it does not wait
    where the decision says, as a further read or an arbitration. `position` is its place among several reads, else 0.
    `begins` is when the images of a further order came, from which its due counts. `reports` are those about it.
    """

    kind: Kind
    part: str
    state: State
    since: int
    reason: str = ""
    evidence: str = ""
    entry: ReportEntry | None = None
    worklist: str | None = None
    due_at: datetime | None = None
    position: int = 0
    begins: datetime | None = None
    reports: tuple[ReportEntry, ...] = field(default=(), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether work is still owed."""
        return self.state not in {State.REPORTED, State.CLOSED, State.SUPERSEDED}


def work_owed(
    procedure: Procedure, *, now: datetime, decision: Decision | None = None, hold: timedelta = HOLD
) -> tuple[Owed, ...]:
    """Return every item that is owed, or was and is discharged, by what is known at *now*.

    *decision* says how many reads are owed, whether images are held back and whether a policy closes it. *hold* is how
    long a final report that came before any image covers the images that come. This is pure.
    """
    procedure = shared(procedure, decision)
    reads = decision.reads.count if decision else 1
    reports = timeline(procedure.reports, reads=reads)
    items = [*_reports(procedure, decision, now), *_arbitrations(procedure, decision)]
    items += _recheck(procedure, reports, hold)
    items += _resolves(procedure, reports, decision, now)
    return tuple(as_a_person_left_it(procedure, item) for item in items)


def is_whose_in_doubt(owed: Iterable[Owed]) -> bool:
    """Return whether a person still has to find out whose a procedure, or a report on it, is."""
    return any(one.kind is Kind.RESOLVE and one.part in WHOSE and one.is_open for one in owed)


def parked_until(procedure: Procedure, decision: Decision | None) -> datetime | None:
    """Return until when a report waits for its images before a person has to look; None when none waits."""
    if procedure.images_here or not procedure.reports:
        return None
    came = instant_of(min(entry.stamp for entry in procedure.reports))
    due = decision.due_at if decision else None
    return max(due, came + PARKED_AT_LEAST) if due else came + PARKED_AT_MOST


# the reports that are owed


def _reports(procedure: Procedure, decision: Decision | None, now: datetime) -> Iterator[Owed]:
    if not procedure.is_known:
        return
    reads = decision.reads.count if decision else 1
    found = in_force(procedure)
    for one in found:
        reports = one.timeline(reads)
        since = _cause(procedure, reports) if one is found[-1] else one.begun or procedure.first
        for read in reads_of(one.part, decision):
            yield report_owed(procedure, (one, reports), decision, now, (read, since))


def report_owed(
    procedure: Procedure,
    told: tuple[Round, Timeline],
    decision: Decision | None,
    now: datetime,
    which: tuple[Read, int],
) -> Owed:
    """Return how the item of one read of a report should stand, but for what people did to it.

    *told* is the report with what is known of it, *which* the read with the stamp of what last gave cause for it.
    """
    (one, reports), (read, since) = told, which
    images = one.images_since(procedure)
    owed = Owed(
        kind=Kind.REPORT,
        part=read.part,
        state=State.EXPECTED,
        since=since,
        worklist=read.worklist,
        due_at=read.due_at,
        position=read.position,
        begins=instant_of(images) if images is not None and one.after is not None else None,
        reports=tuple(entry for entry in one.entries if entry.part in {None, read.part}),
    )
    if not procedure.images_here:
        if not procedure.is_cancelled:
            return owed
        _, word, _, source = max(state.control for state in procedure.order_states if state.control)
        return _with(owed, State.CLOSED, "order cancelled" if word == "cancel" else "order discontinued", source)
    final = _discharging(one, reports, read.part)
    if final is not None:
        return _with(owed, State.REPORTED, "", final.source, final)
    closure = decision.closure if decision else None
    if closure is not None and not reports.doubts and (closure.until is None or now <= closure.until):
        return _with(owed, State.CLOSED, f"{closure.reason} ({closure.policy})", "")
    mine = filed(one.entries, read.part)
    draft = reports.draft or (mine if mine is not None and mine.status is ReportStatus.PRELIMINARY else None)
    if draft is not None and reports.final is None:
        return _with(owed, State.PRELIMINARY, "", draft.source, draft)
    reason = next((REASONS[word] for word, _ in reports.doubts if word in _OPENING), "")
    state = State.EXPECTED if images is None else _waiting(procedure, decision, now)
    return _with(owed, state, reason, _doubtful(reports))


def _discharging(one: Round, reports: Timeline, part: str) -> ReportEntry | None:
    """Return the report that ends a read: one from outside ends all, and what a reader here filed ends its own.

    Where finals from outside differ, none of them does; a reader who files one after that has seen both.
    """
    mine = filed_final(one.entries, part)
    differing = [entry for word, entry in reports.doubts if word == "reports_differ"]
    if not differing:
        return reports.final or mine
    return mine if mine is not None and mine.stamp > max(entry.stamp for entry in differing) else None


def _arbitrations(procedure: Procedure, decision: Decision | None) -> Iterator[Owed]:
    """Yield what several reads of one report call for when all are in; a final from outside ends it."""
    if decision is None or not procedure.images_here:
        return
    for one in in_force(procedure):
        if (called := verdict(one, decision.reads)) is None:
            continue
        final = one.timeline(decision.reads.count).final
        yield Owed(
            kind=Kind.ARBITRATE,
            part=one.part,
            state=State.REPORTED if final is not None else State.WAITING,
            since=called.since,
            reason=called.reason,
            entry=final,
            worklist=called.worklist,
        )


def _with(owed: Owed, state: State, reason: str, evidence: str, entry: ReportEntry | None = None) -> Owed:
    return evolve(owed, state=state, reason=reason, evidence=evidence, entry=entry)


def _doubtful(reports: Timeline) -> str:
    """Return the source of the doubt that opens a report again, else of any."""
    opening = (entry.source for word, entry in reports.doubts if word in _OPENING)
    return next(opening, next((entry.source for _, entry in reports.doubts), ""))


def _waiting(procedure: Procedure, decision: Decision | None, now: datetime) -> State:
    until = held_until(procedure, decision)
    return State.HELD if until is not None and now < until else State.WAITING


def held_until(procedure: Procedure, decision: Decision | None) -> datetime | None:
    """Return until when images are waited for: the rule's ceiling after the first image, and never past the due."""
    if decision is None or decision.hold is None or procedure.first_images is None:
        return None
    ceiling = instant_of(procedure.first_images) + timedelta(minutes=decision.hold.at_most_minutes)
    return min(ceiling, decision.due_at) if decision.due_at else ceiling


def _cause(procedure: Procedure, reports: Timeline) -> int:
    """Return the stamp of what last gave cause to read: clinical images, a new order, a withdrawal."""
    stamps = [procedure.last_images or 0, *(state.begun[1] for state in procedure.order_states if state.begun)]
    if reports.withdrawn is not None:
        stamps.append(reports.withdrawn.stamp)
    return max([*stamps, procedure.first])


# images after the final


def _recheck(procedure: Procedure, reports: Timeline, hold: timedelta) -> Iterator[Owed]:
    filed = [entry for entry in procedure.reports if entry.part and entry.status is ReportStatus.FINAL]
    finals = [*reports.finals, *filed]
    first, last = procedure.first_images, procedure.last_images
    if not finals or first is None or last is None:
        return
    covered = min(max(entry.stamp, first + stamp_of(_EPOCH + hold) if entry.stamp < first else 0) for entry in finals)
    further = [one.begun for one in rounds(procedure) if one.begun is not None]
    if last > covered and not any(begun <= last for begun in further):  # those are the images of the further order
        yield Owed(kind=Kind.RECHECK, part="1", state=State.WAITING, since=last, reason="images came after the report")


_EPOCH: Final = instant_of(0)


# what a person has to look at


def _resolves(procedure: Procedure, reports: Timeline, decision: Decision | None, now: datetime) -> Iterator[Owed]:
    causes = [(one.reason, one.since, one.source) for one in procedure.conflicts]
    if procedure.is_known and procedure.images_here:
        reads = decision.reads.count if decision else 1
        doubts = [
            (word, entry)
            for one in in_force(procedure)
            for word, entry in one.timeline(reads).doubts
            if word not in _OPENING or not _is_settled(one, entry, decision)
        ]
        causes += [
            (word, entry.stamp, entry.source)
            for word, entry in {word: (word, entry) for word, entry in doubts}.values()
        ]
        causes += list(_missing_reads(procedure, reports, decision))
        if procedure.is_cancelled:
            cancels = [state.control for state in procedure.order_states if state.control]
            _, _, stamp, source = max(cancels)
            causes.append(("cancelled_with_images", max(stamp, procedure.first_images or 0), source))
    until = parked_until(procedure, decision)
    if until is not None and now >= until:
        newest = max(procedure.reports, key=lambda entry: entry.stamp)
        causes.append(("report_without_images", newest.stamp, newest.source))
    for reason, since, source in causes:
        yield Owed(
            kind=Kind.RESOLVE, part=reason, state=State.WAITING, since=since, reason=REASONS[reason], evidence=source
        )


def _is_settled(one: Round, doubt: ReportEntry, decision: Decision | None) -> bool:
    """Return whether readers here have filed every read of a report since its finals were seen to differ."""
    finals = [filed_final(one.entries, read.part) for read in reads_of(one.part, decision)]
    return all(entry is not None and entry.stamp > doubt.stamp for entry in finals)


def _missing_reads(
    procedure: Procedure, reports: Timeline, decision: Decision | None
) -> Iterable[tuple[str, int, str]]:
    """Yield the reads that nobody filed though a final from outside has ended them all."""
    if decision is None or reports.final is None:
        return
    owed = [read.part for read in reads_of("1", decision)]
    readers = {entry.readers or (entry.digest,) for entry in reports.finals}
    done = {entry.part for entry in procedure.reports if entry.part and entry.status is ReportStatus.FINAL}
    if len(owed) > 1 and len(readers) + len(done) < len(owed):
        yield "reads_missing", reports.final.stamp, reports.final.source


def as_a_person_left_it(procedure: Procedure, owed: Owed) -> Owed:
    """Return what is owed after a person's act: a closure stands until something new gives cause."""
    act = procedure.acted(owed.kind.value, owed.part)
    if act is None or act.stamp < owed.since:
        return owed
    reported_since = owed.entry is not None and owed.entry.stamp > act.stamp
    # Who closes what was reopened after its report closes it all the same: only a report after that ends it otherwise.
    stands = owed.state is not State.REPORTED or (act.what == "closed" and not reported_since)
    if act.what in {"closed", "done"} and stands:
        if act.what == "done":
            return _with(owed, State.REPORTED, owed.reason, owed.evidence, owed.entry)
        # A report, and a draft least of all, is no evidence of a closure.
        return _with(owed, State.CLOSED, owed.reason, owed.evidence if owed.entry is None else "", owed.entry)
    if act.what == "reopened" and not owed.is_open and not reported_since:
        return _with(owed, State.WAITING if procedure.images_here else State.EXPECTED, "reopened", "")
    return owed
