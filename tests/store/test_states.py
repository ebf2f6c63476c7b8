"""The transition table: exactly the listed events move an item, in code and in the database."""

import sqlite3
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from routing.errors import TransitionRefused
from routing.states import DISCHARGED, OPEN, TRANSITIONS, Event, Kind, State, next_state
from routing.store import rows
from routing.store.records import Item
from routing.store.writing import SqliteWriting
from tests.store.building import HOUR, NOW, accept, evidence_for, forged_by, in_state, move, new_store, stranger

# The test's own copy, in words. Each line: an event, where it may begin, where it may end ("=" where it began).
EXPECTED_TABLE = """
accept:       new -> expected held waiting
images:       expected -> held waiting
hold_over:    held -> waiting
claim:        waiting preliminary -> claimed
seize:        claimed -> claimed
renew:        claimed -> claimed
release:      claimed -> waiting preliminary
lapse:        claimed -> waiting preliminary
break:        claimed -> waiting preliminary
pass:         claimed -> waiting preliminary
pass:         expected held waiting preliminary -> =
override:     claimed -> claimed waiting preliminary
override:     expected held waiting preliminary -> =
route:        expected held waiting claimed preliminary -> =
escalate:     expected held waiting claimed preliminary -> =
adopt:        expected held waiting preliminary -> =
note:         expected held waiting claimed preliminary reported closed superseded -> =
preliminary:  held waiting preliminary -> preliminary
preliminary:  claimed -> preliminary claimed
final_report: held waiting claimed preliminary -> reported
amend:        reported -> reported
close:        expected held waiting claimed preliminary -> closed
supersede:    expected held waiting claimed preliminary -> superseded
withdraw:     preliminary -> waiting
withdraw:     claimed -> claimed
withdraw:     reported -> waiting preliminary
withdraw:     closed -> waiting expected preliminary
reopen:       reported closed superseded -> waiting expected held preliminary
"""


def expected_moves() -> set[tuple[str, str, str]]:
    moves = set()
    for line in EXPECTED_TABLE.strip().splitlines():
        event, rest = (part.strip() for part in line.split(":"))
        sources, targets = (part.split() for part in rest.split("->"))
        for source in sources:
            moves |= {(source, event, source if target == "=" else target) for target in targets}
    return moves


MOVES = expected_moves()
SOURCES = [None, *State]


def test_the_table_is_the_one_that_was_agreed() -> None:
    """A change of the table has to be made twice, so that none is made by mistake."""
    found = {
        (source.value if source else "new", event.value, target.value)
        for (source, event), targets in TRANSITIONS.items()
        for target in targets
    }

    assert found == MOVES


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("source", SOURCES)
def test_only_the_listed_events_lead_on(source: State | None, event: Event) -> None:
    """Every other triple is refused; a listed one leads exactly where it says."""
    for target in State:
        word = source.value if source else "new"
        if (word, event.value, target.value) in MOVES:
            assert next_state(source, event, to=target) is target
        else:
            with pytest.raises(TransitionRefused):
                next_state(source, event, to=target)


def test_every_way_out_of_the_open_states_is_a_report_a_closure_or_a_successor() -> None:
    """Nothing else discharges work: no route, no lapse, no pass, no preliminary report."""
    leaving = {
        (event, target)
        for (source, event), targets in TRANSITIONS.items()
        for target in targets
        if source not in DISCHARGED and target in DISCHARGED
    }

    assert leaving == {
        (Event.FINAL_REPORT, State.REPORTED),
        (Event.CLOSE, State.CLOSED),
        (Event.SUPERSEDE, State.SUPERSEDED),
    }


def test_the_only_ways_back_are_reopen_and_withdraw() -> None:
    """And every discharged state has one."""
    back = {
        (source, event)
        for (source, event), targets in TRANSITIONS.items()
        if source in DISCHARGED and set(targets) & OPEN
    }

    assert {event for _, event in back} == {Event.REOPEN, Event.WITHDRAW}
    assert {source for source, _ in back} == DISCHARGED


