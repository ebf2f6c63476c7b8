"""HL7 reports: ORU and MDM as news, one for each procedure that the message names.

The status is OBR-25 (for a document TXA-17), in the sender's own words or in those of the standard. What nobody mapped
is UNKNOWN and never final. OBX-11 may only weaken it, or stand in where OBR-25 is empty; both are told as a warning. A
text that stands under one OBR is the text of every OBR of the message that has none of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache
from hashlib import sha256
from typing import Final

from routing.attributes import Attributes, Missing
from routing.decision import Problem
from routing.sources.er7_segments import Segment, fields_of, part, repetitions_of, text_of
from routing.sources.er7_syntax import NULL, Syntax
from routing.sources.hl7_groups import Context, OrderGroup, PatientPart
from routing.sources.hl7_keys import is_study_pointer, no_key
from routing.sources.hl7_orders import of_each, procedure
from routing.sources.hl7_tables import hl7_table, hl7_words
from routing.sources.hl7_values import instant
from routing.sources.news import News, NewsKind, Report, ReportStatus

_STATUSES: Final = {status.value: status for status in ReportStatus}
_ENDED: Final = frozenset({ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.ADDENDUM})
_UNFINISHED: Final = frozenset({ReportStatus.PRELIMINARY, ReportStatus.UNKNOWN})
# what a report's status is called among the attributes
_ATTRIBUTE: Final[Mapping[ReportStatus, str]] = {
    ReportStatus.PRELIMINARY: "preliminary",
    ReportStatus.FINAL: "final",
    ReportStatus.CORRECTED: "corrected",
    ReportStatus.ADDENDUM: "corrected",
    ReportStatus.WITHDRAWN: "withdrawn",
    ReportStatus.CANCELLED: "withdrawn",
}
_DOCUMENT_EVENTS: Final[Mapping[str, ReportStatus | None]] = {
    "T02": None,
    "T04": None,
    "T06": ReportStatus.ADDENDUM,
    "T08": ReportStatus.CORRECTED,
    "T10": ReportStatus.CORRECTED,
    "T11": ReportStatus.WITHDRAWN,
}
_POINTERS: Final = frozenset({"113014", "112002", "110180"})  # DICOM study, series, instance
_UID: Final = re.compile(r"[0-2](?:\.\d+){3,}\Z")
_LINK: Final = re.compile(r"[/\\]|\.\w{2,5}\Z")
_HEADING: Final = re.compile(r"\s*([A-Za-z][A-Za-z '()/&-]{0,40}):(.*)\Z", re.DOTALL)
_NOT_WORD: Final = re.compile(r"[\W_]+")


def report_news(parts: list[PatientPart], context: Context, said: datetime | None) -> tuple[News, ...] | Problem:
    """Return an ORU's news, one piece for each OBR, or why nothing of the message may be applied."""
    news: list[News] = []
    for patient in parts:
        for group in patient.groups:
            if not group.obr_line:
                continue
            one = _report(patient, group, context, said, parts)
            if isinstance(one, Problem):
                return one
            news += one
    return tuple(news) or Problem(
        kind="no_key", source="OBR", message="a result that names no procedure: there is no OBR"
    )


def document_news(
    parts: list[PatientPart], event: str, context: Context, said: datetime | None
) -> tuple[News, ...] | Problem:
    """Return an MDM's news: the document's status and text, for each OBR, else for the order that TXA names."""
    txa = context.message.segment("TXA")
    if event not in _DOCUMENT_EVENTS:
        return Problem(kind="message_type", source="MSH-9", message=f"the event MDM^{event} is not handled")
    if txa is None:
        return Problem(kind="no_key", source="TXA", message="a document message without its header: there is no TXA")
    groups = [(patient, group) for patient in parts for group in patient.groups if group.obr_line]
    if not groups:
        groups = [(parts[0], _group_of(txa, parts[0]))]
    news: list[News] = []
    for patient, group in groups:
        group.obx = group.obx or [obx for obx in patient.obx if is_study_pointer(obx)]
        one = _report(patient, group, context, said, parts, txa=txa, event=event)
        if isinstance(one, Problem):
            return one
        news += one
    return tuple(news)


def _group_of(txa: Segment, part: PatientPart) -> OrderGroup:
    """Return an order group for a document that has no OBR: TXA's order numbers stand where OBR has its own."""
    separator = txa.syntax.field
    line = separator.join(("ORC", "", txa.raw(14) or "", txa.raw(15) or ""))
    return OrderGroup(part, line, fields_of(line, separator, 12), has_own_orc=True)


