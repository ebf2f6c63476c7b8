"""Stories of lists: views, filters, what is hidden and why, whose names are shown."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import Rulebook, Worklists
from routing.errors import NotAllowed, NotFound
from tests.scenarios.hospital import RULES, Hospital, hospital


def _day(city: Hospital) -> None:
    """Six scans: heads, chests and hands, one of each STAT."""
    for number, (part, priority) in enumerate(
        [
            ("HEAD", "ROUTINE"),
            ("CHEST", "ROUTINE"),
            ("HAND", "ROUTINE"),
            ("HEAD", "STAT"),
            ("CHEST", "STAT"),
            ("HAND", "STAT"),
        ]
    ):
        city.images(f"S{number}", body_part=[part], priority_requested=priority, site=f"SITE{number % 2}")
        city.wait(minutes=1)


def test_a_view_shows_what_its_condition_says_in_its_own_order(city: Hospital) -> None:
    """And how much it hides: three of six."""
    _day(city)
    page = city.worklists.page(view="Urgent work")

    assert {line.accession for line in page} == {"S3", "S4", "S5"}
    assert page.hidden == 3
    assert page.scanned_all


def test_a_view_gives_nobody_a_list_that_is_not_theirs(city: Hospital) -> None:
    """It narrows what a reader may read."""
    _day(city)

    assert {line.accession for line in city.worklists.page(reader="lee", view="Urgent work")} == {"S3", "S5"}


def test_a_view_may_be_for_some_alone() -> None:
    """Others are told so, and are not shown an empty page; that they tried is written down."""
    rules = RULES.replace('view "Urgent work" for everyone', 'view "Urgent work" for readers with consultant')
    with hospital(rules) as city:
        assert city.worklists.views("lee") == ("Urgent work",)
        assert city.worklists.views("okafor") == ()
        with pytest.raises(NotAllowed, match="Urgent work"):
            city.worklists.page(reader="okafor", view="Urgent work")
        assert city.told("refused") == 1


def test_a_slip_in_a_name_is_not_an_empty_page(city: Hospital) -> None:
    """A view, a list or an attribute that there is not is an error."""
    for asked in ({"view": "Urgnt"}, {"worklists": ["nuero"]}, {"where": {"modalty": "CT"}}, {"sort": ("colour",)}):
        with pytest.raises(NotFound):
            city.worklists.page(**asked)


def test_nobody_filters_by_who_the_patient_is(city: Hospital) -> None:
    """Identity cannot be asked for by a filter."""
    with pytest.raises(NotFound):
        city.worklists.page(where={"patient_id": "P1"})


def test_a_page_is_filtered_by_attributes_and_columns(city: Hospital) -> None:
    """Either; and both together."""
    _day(city)

    heads = city.worklists.page(where={"body_part": "head"})
    stat = city.worklists.page(where={"body_part": "HEAD", "priority": "stat"})
    assert {line.accession for line in heads} == {"S0", "S3"}
    assert {line.accession for line in stat} == {"S3"}
    assert (heads.hidden, stat.hidden) == (4, 5)


def test_a_page_is_sorted_by_what_is_asked_and_then_by_urgency(city: Hospital) -> None:
    """By site first; within a site the most urgent first."""
    _day(city)

    page = city.worklists.page(sort=("site",))
    assert [line.accession for line in page] == ["S4", "S0", "S2", "S3", "S5", "S1"]


def test_whose_scan_it_is_is_shown_to_who_is_cleared() -> None:
    """The item is on the list of all; the name is for some."""
    rules = RULES.replace(
        "department is STAFF only readers with cleared",
        "department is STAFF show identity only to readers with cleared",
    )
    with hospital(rules) as city:
        city.skills["patel"] = ("neuro", "cleared")
        city.images(department="STAFF")

        assert [line.identity_shown for line in city.worklists.page(reader="lee")] == [False]
        assert [line.identity_shown for line in city.worklists.page(reader="patel")] == [True]


def test_whose_scan_it_is_is_named_on_request_to_who_is_cleared() -> None:
    """A page names nobody of itself; where the rules restrict it, the others are told that they do."""
    rules = RULES.replace("only readers with cleared", "show identity only to readers with cleared")
    with hospital(rules) as city:
        city.skills["patel"] = ("neuro", "cleared")
        city.order("A1", patient="P77")
        city.images("A1", department="STAFF")
        city.order("A2", patient="P88")
        city.images("A2")

        def named(reader: str) -> list[tuple[str | None, str]]:
            lines = city.worklists.page(reader=reader, identity=True)
            rows = sorted((line.as_dict(identity=True) for line in lines), key=lambda row: str(row["accession"]))
            return [(row["patient_id"], row["identity"]) for row in rows]

        assert named("lee") == [(None, "restricted"), ("P88", "shown")]
        assert named("patel") == [("P77", "shown"), ("P88", "shown")]
        assert "P77" not in repr(city.worklists.page(reader="patel"))


def test_what_is_asked_of_somebody_is_on_their_page_whatever_lists_they_read(city: Hospital) -> None:
    """A colleague of the head is asked about a chest: it is on both pages until it is answered, and nowhere lost."""
    city.images(body_part=["CHEST"])
    item = city.item()
    assert item not in {line.item for line in city.worklists.page(reader="lee")}
    city.worklists.hand_to(item, "lee", by="okafor", reason="you know the patient")

    assert item in {line.item for line in city.worklists.page(reader="lee")}
    assert item in {line.item for line in city.worklists.page(reader="okafor")}
    city.worklists.decline(item, by="lee", reason="not mine")
    assert city.worklists.page(reader="lee").hidden == 1
    assert city.open() == ["report waiting chest"]


def test_an_opinion_is_on_the_page_of_whom_it_is_asked_of_and_of_nobody_else(city: Hospital) -> None:
    """The others count it among what they are not shown."""
    city.images()
    asked = city.worklists.ask_opinion(city.item(), of="patel", by="lee", question="Is this a meningioma?")

    assert [line.kind for line in city.worklists.page(reader="patel")] == ["opinion", "report"]
    assert [line.kind for line in city.worklists.page(reader="lee")] == ["report"]
    assert city.worklists.page(reader="lee").hidden == 1
    assert asked.worklist == "neuro"


def test_a_list_that_nobody_can_read_any_more_is_an_alarm(city: Hospital) -> None:
    """The last who reads mammograms has left: what waits there is told by the counts, not found by chance (I27)."""
    with Worklists.open(
        city.path, city.rules, clock=lambda: city.now, readers={"lee": ("neuro",), "okafor": ("chest",)}
    ) as worklists:
        city.images(modality=["MG"], body_part=["BREAST"])

        unread = dict(worklists.counts().unread)
        assert unread["breast"] == 2
        assert "neuro" not in unread
        assert "general" not in unread
        found = worklists.verify()
        assert found.is_clean
        assert found.figures["lists_nobody_may_read"]["breast"] == 2


def test_a_list_that_the_rules_drop_is_finished_by_its_own_readers(city: Hospital) -> None:
    """Whoever has one of its scans in hand reads it to the end; nobody else's page shows it."""
    dropped = RULES.replace('worklist chest      "Chest"              for readers with chest\n', "").replace(
        "each item on chest", "each item on neuro"
    )
    dropped = dropped.replace("shows neuro, chest, general", "shows neuro, general").replace("to chest", "to general")
    dropped = dropped.replace("also read by chest", "also read by neuro")
    city.images(body_part=["CHEST"])
    claim = city.worklists.claim(city.item(), by="okafor")
    city.worklists.activate(Rulebook.loads(dropped), "erin", "chests go to all")

    assert [line.worklist for line in city.worklists.page(reader="okafor")] == ["chest"]
    assert city.worklists.page(reader="lee").hidden == 1
    with pytest.raises(NotAllowed, match="chest"):
        city.worklists.report(city.item(), "final", "R1", by="lee", token=claim.token)
    assert city.worklists.report(claim, "final", "R1").state == "reported"


