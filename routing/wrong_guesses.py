"""What was meant where a statement stops making sense: the finding for it, and the statement as if it had been right.

Each guess looks at the token where the parser stopped and at what the grammar could go on with. The first that fits
gives one finding and a mended statement, which is parsed again, so that every mistake in it is found and each only once.
Where none fits, the clause with the mistake is left out and the rest read on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from attrs import frozen

from routing import suggest
from routing.attributes import ATTRIBUTES, Type
from routing.codes import finding
from routing.diagnostics import Finding, Related, Span
from routing.machine import Failure, Machine
from routing.tokens import Token
from routing.wrong_words import KINDS, NUMBERS, OPERATORS, PHRASES, UNITS

_VALUES: Final = ("CODE", "STRING", "NUMBER", "NAME")
_CLAUSES: Final = frozenset({"when", "unless", "always", "expect"})
_SHOWN: Final = 40  # characters of the writer's own text in a message


@frozen(kw_only=True)
class Repair:
    """Findings, and the statement to parse instead; `rest` begins another statement, `lost` says that something went."""

    findings: tuple[Finding, ...]
    tokens: tuple[Token, ...] = ()
    rest: tuple[Token, ...] = ()
    lost: bool = False


class Place:
    """The place where a statement stopped making sense, and what the guesses ask about it."""

    def __init__(self, machine: Machine, tokens: Sequence[Token], failure: Failure) -> None:
        self.machine, self.tokens, self.index, self.stack = machine, tuple(tokens), failure.index, failure.stack
        self.expected = machine.expected(failure.stack)
        self.token = self.tokens[self.index] if self.index < len(self.tokens) else None
        self.before = self.tokens[self.index - 1] if self.index else None
        self.after = self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else None
        self.expected_words = {machine.words[name] for name in self.expected if name in machine.words}

    def text(self, at: int) -> str:
        """Return the text of the token there, or nothing."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def stack_at(self, index: int) -> tuple[int, ...]:
        """Return the parser's stack before the token of this index, which is not beyond the failure."""
        return next(self.machine.stacks(self.tokens[:index]))

    def words(self, texts: Iterable[str], like: Token) -> list[Token]:
        """Return keyword tokens that stand where *like* stands."""
        return [like.as_type(self.machine.keywords.get(text, "NAME"), text) for text in texts]

    def fits(self, start: int, stop: int, instead: Sequence[Token], *, further: int = 1) -> bool:
        """Say whether the grammar goes on with *instead* in place of the tokens, and with the next ones after them."""
        following = self.tokens[stop : stop + further]
        count, stack = self.machine.follow(self.stack_at(start), [*instead, *following])
        if count < len(instead) + len(following):
            return False
        return bool(following) or further == 0 or bool(self.machine.expected(stack))

    def mended(self, start: int, stop: int, instead: Sequence[Token] = ()) -> tuple[Token, ...]:
        """Return the statement with *instead* in place of the tokens from start to stop."""
        return (*self.tokens[:start], *instead, *self.tokens[stop:])

    def syntax(self, start: int, stop: int, message: str, remedy: str, instead: Sequence[Token] = ()) -> Repair:
        """Return the repair that underlines these tokens and puts *instead* in their place."""
        found = finding("syntax", over(self.tokens[start:stop]), message, remedy)
        return Repair(findings=(found,), tokens=self.mended(start, stop, instead))


def over(tokens: Sequence[Token]) -> Span:
    """Return the span of the tokens, or of as many as stand on the first one's line."""
    first = tokens[0]
    last = [token for token in tokens if token.line == first.line][-1]
    return Span(file=first.file, line=first.line, column=first.column, end_line=first.line, end_column=last.end_column)


def shown(tokens: Sequence[Token]) -> str:
    """Return the writer's own text, cut where it is long."""
    text = " ".join(token.text for token in tokens).replace(" ,", ",")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


# ---- tokens that are wrong in themselves


