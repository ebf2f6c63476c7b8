"""Commands for readers among themselves, each as somebody at a shell gives it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routing import Rulebook
from routing.worklists import Worklists
from tests.cli.test_commands import routing
from tests.scenarios.hospital import RULES

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
AT = ("--at", (NOW + timedelta(minutes=5)).isoformat())


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A store with a head CT, and readers in its own directory."""
    path = str(tmp_path / "w.db")
    with Worklists.open(path, Rulebook.loads(RULES), clock=lambda: NOW) as worklists:
        worklists.receive({"accession": "A1", "modality": "CT", "body_part": "HEAD", "exam_end": NOW, "image_count": 1})
        for name in ("lee", "patel"):
            worklists.put_reader(name, ["neuro"], by="boss")
        for act in ("lower", "grant"):
            worklists.grant("boss", act, by="boss")
    return path


def test_a_scan_is_passed_to_a_colleague_who_accepts_it(db: str) -> None:
    """The token of the claim is printed."""
    passed = routing("pass", 1, "--to-reader", "patel", "--store", db, "--by", "lee", "--reason", "have a look", *AT)
    held = routing("accept", 1, "--store", db, "--by", "patel", "--format", "json", *AT)
    longer = routing("renew", 1, "--token", 1, "--store", db, "--by", "patel", "--format", "json", *AT)

    assert "stays on neuro until patel accepts it" in passed.stdout
    assert held.json["token"] == 1
    assert longer.exit_code == 0


def test_a_pass_is_to_a_list_or_to_a_colleague(db: str) -> None:
    """Neither, or both, is a slip."""
    assert routing("pass", 1, "--store", db, "--by", "lee", "--reason", "x", *AT).exit_code == 2
    assert (
        routing(
            "pass", 1, "chest", "--to-reader", "patel", "--store", db, "--by", "lee", "--reason", "x", *AT
        ).exit_code
        == 2
    )


def test_declining_needs_to_be_asked(db: str) -> None:
    """A refusal is one line and exit 1."""
    refused = routing("decline", 1, "--store", db, "--by", "patel", "--reason", "busy", *AT)

    assert refused.exit_code == 1
    assert "nobody is asked to take it" in refused.stderr


def test_an_opinion_is_asked_answered_and_read(db: str) -> None:
    """Three commands and a report."""
    asked = routing(
        "opinion",
        1,
        "--of",
        "patel",
        "--question",
        "Is it benign?",
        "--store",
        db,
        "--by",
        "lee",
        "--format",
        "json",
        *AT,
    )
    answered = routing("report", asked.json["item"], "--report-id", "O1", "--store", db, "--by", "patel", *AT)
    where = ("--reader", "lee", "--store", db, "--format", "json", *AT)
    listed, unread = routing("list", *where), routing("list", "--unread", *where)
    read = routing("acknowledge", asked.json["item"], "--store", db, "--by", "lee", *AT)
    after = routing("list", "--unread", *where)

    assert asked.json["kind"] == "opinion"
    assert "answers that lee has not read: 1" in listed.stderr
    assert [(row["item"], row["state"]) for row in unread.json] == [(asked.json["item"], "reported")]
    assert after.json == []
    assert routing("list", "--unread", "--store", db, *AT).exit_code == 2
    assert (answered.exit_code, read.exit_code) == (0, 0)


def test_overriding_needs_the_right_and_a_sound_instant(db: str) -> None:
    """Exit 1 for a refusal, 2 for a slip."""
    lower = ("override", 1, "--priority", "routine", "--reason", "by phone", "--store", db, *AT)
    raised = routing("override", 1, "--priority", "stat", "--reason", "by phone", "--by", "lee", "--store", db, *AT)

    assert raised.exit_code == 0
    assert routing(*lower, "--by", "lee").exit_code == 1
    assert routing(*lower, "--by", "boss").exit_code == 0
    assert routing("override", 1, "--due", "soon", "--reason", "x", "--by", "boss", "--store", db, *AT).exit_code == 2


def test_a_skip_is_written_down(db: str) -> None:
    """With its reason, in the history."""
    assert routing("skip", 1, "--reason", "a friend", "--store", db, "--by", "lee", *AT).exit_code == 0
    assert "a friend" in routing("history", "A1", "--store", db, "--format", "json", *AT).stdout


