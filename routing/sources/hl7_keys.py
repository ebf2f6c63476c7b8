"""The keys of an HL7 order group: accession number and issuer, study, and the order's own numbers.

The number of the request stands in IPC-1, OBR-18, OBR-3 or ORC-3, in that order (IHE), unless the sender's profile says
otherwise; its issuer is only what stands in the number's own field, or in the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from routing.decision import Problem
from routing.sources.er7 import Segment, joined, part
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_groups import NOTHING, Context, OrderGroup
from routing.sources.hl7_values import Values, has_digit, number_and_issuer
from routing.sources.news import Keys

_STUDY: Final = "113014"  # DICOM Study, of the code scheme DCM
_OF_ALL: Final = frozenset({"MSH", "EVN", "SFT", "TXA"})  # they speak for every patient and order of a message
_UID: Final = frozenset("0123456789.")


def keys_of(group: OrderGroup, context: Context, values: Values, warnings: list[Problem]) -> Keys:
    """Return what names the procedure of an order group; the numbers go to *values*, each with its field."""
    obr, orc = group.obr_fields, group.orc_fields if group.has_own_orc else NOTHING
    ipc = group.ipc.fields if group.ipc is not None else NOTHING
    accession, issuer = _accession(group, context, values, {"IPC": ipc, "OBR": obr, "ORC": orc})
    if accession and not has_digit(accession):
        message = "there is no digit in the accession number: is this its field? A sender profile can name another"
        warnings.append(Problem(kind="accession", source=values["accession"][1], message=message))
    syntax = context.message.syntax
    return Keys(
        accession=accession,
        accession_issuer=issuer,
        study_uid=_study_uid(group, values),
        placer_number=_number(obr[2], syntax) or _number(orc[2], syntax),
        filler_number=_number(obr[3], syntax) or _number(orc[3], syntax),
    )


def _accession(
    group: OrderGroup, context: Context, values: Values, own: Mapping[str, list[str]]
) -> tuple[str | None, str | None]:
    profile, syntax = context.profile, context.message.syntax
    for path, name, field, component in all_path_parts(profile.accession_from):
        fields = own.get(name)
        if fields is None:
            segment = group.first(name) or (context.message.segment(name) if name in _OF_ALL else None)
            if segment is None:
                continue
            fields = segment.fields
        raw = fields[field] if field < len(fields) else ""
        if not raw or raw == NULL:
            continue
        number, issuer = _numbered(raw, syntax, component)
        if number:
            values["accession"] = (number, path, number, None)
            if issuer:
                values["accession_issuer"] = (issuer, f"{path}.2", issuer, None)
            elif profile.accession_issuer:
                issuer = profile.accession_issuer
                values["accession_issuer"] = (issuer, "profile", issuer, None)
            return number, issuer
    return None, None


def _numbered(raw: str, syntax: Syntax, component: int) -> tuple[str, str | None]:
    """Return the number and issuer of the first repetition that has a number; of a named component the number alone."""
    if raw.isalnum():
        return (raw, None) if component == 1 else ("", None)
    for one in raw.split(syntax.repetition):
        if component > 1:
            number, issuer = part(one, syntax, component), None
        else:
            number, issuer = number_and_issuer(one, syntax)
        if number:
            return number, issuer
    return "", None


@lru_cache(maxsize=256)
def path_parts(path: str) -> tuple[str, int, int]:
    """Return (segment, field, component) of a profile's path; the component is 1 when it names none."""
    name, _, rest = path.partition("-")
    field, _, component = rest.partition(".")
    return name.partition("[")[0], int(field.partition("[")[0]), int(component.partition(".")[0] or 1)


@lru_cache(maxsize=64)
def all_path_parts(paths: tuple[str, ...]) -> tuple[tuple[str, str, int, int], ...]:
    """Return each of a profile's paths with its parts."""
    return tuple((path, *path_parts(path)) for path in paths)


def segment_of(group: OrderGroup, name: str, context: Context) -> Segment | None:
    """Return the segment of that name that speaks for an order: its own, its patient's, or the message's header."""
    return group.first(name) or (context.message.segment(name) if name in _OF_ALL else None)


def _study_uid(group: OrderGroup, values: Values) -> str | None:
    if group.zds is not None and (uid := group.zds.text(1)):
        values["study_uid"] = (uid, "ZDS-1", uid, None)
        return uid
    if group.ipc is not None and (uid := group.ipc.text(3)):
        values["study_uid"] = (uid, "IPC-3", uid, None)
        return uid
    for obx in group.obx:
        if is_study_pointer(obx) and (uid := obx.text(5)) and _UID.issuperset(uid):
            values["study_uid"] = (uid, "OBX-5", uid, None)
            return uid
    return None


def is_study_pointer(obx: Segment) -> bool:
    """Whether an OBX names the DICOM study rather than a result."""
    raw = obx.raw(3)
    return raw is not None and raw.startswith(_STUDY) and obx.text(3) == _STUDY


def _number(raw: str, syntax: Syntax) -> str | None:
    """Return a raw order number with its issuer, as number^issuer; None when there is none."""
    if not raw or raw == NULL:
        return None
    return joined(raw.partition(syntax.repetition)[0] if syntax.repetition in raw else raw, syntax) or None


def no_key() -> Problem:
    """Return the problem of an order or report that names no procedure."""
    return Problem(kind="no_key", source="OBR-18", message="neither an accession number nor a study: nothing is named")
