"""The corpus of broken rulebooks: each with the findings that its reader would want, and nothing besides.

Beside `NAME.rules` lies `NAME.findings`, a line for each finding: `LINE:COLUMN NAME UNDERLINED`. `python -m
tests.language.corpus` prints where what is found differs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from routing.check import check
from routing.diagnostics import Finding, Severity
from routing.files import Folder
from routing.parse import decode, parse
from routing.render import render

FOLDER: Final = Path(__file__).parent / "broken"


def names() -> list[str]:
    """Return the names of the broken rulebooks."""
    return sorted(path.stem for path in FOLDER.glob("*.rules"))


def expected(name: str) -> list[str]:
    """Return the findings that a reader would want."""
    return (FOLDER / f"{name}.findings").read_text(encoding="utf-8").splitlines()


def findings(name: str) -> tuple[Finding, ...]:
    """Return what checking finds."""
    path = FOLDER / f"{name}.rules"
    parsed = parse(path.read_bytes(), path.name)
    return tuple(sorted((*parsed.findings, *check(parsed, Folder(FOLDER)).findings), key=lambda one: one.span))


def found(name: str) -> list[str]:
    """Return what checking finds, without notes, as it stands in the file of expectations."""
    text = decode((FOLDER / f"{name}.rules").read_bytes()).split("\n")
    shown = []
    for one in findings(name):
        if one.severity is not Severity.NOTE:
            span = one.span
            end = span.end_column - 1 if span.end_line == span.line else None
            shown.append(f"{span.line}:{span.column} {one.name} {text[span.line - 1][span.column - 1 : end]}".rstrip())
    return shown


def main() -> None:
    """Print what differs, with the findings as people see them."""
    for name in names():
        if found(name) != expected(name):
            text = decode((FOLDER / f"{name}.rules").read_bytes())
            sys.stdout.write(f"{name}\n  wanted {expected(name)}\n  found  {found(name)}\n")
            sys.stdout.writelines(
                f"{render(one, text)}\n" for one in findings(name) if one.severity is not Severity.NOTE
            )


if __name__ == "__main__":
    main()
