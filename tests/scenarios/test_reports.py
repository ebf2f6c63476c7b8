"""Stories of reports: drafts, corrections, withdrawals, blanks, and what each of them ends or begins again."""

import pytest

from routing.errors import NotAllowed, TransitionRefused
from tests.scenarios.hospital import Hospital


def test_a_final_report_from_outside_ends_the_work_even_under_a_claim(city: Hospital) -> None:
    """It is authoritative: the claim ends, and the reader is not left with a scan that is done (N10)."""
    city.order()
    city.images()
    claim = city.worklists.claim(city.item(), by="lee")
    city.wait(minutes=5)
    city.dictated()

    assert city.open() == []
    assert city.worklists.status("A1").final
    assert claim.item_id


def test_a_report_on_one_of_three_exams_ends_exactly_that_one(city: Hospital) -> None:
    """Three orders in one acquisition: a report discharges what it names (I12)."""
    for accession in ("C1", "C2", "C3"):
        city.order(accession)
        city.images(accession)
    city.wait(minutes=5)
    city.dictated("C2")

    assert [bool(city.open(one)) for one in ("C1", "C2", "C3")] == [True, False, True]


def test_a_corrected_report_is_told_and_reopens_nothing(city: Hospital) -> None:
    """The referrer has to know; nobody has to read it again."""
    city.images()
    city.wait(minutes=5)
    city.dictated(text="Normal.")
    city.wait(minutes=5)
    city.dictated(status="C", text="A fracture.")

    status = city.worklists.status("A1")
    assert (status.final, status.amended) == (True, True)
    assert city.open() == []
    assert "amend" in city.events()


def test_an_addendum_reopens_nothing(city: Hospital) -> None:
    """Nothing is owed by it."""
    city.images()
    item = city.item()
    city.worklists.report(item, "final", "R1", by="lee")
    city.worklists.report(item, "addendum", "R1a", by="lee")

    assert city.open() == []
    assert city.worklists.status("A1").amended


def test_a_withdrawn_report_brings_the_work_back_with_its_clock(city: Hospital) -> None:
    """And a human looks at why (I14)."""
    city.order()
    city.images()
    due = city.line().due_at
    city.wait(minutes=30)
    city.dictated()
    city.wait(minutes=30)
    city.dictated(status="X", text="")

    assert city.open() == ["report waiting neuro", "resolve waiting attention"]
    assert city.line().due_at == due
    assert not city.worklists.status("A1").final


def test_a_report_on_the_wrong_patient_is_taken_back(city: Hospital) -> None:
    """OBX-11 W: both it and its scan are with people again (I14)."""
    city.order()
    city.images()
    city.wait(minutes=30)
    city.dictated()
    city.wait(minutes=30)
    city.dictated(status="F", line="W")

    assert city.open() == ["report waiting neuro", "resolve waiting attention"]


def test_a_report_posted_to_the_wrong_patient_is_restricted_until_somebody_has_looked(city: Hospital) -> None:
    """The scan is open, and whose it is is told to nobody but who sorts it out; a new report ends that."""
    city.order()
    city.images()
    city.wait(minutes=30)
    city.dictated()
    city.wait(minutes=30)
    city.dictated(status="F", line="W")

    assert city.line(kind="resolve").reason == "wrong_patient"
    assert "filed for the wrong patient" in city.sentence()
    assert _whose(city, "lee") == ["restricted"]
    assert _whose(city, "erin") == ["P1"]
    city.wait(minutes=30)
    city.worklists.report(city.item(), "final", "R2", by="lee")
    assert city.open() == []
    assert {
        line.identity_shown for line in city.worklists.status("A1", reader="lee").items if line.kind == "report"
    } == {True}
    city.worklists.reopen(1, by="erin", reason="another look")
    assert _whose(city, "lee") == ["P1"]


