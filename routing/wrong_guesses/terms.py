"""Guesses about single words and literals."""

from __future__ import annotations

import re
from typing import Final

from routing import suggest
from routing.codes import finding
from routing.wrong_guesses.habits import NUMBERS, OPERATORS, UNITS
from routing.wrong_guesses.place import Place, Repair, amount, shown, written
from routing.wrong_guesses.words import by_type

_WEEKDAYS: Final = frozenset({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"})
_WHOLE_DAYS: Final = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})
_UNIT_WORDS: Final = frozenset({*UNITS.values(), *(unit[:-1] for unit in UNITS.values()), "working"})


def upper_case(place: Place) -> Repair | None:
    """Answer a keyword in capitals."""
    token = place.token
    if token is None or not token.text.isalpha() or token.text.islower():
        return None
    word = token.text.lower()
    if place.machine.keywords.get(word, "") not in place.expected:
        return None
    remedy = f"write `{word}`: the words of the language are in lower case"
    right = place.words([word], token)
    return place.syntax(place.index, place.index + 1, f"`{token.text}` is not a word of the language", remedy, right)


def operators(place: Place) -> Repair | None:
    """Answer `==`, `&&`, `:` and other signs of other languages."""
    token = place.token
    if token is None or token.fault not in ("operator", "stray"):
        return None
    right = OPERATORS.get(token.text)
    if token.text in ("=", "==", ":") and {"is", "includes"} <= place.expected_words:
        right = by_type(place, place.index, ("is",), following=place.after)
    here = place.index
    closing = _closing_brace(place)
    if closing is not None:
        left = (*place.tokens[:here], *place.tokens[here + 1 : closing], *place.tokens[closing + 1 :])
        found = finding("syntax", token.span, "there are no braces", "leave them out")
        return Repair(findings=(found,), tokens=left)
    if right:
        double = place.text(here - 1) == right[0]  # `is =`, `is !=`
        chosen = right[1:] if double else right
        instead = place.words(chosen, token)
        if place.fits(here, here + 1, instead, further=0):
            return place.syntax(
                here, here + 1, f"`{token.text}` is not a word of the language", f"write `{' '.join(right)}`", instead
            )
    for word in ("as", "is", "are", "from") if token.text in ("=", ":", "==") else ():
        if word in place.expected_words and place.fits(here, here + 1, place.words([word], token)):
            instead = place.words([word], token)
            return place.syntax(here, here + 1, f"`{token.text}` means nothing here", f"write `{word}`", instead)
    if token.text not in "{}" and place.fits(here, here + 1, place.words([","], token)):
        instead = place.words([","], token)
        return place.syntax(here, here + 1, f"`{token.text}` does not part a list", "write `,`", instead)
    name = f"`{token.text}`" if token.text.isprintable() else f"the invisible character U+{ord(token.text[0]):04X}"
    return place.syntax(here, here + 1, f"{name} means nothing here", "leave it out")


def _closing_brace(place: Place) -> int | None:
    """Return where the brace that opens here is closed, if it is."""
    if place.text(place.index) != "{":
        return None
    return next((at for at in range(place.index + 1, len(place.tokens)) if place.text(at) == "}"), None)


def reserved_word(place: Place) -> Repair | None:
    """Answer a word of the language where a name should stand."""
    token = place.token
    if token is None or "NAME" not in place.expected or token.text not in place.machine.reserved:
        return None
    right = token.as_type("NAME")
    named = place.before is not None and place.before.line == token.line and place.before.text != "is"
    if not named or not place.fits(place.index, place.index + 1, [right]) or {"STRING", "CODE"} & place.expected:
        return None
    remedy = f"choose another name, such as `{token.text}_1`"
    found = finding(
        "reserved-word", token.span, f"`{token.text}` is a word of the language and cannot be a name", remedy
    )
    return Repair(findings=(found,), tokens=place.mended(place.index, place.index + 1, [right]))


def quotes(place: Place) -> Repair | None:
    """Answer a text without quotes."""
    token = place.token
    if token is None or "STRING" not in place.expected or token.text in place.machine.reserved or token.text == "not":
        return None
    keyword = token.text in place.machine.keywords and not token.first
    literal = token.type in ("NAME", "CODE", "NUMBER", "WEEKDAY", "ZONE") or token.fault == "bad_word"
    if not (literal or keyword):
        return None
    here, stop, line = place.index, place.index + 1, token.line
    title = place.index == 1 or "NAME" in place.expected
    while stop < len(place.tokens) and place.tokens[stop].line == line and not _ends_text(place, stop):
        stop += 1
    if not title and "NAME" in {place.machine.type_of(place.stack, token)} & place.expected:
        return None
    raw = written(place.tokens[here:stop]).replace('"', "")
    right = token.as_type("STRING", f'"{raw}"')
    if not place.fits(here, stop, [right], further=0):
        return None
    return place.syntax(here, stop, "a text stands in quotes", f'write `"{shown(place.tokens[here:stop])}"`', [right])


def _ends_text(place: Place, at: int) -> bool:
    token = place.tokens[at]
    words = {"when", "unless", "always", "for", "and", "or", "except", "key", "from", "expect", "not", "under", "until"}
    return token.type in ("COMMA", "STRING", "RPAR") or token.text in words or token.text in place.machine.effect_words


