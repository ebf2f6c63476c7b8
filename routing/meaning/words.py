"""Words: texts and phrases folded alike, so that they match as words and never as letters.

Folding takes away case, accents, punctuation and composition; punctuation parts words (`w/o` is `w o`). A phrase is
words in a row within one field; a word that ends in `*` stands for every word that begins so. The first 64 kB
(65,536 characters) of a text count, and its first 1,000 fields; for exceptions and negation the first 16 kB. A word
that goes on behind what counts is no word: `head` would be found where `headache` stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from attrs import frozen

LIMIT: Final = 65_536
MOST_FIELDS: Final = 1_000
NEAR: Final = 16_384  # characters, where the places of words matter: for exceptions and negation

_FEW_WORDS: Final = 120
_FEW_LETTERS: Final = 512
_PIECE: Final = 2048  # letters
_APART: Final = "".join(chr(number) for number in range(128) if not chr(number).isalnum() and number != ord("_"))
_PARTING: Final = {number: " " for number in range(128) if not chr(number).isalnum()}
_CLAUSES: Final = {**_PARTING, **dict.fromkeys(map(ord, ",;.:\r\n\v\f"), ",")}
_WORD: Final = re.compile(r"[^\W_]+")
_PHRASE_WORD: Final = re.compile(r"[^\W_]+\*?")
_TOKEN: Final = re.compile(r"[^\W_]+|[,;.:\r\n\v\f\x85\u2028\u2029]")
# Letters with a stroke or a ligature: accents to a reader, but Unicode does not take them apart.
_STROKES: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "æ": "ae", "œ": "oe"}
)


class Cut(tuple[str, ...]):
    """The first fields of a text that had more: what is not found in them is not known to be missing."""

    __slots__ = ()


def fold(text: str) -> str:
    """Return *text* without case, accents and composition; punctuation stays, to part words."""
    if text.isascii():
        return text.lower()
    letters: set[str] = set()
    for begin in range(0, len(text), _PIECE):
        letters.update(text[begin : begin + _PIECE])
        if len(letters) > _FEW_LETTERS:
            return _fold(text)
    return text.translate({ord(one): _folded(one) for one in letters})  # each by itself, whatever stands beside it


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    return _fold(letter)


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return apart.translate(_plain())


@cache
def _plain() -> dict[int, str | None]:
    """Return what takes accents away; no combining mark lies beyond the last one here."""
    marks: dict[int, str | None] = {code: None for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))}
    return marks | _STROKES


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of one field, in order."""
    return tuple(_cut(fold(text)))


def _cut(folded: str) -> list[str]:
    return folded.translate(_PARTING).split() if folded.isascii() else _WORD.findall(folded)


class Text:
    """One text, folded once: its words; a mention is a search in `joined`, and clauses are told apart when asked for.

    `cut` says that the text was longer than what counts, `goes_on` that its last field was: what may negate or except
    its last words is not known. Lives as long as one decision: it holds a patient's words.
    """

    __slots__ = (
        *("_clauses", "_joined", "_near", "cut", "fields", "found", "goes_on", "is_long", "occurrences", "told"),
        "words",
    )

    def __init__(self, fields: Sequence[str], limit: int = LIMIT) -> None:
        self.fields, self.cut, self.goes_on = _first(fields, limit)
        self.words = [_cut(fold(one)) for one in self.fields]  # of each field
        self.is_long = sum(map(len, self.words)) > _FEW_WORDS  # then it is looked through by the places of words
        self.occurrences: Any = None  # made by `routing.meaning.occurrences` when it is asked for
        self.found: tuple[Mapping[tuple[str, ...], int], int] | None = None  # phrases that were looked for, as bits
        self._joined: str | None = None
        self._clauses: list[list[int]] | None = None
        self._near: Text | None = None
        self.told: dict[Any, Any] = {}  # what was found of it, by who asked

    @property
    def near(self) -> Text:
        """As much of the text as counts where the places of words matter; the text itself where it is no longer."""
        if self._near is None:
            size = sum(map(len, self.fields))
            # INVARIANT: a text that is cut is longer, or has all of its fields that count in here
            self._near = self if size <= NEAR else Text(self.fields, NEAR)
        return self._near

    @property
    def joined(self) -> str:
        """All words, for looking phrases up."""
        if self._joined is None:
            # A line break stands between fields, so that no phrase crosses from one into the next.
            self._joined = "\n".join([f" {' '.join(one)} " for one in self.words])
        return self._joined

    @property
    def clauses(self) -> list[list[int]]:
        """The number of its clause for every word of each field; a clause ends at `, ; . :` or the line."""
        if self._clauses is None:
            self._clauses = [_clauses_of(one) for one in self.fields]
        return self._clauses

    @property
    def ends(self) -> list[list[int]]:
        """How many words of each field stand before each place where a clause ends, ascending, none twice."""
        return [_ends_of(one) for one in self.fields]


