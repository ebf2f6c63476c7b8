"""What the store promises its callers: inbox, order, time, pages, counts, settings, writers side by side."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.errors import NaiveMoment, NotFound, StaleClaim, StoreBusy, StoreRefused, TransitionRefused
from routing.states import Event, Kind, State
from routing.store import connection, open_store, rows, schema
from routing.store.connection import SETTINGS, has_wal_reset_defect, place_of
from routing.store.records import Alias, Evidence, Grant, Move, Opening, Reader, Worklist
from routing.store.sqlite import SqliteStore
from tests.store.building import BOOK, HOUR, NOW, OTHER_BOOK, accept, furnish, in_state, move, new_store, stranger


@pytest.fixture
def store(tmp_path: Path):
    made = new_store(tmp_path)
    yield made
    made.close()


# the inbox ---------------------------------------------------------------------------------------------------------


def test_an_input_without_an_outcome_does_not_commit(store: SqliteStore) -> None:
    """N3: whatever is received ends in exactly one outcome, in the same transaction."""
    with pytest.raises(StoreRefused), store.writing(NOW) as tx:
        tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"MSH|")

    assert store.inputs_by_id("RIS", "1") == ()


def test_an_input_comes_back_as_it_was_stored(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        number = tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"MSH|\x00\xff")
        kept = tx.conclude(number, "accepted", procedures=[1, 2], warnings=["w"], reason="r", body={"ack": "AA"})

    assert store.input(number) == kept == store.input_by("RIS", "1", "d") == store.latest_input("RIS")
    assert store.raw(number) == b"MSH|\x00\xff"
    assert (kept.outcome, kept.procedures, kept.warnings, kept.body) == ("accepted", (1, 2), ("w",), {"ack": "AA"})
    assert [one.id for one in store.inputs()] == [number]


def test_the_same_identity_is_kept_once_and_another_digest_beside_it(store: SqliteStore) -> None:
    """N1: same id and other digest is another message."""
    with store.writing(NOW) as tx:
        for digest in ("d1", "d2"):
            number = tx.add_input(source="RIS", message_id="1", digest=digest, kind="hl7", raw=b"")
            tx.conclude(number, "accepted")

    with pytest.raises(StoreRefused, match="N1"), store.writing(NOW) as tx:
        tx.add_input(source="RIS", message_id="1", digest="d1", kind="hl7", raw=b"")

    assert [one.digest for one in store.inputs_by_id("RIS", "1")] == ["d1", "d2"]


def test_what_is_quarantined_names_the_item_that_holds_it(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        number = tx.add_input(source="RIS", message_id="0", digest="d", kind="hl7", raw=b"")
        with pytest.raises(sqlite3.IntegrityError, match="quarantined"):
            tx.conclude(number, "quarantined")
        tx.conclude(number, "accepted")

    with store.writing(NOW) as tx:
        number = tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"")
        opening = Opening(
            procedure=None,
            kind=Kind.RESOLVE,
            state=State.WAITING,
            worklist="exceptions",
            priority="stat",
            rank=0,
            rulebook=BOOK,
        )
        item = tx.open(opening, actor="system")
        tx.conclude(number, "quarantined", item=item.id, reason="unreadable")

    assert store.input(number).item == item.id
    assert store.verify().is_clean


def test_redacted_bytes_are_gone_and_the_store_is_sound(store: SqliteStore) -> None:
    """A lawful erasure leaves the chain whole: only what stands beside it is emptied."""
    with store.writing(NOW) as tx:
        number = tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"SECRET")
        tx.conclude(number, "accepted")
    with store.writing(NOW) as tx:
        said = {"by": "privacy-officer", "reason": "asked for by the patient"}
        tx.redact_input(number, tx.add_evidence(Evidence(kind="redaction", input=number, procedure=None, body=said)))

    assert store.raw(number) is None
    assert store.input(number).outcome == "accepted"
    assert store.verify().is_clean


# items -------------------------------------------------------------------------------------------------------------


def test_only_a_resolve_item_may_be_about_no_procedure(store: SqliteStore) -> None:
    opening = Opening(
        procedure=None, kind=Kind.REPORT, state=State.WAITING, worklist="neuro", priority="x", rank=0, rulebook=BOOK
    )
    with pytest.raises(StoreRefused), store.writing(NOW) as tx:
        tx.open(opening, actor="system")


def test_the_history_tells_everything_in_order(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = move(tx, move(tx, accept(tx, "A-1"), Event.CLAIM), Event.FINAL_REPORT)

    history = store.history(item.id)

    assert [(row.n, row.event, row.source, row.target) for row in history] == [
        (1, Event.ACCEPT, None, State.WAITING),
        (2, Event.CLAIM, State.WAITING, State.CLAIMED),
        (3, Event.FINAL_REPORT, State.CLAIMED, State.REPORTED),
    ]
    assert store.evidence(history[2].evidence).status == "final"
    assert (item.holder, item.lease_until, item.token) == (None, None, 1)


def test_an_item_that_has_moved_on_is_not_moved_from_an_old_image(store: SqliteStore) -> None:
    """N13: whoever read it before somebody else's write is told so, and nothing is written."""
    with store.writing(NOW) as tx:
        old = accept(tx, "A-1")
        new = move(tx, old, Event.CLAIM)

    with pytest.raises(StaleClaim), store.writing(NOW) as tx:
        tx.move(old, Move(event=Event.NOTE, actor="lee"))

    assert store.item(old.id) == new


