"""The compiled rulebook: every condition, operand and effect of a checked program as a closure over a subject.

The `sieve` tells at once which rules are true and which are unknown; a closure is asked only for a class of values that
was not met before. Compiling is linear in the size of the program, and so is what it makes (`routing.compile.sieve`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from attrs import field, frozen

from routing.compile.conditions import Conditions
from routing.compile.doubts import Doubts
from routing.compile.effects import Effects, Give, gives
from routing.compile.operands import Operands
from routing.compile.sieve import Sieve
from routing.compile.subject import Read, Subject, Test
from routing.compile.times import Choice
from routing.diagnostics import Span
from routing.meaning.fingerprint import fingerprint
from routing.meaning.negation import Negations, shipped
from routing.program import (
    AlwaysDue,
    AlwaysRoute,
    Claim,
    Condition,
    Fixed,
    Guarantee,
    NeverClose,
    NeverHold,
    NeverRoute,
    PriorityAtLeast,
    Program,
    ReadsAtLeast,
    RouteTo,
    Rule,
)

__all__ = ["Compiled", "CompiledRule", "Guard", "Subject", "compile_program"]

ALWAYS: Final = Fixed(span=Span(file="", line=0, column=0, end_line=0, end_column=0))


@frozen(kw_only=True, eq=False)
class CompiledRule:
    """One rule: its test, what it gives, and whether it has a `route to` (even one whose worklist is unknown)."""

    rule: Rule
    place: int
    conditions: Conditions = field(repr=False)
    gives: tuple[Give, ...]
    routes: bool

    @property
    def test(self) -> Test:
        """What tells whether the rule is true, false or unknown for a subject."""
        return self.conditions.test(self.rule.condition)


@frozen(kw_only=True, eq=False)
class Guard:
    """One guarantee: whether it is about a subject (None: every one), and what it then asks for."""

    guarantee: Guarantee
    applies: Test | None
    never: frozenset[str]  # no way onto these lists
    always: frozenset[str]  # the route is one of these, where there are any
    due: tuple[Callable[[Subject], datetime | None], ...]
    preliminary: tuple[Callable[[Subject], datetime | None], ...]
    level: int | None  # a priority at least as urgent as this place
    reads: int
    never_close: bool
    never_hold: bool


@frozen(kw_only=True, eq=False)
class Compiled:
    """A program, ready to decide. Immutable, and safe to share between threads."""

    program: Program
    fingerprint: str
    rules: tuple[CompiledRule, ...]
    kinds: Mapping[str, tuple[CompiledRule, ...]]  # the rules about each kind of item, in file order
    otherwise: tuple[Give, ...]
    exceptions: tuple[Give, ...]
    exceptions_list: str
    guards: tuple[Guard, ...]
    clock: tuple[tuple[str, Read], ...]
    zone: Choice[tzinfo]
    doubts: Doubts
    conditions: Conditions
    operands: Operands
    effects: Effects
    sieve: Sieve  # the bits of all rules, then those of all guarantees
    named: Mapping[str, CompiledRule] = field(factory=dict)
    kept: dict[Any, Any] = field(factory=dict)  # what later stages work out once; settlers, by kind of item


def compile_program(program: Program, negating: Negations | None = None) -> Compiled:
    """Return the program ready to decide; *negating* replaces the shipped list of negating words."""
    operands = Operands(program)
    conditions = Conditions(program, operands, negating or shipped())
    effects = Effects(program, operands, conditions)
    rules = tuple(_rule(rule, place, conditions, effects) for place, rule in enumerate(program.rules))
    guards = tuple(_guard(each, program, conditions, effects) for each in program.guarantees)
    asked = [*(rule.condition for rule in program.rules), *(each.when or ALWAYS for each in program.guarantees)]
    sieve = Sieve(program, asked, conditions.test, conditions.shared)
    otherwise, exceptions = gives(program.otherwise, effects), gives(program.exceptions, effects)
    zone = conditions.calendars.zone()
    conditions.settle()
    return Compiled(
        program=program,
        fingerprint=program.fingerprint if negating is None else fingerprint((program.fingerprint, negating)),
        rules=rules,
        kinds={kind: tuple(one for one in rules if one.rule.kind == kind) for kind in {one.rule.kind for one in rules}},
        otherwise=otherwise,
        exceptions=exceptions,
        exceptions_list=next(
            each.to for each in program.exceptions if isinstance(each, RouteTo) and isinstance(each.to, str)
        ),
        guards=guards,
        clock=tuple((name, operands.attribute(name)) for name in program.clock if name != "arrival"),
        zone=zone,
        doubts=Doubts(program, operands, conditions.rooms),
        conditions=conditions,
        operands=operands,
        effects=effects,
        sieve=sieve,
        named={one.rule.name: one for one in reversed(rules)},
    )


def _rule(rule: Rule, place: int, conditions: Conditions, effects: Effects) -> CompiledRule:
    return CompiledRule(
        rule=rule,
        place=place,
        conditions=conditions,
        gives=gives(rule.effects, effects),
        routes=any(isinstance(effect, RouteTo) for effect in rule.effects),
    )


def _guard(guarantee: Guarantee, program: Program, conditions: Conditions, effects: Effects) -> Guard:
    claims: Sequence[Claim] = guarantee.claims
    dues = [claim for claim in claims if isinstance(claim, AlwaysDue)]
    levels = [program.priorities.index(claim.level) for claim in claims if isinstance(claim, PriorityAtLeast)]
    condition: Condition | None = guarantee.when
    return Guard(
        guarantee=guarantee,
        applies=None if condition is None else conditions.test(condition),
        never=frozenset(name for claim in claims if isinstance(claim, NeverRoute) for name in claim.worklists),
        always=frozenset(claim.worklist for claim in claims if isinstance(claim, AlwaysRoute)),
        due=tuple(effects.due(claim.within) for claim in dues if not claim.preliminary),
        preliminary=tuple(effects.due(claim.within) for claim in dues if claim.preliminary),
        level=min(levels, default=None),
        reads=max((claim.count for claim in claims if isinstance(claim, ReadsAtLeast)), default=0),
        never_close=any(isinstance(claim, NeverClose) for claim in claims),
        never_hold=any(isinstance(claim, NeverHold) for claim in claims),
    )
