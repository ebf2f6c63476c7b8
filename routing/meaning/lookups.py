"""Lookups: the rows of a table that fit, by keys that are one value, a set of values, or unknown.

Rows are tried in order and the first that fits counts. A cell `*` fits anything, an unknown too; a named cell met first
against an unknown key makes the lookup unknown. A set finds the rows of all its members, in table order.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import islice, product
from typing import Any

_MOST = 4096  # combinations of the members of sets that one lookup tries


class Unknown(Enum):
    """The answer of a lookup that an unknown key leaves open."""

    UNKNOWN = "unknown"


class Index:
    """The key cells of a table, arranged by which of them are `*`: a lookup costs one probe for each pattern."""

    def __init__(self, rows: Sequence[Sequence[Any]], wild: object) -> None:
        self._rows = [tuple(None if cell is wild else (cell,) for cell in row) for row in rows]
        patterns: dict[tuple[bool, ...], dict[tuple[Any, ...], int]] = {}
        for number, row in enumerate(self._rows):
            pattern = tuple(cell is None for cell in row)
            named = tuple(cell[0] for cell in row if cell is not None)
            patterns.setdefault(pattern, {}).setdefault(named, number)
        self._patterns = [
            (tuple(place for place, is_wild in enumerate(pattern) if not is_wild), found)
            for pattern, found in patterns.items()
        ]

    def first(self, keys: Sequence[Any]) -> int | Unknown | None:
        """Return the number of the first row that fits, None for no row, UNKNOWN where an unknown key decides."""
        if None in keys:
            return self._first_open(keys)
        best: int | None = None
        for places, found in self._patterns:
            number = found.get(tuple(keys[place] for place in places))
            if number is not None and (best is None or number < best):
                best = number
        return best

    def _first_open(self, keys: Sequence[Any]) -> int | Unknown | None:
        for number, row in enumerate(self._rows):
            fits: bool | None = True
            for cell, key in zip(row, keys, strict=True):
                if cell is None:
                    continue
                if key is None:
                    fits = None
                elif cell[0] != key:
                    fits = False
                    break
            if fits:
                return number
            if fits is None:
                return Unknown.UNKNOWN
        return None

    def all(self, keys: Sequence[Sequence[Any] | None]) -> list[int]:
        """Return the numbers of the rows that any combination of the members finds, in table order; None is unknown."""
        members = [(None,) if each is None else each for each in keys]
        found = {self.first(combination) for combination in islice(product(*members), _MOST)}
        return sorted(number for number in found if isinstance(number, int))
