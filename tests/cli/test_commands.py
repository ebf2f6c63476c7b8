"""The contract of the command line: keys, exit codes, `--at` and `--by`, and what is never printed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from routing.cli import app
from routing.errors import RoutingError, RulebookError

EXAMPLE = Path(__file__).parents[2] / "examples" / "city-hospitals"
STARTER = Path(__file__).parents[2] / "examples" / "starter" / "department.rules"
STUDIES, HL7 = EXAMPLE / "samples" / "studies", EXAMPLE / "samples" / "hl7"
AT = ("--at", "2026-03-10T18:00:00+00:00")

DECISION_KEYS = {
    "source", "accession", "accession_issuer", "study_uid", "outcome", "worklist", "also", "priority", "due_at",
    "preliminary_due_at", "tags", "notify", "reads", "hold", "escalations", "offer", "closure", "rules", "route_rule",
    "undecided", "problems", "rulebook",
}  # fmt: skip
LINE_KEYS = {
    "item", "kind", "accession", "accession_issuer", "study_uid", "worklist", "state", "priority", "due_at", "holder",
    "lease_until",
}  # fmt: skip


class Done:
    def __init__(self, exit_code: int, stdout: str, stderr: str) -> None:
        self.exit_code, self.stdout, self.stderr = exit_code, stdout, stderr

    @property
    def json(self):
        return json.loads(self.stdout)


def routing(*words: object) -> Done:
    """Run the command line as `run()` does: a refusal is exit 1 and a line on stderr."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, RulebookError | RoutingError):
        return Done(1, done.stdout, f"{done.stderr}{done.exception}")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that works by the starter rulebook, with one order and its images in it."""
    path = tmp_path / "worklist.db"
    done = routing(
        "receive", "--store", path, "--rulebook", STARTER, *AT, HL7 / "001-ct-head-ed-order.hl7", STUDIES / "ct-head-ed"
    )
    assert done.exit_code == 0
    return path


def only_item(store: Path) -> dict:
    (line,) = routing("list", "--store", store, "--format", "json", *AT).json
    return line


def test_init_writes_a_starter_that_works_at_once(tmp_path: Path) -> None:
    """The first minute decides whether a PACS team goes on."""
    assert routing("init", tmp_path / "demo").exit_code == 0

    book = tmp_path / "demo" / "department.rules"
    assert routing("check", book).exit_code == 0
    assert routing("test", book).exit_code == 0
    done = routing("dry-run", book, tmp_path / "demo" / "samples", "--format", "json", *AT)
    assert done.exit_code == 0
    assert len(done.json) == 7
    assert {row["outcome"] for row in done.json} <= {"routed", "otherwise"}


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """An edited rulebook is somebody's work."""
    routing("init", tmp_path)
    book = tmp_path / "department.rules"
    book.write_text("mine")

    done = routing("init", tmp_path)

    assert done.exit_code == 1
    assert "there already" in done.stderr
    assert book.read_text() == "mine"


def test_check_prints_the_underlined_text_and_fails(tmp_path: Path) -> None:
    """A finding that a person cannot place is of no use."""
    book = tmp_path / "broken.rules"
    book.write_text(STARTER.read_text().replace("route to neuro\n", "route to nuero\n"))
    (tmp_path / "procedures.csv").write_bytes((STARTER.parent / "procedures.csv").read_bytes())

    done = routing("check", book)

    assert done.exit_code == 1
    assert "unknown-worklist" in done.stdout
    assert "^^^^^" in done.stdout
    assert "did you mean `neuro`?" in done.stdout


def test_check_as_json_has_the_promised_keys(tmp_path: Path) -> None:
    """Editors and pipelines read these."""
    book = tmp_path / "broken.rules"
    book.write_text("rulebook")

    (first, *_) = routing("check", book, "--format", "json").json

    assert set(first) >= {
        "code", "name", "severity", "file", "line", "column", "end_line", "end_column", "message", "help", "related",
        "witness",
    }  # fmt: skip


def test_a_failed_example_is_exit_1(tmp_path: Path) -> None:
    """`routing test` guards a pipeline."""
    book = tmp_path / "department.rules"
    book.write_text(STARTER.read_text().replace("expect route to general", "expect route to neuro"))
    (tmp_path / "procedures.csv").write_bytes((STARTER.parent / "procedures.csv").read_bytes())

    done = routing("test", book)

    assert done.exit_code == 1
    assert "a femoral head is not a head" in done.stdout


