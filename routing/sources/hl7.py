"""HL7 v2 bytes as readings: one for each message, and one for each stretch that holds none.

    readings = read_hl7(data, profiles)

Handled: ORM^O01, OMI^O23, OMG^O19 (orders) · ORU^R01, MDM (reports) · ADT, SIU (patients). Any other type, an order
control that nobody mapped, a message that names nothing: the reading is refused with its reason, and all of it is kept.
Nothing here raises on what a message holds, and no value of it stands in a problem's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from routing.decision import Problem
from routing.sources.er7 import Message
from routing.sources.er7_segments import fields_of, part, text_of
from routing.sources.er7_syntax import Syntax
from routing.sources.framing import Frame, FrameKind, split
from routing.sources.hl7_groups import Context, PatientPart, patient_parts
from routing.sources.hl7_orders import order_news
from routing.sources.hl7_patients import appointment_news, patient_news
from routing.sources.hl7_reports import document_news, report_news
from routing.sources.hl7_values import instant, offset_of
from routing.sources.news import News, Reading, reading_of_message
from routing.sources.profiles import Profile, Profiles

_ORDERS: Final = frozenset({"ORM^O01", "ORM", "OMI^O23", "OMI", "OMG^O19", "OMG"})
_RESULTS: Final = frozenset({"ORU^R01", "ORU"})
_TYPE: Final = re.compile(r"[A-Z0-9]{3}(?:\^[A-Z0-9]{1,3})?\Z")
_NONE: Final = "\0"
_MESSAGE, _NOISE = FrameKind.MESSAGE, FrameKind.NOISE  # by their own names: a member is looked for each time
_ID: Final = 9  # the place of the message's number, MSH-10, where MSH-1 is the separator itself


def read_hl7(
    data: bytes,
    profile: Profiles | None = None,
    sender: str | None = None,
    declared: Mapping[str, Any] | None = None,
) -> list[Reading]:
    """Return the readings of *data* in order, at least one; log lines between messages give none.

    *profile* holds the sender profiles, the standard's own where None. *sender* names the sender in the identity of the
    input; where None it is MSH-3|MSH-4. *declared* are the attributes of a rulebook, some with HL7 paths. Never
    raises on what *data* holds.
    """
    profiles = profile or Profiles.default()
    return [read_frame(frame, profiles, sender, declared) for frame in split(data) if frame.kind is not _NOISE]


def read_frame(
    frame: Frame, profiles: Profiles, sender: str | None = None, declared: Mapping[str, Any] | None = None
) -> Reading:
    """Return the reading of one frame that is no noise."""
    stretch, data, offset, reason, warnings, end = frame
    digest = sha256(data).hexdigest()
    if stretch is not _MESSAGE:
        where = f"byte {offset}"
        return Reading(
            kind="unreadable",
            sender=sender or "",
            message_id=digest,
            digest=digest,
            raw=data,
            refused=Problem(kind="unparseable", source=where, message=reason),
            warnings=warnings,
        )
    chosen = _profile_of(data, profiles) if profiles.senders else profiles.fallback
    message = Message(data, chosen.charset, end=end)
    syntax = message.syntax
    # MSH-1 is the separator itself: of what it divides, MSH-2 is the first
    _, _, application, facility, _, _, time, _, kind, number, *_ = fields_of(message.lines[0], syntax.field, _ID)
    message_type, own_name = _said_by(kind, application, facility, syntax)
    if time and not time.isdigit():
        time = text_of(time, syntax)
    zone: tzinfo | None = chosen.zone
    sent_at: datetime | None = None
    if time:
        zone = offset_of(time) or zone
        sent = instant(time, zone)
        sent_at = sent if isinstance(sent, datetime) else None
    context = Context(message, message_type, chosen, zone, declared)
    news = _news(patient_parts(message), context, sent_at)
    if message.warnings:
        warnings += message.warnings
    own_id = (number if number.isalnum() else text_of(number, syntax)) or digest
    return reading_of_message(sender or own_name, own_id, digest, data, message_type or None, sent_at, news, warnings)


@lru_cache(maxsize=1024)
def _said_by(kind: str, application: str, facility: str, syntax: Syntax) -> tuple[str, str]:
    """Return MSH-9 as `ORM^O01`, without the structure, and who sent it as MSH-3|MSH-4."""
    kind, application, facility = (raw.partition(syntax.repetition)[0] for raw in (kind, application, facility))
    words = (part(kind, syntax, 1), part(kind, syntax, 2))
    message_type = "^".join(word for word in words if word).upper()
    return message_type, f"{part(application, syntax, 1)}|{part(facility, syntax, 1)}"


def _news(parts: list[PatientPart], context: Context, sent_at: datetime | None) -> tuple[News, ...] | Problem:
    """Return the news of a message by its type, or why there is none."""
    kind = context.message_type
    if kind in _ORDERS:
        return order_news(parts, context, sent_at)
    if kind in _RESULTS:
        return report_news(parts, context, sent_at)
    family, _, event = kind.partition("^")
    if family == "ADT":
        evn = context.message.segment("EVN")
        return patient_news(parts, event or (evn.text(1) if evn else ""), context, sent_at)
    if family == "MDM":
        return document_news(parts, event, context, sent_at)
    if family == "SIU":
        news = appointment_news(parts, event, context, sent_at)
        return news or Problem(kind="no_patient", source="PID-3", message="no patient number: nobody is meant")
    said = f"messages of the type {kind} are not handled" if _is_type(kind) else "the message names no type"
    return Problem(kind="message_type", source="MSH-9", message=said)


def _is_type(kind: str) -> bool:
    """Whether MSH-9 holds a type's name, which may stand in a problem's words: anything else may be a value astray."""
    return _TYPE.match(kind) is not None


def _profile_of(data: bytes, profiles: Profiles) -> Profile:
    """Return the sender's profile. MSH-3 and 4 are read before the rest: the profile may say the character set."""
    end = data.find(b"\r")
    fields = (data[:end] if end >= 0 else data).split(data[3:4], 4)
    return _sender(profiles, *fields[1:4])


@lru_cache(maxsize=1024)
def _sender(profiles: Profiles, *fields: bytes) -> Profile:
    """Return the profile of who sent it by MSH-2, 3 and 4, as many as there are."""
    marks, application, facility = (*(field.decode("latin-1") for field in fields), "", "", "")[:3]
    component = marks[:1] or _NONE
    return profiles.find(application=application.partition(component)[0], facility=facility.partition(component)[0])
