"""What belongs together in an HL7 message: patients, and the order groups of each.

A new part begins at each PID. An order group begins at each ORC, and at an OBR that has no ORC of its own; the TQ1, IPC,
ZDS, NTE, DG1 and OBX after it are its own. Segments that nobody knows, Z segments among them, disturb nothing.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from routing.sources.er7 import Message, Segment
from routing.sources.profiles import Profile

# what follows ORC in orders that are no procedures: pharmacy, diet, supplies, blood products
_OTHER_ORDERS: Final = frozenset({"RXO", "RXE", "RXD", "ODS", "ODT", "RQD", "RQ1", "BPO"})


class OrderGroup:
    """One order: its segments, None or empty where it has none.

    `has_own_orc` is false when the ORC is that of an earlier OBR: its control counts here, its numbers do not.
    """

    __slots__ = ("dg1", "has_own_orc", "ipc", "nte", "obr", "obx", "orc", "other", "tq1", "zds")

    def __init__(self, orc: Segment | None, *, has_own_orc: bool) -> None:
        self.orc, self.has_own_orc = orc, has_own_orc
        self.obr: Segment | None = None
        self.tq1: Segment | None = None
        self.ipc: Segment | None = None
        self.zds: Segment | None = None
        self.dg1: list[Segment] = []
        self.nte: list[Segment] = []
        self.obx: list[Segment] = []
        self.other: str | None = None


class PatientPart:
    """One patient of a message: PID, PV1, the MRG segments after it, and the order groups."""

    __slots__ = ("groups", "mrg", "obx", "pid", "pv1")

    def __init__(self) -> None:
        self.pid: Segment | None = None
        self.pv1: Segment | None = None
        self.mrg: list[Segment] = []
        self.groups: list[OrderGroup] = []
        self.obx: list[Segment] = []


class Context:
    """What holds for the whole message while it is read: the sender's profile, and the ground for times without offset."""

    __slots__ = ("message", "message_type", "profile", "zone")

    def __init__(self, message: Message, message_type: str, profile: Profile, zone: tzinfo | None) -> None:
        self.message, self.message_type, self.profile, self.zone = message, message_type, profile, zone


def patient_parts(message: Message) -> list[PatientPart]:
    """Return the message's patients in order; there is always one, even if nothing is said of it."""
    part = PatientPart()
    parts = [part]
    group: OrderGroup | None = None
    takes_notes = False  # an NTE is the order's own until an OBX comes; then it is about the observation
    for segment in message.segments:
        name = segment.id
        if name in {"PID", "PV1", "MRG"}:
            if name == "PID" and (part.pid is not None or part.groups):
                part = PatientPart()
                parts.append(part)
            _to_patient(part, name, segment)
            if name == "PID":
                group, takes_notes = None, False
        elif name in {"ORC", "OBR"}:
            if name == "ORC":
                group = OrderGroup(segment, has_own_orc=True)
                part.groups.append(group)
            else:
                if group is None or group.obr is not None:
                    group = OrderGroup(group.orc if group else None, has_own_orc=False)
                    part.groups.append(group)
                group.obr = segment
            takes_notes = True
        elif name == "TXA":  # in MDM, what follows is the document's, not the last order's
            group = None
        elif name == "OBX":
            (part.obx if group is None else group.obx).append(segment)
            takes_notes = False
        elif group is not None:
            _to_group(group, name, segment, takes_notes=takes_notes)
    return parts


def _to_patient(part: PatientPart, name: str, segment: Segment) -> None:
    if name == "PID":
        part.pid = segment
    elif name == "MRG":
        part.mrg.append(segment)
    elif part.pv1 is None:
        part.pv1 = segment


def _to_group(group: OrderGroup, name: str, segment: Segment, *, takes_notes: bool) -> None:
    if name == "NTE":
        if takes_notes:
            group.nte.append(segment)
    elif name == "DG1":
        group.dg1.append(segment)
    elif name == "TQ1":
        group.tq1 = group.tq1 or segment
    elif name == "IPC":
        group.ipc = group.ipc or segment
    elif name == "ZDS":
        group.zds = group.zds or segment
    elif name in _OTHER_ORDERS:
        group.other = name
