"""HL7 orders: what one order group says of one procedure, and ORM, OMI and OMG as news.

The number of the request stands in IPC-1, OBR-18, OBR-3 or ORC-3, in that order (IHE), unless the sender's profile says
otherwise; its issuer is only what stands in the number's own field. Of the fields that may hold a priority, the first
that is filled counts.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Final, Literal

from attrs import evolve

from routing.attributes import Attributes, Missing, Said
from routing.decision import Problem
from routing.sources.er7_segments import fields_of, first_of, part, text_of
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_declared import declared_values
from routing.sources.hl7_groups import Context, OrderGroup, PatientPart, Told
from routing.sources.hl7_keys import all_path_parts, keys_of, no_key, segment_of
from routing.sources.hl7_patients import demographics, patient_fields, patient_of, referrer, visit
from routing.sources.hl7_tables import hl7_table
from routing.sources.hl7_values import Values, nothing, plain, told, when
from routing.sources.news import Keys, News, OrderControl, Patient, news_of_order
from routing.sources.profiles import INSTITUTION, Profile
from routing.vocabulary import Vocabulary

_CONTROLS: Final = {control.value: control for control in OrderControl}
_ENDED: Final = {"cancelled": OrderControl.CANCEL, "discontinued": OrderControl.DISCONTINUE}
_BY_CONTROL: Final = {OrderControl.CANCEL: "cancelled", OrderControl.DISCONTINUE: "discontinued"}
_REPLACE: Final = "replace"
_NO_CONTROL: Final = Problem(kind="order_control", source="ORC-1", message="ORC-1 is empty")
_ENDED_AT_BIRTH: Final = Problem(
    kind="order_control", source="ORC-5", message="a new order that says it has ended: taken as new"
)
_UNKNOWN_PRIORITY: Final = {
    source: Problem(kind="priority", source=source, message="nobody has said what this priority means")
    for source in ("TQ1-9", "OBR-27.6", "ORC-7.6", "OBR-5")
}
_ASKED_BY: Final = ("OBR-16", "PV1-8", "ORC-12")
_PRIOR: Final = frozenset({"", "PR", "RE"})  # what ORC-1 says of earlier results that ride along with an order


def order_news(parts: list[PatientPart], context: Context, said: datetime | None) -> tuple[News, ...] | Problem:
    """Return one piece of news for each order group, or why nothing of the message may be applied."""
    news: list[News] = []
    for place, patient_part in enumerate(parts):
        for group in patient_part.groups:
            if place and _control_word(group, context.message.syntax) in _PRIOR:
                continue
            one = _order(patient_part, group, context, said, parts)
            if isinstance(one, Problem):
                return one
            news += one
    return tuple(news) or Problem(kind="no_key", source="ORC", message="no order in it: neither ORC nor OBR")


def _order(
    patient_part: PatientPart, group: OrderGroup, context: Context, said: datetime | None, parts: list[PatientPart]
) -> list[News] | Problem:
    if group.other and not group.obr_line:
        return Problem(kind="message_type", source=group.other, message="not the order of a procedure: there is no OBR")
    orc, syntax = group.orc, context.message.syntax
    asked = _asked(orc[1], orc[5], syntax, context.profile) if group.orc_line else _NO_CONTROL
    if isinstance(asked, Problem):
        return asked
    control, status, doubt = asked
    if control == _REPLACE:
        control = OrderControl.CANCEL if _brings_replacement(parts, syntax) else OrderControl.CHANGE
    warnings: list[Problem] = []
    patient, keys, values = procedure(patient_part, group, context, warnings)
    first = keys[0]
    if first.accession is None and first.study_uid is None:
        return no_key()
    if status is not None:
        values["order_status"] = status
    if doubt is not None:
        warnings.append(doubt)
    _priority(group, context, values, warnings)
    one = news_of_order(first, patient, Attributes.of_parts(values), said, control, tuple(warnings))
    return [one] if len(keys) == 1 else of_each(one, keys, values)


def of_each(news: News, keys: list[Keys], values: Values) -> list[News]:
    """Return what is said of the first of several procedures as said of each of them, with its own numbers."""
    made = [news]
    for one in keys[1:]:
        own = dict(values)
        for name in ("accession", "accession_issuer", "study_uid"):
            number, first = getattr(one, name), getattr(news.keys, name)
            if number is None:
                own.pop(name, None)
            elif number != first:
                source = values[name][1] if name in values else "IPC"
                own[name] = (number, source, number, None)
        made.append(evolve(news, keys=one, attributes=Attributes.of_parts(own), warnings=()))
    return made


def procedure(
    patient_part: PatientPart, group: OrderGroup, context: Context, warnings: list[Problem]
) -> tuple[Patient, list[Keys], Values]:
    """Return who and which an order group is about, and what it says of its procedure and patient.

    There are several keys where the group names several procedures; doubts are added to *warnings*.
    """
    told = patient_part.told
    if told is None:
        lines = patient_part.pid, patient_part.pv1
        told = patient_part.told = _patient(*lines, context.message.syntax, context.profile)
    patient, known, doubt, attending, site = told
    values = known.copy()
    if doubt:
        warnings.append(doubt)
    obr, syntax = group.obr, context.message.syntax
    referrer(_ASKED_BY, (obr[16], attending, group.orc[12]), context, values)
    keys = keys_of(group, context, values, warnings)
    if site is not None:
        values["site"] = site
    else:
        _site(group, context, values)
    planned, station = _planned(group, syntax) if group.ipcs else ("", None)
    values.update(_what(obr[4], obr[44], obr[24], planned, obr[15], syntax, context.profile.vocabulary))
    if obr[7] or obr[8]:
        _times(obr[7], obr[8], syntax, context.zone, values)
    if station is not None:
        values["station"] = station
    _indication(group, syntax, values)
    values["message_type"] = _typed(context.message_type)
    if context.declared:
        values.update(declared_values(group, context))
    return patient, keys, values


def _patient(identified: str, visited: str, syntax: Syntax, profile: Profile) -> Told:
    """Return what the lines of a PID and PV1 tell; the several messages of one examination say the same."""
    values: Values = {}
    pid = patient_fields(identified, syntax)
    patient = patient_of(pid, syntax, profile, values)
    doubt = demographics(pid, syntax, values, profile.vocabulary)
    place = fields_of(visited, syntax.field, 10)
    here, site = visit(place[2], place[3], place[10], syntax, profile)
    values.update(here)
    return patient, values, doubt, place[8], site


def _planned(group: OrderGroup, syntax: Syntax) -> tuple[str, Said | None]:
    """Return the raw modality of the first IPC, and its station."""
    ipc = fields_of(group.ipcs[0], syntax.field, 7)
    return first_of(ipc[5], syntax), plain("IPC-7", first_of(ipc[7], syntax), syntax)


@lru_cache(maxsize=64)
def _typed(message_type: str) -> Said:
    return message_type, "MSH-9", message_type, None


def _site(group: OrderGroup, context: Context, values: Values) -> None:
    profile = context.profile
    if profile.site:
        values["site"] = (profile.site, "profile", profile.site, None)
        return
    for path, name, field, component in _site_paths(profile.site_from):
        segment = segment_of(group, name, context)
        raw = segment.raw(field) if segment is not None else None
        if raw and raw != NULL and (site := _site_said(path, raw, context.message.syntax, component)):
            values["site"] = site
            return


@lru_cache(maxsize=64)
def _site_paths(fields: tuple[str, ...]) -> tuple[tuple[str, str, int, int], ...]:
    return all_path_parts(tuple(field for field in fields if field != INSTITUTION))


@lru_cache(maxsize=4096)
def _site_said(path: str, raw: str, syntax: Syntax, component: int) -> Said | None:
    return plain(path, _first(raw, syntax), syntax, component)


@lru_cache(maxsize=4096)
def _what(
    asked: str, done: str, section: str, planned: str, part_said: str, syntax: Syntax, words: Vocabulary
) -> Values:
    """Return what was asked for, by the raw OBR-4, OBR-44, OBR-24, IPC-5 and OBR-15: codes, text, modality and part."""
    values: Values = {}
    codes, texts = _codes_and_texts(asked, done, syntax)
    if codes is not None:
        values["procedure_code"] = codes
    if texts is not None:
        values["description"] = texts
    values.update(_modality_values(_first(section, syntax), planned, syntax, words))
    word = part(_first(part_said, syntax), syntax, 4)  # where the order says the part apart from the code
    if word and (term := words.known_body_part(word)):
        values["body_part"] = ((term,), "OBR-15.4", word, None)
    return values


def _first(raw: str, syntax: Syntax) -> str:
    return raw.partition(syntax.repetition)[0]


def _codes_and_texts(asked: str, done: str, syntax: Syntax) -> tuple[Said | None, Said | None]:
    codes: dict[str, str] = {}
    texts: dict[str, str] = {}
    for field, raw in ((4, asked), (44, done)):
        for one in raw.split(syntax.repetition):
            for component, kept in ((1, codes), (4, codes), (2, texts), (5, texts)):
                if text := part(one, syntax, component, whole=kept is texts):
                    kept.setdefault(text, f"OBR-{field}" if kept is codes else f"OBR-{field}.{component}")
    return _several(codes) if codes else None, _several(texts) if texts else None


def _several(found: dict[str, str]) -> Said:
    """Return texts (with the field of each) as one value that names each of its fields once."""
    if len(found) == 1:
        ((text, source),) = found.items()
        return (text,), source, text, None
    return tuple(found), ", ".join(dict.fromkeys(found.values())), "~".join(found), None


def _times(begun: str, ended: str, syntax: Syntax, zone: tzinfo | None, values: Values) -> None:
    start = when(begun, syntax, "OBR-7", zone) if begun else None
    end = when(ended, syntax, "OBR-8", zone) if ended else None
    if start is not None:
        values["exam_start"] = start
    if end is None or (end[0] is None and start is not None):
        end = start
    if end is not None:
        values["exam_end"] = end


def _modality_values(section: str, planned: str, syntax: Syntax, words: Vocabulary) -> Values:
    """Return modality and companions by the first of OBR-24 and IPC-5 that names one; else that it is unknown."""
    unknown: Values = {}
    for raw, source in ((section, "OBR-24"), (planned, "IPC-5")):
        word = part(raw, syntax, 1)
        images, companions = _modalities(word, words)
        found = {"modality": images, "companions": companions}
        if images or companions:
            return {name: (codes, source, word, None) for name, codes in found.items() if codes}
        if word and not unknown:
            unknown = {"modality": told(None, source, word)}
    return unknown


@lru_cache(maxsize=256)
def _modalities(word: str, words: Vocabulary) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the image classes and companions that a word names, both empty when it is no modality."""
    local = hl7_table("hl7_modalities")
    names = [name for name in word.upper().replace("/", "\\").split("\\") if name.strip()]
    codes = [local.get(name.strip(), name.strip()) for name in names]
    known = [code for code in codes if code in local.values() or words.knows_modality(code)]
    return words.modality_parts(known)


