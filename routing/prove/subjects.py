"""Subjects for the partition: just enough of a procedure that the compiled conditions can be asked about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from routing.attributes import Attributes
from routing.compile import Compiled
from routing.compile.subject import Subject
from routing.meaning.moments import instant_at
from routing.prove.clocks import MONDAY

_NOTHING = Attributes({})


def subject_at(compiled: Compiled, known: dict[str, Any], wall: datetime = MONDAY) -> Subject:
    """Return a subject with these known values whose clock shows *wall* in the zone that governs."""
    subject = Subject(_NOTHING, _MONDAY_UTC, None)
    subject.known = known
    subject.arrival = subject.clock_at = subject.at
    subject.zone = compiled.zone(subject)
    subject.memo.clear()
    instant = instant_at(wall, subject.zone)
    subject.at = subject.arrival = subject.clock_at = instant
    subject.wall, subject.clock_day = wall, wall.date()
    return subject


_MONDAY_UTC = MONDAY.replace(tzinfo=UTC)
