"""Patients in HL7: who (PID-3), what is known of them (PID), where they are (PV1), and ADT and SIU as news.

A merge (A40 and its kin) names the survivor in PID and who gives way in MRG. A link (A24) only adds a name for the same
person; A37 takes that back. Cancelled and pending events say a class and place that are no more, or not yet: those say
nothing of where the patient is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from attrs import evolve

from routing.attributes import Attributes, Missing, Value
from routing.decision import Problem
from routing.sources.er7 import Segment, part
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_groups import Context, PatientPart
from routing.sources.hl7_tables import hl7_table
from routing.sources.hl7_values import Values, birth_date, components, nothing, patient_name, person, place, plain, told
from routing.sources.news import Merge, News, NewsKind, Patient
from routing.sources.profiles import Profile
from routing.vocabulary import patient_class, sex

_NOBODY: Final = Patient()
_ENDS: Final = 2  # of a link
_CANCELLED_APPOINTMENTS: Final = frozenset({"S15", "S16", "S17", "S22", "S26"})


def patient_of(segment: Segment | None, context: Context, field: int = 3) -> tuple[Patient, Value | None]:
    """Return the patient that a PID (or MRG, *field* 1) names, and the number with its provenance.

    Of several numbers, that of the profile's authority, else the first. A number that is empty or null is none. A PID
    without any falls back to PID-2, where old senders have it.
    """
    if segment is None:
        return _NOBODY, None
    syntax = segment.syntax
    source = f"{segment.id}-{field}"
    pairs = _pairs(segment, field, syntax)
    if not pairs and segment.id == "PID":
        source = "PID-2"
        pairs = _pairs(segment, 2, syntax)
    if not pairs:
        return _NOBODY, None
    wanted = context.profile.patient_authority
    chosen = next((pair for pair in pairs if wanted and pair[1] and pair[1].upper() == wanted.upper()), pairs[0])
    others = tuple(pair for pair in pairs if pair != chosen) if len(pairs) > 1 else ()
    return Patient(number=chosen[0], issuer=chosen[1], others=others), Value(
        value=chosen[0], source=source, raw=chosen[0]
    )


def _pairs(segment: Segment, field: int, syntax: Syntax) -> list[tuple[str, str | None]]:
    raw = segment.raw(field)
    if not raw or raw == NULL:
        return []
    pairs = []
    for one in raw.split(syntax.repetition) if syntax.repetition in raw else (raw,):
        number, _, _, issuer = components(one, syntax, 4)
        if number:
            pairs.append((number, issuer or part(one, syntax, 4, 2) or None))
    return pairs


def demographics(pid: Segment | None, patient: Patient, number: Value | None, values: Values) -> Problem | None:
    """Add who the patient is to *values*; return the doubt about the date of birth, if there is one."""
    if pid is None:
        return None
    if number is not None:
        values["patient_id"] = number
        if patient.issuer:
            values["patient_id_issuer"] = _issuer(f"{number.source}.4", patient.issuer)
    _name(pid, values)
    doubt = _birth(pid, values)
    _coded(pid, 8, "sex", _sex, values)
    return doubt


@lru_cache(maxsize=1024)
def _issuer(source: str, issuer: str) -> Value:
    return Value(value=issuer, source=source, raw=issuer)


def _coded(
    segment: Segment, field: int, name: str, read: Callable[[str, Syntax], Value | None], values: Values
) -> None:
    """Add what *read* makes of a field's first repetition, or its explicit null, to *values* under *name*."""
    raw = segment.raw(field)
    if not raw:
        return
    value = nothing(f"{segment.id}-{field}") if raw == NULL else read(segment.first(field), segment.syntax)
    if value is not None:
        values[name] = value


@lru_cache(maxsize=256)
def _sex(raw: str, syntax: Syntax) -> Value | None:
    word = part(raw, syntax, 1)
    return told(sex(word), "PID-8", word) if word else None


def _name(pid: Segment, values: Values) -> None:
    raw = pid.raw(5)
    if not raw:
        return
    if raw == NULL:
        values["patient_name"] = nothing("PID-5")
        return
    syntax = pid.syntax
    name = patient_name(raw.partition(syntax.repetition)[0], syntax)
    if name:
        values["patient_name"] = Value(value=(name,), source="PID-5", raw=name)


