"""Who may read what: directories, skills that run out, grants and refusals, whose turn it is, whose name shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import NaiveMoment, NotAllowed, NotFound
from routing.rulebook import Rulebook
from routing.worklists.readers import ReaderFacts
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.plain import TEXT, plain_rulebook
from tests.worklists.telling import at, image

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))


class Staff:
    """A host's directory as an object."""

    def __init__(self, **known: ReaderFacts) -> None:
        self.known = known

    def facts(self, name: str) -> ReaderFacts | None:
        """Return what is known of somebody."""
        return self.known.get(name)

    def names(self) -> Iterable[str]:
        """Return everybody."""
        return self.known


@given(day=DAYS, hours=st.integers(-72, 72), offset=st.integers(-12, 14))
def test_a_skill_counts_until_the_end_of_its_last_day_where_the_rulebook_is(day: date, hours: int, offset: int) -> None:
    """A day is that of the rulebook's zone, not of the server."""
    zone = timezone(timedelta(hours=offset))
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
    facts = ReaderFacts(skills=("breast", "ct"), until={"breast": day})

    counts = facts.at(midnight.astimezone(UTC) + timedelta(hours=hours), zone).skills

    assert counts == (("breast", "ct") if hours < 0 else ("ct",))


def test_an_instant_without_a_zone_ends_no_skill() -> None:
    """It is refused, when it is given and when it is used."""
    with pytest.raises(NaiveMoment):
        ReaderFacts(skills=("breast",), until={"breast": datetime(2026, 1, 1)}).at(at(0), UTC)  # noqa: DTZ001
    with opened() as worklists, pytest.raises(NaiveMoment):
        worklists.put_reader("lee", ["breast"], "boss", until={"breast": datetime(2026, 1, 1)})  # noqa: DTZ001


@pytest.mark.parametrize("own", ["store", "host"])
def test_a_skill_that_runs_out_in_between_is_refused_at_sign_off(own: str) -> None:
    """A credential is looked at when claiming, and again when reporting."""
    clock, until = HandClock(), {"breast": at(120)}
    readers = Staff(lee=ReaderFacts(skills=["breast"], until=until)) if own == "host" else None
    with opened(clock, readers=readers) as worklists:
        if own == "store":
            worklists.put_reader("lee", ["breast"], "boss", until=until)
        receive(worklists, image(modality=("MG",)))
        claim = worklists.claim_next("lee", lease=timedelta(hours=1))
        assert claim is not None
        clock.move_to(120)

        with pytest.raises(NotAllowed, match="breast"):
            worklists.report(claim, "final", "R-1")
        assert len(worklists.page(reader="lee")) == 0
        assert worklists.page().lines[0].holder == "lee"


@pytest.mark.parametrize("skills", [["brest"], ["breast", "ct"]])
def test_a_reader_has_no_skill_that_the_rulebook_does_not_know(skills: list[str]) -> None:
    """A slip would take a list away from somebody, and say nothing."""
    with opened() as worklists, pytest.raises(NotFound):
        worklists.put_reader("lee", skills, "boss")


def test_only_who_may_grant_changes_readers_once_there_are_grants() -> None:
    """And who did so last is kept with the reader."""
    with opened() as worklists:
        worklists.grant("boss", "close", by="boss")
        with pytest.raises(NotAllowed):
            worklists.put_reader("mallory", ["breast"], "mallory")

        worklists.put_reader("lee", ["breast"], "boss", grade="consultant", sites=["CITY"])

        (reader,) = worklists.store.readers()
        assert (reader.name, reader.body["by"], reader.body["grade"]) == ("lee", "boss", "consultant")


@pytest.mark.parametrize(
    ("act", "scope"),
    [("colse", ""), ("read:brest", ""), ("close", "brest"), ("activate", "ct"), ("read:breast", "breast"), ("", "")],
)
def test_a_right_that_there_is_not_is_not_given(act: str, scope: str) -> None:
    """It would look given, and allow nothing."""
    with opened() as worklists:
        with pytest.raises(NotFound):
            worklists.grant("lee", act, by="boss", scope=scope)
        assert not worklists.store.grants()