@pytest.mark.parametrize(
    ("event", "changes", "reason", "words"),
    [
        (Event.FINAL_REPORT, {}, "because", "needs evidence"),
        (Event.CLOSE, {}, "because", "needs evidence"),
        (Event.PASS, {"worklist": "chest"}, " ", "needs a reason"),
        (Event.ROUTE, {"due_at": NOW + 9 * HOUR}, None, "never moves later"),
        (Event.ROUTE, {"due_at": None}, None, "never moves later"),
        (Event.ROUTE, {"rank": 9}, None, "never falls"),
        (Event.NOTE, {"worklist": "chest"}, None, "does not move"),
        (Event.RENEW, {}, None, "cannot renew"),
    ],
)
def test_a_refusal_says_why(store: SqliteStore, event: Event, changes: dict, reason: str | None, words: str) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")

    with pytest.raises(TransitionRefused, match=words), store.writing(NOW) as tx:
        tx.move(item, Move(event=event, actor="lee", reason=reason, changes=changes))

    assert store.item(item.id) == item


def test_an_override_may_lengthen_and_lower(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = move(tx, accept(tx, "A-1"), Event.OVERRIDE, due_at=None, rank=9, priority="low")

    assert (item.due_at, item.rank) == (None, 9)


def test_an_item_is_adopted_by_the_active_rulebook_only(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
    with pytest.raises(StoreRefused, match="N15"), store.writing(NOW) as tx:
        move(tx, item, Event.ADOPT, rulebook=OTHER_BOOK)

    with store.writing(NOW) as tx:
        tx.activate(OTHER_BOOK, actor="boss")
        item = move(tx, item, Event.ADOPT, rulebook=OTHER_BOOK, rank=7, details={"tags": ["x"]})

    assert (item.rulebook, item.rank, item.details) == (OTHER_BOOK, 7, {"tags": ["x"]})
    assert store.active_rulebook().fingerprint == OTHER_BOOK


def test_details_stay_until_they_are_changed(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = move(tx, accept(tx, "A-1", details={"tags": ["a"]}), Event.NOTE)

    assert item.details == store.item(item.id).details == {"tags": ["a"]}


def test_a_reopened_item_has_its_original_clock(store: SqliteStore) -> None:
    """I14: withdrawal and reopening keep when it began and when it is due."""
    with store.writing(NOW) as tx:
        item = in_state(tx, "A-1", State.REPORTED)
    with store.writing(NOW + 9 * HOUR) as tx:
        back = move(tx, item, Event.WITHDRAW)

    assert (back.state, back.opened_at, back.due_at) == (State.WAITING, item.opened_at, item.due_at)


def test_a_draft_stands_through_claim_and_release(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = move(tx, accept(tx, "A-1"), Event.PRELIMINARY)
        item = move(tx, move(tx, item, Event.CLAIM), Event.RELEASE)

    assert (item.state, item.draft) == (State.PRELIMINARY, True)


def test_a_superseded_item_points_to_an_open_one_and_can_come_back(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        first, second = accept(tx, "A-1"), accept(tx, "A-2")
        gone = move(tx, first, Event.SUPERSEDE, successor=second.id)
        with pytest.raises(sqlite3.IntegrityError, match="gives way only to an open item"):
            move(tx, second, Event.SUPERSEDE, successor=gone.id)
        back = move(tx, gone, Event.REOPEN)

    assert (gone.successor, back.successor, back.state) == (second.id, None, State.WAITING)


# pages and counts --------------------------------------------------------------------------------------------------


def test_a_page_is_sorted_by_priority_due_and_age_and_can_be_continued(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        late = accept(tx, "A-1", rank=1, due_at=NOW + 9 * HOUR)
        never = accept(tx, "A-2", rank=1, due_at=None, worklist="chest")
        soon = accept(tx, "A-3", rank=1, due_at=NOW + HOUR, worklist="chest")
        urgent = accept(tx, "A-4", rank=0, due_at=None)
        move(tx, accept(tx, "A-5", rank=0), Event.FINAL_REPORT)
        claimed = move(tx, accept(tx, "A-6", rank=0, worklist="on_call"), Event.CLAIM)

    everything = store.page(None, None)

    assert [item.id for item in everything] == [claimed.id, urgent.id, soon.id, late.id, never.id]
    assert store.page(["neuro", "chest"], 2) == (urgent, soon)
    assert store.page(["chest", "neuro", "chest"], 2, after=soon) == (late, never)
    assert store.page([], 5) == ()


def test_claimed_items_are_listed_and_free_again_when_the_lease_is_over(store: SqliteStore) -> None:
    """N9 and N11: no background thread; what a lease means is computed when it is read."""
    with store.writing(NOW) as tx:
        item = move(tx, accept(tx, "A-1"), Event.CLAIM)

    assert store.page(["neuro"], 9) == (item,)
    assert store.candidates(["neuro"], 9, NOW) == ()
    assert store.candidates(["neuro"], 9, NOW + HOUR) == (item,) == store.lapsed(NOW + HOUR, 9)
    assert store.held_by("lee") == (item,)
    assert (item.is_free(NOW), item.is_free(NOW + HOUR)) == (False, True)


def test_what_to_look_at_again_is_found_by_its_time(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        held = accept(tx, "A-1", state=State.HELD)
        accept(tx, "A-2", due_at=None)

    assert store.awake(NOW + HOUR, 9) == (held,)
    assert store.awake(NOW, 9) == ()
    assert store.overdue(NOW + 5 * HOUR, 9) == (held,)


def test_counts_add_up_and_name_the_oldest(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
        in_state(tx, "A-2", State.REPORTED)
    with store.writing(NOW + HOUR) as tx:
        accept(tx, "A-3")

    found = {(row.worklist, row.state): (row.count, row.oldest) for row in store.counts()}

    assert found == {("neuro", State.WAITING): (2, NOW), ("neuro", State.REPORTED): (1, None)}


def test_more_lists_than_one_statement_takes_are_merged(store: SqliteStore) -> None:
    codes = [f"list{number}" for number in range(230)]
    with store.writing(NOW) as tx:
        for code in codes:
            tx.put_worklist(Worklist(code=code, fallback="exceptions"))
        items = [accept(tx, f"A-{code}", worklist=code, rank=len(codes) - n) for n, code in enumerate(codes)]

    assert store.page(codes, 3) == tuple(reversed(items[-3:]))
    assert len(store.page(None, None)) == len(codes)


# procedures, patients, directory -----------------------------------------------------------------------------------


def test_a_procedure_is_found_by_any_of_its_names(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        first = tx.add_procedure("{}", [Alias(kind="accession", value="7", issuer="CITY")])
        second = tx.add_procedure("{}", [Alias(kind="accession", value="7"), Alias(kind="study_uid", value="1.2")])

    assert store.procedures_by("accession", "7") == (first, second)
    assert store.procedures_by("accession", "7", "CITY") == (first,)
    assert store.procedures_by("accession", "7", "") == (second,)
    assert store.procedures_by("study_uid", "1.2") == (second,) == (store.procedure(second.id),)
    assert list(store.procedures()) == [first, second]


def test_the_names_of_many_procedures_come_at_once(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        first = tx.add_procedure("{}", [Alias(kind="accession", value="7"), Alias(kind="study_uid", value="1.2")])
        second = tx.add_procedure("{}", [Alias(kind="accession", value="8", issuer="CITY")])

    assert store.aliases([second.id, first.id, 99]) == {first.id: first.aliases, second.id: second.aliases, 99: ()}
    assert store.aliases([]) == {}


def test_several_questions_can_see_one_moment(store: SqliteStore) -> None:
    """What another writer commits in between does not show until the moment has ended."""
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    other = SqliteStore.open(store.place.path)

    with store.reading() as moment:
        before = moment.page(None, None)
        with other.writing(NOW) as tx:
            accept(tx, "A-2")
        assert moment.page(None, None) == before
        assert sum(row.count for row in moment.counts()) == 1

    other.close()
    assert len(store.page(None, None)) == 2


def test_knowledge_grows_by_revisions_and_names_may_change(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        made = tx.add_procedure("{}", [Alias(kind="accession", value="7")])
        same = tx.change_procedure(made.id, "{}", made.aliases)
        changed = tx.change_procedure(made.id, '{"a":1}', [Alias(kind="study_uid", value="1.2")])

    assert same == made
    assert (changed.revision, changed.knowledge) == (2, '{"a":1}')
    assert store.procedures_by("accession", "7") == ()
    assert store.verify().is_clean


def test_a_procedure_with_open_items_keeps_a_name(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")

    with pytest.raises(StoreRefused, match="keeps a name"), store.writing(NOW) as tx:
        tx.change_procedure(item.procedure, "{}", [])


def test_a_patient_is_known_before_any_procedure(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        tx.put_patient("P", "CITY", "1")
        tx.put_patient("P", "CITY", "1")
        tx.put_patient("P", "CITY", "2")
        tx.put_patient("P", "", "3")

    assert store.patient("P", "CITY").knowledge == "2"
    assert store.patient("P", "CITY").revision == 2
    assert [row.issuer for row in store.patients_by_number("P")] == ["", "CITY"]
    assert store.patient("Q", "") is None


def test_no_identity_stands_in_a_repr(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        made = tx.add_procedure("SECRET", [Alias(kind="patient", value="SECRET")])
        patient = tx.put_patient("SECRET", "", "SECRET")

    assert "SECRET" not in repr((made, made.aliases, patient))


def test_grants_are_given_and_taken_back(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        tx.grant(Grant(actor="lee", act="close", scope="neuro", by="init"))
        tx.grant(Grant(actor="kim", act="close", by="init"))
        tx.grant(Grant(actor="kim", act="lower", by="init"))
        tx.grant(Grant(actor="kim", act="lower", by="init", given=False))

    assert [(one.act, one.scope) for one in store.grants("lee")] == [("close", "neuro")]
    assert [(one.act, one.scope) for one in store.grants("kim")] == [("close", "")]
    assert len(store.grants()) == 2
    assert {(one.actor, one.act) for one in store.grants()} == {("lee", "close"), ("kim", "close")}


def test_the_directory_and_the_outbox(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        tx.put_reader(Reader(name="lee", skills=("neuro",)))
        tx.put_reader(Reader(name="lee", skills=("neuro", "chest")))
        tx.notify("phone", {"text": "x"})
        tx.notify("phone", {"text": "y"})
        tx.told(1)
        tx.remark("ticked_at", "a")
        tx.remark("ticked_at", "b")

    assert store.reader("lee").skills == ("neuro", "chest")
    assert [one.name for one in store.readers()] == ["lee"]
    assert [one.payload for one in store.notices(9)] == [{"text": "y"}]
    assert (store.meta("ticked_at"), store.meta("never")) == ("b", None)


def test_a_list_that_takes_nothing_new_keeps_what_it_has(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
        tx.put_worklist(Worklist(code="neuro", status="closing", fallback="exceptions"))
        item = move(tx, item, Event.CLAIM)
        with pytest.raises(sqlite3.IntegrityError, match="N12"):
            accept(tx, "A-2")
        item = move(tx, item, Event.PASS, worklist="chest")
        tx.put_worklist(Worklist(code="neuro", status="retired"))

    assert item.worklist == "chest"
    assert store.verify().is_clean


def test_what_is_not_there_is_said_to_be_not_found(store: SqliteStore) -> None:
    for ask in (store.item, store.history, store.procedure, store.input, store.raw, store.evidence):
        with pytest.raises(NotFound):
            ask(99)


def test_text_that_no_database_keeps_is_made_keepable(store: SqliteStore) -> None:
    """NUL and lone surrogates come with real messages; the raw bytes are kept beside."""
    with store.writing(NOW) as tx:
        made = tx.add_procedure("a\0b\ud800c", [Alias(kind="accession", value="x\0\udfff")])
        number = tx.add_input(source="s\0", message_id="\ud800", digest="d", kind="hl7", raw=b"\0")
        tx.conclude(number, "accepted")

    assert made.knowledge == "a\ufffdb\ufffdc"
    assert store.procedures_by("accession", "x\0\udfff") == (made,)
    assert store.input_by("s\0", "\ud800", "d").id == number
    assert store.verify().is_clean


# time --------------------------------------------------------------------------------------------------------------


def test_time_in_the_journal_never_runs_backwards_and_leases_use_now(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
    with store.writing(NOW - timedelta(minutes=5)) as tx:
        assert (tx.at, tx.now, tx.stepped_back) == (NOW, NOW - timedelta(minutes=5), False)
        item = move(tx, item, Event.CLAIM)

    assert store.history(item.id)[-1].at == NOW
    assert item.lease_until == NOW + HOUR - timedelta(minutes=5)
    assert store.verify(now=NOW).figures["clock_steps"] == 0


def test_a_step_of_more_than_an_hour_is_flagged_once(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    for _ in range(3):
        with store.writing(NOW - 2 * HOUR) as tx:
            assert tx.stepped_back

    assert store.verify(now=NOW).figures["clock_steps"] == 1
    assert store.verify(now=NOW).is_clean


def test_a_moment_without_a_zone_is_refused(store: SqliteStore) -> None:
    with pytest.raises(NaiveMoment), store.writing(datetime(2026, 3, 10, 10)):  # noqa: DTZ001 - that is the point
        pass
    with pytest.raises(NaiveMoment), store.writing(NOW) as tx:
        accept(tx, "A-1", due_at=datetime(2026, 3, 10, 10))  # noqa: DTZ001


def test_every_instant_comes_back_to_the_microsecond() -> None:
    for moment in (NOW, NOW.replace(microsecond=1), datetime(1932, 2, 29, 23, 59, 59, 999_999, tzinfo=NOW.tzinfo)):
        assert rows.to_instant(rows.to_number(moment)) == moment


# settings, files, writers ------------------------------------------------------------------------------------------


def test_the_settings_are_read_back_on_every_connection(store: SqliteStore) -> None:
    """N17: in every thread, not only in the first."""
    found = []

    def read() -> None:
        found.append({name: store._connection().execute(f"PRAGMA {name}").fetchone()[0] for name, _, _ in SETTINGS})

    for _ in range(2):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    assert found == [{name: expected for name, _, expected in SETTINGS}] * 2


class _Deaf(sqlite3.Connection):
    """A build that does not take one of the settings."""

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        return super().execute("SELECT 1" if sql.startswith("PRAGMA synchronous =") else sql, *parameters)


def _driver(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> ModuleType:
    driver = ModuleType("deaf")
    driver.sqlite_version_info = version

    def deaf_connect(*said: object, **named: object) -> sqlite3.Connection:
        connection = sqlite3.connect(*said, factory=_Deaf, **named)
        sqlite3.Connection.execute(connection, "PRAGMA synchronous = NORMAL")
        return connection

    driver.connect = deaf_connect
    return driver


def test_a_weaker_setting_is_refused_unless_it_is_forced_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="synchronous"):
        SqliteStore.open(tmp_path / "a.db", driver=_driver())

    forced = SqliteStore.open(tmp_path / "b.db", driver=_driver(), forced=("synchronous",))
    found = forced.verify()
    forced.close()

    assert "V1" in {one.check for one in found.findings}
    assert found.figures["forced"] == ["synchronous"]


def test_syncs_are_switched_off_by_name_alone_recorded_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for said in ("OFF", "NORMAL", "off", "EXTRA"):
        with pytest.raises(StoreRefused, match="synchronous"):
            SqliteStore.open(path, synchronous=said)
    assert not path.exists()

    played = SqliteStore.open(path, synchronous="OFF", forced=("synchronous",))
    assert played._connection().execute("PRAGMA synchronous").fetchone() == (0,)
    weaker = [one.evidence for one in played.verify().findings]
    played.close()
    kept = SqliteStore.open(path)
    assert kept._connection().execute("PRAGMA synchronous").fetchone() == (2,)
    after = kept.verify()
    kept.close()

    assert weaker == ["`synchronous` is 0, not 2"]
    assert not after.findings
    assert after.figures["forced"] == ["synchronous"]


def test_an_old_sqlite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match=r"3\.37\.0 or newer"):
        SqliteStore.open(tmp_path / "a.db", driver=_driver((3, 34, 1)))


@pytest.mark.parametrize(
    ("version", "defective"),
    [
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.52.0", False),
        ("4.0.0", False),
    ],
)
def test_the_wal_reset_defect_is_known_by_version(version: str, *, defective: bool) -> None:
    assert has_wal_reset_defect(version) is defective


def test_a_network_file_system_is_refused_unless_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks and syncs over a network were seen to lose commits."""
    monkeypatch.setattr(connection, "file_system", lambda _folder: "nfs")

    with pytest.raises(StoreRefused, match=r"network file system \(nfs\)"):
        SqliteStore.open(tmp_path / "a.db")
    forced = SqliteStore.open(tmp_path / "b.db", forced=("file system",))
    assert {one.check for one in forced.verify().findings} == {"V1"}
    forced.close()


@pytest.mark.parametrize("url", ["postgresql://x/y", ":memory:", "", "file:x?mode=memory"])
def test_an_address_that_keeps_nothing_or_is_unknown_is_refused(url: str) -> None:
    with pytest.raises(StoreRefused):
        place_of(url)


def test_a_store_can_be_named_by_url(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(f"sqlite:///{path}").close()

    assert path.exists()
    with pytest.raises(StoreRefused, match="no store"):
        SqliteStore.open(tmp_path / "b.db", create=False)


def test_the_files_are_their_owners_alone(store: SqliteStore) -> None:
    for path in store.place.path.parent.glob("worklist.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    noise = tmp_path / "noise.db"
    noise.write_bytes(b"not a database at all" * 100)

    for file, words in ((path, "another program's"), (noise, "not a store")):
        with pytest.raises(StoreRefused, match=words):
            SqliteStore.open(file)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    connection.close()


def test_a_store_without_a_guard_is_not_opened_unless_forced(store: SqliteStore) -> None:
    connection = stranger(store)
    connection.execute("DROP TRIGGER item_never_vanishes")
    connection.close()

    with pytest.raises(StoreRefused, match="trigger item_never_vanishes is missing"):
        SqliteStore.open(store.place.path)
    SqliteStore.open(store.place.path, forced=("schema",)).close()


def test_a_store_of_a_newer_version_is_not_opened(store: SqliteStore) -> None:
    connection = stranger(store)
    connection.execute("INSERT INTO migration SELECT max(number) + 1, 'later.sql', 'x' FROM migration")
    connection.close()

    with pytest.raises(StoreRefused, match="newer version"):
        SqliteStore.open(store.place.path)


def test_a_writer_waits_for_the_gate_and_is_told_who_holds_it(store: SqliteStore) -> None:
    store.gate.wait_seconds = 0.05
    other = SqliteStore.open(store.place.path)
    with other.writing(NOW), pytest.raises(StoreBusy) as refusal, _in_thread(store):
        pass
    other.close()

    assert refusal.value.holder == os.getpid()


class _in_thread:  # noqa: N801 - reads as a phrase
    """Try to write from another thread, and raise here what was raised there."""

    def __init__(self, store: SqliteStore) -> None:
        self.store, self.error = store, None

    def __enter__(self) -> None:
        thread = threading.Thread(target=self._try)
        thread.start()
        thread.join()
        if self.error:
            raise self.error

    def __exit__(self, *_: object) -> None:
        pass

    def _try(self) -> None:
        try:
            with self.store.writing(NOW):
                pass
        except StoreBusy as error:
            self.error = error


def test_a_transaction_inside_a_transaction_is_a_mistake_that_is_named(store: SqliteStore) -> None:
    with pytest.raises(RuntimeError, match="already open"), store.writing(NOW), store.writing(NOW):
        pass


@pytest.mark.slow
def test_writers_side_by_side_take_each_item_once(store: SqliteStore) -> None:
    """One winner for each claim, in any number of threads; none starves."""
    with store.writing(NOW) as tx:
        for number in range(120):
            accept(tx, f"A-{number}")
    won: dict[str, list[int]] = {f"reader-{number}": [] for number in range(4)}

    def read(name: str) -> None:
        while True:
            with store.writing(NOW) as tx:
                found = tx.candidates(["neuro"], 1, NOW)
                if not found:
                    return
                said = {"holder": name, "lease_until": NOW + HOUR}
                won[name].append(tx.move(found[0], Move(event=Event.CLAIM, actor=name, changes=said)).id)

    threads = [threading.Thread(target=read, args=(name,)) for name in won]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    everything = [number for numbers in won.values() for number in numbers]
    assert sorted(everything) == sorted(set(everything))
    assert len(everything) == 120
    assert min(len(numbers) for numbers in won.values()) > 0
    assert store.verify().is_clean


@pytest.mark.parametrize("applied", [2, 3, 5])
def test_a_store_that_was_made_by_an_older_version_is_brought_up_to_date(
    applied: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each migration begins with a store that has work in it; the work is the same after it."""
    older = schema.migrations()[:applied]
    monkeypatch.setattr(schema, "migrations", lambda: older)
    schema.expected_objects.cache_clear()
    store = SqliteStore.open(tmp_path / "worklist.db")
    with store.writing(NOW) as tx:
        furnish(tx)
        accept(tx, "A-1", details={"asked": "lee"}, due_at=NOW - HOUR)
    before = store.page(None, None)
    store.close()
    monkeypatch.undo()
    schema.expected_objects.cache_clear()

    store = SqliteStore.open(tmp_path / "worklist.db")

    assert store.page(None, None) == before
    assert store.asked_of("lee", 9) == store.overdue_in(["neuro"], 9, NOW) == before
    assert store.verify().is_clean
    store.close()


def test_overdue_work_of_some_lists_is_what_may_be_claimed(store: SqliteStore) -> None:
    """Earliest due first; what is claimed, held or of another list is not among it."""
    with store.writing(NOW) as tx:
        late = [accept(tx, f"A-{hours}", due_at=NOW - hours * HOUR) for hours in (1, 3, 2)]
        accept(tx, "A-in-time")
        accept(tx, "A-without", due_at=None)
        accept(tx, "A-elsewhere", worklist="chest", due_at=NOW - HOUR)
        accept(tx, "A-held", state=State.HELD, due_at=NOW - HOUR)
        claimed = move(tx, accept(tx, "A-claimed", due_at=NOW - 9 * HOUR), Event.CLAIM)

    assert [item.id for item in store.overdue_in(["neuro", "neuro"], 9, NOW)] == [late[1].id, late[2].id, late[0].id]
    assert [item.id for item in store.overdue_in(["neuro", "chest"], 1, NOW)] == [late[1].id]
    assert store.overdue_in(["neuro"], 1, NOW + 2 * HOUR)[0].id == claimed.id
    assert store.overdue_in([], 9, NOW) == ()


@pytest.mark.slow
@example(["a\0b", "\ud800", "a"])
@given(st.lists(st.text(max_size=6) | st.text(alphabet='"\\:a', max_size=4), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_whoever_is_asked_finds_the_question(names: list[str]) -> None:
    """Whatever the name, and whatever else the details say; discharged questions are not among them."""
    with TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        with store.writing(NOW) as tx:
            asked = [
                (name, accept(tx, f"A-{n}", details={"asked": name, "also": names})) for n, name in enumerate(names)
            ]
            done = move(tx, accept(tx, "A-done", details={"asked": names[0]}), Event.FINAL_REPORT)

        for name in names:
            expected = [item for other, item in asked if rows.clean(other) == rows.clean(name)]
            assert [item.id for item in store.asked_of(name, 9)] == [item.id for item in expected]
        assert done.id not in {item.id for item in store.asked_of(names[0], 9)}
        store.close()


def test_who_is_asked_stands_where_it_is_found(store: SqliteStore) -> None:
    with store.writing(NOW) as tx, pytest.raises(StoreRefused, match="only at the top"):
        accept(tx, "A-1", details={"second": {"asked": "lee"}})


def test_the_feed_of_changes_leaves_nothing_out(store: SqliteStore) -> None:
    with store.writing(NOW) as tx:
        first = accept(tx, "A-1")
        move(tx, first, Event.CLAIM)
        accept(tx, "A-2")

    rows_of = [*store.journal_since(0, 2), *store.journal_since(2, 2)]

    assert [(row.seq, row.item, row.n, row.kind) for row in rows_of] == [
        (1, 1, 1, Kind.REPORT),
        (2, 1, 2, Kind.REPORT),
        (3, 2, 1, Kind.REPORT),
    ]
    assert [row.procedure for row in rows_of] == [1, 1, 2]
    assert store.journal_since(3, 2) == ()


@pytest.mark.slow
def test_processes_that_start_at_once_make_one_store(tmp_path: Path) -> None:
    """The migration is applied once, whoever comes first."""
    path = tmp_path / "worklist.db"
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                SqliteStore.open(path).close()
            except BaseException:  # noqa: BLE001 - a child of a test says it by its exit
                os._exit(1)
            os._exit(0)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    store = SqliteStore.open(path)
    assert store.verify().is_clean
    store.close()


def test_a_store_goes_on_after_a_fork(store: SqliteStore) -> None:
    """The child gets connections of its own."""
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    child = os.fork()
    if child == 0:
        try:
            with store.writing(NOW) as tx:
                accept(tx, "A-2")
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)

    assert os.waitpid(child, 0)[1] == 0
    with store.writing(NOW) as tx:
        accept(tx, "A-3")
    assert len(store.page(None, None)) == 3
    assert store.verify().is_clean


def test_evidence_cannot_be_used_again_after_a_withdrawal(store: SqliteStore) -> None:
    """The report that was taken back does not discharge the item a second time."""
    with store.writing(NOW) as tx:
        item = accept(tx, "A-1")
        evidence = tx.add_evidence(Evidence(kind="report", procedure=item.procedure, status="final"))
        final = Move(event=Event.FINAL_REPORT, actor="RIS", evidence=evidence)
        item = move(tx, tx.move(item, final), Event.WITHDRAW)
        with pytest.raises(sqlite3.IntegrityError, match="does not end an item twice"):
            tx.move(item, final)


@pytest.mark.parametrize("in_a_part", [True, False])
def test_after_the_database_undid_a_transaction_nothing_more_is_written_in_it(
    store: SqliteStore, *, in_a_part: bool
) -> None:
    """SQLite may undo all of it by itself, after an error of the disk or of memory, and a host may go on after that."""

    def going_on() -> None:
        with store.writing(NOW) as tx:
            accept(tx, "A-1")
            with contextlib.suppress(sqlite3.OperationalError), tx.part() if in_a_part else contextlib.nullcontext():
                store.own_connection().execute("ROLLBACK")
                raise sqlite3.OperationalError("disk I/O error")
            tx.put_patient("1", "HOSPITAL", "{}")

    with pytest.raises(StoreRefused, match="has undone the transaction"):
        going_on()

    assert (store.patient("1", "HOSPITAL"), store.page(None, None)) == (None, ())
    with store.writing(NOW) as tx:
        accept(tx, "A-1")
    assert store.verify().is_clean


@given(st.text(), st.text(alphabet="|,%\n'\"-0 "), st.none() | st.text(), st.none() | st.integers(0, 2**62))
def test_the_database_makes_the_same_form_of_a_row(one: str, two: str, three: str | None, four: int | None) -> None:
    """`verify` lets the database write out the row; it must be the bytes that were hashed."""
    row = dict.fromkeys(rows.JOURNAL, "x") | dict.fromkeys(rows._NUMBERS, 7)
    row |= {"actor": rows.clean(one), "worklist": rows.clean(two), "due_at": four}
    row |= {"reason": None if three is None else rows.clean(three), "details": None}
    values = [row[name] for name in rows.JOURNAL]
    columns = ", ".join(f"? AS {name}" for name in rows.JOURNAL)
    connection = sqlite3.connect(":memory:")

    form = connection.execute(f"SELECT {rows.FORM_IN_SQL} FROM (SELECT {columns}) AS journal", values).fetchone()[0]  # noqa: S608

    connection.close()
    assert hashlib.sha256(form).hexdigest() == rows.hash_of(values)


@pytest.mark.slow
def test_what_writing_a_procedure_returns_is_what_is_read(store: SqliteStore) -> None:
    """It is not read again, so it has to be the same: order of the names, and text that no database can keep."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(["accession", "study_uid"]), st.text(min_size=1), st.text()), max_size=4))
    def law(names: list[tuple[str, str, str]]) -> None:
        aliases = [Alias(kind=kind, value=value, issuer=issuer) for kind, value, issuer in names]
        with store.writing(NOW) as tx:
            written = tx.add_procedure('{"x":"\0"}', aliases)
            assert tx.procedure(written.id) == written
            changed = tx.change_procedure(written.id, '{"y":1}', aliases[:1])
            assert tx.procedure(written.id) == changed

    law()
