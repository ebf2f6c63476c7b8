"""ServiceRequest, ImagingStudy and DiagnosticReport (FHIR R4) as news: an order, images, a report.

A problem in place of news says why nothing of the resource may be applied.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from routing.attributes import Attributes, Missing
from routing.decision import Problem
from routing.sources.fhir_context import Context, Values, name_of, patient_of, referrer_of, visit_of
from routing.sources.fhir_elements import (
    Resource,
    assigner,
    codings,
    many,
    moment,
    one,
    study_uid,
    text,
    typed_identifier,
    words,
)
from routing.sources.fhir_texts import readers, report_text
from routing.sources.hl7_reports import says_something
from routing.sources.hl7_tables import hl7_table
from routing.sources.news import Instance, Keys, News, NewsKind, OrderControl, Report, ReportStatus

_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_SNOMED: Final = "http://snomed.info/sct"
_NO_ORDERS: Final = frozenset({"proposal", "plan", "directive", "option"})  # intents that ask nobody to do anything
_ATTRIBUTES: Final = {
    ReportStatus.PRELIMINARY: "preliminary",
    ReportStatus.FINAL: "final",
    ReportStatus.CORRECTED: "corrected",
    ReportStatus.ADDENDUM: "corrected",
    ReportStatus.WITHDRAWN: "withdrawn",
    ReportStatus.CANCELLED: "withdrawn",
}
_NO_KEY: Final = "neither an accession number nor a study: nothing is named"


def request_news(context: Context) -> list[News] | Problem:
    """Return what a ServiceRequest says: an order, changed, withdrawn or new."""
    resource = context.resource
    status, intent = text(resource.get("status")), text(resource.get("intent"))
    control = hl7_table("fhir_request_control").get(status.upper())
    if control is None:
        return Problem(kind="order_control", source=context.field("status"), message="no status of a request")
    if intent.lower() in _NO_ORDERS:
        return Problem(kind="order_control", source=context.field("intent"), message="the intent is not to order it")
    values: Values = {}
    patient = patient_of(context, values)
    visit_of(context, values)
    keys = _keys(context, values)
    if keys.accession is None and keys.study_uid is None:
        return Problem(kind="no_key", source=context.field("identifier"), message=_NO_KEY)
    if status.lower() == "draft":
        context.doubt("order_status", "status", "a draft is not yet an order")
    if meaning := hl7_table("fhir_request_status").get(status.upper()):
        values["order_status"] = (meaning, context.field("status"), status, None)
    _priority(context, values)
    _codes(context, ("code",), values)
    _body(context, resource.get("bodySite"), "bodySite", values)
    modalities = [code for code, _, system in codings(resource.get("orderDetail")) if system == _DICOM]
    _modality(context, [code for code in modalities if context.vocabulary.knows_modality(code)], "orderDetail", values)
    _indication(context, values)
    referrer_of(context, "requester", values)
    return [
        News(
            kind=NewsKind.ORDER,
            keys=keys,
            patient=patient,
            attributes=Attributes.of_parts(values),
            said_at=_changed(resource, "authoredOn"),
            control=OrderControl(control),
            warnings=tuple(context.warnings),
        )
    ]


def study_news(context: Context) -> list[News] | Problem:
    """Return what an ImagingStudy says: its images, one piece of news for each series; or that there are none yet."""
    resource = context.resource
    status = text(resource.get("status")).lower()
    if status == "entered-in-error":
        message = "the study is said to be entered in error: a person has to look"
        return Problem(kind="images_withdrawn", source=context.field("status"), message=message)
    values: Values = {}
    patient = patient_of(context, values)
    visit_of(context, values)
    keys = _keys(context, values)
    if keys.accession is None and keys.study_uid is None:
        return Problem(kind="no_key", source=context.field("identifier"), message=_NO_KEY)
    _codes(context, ("procedureCode",), values)
    _texts(context, values)
    _indication(context, values)
    referrer_of(context, "referrer", values)
    if "site" not in values and (site := name_of(context, resource.get("location"))):
        values["site"] = (site, context.field("location"), site, None)
    series = many(resource.get("series"))
    _times(context, series, values)
    if status in {"registered", "cancelled"}:
        word = "in_progress" if status == "registered" else "discontinued"
        values["order_status"] = (word, context.field("status"), status, None)
        control = OrderControl.STATUS if status == "registered" else OrderControl.DISCONTINUE
        warnings = tuple(context.warnings)
        made = Attributes.of_parts(values)
        return [
            News(kind=NewsKind.ORDER, keys=keys, patient=patient, attributes=made, control=control, warnings=warnings)
        ]
    if status != "available":
        context.doubt(
            "order_status", "status", "no status of a study that says whether it is there: taken as available"
        )
    found: list[News] = []
    for place, one_series in enumerate(series or [resource]):
        own, instance = _series(context, one_series, keys, place if series else None)
        found.append(
            News(
                kind=NewsKind.IMAGES,
                keys=keys,
                patient=patient,
                attributes=Attributes.of_parts({**values, **own}),
                said_at=_changed(resource, "started"),
                instance=instance,
                warnings=() if found else tuple(context.warnings),
            )
        )
    return found


def report_news(context: Context) -> list[News] | Problem:
    """Return what a DiagnosticReport says, one piece of news for each procedure that it names."""
    resource = context.resource
    shared: Values = {}
    patient = patient_of(context, shared)
    visit_of(context, shared)
    _codes(context, ("code",), shared)
    _indication(context, shared)
    word = text(resource.get("status"))
    own_words = context.profile.report_status_words
    meaning = own_words.get(word.upper()) or hl7_table("fhir_report_status").get(word.upper())
    status = ReportStatus(meaning) if meaning else ReportStatus.UNKNOWN
    if status is ReportStatus.UNKNOWN:
        message = "nobody has said what this report status means: it is not taken as final"
        context.doubt("report_status", "status", message)
    attribute = _ATTRIBUTES.get(status)
    if word or attribute:
        missing = None if attribute else Missing.MALFORMED if status is ReportStatus.UNKNOWN else Missing.EMPTY
        shared["report_status"] = (attribute, context.field("status"), word, missing)
    performed = one(resource.get("effectivePeriod"))
    start = text(resource.get("effectiveDateTime")) or text(performed.get("start"))
    for name, said in (("exam_start", start), ("exam_end", text(performed.get("end")) or start)):
        if said and (when := moment(said)):
            shared[name] = (when, context.field("effective"), said, None)
    body, has_file = report_text(context)
    report = Report(
        status=status,
        raw_status=word,
        has_text=has_file or says_something(body, context.profile.placeholder_texts),
        report_id=text(resource.get("id")) or None,
        digest=sha256(body.encode("utf-8", "replace")).hexdigest(),
        readers=readers(context),
        one_read=context.profile.final_ends_one_read,
    )
    named = _named(context)
    if not named:
        return Problem(kind="no_key", source=context.field("basedOn"), message=_NO_KEY)
    return [
        News(
            kind=NewsKind.REPORT,
            keys=keys,
            patient=patient,
            attributes=Attributes.of_parts({**shared, **values}),
            said_at=_changed(resource, "issued", own_first=True),
            report=report,
            warnings=tuple(context.warnings) if place == 0 else (),
        )
        for place, (keys, values) in enumerate(named)
    ]


# keys


def _keys(context: Context, values: Values) -> Keys:
    """Return what names the procedure of a resource; the numbers go to *values*."""
    resource = context.resource
    identifiers = resource.get("identifier")
    found, element = typed_identifier(identifiers, "ACSN"), "identifier"
    if not found:
        for based in many(resource.get("basedOn")):
            found = _based(context, based)
            element = "basedOn"
            if found:
                break
    accession = text(found.get("value")) or None
    issuer = assigner(found) or context.profile.accession_issuer or text(found.get("system")) or None
    uid = study_uid(identifiers)
    source = context.field(element)
    for name, said in (("accession", accession), ("accession_issuer", issuer if accession else None)):
        if said:
            values[name] = (said, source, said, None)
    if uid:
        values["study_uid"] = (uid, context.field("identifier"), uid, None)
    return Keys(
        accession=accession,
        accession_issuer=issuer if accession else None,
        study_uid=uid,
        placer_number=_number(typed_identifier(identifiers, "PLAC")),
        filler_number=_number(typed_identifier(identifiers, "FILL")),
    )


def _based(context: Context, reference: Resource) -> Resource:
    """Return the accession number of the order that something is based on, else an empty identifier."""
    own = typed_identifier(context.follow(reference).get("identifier"), "ACSN")
    return own or typed_identifier(reference.get("identifier"), "ACSN")


def _number(identifier: Resource) -> str | None:
    number = text(identifier.get("value"))
    return f"{number}^{assigner(identifier) or ''}".rstrip("^") if number else None


def _named(context: Context) -> list[tuple[Keys, Values]]:
    """Return each procedure that a report names: those that it is based on, else its own number, and the one study."""
    resource = context.resource
    studies = [*many(resource.get("imagingStudy")), *many(resource.get("study"))]
    uids = [study_uid(context.follow(one_).get("identifier")) or study_uid(one_.get("identifier")) for one_ in studies]
    known = list(dict.fromkeys(uid for uid in uids if uid))
    numbers = [found for based in many(resource.get("basedOn")) if (found := _based(context, based))]
    source = context.field("basedOn")
    if not numbers:
        numbers = [found] if (found := typed_identifier(resource.get("identifier"), "ACSN")) else []
        source = context.field("identifier")
    if not numbers:
        numbers = [
            found for one_ in studies if (found := typed_identifier(context.follow(one_).get("identifier"), "ACSN"))
        ]
        source = context.field("imagingStudy")
    made: dict[tuple[str, str | None], tuple[Keys, Values]] = {}
    for number in numbers:
        accession = text(number.get("value"))
        issuer = assigner(number) or context.profile.accession_issuer or text(number.get("system")) or None
        uid = known[0] if len(numbers) == len(known) == 1 else None
        values: Values = {"accession": (accession, source, accession, None)}
        if issuer:
            values["accession_issuer"] = (issuer, source, issuer, None)
        if uid:
            values["study_uid"] = (uid, context.field("imagingStudy"), uid, None)
        made.setdefault(
            (accession, issuer), (Keys(accession=accession, accession_issuer=issuer, study_uid=uid), values)
        )
    if made:
        return list(made.values())
    return [(Keys(study_uid=uid), {"study_uid": (uid, context.field("imagingStudy"), uid, None)}) for uid in known]


# attributes


def _changed(resource: Resource, element: str, *, own_first: bool = False) -> datetime | None:
    """Return when the resource says that it changed: by its server, or by its own element."""
    said = [moment(one(resource.get("meta")).get("lastUpdated")), moment(resource.get(element))]
    times = [when for when in (reversed(said) if own_first else said) if isinstance(when, datetime)]
    return times[0] if times else None


def _priority(context: Context, values: Values) -> None:
    word = text(context.resource.get("priority"))
    if not word:
        return
    meaning = context.profile.priority_words.get(word.upper()) or context.vocabulary.priority(word)
    if meaning is None:
        context.doubt("priority", "priority", "nobody has said what this priority means")
    values["priority_requested"] = (meaning, context.field("priority"), word, None if meaning else Missing.MALFORMED)


def _codes(context: Context, elements: Iterable[str], values: Values) -> None:
    for element in elements:
        concepts = context.resource.get(element)
        codes = tuple(dict.fromkeys(code for code, _, _ in codings(concepts) if code))
        said = words(concepts)
        if codes:
            values["procedure_code"] = (codes, context.field(element), "\\".join(codes), None)
        if said:
            values["description"] = (said, context.field(element), " | ".join(said), None)


def _texts(context: Context, values: Values) -> None:
    """Put a study's own description before that of its procedure."""
    own = text(context.resource.get("description"))
    said = values.get("description")
    if own:
        parts = tuple(dict.fromkeys((own, *(said[0] if said else ()))))
        values["description"] = (parts, context.field("description"), " | ".join(parts), None)


