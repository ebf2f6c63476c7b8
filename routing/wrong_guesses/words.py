"""Guesses about words: other words for the same, slips, and words left out."""

from __future__ import annotations

from typing import Final

from routing import suggest
from routing.attributes import ATTRIBUTES, Type
from routing.wrong_guesses.habits import PHRASES
from routing.wrong_guesses.place import Place, Repair, shown

_GUESSED: Final = "guessed"  # what a word is that was put in; it is not guessed again


_NEVER_MISSING: Final = frozenset({"when", "unless", "always", "and", "or", "not", "(", "["})


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


def by_type(place: Place, start: int, right: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words for a list or a text where the subject is known to be one."""
    subject = ATTRIBUTES.get(place.text(start - 1))
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


def missing_word(place: Place) -> Repair | None:
    """Answer one word of the language left out, or another in its place."""
    here, token = place.index, place.token
    if token is None or place.before is None:
        return None
    words = (
        place.expected_words - place.machine.effect_words - {"when", "unless", "always", "and", "or", "not", "(", "["}
    )
    candidates = [*sorted(words), *(["route to"] if "route" in place.expected_words else [])]
    missing = [word for word in candidates if place.fits(here, here, place.words(word.split(), token), further=2)]
    other = [word for word in words - {","} if place.fits(here, here + 1, place.words([word], token))]
    if not missing and len(other) == 1 and token.type not in ("STRING", "COMMA", "FAULT"):
        message, remedy = f"`{shown([token])}` does not fit here", f"write `{other[0]}`"
        return place.syntax(here, here + 1, message, remedy, place.words(other, token))
    missing = missing or [word for word in candidates if place.fits(here, here, place.words(word.split(), token))]
    if len(missing) != 1:
        return None
    word = missing[0]
    message, joint = ("a comma is missing", ",") if word == "," else (f"`{word}` is missing", f" {word}")
    remedy = f"write `{shown([place.before])}{joint} {shown([token])}`"
    instead = [*place.words(word.split(), token), token]
    return place.syntax(here, here + 1, f"{message} before `{shown([token])}`", remedy, instead)
