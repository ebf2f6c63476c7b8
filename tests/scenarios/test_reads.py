"""Stories of several readers: two reads, arbitration, a second opinion, a colleague who is asked, a signature."""

from datetime import timedelta

import pytest

from routing.errors import NotAllowed, TransitionRefused
from routing.worklists.readers import ReaderFacts
from tests.scenarios.hospital import RULES, Hospital, hospital


def _mammogram(city: Hospital, *results: str) -> None:
    """Two readers read a mammogram, with these results."""
    city.images(modality=["MG"], body_part=["BREAST"])
    for reader, result in zip(("nilsson", "moreau"), results, strict=False):
        claim = city.worklists.claim_next(reader)
        assert claim is not None
        city.worklists.report(claim, "final", f"R-{reader}", result=result)


def test_a_mammogram_has_two_readers_who_are_not_the_same(city: Hospital) -> None:
    """The first read ends one item; the same reader is not given the other."""
    _mammogram(city, "NORMAL")

    assert city.open() == ["report waiting breast"]
    assert not city.worklists.status("A1").final
    assert city.worklists.claim_next("nilsson") is None
    with pytest.raises(NotAllowed, match="a different reader"):
        city.worklists.report(city.item(), "final", "R2", by="nilsson")


def test_two_readers_who_agree_have_reported_it(city: Hospital) -> None:
    """Nobody else is needed."""
    _mammogram(city, "NORMAL", "NORMAL")

    assert city.open() == []
    assert city.worklists.status("A1").final


def test_two_readers_who_differ_are_arbitrated_by_a_third(city: Hospital) -> None:
    """The panel decides, and neither of the two sits on it; until then nobody is told that it is reported."""
    city.skills["nilsson"] = ("breast", "panel")
    _mammogram(city, "NORMAL", "RECALL")
    assert city.open() == ["arbitrate waiting panel"]
    status = city.worklists.status("A1")
    assert not status.final
    assert "the reads differ" in status.sentence

    with pytest.raises(NotAllowed, match="a different reader"):
        city.worklists.claim(city.item(kind="arbitrate"), by="nilsson")
    claim = city.worklists.claim_next("haddad")
    assert claim is not None
    city.worklists.report(claim, "final", "R3", result="RECALL")

    assert city.open() == []
    assert city.worklists.status("A1").final


def test_two_readers_who_agree_on_recall_send_her_to_assessment(city: Hospital) -> None:
    """An agreement may call for more than silence."""
    _mammogram(city, "RECALL", "RECALL")

    assert city.open() == ["arbitrate waiting assessment"]


def test_a_result_on_one_side_alone_is_no_agreement(city: Hospital) -> None:
    """In doubt a third reader looks."""
    _mammogram(city, "RECALL", "")

    assert city.open() == ["arbitrate waiting panel"]


def test_a_read_that_is_taken_back_is_owed_again(city: Hospital) -> None:
    """Its reader files another one."""
    _mammogram(city, "NORMAL", "NORMAL")
    first = min(row.item for row in city.worklists.history(accession="A1"))
    city.wait(minutes=5)
    city.worklists.report(first, "withdrawn", "R-nilsson", by="nilsson")

    assert [one for one in city.open() if one.startswith("report")] == ["report waiting breast"]
    assert not city.worklists.status("A1").final


def test_no_reader_is_told_of_the_other_read_before_both_are_in(city: Hospital) -> None:
    """Blind: not by the history either; whoever answers for the lists sees it."""
    _mammogram(city, "RECALL")
    seen = str([row.as_dict() for row in city.worklists.history(accession="A1", reader="moreau")])
    assert "nilsson" not in seen
    assert "RECALL" not in seen
    assert "nilsson" in str([row.as_dict() for row in city.worklists.history(accession="A1")])

    claim = city.worklists.claim_next("moreau")
    assert claim is not None
    city.worklists.report(claim, "final", "R2", result="RECALL")
    assert "nilsson" in str([row.as_dict() for row in city.worklists.history(accession="A1", reader="moreau")])


def test_a_trauma_is_also_read_by_the_chest_team(city: Hospital) -> None:
    """It is reported only when every read is."""
    city.images(description="CT trauma head")
    assert city.open() == ["report waiting chest", "report waiting neuro"]
    claim = city.worklists.claim_next("lee", worklists=["neuro"])
    assert claim is not None
    city.worklists.report(claim, "final", "R1")
    assert not city.worklists.status("A1").final
    city.worklists.report(city.item(), "final", "R2", by="okafor")

    assert city.worklists.status("A1").final


