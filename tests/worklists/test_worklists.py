"""The object that a host holds: receipts, claims, reports, closures, statuses, and who may do what."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from routing.attributes import Attributes
from routing.decision import Decision, Hold, Problem
from routing.errors import (
    NaiveMoment,
    NotAllowed,
    NotFound,
    OtherRulebookActive,
    StaleClaim,
    StoreRefused,
    TransitionRefused,
    UnreadableInput,
)
from routing.sources.news import Reading
from routing.worklists import Worklists, exists
from tests.worklists.opened import HandClock, kinds, opened, receive
from tests.worklists.plain import plain_rulebook
from tests.worklists.stand_in import StandIn, altered
from tests.worklists.telling import JONES, adt, at, cancel, image, keys, order, reading, report

# receiving


def test_the_same_input_again_changes_nothing() -> None:
    """The acknowledgement was lost and the sender repeats (N1)."""
    with opened() as worklists:
        first = receive(worklists, order(), image())
        again = receive(worklists, order(), image())

        assert (first.outcome, again.outcome) == ("accepted", "duplicate_ignored")
        assert kinds(worklists) == ["report waiting"]
        assert again.procedures[0].accession == "A1"


def test_the_same_id_with_other_content_is_another_message_and_a_doubt() -> None:
    """Losing a report is worse than a doubt (N1)."""
    one, other = reading(order()), reading(image())
    with opened() as worklists:
        worklists.receive(one)

        receipt = worklists.receive(evolve(other, message_id=one.message_id))

        assert receipt.outcome == "accepted_with_warning"
        assert receipt.warnings == ("duplicate_control_id",)


def test_a_refused_input_is_kept_with_a_resolve_item() -> None:
    """What cannot be read is visible to a person, with its bytes (N3)."""
    problem = Problem(kind="unparseable", source="byte 0", message="no MSH")
    with opened() as worklists:
        receipt = worklists.receive(
            Reading(kind="unreadable", sender="", message_id="d", digest="d", raw=b"?", refused=problem)
        )

        assert receipt.outcome == "quarantined"
        assert receipt.quarantined == ("unparseable",)
        assert kinds(worklists) == ["resolve unparseable"]
        assert worklists.store.raw(receipt.input or 0) == b"?"


def test_news_without_a_key_is_kept_for_a_person() -> None:
    """Nothing joins on an empty key."""
    with opened() as worklists:
        receipt = receive(worklists, order(key=keys(None)))

        assert receipt.quarantined == ("empty_key",)
        assert kinds(worklists) == ["resolve empty_key"]


def test_an_input_that_breaks_the_processing_is_kept_and_does_not_take_others_with_it() -> None:
    """One bad message never stops the feed."""

    def fail(decision: Decision, source: Attributes) -> Decision:
        if source.known["accession"] == "BAD":
            raise ZeroDivisionError
        return decision

    with opened(rulebook=StandIn(change=fail)) as worklists:
        receipts = worklists.receive_all([reading(order()), reading(order(key=keys("BAD"))), reading(image())])

        assert [one.outcome for one in receipts] == ["accepted", "quarantined", "accepted"]
        assert kinds(worklists) == ["report waiting", "resolve processing_error"]
        assert not worklists.verify().findings


def test_a_report_for_nothing_known_is_parked_and_shown_when_it_waited_long_enough() -> None:
    """It is listed with no state, and a person sees it at last."""
    clock = HandClock()
    with opened(clock) as worklists:
        receipt = receive(worklists, report())
        before = kinds(worklists)
        clock.move_to(60 * 24 * 7)
        after = kinds(worklists)

        assert receipt.outcome == "parked"
        assert receipt.procedures[0].state is None
        assert (before, after) == ([], ["resolve report_without_images"])
        receive(worklists, image())
        assert kinds(worklists) == []
        assert worklists.status("A1").final


def test_a_hold_ends_by_itself_whenever_the_store_is_asked() -> None:
    """No thread has to run."""
    clock = HandClock()
    rules = altered(hold=Hold(at_most_minutes=30, until="images_complete"))
    with opened(clock, rules) as worklists:
        receive(worklists, image())
        held = kinds(worklists)
        clock.move_to(131)

        assert (held, kinds(worklists)) == (["report held"], ["report waiting"])
        assert not worklists.verify().findings


def test_images_bring_the_clock_and_an_expected_item_has_none() -> None:
    """Turnaround runs from the examination, not from the order."""
    with opened() as worklists:
        receive(worklists, order())
        expected = worklists.page().lines[0].due_at
        receive(worklists, image(exam_end=at(90)))

        assert expected is None
        assert worklists.page().lines[0].due_at == at(90) + timedelta(days=5)


def test_news_never_makes_an_item_later_or_less_urgent() -> None:
    """An emergency film reported twelve days later after the ward took over (I7)."""
    with opened() as worklists:
        receive(worklists, image(exam_end=at(90)), order(priority_requested="STAT"))
        before = worklists.page().lines[0]
        receive(worklists, order(30, priority_requested="ROUTINE"), image("2", exam_end=at(95)))
        after = worklists.page().lines[0]

        assert (
            (after.priority, after.due_at) == (before.priority, before.due_at) == ("stat", at(90) + timedelta(days=5))
        )


def test_a_claimed_item_is_not_moved_under_the_readers_hands() -> None:
    """It is decided anew when it is given back."""
    with opened() as worklists:
        receive(worklists, image(modality=("CT",)))
        claim = worklists.claim_next("lee")
        assert claim is not None
        receive(worklists, order(priority_requested="STAT"), adt(patient_class="inpatient"))
        line = worklists.page().lines[0]
        assert (line.state, line.holder, line.worklist) == ("claimed", "lee", "ct")

        worklists.release(claim)

        assert kinds(worklists) == ["report waiting"]


def test_two_procedures_that_turn_out_to_be_one_leave_one_item() -> None:
    """The other gives way to it (superseded)."""
    with opened() as worklists:
        receive(worklists, image(key=keys(None, study_uid="U1")))
        receive(worklists, order(key=keys(filler_number="F1")))
        assert worklists.counts().open == 2

        receive(worklists, order(20, key=keys(filler_number="F1", study_uid="U1")))

        assert kinds(worklists) == ["report waiting"]
        assert worklists.counts().superseded == 1
        assert not worklists.verify().findings


def test_a_withdrawal_brings_the_item_back_with_its_original_clock() -> None:
    """Final, then withdrawn: open, due as before (I14)."""
    with opened() as worklists:
        receive(worklists, image(exam_end=at(90)))
        due = worklists.page().lines[0].due_at
        receive(worklists, report())
        assert worklists.status("A1").final

        receive(worklists, report("withdrawn", 70))

        assert kinds(worklists) == ["report waiting", "resolve report_withdrawn"]
        assert {line.due_at for line in worklists.page() if line.kind == "report"} == {due}
        assert not worklists.status("A1").final


def test_conflicts_that_later_news_settles_leave_no_item_behind() -> None:
    """A person's time is not for what settled itself; the journal keeps it."""
    with opened() as worklists:
        receive(worklists, order(), image(), cancel())
        assert kinds(worklists) == ["report waiting", "resolve cancelled_with_images"]

        receive(worklists, order(60))

        assert kinds(worklists) == ["report waiting"]
        assert [one.event for one in worklists.history(accession="A1")][-1] == "close"


