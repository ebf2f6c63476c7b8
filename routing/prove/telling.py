"""How much of what an edit changes is told: some of each rule, the rest counted, all of it on request."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from routing.prove.change import More

_EACH: Final = 6  # changes told of one rule
_ALL: Final = 20  # changes told of routes, and as many of everything else
_EACH_COUNTED: Final = 8  # changes of one rule that are counted and not told
_ALL_COUNTED: Final = 12
_NAMED: Final = 3


@define
class Telling:
    """What is told so far of one sort of change, what is counted, and what is not settled."""

    every: bool = False
    doubts: list[str] = field(factory=list)
    _told: dict[tuple[str, str], int] = field(factory=dict)  # by sort and rule; by sort and "" for all rules
    _more: dict[tuple[str, str], int] = field(factory=dict)
    _ended: dict[str, None] = field(factory=dict)

    def tells(self, sort: str, of: str) -> bool:
        """Say whether one more change of a rule is told; one that is not is counted."""
        if self.every or (self._told.get((sort, of), 0) < _EACH and self._told.get((sort, ""), 0) < _ALL):
            for each in (of, ""):
                self._told[sort, each] = self._told.get((sort, each), 0) + 1
            return True
        for each in (of, ""):
            self._more[sort, each] = self._more.get((sort, each), 0) + 1
        return False

    def goes_on(self, sort: str, of: str) -> bool:
        """Say whether to look for more changes of a rule; where not, there are at least as many as were counted."""
        counted, all_counted = self._more.get((sort, of), 0), self._more.get((sort, ""), 0)
        if self.every or (counted < _EACH_COUNTED and all_counted < _ALL_COUNTED):
            return True
        self._ended[of] = None
        return False

    def more(self) -> tuple[More, ...]:
        """Return what was not told; the rules that were not looked at to the end are one entry."""
        counts: dict[str, int] = {}
        for (_, of), count in self._more.items():
            if of:
                counts[of] = counts.get(of, 0) + count
        found = [More(of=of, count=count, exact=of not in self._ended) for of, count in counts.items()]
        if rest := [of for of in self._ended if of not in counts]:
            found.append(More(of=_named(rest), count=0, exact=False))
        return tuple(found)


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} other rule{'s' if more > 1 else ''}" if more > 0 else "")
