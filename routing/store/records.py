"""The rows of a store as values: items, journal rows, inputs, procedures. Instants are aware and in UTC.

Nothing here holds a patient's identity except `Alias` and the knowledge texts, which stand beside the journal and its
chain and never inside them; their `repr` leaves the values out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from routing.states import OPEN, Event, Kind, State


@frozen(kw_only=True)
class Item:
    """One piece of reading work as it stands. It changes only by a row in the journal.

    `procedure` is None only for a `resolve` item about an input that names no procedure.
    `rank` orders priorities, 0 first; `priority` is its word. `wake_at` is when `tick` should look at it again (for a
    held item its ceiling). `token` rises by one with each claim; `holder` and `lease_until` are set only while claimed.
    `draft` says that a preliminary report stands. `details` is what the decision says of the item beyond the columns
    (tags, offers, ladders, who was asked). `head` is the hash of its newest journal row, `version` that row's number.
    """

    id: int
    procedure: int | None
    kind: Kind
    state: State
    worklist: str
    priority: str
    rank: int
    due_at: datetime | None
    preliminary_due_at: datetime | None
    wake_at: datetime | None
    holder: str | None
    token: int
    lease_until: datetime | None
    draft: bool
    successor: int | None
    opened_at: datetime
    rulebook: str
    details: Mapping[str, Any] = field(hash=False)
    version: int
    head: str

    @property
    def is_open(self) -> bool:
        """Whether work is still owed."""
        return self.state in OPEN

    def is_free(self, now: datetime) -> bool:
        """Whether a reader may claim it: it waits, or it is claimed by a lease that is over at *now*."""
        if self.state is State.CLAIMED:
            return self.lease_until is not None and self.lease_until <= now
        return self.state in {State.WAITING, State.PRELIMINARY}


@frozen(kw_only=True)
class Opening:
    """A new item to be: what the journal's first row says."""

    procedure: int | None
    kind: Kind
    state: State
    worklist: str
    priority: str
    rank: int
    rulebook: str
    due_at: datetime | None = None
    preliminary_due_at: datetime | None = None
    wake_at: datetime | None = None
    opened_at: datetime | None = None  # the moment of writing where None
    details: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Move:
    """One thing that happens to an item: the event, who did it, why, by what evidence, and what changes with it.

    `to` is needed only where the transition table allows several states (`routing.states.next_state`). `changes` may
    name `worklist`, `priority` with `rank`, `due_at`, `preliminary_due_at`, `wake_at`, `holder`, `lease_until`,
    `rulebook`, `successor` and `details`; what it does not name stays. The store itself raises the token of a claim,
    ends the claim when the item leaves `claimed`, and keeps `draft` (set by a preliminary; ended by a final, a
    withdrawal or a closure). `body` is kept in the journal and the chain: it must not hold identity.
    """

    event: Event
    actor: str
    to: State | None = None
    changes: Mapping[str, Any] = field(factory=dict, hash=False)
    reason: str | None = None
    evidence: int | None = None
    body: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class JournalRow:
    """One row of an item's history, as it was written. `evidence` is the number of an `Evidence` row."""

    seq: int
    item: int
    n: int
    at: datetime
    event: Event
    source: State | None
    target: State
    kind: Kind
    procedure: int | None
    worklist: str
    priority: str
    due_at: datetime | None
    holder: str | None
    token: int
    actor: str
    reason: str | None
    evidence: int | None
    rulebook: str
    body: Mapping[str, Any] = field(hash=False)
    hash: str


@frozen(kw_only=True)
class Evidence:
    """What allows a discharge, or stands behind another move.

    `kind` is "report" (with `status`), "message" (an input that says so), "closure" (policy and authority in `body`),
    "successor" (`item` names it) or "redaction" (who ordered that bytes are emptied, and why, in `body`). `input` is
    the number of the input that brought it; None when a person acted here.
    """

    kind: str
    procedure: int | None
    status: str | None = None
    item: int | None = None
    input: int | None = None
    digest: str = ""
    body: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Input:
    """One input in the inbox. `outcome` is set in the transaction that stored it: no input is without one."""

    id: int
    source: str
    message_id: str
    digest: str
    kind: str
    received_at: datetime
    outcome: str
    procedures: tuple[int, ...]
    warnings: tuple[str, ...]
    item: int | None
    reason: str
    body: Mapping[str, Any] = field(hash=False)


@frozen(kw_only=True)
class Alias:
    """A name that leads to a procedure. `kind`: accession, study_uid, placer, filler, patient. Issuer "": not said."""

    kind: str
    value: str = field(repr=False)
    issuer: str = ""


@frozen(kw_only=True)
class Procedure:
    """One procedure: what is known of it, as the JSON text that the fold wrote, and the names that lead to it."""

    id: int
    revision: int
    knowledge: str = field(repr=False)
    aliases: tuple[Alias, ...] = field(repr=False)


@frozen(kw_only=True)
class PatientRow:
    """What is known of one patient identity, as JSON text, whether or not a procedure of theirs is known."""

    number: str = field(repr=False)
    issuer: str
    revision: int
    knowledge: str = field(repr=False)


@frozen(kw_only=True)
class StoredRulebook:
    """The text of a rulebook that was or is active, and of its tables by name."""

    fingerprint: str
    name: str
    text: str
    tables: Mapping[str, str] = field(hash=False)
    added_at: datetime


@frozen(kw_only=True)
class Activation:
    """That a rulebook was made the active one: by whom, why and when."""

    fingerprint: str
    actor: str
    reason: str
    at: datetime


@frozen(kw_only=True)
class Worklist:
    """A list that items wait on. `status`: active, closing (takes nothing new), retired. `kind`: list, exceptions."""

    code: str
    status: str = "active"
    kind: str = "list"
    fallback: str | None = None


@frozen(kw_only=True)
class Grant:
    """A right to an act (close, lower, reassign, break, activate, grant…), given or, with `given` false, taken back."""

    actor: str
    act: str
    scope: str = ""  # a worklist, or empty for all
    given: bool = True
    by: str
    reason: str = ""


@frozen(kw_only=True)
class Reader:
    """A reader of the directory: skills and whatever else the host says of them."""

    name: str
    skills: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Notice:
    """Something to tell the outside after commit: `target` says to whom, `payload` what."""

    id: int
    item: int | None
    target: str
    payload: Mapping[str, Any] = field(hash=False)
    made_at: datetime


@frozen(kw_only=True)
class CountRow:
    """How many items of one worklist are in one state, and since when the oldest is."""

    worklist: str
    state: State
    count: int
    oldest: datetime | None


@frozen(kw_only=True)
class Seal:
    """One seal: how much there was, `root` over the heads of all chains, and the hash that leaves the host."""

    k: int
    at: datetime
    items: int
    events: int
    last_seq: int
    root: str
    prev: str
    hash: str


@frozen(kw_only=True)
class IntegrityFinding:
    """Something that `verify` found wrong: which check, which invariant of the hazard table, where, and what to do."""

    check: str
    invariant: str
    item: int | None
    evidence: str
    action: str

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as `verify --format json` prints it."""
        return {
            "check": self.check,
            "invariant": self.invariant,
            "item": self.item,
            "evidence": self.evidence,
            "action": self.action,
        }


@frozen(kw_only=True)
class Verification:
    """What `verify` found: findings, empty when the store is sound, and figures to watch that never make it unsound."""

    findings: tuple[IntegrityFinding, ...]
    figures: Mapping[str, Any] = field(hash=False)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings
