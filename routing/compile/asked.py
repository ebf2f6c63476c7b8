"""What conditions ask, whoever is asked: found once for each and kept with the compiled rules."""

from __future__ import annotations

from typing import Final

from routing.program import (
    And,
    AttributeRef,
    Cell,
    Certainly,
    Compares,
    Condition,
    Constant,
    Defined,
    Includes,
    InSample,
    Is,
    IsTrue,
    Matches,
    Mentions,
    Not,
    Operand,
    Or,
    Possibly,
    Program,
    Spelt,
)
from routing.program.walk import walk

_JOINED: Final = (And, Or, Not, Possibly, Certainly, Defined)


class Asked:
    """What the conditions of one program ask. Comparisons that are equal share one that stands for all."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._shared: dict[int, tuple[Condition, Condition]] = {}
        self._equal: dict[Condition, Condition] = {}
        self._unknown: dict[int, tuple[Condition, tuple[tuple[str, ...], frozenset[str]] | None]] = {}
        self._plain: dict[int, tuple[Condition, tuple[str, ...] | None]] = {}
        self._inner: dict[int, tuple[Condition, tuple[Condition, ...]]] = {}
        self._names: dict[int, tuple[Condition, tuple[str, ...]]] = {}
        self._outer: dict[int, tuple[Condition, tuple[Operand, ...]]] = {}

    def shared(self, condition: Condition) -> Condition:
        """Return the one comparison that stands for all that are equal to this; anything else is itself."""
        if isinstance(condition, _JOINED):
            return condition
        made = self._shared.get(id(condition))
        if made is None:
            made = self._shared[id(condition)] = (condition, self._equal.setdefault(condition, condition))
        return made[1]

    def operands_of(self, condition: Condition) -> tuple[Operand, ...]:
        """Return the operands of a comparison, without those that are keys of a table lookup."""
        made = self._outer.get(id(condition))
        if made is None:
            operands = [each for each in walk(condition) if isinstance(each, Operand)]
            inside = {id(each) for one in operands if isinstance(one, Cell) for each in walk(one.keys)}
            outer = tuple(each for each in operands if id(each) not in inside)
            made = self._outer[id(condition)] = (condition, outer)
        return made[1]

    def inner(self, condition: Condition) -> tuple[Condition, ...]:
        """Return the conditions that a condition is made of, each as the one that stands for its equals."""
        made = self._inner.get(id(condition))
        if made is None:
            parts = tuple(self.shared(part) for part in parts_of(condition))
            made = self._inner[id(condition)] = (condition, parts)
        return made[1]

    def plain(self, condition: Condition) -> tuple[str, ...] | None:
        """Return the one attribute that a comparison with constants asks; None for any other."""
        made = self._plain.get(id(condition))
        if made is None:
            operands = self.operands_of(condition)
            asked = [each for each in operands if not isinstance(each, Constant)]
            one = asked[0] if len(asked) == 1 and not isinstance(condition, InSample) else None
            made = self._plain[id(condition)] = (condition, (one.name,) if isinstance(one, AttributeRef) else None)
        return made[1]

    def all_unknown(self, condition: Condition) -> tuple[tuple[str, ...], frozenset[str]] | None:
        """Return the names to blame where none of a set of attributes is known; None where that is not so simple."""
        made = self._unknown.get(id(condition))
        if made is None:
            made = self._unknown[id(condition)] = (condition, self._all_unknown(condition))
        return made[1]

    def _all_unknown(self, condition: Condition) -> tuple[tuple[str, ...], frozenset[str]] | None:
        if isinstance(condition, And | Or | Not | Defined):
            inner = [self.all_unknown(part) for part in self.inner(condition)]
            known = [one for one in inner if one is not None]
            if len(known) < len(inner):
                return None
            names = dict.fromkeys(name for each, _ in known for name in each)
            return tuple(names), frozenset().union(*(asked for _, asked in known))
        if not isinstance(condition, Is | IsTrue | Includes | Compares | Mentions | Spelt | Matches):
            return None
        plain = self.plain(condition)
        if plain is None or plain == ("arrival",) or self._program.known[plain[0]].sources:
            return None
        return plain, frozenset({*plain, "birth_date"} if plain == ("age",) else plain)

    def names_in(self, condition: Condition) -> tuple[str, ...]:
        """Return the attributes and facts that a condition names, each once."""
        condition = self.shared(condition)
        made = self._names.get(id(condition))
        if made is None:
            inner = parts_of(condition)
            found = (
                [name for part in inner for name in self.names_in(part)]
                if inner
                else [each.name for each in walk(condition) if isinstance(each, AttributeRef)]
            )
            made = self._names[id(condition)] = (condition, tuple(dict.fromkeys(found)))
        return made[1]


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that a condition is made of; none for a comparison."""
    match condition:
        case And(parts=inner) | Or(parts=inner):
            return inner
        case Not(part=part) | Possibly(part=part) | Certainly(part=part) | Defined(condition=part):
            return (part,)
        case _:
            return ()
