"""Commands that keep a store sound: seal, backup, export, redact, verify."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from routing.cli import app
from routing.rulebook import Rulebook
from routing.worklists import Worklists
from tests.benchmarks.whole import BOOK, ORDER

AT = ["--at", "2026-03-10T12:00:00+00:00"]
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
UPDATE = (
    "MSH|^~\\&|RIS|CITY|PACS|CITY|20260310100500||ADT^A08|U1|P|2.5.1\r"
    "PID|1||P0000001^^^CITY^MR||INVENTED^PERSON||19600101|F\r"
    "PV1|1|I\r"
)


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A store with one reported and one open procedure of invented patients."""
    path = str(tmp_path / "worklist.db")
    with Worklists.open(path, Rulebook.loads(BOOK), clock=lambda: NOW) as worklists:
        for number in ("0000001", "0000002"):
            worklists.receive(ORDER.format(n=number).encode())
            images = {"accession": f"A{number}", "modality": "CT", "body_part": "HEAD", "image_count": 1}
            worklists.receive(images, sender="PACS", message_id=number)
        worklists.receive(UPDATE.encode())
        worklists.report("A0000001", "final", "R1", "lee")
        worklists.grant("erin", "redact", "boss")
    return path


def run(*words: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, [*words])
    assert found.exit_code == code, (found.output, found.exception)
    return found.stdout


def test_a_seal_that_left_the_host_is_an_anchor(db: str, tmp_path: Path) -> None:
    for how in ("table", "json", "csv"):
        anchor = tmp_path / f"seal.{how}"
        anchor.write_text(run("seal", "--store", db, "--format", how, *AT), encoding="utf-8")

        assert "clean" in run("verify", "--store", db, "--anchor", str(anchor), *AT)

    anchor.write_text("f" * 64, encoding="utf-8")
    assert "V12" in run("verify", "--store", db, "--anchor", str(anchor), *AT, code=1)
    assert "clean" in run("verify", "--store", db, "--since-seal", *AT)


def test_a_file_without_a_seal_is_no_anchor(db: str, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("no seal", encoding="utf-8")

    run("verify", "--store", db, "--anchor", str(tmp_path / "note"), *AT, code=2)


def test_a_backup_is_verified_and_never_overwrites(db: str, tmp_path: Path) -> None:
    target = str(tmp_path / "copy.db")

    assert "clean" in run("backup", target, "--store", db, *AT)
    assert run("counts", "--store", target, *AT) == run("counts", "--store", db, *AT)
    assert CliRunner().invoke(app, ["backup", target, "--store", db]).exit_code == 1


def test_verify_names_damage_and_repair_mends_what_the_journal_knows(db: str) -> None:
    connection = sqlite3.connect(db)
    sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'item_only_by_the_journal'").fetchone()[0]
    connection.execute("DROP TRIGGER item_only_by_the_journal")
    connection.execute("UPDATE item SET rank = 9 WHERE id = 2")
    connection.execute(sql)
    connection.commit()
    connection.close()

    assert "V5" in run("verify", "--store", db, *AT, code=1)
    run("verify", "--store", db, "--repair", *AT, code=2)
    assert "clean" in run("verify", "--store", db, "--repair", "--by", "ops", *AT)


def test_an_export_ends_with_its_digest_and_holds_no_identity(db: str) -> None:
    seal = json.loads(run("seal", "--store", db, "--format", "json", *AT))

    *lines, last = run("export", "--store", db).splitlines()

    assert json.loads(last)["rows"] == len(lines)
    assert json.loads(last)["seal"] == seal["hash"]
    assert {"item", "journal", "seal"} <= {json.loads(line)["table"] for line in lines}
    assert "INVENTED" not in "".join(lines)
    assert "INVENTED" in run("export", "--store", db, "--identity") or b"INVENTED".hex() in run(
        "export", "--store", db, "--identity"
    )


def test_redacting_erases_the_patient_and_leaves_the_chain(db: str) -> None:
    said = ["--store", db, "--reason", "the patient asked", "--format", "json", *AT]

    erased = json.loads(run("redact", "A0000001", "--by", "erin", *said))

    assert erased == {"procedures": 1, "inputs": 3, "patients": 1}
    assert "clean" in run("verify", "--store", db, *AT)
    everything = run("export", "--store", db, "--identity")
    for word in ("A0000001", "P0000001"):
        assert word not in everything
        assert word.encode().hex() not in everything
    assert "P0000002" in everything
    assert "1 reported" in run("counts", "--store", db, *AT)


def test_open_work_is_never_redacted_nor_without_a_grant(db: str) -> None:
    for accession, by in (("A0000002", "erin"), ("A0000001", "lee")):
        words = ["redact", accession, "--by", by, "--reason", "because", "--store", db, *AT]

        assert CliRunner().invoke(app, words).exit_code == 1

    with Worklists.open(db, clock=lambda: NOW) as worklists:
        assert worklists.status("A0000001").final


def test_a_redacted_procedure_is_passed_over_by_all_that_reads(db: str) -> None:
    run("redact", "A0000001", "--by", "erin", "--reason", "asked", "--store", db, *AT)

    with Worklists.open(db, clock=lambda: NOW) as worklists:
        worklists.grant("erin", "activate", "boss")
        worklists.activate(Rulebook.loads(BOOK.replace("4 hours", "3 hours")), "erin", "tighter")
        again = worklists.receive(ORDER.format(n="0000001").encode())
        census = worklists.reconcile(["A0000001", "A0000002"])
        assert worklists.history(1)
        assert len(worklists.page()) == 1
        worklists.tick()
        assert worklists.verify().is_clean
    assert again.outcome == "duplicate_ignored"
    assert census.missing == ("A0000001",)
