"""The HL7 acknowledgement (ACK): what a sender is told about its message. It never repeats a value of the message.

AA: taken. AE: an error that sending again may mend. AR: refused as it is; sending again changes nothing.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import Final

from routing.decision import Problem
from routing.sources.er7 import Message
from routing.sources.er7_segments import Segment
from routing.sources.news import Reading

# table 0357; where nothing fits better, an application error
_ERRORS: Final = {
    "message_type": ("200", "Unsupported message type"),
    "unparseable": ("100", "Segment sequence error"),
    "no_key": ("101", "Required field missing"),
    "no_patient": ("101", "Required field missing"),
    "order_control": ("103", "Table value not found"),
    "merge_conflict": ("205", "Duplicate key identifier"),
}
_OTHER: Final = ("207", "Application internal error")
_NOBODYS: Final = Message(b"MSH|^~\\&|")
_FIELD: Final = re.compile(r"([A-Z][A-Z0-9]{2})-(\d+)(?:\.(\d+))?\Z")


def acknowledge(
    message: Reading | bytes,
    code: str = "AA",
    text: str = "",
    *,
    problem: Problem | None = None,
    at: datetime | None = None,
) -> bytes:
    """Return the acknowledgement of *message*, unframed, in the message's own separators and character set.

    *code* is AA, AE or AR; *text* goes to MSA-3 and must hold no value of the message; *problem* becomes an ERR.
    *at* is the time of the acknowledgement, None leaves MSH-7 empty. The control id is made from the message's bytes
    and the code, so that acknowledging again gives the same bytes. Never raises: what has no MSH is answered in the
    usual separators, without a control id to refer to.
    """
    raw = message.raw if isinstance(message, Reading) else message
    known = Message(raw) if raw.startswith(b"MSH") else _NOBODYS
    known = known if known.segments else _NOBODYS
    header, syntax = known.segments[0], known.syntax
    field, component = syntax.field, syntax.component if syntax.component != "\0" else "^"
    kind = ["ACK", *filter(None, [header.text(9, 2)])]
    stamp = "ACK" + sha256(raw + code.encode("ascii", "replace")).hexdigest()[:16].upper()
    when = at.strftime("%Y%m%d%H%M%S%z") if at else ""
    version = header.raw(12) or "2.5.1"
    start = [f"MSH{field}{header.raw(2) or ''}", *_swapped(header), when, "", component.join(kind), stamp]
    lines = [
        field.join([*start, header.raw(11) or "P", version, "", "", "", "", "", header.raw(18) or ""]).rstrip(field),
        field.join(["MSA", code, header.raw(10) or "", syntax.escape_text(text)]).rstrip(field),
    ]
    if code != "AA" and problem is not None:
        number, words = _ERRORS.get(problem.kind, _OTHER)
        what = component.join([number, words, "HL70357"])
        said = syntax.escape_text(f"{problem.kind}: {problem.message}")
        lines.append(field.join(["ERR", "", _place(problem.source, component), what, "E", "", "", "", said]))
    return ("\r".join(lines) + "\r").encode(known.charset, "replace")


def _swapped(header: Segment) -> list[str]:
    """Return MSH-3 to 6 of the answer: the receiver of the message speaks to its sender."""
    return [header.raw(place) or "" for place in (5, 6, 3, 4)]


def _place(source: str, component: str) -> str:
    """Return ERR-2 for the field that a problem names, "" when it names none."""
    match = _FIELD.match(source)
    if match is None:
        return ""
    segment, field, part = match.groups()
    return component.join([segment, "1", field, *(["1", part] if part else [])])