def test_a_scan_handed_to_a_colleague_stays_on_its_list_until_they_take_it(city: Hospital) -> None:
    """The list stays responsible; the colleague is told and sees it first."""
    city.images(body_part=["CHEST"])
    item = city.item()
    city.worklists.hand_to(item, "lee", by="okafor", reason="you know the patient")
    assert city.open() == ["report waiting chest"]
    assert city.told("reader:lee") == 1
    assert [line.item for line in city.worklists.page(reader="lee")] == [item]

    claim = city.worklists.accept(item, by="lee")
    assert city.worklists.report(claim, "final", "R1").state == "reported"


def test_a_colleague_may_decline_and_the_giver_is_told(city: Hospital) -> None:
    """With a reason; nothing has moved."""
    city.images()
    city.worklists.hand_to(city.item(), "patel", by="lee", reason="have a look")
    with pytest.raises(NotAllowed):
        city.worklists.decline(city.item(), by="okafor", reason="not me")
    city.worklists.decline(city.item(), by="patel", reason="I am in theatre")

    assert city.open() == ["report waiting neuro"]
    assert city.told("reader:lee") == 1
    with pytest.raises(TransitionRefused):
        city.worklists.accept(city.item(), by="patel")


def test_what_a_colleague_never_answers_is_read_by_anybody_of_the_list(city: Hospital) -> None:
    """An unanswered pass binds nobody."""
    city.images()
    city.worklists.hand_to(city.item(), "patel", by="lee", reason="have a look")

    assert city.worklists.claim_next("lee") is not None


def test_a_second_opinion_neither_closes_nor_reopens_the_first(city: Hospital) -> None:
    """It is an item of its own, answered on its own; who asked is told, and says that they have read it."""
    city.images()
    item = city.item()
    asked = city.worklists.ask_opinion(item, of="patel", by="lee", question="Is this a meningioma?")
    assert asked.kind == "opinion"
    assert city.open() == ["opinion waiting neuro", "report waiting neuro"]
    city.worklists.report(item, "final", "R1", by="lee")
    assert city.open() == ["opinion waiting neuro"]
    assert city.worklists.status("A1").final
    with pytest.raises(NotAllowed):
        city.worklists.claim(asked.item, by="lee")

    claim = city.worklists.claim(asked.item, by="patel")
    city.worklists.report(claim, "final", "O1")
    assert city.open() == []
    assert city.told("reader:lee") == 1
    city.worklists.acknowledge(asked.item, by="lee")


def test_the_question_of_an_opinion_is_shown_to_those_who_may_see_it(city: Hospital) -> None:
    """Who asks, who is asked, who reads either list, and the host; in lists, statuses and histories."""
    city.images()
    first = city.item()
    asked = city.worklists.ask_opinion(first, of="okafor", by="lee", question="Is this a meningioma?")
    assert (asked.of_item, asked.asked_by, asked.asked_of) == (first, "lee", "okafor")

    seen = {reader: _questions(city, reader) for reader in (None, "lee", "okafor", "patel", "nilsson")}
    asks = ["Is this a meningioma?"]
    assert seen == {None: asks, "lee": asks, "okafor": asks, "patel": asks, "nilsson": []}
    (line,) = city.worklists.page(reader="okafor")
    assert (line.question, line.of_item, line.asked_by) == ("Is this a meningioma?", first, "lee")
    assert "meningioma" not in repr(line)
    begun = city.worklists.history(asked.item)[0]
    assert (begun.of_item, begun.asked_of, begun.question) == (first, "okafor", "Is this a meningioma?")
    assert "meningioma" not in str([notice.payload for notice in city.worklists.notices(1000)])
    assert "meningioma" not in str([one.as_dict() for one in city.worklists.changes()])


