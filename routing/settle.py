"""Settling: from the bits of the true and the unknown rules to one decision, working out at once only what is cheap.

Where the rules that are true say only lists, priorities and dues, as nearly all rules do, masks of bits tell the winner
and the safest priority, and equal outcomes share what they have in common. Otherwise what is the same for the same set
of true rules is remembered. Dates, the names of the rules, and what else hangs on the procedure are worked out when a
field of the decision is first asked for; `routing.combine` is what says what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, Final

from routing.combine import OTHERWISE, Draft, Fired, active, combine, given_by, given_once
from routing.compile import Compiled, CompiledRule
from routing.compile.earliest import Dues, dues_of
from routing.compile.effects import Always, Give, Given, Kind, kind_of
from routing.compile.lanes import mask_of
from routing.compile.subject import Subject
from routing.decision import Decision, Outcome, Problem
from routing.errors import RoutingError
from routing.program import Effect, RouteTo
from routing.undecided import MOST_UNKNOWN, not_asked, undecided

_PLAIN: Final = frozenset({Kind.ROUTE, Kind.PRIORITY, Kind.RAISE, Kind.DUE, Kind.PRELIMINARY})
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9000  # outside of it dates may run off the calendar, and rules fail
_MOST: Final = 4096
_FLAGS: Final = bytes(256 * [0])[:49] + b"\x01" + bytes(206)  # of "0" and "1", false and true

_FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PRIORITY: ("priority",),
    Kind.RAISE: ("priority",),
    Kind.TAGS: ("tags",),
    Kind.NOTIFY: ("notify",),
    Kind.ALSO: ("also",),
    Kind.AUDIT: ("also",),
    Kind.READS: ("reads",),
    Kind.ONLY: ("limits",),
    Kind.EXCLUDE: ("limits",),
    Kind.IDENTITY: ("limits",),
    Kind.ESCALATE: ("escalations",),
    Kind.HOLD: ("hold",),
    Kind.OFFER: ("offer",),
    Kind.TOGETHER: ("together",),
    Kind.SPLIT: ("split",),
    Kind.CLOSE: ("closure",),
}
_HANG_ON_DUE: Final = (Kind.ESCALATE, Kind.HOLD)

Explainers = Callable[[Compiled, Subject, str], Callable[..., Any]]
"""What makes the explainer of a decision, from the subject and the kind of item, when it is first asked for."""


class OffTheCalendar(RoutingError):
    """The procedure's time is so far off that dates must be handled with care; nothing is wrong with the call."""


def settler_of(compiled: Compiled, kind: str) -> Settler:
    """Return what settles decisions about one kind of item."""
    found: Settler | None = compiled.kept.get(kind)
    if found is None:
        found = compiled.kept[kind] = Settler(compiled, kind)
    return found