def faults(machine: Machine, tokens: Sequence[Token]) -> Repair:
    """Return the findings about the tokens that are wrong in themselves, and the statement with them put right."""
    findings: list[Finding] = []
    right: list[Token] = []
    for token in tokens:
        make = _FAULTS.get(token.fault)
        if make is None:
            right.append(token)
            continue
        message, remedy, instead = make(token)
        findings.append(finding("syntax", token.span, message, remedy))
        right += [
            token.as_type(machine.keywords.get(text, type_), text) if type_ == "NAME" else token.as_type(type_, text)
            for type_, text in instead
        ]
    return Repair(findings=tuple(findings), tokens=tuple(right))


_Fault = tuple[str, str, list[tuple[str, str]]]


def _open_string(token: Token) -> _Fault:
    if token.text.strip() == '"':
        return "a quote on this line has no partner", "quotes come in pairs on one line", [("STRING", '""')]
    return "this text has no closing quote", 'write `"` where it ends, on the same line', [("STRING", token.text + '"')]


def _quotes(token: Token) -> _Fault:
    inner = token.text[1:-1].replace('"', "")
    kind = "curly quotes" if token.fault == "curly_quotes" else "single quotes"
    return f"{kind} do not mark a text", f'write `"{inner}"`', [("STRING", f'"{inner}"')]


def _date(token: Token) -> _Fault:
    parts = [int(part) for part in re.split(r"[/.-]", token.text)]
    remedy = "write the year first, such as `2026-04-01`"
    if token.fault == "short_date":
        try:
            remedy = f"write `{dt.date(*parts).isoformat()}`"
        except ValueError:
            pass
    return f"`{token.text}` is not how a date is written", remedy, [("DATE", "2000-01-01")]


def _no_such_date(token: Token) -> _Fault:
    text = "2000-01-01" if token.type == "DATE" else "2000-01-01 00:00"
    return f"there is no such day or time: `{token.text}`", "write one that exists", [(token.type, text)]


def _time(token: Token) -> _Fault:
    match = re.match(r"(\d{1,2})(?:[:.](\d{1,2}))?", token.text)
    hours, minutes = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if token.text.rstrip().endswith("pm") and hours < 12:  # noqa: PLR2004 - noon
        hours += 12
    if hours > 24 or minutes > 59:  # noqa: PLR2004 - the clock
        return _no_such_time(token)
    right = f"{hours:02}:{minutes:02}"
    return f"`{token.text}` is not how a time is written", f"write `{right}`", [("TIME", right)]


def _no_such_time(token: Token) -> _Fault:
    return f"there is no such time: `{token.text}`", "times run from `00:00` to `24:00`", [("TIME", "00:00")]


def _amount(token: Token) -> _Fault:
    number = re.match(r"\d+", token.text)[0]  # type: ignore[index]
    unit = token.text[len(number) :]
    unit = UNITS.get(unit, unit)
    remedy = f"write `{number} {unit}`"
    return f"`{token.text}` runs a number and its unit together", remedy, [("NUMBER", number), ("NAME", unit)]


def _hyphenated(token: Token) -> _Fault:
    right = token.text.replace("-", "_")
    return f"a name has no hyphen: `{token.text}`", f"write `{right}`", [("NAME", right)]


def _long_dash(token: Token) -> _Fault:
    return f"a long dash, `{token.text}`, is not a hyphen", "write `-`", [("DASH", "-")]


def _slashes(_: Token) -> _Fault:
    return "a comment does not begin like this", "begin it with `#`", []


_FAULTS: Final[dict[str, Callable[[Token], _Fault]]] = {
    "open_string": _open_string,
    "curly_quotes": _quotes,
    "single_quotes": _quotes,
    "foreign_date": _date,
    "short_date": _date,
    "no_such_date": _no_such_date,
    "bad_time": _time,
    "no_such_time": _no_such_time,
    "amount": _amount,
    "hyphenated": _hyphenated,
    "long_dash": _long_dash,
    "slashes": _slashes,
}