def _indication(group: OrderGroup, syntax: Syntax, values: Values) -> None:
    why, relevant = group.obr[31], group.obr[13]
    if relevant or group.dg1 or group.nte or syntax.repetition in why:
        texts = _indications(why, relevant, group, syntax)
        if texts:
            values["indication"] = _several(texts)
            return
    elif text := _reason(why, syntax) if why else "":  # the usual one, with less looking
        values["indication"] = ((text,), "OBR-31", text, None)
        return
    if why == NULL:
        values["indication"] = nothing("OBR-31")


def _reason(raw: str, syntax: Syntax) -> str:
    """Return the text of a CE, else its code, from a raw repetition."""
    return part(raw, syntax, 2, whole=True) or part(raw, syntax, 1, whole=True)


def _indications(why: str, relevant: str, group: OrderGroup, syntax: Syntax) -> dict[str, str]:
    """Return all that is said of why: each text once, with the first field that it stands in."""
    texts = {_reason(one, syntax): "OBR-31" for one in why.split(syntax.repetition)} if why else {}
    separator = syntax.field
    if relevant:
        texts.setdefault(part(_first(relevant, syntax), syntax, 1, whole=True), "OBR-13")
    for line in group.dg1:
        dg1 = fields_of(line, separator, 4)
        said = first_of(dg1[4], syntax)
        text = said and part(said, syntax, 1, whole=True)
        text = text or part(first_of(dg1[3], syntax), syntax, 2, whole=True)
        texts.setdefault(text, "DG1-4" if said else "DG1-3.2")
    for line in group.nte:
        note = fields_of(line, separator, 3)[3]
        if syntax.repetition in note:
            notes = [part(one, syntax, 1, whole=True) for one in note.split(syntax.repetition)]
            text = "\n".join(filter(None, notes))
        else:
            text = part(note, syntax, 1, whole=True)
        texts.setdefault(text, "NTE-3")
    texts.pop("", None)
    return texts


