"""Reads: the readings of one report that are owed to different readers, and what they come to when all are in. Pure.

The first read has the part of its report (`1`), the others a suffix: `1.2` for the second of several different readers
on the routed list, `1.also.chest` for what `also read by chest` adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from routing.decision import Decision, Reads
from routing.sources.entries import ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure
from routing.sources.reports import FINALS
from routing.worklists.rounds import Round, rounds

SET_ASIDE: Final = "set_aside"  # the act that opening a report item again leaves for good, whatever is done after it
DIFFER: Final = "the reads differ"
_ALSO: Final = ".also."
BACK: Final = frozenset({ReportStatus.WITHDRAWN, ReportStatus.CANCELLED})  # what takes a report back


@frozen(kw_only=True)
class Read:
    """One read: its part, its place among the reads of the routed list (0: it is on another), where and by when."""

    part: str
    position: int
    worklist: str | None = None
    due_at: datetime | None = None


@frozen(kw_only=True)
class Verdict:
    """What calls for an arbitration: the list that it goes to, why, and the stamp of the read that showed it."""

    worklist: str
    reason: str
    since: int


def reads_of(part: str, decision: Decision | None) -> Iterator[Read]:
    """Yield the reads that a decision owes on one report."""
    for position in range(1, (decision.reads.count if decision else 1) + 1):
        yield Read(part=part if position == 1 else f"{part}.{position}", position=position)
    for also in decision.also if decision else ():
        if not also.audit:
            yield Read(part=f"{part}{_ALSO}{also.worklist}", position=0, worklist=also.worklist, due_at=also.due_at)


def read_of(part: str) -> Read:
    """Return the read that a part names, whether a decision owes it or not."""
    _, _, which = part.partition(".")
    if part.partition(_ALSO)[1]:
        return Read(part=part, position=0, worklist=part.partition(_ALSO)[2])
    return Read(part=part, position=int(which) if which else 1)


def report_of(part: str) -> str:
    """Return the report that a read belongs to."""
    return part.partition(".")[0]


def filed(entries: Sequence[ReportEntry], part: str) -> ReportEntry | None:
    """Return what a reader here filed last for a read; None when nothing was. What is only added to one is not it."""
    mine = (entry for entry in entries if entry.part == part and entry.status is not ReportStatus.ADDENDUM)
    return max(mine, key=lambda entry: entry.stamp, default=None)


def filed_final(entries: Sequence[ReportEntry], part: str) -> ReportEntry | None:
    """Return the final that stands for a read; None when there is none, or it was taken back."""
    newest = filed(entries, part)
    return newest if newest is not None and newest.status in FINALS else None


def shared(procedure: Procedure, decision: Decision | None) -> Procedure:
    """Return a procedure whose reports of senders that send reads one by one are each for a read of their own.

    They go to the reads that nobody has filed, in the order of the reports' own time; what a reader sends again is
    about the same read. A further one, when all reads are taken, is the report on them all.
    """
    if not any(entry.one_read for entry in procedure.reports):
        return procedure
    parts = {name: part for one in rounds(procedure) for name, part in _shares(one, decision)}
    accounts = [
        evolve(
            account,
            reports=tuple(evolve(entry, part=parts.get(entry.identity, entry.part)) for entry in account.reports),
        )
        for account in procedure.accounts
    ]
    return evolve(procedure, accounts=tuple(accounts))


def _shares(one: Round, decision: Decision | None) -> Iterator[tuple[object, str]]:
    """Yield which read each report of such a sender is for."""
    owed = [read.part for read in reads_of(one.part, decision)]
    if len(owed) == 1:
        return
    left = [part for part in owed if part not in {entry.part for entry in one.entries}]
    sent = [entry for entry in one.entries if entry.one_read and (entry.status not in FINALS or entry.has_text)]
    finals = {_who(entry) for entry in sent if entry.status in FINALS}
    theirs: dict[tuple[str, ...], str] = {}
    for entry in sent:
        who = _who(entry)
        spoken_for = 0 if who in finals else len(finals - theirs.keys())  # a draft takes no read that a final needs
        if entry.status in BACK and theirs:
            theirs.setdefault(who, next(reversed(theirs.values())))
        elif who not in theirs and len(left) > spoken_for:
            theirs[who] = left.pop(0)
        if who in theirs:
            yield entry.identity, theirs[who]


def _who(entry: ReportEntry) -> tuple[str, ...]:
    return entry.readers or (entry.digest,)


def in_force(procedure: Procedure) -> tuple[Round, ...]:
    """Return the rounds of a procedure without the reports that a person set aside by opening their item again.

    What is for one read goes with that read, what is for the whole report with its first.
    """
    return tuple(_in_force(procedure, one) for one in rounds(procedure))


def _in_force(procedure: Procedure, one: Round) -> Round:
    acts = {act.part: act.stamp for act in procedure.acts if act.kind == SET_ASIDE}
    if not acts:
        return one
    kept = (entry for entry in one.entries if entry.stamp > acts.get(entry.part or one.part, -1))
    return evolve(one, entries=tuple(kept))


def verdict(one: Round, reads: Reads) -> Verdict | None:
    """Return the arbitration that the reads of a report call for; None while one is missing, or none is called for.

    They differ where two name different results, and where one names a result and another none. Where nobody names one,
    the host has compared them itself, and nothing is called for.
    """
    if reads.count == 1:
        return None
    parts = [one.part, *(f"{one.part}.{position}" for position in range(2, reads.count + 1))]
    finals = [entry for part in parts if (entry := filed_final(one.entries, part)) is not None]
    if len(finals) < reads.count:
        return None
    results, since = {entry.result for entry in finals}, max(entry.stamp for entry in finals)
    if len(results) > 1:
        return Verdict(worklist=reads.disagreement_to, reason=DIFFER, since=since) if reads.disagreement_to else None
    (result,) = results
    to = dict(reads.agreement).get(result) if result else None
    return Verdict(worklist=to, reason=f"the reads agree on {result}", since=since) if to else None