def test_a_naive_arrival_is_refused() -> None:
    """An instant without a zone is no instant."""
    with opened() as worklists, pytest.raises(NaiveMoment):
        worklists.receive(reading(order()), at=datetime(2026, 3, 10))  # noqa: DTZ001 - the point of the test


def test_a_mapping_is_an_order_with_its_images_unless_it_says_otherwise() -> None:
    """The simplest host hands over a mapping."""
    with opened() as worklists:
        worklists.receive({"accession": "A1", "modality": "CT", "image_count": 0})
        assert kinds(worklists) == ["report expected"]

        worklists.receive({"accession": "A1", "modality": "CT", "image_count": 2})

        assert kinds(worklists) == ["report waiting"]


def test_a_mapping_repeats_only_what_its_sender_said_last() -> None:
    """Said again after something else, it is news."""
    urgent, calm = ({"accession": "A1", "modality": "CT", "priority_requested": word} for word in ("STAT", "ROUTINE"))
    with opened() as worklists:
        outcomes = [worklists.receive(one, sender="host").outcome for one in (calm, calm, urgent, calm)]

        assert outcomes == ["accepted", "duplicate_ignored", "accepted", "accepted"]


# claiming and reporting


def test_a_claim_has_one_winner_and_stays_listed() -> None:
    """A claimed item is still on the page, with its holder (N9)."""
    with opened() as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("lee")

        assert claim is not None
        assert worklists.claim_next("patel") is None
        assert worklists.page().lines[0].holder == "lee"
        with pytest.raises(TransitionRefused):
            worklists.claim(claim.item_id, "patel")


