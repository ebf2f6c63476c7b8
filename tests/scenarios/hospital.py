"""An invented hospital for stories: its rules, its people, its feeds, and a clock that the story moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from routing import Rulebook, Worklists
from routing.worklists import Receipt

MONDAY: Final = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)

RULES: Final = """
rulebook "Northbank, for stories"
language 1
timezone UTC
clock exam_end, else arrival
priorities stat, urgent, soon, routine
workdays are Mon-Fri
times core are Mon-Fri 08:00-18:00
skills neuro, chest, breast, panel, on_call, consultant, pacs_team, cleared
channels lead_board, stroke_phone, pacs_office

worklist neuro      "Neuroradiology"     for readers with neuro
worklist chest      "Chest"              for readers with chest
worklist breast     "Breast screening"   for readers with breast
worklist panel      "Arbitration"        for readers with panel
worklist assessment "Assessment clinic"  for readers with breast
worklist on_call    "On call"            for readers with on_call
worklist duty       "Duty consultant"    for readers with consultant
worklist general    "General"            for everyone
worklist attention  "Needs a human"      for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour

rule "Screening mammograms"
  when modality includes MG
  route to breast
  read by 2 different readers blind, disagreement to panel, agreement on RECALL to assessment
  due within 14 days

rule "Head CT from ED out of hours"
  when modality includes CT and body_part includes HEAD and patient_class is emergency and outside core
  route to on_call
  priority stat
  due within 1 hour
  preliminary due within 30 minutes
  notify stroke_phone
  escalate to duty after 40 minutes until claimed

rule "Theatre films"
  when location is THEATRE
  route to general
  no report needed because "guidance only" under policy "Theatre 2026" until 2026-12-31

rule "MR waits for all its images"
  when modality includes MR
  route to neuro
  hold at most 30 minutes until images_complete
  due within 1 day

rule "Heads" when body_part includes HEAD route to neuro

rule "Chests" when body_part includes CHEST route to chest

rule "Staff as patients" when department is STAFF only readers with cleared

rule "Emergency patients" when patient_class is emergency priority urgent due within 4 hours
rule "Inpatients" when patient_class is inpatient priority soon due within 1 day
rule "As requested" always priority priority_requested
rule "Trauma of the head and chest"
  when description mentions "trauma" also read by chest within 2 hours

rule "Experts answer on their own list" for opinion when body_part includes HEAD route to neuro due within 2 days

watch "General is filling up" when items on general at least 4 until items on general under 2
  notify lead_board
watch "Nobody has taken it" each item on chest when waiting at least 12 hours
  notify lead_board

view "Urgent work" for everyone shows neuro, chest, general when priority_requested is STAT sorted by time_left

