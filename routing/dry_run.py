"""Deciding sample studies without storing anything: every path given is accounted for in some row.

Inputs are joined to procedures as a store would join them, whatever their order. There is one row for each procedure,
one for each input that could not be taken, and one for each that names no procedure here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from routing.attributes import ATTRIBUTES, Attributes, Duration, Value
from routing.decision import Decision, Problem
from routing.spread import spread

if TYPE_CHECKING:
    from routing.explain import Explanation
    from routing.program import Known
    from routing.rulebook import Rulebook
    from routing.sources.joining import Register
    from routing.sources.news import Reading
    from routing.sources.procedure import Conflict, Procedure
    from routing.sources.profiles import Profiles
    from routing.sources.read import Found

Facts = Mapping[str, Mapping[str, Any]]
Track = Callable[..., Iterable[Any]]


class DryRun:
    """The rows of a dry run (DESIGN section 6), made as they are asked for, once.

    `inputs` counts the inputs and `unread` those that could not be taken, among the rows so far.
    """

    def __init__(self, decided: Iterator[Decided], *, attributes: bool, identity: bool) -> None:
        self._decided, self._attributes, self._identity = decided, attributes, identity
        self._sources: set[int] = set()
        self.unread = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for one in self._decided:
            self._sources.update(map(hash, one.sources))
            self.unread += one.unread
            yield _row(one, attributes=self._attributes, identity=self._identity)

    @property
    def inputs(self) -> int:
        """How many inputs there were."""
        return len(self._sources)

    @cached_property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """All rows at once."""
        return tuple(self)


@frozen(kw_only=True)
class Decided:
    """One procedure of a dry run with its sources, what is known of it, and its decision."""

    sources: tuple[str, ...]
    procedure: Procedure | None
    attributes: Attributes = field(repr=False)
    decision: Decision = field(repr=False)
    unread: bool = False


def dry_run(  # noqa: PLR0913 - each is an option of the command
    rulebook: Rulebook,
    paths: Sequence[str | Path],
    *,
    at: datetime,
    facts: Facts | None = None,
    profile: Path | None = None,
    attributes: bool = False,
    identity: bool = False,
    track: Track | None = None,
    jobs: int = 1,
) -> DryRun:
    """
    Decide everything under *paths* with *rulebook*, as if it all arrived at *at* (aware).

    Args:
        facts: the host's facts by accession or study UID.
        profile: a file of sender profiles (TOML).
        attributes: add each row's attributes with value, raw text and source; *identity* shows the patient's too.
        track: wraps the iterable of inputs, for a progress bar.
        jobs: processes that read at the same time.

    Raises:
        NaiveMoment: *at* has no time zone.
        RoutingError: the profiles cannot be read. An input never raises: it becomes a row with its reason.
    """
    decided = decide_all(rulebook, paths, at=at, facts=facts, profile=profile, track=track, jobs=jobs)
    return DryRun(decided, attributes=attributes, identity=identity)


def explain_all(
    rulebook: Rulebook,
    paths: Sequence[str | Path],
    *,
    at: datetime,
    facts: Facts | None = None,
    profile: Path | None = None,
    other: str | None = None,
) -> Iterator[Explanation]:
    """Yield why each procedure under *paths* is decided as it is; with *other*, why not that rule or worklist."""
    for one in decide_all(rulebook, paths, at=at, facts=facts, profile=profile):
        explanation = one.decision.explain(other)
        if explanation is not None:
            yield explanation


def decide_all(
    rulebook: Rulebook,
    paths: Sequence[str | Path],
    *,
    at: datetime,
    facts: Facts | None = None,
    profile: Path | None = None,
    track: Track | None = None,
    jobs: int = 1,
) -> Iterator[Decided]:
    """Yield everything under *paths* decided, in the order in which it was met; memory does not grow with it."""
    from routing.sources.profiles import Profiles  # noqa: PLC0415 - only where inputs are read
    from routing.sources.read import files_under  # noqa: PLC0415 - as above
    from routing.sources.spill import SpillingRegister  # noqa: PLC0415 - as above

    profiles = Profiles.load(profile) if profile else Profiles.default()
    register, inputs = SpillingRegister(rulebook.zone), _Inputs()
    found = (one for path in paths for one in files_under(Path(path)))
    try:
        readings = spread(Reader(profiles=profiles, declared=rulebook.declared), found, jobs)
        read = (one for several in readings for one in several)
        for name, reading in track(read) if track else read:
            inputs.take_in(name, reading, register, at)
        seen: set[int] = set()
        for procedure, places in register.procedures():
            seen.update(places)
            yield _decided(rulebook, procedure, places, inputs, at, facts or {})
        yield from inputs.left_over(rulebook, seen, at)
    finally:
        register.close()


@frozen
class Reader:
    """Reads one file that was found; may travel to another process."""

    profiles: Profiles
    declared: Mapping[str, Known]

    def __call__(self, found: Found) -> list[tuple[str, Reading]]:
        """Return the file's readings, without the bytes that only a store keeps."""
        from routing.sources.read import read_found  # noqa: PLC0415 - pydicom comes with it

        return [(name, evolve(one, raw=b"")) for name, one in read_found(found, self.profiles, self.declared)]


