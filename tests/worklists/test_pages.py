"""Pages against a plain model: what each reader is shown, in which order, and that the rest is counted (I27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import NotAllowed, RoutingError
from routing.rulebook import Rulebook
from routing.worklists import Line, Worklists
from tests.worklists.opened import HandClock, opened
from tests.worklists.plain import TEXT
from tests.worklists.telling import at

READERS: Final[Mapping[str, tuple[str, ...]]] = {
    "lee": (),
    "ann": ("breast",),
    "pat": ("pacs_team",),
    "max": ("breast", "pacs_team"),
}
ASKS: Final[Mapping[str, str]] = {"breast": "breast", "attention": "pacs_team"}
LISTS: Final[Mapping[str, str]] = {"CT": "ct", "MR": "mr", "MG": "breast", "US": "general"}
RANKS: Final = ("stat", "urgent", "soon", "routine")
ACTS: Final = ("claim", "hand", "opinion", "draft", "final", "skip", "pass")


@cache
def rules() -> Rulebook:
    """Return the plain rulebook with a rule for those who alone may read, and one for who may not."""
    limits = """
rule "Staff" when department is STAFF only readers with pacs_team or breast show identity only to readers with pacs_team
rule "Own"   when department is OWN exclude readers in referrer
otherwise
"""
    return Rulebook.loads(TEXT.replace("otherwise\n", limits))


@frozen(kw_only=True)
class Scan:
    """A scan as it is sent."""

    modality: str
    priority: str | None
    site: str | None
    department: str | None
    referrer: str

    def said(self, number: int) -> dict[str, Any]:
        """Return it as a host says it."""
        said = {
            "accession": f"A{number}",
            "study_uid": f"1.{number}",
            "modality": self.modality,
            "priority_requested": self.priority,
            "site": self.site,
            "department": self.department,
            "referrer": self.referrer,
            "image_count": 1,
            "exam_end": at(number),
        }
        return {name: value for name, value in said.items() if value is not None}


scans = st.builds(
    Scan,
    modality=st.sampled_from(sorted(LISTS)),
    priority=st.one_of(st.none(), st.sampled_from(RANKS)),
    site=st.one_of(st.none(), st.sampled_from(["EAST", "WEST"])),
    department=st.one_of(st.none(), st.sampled_from(["STAFF", "OWN"])),
    referrer=st.sampled_from(sorted(READERS)),
)
names = st.sampled_from(sorted(READERS))
acts = st.tuples(st.sampled_from(ACTS), st.integers(0, 30), names, names)


class Day:
    """A day's scans and what readers did, with what a model has to remember of it: who is asked for what."""

    def __init__(self, worklists: Worklists, sent: list[Scan]) -> None:
        self.worklists = worklists
        self.sent = sent
        self.handed: dict[int, str] = {}  # a pass that waits: its reader sees it too
        self.asked: dict[int, str] = {}  # an opinion: for its reader alone

    def do(self, act: str, number: int, by: str, other: str) -> None:
        """Let a reader try something with one of the open items; what is refused changes nothing."""
        lines = self.all()
        item = lines[number % len(lines)].item if lines else 0
        try:
            self._do(act, item, by, other)
        except RoutingError:
            return

    def _do(self, act: str, item: int, by: str, other: str) -> None:
        match act:
            case "claim":
                self.worklists.claim(item, by)
            case "hand":
                self.worklists.hand_to(item, other, by, "please")
                self.handed[item] = other
            case "opinion":
                self.asked[self.worklists.ask_opinion(item, other, by, "what is it?").item] = other
            case "draft" | "final":
                self.worklists.report(item, "final" if act == "final" else "preliminary", f"R{item}", by)
            case "skip":
                self.worklists.skip(item, by, "later")
            case _:
                self.worklists.pass_to(item, "general", by, "not for us")
                self.handed.pop(item, None)

    def all(self) -> list[Line]:
        """Return everything that is open."""
        return list(self.worklists.page(limit=None))

    def scan(self, line: Line) -> Scan | None:
        """Return the scan that a line is about; None for what belongs to none."""
        return self.sent[int(line.accession.removeprefix("A"))] if line.accession else None

    def may_take(self, reader: str, line: Line) -> bool:
        """Return whether a reader may take what a line shows."""
        handed = self.handed.get(line.item)  # while that waits for its answer, the whole list may take it
        asked = handed or self.asked.get(line.item)
        if asked != reader and ASKS.get(line.worklist, "") not in {"", *READERS[reader]}:
            return False
        if line.item in self.asked and handed is None and asked != reader:
            return False
        scan = self.scan(line)
        if scan is None or line.kind not in {"report", "opinion"}:
            return True  # what needs a person is for who sorts out what came in
        return not (
            (scan.department == "STAFF" and not READERS[reader])
            or (scan.department == "OWN" and scan.referrer == reader)
        )


@contextmanager
def day(sent: list[Scan], done: list[tuple[str, int, str, str]]) -> Iterator[Day]:
    """Give a day on which that was sent and done."""
    with opened(HandClock(200), rules(), readers=READERS) as worklists:
        for number, scan in enumerate(sent):
            worklists.receive(scan.said(number), sender="HOST", message_id=str(number))
        worklists.receive(b"neither HL7 nor DICOM", sender="RIS|STO")
        one = Day(worklists, sent)
        for act in done:
            one.do(*act)
        yield one