def test_a_report_filed_for_the_wrong_patient_opens_and_restricts_both_sides(city: Hospital) -> None:
    """A reader says so: nothing is reported by it on either side, each clock is its own, and a person looks at both."""
    for accession, patient in (("A1", "P1"), ("B1", "P2")):
        city.order(accession, patient=patient)
        city.images(accession, study_uid=f"1.2.{accession[0] == 'A':d}")
    dues = city.line("A1").due_at, city.line("B1").due_at
    mine, theirs = city.item("A1"), city.item("B1")
    city.worklists.report(mine, "final", "R1", by="lee")
    city.worklists.report(theirs, "final", "R2", by="patel")
    with pytest.raises(NotAllowed):
        city.worklists.wrong_patient(mine, by="okafor", reason="they were swapped")
    with pytest.raises(TransitionRefused, match="reason"):
        city.worklists.wrong_patient(mine, by="lee", reason=" ")
    with pytest.raises(TransitionRefused, match="one examination"):
        city.worklists.wrong_patient(mine, by="lee", reason="they were swapped", other=mine)
    city.wait(minutes=5)
    city.worklists.wrong_patient(mine, by="lee", reason="they were swapped", other=theirs)

    for accession in ("A1", "B1"):
        assert city.open(accession) == ["report waiting neuro", "resolve waiting attention"]
        assert not city.worklists.status(accession).final
    assert (city.line("A1").due_at, city.line("B1").due_at) == dues
    assert _whose(city, "patel") == ["restricted", "restricted"]
    assert {line.kind: line.restricted for line in city.worklists.page()} == {"report": True, "resolve": True}
    said = city.worklists.history(accession="B1")[-1]
    assert (said.actor, said.reason) == ("lee", "filed for the wrong patient: they were swapped")
    assert said.evidence is not None
    assert said.evidence["other_item"] == mine


def test_both_reads_of_a_report_on_the_wrong_patient_are_owed_again(city: Hospital) -> None:
    """What readers found is about somebody else, all of it; who reads it again settles it."""
    city.order(modality="MG")
    city.images(modality=["MG"], body_part=["BREAST"])
    for reader in ("nilsson", "moreau"):
        claim = city.worklists.claim_next(reader)
        assert claim is not None
        city.worklists.report(claim, "final", f"R-{reader}")
    assert city.open() == []
    city.wait(minutes=5)
    city.worklists.wrong_patient(1, by="nilsson", reason="another woman's images were shown")

    assert city.open() == ["report waiting breast", "report waiting breast", "resolve waiting attention"]
    city.wait(minutes=5)
    for reader in ("nilsson", "moreau"):
        claim = city.worklists.claim_next(reader)
        assert claim is not None
        city.worklists.report(claim, "final", f"S-{reader}")
    assert city.open() == []


def test_who_sorted_out_whose_it_is_lifts_the_restriction(city: Hospital) -> None:
    """The work stays open; it is no longer in doubt whose it is."""
    city.order()
    city.images()
    item = city.item()
    city.worklists.report(item, "final", "R1", by="lee")
    asked = city.worklists.ask_opinion(item, of="patel", by="lee", question="Is it his?")
    city.wait(minutes=5)
    city.worklists.wrong_patient(item, by="lee", reason="the wrong images")
    assert _whose(city, "patel") == ["restricted", "restricted"]
    city.worklists.report(city.item(kind="resolve"), "final", "note", by="erin")

    assert sorted(city.open()) == ["opinion waiting neuro", "report waiting neuro"]
    assert asked.item in {line.item for line in city.worklists.page(reader="patel")}
    assert _whose(city, "patel") == ["P1", "P1"]


def _whose(city: Hospital, reader: str) -> list[str]:
    """Return whose the report and opinion items are that a reader, or a status for them, shows."""
    lines = [*city.worklists.page(reader=reader, identity=True, limit=None)]
    if reader == "erin":  # she reads none of them: she asks as one of those who sort it out
        lines = [line for line in city.worklists.page(identity=True) if line.kind != "resolve"]
        shown = {line.item: line for line in city.worklists.status("A1", reader=reader).items}
        assert all(shown[line.item].identity_shown for line in lines if line.item in shown)
    return [line.patient[0] if line.patient else line.as_dict()["identity"] for line in lines]


def test_a_report_that_names_another_patient_discharges_nothing(city: Hospital) -> None:
    """It is put aside for a human; the scan stays owed (I13)."""
    city.order(patient="P1")
    city.images()
    city.wait(minutes=5)
    receipt = city.dictated(patient="P2")

    assert receipt.outcome == "quarantined"
    assert "report waiting neuro" in city.open()
    assert _whose(city, "lee") == ["restricted"]
    assert not city.worklists.status("A1").final


