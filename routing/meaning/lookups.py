"""Lookups: the rows of a table that fit, by keys that are one value, a set of values, or unknown.

Rows are tried in order and the first that fits counts. A cell `*` fits anything, an unknown too; a named cell met first
against an unknown key makes the lookup unknown. A set finds the rows of all its members, in table order; of several
keys at most `MOST` combinations of members are tried, and a lookup that would take more is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import combinations, product
from math import prod
from typing import Any, Final

MOST: Final = 512  # combinations of the members of several keys that one lookup tries
_AT_ONCE: Final = 1 << 18  # rows, counted once for each set of unknown keys
_Open = tuple[tuple[int, ...], dict[tuple[Any, ...], int], bool]


class Unknown(Enum):
    """The answer of a lookup that an unknown key leaves open."""

    UNKNOWN = "unknown"


class Index:
    """The key cells of a table, arranged by which of them are `*`: a lookup costs one probe for each pattern.

    Which keys are unknown makes an arrangement of its own: it is made at once where that is not too much, else when it
    is first asked for. Each is linear in the rows.
    """

    def __init__(self, rows: Sequence[Sequence[Any]], wild: object) -> None:
        patterns: dict[tuple[int, ...], dict[tuple[Any, ...], int]] = {}
        for number, row in enumerate(rows):
            places = tuple([place for place, cell in enumerate(row) if cell is not wild])
            patterns.setdefault(places, {}).setdefault(tuple([row[place] for place in places]), number)
        self._patterns = list(patterns.items())
        self._open: dict[tuple[int, ...], list[_Open]] = {}
        width = len(rows[0]) if rows else 0
        if len(rows) << width <= _AT_ONCE:
            for size in range(width):
                for known in combinations(range(width), size):
                    self._opened(known)

    def first(self, keys: Sequence[Any]) -> int | Unknown | None:
        """Return the number of the first row that fits, None for no row, UNKNOWN where an unknown key decides."""
        if None in keys:
            return self._first_open(keys)
        best: int | None = None
        for places, found in self._patterns:
            number = found.get(tuple([keys[place] for place in places]))
            if number is not None and (best is None or number < best):
                best = number
        return best

    def _first_open(self, keys: Sequence[Any]) -> int | Unknown | None:
        best: int | None = None
        settled = False
        for places, found, certain in self._opened(tuple([place for place, key in enumerate(keys) if key is not None])):
            number = found.get(tuple([keys[place] for place in places]))
            if number is not None and (best is None or number < best):
                best, settled = number, certain
        return best if best is None or settled else Unknown.UNKNOWN

    def _opened(self, known: tuple[int, ...]) -> list[_Open]:
        """Return the first row by the cells at the known places, for each pattern, and whether these are all it names.

        A row that is left open by an unknown key counts as one that fits: it decides that the lookup is unknown.
        """
        made = self._open.get(known)
        if made is None:
            made = []
            for places, found in self._patterns:
                kept = [at for at, place in enumerate(places) if place in known]
                first: dict[tuple[Any, ...], int] = {}
                for named, number in found.items():  # in the order of the rows
                    first.setdefault(tuple([named[at] for at in kept]), number)
                made.append((tuple([places[at] for at in kept]), first, len(kept) == len(places)))
            self._open[known] = made
        return made

    def holds_any(self, members: Sequence[Any]) -> bool | None:
        """Say whether any of the members, one at least, is a key of the table of one key column; None is unknown."""
        if None in members:
            found = [self.first((each,)) for each in members]
            return True if any(isinstance(one, int) for one in found) else None if Unknown.UNKNOWN in found else False
        return any(not places or not found.keys().isdisjoint(zip(members)) for places, found in self._patterns)

    def all(self, keys: Sequence[Sequence[Any] | None]) -> list[int]:
        """Return the numbers of the rows that any combination of the members finds, in table order; None is unknown.

        More than `MOST` combinations of several keys find none: what they would find is not known.
        """
        members = [(None,) if each is None else each for each in keys]
        if len(members) == 1:
            return self._of_one(members[0])
        if prod(map(len, members)) > MOST:
            return []
        found = {self.first(combination) for combination in product(*members)}
        return sorted([number for number in found if isinstance(number, int)])

    def _of_one(self, members: Sequence[Any]) -> list[int]:
        """Return the same of a table of one key, however many members there are."""
        found: set[Any]
        if None in members:
            found = {self.first((each,)) for each in members}
        else:
            patterns = dict(self._patterns)
            star = patterns.get((), {}).get(())
            found = set(map(patterns.get((0,), {}).get, zip(members)))
            if star is not None:
                found = {star if number is None or number > star else number for number in found}
        return sorted([number for number in found if isinstance(number, int)])
