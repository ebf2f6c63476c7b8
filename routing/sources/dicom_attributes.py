"""The canonical attributes of one DICOM object, each with the keyword that said it and the text as it came.

What an element says is taken where it can be; an element that is there and empty is unknown and EMPTY, one that cannot
be understood is unknown and MALFORMED, with a doubt. Nothing is guessed from a description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from routing.attributes import Missing, Value
from routing.sources.dicom_header import Header
from routing.sources.dicom_times import times
from routing.sources.dicom_values import age, birth_date, family_given, person_name
from routing.sources.profiles import INSTITUTION, Profile
from routing.vocabulary import Vocabulary

_FRAMES: Final = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_DESCRIPTIONS: Final = (
    "StudyDescription",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "SeriesDescription",
    "ProtocolName",
)
_INDICATIONS: Final = (
    "ReasonForTheRequestedProcedure",
    "ReasonForStudy",
    "AdditionalPatientHistory",
    "AdmittingDiagnosesDescription",
    "RequestedProcedureComments",
)
_SIDES: Final = ("ImageLaterality", "Laterality", "MeasurementLaterality")
_SIDED: Final = (*_FRAMES, *_SIDES, "AnatomicRegionSequence")
_AGENTS: Final = ("ContrastBolusAgent", "ContrastBolusIngredient", "ContrastBolusAgentSequence")
_CONTRASTED: Final = (*_FRAMES, *_AGENTS)
_VISITED: Final = ("VisitStatusID", "RouteOfAdmissions", "InstitutionalDepartmentTypeCodeSequence")
_SERVICES: Final = ("RequestingService", "RequestingServiceCodeSequence")
_REASON: Final = "ReasonForRequestedProcedureCodeSequence"
_CODES: Final = ("RequestedProcedureCodeSequence", "ProcedureCodeSequence", "PerformedProtocolCodeSequence")


def examination(header: Header, vocabulary: Vocabulary, profile: Profile, *, is_clinical: bool) -> dict[str, Value]:
    """Return what was done, when, where and to whom: everything but what was asked for and the modality."""
    values: dict[str, Value] = {}
    _demographics(header, vocabulary, values)
    values |= body_parts(header, vocabulary) | sides(header, vocabulary) | contrast(header, vocabulary)
    for name, keyword in (("station", "StationName"), ("department", "InstitutionalDepartmentName")):
        _plain(header, name, keyword, values)
    _plain(header, "location", "CurrentPatientLocation", values)
    _plain(header, "institution", "InstitutionName", values, is_text=True)
    if profile.site:
        values["site"] = Value(value=profile.site, source="profile", raw=header.text("InstitutionName") or None)
    elif site := coded(header.items("InstitutionCodeSequence")):
        values["site"] = Value(value=site[0][0], source="InstitutionCodeSequence", raw=site[0][1])
    elif INSTITUTION in profile.site_from and (institution := header.text(INSTITUTION)):
        values["site"] = Value(value=institution, source=INSTITUTION, raw=institution)
    _patient_class(header, vocabulary, profile, values)
    return values | times(header, profile.zone, is_clinical=is_clinical)


def request(header: Header, items: Iterable[Header], vocabulary: Vocabulary, profile: Profile) -> dict[str, Value]:
    """Return what was asked for, out of the dataset and the items of its Request Attributes Sequence that are meant."""
    levels = (header, *items)
    values: dict[str, Value] = {}
    if found := _codes(levels):
        values["procedure_code"] = found
    elif not header.lacks(_CODES):
        values["procedure_code"] = _empty(next(keyword for keyword in _CODES if keyword in header))
    _texts(levels, "description", _DESCRIPTIONS, values)
    _texts(levels, "indication", _INDICATIONS, values)
    _reason_code(levels, values)
    _priority(levels, vocabulary, profile, values)
    _referrer(header, profile, values)
    return values


def modalities(header: Header, vocabulary: Vocabulary, companion: str | None) -> dict[str, Value]:
    """Return the image classes and companions. *companion* is the modality of a companion's SOP class, else None."""
    keyword = "ModalitiesInStudy" if header.words("ModalitiesInStudy") else "Modality"
    said = header.words(keyword)
    images, companions = vocabulary.modality_parts(said)
    if companion is not None:  # whatever modality made it, it is no image of that modality
        kept = tuple(code for code in images if keyword == "ModalitiesInStudy" and code in said[1:])
        companions = tuple(dict.fromkeys((*companions, *((companion,) if companion and not companions else ()))))
        images = kept
    raw = "\\".join(said) or None
    values = {}
    if images:
        values["modality"] = Value(value=images, source=keyword, raw=raw)
    elif not companions and keyword in header:
        values["modality"] = _empty(keyword)
    if companions:
        values["companions"] = Value(value=companions, source=keyword if said else "SOPClassUID", raw=raw)
    return values


