"""Claims as leases, passes that wait for their answer, opinions, sign-offs, skips and what a person overrides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from routing.errors import NotAllowed, NotFound, StaleClaim, TransitionRefused
from routing.worklists import Worklists
from tests.worklists.opened import HandClock, opened
from tests.worklists.reading_room import department, room, scan, still_open, told
from tests.worklists.telling import at

HOUR = 60


def line_of(worklists: Worklists, item: int, reader: str | None = None):
    """Return the line of an item on a page, or None."""
    return next((one for one in worklists.page(reader=reader, limit=None) if one.item == item), None)


def events(worklists: Worklists, item: int) -> list[tuple[str, str, str | None]]:
    return [(one.event, one.actor, one.reason) for one in worklists.history(item)]


# claims


def test_a_claimed_item_stays_listed_with_its_holder() -> None:
    """Who has it is one of the four questions."""
    with department() as worklists:
        (item,) = scan(worklists)
        claim = worklists.claim(item.item, by="lee")

        line = line_of(worklists, item.item, "kim")
        assert line is not None
        assert (line.state, line.holder, line.lease_until) == ("claimed", "lee", claim.lease_until)


def test_a_broken_claim_is_told_to_its_holder_and_its_token_is_stale() -> None:
    """With a grant and a reason in the journal; what the holder then files is refused."""
    with department() as worklists:
        (item,) = scan(worklists)
        claim = worklists.claim(item.item, by="lee")

        with pytest.raises(NotAllowed):
            worklists.release(item.item, by="kim")
        worklists.release(item.item, by="chief")

        assert told(worklists, "reader:lee") == ["claim_broken"]
        with pytest.raises(StaleClaim):
            worklists.report(claim, "final", "R-1")
        with pytest.raises(StaleClaim):
            worklists.renew(claim)
        assert ("break", "chief", "claim of lee broken") in events(worklists, item.item)


def test_a_token_is_stale_after_a_sleep_past_the_lease_also_where_nobody_took_the_item() -> None:
    """The process was stopped and goes on as if nothing had happened (SIGSTOP): it is told, and claims again."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists)
        claim = worklists.claim(item.item, by="lee", lease=timedelta(minutes=10))
        clock.move_to(110)

        for act in (worklists.renew, lambda held: worklists.report(held, "final", "R-1"), worklists.release):
            with pytest.raises(StaleClaim):
                act(claim)
        assert worklists.claim(item.item, by="lee").token > claim.token


@pytest.mark.parametrize("ticks", [False, True])
def test_a_token_is_as_stale_before_a_tick_as_after_it(ticks: bool) -> None:
    """Whether it was written down that the lease is over makes no difference to who comes too late."""
    clock = HandClock()
    with department(clock) as worklists:
        (item,) = scan(worklists)
        claim = worklists.claim(item.item, by="lee")
        clock.now += timedelta(minutes=30)
        if ticks:
            worklists.tick()

        for act in (worklists.release, worklists.renew):
            with pytest.raises(StaleClaim):
                act(claim)


def test_a_draft_survives_the_claim_it_was_written_under() -> None:
    """Released, lapsed or broken: it is preliminary, and whoever takes it next finds the draft."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists)
        worklists.report(worklists.claim(item.item, by="lee"), "preliminary", "R-1")
        worklists.claim(item.item, by="kim", lease=timedelta(minutes=5))
        clock.move_to(120)

        assert line_of(worklists, item.item).state == "preliminary"
        worklists.release(worklists.claim(item.item, by="kim"))
        worklists.claim(item.item, by="kim")
        worklists.release(item.item, by="chief")
        assert line_of(worklists, item.item).state == "preliminary"
        assert not worklists.verify().findings


# passing


def test_until_it_is_accepted_the_first_list_stays_responsible() -> None:
    """Both see it: the list it waits on, and the reader it is asked of, who may not even read that list."""
    with department() as worklists:
        first, _ = scan(worklists, modality="MG")
        worklists.hand_to(first.item, "kim", by="ann", reason="a child")

        assert line_of(worklists, first.item).worklist == "breast"
        assert line_of(worklists, first.item, "dan") is not None
        assert line_of(worklists, first.item, "kim") is not None
        claim = worklists.accept(first.item, by="kim")
        assert (claim.holder, claim.worklist) == ("kim", "breast")
        worklists.report(claim, "final", "R-1")


def test_a_pass_to_a_list_that_must_accept_moves_with_the_acceptance_alone() -> None:
    """The other list is told; any of its readers may answer, and nobody else."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.pass_to(item.item, "breast", by="lee", reason="a breast", accept=True)

        assert line_of(worklists, item.item).worklist == "ct"
        assert told(worklists, "breast") == ["passed_to_you"]
        with pytest.raises(NotAllowed):
            worklists.accept(item.item, by="kim")
        worklists.accept(item.item, by="ann")
        assert line_of(worklists, item.item).worklist == "breast"
        assert ("pass", "ann", "accepted from lee") in events(worklists, item.item)


