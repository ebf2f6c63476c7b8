"""Blinding: while reads that are blind are still to come, no reader is told who read what, and what they found."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from routing.states import Kind
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.placing import BLIND, key
from routing.worklists.reads import report_of
from routing.worklists.records import Happening

ANOTHER = "another reader"


def blinded(told: Iterable[Happening], items: Iterable[Item], store: Reading, reader: str) -> tuple[Happening, ...]:
    """Return what happened as a reader may know it: acts of others on blind reads without names and findings."""
    hidden = {item.id for item in items if _is_hidden(item, store)}
    return tuple(
        evolve(one, actor=ANOTHER, reason=None, evidence=None)
        if one.item in hidden and _is_others(one, reader)
        else one
        for one in told
    )


def _is_hidden(item: Item, store: Reading) -> bool:
    """Return whether an item is one of several blind reads of a report that are not all in."""
    if not item.details.get(BLIND) or item.procedure is None:
        return False
    mine = report_of(key(item)[1])
    reads = [
        one for one in store.items_of(item.procedure) if one.kind is Kind.REPORT and report_of(key(one)[1]) == mine
    ]
    return any(one.is_open for one in reads)


def _is_others(one: Happening, reader: str) -> bool:
    """Return whether somebody else did it: what follows from news and rules alone tells nothing of a read."""
    return one.actor not in {reader, "routing"} or one.evidence is not None
