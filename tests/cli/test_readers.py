"""Who reads what, at the shell: readers, rights, lists for one reader, and what nobody may read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from routing import Rulebook, Worklists
from tests.cli.test_together import AT, routing
from tests.worklists.plain import TEXT
from tests.worklists.telling import at

RULES = TEXT.replace(
    "otherwise\n",
    """
rule "Staff" when department is STAFF show identity only to readers with pacs_team
view "Heads" for everyone shows ct, mr when body_part includes HEAD
otherwise
""",
)


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Return a store with a CT of a member of staff, a mammogram, an MR of a head, and what nobody can read."""
    path = str(tmp_path / "w.db")
    with Worklists.open(path, Rulebook.loads(RULES), clock=lambda: at(5), actor="boss") as worklists:
        for number, said in enumerate(
            (
                {"modality": "CT", "department": "STAFF"},
                {"modality": "MG"},
                {"modality": "MR", "body_part": "HEAD"},
            ),
            start=1,
        ):
            known = {
                "accession": f"A{number}",
                "study_uid": f"1.{number}",
                "patient_id": f"P{number}",
                "image_count": 1,
            }
            worklists.receive(known | said | {"exam_end": at(number)}, sender="HOST", message_id=str(number))
        worklists.receive(b"neither HL7 nor DICOM", sender="RIS|STO")
        worklists.grant("boss", "break", by="boss")
    return path


def test_a_reader_is_put_with_skills_that_run_out_and_listed(db: str) -> None:
    """The last day is written beside the skill; who said so is shown."""
    put = routing("reader", "lee", "--skills", "breast:2027-03-31, pacs_team", "--store", db, "--by", "boss", *AT)
    wrong = routing("reader", "kim", "--skills", "breast:soon", "--store", db, "--by", "boss", *AT)
    listed = routing("readers", "--store", db, "--format", "json", *AT).json

    assert (put.exit_code, wrong.exit_code) == (0, 2)
    assert [(one["name"], one["skills"], one["until"], one["by"]) for one in listed] == [
        ("lee", ["breast", "pacs_team"], {"breast": "2027-03-31"}, "boss")
    ]


def test_a_right_is_given_for_one_list_and_listed(db: str) -> None:
    """A slip in its name, or in the list's, is refused."""
    given = routing("grant", "lee", "close", "--on", "ct", "--store", db, "--by", "boss", *AT)
    slips = [
        routing("grant", "lee", *slip, "--store", db, "--by", "boss", *AT)
        for slip in (("colse",), ("close", "--on", "cd"))
    ]
    rows = routing("grants", "--store", db, "--format", "json", *AT).json

    assert given.stdout == "lee may close on ct\n"
    assert [one.exit_code for one in slips] == [1, 1]
    assert ("lee", "close", "ct") in {(row["actor"], row["act"], row["scope"]) for row in rows}


def test_a_list_is_one_readers_filtered_sorted_or_a_view(db: str) -> None:
    """And says how many it does not show."""
    mine = routing("list", "--reader", "lee", "--store", db, "--format", "json", *AT)
    heads = routing("list", "--view", "Heads", "--store", db, "--format", "json", *AT)
    ct = routing("list", "--where", "modality=CT", "--sort", "site", "--store", db, "--format", "json", *AT)

    assert [row["accession"] for row in mine.json] == ["A1", "A3"]
    assert mine.stderr == "2 more open items are not shown\n"
    assert [row["accession"] for row in heads.json] == ["A3"]
    assert [row["accession"] for row in ct.json] == ["A1"]
    assert routing("list", "--where", "modality", "--store", db, *AT).exit_code == 2


def test_a_list_names_the_patient_on_request_and_where_it_may(db: str) -> None:
    """Without `--identity` not at all."""
    routing("reader", "lee", "--store", db, "--by", "boss", *AT)
    plain = routing("list", "--store", db, "--format", "json", *AT)
    asked = routing("list", "--reader", "lee", "--identity", "--store", db, "--format", "json", *AT)

    assert "P1" not in plain.stdout
    assert "patient_id" not in plain.json[0]
    assert [(row["accession"], row["patient_id"], row["identity"]) for row in asked.json] == [
        ("A1", None, "restricted"),
        ("A3", "P3", "shown"),
    ]


def test_what_needs_a_person_is_listed_with_its_input(db: str) -> None:
    """The number of the input, and who sent it."""
    table = routing("list", "--worklist", "attention", "--store", db, *AT)

    assert "input 4 from RIS|STO" in table.stdout


def test_counts_and_verify_say_which_lists_nobody_may_read(db: str) -> None:
    """An alarm where something waits there; it changes no exit."""
    counts, verified = routing("counts", "--store", db, *AT), routing("verify", "--store", db, *AT)

    assert "breast: nobody may read it, and 1 wait there" in counts.stderr
    assert "lists nobody may read: attention 1, breast 1" in verified.stderr
    assert "{" not in verified.stderr
    assert verified.exit_code == 0
    assert routing("counts", "--store", db, "--format", "json", *AT).json["unread"] == [
        {"worklist": "attention", "open": 1},
        {"worklist": "breast", "open": 1},
    ]


def test_counts_as_csv_are_rows(db: str) -> None:
    """A spreadsheet can add them up."""
    rows = list(csv.DictReader(io.StringIO(routing("counts", "--store", db, "--format", "csv", *AT).stdout)))

    assert rows[0] == {"worklist": "", "state": "accepted", "count": "4", "oldest": ""}
    assert sum(int(row["count"]) for row in rows if row["state"] == "waiting") == 4


def test_why_not_something_that_there_is_not_is_a_slip(db: str, tmp_path: Path) -> None:
    """From a store and from files; a rule or a list that there is has an answer."""
    book = tmp_path / "book.rules"
    book.write_text(RULES)
    study = tmp_path / "order.hl7"
    study.write_bytes(b"MSH|^~\\&|RIS|STO|||20260309080000||ORM^O01|M1|P|2.3.1\rPID|1||P1\rORC|NW|1\rOBR|1|1||X^Y\r")

    for target in ((book, study), ("--store", db, "A1")):
        slip = routing("why", *target, "--not", "genearl", *AT)
        assert slip.exit_code == 2
        assert "did you mean `general`?" in " ".join(slip.stderr.split())
        assert routing("why", *target, "--not", "breast", *AT).exit_code == 0


def test_who_has_left_is_written_down_and_what_they_were_asked_is_for_the_list(db: str) -> None:
    """At the shell: `--left` with the reason, and it is listed."""
    routing("reader", "lee", "--store", db, "--by", "boss", *AT)
    left = routing("reader", "lee", "--left", "retired", "--store", db, "--by", "boss", *AT)
    (listed,) = routing("readers", "--store", db, "--format", "json", *AT).json

    assert left.stdout == "lee has left; 0 items that were asked of them are for all of the list\n"
    assert (listed["name"], listed["skills"], listed["left"]) == ("lee", [], "retired")