def test_an_empty_report_is_no_report(city: Hospital) -> None:
    """1,200 answers were once sent blank (I26)."""
    city.order()
    city.images()
    city.wait(minutes=5)
    city.dictated(text="")

    assert city.open() == ["report waiting neuro", "resolve waiting attention"]


def test_two_finals_that_differ_are_both_kept_and_a_human_decides(city: Hospital) -> None:
    """Neither stands by guess (I13)."""
    city.order()
    city.images()
    city.wait(minutes=5)
    city.dictated(text="Normal.")
    city.wait(minutes=5)
    city.dictated(text="A fracture.")

    assert city.open() == ["report waiting neuro", "resolve waiting attention"]


def test_who_settles_a_conflict_ends_it(city: Hospital) -> None:
    """A reader who saw both files the report that stands, and nothing is left over."""
    test_two_finals_that_differ_are_both_kept_and_a_human_decides(city)
    city.wait(minutes=5)
    city.worklists.report(city.item(), "final", "R3", by="lee")

    assert city.open() == []
    assert city.worklists.status("A1").final


def test_a_late_draft_does_not_undo_a_final(city: Hospital) -> None:
    """An older draft is history; a newer one is looked at, and the final stands."""
    city.order()
    city.images()
    city.wait(minutes=5)
    city.dictated()
    city.wait(minutes=5)
    city.dictated(status="P", text="Draft.")

    assert [one for one in city.open() if one.startswith("report")] == []


def test_closing_needs_the_right_and_a_reason_and_can_be_taken_back(city: Hospital) -> None:
    """Closure is an act of its own: who, why, by which policy (I3, I11)."""
    city.images()
    due = city.line().due_at
    item = city.item()
    with pytest.raises(NotAllowed):
        city.worklists.close_item(item, by="lee", reason="no need")
    city.worklists.close_item(item, by="erin", reason="test images", policy="PACS test images")
    assert city.open() == []
    assert city.sentence().startswith("Closed without a report")

    city.worklists.reopen(item, by="erin", reason="they were real")
    assert city.open() == ["report waiting neuro"]
    assert city.line().due_at == due


def test_theatre_films_are_closed_by_a_policy_that_has_an_end(city: Hospital) -> None:
    """Scoped, dated, named in the history; after its last day they are read (I11)."""
    city.images("T1", location="THEATRE")
    assert city.open("T1") == []
    ended = city.worklists.history(accession="T1")[-1]
    assert "Theatre 2026" in f"{ended.reason} {ended.evidence}"

    city.now = city.now.replace(year=2027)
    city.images("T2", location="THEATRE", study_uid="1.2.9")
    assert city.open("T2") == ["report waiting general"]


def test_new_images_reopen_what_was_closed(city: Hospital) -> None:
    """A closure covers what there was."""
    city.images()
    city.worklists.close_item(city.item(), by="erin", reason="test images")
    city.wait(hours=2)
    city.images(image_count=200)

    assert city.open() == ["report waiting neuro"]


def test_a_new_order_on_a_reported_number_is_new_work(city: Hospital) -> None:
    """An accession number that is used again does not hide behind the old report."""
    city.order(number="O1")
    city.images()
    city.wait(minutes=5)
    city.dictated(number="O1")
    city.wait(days=2)
    city.order(number="O2")

    assert len(city.open()) == 1


def test_status_keeps_reported_apart_from_delivered(city: Hospital) -> None:
    """It never says more than it knows: no `read`, no `acted on` (I25)."""
    city.images()
    city.worklists.report(city.item(), "final", "R1", by="lee")

    said = city.worklists.status("A1").as_dict()
    assert said["final"] is True
    assert not set(said) & {"delivered", "acknowledged", "actioned"}
    assert "Final report here" in said["sentence"]


def test_a_text_with_odd_characters_comes_through_whole(city: Hospital) -> None:
    """Report text is opaque: it is kept as bytes, and told apart by them (I23)."""
    city.order()
    city.images()
    city.wait(minutes=5)
    city.dictated(text="Nodule < 5 mm \\T\\ stable; Müller, 雪 > 3")

    assert city.open() == []
    kept = [city.worklists.store.raw(one.id) for one in city.worklists.store.inputs()]
    assert any(b"< 5 mm" in (raw or b"") for raw in kept)
