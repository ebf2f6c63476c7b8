"""A list that nobody may read is an alarm: what waits there waits for nobody (I27)."""

from __future__ import annotations

from typing import Any

import pytest

from routing.errors import StoreRefused
from routing.rulebook import Rulebook
from routing.store.records import Verification
from routing.worklists.orphans import Orphan, with_orphans
from routing.worklists.readers import ReaderFacts
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.plain import TEXT
from tests.worklists.telling import image
from tests.worklists.test_readers import Staff


def _names(worklists: Any) -> list[str]:
    return [one.worklist for one in worklists.orphans()]


def test_a_list_whose_skill_nobody_has_is_told_with_what_waits_there() -> None:
    """The fullest first, by the counts and by `verify`, where it makes nothing unsound."""
    with opened() as worklists:
        receive(worklists, image(modality=("MG",)))

        assert [(one.worklist, one.open) for one in worklists.orphans()] == [("breast", 1), ("attention", 0)]
        assert worklists.counts().unread == (("breast", 1), ("attention", 0))
        found = worklists.verify()
        assert found.is_clean
        assert found.figures["lists_nobody_may_read"] == {"breast": 1, "attention": 0}


@pytest.mark.parametrize(
    ("readers", "left"),
    [
        ({"lee": ["breast"]}, ["attention"]),
        ({"lee": ["breast", "pacs_team"]}, []),
        (Staff(lee=ReaderFacts(skills=["breast"])), ["attention"]),
        (Staff(), ["attention", "breast"]),
        (lambda _: None, []),
    ],
)
def test_a_hosts_directory_says_who_reads(readers: Any, left: list[str]) -> None:
    """A function cannot say whom it knows: then nothing is claimed of the lists that ask for a skill."""
    with opened(readers=readers) as worklists:
        assert _names(worklists) == left


def test_a_grant_or_a_reader_ends_the_alarm_and_an_end_of_a_skill_brings_it_back() -> None:
    """It is looked at as of now."""
    clock = HandClock()
    with opened(clock) as worklists:
        worklists.grant("pat", "read", by="boss", scope="attention")
        worklists.put_reader("lee", ["breast"], "boss", until={"breast": clock.now.date()})
        assert _names(worklists) == []
        worklists.grant("kim", "read:breast", by="boss")
        clock.move_to(60 * 24 * 2)
        assert _names(worklists) == []

        worklists.grant("kim", "read:breast", by="boss", given=False)

        assert _names(worklists) == ["breast"]


@pytest.mark.parametrize(
    ("skill", "left", "granted"),
    [("pacs_team", ["breast"], []), ("breast", ["attention"], ["attention"])],
)
def test_a_list_that_is_closing_is_told_where_nobody_who_could_read_it_is_left(
    skill: str, left: list[str], granted: list[str]
) -> None:
    """It is read as the rulebook said that had it, and by a grant."""
    later = Rulebook.loads(
        TEXT.replace('worklist mr        "MR"            for everyone\n', "")
        .replace('worklist breast    "Breast"        for readers with breast\n', "")
        .replace("to mr", "to ct")
        .replace("to breast", "to ct")
    )
    directory: dict[str, list[str]] = {"lee": ["breast"], "pat": ["pacs_team"]}
    with opened(readers=directory) as worklists:
        receive(worklists, image(modality=("MG",)))
        claim = worklists.claim_next("lee")
        assert claim is not None
        worklists.grant("boss", "activate", by="boss")
        worklists.activate(later, "boss", "no lists of their own any more")
        assert _names(worklists) == []

        directory |= {"lee": [skill], "pat": [skill]}

        assert _names(worklists) == left
        worklists.grant("kim", "read", by="boss", scope="breast")
        assert _names(worklists) == granted


def test_a_store_too_damaged_to_say_who_reads_is_still_verified() -> None:
    """What is wrong with it comes first."""
    found = Verification(findings=(), figures={"items": 1})

    def damaged() -> tuple[Orphan, ...]:
        raise StoreRefused("it cannot be read")

    assert with_orphans(found, damaged) == found