def _report(
    patient_part: PatientPart,
    group: OrderGroup,
    context: Context,
    said: datetime | None,
    parts: list[PatientPart],
    *,
    txa: Segment | None = None,
    event: str = "",
) -> list[News] | Problem:
    warnings: list[Problem] = []
    patient, keys, values = procedure(patient_part, group, context, warnings)
    if keys[0].accession is None and keys[0].study_uid is None:
        return no_key()
    if txa is not None and "accession" in values and not group.obr_line:
        number = values["accession"]
        values["accession"] = (number[0], "TXA-15", number[2], number[3])
    results = [obx for obx in (*group.obx, *(patient_part.obx if txa is not None else ())) if is_result(obx)]
    said_status = _document_status(txa, event, group, context) if txa is not None else _order_status(group, context)
    status, source, word = _weighed(said_status, results, context, warnings)
    own = _text(results) or _text_of_all(parts)
    report = Report(
        status=status,
        raw_status=word,
        has_text=says_something(own, context.profile.placeholder_texts) and not _all_of(results, "X", status),
        report_id=(txa.text(12) or None) if txa is not None else None,
        digest=sha256(own.encode("utf-8", "replace")).hexdigest(),
        readers=_readers(group, results, txa, context.message.syntax),
        one_read=context.profile.final_ends_one_read,
    )
    meaning = _ATTRIBUTE.get(status)
    if word or meaning:
        missing = None if meaning else Missing.MALFORMED if status is ReportStatus.UNKNOWN else Missing.EMPTY
        values["report_status"] = (meaning, source, word, missing)
    one = News(
        kind=NewsKind.REPORT,
        keys=keys[0],
        patient=patient,
        attributes=Attributes.of_parts(values),
        said_at=_said(group.obr[22], context, said),
        report=report,
        warnings=tuple(warnings),
    )
    return of_each(one, keys, values)


def is_result(obx: Segment) -> bool:
    """Whether an OBX holds a result: not empty, and no pointer to DICOM objects."""
    fields = obx.fields
    raw = fields[5] if len(fields) > 5 else ""  # noqa: PLR2004 - OBX-5
    if not raw or raw == NULL or (fields[3][:6].isdecimal() and obx.text(3) in _POINTERS):
        return False
    if fields[2] == "RP" or (len(fields[2]) != len("TX") and obx.text(2) == "RP"):
        return _LINK.search(part(raw, obx.syntax, 1)) is not None
    return not raw.lstrip()[:1].isdecimal() or _UID.match(part(raw, obx.syntax, 1)) is None


# the status


_Said = tuple[ReportStatus | None, str, str]  # what it means (None: nothing is said), its field, its word


def _order_status(group: OrderGroup, context: Context) -> _Said:
    word = text_of(group.obr[25], context.message.syntax)
    return (_meaning(word, "hl7_report_status", context) if word else None), "OBR-25", word


def _document_status(txa: Segment, event: str, group: OrderGroup, context: Context) -> _Said:
    word = txa.text(17)
    if not word and text_of(group.obr[25], context.message.syntax):
        return _order_status(group, context)
    status = _meaning(word, "hl7_document_status", context)
    by_event = _DOCUMENT_EVENTS[event]
    if by_event is ReportStatus.WITHDRAWN or txa.text(19).upper() in {"CA", "OB"}:
        return ReportStatus.WITHDRAWN, "TXA-19" if by_event is None else "MSH-9", word or event
    return (by_event if by_event and status is ReportStatus.FINAL else status), "TXA-17", word


def _meaning(word: str, table: str, context: Context) -> ReportStatus:
    own = context.profile.report_status_words.get(word.upper())
    meaning = own or hl7_table(table).get(word.upper())
    return _STATUSES[meaning] if meaning else ReportStatus.UNKNOWN


def _weighed(
    said: _Said, results: list[Segment], context: Context, warnings: list[Problem]
) -> tuple[ReportStatus, str, str]:
    """Return the status that counts, its field and word, in the light of what each result says of itself (OBX-11)."""
    status, source, word = said
    words = Counter(mark for obx in results if (mark := obx.text(11)))  # in order, each once: a report has many results
    marks = [(mark, _meaning(mark, "hl7_observation_status", context)) for mark in words]
    if status is None:
        return _by_results(marks, warnings)
    if status is ReportStatus.UNKNOWN:
        warnings.append(_doubt(source, "nobody has said what this report status means: it is not taken as final"))
    if status in _ENDED | _UNFINISHED:  # a draft too may be for the wrong patient
        wrong = next((mark for mark in marks if mark[0].upper() == "W"), None)
        if wrong or (marks and all(meaning is ReportStatus.WITHDRAWN for _, meaning in marks)):
            return ReportStatus.WITHDRAWN, "OBX-11", (wrong or marks[0])[0]
    if status in _ENDED:
        unfinished = next((mark for mark in marks if mark[1] in _UNFINISHED), None)
        if unfinished:
            warnings.append(_doubt("OBX-11", "a result says that it is not final: the report is taken as preliminary"))
            return ReportStatus.PRELIMINARY, "OBX-11", unfinished[0]
        appended = next((mark for mark in marks if mark[1] is ReportStatus.ADDENDUM), None)
        if appended and status is ReportStatus.FINAL:
            return ReportStatus.ADDENDUM, source, word
    return status, source, word


