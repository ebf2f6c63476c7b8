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

from routing.attributes import Attributes, Missing, Said
from routing.decision import Problem
from routing.sources.er7_segments import fields_of, first_of, part, text_of
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_groups import Context, PatientPart
from routing.sources.hl7_tables import hl7_table
from routing.sources.hl7_values import Values, birth_date, components, nothing, patient_name, person, place, plain, told
from routing.sources.news import Merge, News, NewsKind, Patient, patient_of_parts
from routing.sources.profiles import Profile
from routing.vocabulary import Vocabulary

_NOBODY: Final = Patient()
_ENDS: Final = 2  # of a link
_USUAL_SITE: Final = ("PV1-3.4",)
_CANCELLED_APPOINTMENTS: Final = frozenset({"S15", "S16", "S17", "S22", "S26"})


def patient_fields(line: str, syntax: Syntax) -> list[str]:
    """Return the raw fields of a PID as far as they are read, all of them empty where *line* is."""
    return fields_of(line, syntax.field, 8)


def patient_of(pid: list[str], syntax: Syntax, profile: Profile, values: Values) -> Patient:
    """Return the patient that the fields of a PID name; the number and its issuer go to *values*.

    Of several numbers, that of the profile's authority, else the first. A number that is empty or null is none. A PID
    without any falls back to PID-2, where old senders have it.
    """
    source = "PID-3"
    pairs = _pairs(pid[3], syntax)
    if not pairs:
        source = "PID-2"
        pairs = _pairs(pid[2], syntax)
        if not pairs:
            return _NOBODY
    patient = _named(pairs, profile)
    number, issuer = patient.number, patient.issuer
    values["patient_id"] = (number, source, number, None)
    if issuer:
        values["patient_id_issuer"] = (issuer, f"{source}.4", issuer, None)
    return patient


def _named(pairs: list[tuple[str, str | None]], profile: Profile) -> Patient:
    """Return who has these numbers and issuers, at least one: the first names them, or that of the authority."""
    chosen, others = pairs[0], pairs[1:]
    if others:
        if profile.patient_authority:
            wanted = profile.patient_authority.upper()
            chosen = next((pair for pair in pairs if pair[1] and pair[1].upper() == wanted), chosen)
        if chosen in others:
            others = [pair for pair in pairs if pair != chosen]
    number, issuer = chosen
    return patient_of_parts(number, issuer, tuple(others))


def _pairs(raw: str, syntax: Syntax) -> list[tuple[str, str | None]]:
    if not raw or raw == NULL:
        return []
    pairs: list[tuple[str, str | None]] = []
    divides = syntax.component
    is_plain = not (syntax.escape in raw or syntax.subcomponent in raw or '"' in raw or " " in raw)
    for one in raw.split(syntax.repetition):
        if is_plain:
            parts = one.split(divides, 4)
            if parts[0]:
                pairs.append((parts[0], (parts[3] or None) if len(parts) > 3 else None))  # noqa: PLR2004 - CX.4
            continue
        number, _, _, issuer = components(one, syntax, 4)
        if number:
            pairs.append((number, issuer or part(one, syntax, 4, 2) or None))
    return pairs


def demographics(pid: list[str], syntax: Syntax, values: Values, words: Vocabulary) -> Problem | None:
    """Add what is known of the patient to *values*; return the doubt about the date of birth, if there is one."""
    raw = pid[5]
    if raw == NULL:
        values["patient_name"] = nothing("PID-5")
    elif raw and (name := patient_name(raw.partition(syntax.repetition)[0], syntax)):
        values["patient_name"] = ((name,), "PID-5", name, None)
    doubt = _birth(pid[7], syntax, values)
    raw = pid[8]
    if raw and (said := _sex(raw, syntax, words)):
        values["sex"] = said
    return doubt


def _birth(raw: str, syntax: Syntax, values: Values) -> Problem | None:
    text = raw
    if not raw.isdigit():
        if raw == NULL:
            values["birth_date"] = nothing("PID-7")
            return None
        text = text_of(raw, syntax)
        if not text:
            return None
    day, is_doubt = birth_date(text)
    values["birth_date"] = (day, "PID-7", text, None if day else Missing.MALFORMED)
    return Problem(kind="birth_date", source="PID-7", message="this is no date of birth") if is_doubt else None


@lru_cache(maxsize=256)
def _sex(raw: str, syntax: Syntax, words: Vocabulary) -> Said | None:
    return _coded(raw, syntax, "PID-8", words.sex)


def _coded(raw: str, syntax: Syntax, source: str, meaning: Callable[[str], str | None]) -> Said | None:
    """Return what a field's first repetition means, or its explicit null; None when it is empty."""
    if raw == NULL:
        return nothing(source)
    word = part(raw.partition(syntax.repetition)[0], syntax, 1)
    return told(meaning(word), source, word) if word else None


