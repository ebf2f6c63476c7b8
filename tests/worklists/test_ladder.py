"""Ladders: an item that nobody reads goes to a different party, once each, in order, however late anybody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from routing.decision import Decision, Escalation, Outcome
from routing.rulebook import Rulebook
from routing.worklists.ladder import instant, ladder_of, party, still_to_come
from tests.worklists.opened import HandClock, opened
from tests.worklists.telling import DAY
from tests.worklists.timed import HEAD, RULES, TAIL, book, events, scan, steps, told

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
STROKE = """
rule "Chase" when modality includes CT
  due within 100 minutes
  notify board
  escalate to mr after 20 minutes until claimed
  notify lead after 50 percent
  escalate to pool when overdue
"""
PRELIMINARY = """
rule "Chase" when modality includes CT
  due within 100 minutes
  preliminary due within 30 minutes
  escalate to pool when overdue
"""

escalations = st.builds(
    lambda to, kind, amount, until: Escalation(
        to=to if to != "lead" else None,
        notify="lead" if to == "lead" else None,
        after_minutes=amount if kind == 0 else None,
        after_percent=min(amount, 100) if kind == 1 else None,
        when="overdue" if kind == 2 else None,
        until=until,
    ),
    st.sampled_from(["mr", "pool", "general", "lead"]),
    st.integers(0, 2),
    st.integers(1, 300),
    st.sampled_from([None, "claimed"]),
)


def decided(steps: tuple[Escalation, ...]) -> Decision:
    return Decision(
        outcome=Outcome.ROUTED, worklist="ct", priority="stat", escalations=steps, rulebook="x", clock_at=NOON
    )


@given(st.lists(escalations, max_size=6), st.integers(-60, 600), st.booleans())
def test_a_ladder_is_in_order_of_time_never_before_it_begins_and_each_party_once(
    chain: list[Escalation], due: int, draft: bool
) -> None:
    """The law of every ladder, whatever its steps and however late it begins."""
    due_at = NOON + timedelta(minutes=due)
    found = ladder_of(decided(tuple(chain)), NOON, due_at=due_at, preliminary_due_at=due_at - timedelta(minutes=5))
    left = still_to_come(found, (), draft=draft)

    assert all(instant(one) <= instant(other) for one, other in pairwise(left))
    assert all(instant(step) >= NOON for step in left)
    assert len({party(step) for step in left}) == len(left)
    assert still_to_come(left, left, draft=draft) == []
    assert not (draft and any(step.get("of") for step in left))


@given(st.lists(escalations, max_size=6), st.integers(1, 600), st.integers(0, 300))
def test_an_earlier_due_makes_no_step_later(chain: list[Escalation], due: int, less: int) -> None:
    """A due that moves earlier moves the ladder with it, and only forward (I7)."""
    late = ladder_of(decided(tuple(chain)), NOON, due_at=NOON + timedelta(minutes=due))
    early = ladder_of(decided(tuple(chain)), NOON, due_at=NOON + timedelta(minutes=max(0, due - less)))

    assert all(instant(one) <= instant(other) for one, other in zip(early, late, strict=True))


def test_an_item_that_nobody_claims_climbs_its_ladder() -> None:
    """Statement 75 against a store: one list after another, and channels told, at the instants that were said."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock)
        seen = []
        for minute in (0, 19, 20, 49, 50, 99, 100, 500):
            clock.move_to(minute)
            seen.append(worklists.page().lines[0].worklist)

        assert seen == ["ct", "ct", "mr", "mr", "mr", "mr", "pool", "pool"]
        assert steps(worklists, item) == [("mr", "20"), ("lead", "50"), ("pool", "100")]
        assert told(worklists) == [
            ("board", "opened"),
            ("mr", "escalated"),
            ("lead", "escalated"),
            ("pool", "escalated"),
        ]
        assert not worklists.verify().findings


def test_after_downtime_every_step_is_caught_up_with_the_instant_at_which_it_was_due() -> None:
    """Downtime leaves out no step; the journal says when each was due and when it was taken."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(60 * 24 * 3)
        done = worklists.tick()

        assert steps(worklists, item) == [("mr", "20"), ("lead", "50"), ("pool", "100")]
        assert done.escalated == 3
        assert worklists.tick().escalated == 0
        assert worklists.store.item(item).wake_at is None


def test_a_claimed_item_is_told_of_and_moved_only_when_it_is_given_back() -> None:
    """Nothing is taken from under a reader's hands; a step `until claimed` waits for the claim to end."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(10)
        claim = worklists.claim(item, "lee", lease=timedelta(hours=3))
        clock.move_to(110)
        held = worklists.page().lines[0]

        assert (held.worklist, held.holder) == ("ct", "lee")
        assert steps(worklists, item) == [("lead", "50"), ("pool", "100")]
        assert ("pool", "escalated") in told(worklists)
        worklists.release(claim)
        assert worklists.page().lines[0].worklist in {"pool", "mr"}
        assert sorted(name for name, _ in steps(worklists, item)) == ["lead", "mr", "pool"]
        assert not worklists.verify().findings


