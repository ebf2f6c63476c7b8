"""The keys of an HL7 order group: accession number and issuer, study, and the order's own numbers.

The number of the request stands in IPC-1, OBR-18, OBR-3 or ORC-3, in that order (IHE), unless the sender's profile says
otherwise; its issuer is only what stands in the number's own field, or in the profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from attrs import evolve

from routing.decision import Problem
from routing.sources.er7_segments import Segment, fields_of, first_of, joined, part, text_of
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_groups import NOTHING, Context, OrderGroup
from routing.sources.hl7_values import Values, has_digit, number_and_issuer
from routing.sources.news import Keys, keys_of_parts
from routing.sources.profiles import Profiles

_STUDY: Final = "113014"  # DICOM Study, of the code scheme DCM
_OF_ALL: Final = frozenset({"MSH", "EVN", "SFT", "TXA"})  # they speak for every patient and order of a message


def keys_of(group: OrderGroup, context: Context, values: Values, warnings: list[Problem]) -> list[Keys]:
    """Return what names the procedures of an order group, at least one; the numbers go to *values*, with their fields.

    There are several where the number's field is repeated, or the segment that it or the study stands in (IPC, ZDS): a
    request of several procedures, or of several studies. The first is the one that *values* tells of.
    """
    obr, orc = group.obr, group.orc if group.has_own_orc else NOTHING
    syntax = context.message.syntax
    accession, issuer, further = _accession(group, context, values, warnings)
    if accession and not has_digit(accession):
        message = "there is no digit in the accession number: is this its field? A sender profile can name another"
        warnings.append(Problem(kind="accession", source=values["accession"][1], message=message))
    placer = _number(obr[2], syntax) or _number(orc[2], syntax)
    filler = _number(obr[3], syntax) or _number(orc[3], syntax)
    first = keys_of_parts(accession, issuer, _study_uid(group, syntax, values), placer, filler)
    if not further and len(group.ipcs) < _SEVERAL and len(group.zds) < _SEVERAL:
        return [first]
    return _all_keys(group, first, further, context)


_SEVERAL: Final = 2
_DEFAULT: Final = Profiles.default().fallback
_Number = tuple[str, str | None]  # an accession number and its issuer


def _all_keys(group: OrderGroup, first: Keys, further: list[_Number], context: Context) -> list[Keys]:
    """Return the keys of each number and study; where segments are repeated, each number goes with its own study."""
    of_profile = context.profile.accession_issuer
    pairs: list[tuple[str | None, str | None, str | None]] = []  # number, issuer and study
    is_numbered = "IPC-1" in context.profile.accession_from
    syntax = context.message.syntax
    for line in group.ipcs:
        ipc = fields_of(line, syntax.field, 3)
        study = text_of(ipc[3], syntax) or None
        number, issuer = number_and_issuer(first_of(ipc[1], syntax), syntax)
        if is_numbered and number:
            pairs.append((number, issuer or of_profile, study))
        else:
            pairs.append((first.accession, first.accession_issuer, study))
    pairs += [(number, issuer, first.study_uid) for number, issuer in further]
    for line in group.zds:
        study = text_of(fields_of(line, syntax.field, 1)[1], syntax) or None
        pairs.append((first.accession, first.accession_issuer, study))
    made = [first]
    for accession, its_issuer, study in pairs:
        uid = study or (first.study_uid if accession == first.accession else None)
        one = evolve(first, accession=accession, accession_issuer=its_issuer, study_uid=uid)
        if one not in made:
            made.append(one)
    return made


def _accession(
    group: OrderGroup, context: Context, values: Values, warnings: list[Problem]
) -> tuple[str | None, str | None, list[_Number]]:
    """Return the first number and issuer by the profile's fields in turn, and those that its field repeats."""
    profile, syntax = context.profile, context.message.syntax
    usual = group.obr[18]
    if profile is _DEFAULT and usual.isalnum() and not group.ipcs:  # the same as below, with less looking
        values["accession"] = (usual, "OBR-18", usual, None)
        return usual, None, []
    for path, name, field, component in all_path_parts(profile.accession_from):
        fields = _own_fields(group, name, context)
        raw = fields[field] if field < len(fields) else ""
        if not raw or raw == NULL:
            continue
        numbers = _numbered(raw, syntax, component)
        if numbers:
            number, issuer = numbers[0]
            values["accession"] = (number, path, number, None)
            if issuer:
                values["accession_issuer"] = (issuer, f"{path}.2", issuer, None)
            elif profile.accession_issuer:
                issuer = profile.accession_issuer
                values["accession_issuer"] = (issuer, "profile", issuer, None)
            return number, issuer, _further(numbers, path, profile.accession_issuer, warnings) if numbers[1:] else []
    return None, None, []


