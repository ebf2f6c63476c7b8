"""Conditions on text and codes compiled: mentions, starts with, matches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routing.attributes import Type
from routing.compile.spellings import Beginnings, Expressions, once
from routing.compile.subject import Read, Subject, Test
from routing.meaning.logic import Truth, both, either
from routing.meaning.negation import Negations
from routing.meaning.occurrences import occurs
from routing.meaning.spelling import SPELLINGS
from routing.meaning.words import LIMIT, Cut, Text, fold, phrase
from routing.program import Matches, Mentions, Spelt

_FEW: Final = 4
_UNSET: Final = object()
_SHORT, _MANY = 1000, 16  # characters, fields
_BEGINNING: Final = 200  # folded characters


def text_of(subject: Subject, fields: tuple[str, ...]) -> Text:
    """Return the folded text, made once for each subject."""
    key: object = fields
    if len(fields) > _MANY:
        key = id(fields)
    elif len(fields[0]) > _SHORT:  # a long text is not read to look it up
        key = tuple(map(id, fields))
    found = subject.texts.get(key)
    if found is None:
        found = subject.texts[key] = (Text(fields), fields)  # the fields are kept so that the ids are
    return found[0]


class Mentioning:
    """The test of `mentions`: not found in a text that was cut is unknown.

    Where the places of words matter, it is found once for each text: a lexicon asks for the text's class, and then the
    lane for what that class means.
    """

    __slots__ = ("_excepted", "_join", "_negating", "_plain", "_read", "_wanted")

    def __init__(self, condition: Mentions, read: Read, negating: Negations) -> None:
        self._wanted = [phrase(one) for one in condition.phrases]
        self._excepted = [phrase(one) for one in condition.excepted]
        self._negating = negating if condition.not_negated else None
        self._plain = not self._excepted and self._negating is None
        self._join: Callable[..., Truth] = both if condition.every else either
        self._read = read

    def __call__(self, subject: Subject) -> Truth:
        """Return what holds for a subject."""
        fields = self._read(subject)
        if fields is None:
            return None
        return self.of(text_of(subject, fields if isinstance(fields, tuple) else (fields,)))

    def of(self, text: Text) -> Truth:
        """Return what holds for a text."""
        if self._plain:
            missing = None if text.cut else False
            return self._join(one.is_in(text) or missing for one in self._wanted)
        text = text.near
        found: Truth | object = text.told.get(self, _UNSET)
        if found is _UNSET:
            found = text.told[self] = self._placed(text)
        return found  # type: ignore[return-value]

    def _placed(self, text: Text) -> Truth:
        missing, excepted, negating = None if text.cut else False, self._excepted, self._negating
        if negating is None and not (text.is_long or text.goes_on) and not any(one.is_in(text) for one in excepted):
            return self._join(one.is_in(text) or missing for one in self._wanted)
        if len(self._wanted) == 1:
            return occurs(self._wanted[0], text, excepted, negating) or missing
        return self._join(occurs(one, text, excepted, negating) or missing for one in self._wanted)


def spelt(condition: Spelt, read: Read) -> Test:
    """Return the test of `starts with` and its like: one code or field satisfies both the text and the exception."""
    holds = SPELLINGS[condition.operator].holds
    is_text = condition.left.type is Type.TEXT
    same: Callable[[str], str] = _folded if is_text else str
    texts = tuple(same(one) for one in condition.texts)
    excepted = tuple(same(one) for one in condition.excepted)
    begin = _whole if holds is not str.startswith or max(map(len, (*texts, *excepted))) > _BEGINNING else _begun

    def test(subject: Subject) -> Truth:
        value = read(subject)
        if value is None:
            return None
        fields, missing = value if isinstance(value, tuple) else (value,), False
        if is_text:
            fields, missing = once(subject, begin, fields)
        if len(fields) > _FEW and holds is str.startswith:
            found: Beginnings = once(subject, Beginnings, fields)
            return found.has(texts, excepted) or missing
        return any(holds(one, texts) and not holds(one, excepted) for one in fields) or missing

    return test


Fields = tuple[tuple[str, ...], bool | None]
"""The folded fields that count, and whether what is not found in them is missing (False) or unknown."""


def _whole(fields: tuple[str, ...]) -> Fields:
    """Return the fields that begin within what counts of a text."""
    return _those_that_count(fields, _folded)


def _begun(fields: tuple[str, ...]) -> Fields:
    """Return the same, of each at least as much as the beginnings that are asked for are long."""
    return _those_that_count(fields, _folded_beginning)


def _those_that_count(fields: tuple[str, ...], folded: Callable[[str], str]) -> Fields:
    kept: list[str] = []
    room = LIMIT
    for one in fields:
        if room <= 0:
            return tuple(kept), None
        kept.append(folded(one))
        room -= len(one)
    return tuple(kept), None if isinstance(fields, Cut) else False


def _folded_beginning(text: str) -> str:
    if len(text) > _SHORT:
        begun = _folded(text[:_SHORT])
        if len(begun) >= _BEGINNING:
            return begun
    return _folded(text)


def _folded(text: str) -> str:
    return " ".join(fold(text[:LIMIT]).split())


def matches(condition: Matches, read: Read, expressions: Expressions) -> Test:
    """Return the test of `matches`, found anywhere in a field; not found in a text that was cut is unknown."""
    number = expressions.number(condition.pattern)

    def test(subject: Subject) -> Truth:
        value = read(subject)
        if value is None:
            return None
        found, cut = expressions.found(value if isinstance(value, tuple) else (value,), subject)
        return True if number in found else None if cut else False

    return test