def test_a_lease_that_is_over_frees_the_item_and_the_old_token_is_refused() -> None:
    """A crashed reader holds nothing up; a paused one does not overwrite (N10, N11)."""
    clock = HandClock()
    with opened(clock) as worklists:
        receive(worklists, image())
        old = worklists.claim_next("lee", lease=timedelta(minutes=10))
        assert old is not None
        clock.move_to(111)
        shown = worklists.page().lines[0]
        new = worklists.claim_next("patel")

        assert (shown.state, shown.holder) == ("waiting", None)
        assert new is not None
        assert new.token == old.token + 1
        with pytest.raises(StaleClaim):
            worklists.report(old, "final", "R-1")
        assert worklists.report(new, "final", "R-2").state == "reported"


def test_a_tick_writes_down_what_is_over() -> None:
    """The journal shows when a lease ended."""
    clock = HandClock()
    with opened(clock) as worklists:
        receive(worklists, image())
        worklists.claim_next("lee", lease=timedelta(minutes=10))
        clock.move_to(111)

        assert worklists.tick().leases_over == 1
        assert kinds(worklists) == ["report waiting"]


def test_a_lease_can_be_renewed() -> None:
    """A long read."""
    clock = HandClock()
    with opened(clock) as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("lee", lease=timedelta(minutes=10))
        assert claim is not None
        clock.move_to(109)
        worklists.renew(claim, lease=timedelta(minutes=10))
        clock.move_to(115)

        assert worklists.claim_next("patel") is None


def test_a_preliminary_report_is_never_called_reported() -> None:
    """It waits for sign-off, and may be claimed for it."""
    with opened() as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("trainee")
        assert claim is not None
        worklists.report(claim, "preliminary", "R-1")
        status = worklists.status("A1")

        assert (status.preliminary, status.final) == (True, False)
        assert status.sentence.startswith("Not final: a preliminary report is here")
        signing = worklists.claim_next("consultant")
        assert signing is not None
        worklists.release(signing)
        assert kinds(worklists) == ["report preliminary"]


def test_an_external_final_ends_a_claim() -> None:
    """An authoritative report needs no token (N10)."""
    with opened() as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("lee")
        assert claim is not None
        receive(worklists, report())

        assert worklists.status("A1").final
        with pytest.raises(StaleClaim):
            worklists.report(claim, "final", "R-1")


def test_a_final_here_and_the_same_final_by_message_are_no_difference() -> None:
    """The RIS sends what was reported here."""
    with opened() as worklists:
        receive(worklists, image())
        worklists.report("A1", "final", "R-1", by="lee")
        receive(worklists, report(said=200), minutes=210)

        assert kinds(worklists) == []


def test_an_expected_item_cannot_be_reported_and_nothing_is_written() -> None:
    """There is nothing to read yet."""
    with opened() as worklists:
        receive(worklists, order())
        before = worklists.history(accession="A1")

        with pytest.raises(TransitionRefused):
            worklists.report("A1", "final", "R-1", by="lee")
        assert worklists.history(accession="A1") == before


def test_late_images_are_rechecked_and_the_recheck_ends_by_its_own_report() -> None:
    """A report covers a set of images (I15)."""
    with opened() as worklists:
        receive(worklists, image())
        receive(worklists, report())
        receive(worklists, image("2"))
        assert kinds(worklists) == ["recheck waiting"]

        claim = worklists.claim_next("lee")
        assert claim is not None
        worklists.report(claim, "final", "R-2")

        assert kinds(worklists) == []
        receive(worklists, image("3"))
        assert kinds(worklists) == ["recheck waiting"]


