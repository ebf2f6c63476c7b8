"""What remains of items that what is known gives cause for no longer: they stay, say so, and end by what ends any.

News can take away what an item was opened for: two orders turn out to be one, a report was taken back before the order
that seemed to follow it, the rules ask for one read less. Nothing is taken off a list for that (DESIGN 1): the item
waits until it is reported, until a final that comes from outside ends the report it has fallen to, or until somebody
who may closes it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from routing.decision import Decision
from routing.sources.entries import ReportEntry
from routing.sources.procedure import Procedure
from routing.sources.reports import FINALS
from routing.states import Kind, State
from routing.worklists.owed import Owed, as_a_person_left_it, report_owed
from routing.worklists.reads import BACK, filed, in_force, read_of, report_of, shared

_ENDS: Final = "it ends by a final report, or by being closed"
NO_REPORT: Final = f"what it was opened for is part of an earlier report by now: {_ENDS}"
NO_READ: Final = f"the rules ask for this read no longer: {_ENDS}"
NO_NEWS: Final = f"all that was known of it is set aside: {_ENDS}"
UNOWED: Final = frozenset({NO_REPORT, NO_READ, NO_NEWS})  # the reasons of items that are owed no longer


@frozen(kw_only=True)
class Standing:
    """How an item stands that may be owed no longer: its kind and part, whether it is open, whether it has a draft."""

    kind: Kind
    part: str
    is_open: bool
    drafted: bool = False


def still_owed(
    procedure: Procedure,
    standing: Iterable[Standing],
    decision: Decision,
    *,
    now: datetime,
    fresh: Collection[ReportEntry] = (),
) -> Iterator[Owed]:
    """Yield how items that `work_owed` does not name should stand; what is not yielded stays as it is.

    *fresh* are the reports that just came: a final among them ends every report that it is about (DESIGN 5.1), while
    one that was there before the item lost its cause says nothing of it.
    """
    procedure = shared(procedure, decision)
    for one in standing:
        if one.kind is Kind.REPORT and (owed := _report(procedure, one, decision, now, fresh)) is not None:
            yield owed
        elif one.kind is Kind.RECHECK and one.is_open:
            reason = "images came after the report"
            yield Owed(kind=Kind.RECHECK, part=one.part, state=State.WAITING, since=0, reason=reason)


def _report(
    procedure: Procedure, standing: Standing, decision: Decision, now: datetime, fresh: Collection[ReportEntry]
) -> Owed | None:
    found = in_force(procedure)
    number = int(report_of(standing.part))
    one = found[min(number, len(found)) - 1]
    reports = one.timeline(decision.reads.count)
    owed = report_owed(procedure, (one, reports), decision, now, (read_of(standing.part), 0))
    reason = NO_REPORT if number > len(found) else NO_READ if procedure.is_known else NO_NEWS
    left = evolve(owed, state=State.WAITING, reason=reason, evidence="", entry=None)
    mine = filed(one.entries, standing.part)
    if mine is not None and mine.status in FINALS | BACK:
        final = mine.status in FINALS
        state, entry = (State.REPORTED, mine) if final else (left.state, None)
        done = evolve(left, state=state, since=mine.stamp, evidence=mine.source, entry=entry)
        return as_a_person_left_it(procedure, done)
    if not standing.is_open or owed.state is State.CLOSED:
        return owed if standing.is_open else None
    if owed.state is State.REPORTED and owed.entry in fresh and procedure.is_known:
        return evolve(left, state=State.REPORTED, evidence=owed.evidence, entry=owed.entry)
    draft = mine or (owed.entry if owed.state is State.PRELIMINARY else None)
    if draft is not None or standing.drafted:
        return evolve(left, state=State.PRELIMINARY, entry=draft)
    return evolve(left, state=State.EXPECTED if owed.state is State.EXPECTED else State.WAITING)