def _by_results(marks: list[tuple[str, ReportStatus]], warnings: list[Problem]) -> tuple[ReportStatus, str, str]:
    """Return the weakest status among the results' own, where the report itself says none."""
    if not marks:
        warnings.append(_doubt("OBR-25", "there is no report status: it is not taken as final"))
        return ReportStatus.UNKNOWN, "OBR-25", ""
    weakness = (
        ReportStatus.WITHDRAWN,
        ReportStatus.UNKNOWN,
        ReportStatus.NONE,
        ReportStatus.PRELIMINARY,
        ReportStatus.CANCELLED,
        ReportStatus.FINAL,
        ReportStatus.CORRECTED,
        ReportStatus.ADDENDUM,
    )
    word, status = min(marks, key=lambda mark: weakness.index(mark[1]))
    warnings.append(_doubt("OBX-11", "OBR-25 is empty: the status of the results is taken for the report's"))
    return status, "OBX-11", word


def _doubt(source: str, message: str) -> Problem:
    return Problem(kind="report_status", source=source, message=message)


def _all_of(results: list[Segment], mark: str, status: ReportStatus) -> bool:
    """Whether a report that says it ended holds only results that could not be obtained."""
    return status in _ENDED and bool(results) and all(obx.text(11).upper() == mark for obx in results)


# the text


def _text(results: Iterable[Segment]) -> str:
    """Return the text of the results, a line for each repetition; of an embedded document its data."""
    return "\n".join(line for obx in results for line in _lines(obx))


def _text_of_all(parts: list[PatientPart]) -> str:
    """Return the text of all results of the message, which an OBR without any of its own shares."""
    groups = [group.obx for one in parts for group in one.groups]
    return _text(obx for some in (*groups, *(one.obx for one in parts)) for obx in some if is_result(obx))


def _lines(obx: Segment) -> list[str]:
    component = 5 if obx.text(2) == "ED" else 0
    lines = []
    for one in (obx.raw(5) or "").split(obx.syntax.repetition):
        if component:
            lines.append(part(one, obx.syntax, component, whole=True))
        elif one != NULL:
            lines.append(obx.syntax.unescape(one.replace(obx.syntax.component, " ")).strip())
    return lines


def says_something(text: str, placeholders: frozenset[str] = frozenset()) -> bool:
    """Whether a report's text says anything: not blank, not only headings, not a text that stands for *no report yet*.

    *placeholders* are a sender's own such texts, in capitals, beside the shipped ones.
    """
    said: list[str] = []
    counts = True
    for line in text.splitlines():
        heading = _HEADING.match(line)
        rest = line
        if heading:
            name = _NOT_WORD.sub(" ", heading.group(1)).strip().upper()
            counts = name not in hl7_words("hl7_headings")
            rest = heading.group(2)
        if counts and rest.strip():
            said.append(rest)
    words = _NOT_WORD.sub(" ", " ".join(said)).strip().upper()
    return bool(words) and words not in hl7_words("hl7_placeholder_texts") and words not in _plain(placeholders)


@lru_cache(maxsize=64)
def _plain(texts: frozenset[str]) -> frozenset[str]:
    return frozenset(_NOT_WORD.sub(" ", text).strip().upper() for text in texts)


# who and when


def _readers(group: OrderGroup, results: list[Segment], txa: Segment | None, syntax: Syntax) -> tuple[str, ...]:
    """Return the numbers (else names) of who read: OBR-32 and 33, else TXA-22 and 9, else OBX-16."""
    found = _people(group.obr[32:34], syntax)
    if not found and txa is not None:
        found = _people([txa.raw(22) or "", txa.raw(9) or ""], syntax)
    return tuple(found or _people([obx.raw(16) or "" for obx in results[:1]], syntax))


def _people(fields: Iterable[str], syntax: Syntax) -> dict[str, None]:
    """Return the number of each person whom raw fields name, or the name, once."""
    found: dict[str, None] = {}
    for field in fields:
        for one in repetitions_of(field, syntax):
            number = part(one, syntax, 1)
            # NDL writes a person as sub-components of its first component, XCN as components
            family = part(one, syntax, 1, 2) or part(one, syntax, 2)
            given = part(one, syntax, 1, 3) or part(one, syntax, 3)
            if name := number or f"{family}^{given}".strip("^"):
                found[name] = None
    return found


def _said(changed: str, context: Context, sent: datetime | None) -> datetime | None:
    """Return when the status changed, by the raw OBR-22, else when the message was sent.

    A day alone is that day's message time where both are of one day, else its beginning.
    """
    moment = instant(text_of(changed, context.message.syntax), context.zone) if changed else None
    if moment is None or isinstance(moment, datetime):
        return moment or sent
    if sent is not None and sent.date() == moment:
        return sent
    return datetime.combine(moment, time(), tzinfo=context.zone)