def test_a_right_may_be_for_one_list_and_is_taken_back() -> None:
    """On another list, and afterwards, it is refused."""
    with opened() as worklists:
        receive(worklists, image())
        item = worklists.page().lines[0].item
        for given_, scope in ((True, "mr"), (True, "ct"), (False, "ct")):
            worklists.grant("lee", "close", by="boss", scope=scope, given=given_)
            if (given_, scope) == (True, "ct"):
                worklists.close_item(item, "lee", "done elsewhere")
                worklists.reopen(item, "lee", "not done after all")
                continue
            with pytest.raises(NotAllowed):
                worklists.close_item(item, "lee", "done elsewhere")


def test_the_last_right_to_grant_stays() -> None:
    """A store without any would be open to whoever comes first."""
    with opened() as worklists:
        worklists.grant("lee", "grant", by="boss")
        worklists.grant("boss", "grant", by="lee", given=False)

        with pytest.raises(NotAllowed):
            worklists.grant("lee", "grant", by="lee", given=False)
        worklists.grant("pat", "close", by="lee")


def test_what_is_refused_is_written_down_with_the_item_and_changes_nothing() -> None:
    """Who tried what, on which item; the item's own history does not grow by it."""
    with opened() as worklists:
        receive(worklists, image(modality=("MG",)))
        item = worklists.page().lines[0].item
        before = worklists.history(item)
        for tried in (
            lambda: worklists.claim(item, "lee"),
            lambda: worklists.report(item, "final", "R-1", by="lee"),
            lambda: worklists.pass_to(item, "ct", "lee", "mine"),
            lambda: worklists.close_item(item, "lee", "gone"),
        ):
            with pytest.raises(NotAllowed) as refused:
                tried()
            assert refused.value.item == item

        told = [one for one in worklists.notices() if one.target == "refused"]
        assert [(one.item, one.payload["actor"]) for one in told] == [(item, "lee")] * 4
        assert [one.payload["act"].split()[0] for one in told] == ["claim", "report", "pass", "close"]
        assert worklists.history(item) == before
        assert not worklists.verify().findings


def test_what_needs_a_person_comes_next_to_those_whose_work_it_is() -> None:
    """A list that asks for a skill is worked off by `next`; on a list for everyone it is asked for by name."""
    everyone = Rulebook.loads(
        TEXT.replace('"Needs a human" for readers with pacs_team', '"Needs a human" for everyone')
    )
    for rules, reader, comes in (
        (plain_rulebook(), "pat", True),
        (plain_rulebook(), "lee", False),
        (everyone, "pat", False),
    ):
        with opened(rulebook=rules, readers={"pat": ["pacs_team"]}) as worklists:
            worklists.receive(b"neither HL7 nor DICOM")
            claim = worklists.claim_next(reader)

            assert (claim is not None) is comes
            if rules is everyone:
                assert worklists.claim_next(reader, worklists=["attention"]) is not None


def test_what_needs_a_person_says_which_input_it_is_about() -> None:
    """So that it can be found, without a word of what was in it."""
    with opened() as worklists:
        receipt = worklists.receive(b"neither HL7 nor DICOM", sender="RIS|STO")
        receive(worklists, image())
        lines = {line.kind: line for line in worklists.page()}

        assert (lines["resolve"].input, lines["resolve"].source) == (receipt.input, "RIS|STO")
        assert (lines["report"].input, lines["report"].source) == (None, "")


VIPS = TEXT.replace(
    "otherwise\n",
    """
rule "Staff" when department is STAFF show identity only to readers with pacs_team
rule "Some" when department is SOME only readers with breast or pacs_team
rule "Own"  when modality is known exclude readers in referrer
otherwise
""",
)


def test_identity_is_told_on_request_and_to_whom_it_may_be() -> None:
    """A page holds none of itself; where the rules restrict it, it says so instead."""
    with opened(rulebook=Rulebook.loads(VIPS), readers={"pat": ["pacs_team"]}) as worklists:
        scan = {"accession": "A1", "study_uid": "1.2", "modality": "CT", "image_count": 2, "exam_end": at(1)}
        worklists.receive(scan | {"patient_id": "P77", "department": "STAFF"}, sender="HOST", message_id="1")

        plain, mine, theirs = (
            worklists.page(reader=reader, identity=identity).lines[0]
            for reader, identity in ((None, False), ("pat", True), ("lee", True))
        )
        assert plain.patient is None
        assert mine.patient is not None
        assert "P77" not in repr(mine)
        assert (mine.as_dict(identity=True)["patient_id"], mine.as_dict()["identity"]) == ("P77", "shown")
        assert (theirs.as_dict(identity=True)["patient_id"], theirs.as_dict()["identity"]) == (None, "restricted")


