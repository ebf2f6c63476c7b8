"""The rulebook as the worklists see it: where a procedure waits, how urgent it is, who may read a list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from attrs import frozen

from routing.attributes import Attributes
from routing.decision import Decision, Problem
from routing.sources.procedure import Procedure
from routing.store.records import StoredRulebook, Worklist


@frozen(kw_only=True)
class ListReaders:
    """Who may read a list: everyone where `skills` is empty, else who has any or all of them."""

    skills: tuple[str, ...] = ()
    combine: str = "and"

    def admits(self, skills: tuple[str, ...]) -> bool:
        """Return whether somebody with these skills may read it."""
        if not self.skills:
            return True
        return (any if self.combine == "or" else all)(skill in skills for skill in self.skills)


class Rules(Protocol):
    """What the worklists ask of a rulebook (`routing.rulebook.Rulebook` is one)."""

    @property
    def fingerprint(self) -> str:
        """What tells this rulebook from every other."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def text(self) -> str:
        """Its text, so that the store can keep it."""

    @property
    def tables(self) -> Mapping[str, str]:
        """The texts of the tables and calendars that it reads, by name."""

    @property
    def priorities(self) -> tuple[str, ...]:
        """The priorities, most urgent first."""

    @property
    def zone(self) -> tzinfo:
        """The zone of local times where no condition says another."""

    @property
    def readers(self) -> Mapping[str, Any]:
        """Every worklist with who may read it (`skills`, `combine`)."""

    @property
    def exceptions_list(self) -> str:
        """The worklist of what needs a human."""

    def decide(self, source: Attributes, *, at: datetime, problems: tuple[Problem, ...] = ()) -> Decision:
        """Return the one decision for a procedure."""

    def decide_exception(self, at: datetime, problems: tuple[Problem, ...] = ()) -> Decision:
        """Return the decision for what cannot be decided: the exceptions list, its priority and due."""


class Judge:
    """A rulebook with the few questions that worklists have."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.fingerprint = rules.fingerprint
        self.zone: tzinfo = rules.zone or UTC
        self.priorities = rules.priorities
        self.exceptions_list = rules.exceptions_list
        self.lists = {
            name: ListReaders(skills=tuple(readers.skills), combine=readers.combine)
            for name, readers in rules.readers.items()
        }

    def decide(self, procedure: Procedure, at: datetime) -> Decision:
        """Return the decision for a procedure by all that is known of it."""
        return self.rules.decide(procedure.attributes(self.zone), at=at)

    def exception(self, at: datetime) -> Decision:
        """Return where what needs a human waits, how urgent it is and by when it is due."""
        return self.rules.decide_exception(at)

    def rank(self, priority: str) -> int:
        """Return the place of a priority, 0 for the most urgent; an unknown word is as urgent as can be."""
        return self.priorities.index(priority) if priority in self.priorities else 0

    def worklists(self) -> tuple[Worklist, ...]:
        """Return the lists for the store: the exceptions list first, to which all others fall back."""
        first = Worklist(code=self.exceptions_list, kind="exceptions")
        rest = sorted(name for name in self.lists if name != self.exceptions_list)
        return (first, *(Worklist(code=name, fallback=self.exceptions_list) for name in rest))

    def stored(self, now: datetime) -> StoredRulebook:
        """Return the rulebook as the store keeps it."""
        rules = self.rules
        return StoredRulebook(
            fingerprint=rules.fingerprint, name=rules.name, text=rules.text, tables=dict(rules.tables), added_at=now
        )