def body_parts(header: Header, vocabulary: Vocabulary) -> dict[str, Value]:
    """Return the parts examined: by code where the codes say anything, else by Body Part Examined."""
    coded_parts: dict[str, str] = {}
    for item in _regions(header):
        code, meaning = _code(item)
        scheme = item.text("CodingSchemeDesignator")
        if term := vocabulary.anatomic_region(code, scheme or None, meaning):
            coded_parts.setdefault(term, _raw_code(item))
    if coded_parts:
        source = "AnatomicRegionSequence"
        return {"body_part": Value(value=tuple(coded_parts), source=source, raw="\\".join(coded_parts.values()))}
    words = {vocabulary.body_part(word): word for word in header.words("BodyPartExamined")}
    if words:
        return {"body_part": Value(value=tuple(words), source="BodyPartExamined", raw="\\".join(words.values()))}
    return {"body_part": _empty("BodyPartExamined")} if "BodyPartExamined" in header else {}


def sides(header: Header, vocabulary: Vocabulary) -> dict[str, Value]:
    """Return the side of this instance: of its frames, its image, its series, or by a modifier of its region's code."""
    if header.lacks(_SIDED):
        return {}
    said = [("FrameLaterality", word) for item in _frame_anatomy(header) for word in item.words("FrameLaterality")]
    for keyword in _SIDES:
        said = said or [(keyword, word) for word in header.words(keyword)]
    if not any(vocabulary.laterality(word) for _, word in said):
        modifiers = [one for item in _regions(header) for one in item.items("AnatomicRegionModifierSequence")]
        said = [("AnatomicRegionModifierSequence", code) for code, _ in map(_code, modifiers)] or said
    found = dict.fromkeys(side for _, word in said if (side := vocabulary.laterality(word)))
    if found:
        value = ("B",) if "B" in found or len(found) > 1 else tuple(found)
        return {
            "laterality": Value(value=value, source=said[0][0], raw="\\".join(dict.fromkeys(word for _, word in said)))
        }
    for keyword, word in said:
        if not vocabulary.knows_laterality(word) and keyword != "AnatomicRegionModifierSequence":
            header.doubt("laterality", keyword, "nobody knows this word for a side")
            return {"laterality": _malformed(keyword, word)}
    if said:
        return {"laterality": Value(value=None, source=said[0][0], raw=said[0][1], missing=Missing.EMPTY)}
    return {"laterality": _empty("Laterality")} if "Laterality" in header else {}


def contrast(header: Header, vocabulary: Vocabulary) -> dict[str, Value]:
    """Return whether an agent was given; that none was only where it is said."""
    if header.lacks(_CONTRASTED):
        return {}
    agent = header.text("ContrastBolusAgent")
    said = [("ContrastBolusAgent", agent)] if agent else []
    said += [("ContrastBolusIngredient", word) for word in header.words("ContrastBolusIngredient")]
    said += [
        ("ContrastBolusAgentSequence", _code(item)[1] or _code(item)[0])
        for item in header.items("ContrastBolusAgentSequence")
    ]
    found = [(keyword, word, meaning) for keyword, word in said if (meaning := vocabulary.agent_contrast(word))]
    for group in _FRAMES:
        for item in header.walk(group, "ContrastBolusUsageSequence"):
            word = item.text("ContrastBolusAgentAdministered") or ""
            if word in {"YES", "NO"}:
                found.append(("ContrastBolusAgentAdministered", word, "given" if word == "YES" else "none"))
    for wanted in ("both", "given", "none"):
        for keyword, word, meaning in found:
            if meaning == wanted:
                return {"contrast": Value(value=meaning, source=keyword, raw=word)}
    return {"contrast": _empty("ContrastBolusAgent")} if "ContrastBolusAgent" in header else {}