def test_a_reader_whose_skill_ends_sees_less_from_the_next_day_on(city: Hospital) -> None:
    """Nobody takes the skill away: it has an end, which the directory says."""
    city.skills.pop("nilsson")
    city.worklists.put_reader("nilsson", ["breast"], by="erin", until={"breast": city.now.date()})
    city.images(modality=["MG"], body_part=["BREAST"])

    assert len(city.worklists.page(reader="nilsson")) == 2
    city.wait(days=1)
    assert len(city.worklists.page(reader="nilsson")) == 0
    assert city.worklists.page(reader="nilsson").hidden == 2


@pytest.fixture(scope="module")
def six() -> Iterator[Hospital]:
    """Give a hospital with six scans, which no example changes."""
    with hospital() as city:
        _day(city)
        yield city


@given(
    reader=st.sampled_from([None, "lee", "okafor", "nilsson", "ward"]),
    limit=st.one_of(st.none(), st.integers(0, 4)),
    where=st.sampled_from([{}, {"modality": "CT"}, {"body_part": "HEAD"}, {"priority": "stat"}, {"site": "SITE1"}]),
    sort=st.sampled_from([(), ("site",), ("due_at", "priority")]),
)
@settings(max_examples=40, deadline=None)
def test_shown_and_hidden_are_always_all_there_is(
    six: Hospital, reader: str | None, limit: int | None, where: dict[str, str], sort: tuple[str, ...]
) -> None:
    """Whatever anybody filters (I27)."""
    page = six.worklists.page(reader, limit, where=where, sort=sort)

    assert len(page) + page.hidden == six.worklists.counts().open
    assert len(page) == len({line.item for line in page})
    assert limit is None or len(page) <= limit
