"""Expressions: how much work they are, and how much of a text is looked through for them.

An expression is compiled to steps (the instructions of its program), and each letter may be held against each of them.
So what all expressions of a rulebook cost is bounded by the letters times the steps: the more steps there are, the
fewer letters count. The engine is an extra; without it no rulebook with an expression loads.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from routing.meaning.words import LIMIT

MOST_STEPS: Final = 4_000  # of all expressions of a rulebook; `check` refuses more
WORK: Final = 1_000_000  # letters times steps, of one attribute


@lru_cache(maxsize=4096)
def steps(pattern: str) -> int:
    """Return how many steps an expression takes."""
    import re2  # noqa: PLC0415 - an extra; `check` refuses the rule where it is missing

    return int(re2.compile(pattern.encode()).programsize)


def room(all_steps: int) -> int:
    """Return how many letters of a text count for expressions of so many steps: 64 kB, and 250 at the least."""
    return min(LIMIT, WORK // min(max(1, all_steps), MOST_STEPS))
