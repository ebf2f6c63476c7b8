"""The one usual layout of a rulebook. Comments stay where they stand, and what the rules say never changes.

There are no options. Formatting twice is formatting once, and printing a tree and parsing that gives an equal tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from attrs import evolve, frozen

from routing import syntax
from routing.diagnostics import Severity
from routing.errors import RulebookError
from routing.layout import Block, Line, blocks
from routing.parse import parse
from routing.tokens import Comment

_INNER = 2  # how far in a comment stands that belongs to the statement above it


def format_text(text: str | bytes, file: str = "<text>") -> str:
    """Return the rule text in the one usual layout.

    Raises:
        RulebookError: the text has mistakes in its writing; it holds the findings.

    """
    parsed = parse(text, file)
    if parsed.rulebook is None or any(found.severity is Severity.ERROR for found in parsed.findings):
        raise RulebookError(parsed.findings)
    return _Page(parsed.rulebook, parsed.comments).text()


def print_tree(rulebook: syntax.Rulebook) -> str:
    """Return rule text for a tree, wherever it came from; parsing it gives an equal tree."""
    return _Page(rulebook, ()).text()


@frozen(kw_only=True)
class _Row:
    """One printed line: a line of a statement or a comment, with the lines of the source that it came from."""

    text: str
    comment: str = ""  # the one behind it
    first: int
    last: int
    begins: bool = False  # a statement, or the comments above it
    tall: bool = False
    inside: bool = False  # a statement, after its first line


class _Page:
    """Statements and comments, merged."""

    def __init__(self, rulebook: syntax.Rulebook, comments: Sequence[Comment]) -> None:
        self.blocks = blocks(rulebook)
        self.comments = list(comments)
        self.comments.reverse()

    def text(self) -> str:
        rows = list(self._rows())
        kept = [row for number, row in enumerate(rows) for row in (*self._blank(rows, number), row)]
        lines = [line for _, run in groupby(kept, key=lambda row: bool(row.comment)) for line in _aligned(list(run))]
        return "\n".join(lines) + "\n" if lines else ""

    def _rows(self) -> Iterator[_Row]:
        previous: Block | None = None
        for block in self.blocks:
            yield from self._above(block.lines[0], previous)
            for number, line in enumerate(block.lines):
                if number:
                    yield from self._within(line)
                following = block.lines[number + 1] if number + 1 < len(block.lines) else None
                yield from self._row(block, line, following, inside=number > 0)
            previous = block
        yield from self._above(None, previous)

    def _above(self, line: Line | None, previous: Block | None) -> Iterator[_Row]:
        """Yield the comments between two statements; one that stands in belongs to the statement above."""
        while self.comments and (line is None or self._place() < line.at):
            comment = self.comments.pop()
            inner = previous is not None and previous.tall and comment.span.column > 1
            at = comment.span.line
            yield _Row(
                text=" " * (_INNER if inner else 0) + comment.text, first=at, last=at, inside=inner, begins=not inner
            )

    def _within(self, line: Line) -> Iterator[_Row]:
        """Yield the comments that stand above a line inside a statement."""
        while self.comments and self.comments[-1].alone and self._place() < line.at:
            comment = self.comments.pop()
            at = comment.span.line
            yield _Row(text=" " * line.indent + comment.text, first=at, last=at, inside=True)

    def _row(self, block: Block, line: Line, following: Line | None, *, inside: bool) -> Iterator[_Row]:
        """Yield a line with the comment behind it; further comments inside it come above."""
        comments = []
        while self.comments and self._behind(line, following):
            comments.append(self.comments.pop())
        behind = comments.pop() if comments and not comments[-1].alone else None
        for comment in comments:
            at = comment.span.line
            yield _Row(
                text=" " * line.indent + comment.text,
                first=at,
                last=at,
                inside=inside,
                begins=not inside,
                tall=block.tall,
            )
        last = max(line.until[0], behind.span.line if behind else 0)
        yield _Row(
            text=str(line),
            comment=behind.text if behind else "",
            first=line.at[0],
            last=last,
            begins=not inside,
            tall=block.tall and not inside,
            inside=inside,
        )

    def _behind(self, line: Line, following: Line | None) -> bool:
        comment, place = self.comments[-1], self._place()
        if following is not None:
            return place < following.at and (not comment.alone or place < line.until)
        return place < line.until or (not comment.alone and comment.span.line <= line.until[0])

    def _place(self) -> tuple[int, int]:
        span = self.comments[-1].span
        return span.line, span.column

    def _blank(self, rows: list[_Row], number: int) -> Iterator[_Row]:
        """Yield an empty line where one belongs before the row."""
        row = rows[number]
        if number == 0 or row.inside:
            return
        before = rows[number - 1]
        apart = row.first - before.last > 1
        joined = not apart and before.begins and not before.inside and _is_comment(before)
        if apart or (not joined and (self._tall(rows, number) or _was_tall(rows, number))):
            yield evolve(row, text="", comment="")

    def _tall(self, rows: list[_Row], number: int) -> bool:
        """Say whether the row is a tall statement, or the first of the comments right above one."""
        while _is_comment(rows[number]) and number + 1 < len(rows) and rows[number + 1].first - rows[number].last <= 1:
            number += 1
        return rows[number].tall


def _is_comment(row: _Row) -> bool:
    return row.text.lstrip().startswith("#")


def _was_tall(rows: list[_Row], number: int) -> bool:
    """Say whether the statement above the row is a tall one."""
    return next((row.tall for row in reversed(rows[:number]) if row.begins and not _is_comment(row)), False)


def _aligned(rows: list[_Row]) -> list[str]:
    """Return the rows as text; comments behind neighbouring lines begin in one column."""
    if not rows[0].comment:
        return [row.text for row in rows]
    column = max(len(row.text) for row in rows) + 2
    return [f"{row.text:<{column}}{row.comment}" for row in rows]
