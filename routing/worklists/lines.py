"""Items as lines for a page, and a procedure's standing as one plain sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from routing.sources.procedure import Called, Procedure, called
from routing.sources.reports import AMENDS, Timeline
from routing.states import Kind, State
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.answering import ANSWER
from routing.worklists.asked import HANDOVER, asked_reader, offered_to
from routing.worklists.owed import REASONS
from routing.worklists.placing import POSITION, RESTRICTED
from routing.worklists.records import Line, Status
from routing.worklists.rounds import rounds
from routing.worklists.unowed import UNOWED

NOBODY = Called(accession=None, accession_issuer=None, study_uids=())
UTC_ZONE = ZoneInfo("UTC")
OF_INPUT = "input "  # begins the part of a `resolve` item about an input of no procedure; its number follows


def lines(store: Reading, items: Iterable[Item], now: datetime) -> tuple[Line, ...]:
    """Return items as lines, each with what its procedure is called."""
    items = list(items)
    firsts = store.first_lines([one.procedure for one in items if one.procedure is not None])
    names = {number: NOBODY if first.startswith('{"gone":') else called(first) for number, first in firsts.items()}
    return tuple(_about_input(store, one, line(one, names.get(one.procedure or 0, NOBODY), now)) for one in items)


def _about_input(store: Reading, item: Item, one: Line) -> Line:
    """Return a line about an input that belongs to no procedure with what a person finds it by."""
    part = str(item.details.get("part", ""))
    if item.kind is not Kind.RESOLVE or not part.startswith(OF_INPUT):
        return one
    number = int(part.removeprefix(OF_INPUT))
    return evolve(one, input=number, source=store.input(number).source)


def line(item: Item, name: Called, now: datetime) -> Line:
    """Return one item as a line; a claim whose lease is over shows as free again."""
    lapsed = item.state is State.CLAIMED and item.is_free(now)
    free = State.PRELIMINARY if item.draft else State.WAITING
    return Line(
        item=item.id,
        kind=item.kind.value,
        reason=str(item.details.get("reason") or ""),
        accession=name.accession,
        accession_issuer=name.accession_issuer,
        study_uid=name.study_uids,
        worklist=item.worklist,
        state=(free if lapsed else item.state).value,
        priority=item.priority,
        due_at=item.due_at,
        holder=None if lapsed else item.holder,
        lease_until=None if lapsed else item.lease_until,
        opened_at=item.opened_at,
        tags=tuple(item.details.get("tags") or ()),
        position=item.details.get(POSITION),
        of_item=item.details.get("of_item"),
        asked_by=item.details.get("asked_by"),
        asked_of=asked_reader(item),
        question=item.details.get("question"),
        answer=item.details.get(ANSWER),
        passed_to=offered_to(item),
        passed_by=item.details[HANDOVER]["by"] if HANDOVER in item.details else None,
        restricted=bool(item.details.get(RESTRICTED)),
    )


def status_of(procedure: Procedure, items: Sequence[Line], *, zone: object = None) -> Status:
    """Return where a procedure is: each answer for itself, and one plain sentence."""
    reports = [one.timeline() for one in rounds(procedure)]
    owed = [one for one in items if one.kind == Kind.REPORT.value]
    still = [one for one in owed if one.state not in {"reported", "closed", "superseded"}]
    final = any(one.state == "reported" for one in owed) and not still and not _arbitrated(items)
    return Status(
        accession=procedure.accession,
        accession_issuer=procedure.accession_issuer,
        study_uid=procedure.study_uids,
        acquired=procedure.images_here,
        preliminary=not final and bool(still) and (_drafted(still) or any(one.draft for one in reports)),
        final=final,
        amended=final and _is_amended(procedure, reports),
        items=tuple(items),
        sentence=_sentence(procedure, reports, owed, items, zone),
        reports=len(procedure.reports),
    )


def _is_amended(procedure: Procedure, reports: Sequence[Timeline]) -> bool:
    """Return whether a report was corrected or added to: one that was sent, or what a reader filed for one read."""
    return any(one.amended for one in reports) or any(
        entry.part and entry.status in AMENDS for entry in procedure.filed
    )


def _drafted(still: Sequence[Line]) -> bool:
    return any(one.state == "preliminary" for one in still)


def _sentence(
    procedure: Procedure, reports: Sequence[Timeline], owed: Sequence[Line], items: Sequence[Line], zone: object
) -> str:
    parts = [_standing(procedure, reports, owed, items, zone)]
    unowed = [one for one in owed if one.reason in UNOWED and one.state not in _ENDED]
    parts += [f"item {one.item} is open on `{one.worklist}`: {one.reason}" for one in unowed]
    doubts = [one for one in items if one.kind == Kind.RESOLVE.value and one.state not in _ENDED]
    if doubts:
        reasons = ", and ".join(dict.fromkeys(REASONS.get(one.reason, one.reason) for one in doubts))
        parts.append(f"a person has to look at it on `{doubts[0].worklist}`: {reasons}")
    late = [one for one in items if one.kind == Kind.RECHECK.value and one.state not in _ENDED]
    if late:
        parts.append(f"images came after the report, to be checked on `{late[0].worklist}`")
    return "; ".join(parts) + "."


def _arbitrated(items: Sequence[Line]) -> list[Line]:
    return [one for one in items if one.kind == Kind.ARBITRATE.value and one.state not in _ENDED]


_ENDED = frozenset({"reported", "closed", "superseded"})


def _standing(
    procedure: Procedure, reports: Sequence[Timeline], owed: Sequence[Line], items: Sequence[Line], zone: object
) -> str:
    still = sorted((one for one in owed if one.state not in _ENDED), key=lambda one: one.reason in UNOWED)
    if still:
        reads = sum(one.reason not in UNOWED for one in owed) // len(reports)
        standing = _open(procedure, reports[-1], still, reads, zone)
        earlier = len(reports) > 1 and any(one.state == "reported" for one in owed)
        return f"{standing}, for a further order: an earlier one has its final report" if earlier else standing
    if disputed := _arbitrated(items):
        return f"Not final: all reads are in, and {disputed[0].reason}: it is on `{disputed[0].worklist}`"
    if any(one.state == "reported" for one in owed):
        return "Final report here, amended since" if _is_amended(procedure, reports) else "Final report here"
    if owed:
        return "Closed without a report"
    if procedure.reports:
        return "A report has come, but no images: it waits for them"
    return "Nothing is to be reported"


def _open(procedure: Procedure, reports: Timeline, still: Sequence[Line], of: int, zone: object) -> str:
    one = still[0]
    due = f", due {_when(one.due_at, zone)}" if one.due_at else ""
    where = f"on `{one.worklist}`{due}"
    several = f" ({_read(one, of, of - sum(one.reason not in UNOWED for one in still))})" if of > 1 else ""
    draft = reports.draft is not None
    match one.state:
        case "expected":
            report = ", and a report waits for them" if procedure.reports else ""
            what = "ordered, no images here" if procedure.orders else "no images to read are here"
            return f"Not yet acquired: {what}{report}"
        case "held":
            return f"Not final: images are still arriving, {where}"
        case "claimed":
            drafted = "a preliminary report is here, and it is" if draft else ""
            return f"Not final: {drafted or 'it is'} being read by {one.holder} {where}{several}"
        case "preliminary":
            return f"Not final: a preliminary report is here, the final is still to come {where}{several}"
        case _:
            return f"Not final: waiting to be read {where}{several}"


def _read(one: Line, of: int, done: int) -> str:
    """Return which of several reads an item is, and how many of them are in."""
    which = _ORDINALS.get(one.position, f"read {one.position}") if one.position else "a further read"
    return f"{which}; {done} of {of} reads in"


_ORDINALS: Final = {1: "the first read", 2: "the second read", 3: "the third read"}


def _when(instant: datetime, zone: object) -> str:
    local = instant.astimezone(zone if isinstance(zone, ZoneInfo) else UTC_ZONE)
    return local.strftime("%Y-%m-%d %H:%M %Z")
