"""The rulebook that tests of the living half work by where the rules themselves do not matter."""

from __future__ import annotations

from typing import Any

from tests.worklists.stand_in import StandIn


def plain_rulebook() -> Any:
    """Return a rulebook that holds nothing back and whose dues are days."""
    return StandIn()