def test_a_declined_pass_leaves_everything_as_it_was() -> None:
    """With a reason; it can be passed on to somebody else."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.hand_to(item.item, "kim", by="lee", reason="yours")
        with pytest.raises(TransitionRefused):
            worklists.decline(item.item, by="kim", reason=" ")
        worklists.decline(item.item, by="kim", reason="on leave")

        assert told(worklists, "reader:lee") == ["pass_declined"]
        assert "handover" not in worklists.store.item(item.item).details
        with pytest.raises(TransitionRefused):
            worklists.accept(item.item, by="kim")
        worklists.hand_to(item.item, "sue", by="lee", reason="yours")
        worklists.accept(item.item, by="sue")


def test_only_the_one_it_is_passed_to_answers_and_anybody_of_the_list_may_still_take_it() -> None:
    """A pass is a question; the work is not put aside for it."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.hand_to(item.item, "kim", by="lee", reason="yours")

        with pytest.raises(NotAllowed):
            worklists.accept(item.item, by="sue")
        with pytest.raises(NotAllowed):
            worklists.hand_to(item.item, "sue", by="sue", reason="mine")
        worklists.claim(item.item, by="sue")
        with pytest.raises(TransitionRefused):
            worklists.accept(item.item, by="kim")


@pytest.mark.parametrize("ticks", [(1000,), (400, 579, 580, 581, 1000)])
def test_a_pass_that_nobody_answers_is_over_after_eight_hours(ticks: tuple[int, ...]) -> None:
    """Its giver and its list are told, once, with the instant at which it was over, however late anybody looks."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists)
        worklists.hand_to(item.item, "kim", by="lee", reason="yours")
        for minute in ticks:
            clock.move_to(minute)
            worklists.tick()

        assert told(worklists, "reader:lee") == ["pass_unanswered"]
        (row,) = [one for one in worklists.store.history(item.item) if "due" in one.body]
        assert row.body["due"] == at(580).isoformat()
        with pytest.raises(TransitionRefused):
            worklists.accept(item.item, by="kim")
        assert worklists.store.item(item.item).wake_at is None


def test_an_item_is_not_passed_to_where_it_is() -> None:
    """Nor to a list that there is not."""
    with department() as worklists:
        (item,) = scan(worklists)

        with pytest.raises(TransitionRefused):
            worklists.pass_to(item.item, "ct", by="lee", reason="here")
        with pytest.raises(NotFound):
            worklists.pass_to(item.item, "nowhere", by="lee", reason="there")


# opinions


def test_an_opinion_waits_where_the_rules_for_opinions_say_else_beside_the_first() -> None:
    """And by when they say."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (head,) = scan(worklists, "A1", body_part="HEAD")
        (chest,) = scan(worklists, "A2", body_part="CHEST")

        expert = worklists.ask_opinion(head.item, by="lee", question="a bleed?")
        beside = worklists.ask_opinion(chest.item, by="lee", question="a nodule?")
        chosen = worklists.ask_opinion(chest.item, by="lee", question="so?", worklist="neuro", due=at(130))

        assert (expert.worklist, expert.due_at) == ("neuro", clock.now + timedelta(hours=1))
        assert beside.worklist == "ct"
        assert (chosen.worklist, chosen.due_at) == ("neuro", at(130))


def test_an_opinion_neither_closes_nor_reopens_the_first() -> None:
    """Whichever ends before the other."""
    with department() as worklists:
        (item,) = scan(worklists)
        opinion = worklists.ask_opinion(item.item, "patel", by="lee", question="a nodule?")
        worklists.report(item.item, "final", "R-1", by="lee")
        assert line_of(worklists, opinion.item).state == "waiting"

        worklists.report(worklists.claim(opinion.item, by="patel"), "final", "R-2")

        assert worklists.status(accession="A1").final
        assert worklists.counts().open == 0


