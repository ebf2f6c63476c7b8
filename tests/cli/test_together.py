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