@pytest.mark.parametrize(("said", "reader"), [({"department": "SOME"}, "lee"), ({"referrer": "lee"}, "lee")])
def test_whom_the_rules_of_an_item_leave_out_can_do_nothing_with_it(said: dict[str, str], reader: str) -> None:
    """Not shown but counted, not given, not claimed, not reported, not taken over."""
    with opened(rulebook=Rulebook.loads(VIPS), readers={"pat": ["pacs_team"]}) as worklists:
        worklists.receive(
            {"accession": "A1", "study_uid": "1.2", "modality": "CT", "image_count": 2, "exam_end": at(1), **said},
            sender="HOST",
            message_id="1",
        )
        item = worklists.page().lines[0].item
        page = worklists.page(reader=reader)

        assert (len(page), page.hidden) == (0, 1)
        assert worklists.claim_next(reader) is None
        with pytest.raises(NotAllowed):
            worklists.claim(item, reader)
        with pytest.raises(NotAllowed):
            worklists.report(item, "final", "R-1", by=reader)
        worklists.hand_to(item, reader, by="pat", reason="please")
        with pytest.raises(NotAllowed):
            worklists.accept(item, reader)
        assert worklists.claim_next("pat") is not None


@pytest.mark.parametrize("act", ["waits", "was passed", "is claimed", "is an opinion", "is checked again"])
def test_whom_news_leaves_out_is_refused_whatever_became_of_the_item(act: str) -> None:
    """A pass keeps the list and not the leave to read; an opinion is as limited as what it is about."""
    clock = HandClock()
    with opened(clock, Rulebook.loads(VIPS), readers={"pat": ["pacs_team"]}) as worklists:
        scan = {"accession": "A1", "study_uid": "1.2", "modality": "CT", "image_count": 2, "exam_end": at(1)}
        worklists.receive(scan, sender="HOST", message_id="1")
        item = worklists.item_named("A1")
        match act:
            case "was passed":
                worklists.pass_to(item, "mr", "lee", "have a look")
            case "is claimed":
                worklists.claim(item, "lee")
            case "is an opinion":
                item = worklists.ask_opinion(item, of="lee", by="kim", question="is it new?").item
            case "is checked again":
                worklists.report(item, "final", "R-1", by="kim")
                clock.move_to(200)
                worklists.receive(scan | {"image_count": 9, "exam_end": at(199)}, sender="HOST", message_id="3")
                item = next(line.item for line in worklists.page() if line.kind == "recheck")
        assert item in [line.item for line in worklists.page("lee")]

        worklists.receive(scan | {"department": "SOME"}, sender="HOST", message_id="2")

        assert len(worklists.page("lee")) == 0
        with pytest.raises(NotAllowed):
            worklists.report(item, "final", "R-2", by="lee")
        assert (item in [line.item for line in worklists.page("pat")]) is (act != "is an opinion")  # it is asked of lee


def test_whose_it_is_stays_restricted_where_a_person_has_to_look_and_in_a_status() -> None:
    """What is wrong is for the team; the name is for whom the rules allow."""
    rules = VIPS.replace("only readers with breast or pacs_team", "show identity only to readers with breast")
    with opened(rulebook=Rulebook.loads(rules), readers={"pat": ["pacs_team"], "ann": ["breast"]}) as worklists:
        scan = {"accession": "A1", "study_uid": "1.2", "modality": "CT", "image_count": 2, "exam_end": at(1)}
        worklists.receive(scan | {"department": "SOME"}, sender="HOST", message_id="1")
        worklists.receive(scan | {"department": "SOME", "order_status": "cancelled"}, sender="HOST", message_id="2")

        lines = worklists.page("pat", worklists=["attention"]).lines
        assert [(line.kind, line.identity_shown) for line in lines] == [("resolve", False)]
        for reader, is_shown in (("pat", False), ("ann", True), (None, True)):
            items = worklists.status("A1", reader=reader).items
            assert {line.identity_shown for line in items} == {is_shown}