def test_dry_run_has_the_promised_keys_and_repeats() -> None:
    """With `--at` two runs are the same to the letter, so that they can be compared."""
    runs = [routing("dry-run", STARTER, HL7, STUDIES, "--format", "json", *AT) for _ in range(2)]

    assert runs[0].exit_code == 0
    assert runs[0].stdout == runs[1].stdout
    for row in runs[0].json:
        assert set(row) >= DECISION_KEYS
        assert isinstance(row["study_uid"], list)
        assert row["outcome"] in {"routed", "otherwise", "exception"}


def test_every_path_stands_in_some_source_whatever_it_is(tmp_path: Path) -> None:
    """A feed with rubbish in it: named, counted, and never in the way of its neighbours."""
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "good.hl7").write_bytes((HL7 / "001-ct-head-ed-order.hl7").read_bytes())
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "letter.txt").write_text("Dear colleague, thank you.")
    (folder / "cut.dcm").write_bytes((STUDIES / "ct-head-ed" / "s1-i1.dcm").read_bytes()[:200])

    done = routing("dry-run", STARTER, folder, "--format", "json", *AT)

    assert done.exit_code == 0
    assert {Path(name).name for row in done.json for name in row["source"]} == {path.name for path in folder.iterdir()}
    assert "could not be taken" in done.stderr
    assert routing("dry-run", STARTER, folder, "--strict", *AT).exit_code == 1


def test_facts_count_by_accession(tmp_path: Path) -> None:
    """What only the host knows comes beside the inputs."""
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"STO26000101": {"patient_class": "outpatient", "birth_date": "2020-01-01"}}))

    (row,) = routing("dry-run", STARTER, STUDIES / "ct-head-ed", "--facts", facts, "--format", "json", *AT).json

    assert row["worklist"] == "paediatrics"


def test_identity_is_printed_only_on_request() -> None:
    """Output ends in tickets and mails."""
    words = (
        "dry-run",
        STARTER,
        STUDIES / "ct-head-ed",
        HL7 / "001-ct-head-ed-order.hl7",
        "--attributes",
        "--format",
        "json",
        *AT,
    )

    hidden, shown = routing(*words).stdout, routing(*words, "--identity").stdout

    for secret in ("HOLLOWAY", "9990010013", '"1001"'):
        assert secret not in hidden
    assert "HOLLOWAY" in shown


def test_why_names_the_rule_and_what_the_others_failed_on() -> None:
    """The question that a PACS team is asked all day."""
    done = routing("why", STARTER, STUDIES / "ct-head-ed", *AT)

    assert done.exit_code == 0
    assert "What the procedure table says" in done.stdout
    assert (
        "Children stay with the paediatric team"
        in routing("why", STARTER, STUDIES / "ct-head-ed", "--not", "paediatrics", *AT).stdout
    )


def test_receive_without_any_rulebook_is_a_usage_error_and_stores_nothing(tmp_path: Path) -> None:
    """Nobody may find a store that works by no rules."""
    done = routing("receive", "--store", tmp_path / "new.db", HL7)

    assert done.exit_code == 2
    assert not (tmp_path / "new.db").exists()


def test_receive_answers_for_each_message_and_study(store: Path) -> None:
    """One row for each, with what became of it."""
    again = routing(
        "receive", "--store", store, "--format", "json", *AT, HL7 / "001-ct-head-ed-order.hl7", STUDIES / "ct-head-ed"
    ).json

    assert [row["outcome"] for row in again] == ["duplicate_ignored", "duplicate_ignored"]
    for row in again:
        assert set(row) >= {"source", "outcome", "procedures", "warnings", "ack"}
        assert set(row["procedures"][0]) >= {"accession", "accession_issuer", "study_uid", "state", "worklist"}
    assert again[0]["ack"].startswith("MSH|")
    assert again[1]["ack"] is None


def test_a_store_goes_on_without_naming_its_rulebook_and_refuses_another(store: Path) -> None:
    """Only `activate` changes the rules that a store works by."""
    assert routing("receive", "--store", store, *AT, HL7 / "002-ct-head-child-order.hl7").exit_code == 0

    done = routing("receive", "--store", store, "--rulebook", EXAMPLE / "radiology.rules", *AT, HL7)

    assert done.exit_code == 1
    assert "is active" in done.stderr


