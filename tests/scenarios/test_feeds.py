"""Stories of feeds: what comes late, twice, in the wrong order, for the wrong patient, or not at all."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.hospital import Hospital, hospital


def test_images_before_their_order_wait_to_be_read_at_once(city: Hospital) -> None:
    """One procedure, whichever comes first (I16, I17)."""
    city.images()
    assert city.open() == ["report waiting neuro"]
    city.order()
    assert city.open() == ["report waiting neuro"]


def test_an_order_without_images_is_expected_and_visible(city: Hospital) -> None:
    """Nobody can read it, and nobody can overlook it (I16)."""
    city.order()

    assert [state.split()[1] for state in city.open()] == ["expected"]
    assert city.sentence().startswith("Not yet acquired")


def test_a_report_that_comes_before_its_images_is_kept_and_applies_with_them(city: Hospital) -> None:
    """It is parked, and counts when they are here (DESIGN 5.1)."""
    city.order()
    assert city.dictated().outcome == "parked"
    city.wait(minutes=5)
    city.images()

    assert city.open() == []
    assert city.worklists.status("A1").final


def test_a_report_without_images_is_looked_at_by_a_human_in_the_end(city: Hospital) -> None:
    """Parked is not forgotten."""
    city.dictated("LOST")
    city.wait(days=6)  # it was due in five

    assert city.open("LOST") == ["resolve waiting attention"]


def test_the_same_message_twice_changes_nothing(city: Hospital) -> None:
    """The sender is acknowledged again (I17)."""
    text = b"MSH|^~\\&|RIS|STO|R|STO|20260309090000||ORM^O01|M77|P|2.3.1\rPID|1||P1^^^STO\rORC|NW|PL1|F1\r"
    text += b"OBR|1|PL1|F1|X1^CT Head||||||||||||||A1\r"
    first = city.worklists.receive(text)
    again = city.worklists.receive(text)

    assert first.outcome == "accepted"
    assert again.outcome == "duplicate_ignored"
    assert again.ack is not None
    assert b"MSA|AA|M77" in again.ack
    assert city.worklists.counts().accepted == 1


def test_whatever_order_they_come_in_the_same_work_is_open() -> None:
    """Order, images, a preliminary and a final: all 24 ways (I17)."""
    ways = set()
    for way in itertools.permutations(("order", "images", "draft", "final")):
        with hospital() as city:
            for what in way:
                match what:
                    case "order":
                        city.order()
                    case "images":
                        city.images()
                    case "draft":
                        _said_at(city, 10, "P")
                    case "final":
                        _said_at(city, 20, "F")
            ways.add(tuple(city.open()))
    assert ways == {()}


def _said_at(city: Hospital, minutes: int, status: str) -> None:
    now, city.now = city.now, city.now.replace(minute=minutes)
    city.dictated(status=status)
    city.now = now


def test_the_interface_was_down_all_night_and_catches_up(city: Hospital) -> None:
    """Forty orders and their images come at once in the evening: all are there, clocks run from the exam."""
    done = city.now
    city.wait(hours=10)
    for number in range(40):
        city.order(f"N{number}", patient=f"P{number}", patient_class="I")
        city.images(f"N{number}", exam_end=done.isoformat())

    assert city.worklists.counts().open == 40
    due = city.line("N7").due_at
    assert (due - done).days == 1


def test_a_cancelled_order_without_images_is_closed_and_a_new_order_opens_it(city: Hospital) -> None:
    """The message is the evidence, and nothing is for ever (I13)."""
    city.order()
    city.wait(minutes=5)
    city.order(control="CA")
    assert city.open() == []
    city.wait(minutes=5)
    city.images()

    assert "report waiting neuro" in city.open()


def test_a_cancelled_order_with_images_stays_and_a_human_looks(city: Hospital) -> None:
    """Radiation was given: it is never closed by a message (I13)."""
    city.order()
    city.images()
    city.wait(minutes=5)
    city.order(control="CA")

    assert city.open() == ["report waiting neuro", "resolve waiting attention"]


def test_images_for_another_patient_under_the_same_number_stay_apart(city: Hospital) -> None:
    """Nothing is merged by guess (I13)."""
    city.order(patient="P1")
    city.images(patient_id="P1", patient_id_issuer="STO")
    city.order(patient="P2", number="OTHER")

    assert "resolve waiting attention" in city.open()
    assert city.worklists.counts().open >= 2


def test_late_images_after_the_report_are_checked(city: Hospital) -> None:
    """A report covers a set of images (I15)."""
    city.images()
    city.worklists.report(city.item(), "final", "R1", by="lee")
    city.wait(hours=3)
    city.images(image_count=130)

    assert city.open() == ["recheck waiting neuro"]
    assert "images came after the report" in city.sentence()


def test_a_dose_report_after_the_report_is_no_late_image(city: Hospital) -> None:
    """Companions never reopen."""
    city.images()
    city.worklists.report(city.item(), "final", "R1", by="lee")
    city.wait(hours=3)
    city.worklists.receive(
        {"accession": "A1", "study_uid": f"1.2.826.{sum(map(ord, 'A1'))}", "companions": ["SR"]}, sender="MODALITY"
    )

    assert city.open() == []


def test_rubbish_is_kept_and_shown_to_a_human(city: Hospital) -> None:
    """Neither lost nor in the way of its neighbours (I6)."""
    receipt = city.worklists.receive(b"\x00\x01 this is no message \xff")
    city.images()

    assert receipt.outcome == "quarantined"
    assert [line.kind for line in city.worklists.page(reader="erin", worklists=["attention"])] == ["resolve"]
    assert city.open() == ["report waiting neuro"]


@given(
    st.dictionaries(
        st.sampled_from(["modality", "body_part", "age", "patient_class", "description", "exam_end", "image_count"]),
        st.one_of(st.none(), st.text(max_size=9), st.integers(-9, 9**9), st.booleans(), st.lists(st.text(max_size=3))),
    )
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_sent_has_a_list(said: dict[str, Any]) -> None:
    """Empty, malformed, of the wrong type: it is on a list that somebody reads (I5)."""
    with hospital() as city:
        city.worklists.receive({"accession": "A1", "study_uid": "1.2.3"} | said, sender="PACS")

        assert {line.worklist for line in city.worklists.page(limit=None)} <= set(city.rules.readers)
        assert city.worklists.counts().accepted >= 1


def test_images_without_a_number_are_on_a_list_too(city: Hospital) -> None:
    """No accession number is no reason to vanish (I1)."""
    city.images(None, study_uid="1.2.3.4")

    assert city.worklists.counts().open == 1
    assert city.worklists.status("1.2.3.4").acquired


def test_the_day_is_over_and_nothing_fell_off(city: Hospital) -> None:
    """No list is a day list: after eight days and after a year it is still there, more urgent or not (I2)."""
    city.images()
    for days in (1, 7, 30, 365):
        city.wait(days=days)
        assert [one for one in city.open() if one.startswith("report")] == ["report waiting neuro"]


@pytest.mark.parametrize("status", ["O", "I", "S", "A", "P", "R", "N"])
def test_a_status_short_of_final_discharges_nothing(city: Hospital, status: str) -> None:
    """Only F and C do (I3, I4)."""
    city.images()
    city.wait(minutes=1)
    city.dictated(status=status)

    assert len([one for one in city.open() if one.startswith("report")]) == 1
    assert not city.worklists.status("A1").final


def test_the_host_asks_which_of_its_exams_we_were_never_told_of(city: Hospital) -> None:
    """What we were never told cannot be promised; it can be found (I16)."""
    city.images("A1")
    census = city.worklists.reconcile(["A1", "A2"])

    assert list(census.missing) == ["A2"]
