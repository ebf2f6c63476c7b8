"""The one place where the command line asks the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def now(at: datetime | None) -> datetime:
    """Return *at* where one was given, else the present."""
    return at or datetime.now(UTC)


def clock(at: datetime | None) -> Callable[[], datetime]:
    """Return a clock for a store: standing at *at* where one was given."""
    return lambda: now(at)
