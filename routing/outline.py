"""Puts the statements of a file in their order: rules into the groups that are open, everything else beside them.

A forgotten `end` is found by the indentation where there is some, else at the end of the file.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from routing import syntax
from routing.codes import finding
from routing.diagnostics import Finding, Related, Span
from routing.tokens import Token

DEPTH: Final = 50  # how deep groups may nest


class _Group:
    """A group whose `end` has not come yet."""

    def __init__(self, node: syntax.Group, word: Token) -> None:
        self.node, self.word = node, word
        self.members: list[syntax.Rule | syntax.Group] = []
        self.otherwise: syntax.Otherwise | None = None
        self.inner_column: int | None = None  # where its first member begins, if further in than the group


class Outline:
    """The statements of one file so far, and what is wrong with how they nest."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.statements: list[Any] = []
        self.groups: list[_Group] = []
        self.unread = 0  # statements that were given up
        self.too_deep = 0  # groups that are open and were not kept

    def add(self, node: Any, word: Token) -> None:
        """Put a statement where it belongs: into the open group, or at the level of the file."""
        while self.groups and self._closes(node, word):
            self._forgotten_end(word)
        group = self.groups[-1] if self.groups else None
        if group and group.inner_column is None and word.first and word.column > group.word.column:
            group.inner_column = word.column
        if isinstance(node, syntax.Group):
            self._begin(node, word)
        elif not isinstance(node, syntax.Node):
            self._end(node.span)
        elif group is None:
            self.statements.append(node)
        else:
            self._add_inside(group, node, word)

    def close(self, *, all_read: bool) -> tuple[Any, ...]:
        """Return the statements; groups that are still open have no `end`, if all of the file was read."""
        self.too_deep = 0
        while self.groups:
            if all_read:
                self._forgotten_end(None)
            else:
                self._end(None)
        return tuple(self.statements)

    def _begin(self, node: syntax.Group, word: Token) -> None:
        if len(self.groups) < DEPTH and not self.too_deep:
            self.groups.append(_Group(node, word))
            return
        if not self.too_deep:
            self._found(word.span, f"more than {DEPTH} groups inside each other", "join their conditions with `and`")
            self.unread += 1
        self.too_deep += 1

    def _add_inside(self, group: _Group, node: syntax.Node, word: Token) -> None:
        name = group.node.name.text
        if isinstance(node, syntax.Otherwise):
            if group.otherwise:
                self._found(word.span, f"the group `{name}` has an `otherwise` already", "leave one of them out")
            group.otherwise = node
        elif isinstance(node, syntax.Rule):
            self._after_otherwise(group, word)
            group.members.append(node)
        else:
            self.statements.append(node)
            remedy = "a group holds rules, groups and one `otherwise`"
            self._found(word.span, f"`{word.text}` cannot stand inside the group `{name}`", remedy)

    def _closes(self, node: Any, word: Token) -> bool:
        """Say whether a statement shows, by its indentation, that the `end` of the open group was forgotten."""
        group = self.groups[-1]
        if not word.first:
            return False
        if group.inner_column is not None:
            is_end = not isinstance(node, syntax.Node)
            return word.column < group.word.column if is_end else word.column <= group.word.column
        member = isinstance(node, syntax.Rule | syntax.Group | syntax.Otherwise)
        return isinstance(node, syntax.Node) and not member and word.column <= group.word.column

    def _after_otherwise(self, group: _Group, word: Token) -> None:
        if group.otherwise:
            message, remedy = (
                "a rule cannot follow the `otherwise` of its group",
                "move the `otherwise` to before the `end`",
            )
            self._found(word.span, message, remedy)

    def _forgotten_end(self, word: Token | None) -> None:
        """Report that the innermost group has no `end`, before this word or at all, and close it."""
        group, self.too_deep = self.groups[-1], 0
        name = group.node.name.text
        if word is not None:
            related = [Related(span=group.word.span, message=f"the group `{name}` begins here")]
            message, remedy = f"`end` of the group `{name}` is missing before this", "write `end` on a line above"
            self.findings.append(finding("syntax", word.span, message, remedy, related))
        else:
            if group.otherwise and group.otherwise.span.column <= group.word.column:
                self.statements.append(group.otherwise)  # the file's, most likely
                group.otherwise = None
            self._found(group.word.span, f"the group `{name}` has no `end`", "write `end` after its last rule")
        self._end(None)

    def _end(self, span: Span | None) -> None:
        """Close the innermost group; *span* is the place of its `end`."""
        if self.too_deep:
            self.too_deep -= 1
            return
        if not self.groups:
            if self.unread:
                self.unread -= 1
            elif span is not None:
                self._found(span, "this `end` closes nothing", "leave it out: only a group has an `end`")
            return
        group = self.groups.pop()
        if span is not None and not group.members and not self.unread:
            message = f"the group `{group.node.name.text}` has no rules"
            self._found(group.word.span, message, "write its rules before the `end`")
        start = group.node.span
        last = span or (group.members[-1].span if group.members else start)
        whole = Span(
            file=start.file, line=start.line, column=start.column, end_line=last.end_line, end_column=last.end_column
        )
        node = evolve(group.node, members=tuple(group.members), otherwise=group.otherwise, span=whole)
        if self.groups:
            self._after_otherwise(self.groups[-1], group.word)
            self.groups[-1].members.append(node)
        else:
            self.statements.append(node)

    def _found(self, span: Span, message: str, remedy: str) -> None:
        self.findings.append(finding("syntax", span, message, remedy))