# ---- guesses: each returns a repair, or None where it does not fit


def no_statement(place: Place) -> Repair | None:
    """The first word begins no statement."""
    token = place.token
    if token is None or place.index:
        return None
    phrase = phrases(place)
    if phrase:
        return phrase
    words = place.machine.statement_words
    near = suggest.closest(token.text, words)
    if near and (token.first or token.line == 1):
        right = place.words(near, token)
        return place.syntax(0, 1, f"`{token.text}` begins no statement", f"did you mean `{near[0]}`?", right)
    remedy = "a statement begins with a word such as `rule`, `worklist` or `define`"
    found = finding("syntax", token.span, f"`{shown([token])}` begins no statement", remedy)
    return Repair(findings=(found,), lost=True)


def another_statement(place: Place) -> Repair | None:
    """The statement may end here and something else begins, on a line of its own: a misspelt statement, or none at all."""
    token = place.token
    if token is None or not token.first or "$END" not in place.expected or not place.index:
        return None
    if token.text in place.machine.keywords or token.type in ("COMMA", "LSQB", "RPAR"):
        return None
    if token.text in {wrong[0] for wrong, _ in PHRASES} or suggest.closest(token.text, place.expected_words):
        return None
    return Repair(findings=(), tokens=place.tokens[: place.index], rest=place.tokens[place.index :])


def else_(place: Place) -> Repair | None:
    """`else` and its like: there is none; the rest of the statement is left out."""
    token = place.token
    if token is None or token.text not in ("else", "elif", "elseif") or not place.index:
        return None
    remedy = "write a further rule, or a group with `otherwise`"
    found = finding("syntax", token.span, f"there is no `{token.text}`", remedy)
    return Repair(findings=(found,), tokens=place.tokens[: place.index], lost=True)


def upper_case(place: Place) -> Repair | None:
    """A keyword in capitals."""
    token = place.token
    if token is None or not token.text.isalpha() or token.text.islower():
        return None
    word = token.text.lower()
    if place.machine.keywords.get(word, "") not in place.expected:
        return None
    remedy = f"write `{word}`: the words of the language are in lower case"
    right = place.words([word], token)
    return place.syntax(place.index, place.index + 1, f"`{token.text}` is not a word of the language", remedy, right)


def value_or_value(place: Place) -> Repair | None:
    """`includes CT or MR`: `or` joins conditions, not values."""
    token, before = place.token, place.before
    joined = before is not None and before.text in ("or", "and")
    capitals = token is not None and token.text in ("OR", "AND") and place.after is not None
    if token is None or not (joined or capitals):
        return None
    value = place.after if capitals else token
    if value is None or value.type not in ("CODE", "STRING", "NUMBER") or not place.index:
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


def _value_in_run(token: Token, beside: str) -> bool:
    joint = token.text.lower() in ("or", "and", ",")
    return joint != (beside.lower() in ("or", "and", ",")) and (joint or token.type in ("CODE", "STRING", "NUMBER"))


def _list_phrase(place: Place, start: int, word: str) -> tuple[int, tuple[str, ...]]:
    """Return where the comparison's words begin and what they are before a list."""
    one, two = place.text(start - 1), place.text(start - 2)
    if one == "includes":
        return start - 1, ("includes", "all" if word == "and" else "any", "of")
    if one == "is":
        return start - 1, ("is", "one", "of")
    if (two, one) == ("is", "not"):
        return start - 2, ("is", "none", "of")
    if one == "mentions" and word == "and":
        return start - 1, ("mentions", "all", "of")
    return start, ()


