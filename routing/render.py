"""The printed form of a finding: the headline, the line it stands on with the words underlined, and the remedy.

Tabs and wide characters keep the underline in place, a line longer than the terminal is cut around it, and characters
that could steer a terminal are shown as dots.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from routing.diagnostics import Finding, Span

_TAB: Final = 4
_NUMBER_WIDTH: Final = 5
_CUT: Final = "…"


def render(finding: Finding, text: str | None = None, width: int = 120) -> str:
    """Return the finding as a person reads it, in lines of at most *width* columns apart from the messages.

    Without *text*, the rule text that it is about, the excerpt is left out.
    """
    lines = [finding.headline()]
    if text is not None:
        lines += _excerpt(finding.span, text, width)
    if finding.help:
        lines.append(f"   help: {finding.help}")
    for near in finding.related:
        lines.append(f"   see {near.span.file}:{near.span.line}:{near.span.column}: {near.message}")
    if finding.witness:
        lines.append(
            "   for example: " + ", ".join(f"{name} {_shown(value)}" for name, value in finding.witness.items())
        )
    return "\n".join(lines)


def render_all(findings: Iterable[Finding], texts: Mapping[str, str], width: int = 120) -> str:
    """Return all findings, one below the other; *texts* holds the rule text of each file by its name."""
    return "\n".join(render(finding, texts.get(finding.span.file), width) for finding in findings)


def _shown(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _excerpt(span: Span, text: str, width: int) -> list[str]:
    lines = text.split("\n")
    if not 1 <= span.line <= len(lines):
        return []
    line = lines[span.line - 1].rstrip("\r")
    cells = [_cell(character) for character in line]
    start = min(span.column - 1, len(cells))
    end = len(cells) if span.end_line > span.line else min(span.end_column - 1, len(cells))
    end = max(end, start)
    low, high = _window([len(cell) + _extra(cell) for cell in cells], start, end, max(width - _NUMBER_WIDTH - 4, 20))
    before, after = _CUT if low else "", _CUT if high < len(cells) else ""
    lead = before + "".join(cells[low:start])
    under = "".join(cells[start : min(end, high)])
    rest = "".join(cells[min(end, high) : high]) + after
    gutter = " " * (_NUMBER_WIDTH + 1)
    shown = f"{span.line:>{_NUMBER_WIDTH}} | {lead}{under}{rest}".rstrip()
    return [shown, f"{gutter}| {' ' * _columns(lead)}{'^' * max(_columns(under), 1)}"]


def _cell(character: str) -> str:
    if character == "\t":
        return " " * _TAB
    return "·" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else character


def _extra(cell: str) -> int:
    """Return how many columns the cell takes more (or fewer) than it has characters."""
    if len(cell) != 1 or cell.isascii():
        return 0
    if unicodedata.combining(cell):
        return -1
    return 1 if unicodedata.east_asian_width(cell) in {"W", "F"} else 0


def _columns(shown: str) -> int:
    return sum(1 + _extra(character) for character in shown)


def _window(widths: list[int], start: int, end: int, room: int) -> tuple[int, int]:
    """Return which characters to show so that *start* is seen, and as much around it as there is room for."""
    if sum(widths) <= room:
        return 0, len(widths)
    low, high, used = start, start, 2
    while high < min(end, len(widths)) and used + widths[high] <= room:
        used += widths[high]
        high += 1
    while True:
        grown = False
        if low > 0 and used + widths[low - 1] <= room:
            low -= 1
            used += widths[low]
            grown = True
        if high < len(widths) and used + widths[high] <= room:
            used += widths[high]
            high += 1
            grown = True
        if not grown:
            return low, high