def test_an_opinion_that_is_asked_of_one_reader_is_for_them_alone_until_its_due() -> None:
    """Then it is for all of its list; who asked and the list are told, once."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists)
        opinion = worklists.ask_opinion(item.item, "patel", by="lee", question="?", due=timedelta(hours=1))
        assert line_of(worklists, opinion.item, "patel") is not None
        assert line_of(worklists, opinion.item, "kim") is None
        with pytest.raises(NotAllowed):
            worklists.claim(opinion.item, by="kim")

        clock.move_to(100 + HOUR)
        worklists.tick()

        assert told(worklists, "reader:lee") == ["opinion_unanswered"]
        assert line_of(worklists, opinion.item, "kim") is not None
        worklists.report(worklists.claim(opinion.item, by="kim"), "final", "R-2")
        assert told(worklists, "reader:lee") == ["opinion_unanswered", "opinion_answered"]


def test_an_unread_opinion_stays_visible_until_the_one_who_asked_has_read_it() -> None:
    """On the first item while that is open."""
    with department() as worklists:
        (item,) = scan(worklists)
        opinion = worklists.ask_opinion(item.item, "patel", by="lee", question="?")
        worklists.report(opinion.item, "final", "R-2", by="patel")

        unread = worklists.store.item(item.item).details["unread"]
        assert unread == [{"opinion": opinion.item, "by": "lee"}]
        with pytest.raises(NotAllowed):
            worklists.acknowledge(opinion.item, by="kim")
        worklists.acknowledge(opinion.item, by="lee")
        assert worklists.store.item(item.item).details["unread"] == []


def test_only_an_answered_opinion_is_acknowledged() -> None:
    """A report is not."""
    with department() as worklists:
        (item,) = scan(worklists)
        opinion = worklists.ask_opinion(item.item, "patel", by="lee", question="?")

        for number in (item.item, opinion.item):
            with pytest.raises(TransitionRefused):
                worklists.acknowledge(number, by="lee")


# sign-off


@pytest.mark.parametrize("status", ["preliminary", "final", "corrected"])
def test_what_a_trainee_files_is_preliminary_whatever_it_is_called(status: str) -> None:
    """A signature is owed even if the text looks final."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(worklists.claim(item.item, by="tim"), status, "R-1")

        assert line_of(worklists, item.item).state == "preliminary"
        assert not worklists.status(accession="A1").final
        worklists.report(worklists.claim(item.item, by="sue"), "final", "R-2")
        assert worklists.status(accession="A1").final


def test_a_trainee_cannot_amend_what_is_final() -> None:
    """That would take it back unsigned; an addendum they may write."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "final", "R-1", by="sue")

        with pytest.raises(TransitionRefused):
            worklists.report(item.item, "corrected", "R-2", by="tim")
        worklists.report(item.item, "addendum", "R-3", by="tim")
        assert worklists.status(accession="A1").amended


def test_a_draft_after_a_report_was_opened_again_is_a_draft() -> None:
    """What was final before a person opened it again says nothing of what is filed since."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "final", "R-1", by="lee")
        worklists.reopen(item.item, by="lee", reason="the wrong side")
        worklists.report(item.item, "final", "R-2", by="tim")

        assert line_of(worklists, item.item).state == "preliminary"
        assert still_open(worklists, kind="resolve") == []
        worklists.report(item.item, "final", "R-3", by="sue")
        assert worklists.status(accession="A1").final


def test_a_supervisor_who_is_asked_signs_alone_until_the_time_is_up() -> None:
    """Then it is for all of the list, which is told: the due is not waited past."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "preliminary", "R-1", by="tim", sign_off="sue")
        assert told(worklists, "reader:sue") == ["sign_off_asked"]
        with pytest.raises(NotAllowed):
            worklists.claim(item.item, by="kim")

        clock.move_to(100 + 4 * HOUR)
        worklists.tick()

        assert told(worklists, "ct") == ["sign_off_unanswered"]
        worklists.report(worklists.claim(item.item, by="kim"), "final", "R-2")


def test_a_supervisor_who_is_not_on_shift_is_not_waited_for() -> None:
    """It is for all of the list at once, and the history says why."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.report(item.item, "preliminary", "R-1", by="tim", sign_off="off")

        assert any(reason and "not on shift" in reason for _, _, reason in events(worklists, item.item))
        worklists.claim(item.item, by="kim")


