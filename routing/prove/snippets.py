"""Snippets: pieces of text, one to a field, that show every way in which a rulebook's words can be met in a text.

A text mentions what any of its fields mentions, so that a text is a set of snippets. Phrases are facts independent of
each other except where one contains another: a snippet of the longer shows the shorter too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice
from typing import Final

from routing.meaning.words import fold, phrase
from routing.program import Mentions
from routing.prove.asked import Asked

_NEUTRAL: Final = ("examination", "study as asked", "see request", "unremarkable wording", "qqq")
_MOST_PAIRS: Final = 400


def snippets(asked: Asked) -> list[str]:
    """Return the snippets for what is asked of a text; the last says nothing that a rule asks about."""
    phrases = _unique(text for one in asked.mentions for text in one.phrases)
    excepted = _unique(text for one in asked.mentions for text in one.excepted)
    found = [*phrases, *excepted, *_merged(asked.mentions)]
    if any(one.not_negated for one in asked.mentions):
        found += [f"no {text}" for text in (*phrases, *excepted)]
    found += list(asked.prefixes)
    found += [made for pattern in asked.patterns if (made := matching(pattern)) is not None]
    return list(dict.fromkeys([*(text for text in found if text), _neutral([*phrases, *excepted, *asked.prefixes])]))


def _unique(texts: Iterable[str]) -> list[str]:
    """Return how each phrase is written out: a word that may go on, as it begins."""
    return list(dict.fromkeys(" ".join(word.rstrip("*") for word in phrase(text).words) for text in texts))


def _neutral(asked: Sequence[str]) -> str:
    words = {word for text in asked for word in fold(text).split()}
    return next((text for text in _NEUTRAL if not any(text.startswith(word) for word in words)), "qqq")


def _merged(mentions: Sequence[Mentions]) -> Iterator[str]:
    """Yield exceptions that overlap in the phrase that both hide: `femoral head of pancreas`."""
    excepted = _unique(text for one in mentions for text in one.excepted)
    kinds = {one.excepted for one in mentions if one.excepted}
    if len(kinds) < 2:  # noqa: PLR2004 - one set of exceptions hides alike whichever it is
        return
    for one, other in islice(combinations(excepted, 2), _MOST_PAIRS):
        for left, right in ((one.split(), other.split()), (other.split(), one.split())):
            for size in range(1, min(len(left), len(right))):
                if left[-size:] == right[:size]:
                    yield " ".join([*left, *right[size:]])


_CLASS: Final = re.compile(r"\[\^?([^\]])[^\]]*\]")


def matching(pattern: str) -> str | None:
    """Return a text that a plain regular expression matches, or None where that takes more than a guess."""
    text = re.sub(r"\(\?[a-z]+\)|\\b|\^|\$", "", pattern)
    text = text.replace(r"\d", "1").replace(r"\s", " ").replace(r"\w", "a")
    text = _CLASS.sub(r"\1", text)
    text = re.sub(r"\{(\d+)[^}]*\}|[*?+]", "", text)
    text = re.sub(r"\\(.)", r"\1", text.split("|")[0].replace("(", "").replace(")", ""))
    try:
        return text if re.search(pattern, text) else None
    except re.error:
        return None
