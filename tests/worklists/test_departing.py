"""A reader leaves, or goes off shift, after being asked: what waits for them alone is for all of its list at once."""

from __future__ import annotations

import pytest

from routing.errors import NotAllowed, NotFound
from routing.worklists import Worklists
from tests.worklists.opened import HandClock
from tests.worklists.reading_room import department, scan, still_open, told


def drafted(worklists: Worklists) -> int:
    """Have a draft that `sue` is asked to sign."""
    (line,) = scan(worklists)
    worklists.report(line.item, "preliminary", "R-1", by="lee", sign_off="sue")
    with pytest.raises(NotAllowed):
        worklists.claim(line.item, by="kim")
    return line.item


def reasons(worklists: Worklists, item: int) -> list[str | None]:
    return [one.reason for one in worklists.history(item)]


@pytest.mark.parametrize("ticks", [False, True])
def test_a_supervisor_who_goes_off_shift_is_waited_for_no_longer(*, ticks: bool) -> None:
    """The signature is for the pool, at once and with the reason; a tick makes no difference."""
    with department(HandClock(100)) as worklists:
        item = drafted(worklists)
        worklists.put_reader("sue", [], by="chief", grade="supervisor", on_shift=False)
        if ticks:
            worklists.tick()

        assert "sign_off: sue is not on shift" in reasons(worklists, item)
        assert "sign_off_unanswered" in told(worklists, "ct")
        assert worklists.claim(item, by="kim")
        assert not worklists.verify().findings


def test_an_opinion_waits_for_an_expert_who_is_off_shift_and_not_for_one_who_has_left() -> None:
    """Who answers tomorrow still answers; who has left does not, and the one who asked is told."""
    with department(HandClock(100)) as worklists:
        (line,) = scan(worklists)
        opinion = worklists.ask_opinion(line.item, "ann", by="lee", question="?")
        worklists.put_reader("ann", ["breast"], by="chief", on_shift=False)
        assert [one.asked_of for one in still_open(worklists, kind="opinion")] == ["ann"]

        assert worklists.drop_reader("ann", by="chief", reason="retired") == 1
        assert [one.asked_of for one in still_open(worklists, kind="opinion")] == [None]
        assert "opinion: ann has left: retired" in reasons(worklists, opinion.item)
        assert "opinion_unanswered" in told(worklists, "reader:lee")
        assert worklists.report(opinion.item, "final", "O-1", by="kim").state == "reported"


def test_what_was_passed_to_who_has_left_is_with_its_list() -> None:
    """Nobody has to wait eight hours for their answer, and they can give none."""
    with department(HandClock(100)) as worklists:
        (line,) = scan(worklists)
        worklists.hand_to(line.item, "sue", by="lee", reason="so")
        worklists.drop_reader("sue", by="chief", reason="moved away")

        assert [one.passed_to for one in still_open(worklists)] == [None]
        assert told(worklists, "reader:lee") == ["pass_unanswered"]
        assert not worklists.verify().findings


def test_who_has_left_reads_nothing_more_and_can_come_back() -> None:
    """Their skills are gone with them, and a slip of whoever drops them is put right."""
    with department(HandClock(100)) as worklists:
        first, _ = scan(worklists, modality="MG")
        worklists.drop_reader("ann", by="chief", reason="retired")
        with pytest.raises(NotAllowed):
            worklists.claim(first.item, by="ann")
        worklists.put_reader("ann", ["breast"], by="chief")
        assert worklists.claim(first.item, by="ann")


def test_a_reader_is_dropped_by_a_right_and_with_a_reason() -> None:
    """As every change of the directory; nobody unknown is dropped by a slip."""
    with department(HandClock(100)) as worklists:
        with pytest.raises(NotAllowed):
            worklists.drop_reader("ann", by="lee", reason="so")
        with pytest.raises(NotAllowed):
            worklists.drop_reader("ann", by="chief", reason=" ")
        with pytest.raises(NotFound):
            worklists.drop_reader("anna", by="chief", reason="retired")


def test_a_signature_that_comes_back_to_who_has_left_meanwhile_is_for_all_of_the_list() -> None:
    """It was passed on when the supervisor left, and the pass is declined."""
    with department(HandClock(100)) as worklists:
        item = drafted(worklists)
        worklists.hand_to(item, "ben", by="sue", reason="so")
        worklists.drop_reader("sue", by="chief", reason="retired")
        worklists.decline(item, by="ben", reason="busy")

        assert worklists.claim(item, by="kim")