def test_every_state_is_open_or_discharged() -> None:
    assert set(State) == OPEN | DISCHARGED
    assert not OPEN & DISCHARGED


def test_a_claim_ends_in_preliminary_while_a_draft_stands() -> None:
    """Release must not make a drafted study look unread."""
    for event in (Event.RELEASE, Event.LAPSE, Event.BREAK, Event.PASS):
        assert next_state(State.CLAIMED, event, draft=True) is State.PRELIMINARY
        assert next_state(State.CLAIMED, event) is State.WAITING


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
def test_code_and_database_allow_exactly_the_table(tmp_path: Path, kind: Kind) -> None:
    """For every (kind, state, event, target); a refusal leaves the item as it was."""
    store = new_store(tmp_path)
    leases = {Event.SEIZE, Event.LAPSE}

    for event in sorted(Event, key=lambda event: event in leases):  # time never runs backwards: these come last
        at = NOW + 2 * HOUR if event in leases else NOW
        with store.writing(NOW) as tx:
            items = {
                (source, target): in_state(tx, f"A-{event.value}-{source.value}-{target.value}", source, kind)
                for source, target in product(State, State)
            }
        with store.writing(at) as tx:
            for (source, target), item in items.items():
                after = _tried(tx, item, event, target)
                assert (after is not None) == _is_lawful(source, event, target), (source, event, target)
                assert after is None or after.state is target
                assert tx.item(item.id) == (after or item)

    assert store.verify().is_clean
    store.close()


def _tried(tx: SqliteWriting, item: Item, event: Event, target: State) -> Item | None:
    """Return the item after the event, or None where it was refused."""
    try:
        with tx.part():
            return move(tx, item, event, to=target, **_changes(tx, item, event, target))
    except (TransitionRefused, sqlite3.IntegrityError):
        return None


def _is_lawful(source: State, event: Event, target: State) -> bool:
    """The table, and what a draft says: here a claimed item has none, so its claim does not end in `preliminary`."""
    if source is State.CLAIMED and target is State.PRELIMINARY:
        return event is Event.PRELIMINARY
    return (source.value, event.value, target.value) in MOVES


def _changes(tx: SqliteWriting, item: Item, event: Event, target: State) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if event is Event.SUPERSEDE:
        changes["successor"] = accept(tx, f"S-{item.id}", kind=item.kind).id
    if target is State.HELD and item.state is not State.HELD:
        changes["wake_at"] = NOW + HOUR
    return changes


@pytest.mark.slow
def test_the_database_alone_refuses_what_is_not_in_the_table(tmp_path: Path) -> None:
    """A stranger who writes well-formed journal rows is still bound by the table."""
    store = new_store(tmp_path)
    with store.writing(NOW) as tx:
        items = {state: in_state(tx, f"A-{state.value}", state) for state in State}
        evidence = {
            (state, event): evidence_for(tx, item, event, item.successor or item.id)
            for state, item in items.items()
            for event in Event
        }
    connection = stranger(store)

    for source, event, target in product(State, Event, State):
        if (source.value, event.value, target.value) in MOVES:
            continue
        said = {"event": event.value, "target": target.value, "evidence": evidence[source, event]}
        statement, values = forged_by(connection, items[source], **said, draft=int(target is State.PRELIMINARY))
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement, values)

    connection.close()
    assert {state: store.item(item.id) for state, item in items.items()} == items
    store.close()


def test_the_rows_of_the_guard_are_made_from_the_table(tmp_path: Path) -> None:
    """There is one table: what the database holds is what the code says."""
    store = new_store(tmp_path)

    found = store._all("SELECT source, event, target FROM legal")

    assert {(source or "new", event, target) for source, event, target in found} == MOVES
    assert rows.GENESIS == "0" * 64
    store.close()
