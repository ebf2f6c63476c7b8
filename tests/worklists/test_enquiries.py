"""Enquiries, the change feed and the notices: what others ask and are told, in order, without a patient's name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import NotAllowed
from routing.rulebook import Rulebook
from routing.store.records import Notice
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.telling import image, order, report
from tests.worklists.timed import HEAD, RULES, TAIL, book, scan, told


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 6))
def test_chasing_is_evidence_and_asked_again_it_escalates_once(times: int) -> None:
    """I19: n enquiries are n rows in the history and one escalation, told to the list; reading alone is nothing."""
    clock = HandClock(0)
    with opened(clock, book()) as worklists:
        item = scan(worklists, clock)
        for number in range(times):
            worklists.status("A1", by=f"ward {number}")
            worklists.status("A1")

        rows = worklists.store.history(item)
        assert [row.actor for row in rows if row.reason == "enquiry"] == [f"ward {number}" for number in range(times)]
        assert sum(row.event.value == "escalate" for row in rows) == (times >= 2)
        assert told(worklists) == ([("ct", "enquiry")] if times >= 2 else [])
        assert worklists.store.item(item).details.get("enquiries", 0) == times


def test_asking_for_what_is_finished_is_kept_and_hurries_nobody() -> None:
    """It is evidence that somebody had not seen the report; when the work comes back it is asked for anew."""
    clock = HandClock(0)
    with opened(clock, book()) as worklists:
        item = scan(worklists, clock)
        worklists.report(item, "final", "R1", "lee")
        for ward in ("ward 7", "ward 8", "ward 9"):
            assert worklists.status("A1", by=ward).final
        rows = worklists.history(item)
        assert [row.actor for row in rows if row.reason == "enquiry"] == ["ward 7", "ward 8", "ward 9"]
        assert told(worklists) == []
        assert worklists.store.item(item).state.value == "reported"

        worklists.reopen(item, "lee", "a slip")
        for _ in range(3):
            worklists.status("A1", by="ward 7")
        assert told(worklists) == [("ct", "enquiry")]
        assert worklists.verify().is_clean


def test_a_watch_may_ask_how_often_somebody_asked() -> None:
    """`enquiries` is a number like any other; a third call raises the priority."""
    clock = HandClock(0)
    with opened(clock, book('watch "Chased" each item when enquiries at least 3 raise priority')) as worklists:
        scan(worklists, clock)
        found = [worklists.status("A1", by="ward 7").items[0].priority for _ in range(4)]

        assert found == ["routine", "routine", "soon", "soon"]
        with pytest.raises(NotAllowed):
            worklists.status("A1", by=" ")


def test_the_feed_tells_everything_once_in_order_from_any_cursor() -> None:
    """Whoever follows with the cursor of the last change misses nothing and sees nothing twice."""
    clock = HandClock(0)
    with opened(clock, book()) as worklists:
        whole, cursor = [], 0
        for number in range(5):
            item = scan(worklists, clock, f"A{number}")
            worklists.claim(item, "lee")
            while found := worklists.changes(cursor, limit=1):
                whole += found
                cursor = found[-1].cursor
        worklists.report("A1", "final", "R1", "lee")
        whole += worklists.changes(cursor)

        assert whole == list(worklists.changes())
        assert [one.cursor for one in whole] == list(range(1, len(whole) + 1))
        assert [one.event for one in whole[:2]] == ["accept", "claim"]


def test_the_feed_names_nobody_unless_it_is_asked_to() -> None:
    """No patient identity, in no form."""
    with opened(HandClock()) as worklists:
        receive(worklists, order(), image(), report())
        plain = json.dumps([one.as_dict() for one in worklists.changes()])
        named = [one.as_dict(identity=True) for one in worklists.changes(identity=True)]

        assert not any(word in plain for word in ("A1", "U1", "1001", "accession"))
        assert named[0]["accession"] == "A1"
        assert "A1" not in repr(worklists.changes(identity=True))


def test_notices_are_delivered_in_order_at_least_once() -> None:
    """A handler that fails is given the same notice again; one that has taken it is not."""
    clock = HandClock(0)
    with opened(clock, book('rule "Tell" when modality includes CT notify lead, board')) as worklists:
        scan(worklists, clock, "A1")
        scan(worklists, clock, "A2")
        taken: list[int] = []

        def once(notice: Notice) -> None:
            if len(taken) == 1:
                taken.append(0)
                raise OSError("no line")
            taken.append(notice.id)

        with pytest.raises(OSError, match="no line"):
            worklists.deliver(once)
        assert worklists.deliver(once) == 3
        assert worklists.deliver(once) == 0
        assert taken == [1, 0, 2, 3, 4]


def test_a_channel_is_told_once_of_an_item_and_again_only_when_it_is_new_to_it() -> None:
    """`notify` of a rule: when the item begins, and when a later decision adds a channel."""
    more = 'rule "Tell" when modality includes CT notify lead\nrule "Words" when indication is known notify board\n'
    clock = HandClock(0)
    with opened(clock, book(more)) as worklists:
        scan(worklists, clock)
        for words in ("pain", "more pain"):
            scan(worklists, clock, indication=words)

        assert told(worklists) == [("lead", "opened"), ("board", "opened")]
        assert "A1" not in json.dumps([dict(one.payload) for one in worklists.notices()])


def test_what_needs_a_person_is_told_to_the_channels_of_the_exceptions() -> None:
    """Whether it belongs to a procedure or could not be read at all: once for each item."""
    text = HEAD.replace("due within 1 hour", "due within 1 hour notify lead") + RULES + TAIL
    clock = HandClock(100)
    with opened(clock, Rulebook.loads(text)) as worklists:
        worklists.receive(b"nonsense")
        receive(worklists, order(), image(), report())
        receive(worklists, report("withdrawn", 90))
        worklists.tick()
        resolves = [line.item for line in worklists.page(limit=None) if line.kind == "resolve"]

        assert [one.item for one in worklists.notices() if one.target == "lead"] == resolves
        assert len(resolves) == 2


def test_backlog_figures_count_what_is_overdue_and_what_of_it_nobody_has() -> None:
    """I20: how much is late on each list, whoever looks, and how much of that is in nobody's hands."""
    clock = HandClock(0)
    with opened(clock, book()) as worklists:
        for number in range(3):
            scan(worklists, clock, f"A{number}")
        scan(worklists, clock, "B1", modality="MR")
        clock.move_to(110)
        worklists.claim(worklists.item_named("A0"), "lee")
        before = worklists.counts()
        clock.move_to(121)

        assert before.overdue == ()
        assert worklists.counts().overdue == (("ct", 3, 2), ("mr", 1, 1))
        assert worklists.counts().open == 4
