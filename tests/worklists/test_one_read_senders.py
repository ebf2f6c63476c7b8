"""A sender whose finals are each one of several reads (`final_ends_one_read` in its profile)."""

from __future__ import annotations

from itertools import permutations

import pytest
from attrs import evolve

from routing.decision import Reads
from routing.sources.account import stamp_of
from routing.sources.entries import ReportEntry
from routing.sources.news import News, ReportStatus
from routing.sources.profiles import Profiles
from routing.worklists import Worklists
from routing.worklists.owed import work_owed
from tests.worklists.opened import HandClock
from tests.worklists.reading_room import room, scan, still_open
from tests.worklists.stand_in import StandIn, altered
from tests.worklists.telling import at, image, order, owed, procedures, report

TWICE = Reads(count=2, disagreement_to="mr")
PROFILES = """
[[sender]]
sending_facility = "NTH"
final_ends_one_read = true
"""


def one_read(status: str = "final", said: float = 60, *, reader: str = "ann", **more) -> News:
    """Return a report of such a sender."""
    news = report(status, said, **more)
    assert news.report is not None
    return evolve(news, report=evolve(news.report, one_read=True, readers=(reader,)))


def work(*news: News) -> set[tuple[str, str, str]]:
    """Return what is owed where two reads are."""
    decision = altered(reads=TWICE).decide(order(0).attributes, at=at(0))
    return owed(order(0), image("1"), *news, decision=decision)


def test_one_final_ends_one_read() -> None:
    """The other is still owed, and no read is missing."""
    assert work(one_read()) == {("report", "1", "reported"), ("report", "1.2", "waiting")}


@pytest.mark.parametrize("news", list(permutations([one_read(), one_read(said=70, reader="ben", text="other")])))
def test_two_finals_of_two_readers_end_both_in_any_order(news: tuple[News, ...]) -> None:
    """Their texts may differ: they are two reads."""
    assert work(*news) == {("report", "1", "reported"), ("report", "1.2", "reported")}


def test_what_one_reader_sends_again_is_about_the_same_read() -> None:
    """A correction is no second read."""
    assert ("report", "1.2", "waiting") in work(one_read(), one_read("corrected", 70, text="mended"))


def test_a_read_that_its_sender_takes_back_is_owed_again() -> None:
    """And that one alone."""
    news = (one_read(), one_read(said=70, reader="ben"), one_read("withdrawn", 80, reader="ben"))

    assert work(*news) == {("report", "1", "reported"), ("report", "1.2", "waiting")}


def test_a_draft_of_one_read_is_not_a_draft_of_the_other() -> None:
    """It waits for its final."""
    assert work(one_read("preliminary")) == {("report", "1", "preliminary"), ("report", "1.2", "waiting")}


def test_a_draft_takes_no_read_that_a_final_needs() -> None:
    """Else the final would be one too many, and that is the report on all reads."""
    decision = altered(reads=TWICE).decide(order(0).attributes, at=at(0))
    (procedure,) = procedures(order(0), image("1"), one_read("preliminary", reader="ben"), one_read(said=70))
    draft = ReportEntry(
        status=ReportStatus.PRELIMINARY,
        raw_status="preliminary",
        has_text=True,
        said=stamp_of(at(80)) // 1000,
        stamp=stamp_of(at(80)),
        readers=("kim",),
        source="act1",
        part="1",
    )

    standing = work_owed(procedure.with_filed(draft), now=at(90), decision=decision)
    assert [(one.part, one.state.value) for one in standing] == [("1", "preliminary"), ("1.2", "reported")]


def test_where_one_read_is_owed_it_is_a_report_like_any_other() -> None:
    """Also its withdrawal, which a person looks at."""
    decision = StandIn().decide(order(0).attributes, at=at(0))

    assert owed(order(0), image("1"), one_read(), decision=decision) == {("report", "1", "reported")}


def test_a_final_by_such_a_senders_message_leaves_the_other_read_open(tmp_path) -> None:
    """From the profile through HL7 to the item; a read filed here then ends it."""
    (tmp_path / "senders.toml").write_text(PROFILES, encoding="utf-8")
    oru = (
        b"MSH|^~\\&|RIS|NTH|HUB|HUB|20260310094500||ORU^R01|1|P|2.5\rPID|||P1\r"
        b"OBR|1||A1|MG||||||||||||||||||20260310094500|||F|||||||ann\rOBX|1|TX|1||Normal.||||||F\r"
    )
    profiles = Profiles.load(tmp_path / "senders.toml")
    with Worklists.open(tmp_path / "w.db", room(), clock=HandClock(), profiles=profiles) as worklists:
        scan(worklists, modality="MG")
        worklists.put_reader("ben", ["breast"], by="chief")
        worklists.receive(oru)

        (left,) = still_open(worklists)
        assert not worklists.status(accession="A1").final
        worklists.report(left.item, "final", "R-2", by="ben")
        assert worklists.status(accession="A1").final
