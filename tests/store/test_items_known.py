"""What a transaction remembers of the items of a procedure is what the database says, whatever happened meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import StaleClaim, TransitionRefused
from routing.states import Event, Kind, State
from routing.store.reading import SqliteReading
from routing.store.records import Opening
from routing.store.sqlite import SqliteStore
from routing.store.writing import SqliteWriting
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


_TEXTS = st.text(max_size=6)
_BODIES = st.none() | st.dictionaries(_TEXTS, st.integers() | _TEXTS | st.lists(_TEXTS, max_size=2), max_size=2)


@pytest.mark.slow
@given(_TEXTS, _TEXTS, st.lists(_TEXTS, max_size=2), _TEXTS, _BODIES)
@settings(max_examples=40, deadline=None)
def test_an_input_is_concluded_as_it_is_read_again(
    source: str, message_id: str, warnings: list[str], reason: str, body: dict[str, Any] | None
) -> None:
    with TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        with store.writing(NOW) as tx:
            number = tx.add_input(source=source, message_id=message_id, digest="d", kind="hl7", raw=b"MSH|")
            item = accept(tx, "A1")
            said = {"procedures": [item.procedure or 0], "warnings": warnings, "reason": reason, "body": body}
            concluded = tx.conclude(number, "accepted", **said)
        assert concluded == store.input(number)
        store.close()


def test_what_was_undone_gives_its_numbers_back(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.writing(NOW) as tx:
        accept(tx, "A1")
        for _ in range(2):
            with suppress(ZeroDivisionError), tx.part():
                tx.conclude(_taken(tx, "undone"), "accepted", procedures=[accept(tx, "A2").procedure or 0])
                raise ZeroDivisionError
        tx.conclude(_taken(tx, "kept"), "accepted", procedures=[accept(tx, "A3").procedure or 0])

    assert [(item.id, item.procedure) for item in store.page(None, None)] == [(1, 1), (2, 2)]
    assert store.input(1).message_id == "kept"
    assert store.verify().is_clean
    store.close()


def _taken(tx: SqliteWriting, name: str) -> int:
    return tx.add_input(source="RIS", message_id=name, digest=name, kind="hl7", raw=name.encode())


def test_a_transition_in_a_batch_is_one_statement(tmp_path: Path) -> None:
    """What the transaction wrote itself is not asked for again: neither numbers, nor digests, nor where the item is."""
    store = new_store(tmp_path)
    counting = _Counting(store.own_connection())
    store._local.connection = counting
    with store.writing(NOW) as tx:
        items = [accept(tx, f"A{number}") for number in range(5)]
        before = len(counting.said)
        for event in (Event.CLAIM, Event.RELEASE, Event.NOTE):
            items = [move(tx, item, event) for item in items]
        said = counting.said[before:]

    assert [one.partition("(")[0] for one in said] == ["INSERT INTO journal "] * 15
    store.close()


class _Counting:
    """A connection that keeps what is executed on it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.said: list[str] = []

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self.said.append(sql)
        return self.connection.execute(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
