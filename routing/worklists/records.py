"""What `Worklists` hands back: receipts, claims, pages, statuses. No repr of them holds a patient's identity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from routing.attributes import Attributes


@frozen(kw_only=True)
class Named:
    """A procedure that an input names, as it stood after it; `state` and `worklist` are None while it has no item."""

    id: int
    accession: str | None = field(repr=False)
    accession_issuer: str | None
    study_uid: tuple[str, ...] = field(repr=False)
    state: str | None
    worklist: str | None
    attributes: Attributes | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the procedure as `receive --format json` prints it."""
        return {
            "accession": self.accession,
            "accession_issuer": self.accession_issuer,
            "study_uid": list(self.study_uid),
            "state": self.state,
            "worklist": self.worklist,
        }


@frozen(kw_only=True)
class Receipt:
    """What became of one input, durable before it is handed over.

    `outcome` is accepted, accepted_with_warning, duplicate_ignored, parked or quarantined; `warnings` are kinds of
    doubt, and of a quarantined input the reason first. `ack` is the HL7 acknowledgement, None for other inputs.
    `parts` are the receipts of the messages where the input held several.
    """

    outcome: str
    procedures: tuple[Named, ...] = ()
    warnings: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    ack: bytes | None = None
    input: int | None = None
    source: str = ""
    parts: tuple[Receipt, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt as `receive --format json` prints it."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "procedures": [one.as_dict() for one in self.procedures],
            "warnings": list(dict.fromkeys((*self.quarantined, *self.warnings))),
            "ack": self.ack.decode("utf-8", "replace") if self.ack is not None else None,
        }


@frozen(kw_only=True)
class Claim:
    """One item in one reader's hands, until the lease is over. Whoever shows the token is the holder."""

    item_id: int
    token: int
    lease_until: datetime
    accession: str | None = field(repr=False)
    study_uids: tuple[str, ...] = field(repr=False)
    worklist: str
    holder: str

    def as_dict(self) -> dict[str, Any]:
        """Return the claim as `claim --format json` prints it."""
        return {
            "item": self.item_id,
            "token": self.token,
            "lease_until": self.lease_until.isoformat(),
            "accession": self.accession,
            "study_uid": list(self.study_uids),
            "worklist": self.worklist,
        }


@frozen(kw_only=True)
class Line:
    """One open item on a page. A claim whose lease is over shows as waiting again.

    `input` and `source` say of what belongs to no procedure which input it is about, and who sent it. `patient` is None
    unless identity was asked for, and where the reader of the page may not see whose it is; `restricted` says that this
    is in doubt.

    An opinion says by whom (`asked_by`), of whom (`asked_of`; None: of its list) and about which item it is asked, and
    where the reader of the page may know it the `question` and, as `answer`, what the report is called that answered
    it. `asked_of` is also who is asked to sign. An item whose pass waits says who has to accept it (`passed_to`, a
    reader or list) and who passed it. `position` is its place among several reads of one report, 1 for the first; None
    where there is one.
    """

    item: int
    kind: str
    reason: str
    accession: str | None = field(repr=False)
    accession_issuer: str | None
    study_uid: tuple[str, ...] = field(repr=False)
    worklist: str
    state: str
    priority: str
    due_at: datetime | None
    holder: str | None
    lease_until: datetime | None
    opened_at: datetime
    tags: tuple[str, ...] = ()
    identity_shown: bool = True  # whether the reader of this page may see whose it is
    input: int | None = None
    source: str = ""
    patient: tuple[str, str] | None = field(default=None, repr=False)  # the number and who issued it
    position: int | None = None
    of_item: int | None = None
    asked_by: str | None = None
    asked_of: str | None = None
    question: str | None = field(default=None, repr=False)  # free text: nobody knows what was written into it
    answer: str | None = None
    passed_to: str | None = None
    passed_by: str | None = None
    restricted: bool = False

    def as_dict(self, *, identity: bool = False) -> dict[str, Any]:
        """Return the line as `list --format json` prints it; with *identity* the patient's number too."""
        number, issuer = self.patient or (None, None)
        named = {"patient_id": number, "patient_id_issuer": issuer} if identity else {}
        return {
            "item": self.item,
            "kind": self.kind,
            "reason": self.reason,
            "accession": self.accession,
            "accession_issuer": self.accession_issuer,
            "study_uid": list(self.study_uid),
            "worklist": self.worklist,
            "state": self.state,
            "priority": self.priority,
            "due_at": _iso(self.due_at),
            "holder": self.holder,
            "lease_until": _iso(self.lease_until),
            "identity": "shown" if self.identity_shown else "restricted",
            "input": self.input,
            "source": self.source,
            "position": self.position,
            "of_item": self.of_item,
            "asked_by": self.asked_by,
            "asked_of": self.asked_of,
            "question": self.question,
            "answer": self.answer,
            "passed_to": self.passed_to,
            "passed_by": self.passed_by,
            "restricted": self.restricted,
            **named,
        }


