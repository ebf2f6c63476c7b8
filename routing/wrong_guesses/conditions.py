"""Guesses about conditions: values, comparisons, and what joins them."""

from __future__ import annotations

from typing import Final

from routing.attributes import ATTRIBUTES, Type
from routing.codes import finding
from routing.diagnostics import Related
from routing.tokens import Token
from routing.wrong_guesses.habits import UNITS
from routing.wrong_guesses.place import Place, Repair, over, shown
from routing.wrong_guesses.words import by_type

_VALUES: Final = ("CODE", "STRING", "NUMBER", "NAME")

_FOREIGN: Final = frozenset({"LIKE", "ILIKE", "EQ", "EQUALS", "CONTAINS", "HAS", "MATCHES", "REGEXP"})
_COMPARE_WORDS: Final = frozenset({"under", "over", "before", "after", "is", "includes", "mentions"})
_BEFORE_SUBJECT: Final = frozenset({"when", "unless", "until", "as", "and", "or", "not", "possibly", "certainly", "("})
_COMPARES: Final = frozenset({"under", "over", "at", "before", "after", "from", "within", "is", "includes", "mentions"})


def value_or_value(place: Place) -> Repair | None:
    """Answer `includes CT or MR`: `or` joins conditions, not values."""
    token, before = place.token, place.before
    joined = before is not None and before.text in ("or", "and")
    capitals = token is not None and token.text.lower() in ("or", "and") and place.after is not None
    if token is None or not (joined or capitals or (before is not None and before.text in ("both", "either"))):
        return None
    if before is not None and before.text in ("both", "either") and token.type in ("CODE", "STRING"):
        return _both(place, before)
    value = place.after if capitals else token
    if value is None or value.type not in ("CODE", "STRING", "NUMBER") or not place.index:
        return None
    if capitals and (before is None or before.type not in ("CODE", "STRING", "NUMBER")):
        return None
    start = stop = place.index if capitals else place.index - 1
    while start > 0 and _value_in_run(place.tokens[start - 1], place.text(start)):
        start -= 1
    while stop < len(place.tokens) and _value_in_run(place.tokens[stop], place.text(stop - 1)):
        stop += 1
    while place.text(stop - 1).lower() in ("or", "and", ","):
        stop -= 1
    values = [each for each in place.tokens[start:stop] if each.type in _VALUES and each.text not in ("OR", "AND")]
    if len(values) < 2:  # noqa: PLR2004 - a list has at least two
        return None
    word = before.text if joined and before else token.text.lower()
    from_, phrase = _list_phrase(place, start, word)
    comma = place.tokens[start].as_type("COMMA", ",")
    listed = [part for each in values for part in (comma, each)][1:]
    instead = [*place.words(phrase, place.tokens[from_]), *listed]
    remedy = f"write `{shown(instead)}`"
    message = f"`{word}` joins conditions, not values: `{shown(place.tokens[start:stop])}`"
    found = finding("syntax", over(place.tokens[start:stop]), message, remedy)
    return Repair(findings=(found,), tokens=place.mended(from_, stop, instead))


def _both(place: Place, word: Token) -> Repair | None:
    """Answer `includes both CT and MR` and `includes either CT or MR`."""
    start = stop = place.index
    while stop < len(place.tokens) and _value_in_run(
        place.tokens[stop], place.text(stop - 1) if stop > start else "or"
    ):
        stop += 1
    stop -= place.text(stop - 1) in ("or", "and", ",")
    values = [each for each in place.tokens[start:stop] if each.type in _VALUES]
    from_, phrase = _list_phrase(place, start - 1, "and" if word.text == "both" else "or")
    comma = word.as_type("COMMA", ",")
    instead = [*place.words(phrase, word), *[part for each in values for part in (comma, each)][1:]]
    message = f"the language does not say `{word.text}` of values"
    found = finding("syntax", over(place.tokens[start - 1 : stop]), message, f"write `{shown(instead)}`")
    return Repair(findings=(found,), tokens=place.mended(from_, stop, instead))


