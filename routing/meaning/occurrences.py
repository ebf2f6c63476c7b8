"""Occurrences: where phrases stand in a text, as bits: what is masked, negated or left is a few operations on integers.

A bit is the place of a word; between fields one place stays empty, so that no phrase crosses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from routing.meaning.negation import Negations
from routing.meaning.words import Phrase, Text

_MANY = 32  # every so many places a word: from there on an array of places is quicker than bit after bit


class Occurrences:
    """The words of one text by place. Lives as long as the text: it holds a patient's words."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._places: dict[str, list[int]] = {}
        place = 0
        for words in text.words:
            for word in words:
                self._places.setdefault(word, []).append(place)
                place += 1
            place += 1
        self._size = place
        self._words: dict[str, int] = {}
        self._starts: dict[tuple[str, ...], int] = {}
        self._negated: dict[int, tuple[int, int]] = {}

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
            found = self._word(words[0]) if words else 0
            for more, word in enumerate(words[1:], 1):
                if not found:
                    break
                found &= self._word(word) >> more
            self._starts[words] = found
        return found

    def _covered(self, phrase: Phrase) -> int:
        starts = covered = self._of(phrase)
        for more in range(1, len(phrase.words)):
            covered |= starts << more
        return covered

    def _word(self, word: str) -> int:
        found = self._words.get(word)
        if found is None:
            if word.endswith("*"):
                fits = [places for one, places in self._places.items() if one.startswith(word[:-1])]
                found = self._bits([place for places in fits for place in places])
            else:
                found = self._bits(self._places.get(word, ()))
            self._words[word] = found
        return found

    def _bits(self, places: Sequence[int]) -> int:
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
        clauses = [(field, clause) for field, said in enumerate(self._text.clauses) for clause in (*said, -1)]
        idle = 0
        for each in negating.neither:
            idle |= self._covered(each)
        earliest: dict[tuple[int, int], int] = {}  # where the first negating phrase of a clause ends
        latest: dict[tuple[int, int], int] = {}  # where the last one that negates backwards begins
        for begin, end in self._active(negating.before, clauses, idle):
            clause = clauses[begin]
            earliest[clause] = min(end, earliest.get(clause, end))
        for begin, _ in self._active(negating.after, clauses, idle):
            latest[clauses[begin]] = max(begin, latest.get(clauses[begin], begin))
        if not earliest and not latest:
            return 0, 0
        never = self._size
        before = [place for place, clause in enumerate(clauses) if earliest.get(clause, never) <= place]
        after = [place for place, clause in enumerate(clauses) if latest.get(clause, -1) > place]
        return self._bits(before), self._bits(after)

    def _active(
        self, phrases: Iterable[Phrase], clauses: Sequence[tuple[int, int]], idle: int
    ) -> Iterator[tuple[int, int]]:
        """Yield begin and end of the negating phrases that are in play and stand within one clause."""
        for each in phrases:
            size = len(each.words)
            for begin in _places(self._of(each) & ~idle):
                if clauses[begin] == clauses[begin + size - 1]:
                    yield begin, begin + size


def _places(bits: int) -> Iterator[int]:
    """Yield the places of the bits, lowest first."""
    text = bin(bits)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


def occurs(wanted: Phrase, text: Text, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
    """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
    if text.occurrences is None:
        text.occurrences = Occurrences(text)
    found: bool = text.occurrences.occurs(wanted, excepted, negating)
    return found
