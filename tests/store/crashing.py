"""A driver whose connections count statements and kill the process at a given one, and operations to be killed in."""

import os
import signal
import sqlite3
from collections.abc import Callable
from types import ModuleType
from typing import Any

from routing.states import Event, State
from routing.store.records import Alias
from routing.store.writing import SqliteWriting
from tests.store.building import accept, move


class Countdown:
    """Dies at the n-th statement; never where n is 0. `seen` is how many there were."""

    def __init__(self, number: int, *, after: bool) -> None:
        self.number, self.after, self.seen = number, after, 0

    def before(self) -> None:
        self.seen += 1
        if self.seen == self.number and not self.after:
            os.kill(os.getpid(), signal.SIGKILL)

    def done(self) -> None:
        if self.seen == self.number and self.after:
            os.kill(os.getpid(), signal.SIGKILL)


def counting_driver(countdown: Countdown) -> ModuleType:
    """Return a module like sqlite3 whose connections count their statements."""

    class Connection(sqlite3.Connection):
        def execute(self, *said: Any) -> sqlite3.Cursor:
            countdown.before()
            cursor = super().execute(*said)
            countdown.done()
            return cursor

        def executemany(self, *said: Any) -> sqlite3.Cursor:
            countdown.before()
            cursor = super().executemany(*said)
            countdown.done()
            return cursor

    driver = ModuleType("counting")
    driver.connect = lambda *said, **named: sqlite3.connect(*said, factory=Connection, **named)
    driver.sqlite_version_info = sqlite3.sqlite_version_info
    return driver


def receive(tx: SqliteWriting, name: str) -> None:
    """One message: kept, applied as a new item, concluded. A repeated one is seen and changes nothing."""
    if tx.input_by("RIS", name, f"digest-{name}") is not None:
        return
    number = tx.add_input(source="RIS", message_id=name, digest=f"digest-{name}", kind="hl7", raw=name.encode())
    item = accept(tx, name)
    tx.conclude(number, "accepted", procedures=[item.procedure or 0])


def _first(tx: SqliteWriting, *states: State) -> Any:
    return next((item for item in tx.page(None, None) if item.state in states), None)


def _step(event: Event, *states: State, **changes: Any) -> Callable[[SqliteWriting], None]:
    def act(tx: SqliteWriting) -> None:
        item = _first(tx, *states)
        if item is not None:
            said = {name: value(tx, item) if callable(value) else value for name, value in changes.items()}
            move(tx, item, event, **said)

    return act


def _heir(tx: SqliteWriting, item: Any) -> int:
    return accept(tx, f"heir-{item.id}-{item.version}").id


def _reopen(tx: SqliteWriting) -> None:
    found = tx._items("open = 0 ORDER BY id LIMIT 1")
    if found:
        move(tx, found[0], Event.REOPEN)


def _learn(tx: SqliteWriting) -> None:
    for procedure in tx.procedures():
        aliases = [*procedure.aliases, Alias(kind="study_uid", value=f"1.2.{procedure.id}")]
        tx.change_procedure(procedure.id, procedure.knowledge + " ", aliases)
    tx.put_patient("P-1", "CITY", '{"class":"inpatient"}')


OPERATIONS: dict[str, Callable[[SqliteWriting], None]] = {
    "receive": lambda tx: receive(tx, "m1"),
    "receive_another": lambda tx: receive(tx, "m2"),
    "claim": _step(Event.CLAIM, State.WAITING, State.PRELIMINARY),
    "release": _step(Event.RELEASE, State.CLAIMED),
    "preliminary": _step(Event.PRELIMINARY, State.WAITING, State.CLAIMED),
    "report": _step(Event.FINAL_REPORT, State.WAITING, State.CLAIMED, State.PRELIMINARY),
    "close": _step(Event.CLOSE, State.WAITING),
    "pass": _step(Event.PASS, State.WAITING, worklist="chest"),
    "supersede": _step(Event.SUPERSEDE, State.WAITING, successor=_heir),
    "reopen": _reopen,
    "learn": _learn,
    "seal": lambda tx: tx.seal() and None,
}
