"""A sender profile for each sender of a feed, as TOML to be looked through.

What is sure is set, what is guessed is a comment.

Nothing that could lower care is set by itself: a word for a status or a priority is always left to a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from routing.feed_profile import Feed
from routing.wording import counted

_ENOUGH: Final = 0.5  # of a sender's records, for a field to be proposed
_GUESSES: Final = {
    "priority_requested": (
        "priority_words",
        (("STAT", "STAT"), ("EMER", "STAT"), ("IMMED", "STAT"), ("URG", "HIGH"), ("ASAP", "HIGH"), ("SOON", "MEDIUM")),
        "ROUTINE",
    ),
    "report_status": (
        "report_status_words",
        (
            *(("PREL", "preliminary"), ("WET", "preliminary"), ("DRAFT", "preliminary"), ("ADD", "addendum")),
            *(("CORR", "corrected"), ("AMEND", "corrected"), ("CANC", "cancelled"), ("FINAL", "final")),
        ),
        "preliminary",
    ),
    "patient_class": (
        "patient_classes",
        (("EM", "emergency"), ("ED", "emergency"), ("IN", "inpatient"), ("IP", "inpatient"), ("PRE", "preadmit")),
        "outpatient",
    ),
    "order_status": (
        "order_status_words",
        (("CANC", "cancelled"), ("COMP", "completed"), ("PROG", "in_progress")),
        "scheduled",
    ),
}


def propose(feeds: Iterable[Feed]) -> str:
    """Return a file of sender profiles for *feeds*: `Profiles.loads` reads it as it stands."""
    lines = [
        "# Sender profiles, proposed from a feed. Look through every line; what is a guess is a comment.",
        "",
        "[defaults]",
        '# zone = "Europe/London"  # where times without an offset are local',
    ]
    for feed in feeds:
        keys = list(_matched(feed.sender))
        if keys:
            lines += ["", "[[sender]]", *keys, *_settings(feed)]
    return "\n".join(lines) + "\n"


def _matched(sender: str) -> Iterator[str]:
    kind, _, name = sender.partition(" ")
    if kind == "HL7":
        for key, word in zip(("sending_application", "sending_facility"), name.split("|"), strict=False):
            if word:
                yield f"{key} = {_quoted(word)}"
    elif kind == "DICOM" and name:
        yield f"institution = {_quoted(name)}"
    elif kind == "FHIR" and name:
        yield f"sending_application = {_quoted(name)}"


def _settings(feed: Feed) -> Iterator[str]:
    yield f"# {counted(feed.inputs, 'input')}, {counted(feed.records, 'record')}"
    own = max((count for source, count in feed.numbers.items() if source != "filler"), default=0)
    numbered = feed.kinds["order"] + feed.kinds["report"]
    if feed.numbers["filler"] > own and feed.numbers["filler"] > _ENOUGH * numbered:
        filled = feed.numbers["filler"]
        yield f'accession_from = "OBR-3"  # {filled} of {numbered} have a number there, {own} in the usual field'
    accession, issuer = feed.filled.get("accession"), feed.filled.get("accession_issuer")
    if accession is not None and accession.known and (issuer is None or issuer.known < accession.known):
        yield '# accession_issuer = ""  # whose numbers these are: most say no issuer'
    if len(feed.authorities) > 1:
        best, count = feed.authorities.most_common(1)[0]
        yield f"patient_authority = {_quoted(best)}  # {count} of {feed.records} records have a number of theirs"
    site = feed.filled.get("site")
    if site is not None and not site.known:
        yield '# site = ""  # nothing names the site'
    if feed.problems["charset"]:
        yield f'# charset = "8859/1"  # {feed.problems["charset"]} messages are not in the character set they name'
    for name, (key, guesses, otherwise) in _GUESSES.items():
        words = {word: count for word, count in feed.unmapped.get(name, {}).items() if word}
        if words:
            pairs = ", ".join(f"{_quoted(word)} = {_quoted(_guess(word, guesses, otherwise))}" for word in words)
            times = ", ".join(map(str, words.values()))
            yield f"# {key} = {{ {pairs} }}  # guesses; seen {times} times"


def _guess(word: str, guesses: Iterable[tuple[str, str]], otherwise: str) -> str:
    return next((meaning for part, meaning in guesses if part in word.upper()), otherwise)


def _quoted(text: str) -> str:
    return json.dumps("".join(sign if sign.isprintable() else " " for sign in text), ensure_ascii=False)
