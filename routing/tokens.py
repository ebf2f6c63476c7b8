"""Rule text cut into words, numbers and signs, each with its place.

The cuts are those of the terminals in `grammar/rules.lark`. What is no such terminal but is often written by mistake (a
curly quote, `==`, `8:00`, a string without its end) becomes a token too, with a `fault` that says what it is, so that
reading goes on as if it had been right. Nothing here raises for any text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from routing.diagnostics import Span


class Token:
    """One word, number or sign. `type` is the grammar's name for it, keywords taken as such; lines and columns from 1.

    `fault` is the kind of mistake in the token itself, or empty; `first` whether it is the first of its line.
    Plain, not attrs: one is made for every word of a rulebook.
    """

    __slots__ = ("column", "end_column", "fault", "file", "first", "line", "text", "type")

    def __init__(
        self, type_: str, text: str, file: str, line: int, column: int, end_column: int, *, first: bool, fault: str = ""
    ) -> None:
        self.type, self.text, self.file, self.line = type_, text, file, line
        self.column, self.end_column, self.first, self.fault = column, end_column, first, fault

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(file=self.file, line=self.line, column=self.column, end_line=self.line, end_column=self.end_column)

    def as_type(self, type_: str, text: str | None = None) -> Token:
        """Return a sound token at the same place, of another type and text."""
        shown = self.text if text is None else text
        return Token(type_, shown, self.file, self.line, self.column, self.end_column, first=self.first)

    def __repr__(self) -> str:
        return f"{self.type}({self.text})"


@frozen(kw_only=True)
class Comment:
    """One comment: its text from the `#` on, where it stands, and whether it has the line to itself."""

    text: str
    span: Span
    alone: bool


# What no terminal is: the name is the `fault`, or the type where that stands in the second table.
_MISTAKES: Final = (
    ("open_string", r'"[^\n]*'),
    ("curly_quotes", r"[“”„‟«»][^\n\"“”„‟«»]*[“”„‟«»\"]"),
    ("single_quotes", r"['‘’‚`][^\n'‘’‚`]*['‘’‚`](?!\w)"),  # noqa: RUF001 - that is what they are
    ("foreign_date", r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(?!\w)"),
    (
        "short_date",
        r"(?!\d{4}-\d{2}-\d{2})\d{4}-\d{1,2}-\d{1,2}(?!\w)|\d{4}[/.]\d{1,2}[/.]\d{1,2}(?!\w)",
    ),
    (
        "bad_time",
        r"(?!\d{2}:\d{2}(?![\w:]))\d{1,2}:\d{1,2}(?::\d{2})?(?: ?[ap]m)?(?!\w)|\d{1,2}(?:[.]\d{2})? ?[ap]m(?!\w)",
    ),
    ("amount", r"\d+(?:mins?|m|hrs?|h|d|wks?|w|yrs?|y|mo|months?|weeks?|days?|hours?|minutes?|years?)(?!\w)"),
    ("hyphenated", r"[a-z][a-z0-9_]*(?:-[a-z][a-z0-9_]*)+(?!\w)"),
    ("long_dash", r"[–—−]"),  # noqa: RUF001 - that is what they are
    ("slashes", r"//[^\n]*|/\*[^\n]*"),
    ("operator", r"&&|\|\||=>|->|<=|>=|<>|!=|==|=|[<>!≤≥≠:;{}%+*/|&@$?\\~^]"),
    ("bad_word", r"\w+"),
    ("stray", r"\S"),
)
_TYPE_OF: Final = {
    "open_string": "STRING",
    "curly_quotes": "STRING",
    "single_quotes": "STRING",
    "foreign_date": "DATE",
    "short_date": "DATE",
    "bad_time": "TIME",
    "long_dash": "DASH",
}
_ORDER: Final = ("STRING", "INSTANT", "DATE", "TIME", "ZONE", "WEEKDAY", "CODE", "NUMBER", "NAME")
_MINUTES_OF_DAY: Final = 24 * 60


class Cutter:
    """Cuts text by the terminals of the grammar: *patterns* by name, *keywords* and signs by their text."""

    def __init__(self, patterns: Mapping[str, str], keywords: Mapping[str, str]) -> None:
        self.keywords = dict(keywords)
        mistakes = dict(_MISTAKES)
        early = ("curly_quotes", "single_quotes", "foreign_date", "short_date", "bad_time", "hyphenated")
        parts = [
            ("newline", r"\n"),
            ("space", r"[^\S\n]+"),
            ("comment", patterns["COMMENT"]),
            ("matches", r"matches\s+(?:" + patterns["PATTERN"] + ")"),
            ("column", r"(?<=\.)" + patterns["COLUMN"]),
            ("yes_or_no", r"yes/no(?!\w)"),
            ("word", patterns["NAME"] + "(?!-)"),  # early: most of a rulebook is these
            *((name, mistakes[name]) for name in early),
            *((name, patterns[name]) for name in _ORDER),
            *(
                (name, pattern)
                for name, pattern in _MISTAKES
                if name not in early and name not in {"bad_word", "stray"}
            ),
            ("sign", r"[,\[\]().-]"),
            ("bad_word", mistakes["bad_word"]),
            ("stray", mistakes["stray"]),
        ]
        self._master = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in parts))

    def cut(self, text: str, file: str) -> tuple[list[Token], list[Comment]]:
        """Return the tokens and the comments of *text*, whose lines end with a line feed."""
        tokens: list[Token] = []
        comments: list[Comment] = []
        keywords = self.keywords
        line, line_start, first = 1, 0, True
        for match in self._master.finditer(text):
            kind = match.lastgroup or ""
            if kind == "space":
                continue
            if kind == "newline":
                line, line_start, first = line + 1, match.end(), True
                continue
            found, column, end_column = match.group(), match.start() - line_start + 1, match.end() - line_start + 1
            if kind == "comment":
                span = Span(file=file, line=line, column=column, end_line=line, end_column=end_column)
                comments.append(Comment(text=found.rstrip(), span=span, alone=first))
                continue
            if kind == "matches":
                tokens.append(Token(keywords["matches"], "matches", file, line, column, column + 7, first=first))
                gap = found[: found.index("/")]
                if "\n" in gap:
                    line, line_start = line + gap.count("\n"), match.start() + gap.rindex("\n") + 1
                start, end = match.start() + len(gap) - line_start + 1, match.end() - line_start + 1
                pattern = Token("PATTERN", found[len(gap) :], file, line, start, end, first="\n" in gap)
                tokens.append(pattern)
            elif kind in ("word", "NAME", "sign"):
                tokens.append(Token(keywords.get(found, "NAME"), found, file, line, column, end_column, first=first))
            else:
                tokens.append(_other(kind, found, file, line, column, end_column, first=first, keywords=keywords))
            first = False
        return tokens, comments


def _other(
    kind: str, found: str, file: str, line: int, column: int, end: int, *, first: bool, keywords: Mapping[str, str]
) -> Token:
    if kind == "yes_or_no":
        return Token(keywords["yes/no"], found, file, line, column, end, first=first)
    if kind == "column":
        return Token("COLUMN", found, file, line, column, end, first=first)
    if kind in _ORDER:
        return Token(kind, found, file, line, column, end, first=first, fault=_unsound(kind, found))
    return Token(_TYPE_OF.get(kind, "FAULT"), found, file, line, column, end, first=first, fault=kind)


def _unsound(kind: str, found: str) -> str:
    """Return the fault of a date or time that has the right form and does not exist, else nothing."""
    try:
        if kind == "DATE":
            dt.date.fromisoformat(found)
        elif kind == "INSTANT":
            dt.datetime.fromisoformat(" ".join(found.split()))
    except ValueError:
        return "no_such_date"
    if kind == "TIME" and (int(found[3:]) > 59 or int(found[:2]) * 60 + int(found[3:]) > _MINUTES_OF_DAY):  # noqa: PLR2004
        return "no_such_time"
    return ""