def mixed(place: Place) -> Repair | None:
    """`and` and `or` side by side."""
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
    """`between 16 and 18 years`: ranges say to which end they belong."""
    if place.token is None or place.token.text != "between":
        return None
    start, at = place.index, place.index + 1
    while at < len(place.tokens) and place.text(at) not in ("and", "to") and at - start < 5:  # noqa: PLR2004 - one value
        at += 1
    remedy = "write `from 16 years to under 18 years`, with your own values"
    if place.text(at) not in ("and", "to"):
        return place.syntax(start, start + 1, "there is no `between`", remedy, place.words(["over"], place.token))
    first = start - 1 if place.text(start - 1) == "is" else start
    low, stop = place.tokens[start + 1 : at], at + 1
    while stop < len(place.tokens) and place.tokens[stop].type in ("NUMBER", "DATE", "INSTANT"):
        stop += 1
    stop += place.text(stop) in place.machine.reserved and place.text(stop) in UNITS.values()
    high = place.tokens[at + 1 : stop]
    if high:
        remedy = f"write `from {shown(low)} to under {shown(high)}`: the first belongs to it, the second does not"
    words = place.words
    instead = [*words(["from"], place.token), *low, *words(["to", "under"], place.tokens[at])]
    found = finding("syntax", place.token.span, "there is no `between`", remedy)
    return Repair(findings=(found,), tokens=place.mended(first, at + 1, instead))


def phrases(place: Place) -> Repair | None:
    """Words that mean what the language says in others."""
    token = place.token
    if token is None:
        return None
    for start in range(max(place.index - 3, 0), place.index + 1):
        for wrong, right in PHRASES:
            stop = start + len(wrong)
            if stop <= place.index or tuple(each.text for each in place.tokens[start:stop]) != wrong:
                continue
            chosen = _by_type(place, start, right)
            instead = place.words(chosen, place.tokens[start])
            if place.fits(start, stop, instead, further=0):
                said, remedy = " ".join(wrong), f"write `{' '.join(chosen)}`"
                if not chosen:
                    remedy = "leave it out"
                if "does" in wrong:
                    remedy = f"put `not` before the condition: `not {place.text(start - 1)} {_plain_verb(wrong)} …`"
                return place.syntax(start, stop, f"`{said}` is not how it is said", remedy, instead)
    return None


def _plain_verb(wrong: tuple[str, ...]) -> str:
    return "mentions" if "mention" in wrong else "includes"


def _by_type(place: Place, start: int, right: tuple[str, ...]) -> tuple[str, ...]:
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


def operators(place: Place) -> Repair | None:
    """`==`, `&&`, `:` and other signs of other languages."""
    token = place.token
    if token is None or token.fault not in ("operator", "stray"):
        return None
    right = OPERATORS.get(token.text)
    here = place.index
    if right:
        double = place.text(here - 1) == right[0]  # `is =`, `is !=`
        chosen = right[1:] if double else right
        instead = place.words(chosen, token)
        if place.fits(here, here + 1, instead, further=0):
            return place.syntax(
                here, here + 1, f"`{token.text}` is not a word of the language", f"write `{' '.join(right)}`", instead
            )
    name = f"`{token.text}`" if token.text.isprintable() else f"the invisible character U+{ord(token.text[0]):04X}"
    return place.syntax(here, here + 1, f"{name} means nothing here", "leave it out")


def reserved_word(place: Place) -> Repair | None:
    """A word of the language where a name should stand."""
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


