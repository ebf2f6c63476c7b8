"""Numbering: which procedure goes on under which number when what is known is sorted out anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from routing.sources.news import NewsKind
from routing.sources.procedure import Procedure


def numbered(old: Mapping[int, Procedure], new: Sequence[Procedure]) -> tuple[list[int | None], dict[int, int]]:
    """Give each procedure the number of the old one with which it shares most; say where the others went."""
    there = _Places(new)
    shares = [share for number, one in old.items() for share in there.shares(number, one)]
    numbers: list[int | None] = [None] * len(new)
    taken: set[int] = set()
    for _, _, number, at in sorted(shares):
        if number not in taken and numbers[at] is None:
            numbers[at] = number
            taken.add(number)
    gone = {number: at for _, _, number, at in sorted(shares, reverse=True) if number not in taken}
    return numbers, gone


class _Places:
    """In which of some procedures each account is."""

    def __init__(self, procedures: Sequence[Procedure]) -> None:
        self._work: dict[tuple[object, ...], list[int]] = {}
        self._all: dict[tuple[object, ...], list[int]] = {}
        for at, procedure in enumerate(procedures):
            for places, identities in ((self._work, _work(procedure)), (self._all, _all(procedure))):
                for identity in identities:
                    places.setdefault(identity, []).append(at)

    def shares(self, number: int, old: Procedure) -> list[tuple[int, int, int, int]]:
        """Return how much an old procedure shares with these: (images and orders, anything, its number, their place).

        What was read or ordered goes before what is set aside, and that before reports.
        """
        mine = _work(old)
        works = Counter(at for identity in mine for at in self._work.get(identity, ()))
        alls = Counter(at for identity in _all(old) for at in self._all.get(identity, ()))
        places = works or {at for identity in mine for at in self._all.get(identity, ())} or alls
        return [(-works[at], -alls[at], number, at) for at in sorted(places)]


def _work(procedure: Procedure) -> set[tuple[object, ...]]:
    """Return what there is to read or was ordered; a report alone makes no procedure that could be owed."""
    return {account.identity for account in procedure.accounts if account.kind is not NewsKind.REPORT}


def _all(procedure: Procedure) -> set[tuple[object, ...]]:
    return {account.identity for account in (*procedure.accounts, *procedure.aside)}
