"""Findings: what is wrong, or worth knowing, about somebody's rule text.

A finding is a value. All findings of a rulebook come back at once, sorted by place; one cause gives one finding.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import field, frozen


class Severity(Enum):
    """How bad a finding is: an error does not load, a warning loads and fails `check`, a note never fails."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen(kw_only=True, order=True)
class Span:
    """A stretch of rule text: `file` as given, lines and columns from 1, the end column one past the last character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@frozen(kw_only=True)
class Related:
    """Another place that has to do with a finding, and what it has to do with it."""

    span: Span
    message: str


@frozen(kw_only=True)
class Finding:
    """One finding: a stable code and name, where, what, and how to mend it.

    `message` is one lower-case line with the writer's own text in backticks; `help` is the remedy, or empty;
    `witness` is a made-up study that shows the finding (attribute names to values), where there is one.
    """

    code: str
    name: str
    severity: Severity
    span: Span
    message: str
    help: str = ""
    related: tuple[Related, ...] = ()
    witness: dict[str, Any] | None = field(default=None, hash=False)

    def headline(self) -> str:
        """Return the first printed line: place, severity, code, name and message."""
        place = f"{self.span.file}:{self.span.line}:{self.span.column}"
        return f"{place}: {self.severity.value} {self.code} {self.name}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as `check --format json` prints it."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity.value,
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
            "message": self.message,
            "help": self.help,
            "related": [
                {"file": near.span.file, "line": near.span.line, "column": near.span.column, "message": near.message}
                for near in self.related
            ],
            "witness": self.witness,
        }
