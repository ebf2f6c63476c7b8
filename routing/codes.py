"""The register of findings: every name that rule text can be answered with, its code, severity and one-line title.

Names and codes are stable: a code is never used again for something else. R1xx is about the writing, R2xx about names
and types, R3xx about what a rulebook needs beside its rules, R4xx about what a rule means for the patient, R5xx is
proved over all possible studies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from routing.diagnostics import Finding, Related, Severity, Span
from routing.render import render as render  # noqa: PLC0414 - findings are made and printed by one module's names

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@frozen(kw_only=True)
class Entry:
    """One kind of finding: its name, its code, how bad it is, and what it says in one line."""

    name: str
    code: str
    severity: Severity
    title: str


_ROWS: Final = (
    ("R101", "syntax", _ERROR, "the text cannot be read as a rulebook"),
    ("R102", "reserved-word", _ERROR, "a word of the language is used as a name"),
    ("R103", "mixed-and-or", _ERROR, "`and` and `or` are mixed without parentheses"),
    ("R104", "repeated-effect", _ERROR, "one rule gives the same effect twice"),
    ("R105", "empty-list", _ERROR, "a list has no members"),
    ("R201", "unknown-attribute", _ERROR, "no attribute, fact or define has this name"),
    ("R202", "unknown-code", _ERROR, "the attribute never has this value"),
    ("R203", "unknown-worklist", _ERROR, "no worklist has this name"),
    ("R204", "unknown-name", _ERROR, "nothing of this kind has this name"),
    ("R205", "duplicate-name", _ERROR, "a name is declared twice"),
    ("R206", "unused-name", _NOTE, "a name is declared and never used"),
    ("R207", "type-mismatch", _ERROR, "the comparison or value does not suit the type"),
    ("R208", "use-includes", _ERROR, "a set is compared as if it were one value"),
    ("R209", "number-for-code", _ERROR, "a code is written as a number"),
    ("R210", "impossible-range", _ERROR, "no value lies in the range"),
    ("R211", "identity-in-condition", _ERROR, "a condition goes by who the patient is"),
    ("R212", "living-attribute", _ERROR, "only a watch may ask about items that wait"),
    ("R213", "define-cycle", _ERROR, "a define depends on itself"),
    ("R301", "no-otherwise", _ERROR, "there is no list for what no rule routes"),
    ("R302", "no-exceptions-list", _ERROR, "there is no list for what goes wrong"),
    ("R303", "otherwise-incomplete", _ERROR, "`otherwise` lacks a list, a priority or a due"),
    ("R304", "worklist-without-readers", _WARNING, "nobody reads this worklist"),
    ("R305", "list-in-no-view", _NOTE, "no view shows this worklist"),
    ("R306", "bad-table", _ERROR, "a table cannot be used as it is"),
    ("R307", "bad-calendar", _ERROR, "a calendar cannot be used as it is"),
    ("R308", "bad-include", _ERROR, "an included file cannot be used as it is"),
    ("R309", "unknown-zone", _ERROR, "there is no such time zone"),
    ("R310", "regex-unavailable", _ERROR, "the expression cannot run in linear time here"),
    ("R401", "closure-on-unknown", _ERROR, "a closure hangs on something that may be unknown"),
    ("R402", "hold-without-limit", _ERROR, "a hold has no ceiling"),
    ("R403", "hold-outlasts-due", _WARNING, "a hold lasts longer than the due"),
    ("R404", "preliminary-after-due", _WARNING, "the preliminary is due after the report"),
    ("R405", "escalation-cycle", _WARNING, "an escalation leads back to its own list"),
    ("R406", "words-lower-care", _WARNING, "words in free text lower the care"),
    ("R407", "unless-may-be-unknown", _WARNING, "an unknown exception keeps a rule that raises care from firing"),
    ("R408", "later-than-otherwise", _NOTE, "a rule is later or lower than `otherwise`"),
    ("R409", "priority-requested-unused", _NOTE, "no rule looks at the requested priority"),
    ("R410", "undecided", _NOTE, "a proof was not finished, and claims nothing"),
    ("R411", "example-failed", _WARNING, "an example is decided otherwise than it expects"),
    ("R501", "never-wins", _WARNING, "a rule can never name the list"),
    ("R502", "never-contributes", _WARNING, "a rule can never change a decision"),
    ("R503", "always-false", _WARNING, "a condition is never true"),
    ("R504", "always-true", _NOTE, "a condition is never false"),
    ("R505", "same-as", _NOTE, "two rules have the same condition"),
    ("R506", "conflict", _NOTE, "two rules route the same study differently"),
    ("R507", "guarantee-refuted", _ERROR, "a made-up study breaks a guarantee"),
    ("R508", "effect-may-be-lost", _NOTE, "another rule can take the list and its effects"),
)

REGISTER: Final[Mapping[str, Entry]] = MappingProxyType(
    {name: Entry(code=code, name=name, severity=severity, title=title) for code, name, severity, title in _ROWS}
)


def finding(
    name: str,
    span: Span,
    message: str,
    help: str = "",  # noqa: A002 - the word of the finding's own field
    related: Sequence[Related] = (),
    witness: dict[str, Any] | None = None,
) -> Finding:
    """Return a finding of this name, with the code and severity of the register.

    *message* is one lower-case line without a full stop, the writer's own words in backticks; *help* is the remedy.
    """
    entry = REGISTER[name]
    return Finding(
        code=entry.code,
        name=name,
        severity=entry.severity,
        span=span,
        message=message,
        help=help,
        related=tuple(related),
        witness=witness,
    )
