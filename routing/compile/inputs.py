"""Inputs: what each condition asks of a procedure. Two procedures with the same inputs have the same truths.

An input is the name of an attribute or fact, or one of what is worked out for each decision: the clock, its day, the
hours that its wall time falls into, the arrival, the zone and the key.
"""

from __future__ import annotations

from typing import Any, Final

from routing.attributes import Type
from routing.program import (
    And,
    AttributeRef,
    Cell,
    Certainly,
    ClockRef,
    Condition,
    Constant,
    Defined,
    During,
    Fixed,
    InSample,
    Not,
    OnCalendar,
    Operand,
    Or,
    Path,
    Possibly,
    Precedes,
    Program,
    Sum,
    Within,
)
from routing.program.walk import walk

CLOCK: Final = "@clock"
DAY: Final = "@day"  # the day of the clock
HOURS: Final = "@hours"  # the wall time of the clock, as far as hours tell times apart
ARRIVAL: Final = "@arrival"
ZONE: Final = "@zone"
KEY: Final = "@key"
AGE: Final = frozenset({"age", "birth_date", DAY})

_MOMENTS: Final = (Type.DATE, Type.INSTANT)
_NONE: Final = frozenset[str]()


class Inputs:
    """The inputs of the conditions of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._zone = frozenset({ZONE}) if len(program.zones) > 1 else _NONE
        self._attributes: dict[str, frozenset[str]] = {}
        self._choices: dict[str, frozenset[str]] = {}
        self._shared: dict[int, tuple[Condition, frozenset[str] | None]] = {}

    def shared(self, condition: Condition) -> frozenset[str] | None:
        """Return the inputs that every comparison of the condition asks; None when they ask different ones."""
        found = self._shared.get(id(condition))
        if found is None:
            found = self._shared[id(condition)] = (condition, self._common(condition))
        return found[1]

    def _common(self, condition: Condition) -> frozenset[str] | None:
        match condition:
            case And(parts=parts) | Or(parts=parts):
                each = {self.shared(part) for part in parts if not isinstance(part, Fixed)}
                return None if len(each) > 1 or None in each else next(iter(each), _NONE)
            case Not(part=part) | Possibly(part=part) | Certainly(part=part) | Defined(condition=part):
                return self.shared(part)
            case _:
                return self.asked(condition)

    def asked(self, condition: Condition) -> frozenset[str]:  # noqa: PLR0911 - one for each form
        """Return all that a condition of whatever form asks."""
        match condition:
            case And(parts=parts) | Or(parts=parts):
                return _NONE.union(*(self.asked(part) for part in parts))
            case Not(part=part) | Possibly(part=part) | Certainly(part=part) | Defined(condition=part):
                return self.asked(part)
            case InSample():
                return frozenset({KEY})
            case During(times=times, of=of):
                mine = frozenset({HOURS}) if isinstance(of, ClockRef) else self._operand(of) | self._zone
                return mine | self._times(times)
            case OnCalendar(of=of):
                return frozenset({DAY}) if isinstance(of, ClockRef) else self._operand(of) | self._zone
            case Precedes():
                return self._operands(condition) | self._zone
            case Within():
                whens = (each.when for each in self._program.workdays if each.when is not None)
                return self._operands(condition) | self._zone | _NONE.union(*map(self.asked, whens))
            case _:
                return self._operands(condition)

    def _times(self, name: str) -> frozenset[str]:
        found = self._choices.get(name)
        if found is None:
            whens = (choice.when for choice in self._program.times[name].choices if choice.when is not None)
            found = self._choices[name] = _NONE.union(*map(self.asked, whens))
        return found

    def _operands(self, value: Any) -> frozenset[str]:
        return _NONE.union(*(self._operand(each) for each in walk(value) if isinstance(each, Operand)))

    def _operand(self, operand: Operand) -> frozenset[str]:
        match operand:
            case AttributeRef(name=name):
                return self.attribute(name)
            case ClockRef():
                return frozenset({CLOCK})
            case Constant():
                return self._zone if operand.type in _MOMENTS else _NONE
            case Cell(keys=keys):
                zone = self._zone if operand.type in _MOMENTS else _NONE
                return zone.union(*(self._operand(key) for key in keys))
            case Sum(left=left, right=right):
                zone = self._zone if operand.type in _MOMENTS else _NONE
                return self._operand(left) | self._operand(right) | zone
            case _:
                return _NONE

    def attribute(self, name: str) -> frozenset[str]:
        """Return what the value of an attribute or fact hangs on."""
        if name == "age":
            return AGE
        if name == "arrival":
            return frozenset({ARRIVAL})
        found = self._attributes.get(name)
        if found is None:
            known = self._program.known[name]
            self._attributes[name] = frozenset({name})
            found = frozenset({name}) | (self._zone if known.type in _MOMENTS else _NONE)
            found = found.union(*(self._operand(one) for one in known.sources if not isinstance(one, Path)))
            self._attributes[name] = found
        return found
