"""How long pages take on a store of many open items: for a reader, through views, with filters; and the next claim.

    python -m tests.benchmarks.pages [--open N] [--folder DIR]

Every line is the median of some questions in one process, beside the bar where there is one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from routing import Rulebook, Worklists
from routing.store.sqlite import SqliteStore
from routing.worklists.placing import VIEWS
from tests.benchmarks import bulk
from tests.benchmarks.store import row, timed
from tests.store.building import NOW

RULES: Final = """
rulebook "Many"
language 1
timezone UTC
priorities stat, urgent, routine
skills neuro, chest, pacs_team, cleared
worklist neuro     "Neuro"         for readers with neuro
worklist chest     "Chest"         for readers with chest
worklist on_call   "On call"       for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour
rule "Neuro" when modality includes CT route to neuro
rule "Staff" when department is STAFF only readers with cleared
view "Half" for everyone shows neuro, chest, on_call when priority_requested is ROUTINE
view "Few"  for everyone shows neuro, chest, on_call when body_part includes HEAD
view "None" for everyone shows neuro, chest, on_call when contrast is given
view "Late" for everyone shows neuro, chest, on_call when time_left under 1 hour sorted by time_left
view "Both" for everyone shows neuro, chest, on_call when contrast is given or overdue
view "Never" for everyone shows neuro, chest, on_call when contrast is given and time_left under 1 hour
otherwise route to on_call priority routine due within 5 days
"""
STUDY: Final = {
    "accession": bulk.accession(7),
    "accession_issuer": "CITY",
    "study_uid": "1.2.3",
    "modality": "CT",
    "body_part": "CHEST",
    "site": "CITY",
    "contrast": "none",
    "description": "CT Chest with contrast, axial 5 mm",
    "priority_requested": "ROUTINE",
    "exam_end": NOW.isoformat(),
    "image_count": 200,
}
READERS: Final = {"lee": ("neuro", "chest"), "kim": ("neuro", "chest", "cleared"), "pat": ("neuro",)}

LIMITED: Final = 300  # items before the first that a reader may take who is not cleared


@contextmanager
def department(folder: Path, waiting: int) -> Iterator[Worklists]:
    """Give worklists on a store with so many open items; the first `LIMITED` are for the cleared, one in 50 a head."""
    rules = Rulebook.loads(RULES)
    (folder / "sample").mkdir()
    with Worklists.open(folder / "sample" / "w.db", rules, clock=lambda: NOW) as worklists:
        worklists.receive(STUDY, sender="HOST", message_id="1")
        knowledge = next(iter(worklists.store.procedures())).knowledge
        details = dict(worklists.store.page(None, 1)[0].details)
    with Worklists.open(folder / "w.db", rules, clock=lambda: NOW, readers=READERS) as worklists:
        worklists.grant("boss", "break", by="boss")
    only = [{"kind": "only", "skills": ["cleared"], "combine": "and", "readers": []}]
    # The first of the list are for the cleared alone: whoever is not has to look past them.
    front = min(waiting, bulk.MINUTES) - LIMITED * len(bulk.LISTS) // max(1, waiting // bulk.MINUTES)

    def said(number: int) -> dict[str, Any]:
        views = {name: "T" for name, each in (("Half", 2), ("Few", 50)) if number % each == 0}
        return (
            details | {VIEWS: {"when": views, "by": {}}} | ({"limits": only} if number % bulk.MINUTES >= front else {})
        )

    store = SqliteStore.open(folder / "w.db")
    bulk.filled(
        folder,
        waiting,
        into=store,
        shape=bulk.Shape(
            # Each its own, so that none is found among what was read before.
            knowledge=lambda number: knowledge.replace(bulk.accession(7), bulk.accession(number)),
            rulebook=rules.fingerprint,
            details=said,
        ),
    )
    store.close()
    with Worklists.open(folder / "w.db", rules, clock=lambda: NOW, readers=READERS) as worklists:
        yield worklists


def questions(worklists: Worklists) -> dict[str, tuple[Callable[[], Any], str]]:
    """Return what is asked, with the bar of each."""
    return {
        "page of the store": (lambda: worklists.store.page(list(bulk.LISTS), 50), "1 ms"),
        "page, everything": (worklists.page, ""),
        "page of a reader": (lambda: worklists.page("kim"), "20 ms"),
        "page of a reader who may not take the first": (lambda: worklists.page("lee"), "20 ms"),
        "page of a reader, two lists": (lambda: worklists.page("pat", worklists=["neuro", "on_call"]), "20 ms"),
        "view that shows half": (lambda: worklists.page("kim", view="Half"), "20 ms"),
        "view that shows 1 of 50": (lambda: worklists.page("kim", view="Few"), "20 ms"),
        "view that shows nothing": (lambda: worklists.page("kim", view="None"), "20 ms"),
        "view by time, sorted": (lambda: worklists.page("kim", view="Late"), "20 ms"),
        "view by time or an attribute": (lambda: worklists.page("kim", view="Both"), "20 ms"),
        "view by time and an attribute, nothing": (lambda: worklists.page("kim", view="Never"), "20 ms"),
        "page where modality is CT": (lambda: worklists.page("kim", where={"modality": "CT"}), ""),
        "page where modality is MR: none": (lambda: worklists.page("kim", where={"modality": "MR"}), ""),
        "page sorted by site": (lambda: worklists.page("kim", sort=("site",)), ""),
        "status": (lambda: worklists.status(bulk.accession(7)), ""),
        "counts": (worklists.counts, ""),
        "claim_next and release": (lambda: _claim(worklists, "kim"), ""),
        "claim_next past what is not theirs": (lambda: _claim(worklists, "lee"), ""),
    }


def _claim(worklists: Worklists, reader: str) -> None:
    claim = worklists.claim_next(reader)
    assert claim is not None
    worklists.release(claim)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000, help="how many open items the store has")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="where to write")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=said.folder))
    try:
        row("load of the machine at the start", f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}")
        with department(folder, said.open) as worklists:
            assert worklists.store.page(None, 1)[0].details.keys() >= {VIEWS}
            shown = {reader: worklists.page(reader) for reader in ("kim", "lee")}
            assert len(shown["kim"]) == len(shown["lee"]) == 50
            assert worklists.store.page(list(bulk.LISTS), LIMITED)[-1].details["limits"]
            assert not any(worklists.store.item(line.item).details.get("limits") for line in shown["lee"])
            asked = questions(worklists)
            found = timed({name: ask for name, (ask, _) in asked.items()}, said.times)
            for name, (ask, bar) in asked.items():
                answer = ask()
                whole = "" if getattr(answer, "scanned_all", True) else f", {len(answer)} found so far"
                row(f"{name}, {said.open:,} open", f"{found[name]:.2f} ms{whole}", bar and f"bar {bar}")
        row("load of the machine at the end", f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
