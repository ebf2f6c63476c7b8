"""What could not be read as written: statements with a mistake in their writing, about which little more is said.

Parsing mends such statements by guess and goes on. What checking finds close by, or about effects and names that the
mistake may have hidden, would be a second finding for one cause, and often a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from routing import syntax
from routing.diagnostics import Finding, Severity, Span
from routing.parse import Parsed

_NEAR: Final = 10  # columns beside a mistake in which what is found most likely follows from it
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HIDDEN: Final = frozenset(
    ("repeated-effect", "otherwise-incomplete", "no-exceptions-list", "hold-without-limit", "worklist-without-readers")
)
_NEEDED: Final = ("otherwise", "exceptions", "timezone", "workdays", "times")
_HIDDEN_SYNTAX: Final = "syntax"
_DECLARING: Final = {
    syntax.Worklist: "worklist",
    syntax.Table: "table",
    syntax.Calendar: "calendar",
    syntax.Times: "times",
    syntax.Skills: "skills",
    syntax.Channels: "channels",
    syntax.Priorities: "priorities",
    syntax.AttributeDeclaration: "attribute",
    syntax.Fact: "fact",
    syntax.Define: "define",
    syntax.Values: "values",
    syntax.Include: "include",
    syntax.Exceptions: "exceptions",
    syntax.Otherwise: "otherwise",
    syntax.Timezone: "timezone",
    syntax.Workdays: "workdays",
}


class Spoilt:
    """The lines and statements with a mistake in their writing, over all files of a rulebook."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self._ranges: list[tuple[str, int, int]] = []
        self._next_words: set[tuple[str, int, int]] = set()  # where parsing puts what is missing
        self.words: set[str] = set()
        self.lost: set[tuple[str, str]] = set()
        self.any = False

    def add(self, parsed: Parsed) -> None:
        """Note what was wrong with the writing of one file."""
        self.lost |= parsed.lost
        spans = [one.span for one in parsed.findings if one.severity is Severity.ERROR]
        if not spans:
            return
        self.any = True
        file = spans[0].file
        # Text that is none has no lines, whatever line the finding is on.
        text = parsed.text.split("\n") + [""] * max(span.end_line for span in spans)
        for span in spans:
            end = span.end_column if span.end_line == span.line else len(text[span.line - 1]) + 1
            self._places.setdefault((file, span.line), []).append((span.column, end))
            self._next_words.add((file, *_next_word(text, span)))
        lines = {span.line for span in spans}
        self.words.update(word for line in lines for word in _WORD.findall(text[line - 1]))
        self._note_statements(parsed, file, lines)

    def _note_statements(self, parsed: Parsed, file: str, lines: set[int]) -> None:
        orphans = set(lines)
        for statement in _statements(parsed.rulebook.statements if parsed.rulebook else ()):
            first, last = statement.span.line, statement.span.end_line
            spoilt = {line for line in lines if first <= line <= last}
            orphans -= spoilt
            if spoilt:
                self._ranges.append((file, first, last))
                word = _DECLARING.get(type(statement))
                self.lost |= {(word, "")} if word else set()
        # A line that belongs to no statement may have been any of those that a rulebook must have.
        self.lost |= {(word, "") for word in _NEEDED} if orphans else set()

    def _is_near(self, file: str, line: int, start: int, end: int) -> bool:
        places = self._places.get((file, line), ())
        return any(start <= last + _NEAR and first - _NEAR <= end for first, last in places)

    def without_consequences(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield the findings that are not about a mistake in the writing once more."""
        return (one for one in findings if not self._is_consequence(one))

    def _is_consequence(self, found: Finding) -> bool:
        span = found.span
        end = span.end_column if span.end_line == span.line else span.column + _NEAR
        if self._is_near(span.file, span.line, span.column, end):
            return True
        if (span.file, span.line, span.column) in self._next_words:
            return True
        if found.name not in _HIDDEN and found.name != _HIDDEN_SYNTAX:
            return False
        return any(file == span.file and first <= span.line <= last for file, first, last in self._ranges)


def _statements(nodes: Iterable[syntax.Node]) -> Iterator[syntax.Node]:
    """Yield statements, those inside groups by themselves."""
    for node in nodes:
        if isinstance(node, syntax.Group):
            yield from _statements(node.members)
            if node.otherwise is not None:
                yield node.otherwise
        else:
            yield node


def _next_word(text: list[str], span: Span) -> tuple[int, int]:
    """Return the line and column of the first word after a place, blanks and comments aside."""
    line, column = span.end_line, span.end_column
    while line <= len(text):
        rest = text[line - 1][column - 1 :]
        if rest.strip() and not rest.lstrip().startswith("#"):
            return line, column + len(rest) - len(rest.lstrip())
        line, column = line + 1, 1
    return span.end_line, span.end_column