def _control_word(group: OrderGroup, syntax: Syntax) -> str:
    return text_of(group.orc[1], syntax).upper()


def _brings_replacement(parts: list[PatientPart], syntax: Syntax) -> bool:
    """Whether an order that is replaced (RP, RU) ends: its replacement (RO) is here. Alone, it only changes."""
    return any(_control_word(group, syntax) == "RO" for one in parts for group in one.groups)


@lru_cache(maxsize=1024)
def _asked(
    raw_control: str, raw_status: str, syntax: Syntax, profile: Profile
) -> tuple[OrderControl | Literal["replace"], Said | None, Problem | None] | Problem:
    """Return what ORC-1 asks for in the light of ORC-5, how far the order is, and the doubt that there may be.

    A Problem alone: nobody says what the order control means. A change or status that says *cancelled* or
    *discontinued* cancels or discontinues. A new order that says so contradicts itself: it stands as new, with a doubt.
    """
    word = part(_first(raw_control, syntax), syntax, 1).upper()
    meaning = profile.order_control_words.get(word) or hl7_table("hl7_order_control").get(word)
    if meaning is None:
        return _NO_CONTROL if not word else evolve(_NO_CONTROL, message="nobody has said what this order control means")
    if meaning == _REPLACE:
        return "replace", None, None
    control = _CONTROLS[meaning]
    state = part(_first(raw_status, syntax), syntax, 1)
    said = profile.order_status_words.get(state.upper()) or hl7_table("hl7_order_status").get(state.upper())
    doubt: Problem | None = None
    status: Said | None
    if control in _BY_CONTROL:
        status = told(_BY_CONTROL[control], "ORC-1", word)
    elif said or (state and control is not OrderControl.NEW):
        status = told(said, "ORC-5", state)
        if said in _ENDED and control is OrderControl.NEW:
            doubt = _ENDED_AT_BIRTH
        else:
            control = _ENDED.get(said or "", control)
    else:
        status = told("scheduled", "ORC-1", word) if control is OrderControl.NEW else None
    return control, status, doubt


