"""What a simulated department is sent: orders, images, changes, reports; late, twice, and in the wrong order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve, field, frozen

from tests.simulation.luck import USUAL, Luck

HOURS: Final = (1, 1, 1, 1, 1, 1, 2, 4, 9, 10, 10, 10, 8, 9, 10, 10, 8, 6, 4, 3, 3, 2, 2, 1)  # how busy each hour is
WEEKEND: Final = 0.35  # of a working day's


@frozen(kw_only=True)
class Exam:
    """One sort of examination: its code, what it is made with, how often, and how long it takes to read."""

    code: str
    modality: str
    words: str
    weight: float
    minutes: float


EXAMS: Final = (
    Exam(code="XCHES", modality="DX", words="XR Chest", weight=30, minutes=2),
    Exam(code="XWRIL", modality="DX", words="XR Wrist Lt", weight=14, minutes=2),
    Exam(code="CHEAD", modality="CT", words="CT Head", weight=9, minutes=6),
    Exam(code="CCHEC", modality="CT", words="CT Chest Abdomen Pelvis", weight=9, minutes=14),
    Exam(code="MBRAI", modality="MR", words="MRI Brain", weight=6, minutes=11),
    Exam(code="MSPLU", modality="MR", words="MRI Lumbar spine", weight=5, minutes=9),
    Exam(code="MPROS", modality="MR", words="MRI Prostate", weight=1, minutes=14),
    Exam(code="UABDO", modality="US", words="US Abdomen", weight=10, minutes=5),
    Exam(code="MGSCR", modality="MG", words="Screening mammogram", weight=8, minutes=1.5),
    Exam(code="CTRAU", modality="CT", words="CT Trauma", weight=0.4, minutes=18),
    Exam(code="ZZZ99", modality="CT", words="CT something that no table lists", weight=1, minutes=9),
)
CLASSES: Final = (("O", "R", 60.0), ("I", "R", 18.0), ("I", "S", 4.0), ("E", "R", 10.0), ("E", "S", 8.0))


@frozen(kw_only=True, order=True)
class Message:
    """Something that arrives at an instant: bytes of HL7, or a host's mapping with its sender."""

    at: datetime
    number: int
    sender: str | None = field(order=False)
    body: bytes | dict[str, Any] = field(order=False, repr=False)


@frozen(kw_only=True)
class Planned:
    """One procedure as it really was, whatever the feed made of it."""

    number: int
    exam: Exam
    patient_class: str
    priority: str
    age: int
    ordered_at: datetime
    done_at: datetime | None  # None: it never took place
    is_ordered: bool

    @property
    def accession(self) -> str:
        """Its accession number."""
        return f"A{self.number:07d}"

    @property
    def study_uid(self) -> str:
        """The UID of its study."""
        return f"2.25.77{self.number:07d}"


def planned(count: int, begin: datetime, days: float, chance: random.Random) -> Iterator[Planned]:
    """Yield *count* procedures that are spread over the days as patients come."""
    spans = [begin + timedelta(hours=hour) for hour in range(max(1, round(days * 24)))]
    weights = [HOURS[one.hour] * (WEEKEND if one.weekday() >= 5 else 1) for one in spans]
    exams, shares = EXAMS, [one.weight for one in EXAMS]
    for number, hour in enumerate(sorted(chance.choices(spans, weights, k=count)), start=1):
        exam = chance.choices(exams, shares)[0]
        patient_class, priority, _ = chance.choices(CLASSES, [one[2] for one in CLASSES])[0]
        done = hour + timedelta(minutes=chance.uniform(0, 60))
        ahead = timedelta(minutes=chance.expovariate(1 / (3000 if patient_class == "O" else 40)))
        yield Planned(
            number=number,
            exam=exam,
            patient_class="O" if exam.code == "MGSCR" else patient_class,
            priority="R" if exam.code == "MGSCR" else priority,
            age=chance.choice((4, 12, 30, 45, 52, 61, 70, 78, 85)) if exam.code != "MGSCR" else 56,
            ordered_at=max(begin, done - ahead),
            done_at=None if chance.random() < 0.02 else done,
            is_ordered=chance.random() > 0.02,
        )


