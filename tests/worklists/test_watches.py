"""Watches: once for each breach, one notice when it is over, nothing ever lowered, whenever anybody looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from routing.errors import RulebookError
from routing.rulebook import Rulebook
from tests.worklists.opened import HandClock, opened
from tests.worklists.telling import DAY
from tests.worklists.timed import HEAD, RULES, TAIL, book, scan, told


def line(worklists: Any, item: int) -> Any:
    return next(one for one in worklists.page(limit=None) if one.item == item)


def test_a_watch_of_each_item_fires_at_the_instant_its_condition_becomes_true() -> None:
    """`waiting`, `time_left` and `overdue` change on the second, and the item wakes for it."""
    clock = HandClock(0)
    watch = 'watch "Old" each item when waiting over 30 minutes notify lead'
    with opened(clock, book(watch)) as worklists:
        scan(worklists, clock)
        clock.move_to(30)
        worklists.tick()
        before = told(worklists)
        clock.move_to(30 + 1 / 60)
        worklists.tick()
        once = told(worklists)
        clock.move_to(600)
        worklists.tick()

        assert (before, once, told(worklists)) == ([], [("lead", "watch")], [("lead", "watch")])


def test_a_breach_that_is_over_is_told_once_and_the_next_one_is_told_again() -> None:
    """Armed again by its condition being false: here an item that goes off the list and comes back late."""
    clock = HandClock(0)
    watch = 'watch "Late" each item on ct when overdue notify lead'
    with opened(clock, book(watch)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(121)
        worklists.tick()
        worklists.pass_to(item, "mr", "lee", "for MR")
        scan(worklists, clock, indication="x")
        over = told(worklists)
        worklists.pass_to(item, "ct", "lee", "back")
        scan(worklists, clock, indication="y")

        assert over == [("lead", "watch"), ("lead", "recovered")]
        assert told(worklists)[2:] == [("lead", "watch")]


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ("raise priority", {"priority": "soon"}),
        ("priority stat", {"priority": "stat"}),
        ("priority routine", {"priority": "routine"}),
        ("due within 10 minutes", {"due_at": DAY + timedelta(minutes=40)}),
        ("due within 5 days", {"due_at": DAY + timedelta(hours=2)}),
        ("move to pool", {"worklist": "pool"}),
        ("escalate to pool", {"worklist": "pool"}),
        ("escalate to pool after 10 minutes", {"worklist": "ct"}),
        ("move to pool raise priority due within 10 minutes", {"worklist": "pool", "priority": "soon"}),
    ],
)
def test_what_a_watch_does_is_more_urgent_earlier_or_elsewhere_and_never_less(
    effects: str, expected: dict[str, Any]
) -> None:
    """I7: dues count from the breach, and what would be later or lower changes nothing."""
    clock = HandClock(0)
    with opened(clock, book(f'watch "W" each item when waiting at least 30 minutes {effects}')) as worklists:
        item = scan(worklists, clock)
        clock.move_to(30)
        now = line(worklists, item)

        assert {name: getattr(now, name) for name in expected} == expected
        clock.move_to(40)
        if "after" in effects:
            assert line(worklists, item).worklist == "pool"
        assert not worklists.verify().findings


def test_a_watch_does_not_move_what_a_reader_has_in_hand() -> None:
    """It goes when the claim ends."""
    clock = HandClock(0)
    with opened(clock, book('watch "W" each item when waiting at least 30 minutes move to pool')) as worklists:
        item = scan(worklists, clock)
        claim = worklists.claim(item, "lee", lease=timedelta(hours=2))
        clock.move_to(40)
        held = line(worklists, item).worklist
        worklists.release(claim)

        assert (held, line(worklists, item).worklist) == ("ct", "pool")


def test_a_guarantee_covers_what_a_watch_moves() -> None:
    """`never route to` holds for every way onto a list: a book that breaks it is not activated."""
    promise = 'guarantee "No child in the pool" never route to pool when possibly age under 16 years\n'
    moves = 'watch "W" each item when waiting at least 30 minutes {}move to pool\n'
    clock = HandClock(0)
    with pytest.raises(RulebookError), opened(clock, book(moves.format("") + promise)):
        pass
    with opened(clock, book(moves.format("and age at least 16 years ") + promise)) as worklists:
        child, adult = scan(worklists, clock, "A1", age="P6Y"), scan(worklists, clock, "A2", age="P60Y")
        clock.move_to(31)

        assert (line(worklists, child).worklist, line(worklists, adult).worklist) == ("ct", "pool")


def test_a_watch_may_have_it_decided_again_without_a_rule() -> None:
    """The rule stays left out, and the item goes where the others send it."""
    clock = HandClock(0)
    watch = 'watch "W" each item when waiting at least 30 minutes decide again without "CT"'
    with opened(clock, book(watch)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(31)
        moved = line(worklists, item).worklist
        scan(worklists, clock, indication="news")

        assert (moved, line(worklists, item).worklist) == ("general", "general")
        assert not worklists.verify().findings


def test_a_claim_begins_and_ends_what_a_watch_of_states_looks_at() -> None:
    """It is found in the act itself, whoever looks afterwards."""
    clock = HandClock(0)
    with opened(clock, book('watch "W" each item when state is claimed notify lead')) as worklists:
        item = scan(worklists, clock)
        claim = worklists.claim(item, "lee")
        claimed = told(worklists)
        worklists.release(claim)

        assert claimed == [("lead", "watch")]
        assert told(worklists) == [("lead", "watch"), ("lead", "recovered")]


def test_a_pass_to_a_list_begins_what_a_watch_of_that_list_looks_for() -> None:
    """The breach is there in the moment of the pass, though nothing else ever happens to the item."""
    clock = HandClock(0)
    with opened(clock, book('watch "W" each item on pool when waiting over 30 minutes notify lead')) as worklists:
        first, other = scan(worklists, clock, "A1"), scan(worklists, clock, "A2")
        worklists.pass_to(other, "pool", "lee", "early")
        clock.move_to(40)
        worklists.tick()
        early = told(worklists)
        worklists.pass_to(first, "pool", "lee", "late")

        assert (early, told(worklists)) == ([("lead", "watch")], [("lead", "watch")] * 2)


SIZE = """
watch "Full" when items on ct over 2 until items on ct under 2 notify lead
"""


def test_a_watch_over_a_list_has_hysteresis() -> None:
    """I20: it fires when a backlog begins, once, and says once that it is over."""
    clock = HandClock(0)
    with opened(clock, book(SIZE)) as worklists:
        items = [scan(worklists, clock, f"A{number}") for number in range(4)]
        full = told(worklists)
        for item in items[:2]:
            worklists.report(item, "final", f"R{item}", "lee")
        between = told(worklists)
        scan(worklists, clock, "B1")
        worklists.report(items[2], "final", "R", "lee")
        worklists.report(items[3], "final", "R'", "lee")

        assert (full, between) == ([("lead", "watch")], [("lead", "watch")])
        assert told(worklists) == [("lead", "watch"), ("lead", "recovered")]


def test_a_watch_over_the_age_of_a_list_fires_by_time_alone() -> None:
    """The oldest counts from when it began to wait, not from its order weeks before."""
    clock = HandClock(0)
    watch = 'watch "Old" when oldest on ct over 60 minutes notify lead'
    with opened(clock, book(watch)) as worklists:
        scan(worklists, clock, "A1", image_count=0)
        clock.move_to(300)
        item = scan(worklists, clock, "A1", exam_end=clock.now)
        clock.move_to(360)
        worklists.tick()
        before = told(worklists)
        clock.move_to(361)
        worklists.tick()
        fired = told(worklists)
        worklists.report(item, "final", "R", "lee")

        assert (before, fired) == ([], [("lead", "watch")])
        assert told(worklists) == [("lead", "watch"), ("lead", "recovered")]


def test_a_full_list_gives_to_another_what_it_takes_and_no_more() -> None:
    """A watch over a list that moves: the most urgent first, until the list has recovered."""
    clock = HandClock(0)
    watch = 'watch "Full" when items on ct over 5 until items on ct at most 3 move to pool'
    with opened(clock, book(watch)) as worklists:
        for number in range(6):
            scan(worklists, clock, f"A{number}")
        found = [one.worklist for one in worklists.page(limit=None)]

        assert sorted(found) == ["ct"] * 3 + ["pool"] * 3
        assert not worklists.verify().findings


def test_a_watch_at_a_time_of_day_looks_on_working_days_alone() -> None:
    """Tuesday is the first day here; Saturday and Sunday are left out; a missed morning is caught up."""
    clock = HandClock(0)
    watch = 'watch "Morning" at 07:30 on working days each item when overdue notify lead'
    with opened(clock, book(watch)) as worklists:
        scan(worklists, clock)
        clock.move_to(125)
        worklists.tick()
        same_day = told(worklists)
        clock.now = DAY.replace(day=14, hour=12)  # Saturday: of the mornings gone by, one was the first of the breach
        worklists.tick()
        scan(worklists, clock, "B1")
        clock.now = DAY.replace(day=16, hour=7, minute=29)
        worklists.tick()
        weekend = told(worklists)
        clock.now = DAY.replace(day=16, hour=7, minute=30)
        worklists.tick()

        assert same_day == []
        assert weekend == [("lead", "watch")]
        assert told(worklists) == [("lead", "watch")] * 2


def test_a_watch_without_a_condition_tells_every_day() -> None:
    """There is no breach, so there is nothing to wait for."""
    clock = HandClock(0)
    with opened(clock, book('watch "Daily" at 07:30 notify board')) as worklists:
        clock.now = DAY + timedelta(days=3)
        worklists.tick()

        assert told(worklists) == [("board", "watch")] * 3


def test_a_watch_over_lists_in_an_included_file_counts_lists_and_no_procedure() -> None:
    """What the file is included for is a condition on procedures; a list has none."""
    text = HEAD + 'values site are CITY\ninclude "more.rules" when site is CITY\n' + RULES + TAIL
    more = 'watch "Full" when items on ct over 0 notify lead\n'
    clock = HandClock(0)
    with opened(clock, Rulebook.loads(text, tables={"more.rules": more})) as worklists:
        scan(worklists, clock)

        assert told(worklists) == [("lead", "watch")]
