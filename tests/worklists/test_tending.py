"""Time: looked at often, once, late, or broken off anywhere, the same has happened; and nothing has left its list."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.sources.news import News
from routing.worklists import Worklists
from routing.worklists.ladder import party
from routing.worklists.tending import is_needed, tend
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.telling import DAY, adt, at, image, keys, order, report
from tests.worklists.ticking import LATE
from tests.worklists.timed import book, scan

BOOK = """
rule "Chase" when modality includes CT
  due within 100 minutes
  preliminary due within 45 minutes
  escalate to mr after 20 minutes until claimed
  notify lead after 50 percent
  escalate to pool when overdue
rule "Hold" when modality includes MR
  due within 3 hours
  hold at most 70 minutes until images_complete
  escalate to pool after 90 percent
watch "Old" each item when waiting over 40 minutes raise priority notify board
watch "Tight" each item when time_left under 30 minutes until time_left over 1 hour due within 5 minutes
watch "Late" each item on general when overdue move to pool
watch "Full" when items on pool over 1 until items on pool under 1 notify registrar
watch "Stale" when oldest on mr over 25 minutes notify registrar
watch "Noon" at 12:00 each item when overdue priority stat notify lead
watch "Round" at 10:30 when items on mr over 0 notify lead
"""

acts = st.lists(
    st.tuples(
        st.integers(0, 500),
        st.sampled_from(
            [
                "scan",
                "order",
                "claim",
                "release",
                "report",
                "draft",
                "tick",
                "page",
                "words",
                "opinion",
                "answer",
                "word",
            ]
        ),
        st.integers(0, 3),
        st.sampled_from(["CT", "MR", "US"]),
    ),
    max_size=14,
)


ANSWERED = [  # two answers that nobody reads, and a report of what never comes
    (0, "scan", 0, "US"),
    (0, "scan", 1, "CT"),
    (1, "opinion", 0, "US"),
    (5, "answer", 0, "US"),
    (6, "report", 0, "US"),
    (7, "opinion", 1, "CT"),
    (8, "answer", 0, "CT"),
    (9, "word", 3, "CT"),
]


def do(worklists: Worklists, clock: HandClock, act: tuple[int, str, int, str]) -> None:
    """Let one thing happen at its minute; what is refused does not happen."""
    _, what, which, modality = act
    accession = f"A{which}"
    try:
        match what:
            case "scan":
                scan(worklists, clock, accession, modality=modality)
            case "order":
                scan(worklists, clock, accession, modality=modality, image_count=0)
            case "words":
                scan(worklists, clock, accession, modality=modality, indication=f"{clock.now}")
            case "word":  # a report, perhaps of what is not here yet
                receive(worklists, report(key=keys(accession), said=0))
            case "tick":
                worklists.tick()
            case "page":
                worklists.page()
            case _:
                by_a_reader(worklists, what, which, f"{clock.now}")
    except Exception as refused:
        if type(refused).__module__ != "routing.errors":
            raise


def by_a_reader(worklists: Worklists, what: str, which: int, now: str) -> None:
    """Let a reader do one thing."""
    if what == "answer":
        opinions = [line.item for line in worklists.page(limit=None) if line.kind == "opinion"]
        worklists.report(opinions[which % len(opinions)] if opinions else 0, "final", f"O{now}", "kim")
        return
    item = worklists.item_named(f"A{which}")
    match what:
        case "claim":
            worklists.claim(item, "lee", lease=timedelta(minutes=35))
        case "release":
            worklists.release(item, "lee")
        case "report" | "draft":
            worklists.report(item, "final" if what == "report" else "preliminary", f"R{now}", "lee")
        case "opinion":
            worklists.ask_opinion(item, by="lee", question="?", due=timedelta(hours=1))


def standing(worklists: Worklists) -> dict[str, Any]:
    """Return how everything stands, and what has been told and done, without the instants of writing."""
    items = [line.item for line in worklists.page(limit=None)]
    rows = {}
    for item in items:
        now = worklists.store.item(item)
        lasting = [
            (row.event.value, row.body.get("due"), row.worklist, row.priority, str(row.due_at))
            for row in worklists.store.history(item)
            if row.event.value == "escalate" or "watch" in row.body
        ]
        details = {name: now.details.get(name) for name in ("ladder", "fired", "watched", "moving", "since")}
        rows[item] = (now.state, now.worklist, now.priority, now.due_at, now.wake_at, now.holder, details, lasting)
    told = [(one.target, one.payload["kind"], one.payload["at"]) for one in worklists.store.notices(10_000)]
    return {"items": rows, "told": told}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(acts, st.lists(st.integers(0, 2400), max_size=12))
@example(ANSWERED, [900, 1446, 1447, 1500, 2000])
def test_many_ticks_and_one_give_the_same(happening: list[tuple[int, str, int, str]], looks: list[int]) -> None:
    """`tick(now)` and evaluation on access give the same result, whenever anybody looked before (I2)."""
    ends = []
    for extra in ([], looks):
        clock = HandClock(0)
        with opened(clock, book(BOOK)) as worklists:
            todo = [(act[0], 1, act) for act in happening] + [(minute, 0, None) for minute in extra]
            for minute, _, act in sorted(todo, key=lambda one: one[:2]):
                clock.move_to(minute)
                if act is None:
                    worklists.tick()
                else:
                    do(worklists, clock, act)
            clock.move_to(2500)  # an answer that nobody reads is told of after a day
            worklists.tick()
            ends.append(standing(worklists))
            assert not worklists.verify().findings
    assert ends[0] == ends[1]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(acts, st.integers(500, 50_000))
def test_time_alone_removes_nothing_and_makes_nothing_later_or_less_urgent(
    happening: list[tuple[int, str, int, str]], later: int
) -> None:
    """I2, I7: only urgency, list and escalation differ after any time; a due is only ever earlier."""
    clock = HandClock(0)
    with opened(clock, book(BOOK)) as worklists:
        for act in sorted(happening):
            clock.move_to(act[0])
            do(worklists, clock, act)
        before = {line.item: worklists.store.item(line.item) for line in worklists.page(limit=None)}
        clock.move_to(later)
        worklists.tick()
        after = {line.item: worklists.store.item(line.item) for line in worklists.page(limit=None)}

        # What time adds is a report whose images never came, for a person.
        assert before.keys() <= after.keys()
        for number, item in before.items():
            assert after[number].rank <= item.rank
            if item.due_at is not None:
                assert after[number].due_at is not None
                assert after[number].due_at <= item.due_at  # type: ignore[operator]


class Killed(Exception):
    """The process ended here."""


@contextmanager
def killed_after(worklists: Worklists, writes: int) -> Iterator[None]:
    """Let the process end at the nth thing that is written."""
    store = worklists.store
    real, left = store.writing, [writes]

    @contextmanager
    def writing(instant: datetime) -> Iterator[Any]:
        with real(instant) as tx:
            move, notify = tx.move, tx.notify

            def counted(call: Any) -> Any:
                def counting(*said: Any, **named: Any) -> Any:
                    left[0] -= 1
                    if left[0] < 0:
                        raise Killed
                    return call(*said, **named)

                return counting

            tx.move, tx.notify = counted(move), counted(notify)
            yield tx

    store.writing = writing  # type: ignore[method-assign]
    try:
        yield
    except Killed:
        pass
    finally:
        del store.writing


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_a_tick_that_is_broken_off_anywhere_is_made_up_for(cuts: list[int]) -> None:
    """Nothing is done twice, and nothing is left out."""
    ends = []
    for stops in ([], cuts):
        clock = HandClock(0)
        with opened(clock, book(BOOK)) as worklists:
            for number in range(6):
                scan(worklists, clock, f"A{number}", modality=["CT", "MR", "US"][number % 3])
            clock.move_to(700)
            for stop in stops:
                with killed_after(worklists, stop):
                    worklists.tick()
            worklists.tick()
            ends.append(standing(worklists))
    assert ends[0] == ends[1]


@pytest.mark.slow
def test_what_is_worked_off_in_small_parts_ends_as_in_one() -> None:
    """A tick works in transactions of bounded size, in the order of time over all of them."""
    ends = []
    for batch in (1, 2, 3, 500):
        clock = HandClock(0)
        with opened(clock, book(BOOK)) as worklists:
            for number in range(7):
                clock.move_to(number)
                scan(worklists, clock, f"A{number}", modality=["CT", "MR", "US"][number % 3])
            clock.move_to(900)
            parts = 0
            more = True
            while more:
                with worklists._writing(clock.now, looks=False) as tx:
                    more = tend(tx, worklists._judge, worklists._hold, batch=batch).more
                parts += 1
            ends.append(standing(worklists))
            assert batch > 3 or parts > 2
    for end in ends[1:]:
        assert end == ends[0]


def test_a_tick_with_nothing_to_do_writes_nothing_of_any_item() -> None:
    """However often it is called."""
    clock = HandClock(0)
    with opened(clock, book(BOOK)) as worklists:
        item = scan(worklists, clock)
        clock.move_to(900)
        worklists.tick()
        before = worklists.store.item(item).version
        for _ in range(3):
            worklists.tick()

        assert worklists.store.item(item).version == before


def test_a_note_of_what_became_part_of_another_wakes_the_store_once() -> None:
    """The report was parked under a number of its own, and joined its images; its time comes, and is over."""
    clock = HandClock(0)
    with opened(clock) as worklists:
        receive(worklists, report(key=keys(None, filler_number="F1")))
        receive(worklists, image(key=keys(None, study_uid="U1")))
        receive(worklists, order(20, key=keys(filler_number="F1", study_uid="U1")))
        assert worklists.status("A1").final
        clock.move_to(20_000)
        assert is_needed(worklists.store, clock.now)
        worklists.tick()

        assert not is_needed(worklists.store, clock.now)
        assert worklists.counts().open == 0


def test_an_answer_about_what_became_part_of_another_is_not_forgotten() -> None:
    """It is told of in time, also where its procedure has given way meanwhile."""
    clock = HandClock(0)
    with opened(clock) as worklists:
        receive(worklists, order(key=keys(filler_number="F1")))
        receive(worklists, image(key=keys(None, study_uid="U1")))
        first = next(line.item for line in worklists.page() if line.study_uid == ("U1",))
        opinion = worklists.ask_opinion(first, by="lee", question="?").item
        worklists.report(opinion, "final", "O1", "kim")
        receive(worklists, order(20, key=keys(filler_number="F1", study_uid="U1")))
        assert worklists.store.item(first).state.value == "superseded"
        for minute in (1000, 2000, 20_000):
            clock.move_to(minute)
            worklists.tick()

        assert [one.payload["kind"] for one in worklists.notices(99)].count("answer_unread") == 1
        assert [line.item for line in worklists.page(reader="lee").unread] == [opinion]
        assert not is_needed(worklists.store, clock.now)
        worklists.acknowledge(opinion, by="lee")
        assert worklists.page(reader="lee").unread == ()
        assert not worklists.verify().findings


@pytest.mark.slow
def test_a_large_backlog_is_worked_off_in_bounded_transactions() -> None:
    """What woke at once is worked off part by part: no transaction holds the store for all of it."""
    clock = HandClock(0)
    with opened(clock, book(BOOK)) as worklists:
        worklists.receive_all(
            [
                {"accession": f"A{number}", "modality": "CT", "exam_end": at(0), "image_count": 1}
                for number in range(1200)
            ]
        )
        clock.move_to(30)
        done = worklists.tick()

        assert done.escalated == 2400
        assert not done.more
        assert {line.worklist for line in worklists.page(limit=None)} == {"mr"}
        assert clock.now > DAY


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.05, 0.2, 0.5])
def test_a_process_killed_in_a_tick_leaves_nothing_half_done(tmp_path: Path, after: float) -> None:
    """What was committed is done and the rest is done by the next tick: each step once, whenever the kill came."""
    path = tmp_path / "w.db"
    ladder = 'rule "Chase" when modality includes CT escalate to pool after 20 minutes\n'
    with Worklists.open(path, book(ladder), clock=HandClock(0)) as worklists:
        worklists.receive_all([{"accession": f"A{one}", "modality": "CT", "image_count": 1} for one in range(1500)])
    command = [sys.executable, "-m", "tests.worklists.ticking", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)
        process.kill()
    with Worklists.open(path, clock=HandClock(LATE)) as worklists:
        worklists.tick()
        found = [line.item for line in worklists.page(limit=None)]

        assert {line.worklist for line in worklists.page(limit=None)} == {"pool"}
        events = [[row.event.value for row in worklists.store.history(item)] for item in found]
        assert all(one.count("escalate") == 1 for one in events)
        assert len(worklists.notices(10_000)) == len(found) == 1500
        assert not worklists.verify().findings


updates = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "priority_requested": st.sampled_from(["STAT", "HIGH", "MEDIUM", "ROUTINE"]),
            "patient_class": st.sampled_from(["emergency", "inpatient", "outpatient"]),
            "modality": st.sampled_from(["CT", "MR", "US"]),
            "indication": st.sampled_from(["pain", "fall"]),
        },
    ),
    min_size=1,
    max_size=6,
)
TARGETS = """
rule "Emergency" when patient_class is emergency route to pool due within 1 hour priority urgent
rule "Ward" when patient_class is inpatient due within 6 hours
rule "Falls" when indication mentions "fall" due within 30 minutes raise priority
"""


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(updates, st.lists(st.integers(0, 400), min_size=6, max_size=6))
def test_whatever_news_comes_a_due_is_never_later_and_a_priority_never_lower(
    news: list[dict[str, str]], minutes: list[int]
) -> None:
    """I7: from ED to the ward to home, the item keeps the earliest due and the highest priority that it ever had."""
    clock = HandClock(0)
    with opened(clock, book(TARGETS + BOOK)) as worklists:
        item = scan(worklists, clock)
        for said, minute in zip(news, sorted(minutes), strict=False):
            clock.move_to(minute)
            before = worklists.store.item(item)
            scan(worklists, clock, exam_end=at(0), **said)
            after = worklists.store.item(item)

            assert after.rank <= before.rank
            assert after.due_at is not None
            assert before.due_at is not None
            assert after.due_at <= before.due_at
        assert not worklists.verify().findings


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.permutations([order(), image("1"), image("2"), adt(20, patient_class="inpatient")]), st.integers(0, 3))
def test_whatever_order_news_came_in_time_ends_the_same(news: list[News], again: int) -> None:
    """I17: permutations and duplicates climb the same ladder to the same list."""
    ends = []
    for told_so in ([order(), image("1"), image("2"), adt(20, patient_class="inpatient")], [*news, news[again]]):
        clock = HandClock(100)
        with opened(clock, book(TARGETS + BOOK)) as worklists:
            for minute, one in enumerate(told_so, start=100):
                clock.move_to(minute)
                receive(worklists, one)
            clock.move_to(2000)
            worklists.tick()
            ends.append(
                [
                    (line.kind, line.state, line.worklist, line.priority, details["fired"])
                    for line in worklists.page(limit=None)
                    for details in [worklists.store.item(line.item).details]
                ]
            )
    assert [one[:4] for one in ends[0]] == [one[:4] for one in ends[1]]
    assert [{party(step) for step in one[4]} for one in ends[0]] == [
        {party(step) for step in one[4]} for one in ends[1]
    ]
