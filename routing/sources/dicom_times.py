"""When an examination began and ended, by what a DICOM object says of step, acquisition, content and study."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Final

from attrs import evolve

from routing.attributes import Missing, Value
from routing.sources.dicom_header import Header
from routing.sources.dicom_values import date_time, moment, offset

_FRAMES: Final = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_STEP_STATUS: Final = {"COMPLETED": "completed", "IN PROGRESS": "in_progress", "DISCONTINUED": "discontinued"}


def times(header: Header, ground: tzinfo | None, *, is_clinical: bool) -> dict[str, Value]:
    """Return when the examination began and ended.

    The end is that of the performed step, else the latest acquisition, else the content's time, else the study's. A
    companion's content is made when it is made: it says nothing about the examination.
    """
    ground = _offset(header) or ground
    study = _moment(header, "StudyDate", "StudyTime", ground)
    ends = [_moment(header, "PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime", ground)]
    if is_clinical:
        ends += [_acquired(header, ground), _moment(header, "ContentDate", "ContentTime", ground)]
    end = _first([*ends, study])
    if end is not None and study is not None and end is not study:
        end = evolve(end, raw=f"{end.raw} ({study.source} {study.raw})")  # the study's own time stays in sight
    start = _first(
        [_moment(header, "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime", ground), study, end]
    )
    values = {name: value for name, value in (("exam_start", start), ("exam_end", end)) if value is not None}
    status = (header.text("PerformedProcedureStepStatus") or "").upper()
    if status in _STEP_STATUS:
        values["order_status"] = Value(value=_STEP_STATUS[status], source="PerformedProcedureStepStatus", raw=status)
    return values


def _offset(header: Header) -> tzinfo | None:
    text = header.text("TimezoneOffsetFromUTC")
    if not text:
        return None
    zone, is_odd = offset(text)
    if is_odd:
        header.doubt("date", "TimezoneOffsetFromUTC", "not an offset from UTC")
    return zone


def _acquired(header: Header, ground: tzinfo | None) -> Value | None:
    said = [("AcquisitionDateTime", word) for word in header.words("AcquisitionDateTime")]
    for group in _FRAMES:
        for item in header.walk(group, "FrameContentSequence"):
            said += [("FrameAcquisitionDateTime", word) for word in item.words("FrameAcquisitionDateTime")]
    found = []
    for keyword, text in said:
        read, is_odd = date_time(text, ground)
        if is_odd:
            header.doubt("date", keyword, "not the form that the standard asks for")
        if read is not None:
            found.append(Value(value=read, source=keyword, raw=text))
    day = _moment(header, "AcquisitionDate", "AcquisitionTime", ground)
    if day is not None and day.value is not None:
        found.append(day)
    return max(found, key=lambda one: (isinstance(one.value, datetime), one.value.isoformat()), default=day)


def _moment(header: Header, day_keyword: str, time_keyword: str, ground: tzinfo | None) -> Value | None:
    days, times_ = header.words(day_keyword), header.words(time_keyword)
    if not days:
        return None
    at = times_[-1] if times_ else ""
    read, is_odd = moment(days[-1], at, ground)
    if is_odd:
        header.doubt("date", day_keyword, "not the form that the standard asks for")
    source = f"{day_keyword}+{time_keyword}" if isinstance(read, datetime) else day_keyword
    missing = None if read is not None else Missing.MALFORMED
    return Value(value=read, source=source, raw=f"{days[-1]} {at}".strip(), missing=missing)


def _first(values: Iterable[Value | None]) -> Value | None:
    """Return the first instant, else the first date, else the first value that could not be read."""
    said = [value for value in values if value is not None]
    for kind in (datetime, date, type(None)):
        for value in said:
            if isinstance(value.value, kind):
                return value
    return None
