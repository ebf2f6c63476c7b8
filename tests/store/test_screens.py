"""Screens only say that nothing need be asked: where they are silent, the checks as defined find nothing."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.states import Event, State
from routing.store import proofs, rows, schema, screens
from routing.store.checks import ROW_CHECKS
from routing.store.crew import Job, done
from routing.store.records import Alias, Evidence, Grant
from routing.store.sqlite import SqliteStore
from tests.store.building import HOUR, NOW, accept, in_state, move, new_store, stranger

TABLES = (
    "journal",
    "item",
    "procedure",
    "alias",
    "patient",
    "inbox",
    "raw",
    "outcome",
    "evidence",
    "worklist",
    "tally",
)
TEXTS = ("", " ", "x", "ü", "a\0b", "\0", "[]", "[99]", "[1,99]", "[1", "waiting", "claimed", "0" * 64, "a" * 64, None)
NUMBERS = (0, 1, -1, 2, 3, 99, 10**15, 2**63 - 1, -(2**63), None)
DISCHARGED = "'reported', 'closed', 'superseded'"
Damage = Callable[[sqlite3.Connection], object]


def filled(store: SqliteStore) -> None:
    """Put something of everything into a store."""
    with store.writing(NOW) as tx:
        for state in State:
            in_state(tx, f"A-{state.value}", state)
        first = move(tx, accept(tx, "A-reopened", preliminary_due_at=NOW + HOUR), Event.FINAL_REPORT)
        move(tx, first, Event.REOPEN)
        held = move(tx, accept(tx, "A-ü"), Event.CLAIM, holder="Müller")
        move(tx, held, Event.RELEASE)
        several = [Alias(kind=kind, value=f"{kind}-ü") for kind in ("study_uid", "accession", "placer")]
        tx.add_procedure('{"about":"several names"}', several)
        tx.add_procedure("{}", [])
        for text in ("[1]", "[1,2]", "[]"):
            number = tx.add_input(source="RIS", message_id=text, digest=text, kind="hl7", raw=text.encode())
            tx.conclude(number, "accepted", procedures=[int(one) for one in text.strip("[]").split(",") if one])
        tx.put_patient("P-1", "CITY", '{"class":"inpatient"}')
        tx.grant(Grant(actor="boss", act="redact", by="init"))
        tx.seal()
        tx.redact_input(1, tx.add_evidence(Evidence(kind="redaction", procedure=None, body={"reason": "asked"})))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A copy in memory of a store with nothing wrong, where nothing is guarded any more."""
    store = new_store(tmp_path_factory.mktemp("sound"))
    filled(store)
    outside = stranger(store)
    copy = in_memory(outside)
    outside.close()
    store.close()
    for name in schema.expected_objects():
        if name.startswith("trigger "):
            copy.execute(f"DROP {name}")
    yield copy
    copy.close()