def _birth(pid: Segment, values: Values) -> Problem | None:
    raw = pid.raw(7)
    if not raw:
        return None
    if raw == NULL:
        values["birth_date"] = nothing("PID-7")
        return None
    text = pid.text(7)
    if not text:
        return None
    day, is_doubt = birth_date(text)
    missing = None if day else Missing.MALFORMED
    values["birth_date"] = Value(value=day, source="PID-7", raw=text, missing=missing)
    return Problem(kind="birth_date", source="PID-7", message="this is no date of birth") if is_doubt else None


def visit(pv1: Segment | None, context: Context, values: Values) -> None:
    """Add where the patient is and in which class to *values*."""
    if pv1 is None:
        return
    profile = context.profile
    _coded(pv1, 2, "patient_class", lambda raw, syntax: _patient_class(raw, syntax, profile), values)
    _coded(pv1, 3, "location", _location, values)
    _coded(pv1, 10, "department", lambda raw, syntax: plain("PV1-10", raw, syntax), values)


@lru_cache(maxsize=1024)
def _patient_class(raw: str, syntax: Syntax, profile: Profile) -> Value | None:
    word = part(raw, syntax, 1)
    return told(profile.patient_classes.get(word.upper()) or patient_class(word), "PV1-2", word) if word else None


@lru_cache(maxsize=4096)
def _location(raw: str, syntax: Syntax) -> Value | None:
    """Return where the patient is; a null point of care is a null place."""
    if raw.partition(syntax.component)[0] == NULL:
        return nothing("PV1-3")
    where = place(raw, syntax)
    return Value(value=where, source="PV1-3", raw=where) if where else None


def referrer(segments: tuple[tuple[Segment | None, int], ...], context: Context, values: Values) -> None:
    """Add who asked to *values*: the first of the fields that names somebody; a placeholder is nobody."""
    empty: str | None = None
    for segment, field in segments:
        raw = segment.raw(field) if segment is not None else None
        if not raw or segment is None:
            continue
        source = f"{segment.id}-{field}"
        if raw == NULL:
            empty = empty or source
            continue
        said, specialty = _referrer(source, segment.first(field), segment.syntax, context.profile)
        if said is None:
            continue
        values["referrer"] = said
        if specialty is not None:
            values["referrer_specialty"] = specialty
        return
    if empty:
        values["referrer"] = nothing(empty)


@lru_cache(maxsize=4096)
def _referrer(source: str, raw: str, syntax: Syntax, profile: Profile) -> tuple[Value | None, Value | None]:
    """Return who asked, None for nobody or a placeholder of the profile, and their specialty by the profile's table."""
    name, number = person(raw, syntax)
    placeholders = profile.referrer_placeholders
    if not (name or number) or name.upper() in placeholders or number.upper() in placeholders:
        return None, None
    said = Value(value=name or number, source=source, raw=name or number)
    known = profile.referrer_specialties
    specialty = known.get(number.upper()) or known.get(name.upper())
    return said, Value(value=specialty, source=source, raw=number or name) if specialty else None


def patient_news(
    parts: list[PatientPart], event: str, context: Context, said: datetime | None
) -> tuple[News, ...] | Problem:
    """Return what an ADT says, one piece of news for each patient or merge; or why nothing of it may be applied."""
    doing = hl7_table("hl7_events").get(event)
    if doing is None:
        return Problem(kind="message_type", source="MSH-9", message=f"the event ADT^{event} is not handled")
    if doing in {"merge", "account"}:
        merges = list(_merges(parts, event, context, said))
        wrong = next((one for one in merges if isinstance(one, Problem)), None)
        if wrong is not None and not (doing == "account" and not merges[1:]):
            return wrong
        if wrong is None:
            return tuple(one for one in merges if isinstance(one, News))
        doing = "person"
    if doing in {"link", "unlink"}:
        return _linked(parts, event, context, said)
    news = tuple(
        one for one in (_person(part, event, context, said, with_visit=doing == "visit") for part in parts) if one
    )
    return news or Problem(kind="no_patient", source="PID-3", message="no patient number: nobody is meant")