def test_a_question_about_a_blind_read_gives_nothing_away(city: Hospital) -> None:
    """The other reader is told neither that it is asked nor by whom; who is asked knows it."""
    city.images(modality=["MG"], body_part=["BREAST"])
    claim = city.worklists.claim_next("nilsson")
    assert claim is not None
    asked = city.worklists.ask_opinion(claim.item_id, of="haddad", by="nilsson", question="Is this a mass?")

    assert (_questions(city, "moreau"), _questions(city, "haddad")) == ([], ["Is this a mass?"])
    for told in (city.worklists.history(accession="A1", reader="moreau"), city.worklists.status("A1", reader="moreau")):
        said = str(told.as_dict() if hasattr(told, "as_dict") else [row.as_dict() for row in told])
        assert "nilsson" not in said
        assert "haddad" not in said
    feed = {reader: {one.actor for one in city.worklists.changes(reader=reader)} for reader in ("moreau", "haddad")}
    assert ("nilsson" in feed["moreau"], "nilsson" in feed["haddad"]) == (False, True)
    assert "nilsson" in {one.actor for one in city.worklists.changes()}
    assert city.worklists.history(asked.item, reader="haddad")[0].question == "Is this a mass?"


def _questions(city: Hospital, reader: str | None) -> list[str]:
    """Return the questions that a reader is told by a status and by a history, which agree."""
    status = [line.question for line in city.worklists.status("A1", reader=reader).items if line.question]
    history = [row.question for row in city.worklists.history(accession="A1", reader=reader) if row.question]
    assert status == history
    return status


def test_a_pass_says_to_whom_and_why_and_so_does_its_notice(city: Hospital) -> None:
    """Everything about it can be told afterwards, and the colleague is told why before they look."""
    city.images()
    item = city.item()
    city.worklists.hand_to(item, "patel", by="lee", reason="you know the patient")
    (notice,) = [one for one in city.worklists.notices(1000) if one.target == "reader:patel"]
    assert (notice.payload["by"], notice.payload["reason"]) == ("lee", "you know the patient")
    assert (city.line().passed_to, city.line().passed_by) == ("patel", "lee")
    city.worklists.decline(item, by="patel", reason="I am in theatre")
    (back,) = [one for one in city.worklists.notices(1000) if one.target == "reader:lee"]
    assert back.payload["reason"] == "I am in theatre"
    city.worklists.pass_to(item, "chest", by="lee", reason="it is a chest")

    passes = [row for row in city.worklists.history(item) if row.event == "pass"]
    assert [(row.passed_to, row.reason) for row in passes] == [
        ("patel", "you know the patient"),
        ("chest", "it is a chest"),
    ]
    assert [one.passed_to for one in city.worklists.changes() if one.event == "pass"] == ["patel", "chest"]
    assert city.line().passed_to is None


def test_a_pass_that_a_list_has_to_accept_is_on_the_page_of_its_readers(city: Hospital) -> None:
    """As waiting for them, beside their own work; the first list answers for it until one of them accepts."""
    city.images()
    item = city.item()
    city.worklists.pass_to(item, "chest", by="lee", reason="lung apex", accept=True)

    (line,) = city.worklists.page(reader="okafor")
    assert (line.item, line.worklist, line.passed_to, line.passed_by) == (item, "neuro", "chest", "lee")
    assert [one.item for one in city.worklists.page(reader="okafor", worklists=["chest"])] == [item]
    assert [one.item for one in city.worklists.page(reader="patel")] == [item]
    assert (len(city.worklists.page(reader="nilsson")), city.worklists.page(reader="nilsson").hidden) == (0, 1)
    assert city.worklists.page(reader="okafor", worklists=["on_call"]).lines == ()
    assert city.worklists.claim_next("okafor") is None
    city.worklists.accept(item, by="okafor")
    assert city.open() == ["report claimed chest"]
    assert city.line().passed_to is None


def test_a_pass_that_a_list_does_not_accept_leaves_its_pages(city: Hospital) -> None:
    """After eight hours, or when one of them declines."""
    city.images()
    item = city.item()
    for answered in (False, True):
        city.worklists.pass_to(item, "chest", by="lee", reason="lung apex", accept=True)
        assert len(city.worklists.page(reader="okafor")) == 1
        if answered:
            city.worklists.decline(item, by="okafor", reason="it is a brain")
        else:
            city.wait(hours=9)
        assert len(city.worklists.page(reader="okafor")) == 0
    assert city.open() == ["report waiting neuro"]