@define
class _Inputs:
    """The names of all inputs by place, and what is doubtful or wrong with some of them."""

    names: list[str] = field(factory=list)
    doubts: dict[int, tuple[Problem, ...]] = field(factory=dict)
    refused: dict[int, tuple[Problem, ...]] = field(factory=dict)

    def take_in(self, name: str, reading: Reading, register: Register, at: datetime) -> None:
        """Join one input to the procedures met so far."""
        place = len(self.names)
        self.names.append(name)
        if reading.refused is not None:
            self.refused[place] = (reading.refused,)
            return
        change = register.told(reading, at, place)
        doubts = (*reading.warnings, *(doubt for news in reading.news for doubt in news.warnings))
        if doubts:
            self.doubts[place] = doubts
        if change.problems:
            self.refused[place] = change.problems

    def left_over(self, rulebook: Rulebook, seen: AbstractSet[int], at: datetime) -> Iterator[Decided]:
        """Yield the inputs that could not be taken, or that no procedure goes by."""
        for place, name in enumerate(self.names):
            if place in self.refused or place not in seen:
                problems = self.refused.get(place) or (_nowhere(name),)
                yield Decided(
                    sources=(name,),
                    procedure=None,
                    attributes=Attributes({}),
                    decision=rulebook.decide_exception(at, problems),
                    unread=place in self.refused,
                )


def _decided(
    rulebook: Rulebook, procedure: Procedure, places: Sequence[int], inputs: _Inputs, at: datetime, facts: Facts
) -> Decided:
    names = inputs.names
    sources = tuple(dict.fromkeys(names[place] for place in places))
    attributes = procedure.attributes(rulebook.zone)
    said = {**facts.get(procedure.accession or "", {}), **_by_study(procedure, facts)}
    problems = [doubt for place in places for doubt in inputs.doubts.get(place, ())]
    problems += [_conflict(one, names) for one in procedure.conflicts]
    if procedure.is_known:
        decision = rulebook.decide([attributes, said] if said else attributes, at=at, problems=tuple(problems))
    else:
        waits = Problem(kind="parked", source=sources[0] if sources else "", message="a report whose study is not here")
        decision = rulebook.decide_exception(at, (waits, *problems))
    return Decided(sources=sources, procedure=procedure, attributes=attributes, decision=decision)


def _conflict(conflict: Conflict, names: Sequence[str]) -> Problem:
    source = names[int(conflict.source)] if conflict.source.isdigit() else conflict.source
    return Problem(
        kind=conflict.reason, source=source, message="two inputs contradict each other: a person has to look"
    )


def _by_study(procedure: Procedure, facts: Facts) -> dict[str, Any]:
    return {name: value for uid in procedure.study_uids for name, value in facts.get(uid, {}).items()}


def _nowhere(name: str) -> Problem:
    return Problem(kind="no_procedure", source=name, message="says nothing of a procedure that is here")


def _row(one: Decided, *, attributes: bool, identity: bool) -> dict[str, Any]:
    procedure = one.procedure
    row: dict[str, Any] = {
        "source": list(one.sources),
        "accession": procedure.accession if procedure else None,
        "accession_issuer": procedure.accession_issuer if procedure else None,
        "study_uid": list(procedure.study_uids) if procedure else [],
        **one.decision.as_dict(),
    }
    if attributes:
        row["attributes"] = shown(one.attributes, identity=identity)
    return row


def shown(attributes: Attributes, *, identity: bool = False) -> dict[str, dict[str, Any]]:
    """Return attributes for printing: value, raw text and source of each; those that tell who it is only on request.

    Keys of the procedure itself (accession, issuer, study UID) are always shown.
    """
    kept = {"accession", "accession_issuer", "study_uid"}
    hidden = set() if identity else {name for name, one in ATTRIBUTES.items() if one.identity} - kept
    return {name: _value(said) for name, said in attributes.items() if name not in hidden}


def _value(said: Value) -> dict[str, Any]:
    return {
        "value": plain(said.value),
        "raw": said.raw,
        "source": said.source,
        "missing": said.missing.value if said.missing else None,
    }


def plain(value: Any) -> Any:
    """Return an attribute's value as JSON has it: instants, dates and durations in ISO 8601, sets as lists."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Duration):
        return str(value)
    return value
