"""The rulebook as one object: loading, fingerprints, what may be given to it, explanations, examples."""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pydicom
import pytest

from routing import Rulebook
from routing.attributes import Attributes, Value
from routing.decision import Outcome
from routing.errors import NaiveMoment, RulebookError
from routing.examples import run_examples
from routing.rulebook import check_file, check_text

AT = datetime(2026, 3, 10, 10, 10, tzinfo=UTC)
TABLE = "code,worklist,hours\nP1,neuro,4\nP2,paeds,\n"
BOOK = """
rulebook "Small"
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
table procedures from "p.csv" key code
fact pathway is code
define child as age under 16 years
worklist neuro     "Neuro"         for everyone
worklist paeds     "Paediatrics"   for everyone
worklist general   "General"       for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention priority urgent due within 1 hour

rule "Children" when child route to paeds
rule "Heads" when modality includes CT and description mentions "head" unless pathway is STROKE
  route to neuro
  priority soon
rule "By table" when procedure_code is listed in procedures
  route to procedures[procedure_code].worklist
  due within procedures[procedure_code].hours hours
rule "Stat" when priority_requested is STAT
  priority stat
  tag hurry

otherwise
  route to general
  priority routine
  due within 28 days
"""
EXAMPLES = """
example "a child"
  modality CT, age 6 years, exam_end 2026-03-10 09:00
  expect route to paeds by "Children" expect priority routine
example "wrong on purpose"
  modality CT, description "CT head", age 40 years, pathway NONE
  expect route to general
example "undecided"
  modality CT, description "CT head", age 40 years
  expect undecided pathway
"""
HL7 = (
    "MSH|^~\\&|RIS|CITY|R|R|20260310095500||OMI^O23|7|P|2.5.1\r"
    "PID|1||P1^^^CITY||DOE^JANE||20200101|F\rPV1|1|E\rORC|NW|O1|F1|||||20260310095000\r"
    "OBR|1|O1|F1|P1^CT head^L|||20260310095000|||||||||||A-1\r"
)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return Rulebook.loads(BOOK, tables={"p.csv": TABLE})


def test_text_and_file_give_the_same_rulebook(book: Rulebook, tmp_path: Path) -> None:
    (tmp_path / "small.rules").write_text(BOOK, encoding="utf-8")
    (tmp_path / "p.csv").write_bytes(TABLE.encode("utf-16"))
    loaded = Rulebook.load(tmp_path / "small.rules")

    assert (loaded.name, loaded.fingerprint) == ("Small", book.fingerprint)
    assert loaded.text == BOOK
    assert Rulebook.loads(loaded.text, tables=loaded.tables).fingerprint == book.fingerprint
    assert repr(loaded) == f"Rulebook('Small', {book.fingerprint})"


def test_the_fingerprint_goes_by_meaning(book: Rulebook) -> None:
    """Layout, comments and examples change nothing; a rule or one cell of a table does."""

    def of(text: str = BOOK, table: str = TABLE, **more: str) -> str:
        return Rulebook.loads(text, tables={"p.csv": table}, **more).fingerprint

    assert of(BOOK.replace("\n", "\n# a comment\n\n") + EXAMPLES) == book.fingerprint
    assert of(BOOK.replace("16 years", "17 years")) != book.fingerprint
    assert of(BOOK.replace('"head"', '"heads"')) != book.fingerprint
    assert of(table=TABLE.replace("P1,neuro,4", "P1,neuro,5")) != book.fingerprint
    assert of(negating="phrase,stands\nno,before\n") != book.fingerprint


def test_a_rulebook_with_an_error_does_not_load() -> None:
    with pytest.raises(RulebookError) as refused:
        Rulebook.loads(BOOK.replace("route to paeds", "route to peads"), tables={"p.csv": TABLE})

    assert [one.name for one in refused.value.findings if one.severity.value == "error"] == ["unknown-worklist"]


def test_a_table_that_is_a_workbook_is_a_finding() -> None:
    """Whoever saves the wrong format from Excel is told so, by `load` as by `check`."""
    tables = {"p.csv": TABLE, "w.xlsx": b"PK\x03\x04 \x00"}

    with pytest.raises(RulebookError) as refused:
        Rulebook.loads(f'{BOOK}table w from "w.xlsx" key code\n', tables=tables)

    assert "bad-table" in [one.name for one in refused.value.findings]


def test_a_table_that_fails_to_load_is_never_an_empty_one() -> None:
    with pytest.raises(RulebookError) as refused:
        Rulebook.loads(BOOK)

    assert "bad-table" in [one.name for one in refused.value.findings]


