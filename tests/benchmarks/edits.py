"""What the diff of an edit takes: python -m tests.benchmarks.edits [RULES [BOOKS]]

Books of many rules are made up, one edit of each kind is made to each, and both are loaded before the clock starts. Of
each diff the first run is taken, so that nothing is kept from an earlier one; median and worst are over all of them.
"""

from __future__ import annotations

import gc
import random
import re
import sys
import time
from collections.abc import Iterator
from statistics import median

from attrs import evolve, field, frozen

from routing.diff import diff
from routing.rulebook import Rulebook

HEAD = """rulebook "Made up"
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
calendar bank_holidays from "bank.csv"
workdays are Mon-Fri except bank_holidays
times core are Mon-Fri 08:00-18:00 except bank_holidays
table targets from "targets.csv" key modality
attribute acute is yes/no from hl7 "ZDS-9"
worklist general "General" for everyone
exceptions route to general priority urgent due within 1 hour
"""
TAIL = """rule "Targets" when modality is known due within targets[modality].hours hours
rule "Acute" when acute priority urgent
otherwise route to general priority routine due within 20 working days
"""
MODALITIES = ("CT", "MR", "US", "CR", "DX", "MG", "NM", "PT", "XA", "RF")
PARTS = ("HEAD", "CHEST", "ABDOMEN", "PELVIS", "KNEE", "HIP", "SPINE", "BREAST", "NECK", "HAND")
WORDS = ("angiogram", "trauma", "contrast", "biopsy", "fracture", "tumour", "screening", "stroke", "embolism", "nodule")
LISTS = tuple(f"list_{number}" for number in range(20))


@frozen(kw_only=True)
class Book:
    """A made-up rulebook, in the parts that an edit changes."""

    rules: tuple[str, ...]
    head: str = HEAD
    tail: str = TAIL
    hours: str = "modality,hours\n" + "".join(f"{one},{12 + 12 * n}\n" for n, one in enumerate(MODALITIES))
    days: str = "date\n2026-12-25\n2026-12-28\n2027-01-01\n"
    lists: tuple[str, ...] = field(default=LISTS)

    def load(self) -> Rulebook:
        """Return it loaded."""
        lists = "".join(f'worklist {name} "{name}" for everyone\n' for name in self.lists)
        text = f"{self.head}{lists}{''.join(self.rules)}{self.tail}"
        return Rulebook.loads(text, tables={"targets.csv": self.hours, "bank.csv": self.days})


def made_up(rules: int, seed: int) -> Book:
    """Return a book of so many rules, each with a list and a due, that overlap by chance."""
    chance = random.Random(seed)
    return Book(rules=tuple(_rule(number, chance) for number in range(rules)))


def _rule(number: int, chance: random.Random) -> str:
    where = f"procedure_code includes Q{number:04d}" if chance.random() < 0.5 else f"body_part includes {_one(chance)}"
    more = [
        f'description mentions "{chance.choice(WORDS)}"',
        f"age under {chance.randint(1, 90)} years",
        f"patient_class is {chance.choice(('emergency', 'inpatient', 'outpatient'))}",
        "outside core",
        f"site is S{chance.randint(1, 9)}",
        f"priority_requested is {chance.choice(('STAT', 'HIGH'))}",
    ]
    parts = [f"modality includes {chance.choice(MODALITIES)}", where, *chance.sample(more, chance.randint(1, 3))]
    effects = f"route to {chance.choice(LISTS)} due within {chance.randint(1, 200)} hours"
    return f'rule "r{number}" when {" and ".join(parts)} {effects}\n'


def _one(chance: random.Random) -> str:
    return chance.choice(PARTS)


def edits(book: Book, seed: int) -> dict[str, Book]:
    """Return the book after one edit of each kind, by what was done."""
    chance = random.Random(seed)
    rules = book.rules
    place = chance.randrange(len(rules) // 10, len(rules) - 5)
    rule, rest = rules[place], (*rules[:place], *rules[place + 1 :])
    new = 'rule "new" when modality includes CT and site is S77 and age over 80 years route to list_3\n'
    more = "age over 3 years and body_part includes HEAD and"

    def other(text: str) -> Book:
        return evolve(book, rules=(*rules[:place], text, *rules[place + 1 :]))

    return {
        "a rule added": evolve(book, rules=(*rules[:place], new, *rules[place:])),
        "a rule added at the end": evolve(book, rules=(*rules, new)),
        "a rule taken out": evolve(book, rules=rest),
        "a rule moved": evolve(book, rules=(rule, *rest)),
        "a rule renamed": other(rule.replace('rule "r', 'rule "renamed ')),
        "a narrower rule": other(rule.replace("when ", f"when {more} ")),
        "a wider rule": other(re.sub(r" and (procedure_code|body_part) includes \w+", "", rule)),
        "another list": other(re.sub(r"route to \w+", "route to general", rule)),
        "another due": other(re.sub(r"within \d+ hours", "within 300 minutes", rule)),
        "another default": evolve(book, tail=book.tail.replace("20 working days", "25 working days")),
        "another default list": evolve(book, tail=book.tail.replace("route to general", "route to list_1")),
        "a cell of a table": evolve(book, hours=book.hours.replace("MR,24", "MR,30")),
        "a holiday": evolve(book, days=f"{book.days}2027-04-02\n"),
        "an attribute read from elsewhere": evolve(book, head=book.head.replace("ZDS-9", "ZDS-11")),
    }


def measured(rules: int, books: int) -> Iterator[tuple[str, float, int, int]]:
    """Yield each edit with its seconds, and how many changes were told and questions left open."""
    for seed in range(books):
        book = made_up(rules, seed)
        for name, edit in edits(book, seed).items():
            old, new = book.load(), edit.load()
            gc.collect()  # what loading left behind is not the diff's
            start = time.process_time()
            found = diff(old, new)
            yield name, time.process_time() - start, len(found.proved.found), len(found.proved.undecided)


def main(rules: int = 1000, books: int = 5) -> None:
    """Print a line for each kind of edit, then the median and the worst of all: seconds of the processor."""
    rows: dict[str, list[tuple[float, int, int]]] = {}
    for name, seconds, told, left in measured(rules, books):
        rows.setdefault(name, []).append((seconds, told, left))
    for name, each in rows.items():
        times = [seconds for seconds, _, _ in each]
        told, left = sum(one[1] for one in each), sum(one[2] for one in each)
        print(f"{name:34} {median(times):6.2f} s  worst {max(times):6.2f} s  {told} told, {left} undecided")
    times = [seconds for each in rows.values() for seconds, _, _ in each]
    print(f"{len(times)} edits of {rules} rules: median {median(times):.2f} s, worst {max(times):.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
