"""Holding a store against what really happened, and how long people waited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from routing.states import Event, Kind
from tests.simulation.department import Department

STARVED: Final = 3.0  # times the target: nobody waits longer while there are enough readers
GRACE: Final = timedelta(days=3)  # a weekend: readers of one kind may all be away for so long
PLAYED: Final = "verify V1: `synchronous` is 0, not 2"  # the one finding that belongs to playing


@frozen(kw_only=True)
class Verdict:
    """What a simulation came to. `faults` are broken promises, in words; empty is good."""

    faults: tuple[str, ...]
    figures: dict[str, Any]
    turnaround: dict[str, tuple[int, float, float, float]]  # by priority: how many, median, 95th and worst hours

    def lines(self) -> Iterator[str]:
        """Yield it as lines to print."""
        yield "priority      items   median      95 %     worst  (hours from images to final report)"
        for name, (count, median, most, worst) in self.turnaround.items():
            yield f"{name:12} {count:6} {median:8.2f} {most:9.2f} {worst:9.2f}"
        for name, value in sorted(self.figures.items()):
            yield f"{name}: {value}"
        for fault in self.faults:
            yield f"FAULT {fault}"
        yield "conservation exact, nothing starved, verify clean" if not self.faults else f"{len(self.faults)} faults"


def judged(department: Department) -> Verdict:
    """Return what is wrong with the store of a department, and how it did."""
    faults: list[str] = []
    waits: dict[str, list[float]] = {}
    for line in _procedures(department, faults):
        waits.setdefault(line[0], []).append(line[1])
    counts = department.worklists.counts()
    together = counts.open + counts.reported + counts.closed + counts.superseded
    if counts.accepted != together:
        faults.append(f"accepted {counts.accepted} is not open + discharged {together}")
    found = [f"verify {finding.check}: {finding.evidence}" for finding in department.worklists.verify().findings]
    faults += [line for line in found if line != PLAYED]
    if PLAYED not in found:
        faults.append("verify does not say that the syncs are switched off")
    return Verdict(
        faults=tuple(faults),
        figures={**department.done, "accepted": counts.accepted, "still open": counts.open},
        turnaround={name: _spread(hours) for name, hours in sorted(waits.items())},
    )


def _procedures(department: Department, faults: list[str]) -> Iterator[tuple[str, float]]:
    """Yield priority and hours of each finished report; what was lost, starved or ended wrongly goes to *faults*."""
    worklists = department.worklists
    for accession, tale in department.tales.items():
        if tale.arrived is None:
            continue
        numbers = [number for number, _ in worklists._asking().find(accession, None, None)]
        items = [item for number in numbers for item in worklists.store.items_of(number)]
        reports = [item for item in items if item.kind is Kind.REPORT]
        if not reports:
            faults.append(f"procedure {tale.planned.number}: images came, and nothing is owed")
        taken_back = tale.withdrawn and (tale.last_final is None or tale.last_final < tale.withdrawn)
        if taken_back and not any(item.is_open for item in reports):
            faults.append(f"procedure {tale.planned.number}: withdrawn, never reported again, and nothing is owed")
        for item in reports:
            ends = [row for row in worklists.store.history(item.id) if row.event in {Event.FINAL_REPORT, Event.CLOSE}]
            if item.is_open:
                if item.due_at and item.due_at + GRACE < department.end:
                    faults.append(f"item {item.id}: still open at the end, due {item.due_at:%Y-%m-%d %H:%M}")
                continue
            if not ends or ends[-1].evidence is None:
                faults.append(f"item {item.id}: discharged without evidence")
                continue
            if tale.first_final is None:
                faults.append(f"item {item.id}: discharged, and nobody reported it")
            yield item.priority, _waited(item.id, tale.arrived, ends[0].at, item.due_at, faults)


def _waited(item: int, arrived: datetime, ended: datetime, due: datetime | None, faults: list[str]) -> float:
    if due is not None and ended > arrived + max((due - arrived) * STARVED, GRACE):
        faults.append(f"item {item}: waited {ended - arrived}, its target was {due - arrived}")
    return (ended - arrived) / timedelta(hours=1)


def _spread(hours: list[float]) -> tuple[int, float, float, float]:
    hours = sorted(hours)
    return len(hours), hours[len(hours) // 2], hours[int(len(hours) * 0.95)], hours[-1]
