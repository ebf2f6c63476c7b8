"""Occurrences: where phrases stand in a text, as bits: what is masked, negated or left is a few operations on integers.

A bit is the place of a word; between fields one place stays empty, so that no phrase crosses it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, compress
from typing import Final

from routing.meaning.negation import Negations
from routing.meaning.words import Phrase, Text

_FEW: Final = 16  # places: up to there bit after bit is quicker than an array
_OPPOSITE: Final = bytes(48 * [1]) + bytes([1, 0]) + bytes(206 * [1])  # of "0" and "1": true and false
_MANY: Final = 32  # every so many places a word: from there on an array of places is quicker than one of bits


class Occurrences:
    """The words of one text by place. Lives as long as the text: it holds a patient's words."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.distinct = set().union(*text.words)
        self._places: dict[str, list[int]] = {}
        self._sorted: list[str] | None = None
        self._size = sum(map(len, text.words)) + len(text.words) + 1  # also where the last field is over
        self._words: dict[str, int] = {}
        self._starts: dict[tuple[str, ...], int] = {}
        self._negated: dict[int, tuple[int, int]] = {}
        self._affirmed: dict[int, tuple[set[str], list[str]]] = {}

    def beginning(self, prefix: str) -> Sequence[str]:
        """Return the distinct words that begin so, in order."""
        if self._sorted is None:
            self._sorted = sorted(self.distinct)
        words, size = self._sorted, len(prefix)
        low = _first(words, prefix)
        return () if low is None else words[low : bisect_right(words, prefix, low, key=lambda one: one[:size])]

    def occurs(self, wanted: Phrase, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
        """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
        size = len(wanted.words)
        if size == 1 and negating is not None and not excepted:
            words, ordered = self._not_negated(negating)
            word = wanted.words[0]
            return _first(ordered, word[:-1]) is not None if word.endswith("*") else word in words
        places = self._of(wanted)
        if not places:
            return False
        if excepted and self._text.goes_on:  # what stands behind the last words may make an exception of them
            longest = max(len(each.words) for each in excepted)
            places &= (1 << max(0, self._size - 2 - (longest - 1) - (size - 1))) - 1
        for each in excepted:
            covered = self._covered(each)
            for more in range(size):
                places &= ~(covered >> more)
        if not places or negating is None:
            return bool(places)
        before, after = self._negations(negating)
        return bool(places & ~before & ~(after >> (size - 1)))

    def _of(self, phrase: Phrase) -> int:
        """Return where the phrase begins."""
        words = phrase.words
        found = self._starts.get(words)
        if found is None:
            found = self.word(words[0]) if words else 0
            for more, word in enumerate(words[1:], 1):
                if not found:
                    break
                found &= self.word(word) >> more
            self._starts[words] = found
        return found

    def _covered(self, phrase: Phrase) -> int:
        starts = covered = self._of(phrase)
        for more in range(1, len(phrase.words)):
            covered |= starts << more
        return covered

    def word(self, word: str) -> int:
        """Return the places of a word, or of all that begin so when it ends in a star."""
        found = self._words.get(word)
        if found is None:
            if not self._places:
                self._place()
            if word.endswith("*"):
                fits = [self._places[one] for one in self.beginning(word[:-1])]
                found = self._bits([place for places in fits for place in places])
            else:
                found = self._bits(self._places.get(word, ()))
            self._words[word] = found
        return found

    def _place(self) -> None:
        places: dict[str, list[int]] = {word: [] for word in self.distinct}
        begin = 0
        for words in self._text.words:
            for place, word in enumerate(words, begin):
                places[word].append(place)
            begin += len(words) + 1
        self._places = places

    def _bits(self, places: Sequence[int]) -> int:
        """Return the places as bits."""
        if len(places) <= _FEW:
            bits = 0
            for place in places:
                bits |= 1 << place
            return bits
        if len(places) * _MANY > self._size:
            flags = bytearray(b"0" * self._size)
            for place in places:
                flags[~place] = 49  # "1", the first place last
            return int(flags, 2)
        array = bytearray((self._size >> 3) + 1)
        for place in places:
            array[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(array, "little")

    def _negations(self, negating: Negations) -> tuple[int, int]:
        """Return the places that are negated from before, and those that are from behind, each within its clause."""
        found = self._negated.get(id(negating))
        if found is None:
            found = self._negated[id(negating)] = self._negated_by(negating)
        return found

    def _not_negated(self, negating: Negations) -> tuple[set[str], list[str]]:
        """Return the words that occur where nothing negates them, found in one pass; the same in order too."""
        found = self._affirmed.get(id(negating))
        if found is None:
            before, after = self._negations(negating)
            flags = self._flags(before | after).encode().translate(_OPPOSITE)
            # Between fields one place stays empty, as it does in the bits.
            words = chain.from_iterable(chain(one, ("",)) for one in self._text.words)
            affirmed = set(compress(words, flags)) - {""}
            found = self._affirmed[id(negating)] = affirmed, sorted(affirmed)
        return found

    def _negated_by(self, negating: Negations) -> tuple[int, int]:
        begins = [0]  # of clauses; a field ends one, and so does the empty place behind it
        for words, ends in zip(self._text.words, self._text.ends, strict=True):
            begin = begins[-1]
            begins += [begin + end for end in ends if end]
            begins += [begin + len(words), begin + len(words) + 1]
        idle = 0
        for each in negating.neither:
            idle |= self._covered(each)
        borders = self._bits(begins)
        ends_at = self._told([(each, len(each.words) - 1) for each in negating.before], idle, borders)
        begins_at = self._told([(each, 0) for each in negating.after], idle, borders)
        back = _onward(self._reversed(begins_at), self._reversed(borders) << 1)
        after = self._reversed(back)
        if self._text.goes_on:  # what stands behind the last clause may negate all of it
            after |= (1 << begins[-1]) - (1 << begins[-3])
        return _onward(ends_at, borders), after

    def _reversed(self, places: int) -> int:
        """Return the places counted from the end of the text."""
        return int(self._flags(places), 2)

    def _flags(self, places: int) -> str:
        """Return the places as "0" and "1", the first place first."""
        return bin(places | 1 << self._size)[:2:-1]

    def _told(self, phrases: Iterable[tuple[Phrase, int]], idle: int, borders: int) -> int:
        """Return where phrases that are in play and stand within one clause are.

        Each phrase comes with the number of the word of it that is meant.
        """
        told = 0
        for each, word in phrases:
            begins = self._of(each) & ~idle
            for more in range(1, len(each.words)):
                begins &= ~(borders >> more)
            told |= begins << word
        return told


def _first(words: Sequence[str], prefix: str) -> int | None:
    """Return where the words that begin so start among words in order; None where there is none."""
    low = bisect_left(words, prefix)
    return low if low < len(words) and words[low].startswith(prefix) else None


def _onward(places: int, borders: int) -> int:
    """Return all places behind one of *places* and before the next border; the last border is behind all places.

    A border less a place before it is a one at each place between: subtracting fills all clauses at once.
    """
    first = (places << 1) & ~borders
    return ((borders - first) ^ borders) & ~borders | first


def occurrences(text: Text) -> Occurrences:
    """Return the words of a text by place, made once for each text."""
    if text.occurrences is None:
        text.occurrences = Occurrences(text)
    made: Occurrences = text.occurrences
    return made


def occurs(wanted: Phrase, text: Text, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
    """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
    return occurrences(text).occurs(wanted, excepted, negating)
