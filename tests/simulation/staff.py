"""The staff of a simulated department: who reads what, when they are here, and who comes and goes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from attrs import define

# Each skill with how much of the reading needs it: a department plans its people so.
DEMAND: Final = {
    "chest": 16,
    "msk": 12,
    "neuro": 12,
    "body": 14,
    "paediatric": 8,
    "gi": 6,
    "uro": 3,
    "breast": 5,
    "emergency": 6,
    "on_call": 6,
    "vascular": 2,
    "cardiology": 2,
    "nuclear": 2,
    "obstetric": 2,
    "interventional": 2,
    "paediatric_neuro": 3,
    "breast_arbiter": 2,
    "dental": 1,
    "ophthalmology": 1,
    "pathology": 1,
}
NIGHT: Final = ("on_call", "emergency", "paediatric", "neuro", "body", "chest", "paediatric_neuro")


@define
class Person:
    """One who reads, with the hours of a day between which they are here; `nights` work from 20:00 to 08:00."""

    name: str
    skills: tuple[str, ...]
    nights: bool
    since: datetime
    until: datetime | None = None

    def here(self, now: datetime) -> bool:
        """Return whether they are at work."""
        if now < self.since or (self.until is not None and now >= self.until):
            return False
        if self.nights:
            return now.hour >= 20 or now.hour < 8
        return now.weekday() < 5 and 8 <= now.hour < 18

    def next_shift(self, now: datetime) -> datetime | None:
        """Return when they are next at work; None when they have left."""
        at = now
        for _ in range(24 * 8):
            at = (at + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
            if self.until is not None and at >= self.until:
                return None
            if self.here(at):
                return at
        return None


class Staff:
    """Everybody who ever worked here."""

    def __init__(self, size: int, begin: datetime, chance: random.Random) -> None:
        self.chance = chance
        self.people: dict[str, Person] = {}
        for number in range(size):
            self.hire(begin, nights=number % 7 == 0, sure=[list(DEMAND)[number % len(DEMAND)]])
        self.people["pacs"] = Person(name="pacs", skills=("pacs_team",), nights=False, since=begin)
        self.people["pacs_by_night"] = Person(name="pacs_by_night", skills=("pacs_team",), nights=True, since=begin)

    def hire(self, now: datetime, *, nights: bool, sure: Iterable[str]) -> Person:
        """Return somebody new, with the skills that are sure and some that the department needs."""
        more = self.chance.choices(list(DEMAND), list(DEMAND.values()), k=5)
        skills = tuple(dict.fromkeys((*sure, *(NIGHT if nights else ()), *more)))
        person = Person(name=f"reader{len(self.people) + 1:03d}", skills=skills, nights=nights, since=now)
        self.people[person.name] = person
        return person

    def leave(self, now: datetime) -> Person:
        """Return one who leaves, after somebody with the same skills was hired."""
        stays = [one for one in self.people.values() if one.until is None and "pacs_team" not in one.skills]
        leaver = self.chance.choice(stays)
        leaver.until = now
        return self.hire(now, nights=leaver.nights, sure=leaver.skills)

    def skills(self, name: str) -> tuple[str, ...] | None:
        """Return the skills of somebody, as a host's directory does."""
        person = self.people.get(name)
        return person.skills if person else None
