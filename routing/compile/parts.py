"""Conditions taken apart: into parts that must all hold, each of which asks one set of inputs.

Kleene logic is a distributive lattice with negation, so that taking conjunctions, disjunctions, `not`, `possibly` and
`certainly` apart changes no truth, unknown included. What is equal is one part, however often it is written. An `or`
over several sets of inputs is a *gate*: its alternatives are conjunctions of parts and of other gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import define, field

from routing.compile.inputs import Inputs
from routing.program import And, Certainly, Condition, Defined, Not, Or, Possibly

_SHARED_MOST: Final = 4  # parts of one define that each of its uses names again; a longer one is a gate of its own


@define(eq=False)
class Part:
    """A condition over one set of inputs, and the bits (rules, alternatives of gates) that need it."""

    condition: Condition
    inputs: frozenset[str]
    users: list[int] = field(factory=list)


@define(eq=False)
class Gate:
    """Alternatives of which one must hold; each is a conjunction. `uses` counts where the gate stands."""

    terms: list[tuple[Literal, ...]]
    uses: int = 0
    users: list[int] = field(factory=list)
    bits: tuple[int, int] = (0, 0)  # its alternatives have the bits from the first to before the second


Literal = Part | Gate


class Parts:
    """The parts and gates of one program; asking for the same condition twice gives the same objects."""

    def __init__(self, inputs: Inputs, shared: Callable[[Condition], Condition]) -> None:
        self._inputs, self._shared = inputs, shared
        self._keys: dict[Any, int] = {}
        self._kept: list[Condition] = []  # so that an identity stays what it is
        self._by_id: dict[int, int] = {}
        self._made: dict[int, tuple[Literal, ...]] = {}

    def all_of(self, condition: Condition) -> tuple[Literal, ...]:
        """Return what must hold for the condition to hold."""
        key = self._key(condition)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._apart(condition)
        return made

    def _apart(self, condition: Condition) -> tuple[Literal, ...]:
        inputs = self._inputs.shared(condition)
        if inputs is not None:
            return (Part(condition=condition, inputs=inputs),)
        is_and, inner = head(condition)
        if not is_and:
            return (self._gate([self.all_of(part) for part in inner]),)
        found = tuple(dict.fromkeys(one for part in inner for one in self.all_of(part)))
        return (self._gate([found]),) if len(found) > _SHARED_MOST and _is_define(condition) else found

    @staticmethod
    def _gate(terms: list[tuple[Literal, ...]]) -> Gate:
        for one in (each for term in terms for each in term):
            if isinstance(one, Gate):
                one.uses += 1
        return Gate(terms=terms)

    def _key(self, condition: Condition) -> int:
        """Return a number that equal conditions share; a define is itself, however long it is."""
        found = self._by_id.get(id(condition))
        if found is None:
            found = self._keys.setdefault(self._form(condition), len(self._keys))
            self._by_id[id(condition)] = found
            self._kept.append(condition)
        return found

    def _form(self, condition: Condition) -> Any:
        match condition:
            case And(parts=parts) | Or(parts=parts):
                return type(condition), tuple(self._key(part) for part in parts)
            case Not(part=part) | Possibly(part=part) | Certainly(part=part) | Defined(condition=part):
                return type(condition), self._key(part)
            case _:
                return id(self._shared(condition))


def head(condition: Condition) -> tuple[bool, tuple[Condition, ...]]:
    """Return the conditions that a condition is the conjunction (true) or disjunction (false) of; itself if neither."""
    match condition:
        case And(parts=parts):
            return True, parts
        case Or(parts=parts):
            return False, parts
        case Defined(condition=part):
            return head(part)
        case Not(part=part):
            return _negated(condition, part)
        case Possibly(part=part) | Certainly(part=part):
            is_and, inner = head(part)
            wrap = type(condition)
            return is_and, tuple(wrap(span=each.span, text=each.text, part=each) for each in inner)
        case _:
            return True, (condition,)


def _negated(  # noqa: PLR0911 - one for each form
    condition: Condition, part: Condition
) -> tuple[bool, tuple[Condition, ...]]:
    match part:
        case Not(part=inner):
            return head(inner)
        case Possibly(part=inner):
            return head(_wrapped(Certainly, _wrapped(Not, inner)))
        case Certainly(part=inner):
            return head(_wrapped(Possibly, _wrapped(Not, inner)))
        case Defined(condition=inner):
            return head(_wrapped(Not, inner))
        case And(parts=parts):
            return False, tuple(_wrapped(Not, each) for each in parts)
        case Or(parts=parts):
            return True, tuple(_wrapped(Not, each) for each in parts)
        case _:
            return True, (condition,)


def _wrapped(kind: type[Not | Possibly | Certainly], part: Condition) -> Condition:
    return kind(span=part.span, text=part.text, part=part)


def _is_define(condition: Condition) -> bool:
    while isinstance(condition, Not | Possibly | Certainly):
        condition = condition.part
    return isinstance(condition, Defined)


def gates_of(literals: tuple[Literal, ...]) -> Iterator[Gate]:
    """Yield the gates among the literals."""
    return (one for one in literals if isinstance(one, Gate))
