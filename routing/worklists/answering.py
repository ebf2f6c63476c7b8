"""Answers to opinions: who has not read one yet, and until when they are given time for it. Pure.

It stands in the details of the opinion item, which the answer has discharged: `unread_by` is the reader who asked,
until they or somebody of the first item's list acknowledge; `unread_until` (ISO, UTC) is when that list is told that
nobody has, which happens once and takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from routing.states import Kind, State
from routing.store.records import Item

UNREAD_BY: Final = "unread_by"
UNREAD_UNTIL: Final = "unread_until"
ANSWER: Final = "answer"  # what the report that answers is called where it is kept
READ_BY: Final = "read_by"
READS_WITHIN: Final = timedelta(days=1)


def answered(details: Mapping[str, Any], asker: str, report_id: str, now: datetime) -> dict[str, Any]:
    """Return the details of an opinion that has just been answered by a report, for its asker to read within a day."""
    until = (now + READS_WITHIN).astimezone(UTC).isoformat()
    return {**details, ANSWER: report_id, UNREAD_BY: asker, UNREAD_UNTIL: until}


def acknowledged(details: Mapping[str, Any], by: str) -> dict[str, Any]:
    """Return the details of an opinion whose answer has been read."""
    return {name: value for name, value in details.items() if name not in {UNREAD_BY, UNREAD_UNTIL}} | {READ_BY: by}


def overdue(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an opinion of which the first item's list has been told that nobody read its answer."""
    return {name: value for name, value in details.items() if name != UNREAD_UNTIL}


def is_unread(item: Item) -> bool:
    """Return whether an item is an answered opinion that who asked has not read."""
    return item.kind is Kind.OPINION and item.state is State.REPORTED and UNREAD_BY in item.details


def unread_until(item: Item) -> datetime | None:
    """Return until when the asker has time to read an answer; None where there is none, or its time is over."""
    return (
        datetime.fromisoformat(item.details[UNREAD_UNTIL]) if is_unread(item) and UNREAD_UNTIL in item.details else None
    )
