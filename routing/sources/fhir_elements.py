"""Elements of FHIR resources, whatever JSON stands where they should: a wrong form is nothing, never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from routing.sources.mapping_values import clean

Resource = Mapping[str, Any]
STUDY_SYSTEM: Final = "urn:dicom:uid"
_OID: Final = "urn:oid:"
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?\Z")


def text(value: Any) -> str:
    """Return a text without what no database can hold, "" for anything else."""
    return clean(value).strip() if isinstance(value, str) else ""


def one(value: Any) -> Resource:
    """Return an object, the first of a list, an empty one for anything else."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}


def many(value: Any) -> list[Resource]:
    """Return the objects of a list; one alone may stand without it."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]


def moment(value: Any) -> datetime | date | None:
    """Return a FHIR date or dateTime; a year or month alone, and what is no date, is None."""
    found = _MOMENT.match(text(value))
    if found is None:
        return None
    day, clock, zone = found.groups()
    try:
        if clock is None:
            return date.fromisoformat(day)
        whole, _, fraction = clock.partition(".")
        leap = whole.endswith(":60")  # a leap second is the last one of its minute to us
        made = datetime.fromisoformat(f"{day}T{whole[:-2] + '59' if leap else whole}{zone or ''}")
        return made + timedelta(microseconds=int(fraction.ljust(6, "0")[:6])) if fraction else made
    except (ValueError, OverflowError):
        return None


def codings(concepts: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (code, display, system) of CodeableConcepts or Codings, as they stand."""
    for concept in many(concepts):
        for coding in many(concept.get("coding")) or ([concept] if "code" in concept else []):
            yield text(coding.get("code")), text(coding.get("display")), text(coding.get("system"))


def words(concepts: Any) -> tuple[str, ...]:
    """Return what CodeableConcepts say in words: their text, else the display of their codes; the same once."""
    said = []
    for concept in many(concepts):
        own = text(concept.get("text"))
        said += [own] if own else [display for _, display, _ in codings(concept)]
    return tuple(dict.fromkeys(word for word in said if word))


def typed_identifier(identifiers: Any, code: str) -> Resource:
    """Return the first identifier with a value and that type (HL7 table 0203: ACSN, PLAC, FILL), else an empty one."""
    for identifier in many(identifiers):
        if text(identifier.get("value")) and any(
            found.upper() == code for found, _, _ in codings(identifier.get("type"))
        ):
            return identifier
    return {}


def assigner(identifier: Resource) -> str | None:
    """Return who gave a number out: the assigner's own identifier, else its name; None when it is not said."""
    said = one(identifier.get("assigner"))
    return text(one(said.get("identifier")).get("value")) or text(said.get("display")) or None


def study_uid(identifiers: Any) -> str | None:
    """Return the Study Instance UID among identifiers."""
    for identifier in many(identifiers):
        if text(identifier.get("system")) == STUDY_SYSTEM and (value := text(identifier.get("value"))):
            return value.removeprefix(_OID)
    return None


def human_name(names: Any) -> str:
    """Return a HumanName as family^given^middle, the official one first; "" when there is none."""
    found = sorted(many(names), key=lambda name: text(name.get("use")) != "official")
    for name in found:
        given = [word for each in _list(name.get("given")) if (word := text(each))]
        made = "^".join((text(name.get("family")), *given[:1], " ".join(given[1:]))).rstrip("^")
        if made or (made := text(name.get("text"))):
            return made
    return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