def _value_in_run(token: Token, beside: str) -> bool:
    joint = token.text.lower() in ("or", "and", ",")
    return joint != (beside.lower() in ("or", "and", ",")) and (joint or token.type in ("CODE", "STRING", "NUMBER"))


def _list_phrase(place: Place, start: int, word: str) -> tuple[int, tuple[str, ...]]:
    """Return where the comparison's words begin and what they are before a list."""
    one, two = place.text(start - 1), place.text(start - 2)
    if one == "includes":
        return start - 1, ("includes", "all" if word == "and" else "any", "of")
    if one == "is":
        is_set = _is_set(two)
        return start - 1, ("includes", "all" if word == "and" else "any", "of") if is_set else ("is", "one", "of")
    if (two, one) == ("is", "not"):
        return start - 2, ("includes" if _is_set(place.text(start - 3)) else "is", "none", "of")
    if one == "mentions" and word == "and":
        return start - 1, ("mentions", "all", "of")
    return start, ()


def _is_set(name: str) -> bool:
    known = ATTRIBUTES.get(name)
    return known is not None and known.type is Type.CODES


def mixed(place: Place) -> Repair | None:
    """Answer `and` and `or` side by side."""
    token = place.token
    other = {"and": "or", "or": "and"}.get(token.text if token else "")
    if token is None or other is None or other not in place.expected_words:
        return None
    first = _joint_of_level(place, other)
    related = (Related(span=first.span, message=f"`{other}` is here"),) if first else ()
    message = f"`{token.text}` beside `{other}` could be read in two ways"
    found = finding("mixed-and-or", token.span, message, "put parentheses around what belongs together", related)
    right = place.words([other], token)
    return Repair(findings=(found,), tokens=place.mended(place.index, place.index + 1, right))


def _joint_of_level(place: Place, word: str) -> Token | None:
    depth = 0
    for token in reversed(place.tokens[: place.index]):
        depth += (token.type == "RPAR") - (token.type == "LPAR")
        if depth == 0 and token.text == word:
            return token
    return None


def between(place: Place) -> Repair | None:
    """Answer `between 16 and 18 years`: ranges say to which end they belong."""
    start = next((at for at in (place.index, place.index - 1) if place.text(at) == "between"), None)
    if start is None:
        return None
    at, word = start + 1, place.tokens[start]
    while at < len(place.tokens) and place.text(at) not in ("and", "to") and at - start < 5:  # noqa: PLR2004 - one value
        at += 1
    remedy = "write `from 16 years to under 18 years`, with your own values"
    if place.text(at) not in ("and", "to"):
        return place.syntax(start, start + 1, "there is no `between`", remedy, place.words(["over"], word))
    first = start - 1 if place.text(start - 1) == "is" else start
    low, stop = place.tokens[start + 1 : at], at + 1
    while stop < len(place.tokens) and place.tokens[stop].type in ("NUMBER", "DATE", "INSTANT"):
        stop += 1
    stop += place.text(stop) in place.machine.reserved and place.text(stop) in UNITS.values()
    high = place.tokens[at + 1 : stop]
    if high:
        remedy = f"write `from {shown(low)} to under {shown(high)}`: the first belongs to it, the second does not"
    words = place.words
    instead = [*words(["from"], word), *low, *words(["to", "under"], place.tokens[at])]
    found = finding("syntax", word.span, "there is no `between`", remedy)
    return Repair(findings=(found,), tokens=place.mended(first, at + 1, instead))


def membership(place: Place) -> Repair | None:
    """Answer `modality in (CT, MR)`."""
    at = next((n for n in (place.index, place.index - 1) if place.text(n).lower() == "in"), None)
    if at is None or at < 2 or place.text(at + 1) == "sample":  # noqa: PLR2004 - a word and a subject
        return None
    negated = place.text(at - 1) == "not"
    start = at - negated
    start -= place.text(start - 1) == "is"
    stop, closing = at + 1, {"(": ")", "[": "]", "{": "}"}.get(place.text(at + 1))
    if closing:
        stop = next((n for n in range(at + 2, len(place.tokens)) if place.text(n) == closing), -1)
    words = by_type(place, start, ("is", "none", "of") if negated else ("is", "one", "of"))
    values = place.tokens[at + 2 : stop] if closing else ()
    instead = [*place.words(words, place.tokens[start]), *values]
    if stop < 0 or not place.fits(start, stop, instead, further=0 if closing else 1):
        return None
    message, remedy = (
        "the language does not say `in` of values",
        f"write `{' '.join(words)}` and the values with commas",
    )
    found = finding("syntax", over(place.tokens[start : at + 1]), message, remedy)
    return Repair(findings=(found,), tokens=place.mended(start, stop + bool(closing), instead))