def test_readers_and_grants_are_listed(db: str) -> None:
    """As they stand in the store."""
    routing("reader", "singh", "--skills", "neuro,chest", "--grade", "trainee", "--store", db, "--by", "boss", *AT)

    names = [row["name"] for row in routing("readers", "--store", db, "--format", "json", *AT).json]
    acts = [row["act"] for row in routing("grants", "--store", db, "--format", "json", *AT).json]
    assert names == ["lee", "patel", "singh"]
    assert {"lower", "grant"} <= set(acts)


def test_a_report_on_the_wrong_patient_is_taken_back(db: str) -> None:
    """Both sides wait again; a slip changes nothing."""
    assert routing("report", 1, "--report-id", "R1", "--store", db, "--by", "lee", *AT).exit_code == 0
    where = ("--store", db, "--by", "lee", "--reason", "swapped", *AT)
    refused = routing("wrong-patient", 1, "--other", 1, *where)
    done = routing("wrong-patient", 1, *where)
    listed = routing("list", "--reader", "patel", "--store", db, "--format", "json", *AT)

    assert refused.exit_code == 1
    assert "item 1 is waiting again" in done.stdout
    assert [(row["kind"], row["identity"]) for row in listed.json] == [("report", "restricted")]


def test_a_list_and_a_history_say_what_is_asked_and_passed(db: str) -> None:
    """In words, with who and why; the forms for programs have a key for each."""
    routing("opinion", 1, "--of", "patel", "--question", "Is it benign?", "--store", db, "--by", "lee", *AT)
    routing("pass", 1, "--to-reader", "patel", "--store", db, "--by", "lee", "--reason", "you know her", *AT)
    listed = routing("list", "--store", db, "--format", "json", *AT).json
    shown = routing("list", "--store", db, *AT).stdout
    told = routing("history", "A1", "--store", db, *AT).stdout

    assert [(row["kind"], row["question"], row["asked_of"], row["passed_to"]) for row in listed] == [
        ("opinion", "Is it benign?", "patel", None),
        ("report", None, "patel", "patel"),
    ]
    for words in ("a second opinion is asked for: Is it benign?", "waits for patel to accept it from lee"):
        assert words in " ".join(shown.split())
    for words in ("to patel: you know her", "second opinion of patel on item 1: Is it benign?"):
        assert words in " ".join(told.split())


def test_who_is_told_may_be_a_reader(tmp_path: Path) -> None:
    """What is blind is told to the host and not to the other reader, by any of the three commands."""
    path = str(tmp_path / "blind.db")
    with Worklists.open(path, Rulebook.loads(RULES), clock=lambda: NOW) as worklists:
        worklists.receive({"accession": "M1", "modality": "MG", "exam_end": NOW, "image_count": 4})
        for name in ("ann", "ben"):
            worklists.put_reader(name, ["breast"], by="boss")
        worklists.claim_next("ann")

    for words in (("status", "M1"), ("history", "M1"), ("changes",)):
        where = ("--store", path, "--format", "jsonl", *AT)
        assert "ann" in routing(*words, *where).stdout
        assert "ann" not in routing(*words, "--reader", "ben", *where).stdout


def test_the_next_item_may_be_asked_of_some_lists(db: str) -> None:
    """A list that is not there is a slip, and a list goes with `--next` alone."""
    where = ("--store", db, "--by", "lee", *AT)

    assert "nothing waits" in routing("claim", "--next", "--worklist", "chest", *where).stderr
    assert routing("claim", "--next", "--worklist", "chets", *where).exit_code == 1
    assert routing("claim", 1, "--worklist", "neuro", *where).exit_code == 2
    assert "token" in routing("claim", "--next", "--worklist", "chest", "--worklist", "neuro", *where).stdout


def test_what_was_refused_is_listed_with_who_tried_what(db: str) -> None:
    """A supervisor reads it in one line."""
    assert routing("close", 1, "--store", db, "--by", "mallory", "--reason", "x", *AT).exit_code == 1
    shown = routing("notices", "--store", db, *AT).stdout
    (row,) = [
        row for row in routing("notices", "--store", db, "--format", "json", *AT).json if row["target"] == "refused"
    ]

    assert "mallory: close, which needs a grant `close`" in " ".join(shown.split())
    assert (row["actor"], row["act"], row["item"]) == ("mallory", "close", 1)
