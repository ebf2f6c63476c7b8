"""A department for tests of what readers do: lists, several reads, opinions, a trainee; and a scan to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from routing.rulebook import Rulebook
from routing.worklists import Line, Worklists
from tests.worklists.opened import HandClock, opened
from tests.worklists.telling import at

TEXT: Final = """
rulebook "Reading room"
language 1
timezone UTC
clock exam_end, else arrival
priorities stat, urgent, soon, routine
skills pacs_team, breast

worklist ct         "CT"            for everyone
worklist chest      "Chest"         for everyone
worklist neuro      "Neuro"         for everyone
worklist breast     "Breast"        for readers with breast
worklist panel      "Arbitration"   for readers with breast
worklist assessment "Assessment"    for everyone
worklist general    "General"       for everyone
worklist attention  "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour

rule "CT"     when modality includes CT route to ct
rule "Trauma" when modality includes CT and description mentions "trauma" also read by chest within 30 minutes
rule "Twice the same list" when modality includes CT and description mentions "doubled" also read by ct
rule "Screening" when modality includes MG
  route to breast
  read by 2 different readers blind, disagreement to panel, agreement on RECALL to assessment
rule "Three" when modality includes XA
  route to general
  read by 3 different readers, disagreement to neuro
rule "As urgent as asked" when priority_requested is known priority priority_requested
rule "Experts" for opinion when body_part includes HEAD route to neuro due within 1 hour

otherwise
  route to general
  priority routine
  preliminary due within 1 hour
  due within 4 hours
"""
BREAST: Final = ("ann", "ben", "cat", "dan")


@cache
def room() -> Rulebook:
    """Return the rulebook of the reading room."""
    return Rulebook.loads(TEXT)


@contextmanager
def department(clock: HandClock | None = None) -> Iterator[Worklists]:
    """Give worklists with four readers who may read breast, a trainee called tim, and a chief with every right."""
    with opened(clock, room()) as worklists:
        for name in BREAST:
            worklists.put_reader(name, ["breast"], by="chief")
        worklists.put_reader("tim", [], by="chief", grade="trainee")
        worklists.put_reader("sue", [], by="chief", grade="supervisor")
        worklists.put_reader("off", [], by="chief", grade="supervisor", on_shift=False)
        for act in ("close", "break", "lower", "lengthen", "reassign"):
            worklists.grant("chief", act, by="chief")
        yield worklists


def scan(
    worklists: Worklists, accession: str = "A1", modality: str = "CT", *, minutes: float = 100, **more: Any
) -> list[Line]:
    """Receive a scan that ended at a minute and is all here; return its open report items, the first read first."""
    said = {"accession": accession, "modality": modality, "exam_end": at(minutes), "image_count": 10} | more
    worklists.receive(said, sender="HOST", message_id=f"{accession} {minutes} {sorted(more.items())}")
    return still_open(worklists, accession)


def still_open(worklists: Worklists, accession: str = "A1", kind: str = "report") -> list[Line]:
    """Return the open items of a kind that an examination has, oldest first."""
    items = worklists.status(accession=accession).items
    return [one for one in items if one.kind == kind and one.state not in {"reported", "closed"}]


def told(worklists: Worklists, target: str) -> list[str]:
    """Return the kinds of the notices for somebody, oldest first."""
    return [one.payload["kind"] for one in worklists.notices(1000) if one.target == target]