otherwise route to general priority routine due within 5 days
"""

SKILLS: Final = {
    "lee": ("neuro", "consultant"),
    "patel": ("neuro", "panel"),
    "okafor": ("chest", "on_call"),
    "nilsson": ("breast",),
    "moreau": ("breast",),
    "haddad": ("breast", "panel"),
    "registrar": ("on_call",),
    "erin": ("pacs_team",),
    "ward": (),
}


class Hospital:
    """A hospital as a story sees it: what is sent, who does what, and what is then so."""

    def __init__(self, folder: Path, rules: str = RULES) -> None:
        self.now = MONDAY
        self.rules = Rulebook.loads(rules)
        self.path = folder / "worklist.db"
        self.skills: dict[str, tuple[str, ...]] = dict(SKILLS)
        self.worklists = self.opened()
        for act in ("close", "break", "activate", "lower", "lengthen", "reassign", "grant"):
            self.worklists.grant("erin", act, by="erin")
        self._messages = count(1)

    def opened(self) -> Worklists:
        """Open the store once more, as after a restart."""
        return Worklists.open(self.path, self.rules, clock=lambda: self.now, readers=self.skills.get, actor="erin")

    def wait(self, **length: float) -> None:
        """Let time pass, and whatever time brings about."""
        self.now += timedelta(**length)
        self.worklists.tick()

    # what is sent

    def order(self, accession: str = "A1", control: str = "NW", **said: str) -> Receipt:
        """Send an order. *said*: patient, number (of the order), body, modality, patient_class, priority, words, at."""
        patient, number = said.get("patient", "P1"), said.get("number", accession)
        return self.send(
            "ORM^O01",
            f"PID|1||{patient}^^^STO||{said.get('name', 'X^Y')}||19600101|F",
            f"PV1|1|{said.get('patient_class', 'O')}|{said.get('location', 'OPD')}",
            f"ORC|{control}|PL{number}|F{number}",
            f"OBR|1|PL{number}|F{number}|{said.get('code', 'X1')}^{said.get('words', 'CT Head')}|||{self.stamp}"
            f"|||||||||||{accession}||||||{said.get('modality', 'CT')}|||^^^^^{said.get('priority', 'R')}",
            sender=said.get("sender", "RIS"),
        )

    def images(self, accession: str | None = "A1", **said: Any) -> Receipt:
        """Let images arrive, as a PACS tells of them."""
        known: dict[str, Any] = {
            "study_uid": f"1.2.826.{sum(map(ord, accession or 'none'))}",
            "modality": ["CT"],
            "body_part": ["HEAD"],
            "image_count": 100,
            "exam_end": self.now.isoformat(),
        }
        if accession is not None:
            known["accession"] = accession
        return self.worklists.receive(known | said, sender="PACS", message_id=f"I{next(self._messages)}")

    def dictated(self, accession: str = "A1", status: str = "F", text: str = "Normal.", **said: str) -> Receipt:
        """Send a report from a system outside."""
        number = said.get("number", accession)
        return self.send(
            "ORU^R01",
            f"PID|1||{said.get('patient', 'P1')}^^^STO||X^Y",
            f"OBR|1|PL{number}|F{number}|X1^CT Head||||||||||||||{accession}||||{self.stamp}|||{status}"
            f"|||||||{said.get('by', 'outside')}",
            *([f"OBX|1|TX|GDT||{text}||||||{said.get('line', status)}"] if text else []),
        )

    def adt(
        self, event: str, *, patient: str = "P1", patient_class: str = "I", merged: str = "", **said: str
    ) -> Receipt:
        """Send news of a patient."""
        last = f"MRG|{merged}^^^STO" if merged else f"PV1|1|{patient_class}|{said.get('location', 'WARD')}"
        return self.send(f"ADT^{event}", f"PID|1||{patient}^^^STO||{said.get('name', 'X^Y')}||19600101|F", last)

    def send(self, kind: str, *segments: str, sender: str = "RIS") -> Receipt:
        """Send HL7, with a control id of its own."""
        head = f"MSH|^~\\&|{sender}|STO|ROUTING|STO|{self.stamp}||{kind}|M{next(self._messages)}|P|2.3.1"
        return self.worklists.receive(("\r".join((head, *segments)) + "\r").encode())

    @property
    def stamp(self) -> str:
        """Now, as HL7 writes it."""
        return f"{self.now:%Y%m%d%H%M%S}"

    # what is so

    def open(self, accession: str = "A1") -> list[str]:
        """Return what is owed on an accession number: kind, state and list of each open item."""
        return sorted(
            f"{line.kind} {line.state} {line.worklist}"
            for line in self.worklists.page(limit=None)
            if line.accession == accession
        )

    def item(self, accession: str = "A1", kind: str = "report") -> int:
        """Return the number of the one open item of a kind on an accession number."""
        return int(self.line(accession, kind).item)

    def line(self, accession: str = "A1", kind: str = "report") -> Any:
        """Return the one open item of a kind as its list shows it."""
        found = [line for line in self.worklists.page(limit=None) if (line.accession, line.kind) == (accession, kind)]
        assert len(found) == 1, found
        return found[0]

    def sentence(self, accession: str = "A1") -> str:
        """Return what a clinician is told."""
        return self.worklists.status(accession).sentence

    def told(self, channel: str) -> int:
        """Return how many notices a channel was given."""
        return sum(notice.target == channel for notice in self.worklists.notices(limit=1000))

    def events(self, accession: str = "A1") -> list[str]:
        """Return everything that happened, as words, in order."""
        return [row.event for row in self.worklists.history(accession=accession)]

    def sound(self) -> bool:
        """Return whether all is accounted for and the store is what its journal says."""
        counts = self.worklists.counts()
        together = counts.open + counts.reported + counts.closed + counts.superseded
        return counts.accepted == together and not self.worklists.verify().findings


@contextmanager
def hospital(rules: str = RULES) -> Iterator[Hospital]:
    """Give a hospital of its own, which must be sound in the end, whatever the story did."""
    with TemporaryDirectory() as folder:
        one = Hospital(Path(folder), rules)
        try:
            yield one
            assert one.sound()
        finally:
            one.worklists.close()
