"""Several reads of one report: different readers, in their places, blind; what they come to when all are in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import NotAllowed
from routing.worklists import Worklists
from tests.worklists.opened import HandClock, receive
from tests.worklists.reading_room import department, scan, still_open
from tests.worklists.telling import keys, report


def file_reads(worklists: Worklists, results: list[str], readers: tuple[str, ...] = ("ann", "ben", "cat")) -> None:
    """File a final for each open read of A1, by a reader each."""
    items = still_open(worklists)
    for item, result, reader in zip(items, results, readers, strict=False):
        worklists.report(item.item, "final", f"R-{reader}", by=reader, result=result)


def test_a_screening_examination_owes_two_reads_that_keep_their_place() -> None:
    """The first and the second read are told apart for ever (reader minimums count first reads)."""
    with department() as worklists:
        items = scan(worklists, modality="MG")

        details = [worklists.store.item(one.item).details for one in items]
        assert [one["position"] for one in details] == [1, 2]
        assert all(one["blind"] for one in details)
        assert [one.worklist for one in items] == ["breast", "breast"]


def test_the_second_read_is_for_another_reader() -> None:
    """Neither by claiming, nor by asking for the next, nor by filing without a claim."""
    with department() as worklists:
        first, second = scan(worklists, modality="MG")
        worklists.report(worklists.claim(first.item, by="ann"), "final", "R-1")

        with pytest.raises(NotAllowed):
            worklists.claim(second.item, by="ann")
        with pytest.raises(NotAllowed):
            worklists.report(second.item, "final", "R-2", by="ann")
        assert worklists.claim_next(reader="ann") is None
        assert worklists.claim_next(reader="ben").item_id == second.item


def test_who_holds_one_read_cannot_take_the_other() -> None:
    """Two reads in the hands of one reader at once would be one."""
    with department() as worklists:
        first, second = scan(worklists, modality="MG")
        worklists.claim(first.item, by="ann")

        with pytest.raises(NotAllowed):
            worklists.claim(second.item, by="ann")


def test_one_of_two_reads_reports_nothing() -> None:
    """The status says how many are in, and never `final`."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL"])

        status = worklists.status(accession="A1")
        assert not status.final
        assert "(the second read; 1 of 2 reads in)" in status.sentence


def test_reads_that_agree_report_the_procedure() -> None:
    """Nothing further is owed where all found the same."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "NORMAL"])

        assert worklists.status(accession="A1").final
        assert worklists.counts().open == 0


def test_reads_that_nobody_gave_a_result_for_agree() -> None:
    """The host compares them itself then."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["", ""])

        assert worklists.status(accession="A1").final


@pytest.mark.parametrize("results", [("NORMAL", "RECALL"), ("RECALL", ""), ("", "NORMAL")])
def test_reads_that_differ_go_to_an_arbitration(results: tuple[str, str]) -> None:
    """Also where one found something and the other said nothing; until it ends, nothing is final."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, list(results))

        (item,) = still_open(worklists, kind="arbitrate")
        assert item.worklist == "panel"
        assert not worklists.status(accession="A1").final
        assert "`panel`" in worklists.status(accession="A1").sentence


def test_an_arbitration_is_for_a_reader_who_is_neither() -> None:
    """And ends it, with its own report."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "RECALL"])
        (item,) = still_open(worklists, kind="arbitrate")

        for reader in ("ann", "ben"):
            with pytest.raises(NotAllowed):
                worklists.claim(item.item, by=reader)
            with pytest.raises(NotAllowed):
                worklists.report(item.item, "final", "R-3", by=reader)
        worklists.report(worklists.claim(item.item, by="cat"), "final", "R-3", result="RECALL")

        assert worklists.status(accession="A1").final
        assert worklists.counts().open == 0
        assert not worklists.verify().findings


def test_agreement_on_a_code_goes_to_its_list() -> None:
    """Both recall: the patient is seen in assessment, and whoever read it may see her there."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["RECALL", "RECALL"])

        (item,) = still_open(worklists, kind="arbitrate")
        assert item.worklist == "assessment"
        assert not worklists.status(accession="A1").final
        worklists.report(worklists.claim(item.item, by="ann"), "final", "R-3")
        assert worklists.status(accession="A1").final


def test_a_read_that_is_taken_back_takes_its_arbitration_with_it() -> None:
    """The read is owed again; when it is in, it is compared anew."""
    with department() as worklists:
        _, second = scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "RECALL"])
        worklists.report(second.item, "withdrawn", "R-2", by="ben")

        assert [one.item for one in still_open(worklists)] == [second.item]
        assert still_open(worklists, kind="arbitrate") == []
        worklists.report(second.item, "final", "R-4", by="ben", result="NORMAL")
        assert worklists.status(accession="A1").final
        assert worklists.counts().open == 0


def test_an_arbitration_that_somebody_has_in_hand_is_not_taken_from_them() -> None:
    """It ends when they give it back, or report."""
    with department() as worklists:
        _, second = scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "RECALL"])
        (item,) = still_open(worklists, kind="arbitrate")
        claim = worklists.claim(item.item, by="cat")
        worklists.reopen(second.item, by="ben", reason="looked again")

        assert [one.holder for one in still_open(worklists, kind="arbitrate")] == ["cat"]
        worklists.release(claim)
        assert still_open(worklists, kind="arbitrate") == []
        worklists.report(second.item, "final", "R-4", by="ben", result="ASSESS")
        assert [one.item for one in still_open(worklists, kind="arbitrate")] == [item.item]


@pytest.mark.parametrize(("here", "missing"), [([], ["reads_missing"]), (["NORMAL"], [])])
def test_a_final_from_outside_ends_every_read_and_names_those_that_are_missing(
    here: list[str], missing: list[str]
) -> None:
    """DESIGN 5.1: with reads missing a `resolve` item names them; with one from here it is the second."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, here)
        receive(worklists, report(key=keys("A1"), said=120))

        assert still_open(worklists) == []
        assert [one.reason for one in still_open(worklists, kind="resolve")] == missing