def not_inside(place: Place) -> Repair | None:
    """Answer `modality not includes CT`: `not` stands before the whole comparison."""
    token, here = place.token, place.index
    if token is None or token.text != "not" or place.before is None or place.before.type != "NAME" or here < 2:  # noqa: PLR2004
        return None
    subject = place.before
    if not place.fits(here - 1, here + 1, [token, subject]):
        return None
    remedy = f"write `not {subject.text} {place.text(here + 1)} …`"
    found = finding("syntax", token.span, "`not` stands before the whole comparison", remedy)
    return Repair(findings=(found,), tokens=place.mended(here - 1, here + 1, [token, subject]))


def cell(place: Place) -> Repair | None:
    """Answer `procedures procedure_code].worklist` and `procedures[procedure_code]worklist`."""
    token, here = place.token, place.index
    if token is None:
        return None
    side_by_side = place.before is not None and place.before.end_column == token.column
    if place.expected == {"DOT"} and token.text.isidentifier() and side_by_side:
        column = token.as_type("COLUMN")
        message, remedy = f"a `.` is missing before `{token.text}`", f"write `].{token.text}`"
        return place.syntax(here, here + 1, message, remedy, [*place.words(["."], token), column])
    marks = (at for at in range(here, len(place.tokens)) if place.tokens[at].type in ("LSQB", "RSQB"))
    close = next(marks, None)
    if close is None or place.tokens[close].type == "LSQB" or place.tokens[close].line != token.line:
        return None
    for start in (here, here - 1):
        instead = [*place.words(["["], place.tokens[start]), *place.tokens[start : close + 1]]
        if start > 0 and start < close and place.fits(start, close + 1, instead, further=2):
            name = place.tokens[start]
            message, remedy = f"a `[` is missing before `{name.text}`", f"write `{place.text(start - 1)}[{name.text}`"
            found = finding("syntax", name.span, message, remedy)
            return Repair(findings=(found,), tokens=place.mended(start, close + 1, instead))
    return None


def parentheses(place: Place) -> Repair | None:
    """Answer a parenthesis without its partner."""
    token, here = place.token, place.index
    if token is not None and token.type in ("RPAR", "RSQB") and token.type not in place.expected:
        stop = here + 3 if place.text(here + 1) == "." else here + 1  # with the column, where a `[` was forgotten
        found = finding("syntax", token.span, f"this `{token.text}` closes nothing", "leave it out")
        return Repair(findings=(found,), tokens=place.mended(here, stop))
    closing = next((name for name in ("RPAR", "RSQB") if name in place.expected), None)
    if closing is None or (token is not None and token.text in ("and", "or")):
        return None
    close = place.tokens[here - 1].as_type(closing, ")" if closing == "RPAR" else "]")
    if not place.fits(here, here, [close]):
        return None
    opening, depth = ("LPAR", "RPAR") if closing == "RPAR" else ("LSQB", "RSQB"), 0
    for at in range(here - 1, -1, -1):
        depth += (place.tokens[at].type == opening[0]) - (place.tokens[at].type == opening[1])
        if depth > 0:
            mark = place.tokens[at]
            remedy = f"write `{close.text}` where it ends"
            found = finding("syntax", mark.span, f"this `{mark.text}` is never closed", remedy)
            return Repair(findings=(found,), tokens=place.mended(here, here, [close]))
    return None


