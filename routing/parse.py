"""Rule text to a syntax tree, with everything that is wrong with the writing as findings, all at once.

The text is cut into tokens, the tokens into statements at the words that begin one, and each statement is parsed by
itself, so that a mistake in one leaves the others as they are. Where a statement stops making sense, `wrong_guesses`
says what was meant; the statement is read on as if that had been written. No text raises, however wrong.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from routing import syntax
from routing.codes import finding
from routing.diagnostics import Finding, Related, Span
from routing.machine import Failure, Machine
from routing.tokens import Comment, Token
from routing.wrong_guesses import Repair, faults, repair

_ROUNDS: Final = 12  # repairs tried on one statement before it is given up
_DEPTH: Final = 50  # how deep parentheses, `not`s and groups may nest
_MOST_FINDINGS: Final = 100  # of one file; whoever has more sees these first


@frozen(kw_only=True)
class Parsed:
    """
    What was read: the tree, the findings sorted by place, and the comments in their order.

    `rulebook` holds every statement that could be made sense of, with mistakes mended as guessed, and is None only
    where the input is no text. `lost` names what statements that were given up, in whole or in part, would have
    declared, as (statement word, name), the name empty where it has none: what depends on those is not worth a finding.
    """

    rulebook: syntax.Rulebook | None
    findings: tuple[Finding, ...]
    comments: tuple[Comment, ...] = ()
    text: str = field(default="", repr=False)
    lost: frozenset[tuple[str, str]] = frozenset()


def parse(text: str | bytes, file: str) -> Parsed:
    """
    Return what the rule text says and what is wrong with its writing; *file* is its name in the findings.

    Bytes are UTF-8, UTF-16 with a byte order mark, or else Windows-1252. Nothing is raised for any text or bytes.
    """
    decoded = decode(text)
    no_text = _no_text(decoded, file)
    return Parsed(rulebook=None, findings=(no_text,)) if no_text else _Parse(decoded, file).run()


def decode(text: str | bytes) -> str:
    """Return the text as `parse` reads it, its lines ending with a line feed; a byte that is no character is U+FFFD."""
    if isinstance(text, bytes):
        try:
            utf_16 = text[:2] in (b"\xff\xfe", b"\xfe\xff")
            text = text.decode("utf-16" if utf_16 else "utf-8-sig")
        except UnicodeDecodeError:
            text = text.decode("cp1252", errors="replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@cache
def machine() -> Machine:
    """Return the parser; it is made when first needed, once for a process."""
    return Machine(_grammar())


def _grammar() -> str:
    """Return the text of the grammar, from inside the installed package or from beside it in a checkout."""
    inside = Path(__file__).parent / "grammar" / "rules.lark"
    beside = Path(__file__).parent.parent / "grammar" / "rules.lark"
    return (inside if inside.exists() else beside).read_text(encoding="utf-8")


def _no_text(text: str, file: str) -> Finding | None:
    """Return the finding that the input is no text, at the first character that shows it."""
    binary = re.search("[\0-\x08\x0e-\x1f\x7f\ufffd]", text)
    if binary is None:
        return None
    line = text.count("\n", 0, binary.start()) + 1
    column = binary.start() - text.rfind("\n", 0, binary.start())
    span = Span(file=file, line=line, column=column, end_line=line, end_column=column + 1)
    return finding("syntax", span, "this is not a text file", "save the rulebook as plain text in UTF-8")


class _Group:
    """A group whose `end` has not come yet."""

    def __init__(self, node: syntax.Group, word: Token) -> None:
        self.node, self.word = node, word
        self.members: list[Any] = []
        self.otherwise: syntax.Otherwise | None = None
        self.inner_column: int | None = None  # where its first member begins, if further in than the group


class _Parse:
    """One run over one text."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.machine = text, file, machine()
        self.findings: list[Finding] = []
        self.lost: set[tuple[str, str]] = set()
        self.statements: list[Any] = []
        self.groups: list[_Group] = []
        self.muted: set[int] = set()  # lines with a quote that has no partner
        self.said: set[tuple[int, str]] = set()

    def run(self) -> Parsed:
        tokens, comments = self.machine.cutter.cut(self.text, self.file)
        pieces = self._split(tokens)
        pieces.reverse()
        while pieces and len(self.findings) < _MOST_FINDINGS:
            piece = pieces.pop()
            node, rest = self._piece(piece)
            if rest:
                pieces.append(rest)
            if node is not None:
                self._place(node, piece[0])
        while self.groups:
            self._forgotten_end(None)
        lines = self.text.split("\n")
        whole = Span(file=self.file, line=1, column=1, end_line=len(lines), end_column=len(lines[-1]) + 1)
        return Parsed(
            rulebook=syntax.Rulebook(statements=tuple(self.statements), span=whole),
            findings=tuple(sorted(self.findings, key=lambda found: found.span)),
            comments=tuple(comments),
            text=self.text,
            lost=frozenset(self.lost),
        )

    # ---- statements

    def _split(self, tokens: list[Token]) -> list[list[Token]]:
        """Return the tokens of each statement; what stands before the first is one too."""
        starts = [index for index in range(len(tokens)) if self._begins(tokens, index)]
        if tokens and (not starts or starts[0]):
            starts.insert(0, 0)
        return [tokens[start:stop] for start, stop in zip(starts, [*starts[1:], len(tokens)], strict=True)]

    def _begins(self, tokens: list[Token], index: int) -> bool:
        """Say whether a statement begins with the token: not one that is the name or value that the word before wants."""
        token = tokens[index]
        if token.text not in self.machine.statement_words or token.type == "COLUMN":
            return False
        before = tokens[index - 1] if index else None
        if before is None or before.text == "end":
            return True
        if token.text == "otherwise":
            return before.text != "by"
        if token.text == "clock":  # also the name of an instant
            after = tokens[index + 1] if index + 1 < len(tokens) else None
            return (
                after is not None and after.type == "NAME" and before.text not in _WANT_MORE and before.type != "COMMA"
            )
        if token.first:
            return True
        raised = before.text == "priority" and index > 1 and tokens[index - 2].text == "raise"
        return raised or (before.text not in _WANT_MORE and before.type not in ("COMMA", "LSQB", "LPAR"))

    def _piece(self, tokens: list[Token]) -> tuple[Any, list[Token]]:
        """Return the node of a statement, None where it is given up, and the tokens that turned out to be another one's."""
        too_deep = self._too_deep(tokens)
        if too_deep is not None:
            message = f"more than {_DEPTH} parentheses or `not`s inside each other"
            self.findings.append(finding("syntax", too_deep.span, message, "name parts of it with `define`"))
            self._lose(tokens)
            return None, []
        tokens = self._faults(tokens)
        rest: list[Token] = []
        for _ in range(_ROUNDS):
            found = self.machine.parse(tokens)
            if not isinstance(found, Failure):
                return found, rest
            mended = repair(self.machine, tokens, found)
            self._report(mended)
            if mended.lost:
                self._lose(tokens)
            rest = [*mended.rest, *rest]
            if not mended.tokens:
                return None, rest
            tokens = list(mended.tokens)
        self._lose(tokens)
        return None, rest

    def _faults(self, tokens: list[Token]) -> list[Token]:
        """Report the tokens that are wrong in themselves, and return the statement with them put right."""
        if not any(token.fault for token in tokens):
            return tokens
        mended = faults(self.machine, tokens)
        self._report(mended)
        self.muted |= {token.line for token in tokens if token.fault == "open_string"}
        return list(mended.tokens)

    def _report(self, mended: Repair) -> None:
        """Add the findings; of one kind of mistake on one line the first is enough, and a lone quote explains the rest."""
        for found in mended.findings:
            kind = (found.span.line, found.message.partition("`")[0])
            if found.span.line not in self.muted and kind not in self.said:
                self.said.add(kind)
                self.findings.append(found)

    def _lose(self, tokens: list[Token]) -> None:
        name = tokens[1] if len(tokens) > 1 else None
        known = name is not None and name.type in ("NAME", "STRING")
        self.lost.add((tokens[0].text, name.text.strip('"') if known and name else ""))

    def _too_deep(self, tokens: list[Token]) -> Token | None:
        """Return the token at which parentheses and prefixes nest too deep to be meant."""
        levels = [0]
        for token in tokens:
            if token.text in ("not", "possibly", "certainly"):
                levels[-1] += 1
            elif token.type in ("LPAR", "LSQB"):
                levels.append(levels[-1] + 1)
            elif token.type in ("RPAR", "RSQB") and len(levels) > 1:
                levels.pop()
            elif token.text in ("and", "or"):
                levels[-1] = levels[-2] + 1 if len(levels) > 1 else 0
            if levels[-1] > _DEPTH:
                return token
        return None

    # ---- groups

    def _place(self, node: Any, word: Token) -> None:
        """Put the statement where it belongs: into the open group, or at the level of the file."""
        if isinstance(node, syntax.Rule | syntax.Otherwise | syntax.Exceptions):
            self._check_effects(node)
        while self.groups and self._closes(node, word):
            self._forgotten_end(word)
        group = self.groups[-1] if self.groups else None
        if group and group.inner_column is None and word.first and word.column > group.word.column:
            group.inner_column = word.column
        if isinstance(node, syntax.Group):
            if len(self.groups) >= _DEPTH:
                self.findings.append(finding("syntax", word.span, f"more than {_DEPTH} groups inside each other"))
                return
            self.groups.append(_Group(node, word))
        elif not isinstance(node, syntax.Node):
            self._end(node.span)
        elif group is None:
            self.statements.append(node)
        elif isinstance(node, syntax.Otherwise):
            if group.otherwise:
                message = f"the group `{group.node.name.text}` has an `otherwise` already"
                self.findings.append(finding("syntax", word.span, message, "leave one of them out"))
            group.otherwise = node
        elif isinstance(node, syntax.Rule):
            self._after_otherwise(group, word)
            group.members.append(node)
        else:
            self.statements.append(node)
            message = f"`{word.text}` cannot stand inside the group `{group.node.name.text}`"
            self.findings.append(
                finding("syntax", word.span, message, "a group holds rules, groups and one `otherwise`")
            )

    def _closes(self, node: Any, word: Token) -> bool:
        """Say whether a statement shows, by its indentation, that the `end` of the open group was forgotten."""
        group = self.groups[-1]
        if not word.first:
            return False
        if group.inner_column is not None:
            is_end = not isinstance(node, syntax.Node)
            return word.column < group.word.column if is_end else word.column <= group.word.column
        return isinstance(node, syntax.Node) and not isinstance(node, syntax.Rule | syntax.Group | syntax.Otherwise)

    def _after_otherwise(self, group: _Group, word: Token) -> None:
        if group.otherwise:
            message = "a rule cannot follow the `otherwise` of its group"
            self.findings.append(finding("syntax", word.span, message, "move the `otherwise` to before the `end`"))

    def _forgotten_end(self, word: Token | None) -> None:
        group = self.groups[-1]
        name = group.node.name.text
        if word is None:
            message = f"the group `{name}` has no `end`"
            self.findings.append(finding("syntax", group.word.span, message, "write `end` after its last rule"))
        else:
            message = f"`end` of the group `{name}` is missing before this"
            related = [Related(span=group.word.span, message=f"the group `{name}` begins here")]
            self.findings.append(finding("syntax", word.span, message, "write `end` on a line above", related))
        self._end(None)

    def _end(self, span: Span | None) -> None:
        """Close the innermost group; *span* is the place of its `end`."""
        if not self.groups:
            if span is not None:
                message, remedy = "this `end` closes nothing", "leave it out: only a group has an `end`"
                self.findings.append(finding("syntax", span, message, remedy))
            return
        group = self.groups.pop()
        start = group.node.span
        last = span or (group.members[-1].span if group.members else start)
        node = syntax.Group(
            name=group.node.name,
            when=group.node.when,
            unless=group.node.unless,
            members=tuple(group.members),
            otherwise=group.otherwise,
            span=Span(
                file=start.file,
                line=start.line,
                column=start.column,
                end_line=last.end_line,
                end_column=last.end_column,
            ),
        )
        if self.groups:
            self._after_otherwise(self.groups[-1], group.word)
            self.groups[-1].members.append(node)
        else:
            self.statements.append(node)

    # ---- what the grammar leaves open

    def _check_effects(self, node: syntax.Rule | syntax.Otherwise | syntax.Exceptions) -> None:
        for effect in node.effects:
            if isinstance(effect, syntax.MoveTo | syntax.DecideAgain):
                message = f"`{' '.join(str(effect).split()[:2])}` only stands in a watch"
                self.findings.append(finding("syntax", effect.span, message, "a rule says `route to`"))
            elif isinstance(effect, syntax.Escalate) and effect.after is None and not effect.overdue:
                remedy = f"such as `{effect} after 40 minutes`, or `when overdue`"
                self.findings.append(finding("syntax", effect.span, "an escalation in a rule says when", remedy))


# A statement cannot end with one of these: what follows on the same line is a name or value, and if it is a reserved word,
# a wrong one.
_WANT_MORE: Final = frozenset(
    """
    to by from as is are key with not and or when unless until of in on within under over after before least most
    tag notify priority minus plus counting during outside worklist define attribute fact table calendar times values
    skills channels priorities includes only except at shows
    """.split()
)
