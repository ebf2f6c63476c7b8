"""Whom an item is asked of, and until when: a pass that waits for its answer, a sign-off, a second opinion. Pure.

It stands in the item's details: `asked` is the reader (or, of a pass that a list has to accept, that list), `handover`
the pass that waits ({`to_reader` or `to_worklist`, `by`, `reason`, `at`, `until`, and as `was` who was asked before}),
`sign_off` until when the one who is asked may sign alone.
Instants are ISO, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import field, frozen

from routing.states import Kind
from routing.store.records import Item

ASKED: Final = "asked"
HANDOVER: Final = "handover"
SIGN_OFF: Final = "sign_off"
_WAS: Final = "was"
_LIST: Final = "list:"
ANSWERS_WITHIN: Final = timedelta(hours=8)  # a shift: a pass that nobody answers for so long is over
SIGNS_WITHIN: Final = timedelta(hours=12)
_SIGNS_AT_LEAST: Final = timedelta(minutes=15)  # also where the due is nearer, or over


def all_of(worklist: str) -> str:
    """Return what is asked where all readers of a list are."""
    return f"{_LIST}{worklist}"


def asked_reader(item: Item) -> str | None:
    """Return the reader whom an item is asked of; None where nobody is, or all of a list are."""
    asked = item.details.get(ASKED)
    return None if asked is None or "to_worklist" in item.details.get(HANDOVER, ()) else str(asked)


def offered_to(item: Item) -> str | None:
    """Return the reader or list that has to accept an item; None where no pass waits."""
    handover = item.details.get(HANDOVER)
    return None if handover is None else str(handover.get("to_reader") or handover["to_worklist"])


def handing(details: Mapping[str, Any], to: Mapping[str, str], by: str, reason: str, now: datetime) -> dict[str, Any]:
    """Return an item's details with a pass in them that waits for its answer."""
    was = without_handover(details)
    pass_ = {**to, "by": by, "reason": reason, "at": _text(now), "until": _text(now + ANSWERS_WITHIN)}
    if ASKED in was:
        pass_[_WAS] = was[ASKED]
    return {**was, HANDOVER: pass_, ASKED: to["to_reader"] if "to_reader" in to else all_of(to["to_worklist"])}


def without_handover(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's details as they were before a pass that nobody has accepted."""
    kept = dict(details)
    if (handover := kept.pop(HANDOVER, None)) is not None:
        kept.pop(ASKED, None)
        if _WAS in handover:
            kept[ASKED] = handover[_WAS]
    return kept


def accepted(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's details when the reader whom it was passed to has accepted: it is still theirs to read."""
    return {name: value for name, value in details.items() if name != HANDOVER}


def without_asked(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's details without anybody who is asked, so that it is for all of its list."""
    return {name: value for name, value in details.items() if name not in {ASKED, HANDOVER, SIGN_OFF}}


@frozen(kw_only=True)
class Unasked:
    """An item that nobody is asked for any more: what was asked (`pass`, `sign_off`, `opinion`), of whom, what is left.

    `details` are the item's from then on, `tells` who is told beside its list, `given` what the notice says more.
    """

    what: str
    to: str
    details: Mapping[str, Any]
    tells: tuple[str, ...]
    given: Mapping[str, str] = field(factory=dict)


def unasked(item: Item) -> Unasked:
    """Return how an item stands when whom it is asked of is waited for no longer: it is for all of its list."""
    if (handover := item.details.get(HANDOVER)) is not None:
        return Unasked(
            what="pass",
            to=handover.get("to_reader") or handover["to_worklist"],
            details=without_handover(item.details),
            tells=(f"reader:{handover['by']}",),
            given={"reason": handover.get("reason", "")},
        )
    return Unasked(
        what="sign_off" if SIGN_OFF in item.details else "opinion",
        to=item.details[ASKED],
        details=without_asked(item.details),
        tells=(f"reader:{item.details['asked_by']}",) if "asked_by" in item.details else (),
    )


def signing(details: Mapping[str, Any], supervisor: str, now: datetime, due_at: datetime | None) -> dict[str, Any]:
    """Return an item's details that ask one supervisor to sign: for twelve hours, and not past the due."""
    until = now + SIGNS_WITHIN
    if due_at is not None:
        until = min(until, max(due_at, now + _SIGNS_AT_LEAST))
    return {**without_asked(details), ASKED: supervisor, SIGN_OFF: _text(until)}


def asked_until(item: Item) -> datetime | None:
    """Return until when one reader is asked, or a pass waits; None where nobody is, or there is no end to it."""
    details = item.details
    if HANDOVER in details:
        return datetime.fromisoformat(details[HANDOVER]["until"])
    if ASKED not in details:
        return None
    if SIGN_OFF in details:
        return datetime.fromisoformat(details[SIGN_OFF])
    return item.due_at if item.kind is Kind.OPINION else None


def binds(item: Item, now: datetime | None) -> bool:
    """Return whether an item is for the one it is asked of alone: an opinion or a signature, until its time is up."""
    signed = SIGN_OFF in item.details and item.draft
    if ASKED not in item.details or HANDOVER in item.details or not (signed or item.kind is Kind.OPINION):
        return False
    until = asked_until(item)
    return now is None or until is None or now < until


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
