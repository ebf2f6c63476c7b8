"""From parsed syntax to a checked program, with every finding at once.

All that a rulebook means is settled here: its included files, tables and calendars are read (through `Files`, so that
checking itself stays pure), names are resolved, types compared, and what stands over the whole rulebook is looked at.
A part with a finding is left out and the rest goes on, so that one cause gives one finding.
"""

from __future__ import annotations

from routing.check.book import Checked, check

__all__ = ["Checked", "check"]
