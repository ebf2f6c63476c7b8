"""Did you mean: the candidates that a wrong word is close enough to, by edit distance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONGEST = 64  # longer words are no typing slips, and cost
_ALLOWED: Final = ((2, 0), (4, 1), (8, 2), (_LONGEST, 3))  # length of the word, slips that are still close


def closest(word: str, candidates: Iterable[str], most: int = 1) -> tuple[str, ...]:
    """Return the candidates closest to *word*, at most *most*, the closest first; empty when none is close.

    One slip is a letter too many, missing, wrong, or two swapped. Case and `-`, `_`, space count as no slip, so that
    `Body-Part` is close to `body_part`. Words of up to two letters are close only to the same letters.
    """
    if not word or len(word) > _LONGEST:
        return ()
    plain = _plain(word)
    limit = next(slips for length, slips in _ALLOWED if len(plain) <= length)
    letters = frozenset(plain)
    near = []
    for each in dict.fromkeys(candidates):
        if each == word or abs(len(each) - len(word)) > limit:
            continue
        other = _plain(each)
        if len(letters ^ frozenset(other)) > 2 * limit:  # a slip changes at most two of the letters
            continue
        slips = distance(plain, other, limit)
        if slips <= limit:
            near.append((slips, _first_letters_differ(plain, each), each))
    near.sort()
    return tuple(each for _, _, each in near[:most])


def did_you_mean(word: str, candidates: Iterable[str], most: int = 1) -> str:
    """Return "did you mean `neuro`?" for the closest candidates, or an empty text."""
    near = closest(word, candidates, most)
    return f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""


def distance(one: str, other: str, limit: int) -> int:
    """Return how many slips part two words (a letter more, less, wrong, or two swapped), or limit + 1 if more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
        before, last = last, here
    return min(last[-1], limit + 1)


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def _first_letters_differ(plain: str, candidate: str) -> bool:
    return plain[:1] != candidate[:1].casefold()