def urgency(line: Line) -> tuple[int, datetime, datetime, int]:
    """Return what orders a page, read from its lines."""
    return RANKS.index(line.priority), line.due_at or at(10**7), line.opened_at, line.item


@pytest.fixture(scope="module")
def busy() -> Iterator[Day]:
    """Give one day with something of everything, which no example changes."""
    kinds, departments = sorted(LISTS), (None, "STAFF", "OWN")
    sent = [
        Scan(
            modality=kinds[number % 4],
            priority=(None, *RANKS)[number % 5],
            site=(None, "EAST", "WEST")[number % 3],
            department=departments[number // 4 % 3],
            referrer=sorted(READERS)[number % 4],
        )
        for number in range(16)
    ]
    done = [(ACTS[number % 7], number * 3, "max", ("lee", "ann", "pat")[number % 3]) for number in range(21)]
    with day(sent, done) as one:
        lines = one.all()
        assert {line.kind for line in lines} >= {"report", "opinion", "resolve"}
        assert {line.state for line in lines} >= {"waiting", "claimed", "preliminary"}
        assert one.handed
        assert one.asked
        yield one


wheres = st.dictionaries(
    st.sampled_from(["modality", "site", "priority", "worklist", "kind"]),
    st.sampled_from(["CT", "mg", "EAST", "stat", "Routine", "general", "report", "opinion"]),
    max_size=2,
)


def _has(one: Day, line: Line, name: str, value: str) -> bool:
    scan = one.scan(line)
    known = getattr(line if name in {"priority", "worklist", "kind"} else scan, name, None)
    return known is not None and known.casefold() == value.casefold()


@given(
    reader=st.one_of(st.none(), names),
    lists=st.one_of(st.none(), st.lists(st.sampled_from([*LISTS.values(), "attention"]), min_size=1, unique=True)),
    where=wheres,
    limit=st.one_of(st.none(), st.integers(0, 8)),
    by_site=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_page_is_what_a_model_says_in_its_order_and_hides_exactly_the_rest(
    busy: Day, reader: str | None, lists: list[str] | None, where: dict[str, str], limit: int | None, by_site: bool
) -> None:
    """Shown and hidden are all there is, whoever asks for what, with which filter and limit (I27)."""
    everything = busy.all()
    expected = [
        line
        for line in everything
        if (reader is None or busy.may_take(reader, line))
        and (lists is None or line.worklist in lists)
        # Where lists are named, the page is of those that the reader may read.
        and (lists is None or reader is None or ASKS.get(line.worklist, "") in {"", *READERS[reader]})
        and all(_has(busy, line, name, value) for name, value in where.items())
    ]
    expected.sort(key=urgency)
    if by_site:
        sites = {line.item: scan.site for line in everything if (scan := busy.scan(line))}
        expected.sort(key=lambda line: (sites.get(line.item) is None, sites.get(line.item) or ""))

    page = busy.worklists.page(reader, limit, worklists=lists, where=where, sort=("site",) if by_site else ())

    assert page.scanned_all
    assert [line.item for line in page] == [line.item for line in expected][:limit]
    assert len(page) + page.hidden == busy.worklists.counts().open == len(everything)


@pytest.mark.slow
@given(sent=st.lists(scans, min_size=1, max_size=8), done=st.lists(acts, max_size=12))
@settings(max_examples=15, deadline=None)
def test_a_page_shows_what_its_reader_may_take_and_whose_it_is_to_who_may_know(
    sent: list[Scan], done: list[tuple[str, int, str, str]]
) -> None:
    """And nothing else: what a page shows and is free can be claimed, and what it leaves out is refused."""
    with day(sent, done) as one:
        everything = one.all()
        for reader, skills in READERS.items():
            page = one.worklists.page(reader, None)
            assert {line.item for line in page} == {line.item for line in everything if one.may_take(reader, line)}
            assert len(page) + page.hidden == len(everything)
            for line in page:
                scan = one.scan(line)
                restricted = scan is not None and scan.department == "STAFF"
                assert line.identity_shown is (not restricted or "pacs_team" in skills)
            for line in everything:
                if line.item not in {shown.item for shown in page}:
                    with pytest.raises(NotAllowed):
                        one.worklists.claim(line.item, reader)
                elif line.state in {"waiting", "preliminary"}:
                    one.worklists.release(one.worklists.claim(line.item, reader))


def test_a_page_of_a_reader_begins_with_what_comes_next(busy: Day) -> None:
    """Of what is free and to be read, in the order of urgency, while nothing is overdue."""
    for reader in READERS:
        free = [
            line
            for line in busy.worklists.page(reader, None)
            if line.state in {"waiting", "preliminary"}
            and (line.kind != "resolve" or ASKS.get(line.worklist, "") in READERS[reader])
        ]
        claim = busy.worklists.claim_next(reader)
        assert claim is not None
        busy.worklists.release(claim)
        assert claim.item_id == free[0].item
