"""Negation: whether a word of a replaceable list negates an occurrence in its clause.

The list is `negations.csv`: a phrase, and where it stands to what it negates. `before` negates what follows it in the
clause, `after` what stands before it; `neither` takes its own words out of play (`not excluded` negates nothing).
"""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files

from attrs import frozen

from routing.meaning.words import Phrase, phrase


@frozen(kw_only=True)
class Negations:
    """Phrases that negate what follows, what went before, and those that only look like one."""

    before: tuple[Phrase, ...]
    after: tuple[Phrase, ...]
    neither: tuple[Phrase, ...]


def negations(text: str) -> Negations:
    """Return the list that a CSV text with the columns `phrase` and `stands` holds; other rows count for nothing."""
    rows = [(phrase(row["phrase"] or ""), row["stands"]) for row in csv.DictReader(io.StringIO(text))]
    return Negations(
        before=tuple(each for each, stands in rows if stands == "before"),
        after=tuple(each for each, stands in rows if stands == "after"),
        neither=tuple(each for each, stands in rows if stands == "neither"),
    )


@cache
def shipped() -> Negations:
    """Return the list that comes with the library."""
    return negations(files("routing.meaning").joinpath("negations.csv").read_text(encoding="utf-8"))