@frozen(kw_only=True)
class Page:
    """Open items, most urgent first; `hidden` is how many open items this page does not show.

    `scanned_all` is False where a filter or a view let so few through that the page stopped looking before its end.
    `unread` are the opinions that the reader of the page asked for, whose answers they have not acknowledged: they are
    discharged, and stand beside the open items whatever the page is limited to.
    """

    lines: tuple[Line, ...]
    hidden: int
    worklists: tuple[str, ...]
    scanned_all: bool = True
    unread: tuple[Line, ...] = ()

    def __iter__(self) -> Any:
        """Go through the lines."""
        return iter(self.lines)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.lines)


@frozen(kw_only=True)
class Status:
    """Where a procedure is. Each answer stands for itself, and none says more than is known.

    `acquired`: clinical images are here. `preliminary`: a draft stands and no final. `final`: a final report stands and
    nothing is still to be reported. `amended`: a final was corrected or added to. `sentence` says it in plain words.
    """

    accession: str | None = field(repr=False)
    accession_issuer: str | None
    study_uid: tuple[str, ...] = field(repr=False)
    acquired: bool
    preliminary: bool
    final: bool
    amended: bool
    items: tuple[Line, ...]
    sentence: str
    reports: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the status as `status --format json` prints it."""
        return {
            "accession": self.accession,
            "accession_issuer": self.accession_issuer,
            "study_uid": list(self.study_uid),
            "acquired": self.acquired,
            "preliminary": self.preliminary,
            "final": self.final,
            "amended": self.amended,
            "items": [line.as_dict() for line in self.items],
            "sentence": self.sentence,
        }


@frozen(kw_only=True)
class Happening:
    """One row of an item's history, in words.

    `passed_to` is the reader or list of a pass. The first row of an opinion says about which item it was asked, of whom
    (None: of its list), and what.
    """

    item: int
    kind: str
    n: int
    at: datetime
    event: str
    source: str | None
    target: str
    actor: str
    reason: str | None
    evidence: Mapping[str, Any] | None = field(hash=False)
    rulebook: str
    worklist: str
    passed_to: str | None = None
    of_item: int | None = None
    asked_of: str | None = None
    question: str | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as `history --format json` prints it."""
        return {
            "item": self.item,
            "kind": self.kind,
            "n": self.n,
            "at": self.at.isoformat(),
            "event": self.event,
            "from": self.source,
            "to": self.target,
            "worklist": self.worklist,
            "actor": self.actor,
            "reason": self.reason,
            "evidence": dict(self.evidence) if self.evidence else None,
            "rulebook": self.rulebook,
            "passed_to": self.passed_to,
            "of_item": self.of_item,
            "asked_of": self.asked_of,
            "question": self.question,
        }


@frozen(kw_only=True)
class Counts:
    """How many items there are: accepted = open + reported + closed + superseded, whatever anybody filters.

    `worklists` are (list, state, count, since when the oldest is there); `overdue` (list, how many are past their due,
    how many of those nobody has in hand); `unread` (list that nobody may read, how many are open there).
    """

    accepted: int
    open: int
    reported: int
    closed: int
    superseded: int
    worklists: tuple[tuple[str, str, int, datetime | None], ...]
    overdue: tuple[tuple[str, int, int], ...] = ()
    unread: tuple[tuple[str, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as `counts --format json` prints them."""
        return {
            "accepted": self.accepted,
            "open": self.open,
            "reported": self.reported,
            "closed": self.closed,
            "superseded": self.superseded,
            "worklists": [
                {"worklist": worklist, "state": state, "count": count, "oldest": _iso(oldest)}
                for worklist, state, count, oldest in self.worklists
            ],
            "overdue": [
                {"worklist": worklist, "overdue": overdue, "unclaimed": unclaimed}
                for worklist, overdue, unclaimed in self.overdue
            ],
            "unread": [{"worklist": worklist, "open": count} for worklist, count in self.unread],
        }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
