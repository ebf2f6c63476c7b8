"""The example departments: without findings, with examples that pass, and the invented day on the right lists."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from routing.diagnostics import Severity
from routing.dry_run import dry_run
from routing.examples import run_examples
from routing.rulebook import Rulebook, check_file
from tests.examples.make_samples import DEPARTMENTS, samples

pytestmark = pytest.mark.slow  # whole departments and a whole day

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
RULEBOOKS: Final = tuple(sorted(path for path in EXAMPLES.glob("*/*.rules")))
CITY: Final = EXAMPLES / "city-hospitals"
AT: Final = datetime(2026, 3, 11, 9, tzinfo=UTC)
MANIFEST: Final = json.loads((CITY / "samples" / "manifest.json").read_text(encoding="utf-8"))
ON_THEIR_OWN: Final = {"missing-everything", "doc-outside-report"}


@pytest.mark.parametrize("book", RULEBOOKS, ids=lambda book: f"{book.parent.name}-{book.stem}")
def test_an_example_rulebook_has_no_findings_that_matter(book: Path) -> None:
    """What we show people has to be what we would ask of them."""
    assert [one.headline() for one in check_file(book) if one.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("book", RULEBOOKS, ids=lambda book: f"{book.parent.name}-{book.stem}")
def test_the_examples_in_an_example_rulebook_pass(book: Path) -> None:
    """They are the first thing that a reader of the rulebook runs."""
    report = run_examples(Rulebook.load(book))

    assert report.results
    assert not report.failed, "\n".join(report.lines())


@cache
def day(*folders: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that `dry-run` prints for folders of the invented day, by study UID."""
    rows = dry_run(Rulebook.load(CITY / "radiology.rules"), [str(CITY / "samples" / one) for one in folders], at=AT)
    by_study: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.rows:
        for uid in row["study_uid"]:
            by_study[uid].append(row)
    return by_study


def suggested(study: dict[str, Any]) -> str:
    """Return the list that the manifest suggests, spelt as an identifier."""
    return str(study["suggested_worklist"]).replace(" ", "_")


@pytest.mark.parametrize("study", [one for one in MANIFEST if one["suggested_worklist"]], ids=lambda one: one["key"])
@pytest.mark.parametrize("folders", [("studies", "hl7"), ("studies",)], ids="+".join)
def test_a_study_of_the_invented_day_goes_where_it_should(study: dict[str, Any], folders: tuple[str, ...]) -> None:
    """With all the news of the day, and by the images alone, when no order has come."""
    rows = day(*folders)[study["study_uid"]]

    assert {row["worklist"] for row in rows} == {suggested(study)}, [row["route_rule"] for row in rows]
    assert {row["accession"] for row in rows} == set(study["accessions"] or [study["accession"]])


@pytest.mark.parametrize(("key", "message"), [("mr-knee", "036-"), ("mr-lspine", "036-"), ("unknown-trauma", "035-")])
def test_news_of_a_patient_stands_in_the_source_of_what_it_changes(key: str, message: str) -> None:
    """An ADT names no procedure, and yet it is the reason why one is decided otherwise."""
    study = next(one for one in MANIFEST if one["key"] == key)

    [row] = day("studies", "hl7")[study["study_uid"]]

    assert any(Path(source).name.startswith(message) for source in row["source"])


@pytest.mark.parametrize("key", sorted(ON_THEIR_OWN))
def test_a_study_that_nobody_can_read_is_where_a_person_sees_it(key: str) -> None:
    """A document without images and a study with every field empty are work for the PACS team, not for nobody."""
    study = next(one for one in MANIFEST if one["key"] == key)

    rows = day("studies", "hl7")[study["study_uid"]]

    assert {row["worklist"] for row in rows} == {"attention"}


def test_the_orders_alone_go_where_the_studies_will() -> None:
    """An order says no body part; the code decides. The three requests that become one scan are not yet one."""
    expected = {
        one["study_uid"]: suggested(one) for one in MANIFEST if one["has_local_order"] and one["key"] != "ct-cap"
    }

    actual = {uid: {row["worklist"] for row in rows} for uid, rows in day("hl7").items()}

    assert {uid: actual.get(uid) for uid in expected} == {uid: {worklist} for uid, worklist in expected.items()}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_the_samples_are_what_their_script_writes(department: str) -> None:
    """So that nobody edits them by hand."""
    for path, content in samples(department):
        assert path.read_bytes() == content, path.name


@pytest.mark.parametrize(
    ("department", "expected"),
    [
        (
            "us-group/group.rules",
            {
                "LAK2600001": "nighthawk",
                "SUM2600002": "in_house",
                "LAK2600003": "peds",
                "PRA2600004": "msk",
                "PRA2600005": "women",
                "LAK2600006": "swing",
            },
        ),
        (
            "dental-eye/clinic.rules",
            {
                "HAR2600001": "surgery",
                "HAR2600002": "oral",
                "HAR2600003": "oral",
                "HAR2600004": "grading",
                "HAR2600005": "retina",
                "HAR2600006": "retina",
            },
        ),
    ],
)
def test_the_samples_of_the_other_departments_go_where_they_should(department: str, expected: dict[str, str]) -> None:
    """Two more departments, unlike the first in hours, words and readers."""
    book = EXAMPLES / department
    rows = dry_run(Rulebook.load(book), [str(book.parent / "samples")], at=datetime(2026, 11, 27, tzinfo=UTC))

    assert {row["accession"]: row["worklist"] for row in rows.rows} == expected