def test_an_unread_opinion_stays_before_who_asked_and_then_reaches_their_list(city: Hospital) -> None:
    """An answer that nobody reads is no answer: it is on the asker's page, and after a day the list is told, once."""
    city.images()
    asked = city.worklists.ask_opinion(city.item(), of="patel", by="lee", question="Is this a meningioma?")
    city.worklists.report(city.item(), "final", "R1", by="lee")
    city.worklists.report(asked.item, "final", "O1", by="patel")
    assert [(line.item, line.answer) for line in city.worklists.page(reader="lee").unread] == [(asked.item, "O1")]
    assert city.worklists.page(reader="patel").unread == city.worklists.page().unread == ()
    with pytest.raises(NotAllowed):
        city.worklists.acknowledge(asked.item, by="patel")

    city.wait(hours=23)
    assert city.told("neuro") == 0
    city.wait(hours=2)
    city.wait(days=9)
    assert city.told("neuro") == 1
    assert [line.item for line in city.worklists.page(reader="lee", worklists=["chest"]).unread] == [asked.item]
    assert "answer: lee has not read it" in [row.reason for row in city.worklists.history(asked.item)]

    city.worklists.acknowledge(asked.item, by="patel")
    assert city.worklists.page(reader="lee").unread == ()
    assert (city.open(), city.worklists.status("A1").final) == ([], True)


def test_an_answer_that_is_read_in_time_is_told_to_nobody_else(city: Hospital) -> None:
    """Nor one that was taken back and is asked for again, until it is there once more."""
    city.images()
    asked = city.worklists.ask_opinion(city.item(), of="patel", by="lee", question="Is this a meningioma?")
    city.worklists.report(asked.item, "final", "O1", by="patel")
    city.wait(hours=1)
    city.worklists.reopen(asked.item, by="patel", reason="I looked at the wrong series")
    assert city.worklists.page(reader="lee").unread == ()
    city.wait(days=2)
    assert "answer: lee has not read it" not in [row.reason for row in city.worklists.history(asked.item)]

    city.worklists.report(asked.item, "final", "O2", by="patel")
    city.worklists.acknowledge(asked.item, by="lee")
    city.wait(days=2)
    assert "answer: lee has not read it" not in [row.reason for row in city.worklists.history(asked.item)]


def test_an_opinion_that_is_not_given_in_time_falls_to_the_list(city: Hospital) -> None:
    """The expert is away: after its due whoever reads the list may answer."""
    city.images()
    asked = city.worklists.ask_opinion(
        city.item(), of="patel", by="lee", question="Is this a meningioma?", due=timedelta(hours=4)
    )
    city.skills["singh"] = ("neuro",)
    with pytest.raises(NotAllowed):
        city.worklists.claim(asked.item, by="singh")
    city.wait(hours=5)

    assert city.worklists.claim(asked.item, by="singh").item_id == asked.item


def test_a_trainees_final_is_a_draft_that_somebody_signs(city: Hospital) -> None:
    """Sign-off is owed even if the text looks final (I4)."""
    facts = {
        "trainee": ReaderFacts(skills=("neuro",), grade="trainee"),
        "patel": ReaderFacts(skills=("neuro",)),
    }
    city.worklists._readers = facts.get  # as the host's directory would say
    city.images()
    assert city.worklists.report(city.item(), "final", "R1", by="trainee").state == "preliminary"
    assert not city.worklists.status("A1").final
    city.worklists.report(city.item(), "final", "R2", by="patel")

    assert city.worklists.status("A1").final


def test_a_supervisor_who_is_asked_signs_and_one_who_is_away_is_not_waited_for(city: Hospital) -> None:
    """Who is off shift is passed over at once, who does not sign in time later."""
    facts = {
        "lee": ReaderFacts(skills=("neuro",)),
        "registrar": ReaderFacts(skills=("neuro",)),
        "patel": ReaderFacts(skills=("neuro",)),
        "away": ReaderFacts(skills=("neuro",), on_shift=False),
    }
    city.worklists._readers = facts.get  # as the host's directory would say
    city.images("A1")
    city.images("A2")
    city.worklists.report(city.item("A1"), "preliminary", "R1", by="registrar", sign_off="patel")
    city.worklists.report(city.item("A2"), "preliminary", "R2", by="registrar", sign_off="away")

    with pytest.raises(NotAllowed):
        city.worklists.claim(city.item("A1"), by="lee")
    assert city.worklists.claim(city.item("A2"), by="lee")
    city.wait(hours=13)
    assert city.worklists.claim(city.item("A1"), by="lee")


