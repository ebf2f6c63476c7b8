"""Negation: whether a word of a replaceable list negates an occurrence in its clause.

The list is `negations.csv`: a phrase, and where it stands to what it negates. `before` negates what follows it in the
clause, `after` what stands before it; `neither` takes its own words out of play (`not excluded` negates nothing).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from attrs import frozen

from routing.meaning.words import Phrase, Text, mask, phrase


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


def occurs(wanted: Phrase, text: Text, excepted: Sequence[Phrase], negating: Negations | None) -> bool:
    """Say whether *wanted* occurs at least once outside *excepted* and, given a list, not negated."""
    for number, words in enumerate(text.words):
        places = wanted.places(words)
        if not places:
            continue
        hidden = mask(words, excepted)
        size = len(wanted.words)
        open_places = [at for at in places if not any(at + more in hidden for more in range(size))]
        if open_places and negating is None:
            return True
        if open_places and negating is not None and _free(open_places, size, words, text.clauses[number], negating):
            return True
    return False


def _free(places: Sequence[int], size: int, words: Sequence[str], clauses: Sequence[int], negating: Negations) -> bool:
    """Say whether any of the places is negated neither from before nor from behind within its clause."""
    idle = mask(words, negating.neither)
    earliest: dict[int, int] = {}  # clause -> where the first negating word of it ends
    latest: dict[int, int] = {}  # clause -> where the last word that negates backwards begins
    for each in negating.before:
        for at in each.places(words):
            end = at + len(each.words)
            if clauses[at] == clauses[end - 1] and at not in idle:
                earliest[clauses[at]] = min(end, earliest.get(clauses[at], end))
    for each in negating.after:
        for at in each.places(words):
            if clauses[at] == clauses[at + len(each.words) - 1] and at not in idle:
                latest[clauses[at]] = max(at, latest.get(clauses[at], at))
    return any(
        earliest.get(clauses[at], at + 1) > at and latest.get(clauses[at + size - 1], -1) < at + size for at in places
    )
