"""The phrases that a long text holds: by the set of its words, and by the places of the few that phrases are made of.

A phrase of one word costs no more than the word; longer ones share what they begin with, and only those are followed
whose words so far stand in a row somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import define, field

from routing.meaning.occurrences import Occurrences, occurrences
from routing.meaning.words import Text

_FEW_LENGTHS: Final = 2  # of beginnings: looked up letter by letter, without putting the words in order


@define(eq=False)
class _Node:
    """The words with which phrases begin; `found` are the phrases that end here."""

    found: int = 0
    onward: dict[str, _Node] = field(factory=dict)


class Phrases:
    """Numbered phrases; the number of each is its bit."""

    def __init__(self, phrases: Mapping[tuple[str, ...], int]) -> None:
        self._single: dict[str, int] = {}  # whole words
        self._beginning: dict[str, int] = {}  # words that begin so, without the star
        self._root = _Node()
        for words, number in phrases.items():
            if len(words) > 1:
                self._add(words, 1 << number)
            elif words[0].endswith("*"):
                self._beginning[words[0][:-1]] = 1 << number
            else:
                self._single[words[0]] = 1 << number
        self._lengths = {len(one) for one in self._beginning}

    def _add(self, words: Sequence[str], bit: int) -> None:
        node = self._root
        for word in words:
            node = node.onward.setdefault(word, _Node())
        node.found |= bit

    def found(self, text: Text) -> int:
        """Return the phrases that the text holds."""
        there = occurrences(text)
        found = 0
        for word in there.distinct.intersection(self._single):
            found |= self._single[word]
        if len(self._lengths) <= _FEW_LENGTHS:
            for size in self._lengths:
                for begun in {word[:size] for word in there.distinct}.intersection(self._beginning):
                    found |= self._beginning[begun]
        else:
            for begun, bit in self._beginning.items():
                if there.beginning(begun):
                    found |= bit
        return found | self._in_a_row(there)

    def _in_a_row(self, there: Occurrences) -> int:
        found = 0
        open_nodes = [(self._root, -1, 0)]
        while open_nodes:
            node, places, met = open_nodes.pop()
            for word, after in node.onward.items():
                if word not in there.distinct and not word.endswith("*"):
                    continue
                left = places & (there.word(word) >> met)
                if left:
                    found |= after.found
                    open_nodes.append((after, left, met + 1))
        return found