def in_memory(source: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    source.backup(copy)
    return copy


def proved(connection: sqlite3.Connection) -> list[str]:
    """Return what the checks as defined find; that they cannot be made is something too."""
    try:
        return [repr(one) for proof in proofs.PROOFS.values() for one in proof(connection)]
    except sqlite3.Error as error:
        return [str(error)]


def doubted(connection: sqlite3.Connection) -> list[str]:
    jobs = [Job(f"screen {name}", proofs.LEAST, proofs.MOST) for name in screens.SCREENS]
    return [job.what for job in jobs if done(connection, job)]


def rows_of(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


def written(connection: sqlite3.Connection, table: str, before: tuple[object, ...], after: tuple[object, ...]) -> int:
    """Replace one row, known by all its values, by another, and return how many there were."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    said = ", ".join(f"{name} = ?" for name in names)
    which = " AND ".join(f"{name} IS ?" for name in names)
    return connection.execute(f"UPDATE {table} SET {said} WHERE {which}", (*after, *before)).rowcount  # noqa: S608


def hashed(connection: sqlite3.Connection, item: int, *, chain: bool, head: bool) -> None:
    """Give the newest row of an item, or all its rows, the hash that they should have; and the item the newest."""
    found = connection.execute(f"SELECT {', '.join(rows.JOURNAL)} FROM journal WHERE item = ? ORDER BY n", (item,))  # noqa: S608
    last = rows.GENESIS
    for row in found.fetchall() if chain else found.fetchall()[-1:]:
        columns = dict(zip(rows.JOURNAL, row, strict=True)) | ({"prev": last} if chain else {})
        last = rows.hash_of([columns[name] for name in rows.JOURNAL])
        values = (columns["prev"], last, columns["seq"])
        connection.execute("UPDATE journal SET prev = ?, hash = ? WHERE seq = ?", values)
    if head:
        connection.execute("UPDATE item SET head = ? WHERE id = ?", (last, item))


@st.composite
def damages(draw: st.DrawFn, sound: sqlite3.Connection) -> Damage:
    """Return one act of somebody who may write anything."""
    kind = draw(st.sampled_from(("change", "change", "change", "swap", "shift", "delete", "copy", "follow")))
    table = draw(st.sampled_from(("journal", "journal", "item", "item", *TABLES)))
    there, columns = rows_of(sound, table), sound.execute(f"PRAGMA table_info({table})").fetchall()
    row, other = draw(st.sampled_from(there)), draw(st.sampled_from(there))
    at = draw(st.integers(0, len(columns) - 1))
    if kind == "change":
        old = row[at]
        more = (f"{old}x", f"{old}\0x", str(old)[:-1], other[at]) if columns[at][2] == "TEXT" else (other[at],)
        values = TEXTS if columns[at][2] == "TEXT" else NUMBERS if columns[at][2] == "INTEGER" else (b"", b"x", None)
        new = draw(st.sampled_from((*values, *more)))
        return lambda to: written(to, table, row, (*row[:at], new, *row[at + 1 :]))
    if kind == "swap":
        return lambda to: [
            written(to, table, *pair)
            for pair in (
                (row, (*row[:at], other[at], *row[at + 1 :])),
                (other, (*other[:at], row[at], *other[at + 1 :])),
            )
        ]
    if kind == "shift":
        name, by, first = draw(
            st.tuples(
                st.sampled_from(("seq", "n", "item", "at", "rank", "token")), st.integers(-3, 3), st.integers(0, 30)
            )
        )
        return lambda to: to.execute(f"UPDATE journal SET {name} = {name} + ? WHERE seq >= ?", (by, first))  # noqa: S608
    if kind == "delete":
        which = " AND ".join(f"{column[1]} IS ?" for column in columns)
        return lambda to: to.execute(f"DELETE FROM {table} WHERE {which}", row)  # noqa: S608
    if kind == "copy":
        new = draw(st.sampled_from(NUMBERS))
        marks = ", ".join("?" * len(row))
        return lambda to: to.execute(f"INSERT INTO {table} VALUES ({marks})", (new, *row[1:]))  # noqa: S608
    item = draw(st.integers(1, 12))
    chain, head = draw(st.booleans()), draw(st.booleans())
    return lambda to: hashed(to, item, chain=chain, head=head)


def damaged(data: st.DataObject, sound: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy with a few acts done to it; what the tables themselves refuse is left undone."""
    copy = in_memory(sound)
    copy.execute("PRAGMA ignore_check_constraints = ON")
    for damage in data.draw(st.lists(damages(sound), min_size=1, max_size=4)):
        try:
            damage(copy)
        except sqlite3.IntegrityError:
            continue
    copy.execute("PRAGMA ignore_check_constraints = OFF")
    return copy


def test_no_screen_has_a_doubt_about_a_sound_store(sound: sqlite3.Connection) -> None:
    """Text beyond ASCII, several names of a procedure or none, what was redacted: all of it is usual."""
    assert (doubted(sound), proved(sound)) == ([], [])


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_where_screens_are_silent_nothing_would_be_found(sound: sqlite3.Connection, data: st.DataObject) -> None:
    """Any column of any row changed, rows swapped, numbers shifted, and what was changed hashed anew by a forger."""
    copy = damaged(data, sound)

    silent, found = not doubted(copy), proved(copy)

    copy.close()
    assert not (silent and found), found


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), since=st.integers(0, 25))
def test_after_a_seal_it_is_the_same(sound: sqlite3.Connection, data: st.DataObject, since: int) -> None:
    """Of the rows after one, the screens are silent only where nothing would be found."""
    copy = damaged(data, sound)

    silent = not screens.recent(copy, since)
    found = [*proofs.moves(copy, since + 1), *proofs.chain(copy, since=since)]

    copy.close()
    assert not (silent and found), found


def test_every_condition_of_a_table_is_known() -> None:
    """They are read out of the SQL of our own tables, where none may be overlooked."""
    for name, sql in schema.expected_objects().items():
        if name.startswith("table "):
            assert len(schema.constraints_of(name.removeprefix("table "))) == sql.count("CHECK"), name


def test_no_move_without_evidence_ends_an_item(sound: sqlite3.Connection) -> None:
    """So that the rows of such moves are not asked for their evidence."""
    ends = "event IN ('preliminary', 'final_report', 'amend', 'withdraw', 'close', 'supersede')"
    leaves = f"target IN ({DISCHARGED}) AND source NOT IN ({DISCHARGED})"
    (check,) = [one for one in ROW_CHECKS if one.unless]

    assert sound.execute(f"SELECT * FROM legal WHERE {check.unless} AND ({ends} OR ({leaves}))").fetchall() == []  # noqa: S608
    assert ends.partition("(")[2] in check.condition


def test_what_a_host_has_added_is_read_as_well(sound: sqlite3.Connection) -> None:
    """A table of the host's is no finding; one that breaks its own conditions or references is."""
    copy = in_memory(sound)
    copy.execute('CREATE TABLE "the host""s" (id INTEGER CHECK (id > 0), item INTEGER REFERENCES item (id))')
    copy.execute('INSERT INTO "the host""s" VALUES (1, 1)')
    assert (doubted(copy), proved(copy)) == ([], [])

    copy.execute('UPDATE "the host""s" SET item = 999')
    unreferred = doubted(copy)
    copy.execute("PRAGMA ignore_check_constraints = ON")
    copy.execute('UPDATE "the host""s" SET item = 1, id = -1')
    copy.execute("PRAGMA ignore_check_constraints = OFF")

    assert (unreferred, doubted(copy), len(proved(copy))) == (["screen pages"], ["screen pages"], 1)
    copy.close()


def test_a_connection_is_left_as_it_was(sound: sqlite3.Connection) -> None:
    """The engine's own checks are on again, and its memory is what it was, whatever happened in between."""
    asked = ("cache_size", "ignore_check_constraints")
    copy = in_memory(sound)
    before = [copy.execute(f"PRAGMA {name}").fetchone() for name in asked]

    with screens.reading(copy):
        during = copy.execute("PRAGMA cache_size").fetchone()
        screens.pages(copy)

    assert during != before[0]
    assert [copy.execute(f"PRAGMA {name}").fetchone() for name in asked] == before
    copy.close()
