"""The phrases of one text attribute, found in one pass over its words, however many there are.

The pass over a short text is an automaton over words: a state is the set of phrases begun, and is made when it is first
reached. A long text, and one that begins too many phrases at once, is asked which of the words of phrases it holds, and
where (`routing.compile.phrases`). What a text's class is (the phrases that it holds, whether it was cut, and what else
is asked of it) decides every condition on that text. But for short descriptions, which name a protocol, no word of it
is kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final

from attrs import define, field

from routing.compile.operands import cleaned
from routing.compile.phrases import Phrases
from routing.compile.subject import Subject, Test
from routing.compile.texts import Mentioning, text_of
from routing.compile.values import text as clean
from routing.meaning.words import LIMIT, Cut, Text, phrase, words_of
from routing.program import (
    And,
    Certainly,
    Condition,
    Defined,
    IsKnown,
    Matches,
    Mentions,
    Not,
    Or,
    Possibly,
    Spelt,
)
from routing.program.walk import walk

_MOST_STATES: Final = 4096
_MOST_BEGUN: Final = 200
_MOST_BEGINNINGS: Final = 2000  # of words
_PROTOCOL, _MOST_KEPT = 120, 4096  # characters and number of the descriptions whose class is remembered
_FEW, _SHORT, _MANY = 1, 1000, 16  # fields, characters that need no care for the length of a text, many fields
_PARTING: Final = {number: " " for number in range(128) if not chr(number).isalnum()}
_Progress = frozenset[tuple[int, int]]  # phrases, with how many of their words were met


@define(eq=False)
class _State:
    progress: _Progress
    found: int
    wants: frozenset[str] = frozenset()  # what goes on with a phrase begun
    onward: dict[int, _State] = field(factory=dict)


_TOO_MANY: Final = _State(frozenset(), 0)  # of phrases begun at once: the text is looked through in another way


class Lexicon:
    """What the parts over one text attribute ask of it."""

    def __init__(self, name: str, conditions: Iterable[Condition], test_of: dict[int, Test]) -> None:
        leaves = [each for one in conditions for each in walk(one) if isinstance(each, Condition)]
        self._name = name
        self._words: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}
        self._specials: list[tuple[int, Any]] = []  # the phrases without which there is nothing to ask, and the test
        # A description is the name of a protocol, and the same few come again all day; no other text is kept.
        self._kept: dict[Any, Hashable] | None = {} if name == "description" else None
        self._asked = 0  # the phrases that conditions are about; the others are exceptions of theirs
        seen: set[Condition] = set()
        for leaf in leaves:
            if leaf in seen or not isinstance(leaf, Mentions | Spelt | Matches):
                continue
            seen.add(leaf)
            wanted = self._wanted(leaf) if isinstance(leaf, Mentions) else 0
            if not isinstance(leaf, Mentions):
                self._specials.append((-1, test_of[id(leaf)]))
                continue
            self._asked |= wanted
            for one in leaf.excepted:
                self._number(one)
            if leaf.excepted or leaf.not_negated:
                self._specials.append((wanted, test_of[id(leaf)]))
        self._arrange()

    @staticmethod
    def reads(condition: Condition) -> bool:
        """Say whether a lexicon can tell the class of texts for a condition."""
        return all(
            isinstance(each, Mentions | Spelt | Matches | IsKnown) or _is_join(each)
            for each in walk(condition)
            if isinstance(each, Condition)
        )

    def _wanted(self, leaf: Mentions) -> int:
        bits = 0
        for one in leaf.phrases:
            number = self._number(one)
            bits |= 0 if number is None else 1 << number
        return bits

    def _number(self, said: str) -> int | None:
        """Return the number of a phrase; None for one without words, which is nowhere."""
        words = phrase(said).words
        return self._numbers.setdefault(words, len(self._numbers)) if words else None

    def _arrange(self) -> None:
        self._words = list(self._numbers)
        self._first: dict[str, list[int]] = {}
        for number, words in enumerate(self._words):
            self._first.setdefault(words[0], []).append(number)
        tokens = {word for words in self._words for word in words}
        self._exact = frozenset(word for word in tokens if not word.endswith("*"))
        self._prefixes = frozenset(word[:-1] for word in tokens if word.endswith("*"))
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._asked_numbers = {words: number for words, number in self._numbers.items() if self._asked >> number & 1}
        self._every = Phrases(self._numbers)
        self._phrases = self._every if self._asked_numbers == self._numbers else Phrases(self._asked_numbers)
        self._reset()

    def _reset(self) -> None:
        self._sets: list[frozenset[str]] = [frozenset()]
        self._set_numbers: dict[frozenset[str], int] = {frozenset(): 0}
        self._classes: dict[str, int] = {word: self._class_of(word) for word in self._exact}
        self._root = _State(frozenset(), 0)
        self._states: dict[tuple[_Progress, int], _State] = {(frozenset(), 0): self._root}

    def token(self, subject: Subject) -> Hashable:
        """Return the class of the subject's text; None where it is unknown."""
        fields = subject.known.get(self._name)
        if fields is None:
            return None
        kept = self._kept
        if kept is not None and fields.__class__ is tuple:
            try:
                return kept[fields]
            except KeyError:
                token = self._of(subject, fields)
                if sum(map(len, fields)) <= _PROTOCOL:
                    if len(kept) >= _MOST_KEPT:
                        kept.clear()
                    kept[fields] = token
                return token
            except TypeError:  # garbage
                pass
        return self._of(subject, fields)

    def _of(self, subject: Subject, fields: Any) -> Hashable:
        if not self._specials and fields.__class__ is tuple and len(fields) == 1:
            one = fields[0]
            # The usual case, quickly: a blank field has no words, and is left to what follows.
            if one.__class__ is str and len(one) < _SHORT and one.isascii() and (words := _words(one)):
                return self._found(words)
        many = fields.__class__ in (tuple, list, Cut) and len(fields) > _MANY
        fields = cleaned(self._name, fields, clean, subject) if many else clean(fields, subject)
        if fields is None:
            return None
        if not self._numbers:  # nothing is asked about words
            cut = sum(map(len, fields)) > LIMIT or fields.__class__ is Cut
            return cut, tuple([test(subject) for _, test in self._specials])
        if self._specials or len(fields) > _FEW or len(fields[0]) >= _SHORT:
            return self._token(subject, text_of(subject, fields))
        said: Sequence[str] = _words(fields[0]) if fields[0].isascii() else words_of(fields[0])
        return self._found(said)

    def _token(self, subject: Subject, text: Text) -> Hashable:
        found = 0
        if text.is_long:
            found = self._phrases.found(text)
            text.found = self._asked_numbers, found
        else:
            for words in text.words:
                found |= self._found(words)
            text.found = self._numbers, found
        if not self._specials:
            return (found, True) if text.cut else found
        # INVARIANT: a phrase that is excepted matters by the tests alone, so that it does not make classes of its own
        told = [
            (test.of(text) if test.__class__ is Mentioning else test(subject)) if found & wanted or wanted < 0 else None
            for wanted, test in self._specials
        ]
        return found & self._asked, text.cut, text.near.cut, tuple(told)

    def _found(self, words: Sequence[str]) -> int:
        """Return the phrases among the words of one field."""
        found = 0
        classes, state = self._classes, self._root
        if len(self._lengths) * len(words) > _MOST_BEGINNINGS:
            return self._every.found(Text([" ".join(words)]))
        if self._lengths:  # a word may fit a beginning: the words of this text alone are looked at, each once
            classes = classes | {word: self._class_of(word) for word in set(words) if word not in classes}
        for word in words:
            number = classes.get(word)
            if number:
                after = state.onward.get(number)
                if after is None:
                    after = self._step(state, number)
                if after is _TOO_MANY:
                    return self._every.found(Text([" ".join(words)]))
                state = after
                found |= state.found
            else:
                state = self._root
        return found

    def _class_of(self, word: str) -> int:
        """Return the number of the set of all words and beginnings in phrases that *word* fits."""
        prefixes, longest = self._prefixes, len(word)
        begun = [f"{word[:size]}*" for size in self._lengths if word[:size] in prefixes and size <= longest]
        if not begun and word not in self._exact:
            return 0
        fits = frozenset([*begun, word] if word in self._exact else begun)
        number = self._set_numbers.get(fits)
        if number is None:
            number = self._set_numbers[fits] = len(self._sets)
            self._sets.append(fits)
        return number

    def _step(self, state: _State, number: int) -> _State:
        fits, found, progress = self._sets[number], 0, set[tuple[int, int]]()
        root = self._root
        if len(state.progress) + sum([len(self._first.get(word, ())) for word in fits]) > _MOST_BEGUN:
            state.onward[number] = _TOO_MANY
            return _TOO_MANY
        if state is not root and fits.isdisjoint(state.wants):  # nothing goes on: it is as if the text began here
            return root.onward.get(number) or self._step(root, number)
        begun = ((one, 0) for word in fits for one in self._first.get(word, ()))
        for one, met in (*state.progress, *begun):
            words = self._words[one]
            if words[met] not in fits:
                continue
            if met + 1 == len(words):
                found |= 1 << one
            else:
                progress.add((one, met + 1))
        if len(self._states) >= _MOST_STATES:
            self._forget()
        key = frozenset(progress), found
        after = self._states.get(key)
        if after is None:
            wants = frozenset([self._words[one][met] for one, met in progress])
            after = self._states[key] = _State(*key, wants)
        state.onward[number] = after
        return after

    def _forget(self) -> None:
        """Drop the states made so far: those in use go on by themselves."""
        self._states = {(self._root.progress, 0): self._root}
        self._root.onward.clear()


def _words(text: str) -> list[str]:
    """Return the words of a text that needs no folding but of case."""
    return text.lower().translate(_PARTING).split()


def _is_join(condition: Condition) -> bool:
    return isinstance(condition, And | Or | Not | Possibly | Certainly | Defined)
