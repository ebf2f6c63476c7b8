"""Nothing starves: how long an item can be passed over is bounded, whatever else keeps coming (I10)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.states import Kind, State
from routing.store.records import Item
from routing.worklists.turns import target, turn
from tests.worklists.opened import HandClock
from tests.worklists.reading_room import department, scan
from tests.worklists.telling import at

READING = 5  # minutes that one reading takes
arrivals = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3), st.one_of(st.none(), st.integers(1, 240))), min_size=2, max_size=60
)


def waiting(number: int, opened: float, rank: int, within: int | None) -> Item:
    """Return an item that waits."""
    return Item(
        id=number,
        procedure=number,
        kind=Kind.REPORT,
        state=State.WAITING,
        worklist="ct",
        priority=str(rank),
        rank=rank,
        due_at=at(opened + within) if within is not None else None,
        preliminary_due_at=None,
        wake_at=None,
        holder=None,
        token=0,
        lease_until=None,
        draft=False,
        successor=None,
        opened_at=at(opened),
        rulebook="",
        details={},
        version=1,
        head="",
    )


def read_all(items: list[Item]) -> dict[int, datetime]:
    """Return when each item is taken by one reader who takes whose turn it is, one after another."""
    taken: dict[int, datetime] = {}
    now = at(0)
    while len(taken) < len(items):
        here = [item for item in items if item.id not in taken and item.opened_at <= now]
        if not here:
            now = min(item.opened_at for item in items if item.id not in taken)
            continue
        taken[min(here, key=lambda item: turn(item, now)).id] = now
        now += timedelta(minutes=READING)
    return taken


@settings(max_examples=300, deadline=None)
@given(arrivals)
def test_no_item_waits_past_its_bound(arrived: list[tuple[int, int, int | None]]) -> None:
    """A target for each step, one more, and then only for what was due before it: whatever comes later waits."""
    opened, items = 0.0, []
    for number, (gap, rank, within) in enumerate(arrived, start=1):
        opened += gap
        items.append(waiting(number, opened, rank, within))
    taken = read_all(items)
    for item in items:
        if item.due_at is None:
            continue
        highest = item.due_at + item.rank * target(item)
        before = [one for one in items if one.due_at is not None and one.due_at <= item.due_at and one.id != item.id]
        # One reading may be under way when it comes to the top.
        assert taken[item.id] <= highest + timedelta(minutes=READING) * (len(before) + 1)


@given(st.integers(0, 3), st.integers(1, 500), st.integers(0, 3000), st.integers(0, 3000))
def test_a_turn_only_comes_nearer(rank: int, within: int, one: int, other: int) -> None:
    """An item that is ahead of another stays ahead of what begins later with the same target and priority."""
    item = waiting(1, 0, rank, within)
    early, late = sorted((one, other))

    assert turn(item, at(late)) <= turn(item, at(early))
    assert turn(item, at(late)) < turn(waiting(2, early + 1, rank, within), at(late))


@pytest.mark.slow
def test_a_routine_scan_is_read_though_urgent_ones_keep_every_reader_busy() -> None:
    """In a store: a scan an hour is more than one reader can do at forty minutes each only by letting others wait."""
    clock = HandClock(0)
    with department(clock) as worklists:
        (routine,) = scan(worklists, "routine", minutes=0)
        taken = None
        for hour in range(1, 40):
            for number in range(2):
                scan(worklists, f"A{hour}.{number}", minutes=(hour - 1) * 60, priority_requested="STAT")
            clock.move_to(hour * 60)
            claim = worklists.claim_next(reader="lee")
            assert claim is not None
            worklists.report(claim, "final", f"R{hour}")
            if claim.item_id == routine.item:
                taken = hour
                break

        # Four hours to its due, three steps of four hours, and those that were due before it was.
        assert taken is not None
        assert taken <= 4 + 3 * 4 + 1
