"""Sets of codes compiled: what is held, against what is wanted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from routing.compile.subject import Read, Subject, Test
from routing.meaning.logic import Truth, both, either, negate
from routing.program import Reach

_FEW: Final = 16


def all_of(value: Any) -> tuple[Any, ...]:
    """Return the members of a value, which may be a single one."""
    return value if isinstance(value, tuple) else (value,)


def as_set(members: tuple[Any, ...], subject: Subject) -> Collection[Any]:
    """Return the members as they are, or many as a set that is made once: who asks for few need not meet all."""
    if len(members) <= _FEW:
        return members
    key = "set", id(members)
    found = subject.memo.get(key)
    if found is None:
        found = subject.memo[key] = (members, frozenset(members))  # the members are kept so that the id is
    made: frozenset[Any] = found[1]
    return made


def fixed_includes(read: Read, reach: Reach, wanted: frozenset[Any]) -> Test:
    """Return the test of `includes` and its like, where all values are constants."""

    def test(subject: Subject) -> Truth:
        value = read(subject)
        if value is None:
            return None
        held = as_set(all_of(value), subject)
        match reach:
            case Reach.ANY:
                return not wanted.isdisjoint(held)
            case Reach.NONE:
                return wanted.isdisjoint(held)
            case Reach.ALL:
                return wanted.issubset(held)
            case _:
                return wanted.issuperset(held)

    return test


def open_includes(held: frozenset[Any], reach: Reach, found: Sequence[tuple[Any, ...] | None]) -> Truth:
    """Return the answer where some of the values are attributes or cells, and may be unknown."""
    match reach:
        case Reach.ANY:
            return either(None if each is None else not held.isdisjoint(each) for each in found)
        case Reach.NONE:
            return negate(either(None if each is None else not held.isdisjoint(each) for each in found))
        case Reach.ALL:
            return both(None if each is None else held.issuperset(each) for each in found)
        case _:
            rest = held.difference(*(each for each in found if each is not None))
            return True if not rest else None if None in found else False