def test_a_final_from_outside_ends_an_arbitration() -> None:
    """DESIGN 5.1: who decided is not ours to know."""
    with department() as worklists:
        scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "RECALL"])
        receive(worklists, report(key=keys("A1"), said=120))

        assert still_open(worklists, kind="arbitrate") == []
        assert worklists.status(accession="A1").final


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["", "NORMAL", "RECALL"]), min_size=3, max_size=3), st.permutations(range(3)))
def test_three_reads_in_any_order_come_to_the_same(results: list[str], order: list[int]) -> None:
    """All equal: reported. Any difference: one arbitration. Never both, never neither."""
    with department() as worklists:
        items = scan(worklists, modality="XA")
        for at in order:
            worklists.report(items[at].item, "final", f"R-{at}", by=f"reader {at}", result=results[at])

        disputed = still_open(worklists, kind="arbitrate")
        assert len(disputed) == (len(set(results)) > 1)
        assert worklists.status(accession="A1").final is not bool(disputed)


def test_a_read_that_was_opened_again_and_closed_calls_for_no_arbitration() -> None:
    """What was filed before is set aside for good."""
    with department() as worklists:
        first, _ = scan(worklists, modality="MG")
        file_reads(worklists, ["NORMAL", "RECALL"])
        worklists.reopen(first.item, by="chief", reason="the wrong views")
        worklists.close_item(first.item, by="chief", reason="repeated elsewhere")

        assert still_open(worklists, kind="arbitrate") == []


# blind


def shown(worklists: Worklists, reader: str) -> str:
    """Return all that a reader is shown of the department, as text."""
    page = worklists.page(reader=reader, limit=None)
    feed: list[Any] = [change.as_dict() for change in worklists.changes(after=0, limit=1000, reader=reader)]
    status = worklists.status(accession="A1", reader=reader)
    history = [one.as_dict() for one in worklists.history(accession="A1", reader=reader)]
    return repr((page, feed, status, history))


def test_a_blind_read_gives_away_neither_result_nor_reader() -> None:
    """Until both are in, no page, status, history or feed that a reader sees tells what the other found, or who."""
    with department() as worklists:
        first, second = scan(worklists, modality="MG")
        worklists.report(worklists.claim(first.item, by="ann"), "final", "R-secret", result="RECALL")

        seen = shown(worklists, "ben")
        assert not {"RECALL", "ann", "R-secret"} & set(re.findall(r"[\w-]+", seen))
        assert "ann" in repr(worklists.history(accession="A1"))
        worklists.report(second.item, "final", "R-2", by="ben", result="RECALL")
        assert "ann" in shown(worklists, "ben")


# also read by


def test_also_read_by_is_a_further_report_on_its_own_list_with_its_own_due() -> None:
    """The procedure is reported when both are in, whichever is first."""
    clock = HandClock(100)
    with department(clock) as worklists:
        first, also = scan(worklists, description="TRAUMA CT")

        assert (first.worklist, also.worklist) == ("ct", "chest")
        assert [also.due_at, first.due_at] == [clock.now + timedelta(minutes=30), clock.now + timedelta(hours=4)]
        worklists.report(first.item, "final", "R-1", by="lee")
        assert not worklists.status(accession="A1").final
        worklists.report(also.item, "final", "R-2", by="kim")
        assert worklists.status(accession="A1").final


def test_also_read_by_the_routed_list_adds_nothing() -> None:
    """Two reads on one list are `read by 2 different readers`."""
    with department() as worklists:
        assert len(scan(worklists, description="DOUBLED")) == 1


def test_a_claim_that_is_over_holds_an_arbitration_back_no_longer() -> None:
    """The arbiter's lease ended, unnoticed, before one of the reads was taken back and filed anew."""
    clock = HandClock(100)
    with department(clock) as worklists:
        first, second = scan(worklists, modality="MG")
        worklists.report(first.item, "final", "R-1", by="ann", result="RECALL")
        worklists.report(second.item, "final", "R-2", by="ben", result="NORMAL")
        (arbitration,) = still_open(worklists, kind="arbitrate")
        worklists.claim(arbitration.item, by="cat")
        clock.now += timedelta(minutes=31)
        worklists.report(second.item, "withdrawn", "R-2", by="ben")
        assert still_open(worklists, kind="arbitrate") == []
        worklists.report(second.item, "final", "R-3", by="ben", result="RECALL")

        (agreed,) = still_open(worklists, kind="arbitrate")
        assert (agreed.worklist, agreed.reason) == ("assessment", "the reads agree on RECALL")
        assert not worklists.verify().findings
