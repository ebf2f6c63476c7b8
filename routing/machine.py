"""The parser of one statement: the tables that Lark makes from the grammar, driven token by token.

Which words are keywords is decided by where the parser stands: a lower-case word is the keyword if the grammar can go
on with it there, and otherwise a name, unless it is reserved. `Machine` is made once for a process and shared by
threads; nothing in it changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from lark import Lark
from lark.lexer import PatternStr

from routing.building import Builder
from routing.tokens import Cutter, Token

_START: Final = "piece"
_KEPT: Final = 8  # stacks kept of a failure; a guess looks no further back
_END: Final = "$END"
_CONNECTIVES: Final = ("and", "or", "not", "when", "unless", "always", "possibly", "certainly", "else")
_UNITS: Final = (  # `day` is not among them: departments have a Day list
    "minute", "minutes", "hour", "hours", "days", "week", "weeks", "month", "months", "year", "years", "percent",
)  # fmt: skip


@frozen(kw_only=True)
class Failure:
    """Where a statement stopped making sense: the index of the token, which may be one past the last.

    `stacks` are the parser's stacks before the last tokens up to there, the one at the index last.
    """

    index: int
    stacks: tuple[tuple[int, ...], ...]


class Machine:
    """The parser for one statement, built from the text of the grammar; see the module."""

    def __init__(self, grammar: str) -> None:
        lark = Lark(
            grammar,
            start=_START,
            parser="lalr",
            lexer="basic",
            transformer=Builder(),
            keep_all_tokens=True,
            maybe_placeholders=False,
        )
        conf = lark.parse_interactive(start=_START).parser_state.parse_conf
        self._end_state = conf.end_state
        self._states = {state: _actions(found, conf.callbacks) for state, found in conf.states.items()}
        self.start: tuple[int, ...] = (conf.start_state,)
        fixed = {term.pattern.value: term.name for term in lark.terminals if isinstance(term.pattern, PatternStr)}
        patterns = {
            term.name: term.pattern.value for term in lark.terminals if not isinstance(term.pattern, PatternStr)
        }
        self.keywords: dict[str, str] = fixed
        self.words: dict[str, str] = {name: text for text, name in fixed.items()}
        self.cutter = Cutter(patterns, fixed)
        self.statement_words = frozenset(self.words[name] for name in self.expected(self.start))
        after_otherwise = self.shift(self.start, fixed["otherwise"])
        self.effect_words = frozenset(self.words[name] for name in self.expected(after_otherwise or self.start))
        self.reserved = self.statement_words | self.effect_words | set(_CONNECTIVES) | set(_UNITS)
        self._reserved_types = frozenset(fixed[word] for word in self.reserved)

    def parse(self, tokens: Sequence[Token]) -> Any:
        """Return the node of one statement, or the `Failure` where it stopped making sense."""
        states, reserved, end_state = self._states, self._reserved_types, self._end_state
        stack: list[int] = [self.start[0]]
        values: list[Any] = []
        for index, token in enumerate([*tokens, _LAST]):
            type_ = token.type
            action = states[stack[-1]].get(type_)
            if action is None and type_ not in reserved and token.text[:1].islower():
                type_ = "NAME"
                action = states[stack[-1]].get(type_)
                token = token.as_type(type_) if action is not None else token  # noqa: PLW2901 - it is a name after all
            while action.__class__ is tuple:
                size, build, origin = action
                parts = values[-size:]
                del values[-size:], stack[-size:]
                values.append(build(parts))
                stack.append(states[stack[-1]][origin])
                if stack[-1] == end_state:
                    return values[-1]
                action = states[stack[-1]].get(type_)
            if action is None:
                return self._failure(tokens, index)
            stack.append(action)
            values.append(token)
        raise AssertionError  # the last token is never shifted

    def _failure(self, tokens: Sequence[Token], index: int) -> Failure:
        return Failure(index=index, stacks=self._stacks(tokens[:index]))

    # ---- the same machine without values, for finding out what was meant

    def _stacks(self, tokens: Sequence[Token]) -> tuple[tuple[int, ...], ...]:
        """Return the parser's stack before each of the last tokens and after them all, the newest last."""
        kept: deque[tuple[int, ...]] = deque([self.start], maxlen=_KEPT)
        for token in tokens:
            following = self.shift(kept[-1], self.type_of(kept[-1], token))
            if following is None:  # only where the grammar takes back a look ahead
                break
            kept.append(following)
        return tuple(kept)

    def type_of(self, stack: tuple[int, ...], token: Token) -> str:
        """Return the type that the token has where the parser stands there: the keyword, or a name."""
        actions = self._states[stack[-1]]
        name = token.type not in actions and "NAME" in actions and token.text[:1].islower()
        return "NAME" if name and token.type not in self._reserved_types else token.type

    def shift(self, stack: tuple[int, ...], type_: str) -> tuple[int, ...] | None:
        """Return the stack after a token of the type, or None where the grammar cannot go on with it."""
        states, mine = self._states, list(stack)
        while True:
            action = states[mine[-1]].get(type_)
            if action is None:
                return None
            if action.__class__ is not tuple:
                return (*mine, action)
            size, _, origin = action
            del mine[-size:]
            mine.append(states[mine[-1]][origin])
            if mine[-1] == self._end_state:
                return tuple(mine)

    def follow(self, stack: tuple[int, ...], tokens: Iterable[Token]) -> tuple[int, tuple[int, ...]]:
        """Return how many of the tokens the grammar goes on with from there, and the stack after them."""
        count = 0
        for token in tokens:
            following = self.shift(stack, self.type_of(stack, token))
            if following is None:
                break
            stack, count = following, count + 1
        return count, stack

    def expected(self, stack: tuple[int, ...]) -> set[str]:
        """Return the types that the grammar can go on with, exactly; `$END` where the statement may end."""
        return {
            name for name in self._states[stack[-1]] if (name.isupper() or name == _END) and self.shift(stack, name)
        }


_LAST: Final = Token(_END, "", "", 0, 0, 0, first=False)


def _actions(found: Mapping[str, tuple[Any, Any]], callbacks: Mapping[Any, Callable[..., Any]]) -> dict[str, Any]:
    """Return what to do in one state: for each type the next state, or how many parts to build what from.

    No rule of the grammar is empty, so there is always a part.
    """
    return {
        name: to if str(action) == "Shift" else (len(to.expansion), callbacks[to], to.origin.name)
        for name, (action, to) in found.items()
    }
