"""Several processes find what one finds, whatever becomes of them on the way."""

import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest

from routing.states import Event
from routing.store import crew, proofs, schema
from routing.store.crew import Answer, Crew, Job
from routing.store.sqlite import SqliteStore
from tests.store.building import NOW, accept, move, new_store, stranger

ALL = (proofs.LEAST, proofs.MOST)


@pytest.fixture
def damaged(tmp_path: Path) -> SqliteStore:
    """A store of which a row was edited behind a dropped guard."""
    store = new_store(tmp_path)
    with store.writing(NOW) as tx:
        for number in range(6):
            move(tx, accept(tx, f"A-{number}"), Event.CLAIM)
    connection = stranger(store)
    connection.execute("DROP TRIGGER journal_never_changes")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 11")
    connection.execute(schema.expected_objects()["trigger journal_never_changes"])
    connection.close()
    return store


def test_what_a_screen_doubts_is_proved(damaged: SqliteStore) -> None:
    """The schema is as it should be, so that the screens are asked first."""
    found = damaged.verify().findings

    damaged.close()
    assert [(one.check, one.item, one.evidence) for one in found] == [
        ("V4", 6, "row 1 was changed after it was written")
    ]


@pytest.mark.slow
def test_several_find_what_one_finds(damaged: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.store.verify._PART", 2)

    alone, together = damaged.verify(), damaged.verify(processes=3)

    damaged.close()
    assert alone.findings == together.findings != ()


@pytest.mark.slow
def test_a_child_answers_each_job_on_its_own_connection(damaged: SqliteStore) -> None:
    """Screens answer by a doubt, proofs by what they find."""
    jobs = [Job("screen chain", *ALL), Job("screen items", *ALL), Job("proof chain", *ALL)]
    connection = sqlite3.connect(damaged.place.path)

    with Crew(damaged.place, 2) as both:
        answers = [crew._answered(both._children[0], job) for job in jobs]

    connection.close()
    damaged.close()
    assert answers[:2] == [True, False]
    assert isinstance(answers[2], list)
    assert [one.check for one in answers[2]] == ["V4"]


@pytest.mark.slow
def test_the_work_of_a_child_that_has_gone_is_done_here(damaged: SqliteStore) -> None:
    connection = sqlite3.connect(damaged.place.path)
    jobs = [Job("proof moves", *ALL), Job("proof chain", *ALL), Job("screen chain", *ALL)]

    with Crew(damaged.place, 3) as three:
        for child in three._children:
            child.kill()
            child.wait()
        answers: list[Answer] = three.ask(connection, jobs)

    connection.close()
    damaged.close()
    assert [answers[0], answers[2]] == [[], True]


@pytest.mark.slow
@pytest.mark.parametrize("first", ["print('Loading')", "print('[]')", "print('false')", "raise SystemExit"])
def test_what_else_a_child_prints_is_no_answer_and_no_job_is_left_out(
    damaged: SqliteStore, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A start-up file of the host's may print: a job that went with it would be damage that nobody looked for."""
    monkeypatch.setattr(crew, "_CHILD", f"{first}\n{crew._CHILD}")
    connection = sqlite3.connect(damaged.place.path)
    jobs = [Job("screen chain", *ALL), Job("screen items", *ALL), Job("proof chain", *ALL), Job("proof moves", *ALL)]

    with Crew(damaged.place, 3) as three:
        answers = three.ask(connection, jobs)

    connection.close()
    damaged.close()
    assert [answers[0], answers[1], answers[3]] == [True, False, []]
    assert isinstance(answers[2], list)
    assert [one.check for one in answers[2]] == ["V4"]


def test_a_child_that_fails_in_any_way_leaves_its_job_to_the_others(
    damaged: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_child: object, _job: Job) -> Answer:
        raise ValueError("of no use")

    monkeypatch.setattr(crew, "_answered", broken)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    connection = sqlite3.connect(damaged.place.path)

    with Crew(damaged.place, 2) as both:
        answers = both.ask(
            connection, [Job("screen items", *ALL), Job("screen chain", *ALL)], meanwhile=lambda: time.sleep(0.1)
        )

    connection.close()
    damaged.close()
    assert answers == [False, True]


def test_children_that_the_system_refuses_are_not_missed(damaged: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise BlockingIOError("too many processes")

    monkeypatch.setattr(crew, "_started", refused)
    connection = sqlite3.connect(damaged.place.path)

    with Crew(damaged.place, 4) as alone:
        answers = alone.ask(connection, [Job("screen items", *ALL), Job("screen chain", *ALL)])

    connection.close()
    damaged.close()
    assert answers == [False, True]


def test_where_python_cannot_be_started_again_one_does_all(
    damaged: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")

    with Crew(damaged.place, 4) as alone:
        assert alone.size == 1

    damaged.close()


def test_after_a_doubt_nothing_more_is_begun(damaged: SqliteStore) -> None:
    """One doubt is enough to ask all proofs."""
    connection = sqlite3.connect(damaged.place.path)
    jobs = [Job("screen items", *ALL), Job("screen chain", *ALL), Job("screen moves", *ALL)]

    with Crew(damaged.place, 1) as alone:
        answers = alone.ask(connection, jobs, until=bool)

    connection.close()
    damaged.close()
    assert answers == [False, True]
