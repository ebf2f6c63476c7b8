"""One cycle through the whole library: an order in HL7 and its images are received, claimed and reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from routing.rulebook import Rulebook
from routing.worklists import Worklists
from tests.store.building import NOW

ACTS: Final = 4  # in one cycle: order, images, claim, report
BOOK: Final = """\
rulebook "Bench"
language 1
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, routine
worklist neuro     "Neuro"         for everyone
worklist general   "General"       for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
rule "Head" when modality includes any of CT, MR and body_part includes HEAD
  route to neuro
  due within 4 hours
rule "As requested" always priority priority_requested
otherwise route to general priority routine due within 28 days
"""
ORDER: Final = (
    "MSH|^~\\&|RIS|CITY|PACS|CITY|20260310100000||ORM^O01|{n}|P|2.5.1\r"
    "PID|1||P{n}^^^CITY^MR||INVENTED^PERSON||19600101|F\r"
    "PV1|1|E\r"
    "ORC|NW|O{n}|A{n}|||||||||||||\r"
    "OBR|1|O{n}|A{n}|CTHEAD^CT HEAD|||20260310095500|||||||||||A{n}||||||CT|||1^^^^^S\r"
)


def api_cycle(folder: Path) -> tuple[Callable[[int], None], Callable[[], float]]:
    """Return one cycle, and a question: which share of its time was the processor's."""
    worklists = Worklists.open(folder / "whole.db", Rulebook.loads(BOOK), clock=lambda: NOW)
    turn = iter(range(10**9))
    spent = {"processor": 0.0, "all": 0.0}

    def act(_: int) -> None:
        number = f"{next(turn):07d}"
        clock, processor = time.perf_counter(), time.process_time()
        worklists.receive(ORDER.format(n=number).encode())
        images = {"accession": f"A{number}", "modality": "CT", "body_part": "HEAD", "image_count": 1}
        worklists.receive(images, sender="PACS", message_id=number)
        claim = worklists.claim_next("lee")
        assert claim is not None
        worklists.report(claim, "final", f"R{number}")
        spent["processor"] += time.process_time() - processor
        spent["all"] += time.perf_counter() - clock

    return act, lambda: spent["processor"] / spent["all"]
