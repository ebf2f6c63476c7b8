"""Commands about rule changes and about what others are told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routing.worklists import Worklists
from tests.cli.test_commands import routing
from tests.worklists.timed import HEAD, RULES, TAIL, book

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
AT = ("--at", (NOW + timedelta(minutes=5)).isoformat())
LATER = ("--at", (NOW + timedelta(minutes=130)).isoformat())
CHASE = """
rule "Chase" when modality includes CT
  notify lead
  escalate to pool when overdue
"""
POOLED = 'rule "Pooled" when modality includes CT route to pool due within 30 minutes\n'


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A store with two CTs, and somebody who may activate."""
    path = str(tmp_path / "w.db")
    with Worklists.open(path, book(CHASE), clock=lambda: NOW) as worklists:
        for number in (1, 2):
            worklists.receive({"accession": f"A{number}", "modality": "CT", "exam_end": NOW, "image_count": 1})
        worklists.grant("eve", "activate", "boss")
    return path


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The rulebook after an edit."""
    path = tmp_path / "edited.rules"
    path.write_text(HEAD + POOLED + RULES + TAIL, encoding="utf-8")
    return path


def test_a_preview_says_what_moves_and_writes_nothing(db: str, edited: Path) -> None:
    """It has its own line for what the rulebook alone would make later."""
    before = routing("changes", "--store", db, *AT).stdout

    shown = routing("preview", edited, "--store", db, *AT)
    found = routing("preview", edited, "--store", db, "--format", "json", *AT).json

    assert shown.exit_code == 0
    assert "2 items move, 0 to exceptions, 2 due earlier; 0 would be due later" in shown.stdout
    assert [(one["from"], one["to"], one["count"]) for one in found["moves"]] == [("ct", "pool", 2)]
    assert routing("preview", edited, "--store", db, "--format", "csv", *AT).stdout.startswith("from,to,count")
    assert routing("changes", "--store", db, *AT).stdout == before


def test_a_rollback_brings_the_rules_back_and_is_refused_without_a_right(db: str, edited: Path) -> None:
    """Exit 1 where it is refused, and nothing has changed."""
    assert routing("activate", edited, "--store", db, "--by", "eve", "--reason", "pool", *AT).exit_code == 0
    refused = routing("rollback", "--store", db, "--by", "lee", "--reason", "back", *AT)
    done = routing("rollback", "--store", db, "--by", "eve", "--reason", "the pool is full", *AT)
    rows = routing("rulebooks", "--store", db, "--format", "json", *AT).json

    assert refused.exit_code == 1
    assert (done.exit_code, done.stdout) == (0, "Timed is active again: 2 procedures decided anew\n")
    assert [row["reason"] for row in rows][:2] == ["the pool is full", "pool"]
    text = routing("rulebooks", "--store", db, "--text", rows[1]["fingerprint"], *AT).stdout
    assert "Pooled" in text


def test_changes_are_followed_with_a_cursor_and_name_nobody(db: str) -> None:
    """What came after the last one that was seen, and nothing twice."""
    first = routing("changes", "--store", db, "--limit", 1, "--format", "json", *AT)
    rest = routing("changes", "--store", db, "--after", first.json[0]["cursor"], "--format", "jsonl", *AT)
    named = routing("changes", "--store", db, "--identity", "--format", "json", *AT).json

    assert (first.json[0]["cursor"], first.json[0]["event"]) == (1, "accept")
    assert [json.loads(line)["cursor"] for line in rest.stdout.splitlines()] == [2]
    assert "A1" not in first.stdout + rest.stdout
    assert [one["accession"] for one in named] == ["A1", "A2"]


def test_notices_are_listed_until_they_are_told(db: str) -> None:
    """What time has to say is among them."""
    rows = routing("notices", "--store", db, "--format", "json", *LATER).json
    kinds = [(row["target"], row["kind"]) for row in rows]
    told = [word for row in rows[:3] for word in ("--told", row["notice"])]
    left = routing("notices", "--store", db, *told, "--format", "json", *LATER).json

    assert kinds == [("lead", "opened"), ("lead", "opened"), ("pool", "escalated"), ("pool", "escalated")]
    assert left == rows[3:]


def test_a_tick_says_what_it_did(db: str) -> None:
    """Figures, and nothing the second time."""
    done = routing("tick", "--store", db, "--format", "json", *LATER).json

    assert done == {"holds_over": 0, "leases_over": 0, "reports_waiting": 0, "escalated": 2, "watches": 0}
    assert not any(routing("tick", "--store", db, "--format", "json", *LATER).json.values())


def test_a_status_with_a_name_is_an_enquiry_and_without_one_is_not(db: str) -> None:
    """Asked for twice it escalates, and the history says who asked."""
    routing("status", "A1", "--store", db, *AT)
    for ward in ("ward 7", "ward 8"):
        assert routing("status", "A1", "--store", db, "--by", ward, *AT).exit_code == 0
    rows = routing("history", "A1", "--store", db, "--format", "json", *AT).json

    assert [row["actor"] for row in rows if row["reason"] == "enquiry"] == ["ward 7", "ward 8"]
    assert [row["event"] for row in rows].count("escalate") == 1


def test_counts_say_what_is_overdue(db: str) -> None:
    """Beside the counts, on stderr in a table, and a key of its own in JSON."""
    shown = routing("counts", "--store", db, *LATER)
    found = routing("counts", "--store", db, "--format", "json", *LATER).json

    assert found["overdue"] == [{"worklist": "pool", "overdue": 2, "unclaimed": 2}]
    assert "pool: 2 overdue, 2 of them in nobody's hands" in shown.stderr
