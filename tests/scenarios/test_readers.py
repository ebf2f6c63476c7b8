"""Stories of readers: shifts, claims, two at one scan, what is left behind."""

from datetime import timedelta

import pytest

from routing.errors import NotAllowed, StaleClaim, TransitionRefused
from tests.scenarios.hospital import Hospital


def test_two_readers_open_the_same_scan_and_one_has_it(city: Hospital) -> None:
    """The second is told who has it; the scan stays on the list, with its holder (I9)."""
    city.images()
    city.worklists.claim(city.item(), by="lee")

    with pytest.raises(TransitionRefused, match="somebody else has it"):
        city.worklists.claim(city.item(), by="patel")
    assert city.line().holder == "lee"
    assert city.open() == ["report claimed neuro"]
    assert "being read by lee" in city.sentence()


def test_at_the_end_of_a_shift_nothing_is_stuck_on_who_went_home(city: Hospital) -> None:
    """Whoever went home with a claim holds nobody up: the lease ends by itself, and the draft stays (I9)."""
    city.images()
    claim = city.worklists.claim(city.item(), by="lee", lease=timedelta(minutes=30))
    city.worklists.report(claim, "preliminary", "R1")
    city.worklists.claim(city.item(), by="lee", lease=timedelta(minutes=30))
    city.wait(hours=9)

    assert city.open() == ["report preliminary neuro"]
    taken = city.worklists.claim_next("patel")
    assert taken is not None
    assert city.worklists.report(taken, "final", "R2").state == "reported"


def test_a_workstation_that_slept_past_its_lease_cannot_finish_what_another_took(city: Hospital) -> None:
    """The token is old: the report is refused, nothing is written, and the other goes on."""
    city.images()
    stale = city.worklists.claim(city.item(), by="lee", lease=timedelta(minutes=10))
    city.wait(minutes=11)
    current = city.worklists.claim(city.item(), by="patel")

    with pytest.raises(StaleClaim):
        city.worklists.report(stale, "final", "R1")
    assert city.line().holder == "patel"
    assert city.worklists.report(current, "final", "R2").state == "reported"


@pytest.mark.parametrize("lease", [timedelta(0), timedelta(minutes=-5), timedelta.max])
def test_a_claim_is_for_some_time_that_the_calendar_has(city: Hospital, lease: timedelta) -> None:
    """What nobody could finish by, and what no calendar can say, is refused, and nothing has changed (I8, I9)."""
    city.images()
    item = city.item()
    with pytest.raises(TransitionRefused, match="lease"):
        city.worklists.claim(item, by="lee", lease=lease)
    with pytest.raises(TransitionRefused, match="lease"):
        city.worklists.claim_next("lee", lease=lease)
    assert city.open() == ["report waiting neuro"]

    claim = city.worklists.claim(item, by="lee", lease=timedelta(days=365))
    with pytest.raises(TransitionRefused, match="lease"):
        city.worklists.renew(claim, lease=lease)
    assert city.line().lease_until == claim.lease_until


def test_a_supervisor_frees_a_scan_that_somebody_sits_on(city: Hospital) -> None:
    """It needs the right; the one who had it is told."""
    city.images()
    item = city.item()
    city.worklists.claim(item, by="lee")

    with pytest.raises(NotAllowed):
        city.worklists.release(item, by="patel")
    city.worklists.release(item, by="erin")
    assert city.open() == ["report waiting neuro"]
    assert city.told("reader:lee") == 1


def test_the_registrar_at_night_leaves_a_draft_and_the_scan_stays_owed(city: Hospital) -> None:
    """A preliminary report is not a report: ED sees it, the day team signs it off (I4)."""
    city.now = city.now.replace(hour=23)
    city.order(patient_class="E")
    city.images(patient_class="emergency")
    claim = city.worklists.claim(city.item(), by="registrar")
    city.worklists.report(claim, "preliminary", "R1")

    status = city.worklists.status("A1")
    assert (status.preliminary, status.final) == (True, False)
    assert "a preliminary report is here" in status.sentence
    assert city.open() == ["report preliminary on_call"]