def when_missing(place: Place) -> Repair | None:
    """A rule or group without `when` or `always`, or with its `when` after the effects."""
    if "always" not in place.expected_words or place.index < 2:  # noqa: PLR2004 - `rule` and its title
        return None
    here, word = place.index, place.text(0)
    later = [
        at for at in range(here, len(place.tokens)) if place.text(at) == "when" and place.text(at + 1) != "overdue"
    ]
    if later:
        at = later[0]
        stop = next((n for n in range(at + 1, len(place.tokens)) if _is_clause(place, n)), len(place.tokens))
        moved = (*place.tokens[:here], *place.tokens[at:stop], *place.tokens[here:at], *place.tokens[stop:])
        found = finding(
            "syntax", place.tokens[at].span, "`when` comes before the effects", "move it up below the title"
        )
        return Repair(findings=(found,), tokens=moved)
    like = place.tokens[1]
    always = place.words(["always"], like)
    if place.token is None or _is_clause(place, here):
        message, remedy = f"this {word} has no `when` or `always`", "say when it applies, or write `always`"
        found = finding("syntax", over(place.tokens[:2]), message, remedy)
        return Repair(findings=(found,), tokens=place.mended(here, here, always))
    when = place.words(["when"], place.token)
    if (
        place.token.type == "NAME"
        and phrases(place) is None
        and not suggest.closest(place.token.text, ["when", "always"])
    ):
        message, remedy = f"this {word} has no `when`", f"write `when {place.token.text} …`"
        found = finding("syntax", place.token.span, message, remedy)
        return Repair(findings=(found,), tokens=place.mended(here, here, when))
    return None


def clause_misplaced(place: Place) -> Repair | None:
    """A `when` or `unless` after the effects, or a second one."""
    token = place.token
    if (
        token is None
        or token.text not in ("when", "unless")
        or place.text(0) not in ("rule", "group")
        or not place.index
    ):
        return None
    here = place.index
    stop = next((at for at in range(here + 1, len(place.tokens)) if _is_clause(place, at)), len(place.tokens))
    clause = place.tokens[here:stop]
    first = next((at for at in range(2, here) if place.text(at) == token.text), None)
    effect = next((at for at in range(2, here) if place.text(at) in place.machine.effect_words), here)
    if first is not None and first < effect:
        message, remedy = f"this {place.text(0)} has a second `{token.text}`", "join the two with `and` or `or`"
        found = finding("syntax", token.span, message, remedy)
        return Repair(findings=(found,), tokens=place.mended(here, stop))
    if effect == here:
        return None
    message = f"`{token.text}` comes before the effects"
    found = finding("syntax", token.span, message, "move it up, before the first effect")
    moved = (*place.tokens[:effect], *clause, *place.tokens[effect:here], *place.tokens[stop:])
    return Repair(findings=(found,), tokens=moved)


def _is_clause(place: Place, at: int) -> bool:
    """Say whether an effect or another clause begins at the token."""
    text = place.text(at)
    if text == "when" and place.text(at + 1) == "overdue":
        return False
    if place.text(at - 1) in ("also", "preliminary", "raise", "is", "is not", "by", "to", "identity", "includes", "no"):
        return False
    return text in place.machine.effect_words or text in _CLAUSES


def joint_before_effect(place: Place) -> Repair | None:
    """`and`, `or` or a comma between effects."""
    token = place.token
    if token is None or token.text not in ("and", "or", ",", "then", "also"):
        return None
    here = place.index
    follows = here + 1 < len(place.tokens) and (
        _is_clause(place, here + 1) or place.text(here + 1) in place.expected_words
    )
    if not follows:
        return None
    what = "a comma" if token.text == "," else f"`{token.text}`"
    return place.syntax(here, here + 1, f"{what} does not part effects", "leave it out: effects follow one another")


def comma(place: Place) -> Repair | None:
    """A comma where no list is."""
    token = place.token
    if token is None or token.type != "COMMA":
        return None
    here = place.index
    if {"and", "or"} & place.expected_words and place.fits(here, here + 1, place.words(["and"], token)):
        right = place.words(["or" if "and" not in place.expected_words else "and"], token)
        return place.syntax(here, here + 1, "a comma does not join conditions", "write `and` or `or`", right)
    remedy = "leave it out: a comma parts the members of one list and nothing else"
    return place.syntax(here, here + 1, "there is no list here", remedy)


