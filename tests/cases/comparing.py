"""Compares what a case expects of an item with the attributes of a procedure, name by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from routing.attributes import Attributes, Duration, Value
from routing.sources.procedure import Procedure

_NAMES = {"priority": "priority_requested", "patient_sex": "sex", "patient_location": "location"}
_RAW = frozenset({"contrast", "patient_class"})
_ONE_OF = frozenset({"description", "procedure_code"})


def differences(expected: dict[str, Any], procedure: Procedure, control_ids: Iterable[str]) -> list[str]:
    """Return a line for each attribute that is not as expected."""
    attributes = procedure.attributes()
    return [
        line for name, wanted in expected.items() for line in _one(name, wanted, procedure, attributes, control_ids)
    ]


def _one(
    name: str, wanted: Any, procedure: Procedure, attributes: Attributes, control_ids: Iterable[str]
) -> Iterator[str]:
    if name.endswith("_any_of"):
        bare = name.removesuffix("_any_of")
        if all(list(_one(bare, one, procedure, attributes, control_ids)) for one in wanted):
            yield f"{bare} is {_found(bare, attributes, procedure)!r}, not any of {wanted}"
        return
    if name == "message_control_id":
        if wanted not in set(control_ids):
            yield f"no message {wanted} names it"
        return
    found = _found(name, attributes, procedure)
    if name == "modality" and wanted is not None:
        codes = set(wanted) if isinstance(wanted, list) else {wanted}
        rides = set(attributes.known.get("companions", ()))
        found = {*(found or ()), *rides} if codes & rides else set(found or ())
        if found != codes:
            yield f"modality is {sorted(found)}, not {sorted(codes)}"
        return
    if not _same(name, wanted, found):
        yield f"{name} is {found!r}, not {wanted!r}"


def _found(name: str, attributes: Attributes, procedure: Procedure) -> Any:
    """Return the value that a name of the cases means, in the form of the cases."""
    if name in {"age_years", "age_days"}:
        return _age(attributes, name)
    if name == "study_datetime":
        return _study_moment(attributes)
    if name == "study_uid":
        return procedure.study_uids
    said = attributes.get(_NAMES.get(name, name))
    if said is None or said.value is None:
        return "unknown" if name == "report_status" and said is not None else None
    return _in_the_form_of_cases(name, said)


def _in_the_form_of_cases(name: str, said: Value) -> Any:
    if name in _RAW:
        return said.raw
    if isinstance(said.value, date) and not isinstance(said.value, datetime):
        return said.value.isoformat()
    if name in {"patient_name", "institution"} and isinstance(said.value, tuple):
        return said.value[0]
    return said.value


def _same(name: str, wanted: Any, found: Any) -> bool:
    if name == "report_status" and wanted == "cancelled":
        wanted = "withdrawn"
    if wanted is None:
        return found is None or (name == "report_status" and found == "unknown") or found == ()
    if isinstance(found, tuple | set):
        several = wanted if isinstance(wanted, list) else [wanted]
        if name in _ONE_OF:
            return all(one in found for one in several)
        return {str(one) for one in several} == {str(one) for one in found}
    if name == "body_part":
        return str(found).upper() == str(wanted).upper()
    return str(found) == str(wanted)


def _age(attributes: Attributes, name: str) -> int | None:
    born, taken = attributes.known.get("birth_date"), _study_day(attributes)
    if born is not None and taken is not None:
        if name == "age_days":
            return int((taken - born).days)
        return int(taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day)))
    said = attributes.known.get("age")
    if not isinstance(said, Duration):
        return None
    return said.days if name == "age_days" else said.years


def _study_day(attributes: Attributes) -> date | None:
    for name in ("exam_end", "exam_start"):
        value = attributes.known.get(name)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
    return None


def _study_moment(attributes: Attributes) -> str | None:
    """Return the study's or order's own date and time, not that of an acquisition."""
    for name in ("exam_end", "exam_start"):
        said = attributes.get(name)
        if said is not None and said.value is not None and not said.source.startswith(("Acquisition", "Content")):
            return str(said.value.isoformat())
    return None
