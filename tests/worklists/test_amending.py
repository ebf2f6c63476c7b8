"""After the report: what ends with a final from outside, what does not, and what brings work back (DESIGN 5.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from routing.decision import Hold
from routing.sources.news import News
from routing.states import Kind, State
from routing.store.records import Opening
from routing.worklists import Worklists
from tests.worklists.opened import HandClock, kinds, opened, receive
from tests.worklists.reading_room import department, scan, still_open
from tests.worklists.stand_in import altered
from tests.worklists.telling import image, keys, order, report

OUTSIDE = report(key=keys("A1"), said=500)


def claim(worklists: Worklists, item: int) -> None:
    worklists.claim(item, by="lee")


def draft(worklists: Worklists, item: int) -> None:
    worklists.report(item, "preliminary", "R-1", by="lee")


def offer(worklists: Worklists, item: int) -> None:
    worklists.hand_to(item, "kim", by="lee", reason="yours")


@pytest.mark.parametrize("before", [lambda *_: None, claim, draft, offer])
def test_a_final_from_outside_ends_the_work_however_it_stands(before) -> None:
    """In somebody's hands, with a draft, or while a pass waits for its answer."""
    with department() as worklists:
        (item,) = scan(worklists)
        before(worklists, item.item)
        receive(worklists, OUTSIDE)

        assert worklists.status(accession="A1").final
        assert still_open(worklists) == []
        assert not worklists.verify().findings


def test_a_final_from_outside_ends_what_is_held_for_its_images() -> None:
    """It need not be complete to be reported."""
    with opened(HandClock(100), altered(hold=Hold(at_most_minutes=600, until="images_complete"))) as worklists:
        receive(worklists, order(0), image("1"))
        assert kinds(worklists) == ["report held"]
        receive(worklists, report(said=60))

        assert kinds(worklists) == []


def test_an_opinion_and_what_a_person_has_to_look_at_stay_when_a_final_comes() -> None:
    """Somebody asked, and somebody has to look: no report from elsewhere answers them."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.ask_opinion(item.item, "patel", by="lee", question="?")
        receive(worklists, report("withdrawn", key=keys("A1"), said=400))
        receive(worklists, report("preliminary", key=keys("A1"), said=600))
        receive(worklists, OUTSIDE)

        assert [one.kind for one in still_open(worklists, kind="opinion")] == ["opinion"]
        assert [one.reason for one in still_open(worklists, kind="resolve")] == ["preliminary_after_final"]


def test_images_after_the_final_are_to_be_checked_and_a_second_final_does_not_do_that() -> None:
    """The recheck ends by its own report."""
    clock = HandClock(100)
    with opened(clock) as worklists:
        receive(worklists, order(0), image("1"), report(said=60))
        clock.now += timedelta(hours=2)
        receive(worklists, image("2", said=200, series="s2"))
        receive(worklists, report("corrected", said=300, text="mended"))

        assert kinds(worklists) == ["recheck waiting"]


@pytest.mark.parametrize("news", [report("preliminary", said=300), image("3", said=310, series="s3")])
def test_a_draft_of_a_check_stands_whatever_else_comes(news: News) -> None:
    """What the checker wrote is about the check: neither news nor what is filed on the scan takes it back."""
    clock = HandClock(100)
    with opened(clock) as worklists:
        receive(worklists, order(0), image("1"), report(said=60, text="one"), report(said=70, text="another"))
        clock.now += timedelta(hours=2)
        receive(worklists, image("2", said=200, series="s2"))
        found = {line.kind: line.item for line in worklists.page()}
        worklists.report(found["recheck"], "preliminary", "R-1", by="kim")
        receive(worklists, news)
        worklists.report(found["report"], "preliminary", "R-2", by="lee")

        assert "recheck preliminary" in kinds(worklists)
        assert not worklists.verify().findings


@pytest.mark.parametrize("ended", ["reported", "closed"])
def test_companions_never_bring_work_back(ended: str) -> None:
    """A dose report, a segmentation or an SR that comes later is nothing to read."""
    with department() as worklists:
        (item,) = scan(worklists)
        if ended == "closed":
            worklists.close_item(item.item, by="chief", reason="a test image")
        else:
            worklists.report(item.item, "final", "R-1", by="lee")
        receive(worklists, image("9", key=keys("A1"), clinical=False, said=300))

        assert worklists.status(accession="A1").items[0].state == ended
        assert worklists.counts().open == 0


@pytest.mark.parametrize("status", ["addendum", "corrected"])
def test_what_amends_a_report_here_reopens_nothing(status: str) -> None:
    """It is in the history, and the status says that the report was amended."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "final", "R-1", by="lee")
        line = worklists.report(item.item, status, "R-2", by="kim")

        assert line.state == "reported"
        assert worklists.status(accession="A1").amended
        assert [one.actor for one in worklists.history(item.item)][-1] == "kim"


def test_a_report_that_was_taken_back_here_is_owed_again_with_its_clock() -> None:
    """Undone sign-off (I14)."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "final", "R-1", by="lee")
        line = worklists.report(item.item, "withdrawn", "R-1", by="lee")

        assert (line.state, line.due_at, line.opened_at) == ("waiting", item.due_at, item.opened_at)
        assert [one.reason for one in still_open(worklists, kind="resolve")] == ["report_withdrawn"]


@pytest.mark.parametrize("news", [report("withdrawn", said=95), report(said=95, text="another")])
def test_a_final_that_is_taken_back_opens_the_work_though_a_draft_here_is_newer(news) -> None:
    """A reader had drafted one when the final came; what takes it back is not the draft (I14)."""
    with opened(HandClock(100)) as worklists:
        receive(worklists, order(0), image("1"))
        worklists.report(worklists.page().lines[0].item, "preliminary", "R-1", by="lee")
        receive(worklists, report(said=90))
        assert kinds(worklists) == ["resolve preliminary_after_final"]
        receipt = receive(worklists, news)

        assert receipt.outcome == "accepted_with_warning"
        assert [one.kind for one in worklists.page(limit=None) if one.kind == "report"] == ["report"]
        assert not worklists.verify().findings


def test_a_blank_final_leaves_the_work_open_for_a_person_too() -> None:
    """An empty report is no report (I26)."""
    with department() as worklists:
        scan(worklists)
        receive(worklists, report(key=keys("A1"), said=500, text=""))

        assert [one.state for one in still_open(worklists)] == ["waiting"]
        assert [one.reason for one in still_open(worklists, kind="resolve")] == ["blank_report"]


def test_a_report_that_is_owed_no_longer_ends_by_the_final_that_is_filed_on_it() -> None:
    """News can take away what gave cause for an item; whoever has read it must not read it again and again."""
    with department() as worklists:
        (line,) = scan(worklists)
        now = worklists.status(accession="A1").items[0].opened_at
        with worklists.store.writing(now) as tx:
            item = tx.item(line.item)
            opening = Opening(
                procedure=item.procedure,
                kind=Kind.REPORT,
                state=State.WAITING,
                worklist=item.worklist,
                priority=item.priority,
                rank=item.rank,
                rulebook=item.rulebook,
                due_at=item.due_at,
                details={**item.details, "part": "7"},
            )
            further = tx.open(opening, actor="test")
        claim(worklists, further.id)
        worklists.report(further.id, "final", "R-7", by="lee")

        assert worklists.store.item(further.id).state is State.REPORTED
        assert not worklists.verify().findings
