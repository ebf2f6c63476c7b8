"""Reconciling: the host's list of what there is against ours. What we were never told of shows up only here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from routing.sources.procedure import called
from routing.states import Kind
from routing.store.protocol import Reading
from routing.worklists.shelf import is_gone


@frozen(kw_only=True)
class Census:
    """Both differences: `missing` are theirs that we never heard of, `unlisted` ours, open, that they do not name."""

    missing: tuple[str, ...] = field(repr=False)
    unlisted: tuple[str, ...] = field(repr=False)
    matched: int

    def as_dict(self) -> dict[str, Any]:
        """Return the census as `reconcile --format json` prints it."""
        return {"missing": list(self.missing), "unlisted": list(self.unlisted), "matched": self.matched}


def reconcile(store: Reading, accessions: Iterable[str]) -> Census:
    """Return how a list of accession numbers (or study UIDs) differs from what the store knows."""
    theirs = list(dict.fromkeys(one.strip() for one in accessions if one.strip()))
    ours: dict[str, bool] = {}
    for row in store.procedures():
        if is_gone(row):
            continue
        name = called(row.knowledge)
        is_open = any(item.kind is Kind.REPORT for item in store.items_of(row.id, open_only=True))
        for one in (name.accession, *name.study_uids):
            if one:
                ours[one] = ours.get(one, False) or (is_open and one == (name.accession or one))
    listed = set(theirs)
    return Census(
        missing=tuple(one for one in theirs if one not in ours),
        unlisted=tuple(sorted(one for one, is_open in ours.items() if is_open and one not in listed)),
        matched=sum(1 for one in theirs if one in ours),
    )
