"""The worst that rules and attributes can do to one decision at 1,000 rules: python -m tests.benchmarks.worst [WORD ...]

Each hard case is a rulebook and the procedures that hurt it most. Printed are milliseconds of the processor's time: what
the first decision after compiling takes (the least of several fresh rulebooks, so that what others do stays out), and
the worst of later ones, each about another procedure. First `decide` alone, then with every field of the decision read.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from attrs import fields, frozen

from routing.attributes import Attributes
from routing.compile import Compiled, compile_program
from routing.decide import REPORT, decide
from routing.decision import Decision
from routing.rulebook import Rulebook
from routing.settle import settler_of
from tests.benchmarks.hard import HEAD, Hard
from tests.benchmarks.hard_asked import ASKED
from tests.benchmarks.hard_given import GIVEN

AT: Final = datetime(2026, 3, 10, 10, 10, tzinfo=UTC)
FIELDS: Final = tuple(one.name for one in fields(Decision))


@frozen(kw_only=True)
class Took:
    """What a case took, in milliseconds of the processor's time: deciding, and deciding with all fields read."""

    name: str
    first: float
    first_read: float
    later: float
    later_read: float

    @property
    def worst(self) -> float:
        """The longest of them."""
        return max(self.first, self.first_read, self.later, self.later_read)


def book_of(hard: Hard) -> Rulebook:
    """Return the rulebook of a case."""
    text = "\n".join(
        [HEAD, hard.more, *hard.rules, "otherwise route to general priority routine due within 96 hours\n"]
    )
    return Rulebook.loads(text, tables=hard.tables)


def fresh(book: Rulebook) -> Compiled:
    """Return the rulebook compiled again, as it is before its first decision."""
    compiled = compile_program(book.program)
    settler_of(compiled, REPORT)
    return compiled


def read_all(decision: Decision) -> None:
    """Read every field, so that all that is worked out late is worked out."""
    for name in FIELDS:
        getattr(decision, name)


def took(hard: Hard, rounds: int = 3, procedures: int = 4) -> Took:
    """Return what a case takes."""
    book = book_of(hard)
    firsts: list[tuple[float, float]] = []
    laters: dict[int, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        compiled = fresh(book)
        gc.collect()
        for turn in range(procedures):
            one = hard.attributes(turn)
            (laters.setdefault(turn, []) if turn else firsts).append(_once(compiled, one))
    return Took(
        name=hard.name,
        first=min(one for one, _ in firsts),
        first_read=min(one for _, one in firsts),
        later=max(min(one for one, _ in each) for each in laters.values()),
        later_read=max(min(one for _, one in each) for each in laters.values()),
    )


def _once(compiled: Compiled, one: Attributes) -> tuple[float, float]:
    gc.disable()
    try:
        start = time.process_time()
        decision = decide(compiled, one, AT)
        decided = time.process_time()
        read_all(decision)
        return (decided - start) * 1e3, (time.process_time() - start) * 1e3
    finally:
        gc.enable()


def main(words: Iterable[str] = (), out: Any = sys.stdout) -> list[Took]:
    """Print the table, the cases whose names hold any of the words (all without any), and return it."""
    words = tuple(words)
    found: list[Took] = []
    head = ("first decide", "all fields", "later decide", "all fields")
    print(f"{'milliseconds':64}" + "".join(f"{one:>14}" for one in head), file=out)
    for hard in (*ASKED, *GIVEN):
        if words and not any(word in hard.name for word in words):
            continue
        one = took(hard)
        found.append(one)
        cells = (one.first, one.first_read, one.later, one.later_read)
        print(f"{one.name:64}" + "".join(f"{cell:14.2f}" for cell in cells), file=out, flush=True)
    if found:
        print(f"the worst: {max(one.worst for one in found):.2f} ms", file=out)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