def _indication(context: Context, values: Values) -> None:
    said = [("reasonCode", word) for word in words(context.resource.get("reasonCode"))]
    said += [("note", word) for note in many(context.resource.get("note")) if (word := text(note.get("text")))]
    parts = tuple(dict.fromkeys(word for _, word in said))
    if parts:
        source = ", ".join(dict.fromkeys(context.field(element) for element, _ in said))
        values["indication"] = (parts, source, " | ".join(parts), None)


def _body(context: Context, concepts: Any, element: str, values: Values) -> None:
    terms: dict[str, str] = {}
    for concept in many(concepts):
        for code, display, system in codings(concept):
            scheme = "SCT" if system == _SNOMED else system or None
            if term := context.vocabulary.anatomic_region(code, scheme, display):
                terms.setdefault(term, code or display)
                break
        else:
            for word in words(concept):
                terms.setdefault(context.vocabulary.body_part(word), word)
    if terms:
        values["body_part"] = (tuple(terms), context.field(element), "\\".join(terms.values()), None)


def _modality(context: Context, codes: Iterable[str], element: str, values: Values) -> None:
    codes = list(dict.fromkeys(codes))
    images, companions = context.vocabulary.modality_parts(codes)
    for name, found in (("modality", images), ("companions", companions)):
        if found:
            values[name] = (found, context.field(element), "\\".join(codes), None)


