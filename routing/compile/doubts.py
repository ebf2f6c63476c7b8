"""Doubts: what is said of a procedure that does not count as it was said, and what the problem is.

What is too large for one decision counts in part or not at all, and says so. Of a text count the first 64 kB and the
first 1,000 fields, for exceptions and negation the first 16 kB, and for expressions the fewer letters the more steps
they take (`routing.meaning.expressions`). A set of more than 1,000 codes is unknown, because no answer about a part of
it would be sure, and no lesser source speaks in its place; so is a lookup of too many combinations
(`routing.meaning.lookups`). Values outside their list count, and are reported. A problem names the attribute or table
and never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final

from routing.attributes import Type
from routing.compile.operands import Lookup, Operands
from routing.compile.subject import Subject
from routing.compile.values import TOO_MANY
from routing.decision import Problem
from routing.meaning.lookups import MOST
from routing.meaning.words import LIMIT, MOST_FIELDS, Cut
from routing.program import Program

MOST_CODES: Final = 1_000  # of one attribute
_CONTAINERS: Final = (tuple, list, set, frozenset)
_FIELDS: Final = (str, tuple, list)
_NONE: Final = ()


class Doubts:
    """What may be wrong with the values that one program asks for."""

    def __init__(self, program: Program, operands: Operands, rooms: Mapping[str, Mapping[str, int]]) -> None:
        """*rooms* are the letters that count of attributes, by what they count for."""
        types = {name: program.known[name].type for name in sorted(operands.asked)}
        self._sets = tuple(name for name, type_ in types.items() if type_ is Type.CODES)
        self._texts = tuple(name for name, type_ in types.items() if type_ is Type.TEXT)
        self._rooms = rooms
        self._letters = tuple(
            (name, min([LIMIT, *rooms.get(name, {}).values()]))
            for name in types
            if name in self._texts or name in rooms
        )
        listed = [(name, frozenset(known.values)) for name, known in program.known.items() if known.listed]
        self._listed = tuple(listed)
        self._lookups: Sequence[Lookup] = operands.lookups
        self.any = bool(self._listed or self._lookups)

    def bound(self, subject: Subject) -> Sequence[Problem]:
        """Take away from the subject what is too large to count, before anything is asked of it; say what it was."""
        known = subject.known
        get = known.get
        try:
            for name in self._sets:
                if len(get(name, _NONE)) > MOST_CODES:
                    return self._bounded(subject)
            for name, most in self._letters:
                said = get(name)
                if said is None or (said.__class__ is tuple and len(said) == 1 and len(said[0]) <= most):
                    continue
                if len(said) > MOST_FIELDS or _size(said) > most:
                    return self._bounded(subject)
        except TypeError:  # garbage, which has no size
            return self._bounded(subject)
        return _NONE

    def _bounded(self, subject: Subject) -> list[Problem]:
        problems: list[Problem] = []
        known = dict(subject.known)
        for name in self._sets:
            codes = known.get(name)
            if isinstance(codes, _CONTAINERS) and len(codes) > MOST_CODES:
                known[name] = TOO_MANY
                message = f"`{name}` has more than {MOST_CODES:,} codes, and counts as unknown"
                problems.append(Problem(kind="too-many-codes", source=name, message=message))
        for name, _ in self._letters:
            if isinstance(known.get(name), _FIELDS):
                self._cut(name, known, problems)
        subject.known = known
        return problems

    def _cut(self, name: str, known: dict[str, Any], problems: list[Problem]) -> None:
        said = known[name]
        if name in self._texts:
            if not isinstance(said, str) and len(said) > MOST_FIELDS:
                said = known[name] = Cut([_beginning(one) for one in said[:MOST_FIELDS]])
                problems.append(_problem(name, f"{MOST_FIELDS:,} fields"))
            if _size(said) > LIMIT:
                if not isinstance(said, Cut):
                    known[name] = _beginning(said) if isinstance(said, str) else tuple(map(_beginning, said))
                problems.append(_problem(name, "64 kB"))
                return
        size = _size(said)
        for what, room in self._rooms.get(name, {}).items():
            if room < LIMIT and size > room:
                problems.append(_problem(name, f"{room:,} letters", f" for {what}"))

    def note(self, subject: Subject, problems: list[Problem]) -> None:
        """Add what is wrong with lookups and listed values; the subject's zone and clock are settled."""
        for table, keys in self._lookups:
            members = [key(subject) for key in keys]
            if prod(len(each) for each in members if isinstance(each, tuple)) > MOST:
                message = f"a lookup in `{table}` has more than {MOST} combinations of keys, and counts as unknown"
                problems.append(Problem(kind="lookup-too-large", source=table, message=message))
        get = subject.known.get
        for name, values in self._listed:
            said = get(name)
            if said is None or (said.__class__ is str and said in values):
                continue
            codes = said if isinstance(said, tuple | list) else (said,)
            if any(isinstance(code, str) and code not in values for code in codes):
                message = f"`{name}` has a value that is not in its list"
                problems.append(Problem(kind="unlisted-value", source=name, message=message))


def _problem(name: str, counts: str, what_for: str = "") -> Problem:
    return Problem(kind="text-cut", source=name, message=f"only the first {counts} of `{name}` count{what_for}")


def _beginning(field: Any) -> Any:
    """Return as much of a field as tells that it is cut."""
    return field[: LIMIT + 1] if isinstance(field, str) else field


def _size(fields: str | Iterable[object]) -> int:
    return len(fields) if isinstance(fields, str) else sum([len(one) for one in fields if isinstance(one, str)])
