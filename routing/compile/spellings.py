"""Beginnings and expressions of one attribute, looked for together however many rules ask for them.

Each fits what would be found one by one: `starts with` by the places of beginnings among the values in their order,
`matches` by one automaton for all expressions. What was found lives as long as the subject: it holds a patient's words.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from string import ascii_letters, digits
from typing import Any, Final

from routing.compile.subject import Subject
from routing.meaning.expressions import steps
from routing.meaning.words import LIMIT, Cut, whole_words

_MEMORY: Final = 64 << 20  # bytes of the automaton's states
_MOST_PROGRAM: Final = 50_000  # instructions that one automaton stands for: well within what that memory takes
_FEW: Final = 4  # expressions
_FEW_FIELDS: Final = 16
_FEW_LENGTHS: Final = 8  # of beginnings

Interval = tuple[int, int]
_NOWHERE: Final[Interval] = (0, 0)
_OF_WORDS: Final = frozenset(f"{ascii_letters}{digits}_")  # to the engine, whatever the language
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class Beginnings:
    """The distinct values of one attribute in order, so that those with one beginning stand together."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(set(values))
        self._by_length: dict[int, dict[str, Interval]] = {}
        self._known: dict[str, Interval] = {}

    def has(self, texts: Sequence[str], excepted: Sequence[str]) -> bool:
        """Say whether a value begins with one of *texts* and with none of *excepted*."""
        found = [one for one in map(self._of, texts) if one is not _NOWHERE]
        if not found or not excepted:
            return bool(found)
        out = sorted([self._of(one) for one in excepted])
        return any(_is_open(one, out) for one in found)

    def _of(self, text: str) -> Interval:
        size = len(text)
        begun = self._by_length.get(size)
        if begun is None:
            if len(self._by_length) >= _FEW_LENGTHS:
                return self._looked_up(text)
            begun = self._by_length[size] = self._begun(size)
        return begun.get(text, _NOWHERE)

    def _begun(self, size: int) -> dict[str, Interval]:
        """Return the beginnings of one length, all of them in one pass."""
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for place, value in enumerate(self._values, 1):
            beginning = value[:size]
            first.setdefault(beginning, place - 1)
            last[beginning] = place
        return {one: (low, last[one]) for one, low in first.items() if len(one) == size}

    def _looked_up(self, text: str) -> Interval:
        found = self._known.get(text)
        if found is None:
            size, values = len(text), self._values
            low = bisect_left(values, text)
            found = _NOWHERE
            if low < len(values) and values[low].startswith(text):
                found = low, bisect_right(values, text, low, key=lambda one: one[:size])
            self._known[text] = found
        return found


def once(subject: Subject, make: Callable[[tuple[str, ...]], Any], fields: tuple[str, ...]) -> Any:
    """Return what is made of fields, made once for each subject; of many fields not all are looked at each time."""
    key = make, fields if len(fields) <= _FEW_FIELDS else id(fields)
    found = subject.memo.get(key)
    if found is None:
        found = subject.memo[key] = (make(fields), fields)  # the fields are kept so that the id is
    return found[0]


def _is_open(interval: Interval, out: Sequence[Interval]) -> bool:
    """Say whether anything of an interval is left when others, in order, are taken away."""
    low, high = interval
    for begin, end in out:
        if low >= high or begin > low:
            break
        low = max(low, end)
    return low < high


class Expressions:
    """The regular expressions that are asked of one attribute."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._searches: list[Callable[[bytes], Any]] = []
        self._sizes: list[int] = []
        self.steps = 0
        self.room = LIMIT  # letters that count
        self._at_ends: set[int] = set()  # those that may ask whether a text ends
        # The automata, each with its first number and the one after its last; None until they are made.
        self._together: list[tuple[Any, int, int]] | None = None

    def number(self, pattern: str) -> int:
        """Return the number of an expression."""
        import re2  # noqa: PLC0415 - an extra; `check` refuses the rule where it is missing

        number = self._numbers.get(pattern)
        if number is None:
            number = self._numbers[pattern] = len(self._searches)
            self._searches.append(re2.compile(pattern.encode()).search)
            self._sizes.append(steps(pattern))
            if "$" in _ESCAPED.sub("", pattern) or not {"z", "B"}.isdisjoint(_ESCAPED.findall(pattern)):
                self._at_ends.add(number)
            self.steps += self._sizes[-1]
        return number

    def settle(self) -> None:
        """Make the automaton for all expressions so far; later ones are looked for one by one."""
        if self._together is not None or len(self._searches) < _FEW:
            return
        self._together = []
        patterns, first, size = list(self._numbers), 0, 0
        for number, own in enumerate(self._sizes):
            size += own
            if size > _MOST_PROGRAM and number > first:
                self._together.append((_automaton(patterns[first:number]), first, number))
                first, size = number, own
        self._together.append((_automaton(patterns[first:]), first, len(patterns)))

    def found(self, fields: tuple[str, ...], subject: Subject) -> tuple[frozenset[int], bool]:
        """Return the numbers of the expressions that are found in any field, and whether the text was cut."""
        found: tuple[frozenset[int], bool] = once(subject, self._found, fields)
        return found

    def _found(self, fields: tuple[str, ...]) -> tuple[frozenset[int], bool]:
        found: set[int] = set()
        seen: set[str] = set()
        room = self.room
        for one in fields:
            if len(one) > room:  # where it is cut, no word and no text ends
                text = whole_words(one, room) if one[room] in _OF_WORDS else one[:room]
                return frozenset(found | (self._in(text) - self._at_ends)), True
            if one not in seen:
                seen.add(one)
                found |= self._in(one, found)
            room -= len(one)
        return frozenset(found), isinstance(fields, Cut)

    def _in(self, field: str, known: Collection[int] = ()) -> set[int]:
        """Return what is found in a field; what is *known* already need not be looked for."""
        text = field.encode("utf-8", "replace")  # a lone surrogate has no UTF-8: the engine would refuse all for it
        found, done = set[int](known), 0
        for automaton, first, last in self._together or ():
            matched = automaton.Match(text)
            if last - first in matched:  # the one that always matches
                found.update([first + number for number in matched if number < last - first])
            else:  # there was no room for the states that this text wants
                found.update(self._one_by_one(text, first, last, found))
            done = last
        found.update(self._one_by_one(text, done, len(self._searches), found))
        return found

    def _one_by_one(self, text: bytes, first: int, last: int, found: set[int]) -> list[int]:
        return [number for number in range(first, last) if number not in found and self._searches[number](text)]


def _automaton(patterns: Sequence[str]) -> Any:
    import re2  # noqa: PLC0415 - as above

    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    made = re2.Set.SearchSet(options)
    for each in patterns:
        made.Add(each)
    made.Add("")  # INVARIANT: it is found in whatever was looked through
    made.Compile()
    return made
