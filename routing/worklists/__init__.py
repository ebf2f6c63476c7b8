"""Worklists: the living half. What is received stays on a list until it has been dealt with."""

from __future__ import annotations

from routing.worklists.records import Claim, Counts, Happening, Line, Named, Page, Receipt, Status
from routing.worklists.worklists import Worklists, exists

__all__ = ["Claim", "Counts", "Happening", "Line", "Named", "Page", "Receipt", "Status", "Worklists", "exists"]
