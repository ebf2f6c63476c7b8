"""Worklists: the living half. What is received stays on a list until it has been dealt with."""

from __future__ import annotations

from routing.worklists.cabinet import Activated
from routing.worklists.orphans import Orphan
from routing.worklists.outbox import Change
from routing.worklists.previewing import Preview, Shift
from routing.worklists.readers import Directory, ReaderFacts
from routing.worklists.records import Claim, Counts, Happening, Line, Named, Page, Receipt, Status
from routing.worklists.tending import Tended
from routing.worklists.viewing import HostView
from routing.worklists.worklists import Worklists, exists

__all__ = [
    "Activated",
    "Change",
    "Claim",
    "Counts",
    "Directory",
    "Happening",
    "HostView",
    "Line",
    "Named",
    "Orphan",
    "Page",
    "Preview",
    "ReaderFacts",
    "Receipt",
    "Shift",
    "Status",
    "Tended",
    "Worklists",
    "exists",
]
