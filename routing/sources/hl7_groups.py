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
from routing.sources.er7_segments import Segment
from routing.sources.news import Patient
from routing.sources.profiles import Profile

# what follows ORC in orders that are no procedures: pharmacy, diet, supplies, blood products
_OTHER_ORDERS: Final = frozenset({"RXO", "RXE", "RXD", "ODS", "ODT", "RQD", "RQ1", "BPO"})
_SLOTS: Final = {"OBR": "obr", "PV1": "pv1", "PID": "pid", "TQ1": "tq1"}
_LISTED: Final = {"OBX": "obx", "NTE": "nte", "DG1": "dg1", "IPC": "ipcs", "ZDS": "zds"}
_WRITTEN_ON: Final = frozenset({"OBX", "NTE", "OBR"})
_ORC, _OBR = 12, 44  # the last fields of them that are ever asked for by number
NOTHING: Final[list[str]] = [""] * (_OBR + 1)  # the fields of a segment that is not there
_LONGEST_OBR: Final = 300  # characters; a shorter one has nothing written on


# of one patient: who it is and what is said of them, a doubt about that, the raw PV1-8, and the site by PV1-3
Told = tuple[Patient, dict[str, Said], Problem | None, str, Said | None]


class OrderGroup:
    """One order: its segments, None or empty where it has none. `others` are those that nobody here knows, Z segments.

    `obr_fields` and `orc_fields` are their raw fields, as many as are ever asked for; empty where there is none.
    `has_own_orc` is false when the ORC is that of an earlier OBR: its control counts here, its numbers do not.
    """

    # what a group has none of stays with the class: most have nothing of most
    obr: Segment | None = None
    obr_fields: Sequence[str] = NOTHING
    tq1: Segment | None = None
    ipcs: Sequence[Segment] = ()
    zds: Sequence[Segment] = ()
    dg1: Sequence[Segment] = ()
    nte: Sequence[Segment] = ()
    obx: Sequence[Segment] = ()
    others: Sequence[Segment] = ()
    other: str | None = None

    def __init__(self, part: PatientPart, orc: Segment | None, *, has_own_orc: bool) -> None:
        self.orc, self.has_own_orc = orc, has_own_orc
        self.pid, self.pv1, self.shared = part.pid, part.pv1, part.others  # not the part itself: no cycle to collect
        self.orc_fields = orc.wide(_ORC) if orc is not None else NOTHING

    @property
    def ipc(self) -> Segment | None:
        """The first IPC."""
        return self.ipcs[0] if self.ipcs else None

    def first(self, name: str) -> Segment | None:
        """Return the first segment of that name that is this order's own, else its patient's, else None.

        A segment of another order or patient is never returned.
        """
        slot = _SLOTS.get(name)
        if slot is not None:
            return getattr(self, slot)  # type: ignore[no-any-return]
        if name == "ORC":
            return self.orc if self.has_own_orc else None
        listed = _LISTED.get(name)
        if listed is not None:
            return next(iter(getattr(self, listed)), None)
        for some in (self.others, self.shared):
            for segment in some:
                if segment.id == name:
                    return segment
        return None


class PatientPart:
    """One patient of a message: PID, PV1, the MRG segments after it, and the order groups."""

    pid: Segment | None = None
    pv1: Segment | None = None
    mrg: Sequence[Segment] = ()
    obx: Sequence[Segment] = ()
    told: Told | None = None  # once it was read: every order of the patient shares it

    def __init__(self) -> None:
        self.groups: list[OrderGroup] = []
        self.others: list[Segment] = []


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
    syntax = message.syntax
    segments = [Segment(line, syntax) for line in message.lines[1:]]  # the header is no one's
    parts = _parts(segments)
    for one in parts:
        for group in one.groups:
            if group.obr is not None and len(group.obr.line) > _LONGEST_OBR:
                return _parts(_unglued(segments))  # others may be written on in its line
    return parts


def _parts(segments: list[Segment]) -> list[PatientPart]:
    part = PatientPart()
    parts = [part]
    group: OrderGroup | None = None
    for segment in segments:
        name = segment.id
        if name in {"ORC", "OBR"}:
            group = _begun(part, group, name, segment)
        elif name == "PID":
            group = None
            if part.pid is not None or part.groups:
                part = PatientPart()
                parts.append(part)
            part.pid = segment
        elif name == "PV1":
            part.pv1 = part.pv1 or segment
        elif name == "MRG":
            _add(part, "mrg", segment)
        elif group is not None:
            if name == "TXA":  # in MDM, what follows is the document's, not the last order's
                group = None
            else:
                _to_group(group, name, segment)
        elif name == "OBX":
            _add(part, "obx", segment)
        else:
            part.others.append(segment)
    return parts


def _begun(part: PatientPart, group: OrderGroup | None, name: str, segment: Segment) -> OrderGroup:
    """Return the group that an ORC or OBR belongs to: a new one, or an OBR's own ORC's."""
    if name == "ORC" or group is None or group.obr is not None:
        orc = segment if name == "ORC" else group.orc if group is not None else None
        group = OrderGroup(part, orc, has_own_orc=name == "ORC")
        part.groups.append(group)
    if name == "OBR":
        group.obr, group.obr_fields = segment, segment.wide(_OBR)
    return group


def _unglued(segments: list[Segment]) -> list[Segment]:
    """Return the segments, and those that a sender wrote on into the line of an OBR (`… | OBX||TX|…`) apart."""
    apart: list[Segment] = []
    for segment in segments:
        fields = segment.fields if segment.id == "OBR" else []
        places = [place for place, text in enumerate(fields) if place and text.strip() in _WRITTEN_ON]
        if not places:
            apart.append(segment)
            continue
        for start, end in zip([0, *places], [*places, len(fields)], strict=True):
            apart.append(Segment(segment.syntax.field.join(fields[start:end]).strip(), segment.syntax))
    return apart


def _to_group(group: OrderGroup, name: str, segment: Segment) -> None:
    listed = _LISTED.get(name)
    if listed is not None:
        if name != "NTE" or not group.obx:  # after an OBX, a note is about the observation
            _add(group, listed, segment)
    elif name == "TQ1":
        group.tq1 = group.tq1 or segment
    else:
        _add(group, "others", segment)
        if name in _OTHER_ORDERS:
            group.other = name


def _add(to: OrderGroup | PatientPart, name: str, segment: Segment) -> None:
    """Add a segment to a list that is made when something comes to stand in it."""
    own = to.__dict__.get(name)
    if own is None:
        to.__dict__[name] = [segment]
    else:
        own.append(segment)