@lru_cache(maxsize=4096)
def visit(
    raw_class: str, raw_place: str, raw_department: str, syntax: Syntax, profile: Profile
) -> tuple[Values, Said | None]:
    """Return in which class the patient is and where, by the raw PV1-2, 3 and 10, and the site.

    There is a site where the profile looks for it in PV1-3.4 before all else, and it is there.
    """
    values: Values = {}
    own, words = profile.patient_classes, profile.vocabulary
    said = _coded(raw_class, syntax, "PV1-2", lambda word: own.get(word.upper()) or words.patient_class(word))
    if said is not None:
        values["patient_class"] = said
    if raw_place == NULL or raw_place.partition(syntax.component)[0] == NULL:  # a null point of care is a null place
        values["location"] = nothing("PV1-3")
    elif where := place(raw_place.partition(syntax.repetition)[0], syntax):
        values["location"] = (where, "PV1-3", where, None)
    if raw_department == NULL:
        values["department"] = nothing("PV1-10")
    elif said := plain("PV1-10", raw_department.partition(syntax.repetition)[0], syntax):
        values["department"] = said
    is_site_here = profile.site_from[:1] == _USUAL_SITE and not profile.site
    site = plain("PV1-3.4", first_of(raw_place, syntax), syntax, 4) if is_site_here else None
    return values, site


def referrer(sources: tuple[str, ...], fields: tuple[str, ...], context: Context, values: Values) -> None:
    """Add who asked to *values*: the first of the raw fields that names somebody; a placeholder is nobody.

    *sources* are the names of the fields.
    """
    empty: str | None = None
    syntax = context.message.syntax
    for source, raw in zip(sources, fields, strict=True):
        if not raw:
            continue
        if raw == NULL:
            empty = empty or source
            continue
        said, specialty = _referrer(source, raw, syntax, context.profile)
        if said is None:
            continue
        values["referrer"] = said
        if specialty is not None:
            values["referrer_specialty"] = specialty
        return
    if empty:
        values["referrer"] = nothing(empty)


@lru_cache(maxsize=4096)
def _referrer(source: str, raw: str, syntax: Syntax, profile: Profile) -> tuple[Said | None, Said | None]:
    """Return who asked, None for nobody or a placeholder of the profile, and their specialty by the profile's table."""
    name, number = person(raw.partition(syntax.repetition)[0], syntax)
    placeholders = profile.referrer_placeholders
    if not (name or number) or name.upper() in placeholders or number.upper() in placeholders:
        return None, None
    said = (name or number, source, name or number, None)
    known = profile.referrer_specialties
    specialty = known.get(number.upper()) or known.get(name.upper())
    return said, (specialty, source, number or name, None) if specialty else None


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
    values: Values = {}
    patient, doubt = _told(part, context, values)
    if patient.number is None:
        return None
    syntax = context.message.syntax
    place = fields_of(part.pv1, syntax.field, 10)
    if with_visit:
        values.update(visit(place[2], place[3], place[10], syntax, context.profile)[0])
    referrer(("PV1-8",), (place[8],), context, values)
    return News(
        kind=NewsKind.PATIENT,
        patient=patient,
        attributes=Attributes.of_parts(values),
        said_at=said,
        event=event,
        warnings=(doubt,) if doubt else (),
    )


def _told(part: PatientPart, context: Context, values: Values) -> tuple[Patient, Problem | None]:
    """Return who a PID names and a doubt about the date of birth, if there is one; what it says goes to *values*."""
    syntax = context.message.syntax
    pid = patient_fields(part.pid, syntax)
    patient = patient_of(pid, syntax, context.profile, values)
    return patient, demographics(pid, syntax, values, context.profile.vocabulary)


def _merges(parts: list[PatientPart], event: str, context: Context, said: datetime | None) -> Iterator[News | Problem]:
    """Yield a merge for each MRG; a Problem where one side is missing or both are the same."""
    syntax = context.message.syntax
    for one in parts:
        values: Values = {}
        survivor, doubt = _told(one, context, values)
        for mrg in one.mrg or ("",):
            numbers = _pairs(fields_of(mrg, syntax.field, 1)[1], syntax)
            gone = _of_same_authority(_named(numbers, context.profile) if numbers else _NOBODY, survivor)
            if survivor.number is None or gone.number is None:
                field = "PID-3" if survivor.number is None else "MRG-1"
                yield Problem(kind="merge_conflict", source=field, message="a merge needs two numbers; one is missing")
            elif _same(survivor, gone):
                yield Problem(kind="merge_conflict", source="MRG-1", message="a patient cannot be merged into itself")
            else:
                yield News(
                    kind=NewsKind.MERGE,
                    patient=survivor,
                    attributes=Attributes.of_parts(values),
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
    found: list[tuple[Patient, Problem | None, Values]] = []
    for one in parts:
        values: Values = {}
        found.append((*_told(one, context, values), values))
    people = [one for one in found if one[0].number is not None]
    if len(people) < _ENDS or _same(people[0][0], people[1][0]):
        return Problem(kind="merge_conflict", source="PID-3", message="a link needs two different patients")
    (first, doubt, values), (second, *_) = people[:_ENDS]
    if event == "A37":
        merge = Merge(survivor=first, gone=second, undone=True)
        return (News(kind=NewsKind.MERGE, patient=first, said_at=said, merge=merge, event=event),)
    alias = (second.number or "", second.issuer)
    linked = evolve(first, others=tuple(dict.fromkeys((*first.others, alias, *second.others))))
    return (
        News(
            kind=NewsKind.PATIENT,
            patient=linked,
            attributes=Attributes.of_parts(values),
            said_at=said,
            event=event,
            warnings=(doubt,) if doubt else (),
        ),
    )
