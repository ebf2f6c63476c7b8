"""The decision: what a rulebook says should happen to one procedure. The one value that both halves share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from attrs import field, fields, frozen


class Outcome(Enum):
    """Whether a rule named the list, none did, or something went wrong."""

    ROUTED = "routed"
    OTHERWISE = "otherwise"
    EXCEPTION = "exception"


@frozen(kw_only=True)
class Reads:
    """How many different readers must read it, and what happens when they differ or agree."""

    count: int = 1
    blind: bool = False
    disagreement_to: str | None = None
    agreement: tuple[tuple[str, str], ...] = ()  # (code, worklist)


@frozen(kw_only=True)
class Also:
    """A further read by another list (`also read by`), or an audit of the finished report (`audit by`)."""

    worklist: str
    due_at: datetime | None = None
    audit: bool = False


@frozen(kw_only=True)
class Escalation:
    """One step of a ladder. Exactly one of `to` (worklist) and `notify` (channel); exactly one of the three times."""

    to: str | None = None
    notify: str | None = None
    after_minutes: int | None = None
    after_percent: int | None = None
    when: str | None = None  # "overdue"
    until: str | None = None  # "claimed"


@frozen(kw_only=True)
class Hold:
    """Wait until a condition holds, with a ceiling. `until` is the condition as it was written."""

    at_most_minutes: int
    until: str


@frozen(kw_only=True)
class Offer:
    """Offer to one reader first. `to` is "previous reader", "least loaded reader" or the value of an attribute."""

    to: str
    within_days: int | None = None
    for_minutes: int
    skill: str | None = None


@frozen(kw_only=True)
class Closure:
    """No report is needed, by policy; `until` is the last instant at which the policy may be used."""

    policy: str
    reason: str
    until: datetime | None


@frozen(kw_only=True)
class ReaderLimit:
    """Who may read (`only`, any or all of the skills), who may not (`exclude`), who may see identity (`identity`)."""

    kind: str  # "only" | "exclude" | "identity"
    skills: tuple[str, ...] = ()
    combine: str = "and"  # "and" | "or"
    readers: tuple[str, ...] = ()


@frozen(kw_only=True)
class Together:
    """Read with others: "same patient" and the values of the named attributes, within so many minutes."""

    attributes: tuple[str, ...]
    within_minutes: int


@frozen(kw_only=True)
class Split:
    """Divide what still waits after so many minutes among these lists."""

    worklists: tuple[str, ...]
    after_minutes: int


@frozen(kw_only=True)
class Undecided:
    """A rule that did not fire because it is unknown, and would have changed the decision; the attributes to blame."""

    rule: str
    attributes: tuple[str, ...]


@frozen(kw_only=True)
class Problem:
    """Something wrong with the input or met while deciding; `kind` is a stable word, `source` the field or input."""

    kind: str
    source: str
    message: str


@frozen(kw_only=True, slots=False)
class Decision:
    """The one decision for a procedure. Instants are aware and in UTC; None means that nothing was said.

    `rules` are the names of the rules that fired, in file order; `route_rule` the one that named the list, None when
    `otherwise` did. `rulebook` is the fingerprint of the rulebook. Fields that cost something, such as dates, may be
    worked out when they are first asked for (`settled`); they are the same whenever that is.
    """

    outcome: Outcome
    worklist: str
    also: tuple[Also, ...] = ()
    priority: str
    due_at: datetime | None = None
    preliminary_due_at: datetime | None = None
    tags: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    reads: Reads = Reads()
    hold: Hold | None = None
    escalations: tuple[Escalation, ...] = ()
    offer: Offer | None = None
    closure: Closure | None = None
    limits: tuple[ReaderLimit, ...] = ()
    together: Together | None = None
    split: Split | None = None
    rules: tuple[str, ...] = ()
    route_rule: str | None = None
    undecided: tuple[Undecided, ...] = ()
    problems: tuple[Problem, ...] = ()
    rulebook: str
    clock_at: datetime
    explain_with: Callable[..., Any] | None = field(default=None, eq=False, repr=False)

    @classmethod
    def settled(cls, known: Mapping[str, Any], late: tuple[Any, ...]) -> Decision:
        """Return a decision of which some fields are *known*.

        *late* holds a callable and its arguments: it returns what tells a field that nobody asked for yet, by its name,
        as a mapping that may hold other fields too.
        """
        made = object.__new__(cls)
        fields = made.__dict__
        fields.update(known)
        fields["_late"] = late
        return made

    if not TYPE_CHECKING:  # the names of the fields stay checked

        def __getattr__(self, name: str) -> Any:
            """Work out a field that nobody asked for yet."""
            known = self.__dict__
            late = known.get("_late")
            if late is None or name[0] == "_":
                raise AttributeError(name)
            if isinstance(late, tuple):
                late = known["_late"] = late[0](*late[1:])
            known.update(late(name))
            return known[name]

    def __getstate__(self) -> dict[str, Any]:
        """Return all fields, worked out: a decision that travels leaves the rulebook behind."""
        return {one.name: getattr(self, one.name) for one in fields(Decision)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the fields over."""
        self.__dict__.update(state)

    def explain(self, other: str | None = None) -> Any:
        """Return why: the rule that won, what the earlier ones failed on, and for *other* (a rule or list) why not it.

        Raises nothing; a decision read back from a store has no trace and says so.
        """
        return self.explain_with(other) if self.explain_with else None

    def as_dict(self) -> dict[str, Any]:
        """Return the decision as `dry-run --format json` prints it (DESIGN section 6), instants in ISO 8601."""
        return {
            "outcome": self.outcome.value,
            "worklist": self.worklist,
            "also": [read.worklist for read in self.also if not read.audit],
            "audits": [{"worklist": read.worklist, "due_at": _iso(read.due_at)} for read in self.also if read.audit],
            "priority": self.priority,
            "due_at": _iso(self.due_at),
            "preliminary_due_at": _iso(self.preliminary_due_at),
            "tags": list(self.tags),
            "notify": list(self.notify),
            "reads": {
                "count": self.reads.count,
                "blind": self.reads.blind,
                "disagreement_to": self.reads.disagreement_to,
                "agreement": [{"code": code, "to": to} for code, to in self.reads.agreement],
            },
            "hold": {"at_most_minutes": self.hold.at_most_minutes, "until": self.hold.until} if self.hold else None,
            "escalations": [_escalation(step) for step in self.escalations],
            "offer": {"to": self.offer.to, "within_days": self.offer.within_days, "for_minutes": self.offer.for_minutes}
            if self.offer
            else None,
            "closure": {
                "policy": self.closure.policy,
                "reason": self.closure.reason,
                "until": _iso(self.closure.until),
            }
            if self.closure
            else None,
            "readers": [_limit(limit) for limit in self.limits],
            "together": {"attributes": list(self.together.attributes), "within_minutes": self.together.within_minutes}
            if self.together
            else None,
            "split": {"worklists": list(self.split.worklists), "after_minutes": self.split.after_minutes}
            if self.split
            else None,
            "rules": list(self.rules),
            "route_rule": self.route_rule,
            "undecided": [{"rule": one.rule, "attributes": list(one.attributes)} for one in self.undecided],
            "problems": [{"kind": one.kind, "source": one.source, "message": one.message} for one in self.problems],
            "rulebook": self.rulebook,
        }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _escalation(step: Escalation) -> dict[str, Any]:
    target = {"notify": step.notify} if step.notify is not None else {"to": step.to}
    times = {"after_minutes": step.after_minutes, "after_percent": step.after_percent, "when": step.when}
    return target | {name: value for name, value in times.items() if value is not None} | {"until": step.until}


def _limit(limit: ReaderLimit) -> dict[str, Any]:
    who: dict[str, Any] = {"kind": limit.kind}
    if limit.readers:
        return who | {"readers": list(limit.readers)}
    return who | {"skills": list(limit.skills), "combine": limit.combine}
