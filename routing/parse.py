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
from routing.diagnostics import Finding, Span
from routing.machine import Failure, Machine
from routing.outline import Outline
from routing.tokens import Comment, Token
from routing.wrong_guesses import Repair, faults, repair
from routing.wrong_guesses.habits import NUMBERS

_ROUNDS: Final = 12  # repairs tried on one statement before it is given up
_LONGEST: Final = 20_000  # tokens of one statement; one is read in one piece, and must not take long
_LONG: Final = 2_000  # tokens of one statement, beyond which a repair costs too much
_DEPTH: Final = 50  # how deep parentheses and `not`s may nest
_MOST_OF_ONE: Final = 5  # findings on one statement; whatever has more was never meant as one
_MOST_FINDINGS: Final = 100  # of one file; whoever has more sees these first


@frozen(kw_only=True)
class Parsed:
    """What was read: the tree, the findings sorted by place, and the comments in their order.

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
    """Return what the rule text says and what is wrong with its writing; *file* is its name in the findings.

    Bytes are UTF-8, UTF-16 with a byte order mark, or else Windows-1252. Nothing is raised for any text or bytes.
    """
    decoded = decode(text)
    no_text = _no_text(decoded, file)
    return Parsed(rulebook=None, findings=(no_text,)) if no_text else _Parse(decoded, file).run()


def decode(text: str | bytes) -> str:
    """Return the text as `parse` reads it, its lines ending with a line feed; a byte that is no character is U+FFFD."""
    found = _from_bytes(text) if isinstance(text, bytes) else text
    return found.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _from_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


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


class _Parse:
    """One run over one text."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.machine = text, file, machine()
        self.findings: list[Finding] = []
        self.lost: set[tuple[str, str]] = set()
        self.outline = Outline(self.findings)
        self.faults: list[Finding] = []  # of the statement that is being read
        self.muted: set[int] = set()  # lines with a quote that has no partner
        self.said: set[tuple[int, str]] = set()

    def run(self) -> Parsed:
        tokens, comments = self.machine.cutter.cut(self.text, self.file)
        pieces = self._split(tokens)
        pieces.reverse()
        sound = 0
        while pieces and len(self.findings) < _MOST_FINDINGS:
            piece, already = pieces.pop(), len(self.findings)
            node, rest = self._piece(piece)
            sound += isinstance(node, syntax.Node) and len(self.findings) == already
            if rest:
                pieces.append(rest)
            if node is not None:
                self._check_effects(node)
                self.outline.add(node, piece[0])
            else:
                self.outline.unread += 1
        breaks_off = bool(tokens) and self._said_of(tokens[-1], 0)
        statements = self.outline.close(all_read=not pieces and not breaks_off)
        if not sound and self.findings and self.findings[0].span == tokens[0].span:
            del self.findings[1:]  # begins as no rulebook does, and goes on so: it was never meant as one
        lines = self.text.split("\n")
        whole = Span(file=self.file, line=1, column=1, end_line=len(lines), end_column=len(lines[-1]) + 1)
        return Parsed(
            rulebook=syntax.Rulebook(statements=statements, span=whole),
            findings=tuple(sorted(self.findings, key=lambda found: found.span)),
            comments=tuple(comments),
            text=self.text,
            lost=frozenset(self.lost),
        )

    # ---- statements

    def _split(self, tokens: list[Token]) -> list[list[Token]]:
        """Return the tokens of each statement; what stands before the first is one too."""
        if not tokens:
            return []
        starts, line_word = [], ""
        for index, token in enumerate(tokens):
            line_word = token.text if token.first else line_word
            if self._begins(tokens, index) and (token.first or line_word in self.machine.reserved):
                starts.append(index)
        if not starts or starts[0]:
            starts.insert(0, 0)
        return [tokens[start:stop] for start, stop in zip(starts, [*starts[1:], len(tokens)], strict=True)]

    def _begins(self, tokens: list[Token], index: int) -> bool:
        """Say whether a statement begins with the token, and it is not a name that the word before wants."""
        token = tokens[index]
        if token.text not in self.machine.statement_words or token.type == "COLUMN":
            return False
        before = tokens[index - 1] if index else None
        if before is None or before.text == "end":
            return True
        if token.text == "otherwise":
            return before.text != "by"
        if token.text == "clock":  # also an instant in a condition, where a comparison or another clause follows
            after = tokens[index + 1].text if index + 1 < len(tokens) else ""
            named = after[:1].islower() and after not in _COMPARE and after not in self.machine.reserved
            return named and before.text not in _WANT_MORE and before.type != "COMMA"
        if token.first:
            return True
        raised = before.text == "priority" and index > 1 and tokens[index - 2].text == "raise"
        foreign = before.type == "FAULT" and before.text not in (";", "}")
        return raised or not (foreign or before.text in _WANT_MORE or before.type in ("COMMA", "LSQB", "RSQB", "LPAR"))

    def _piece(self, tokens: list[Token]) -> tuple[Any, list[Token]]:
        """Return the node of a statement, None where it is given up, and the tokens that belong to another one."""
        too_much = self._too_much(tokens)
        if too_much is not None:
            self.findings.append(too_much)
            self._lose(tokens)
            return None, []
        tokens = self._faults(tokens)
        if not tokens:  # nothing but a comment of another language
            self._report_faults([])
            return None, []
        already = len(self.findings)
        rest: list[Token] = []
        lost = incomplete = False
        node = None
        for _ in range(_ROUNDS if len(tokens) < _LONG else 1):
            found = self.machine.parse(tokens)
            if not isinstance(found, Failure):
                node = found
                break
            mended = repair(self.machine, tokens, found)
            if not found.index and not mended.tokens:
                self.faults.clear()  # no statement at all: what is wrong with its words says nothing
                self.muted.clear()
            # It was complete before a part was left out, or the word that is wrong is where the text breaks off.
            follows = lost or incomplete or self._said_of(tokens[-1], already)
            if not (mended.incomplete and follows):
                self._report(mended)
            incomplete = incomplete or mended.incomplete
            if mended.lost and not lost:
                lost = True
                self._lose(tokens)
            rest = [*mended.rest, *rest]
            tokens = list(mended.tokens)
            if not tokens:
                break
        else:
            self._lose(tokens)
        if len(self.findings) - already > _MOST_OF_ONE:
            del self.findings[already + 1 :]  # the text of another language
        self._report_faults(rest)
        return node, rest

    def _said_of(self, token: Token, since: int) -> bool:
        """Say whether one of the findings since then ends with the token."""
        end = (token.line, token.end_column)
        return any((found.span.end_line, found.span.end_column) == end for found in self.findings[since:])

    def _faults(self, tokens: list[Token]) -> list[Token]:
        """Return the statement with tokens that are wrong in themselves put right; their findings wait."""
        if not any(token.fault or token.text in NUMBERS for token in tokens):
            return tokens
        mended = faults(self.machine, tokens)
        self.faults += mended.findings
        self.muted |= {token.line for token in tokens if token.fault == "open_string"}
        return list(mended.tokens)

    def _report_faults(self, rest: list[Token]) -> None:
        """Report what is wrong with single tokens of the statement, up to where the rest begins."""
        stop = (rest[0].line, rest[0].column) if rest else (len(self.text) + 1, 0)
        for found in self.faults:
            if (found.span.line, found.span.column) < stop and (found.span.line, found.message) not in self.said:
                self.said.add((found.span.line, found.message))
                self.findings.append(found)
        self.faults = [found for found in self.faults if (found.span.line, found.span.column) >= stop]

    def _report(self, mended: Repair) -> None:
        """Add the findings; the same twice on one line is said once, and a lone quote explains whatever follows it.

        A reserved word is said once for the whole file: its name was chosen once, however often it is used.
        """
        for found in mended.findings:
            said = (0 if found.name == "reserved-word" else found.span.line, found.message)
            if found.span.line not in self.muted and said not in self.said:
                self.said.add(said)
                self.findings.append(found)

    def _lose(self, tokens: list[Token]) -> None:
        if tokens[0].text not in self.machine.statement_words:
            return
        name = tokens[1] if len(tokens) > 1 else None
        known = name is not None and name.type in ("NAME", "STRING")
        self.lost.add((tokens[0].text, name.text.strip('"') if known and name else ""))

    def _too_much(self, tokens: list[Token]) -> Finding | None:
        """Return the finding that a statement is longer or deeper than anybody means one to be."""
        if len(tokens) > _LONGEST:
            message, remedy = f"a statement of more than {_LONGEST:,} words", "long lists belong in a table"
            return finding("syntax", tokens[0].span, message, remedy)
        too_deep = self._too_deep(tokens)
        if too_deep is not None:
            message = f"more than {_DEPTH} parentheses or `not`s inside each other"
            return finding("syntax", too_deep.span, message, "name parts of it with `define`")
        return None

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

    # ---- what the grammar leaves open

    def _check_effects(self, node: Any) -> None:
        if not isinstance(node, syntax.Rule | syntax.Otherwise | syntax.Exceptions):
            return
        for effect in node.effects:
            if isinstance(effect, syntax.MoveTo | syntax.DecideAgain):
                message = f"`{' '.join(str(effect).split()[:2])}` only stands in a watch"
                self.findings.append(finding("syntax", effect.span, message, "a rule says `route to`"))
            elif isinstance(effect, syntax.Escalate) and effect.after is None and not effect.overdue:
                remedy = f"such as `{effect} after 40 minutes`, or `when overdue`"
                self.findings.append(finding("syntax", effect.span, "an escalation in a rule says when", remedy))


# A statement cannot end with one of these: what follows on its line is a name or value, if a wrong one.
_WANT_MORE: Final = frozenset(
    {
        "to",
        "by",
        "from",
        "as",
        "is",
        "are",
        "key",
        "with",
        "not",
        "and",
        "or",
        "when",
        "unless",
        "until",
        "of",
        "in",
        "on",
        "within",
        "under",
        "over",
        "after",
        "before",
        "least",
        "most",
        "tag",
        "notify",
        "priority",
        "minus",
        "plus",
        "counting",
        "during",
        "outside",
        "worklist",
        "define",
        "attribute",
        "fact",
        "table",
        "calendar",
        "times",
        "values",
        "skills",
        "channels",
        "priorities",
        "includes",
        "only",
        "except",
        "at",
        "shows",
    }
)
_COMPARE: Final = frozenset(
    {
        "is",
        "includes",
        "under",
        "over",
        "at",
        "from",
        "before",
        "after",
        "within",
        "mentions",
        "starts",
        "matches",
        "during",
        "outside",
        "on",
        "minus",
    }
)