class Settler:
    """The bits of one rulebook's rules about one kind of item, by what they give."""

    def __init__(self, compiled: Compiled, kind: str) -> None:
        self.compiled = compiled
        self.kind = kind
        self.rules = compiled.kinds.get(kind, ())
        bits = compiled.sieve.bits
        rule_at: dict[int, CompiledRule] = {bit: rule for rule in self.rules for bit in bits[rule.place]}
        self.mask = mask_of(sorted(rule_at))
        # INVARIANT: a bit outside the mask is nobody's, and never looked up
        self._rule_at_bit = (
            [rule_at.get(bit, compiled.rules[0]) for bit in range(compiled.sieve.size)] if rule_at else []
        )
        guards = [bit for each in bits[len(compiled.rules) :] for bit in each]
        self._general = mask_of(guards) | self._where(lambda rule: rule.rule.group_default)
        self._whole = self.mask | mask_of(guards)
        self._routes = self._where(lambda rule: rule.routes)
        self._route_at = {
            bit: (rule.place, give)
            for rule in self.rules
            for effect, give in zip(rule.rule.effects, rule.gives, strict=True)
            if isinstance(effect, RouteTo)
            for bit in bits[rule.place]
        }
        self._hangs = {rule.place: _hanging(rule.rule.effects, rule.gives) for rule in self.rules}
        self._open_routes = self._where(
            lambda rule: any(
                isinstance(effect, RouteTo) and not isinstance(give, Always)
                for effect, give in zip(rule.rule.effects, rule.gives, strict=True)
            )
        )
        self._more = self._where(lambda rule: any(kind_of(each) not in _PLAIN for each in rule.rule.effects))
        self._priorities()
        self._due = self._dues(Kind.DUE)
        self._preliminary = self._dues(Kind.PRELIMINARY)
        self._fixed_list = self._otherwise_list()
        self._sift = compiled.sieve.sift
        self._templates: dict[Any, dict[str, Any]] = {}
        self._plans: dict[int, dict[str, Any] | None] = {}

    def _where(self, holds: Callable[[CompiledRule], bool]) -> int:
        bits = self.compiled.sieve.bits
        return mask_of([bit for rule in self.rules if holds(rule) for bit in bits[rule.place]])

    def _effects(self, kind: Kind) -> dict[Effect, tuple[list[int], Give]]:
        """Return the distinct effects of a kind, with the bits of the rules that have them."""
        found: dict[Effect, tuple[list[int], Give]] = {}
        for rule in self.rules:
            for effect, give in zip(rule.rule.effects, rule.gives, strict=True):
                if kind_of(effect) is kind:
                    found.setdefault(effect, ([], give))[0].extend(self.compiled.sieve.bits[rule.place])
        return found

    def _priorities(self) -> None:
        levels: dict[int, list[int]] = {}
        self._asked: list[tuple[int, Give]] = []
        for bits, give in self._effects(Kind.PRIORITY).values():
            if isinstance(give, Always):
                levels.setdefault(give.given[1], []).extend(bits)
            else:
                self._asked.append((mask_of(bits), give))
        self._levels = [(level, mask_of(levels[level])) for level in sorted(levels)]
        self._raises = mask_of([bit for bits, _ in self._effects(Kind.RAISE).values() for bit in bits])
        otherwise = list(zip(self.compiled.program.otherwise, self.compiled.otherwise, strict=True))
        self._otherwise_raises = any(kind_of(effect) is Kind.RAISE for effect, _ in otherwise)
        usual = [give for effect, give in otherwise if kind_of(effect) is Kind.PRIORITY]
        levels_given = [give.given[1] for give in usual if isinstance(give, Always)]
        last = len(self.compiled.program.priorities) - 1
        self._usual_level = min(levels_given, default=last) if len(levels_given) == len(usual) else None

    def _dues(self, kind: Kind) -> Dues:
        compiled = self.compiled
        pairs = zip(compiled.program.otherwise, compiled.otherwise, strict=True)
        return dues_of(self._effects(kind), tuple(give for effect, give in pairs if kind_of(effect) is kind))

    def _otherwise_list(self) -> str | None:
        """Return the list of `otherwise`, where it is the same for every procedure."""
        routes = [
            give
            for effect, give in zip(self.compiled.program.otherwise, self.compiled.otherwise, strict=True)
            if isinstance(effect, RouteTo)
        ]
        first = routes[0] if routes else None
        return first.given[1] if isinstance(first, Always) else None

    def decision(
        self,
        subject: Subject,
        problems: tuple[Problem, ...],
        explain_with: Callable[..., Any] | None,
        explainer: Explainers | None = None,
        most_unknown: int = MOST_UNKNOWN,
    ) -> Decision:
        """Return the decision for a subject. Whatever fails is raised; the caller then looks for the rule that did."""
        clock_at = subject.clock_at
        if not _EARLIEST_YEAR < clock_at.year < _LATEST_YEAR:
            raise OffTheCalendar
        certain, unknown = self._sift(subject)
        unknown &= self.mask
        if unknown and unknown.bit_count() > most_unknown:
            problems += not_asked(len(self.open_rules(certain, unknown)), most_unknown)
        late: Any = Late, self, subject, certain, unknown, problems, explainer, most_unknown
        due: datetime | None = None
        if certain & self._general or self._fixed_list is None:
            late = Late(*late[1:])
            fields = self._in_general(subject, certain, late)
        else:
            routing = certain & self._routes
            place, give = self._route_at[(routing & -routing).bit_length() - 1] if routing else (-1, None)
            if give is None:
                worklist = self._fixed_list
            elif isinstance(give, Always):
                worklist = give.given[1]
            else:
                place, worklist = self._winner(subject, routing)
            key = place, worklist, self._level(subject, certain), certain & self._more
            fields = self._templates.get(key) or self._template(subject, *key)
            due = self._due.quick(clock_at, certain)
        made: Decision = object.__new__(Decision)
        known = made.__dict__
        known.update(fields)
        known["clock_at"] = clock_at
        if due is not None:
            known["due_at"] = due
        if problems and "problems" in known:
            known["problems"] = problems + known["problems"]
        if explainer is None:
            known["explain_with"] = explain_with
        if not unknown:
            known["undecided"] = ()
        known["_late"] = late
        return made

    def _winner(self, subject: Subject, routing: int) -> tuple[int, str]:
        while routing:
            lowest = routing & -routing
            place, give = self._route_at[lowest.bit_length() - 1]
            one = give(subject)
            if one is not None:
                return place, one[1]
            routing ^= lowest
        return -1, self._fixed_list or ""

    def _level(self, subject: Subject, certain: int) -> int:
        level: int | None = None
        for place, mask in self._levels:
            if certain & mask:
                level = place
                break
        for mask, give in self._asked:
            if certain & mask and (one := give(subject)) is not None and (level is None or one[1] < level):
                level = one[1]
        if level is None:
            level = self._usual_level
        if level is None:
            given_levels = [one[1] for one in self._of_otherwise(subject) if one[0] is Kind.PRIORITY]
            level = min(given_levels, default=len(self.compiled.program.priorities) - 1)
        if level and (self._otherwise_raises or certain & self._raises):
            return level - 1
        return level

    def _of_otherwise(self, subject: Subject) -> Sequence[Given]:
        return given_by(OTHERWISE, self.compiled.otherwise, subject)

    def _template(self, subject: Subject, place: int, worklist: str, level: int, more: int) -> dict[str, Any]:
        """Return the fields that all have in common whose rules give the same but for dates; remember them."""
        compiled = self.compiled
        rules = self.rules_of(more)
        if place >= 0 and all(rule.place != place for rule in rules):
            rules = sorted([*rules, compiled.rules[place]], key=lambda rule: rule.place)
        # What hangs on the procedure is worked out when it is asked for: only who names the list matters here.
        fired = [(rule, _at_once(rule, subject)) for rule in rules]
        fields = self._common(rules, combine(compiled, subject, fired, failed=False), subject)
        fields |= {
            "outcome": Outcome.ROUTED if place >= 0 else Outcome.OTHERWISE,
            "worklist": worklist,
            "route_rule": compiled.rules[place].rule.name if place >= 0 else None,
            "priority": compiled.program.priorities[level],
        }
        if self._preliminary.never:
            fields["preliminary_due_at"] = None
        if len(self._templates) >= _MOST:
            self._templates.clear()
        self._templates[place, worklist, level, more] = fields
        return fields

    def _common(self, rules: Sequence[CompiledRule], draft: Draft, subject: Subject) -> dict[str, Any]:
        """Return the fields of a decision that are the same whenever the same rules are true."""
        compiled = self.compiled
        hangs = [self._hangs[rule.place] for rule in rules]
        hangs.append(_hanging(compiled.program.otherwise, compiled.otherwise))
        if draft.fields["outcome"] is Outcome.EXCEPTION:
            hangs.append(_hanging(compiled.program.exceptions, compiled.exceptions))
        late = frozenset({"due_at", "preliminary_due_at", "rules"}).union(*hangs)
        known = {name: value for name, value in draft.fields.items() if name not in late}
        if not active(compiled, subject):
            known["problems"] = ()
        return known | {"rulebook": compiled.fingerprint}

    def rules_of(self, bits: int) -> list[CompiledRule]:
        """Return the rules of these bits, in file order: that is the order of the bits."""
        flags = bin(bits & self.mask)[:1:-1].encode().translate(_FLAGS)
        return list(dict.fromkeys(compress(self._rule_at_bit, flags)))

    def open_rules(self, certain: int, unknown: int) -> list[CompiledRule]:
        """Return the rules that are unknown and not true by another of their alternatives, in file order."""
        rules = self.rules_of(unknown & ~certain)
        true = set(self.rules_of(certain))
        return [rule for rule in rules if rule not in true] if true else rules

    def _in_general(self, subject: Subject, certain: int, late: Late) -> dict[str, Any]:
        """Return the fields where guarantees or defaults of groups have a say: by the set of true rules."""
        key = certain & self._whole
        return self._plans.get(key) or self._plan(subject, key, late)

    def _plan(self, subject: Subject, key: int, late: Late) -> dict[str, Any]:
        draft = late.draft
        if key & self._open_routes or self._fixed_list is None:
            return {**draft.fields, "problems": draft.problems, "rulebook": self.compiled.fingerprint}
        if len(self._plans) >= _MOST:
            self._plans.clear()
        known = self._plans[key] = self._common(self.rules_of(key), draft, subject)
        return known

    def is_general(self, certain: int) -> bool:
        """Say whether guarantees or defaults of groups have a say."""
        return bool(certain & self._general) or self._fixed_list is None

    def due(self, subject: Subject, certain: int) -> datetime | None:
        """Return the due, where no guarantee has a say."""
        return self._due.earliest(subject, certain)

    def preliminary(self, subject: Subject, certain: int) -> datetime | None:
        """Return the preliminary due, where no guarantee has a say."""
        return self._preliminary.earliest(subject, certain)


