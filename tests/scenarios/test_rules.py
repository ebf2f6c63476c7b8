"""Stories of rules: a change on a Friday afternoon, a roll back, a rule that fails, a list that goes."""

import pytest

from routing import Rulebook
from routing.errors import NotAllowed, OtherRulebookActive, RulebookError
from tests.scenarios.hospital import RULES, Hospital


def _changed(old: str, new: str) -> Rulebook:
    assert old in RULES
    return Rulebook.loads(RULES.replace(old, new))


def test_a_change_is_previewed_before_it_is_made(city: Hospital) -> None:
    """What would move, from where to where, and nothing is written."""
    city.images("A1")
    city.images("A2", body_part=["CHEST"])
    book = _changed('rule "Heads" when body_part includes HEAD route to neuro', "")
    before = city.worklists.counts()
    preview = city.worklists.preview(book)

    assert city.worklists.counts() == before
    assert "neuro" in str(preview.as_dict())
    assert "chest" not in str(preview.as_dict())


def test_a_rulebook_is_activated_and_rolled_back(city: Hospital) -> None:
    """What nobody holds is decided anew, both times, in one transaction."""
    city.images()
    book = _changed('rule "Heads" when body_part includes HEAD route to neuro', "")
    city.worklists.activate(book, by="erin", reason="neuro is on leave")
    assert city.open() == ["report waiting general"]
    city.worklists.rollback(by="erin", reason="they are back")

    assert city.open() == ["report waiting neuro"]
    assert city.worklists.rulebook.fingerprint == city.rules.fingerprint


def test_a_claimed_scan_is_not_moved_under_the_readers_hands(city: Hospital) -> None:
    """It is decided anew when it is given back."""
    city.images()
    claim = city.worklists.claim(city.item(), by="lee")
    book = _changed('rule "Heads" when body_part includes HEAD route to neuro', "")
    city.worklists.activate(book, by="erin", reason="neuro is on leave")
    assert city.open() == ["report claimed neuro"]
    city.worklists.release(claim)

    assert city.open() == ["report waiting general"]


def test_due_times_never_move_later_by_a_change(city: Hospital) -> None:
    """And urgency never falls (I7)."""
    city.images(patient_class="emergency")
    due, priority = city.line().due_at, city.line().priority
    book = _changed("priority urgent due within 4 hours", "priority soon due within 9 hours")
    city.worklists.activate(book, by="erin", reason="fewer readers")

    assert (city.line().due_at, city.line().priority) == (due, priority)


def test_only_who_may_changes_the_rules(city: Hospital) -> None:
    """Opening with another rulebook changes nothing, and activating it needs the right."""
    book = _changed("due within 5 days", "due within 4 days")
    with pytest.raises(NotAllowed):
        city.worklists.activate(book, by="lee", reason="I would like it so")
    with pytest.raises(OtherRulebookActive):
        type(city.worklists).open(city.path, book)


def test_a_rulebook_that_breaks_a_guarantee_leaves_the_old_one_in_place(city: Hospital) -> None:
    """The previous good rulebook stays live (I6)."""
    city.images()
    broken = Rulebook.loads(
        RULES + '\nguarantee "Heads are soon" priority at least soon when body_part includes HEAD\n'
    )
    with pytest.raises(RulebookError):
        city.worklists.activate(broken, by="erin", reason="a mistake")

    assert city.worklists.rulebook.fingerprint == city.rules.fingerprint
    assert city.open() == ["report waiting neuro"]


def test_a_list_that_the_new_rules_lack_stays_until_it_is_empty(city: Hospital) -> None:
    """Nothing is stranded by the end of a list (N12)."""
    city.images("A1", body_part=["CHEST"])
    claim = city.worklists.claim(city.item("A1"), by="okafor")
    text = RULES.replace('rule "Chests" when body_part includes CHEST route to chest\n', "")
    text = text.replace('worklist chest      "Chest"              for readers with chest\n', "")
    text = text.replace("shows neuro, chest, general", "shows neuro, general").replace(
        "also read by chest", "also read by neuro"
    )
    text = text.replace("each item on chest when waiting", "each item on neuro when waiting")
    city.worklists.activate(Rulebook.loads(text), by="erin", reason="chest joins general")

    assert city.open("A1") == ["report claimed chest"]
    city.worklists.report(claim, "final", "R1")
    assert city.open("A1") == []


def test_every_decision_names_the_rulebook_it_came_from(city: Hospital) -> None:
    """And that rulebook can still be read (I21)."""
    city.images("A1")
    city.worklists.activate(_changed("due within 5 days", "due within 4 days"), by="erin", reason="faster")
    city.images("A2", body_part=["HAND"])

    old, new = (city.worklists.history(accession=one)[0].rulebook for one in ("A1", "A2"))
    assert old != new
    assert "due within 5 days" in city.worklists.store.rulebook(old).text


def test_news_of_the_patient_decides_anew_and_only_upward(city: Hospital) -> None:
    """An ED patient is admitted: the class changes, the due stays the earlier one (I7)."""
    city.order(patient_class="E")
    city.images()
    due, priority = city.line().due_at, city.line().priority
    city.wait(minutes=10)
    city.adt("A06", patient_class="I")

    assert city.line().priority == priority
    assert city.line().due_at <= due


def test_an_outpatient_who_is_admitted_becomes_more_urgent(city: Hospital) -> None:
    """The list says so, and the history says why."""
    city.order(patient_class="O")
    city.images()
    before = city.line()
    city.wait(minutes=10)
    city.adt("A06", patient_class="I")

    assert (before.priority, city.line().priority) == ("routine", "soon")
    assert city.line().due_at < before.due_at
    assert any("patient_class" in (row.reason or "") for row in city.worklists.history(accession="A1"))


def test_patients_merged_while_a_scan_is_claimed_disturb_nobody(city: Hospital) -> None:
    """And unmerged again, nothing is lost (I18)."""
    city.order("A1", patient="P1")
    city.images("A1")
    city.order("B1", patient="P2")
    city.images("B1")
    claim = city.worklists.claim(city.item("A1"), by="lee")
    city.wait(minutes=1)
    city.adt("A40", patient="P1", merged="P2")
    assert city.open("A1") == ["report claimed neuro"]
    assert city.open("B1") == ["report waiting neuro"]
    city.worklists.report(claim, "final", "R1")

    assert city.open("A1") == []
    assert city.open("B1") == ["report waiting neuro"]
