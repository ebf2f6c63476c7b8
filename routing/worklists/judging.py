"""The rulebook as the worklists see it: where a procedure waits, how urgent it is, who may read a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, Final, Protocol

from attrs import evolve, frozen

from routing.attributes import Attributes, Value
from routing.compile.kinds import Kind as Given
from routing.compile.kinds import kind_of
from routing.decision import Decision, Problem
from routing.program import Program, View, Watch
from routing.sources.procedure import Procedure
from routing.states import Kind
from routing.store.records import StoredRulebook, Worklist
from routing.worklists.living import OF_ITEMS, Living
from routing.worklists.sight import BY, WHEN, Sight, sight_of, sortable


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


_FIELDS: Final[Mapping[Given, tuple[str, ...]]] = {
    Given.ROUTE: ("worklist", "route_rule", "outcome"),
    Given.PRIORITY: ("priority",),
    Given.RAISE: ("priority",),
    Given.DUE: ("due_at",),
    Given.PRELIMINARY: ("preliminary_due_at",),
    Given.TAGS: ("tags",),
    Given.NOTIFY: ("notify",),
    Given.READS: ("reads",),
    Given.ONLY: ("limits",),
    Given.EXCLUDE: ("limits",),
    Given.IDENTITY: ("limits",),
    Given.ESCALATE: ("escalations",),
}


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
        compiled = getattr(rules, "compiled", None)  # a host's own rules have no living part
        self.living = Living(compiled) if compiled is not None else None
        self.program: Program | None = compiled.program if compiled is not None else None
        self.kinds = frozenset(Kind(rule.kind) for rule in self.program.rules) if self.program else frozenset()
        self._without: dict[frozenset[str], Rules] = {}

    @property
    def skills(self) -> frozenset[str]:
        """Every skill that the rulebook knows: those that it declares, and those that its lists ask for."""
        asked = {skill for readers in self.lists.values() for skill in readers.skills}
        return frozenset(asked | set(self.program.skills if self.program else ()))

    @property
    def watches_items(self) -> bool:
        """Whether a watch looks at each item, at any time."""
        return any(watch.each_item and watch.at is None for watch in self.watches)

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The watches of the rulebook, in file order."""
        return self.program.watches if self.program else ()

    @property
    def views(self) -> tuple[View, ...]:
        """The views of the rulebook, in file order."""
        return self.program.views if self.program else ()

    @cached_property
    def sights(self) -> Mapping[str, Sight]:
        """The conditions of the views, by name; a view without one is not among them."""
        return {sight.name: sight for sight in map(sight_of, self.views) if sight is not None}

    @cached_property
    def view_keys(self) -> tuple[str, ...]:
        """The attributes that views sort by, beside what an item has of itself."""
        keys = {key.name for view in self.views for key in view.sorted_by}
        return tuple(sorted(keys - OF_ITEMS - {"priority", "due"}))

    def views_of(self, procedure: Procedure, now: datetime) -> dict[str, dict[str, Any]] | None:
        """Return what an item keeps for the views: how what is steady of each comes out, and what they sort by.

        None where no view asks anything. A view of which nothing holds is left out, so that items keep little; there is
        no identity and no text in it, since neither is sorted by.
        """
        if self.living is None or not (self.sights or self.view_keys):
            return None
        living, subject = self.living, self.living.subject(procedure.attributes(self.zone), now)
        found = {name: sight.letters(lambda part: living.holds(part, subject)) for name, sight in self.sights.items()}
        keys = {name: sortable(living.value(name, subject)) for name in self.view_keys}
        return {
            WHEN: {name: letters for name, letters in found.items() if letters.strip("F")},
            BY: {name: key for name, key in keys.items() if key is not None},
        }

    def decide(
        self, procedure: Procedure, at: datetime, *, without: Iterable[str] = (), ended: datetime | None = None
    ) -> Decision:
        """
        Return the decision for a procedure by all that is known of it.

        Args:
            procedure: what is decided.
            at: the present.
            without: rules that do not count.
            ended: when the examination ended, where a further order's is meant and not the one that is known.

        """
        attributes = procedure.attributes(self.zone)
        if ended is not None:
            own = dict.fromkeys(("exam_start", "exam_end", "arrival"), Value(value=ended, source="host"))
            attributes = Attributes({**attributes, **own})
        return self._rules(frozenset(without)).decide(attributes, at=at)

    def _rules(self, without: frozenset[str]) -> Rules:
        """Return the rules but for some, which a watch may leave out (`decide again without "RULE"`)."""
        leave_out = getattr(self.rules, "without", None)
        if not without or leave_out is None:
            return self.rules
        if without not in self._without:
            self._without[without] = leave_out(without)
        return self._without[without]

    def decide_for(self, kind: Kind, procedure: Procedure | None, at: datetime, default: Decision) -> Decision:
        """
        Return where an item of a kind waits: what the rules `for KIND` that are true give, and *default* for the rest.

        A due that such a rule gives counts from *at*: the item's work begins then, whenever the images were made.

        Args:
            kind: the kind of the item; one that no rule is about has the default.
            procedure: what it is about; None where nothing is known.
            at: when the item begins.
            default: the decision on the first report, or for a `resolve` item that for exceptions.

        """
        if kind is Kind.REPORT or kind not in self.kinds or self.program is None:
            return default
        attributes = procedure.attributes(self.zone) if procedure is not None else Attributes({})
        found: Decision = self.rules.decide(attributes, at=at, kind=kind.value)  # type: ignore[call-arg]
        names = set(found.rules)
        rules = [rule for rule in self.program.rules if rule.kind == kind.value and rule.name in names]
        given = {kind_of(effect) for rule in rules for effect in rule.effects}
        fields = {name: getattr(found, name) for each in given for name in _FIELDS.get(each, ())}
        for name in {"due_at", "preliminary_due_at"} & fields.keys():
            if fields[name] is not None:
                fields[name] = at + (fields[name] - found.clock_at)
        if found.route_rule is None:
            fields.pop("worklist", None)
        return evolve(default, **fields, clock_at=at if "due_at" in fields else default.clock_at, rules=found.rules)

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
