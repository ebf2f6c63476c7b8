"""Settled cases that no other suite tells of: each is a line of the page of settled cases."""

from __future__ import annotations

import pytest

from routing.sources.news import Patient
from routing.worklists import Worklists
from tests.scenarios.hospital import Hospital, hospital
from tests.sources.datasets import UID, dataset
from tests.worklists.opened import kinds, opened, receive
from tests.worklists.reading_room import department, scan
from tests.worklists.telling import SMITH, image, keys, merge, order, report


def test_what_is_parked_has_no_state_and_says_what_the_report_says() -> None:
    """The sender sees that it was understood, and that nothing is listed for it yet."""
    with opened() as worklists:
        receipt = receive(worklists, report())

        (named,) = receipt.procedures
        assert (receipt.outcome, named.state, named.worklist) == ("parked", None, None)
        assert named.attributes is not None
        assert named.attributes.known["report_status"] == "final"
        assert kinds(worklists) == []


def test_one_instance_in_two_series_counts_twice_with_a_doubt() -> None:
    """A sender that copies an image into another series has sent more to look at, perhaps by mistake."""
    with opened() as worklists:
        receive(worklists, order(), image("1", series="s1"))
        receipt = receive(worklists, image("1", series="s2"))

        assert (receipt.outcome, receipt.warnings) == ("accepted_with_warning", ("duplicate_instance",))
        assert receipt.procedures[0].attributes is not None
        assert receipt.procedures[0].attributes.known["image_count"] == 2


@pytest.mark.parametrize("sender", ["CT1", "CT2"])
def test_one_instance_in_two_studies_counts_in_both_with_a_doubt(sender: str) -> None:
    """Whoever sent the other: somebody has copied an image, or given its UID twice; no work is lost by guessing."""
    other = {"StudyInstanceUID": f"{UID}.2", "SeriesInstanceUID": f"{UID}.2.1", "AccessionNumber": "STO26000002"}
    with opened() as worklists:
        first = worklists.receive(dataset(), sender="CT1")
        again = worklists.receive(dataset(**other), sender=sender)
        more = worklists.receive(dataset(SOPInstanceUID=f"{UID}.1.1.9"), sender=sender)

        assert (first.outcome, more.outcome) == ("accepted", "accepted")
        assert (again.outcome, again.warnings) == ("accepted_with_warning", ("duplicate_instance",))
        assert [line.accession for line in worklists.page()] == ["STO26000001", "STO26000002"]
        assert worklists.receive(dataset(**other), sender=sender).outcome == "duplicate_ignored"


def test_a_path_is_no_part_of_what_an_input_is() -> None:
    """Copied, renamed or sent from another folder it is the same input: neither is told where it came from."""
    with hospital() as city:
        first, again = (city.worklists.receive(bytes(_message(city))) for _ in range(2))

        assert (first.outcome, again.outcome) == ("accepted", "duplicate_ignored")
        assert again.input == first.input
        assert city.worklists.counts().accepted == 1


def _message(city: Hospital) -> bytes:
    lines = (
        f"MSH|^~\\&|RIS|STO|ROUTING|STO|{city.stamp}||ORM^O01|M1|P|2.3.1",
        "PID|1||P1^^^STO||X^Y||19600101|F",
        "ORC|NW|PL1|F1",
        "OBR|1|PL1|F1|X1^CT Head||||||||||||||A1||||||CT",
    )
    return "\r".join((*lines, "")).encode()


def test_procedures_that_are_taken_apart_again_each_have_their_work() -> None:
    """A merge made one of two; undone, what each was owed before is owed again (I18).

    What was once there to be read stays `waiting`, also where its images turn out to be another's: that is seen.
    """
    temporary = Patient(number="TEMP", issuer="STO")
    with opened() as worklists:
        receive(worklists, order(key=keys(filler_number="F1")))
        receive(worklists, image(key=keys(study_uid="U1"), patient=temporary))
        before = _owed(worklists)
        receive(worklists, merge(temporary, SMITH, 30))
        joined = _owed(worklists)
        receive(worklists, merge(temporary, SMITH, 40, undone=True))

        assert joined == [("report", ("U1",))]
        assert _owed(worklists) == before
        assert worklists.counts().superseded == 1
        assert not worklists.verify().findings


def _owed(worklists: Worklists) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((line.kind, line.study_uid) for line in worklists.page(limit=None))


def test_without_a_directory_anybody_named_works_on_lists_for_everyone() -> None:
    """Claim, release, pass and report, by a name that nobody has said anything about."""
    with department() as worklists:
        (line,) = scan(worklists)
        claim = worklists.claim(line.item, by="stranger")
        worklists.release(claim)
        worklists.pass_to(line.item, "chest", by="stranger", reason="it is a chest")

        assert worklists.report(line.item, "final", "R-1", by="stranger").state == "reported"


def test_who_is_discharged_is_still_owed_their_report() -> None:
    """A discharge makes nothing later, less urgent or done (A03)."""
    with hospital() as city:
        city.order(patient_class="E")
        city.images(exam_end="2026-03-09T08:00:00+00:00")
        before = city.line()
        city.wait(minutes=20)
        city.adt("A03", patient_class="E")

        after = city.line()
        assert (after.state, after.due_at, after.priority) == (before.state, before.due_at, before.priority)
        assert after.due_at is not None


def test_news_of_a_patient_leaves_alone_what_is_reported() -> None:
    """A report item that is done stays as it was done, whatever becomes of the patient."""
    with hospital() as city:
        city.order(patient_class="O")
        city.images()
        item = city.item()
        city.worklists.report(item, "final", "R1", by="lee")
        before = city.worklists.store.item(item)
        city.wait(minutes=5)
        city.adt("A08", patient_class="E", name="NEW^NAME")

        assert city.worklists.store.item(item) == before
        assert city.worklists.status("A1").final
