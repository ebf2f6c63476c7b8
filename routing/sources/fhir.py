"""FHIR R4 as readings, from plain JSON: ServiceRequest, ImagingStudy and DiagnosticReport, alone or in a Bundle.

    readings = read_fhir(json.loads(data))

Resources that these refer to (Patient, Encounter, Practitioner …) are read with them where they come along. Any other
type is refused by its name, and kept. Nothing raises on what the JSON holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from routing.decision import Problem
from routing.sources.fhir_context import Context
from routing.sources.fhir_elements import Resource, many, one, text
from routing.sources.fhir_resources import report_news, request_news, study_news
from routing.sources.news import News, Reading
from routing.sources.profiles import Profiles
from routing.vocabulary import Vocabulary

_READERS: Final[Mapping[str, Callable[[Context], list[News] | Problem]]] = {
    "ServiceRequest": request_news,
    "ImagingStudy": study_news,
    "DiagnosticReport": report_news,
}
# what only stands beside those, and is nothing by itself
_BESIDE: Final = frozenset(
    """
    Appointment Basic Condition Coverage Device Encounter Endpoint Group HealthcareService Location Media MessageHeader
    Observation OperationOutcome Organization Patient Practitioner PractitionerRole Provenance RelatedPerson Specimen
    """.split()  # noqa: SIM905 - twenty words read better as words
)
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{2,40}\Z")
_DEEPEST: Final = 3  # Bundles within Bundles


def is_fhir(loaded: Any) -> bool:
    """Whether a JSON value is meant as a FHIR resource."""
    return isinstance(loaded, dict) and isinstance(loaded.get("resourceType"), str)


def read_fhir(
    loaded: Resource,
    profiles: Profiles | None = None,
    *,
    sender: str | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[Reading]:
    """Return the readings of one resource or Bundle, at least one; what is no order, study or report is refused."""
    resources = list(_resources(loaded, 0))
    beside = {name: resource for name, resource in resources if name}
    for _, resource in resources:
        beside.setdefault(f"{text(resource.get('resourceType'))}/{text(resource.get('id'))}", resource)
    header = next((one_ for _, one_ in resources if one_.get("resourceType") == "MessageHeader"), {})
    told = [one_ for _, one_ in resources if text(one_.get("resourceType")) in _READERS]
    others = [one_ for _, one_ in resources if text(one_.get("resourceType")) not in _BESIDE | _READERS.keys()]
    by = text(one(header.get("source")).get("name"))
    readings = [_read(one_, beside, by, profiles or Profiles.default(), sender, vocabulary) for one_ in told]
    readings += [_refused(one_, sender or by) for one_ in others]
    return readings or [_refused(loaded, sender or by)]


def _resources(loaded: Any, depth: int) -> Iterator[tuple[str, Resource]]:
    """Yield the resources, those of a Bundle each with its full URL."""
    if text(loaded.get("resourceType")) != "Bundle" or depth >= _DEEPEST:
        yield "", loaded
        return
    for entry in many(loaded.get("entry")):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        for name, found in _resources(resource, depth + 1):
            yield name or text(entry.get("fullUrl")), found


def _read(
    resource: Resource,
    beside: Mapping[str, Resource],
    by: str,
    profiles: Profiles,
    sender: str | None,
    vocabulary: Vocabulary | None,
) -> Reading:
    own = by or text(one(resource.get("meta")).get("source"))
    profile = profiles.find(application=own or None)
    context = Context(resource, beside, profile, vocabulary or profile.vocabulary)
    news = _READERS[context.kind](context)
    raw = _raw(resource, {name: found for name, found in context.used.items() if found is not resource}, own)
    digest = sha256(raw).hexdigest()
    return Reading(
        kind="fhir",
        sender=sender or own,
        message_id=_identity(resource) or digest,
        digest=digest,
        raw=raw,
        message_type=context.kind,
        news=() if isinstance(news, Problem) else tuple(news),
        refused=news if isinstance(news, Problem) else None,
        warnings=(),
    )


def _raw(resource: Resource, beside: Mapping[str, Resource], by: str) -> bytes:
    """Return what is stored: the resource, in a Bundle with what it refers to; reading it again gives the same."""
    if not beside:
        return _bytes(resource)
    entries: list[dict[str, Any]] = [{"resource": resource}]
    entries += [{"fullUrl": name, "resource": _stripped(found)} for name, found in sorted(beside.items())]
    if by and by != text(one(resource.get("meta")).get("source")):
        entries.append({"resource": {"resourceType": "MessageHeader", "source": {"name": by}}})
    return _bytes({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _stripped(resource: Resource) -> Resource:
    """Return a resource that only stands beside another: what is a reading of its own is kept by name and number."""
    kind = text(resource.get("resourceType"))
    if kind not in _READERS:
        return resource
    return {"resourceType": "Basic", "identifier": resource.get("identifier")}


def _bytes(loaded: Any) -> bytes:
    """Return JSON that is the same for the same resource; what a host put in that JSON lacks stands as text."""
    try:
        return json.dumps(loaded, sort_keys=True, separators=(",", ":"), default=str).encode("ascii")
    except TypeError:  # keys of several types, which only a host's own mapping can have
        return json.dumps(loaded, skipkeys=True, separators=(",", ":"), default=str).encode("ascii")


def _identity(resource: Resource) -> str:
    """Return type, id and version of a resource; "" where nothing tells one version of it from the next."""
    meta = one(resource.get("meta"))
    version = text(meta.get("versionId")) or text(meta.get("lastUpdated"))
    number = text(resource.get("id"))
    return f"{text(resource.get('resourceType'))}/{number}/{version}" if number and version else ""


def _refused(resource: Resource, sender: str) -> Reading:
    raw = _bytes(resource)
    digest = sha256(raw).hexdigest()
    kind = text(resource.get("resourceType"))
    if kind == "Bundle":
        message = "a Bundle that holds no ServiceRequest, ImagingStudy or DiagnosticReport"
    elif _TYPE.match(kind):
        message = f"resources of the type {kind} are not handled"
    else:
        message = "the resource names no type"
    return Reading(
        kind="fhir",
        sender=sender,
        message_id=_identity(resource) or digest,
        digest=digest,
        raw=raw,
        message_type=kind if _TYPE.match(kind) else None,
        refused=Problem(kind="resource_type", source="resourceType", message=message),
    )
