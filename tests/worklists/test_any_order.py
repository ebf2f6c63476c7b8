"""The law of intake: whatever comes first, and however often, the same work is open in the end (DESIGN 5.1, I17)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.sources.news import Keys, News, OrderControl, Patient, ReportStatus
from routing.sources.procedure import dump, load
from tests.worklists.telling import JONES, SMITH, adt, image, merge, only, open_work, order, report, told

_MINUTES = st.integers(0, 90)
_ACCESSIONS = st.sampled_from(["A1", "A2", None])
_ISSUERS = st.sampled_from([None, None, "X", "Y"])
_STUDIES = st.sampled_from(["U1", "U2", None])


@st.composite
def _keys(draw: Any) -> Keys:
    accession, uid = draw(_ACCESSIONS), draw(_STUDIES)
    if accession is None and uid is None:
        uid = "U1"
    return Keys(accession=accession, accession_issuer=draw(_ISSUERS) if accession else None, study_uid=uid)


@st.composite
def _news(draw: Any, patients: tuple[Patient, ...]) -> News:
    key, patient, said = draw(_keys()), draw(st.sampled_from(patients)), draw(_MINUTES)
    match draw(st.sampled_from(["order", "order", "image", "image", "report", "report", "adt"])):
        case "order":
            number = draw(st.sampled_from(["F1", "F2", None]))
            numbered = Keys(
                accession=key.accession,
                accession_issuer=key.accession_issuer,
                study_uid=key.study_uid,
                filler_number=number,
            )
            control = draw(st.sampled_from(OrderControl))
            return order(said, key=numbered, control=control, patient=patient, patient_class="inpatient")
        case "image":
            uid = key.study_uid or "U1"
            where = Keys(accession=key.accession, accession_issuer=key.accession_issuer, study_uid=uid)
            sop, clinical = draw(st.sampled_from("123")), draw(st.booleans())
            return image(f"{uid} {sop} {clinical}", key=where, clinical=clinical, said=said, patient=patient)
        case "report":
            status, text = draw(st.sampled_from(ReportStatus)), draw(st.sampled_from(["", "normal", "normal", "not"]))
            misfiled = status is ReportStatus.WITHDRAWN and draw(st.booleans())
            return report(status, said, key=key, text=text, patient=patient, raw="W" if misfiled else None)
        case _:
            return adt(said, patient=patient, patient_class=draw(st.sampled_from(["emergency", "inpatient"])))


def _lists(*patients: Patient) -> st.SearchStrategy[list[News]]:
    return st.lists(_news(patients), min_size=2, max_size=8)


@pytest.mark.slow
@given(_lists(SMITH), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_order_and_repetition_of_one_patients_news_owes_the_same_work(
    news: list[News], chance: random.Random
) -> None:
    """No message may have to come before another; `recheck` alone is about what came first."""
    again = [*news, *chance.sample(news, len(news) // 2)]
    chance.shuffle(again)

    forward, shuffled = told(news, step=0.001), told(again, step=0.001)

    assert open_work(forward, without=["recheck"]) == open_work(shuffled, without=["recheck"])


@pytest.mark.slow
@given(_lists(SMITH, JONES, Patient()), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_contradictions_about_the_patient_are_open_in_every_order(news: list[News], chance: random.Random) -> None:
    """Which of two patients' images stand may depend on what came first; that a person has to look does not."""
    shuffled = list(news)
    chance.shuffle(shuffled)

    one, other = told(news, step=0.001), told(shuffled, step=0.001)

    assert _is_conflict(open_work(one)) == _is_conflict(open_work(other))


def _is_conflict(work: set[tuple[Any, ...]]) -> bool:
    return any(
        part in {"patient_conflict", "accession_collision", "issuer_unclear", "report_unclear"} for *_, part in work
    )


@given(_lists(SMITH, JONES))
@settings(max_examples=25, deadline=None)
def test_what_is_known_survives_being_written_down(news: list[News]) -> None:
    """The store keeps procedures as text."""
    for procedure, _ in told(news).procedures():
        assert load(dump(procedure), procedure.patients) == procedure


@given(_lists(SMITH, JONES))
@settings(max_examples=25, deadline=None)
def test_every_order_image_and_report_names_a_procedure(news: list[News]) -> None:
    """What was taken in is somewhere: conservation begins with the join."""
    register = told(news)

    named = {place for _, places in register.procedures() for place in places}

    assert named >= {place for place, one in enumerate(news) if one.kind.value != "patient"}


@given(st.permutations(range(5)))
@settings(max_examples=25, deadline=None)
def test_a_merge_counts_whenever_it_comes(places: list[int]) -> None:
    """A temporary identity from the emergency department gives way to the patient's own."""
    unknown = Patient(number="TEMP", issuer="STO")
    story = [
        order(0, patient=unknown),
        image(patient=unknown),
        merge(unknown, SMITH, birth_date=None, sex="F"),
        report(said=60, patient=SMITH),
        report("corrected", 70, patient=unknown),
    ]

    procedure = only(*(story[place] for place in places))

    assert procedure.patient == ("1001", "STO")
    assert not procedure.conflicts
    assert procedure.attributes().known["report_status"] == "corrected"
