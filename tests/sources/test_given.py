"""What is given to `decide` alone, without a store."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.sources.datasets import dataset
from tests.sources.test_fhir import ORDER, STUDY
from tests.worklists.plain import plain_rulebook

AT = datetime(2026, 3, 17, 16, tzinfo=UTC)


def test_a_dataset_that_nothing_names_is_decided_by_its_attributes_and_the_fault_is_told() -> None:
    decision = plain_rulebook().decide(dataset(StudyInstanceUID=None, AccessionNumber=None), at=AT)

    assert decision.worklist == "ct"
    assert [one.kind for one in decision.problems] == ["no_key"]


def test_fhir_resources_are_decided_as_one_procedure() -> None:
    decision = plain_rulebook().decide([ORDER, STUDY], at=AT)

    assert (decision.worklist, decision.priority) == ("ct", "urgent")
    assert not decision.problems
