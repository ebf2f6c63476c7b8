"""Items that are owed no longer: they stay, say so, and end by a final report or an authorised closure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import RoutingError
from routing.rulebook import Rulebook
from routing.sources.news import News
from routing.store.protocol import Reading
from routing.worklists import Worklists
from routing.worklists.owed import work_owed
from routing.worklists.shelf import StoreShelf
from routing.worklists.unowed import NO_READ, NO_REPORT, UNOWED
from tests.worklists.opened import HandClock, kinds, opened, receive
from tests.worklists.plain import TEXT, plain_rulebook
from tests.worklists.reading_room import department, scan, still_open
from tests.worklists.telling import at, cancel, image, keys, order, report

FIRST = keys(placer_number="PL1", filler_number="FL1")
SECOND = keys(placer_number="PL9", filler_number="FL9")
BOTH = keys(placer_number="PL1", filler_number="FL9")
DAY = 24 * 60  # minutes
STORY = (order(0, key=FIRST), image("1", said=10), report(said=60, key=FIRST), order(70, key=SECOND))
GONE = {
    "the two orders turn out to be one": order(80, key=BOTH),
    "the first report was taken back before the second order": report("withdrawn", 65, key=FIRST),
    "the second order is older than the report": order(50, key=SECOND),
}
gone = pytest.mark.parametrize("news", GONE.values(), ids=GONE)


def lose(worklists: Worklists, news: News) -> int:
    """Owe a second report, and take away its cause; return its item."""
    worklists.grant("chief", "close", by="chief")
    for one in STORY:
        receive(worklists, one)
    (second,) = worklists.page().lines
    receive(worklists, news)
    return second.item


def line_of(worklists: Worklists, item: int):
    return next(one for one in worklists.status(accession="A1").items if one.item == item)


# why one is open


@gone
def test_what_is_owed_no_longer_stays_and_says_so(news: News) -> None:
    """Nothing is taken off a list but by a report or a closure; whoever sees it is told why it is there."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, news)

        assert (line_of(worklists, item).state, line_of(worklists, item).reason) == ("waiting", NO_REPORT)
        assert f"item {item} is open on `" in worklists.status(accession="A1").sentence
        assert NO_REPORT in worklists.status(accession="A1").sentence
        assert not worklists.status(accession="A1").final
        assert not worklists.verify().findings


def test_what_is_owed_again_says_so_no_more() -> None:
    """The withdrawal was followed by a new report before the second order: that is a further one again."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, GONE["the first report was taken back before the second order"])
        receive(worklists, report(said=67, key=FIRST, text="again"))

        assert line_of(worklists, item).reason == ""
        assert [one.item for one in worklists.page()] == [item]


def test_an_expected_report_that_is_owed_no_longer_can_be_read_when_images_come() -> None:
    """It would be neither readable nor reportable for ever otherwise."""
    with opened(HandClock(200)) as worklists:
        receive(worklists, *STORY[:3])
        receive(worklists, order(70, key=SECOND, exam_start=at(2 * DAY)))
        (line,) = worklists.page()
        assert line.state == "expected"
        receive(worklists, report("withdrawn", 65, key=FIRST))

        assert (line_of(worklists, line.item).state, line_of(worklists, line.item).reason) == ("waiting", NO_REPORT)


def test_a_read_that_the_rules_ask_for_no_longer_stays_and_says_so() -> None:
    """It was read by two; the new rules ask for one."""
    twice = Rulebook.loads(
        TEXT.replace("route to ct", "route to ct read by 2 different readers, disagreement to general")
    )
    with opened(HandClock(200), twice) as worklists:
        receive(worklists, order(0), image())
        worklists.grant("chief", "activate", by="chief")
        worklists.activate(plain_rulebook(), by="chief", reason="one is enough")
        first, second = worklists.status(accession="A1").items

        assert (first.reason, second.reason) == ("", NO_READ)
        receive(worklists, report(said=60))
        assert kinds(worklists) == []


# how it ends


@gone
@pytest.mark.parametrize("claimed", [False, True], ids=["from the list", "claimed"])
def test_it_ends_by_the_report_that_is_filed_on_it(news: News, *, claimed: bool) -> None:
    """Whether it was claimed or not; and it comes back when that is taken back, and ends again."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, news)
        others = [one for one in kinds(worklists) if one != "report waiting"]
        target = worklists.claim(item, by="lee") if claimed else item
        by = None if claimed else "lee"

        assert worklists.report(target, "final", "R-2", by=by).state == "reported"
        assert worklists.report(item, "withdrawn", "R-2", by="lee").state == "waiting"
        assert worklists.report(item, "preliminary", "R-2", by="lee").state == "preliminary"
        assert worklists.report(item, "final", "R-3", by="lee").state == "reported"
        assert worklists.report(item, "addendum", "R-4", by="lee").state == "reported"
        assert [one for one in kinds(worklists) if one != "report waiting"] == others
        assert not worklists.verify().findings


