"""A rulebook with ladders, holds and watches, and the words to look at what time did; for tests of the living part."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final

from routing.rulebook import Rulebook
from routing.worklists import Worklists
from tests.worklists.opened import HandClock
from tests.worklists.telling import DAY

HEAD: Final = """
rulebook "Timed"
language 1
timezone UTC
clock exam_end, else arrival
priorities stat, urgent, soon, routine
skills pacs_team
channels lead, registrar, board

worklist ct        "CT"            for everyone
worklist mr        "MR"            for everyone
worklist pool      "Pool"          for everyone
worklist general   "General"       for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour
"""
RULES: Final = """
rule "CT" when modality includes CT route to ct
rule "MR" when modality includes MR route to mr
rule "As urgent as asked" when priority_requested is known priority priority_requested
"""
TAIL: Final = """
otherwise
  route to general
  priority routine
  due within 2 hours
"""


@cache
def book(more: str = "", rules: str = RULES) -> Rulebook:
    """Return the rulebook with more statements in it."""
    return Rulebook.loads(HEAD + rules + more + TAIL)


def scan(worklists: Worklists, clock: HandClock, accession: str = "A1", **more: Any) -> int:
    """Receive a CT that is all here now, and return the number of its report item."""
    said = {"accession": accession, "modality": "CT", "exam_end": clock.now, "image_count": 10} | more
    receipt = worklists.receive(said, sender="HOST", message_id=f"{accession} {clock.now} {sorted(more.items())}")
    assert receipt.outcome in {"accepted", "accepted_with_warning", "duplicate_ignored"}, receipt
    return worklists.item_named(accession)


def events(worklists: Worklists, item: int) -> list[str]:
    """Return the events of an item, in order."""
    return [one.event.value for one in worklists.store.history(item)]


def steps(worklists: Worklists, item: int) -> list[tuple[str, str]]:
    """Return whom the ladder of an item has reached, and the minute of the day's eight o'clock it was due at."""
    found = []
    for row in worklists.store.history(item):
        step = row.body.get("step")
        if step and row.event.value == "escalate":
            due = datetime.fromisoformat(row.body["due"])
            found.append((step.get("to") or step["notify"], f"{(due - DAY).total_seconds() / 60:g}"))
    return found


def told(worklists: Worklists) -> list[tuple[str, str]]:
    """Return what stands in the outbox as (target, kind), oldest first."""
    return [(one.target, one.payload["kind"]) for one in worklists.store.notices(1000)]
