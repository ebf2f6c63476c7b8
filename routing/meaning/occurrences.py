"""Occurrences: where phrases stand in a text, as bits: what is masked, negated or left is a few operations on integers.

A bit is the place of a word; between fields one place stays empty, so that no phrase crosses it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from routing.meaning.negation import Negations
from routing.meaning.words import Phrase, Text

_FEW: Final = 16  # places: up to there bit after bit is quicker than an array
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

    def beginning(self, prefix: str) -> Sequence[str]:
        """Return the distinct words that begin so, in order."""
        if self._sorted is None:
            self._sorted = sorted(self.distinct)
        words, size = self._sorted, len(prefix)
        low = bisect_left(words, prefix)
        if low == len(words) or not words[low].startswith(prefix):
            return ()
        return words[low : bisect_right(words, prefix, low, key=lambda one: one[:size])]

    def occurs(self, wanted: Phrase, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
        """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
        places = self._of(wanted)
        if not places:
            return False
        size = len(wanted.words)
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
        before, after = self._flags(), self._flags()
        ends_at = self._told([(each, len(each.words) - 1) for each in negating.before], idle, borders)
        begins_at = self._told([(each, 0) for each in negating.after], idle, borders)
        for low, high in pairwise(begins):
            first = ends_at.find("1", low, high)
            if first >= 0:  # what follows the first one
                before[first + 1 : high] = b"1" * (high - first - 1)
            last = begins_at.rfind("1", low, high)
            if last >= 0:  # what stands before the last one
                after[low:last] = b"1" * (last - low)
        return int(before[::-1], 2), int(after[::-1], 2)

    def _flags(self) -> bytearray:
        return bytearray(b"0" * self._size)

    def _told(self, phrases: Iterable[tuple[Phrase, int]], idle: int, borders: int) -> str:
        """Return where phrases that are in play and stand within one clause are, place by place.

        Each phrase comes with the number of the word of it that is meant.
        """
        told = 0
        for each, word in phrases:
            begins = self._of(each) & ~idle
            for more in range(1, len(each.words)):
                begins &= ~(borders >> more)
            told |= begins << word
        return bin(told)[:1:-1]


def occurrences(text: Text) -> Occurrences:
    """Return the words of a text by place, made once for each text."""
    if text.occurrences is None:
        text.occurrences = Occurrences(text)
    made: Occurrences = text.occurrences
    return made


def occurs(wanted: Phrase, text: Text, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
    """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
    return occurrences(text).occurs(wanted, excepted, negating)