@gone
def test_it_ends_by_a_closure_and_stays_closed(news: News) -> None:
    """With the right and a reason; opened again it is open again."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, news)
        assert worklists.close_item(item, by="chief", reason="one examination").state == "closed"
        worklists.tick()
        receive(worklists, image("2", said=90))
        assert line_of(worklists, item).state == "closed"

        reopened = worklists.reopen(item, by="chief", reason="it was two after all")
        assert (reopened.state, reopened.reason) == ("waiting", NO_REPORT)


@gone
def test_it_ends_by_a_final_from_outside_that_comes_after(news: News) -> None:
    """A final ends every open report of the procedure that it names (DESIGN 5.1), however it stands."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, news)
        worklists.claim(item, by="lee")
        receive(worklists, report("corrected", said=190, text="for both"))

        assert line_of(worklists, item).state == "reported"
        assert "report waiting" not in kinds(worklists)
        assert not worklists.verify().findings


def test_a_report_that_was_there_before_says_nothing_of_it() -> None:
    """The older final ended the first report; that the second order is part of it now is for a person to find."""
    with opened(HandClock(200)) as worklists:
        item = lose(worklists, GONE["the two orders turn out to be one"])
        receive(worklists, report(said=60, key=FIRST))  # once more
        worklists.tick()

        assert line_of(worklists, item).state == "waiting"


def test_a_final_filed_for_one_report_amends_no_other() -> None:
    """Neither of a further order nor of another read."""
    with department() as worklists:
        first, second = scan(worklists, "A1", "MG")
        worklists.report(first.item, "final", "R1", by="ann", result="N")
        worklists.report(second.item, "final", "R2", by="ben", result="N")

        assert [one.event for one in worklists.history(first.item)].count("amend") == 0
        assert worklists.report(first.item, "addendum", "R3", by="ann").state == "reported"
        assert [one.event for one in worklists.history(first.item)].count("amend") == 1
        assert worklists.status(accession="A1").amended
        assert still_open(worklists) == []


def test_the_report_of_a_further_order_amends_none() -> None:
    """Its text differs because it is about another examination."""
    with opened(HandClock(200)) as worklists:
        receive(worklists, *STORY)
        receive(worklists, report(said=90, key=SECOND, text="another text"))

        assert worklists.status(accession="A1").final
        assert not worklists.status(accession="A1").amended


# what made one vanish where none should have begun


@pytest.mark.parametrize("zone", ["Australia/Sydney", "Europe/London", "America/Los_Angeles"])
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_a_report_on_the_day_of_the_examination_where_it_was_done_is_about_it(zone: str, hour: int) -> None:
    """The day begins at midnight there: a scan of the morning in Sydney is reported on the day before by UTC."""
    there = ZoneInfo(zone)
    done = datetime(2026, 7, 8, hour, 10, tzinfo=there)
    clock = HandClock()
    clock.now = done + timedelta(minutes=40)
    with opened(clock, Rulebook.loads(TEXT.replace("timezone UTC", f"timezone {zone}"))) as worklists:
        placed = evolve(order(exam_start=done), said_at=done - timedelta(hours=3))
        receive(worklists, placed, evolve(image(), said_at=done))
        receive(worklists, evolve(report(), said_at=done + timedelta(minutes=30)))

        assert kinds(worklists) == []
        assert worklists.status(accession="A1").sentence == "Final report here."


def test_a_correction_on_the_day_takes_no_further_report_away() -> None:
    """Only what is older than the day is about another examination, and that stays so."""
    news = [
        order(0, key=FIRST, exam_start=at(0)),
        image("1", said=10),
        report(said=60, key=FIRST),
        order(DAY + 30, key=SECOND, exam_start=at(DAY + 60)),
    ]
    with opened(HandClock(DAY + 100)) as worklists:
        receive(worklists, *news)
        (second,) = worklists.page()
        receive(worklists, report("corrected", DAY + 10, key=FIRST, text="mended"))

        assert [(one.item, one.reason) for one in worklists.page()] == [(second.item, "")]


