"""Any sequence of operations, with clock jumps, duplicates and crashes, against a plain model in memory."""

import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from routing.errors import StaleClaim, StoreRefused, TransitionRefused
from routing.states import DISCHARGED, OPEN, TRANSITIONS, Event, State
from routing.store.records import Item, Move
from routing.store.sqlite import SqliteStore
from tests.store.building import HOUR, NOW, accept, evidence_for, new_store

LISTS = ("neuro", "chest", "on_call")
MOVING = [event for event in Event if event is not Event.ACCEPT]


class StoreMachine(RuleBasedStateMachine):
    """`known` is the model: what each item should be. It never loses an item, whatever happens to the store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.known: dict[int, dict[str, Any]] = {}
        self.rows = 0
        self.received: set[str] = set()
        self.now = NOW

    @initialize()
    def begin(self) -> None:
        self.store = new_store(self.folder)

    def teardown(self) -> None:
        assert self.store.verify(now=self.now).findings == ()
        self.store.close()
        shutil.rmtree(self.folder)

    def _remember(self, item: Item) -> None:
        names = ("state", "worklist", "rank", "due_at", "holder", "token", "draft", "version", "opened_at")
        self.known[item.id] = {name: getattr(item, name) for name in names}

    @rule(state=st.sampled_from([State.EXPECTED, State.HELD, State.WAITING]), worklist=st.sampled_from(LISTS))
    def open_an_item(self, state: State, worklist: str) -> None:
        with self.store.writing(self.now) as tx:
            item = accept(tx, f"A-{len(self.known)}", state=state, worklist=worklist)
        self._remember(item)
        self.rows += 1

    @rule(
        data=st.data(),
        event=st.sampled_from(MOVING),
        to=st.sampled_from([None, *State]),
        worklist=st.sampled_from([None, *LISTS, "nowhere"]),
        due_hours=st.sampled_from([None, 1, 2, 9]),
        rank=st.sampled_from([None, 0, 5]),
        with_evidence=st.booleans(),
        stale=st.booleans(),
    )
    def let_something_happen(
        self,
        *,
        data: Any,
        event: Event,
        to: Any,
        worklist: Any,
        due_hours: Any,
        rank: Any,
        with_evidence: bool,
        stale: bool,
    ) -> None:
        """Try anything; the model says what may have come of it."""
        if not self.known:
            return
        number = data.draw(st.sampled_from(sorted(self.known)))
        before = self.known[number]
        changes: dict[str, Any] = {} if worklist is None else {"worklist": worklist}
        changes |= {} if rank is None else {"rank": rank, "priority": str(rank)}
        changes |= {} if due_hours is None else {"due_at": NOW + due_hours * HOUR}
        if event in {Event.CLAIM, Event.SEIZE}:
            changes |= {"holder": "lee", "lease_until": self.now + HOUR}
        if event is Event.SUPERSEDE:
            changes["successor"] = data.draw(st.sampled_from(sorted(self.known)))
        item = self.store.item(number)
        try:
            with self.store.writing(self.now) as tx:
                if stale:
                    tx.move(item, Move(event=Event.NOTE, actor="lee"))
                evidence = evidence_for(tx, item, event, changes.get("successor", number)) if with_evidence else None
                move = Move(event=event, to=to, actor="lee", reason="because", evidence=evidence, changes=changes)
                after = tx.move(item, move)
        except (TransitionRefused, StoreRefused, StaleClaim):
            assert self.store.item(number) == item
            return
        assert not stale, "an item that has moved on was moved again from an old image"
        self._check(before, event, after, with_evidence=with_evidence)
        self._remember(after)
        self.rows += 1

    def _check(self, before: dict[str, Any], event: Event, after: Item, *, with_evidence: bool) -> None:
        assert after.state in TRANSITIONS[before["state"], event]
        assert after.version == before["version"] + 1
        assert after.opened_at == before["opened_at"]
        assert after.token == before["token"] + (event in {Event.CLAIM, Event.SEIZE})
        assert after.worklist in LISTS
        if before["state"] in OPEN and after.state in DISCHARGED:
            assert with_evidence
            assert event in {Event.FINAL_REPORT, Event.CLOSE, Event.SUPERSEDE}
        if event is not Event.OVERRIDE:
            assert after.due_at <= before["due_at"]
            assert event is Event.ADOPT or after.rank <= before["rank"]

    @rule(name=st.sampled_from("abc"))
    def receive(self, name: str) -> None:
        """A duplicate is seen by its identity and applied once."""
        with self.store.writing(self.now) as tx:
            found = tx.input_by("RIS", name, "digest")
            assert (found is not None) == (name in self.received)
            if found is None:
                number = tx.add_input(source="RIS", message_id=name, digest="digest", kind="hl7", raw=name.encode())
                tx.conclude(number, "accepted")
        self.received.add(name)

    @rule(minutes=st.integers(-300, 300))
    def jump_in_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def crash_in_the_middle(self) -> None:
        """An exception inside the transaction leaves nothing of it."""
        with suppress(ZeroDivisionError), self.store.writing(self.now) as tx:
            accept(tx, "never")
            tx.seal()
            _ = 1 / 0

    @rule()
    def undo_a_part(self) -> None:
        """A part that raises is undone alone."""
        with self.store.writing(self.now) as tx:
            with suppress(ZeroDivisionError), tx.part():
                accept(tx, "never")
                _ = 1 / 0
            item = accept(tx, f"A-{len(self.known)}")
        self._remember(item)
        self.rows += 1

    @rule()
    def seal_and_open_again(self) -> None:
        with self.store.writing(self.now) as tx:
            tx.seal()
        self.store.close()
        self.store = SqliteStore.open(self.folder / "worklist.db")

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "store"):
            return
        open_items = {number for number, said in self.known.items() if said["state"] in OPEN}
        assert {item.id for item in self.store.page(None, None)} == open_items
        assert sum(row.count for row in self.store.counts()) == len(self.known)
        for number, said in self.known.items():
            item = self.store.item(number)
            assert {name: getattr(item, name) for name in said} == said


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
