"""What a transaction remembers of the items of a procedure is what the database says, whatever happened meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import StaleClaim, TransitionRefused
from routing.states import Event, Kind, State
from routing.store.reading import SqliteReading
from routing.store.records import Opening
from routing.store.sqlite import SqliteStore
from tests.store.building import BOOK, NOW, accept, move, new_store

_EVENTS = (Event.CLAIM, Event.PRELIMINARY, Event.FINAL_REPORT, Event.CLOSE, Event.NOTE)
_STEPS = st.lists(
    st.tuples(st.sampled_from(("open", *_EVENTS)), st.integers(0, 7), st.booleans(), st.booleans()), max_size=12
)


@pytest.mark.slow
@given(_STEPS)
@settings(max_examples=40, deadline=None)
def test_items_are_as_the_database_has_them_after_every_step_and_every_part_undone(
    steps: list[tuple[str | Event, int, bool, bool]],
) -> None:
    with TemporaryDirectory() as folder:
        store: SqliteStore = new_store(Path(folder))
        with store.writing(NOW) as tx:
            first, second = accept(tx, "A1"), accept(tx, "A2")
            read = sorted({first.procedure or 0, second.procedure or 0})
            for number, (what, which, asks, undone) in enumerate(steps):
                with suppress(TransitionRefused, StaleClaim, ZeroDivisionError), tx.part():
                    items = [one for procedure in read for one in SqliteReading.items_of(tx, procedure)]
                    item = items[which % len(items)]
                    if isinstance(what, Event):
                        move(tx, item, what, to=State.PRELIMINARY if what is Event.PRELIMINARY else None)
                    else:
                        opening = Opening(
                            procedure=item.procedure,
                            kind=Kind.RESOLVE,
                            worklist="neuro",
                            priority="routine",
                            rank=2,
                            rulebook=BOOK,
                            state=State.WAITING,
                            details={"reason": f"reason {number}"},
                        )
                        tx.open(opening, actor="system")
                    if undone:
                        raise ZeroDivisionError
                for procedure in read if asks else ():
                    for open_only in (False, True):
                        there = SqliteReading.items_of(tx, procedure, open_only=open_only)
                        assert tx.items_of(procedure, open_only=open_only) == there
        store.close()
