"""A department at work: its feed, its readers, its mishaps, against a store, in made-up time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from routing import Rulebook, Worklists
from routing.errors import NotAllowed, RoutingError, StaleClaim, TransitionRefused
from routing.worklists import Claim
from tests.simulation.feed import EXAMS, Feed, Message, Planned, planned, report
from tests.simulation.luck import USUAL, Luck
from tests.simulation.staff import Person, Staff

BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
RULES: Final = Path(__file__).parents[2] / "examples" / "city-hospitals" / "radiology.rules"
BATCH: Final = 50
LEASE: Final = timedelta(hours=2)
LONGEST: Final = timedelta(days=45)  # after the last day, so that all can be read
FATES: Final = ("crash", "release", "pass", "draft", "outside", "report")  # what becomes of a reading
OVER: Final = frozenset({"expected", "reported", "closed", "superseded"})
MINUTES: Final = {one.modality: one.minutes for one in EXAMS}


@define
class Books:
    """The rulebook, and another that the department changes to and back."""

    usual: Rulebook = field(factory=lambda: Rulebook.load(RULES))
    other: Rulebook = field(init=False)

    def __attrs_post_init__(self) -> None:
        text = self.usual.text.replace('rulebook "Northbank radiology"', 'rulebook "Northbank radiology, winter"')
        text = text.replace("otherwise\n  route to general", "otherwise\n  route to body", 1)
        text = text.replace("due within 4 hours", "due within 3 hours", 1)
        self.other = Rulebook.loads(text, tables=self.usual.tables)


@define
class Tale:
    """What the simulation itself knows of a procedure: the truth that the store is held against."""

    planned: Planned
    arrived: datetime | None = None  # its images, at the department
    first_final: datetime | None = None
    last_final: datetime | None = None  # by its own time
    withdrawn: datetime | None = None  # the last time, by its own time
    priority: str = ""
    due: datetime | None = None


class Department:
    """One store with everybody who works with it. `run` plays the days; `ledger` is what really happened."""

    def __init__(
        self, folder: Path, *, count: int, days: float, readers: int, seed: int, luck: Luck = USUAL, **options: Any
    ) -> None:
        self.chance, self.luck = random.Random(seed), luck
        self.now = BEGIN
        self.end = BEGIN + timedelta(days=days)
        self.staff = Staff(readers, BEGIN, self.chance)
        self.books = Books()
        self.active = self.books.usual
        self.worklists = Worklists.open(
            folder / "department.db",
            self.active,
            clock=lambda: self.now,
            readers=self.staff.skills,
            actor="pacs",
            synchronous="OFF",  # a simulated year outlives no power failure, and is told by `verify` that it would not
            forced=("synchronous",),
            **options,
        )
        for act in ("activate", "close", "break"):
            self.worklists.grant("pacs", act, by="pacs")
        shares = (luck.crashes, luck.releases, luck.passes, luck.drafts, luck.outside)
        self.fates = (*shares, 1 - sum(shares))
        self.feed = Feed(self.chance, luck)
        self.tales: dict[str, Tale] = {}
        self.done: dict[str, int] = {}
        self._queue: list[tuple[datetime, int, Callable[[], None] | Message]] = []
        self._count = 0
        self._looked = BEGIN
        self._sent = 0  # messages that are on their way
        self._outages = self._planned_outages(days)
        self._plan(count, days)

    # the plan

    def _planned_outages(self, days: float) -> list[tuple[datetime, datetime]]:
        found = []
        for _ in range(max(1, round(days / 20))):
            begin = BEGIN + timedelta(days=self.chance.uniform(0, days))
            found.append((begin, begin + timedelta(hours=self.chance.uniform(1, 10))))
        return found

    def _plan(self, count: int, days: float) -> None:
        for one in planned(count, BEGIN, days, self.chance):
            self.tales[one.accession] = Tale(planned=one)
            for message in self.feed.of(one):
                self._send(message)
        for person in self.staff.people.values():
            self._begin_shift(person)
        self.at(BEGIN, self._tick)
        for month in range(max(2, round(days / 30))):
            when = BEGIN + timedelta(days=days) * (month + 0.5) / max(2, round(days / 30))
            self.at(when, self._change_rules)
            self.at(when, self._change_staff)

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self._count += 1
        heapq.heappush(self._queue, (when, self._count, what))

    def _send(self, message: Message) -> None:
        self._sent += 1
        self._count += 1
        heapq.heappush(self._queue, (self._after_outage(message.at), self._count, message))

    def _after_outage(self, when: datetime) -> datetime:
        """Return when a message gets through: what comes while the feed is down is sent when it is up again."""
        for begin, end in self._outages:
            if begin <= when < end:
                return end
        return when

    # playing

    def run(self) -> None:
        """Play all days, and then for as long as it takes until the work that can be done is done."""
        while self._queue and self._queue[0][0] < self.end + LONGEST and not self._is_over():
            when, _, what = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            if isinstance(what, Message):
                self._receive([what, *self._queued_up(when)])
            else:
                what()

    def _is_over(self) -> bool:
        """Return whether nothing is left that anybody here could do: what is only expected waits for its images."""
        if self._sent or self.now <= self.end or self.now < self._looked + timedelta(hours=6):
            return False
        self._looked = self.now
        return all(state in OVER for _, state, _, _ in self.worklists.counts().worklists)

    def _queued_up(self, when: datetime) -> Iterator[Message]:
        """Yield what came at the very same instant, as after an outage, as far as one transaction should hold."""
        for _ in range(BATCH - 1):
            if not self._queue or self._queue[0][0] != when or not isinstance(self._queue[0][2], Message):
                return
            message = heapq.heappop(self._queue)[2]
            assert isinstance(message, Message)
            yield message

    def _count_as(self, what: str, by: int = 1) -> None:
        self.done[what] = self.done.get(what, 0) + by

    def _receive(self, messages: Sequence[Message]) -> None:
        if len(messages) > 1 and all(isinstance(one.body, bytes) for one in messages):
            receipts = self.worklists.receive_all([one.body for one in messages])
        else:
            receipts = [
                self.worklists.receive(one.body, one.sender, None if one.sender is None else str(one.number))
                for one in messages
            ]
        self._sent -= len(messages)
        for receipt, message in zip(receipts, messages, strict=True):
            self._count_as(receipt.outcome)
            self._note_arrival(message)

    def _note_arrival(self, message: Message) -> None:
        if isinstance(message.body, dict):
            tale = self.tales[message.body["accession"]]
            tale.arrived = tale.arrived or self.now

    def _tick(self) -> None:
        self.worklists.tick()
        self.at(self.now + timedelta(minutes=30), self._tick)

    def _change_rules(self) -> None:
        self.active = self.books.other if self.active is self.books.usual else self.books.usual
        self.worklists.activate(self.active, by="pacs", reason="the season changes")
        self._count_as("rules changed")

    def _change_staff(self) -> None:
        self._begin_shift(self.staff.leave(self.now))
        self._count_as("staff changed")

    # readers

    def _begin_shift(self, person: Person) -> None:
        when = self.now if person.here(self.now) else person.next_shift(self.now)
        if when is not None:
            self.at(when + timedelta(seconds=self.chance.uniform(0, 600)), lambda: self._next(person))

    def _next(self, person: Person) -> None:
        if not person.here(self.now):
            self._begin_shift(person)
            return
        if "pacs_team" in person.skills:
            self._settle(person)
            return
        claim = self.worklists.claim_next(person.name, lease=LEASE)
        if claim is None:
            self.at(self.now + timedelta(minutes=self.chance.uniform(15, 60)), lambda: self._next(person))
            return
        tale = self.tales.get(claim.accession or "")
        usual = MINUTES.get(tale.planned.exam.modality, 8) if tale else 8
        spent = timedelta(minutes=min(90.0, self.chance.lognormvariate(0, 0.5) * usual))
        self.at(self.now + spent, lambda: self._finish(person, claim))

    def _finish(self, person: Person, claim: Claim) -> None:
        (fate,) = self.chance.choices(FATES, self.fates)
        try:
            if fate == "crash":
                self._count_as("crashed")  # nothing is said: the lease ends by itself
            elif fate == "release":
                self.worklists.release(claim)
                self._count_as("released")
            elif fate == "pass":
                self.worklists.pass_to(claim, "general", reason="not for me")
                self._count_as("passed")
            elif fate == "draft":
                self.worklists.report(claim, "preliminary", f"R{claim.item_id}p{claim.token}")
                self._count_as("preliminary")
            elif fate == "outside" and (tale := self._read_elsewhere(claim)):
                self._report_from_outside(person, tale)
            else:
                self.worklists.report(claim, "final", f"R{claim.item_id}t{claim.token}")
                self._final(claim.accession)
        except (StaleClaim, TransitionRefused, NotAllowed) as refused:
            self._count_as(f"refused {type(refused).__name__}")
        self.at(self.now + timedelta(seconds=self.chance.uniform(10, 60)), lambda: self._next(person))

    def _read_elsewhere(self, claim: Claim) -> Tale | None:
        """Return what is known of a procedure that may be reported in another system; most mammograms are read here."""
        tale = self.tales.get(claim.accession or "")
        if tale is None or (tale.planned.exam.modality == "MG" and not self._happens(self.luck.doubles)):
            return None
        return tale

    def _happens(self, share: float) -> bool:
        """Return whether something happens; what never does takes no chance from the rest."""
        return share > 0 and self.chance.random() < share

    def _report_from_outside(self, person: Person, tale: Tale) -> None:
        """The reader dictates into another system, which sends the report when it likes: that ends the claim."""
        later = self.now + timedelta(minutes=self.chance.expovariate(1 / 5))
        self._send(self.feed.message(later, None, report(tale.planned, self.now, "F", person.name)))
        self._count_as("reported from outside")
        tale.first_final = tale.first_final or later
        tale.last_final = max(tale.last_final or self.now, self.now)
        for status, share in (("C", self.luck.corrected), ("X", self.luck.withdrawn)):
            if self._happens(share):
                later += timedelta(minutes=self.chance.expovariate(1 / 60) + 1)
                self._send(self.feed.message(later, None, report(tale.planned, later, status, person.name)))
                self._count_as("withdrawn from outside" if status == "X" else "corrected from outside")
                if status == "X":
                    tale.withdrawn = max(tale.withdrawn or later, later)
                else:
                    tale.last_final = max(tale.last_final, later)

    def _final(self, accession: str | None) -> None:
        self._count_as("final")
        if accession in self.tales:
            tale = self.tales[accession]
            tale.first_final = tale.first_final or self.now
            tale.last_final = max(tale.last_final or self.now, self.now)

    def _settle(self, person: Person) -> None:
        """The PACS team looks at what needs a human, and ends it with a reason."""
        for line in self.worklists.page(reader=person.name, limit=40):
            if line.kind == "resolve" and line.holder is None:
                try:
                    self.worklists.close_item(line.item, "pacs", "looked at", policy="PACS desk")
                    self._count_as("settled")
                except RoutingError as refused:
                    self._count_as(f"refused {type(refused).__name__}")
            elif line.worklist == "attention" and line.kind == "report" and line.holder is None:
                self.worklists.pass_to(line.item, "general", by=person.name, reason="looked at")
                self._count_as("identified")
        self.at(self.now + timedelta(minutes=60), lambda: self._next(person))
