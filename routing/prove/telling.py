"""How much of what an edit changes is told: some of each rule, the rest counted, all of it on request."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from routing.prove.change import More

_EACH: Final = 6  # changes told of one rule
_ALL: Final = 40  # changes told of routes, and as many of everything else
_EACH_COUNTED: Final = 8  # changes of one rule that are counted and not told
_ALL_COUNTED: Final = 24


@define
class Telling:
    """What is told so far of one sort of change, what is counted, and what is not settled."""

    every: bool = False
    doubts: list[str] = field(factory=list)
    _told: dict[str, int] = field(factory=dict)
    _more: dict[str, int] = field(factory=dict)
    _ended: dict[str, None] = field(factory=dict)

    def tells(self, sort: str, of: str) -> bool:
        """Say whether one more change of a rule is told; one that is not is counted."""
        mine = f"{sort} {of}"
        if self.every or (self._told.get(mine, 0) < _EACH and self._told.get(sort, 0) < _ALL):
            for each in (mine, sort):
                self._told[each] = self._told.get(each, 0) + 1
            return True
        self._more[of] = self._more.get(of, 0) + 1
        return False

    def goes_on(self, of: str) -> bool:
        """Say whether to look for more changes of a rule; where not, there are at least as many as were counted."""
        if self.every or (self._more.get(of, 0) < _EACH_COUNTED and sum(self._more.values()) < _ALL_COUNTED):
            return True
        self._ended[of] = None
        return False

    def more(self) -> tuple[More, ...]:
        """Return what was not told; the rules that were not looked at to the end are one entry."""
        found = [More(of=of, count=count, exact=of not in self._ended) for of, count in self._more.items()]
        if rest := [of for of in self._ended if of not in self._more]:
            found.append(More(of=f"what changes by {_named(rest)}", count=0, exact=False))
        return tuple(found)


def _named(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} other rules" if len(names) > 3 else "")  # noqa: PLR2004
