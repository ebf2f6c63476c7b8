"""Deciding sample studies without storing anything: every path given is accounted for in some row.

Inputs are joined to procedures as a store would join them, whatever their order. There is one row for each procedure,
one for each input that could not be taken, and one for each that names no procedure here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from routing.attributes import ATTRIBUTES, Attributes, Duration, Value
from routing.decision import Decision, Problem
from routing.sources.joining import Register

if TYPE_CHECKING:
    from routing.explain import Explanation
    from routing.rulebook import Rulebook
    from routing.sources.procedure import Conflict, Procedure

Facts = Mapping[str, Mapping[str, Any]]
Track = Callable[..., Iterable[Any]]


@frozen(kw_only=True)
class DryRun:
    """The rows of a dry run (DESIGN section 6), how many inputs there were and how many could not be taken."""

    rows: tuple[dict[str, Any], ...]
    inputs: int
    unread: int


@frozen(kw_only=True)
class Decided:
    """One procedure of a dry run with its sources, what is known of it, and its decision."""

    sources: tuple[str, ...]
    procedure: Procedure | None
    attributes: Attributes = field(repr=False)
    decision: Decision = field(repr=False)
    unread: bool = False


def dry_run(
    rulebook: Rulebook,
    paths: Sequence[str | Path],
    *,
    at: datetime,
    facts: Facts | None = None,
    profile: Path | None = None,
    attributes: bool = False,
    identity: bool = False,
    track: Track | None = None,
) -> DryRun:
    """
    Decide everything under *paths* with *rulebook*, as if it all arrived at *at* (aware).

    Args:
        facts: the host's facts by accession or study UID.
        profile: a file of sender profiles (TOML).
        attributes: add each row's attributes with value, raw text and source; *identity* shows the patient's too.
        track: wraps the iterable of inputs, for a progress bar.

    Raises:
        NaiveMoment: *at* has no time zone.
        RoutingError: the profiles cannot be read. An input never raises: it becomes a row with its reason.
    """
    decided = list(_decide_all(rulebook, paths, at=at, facts=facts, profile=profile, track=track))
    rows = tuple(_row(one, attributes=attributes, identity=identity) for one in decided)
    inputs = len({source for one in decided for source in one.sources})
    return DryRun(rows=rows, inputs=inputs, unread=sum(one.unread for one in decided))


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
    for one in _decide_all(rulebook, paths, at=at, facts=facts, profile=profile):
        explanation = one.decision.explain(other)
        if explanation is not None:
            yield explanation


def _decide_all(
    rulebook: Rulebook,
    paths: Sequence[str | Path],
    *,
    at: datetime,
    facts: Facts | None = None,
    profile: Path | None = None,
    track: Track | None = None,
) -> Iterator[Decided]:
    from routing.sources.profiles import Profiles  # noqa: PLC0415 - only where inputs are read
    from routing.sources.read import read_path  # noqa: PLC0415 - pydicom comes with it

    profiles = Profiles.load(profile) if profile else Profiles.default()
    register, names = Register(rulebook.zone), list[str]()
    doubts: dict[int, list[Problem]] = {}
    refused: dict[int, list[Problem]] = {}
    inputs = (found for path in paths for found in read_path(Path(path), profiles, rulebook.declared))
    for name, reading in track(inputs) if track else inputs:
        place = len(names)
        names.append(name)
        if reading.refused is not None:
            refused[place] = [reading.refused]
            continue
        change = register.told(reading, at, place)
        doubts[place] = [*reading.warnings, *(doubt for news in reading.news for doubt in news.warnings)]
        if change.problems:
            refused[place] = list(change.problems)
    yield from _joined(rulebook, register, names, doubts, at, facts or {})
    seen = {place for _, places in register.procedures() for place in places}
    for place, name in enumerate(names):
        if place in refused or place not in seen:
            problems = refused.get(place) or [_nowhere(name)]
            decision = rulebook.decide_exception(at, tuple(problems))
            yield Decided(
                sources=(name,), procedure=None, attributes=Attributes({}), decision=decision, unread=place in refused
            )


def _joined(
    rulebook: Rulebook,
    register: Register,
    names: Sequence[str],
    doubts: Mapping[int, Sequence[Problem]],
    at: datetime,
    facts: Facts,
) -> Iterator[Decided]:
    for procedure, places in register.procedures():
        sources = tuple(dict.fromkeys(names[place] for place in places))
        attributes = procedure.attributes(rulebook.zone)
        said = {**facts.get(procedure.accession or "", {}), **_by_study(procedure, facts)}
        problems = [doubt for place in places for doubt in doubts.get(place, ())]
        problems += [_conflict(one, names) for one in procedure.conflicts]
        if procedure.is_known:
            decision = rulebook.decide([attributes, said] if said else attributes, at=at, problems=tuple(problems))
        else:
            waits = Problem(
                kind="parked", source=sources[0] if sources else "", message="a report whose study is not here"
            )
            decision = rulebook.decide_exception(at, (waits, *problems))
        yield Decided(sources=sources, procedure=procedure, attributes=attributes, decision=decision)


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