def test_a_preliminary_report_has_a_due_of_its_own() -> None:
    """Both are there, and the draft satisfies the first alone."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (line,) = scan(worklists)

        item = worklists.store.item(line.item)
        assert item.preliminary_due_at == clock.now + timedelta(hours=1)
        assert item.due_at == clock.now + timedelta(hours=4)


# skips


def test_a_skip_is_written_with_its_reason_and_counted() -> None:
    """The item stays where it is, for the one who skipped it too."""
    with department() as worklists:
        (item,) = scan(worklists)
        worklists.skip(item.item, by="lee", reason="not my field")
        worklists.skip(item.item, by="kim", reason="too long")

        assert worklists.store.item(item.item).details["skips"] == 2
        assert ("note", "lee", "skipped: not my field") in events(worklists, item.item)
        assert worklists.claim_next(reader="lee").item_id == item.item
        with pytest.raises(TransitionRefused):
            worklists.skip(item.item, by="lee", reason="")


# what a person overrides


def test_an_override_without_its_right_is_refused_and_changes_nothing() -> None:
    """Lower, later and elsewhere are three rights; more urgent and earlier need none."""
    with department() as worklists:
        (item,) = scan(worklists, priority_requested="HIGH")
        before = worklists.store.item(item.item)

        for change in ({"priority": "routine"}, {"due_at": at(5000)}, {"worklist": "chest"}):
            with pytest.raises(NotAllowed):
                worklists.override(item.item, by="lee", reason="so", **change)
        assert worklists.store.item(item.item) == before
        assert worklists.override(item.item, by="lee", reason="bleeding", priority="stat").priority == "stat"
        assert worklists.override(item.item, by="lee", reason="bleeding", due_at=at(105)).due_at == at(105)


def test_what_a_person_overrode_stands_until_the_rules_say_more_than_they_did() -> None:
    """News that changes nothing does not undo it; news that makes it more urgent than the rules had it does (I7)."""
    with department() as worklists:
        (item,) = scan(worklists, priority_requested="MEDIUM")
        worklists.override(item.item, by="chief", reason="known", priority="routine", due_at=at(2000), worklist="chest")

        scan(worklists, priority_requested="MEDIUM", referrer="X")
        line = line_of(worklists, item.item)
        assert (line.priority, line.due_at, line.worklist) == ("routine", at(2000), "chest")

        scan(worklists, priority_requested="STAT", referrer="Y")
        line = line_of(worklists, item.item)
        assert (line.priority, line.due_at, line.worklist) == ("stat", at(2000), "chest")
        assert not worklists.verify().findings


def test_a_second_override_stands_against_the_same_rules() -> None:
    """What a person made more urgent, a person may make less urgent again; the rules are what they were."""
    clock = HandClock(100)
    with department(clock) as worklists:
        (item,) = scan(worklists, priority_requested="MEDIUM")
        for priority in ("stat", "routine"):
            worklists.override(item.item, by="chief", reason="so", priority=priority)

        clock.move_to(110)
        scan(worklists, priority_requested="HIGH", referrer="X")
        assert line_of(worklists, item.item).priority == "urgent"


# who is asked, and by when


def ask(worklists: Worklists, item: int, name: str, due: timedelta | datetime | None = None):
    return worklists.ask_opinion(item, name, by="lee", question="?", due=due)


@pytest.mark.parametrize("hosts", [False, True], ids=["the store's directory", "the host's"])
def test_a_slip_in_the_name_of_who_is_asked_is_refused_with_the_name_that_is_close(*, hosts: bool) -> None:
    """It would wait for nobody; whom a directory leaves out may still read what is for everyone."""
    with opened(HandClock(), room(), readers={"patel": ["breast"]} if hosts else None) as worklists:
        if not hosts:
            worklists.put_reader("patel", ["breast"], by="chief")
        (line,) = scan(worklists)
        with pytest.raises(NotFound, match="there is no reader `patell`: did you mean `patel`"):
            worklists.hand_to(line.item, "patell", by="lee", reason="so")
        with pytest.raises(NotFound, match="did you mean `patel`"):
            ask(worklists, line.item, "patal")
        assert [one.event for one in worklists.history(line.item)] == ["accept"]

        for name in ("patel", "okafor"):
            assert ask(worklists, line.item, name).asked_of == name


@pytest.mark.parametrize("due", [timedelta(0), timedelta(hours=-1), at(100), timedelta.max])
def test_an_opinion_is_not_asked_for_by_a_moment_that_is_over(due: timedelta | datetime) -> None:
    """It would be late before anybody could answer; nor by one that no calendar has."""
    with department(HandClock(100)) as worklists:
        (line,) = scan(worklists)
        with pytest.raises(TransitionRefused, match="its due is"):
            ask(worklists, line.item, "patel", due)
        assert still_open(worklists, kind="opinion") == []