def test_nobody_asks_themselves(city: Hospital) -> None:
    """A second opinion of one's own, or a signature under one's own draft, is none; nothing is written."""
    city.images()
    item = city.item()
    with pytest.raises(NotAllowed, match="another reader"):
        city.worklists.ask_opinion(item, of="lee", by="lee", question="Is this a meningioma?")
    with pytest.raises(NotAllowed, match="another reader"):
        city.worklists.report(item, "preliminary", "R1", by="lee", sign_off="lee")

    assert city.open() == ["report waiting neuro"]
    assert city.told("refused") == 2


def test_a_supervisor_whom_nobody_knows_is_not_waited_for(city: Hospital) -> None:
    """A slip in a name, or somebody who has left: any reader of the list signs at once, and it is written down."""
    city.images()
    city.worklists.report(city.item(), "preliminary", "R1", by="lee", sign_off="pattel")

    assert city.told("reader:pattel") == 0
    assert "sign-off: pattel is unknown or not on shift, so it is for all of the list" in [
        row.reason for row in city.worklists.history(city.item())
    ]
    assert city.worklists.claim(city.item(), by="patel")


def test_lower_later_and_elsewhere_each_need_a_right_and_stand(city: Hospital) -> None:
    """And news does not undo what a person decided, unless it is more urgent than what they overrode (I7)."""
    city.order(patient_class="I")
    city.images()
    line = city.line()
    with pytest.raises(NotAllowed):
        city.worklists.override(line.item, by="lee", reason="it can wait", priority="routine")
    later = line.due_at + timedelta(days=2)
    city.worklists.override(line.item, by="erin", reason="agreed by phone", priority="routine", due_at=later)
    city.wait(minutes=5)
    city.adt("A08", patient_class="I")
    assert (city.line().priority, city.line().due_at) == ("routine", later)
    city.wait(minutes=5)
    city.order(patient_class="I", priority="S")

    assert city.line().priority == "stat"


def test_who_skips_a_scan_says_why_and_it_stays(city: Hospital) -> None:
    """A reason for each skip, and the skips are counted."""
    city.images()
    with pytest.raises(TransitionRefused, match="reason"):
        city.worklists.skip(city.item(), by="lee", reason=" ")
    city.worklists.skip(city.item(), by="lee", reason="I know the patient")

    assert city.open() == ["report waiting neuro"]
    assert any("I know the patient" in (row.reason or "") for row in city.worklists.history(accession="A1"))


def test_finals_from_outside_that_differ_are_settled_by_both_reads(city: Hospital) -> None:
    """Two reads are owed, two outsiders disagree: the readers here read it, and nothing is left over."""
    city.order(modality="MG")
    city.images(modality=["MG"], body_part=["BREAST"])
    for minute, text in ((1, "Normal."), (2, "A mass."), (3, "A cyst.")):
        city.wait(minutes=minute)
        city.dictated(text=text, by=f"outside{minute}")
    assert "resolve waiting attention" in city.open()
    city.wait(minutes=5)
    for reader in ("nilsson", "moreau"):
        claim = city.worklists.claim_next(reader)
        assert claim is not None
        city.worklists.report(claim, "final", f"R-{reader}")

    assert city.open() == []


def test_readers_that_the_rules_exclude_are_not_given_it() -> None:
    """Who asked for the examination does not report it."""
    rules = RULES.replace(
        'rule "As requested"',
        'rule "Not by who asked" when referrer is known exclude readers in referrer\nrule "As requested"',
    )
    with hospital(rules) as city:
        city.images(referrer="lee")

        assert city.worklists.claim_next("lee") is None
        assert city.worklists.claim_next("patel") is not None


def test_a_read_that_was_reopened_can_be_closed_after_all(city: Hospital) -> None:
    """The report that was before does not come back by itself."""
    _mammogram(city, "NORMAL")
    filed = min(row.item for row in city.worklists.history(accession="A1"))
    city.worklists.reopen(filed, by="erin", reason="the wrong images were shown")
    city.worklists.close_item(filed, by="erin", reason="she was recalled for other images")

    assert city.open() == ["report waiting breast"]
