"""What every store answers about what is open."""

from __future__ import annotations

from typing import Final

import pytest

from routing.errors import StoreRefused, TransitionRefused
from routing.states import Event, State
from routing.store.protocol import Store
from routing.testing.given import Given
from routing.testing.invented import BOOK, HOUR, NOW, OTHER_BOOK, accept, in_state, move

_REFUSED: Final = (StoreRefused, TransitionRefused)


class Pages(Given):
    """Pages, claims, counts."""

    def test_a_page_is_sorted_and_can_be_continued(self, store: Store) -> None:
        """Priority, then due with none last, then age."""
        with store.writing(NOW) as tx:
            late = accept(tx, "A-1", rank=1, due_at=NOW + 9 * HOUR)
            never = accept(tx, "A-2", rank=1, due_at=None, worklist="chest")
            soon = accept(tx, "A-3", rank=1, due_at=NOW + HOUR, worklist="chest")
            urgent = accept(tx, "A-4", rank=0, due_at=None)
            move(tx, accept(tx, "A-5", rank=0), Event.FINAL_REPORT)
            claimed = move(tx, accept(tx, "A-6", rank=0, worklist="on_call"), Event.CLAIM)

        assert [item.id for item in store.page(None, None)] == [claimed.id, urgent.id, soon.id, late.id, never.id]
        assert store.page(["neuro", "chest"], 2) == (urgent, soon)
        assert store.page(["chest", "neuro", "chest"], 2, after=soon) == (late, never)
        assert store.page([], 5) == ()

    def test_claimed_items_are_listed_and_free_again_when_the_lease_is_over(self, store: Store) -> None:
        """N9 and N11: no background thread; what a lease means is computed when it is read."""
        with store.writing(NOW) as tx:
            item = move(tx, accept(tx, "A-1"), Event.CLAIM)

        assert store.page(["neuro"], 9) == (item,)
        assert tuple(store.candidates(["neuro"], 9, NOW)) == ()
        assert tuple(store.candidates(["neuro"], 9, NOW + HOUR)) == (item,) == store.lapsed(NOW + HOUR, 9)
        assert store.held_by("lee") == (item,)
        with store.writing(NOW + HOUR) as tx:
            assert tuple(tx.candidates(["neuro"], 9, tx.now)) == (item,)

    def test_a_claim_is_not_taken_before_its_lease_is_over(self, store: Store) -> None:
        """N10: the store's clock decides, and the token rises by one with each claim."""
        with store.writing(NOW) as tx:
            item = move(tx, accept(tx, "A-1"), Event.CLAIM)
        with pytest.raises(_REFUSED), store.writing(NOW) as tx:
            move(tx, item, Event.SEIZE, holder="kim")
        with store.writing(NOW + HOUR) as tx:
            seized = move(tx, item, Event.SEIZE, holder="kim")

        assert (seized.holder, seized.token) == ("kim", item.token + 1)

    def test_what_to_look_at_again_is_found_by_its_time(self, store: Store) -> None:
        """A hold has a ceiling, and an overdue item is found at once."""
        with store.writing(NOW) as tx:
            held = accept(tx, "A-1", state=State.HELD)
            accept(tx, "A-2", due_at=None)

        assert store.awake(NOW + HOUR, 9) == (held,)
        assert store.awake(NOW, 9) == ()
        assert store.overdue(NOW + 5 * HOUR, 9) == (held,)

    def test_overdue_work_is_found_list_by_list_unless_somebody_has_it(self, store: Store) -> None:
        """What is in a reader's hands is not offered to another."""
        with store.writing(NOW) as tx:
            late = accept(tx, "A-1", due_at=NOW + 2 * HOUR)
            later = accept(tx, "A-2", due_at=NOW + 3 * HOUR, worklist="chest")
            move(tx, accept(tx, "A-3", due_at=NOW + HOUR), Event.CLAIM, lease_until=NOW + 9 * HOUR)
            accept(tx, "A-4", due_at=NOW + HOUR, worklist="on_call")
            accept(tx, "A-5", due_at=None)

        assert store.overdue_in(["chest", "neuro", "chest"], 9, NOW + 4 * HOUR) == (late, later)
        assert store.overdue_in(["chest", "neuro"], 1, NOW + 4 * HOUR) == (late,)
        assert store.overdue_in([], 9, NOW + 4 * HOUR) == ()

    def test_overdue_work_is_counted_and_the_oldest_of_a_list_are_named(self, store: Store) -> None:
        """In all, and how much of it nobody has in hand; what cannot be read yet is no reader's oldest."""
        with store.writing(NOW) as tx:
            first = accept(tx, "A-1", due_at=NOW + HOUR, opened_at=NOW - HOUR)
            held = move(tx, accept(tx, "A-2", due_at=NOW + HOUR), Event.CLAIM, lease_until=NOW + 9 * HOUR)
            accept(tx, "A-3", state=State.EXPECTED, due_at=None)
            accept(tx, "A-4", due_at=NOW + 9 * HOUR, worklist="chest")

        assert store.overdue_counts(NOW + 2 * HOUR) == {"neuro": (2, 1)}
        assert store.overdue_counts(NOW) == {}
        assert store.aged("neuro", 9) == (first, held)
        assert store.aged("neuro", 9, after=first) == (held,)
        assert store.aged("neuro", 1) == (first,)

    @pytest.mark.parametrize("name", ["lee", 'l"ee', "le\u00e9", "l\\ee"])
    def test_what_asks_a_reader_is_found_by_the_whole_name(self, store: Store, name: str) -> None:
        """A name that begins alike is another reader's."""
        with store.writing(NOW) as tx:
            asked = accept(tx, "A-1", details={"asked": name})
            accept(tx, "A-2", details={"asked": f"{name}x"})
            accept(tx, "A-3", details={"tags": [name]})
            move(tx, accept(tx, "A-4", details={"asked": name}), Event.FINAL_REPORT)

        assert store.asked_of(name, 9) == (asked,)
        assert store.asked_of("nobody", 9) == ()
        assert store.asked_of_any(["nobody", name, name], 9) == (asked,)
        assert [item.id for item in store.asked_of_any([f"{name}x", name], 9)] == [asked.id, asked.id + 1]
        assert store.asked_of_any([f"{name}x", name], 1) == (asked,)
        assert store.asked_of_any([], 9) == ()

    @pytest.mark.parametrize("name", ["lee", 'l"ee', "le\u00e9", "l\\ee"])
    def test_what_a_reader_has_not_read_is_found_by_the_whole_name(self, store: Store, name: str) -> None:
        """Also where it is discharged; once the name is gone from it, it is no longer found."""
        with store.writing(NOW) as tx:
            mine = move(tx, accept(tx, "A-1", details={"unread_by": name}), Event.FINAL_REPORT)
            accept(tx, "A-2", details={"unread_by": f"{name}x"})
            accept(tx, "A-3", details={"asked": name})
            read = accept(tx, "A-4", details={"unread_by": name})
            move(tx, read, Event.NOTE, details={"reason": "read"})

        assert store.unread_by(name, 9) == (mine,)
        assert store.unread_by("nobody", 9) == ()

    def test_counts_add_up_and_name_the_oldest(self, store: Store) -> None:
        """N16: accepted = open + reported + closed + superseded."""
        with store.writing(NOW) as tx:
            accept(tx, "A-1")
            in_state(tx, "A-2", State.REPORTED)
        with store.writing(NOW + HOUR) as tx:
            accept(tx, "A-3")

        found = {(row.worklist, row.state): (row.count, row.oldest) for row in store.counts()}

        assert found == {("neuro", State.WAITING): (2, NOW), ("neuro", State.REPORTED): (1, None)}

    def test_backlog_is_counted_by_list_and_the_oldest_is_found(self, store: Store) -> None:
        """I20: what is late, what of it nobody has in hand, and what has waited longest on a list."""
        with store.writing(NOW) as tx:
            first = accept(tx, "A-1", due_at=NOW + HOUR)
            held = move(tx, accept(tx, "A-2", due_at=NOW + HOUR), Event.CLAIM, lease_until=NOW + 2 * HOUR)
            accept(tx, "A-3", due_at=NOW + HOUR, worklist="chest", state=State.HELD)
            accept(tx, "A-4", due_at=NOW + 3 * HOUR, worklist="chest")
            move(tx, accept(tx, "A-5", due_at=NOW), Event.FINAL_REPORT)
        with store.writing(NOW + HOUR / 2) as tx:
            late = accept(tx, "A-6", rank=0, due_at=None)

        assert dict(store.overdue_counts(NOW)) == {}
        assert dict(store.overdue_counts(NOW + HOUR)) == {"chest": (1, 1), "neuro": (2, 1)}
        assert dict(store.overdue_counts(NOW + 2 * HOUR)) == {"chest": (1, 1), "neuro": (2, 2)}
        assert store.aged("neuro", 2) == (first, held)
        assert store.aged("neuro", 9, after=held) == (late,)

    def test_the_rulebooks_that_were_active_are_told_newest_first(self, store: Store) -> None:
        """Who made which one the active one, why, and when."""
        with store.writing(NOW + HOUR) as tx:
            tx.activate(OTHER_BOOK, actor="eve", reason="new rules")
            tx.activate(BOOK, actor="eve", reason="back")

        found = store.activations(2)
        assert [(one.fingerprint, one.actor, one.reason, one.at) for one in found] == [
            (BOOK, "eve", "back", NOW + HOUR),
            (OTHER_BOOK, "eve", "new rules", NOW + HOUR),
        ]
        assert store.activations(1) == found[:1]