def test_a_mapping_a_message_and_a_dataset_are_decided(book: Rulebook) -> None:
    dataset = pydicom.Dataset()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2.3", "1.2.3.1", "1.2.3.1.1"
    dataset.SOPClassUID, dataset.Modality, dataset.AccessionNumber = "1.2.840.10008.5.1.4.1.1.2", "CT", "A-1"
    dataset.StudyDescription, dataset.PatientBirthDate, dataset.PatientID = "CT head", "19500101", "P1"

    child = book.decide({"age": "P6Y", "modality": "CT"}, at=AT)
    ordered = book.decide(HL7, at=AT)
    scanned = book.decide(dataset, at=AT)
    together = book.decide([dataset, HL7.encode(), {"pathway": "NONE"}], at=AT)

    assert (child.worklist, ordered.worklist) == ("paeds", "paeds")
    assert (scanned.worklist, [one.rule for one in scanned.undecided]) == ("general", ["Heads", "By table", "Stat"])
    assert together.worklist == "paeds"  # the order's birth date stands before the image's
    assert together.due_at == AT.replace(hour=9, minute=50) + timedelta(hours=4)


def test_what_is_wrong_with_a_mapping_is_a_problem_and_raises_nothing(book: Rulebook) -> None:
    decision = book.decide({"age": "six", "modlity": "CT", "pathway": ["A", "B"]}, at=AT)

    assert decision.worklist == "general"
    assert {(one.kind, one.source) for one in decision.problems} >= {
        ("unknown_attribute", "modlity"),
        ("malformed_value", "age"),
    }


def test_what_cannot_be_read_is_on_the_exceptions_list(book: Rulebook) -> None:
    for unreadable in (b"", b"\x00\x01", "not a message", [b"garbage", b"more"]):
        decision = book.decide(unreadable, at=AT)

        assert (decision.outcome, decision.worklist, decision.priority) == (Outcome.EXCEPTION, "attention", "urgent")
        assert decision.due_at == AT + timedelta(hours=1)
        assert decision.problems


def test_what_nobody_could_decide_is_a_misuse(book: Rulebook) -> None:
    with pytest.raises(TypeError):
        book.decide(3, at=AT)
    with pytest.raises(NaiveMoment):
        book.decide({}, at=datetime(2026, 3, 10))  # noqa: DTZ001
    with pytest.raises(NaiveMoment):
        book.decide({}, at=AT, arrival=datetime(2026, 3, 10))  # noqa: DTZ001
    with pytest.raises(NaiveMoment):
        book.decide_exception(datetime(2026, 3, 10))  # noqa: DTZ001


def test_the_arrival_may_be_given(book: Rulebook) -> None:
    late = book.decide({"exam_end": "2026-03-10T09:00"}, at=AT, arrival=AT - timedelta(hours=2))

    assert late.clock_at == AT - timedelta(hours=2)
    assert [one.kind for one in late.problems] == ["time-not-believed"]


def test_a_rulebook_is_shared_by_threads(book: Rulebook) -> None:
    studies = [
        {"age": f"P{years}Y", "modality": "CT", "description": "CT head", "pathway": "NONE"} for years in range(40)
    ]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda study: book.decide(study, at=AT).worklist, studies))

    assert found == ["paeds"] * 16 + ["neuro"] * 24


def test_decisions_are_values(book: Rulebook) -> None:
    study = {"age": "P40Y", "modality": "CT"}
    one, other = book.decide(study, at=AT), book.decide(study, at=AT)

    assert one == other
    assert copy.copy(one) == one
    assert "40" not in repr(one)
    travelled = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own
    assert travelled == one
    assert travelled.explain() is None


# explanations


def test_an_explanation_says_what_earlier_rules_failed_on(book: Rulebook) -> None:
    decision = book.decide(
        {"modality": "CT", "description": "CT head", "procedure_code": "P1", "priority_requested": "STAT"}, at=AT
    )
    why = decision.explain()

    assert decision.worklist == "neuro"
    assert [(step.rule, step.failed, step.by, step.attributes) for step in why.earlier] == [
        ("Children", "age under 16 years", "unknown", ("age",)),
        ("Heads", "pathway is STROKE", "unknown", ("pathway",)),
    ]
    assert {(one.effect, one.value, one.by) for one in why.contributions} >= {
        ("priority", "stat", "Stat"),
        ("tags", "hurry", "Stat"),
        ("due", (AT + timedelta(hours=4)).isoformat(), "By table"),
        ("route", "neuro", "By table"),
    }


def test_an_explanation_answers_why_not(book: Rulebook) -> None:
    decision = book.decide({"modality": "MR", "description": "MR head", "age": "P40Y"}, at=AT)

    heads, lists, nothing = (decision.explain(one) for one in ("Heads", "paeds", "nowhere"))

    assert [(step.failed, step.by) for step in heads.other] == [("modality includes CT", "value")]
    assert [step.rule for step in lists.other] == ["Children"]
    assert nothing.other == ()
    assert "why not `nowhere`" in str(nothing)
    assert heads.as_dict()["other"][0]["attributes"] == ["modality"]


def test_an_explanation_names_sources_and_never_identity(book: Rulebook) -> None:
    text = str(book.decide(HL7, at=AT).explain())

    assert "OBR-4" in text
    assert "DOE" not in text
    assert "20200101" not in text
    assert "6 years" in text


def test_an_explanation_of_otherwise_and_of_what_was_never_read(book: Rulebook) -> None:
    assert "by `otherwise`" in str(book.decide({}, at=AT).explain())
    assert book.decide(b"", at=AT).explain() is None


# examples