def quotes(place: Place) -> Repair | None:
    """A text without quotes."""
    token = place.token
    if token is None or "STRING" not in place.expected or token.type in ("COMMA", "LPAR", "LSQB"):
        return None
    if token.type not in ("NAME", "CODE", "NUMBER", "WEEKDAY", "ZONE") and token.fault not in (
        "bad_word",
        "hyphenated",
    ):
        if token.text not in place.machine.keywords or token.first:
            return None
    here, stop, line = place.index, place.index + 1, token.line
    title = place.index == 1 or "NAME" in place.expected
    while stop < len(place.tokens) and place.tokens[stop].line == line and not _ends_text(place, stop):
        stop += 1
    if not title and "NAME" in {place.machine.type_of(place.stack, token)} & place.expected:
        return None
    raw = " ".join(each.text for each in place.tokens[here:stop])
    right = token.as_type("STRING", f'"{raw}"')
    if not place.fits(here, stop, [right], further=0):
        return None
    return place.syntax(here, stop, "a text stands in quotes", f'write `"{shown(place.tokens[here:stop])}"`', [right])


def _ends_text(place: Place, at: int) -> bool:
    token = place.tokens[at]
    words = {"when", "unless", "always", "for", "and", "or", "except", "key", "from", "expect", "not", "under", "until"}
    return token.type in ("COMMA", "STRING", "RPAR") or token.text in words or token.text in place.machine.effect_words


def name_form(place: Place) -> Repair | None:
    """A name in quotes, in capitals, or with other letters."""
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


def units(place: Place) -> Repair | None:
    """A number without its unit, or with a unit in short."""
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
        remedy = f"write `{before.text} {right}`"
        return place.syntax(here, here + 1, f"`{token.text}` is no unit of time", remedy, place.words([right], token))
    if token is not None and not token.first:
        near = suggest.closest(token.text, place.expected_words)
        if near:
            return None
    if before.type != "NUMBER":
        return None
    remedy = f"such as `{before.text} hours`, `{before.text} days` or `{before.text} working days`"
    found = finding("syntax", before.span, f"`{before.text}` needs a unit of time", remedy)
    return Repair(findings=(found,), tokens=place.mended(here, here, place.words(["hours"], before)))


def number_words(place: Place) -> Repair | None:
    """`two different readers`."""
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


def parentheses(place: Place) -> Repair | None:
    """A parenthesis without its partner."""
    token, here = place.token, place.index
    if token is not None and token.type in ("RPAR", "RSQB") and token.type not in place.expected:
        return place.syntax(here, here + 1, f"this `{token.text}` closes nothing", "leave it out")
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


def misspelt(place: Place) -> Repair | None:
    """A keyword with a slip, here or in the word before."""
    for at in (place.index, place.index - 1):
        if not 0 <= at < len(place.tokens):
            continue
        token = place.tokens[at]
        if token.type != "NAME" and token.fault != "bad_word" and token.text not in place.machine.keywords:
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
    """One word of the language left out, or another in its place."""
    here, token = place.index, place.token
    if token is None or place.before is None:
        return None
    signs = [name for name in ("COMMA", "LSQB", "RSQB", "DOT", "DASH") if name in place.expected]
    candidates = sorted(place.expected_words - place.machine.effect_words - _CLAUSES - {"and", "or", "not"})
    found = []
    for word in [*candidates, *(place.machine.words[sign] for sign in signs if sign in place.machine.words)]:
        if place.fits(here, here, place.words([word], token), further=2):
            found.append(word)
    if len(found) == 1 and found[0] not in (",", "-"):
        message = f"`{found[0]}` is missing before `{shown([token])}`"
        remedy = f"write `{shown([place.before])} {found[0]} {shown([token])}`"
        return place.syntax(here, here + 1, message, remedy, [*place.words(found, token), token])
    if found == [","]:
        instead = [token.as_type("COMMA", ","), token]
        return place.syntax(
            here, here + 1, "a comma is missing before this", "part the members of a list with `,`", instead
        )
    instead_of = [word for word in candidates if place.fits(here, here + 1, place.words([word], token))]
    if len(instead_of) == 1 and token.type in ("NAME", *place.machine.words):
        message, remedy = f"`{shown([token])}` does not fit here", f"write `{instead_of[0]}`"
        return place.syntax(here, here + 1, message, remedy, place.words(instead_of, token))
    return None


