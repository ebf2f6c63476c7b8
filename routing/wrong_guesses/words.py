"""Guesses about words: other words for the same, slips, and words left out."""

from __future__ import annotations

from typing import Final

from routing import suggest
from routing.attributes import ATTRIBUTES, Type
from routing.tokens import Token
from routing.wrong_guesses.habits import PHRASES
from routing.wrong_guesses.place import Place, Repair, shown

_GUESSED: Final = "guessed"  # what a word is that was put in; it is not guessed again


def phrases(place: Place) -> Repair | None:
    """Answer words that mean what the language says in others."""
    token = place.token
    if token is None:
        return None
    for start in range(max(place.index - 3, 0), place.index + 1):
        for wrong, right in PHRASES:
            stop = start + len(wrong)
            if stop < place.index or tuple(each.text for each in place.tokens[start:stop]) != wrong:
                continue
            chosen = by_type(place, start, right)
            instead = place.words(chosen, place.tokens[start])
            if place.fits(start, stop, instead, further=int(stop == place.index)):
                said, remedy = " ".join(wrong), f"write `{' '.join(chosen)}`"
                if not chosen:
                    remedy = "leave it out"
                if "does" in wrong:
                    remedy = f"put `not` before the condition: `not {place.text(start - 1)} {_plain_verb(wrong)} …`"
                return place.syntax(start, stop, f"the language does not say `{said}`", remedy, instead)
    return None


def _plain_verb(wrong: tuple[str, ...]) -> str:
    return "mentions" if "mention" in wrong else "includes"


def by_type(place: Place, start: int, right: tuple[str, ...], *, following: Token | None = None) -> tuple[str, ...]:
    """Return the words for a list or a text where the subject is known to be one."""
    subject = ATTRIBUTES.get(place.text(start - 1))
    if subject and right == ("is",):
        text = following is not None and following.type == "STRING"
        return {Type.CODES: ("includes",), Type.TEXT: ("mentions",) if text else right}.get(subject.type, right)
    if subject and subject.type is Type.CODES:
        if right == ("is", "one", "of"):
            return ("includes", "any", "of")
        if right == ("is", "none", "of"):
            return ("includes", "none", "of")
    if subject and subject.type is Type.TEXT and right == ("includes",):
        return ("mentions",)
    return right


def misspelt(place: Place) -> Repair | None:
    """Answer a keyword with a slip, here or in the word before."""
    for at in (place.index, place.index - 1):
        if not 0 <= at < len(place.tokens):
            continue
        token = place.tokens[at]
        guessed = token.fault == _GUESSED
        if guessed or (token.type != "NAME" and token.fault != "bad_word" and token.text not in place.machine.keywords):
            continue
        expected = place.machine.expected(place.stack_at(at))
        words = {place.machine.words[name] for name in expected if name in place.machine.words} - {token.text}
        for near in suggest.closest(token.text.lower(), words, most=3):
            right = place.words([near], token)
            if place.fits(at, at + 1, right):
                message = f"`{token.text}` is not a word that can stand here"
                return place.syntax(at, at + 1, message, f"did you mean `{near}`?", right)
    return None


def comma_missing(place: Place) -> Repair | None:
    """Answer two members of a list without a comma between them."""
    token, before, here = place.token, place.before, place.index
    if token is None or before is None or "," not in place.expected_words:
        return None
    if token.type != before.type or token.type not in ("NAME", "CODE", "STRING") or place.text(0) == "example":
        return None
    instead = [*place.words([","], token), token]
    if not place.fits(here, here + 1, instead, further=0):
        return None
    remedy = f"write `{shown([before])}, {shown([token])}`"
    return place.syntax(here, here + 1, f"a comma is missing before `{shown([token])}`", remedy, instead)


def twice(place: Place) -> Repair | None:
    """Answer a word that stands there twice."""
    token, before, here = place.token, place.before, place.index
    if token is None or before is None or token.text != before.text or token.type in ("LPAR", "RPAR"):
        return None
    if not place.fits(here, here + 1, [], further=2):
        return None
    return place.syntax(here, here + 1, f"`{shown([token])}` stands here twice", "leave one of them out")