def coded(items: Iterable[Header]) -> list[tuple[str, str]]:
    """Return the codes of items of a code sequence, each with code^meaning^scheme as it came."""
    return [(code, _raw_code(item)) for item in items if (code := _code(item)[0])]


# parts of the above


def _demographics(header: Header, vocabulary: Vocabulary, values: dict[str, Value]) -> None:
    name = header.text("PatientName")
    if name is not None:
        shown = person_name(name)
        values["patient_name"] = (
            Value(value=(shown,), source="PatientName", raw=name) if shown else _empty("PatientName")
        )
    _read(header, "birth_date", "PatientBirthDate", birth_date, values)
    _read(header, "age", "PatientAge", age, values)
    word = header.text("PatientSex")
    if word is not None:
        sex = vocabulary.sex(word)
        values["sex"] = _one(sex, "PatientSex", word)
        if word and sex is None and not vocabulary.knows_sex(word):
            header.doubt("sex", "PatientSex", "nobody knows this word for a sex")


def _read(header: Header, name: str, keyword: str, reader: Any, values: dict[str, Value]) -> None:
    """Add what *reader* makes of a text; a date or age that says nothing (000Y, 1900-01-01) is EMPTY, no doubt."""
    text = header.text(keyword)
    if text is None:
        return
    if not text:
        values[name] = _empty(keyword)
        return
    found, is_odd = reader(text)
    if is_odd:
        header.doubt(name, keyword, "not the form that the standard asks for")
    missing = None if found is not None else Missing.MALFORMED if is_odd else Missing.EMPTY
    values[name] = Value(value=found, source=keyword, raw=text, missing=missing)


def _plain(header: Header, name: str, keyword: str, values: dict[str, Value], *, is_text: bool = False) -> None:
    text = header.text(keyword)
    if text is not None:
        value: Any = (text,) if is_text else text
        values[name] = Value(value=value, source=keyword, raw=text) if text else _empty(keyword)


def _patient_class(header: Header, vocabulary: Vocabulary, profile: Profile, values: dict[str, Value]) -> None:
    """Add the class where a word for one stands; these fields are weak evidence, so that any other word is nothing."""
    if header.lacks(_VISITED):
        return
    said = [(keyword, header.text(keyword) or "") for keyword in ("VisitStatusID", "RouteOfAdmissions")]
    department = "InstitutionalDepartmentTypeCodeSequence"
    said += [(department, _code(item)[1]) for item in header.items(department)]
    for keyword, word in said:
        meaning = profile.patient_classes.get(word.upper()) or (
            vocabulary.patient_class(word) if len(word) > 1 else None
        )
        if meaning:
            values["patient_class"] = Value(value=meaning, source=keyword, raw=word)
            return


def _regions(header: Header) -> Iterator[Header]:
    yield from header.items("AnatomicRegionSequence")
    for item in _frame_anatomy(header):
        yield from item.items("AnatomicRegionSequence")


def _frame_anatomy(header: Header) -> Iterable[Header]:
    if header.lacks(_FRAMES):
        return ()
    return (item for group in _FRAMES for item in header.walk(group, "FrameAnatomySequence"))


def _codes(levels: Iterable[Header]) -> Value | None:
    """Return the codes of all fields; sources are named in the order of the codes, one alone where it is the same."""
    found: dict[str, str] = {}
    sources: dict[str, str] = {}
    for level in levels:
        if level.lacks(_CODES):
            continue
        for keyword in _CODES:
            for code, raw in coded(level.items(keyword)):
                found.setdefault(code, raw)
                sources.setdefault(code, keyword)
    if not found:
        return None
    named = sources.values() if len(set(sources.values())) > 1 else list(sources.values())[:1]
    return Value(value=tuple(found), source=", ".join(named), raw="\\".join(found.values()))


