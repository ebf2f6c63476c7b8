"""Rounds: each report that a procedure owes by its orders, and which reports are about it.

The first order owes the first report. An order with another number that began after that report was final owes one of
its own, and so does one for an examination on a later day than the report's, whenever it was placed (DESIGN 5.1). All
goes by the senders' own times and numbers, never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from attrs import evolve, field, frozen

from routing.sources.account import stamp_of
from routing.sources.entries import ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure, order_numbers
from routing.sources.reports import Timeline, timeline

Numbers = frozenset[tuple[str, str]]


@frozen(kw_only=True)
class Round:
    """One report that is owed: its `part`, when its order began (None: with the first), and the reports about it.

    `begun` is the stamp of the news that began it. `numbers` are the numbers of the orders that fall into it.
    `after` is the stamp of the report before it, None for the first; `exam_day` the stamp at which the day begins that
    its order names for the examination.
    """

    part: str
    begins: int | None = None
    begun: int | None = None
    numbers: Numbers = frozenset()
    entries: tuple[ReportEntry, ...] = field(default=(), repr=False)
    after: int | None = None
    exam_day: int | None = None

    def images_since(self, procedure: Procedure) -> int | None:
        """Return since when the images that it is about are here, as a stamp; None when they are still to come.

        A further order may ask for a report on the images that there are. Only one for a later day than theirs waits
        for its own; and a host that hands over a mapping says by it that they are here.
        """
        last = procedure.last_images
        if self.after is None or last is None:
            return procedure.first_images
        is_sent = any(account.present is not None for account in procedure.orders) or bool(self.entries)
        if self.exam_day is not None and last < self.exam_day and not is_sent:
            return None
        return last if last > self.after else self.begun

    def timeline(self, reads: int = 1) -> Timeline:
        """Return what the reports about it come to."""
        return timeline(self.entries, reads=reads)


@frozen(kw_only=True)
class _Begin:
    said: int
    stamp: int
    numbers: Numbers
    day: int | None = None  # it began by this day, and not by its number
    exam_day: int | None = None
    after: int | None = None


def rounds(procedure: Procedure) -> tuple[Round, ...]:
    """Return the rounds of a procedure, oldest first; there is always one."""
    known: dict[str, tuple[Round, ...]] = procedure.__dict__  # where values that are worked out once stand
    if "_rounds" not in known:
        known["_rounds"] = _rounds(procedure)
    return known["_rounds"]


def _rounds(procedure: Procedure) -> tuple[Round, ...]:
    starts = list(_starts(procedure))
    numbers = [frozenset[tuple[str, str]]()] + [start.numbers for start in starts]
    begun = {number for start in starts for number in start.numbers}
    for state in procedure.order_states:
        if begun.intersection(order_numbers(state.keys)):
            continue  # they stand with the round that they began
        at = _at(starts, state.begun[0] if state.begun else None)
        numbers[at] |= frozenset(order_numbers(state.keys))
    entries: list[list[ReportEntry]] = [[] for _ in numbers]
    named = _named(procedure)
    for entry in procedure.reports:
        entries[_round_of(entry, named, starts, numbers)].append(entry)
    return tuple(
        Round(
            part=str(at + 1),
            begins=starts[at - 1].said if at else None,
            begun=starts[at - 1].stamp if at else None,
            numbers=numbers[at],
            entries=tuple(entries[at]),
            after=starts[at - 1].after if at else None,
            exam_day=starts[at - 1].exam_day if at else None,
        )
        for at in range(len(numbers))
    )


def _starts(procedure: Procedure) -> Iterator[_Begin]:
    """Yield what begins a further round: an order that began when the round before it had its final report."""
    since: int | None = None
    part = 1
    for begin in sorted(_candidates(procedure), key=lambda one: (one.said, one.stamp)):
        # What was reported on the day itself, or after, may be about it: only an older report is about another.
        until = begin.said if begin.day is None else begin.day // 1000
        before = [
            entry
            for entry in procedure.reports
            if entry.said is not None and entry.said < until and (since is None or entry.said >= since)
        ]
        final = timeline(before).final or _filed(before, str(part))
        if final is None:
            continue
        yield evolve(begin, after=final.stamp)
        since, part = begin.said, part + 1


def _candidates(procedure: Procedure) -> Iterator[_Begin]:
    states = sorted((one for one in procedure.requests if one.begun), key=lambda one: one.begun or (0, 0))
    for state in states[1:]:
        if state.begun:
            said, stamp = state.begun
            day = _begins(state.exam_day[0]) if state.exam_day else None
            yield _Begin(said=said, stamp=stamp, numbers=frozenset(order_numbers(state.keys)), exam_day=day)
    for state in states:
        if state.exam_day and state.begun:
            day, (said, _), stamp = _begins(state.exam_day[0]), state.begun, state.exam_day[2]
            numbers = frozenset(order_numbers(state.keys)) if state is not states[0] else frozenset[tuple[str, str]]()
            # What is examined on a later day is no part of an earlier report, though it was ordered before that.
            yield _Begin(said=max(said, day // 1000), stamp=stamp, numbers=numbers, day=day, exam_day=day)


def _begins(midnight: str) -> int:
    """Return the stamp of a midnight as an account keeps it; a day alone, as an older release wrote it, is in UTC."""
    instant = datetime.fromisoformat(midnight)
    return stamp_of(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def _filed(entries: Sequence[ReportEntry], part: str) -> ReportEntry | None:
    finals = {ReportStatus.FINAL, ReportStatus.CORRECTED}
    mine = [entry for entry in entries if entry.part is not None and entry.part.partition(".")[0] == part]
    return max((one for one in mine if one.status in finals), key=lambda one: one.stamp, default=None)


def _named(procedure: Procedure) -> dict[object, Numbers]:
    """Return the order numbers that each report names."""
    found: dict[object, Numbers] = {}
    for account in procedure.accounts:
        numbers = frozenset(order_numbers(account.keys))
        for entry in account.reports:
            found[entry.identity] = found.get(entry.identity, frozenset()) | numbers
    return found


def _round_of(
    entry: ReportEntry, named: dict[object, Numbers], starts: Sequence[_Begin], numbers: Sequence[Numbers]
) -> int:
    """Return which round a report is about: by the read it was filed for, the order it names, else its own time."""
    if entry.part is not None:
        return min(int(entry.part.partition(".")[0]), len(numbers)) - 1
    mine = named.get(entry.identity, frozenset())
    fitting = [at for at, one in enumerate(numbers) if mine & one]
    return fitting[0] if len(fitting) == 1 else _at(starts, entry.said)


def _at(starts: Sequence[_Begin], said: int | None) -> int:
    return sum(said is not None and start.said <= said for start in starts)