def _hanging(effects: Sequence[Effect], gives: Sequence[Give]) -> frozenset[str]:
    """Return the fields that hang on the procedure where these effects are given."""
    kinds = [kind_of(effect) for effect in effects]
    names = {name for kind in _HANG_ON_DUE if kind in kinds for name in _FIELDS[kind]}
    for kind, give in zip(kinds, gives, strict=True):
        if not isinstance(give, Always):
            names.update(_FIELDS.get(kind, ()))
    return frozenset(names)


def _at_once(rule: CompiledRule, subject: Subject) -> tuple[Given, ...]:
    """Return what a rule gives of lists, and of what is the same for every procedure."""
    pairs = zip(rule.rule.effects, rule.gives, strict=True)
    found = [give(subject) for effect, give in pairs if isinstance(give, Always) or isinstance(effect, RouteTo)]
    return tuple([one for one in found if one is not None])


class Late:
    """What is still to be worked out of one decision."""

    __slots__ = (
        "_draft",
        "_fired",
        "_most_unknown",
        "certain",
        "explainer",
        "problems",
        "settler",
        "subject",
        "unknown",
    )

    def __init__(
        self,
        settler: Settler,
        subject: Subject,
        certain: int,
        unknown: int,
        problems: tuple[Problem, ...],
        explainer: Explainers | None,
        most_unknown: int = MOST_UNKNOWN,
    ) -> None:
        self.settler, self.subject, self.problems, self.explainer = settler, subject, problems, explainer
        self.certain, self.unknown, self._most_unknown = certain, unknown, most_unknown
        self._fired: list[Fired] | None = None
        self._draft: Any = None

    @property
    def fired(self) -> list[Fired]:
        """The true rules and what they give."""
        if self._fired is None:
            rules = self.settler.rules_of(self.certain)
            self._fired = [(rule, given_once(rule, self.subject)) for rule in rules]
        return self._fired

    @property
    def draft(self) -> Any:
        """The whole decision as it is combined."""
        if self._draft is None:
            self._draft = combine(self.settler.compiled, self.subject, self.fired, failed=False)
        return self._draft

    def __call__(self, name: str) -> dict[str, Any]:
        """Return the field of that name, and others that come with it."""
        settler, subject = self.settler, self.subject
        if name == "explain_with":
            return {name: self.explainer and self.explainer(settler.compiled, subject, settler.kind)}
        if name == "undecided":
            rules = settler.open_rules(self.certain, self.unknown)
            found = undecided(
                settler.compiled, subject, self.fired, rules, self.draft, failed=False, most=self._most_unknown
            )
            return {name: tuple(found)}
        if not settler.is_general(self.certain):
            if name == "due_at":
                return {name: settler.due(subject, self.certain)}
            if name == "preliminary_due_at":
                return {name: settler.preliminary(subject, self.certain)}
            if name == "rules":
                return {name: tuple([rule.rule.name for rule in settler.rules_of(self.certain)])}
        draft = self.draft
        return {**draft.fields, "problems": (*self.problems, *draft.problems)}
