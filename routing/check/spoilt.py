"""What could not be read as written: statements with a mistake in their writing, about which little more is said.

Parsing mends such statements by guess and goes on. What checking finds on the same line, or about effects and names
that the mistake may have hidden, would be a second finding for one cause, and often a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from routing import syntax
from routing.diagnostics import Finding, Severity
from routing.parse import Parsed

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
        self._lines: set[tuple[str, int]] = set()
        self._ranges: list[tuple[str, int, int]] = []
        self.words: set[str] = set()
        self.lost: set[tuple[str, str]] = set()
        self.any = False

    def add(self, parsed: Parsed) -> None:
        """Note what was wrong with the writing of one file."""
        self.lost |= parsed.lost
        lines = {one.span.line for one in parsed.findings if one.severity is Severity.ERROR}
        if not lines:
            return
        self.any = True
        file = next(one.span.file for one in parsed.findings)
        self._lines |= {(file, line) for line in lines}
        text = parsed.text.split("\n")
        self.words.update(word for line in lines if line <= len(text) for word in _WORD.findall(text[line - 1]))
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

    def without_consequences(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield the findings that are not about a mistake in the writing once more."""
        return (one for one in findings if not self._is_consequence(one))

    def _is_consequence(self, found: Finding) -> bool:
        span = found.span
        if (span.file, span.line) in self._lines:
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