def test_rubbish_is_received_as_work_for_a_person(store: Path, tmp_path: Path) -> None:
    """What nobody can read is kept and seen; it does not stop the feed."""
    (tmp_path / "noise.bin").write_bytes(b"\x00\x01 nothing")

    done = routing(
        "receive",
        "--store",
        store,
        *AT,
        tmp_path / "noise.bin",
        HL7 / "002-ct-head-child-order.hl7",
        "--format",
        "json",
    )

    assert done.exit_code == 0
    assert [row["outcome"] for row in done.json] == ["quarantined", "accepted"]
    kinds = [line["kind"] for line in routing("list", "--store", store, "--format", "json", *AT).json]
    assert kinds.count("resolve") == 1
    assert routing("receive", "--store", store, "--strict", *AT, tmp_path / "noise.bin").exit_code == 0
    (tmp_path / "other.bin").write_bytes(b"\x00\x02 nothing")
    assert routing("receive", "--store", store, "--strict", *AT, tmp_path / "other.bin").exit_code == 1


def test_the_life_of_an_item_at_a_shell(store: Path) -> None:
    """Claim, preliminary, final: and a preliminary is never called reported."""
    line = only_item(store)
    assert set(line) >= LINE_KEYS

    claimed = routing("claim", "--store", store, "--next", "--by", "lee", "--format", "json", *AT)
    assert claimed.exit_code == 0
    token = claimed.json["token"]
    assert only_item(store)["state"] == "claimed"
    assert only_item(store)["holder"] == "lee"

    first = routing(
        "report",
        line["item"],
        "--store",
        store,
        "--by",
        "lee",
        "--status",
        "preliminary",
        "--report-id",
        "R1",
        "--token",
        token,
        *AT,
    )
    assert first.exit_code == 0
    said = routing("status", "STO26000101", "--store", store, *AT).stdout
    assert "reported" not in said.lower().replace("not reported", "").replace("not yet reported", "")
    assert "preliminary" in said.lower()

    final = routing("report", "STO26000101", "--store", store, "--by", "lee", "--report-id", "R2", *AT)
    assert final.exit_code == 0
    answer = routing("status", "STO26000101", "--store", store, "--format", "json", *AT).json
    assert set(answer) >= {"acquired", "preliminary", "final", "amended", "items", "sentence"}
    assert routing("list", "--store", store, "--format", "json", *AT).json == []
    figures = routing("counts", "--store", store, "--format", "json", *AT).json
    assert (figures["accepted"], figures["open"], figures["reported"]) == (1, 0, 1)
    assert routing("verify", "--store", store, "--format", "json", *AT).json == []
    told = routing("history", "STO26000101", "--store", store, "--format", "json", *AT).json
    assert [row["n"] for row in told] == sorted(row["n"] for row in told)
    assert set(told[0]) >= {"n", "at", "event", "from", "to", "actor", "reason", "evidence", "rulebook"}


def test_a_refused_act_is_exit_1_and_changes_nothing(store: Path) -> None:
    """Two readers open the same scan: the second is told, and nothing moves."""
    item = only_item(store)["item"]
    routing("claim", "--store", store, item, "--by", "lee", *AT)
    before = only_item(store)

    done = routing("claim", "--store", store, item, "--by", "patel", *AT)

    assert done.exit_code == 1
    assert only_item(store) == before


def test_closing_needs_a_grant(store: Path) -> None:
    """Nothing leaves a list because somebody felt like it."""
    item = only_item(store)["item"]

    refused = routing("close", item, "--store", store, "--by", "lee", "--reason", "tidy", *AT)
    assert refused.exit_code == 1
    assert "grant" in refused.stderr
    assert routing("grant", "lee", "close", "--store", store, "--by", "chief", *AT).exit_code == 0
    assert routing("close", item, "--store", store, "--by", "lee", "--reason", "entered in error", *AT).exit_code == 0
    assert routing("list", "--store", store, "--format", "json", *AT).json == []
    assert routing("reopen", item, "--store", store, "--by", "lee", "--reason", "it was not", *AT).exit_code in {0, 1}


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("claim", "--by", "lee"),
        ("dry-run",),
        ("list", "--store", "nowhere.db"),
        ("dry-run", STARTER, HL7, "--at", "noon"),
    ],
)
def test_wrong_usage_is_exit_2(words: tuple[object, ...]) -> None:
    """A script can tell its own mistake from a finding."""
    assert routing(*words).exit_code == 2


def test_what_nobody_can_read_can_be_traced_from_the_list(store: Path, tmp_path: Path) -> None:
    """The person who gets the `resolve` item asks which input it was."""
    (tmp_path / "noise.bin").write_bytes(b"\x00\x01 nothing")
    routing("receive", "--store", store, *AT, tmp_path / "noise.bin")
    (item,) = [
        line["item"]
        for line in routing("list", "--store", store, "--format", "json", *AT).json
        if line["kind"] == "resolve"
    ]

    (first, *_) = routing("history", "--store", store, "--item", item, "--format", "json", *AT).json

    assert first["evidence"]["input"]
    assert routing("history", "--store", store, *AT).exit_code == 2