def swapped(place: Place) -> Repair | None:
    """Answer `modality CT includes` and `mentions description "head"`."""
    token, before, after, here = place.token, place.before, place.after, place.index
    if token is None or before is None:
        return None
    if token.type in ("CODE", "STRING", "NUMBER") and after is not None and after.text in _COMPARE_WORDS:
        first, instead = here, [after, token]
    elif token.type == "NAME" and before.text in _COMPARE_WORDS and place.text(here - 2) in _BEFORE_SUBJECT:
        first, instead = here - 1, [token, before]
    else:
        return None
    if not place.fits(first, first + 2, instead):
        return None
    wrong = place.tokens[first : first + 2]
    message = f"`{shown(wrong[:1])}` and `{shown(wrong[1:])}` stand the wrong way round"
    return place.syntax(first, first + 2, message, f"write `{shown(instead)}`", instead)


def comparison_missing(place: Place) -> Repair | None:
    """Answer `when modality CT`."""
    token, before, here = place.token, place.before, place.index
    if token is None or before is None or before.type != "NAME" or not {"is", "includes"} <= place.expected_words:
        return None
    if token.line > before.line + 1:  # below an empty line: a statement without its first word
        return None
    if token.type not in ("CODE", "STRING", "NUMBER") or token.text.lower() in place.machine.keywords:
        return None
    attribute = ATTRIBUTES.get(before.text)
    type_ = attribute.type if attribute else Type.CODE
    word = {Type.CODES: "includes", Type.TEXT: "mentions"}.get(type_, "under" if token.type == "NUMBER" else "is")
    if token.text in _FOREIGN and place.after is not None and place.after.type in ("CODE", "STRING", "NUMBER"):
        remedy = f"such as `{before.text} {word} {shown([place.after])}`"
        message = f"`{token.text}` is no comparison of the language"
        return place.syntax(here, here + 1, message, remedy, place.words([word], token))
    remedy = f"such as `{before.text} {word} {shown([token])}`"
    message = f"a comparison is missing before `{shown([token])}`"
    return place.syntax(here, here + 1, message, remedy, [*place.words([word], token), token])


def list_in_brackets(place: Place) -> Repair | None:
    """Answer `includes (CT, MR)`."""
    token, here = place.token, place.index
    closing = {"(": ")", "[": "]", "{": "}"}.get(token.text if token else "")
    if closing is None or place.text(here - 1) not in ("includes", "of", "only", "is", "mentions"):
        return None
    stop = next((at for at in range(here, len(place.tokens)) if place.text(at) == closing), None)
    if stop is None:
        return None
    one = ("one", "of") if place.text(here - 1) == "is" else ()
    instead = [*place.words(one, place.tokens[here]), *place.tokens[here + 1 : stop]]
    found = finding("syntax", place.tokens[here].span, "a list has no brackets", "leave them out, and keep the commas")
    return Repair(findings=(found,), tokens=place.mended(here, stop + 1, instead))


def but_not(place: Place) -> Repair | None:
    """Answer `mentions "head" but not "femoral head"`."""
    for start in range(max(place.index - 2, 1), place.index + 1):
        unwanted = place.text(start) in ("and", "but", "or") and place.text(start + 1) == "not"
        if unwanted and start + 2 < len(place.tokens) and place.tokens[start + 2].type == "STRING":
            instead = place.words(["except"], place.tokens[start])
            if place.fits(start, start + 2, instead):
                message = f"`{place.text(start)} not` does not take away a phrase"
                remedy = f"write `except {shown([place.tokens[start + 2]])}`"
                return place.syntax(start, start + 2, message, remedy, instead)
    return None


def subject_missing(place: Place) -> Repair | None:
    """Answer `age over 16 years and under 18 years`: each comparison names what it compares."""
    at = place.index - 1
    word = place.text(at)
    if word not in _COMPARES or place.text(at - 1) not in ("and", "or"):
        return None
    subjects = (n for n in range(at - 2, 0, -1) if place.text(n + 1) in _COMPARES and place.tokens[n].type == "NAME")
    subject = next(subjects, None)
    if subject is None:
        return None
    again = place.tokens[subject]
    instead = [*place.words([again.text], place.tokens[at]), place.tokens[at]]
    found = finding("syntax", place.tokens[at].span, f"`{word}` does not say of what", f"write `{again.text} {word} …`")
    return Repair(findings=(found,), tokens=place.mended(at, at + 1, instead))