def whole_words(field: str, room: int) -> str:
    """Return as much of a field as there is room for, without a word that goes on behind it."""
    if len(field) <= room or field[room] in _APART:
        return field[:room]
    return field[: max(0, *[field.rfind(one, 0, room) for one in _APART])]


def _first(fields: Sequence[str], limit: int) -> tuple[tuple[str, ...], bool, bool]:
    cut = isinstance(fields, Cut)
    if sum(map(len, fields)) <= limit:
        return tuple(fields), cut, False
    kept: list[str] = []
    room = limit
    for one in fields:
        kept.append(whole_words(one, room))
        if len(one) > room:
            return tuple(kept), True, True
        room -= len(one)
        if not room:
            break
    return tuple(kept), True, False


def _ends_of(field: str) -> list[int]:
    folded = fold(field)
    if folded.isascii():
        tokens = folded.translate(_CLAUSES).replace(",", " , ").split()
        ends = [at for at, one in enumerate(tokens) if one == ","]
    else:
        tokens = _TOKEN.findall(folded)
        ends = [at for at, one in enumerate(tokens) if not one[0].isalnum()]
    return list(dict.fromkeys([at - number for number, at in enumerate(ends)]))


def _clauses_of(field: str) -> list[int]:
    clause = 0
    clauses: list[int] = []
    for token in _TOKEN.findall(fold(field)):
        if token[0].isalnum():
            clauses.append(clause)
        else:
            clause += 1
    return clauses


@frozen(kw_only=True)
class Phrase:
    """Words in a row. `needle` is what to look for in `Text.joined`, or None when a star stands inside."""

    words: tuple[str, ...]
    needle: str | None

    def is_in(self, text: Text) -> bool:
        """Say whether the text has the phrase anywhere; a phrase without words is nowhere."""
        if text.found is not None and (number := text.found[0].get(self.words)) is not None:
            return bool(text.found[1] >> number & 1)
        if self.needle is not None:
            return self.needle in text.joined
        return any(self.places(line) for line in text.words)

    def places(self, words: Sequence[str]) -> list[int]:
        """Return where the phrase begins among the words of one field."""
        size = len(self.words)
        if not size:
            return []
        first = self.words[0]
        star = first.endswith("*")
        return [
            at
            for at in range(len(words) - size + 1)
            if (words[at].startswith(first[:-1]) if star else words[at] == first)
            and all(_fits(mine, words[at + more]) for more, mine in enumerate(self.words[1:], 1))
        ]


def phrase(text: str) -> Phrase:
    """Return the phrase that *text* means."""
    found = tuple(_PHRASE_WORD.findall(fold(text)))
    if not found:
        return Phrase(words=(), needle=None)
    inner_star = any(word.endswith("*") for word in found[:-1])
    closing = "" if found[-1].endswith("*") else " "
    return Phrase(words=found, needle=None if inner_star else f" {' '.join(found).rstrip('*')}{closing}")


def _fits(mine: str, word: str) -> bool:
    return word.startswith(mine[:-1]) if mine.endswith("*") else word == mine


def mask(words: Sequence[str], phrases: Iterable[Phrase]) -> set[int]:
    """Return the places of all words of one field that an occurrence of any of the phrases covers."""
    return {at + more for each in phrases for at in each.places(words) for more in range(len(each.words))}