def name_form(place: Place) -> Repair | None:
    """Answer a name in quotes, in capitals, or with other letters."""
    token = place.token
    if token is None or "NAME" not in place.expected or place.index == 0:
        return None
    if token.type not in ("STRING", "CODE", "ZONE", "WEEKDAY") and token.fault != "bad_word":
        return None
    plain = re.sub(r"[^a-z0-9]+", "_", token.text.strip('"').lower()).strip("_")
    if (
        not plain
        or plain in place.machine.reserved
        or not place.fits(place.index, place.index + 1, [token.as_type("NAME", plain)])
    ):
        return None
    if not plain[0].isalpha():
        plain = f"n_{plain}"
    if token.type == "STRING":
        message, remedy = "a name stands without quotes", f"write `{plain}`"
    else:
        message, remedy = f"a name is in lower case, with `_` between its words: `{token.text}`", f"write `{plain}`"
    return place.syntax(place.index, place.index + 1, message, remedy, [token.as_type("NAME", plain)])


def code_in_quotes(place: Place) -> Repair | None:
    """Answer a code in quotes where only a bare one can stand."""
    token = place.token
    if token is None or token.type != "STRING" or "CODE" not in place.expected:
        return None
    code = token.as_type("CODE", token.text.strip('"').upper())
    return place.syntax(place.index, place.index + 1, "this stands without quotes", f"write `{code.text}`", [code])


def zone(place: Place) -> Repair | None:
    """Answer a time zone in lower case or in quotes."""
    token = place.token
    if token is None or "ZONE" not in place.expected:
        return None
    stop = place.index + 1
    while stop < len(place.tokens) and place.tokens[stop].line == token.line and place.text(stop) != "when":
        stop += 1
    right = token.as_type("ZONE", "Europe/London")
    text = shown(place.tokens[place.index : stop])
    message = f"`{text}` is not how a time zone is written"
    return place.syntax(place.index, stop, message, "write it such as `Europe/London`", [right])


def units(place: Place) -> Repair | None:
    """Answer a number without its unit, or with a unit in short."""
    token, before = place.token, place.before
    if (
        "minutes" not in place.expected_words
        or before is None
        or before.type not in ("NUMBER", "RPAR", "COLUMN", "NAME")
    ):
        return None
    here = place.index
    if token is not None and token.text.lower().rstrip(".") in UNITS:
        right = UNITS[token.text.lower().rstrip(".")]
        remedy = f"write `{amount(before.text, right)}`"
        return place.syntax(here, here + 1, f"`{token.text}` is no unit of time", remedy, place.words([right], token))
    if token is not None and not token.first:
        near = suggest.closest(token.text, place.expected_words)
        if near:
            return None
    if before.type != "NUMBER":
        return None
    examples = [f"`{amount(before.text, unit)}`" for unit in ("hours", "days", "working days")]
    remedy = f"such as {examples[0]}, {examples[1]} or {examples[2]}"
    found = finding("syntax", before.span, f"`{before.text}` needs a unit of time", remedy)
    return Repair(findings=(found,), tokens=place.mended(here, here, place.words(["hours"], before)))


def number_after_unit(place: Place) -> Repair | None:
    """Answer `within working days 10`."""
    token, here = place.token, place.index
    start = here
    while place.text(start - 1) in _UNIT_WORDS:
        start -= 1
    if token is None or token.type != "NUMBER" or start == here or place.tokens[start - 1].type == "NUMBER":
        return None
    instead = [token, *place.tokens[start:here]]
    if not place.fits(start, here + 1, instead):
        return None
    remedy = f"write `{shown(instead)}`"
    return place.syntax(start, here + 1, "a number stands before its unit", remedy, instead)


def number_words(place: Place) -> Repair | None:
    """Answer `two different readers`."""
    token = place.token
    if token is None or "NUMBER" not in place.expected or token.text not in NUMBERS:
        return None
    right = NUMBERS[token.text]
    here = place.index
    return place.syntax(
        here,
        here + 1,
        f"`{token.text}` is not how a number is written",
        f"write `{right}`",
        [token.as_type("NUMBER", right)],
    )


def weekday(place: Place) -> Repair | None:
    """Answer `next monday`."""
    token, here = place.token, place.index
    if token is None or "WEEKDAY" not in place.expected or token.text[:3].title() not in _WEEKDAYS:
        return None
    first, last = token.text[:3].title(), token.text[3:].title()
    whole = len(token.text) == 3 or first + last.lower() in _WHOLE_DAYS  # noqa: PLR2004 - letters of `Mon`
    right = [token.as_type("WEEKDAY", token.text.title() if whole else first)]
    if last in _WEEKDAYS:
        right += [token.as_type("DASH", "-"), token.as_type("WEEKDAY", last)]
    if not place.fits(here, here + 1, right):
        return None
    message = f"`{token.text}` is not how a day is written"
    return place.syntax(here, here + 1, message, f"write `{''.join(part.text for part in right)}`", right)


def two_words(place: Place) -> Repair | None:
    """Answer `worklist on call "On call"`."""
    token, before, here = place.token, place.before, place.index
    if token is None or place.after is None or before is None or here != 2 or token.line != before.line:  # noqa: PLR2004 - word, name, name
        return None
    if place.text(0) not in ("worklist", "define", "fact", "attribute", "table", "calendar", "times", "values"):
        return None
    if token.type != "NAME" or before.type not in ("NAME", *place.machine.words) or "NAME" in place.expected:
        return None
    name = before.as_type("NAME", f"{before.text}_{token.text}")
    if not place.fits(1, 3, [name]):
        return None
    return place.syntax(1, 3, "a name is one word", f"write `{name.text}`", [name])
