"""What a FHIR resource refers to: the other resources of its Bundle and those it contains, patient and visit first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routing.attributes import Missing, Said
from routing.decision import Problem
from routing.sources.fhir_elements import Resource, assigner, codings, human_name, many, moment, one, text, words
from routing.sources.hl7_tables import hl7_table
from routing.sources.hl7_values import EARLIEST_BIRTH, PLACEHOLDER_BIRTHS
from routing.sources.news import Patient
from routing.sources.profiles import Profile
from routing.vocabulary import Vocabulary

Values = dict[str, Said]
_SEXES: Final[Mapping[str, str]] = {"male": "M", "female": "F", "other": "O"}


class Context:
    """One resource, what it may refer to, and how its sender is read. `warnings` gathers doubts."""

    def __init__(
        self, resource: Resource, beside: Mapping[str, Resource], profile: Profile, vocabulary: Vocabulary
    ) -> None:
        self.resource, self.profile, self.vocabulary = resource, profile, vocabulary
        self.kind = text(resource.get("resourceType"))
        self.warnings: list[Problem] = []
        contained = {f"#{text(each.get('id'))}": each for each in many(resource.get("contained"))}
        self._known = {**beside, **contained}
        self.used: dict[str, Resource] = {}

    def follow(self, reference: Any) -> Resource:
        """Return the resource that a Reference means, an empty one when it is not here."""
        name = text(one(reference).get("reference"))
        found = self._known.get(name) or self._known.get("/".join(name.split("/")[-2:]))
        if found is None:
            return {}
        if not name.startswith("#"):
            self.used[name] = found
        return found

    def field(self, name: str) -> str:
        """Return what an element of the resource is called in a value's provenance: `ServiceRequest.priority`."""
        return f"{self.kind}.{name}"

    def doubt(self, kind: str, name: str, message: str) -> None:
        """Tell a doubt about an element; no value stands in its words."""
        self.warnings.append(Problem(kind=kind, source=self.field(name), message=message))


def patient_of(context: Context, values: Values) -> Patient:
    """Return who the subject is, and add what is known of them to *values*."""
    subject = context.resource.get("subject")
    patient = context.follow(subject)
    pairs = [
        (number, assigner(identifier) or text(identifier.get("system")) or None)
        for identifier in (*many(patient.get("identifier")), *many(one(subject).get("identifier")))
        if (number := text(identifier.get("value")))
    ]
    _demographics(context, patient, values)
    if not pairs:
        return Patient()
    wanted = (context.profile.patient_authority or "").upper()
    chosen = next((pair for pair in pairs if wanted and (pair[1] or "").upper() == wanted), pairs[0])
    source = "Patient.identifier" if patient.get("identifier") else context.field("subject")
    values["patient_id"] = (chosen[0], source, chosen[0], None)
    if chosen[1]:
        values["patient_id_issuer"] = (chosen[1], source, chosen[1], None)
    others = tuple(dict.fromkeys(pair for pair in pairs if pair != chosen))
    return Patient(number=chosen[0], issuer=chosen[1], others=others)


def _demographics(context: Context, patient: Resource, values: Values) -> None:
    if name := human_name(patient.get("name")):
        values["patient_name"] = ((name,), "Patient.name", name, None)
    gender = text(patient.get("gender"))
    if gender:
        sex = _SEXES.get(gender.lower()) or context.vocabulary.sex(gender)
        known = bool(sex) or gender.lower() == "unknown"
        values["sex"] = (sex, "Patient.gender", gender, None if sex else Missing.EMPTY if known else Missing.MALFORMED)
    if born := text(patient.get("birthDate")):
        day = moment(born)
        is_partial = day is None and len(born) < len("2000-01-01") and born.replace("-", "").isdecimal()
        is_wrong = (day is None and not is_partial) or (day is not None and day.year < EARLIEST_BIRTH)
        if is_wrong:
            context.warnings.append(
                Problem(kind="birth_date", source="Patient.birthDate", message="this is no date of birth")
            )
        known_day = None if is_wrong or day in PLACEHOLDER_BIRTHS else day
        values["birth_date"] = (known_day, "Patient.birthDate", born, None if known_day else Missing.MALFORMED)


def visit_of(context: Context, values: Values) -> None:
    """Add what the encounter says of the patient's class, place and department, and the site, to *values*."""
    profile = context.profile
    if profile.site:
        values["site"] = (profile.site, "profile", profile.site, None)
    encounter = context.follow(context.resource.get("encounter"))
    for code, display, _ in codings(encounter.get("class")):
        known = profile.patient_classes.get(code.upper()) or hl7_table("fhir_encounter_classes").get(code.upper())
        meaning = known or context.vocabulary.patient_class(display or code)
        missing = None if meaning else Missing.MALFORMED
        values["patient_class"] = (meaning, "Encounter.class", code, missing)
        break
    place = one(one(encounter.get("location")).get("location"))
    if where := text(place.get("display")) or text(context.follow(place).get("name")):
        values["location"] = (where, "Encounter.location", where, None)
    if service := next(iter(words(encounter.get("serviceType"))), ""):
        values["department"] = (service, "Encounter.serviceType", service, None)
    if "site" not in values and (site := name_of(context, encounter.get("serviceProvider"))):
        values["site"] = (site, "Encounter.serviceProvider", site, None)


def name_of(context: Context, reference: Any) -> str:
    """Return what somebody or something is called: family^given of a person, else the name, else its number."""
    found = context.follow(reference)
    person = context.follow(found.get("practitioner")) or found
    name = person.get("name")
    if isinstance(name, str):
        return text(name)
    said = "^".join(human_name(name).split("^")[:2]) or text(one(reference).get("display"))
    return said or text(one(one(reference).get("identifier")).get("value"))


def referrer_of(context: Context, element: str, values: Values) -> None:
    """Add who asked to *values*, and their specialty where the reference leads to a role that has one."""
    reference = context.resource.get(element)
    name = name_of(context, reference)
    if not name or name.upper() in context.profile.referrer_placeholders:
        return
    values["referrer"] = (name, context.field(element), name, None)
    known = context.profile.referrer_specialties.get(name.upper())
    said = known or next(iter(words(context.follow(reference).get("specialty"))), "")
    if said:
        source = context.field(element) if known else "PractitionerRole.specialty"
        values["referrer_specialty"] = (said, source, said, None)
