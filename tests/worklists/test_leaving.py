"""A list that the rulebook no longer has is read by whoever could read it when it had it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from routing import Rulebook, Worklists
from routing.errors import NotAllowed
from routing.worklists import Claim
from tests.worklists.opened import opened, receive
from tests.worklists.plain import TEXT
from tests.worklists.telling import image

LATER = TEXT.replace('worklist breast    "Breast"        for readers with breast\n', "").replace(
    "to breast", "to general"
)
AGAIN = TEXT.replace("for readers with breast", "for readers with pacs_team")


@contextmanager
def left_behind() -> Iterator[tuple[Worklists, Claim, dict[str, list[str]]]]:
    """Give worklists whose list for mammograms is closing, with a claim of `lee` on it, and the host's directory."""
    directory = {"lee": ["breast"], "kim": ["breast"], "pat": ["pacs_team"]}
    with opened(readers=directory) as worklists:
        receive(worklists, image(modality=("MG",)))
        claim = worklists.claim_next("lee")
        assert claim is not None
        worklists.grant("boss", "activate", by="boss")
        worklists.activate(Rulebook.loads(LATER), "boss", "mammograms go to all")
        assert {one.code: one.status for one in worklists.store.worklists()}["breast"] == "closing"
        yield worklists, claim, directory


def test_who_could_read_a_list_sees_what_is_left_on_it_and_nobody_else_does() -> None:
    """The claim is shown with its holder; to others it is counted."""
    with left_behind() as (worklists, _, _):
        assert [(one.worklist, one.holder) for one in worklists.page("kim")] == [("breast", "lee")]
        assert (len(worklists.page("pat")), worklists.page("pat").hidden) == (0, 1)
        assert [one.worklist for one in worklists.page("kim", worklists=["breast"])] == ["breast"]


def test_a_claim_on_a_list_that_is_gone_is_finished_by_who_still_has_the_skill() -> None:
    """And by nobody whose skill ended in between: a credential is looked at on every list."""
    with left_behind() as (worklists, claim, directory):
        directory["lee"] = []
        with pytest.raises(NotAllowed, match="breast"):
            worklists.report(claim, "final", "R-1")
        directory["lee"] = ["breast"]

        assert worklists.report(claim, "final", "R-1").state == "reported"
        assert not worklists.verify().findings


def test_a_report_from_a_list_that_is_gone_is_amended_by_who_could_read_it() -> None:
    """It was theirs, and the list is retired by then."""
    with left_behind() as (worklists, claim, _):
        worklists.report(claim, "final", "R-1")
        worklists.tick()
        assert {one.code: one.status for one in worklists.store.worklists()}["breast"] == "retired"

        with pytest.raises(NotAllowed, match="breast"):
            worklists.report(claim.item_id, "addendum", "R-2", by="pat")
        assert worklists.report(claim.item_id, "addendum", "R-2", by="kim").state == "reported"


def test_a_list_that_comes_back_is_read_as_the_active_rulebook_says() -> None:
    """What an earlier one said counts for nothing then."""
    with left_behind() as (worklists, _, _):
        worklists.activate(Rulebook.loads(AGAIN), "boss", "they have a list again, of another skill")

        assert len(worklists.page("kim")) == 0
        assert [one.worklist for one in worklists.page("pat")] == ["breast"]


def test_a_rollback_gives_the_list_back_to_its_readers() -> None:
    """As before."""
    with left_behind() as (worklists, claim, _):
        worklists.rollback("boss", "not yet")
        worklists.release(claim)

        assert worklists.claim_next("pat") is None
        again = worklists.claim_next("kim")
        assert again is not None
        assert again.worklist == "breast"
