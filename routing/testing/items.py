"""What every store does with items: exactly the listed events move them."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import pytest

from routing.errors import StaleClaim, StoreRefused, TransitionRefused
from routing.states import DISCHARGED, TRANSITIONS, Event, Kind, State
from routing.store.protocol import Store, Writing
from routing.store.records import (
    Item,
    Move,
    Opening,
)
from routing.testing.given import Given
from routing.testing.invented import BOOK, HOUR, NOW, OTHER_BOOK, accept, in_state, move

_REFUSED: Final = (StoreRefused, TransitionRefused)


class Items(Given):
    """Items: moved by the table alone, each with its history."""

    @pytest.mark.parametrize("event", Event)
    def test_exactly_the_listed_events_move_an_item(self, store: Store, event: Event) -> None:
        """For every (state, event, target); a refusal leaves the item as it was."""
        later = event in {Event.SEIZE, Event.LAPSE}
        with store.writing(NOW) as tx:
            pairs = list(product(State, State))
            items = [in_state(tx, f"A-{one.value}-{two.value}", one) for one, two in pairs]
        with store.writing(NOW + 2 * HOUR if later else NOW) as tx:
            for (source, target), item in zip(pairs, items, strict=True):
                after = _tried(tx, item, event, target)
                assert (after is not None) == _is_lawful(source, event, target), (source, event, target)
                assert after is None or after.state is target
                assert tx.item(item.id) == (after or item)

    def test_the_history_tells_everything_in_order_and_is_chained(self, store: Store) -> None:
        """N14: each row's hash covers the row before, and the item carries the newest."""
        with store.writing(NOW) as tx:
            item = move(tx, move(tx, accept(tx, "A-1"), Event.CLAIM), Event.FINAL_REPORT)

        history = store.history(item.id)

        assert [(row.n, row.event, row.source, row.target) for row in history] == [
            (1, Event.ACCEPT, None, State.WAITING),
            (2, Event.CLAIM, State.WAITING, State.CLAIMED),
            (3, Event.FINAL_REPORT, State.CLAIMED, State.REPORTED),
        ]
        assert history[-1].evidence is not None
        assert store.evidence(history[-1].evidence).status == "final"
        assert (item.holder, item.lease_until, item.token, item.head) == (None, None, 1, history[-1].hash)
        assert len({row.hash for row in history}) == len(history)

    def test_an_item_that_has_moved_on_is_not_moved_from_an_old_image(self, store: Store) -> None:
        """N13: whoever read it before somebody else's write is told so, and nothing is written."""
        with store.writing(NOW) as tx:
            old = accept(tx, "A-1")
            new = move(tx, old, Event.CLAIM)
        with pytest.raises(StaleClaim), store.writing(NOW) as tx:
            tx.move(old, Move(event=Event.NOTE, actor="lee"))

        assert store.item(old.id) == new

    @pytest.mark.parametrize(
        ("event", "changes", "reason"),
        [
            (Event.FINAL_REPORT, {}, "because"),
            (Event.CLOSE, {}, "because"),
            (Event.PASS, {"worklist": "chest"}, " "),
            (Event.ROUTE, {"due_at": NOW + 9 * HOUR}, None),
            (Event.ROUTE, {"due_at": None}, None),
            (Event.ROUTE, {"rank": 9}, None),
            (Event.ROUTE, {"worklist": "nowhere"}, None),
            (Event.NOTE, {"worklist": "chest"}, None),
            (Event.ADOPT, {"rulebook": OTHER_BOOK}, None),
        ],
    )
    def test_what_is_refused_leaves_the_item_alone(
        self, store: Store, event: Event, changes: dict[str, Any], reason: str | None
    ) -> None:
        """N7, I7, N12, N15: no discharge without evidence, nothing later or less urgent, no dead list."""
        with store.writing(NOW) as tx:
            item = accept(tx, "A-1")
        with pytest.raises(_REFUSED), store.writing(NOW) as tx:
            tx.move(item, Move(event=event, actor="lee", reason=reason, changes=changes))

        assert store.item(item.id) == item

    def test_only_a_resolve_item_may_be_about_no_procedure(self, store: Store) -> None:
        """Work that nothing names could never be found again."""
        opening = Opening(
            procedure=None, kind=Kind.REPORT, state=State.WAITING, worklist="neuro", priority="x", rank=0, rulebook=BOOK
        )
        with pytest.raises(StoreRefused), store.writing(NOW) as tx:
            tx.open(opening, actor="system")

    def test_details_stay_until_they_are_changed(self, store: Store) -> None:
        """What the decision says beyond the columns is kept with the item."""
        with store.writing(NOW) as tx:
            item = move(tx, accept(tx, "A-1", details={"tags": ["a", "\u00e4"]}), Event.NOTE)

        assert item.details == store.item(item.id).details == {"tags": ["a", "\u00e4"]}

    def test_a_reopened_item_has_its_original_clock(self, store: Store) -> None:
        """I14: withdrawal and reopening keep when it began and when it is due."""
        with store.writing(NOW) as tx:
            item = in_state(tx, "A-1", State.REPORTED)
        with store.writing(NOW + 9 * HOUR) as tx:
            back = move(tx, item, Event.WITHDRAW)

        assert (back.state, back.opened_at, back.due_at) == (State.WAITING, item.opened_at, item.due_at)


def _tried(tx: Writing, item: Item, event: Event, target: State) -> Item | None:
    """Return the item after the event, or None where code or database refused it."""
    changes: dict[str, Any] = {}
    if target is State.HELD and item.state is not State.HELD:
        changes["wake_at"] = NOW + HOUR
    try:
        with tx.part():
            if event is Event.SUPERSEDE:
                changes["successor"] = accept(tx, f"S-{item.id}").id
            return move(tx, item, event, to=target, **changes)
    except Exception:  # noqa: BLE001 - inside a transaction a refusal is what the driver makes of it
        return None


def _is_lawful(source: State, event: Event, target: State) -> bool:
    """Return what the table and a draft say: here a claimed item has none, so it does not end in `preliminary`."""
    if source is State.CLAIMED and target is State.PRELIMINARY:
        return event is Event.PRELIMINARY
    if source in DISCHARGED and event is Event.SUPERSEDE:
        return False
    return target in TRANSITIONS.get((source, event), ())