def _priority(group: OrderGroup, context: Context, values: Values, warnings: list[Problem]) -> None:
    """Add what the first priority that is filled means to *values*, the newer place before the older."""
    obr, syntax = group.obr, context.message.syntax
    newest = fields_of(group.tq1, syntax.field, 9)[9] if group.tq1 else ""
    said = (
        (newest and _urgent("TQ1-9", newest, syntax, 1, context.profile))
        or ((raw := obr[27]) and _urgent("OBR-27.6", raw, syntax, 6, context.profile))
        or ((raw := group.orc[7]) and _urgent("ORC-7.6", raw, syntax, 6, context.profile))
        or ((raw := obr[5]) and _urgent("OBR-5", raw, syntax, 1, context.profile))
    )
    if said:
        values["priority_requested"] = said
        if said[0] is None and said[3] is not Missing.NULL:
            warnings.append(_UNKNOWN_PRIORITY[said[1]])


def _urgent(source: str, raw: str, syntax: Syntax, component: int, profile: Profile) -> Said | None:
    """Return what a field says of the priority; None where it says nothing. Only a quantity (TQ) is repeated."""
    if raw == NULL:
        return nothing(source.partition(".")[0])
    if syntax.repetition not in raw:
        word = part(raw, syntax, component)
    elif component == 1:
        word = part(_first(raw, syntax), syntax, 1)
    else:
        word = next(filter(None, [part(one, syntax, component) for one in raw.split(syntax.repetition)]), "")
    return _meant(source, word, profile) if word else None


@lru_cache(maxsize=512)
def _meant(source: str, word: str, profile: Profile) -> Said:
    return told(profile.priority_words.get(word.upper()) or profile.vocabulary.priority(word), source, word)
