"""A further order on a reported procedure: a report of its own, ended by the report that is about it."""

from __future__ import annotations

from itertools import permutations

import pytest

from routing.sources.news import News
from tests.worklists.opened import HandClock, open_items, opened, receive
from tests.worklists.telling import at, image, keys, order, owed, report

FIRST = keys(placer_number="PL1", filler_number="FL1")
SECOND = keys(placer_number="PL9", filler_number="FL9")
BOTH_REPORTED = {("report", "1", "reported"), ("report", "2", "reported")}


def story(*, text: str = "another text", key=SECOND) -> list[News]:
    return [
        order(0, key=FIRST),
        image("1", said=10),
        report(said=60, key=FIRST),
        order(70, key=SECOND),
        report(said=90, key=key, text=text),
    ]


@pytest.mark.parametrize("text", ["normal", "another text"])
@pytest.mark.parametrize("key", [SECOND, keys()])
def test_the_second_orders_report_ends_its_item_whatever_its_text(text: str, key) -> None:
    """Two reports for two orders are not two finals that differ."""
    assert owed(*story(text=text, key=key)) == BOTH_REPORTED


def test_a_correction_that_names_the_first_order_leaves_the_second_open() -> None:
    """A report discharges the procedures it names, and of two orders the one it names (I12)."""
    news = [*story()[:4], report("corrected", 90, key=FIRST, text="mended")]

    assert owed(*news) == {("report", "1", "reported"), ("report", "2", "waiting")}


def test_a_withdrawal_of_the_second_report_opens_the_second_alone() -> None:
    """The first report still stands."""
    news = [*story(), report("withdrawn", 95, key=SECOND)]

    assert owed(*news) >= {("report", "1", "reported"), ("report", "2", "waiting")}


def test_images_after_the_second_order_are_its_own_and_no_recheck() -> None:
    """The new exam's images do not ask for the old report to be looked at again."""
    news = [*story()[:4], image("2", said=80)]

    assert ("report", "2", "waiting") in owed(*news)
    assert not [kind for kind, _, _ in owed(*news) if kind == "recheck"]


def test_a_third_order_owes_a_third_report() -> None:
    """A number used over the years."""
    third = keys(placer_number="PL12", filler_number="FL12")
    news = [*story(), order(100, key=third)]

    assert owed(*news) == BOTH_REPORTED | {("report", "3", "waiting")}


def test_every_order_of_arrival_ends_the_same() -> None:
    """All 120 of them, by what is known (I17)."""
    for arrival in permutations(story()):
        ends = {one for one in owed(*arrival) if one[0] != "recheck"}

        assert ends == BOTH_REPORTED


@pytest.mark.slow
@pytest.mark.parametrize("known", [4, 5])
def test_every_order_of_arrival_leaves_the_same_items_in_a_store(known: int) -> None:
    """Before and after the second report: items opened on the way end as if it had come in order."""
    ends = set()
    for arrival in permutations(story()[:known]):
        with opened() as worklists:
            for one in arrival:
                receive(worklists, one)
            ends.add(frozenset(open_items(worklists, without=["recheck"])))
            assert not worklists.verify().findings

    assert len(ends) == 1
    assert len(next(iter(ends))) == 5 - known


def test_a_reader_reports_the_second_order_by_claim() -> None:
    """What one claims one can finish."""
    with opened() as worklists:
        for one in story()[:4]:
            receive(worklists, one)
        claim = worklists.claim_next(reader="lee")
        assert claim is not None
        done = worklists.report(claim, status="final", report_id="R2")

        assert done.state == "reported"
        assert not open_items(worklists)


def test_the_sentence_speaks_of_the_further_order() -> None:
    """Neither "reported" for all of it, nor "one of two reads"."""
    with opened() as worklists:
        for one in story()[:4]:
            receive(worklists, one)
        said = worklists.status(accession="A1").sentence

    assert said.startswith("Not final: waiting to be read")
    assert "for a further order: an earlier one has its final report" in said
    assert "reads" not in said


DAY = 24 * 60  # minutes


def test_an_order_for_a_later_day_waits_for_its_own_images_and_has_its_own_due() -> None:
    """The first examination's images are not its own, and its clock begins with its own."""
    clock = HandClock(200)
    with opened(clock) as worklists:
        receive(worklists, order(0, key=FIRST, exam_start=at(0)), image("1", said=10, exam_end=at(10)))
        receive(worklists, report(said=60, key=FIRST))
        receive(worklists, order(70, key=SECOND, exam_start=at(2 * DAY)))
        (line,) = worklists.page()
        assert (line.state, line.due_at) == ("expected", None)

        clock.move_to(2 * DAY + 30)
        receive(worklists, image("2", said=2 * DAY, series="s2"))
        (line,) = worklists.page()
        assert (line.state, line.due_at) == ("waiting", at(7 * DAY + 30))


def test_a_further_order_on_images_that_are_here_can_be_read_at_once_and_counts_from_itself() -> None:
    """Somebody asks for another report on them: it is not late before it was asked for."""
    clock = HandClock(100)
    with opened(clock) as worklists:
        receive(worklists, order(0, key=FIRST), image("1", said=10, exam_end=at(10)), report(said=60, key=FIRST))
        clock.move_to(20 * DAY)
        receive(worklists, order(20 * DAY, key=SECOND))

        (line,) = worklists.page()
        assert (line.state, line.due_at) == ("waiting", at(25 * DAY))


def test_an_order_for_a_later_day_that_was_placed_before_the_report_owes_one_of_its_own() -> None:
    """Ordered in the morning for next week; the report of noon is not about it, though the order is older."""
    early = order(30, key=SECOND, exam_start=at(7 * DAY))
    news = [order(0, key=FIRST, exam_start=at(0)), image("1", said=10), report(said=60, key=FIRST), early]

    for told in permutations(news):
        assert owed(*told) == {("report", "1", "reported"), ("report", "2", "expected")}


def test_a_report_that_names_the_later_order_ends_the_later_one() -> None:
    """Also where that was placed before the first report."""
    early = order(30, key=SECOND, exam_start=at(7 * DAY))
    news = [order(0, key=FIRST, exam_start=at(0)), image("1", said=10), report(said=60, key=FIRST), early]

    assert owed(*news, report(said=7 * DAY + 60, key=SECOND, text="of next week")) == BOTH_REPORTED
