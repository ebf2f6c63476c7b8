"""Rulebooks made for the proofs: with faults planted where a union of earlier rules hides them."""

from __future__ import annotations

import random

from attrs import define, field

HEAD = """rulebook "Made up"
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
times core are Mon-Fri 08:00-18:00
fact pathway is code
fact research is yes/no
worklist general   "General" for everyone
worklist attention "Needs a human" for everyone
"""
TAIL = """otherwise
  route to general
  priority routine
  due within 28 days
"""
MODALITIES = ("CT", "MR", "US", "CR", "DX", "NM", "PT", "XA")
PARTS = ("HEAD", "NECK", "CHEST", "ABDOMEN", "PELVIS", "SPINE", "KNEE", "HIP", "HAND", "FOOT")
WORDS = ("angiogram", "biopsy", "follow up", "trauma", "chest wall", "chest", "stent", "cord compression")
CLASSES = ("emergency", "inpatient", "outpatient")


@define
class Planted:
    """A made-up rulebook, and the faults that were planted in it."""

    text: str
    dead: set[str] = field(factory=set)
    always_false: set[str] = field(factory=set)
    idle: set[str] = field(factory=set)  # rules whose effect never contributes
    broken: set[str] = field(factory=set)
    kept: set[str] = field(factory=set)
    taken: set[tuple[str, str]] = field(factory=set)  # a rule that takes studies from a later, more specific one


def planted(rules: int, seed: int) -> Planted:
    """Return a rulebook of about so many rules, a fault for every twenty of them."""
    return _Maker(rules, seed).make()


class _Maker:
    def __init__(self, rules: int, seed: int) -> None:
        self.rules, self.random = rules, random.Random(seed)
        self.blocks: list[list[tuple[str, str, str]]] = []  # rules in an order that must stay, block by block
        self.guarantees: list[str] = []
        self.made = Planted(text="")

    def make(self) -> Planted:
        faults = max(7, self.rules // 20)
        for number in range(faults):
            getattr(self, _FAULTS[number % len(_FAULTS)])(number)
        while sum(map(len, self.blocks)) < self.rules:
            number = len(self.blocks)
            self.blocks.append([(f"plain {number}", f"{self._site(number)} and {self._plain()}", self._list(number))])
        self.made.text = self._text()
        return self.made

    def _text(self) -> str:
        queues = [list(block) for block in self.blocks]
        placed = []
        while queues:
            queue = self.random.choice(queues)
            placed.append(queue.pop(0))
            queues = [one for one in queues if one]
        lists = sorted({effect.split()[2] for _, _, effect in placed if effect.startswith("route to")} - {"general"})
        declared = "".join(f'worklist {name} "{name}" for everyone\n' for name in lists)
        rules = "".join(f'rule "{name}"\n  when {when}\n  {effect}\n' for name, when, effect in placed)
        return f"{HEAD}{declared}exceptions route to attention\n{rules}{''.join(self.guarantees)}{TAIL}"

    def _plain(self) -> str:
        """Return a condition of a few parts."""
        some = [
            f"modality includes any of {', '.join(self.random.sample(MODALITIES, 2))}",
            f"body_part includes {self.random.choice(PARTS)}",
            f'description mentions "{self.random.choice(WORDS)}"',
            f"patient_class is {self.random.choice(CLASSES)}",
            f"age {self.random.choice(('under', 'at least'))} {self.random.choice((1, 16, 18, 65, 75))} years",
            f"pathway is P{self.random.randrange(40)}",
            self.random.choice(("during core", "outside core")),
        ]
        return " and ".join(self.random.sample(some, self.random.randrange(1, 4)))

    def _site(self, number: int) -> str:
        return f"site is S{number % (self.rules // 3 + 1)}"

    def _list(self, number: int) -> str:
        return f"route to list_{number % 40}"

    def _place(self, number: int) -> str:
        return f"site is F{number} and modality includes {self.random.choice(MODALITIES)}"

    # --- faults: what hides them stands anywhere before them

    def dead_by_ages(self, number: int) -> None:
        at, name = self._place(number), f"dead {number}"
        hiding = ["age under 16 years", "age at least 16 years", "age is unknown"]
        self.random.shuffle(hiding)
        block = [
            (f"hides {number} {place}", f"{at} and {part}", self._list(place)) for place, part in enumerate(hiding)
        ]
        self.blocks.append([*block, (name, f"{at} and body_part includes HEAD", "route to list_39")])
        self.made.dead.add(name)

    def dead_by_hours(self, number: int) -> None:
        at, name = self._place(number), f"dead {number}"
        hiding = [("during core", "list_1"), ("outside core", "list_2")]
        block = [(f"hides {number} {to}", f"{at} and {part}", f"route to {to}") for part, to in hiding]
        self.blocks.append([*block, (name, f"{at} and {self._plain()}", "route to list_39")])
        self.made.dead.add(name)

    def never_true(self, number: int) -> None:
        name = f"false {number}"
        when = f'{self._place(number)} and description mentions "chest wall" and not description mentions "chest"'
        self.blocks.append([(name, when, "route to list_3")])
        self.made.always_false.add(name)

    def idle_priority(self, number: int) -> None:
        at, name = self._place(number), f"idle {number}"
        block = [
            (f"urgent {number} a", f"{at} and research", "priority urgent"),
            (f"urgent {number} b", f"{at} and not certainly research", "priority stat"),
        ]
        self.blocks.append([*block, (name, f"{at} and {self._plain()}", "priority soon")])
        self.made.idle.add(name)

    def broken_guarantee(self, number: int) -> None:
        at, name = self._place(number), f"broken {number}"
        block = [
            (f"keeps {number}", f"{at} and age under 16 years", "route to list_4"),
            (f"breaks {number}", f"{at} and patient_class is emergency", f"route to bad_{number}"),
        ]
        self.blocks.append(block)
        self.guarantees.append(f'guarantee "{name}"\n  never route to bad_{number} when possibly age under 16 years\n')
        self.made.broken.add(name)

    def kept_guarantee(self, number: int) -> None:
        at, name = self._place(number), f"kept {number}"
        block = [
            (f"keeps {number} a", f"{at} and age under 16 years", "route to list_4"),
            (f"keeps {number} b", f"{at} and age is unknown", "route to list_5"),
            (f"held {number}", f"{at} and patient_class is emergency", f"route to good_{number}"),
        ]
        self.blocks.append(block)
        self.guarantees.append(f'guarantee "{name}"\n  never route to good_{number} when possibly age under 16 years\n')
        self.made.kept.add(name)

    def taking(self, number: int) -> None:
        at = self._place(number)
        block = [
            (f"takes {number}", f"{at} and patient_class is emergency", "route to list_6"),
            (f"taken {number}", f"{at} and body_part includes KNEE and age over 80 years", "route to list_7"),
        ]
        self.blocks.append(block)
        self.made.taken.add((block[0][0], block[1][0]))


_FAULTS = (
    "dead_by_ages",
    "dead_by_hours",
    "never_true",
    "idle_priority",
    "broken_guarantee",
    "kept_guarantee",
    "taking",
)
