"""What the building functions share: parts between tokens and nodes, leaves for tokens, and finding among children."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from routing import syntax
from routing.diagnostics import Span
from routing.tokens import Token


class Part:
    """Something between a token and a node: a value and its span; `word` says what it is where that matters."""

    __slots__ = ("span", "value", "word")

    def __init__(self, value: Any, span: Span, word: str = "") -> None:
        self.value, self.span, self.word = value, span, word


Child: TypeAlias = Any  # a Token, a Part or a node
Children: TypeAlias = Sequence[Child]

SHORT_DAY: Final = 3  # letters of `Mon`; longer names mean the same


def span_of(children: Children) -> Span:
    """Return the span from the first child to the last."""
    first, last = children[0], children[-1]
    if len(children) == 1:
        return first.span  # type: ignore[no-any-return]
    if type(first) is Token:
        file, line, column = first.file, first.line, first.column
    else:
        file, line, column = first.span.file, first.span.line, first.span.column
    if type(last) is Token:
        end_line, end_column = last.line, last.end_column
    else:
        end_line, end_column = last.span.end_line, last.span.end_column
    if end_line < line or (end_line == line and end_column <= column):
        return first.span  # type: ignore[no-any-return]  # a repair moved the words: the last stands before the first
    return Span(file=file, line=line, column=column, end_line=end_line, end_column=end_column)


def name(token: Token) -> syntax.Name:
    """Return the name that a word is."""
    return syntax.Name(text=token.text, span=token.span)


def text(token: Token) -> syntax.Text:
    """Return the text inside quotes."""
    return syntax.Text(text=token.text[1:-1].replace('""', '"'), span=token.span)


def number(token: Token) -> syntax.Number:
    """Return the number, with how it was written."""
    value = float(token.text) if "." in token.text else int(token.text[:300])  # longer ones cannot be converted
    return syntax.Number(value=value, written=token.text, span=token.span)


def date(token: Token) -> syntax.Date:
    """Return the date."""
    return syntax.Date(value=dt.date.fromisoformat(token.text), span=token.span)


def instant(token: Token) -> syntax.Instant:
    """Return the instant; without an offset it is naive."""
    return syntax.Instant(value=dt.datetime.fromisoformat(" ".join(token.text.split())), span=token.span)


def time_of_day(token: Token) -> syntax.TimeOfDay:
    """Return the time of day."""
    return syntax.TimeOfDay(minutes=int(token.text[:2]) * 60 + int(token.text[3:]), span=token.span)


def weekday(token: Token) -> syntax.Weekday:
    """Return the day of the week, from its short or long form."""
    return syntax.Weekday(token.text[:SHORT_DAY])


_LEAVES: Final[dict[str, Callable[[Token], Any]]] = {
    "NAME": name,
    "COLUMN": name,
    "ZONE": name,
    "STRING": text,
    "CODE": lambda token: syntax.Code(text=token.text, span=token.span),
    "NUMBER": number,
    "DATE": date,
    "INSTANT": instant,
    "TIME": time_of_day,
    "PATTERN": lambda token: syntax.Pattern(text=token.text[1:-1], span=token.span),
}


def leaf(child: Child) -> Any:
    """Return a node for a token that stands for itself; nodes and parts are as they are."""
    if type(child) is not Token:
        return child
    make = _LEAVES.get(child.type)
    return make(child) if make else child


def keywords(children: Children) -> list[str]:
    """Return the keywords among the children."""
    return [child.text for child in children if type(child) is Token and child.type not in _LEAVES]


def all_of_type(children: Children, *types: str) -> tuple[Any, ...]:
    """Return the tokens of these types as leaves."""
    return tuple(leaf(child) for child in children if type(child) is Token and child.type in types)


def names(children: Children) -> tuple[syntax.Name, ...]:
    """Return the tokens that are names."""
    return tuple(name(child) for child in children if type(child) is Token and child.type == "NAME")


def first(children: Children, *types: str) -> Any:
    """Return the first token of one of the types as a leaf, or None."""
    return next((leaf(child) for child in children if type(child) is Token and child.type in types), None)


def of_kind(children: Children, kind: Any) -> Any:
    """Return the first child that is a node of the kind, or None."""
    return next((child for child in children if isinstance(child, kind)), None)


def part(children: Children, word: str) -> Any:
    """Return the value of the part with this word, or None."""
    return next((child.value for child in children if type(child) is Part and child.word == word), None)


def members(children: Children) -> tuple[Any, ...]:
    """Return the members of a list, which every other child is."""
    return tuple(leaf(child) for child in children[::2])
