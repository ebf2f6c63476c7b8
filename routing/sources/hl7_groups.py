"""What belongs together in an HL7 message: patients, and the order groups of each.

A new part begins at each PID. An order group begins at each ORC, and at an OBR that has no ORC of its own; the TQ1,
IPC, ZDS, NTE, DG1 and OBX after it are its own. Segments that nobody knows, Z segments among them, disturb nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from routing.attributes import Said
from routing.decision import Problem
from routing.sources.er7 import Message
from routing.sources.er7_segments import Segment, fields_of
from routing.sources.er7_syntax import Syntax
from routing.sources.news import Patient
from routing.sources.profiles import Profile

# what follows ORC in orders that are no procedures: pharmacy, diet, supplies, blood products
_OTHER_ORDERS: Final = frozenset({"RXO", "RXE", "RXD", "ODS", "ODT", "RQD", "RQ1", "BPO"})
_SINGLE: Final = {"ORC": "orc_line", "OBR": "obr_line", "PV1": "pv1", "PID": "pid", "TQ1": "tq1"}
_LISTED: Final = {"NTE": "nte", "DG1": "dg1", "IPC": "ipcs", "ZDS": "zds"}
_ALWAYS_LISTED: Final = frozenset(_LISTED) - {"NTE"}  # after an OBX, a note is about the observation
_WRITTEN_ON: Final = frozenset({"OBX", "NTE", "OBR"})
_ORC, _OBR = 12, 44  # the last fields of them that are ever asked for by number
NOTHING: Final[list[str]] = [""] * (_OBR + 1)  # the fields of a segment that is not there
_LONGEST_OBR: Final = 300  # characters; a shorter one has nothing written on


# of one patient: who it is and what is said of them, a doubt about that, the raw PV1-8, and the site by PV1-3
Told = tuple[Patient, dict[str, Said], Problem | None, str, Said | None]


class OrderGroup:
    """One order: the lines of its segments, "" or none where it has no such segment, and its results divided.

    `obr` and `orc` are the raw fields, as many as are ever asked for, each empty where there is none. `others` are the
    lines that nobody here knows, Z segments. `has_own_orc` is false when the ORC is that of an earlier OBR: its control
    counts here, its numbers do not.
    """

    # what a group has none of stays with the class: most have nothing of most
    obr_line: str = ""
    obr: list[str] = NOTHING
    tq1: str = ""
    ipcs: Sequence[str] = ()
    zds: Sequence[str] = ()
    dg1: Sequence[str] = ()
    nte: Sequence[str] = ()
    obx: Sequence[Segment] = ()
    others: Sequence[str] = ()
    other: str | None = None

    def __init__(self, part: PatientPart, orc_line: str, orc: list[str], *, has_own_orc: bool) -> None:
        self.orc_line, self.orc, self.has_own_orc = orc_line, orc, has_own_orc
        self.pid, self.pv1, self.shared = part.pid, part.pv1, part.others  # not the part itself: no cycle to collect

    def first(self, name: str, syntax: Syntax) -> Segment | None:
        """Return the first segment of that name that is this order's own, else its patient's, else None.

        A segment of another order or patient is never returned.
        """
        if name == "OBX":
            return self.obx[0] if self.obx else None
        if name in _SINGLE:
            line = getattr(self, _SINGLE[name]) if name != "ORC" or self.has_own_orc else ""
        elif name in _LISTED:
            line = next(iter(getattr(self, _LISTED[name])), "")
        else:
            line = next((one for some in (self.others, self.shared) for one in some if one[:3] == name), "")
        return Segment(line, syntax) if line else None


class PatientPart:
    """One patient of a message: the lines of PID and PV1 ("" where none), the MRGs after it, and the order groups."""

    pid: str = ""
    pv1: str = ""
    mrg: Sequence[str] = ()
    obx: Sequence[Segment] = ()
    told: Told | None = None  # once it was read: every order of the patient shares it

    def __init__(self) -> None:
        self.groups: list[OrderGroup] = []
        self.others: list[str] = []


class Context:
    """What holds for the whole message: the sender's profile, the ground for times without offset, what is declared."""

    __slots__ = ("declared", "message", "message_type", "profile", "zone")

    def __init__(
        self,
        message: Message,
        message_type: str,
        profile: Profile,
        zone: tzinfo | None,
        declared: Mapping[str, Any] | None = None,
    ) -> None:
        self.message, self.message_type, self.profile, self.zone = message, message_type, profile, zone
        self.declared = declared


def patient_parts(message: Message) -> list[PatientPart]:
    """Return the message's patients in order; there is always one, even if nothing is said of it."""
    lines, syntax = message.lines[1:], message.syntax  # the header is no one's
    return _parts(lines, syntax) or _parts(_unglued(lines, syntax.field), syntax, longest=None)


def _parts(lines: list[str], syntax: Syntax, longest: int | None = _LONGEST_OBR) -> list[PatientPart]:
    """Return the patients of these lines; none where an OBR is longer, since others may be written on in its line."""
    part = PatientPart()
    parts = [part]
    group: OrderGroup | None = None
    for line in lines:
        name = line[:3]
        if name == "OBR":
            if longest is not None and len(line) > longest:
                return []
            if group is None or group.obr_line:  # it has no ORC of its own
                said = (group.orc_line, group.orc) if group is not None else ("", NOTHING)
                group = OrderGroup(part, *said, has_own_orc=False)
                part.groups.append(group)
            group.obr_line, group.obr = line, fields_of(line, syntax.field, _OBR)
        elif name == "ORC":
            group = OrderGroup(part, line, fields_of(line, syntax.field, _ORC), has_own_orc=True)
            part.groups.append(group)
        elif name == "PID":
            group = None
            if part.pid or part.groups:
                part = PatientPart()
                parts.append(part)
            part.pid = line
        elif name == "PV1":
            part.pv1 = part.pv1 or line
        elif group is not None and name in _ALWAYS_LISTED:
            _add(group, _LISTED[name], line)
        else:
            group = _added(part, group, name, line, syntax)
    return parts


def _unglued(lines: list[str], separator: str) -> list[str]:
    """Return the lines, and those that a sender wrote on into the line of an OBR (`… | OBX||TX|…`) apart."""
    apart: list[str] = []
    for line in lines:
        fields = line.split(separator) if line.startswith("OBR") else []
        places = [place for place, text in enumerate(fields) if place and text.strip() in _WRITTEN_ON]
        if not places:
            apart.append(line)
            continue
        for start, end in zip([0, *places], [*places, len(fields)], strict=True):
            apart.append(separator.join(fields[start:end]).strip())
    return apart


def _added(part: PatientPart, group: OrderGroup | None, name: str, line: str, syntax: Syntax) -> OrderGroup | None:
    """Add a segment to what it belongs to, and return the order group that those after it belong to."""
    if name == "OBX":
        _add(group or part, "obx", Segment(line, syntax))
    elif name == "MRG":
        _add(part, "mrg", line)
    elif group is None:
        part.others.append(line)
    elif name == "NTE":
        if not group.obx:
            _add(group, "nte", line)
    elif name == "TQ1":
        group.tq1 = group.tq1 or line
    elif name == "TXA":  # in MDM, what follows is the document's, not the last order's
        return None
    else:
        _add(group, "others", line)
        if name in _OTHER_ORDERS:
            group.other = name
    return group


def _add(to: OrderGroup | PatientPart, name: str, segment: str | Segment) -> None:
    """Add a segment to a list that is made when something comes to stand in it."""
    own = getattr(to, name)
    if own:
        own.append(segment)
    else:
        setattr(to, name, [segment])