def too_early(place: Place) -> Repair | None:
    """The statement ends before it is complete."""
    if place.token is not None or place.before is None:
        return None
    word = place.text(0)
    if (
        place.machine.keywords["route"] in place.expected
        and "and" in place.expected_words | {"and"}
        and word in ("rule", "otherwise", "exceptions", "watch")
    ):
        span = over(place.tokens[:2])
        found = finding(
            "syntax", span, f"this {word} gives nothing", "add an effect, such as `route to …` or `priority …`"
        )
    else:
        message = f"this `{word}` breaks off: {_wanted(place)} should follow"
        found = finding("syntax", place.before.span, message, "complete it")
    return Repair(findings=(found,), tokens=_without_clause(place), lost=True)


def _wanted(place: Place) -> str:
    """Return what may come next, in words."""
    kinds = [KINDS[name] for name in KINDS if name in place.expected and name not in ("COMMA", "LPAR")]
    words = [f"`{word}`" for word in sorted(place.expected_words) if word.isalpha()]
    if "CODE" in place.expected and "STRING" in place.expected:
        kinds, words = ["a value"], []
    if len(words) > 6:  # noqa: PLR2004 - more is no help
        effects = place.machine.effect_words & place.expected_words
        words = ["an effect"] if effects else ["a condition"] if "possibly" in place.expected_words else words[:6]
        kinds = [] if words[0].startswith("a") else kinds[:2]
    options = [*kinds[:3], *words]
    return " or ".join([", ".join(options[:-1]), options[-1]]) if len(options) > 1 else "".join(options) or "nothing"


def unknown(place: Place) -> Repair:
    """No guess fits: say what could stand here, and leave out the clause."""
    token = place.token or place.tokens[-1]
    remedy = f"here could stand {_wanted(place)}" if place.expected - {"$END"} else "leave it out"
    found = finding("syntax", token.span, f"`{shown([token])}` does not fit here", remedy)
    return Repair(findings=(found,), tokens=_without_clause(place), lost=True)


def _without_clause(place: Place) -> tuple[Token, ...]:
    """Return the statement without the effect or clause that the failure is in; nothing where that is not enough."""
    clauses = [at for at in range(1, len(place.tokens)) if _is_clause(place, at)]
    start = max((at for at in clauses if at <= place.index), default=0)
    stop = min((at for at in clauses if at > place.index), default=len(place.tokens))
    if start == place.index and place.text(place.index - 1) in ("and", "or", ","):
        start -= 1
    if not start or (start == 0 and stop == len(place.tokens)):
        return ()
    head = place.tokens[start]
    if head.text == "when":
        instead = place.words(["always"], head) if place.text(0) in ("rule", "group") else []
        return place.mended(start, stop, instead)
    left = place.mended(start, stop)
    return left if len(left) < len(place.tokens) else ()


_GUESSES: Final[tuple[Callable[[Place], Repair | None], ...]] = (
    no_statement,
    else_,
    value_or_value,
    upper_case,
    between,
    operators,
    when_missing,
    clause_misplaced,
    another_statement,
    mixed,
    units,
    phrases,
    number_words,
    reserved_word,
    joint_before_effect,
    comma,
    misspelt,
    parentheses,
    quotes,
    name_form,
    missing_word,
    too_early,
)


def repair(machine: Machine, tokens: Sequence[Token], failure: Failure) -> Repair:
    """Return the first guess that fits: its finding, and the statement to parse instead."""
    place = Place(machine, tokens, failure)
    for guess in _GUESSES:
        found = guess(place)
        if found is not None:
            return found
    return unknown(place)
