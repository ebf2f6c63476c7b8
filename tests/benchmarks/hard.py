"""A hard case: 1,000 rules, and the procedures that hurt them most; with what such cases are made of."""


# mypy: disable-error-code="misc"

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from attrs import field, frozen

from routing.attributes import Attributes, Value

COUNT: Final = 1_000
LIMIT: Final = 65_536  # characters of a text that count
ROUTES: Final = ("neuro", "paeds", "body", "general")

HEAD: Final = """
rulebook "Hard"
language 1
timezone Europe/Lisbon when site is LISBON
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
calendar closed from "closed.csv"
workdays are Mon-Fri except closed
times core are Mon-Fri 08:00-18:00 except closed
times short are last Thu of month 13:00-13:05
skills pacs_team
channels board
worklist neuro "Neuro" for everyone
worklist paeds "Paeds" for everyone
worklist body "Body" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour
"""
CLOSED: Final = "date\n2026-04-03\n2026-04-06\n2026-05-04\n2026-05-25\n2026-08-31\n2026-12-25\n2026-12-28\n"


@frozen(kw_only=True)
class Hard:
    """One hard case; `known` are the attributes of the procedure of a turn, a different one each time."""

    name: str
    rules: Sequence[str]
    known: Callable[[int], Mapping[str, Any]]
    more: str = ""
    files: Mapping[str, str] = field(factory=dict)

    @property
    def tables(self) -> Mapping[str, str]:
        """The texts of the files that the rulebook names."""
        return {"closed.csv": CLOSED, **self.files}

    def attributes(self, turn: int) -> Attributes:
        """Return the procedure of a turn."""
        known = {"accession": f"A-{turn}", **self.known(turn)}
        return Attributes({name: Value(value=value, source="hard") for name, value in known.items()})


def rules(when: Callable[[int], str], then: Callable[[int], str] | None = None, count: int = COUNT) -> list[str]:
    """Return so many rules."""
    then = then or (lambda number: f"route to {ROUTES[number % 4]} due within {number % 96 + 1} hours")
    return [f'rule "R{number}" when {when(number)} {then(number)}' for number in range(count)]


def word(number: int) -> str:
    """Return a word of letters, another for each number."""
    return "".join(chr(97 + int(digit)) for digit in f"{number:04d}")


def text(words: Iterable[str], size: int = LIMIT - 1) -> tuple[str, ...]:
    """Return a text of the words, so often and so far as it counts."""
    once = " ".join(words)
    return ((f"{once} " * (size // (len(once) + 1) + 1))[:size],)


_UNITS: Final = ("minutes", "hours", "days", "weeks", "months", "years", "working days")


def length(number: int) -> str:
    """Return a length of time of every unit in turn, none twice."""
    unit = _UNITS[number % 7]
    return f"{number // 7 + 1 if unit == 'years' else number + 1} {unit}"


def _none(_: int) -> Mapping[str, Any]:
    return {}


WORDS: Final = [word(number) for number in range(COUNT)]
NIGHT: Final = datetime(2026, 3, 8, 3, 10, tzinfo=UTC)
ALL_KNOWN: Final[Mapping[str, Any]] = {
    "modality": ("CT",), "body_part": ("HEAD",), "description": ("CT head",), "birth_date": date(1970, 1, 1),
    "patient_class": "emergency", "site": "LISBON", "procedure_code": ("P1",), "referrer": "r1",
}  # fmt: skip


def _varied(name: str, *more: Any) -> Callable[[int], Mapping[str, Any]]:
    return lambda turn: {name: (*more, f"x{turn}")}