def _own_fields(group: OrderGroup, name: str, context: Context) -> Sequence[str]:
    """Return the raw fields of the segment that says an order's number; none where it has no such segment."""
    if name == "OBR":
        return group.obr
    if name == "IPC":
        return group.ipcs[0].split(context.message.syntax.field) if group.ipcs else NOTHING
    if name == "ORC":
        return group.orc if group.has_own_orc else NOTHING
    segment = segment_of(group, name, context)
    return segment.fields if segment is not None else NOTHING


def _further(numbers: list[_Number], path: str, issuer: str | None, warnings: list[Problem]) -> list[_Number]:
    """Return the further numbers, each with a digit, of the first one's issuer.

    One of another issuer may be a second name of the same, and is only told.
    """
    own = [(number, said or issuer) for number, said in numbers[1:] if said == numbers[0][1] and has_digit(number)]
    if len(own) < len(numbers) - 1:
        message = "of what the field repeats, only numbers of the first one's issuer count"
        warnings.append(Problem(kind="accession", source=path, message=message))
    return own


def _numbered(raw: str, syntax: Syntax, component: int) -> list[_Number]:
    """Return number and issuer of each repetition that has a number; of a named component the number alone."""
    if raw.isalnum():
        return [(raw, None)] if component == 1 else []
    found: dict[_Number, None] = {}
    for one in raw.split(syntax.repetition):
        number, issuer = (part(one, syntax, component), None) if component > 1 else number_and_issuer(one, syntax)
        if number:
            found[number, issuer] = None
    return list(found)


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
    return group.first(name, context.message.syntax) or (context.message.segment(name) if name in _OF_ALL else None)


def _study_uid(group: OrderGroup, syntax: Syntax, values: Values) -> str | None:
    for line in group.zds:
        _, _, rest = line.partition(syntax.field)
        if rest and (uid := text_of(rest.partition(syntax.field)[0], syntax)):
            values["study_uid"] = (uid, "ZDS-1", uid, None)
            return uid
    for line in group.ipcs:
        if uid := text_of(fields_of(line, syntax.field, 3)[3], syntax):
            values["study_uid"] = (uid, "IPC-3", uid, None)
            return uid
    for obx in group.obx:
        if is_study_pointer(obx) and (uid := obx.text(5)) and _is_uid(uid):
            values["study_uid"] = (uid, "OBX-5", uid, None)
            return uid
    return None


def _is_uid(text: str) -> bool:
    return text.replace(".", "").isdigit() and text.isascii()


def is_study_pointer(obx: Segment) -> bool:
    """Whether an OBX names the DICOM study rather than a result."""
    raw = obx.raw(3)
    return raw is not None and raw.startswith(_STUDY) and obx.text(3) == _STUDY


def _number(raw: str, syntax: Syntax) -> str | None:
    """Return a raw order number with its issuer, as number^issuer; None when there is none."""
    if not raw or raw == NULL:
        return None
    if syntax.repetition in raw:
        raw = raw.partition(syntax.repetition)[0]
    return joined(raw, syntax) or None


def no_key() -> Problem:
    """Return the problem of an order or report that names no procedure."""
    return Problem(kind="no_key", source="OBR-18", message="neither an accession number nor a study: nothing is named")