def _times(context: Context, series: Iterable[Resource], values: Values) -> None:
    start = text(context.resource.get("started"))
    if not start:
        return
    began = moment(start)
    missing = None if began else Missing.MALFORMED
    values["exam_start"] = (began, context.field("started"), start, missing)
    values["exam_end"] = (began, context.field("started"), start, missing)
    last = max(
        ((when, said) for one_ in series if isinstance(when := moment(said := text(one_.get("started"))), datetime)),
        key=lambda pair: pair[0].isoformat(),
        default=None,
    )
    if last is not None:
        values["exam_end"] = (last[0], context.field("series.started"), last[1], None)


def _series(context: Context, series: Resource, keys: Keys, place: int | None) -> tuple[Values, Instance]:
    """Return what one series says, and the instance that stands for it; *place* is None for a study without any."""
    values: Values = {}
    at = "series." if place is not None else ""
    codes = [code for code, _, _ in codings(series.get("modality")) if code]
    _modality(context, codes, f"{at}modality", values)
    _body(context, series.get("bodySite"), f"{at}bodySite", values)
    for code, display, _ in codings(series.get("laterality")):
        if side := context.vocabulary.laterality(code) or context.vocabulary.laterality(display):
            values["laterality"] = ((side,), context.field("series.laterality"), code or display, None)
    uid = text(series.get("uid")) or None
    is_companion = bool(codes) and "modality" not in values
    named = uid or f"{keys.study_uid or keys.accession} {place}"
    return values, Instance(
        series_uid=uid,
        sop_uid=None,
        sop_class=None,
        modality=codes[0].upper() if codes else None,
        clinical=not is_companion,
        digest=sha256(f"ImagingStudy {named}".encode("utf-8", "replace")).hexdigest(),
    )