def test_a_mistyped_path_is_wrong_usage_and_receives_nothing(tmp_path: Path) -> None:
    """A slip of the fingers is not work for a person on a list."""
    words = ("receive", "--store", tmp_path / "w.db", "--rulebook", STARTER, *AT)

    assert routing(*words, HL7 / "001-ct-head-ed-order.hl7", "/nowhere/at-all").exit_code == 2
    assert not (tmp_path / "w.db").exists()


@pytest.mark.parametrize("command", [("dry-run",), ("why",), ("check",), ("test",), ("fmt",)])
def test_a_rulebook_that_is_not_there_is_wrong_usage(command: tuple[str, ...]) -> None:
    """One line, never a traceback."""
    assert routing(*command, "/nowhere.rules", *([HL7] if command[0] in {"dry-run", "why"} else [])).exit_code == 2


def test_a_store_in_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    """The person at the shell learns which path it is about."""
    done = routing("receive", "--store", tmp_path / "no" / "w.db", "--rulebook", STARTER, *AT, HL7)

    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_an_instant_without_a_zone_is_answered_with_one_that_works() -> None:
    """The remedy must be accepted as it is printed."""
    refused = routing("dry-run", STARTER, HL7, "--at", "2026-03-10")

    assert refused.exit_code == 2
    assert "2026-03-10T00:00:00+00:00" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("how", ["table", "json", "jsonl", "csv"])
@pytest.mark.parametrize("command", ["list", "counts", "verify"])
def test_every_form_of_output_works(command: str, how: str, store: Path) -> None:
    """Data goes to stdout in the form that was asked for."""
    assert routing(command, "--store", store, "--format", how, *AT).exit_code == 0


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--profile", "[defaults\n", "this is not TOML"),
        ("--profile", '[defaults]\npriority_word = { A = "HIGH" }\n', "did you mean `priority_words`"),
        ("--profile", '[defaults]\nvocabulary = "words"\n', "there is no folder"),
        ("--facts", "{", "is not JSON"),
        ("--facts", "[]", "expected an object"),
    ],
)
def test_a_file_of_an_option_that_cannot_be_used_is_a_usage_error(
    tmp_path: Path, option: str, text: str, said: str
) -> None:
    given = tmp_path / "given"
    given.write_text(text)

    for words in (
        ("dry-run", STARTER, STUDIES / "ct-head-ed"),
        ("receive", "--store", tmp_path / "new.db", "--rulebook", STARTER, STUDIES / "ct-head-ed"),
    ):
        done = routing(*words, option, given)

        assert done.exit_code == 2
        assert said in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "new.db").exists()


def test_facts_come_with_what_is_received(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"STO26000101": {"programme": "stroke", "no_such": 1}}))

    (row,) = routing(
        *("receive", "--store", tmp_path / "new.db", "--rulebook", STARTER, "--facts", facts, "--attributes"),
        *("--format", "json", HL7 / "001-ct-head-ed-order.hl7", *AT),
    ).json

    assert row["outcome"] == "accepted_with_warning"
    assert row["warnings"] == ["unknown_attribute"]
    assert row["procedures"][0]["attributes"]["programme"] == {
        "value": "stroke",
        "raw": "stroke",
        "source": "host",
        "missing": None,
    }


def test_what_lies_beside_the_inputs_is_accounted_for_when_a_folder_is_received(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "README.md").write_text("# What the feed holds\n\n- MSH is the header\n")
    (folder / "codes.csv").write_text("code,text\nCHEAD,CT Head\n")
    (folder / ".hidden").write_text("x")
    (folder / "001.hl7").write_bytes((HL7 / "001-ct-head-ed-order.hl7").read_bytes())

    done = routing("receive", "--store", tmp_path / "new.db", "--rulebook", STARTER, "--format", "json", folder, *AT)

    rows = {Path(row["source"][0]).name: row for row in done.json}
    assert done.exit_code == 0
    assert set(rows) == {"README.md", "codes.csv", ".hidden", "001.hl7"}
    assert rows["001.hl7"]["outcome"] == "accepted"
    assert {rows[name]["outcome"] for name in rows if name != "001.hl7"} == {"quarantined"}
    assert "3 of 4 inputs were set aside" in done.stderr