def appointment_news(parts: list[PatientPart], event: str, context: Context, said: datetime | None) -> tuple[News, ...]:
    """Return what an SIU says of its patients; one with no patient says nothing. A cancelled one moves nobody."""
    with_visit = event not in _CANCELLED_APPOINTMENTS
    news = (_person(part, event, context, said, with_visit=with_visit) for part in parts)
    return tuple(one for one in news if one)


def _person(part: PatientPart, event: str, context: Context, said: datetime | None, *, with_visit: bool) -> News | None:
    patient, number = patient_of(part.pid, context)
    if patient.number is None:
        return None
    values: Values = {}
    doubt = demographics(part.pid, patient, number, values)
    if with_visit:
        visit(part.pv1, context, values)
    referrer(((part.pv1, 8),), context, values)
    return News(
        kind=NewsKind.PATIENT,
        patient=patient,
        attributes=Attributes(values),
        said_at=said,
        event=event,
        warnings=(doubt,) if doubt else (),
    )


def _merges(parts: list[PatientPart], event: str, context: Context, said: datetime | None) -> Iterator[News | Problem]:
    """Yield a merge for each MRG; a Problem where one side is missing or both are the same."""
    for one in parts:
        survivor, number = patient_of(one.pid, context)
        values: Values = {}
        doubt = demographics(one.pid, survivor, number, values)
        sides: list[Segment | None] = [*one.mrg] or [None]
        for mrg in sides:
            gone, _ = patient_of(mrg, context, 1)
            gone = _of_same_authority(gone, survivor)
            if survivor.number is None or gone.number is None:
                field = "PID-3" if survivor.number is None else "MRG-1"
                yield Problem(kind="merge_conflict", source=field, message="a merge needs two numbers; one is missing")
            elif _same(survivor, gone):
                yield Problem(kind="merge_conflict", source="MRG-1", message="a patient cannot be merged into itself")
            else:
                yield News(
                    kind=NewsKind.MERGE,
                    patient=survivor,
                    attributes=Attributes(values),
                    said_at=said,
                    merge=Merge(survivor=survivor, gone=gone),
                    event=event,
                    warnings=(doubt,) if doubt else (),
                )


def _of_same_authority(gone: Patient, survivor: Patient) -> Patient:
    """Return who gives way by the number of the survivor's authority, where MRG-1 lists one."""
    if gone.issuer == survivor.issuer:
        return gone
    for pair in gone.others:
        if pair[1] is not None and pair[1] == survivor.issuer:
            first = (gone.number or "", gone.issuer)
            rest = (first, *(other for other in gone.others if other != pair))
            return Patient(number=pair[0], issuer=pair[1], others=rest)
    return gone


def _same(one: Patient, other: Patient) -> bool:
    return one.number == other.number and (one.issuer == other.issuer or None in {one.issuer, other.issuer})


def _linked(
    parts: list[PatientPart], event: str, context: Context, said: datetime | None
) -> tuple[News, ...] | Problem:
    """Return a link as one person with the other's numbers as further ones; an unlink as that merge taken back."""
    found = [(one, *patient_of(one.pid, context)) for one in parts]
    people = [(one, patient, number) for one, patient, number in found if patient.number is not None]
    if len(people) < _ENDS or _same(people[0][1], people[1][1]):
        return Problem(kind="merge_conflict", source="PID-3", message="a link needs two different patients")
    first, second = people[0][1], people[1][1]
    if event == "A37":
        merge = Merge(survivor=first, gone=second, undone=True)
        return (News(kind=NewsKind.MERGE, patient=first, said_at=said, merge=merge, event=event),)
    values: Values = {}
    doubt = demographics(people[0][0].pid, first, people[0][2], values)
    alias = (second.number or "", second.issuer)
    linked = evolve(first, others=tuple(dict.fromkeys((*first.others, alias, *second.others))))
    return (
        News(
            kind=NewsKind.PATIENT,
            patient=linked,
            attributes=Attributes(values),
            said_at=said,
            event=event,
            warnings=(doubt,) if doubt else (),
        ),
    )