def _texts(levels: Iterable[Header], name: str, keywords: Iterable[str], values: dict[str, Value]) -> None:
    """Add the texts of several fields as parts, the same text once; sources are named in the order of the parts."""
    found: dict[str, str] = {}
    empty: str | None = None
    for keyword in keywords:
        for level in levels:
            if keyword in level:
                empty = empty or keyword
                for text in level.parts(keyword):
                    found.setdefault(text, keyword)
    if found:
        values[name] = Value(value=tuple(found), source=", ".join(found.values()), raw=" | ".join(found))
    elif empty:
        values[name] = _empty(empty)


def _reason_code(levels: Iterable[Header], values: dict[str, Value]) -> None:
    meanings = [meaning for level in levels for item in level.items(_REASON) if (meaning := _code(item)[1])]
    if not meanings:
        return
    said = values.get("indication")
    parts = said.value if said and said.value else ()
    further = tuple(meaning for meaning in dict.fromkeys(meanings) if meaning not in parts)
    sources = [said.source] if said and parts else []
    values["indication"] = Value(
        value=(*parts, *further),
        source=", ".join([*sources, *(_REASON for _ in further)]),
        raw=" | ".join((*parts, *further)),
    )


def _priority(levels: Iterable[Header], vocabulary: Vocabulary, profile: Profile, values: dict[str, Value]) -> None:
    for keyword in ("RequestedProcedurePriority", "ReportingPriority"):
        for level in levels:
            word = level.text(keyword)
            if not word:
                continue
            meaning = profile.priority_words.get(word.upper()) or vocabulary.priority(word)
            if meaning is None:
                level.doubt("priority", keyword, "nobody mapped this word to a priority")
            values.setdefault("priority_requested", _one(meaning, keyword, word))
            return


def _referrer(header: Header, profile: Profile, values: dict[str, Value]) -> None:
    empty: str | None = None
    for keyword, identified in (
        ("ReferringPhysicianName", "ReferringPhysicianIdentificationSequence"),
        ("RequestingPhysician", "RequestingPhysicianIdentificationSequence"),
    ):
        text = header.text(keyword)
        name = family_given(text or "")
        codes = coded(
            one for item in header.items(identified) for one in item.items("PersonIdentificationCodeSequence")
        )
        number, raw_number = codes[0] if codes else ("", "")
        placeholders = profile.referrer_placeholders
        if (name or number) and name.upper() not in placeholders and number.upper() not in placeholders:
            source, raw = (keyword, text) if name else (identified, raw_number)
            values["referrer"] = Value(value=name or number, source=source, raw=raw)
            known = profile.referrer_specialties
            if specialty := known.get(number.upper()) or known.get(name.upper()):
                values["referrer_specialty"] = Value(value=specialty, source=source, raw=number or name)
            break
        empty = empty or (keyword if text is not None else None)
    if "referrer" not in values and empty:
        values["referrer"] = _empty(empty)
    _specialty(header, values)


def _specialty(header: Header, values: dict[str, Value]) -> None:
    """Add the service that asked, unless a profile knows the referrer's specialty."""
    if "referrer_specialty" in values or header.lacks(_SERVICES):
        return
    if service := header.text("RequestingService"):
        values["referrer_specialty"] = Value(value=service, source="RequestingService", raw=service)
    for item in header.items("RequestingServiceCodeSequence"):
        code, meaning = _code(item)
        if meaning or code:
            said = Value(value=meaning or code, source="RequestingServiceCodeSequence", raw=_raw_code(item))
            values.setdefault("referrer_specialty", said)


def _code(item: Header) -> tuple[str, str]:
    for keyword in ("CodeValue", "LongCodeValue", "URNCodeValue"):
        if code := item.text(keyword):
            return code, item.text("CodeMeaning") or ""
    return "", item.text("CodeMeaning") or ""


def _raw_code(item: Header) -> str:
    code, meaning = _code(item)
    return "^".join((code, meaning, item.text("CodingSchemeDesignator") or ""))


def _one(value: Any, source: str, raw: str) -> Value:
    missing = None if value is not None else Missing.MALFORMED if raw else Missing.EMPTY
    return Value(value=value, source=source, raw=raw or None, missing=missing)


def _empty(source: str) -> Value:
    return Value(value=None, source=source, missing=Missing.EMPTY)


def _malformed(source: str, raw: str) -> Value:
    return Value(value=None, source=source, raw=raw, missing=Missing.MALFORMED)
