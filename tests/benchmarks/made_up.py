"""Made-up departments for comparisons: the same rules in every engine's own language, and subjects to decide.

A rule asks two to five of nine things; the first that holds names the list, its priority and its due in hours. The
engines get values as they like them best: texts in lower case, ages in years, hours as whether it is core time.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import frozen

from routing.attributes import Attributes, Value

LONDON: Final = ZoneInfo("Europe/London")
AT: Final = datetime(2026, 4, 1, 12, tzinfo=UTC)
MODALITIES = ("CT", "MR", "US", "DX", "NM", "MG", "XA", "PT")
PARTS = ("HEAD", "CHEST", "ABDOMEN", "KNEE", "SPINE", "NECK", "PELVIS", "HAND")
WORDS = [
    "head",
    "neck",
    "angiogram",
    "stroke",
    "chest",
    "embolus",
    "fracture",
    "spine",
    "renal",
    "liver",
    "knee",
    "contrast",
    "trauma",
    "stone",
    "biopsy",
    "screening",
]
SITES = ("CITY", "RIVERSIDE", "EDINBURGH", "LISBON")
CLASSES = ("emergency", "inpatient", "outpatient")
LISTS = ("neuro", "paeds", "body", "chest", "msk", "breast", "on_call", "general")
PRIORITIES = ("stat", "urgent", "soon", "routine")
HOURS = (1, 4, 24, 72)


@frozen(kw_only=True)
class Ask:
    """One thing that a rule asks: about what, and the value."""

    about: str
    value: Any


@frozen(kw_only=True)
class Made:
    """One made-up rule."""

    name: str
    asks: tuple[Ask, ...]
    worklist: str
    priority: str
    hours: int


def rules(count: int, seed: int = 1) -> list[Made]:
    """Return so many rules, the most particular first, as people write them where the first that holds wins."""
    rand = random.Random(seed)
    made = [_rule(number, rand) for number in range(count)]
    return sorted(made, key=lambda rule: -len(rule.asks))


def _rule(number: int, rand: random.Random) -> Made:
    every = (
        Ask(about="modality", value=rand.choice(MODALITIES)),
        Ask(about="body_part", value=tuple(rand.sample(PARTS, 2))),
        Ask(about="description", value=rand.choice(WORDS)),
        rand.choice(
            (
                Ask(about="under", value=rand.choice((1, 2, 5, 10, 16, 18))),
                Ask(about="over", value=rand.choice((60, 65, 70, 75, 80))),
            )
        ),
        Ask(about="patient_class", value=rand.choice(CLASSES)),
        Ask(about="site", value=rand.choice(SITES)),
        Ask(about="core", value=rand.choice((True, False))),
        Ask(about="procedure_code", value=f"P{rand.randrange(400)}"),
        Ask(about="referrer_specialty", value=f"S{rand.randrange(30)}"),
    )
    return Made(
        name=f"Rule {number}",
        asks=tuple(rand.sample(every, rand.choice((2, 3, 4, 5)))),
        worklist=rand.choice(LISTS),
        priority=rand.choice(PRIORITIES),
        hours=rand.choice(HOURS),
    )


_OURS: Final = {
    "modality": "modality includes {}",
    "body_part": "body_part includes any of {0[0]}, {0[1]}",
    "description": 'description mentions "{}"',
    "under": "age under {} years",
    "over": "age at least {} years",
    "patient_class": "patient_class is {}",
    "site": "site is {}",
    "procedure_code": "procedure_code includes {}",
    "referrer_specialty": "referrer_specialty is {}",
}


def as_rulebook(made: list[Made]) -> str:
    """Return the rules in our own language, six lines each."""
    head = [
        'rulebook "Made up"',
        "language 1",
        "timezone Europe/London",
        "clock exam_end, else arrival",
        f"priorities {', '.join(PRIORITIES)}",
        "times core are Mon-Fri 08:00-18:00",
        f"values site are {', '.join(SITES)}",
        "skills pacs_team",
        *(f'worklist {name} "{name.title()}" for everyone' for name in LISTS),
        'worklist attention "Needs a human" for readers with pacs_team',
        "exceptions route to attention priority urgent due within 1 hour",
    ]
    return "\n".join([*head, *map(_ours, made), "otherwise route to general priority routine due within 96 hours\n"])


def _ours(rule: Made) -> str:
    asks = [
        ("during core" if ask.value else "outside core") if ask.about == "core" else _OURS[ask.about].format(ask.value)
        for ask in rule.asks
    ]
    return (
        f'\nrule "{rule.name}"\n  when {asks[0]}\n    and {" and ".join(asks[1:])}\n  route to {rule.worklist}\n'
        f"  priority {rule.priority}\n  due within {rule.hours} hours"
    )


def subjects(count: int, seed: int = 2) -> list[dict[str, Any]]:
    """Return what is known of so many procedures, as plain values."""
    rand = random.Random(seed)
    return [_subject(number, rand) for number in range(count)]


def _subject(number: int, rand: random.Random) -> dict[str, Any]:
    return {
        "accession": f"A-{number}",
        "modality": (rand.choice(MODALITIES),),
        "body_part": (rand.choice(PARTS),),
        "description": (" ".join(rand.choices((*WORDS, "with", "and", "of", "left"), k=5)).upper(),),
        "birth_date": date(rand.randrange(1930, 2026), rand.randrange(1, 13), rand.randrange(1, 28)),
        "patient_class": rand.choice(CLASSES),
        "site": rand.choice(SITES),
        "procedure_code": (f"P{rand.randrange(400)}",),
        "referrer_specialty": f"S{rand.randrange(30)}",
        "exam_end": datetime(2026, 3, rand.randrange(1, 28), rand.randrange(24), rand.randrange(60), tzinfo=UTC),
    }


def as_attributes(known: dict[str, Any]) -> Attributes:
    """Return a subject as our own engine takes it."""
    return Attributes({name: Value(value=value, source="made up") for name, value in known.items()})


def as_plain(known: dict[str, Any]) -> dict[str, Any]:
    """Return a subject as the other engines take it best: their users have worked the age and the hours out."""
    wall = known["exam_end"].astimezone(LONDON)
    born, day = known["birth_date"], wall.date()
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return {
        "modality": known["modality"][0],
        "body_part": known["body_part"][0],
        "description": f" {known['description'][0].lower()} ",
        "age": age,
        "patient_class": known["patient_class"],
        "site": known["site"],
        "core": wall.weekday() < 5 and 8 <= wall.hour < 18,
        "procedure_code": known["procedure_code"][0],
        "referrer_specialty": known["referrer_specialty"],
    }