# rights


def test_lists_for_readers_with_a_skill_are_theirs() -> None:
    """Without a directory, only lists for everyone are open to any named actor."""
    with opened() as worklists:
        receive(worklists, image(modality=("MG",)))
        item = worklists.page().lines[0].item
        assert worklists.claim_next("lee") is None
        with pytest.raises(NotAllowed):
            worklists.claim(item, "lee")
        with pytest.raises(NotAllowed):
            worklists.report(item, "final", "R-1", by="lee")

        worklists.put_reader("lee", ["breast"], by="boss")

        assert worklists.claim(item, "lee").holder == "lee"


def test_the_hosts_own_directory_and_grants_give_skills() -> None:
    """A mapping, or a grant `read:SKILL`."""
    with opened(readers={"lee": ["breast"]}) as worklists:
        receive(worklists, image(modality=("MG",)))
        worklists.grant("patel", "read:breast", by="boss")
        pages = [len(worklists.page(reader=name)) for name in ("lee", "patel", "nobody")]

        assert pages == [1, 1, 0]
        assert worklists.page(reader="nobody").hidden == 1


def test_closing_needs_a_grant_and_a_reason_and_can_be_taken_back() -> None:
    """Closure is its own authorised act (I3, I11)."""
    with opened() as worklists:
        receive(worklists, image())
        item = worklists.page().lines[0].item
        with pytest.raises(NotAllowed):
            worklists.close_item(item, "lee", "not wanted")
        worklists.grant("lee", "close", by="boss")
        with pytest.raises(TransitionRefused):
            worklists.close_item(item, "lee", " ")
        assert worklists.close_item(item, "lee", "not wanted").state == "closed"
        receive(worklists, adt(patient_class="inpatient"))
        assert kinds(worklists) == []

        worklists.reopen(item, "lee", "wanted after all")

        assert kinds(worklists) == ["report waiting"]
        assert not worklists.verify().findings


def test_images_open_what_a_person_closed() -> None:
    """A closure covers what was known, even at the same instant."""
    with opened() as worklists:
        receive(worklists, image())
        worklists.grant("lee", "close", by="boss")
        worklists.close_item(worklists.page().lines[0].item, "lee", "not wanted")

        receive(worklists, image("2"))

        assert kinds(worklists) == ["report waiting"]


def test_a_resolve_item_ends_by_a_person_and_comes_back_only_for_something_new() -> None:
    """Having looked once is enough."""
    with opened() as worklists:
        receive(worklists, image(), order(), cancel())
        worklists.grant("pat", "close", by="boss")
        doubt = next(line.item for line in worklists.page() if line.kind == "resolve")
        worklists.close_item(doubt, "pat", "asked the ward: wanted")
        receive(worklists, adt(patient_class="inpatient"))
        assert kinds(worklists) == ["report waiting"]

        receive(worklists, cancel(70))

        assert kinds(worklists) == ["report waiting", "resolve cancelled_with_images"]


def test_breaking_a_claim_needs_a_grant() -> None:
    """Nobody's work is taken away unseen."""
    with opened() as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("lee")
        assert claim is not None
        with pytest.raises(NotAllowed):
            worklists.release(claim.item_id, "boss")
        worklists.grant("boss", "break", by="boss")

        assert worklists.release(claim.item_id, "boss").state == "waiting"


def test_only_who_may_grant_grants_after_the_first() -> None:
    """The first grant of a store needs none."""
    with opened() as worklists:
        worklists.grant("lee", "close", by="boss")

        with pytest.raises(NotAllowed):
            worklists.grant("mallory", "close", by="mallory")


def test_a_passed_item_stays_where_it_was_passed() -> None:
    """A person's pass is kept; its clock goes on."""
    with opened() as worklists:
        receive(worklists, image())
        claim = worklists.claim_next("lee")
        assert claim is not None
        worklists.pass_to(claim, "mr", reason="better read there")
        receive(worklists, order(priority_requested="STAT"))
        line = worklists.page().lines[0]

        assert (line.worklist, line.state, line.priority) == ("mr", "waiting", "stat")
        with pytest.raises(NotFound):
            worklists.pass_to(line.item, "nowhere", by="lee", reason="x")