def test_a_closure_that_stands_again_needs_no_evidence_of_the_draft_before_it() -> None:
    """A second order opened the item again, and turns out to be the first: it is closed as it was."""
    with opened(HandClock(3 * DAY)) as worklists:
        worklists.grant("chief", "close", by="chief")
        receive(worklists, image("1"), order(0, key=FIRST))
        act(worklists, "preliminary", 0)
        act(worklists, "close", 0)
        receive(worklists, order(0, key=SECOND))
        assert "processing_error" not in receive(worklists, order(0, key=BOTH)).quarantined

        assert [line.state for line in worklists.status(accession="A1").items] == ["closed"]
        assert not worklists.verify().findings


# the law

_KEYS = st.sampled_from([keys(), FIRST, SECOND, BOTH])
_SAID = st.sampled_from([0, 10, 30, 50, 60, 70, DAY, DAY + 30, 2 * DAY])
_EXAM = st.sampled_from([None, at(0), at(DAY), at(2 * DAY)])
_STATUS = st.sampled_from(["final", "final", "corrected", "withdrawn", "preliminary"])
_TEXT = st.sampled_from(["one", "another", ""])


@st.composite
def _news(draw: st.DrawFn) -> News:
    said, key = draw(_SAID), draw(_KEYS)
    match draw(st.sampled_from(["order", "order", "report", "report", "image", "cancel"])):
        case "order":
            exam = draw(_EXAM)
            return order(said, key=key, **({"exam_start": exam} if exam else {}))
        case "report":
            return report(draw(_STATUS), said, key=key, text=draw(_TEXT))
        case "image":
            return image(str(draw(st.integers(1, 5))), said=said)
        case _:
            return cancel(said, key=key)


_ACTS = st.tuples(
    st.sampled_from(["final", "preliminary", "withdrawn", "corrected", "addendum", "claim", "close", "reopen"]),
    st.integers(0, 9),
    st.booleans(),
)


def act(worklists: Worklists, what: str, number: int) -> None:
    """Have somebody do something to an item, if it may be done."""
    items = worklists.status(accession="A1").items if worklists.counts().accepted else ()
    if not items:
        return
    item = items[number % len(items)].item
    try:
        match what:
            case "claim":
                worklists.claim(item, by="lee")
            case "close":
                worklists.close_item(item, by="chief", reason="so")
            case "reopen":
                worklists.reopen(item, by="chief", reason="so")
            case status:
                worklists.report(item, status, "R", by="lee")
    except RoutingError:
        pass


def unexplained(worklists: Worklists, now: datetime) -> list[tuple[str, str]]:
    """Return the open report items that are neither owed nor say that they are not."""
    store: Reading = worklists.store
    found = []
    for number, procedure in worklists.open_procedures():
        decision = worklists._judge.decide(procedure, now)
        owed = {one.part for one in work_owed(procedure, now=now, decision=decision) if one.kind == "report"}
        found += [
            (str(item.details["part"]), str(item.details["reason"]))
            for item in store.items_of(number, open_only=True)
            if item.kind == "report" and (item.details["part"] not in owed) != (item.details["reason"] in UNOWED)
        ]
        assert StoreShelf(store).procedure(number) == procedure
    return found


@pytest.mark.slow
@given(st.lists(st.one_of(_news(), _news(), _ACTS), min_size=3, max_size=12), st.data())
@settings(max_examples=150, deadline=None)
def test_every_open_item_says_what_it_is_open_for_and_can_be_ended(life: list, data: st.DataObject) -> None:
    """Whatever was told and done, in any order: by a final report, or by a closure with the right (I1, I3, I13)."""
    clock = HandClock(3 * DAY)
    with opened(clock) as worklists:
        worklists.grant("chief", "close", by="chief")
        worklists.put_reader("lee", ["pacs_team"], by="chief")
        for one in life:
            clock.now += timedelta(minutes=7)
            if isinstance(one, News):
                assert "processing_error" not in receive(worklists, one).quarantined
            else:
                act(worklists, one[0], one[1])
            assert unexplained(worklists, clock.now) == []
        for _ in range(40):
            clock.now += timedelta(hours=1)
            still = [one for one in worklists.page(limit=None) if one.state != "claimed"]
            if not still:
                break
            for line in still:
                if line.state == "expected" or data.draw(st.booleans()):
                    worklists.close_item(line.item, by="chief", reason="dealt with")
                else:
                    worklists.report(line.item, "final", "R-last", by="lee")
                assert line_of_any(worklists, line.item) in {"closed", "reported"}
        assert not worklists.page(limit=None).lines
        assert not worklists.verify().findings


def line_of_any(worklists: Worklists, item: int) -> str:
    return worklists.store.item(item).state.value
