"""A rulebook stand-in for tests of the living half: a handful of lists, plain priorities, dues in days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from attrs import evolve, field, frozen

from routing.attributes import Attributes
from routing.decision import Decision, Outcome, Problem
from routing.worklists.judging import ListReaders

PRIORITIES = ("stat", "urgent", "soon", "routine")
_LEVELS = {"STAT": "stat", "HIGH": "urgent", "MEDIUM": "soon", "ROUTINE": "routine"}
_LISTS = {"CT": "ct", "MR": "mr", "MG": "breast"}


@frozen(kw_only=True)
class StandIn:
    """Routes by modality, ranks by the priority asked for, due in days from the examination; `change` alters it."""

    fingerprint: str = "stand-in"
    name: str = "Stand-in"
    text: str = "rulebook"
    tables: Mapping[str, str] = field(factory=dict)
    priorities: tuple[str, ...] = PRIORITIES
    zone: tzinfo = UTC
    readers: Mapping[str, ListReaders] = field(
        factory=lambda: {
            "ct": ListReaders(),
            "mr": ListReaders(),
            "breast": ListReaders(skills=("breast",)),
            "general": ListReaders(),
            "attention": ListReaders(skills=("pacs_team",)),
        }
    )
    exceptions_list: str = "attention"
    change: Callable[[Decision, Attributes], Decision] | None = None

    def decide(self, source: Attributes, *, at: datetime, problems: tuple[Problem, ...] = ()) -> Decision:
        """Return the decision for a procedure."""
        known = source.known
        ended: Any = known.get("exam_end")
        arrived: datetime = known.get("arrival") or at
        if isinstance(ended, datetime) and ended.tzinfo is None:
            ended = ended.replace(tzinfo=UTC)
        clock = ended if isinstance(ended, datetime) and ended <= arrived else arrived
        worklist = next((_LISTS[code] for code in known.get("modality", ()) if code in _LISTS), "general")
        decision = Decision(
            outcome=Outcome.ROUTED,
            worklist=worklist,
            priority=_LEVELS.get(known.get("priority_requested", ""), "routine"),
            due_at=clock + timedelta(days=5),
            rules=("by modality",),
            route_rule="by modality",
            problems=problems,
            rulebook=self.fingerprint,
            clock_at=clock,
        )
        return self.change(decision, source) if self.change else decision

    def decide_exception(self, at: datetime, problems: tuple[Problem, ...] = ()) -> Decision:
        """Return the decision for what cannot be decided."""
        return Decision(
            outcome=Outcome.EXCEPTION,
            worklist=self.exceptions_list,
            priority="urgent",
            due_at=at + timedelta(hours=1),
            problems=problems,
            rulebook=self.fingerprint,
            clock_at=at,
        )


def altered(**changes: Any) -> StandIn:
    """Return a stand-in all of whose decisions have these fields."""
    return StandIn(change=lambda decision, _: evolve(decision, **changes))