def test_a_ladder_goes_on_when_the_lease_is_over() -> None:
    """A reader who has gone home is nobody."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(10)
        worklists.claim(item, "lee", lease=timedelta(minutes=30))
        clock.move_to(39)
        assert worklists.page().lines[0].worklist == "ct"
        clock.move_to(40)

        assert worklists.page().lines[0].worklist == "mr"
        assert steps(worklists, item) == [("mr", "20")]


def test_an_escalated_item_stays_where_it_was_escalated_to() -> None:
    """News that decides the same list again does not take it back; news that decides another one moves it."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(25)
        scan(worklists, clock, indication="now with words")
        stays = worklists.store.item(item).worklist
        scan(worklists, clock, modality="US", indication="other")
        scan(worklists, clock, modality="US", indication="again")

        assert stays == "mr"
        assert worklists.store.item(item).worklist == "general"


def test_a_preliminary_due_escalates_too_and_a_preliminary_report_ends_that() -> None:
    """Two due times on one item: each is chased, and only its own report ends the chase."""
    clock = HandClock(0)
    with opened(clock, book(PRELIMINARY)) as worklists:
        late = scan(worklists, clock, "A1")
        drafted = scan(worklists, clock, "A2")
        clock.move_to(20)
        worklists.report(drafted, "preliminary", "P1", "lee")
        clock.move_to(200)
        worklists.tick()

        assert [minute for _, minute in steps(worklists, late)] == ["30"]
        assert [minute for _, minute in steps(worklists, drafted)] == ["100"]


def test_a_due_that_moves_earlier_takes_its_ladder_with_it() -> None:
    """The steps are reckoned anew from the due as it then stands."""
    clock = HandClock(0)
    with opened(clock, book(STROKE + 'rule "Now" when priority_requested is STAT due within 40 minutes')) as worklists:
        item = scan(worklists, clock)
        clock.move_to(5)
        scan(worklists, clock, priority_requested="STAT")
        clock.move_to(300)
        worklists.tick()

        assert steps(worklists, item) == [("mr", "20"), ("lead", "22.5"), ("pool", "45")]


def test_what_was_ordered_and_is_not_here_climbs_no_ladder() -> None:
    """Nobody can read it before it is done; it begins to wait with its images."""
    clock = HandClock(0)
    with opened(clock, book(STROKE)) as worklists:
        item = scan(worklists, clock, image_count=0)
        clock.move_to(500)
        worklists.tick()
        before = steps(worklists, item)
        scan(worklists, clock, image_count=3, exam_end=clock.now)
        clock.move_to(521)
        worklists.tick()

        assert before == []
        assert steps(worklists, item) == [("mr", "520")]


def test_a_held_item_becomes_free_by_news_by_its_ceiling_or_by_its_due() -> None:
    """I8: what is held is free again when its images are complete, at the latest at the ceiling, never past the due."""
    rules = """
rule "Wait" when modality includes CT
  due within 50 minutes
  hold at most 30 minutes until images_complete
  escalate to pool after 10 minutes
rule "Wait longer" when modality includes MR due within 20 minutes
  hold at most 30 minutes until images_complete
"""
    clock = HandClock(0)
    with opened(clock, book(rules)) as worklists:
        by_news, by_time = scan(worklists, clock, "A1"), scan(worklists, clock, "A2")
        by_due = scan(worklists, clock, "A3", modality="MR")
        items = (by_news, by_time, by_due)
        states = []
        for minute in (5, 9, 19, 21, 29, 30):
            clock.move_to(minute)
            if minute == 9:
                scan(worklists, clock, "A1", images_complete=True, exam_end=DAY)
            worklists.tick()
            states.append("".join(worklists.store.item(item).state.value[0] for item in items))

        assert states == ["hhh", "whh", "whh", "whw", "whw", "www"]
        assert steps(worklists, by_time) == [("pool", "10")]
        assert all(worklists.store.item(item).wake_at is None for item in items)


def test_what_needs_a_person_climbs_the_ladder_of_the_exceptions_list() -> None:
    """An input that nobody could read is chased as its list says, though it belongs to no procedure."""
    text = HEAD.replace("due within 1 hour", "due within 1 hour escalate to pool when overdue") + RULES + TAIL
    clock = HandClock(0)
    with opened(clock, Rulebook.loads(text)) as worklists:
        worklists.receive(b"nonsense")
        clock.move_to(59)
        before = worklists.page().lines[0].worklist
        clock.move_to(61)

        assert (before, worklists.page().lines[0].worklist) == ("attention", "pool")
        assert events(worklists, worklists.page().lines[0].item).count("escalate") == 1