class Feed:
    """Turns procedures into the messages that a department gets of them."""

    def __init__(self, chance: random.Random, luck: Luck = USUAL) -> None:
        self.chance, self.luck = chance, luck
        self.count = 0

    def of(self, one: Planned) -> Iterator[Message]:
        """Yield the messages about one procedure, each at the instant at which it comes."""
        for said, sender, body in self._said(one):
            late = timedelta(seconds=self.chance.expovariate(1 / 20))
            if self.chance.random() < self.luck.held_up:  # held up somewhere, so that later ones overtake it
                late += timedelta(hours=self.chance.expovariate(1 / 2))
            message = self.message(said + late, sender, body)
            yield message
            if self.chance.random() < self.luck.repeated:  # sent once more, under the same number
                yield evolve(message, at=message.at + timedelta(minutes=self.chance.uniform(0, 300)))

    def message(self, at: datetime, sender: str | None, body: bytes | dict[str, Any]) -> Message:
        """Return a message, told apart from every other."""
        self.count += 1
        return Message(at=at, number=self.count, sender=sender, body=body)

    def _said(self, one: Planned) -> Iterator[tuple[datetime, str | None, bytes | dict[str, Any]]]:
        if one.is_ordered:
            yield one.ordered_at, None, order(one, "NW", one.ordered_at)
        if one.done_at is None:
            if one.is_ordered:
                cancelled = one.ordered_at + timedelta(hours=self.chance.uniform(1, 40))
                yield cancelled, None, order(one, "CA", cancelled)
            return
        yield one.done_at, "PACS", images(one, self.chance.randint(2, 900))
        if one.is_ordered and self.chance.random() < self.luck.cancelled:
            cancelled = one.done_at + timedelta(minutes=self.chance.uniform(5, 200))
            yield cancelled, None, order(one, "CA", cancelled)
        if one.is_ordered and self.chance.random() < self.luck.moved:
            moved = one.done_at + timedelta(minutes=self.chance.uniform(5, 500))
            yield moved, None, transfer(one, moved)
        if self.chance.random() < self.luck.late_images:
            late = one.done_at + timedelta(hours=self.chance.uniform(0.2, 30))
            yield late, "PACS", images(one, 1000 + self.chance.randint(1, 50))
        if self.chance.random() < self.luck.merged:
            yield one.done_at + timedelta(minutes=30), None, merge(one, one.done_at + timedelta(minutes=30))


def report(one: Planned, at: datetime, status: str, author: str) -> bytes:
    """Return a report as a reporting system sends it, or what it says of one later: corrected (C), withdrawn (X)."""
    words = f"Findings as described by {author}." if status == "F" else f"Findings as looked at again ({status})."
    return _hl7(
        one,
        "ORU^R01",
        f"R{at:%j%H%M%S}",
        at,
        f"PID|1||P{one.number}^^^STO||X^Y",
        f"OBR|1|PL{one.number}|F{one.number}|{one.exam.code}^{one.exam.words}|||{at:%Y%m%d%H%M%S}|||||||||||"
        f"{one.accession}||||{at:%Y%m%d%H%M%S}|||{status}|||||||{author}",
        f"OBX|1|TX|GDT||{words}||||||{status}",
    )


def order(one: Planned, control: str, at: datetime) -> bytes:
    """Return an order, or the cancelling of one."""
    stamp = f"{at:%Y%m%d%H%M%S}"
    return _hl7(
        one,
        "ORM^O01",
        f"{control}",
        at,
        f"PID|1||P{one.number}^^^STO||X^Y||{at.year - one.age}0101|F",
        f"PV1|1|{one.patient_class}|WARD^1^1",
        f"ORC|{control}|PL{one.number}|F{one.number}",
        f"OBR|1|PL{one.number}|F{one.number}|{one.exam.code}^{one.exam.words}|||{stamp}|||||||||||{one.accession}"
        f"||||||{one.exam.modality}|||^^^^^{one.priority}",
    )


def transfer(one: Planned, at: datetime) -> bytes:
    """Return the admission of a patient who was seen before."""
    return _hl7(one, "ADT^A06", "T", at, f"PID|1||P{one.number}^^^STO||X^Y", "PV1|1|I|WARD^2^2")


def merge(one: Planned, at: datetime) -> bytes:
    """Return the merging of a second number into the patient's own."""
    return _hl7(one, "ADT^A40", "M", at, f"PID|1||P{one.number}^^^STO||X^Y", f"MRG|Q{one.number}^^^STO")


def images(one: Planned, count: int) -> dict[str, Any]:
    """Return what a PACS says when images have come."""
    done = one.done_at or one.ordered_at
    said: dict[str, Any] = {
        "accession": one.accession,
        "study_uid": one.study_uid,
        "modality": [one.exam.modality],
        "image_count": count,
        "exam_end": done.isoformat(),
    }
    if not one.is_ordered:
        said |= {"age": f"P{one.age}Y", "ordered": False, "description": one.exam.words}
    return said


def _hl7(one: Planned, kind: str, what: str, at: datetime, *segments: str) -> bytes:
    head = f"MSH|^~\\&|RIS|STO|ROUTING|STO|{at:%Y%m%d%H%M%S}||{kind}|{what}{one.number}|P|2.3.1"
    return ("\r".join((head, *segments)) + "\r").encode()
