"""The place where a statement stopped making sense, and what a guess makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from routing.codes import finding
from routing.diagnostics import Finding, Span
from routing.machine import Failure, Machine
from routing.tokens import Token
from routing.wrong_guesses.habits import KINDS, UNITS

_CLAUSES: Final = frozenset({"when", "unless", "always", "expect"})
_GUESSED: Final = "guessed"  # what a word is that was put in; it is not guessed again
_SHOWN: Final = 40  # characters of the writer's own text in a message
_UNITS: Final = frozenset({*UNITS.values(), *(unit[:-1] for unit in UNITS.values()), "day", "working"})


@frozen(kw_only=True)
class Repair:
    """Findings, and the statement to parse instead; `rest` begins another statement.

    `lost` says that a part was left out, `incomplete` that the finding is about a part that is not there; `touched`
    counts tokens that were taken away without knowing what they were for.
    """

    findings: tuple[Finding, ...]
    tokens: tuple[Token, ...] = ()
    rest: tuple[Token, ...] = ()
    lost: bool = False
    incomplete: bool = False
    touched: int = 0


class Place:
    """The place where a statement stopped making sense, and what the guesses ask about it."""

    def __init__(self, machine: Machine, tokens: Sequence[Token], failure: Failure) -> None:
        self.machine, self.tokens, self.index = machine, tuple(tokens), failure.index
        self.stacks = failure.stacks
        self.stack = self.stacks[-1]
        self.expected = machine.expected(self.stack)
        self.token = self.tokens[self.index] if self.index < len(self.tokens) else None
        self.before = self.tokens[self.index - 1] if self.index else None
        self.after = self.tokens[self.index + 1] if self.index + 1 < len(self.tokens) else None
        self.expected_words = {machine.words[name] for name in self.expected if name in machine.words}

    def text(self, at: int) -> str:
        """Return the text of the token there, or nothing."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def stack_at(self, index: int) -> tuple[int, ...]:
        """Return the parser's stack before the token of this index, which is just before the failure."""
        return self.stacks[max(len(self.stacks) - 1 - (self.index - index), 0)]

    def words(self, texts: Iterable[str], like: Token) -> list[Token]:
        """Return keyword tokens that stand where *like* stands."""
        made = [like.as_type(self.machine.keywords.get(text, "NAME"), text) for text in texts]
        for token in made:
            token.fault = _GUESSED
        return made

    def fits(self, start: int, stop: int, instead: Sequence[Token], *, further: int = 1) -> bool:
        """Say whether the grammar goes on with *instead* in place of the tokens, and with the next ones after them."""
        following = self.tokens[stop : stop + further]
        count, stack = self.machine.follow(self.stack_at(start), [*instead, *following])
        if count < len(instead) + len(following):
            return False
        return bool(following) or further == 0 or bool(self.machine.expected(stack))

    def mended(self, start: int, stop: int, instead: Sequence[Token] = ()) -> tuple[Token, ...]:
        """Return the statement with *instead* in place of the tokens from start to stop."""
        return (*self.tokens[:start], *instead, *self.tokens[stop:])

    def syntax(
        self, start: int, stop: int, message: str, remedy: str, instead: Sequence[Token] = (), *, touched: int = 0
    ) -> Repair:
        """Return the repair that underlines these tokens and puts *instead* in their place."""
        found = finding("syntax", over(self.tokens[start:stop]), message, remedy)
        return Repair(findings=(found,), tokens=self.mended(start, stop, instead), touched=touched)


def over(tokens: Sequence[Token]) -> Span:
    """Return the span of the tokens, or of as many as stand on the first one's line."""
    ordered = sorted(tokens, key=lambda token: (token.line, token.column))  # a repair may have moved them
    first = ordered[0]
    last = [token for token in ordered if token.line == first.line][-1]
    return Span(file=first.file, line=first.line, column=first.column, end_line=first.line, end_column=last.end_column)


def written(tokens: Sequence[Token]) -> str:
    """Return the tokens as text: as they were written where they stand side by side, else with spaces between them."""
    text = ""
    before: Token | None = None
    for token in tokens:
        joined = before is not None and before.line == token.line and before.end_column == token.column
        text += token.text if not text or joined or token.type == "COMMA" else f" {token.text}"
        before = token
    return text


def shown(tokens: Sequence[Token]) -> str:
    """Return the text of tokens, cut where it is long."""
    text = written(tokens)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def amount(number: str, unit: str) -> str:
    """Return a number with its unit, `1 hour` or `2 hours`."""
    return f"{number} {unit[:-1] if number == '1' else unit}"


def is_clause(place: Place, at: int) -> bool:
    """Say whether an effect or another clause begins at the token."""
    text = place.text(at)
    if text == "when" and place.text(at + 1) == "overdue":
        return False
    if place.text(at - 1) in ("also", "preliminary", "raise", "is", "is not", "by", "to", "identity", "includes", "no"):
        return False
    return text in place.machine.effect_words or text in _CLAUSES


def without_clause(place: Place) -> tuple[Token, ...]:
    """Return the statement without the effect or clause that the failure is in; nothing where that is not enough."""
    clauses = [at for at in range(1, len(place.tokens)) if is_clause(place, at)]
    start = max((at for at in clauses if at <= place.index), default=0)
    stop = min((at for at in clauses if at > place.index), default=len(place.tokens))
    if start == place.index and place.text(place.index - 1) in ("and", "or", ","):
        start -= 1
    if not start or (start == 0 and stop == len(place.tokens)):
        return ()
    head = place.tokens[start]
    if head.text == "when":
        instead = place.words(["always"], head) if place.text(0) in ("rule", "group") else []
        return place.mended(start, stop, instead)
    left = place.mended(start, stop)
    return left if len(left) < len(place.tokens) else ()


def wanted(place: Place) -> str:
    """Return what may come next, in words."""
    if place.before and place.before.text in ("within", "after", "most", "minus") and "NUMBER" in place.expected:
        return "a length of time, such as `2 hours`"
    kinds = [KINDS[name] for name in KINDS if name in place.expected and name not in ("COMMA", "LPAR", "LSQB")]
    units_of_time = {place.machine.words[name] for name in place.expected if name in place.machine.words} & _UNITS
    words = [f"`{word}`" for word in sorted(place.expected_words - units_of_time) if word.isalpha()]
    if units_of_time and not words:
        return "a unit of time"
    if "CODE" in place.expected and "STRING" in place.expected:
        kinds, words = ["a value"], []
    if len(words) > 6:  # noqa: PLR2004 - more is no help
        effects = place.machine.effect_words & place.expected_words
        words = ["an effect"] if effects else ["a condition"] if "possibly" in place.expected_words else words[:6]
        kinds = [] if words[0].startswith("a") else kinds[:2]
    options = [*kinds[:3], *words]
    return " or ".join([", ".join(options[:-1]), options[-1]]) if len(options) > 1 else "".join(options) or "nothing"
