"""What readers and supervisors do, in any order, against the model in `lives`: same states, same refusals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from routing.errors import RoutingError
from tests.worklists.lives import ASKER, OPEN, RANKS, READERS, Item, Lives, Refused
from tests.worklists.opened import HandClock
from tests.worklists.reading_room import department, scan

LEASE = 30
readers = st.sampled_from(READERS)
which = st.integers(0, 50)


class Work(RuleBasedStateMachine):
    """One department, and its model; whichever acts, both answer alike."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.clock = HandClock(100)
        self.worklists = self.stack.enter_context(department(self.clock))
        self.lives = Lives()
        self.numbers: dict[str, int] = {}
        self.claims: list[tuple[str, Any]] = []
        self.scans = 0

    def teardown(self) -> None:
        findings = self.worklists.verify().findings
        self.stack.close()
        assert not findings

    # beginning

    @initialize()
    def begin(self) -> None:
        """A CT to be read once and a mammogram to be read twice."""
        self.scanned(twice=False)
        self.scanned(twice=True)

    @precondition(lambda self: self.scans < 4)
    @rule(twice=st.booleans())
    def scanned(self, *, twice: bool) -> None:
        self.scans += 1
        name = f"A{self.scans}"
        minutes = (self.clock.now - HandClock(0).now).total_seconds() / 60
        lines = scan(self.worklists, name, "MG" if twice else "CT", minutes=minutes)
        for position, line in enumerate(lines, start=1):
            key = f"{name} {position}"
            self.lives.open(key, "report", line.worklist, of=name, position=position if twice else None)
            self.numbers[key] = line.item

    # the frame of every act

    def pick(self, number: int, kinds: set[str] | None = None) -> tuple[str, Item]:
        names = sorted(name for name, item in self.lives.items.items() if kinds is None or item["kind"] in kinds)
        name = names[number % len(names)]
        return name, self.lives.items[name]

    def those(self, having: str) -> list[str]:
        return sorted(name for name, item in self.lives.items.items() if item[having])

    def both(self, act: Callable[[], Any], model: Callable[[], None]) -> Any:
        """Do the same on both sides; a refusal is the same refusal, and changes nothing."""
        refused = ""
        try:
            model()
        except Refused as error:
            refused = str(error)
        said, answer = "", None
        try:
            answer = act()
        except RoutingError as error:
            said = type(error).__name__
        assert said == refused, f"the library says {said!r}, the model {refused!r}"
        self.meet()
        return answer

    def meet(self) -> None:
        """Find the numbers of arbitrations that have begun."""
        for name, item in self.lives.items.items():
            if name not in self.numbers:
                items = self.worklists.status(accession=item["of"]).items
                (self.numbers[name],) = [one.item for one in items if one.kind == "arbitrate"]

    # claims

    @rule(number=which, by=readers)
    def claim(self, number: int, by: str) -> None:
        name, item = self.pick(number)
        lease = timedelta(minutes=LEASE)
        held = self.both(
            lambda: self.worklists.claim(self.numbers[name], by=by, lease=lease),
            lambda: self.lives.claim(item, by, LEASE),
        )
        if held is not None:
            assert held.token == item["token"]
            self.claims.append((name, held))

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def renew(self, number: int) -> None:
        name, held = self.claims[number % len(self.claims)]
        item = self.lives.items[name]
        lease = timedelta(minutes=LEASE)
        self.both(lambda: self.worklists.renew(held, lease=lease), lambda: self.lives.renew(item, held.token, LEASE))

    @precondition(lambda self: self.claims)
    @rule(number=which)
    def release(self, number: int) -> None:
        name, held = self.claims[number % len(self.claims)]
        item = self.lives.items[name]
        self.both(lambda: self.worklists.release(held), lambda: self.lives.release(item, held.token))

    @precondition(lambda self: self.those("holder"))
    @rule(number=which)
    def break_claim(self, number: int) -> None:
        name = self.those("holder")[number % len(self.those("holder"))]
        item = self.lives.items[name]
        self.both(lambda: self.worklists.release(self.numbers[name], by="chief"), lambda: self.lives.break_(item))

    # passing

    @rule(number=which, by=readers, worklist=st.sampled_from(["chest", "neuro", "breast"]))
    def pass_to(self, number: int, by: str, worklist: str) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.pass_to(self.numbers[name], worklist, by=by, reason="so"),
            lambda: self.lives.pass_to(item, worklist, by),
        )

    @rule(number=which, by=readers, reader=readers)
    def hand_to(self, number: int, by: str, reader: str) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.hand_to(self.numbers[name], reader, by=by, reason="so"),
            lambda: self.lives.hand_to(item, reader, by),
        )

    @rule(number=which, by=readers, worklist=st.sampled_from(["chest", "neuro", "breast"]))
    def offer_to(self, number: int, by: str, worklist: str) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.pass_to(self.numbers[name], worklist, by=by, reason="so", accept=True),
            lambda: self.lives.offer_to(item, worklist, by),
        )

    @precondition(lambda self: self.those("handover"))
    @rule(number=which, other=st.one_of(st.none(), readers), accepts=st.booleans())
    def answer(self, number: int, other: str | None, *, accepts: bool) -> None:
        offered = self.those("handover")
        name = offered[number % len(offered)]
        item = self.lives.items[name]
        by = other or item["handover"]["to"] or ASKER
        if accepts:
            lease = timedelta(minutes=LEASE)
            held = self.both(
                lambda: self.worklists.accept(self.numbers[name], by=by, lease=lease),
                lambda: self.lives.accept(item, by, LEASE),
            )
            self.claims += [(name, held)] if held is not None else []
        else:
            self.both(
                lambda: self.worklists.decline(self.numbers[name], by=by, reason="busy"),
                lambda: self.lives.decline(item, by),
            )

    # opinions

    @precondition(lambda self: len(self.lives.items) < 12)
    @rule(number=which, of=st.one_of(st.none(), readers), hours=st.integers(1, 12))
    def ask_opinion(self, number: int, of: str | None, hours: int) -> None:
        name, item = self.pick(number, {"report"})
        of = None if of == ASKER else of
        line = self.worklists.ask_opinion(
            self.numbers[name], of, by=ASKER, question="?", worklist="neuro", due=timedelta(hours=hours)
        )
        key = f"{name} opinion {line.item}"
        self.numbers[key] = line.item
        due = self.lives.now + hours * 60
        self.lives.open(key, "opinion", "neuro", of=item["of"], asked=of, due=due, first=name, unread=False)

    @precondition(lambda self: any(item["kind"] == "opinion" for item in self.lives.items.values()))
    @rule(number=which, by=readers)
    def acknowledge(self, number: int, by: str) -> None:
        name, item = self.pick(number, {"opinion"})
        self.both(
            lambda: self.worklists.acknowledge(self.numbers[name], by=by),
            lambda: self.lives.acknowledge(item, self.lives.items[item["first"]], by),
        )

    # reports

    @rule(number=which, by=readers, result=st.sampled_from(["", "NORMAL", "RECALL"]), final=st.booleans())
    def report(self, number: int, by: str, result: str, *, final: bool) -> None:
        name, item = self.pick(number)
        if item["state"] not in OPEN:  # what amends a report is told in tests of its own
            return
        status = "final" if final else "preliminary"
        self.both(
            lambda: self.worklists.report(self.numbers[name], status, "R", by=by, result=result),
            lambda: self.lives.report(item, by, result, final=final),
        )

    @rule(results=st.lists(st.sampled_from(["NORMAL", "RECALL"]), min_size=2, max_size=2))
    def read_twice(self, results: list[str]) -> None:
        """Bring an examination to where its reads are compared."""
        for name in sorted(name for name, item in self.lives.items.items() if item.get("position")):
            item = self.lives.items[name]
            by = ("ann", "ben")[item["position"] - 1]
            if item["state"] in OPEN:
                result = results[item["position"] - 1]
                self.both(
                    lambda name=name, by=by, result=result: self.worklists.report(
                        self.numbers[name], "final", "R", by=by, result=result
                    ),
                    lambda item=item, by=by, result=result: self.lives.report(item, by, result, final=True),
                )

    # by a right

    @rule(number=which)
    def close(self, number: int) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.close_item(self.numbers[name], by="chief", reason="so"),
            lambda: self.lives.close(item),
        )

    @rule(number=which)
    def reopen(self, number: int) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.reopen(self.numbers[name], by="chief", reason="so"), lambda: self.lives.reopen(item)
        )

    @rule(number=which, priority=st.sampled_from(RANKS))
    def override(self, number: int, priority: str) -> None:
        name, item = self.pick(number)
        self.both(
            lambda: self.worklists.override(self.numbers[name], by="chief", reason="so", priority=priority),
            lambda: self.lives.override(item, priority),
        )

    # time

    @rule(minutes=st.sampled_from([1, 10, 29, 30, 31, 240, 500]), ticks=st.booleans())
    def time_passes(self, minutes: int, *, ticks: bool) -> None:
        self.clock.now += timedelta(minutes=minutes)
        self.lives.wait(minutes)
        if ticks:
            self.worklists.tick()

    # what holds after every step

    @invariant()
    def same(self) -> None:
        """Each item is where the model has it, in whose hands, as urgent; and each open one is on a page."""
        shown = {one.item: one for name in self.accessions() for one in self.worklists.status(accession=name).items}
        for name, item in self.lives.items.items():
            line = shown[self.numbers[name]]
            told = (line.kind, line.state, line.worklist, line.holder, line.priority)
            assert told == (item["kind"], item["state"], item["worklist"], item["holder"], item["priority"]), name
        assert len(shown) == len(self.lives.items)
        still = sum(item["state"] in OPEN for item in self.lives.items.values())
        assert self.worklists.counts().open == still == len(self.worklists.page(limit=None).lines)

    @invariant()
    def pages(self) -> None:
        """A reader's page has what is theirs to read and to accept, and beside it the answers that they asked for."""
        items = self.lives.items
        for reader in READERS:
            page = self.worklists.page(reader=reader, limit=None)
            theirs = [name for name in items if items[name]["state"] in OPEN and self.lives.sees(items[name], reader)]
            assert {line.item for line in page} == {self.numbers[name] for name in theirs}, reader
            unread = [name for name in items if items[name]["state"] == "reported" and items[name].get("unread")]
            assert {line.item for line in page.unread} == {self.numbers[name] for name in unread if reader == ASKER}

    def accessions(self) -> list[str]:
        return [f"A{number}" for number in range(1, self.scans + 1)]


@pytest.mark.slow
def test_whatever_people_do_the_items_are_where_the_model_has_them() -> None:
    """Also what was refused: nothing follows from it."""
    run_state_machine_as_test(
        Work,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
