"""Moments: instants made comparable, and wall times turned into instants.

An instant without offset is local to the zone that governs. A wall time that does not exist becomes the next that does
(01:30 on 29 March in London is 02:00 BST); one that exists twice is the first. Inside, every instant is in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def instant_at(wall: datetime, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, at which the clocks of *zone* show the naive *wall*."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # A gap: read with the offset before it (fold 0) it lies beyond, with the one after it (fold 1) short of it.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _jump(min(before, first), max(before, first), zone)


def _jump(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Return the instant between the two at which the offset changes: the first wall time after the gap."""
    old = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == old:
        return high
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def utc(moment: datetime, zone: tzinfo) -> datetime | None:
    """Return the moment in UTC, a naive one as local to *zone*; None when it lies outside the calendar."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo is not None else instant_at(moment, zone)
    except (OverflowError, ValueError):
        return None


def wall_of(moment: datetime, zone: tzinfo) -> datetime:
    """Return what the clocks of *zone* show at an instant, as a naive time."""
    return moment.astimezone(zone).replace(tzinfo=None)


def start_of(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return instant_at(datetime.combine(day, time()), zone)