def test_every_act_names_its_actor() -> None:
    """Nobody is nobody."""
    with opened() as worklists:
        receive(worklists, image())

        with pytest.raises(NotAllowed):
            worklists.claim_next(" ")


# rulebooks


def test_another_rulebook_is_refused_until_it_is_activated(tmp_path: Path) -> None:
    """Rule changes are explicit."""
    book, other = StandIn(), evolve(StandIn(), fingerprint="other")
    with Worklists.open(tmp_path / "w.db", book, clock=HandClock()) as worklists:
        receive(worklists, image())

    with pytest.raises(OtherRulebookActive):
        Worklists.open(tmp_path / "w.db", other, clock=HandClock())


def test_activating_decides_anew_and_keeps_the_due(tmp_path: Path) -> None:
    """Due times never move later by it; a list that is gone closes when it is empty."""

    def elsewhere(decision: Decision, _: Attributes) -> Decision:
        assert decision.due_at is not None
        return evolve(decision, worklist="general", due_at=decision.due_at + timedelta(days=9))

    lists = {name: readers for name, readers in StandIn().readers.items() if name != "ct"}
    other = evolve(StandIn(change=elsewhere), fingerprint="other", readers=lists)
    with Worklists.open(tmp_path / "w.db", StandIn(), clock=HandClock()) as worklists:
        receive(worklists, image())
        due = worklists.page().lines[0].due_at
        with pytest.raises(NotAllowed):
            worklists.activate(other, "lee")
        worklists.grant("lee", "activate", by="boss")

        assert worklists.activate(other, "lee", "new rules") == 1

        line = worklists.page().lines[0]
        assert (line.worklist, line.due_at) == ("general", due)
        assert {one.code: one.status for one in worklists.store.worklists()}["ct"] == "retired"
        assert not worklists.verify().findings


def test_a_store_without_a_rulebook_is_refused(tmp_path: Path) -> None:
    """Nothing can be decided."""
    with pytest.raises(StoreRefused):
        Worklists.open(tmp_path / "w.db", clock=HandClock())


def test_a_store_opens_by_the_rulebook_that_is_active_in_it(tmp_path: Path) -> None:
    """Its text is kept in the store."""
    assert not exists(str(tmp_path / "w.db"))
    Worklists.open(tmp_path / "w.db", plain_rulebook(), clock=HandClock()).close()
    assert exists(str(tmp_path / "w.db"))

    with Worklists.open(tmp_path / "w.db", clock=HandClock()) as worklists:
        assert worklists.rulebook.fingerprint == plain_rulebook().fingerprint


# asking


def test_status_answers_by_every_name_and_never_more_than_it_knows() -> None:
    """Is it reported, who has it, when is it due."""
    with opened() as worklists:
        receive(worklists, order(key=keys(filler_number="F1^RIS")))
        expected = worklists.status("A1")
        receive(worklists, image())

        assert expected.sentence == "Not yet acquired: ordered, no images here."
        assert (expected.acquired, expected.final) == (False, False)
        for named in ({"accession": "A1"}, {"study_uid": "U1"}, {"order": "F1"}, {"accession": "U1"}):
            assert worklists.status(**named).acquired
        with pytest.raises(NotFound):
            worklists.status("nobody")


def test_status_of_a_number_that_two_share_says_so() -> None:
    """Two trusts, one number."""
    with opened() as worklists:
        receive(worklists, image())
        receive(worklists, image(key=keys(accession_issuer="RDH", study_uid="U2"), patient=JONES))

        assert worklists.status("A1").sentence.startswith("2 procedures have this number")
        assert worklists.status("A1", issuer="RDH").study_uid == ("U2",)


def test_counts_conserve_and_reconcile_names_both_differences() -> None:
    """accepted = open + discharged; what we were never told of shows up."""
    with opened() as worklists:
        receive(worklists, image())
        receive(worklists, image(key=keys("A2", study_uid="U2")), report(key=keys("A2")))
        counts = worklists.counts()

        assert counts.accepted == counts.open + counts.reported + counts.closed + counts.superseded == 2
        census = worklists.reconcile(["A2", "A3"]).as_dict()
        assert census == {"missing": ["A3"], "unlisted": ["A1"], "matched": 1}


