"""Guesses of no kind: a word left out, one too many, one in place of another, two the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing import suggest
from routing.codes import finding
from routing.tokens import Token
from routing.wrong_guesses.habits import KINDS
from routing.wrong_guesses.place import Place, Repair, over, shown

_NEVER: Final = frozenset(  # words that make sense in too many places to be what was left out
    {
        "or",
        "clock",
        "none",
        "preliminary",
        "yes",
        "no",
        "not",
        "possibly",
        "certainly",
        "during",
        "outside",
        "on",
        "in",
        "(",
        "[",
        ")",
        "]",
    }
)
_STAND_INS: Final = {"NAME": "x", "STRING": '""', "CODE": "X", "NUMBER": "1", "TIME": "00:00", "DATE": "2000-01-01"}


def generic(place: Place) -> Iterator[Repair]:
    """Yield every repair of one word, the likelier first."""
    if place.token is None or place.before is None:
        return
    yield from _slip(place, place.token)
    yield from _missing(place, place.token, place.before)
    yield from _swapped(place, place.token, place.before)
    yield from _too_many(place, place.token)
    yield from _another(place, place.token)


def _slip(place: Place, token: Token) -> Iterator[Repair]:
    """One letter wrong, also in words that are too short for a suggestion elsewhere."""
    for word in sorted(place.expected_words):
        if word.isalpha() and token.text.isalpha() and suggest.distance(token.text, word, 1) == 1:
            message = f"`{token.text}` is not a word that can stand here"
            right = place.words([word], token)
            yield place.syntax(place.index, place.index + 1, message, f"did you mean `{word}`?", right)


def _missing(place: Place, token: Token, before: Token) -> Iterator[Repair]:
    here, after = place.index, shown([token])
    words = [
        *(["route to", "route"] if "route" in place.expected_words else []),
        *sorted(place.expected_words - _NEVER),
    ]
    for word in words:
        instead = [*place.words(word.split(), token), token]
        message, remedy = f"`{word}` is missing before `{after}`", f"write `{shown([before])} {word} {after}`"
        if word == ",":
            message, remedy = f"a comma is missing before `{after}`", f"write `{shown([before])}, {after}`"
        elif word == "and":
            message, remedy = f"a word is missing before `{after}`", "join conditions with `and` or `or`"
        yield place.syntax(here, here + 1, message, remedy, instead)
    for kind, text in _STAND_INS.items():
        if kind in place.expected:
            yield _stand_in(place, token, before, kind, text)


def _stand_in(place: Place, token: Token, before: Token, kind: str, text: str) -> Repair:
    what = "a value" if {"CODE", "STRING"} <= place.expected else KINDS[kind]
    if token.first:
        found = finding("syntax", before.span, f"{what} is missing after `{before.text}`", "complete it")
    else:
        found = finding("syntax", token.span, f"{what} is missing before `{shown([token])}`", "complete it")
    instead = [token.as_type(kind, text), token]
    return Repair(findings=(found,), tokens=place.mended(place.index, place.index + 1, instead))


def _swapped(place: Place, token: Token, before: Token) -> Iterator[Repair]:
    here = place.index
    for first, one, other in ((here - 1, before, token), (here, token, place.after)):
        if other is not None and first > 0:
            message = f"`{shown([one])}` and `{shown([other])}` stand the wrong way round"
            found = finding("syntax", over([one, other]), message, f"write `{shown([other, one])}`")
            yield Repair(findings=(found,), tokens=place.mended(first, first + 2, [other, one]))


def _too_many(place: Place, token: Token) -> Iterator[Repair]:
    here = place.index
    yield place.syntax(here, here + 1, f"`{shown([token])}` does not fit here", "leave it out", touched=1)


def _another(place: Place, token: Token) -> Iterator[Repair]:
    here, message = place.index, f"`{shown([token])}` does not fit here"
    literal = token.type in ("NAME", "STRING", "CODE")
    for word in sorted(place.expected_words - _NEVER - place.machine.effect_words):
        if word.isalpha() or not literal:
            yield place.syntax(here, here + 1, message, f"write `{word}`", place.words([word], token), touched=1)
    for kind, text in _STAND_INS.items():
        if kind in place.expected:
            remedy = f"here stands {KINDS[kind]}"
            yield place.syntax(here, here + 1, message, remedy, [token.as_type(kind, text)], touched=1)