def test_nobody_takes_the_stroke_and_the_duty_consultant_has_it_after_forty_minutes(city: Hospital) -> None:
    """It climbs once, to somebody else; claimed in time it would not."""
    city.now = city.now.replace(hour=23)
    city.images("A1", patient_class="emergency")
    city.images("A2", patient_class="emergency")
    city.worklists.claim(city.item("A2"), by="registrar", lease=timedelta(hours=3))
    city.wait(minutes=41)
    city.wait(minutes=60)

    assert city.open("A1") == ["report waiting duty"]
    assert city.open("A2") == ["report claimed on_call"]
    assert city.events("A1").count("escalate") == 1
    assert city.told("stroke_phone") == 2


def test_a_scan_for_the_wrong_specialist_is_passed_on_with_a_reason(city: Hospital) -> None:
    """Its clock goes on, and the rules do not move it back."""
    city.images()
    due = city.line().due_at
    claim = city.worklists.claim(city.item(), by="lee")
    city.worklists.pass_to(claim, "chest", reason="it is the lung apex they ask about")
    city.adt("A08")

    assert city.open() == ["report waiting chest"]
    assert city.line().due_at == due
    assert any(row.reason == "it is the lung apex they ask about" for row in city.worklists.history(accession="A1"))


def test_each_reader_has_the_lists_that_are_theirs_and_is_told_what_is_hidden(city: Hospital) -> None:
    """No filter hides how much there is (I27)."""
    city.images("A1", body_part=["HEAD"])
    city.images("A2", body_part=["CHEST"])
    city.images("A3", body_part=["HAND"])

    page = city.worklists.page(reader="lee")
    assert {line.accession for line in page} == {"A1", "A3"}
    assert page.hidden == 1


def test_the_most_urgent_comes_first_and_the_oldest_of_those(city: Hospital) -> None:
    """One click from report to report."""
    city.images("A1", patient_class="inpatient")
    city.wait(minutes=1)
    city.images("A2", patient_class="emergency")
    city.wait(minutes=1)
    city.images("A3", patient_class="inpatient")

    taken = [city.worklists.claim_next("lee") for _ in range(4)]
    assert [claim.accession if claim else None for claim in taken] == ["A2", "A1", "A3", None]


def test_a_routine_scan_is_not_starved_by_what_keeps_coming(city: Hospital) -> None:
    """With urgent work without end, what is long overdue gets its turn (I10)."""
    city.images("OLD")
    for day in range(40):
        city.wait(hours=12)
        city.images(f"U{day}", patient_class="inpatient")
        claim = city.worklists.claim_next("lee")
        assert claim is not None
        city.worklists.report(claim, "final", f"R{day}")
        if claim.accession == "OLD":
            return
    raise AssertionError("it never got its turn")


def test_somebody_without_the_skill_can_neither_claim_nor_report(city: Hospital) -> None:
    """Who may read is checked when claiming and when reporting."""
    city.images(body_part=["CHEST"])

    with pytest.raises(NotAllowed, match="chest"):
        city.worklists.claim(city.item(), by="lee")
    with pytest.raises(NotAllowed, match="chest"):
        city.worklists.report(city.item(), "final", "R1", by="lee")
    assert city.open() == ["report waiting chest"]


def test_a_colleague_as_a_patient_is_read_only_by_who_is_cleared(city: Hospital) -> None:
    """`only readers with` holds for the list's own readers too, and the item is never hidden from the counts."""
    city.skills["patel"] = ("neuro", "cleared")
    city.images(department="STAFF")

    assert city.worklists.claim_next("lee") is None
    assert city.worklists.page(reader="lee").hidden == 1
    claim = city.worklists.claim_next("patel")
    assert claim is not None


def test_who_tries_what_they_may_not_is_refused_and_written_down(city: Hospital) -> None:
    """The item is untouched; the attempt can be told afterwards."""
    city.images()
    before = city.events()
    with pytest.raises(NotAllowed):
        city.worklists.close_item(city.item(), by="lee", reason="no need")

    assert city.events() == before
    (told,) = [notice.payload for notice in city.worklists.notices() if notice.target == "refused"]
    assert (told["actor"], told["act"]) == ("lee", "close")