def test_what_is_handed_back_names_no_patient() -> None:
    """A repr ends in logs."""
    with opened() as worklists:
        receipt = receive(worklists, order(patient_name=("EXAMPLE^ROBIN",)), image())
        claim = worklists.claim_next("lee")
        shown: list[Any] = [receipt, claim, worklists.page(), worklists.status("A1"), worklists.history(accession="A1")]

        assert not any(word in repr(shown) for word in ("EXAMPLE", "1001", "A1", "U1"))


# what names nothing


@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_no_item_leaves_its_list_but_by_a_report_that_is_named(nothing: Any) -> None:
    """Only with the id of the evidence (N7): a report without one is refused, and nothing is written."""
    with opened() as worklists:
        receive(worklists, order(), image())
        item = worklists.page().lines[0].item
        before = worklists.history(item)

        with pytest.raises(TransitionRefused, match="`report_id` says no report: give"):
            worklists.report(item, "final", nothing, "kim")

        assert kinds(worklists) == ["report waiting"]
        assert worklists.history(item) == before


def test_a_list_that_there_is_not_is_refused_and_not_taken_for_an_empty_one() -> None:
    """A slip must not read as nothing to do; one name or several in an iterator are taken alike."""
    with opened() as worklists:
        receive(worklists, image(modality=("CT",)))

        with pytest.raises(NotFound, match="there is no worklist `nope`"):
            worklists.page(worklists=["ct", "nope"])
        with pytest.raises(NotFound, match="there is no worklist `nope`"):
            worklists.claim_next("lee", worklists=["nope"])

        assert len(worklists.page(worklists="ct")) == 1
        assert worklists.claim_next("lee", worklists=iter(["general", "ct"])) is not None


def test_an_empty_list_is_refused_and_not_said_to_be_kept() -> None:
    """Quarantined means that an item holds it; here there is nothing to hold."""
    with opened() as worklists:
        with pytest.raises(UnreadableInput, match="the list is empty"):
            worklists.receive([])

        assert worklists.counts().accepted == 0


def test_a_wrong_type_is_named_and_nothing_is_written() -> None:
    """Never an error of the database or of a conversion."""
    with opened() as worklists:
        receive(worklists, order(), image())
        wrong: Any = "x"
        nothing: Any = None

        with pytest.raises(TypeError, match="`limit` is a whole number or None, not str"):
            worklists.page(limit=wrong)
        with pytest.raises(TypeError, match="`item` is a claim or the number of an item, not NoneType"):
            worklists.report(nothing, "final", "R1", "lee")

        assert kinds(worklists) == ["report waiting"]


# what sentences say


def test_a_status_says_ordered_only_of_what_was_ordered() -> None:
    """A companion without an order is expected, and nobody ordered it."""
    with opened() as worklists:
        receive(worklists, image(clinical=False))
        assert worklists.status("A1").sentence.startswith("Not yet acquired: no images to read are here")

        receive(worklists, order(key=keys("A2", filler_number="F2")))
        assert worklists.status("A2").sentence.startswith("Not yet acquired: ordered, no images here")


def test_statuses_of_several_procedures_are_whole_sentences() -> None:
    """Each ends with its own full stop."""
    with opened() as worklists:
        receive(worklists, image(key=keys(study_uid="U1")))
        receive(worklists, image(key=keys(study_uid="U2"), patient=JONES))

        sentence = worklists.status("A1").sentence

        assert sentence.startswith("2 procedures have this number. 1: ")
        assert ".;" not in sentence
        assert ". 2: " in sentence


def test_a_resolve_item_of_what_could_not_be_read_says_which_input_it_holds() -> None:
    """One must be able to act on it (N3)."""
    problem = Problem(kind="not_dicom", source="byte 0", message="neither DICOM nor text")
    with opened() as worklists:
        rubbish = Reading(kind="unreadable", sender="", message_id="d", digest="d", raw=b"rubbish", refused=problem)
        worklists.receive(rubbish)
        item = worklists.page().lines[0].item

        first = worklists.history(item)[0]

        assert first.evidence is not None
        assert worklists.store.raw(first.evidence["input"]) == b"rubbish"
