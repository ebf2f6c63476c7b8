"""Rule changes: previewed, in one transaction, taken back; every decision stays pinned to rules that can be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decision import Decision
from routing.errors import NotAllowed, NotFound, RulebookError
from routing.rulebook import Rulebook
from routing.worklists import Worklists
from tests.worklists.opened import HandClock, opened, receive
from tests.worklists.stand_in import StandIn
from tests.worklists.telling import adt, image, order
from tests.worklists.timed import HEAD, RULES, TAIL, book, scan

TO_POOL = 'rule "Pooled" when modality includes CT route to pool due within 30 minutes priority soon\n'
LATER = 'rule "Later" when modality includes MR due within 9 hours priority routine\n'
rules = st.lists(
    st.builds(
        "when {} route to {} due within {} minutes priority {}\n".format,
        st.sampled_from(["modality includes CT", "modality includes MR", "indication is known"]),
        st.sampled_from(["ct", "mr", "pool", "general"]),
        st.integers(5, 600),
        st.sampled_from(["stat", "urgent", "soon", "routine"]),
    ),
    max_size=4,
).map(lambda found: "".join(f'rule "R{number}" {one}' for number, one in enumerate(found)))
cases = st.lists(
    st.tuples(st.sampled_from(["CT", "MR", "US"]), st.sampled_from(["", "claim", "pass", "order", "words"])),
    min_size=1,
    max_size=5,
)


def made(text: str) -> Rulebook:
    return Rulebook.loads(HEAD + text + TAIL)


def filled(worklists: Worklists, clock: HandClock, procedures: list[tuple[str, str]]) -> list[int]:
    items = []
    for number, (modality, what) in enumerate(procedures):
        more: dict[str, Any] = {"image_count": 0} if what == "order" else {}
        if what == "words":
            more["indication"] = "pain"
        items.append(scan(worklists, clock, f"A{number}", modality=modality, **more))
        if what == "claim":
            worklists.claim(items[-1], "lee")
        if what == "pass" and worklists.store.item(items[-1]).worklist != "general":
            worklists.pass_to(items[-1], "general", "lee", "theirs")
    return items


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(rules, rules, cases)
def test_a_preview_says_what_activating_then_does_and_writes_nothing(
    old: str, new: str, procedures: list[tuple[str, str]]
) -> None:
    """I7: dues never later, priorities never lower; and what was previewed is what happens."""
    clock = HandClock(0)
    with opened(clock, made(old)) as worklists:
        items = filled(worklists, clock, procedures)
        worklists.grant("eve", "activate", "boss")
        before = [worklists.store.item(item) for item in items]
        seen = worklists.preview(made(new))
        assert [worklists.store.item(item) for item in items] == before
        worklists.activate(made(new), "eve", "new rules")
        after = [worklists.store.item(item) for item in items]

        pairs = list(zip(before, after, strict=True))
        moved = [(one.worklist, other.worklist) for one, other in pairs if one.worklist != other.worklist]
        waits = sum(shift.claimed for shift in seen.shifts)
        assert seen.moving - waits == len(moved)
        assert sum(shift.earlier for shift in seen.shifts) == sum(
            one.due_at != other.due_at for one, other in pairs if one.due_at is not None
        )
        assert all(other.rank <= one.rank for one, other in pairs)
        assert all(one.due_at is None or (other.due_at or one.due_at) <= one.due_at for one, other in pairs)
        assert all(one.worklist == other.worklist for one, other in pairs if one.holder)
        assert not worklists.verify().findings


def test_a_preview_groups_what_moves_and_names_what_stays_later() -> None:
    """From list to list, with how many dues move earlier and how many the book alone would make later."""
    clock = HandClock(0)
    with opened(clock, book(rules=RULES)) as worklists:
        filled(worklists, clock, [("CT", ""), ("CT", ""), ("MR", ""), ("US", "")])
        found = worklists.preview(made(TO_POOL + LATER + RULES)).as_dict()

        assert (found["moving"], found["exceptions"], found["earlier"], found["later"]) == (2, 0, 2, 1)
        assert found["moves"][0] == {
            "from": "ct",
            "to": "pool",
            "count": 2,
            "earlier": 2,
            "later": 0,
            "raised": 2,
            "lowered": 0,
            "claimed": 0,
        }
        assert worklists.preview(made(TO_POOL + RULES), limit=1).decided == 1


def test_a_rollback_goes_back_to_the_rules_before_and_needs_right_and_reason() -> None:
    """It is an activation like any other: journalled, reasoned, and no due moves later by it."""
    clock = HandClock(0)
    old, new = book(rules=RULES), made(TO_POOL + RULES)
    with opened(clock, old) as worklists:
        (item,) = filled(worklists, clock, [("CT", "")])
        worklists.grant("eve", "activate", "boss")
        with pytest.raises(NotFound):
            worklists.rollback("eve", "nothing was before")
        worklists.activate(new, "eve", "pool it")
        due = worklists.store.item(item).due_at
        for who, why in (("lee", "no right"), ("eve", " ")):
            with pytest.raises(NotAllowed):
                worklists.rollback(who, why)
        worklists.rollback("eve", "the pool is full")

        now = worklists.store.item(item)
        assert (now.worklist, now.due_at, now.rulebook) == ("ct", due, old.fingerprint)
        assert [one.reason for one in worklists.rulebooks()][:2] == ["the pool is full", "pool it"]
        assert worklists.rulebook_text(new.fingerprint) == new.text
        assert {row.rulebook for row in worklists.store.history(item)} == {old.fingerprint, new.fingerprint}
        assert not worklists.verify().findings


def test_a_faulty_rulebook_leaves_the_old_one_active() -> None:
    """I6: whatever fails while it is activated, nothing of it is there."""

    def fail(_: Decision, __: Any) -> Decision:
        raise ZeroDivisionError

    clock = HandClock(0)
    refuted = made('guarantee "Never on general" never route to general\n' + RULES)
    with opened(clock, book(rules=RULES)) as worklists:
        (item,) = filled(worklists, clock, [("CT", "")])
        worklists.grant("eve", "activate", "boss")
        before, active = worklists.store.item(item), worklists.rulebook.fingerprint
        with pytest.raises(ZeroDivisionError):
            worklists.activate(StandIn(change=fail), "eve", "faulty")
        with pytest.raises(RulebookError):
            worklists.activate(refuted, "eve", "breaks its own promise")

        stored = worklists.store.active_rulebook()
        assert stored is not None
        assert (stored.fingerprint, worklists.rulebook.fingerprint) == (active, active)
        assert worklists.store.item(item) == before
        scan(worklists, clock, "B1")
        assert len(worklists.page()) == 2


def test_a_list_that_is_gone_closes_and_retires_when_it_is_empty_and_work_comes_back_elsewhere() -> None:
    """A claimed item keeps it open; work that was reported there and is withdrawn goes where the new rules say."""
    clock = HandClock(0)
    smaller = Rulebook.loads((HEAD + TO_POOL + TAIL).replace('worklist ct        "CT"            for everyone\n', ""))
    with opened(clock, book(rules=RULES)) as worklists:
        held, done = filled(worklists, clock, [("CT", "claim"), ("CT", "")])
        worklists.report(done, "final", "R1", "lee")
        worklists.grant("eve", "activate", "boss")
        worklists.activate(smaller, "eve", "no CT list any more")

        def status() -> str:
            return {one.code: one.status for one in worklists.store.worklists()}["ct"]

        closing = status()
        worklists.release(held, "lee")
        worklists.tick()
        worklists.grant("lee", "read", "boss", scope="ct")
        worklists.report(done, "withdrawn", "R1", "lee")

        assert (closing, status()) == ("closing", "retired")
        assert worklists.store.item(held).worklist == "pool"
        assert (worklists.store.item(done).is_open, worklists.store.item(done).worklist) == (True, "pool")
        assert not worklists.verify().findings


def test_a_move_by_news_says_which_attributes_changed_and_never_what_they_are() -> None:
    """I7: an ADT or an order re-decides with its reason: names, and none of identity."""
    ward = 'rule "Ward" when patient_class is inpatient route to pool\n'
    with opened(HandClock(), made(ward + RULES)) as worklists:
        receive(worklists, order(patient_class="emergency"), image())
        item = worklists.page().lines[0].item
        receive(worklists, adt(60, patient_class="inpatient", patient_name=("SECRET",)), sender="ADT|STO")

        moves = [row for row in worklists.store.history(item) if row.event.value == "route"]
        assert worklists.store.item(item).worklist == "pool"
        assert [row.reason for row in moves] == ["patient_class changed"]


def test_rules_for_a_kind_say_where_its_items_wait_and_the_rest_is_the_default() -> None:
    """`for recheck`, `for resolve`: what a rule gives counts; else the list of the report, or that for exceptions."""
    kinds = (
        'rule "Late images" for recheck always route to pool due within 30 minutes priority stat\n'
        'rule "Withdrawn" for resolve when modality includes CT route to general\n'
    )
    clock = HandClock(100)
    with opened(clock, made(kinds + RULES)) as worklists:
        receive(worklists, image("1"))
        worklists.report("A1", "final", "R1", "lee")
        clock.move_to(600)
        receive(worklists, image("2", said=500))
        recheck = next(one for one in worklists.page(limit=None) if one.kind == "recheck")
        worklists.report("A1", "withdrawn", "R1", "lee")
        doubt = next(one for one in worklists.page(limit=None) if one.kind == "resolve")
        worklists.receive(b"nonsense")
        unread = next(one for one in worklists.page(limit=None) if one.reason == "unparseable" or one.accession is None)

        assert (recheck.worklist, recheck.priority) == ("pool", "stat")
        assert recheck.due_at is not None
        assert (recheck.due_at - clock.now).total_seconds() == 1800
        assert doubt.worklist == "general"
        assert unread.worklist == "attention"
