"""Included files: read, parsed, and put where their `include` stands, inside its condition.

An included file holds what a department shares: rules, groups, defines, tables and the other declarations. What there
is once for a rulebook (its clock, its priorities, its `otherwise`) stands in the main file. No file is included twice.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from routing import syntax
from routing.check.names import Findings
from routing.check.spoilt import Spoilt
from routing.check.tables import shown_beside
from routing.diagnostics import Related, Severity, Span
from routing.files import Files, relative_to_file
from routing.parse import parse

_ONCE: Final = (
    syntax.RulebookName,
    syntax.Timezone,
    syntax.ClockFrom,
    syntax.Priorities,
    syntax.Workdays,
    syntax.Exceptions,
    syntax.Otherwise,
)
_DEEPEST: Final = 20


@frozen(kw_only=True)
class Placed:
    """A statement, the file it stands in (relative to the main file's folder), and the conditions of its includes."""

    statement: syntax.Statement
    file: str
    conditions: tuple[syntax.Condition, ...] = ()


class Included:
    """Gathers the statements of a rulebook and of all files that it includes, in the order in which they count."""

    def __init__(self, findings: Findings, spoilt: Spoilt, files: Files, texts: dict[str, str]) -> None:
        self._findings, self._spoilt, self._files, self._texts = findings, spoilt, files, texts
        self._first: dict[str, Span] = {}

    def gather(self, rulebook: syntax.Rulebook) -> tuple[Placed, ...]:
        """Return all statements; what is wrong with an included file becomes findings."""
        main = posixpath.basename(rulebook.span.file.replace("\\", "/"))
        return tuple(self._statements(rulebook, main, (), (main,)))

    def _statements(
        self, rulebook: syntax.Rulebook, file: str, conditions: tuple[syntax.Condition, ...], inside: tuple[str, ...]
    ) -> Iterator[Placed]:
        for statement in rulebook.statements:
            if isinstance(statement, syntax.Include):
                guards = (*conditions, statement.when) if statement.when else conditions
                yield from self._include(statement, file, guards, inside)
            elif len(inside) > 1 and isinstance(statement, _ONCE):
                word = str(type(statement).__name__)
                self._belongs_in_the_main_file(statement, word, inside[0])
            else:
                yield Placed(statement=statement, file=file, conditions=conditions)

    def _belongs_in_the_main_file(self, statement: syntax.Statement, word: str, main: str) -> None:
        words = {"RulebookName": "rulebook", "ClockFrom": "clock"}
        shown = words.get(word, word.casefold())
        self._findings.add(
            "bad-include",
            statement.span,
            f"`{shown}` cannot stand in an included file: a rulebook has it once",
            f"move it to `{main}`",
        )

    def _include(
        self, statement: syntax.Include, file: str, conditions: tuple[syntax.Condition, ...], inside: tuple[str, ...]
    ) -> Iterator[Placed]:
        path = relative_to_file(file, statement.path.text)
        shown = shown_beside(statement.span.file, statement.path.text)
        if path in inside:
            chain = " → ".join([*inside[inside.index(path) :], path])
            self._refuse(statement, f"`{shown}` includes itself: {chain}", "leave one of the includes out")
            return
        first = self._first.setdefault(path, statement.span)
        if first is not statement.span:
            related = [Related(span=first, message="it is included here first")]
            self._refuse(statement, f"`{shown}` is included twice", "leave one of the includes out", related)
            return
        if len(inside) > _DEEPEST:
            self._refuse(
                statement, f"files include each other more than {_DEEPEST} deep", "include it from the main file"
            )
            return
        try:
            content = self._files.read(path)
        except OSError as cause:
            near = (
                self._findings.did_you_mean(posixpath.basename(path), self._files.beside(path))
                or "put it beside the rulebook"
            )
            reason = str(cause.args[-1]) if cause.args else "it cannot be read"
            self._refuse(statement, f"`{statement.path.text}` cannot be read: {reason}", near)
            self._spoilt.lost.add(("include", ""))
            return
        parsed = parse(content, shown)
        self._findings.extend(parsed.findings)
        self._spoilt.add(parsed)
        self._texts[shown] = parsed.text
        if parsed.rulebook is None or (not parsed.rulebook.statements and _has_errors(parsed.findings)):
            self._spoilt.lost.add(("include", ""))
            return
        yield from self._statements(parsed.rulebook, path, conditions, (*inside, path))

    def _refuse(
        self, statement: syntax.Include, message: str, help_: str, related: list[Related] | None = None
    ) -> None:
        self._findings.add("bad-include", statement.path.span, message, help_, related or [])


def _has_errors(findings: tuple[object, ...]) -> bool:
    return any(getattr(found, "severity", None) is Severity.ERROR for found in findings)