def test_examples_run_and_tell_what_they_reach() -> None:
    report = run_examples(Rulebook.loads(BOOK + EXAMPLES, tables={"p.csv": TABLE}))

    assert [(one.name, one.passed) for one in report.results] == [
        ("a child", True),
        ("wrong on purpose", False),
        ("undecided", True),
    ]
    assert report.results[1].failures == ("expected route to general, decided neuro by `Heads`",)
    assert report.rule_coverage == 50
    assert [one.rule for one in report.rules if not one.true] == ["By table", "Stat"]
    assert report.as_dict()["failed"] == 1
    assert any("wrong on purpose" in line for line in report.lines())
    seen = {(one.rule, one.text): (one.true, one.false, one.unknown) for one in report.conditions}
    assert seen["Heads", "pathway is STROKE"] == (0, 1, 2)


def test_the_examples_of_a_rulebook_with_errors_do_not_run() -> None:
    names = [one.name for one in check_text(BOOK + EXAMPLES)]

    assert "bad-table" in names
    assert "example-failed" not in names


def test_check_runs_the_examples_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "small.rules").write_text(BOOK + EXAMPLES, encoding="utf-8")
    failed = [one for one in check_file(tmp_path / "small.rules") if one.name == "example-failed"]

    assert len(failed) == 1
    assert "wrong on purpose" in failed[0].message
    with pytest.raises(FileNotFoundError):
        check_file(tmp_path / "none.rules")


def test_an_example_may_name_a_sample_file() -> None:
    text = f"""{BOOK}
example "the order" from "order.hl7" expect route to paeds
example "older" from "order.hl7" birth_date 1950-01-01 expect route to neuro
example "older too" from "order.hl7" age 70 years expect route to neuro
"""
    report = run_examples(Rulebook.loads(text, tables={"p.csv": TABLE, "order.hl7": HL7}))

    assert not report.failed, list(report.lines())


def test_a_sample_may_be_a_dataset() -> None:
    """What is kept of a rulebook is text; a dataset beside it is none, and no decision goes by it."""
    dataset = pydicom.Dataset()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2.3", "1.2.3.1", "1.2.3.1.1"
    dataset.SOPClassUID, dataset.Modality, dataset.PatientBirthDate = "1.2.840.10008.5.1.4.1.1.2", "CT", "20200101"
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    tables = {"p.csv": TABLE, "child.dcm": content.getvalue()}

    book = Rulebook.loads(f'{BOOK}example "a child" from "child.dcm" expect route to paeds\n', tables=tables)

    assert not run_examples(book).failed
    assert Rulebook.loads(book.text, tables=book.tables).fingerprint == book.fingerprint


def test_attributes_may_be_given_as_they_are(book: Rulebook) -> None:
    known = Attributes({"birth_date": Value(value=date(2020, 1, 1), source="test")})

    assert book.attributes(known, at=AT) == known
    assert book.decide(known, at=AT).worklist == "paeds"


def test_declared_attributes_come_from_paths_tables_and_sums() -> None:
    """`attribute … from`: the readers find paths, the rest is worked out when it is asked for."""
    declared = """
attribute pathway is code from hl7 "OBR-31.1", else dicom "PatientComments"
attribute notes is text from hl7 "NTE-3", else hl7 "OBR-13"
attribute lists is codes from procedures[procedure_code].worklist
attribute corrected_age is duration from gestation plus age
fact gestation is weeks
rule "stroke" when pathway is STROKE priority urgent
rule "words" when notes mentions "fell" tag fell
rule "lists" when lists includes "neuro" tag listed
rule "baby" when corrected_age under 44 weeks tag baby
otherwise"""
    text = BOOK.replace("fact pathway is code\n", "").replace("\notherwise", declared)
    book = Rulebook.loads(text, tables={"p.csv": TABLE})
    message = HL7.replace("|A-1\r", "|A-1|||||||||||||STROKE^x\rNTE|1||Fell from a ladder\r")

    decision = book.decide(message, at=AT)
    dataset = pydicom.Dataset()
    dataset.StudyInstanceUID, dataset.SOPClassUID, dataset.PatientComments = (
        "1.2",
        "1.2.840.10008.5.1.4.1.1.2",
        "STROKE",
    )

    assert decision.priority == "urgent"
    assert set(decision.tags) == {"fell", "listed"}
    assert book.decide(dataset, at=AT).priority == "urgent"
    assert "OBR-31.1" in str(decision.explain())
    assert book.decide({"birth_date": "2026-03-01", "gestation": 30}, at=AT).tags == ("baby",)
    assert book.decide({"pathway": "STROKE"}, at=AT).priority == "urgent"


def test_an_instant_that_is_none_is_named() -> None:
    """A text for a moment is a slip of the caller, said by its name."""
    book = Rulebook.loads(
        'rulebook "B"\nlanguage 1\ntimezone UTC\nclock arrival\npriorities high\nworklist a "A" for everyone\n'
        "exceptions route to a\notherwise route to a priority high due within 1 day\n"
    )

    with pytest.raises(TypeError, match="`at` is an aware datetime, not str"):
        book.decide({}, at="2026-03-10")  # type: ignore[arg-type]
