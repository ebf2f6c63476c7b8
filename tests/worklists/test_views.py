"""What an item keeps for the views is what its view's condition says of it, whatever came since; pages stop in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.attributes import Attributes, Value
from routing.errors import NotAllowed, RulebookError
from routing.rulebook import Rulebook
from routing.worklists import Worklists, paging
from routing.worklists.judging import Judge
from routing.worklists.paging import ENOUGH
from routing.worklists.sight import sight_of, sortable
from tests.worklists.opened import HandClock, opened
from tests.worklists.plain import TEXT
from tests.worklists.telling import at
from tests.worklists.test_ageing import waiting

STEADY = (
    "contrast is given",
    "possibly contrast is given",
    "certainly not sex is F",
    "(body_part includes HEAD or modality is known)",
    "age under 16 years",
    "head",
)
MOVING = (
    "overdue",
    "waiting at least 30 minutes",
    "time_left under 2 hours",
    "state is waiting",
    "skips at least 1",
    "items on ct at least 1",
    "late",
)
conditions = st.recursive(
    st.sampled_from(STEADY + MOVING),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        inner.map(lambda part: f"not {part}" if part.startswith("(") else f"not ({part})"),
        inner.map(lambda part: f"possibly ({part})"),
        inner.map(lambda part: f"certainly ({part})"),
    ),
    max_leaves=6,
)


@cache
def rules(views: str) -> Rulebook:
    """Return the plain rulebook with views."""
    define = "define head as body_part includes HEAD\ndefine late as overdue or contrast is given\n"
    return Rulebook.loads(
        TEXT.replace("worklist ct ", define + "worklist ct ", 1).replace("otherwise\n", f"{views}\notherwise\n")
    )


known = st.fixed_dictionaries(
    {},
    optional={
        "contrast": st.sampled_from(["given", "none"]),
        "sex": st.sampled_from(["F", "M"]),
        "body_part": st.sampled_from([frozenset({"HEAD"}), frozenset({"CHEST"})]),
        "modality": st.just(frozenset({"CT"})),
    },
)


@given(condition=conditions, said=known, within=st.one_of(st.none(), st.integers(1, 300)), minutes=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_a_condition_split_and_put_together_is_the_condition(
    condition: str, said: dict[str, Any], within: int | None, minutes: int
) -> None:
    """True, false and unknown alike: what is kept and what is asked give the same answer as all at once."""
    judge = Judge(rules(f'view "V" for everyone shows ct when {condition}'))
    living = judge.living
    assert living is not None
    attributes = Attributes({name: Value(value=value, source="test") for name, value in said.items()})
    item, now, figures = waiting(1, 0, 1, within), at(minutes), {"items on ct": 1}
    (view,) = judge.views
    sight = sight_of(view)
    assert sight is not None
    then = living.subject(attributes, at(0))
    whole = living.subject(attributes, now, item=item, figures=figures)
    part = living.subject(attributes if sight.needs_attributes else None, now, item=item, figures=figures)

    letters = sight.letters(lambda one: living.holds(one, then))

    assert sight.came_out(letters, lambda one: living.holds(one, part)) is living.holds(view.when, whole)


VIEWS = """
view "Heads" for everyone shows ct, mr when body_part includes HEAD
view "Late heads" for everyone shows ct, mr when body_part includes HEAD and waiting at least 30 minutes
view "Doubts" for readers with pacs_team shows attention when body_part includes HEAD
view "By age" for everyone shows ct sorted by age
view "By due" for everyone shows ct sorted by due
"""


@contextmanager
def ward(clock: HandClock | None = None, **how: Any) -> Iterator[Worklists]:
    """Give worklists with these views."""
    with opened(clock, rules(VIEWS), **how) as worklists:
        yield worklists


def scan(worklists: Worklists, name: str = "A1", **said: Any) -> int:
    """Receive a CT, or more news of one; return its report item."""
    usual = {"accession": name, "study_uid": f"1.{sum(map(ord, name))}", "modality": "CT", "image_count": 2}
    times = {"exam_end": at(1), "arrival": at(1)}
    worklists.receive(usual | times | said, sender="HOST", message_id=f"{name}{sorted(said.items(), key=str)}")
    return worklists.item_named(name)


def shown(worklists: Worklists, view: Any, reader: str | None = None) -> list[int]:
    """Return the items that a view shows."""
    return [line.item for line in worklists.page(reader, view=view)]


@pytest.mark.parametrize("act", ["waits", "is claimed", "was passed", "is an opinion", "was skipped"])
def test_news_changes_what_a_view_shows_whatever_became_of_the_item(act: str) -> None:
    """What is kept is never out of date: a claim and a pass keep an item where it is, not what is known of it."""
    with ward() as worklists:
        item = scan(worklists)
        match act:
            case "is claimed":
                worklists.claim(item, "lee")
            case "was passed":
                worklists.pass_to(item, "mr", "lee", "have a look")
            case "is an opinion":
                item = worklists.ask_opinion(item, by="lee", question="is it new?", of="pat").item
            case "was skipped":
                worklists.skip(item, "lee", "not mine")
        assert item not in shown(worklists, "Heads")

        scan(worklists, body_part="HEAD")

        assert item in shown(worklists, "Heads")
        assert not worklists.verify().findings


def test_another_rulebook_changes_what_its_views_show() -> None:
    """Also of what is in hand, which is decided anew only when it is given back."""
    other = rules(VIEWS.replace("body_part includes HEAD", "body_part includes CHEST"))
    with ward() as worklists:
        worklists.grant("boss", "activate", by="boss")
        head, chest, held = (
            scan(worklists, f"A{n}", body_part=part) for n, part in enumerate(("HEAD", "CHEST", "CHEST"))
        )
        worklists.claim(held, "lee")
        assert shown(worklists, "Heads") == [head]

        worklists.activate(other, "boss")

        assert sorted(shown(worklists, "Heads")) == [chest, held]


def test_a_view_by_time_changes_with_the_clock_alone() -> None:
    """Nothing is written for it."""
    clock = HandClock(2)
    with ward(clock) as worklists:
        item = scan(worklists, body_part="HEAD")
        assert shown(worklists, "Late heads") == []
        before = worklists.history(item)
        clock.move_to(40)

        assert shown(worklists, "Late heads") == [item]
        assert worklists.history(item) == before


def test_what_an_item_keeps_for_views_holds_no_word_of_the_patient() -> None:
    """Letters, and the values that are sorted by."""
    with ward() as worklists:
        item = scan(worklists, body_part="HEAD", birth_date="2001-02-03", patient_id="P77", description="CT of Jo Doe")
        kept = worklists.store.item(item).details["views"]

        assert kept["when"] == {"Heads": "T", "Late heads": "T", "Doubts": "T"}
        assert set(kept["by"]) == {"age"}
        assert not any(word in str(worklists.store.item(item).details) for word in ("2001", "P77", "Doe"))


def test_views_sort_by_age_and_by_due_with_the_unknown_last() -> None:
    """Ages by how long they are, not by how they are written."""
    with ward() as worklists:
        ages = {"A1": "1990-01-01", "A2": "2020-01-01", "A3": "", "A4": "2025-12-01"}
        items = {
            name: scan(worklists, name, exam_end=at(n), **({"birth_date": born} if born else {}))
            for n, (name, born) in enumerate(ages.items())
        }

        assert shown(worklists, "By age") == [items[name] for name in ("A4", "A2", "A1", "A3")]
        assert shown(worklists, "By due") == [items[name] for name in ("A1", "A2", "A3", "A4")]
        assert [line.item for line in worklists.page(sort=("age",))] == shown(worklists, "By age")


def test_what_is_asked_of_a_reader_is_in_a_view_only_with_its_list() -> None:
    """A view shows its lists."""
    with ward(readers={"pat": ["pacs_team"]}) as worklists:
        item = scan(worklists, body_part="HEAD")
        worklists.hand_to(item, "pat", by="lee", reason="yours")

        assert shown(worklists, "Heads", "pat") == [item]
        assert shown(worklists, "Doubts", "pat") == []
        assert [line.item for line in worklists.page("pat")] == [item]


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5), st.floats(-5, 5)), max_size=6))
def test_numbers_sort_as_numbers(values: list[float | None]) -> None:
    """And nothing is none of them."""
    keys = [sortable(value) for value in values]

    assert keys == values


@pytest.mark.slow
def test_a_page_that_stops_says_so_and_hides_exactly_the_rest() -> None:
    """Beyond its measure it looks no further: what it shows is right, and the rest is counted."""
    with ward(readers={"pat": ["pacs_team"]}) as worklists:
        for number in range(ENOUGH + 5):
            worklists.receive(b"neither HL7 nor DICOM %d" % number)
        item = scan(worklists, body_part="HEAD")
        few = worklists.page(view="Doubts", limit=5)
        every = worklists.page(view="Doubts", limit=None)

        assert (len(few), few.hidden, few.scanned_all) == (0, ENOUGH + 6, False)
        assert (len(every), every.scanned_all) == (0, True)
        assert [line.item for line in worklists.page(view="Heads")] == [item]


def test_a_page_that_is_full_has_looked_far_enough() -> None:
    """However many more there are."""
    with ward() as worklists:
        for number in range(5):
            scan(worklists, f"A{number}", body_part="HEAD")
        page = worklists.page(where={"body_part": "HEAD"}, limit=2)

        assert (len(page), page.hidden, page.scanned_all) == (2, 3, True)


def test_a_host_brings_a_view_of_its_own() -> None:
    """In the words of the rules; the rulebook is the same as before."""
    clock = HandClock(2)
    with ward(clock, readers={"pat": ["pacs_team"]}) as worklists:
        mine = worklists.view(
            'view "Mine" for everyone shows ct when head and waiting at least 30 minutes sorted by due'
        )
        only = worklists.view('view "Theirs" for readers with pacs_team shows ct, mr')
        item = scan(worklists, body_part="HEAD")
        scan(worklists, "A2", body_part="CHEST")
        assert shown(worklists, mine) == []
        clock.move_to(40)

        assert shown(worklists, mine, "lee") == [item]
        assert len(shown(worklists, only, "pat")) == 2
        with pytest.raises(NotAllowed):
            worklists.page("lee", view=only)
        assert worklists.views() == ("Heads", "Late heads", "Doubts", "By age", "By due")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('view "Mine" for everyone shows nowhere', RulebookError),
        ('view "Heads" for everyone shows ct', RulebookError),
        ('view "Mine" for everyone shows ct when patient_id is "1"', RulebookError),
        ('rule "Mine" when head route to mr', TypeError),
        ('view "Mine" for everyone shows ct view "More" for everyone shows mr', TypeError),
        ("", TypeError),
    ],
)
def test_a_host_brings_one_sound_view_and_nothing_else(text: str, refused: type[Exception]) -> None:
    """Whatever else is in it is refused: rules are changed by `activate`."""
    with ward() as worklists, pytest.raises(refused):
        worklists.view(text)


def test_a_reader_of_whom_the_first_items_want_more_still_finds_what_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty page would say that nothing waits; a page through a view says that it stopped."""
    monkeypatch.setattr(paging, "ENOUGH", 3)
    text = rules(VIEWS).text.replace("otherwise\n", 'rule "S" when sex is F only readers with breast\notherwise\n', 1)
    with opened(rulebook=Rulebook.loads(text)) as worklists:
        for number in range(9):
            scan(worklists, f"F{number}", sex="F", body_part="HEAD", priority_requested="STAT")
        mine = [scan(worklists, f"M{number}", body_part="HEAD") for number in range(2)]
        page, view = worklists.page("lee"), worklists.page("lee", view="Heads")

        assert [line.item for line in page] == mine[: len(page)]
        assert page.hidden == 11 - len(page)
        assert (len(view), view.hidden, view.scanned_all) == (0, 11, False)


def test_a_page_is_of_one_moment_whatever_is_committed_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it shows and what it hides are all there was, and not what came in between."""
    with ward() as worklists, Worklists.open(worklists.store.place.path, clock=HandClock()) as other:
        item = scan(worklists, body_part="HEAD")
        look = worklists.store.page

        def looked(*how: Any, **more: Any) -> Any:
            found = look(*how, **more)
            scan(other, f"B{len(other.page())}", body_part="HEAD")
            return found

        monkeypatch.setattr(worklists.store, "page", looked)
        page = worklists.page("lee", view="Heads")

        assert [line.item for line in page] == [item]
        assert page.hidden == 0
        assert other.counts().open > 1
