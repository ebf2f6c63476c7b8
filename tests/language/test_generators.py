"""What the made-up programs hold: every construct of the language, and every choice that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from routing import program as checked
from routing.program import Claim, Condition, Effect, Operand, Program
from routing.program.walk import walk
from tests.language.programs import PROGRAMS

LIVING = {checked.MoveTo, checked.DecideAgain, checked.ListFigure}  # of a watch: no decision has them
ALIKE = {
    (checked.ClockRef, "type"),  # of each only one is meaningful
    (checked.Listed, "table"),
    (checked.Spelt, "operator"),
    (checked.Rule, "group_default"),
}


def every_kind(base: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes of nodes that can stand in a rulebook: those that attrs made of a name that is exported."""
    for kind in base.__subclasses__():
        yield from every_kind(kind)
        if getattr(checked, kind.__name__, None) is kind:
            yield kind


def seen_in_programs() -> dict[type[Any], dict[str, set[str]]]:
    """Return, for each class of nodes in many made-up programs, the different values of each of its fields."""
    seen: dict[type[Any], dict[str, set[str]]] = {}

    @settings(
        max_examples=700,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(PROGRAMS)
    def look(program: Program) -> None:
        claims = tuple(claim for one in program.guarantees for claim in one.claims)
        declared = tuple(known.sources for known in program.known.values())
        parts = (program.rules, program.otherwise, claims, declared)
        # A claim without anything to say of it is not walked.
        for node in (*claims, *(each for part in parts for each in walk(part))):
            fields = seen.setdefault(type(node), {})
            for field in attrs.fields(type(node)):
                if field.name not in ("span", "text") and len(fields.setdefault(field.name, set())) < 2:
                    fields[field.name].add(repr(getattr(node, field.name)))

    look()
    return seen


@pytest.mark.slow
def test_every_construct_and_every_choice_of_it_is_made_up() -> None:
    """A form, an effect or a choice that is added to the language and not here would be compared with nothing."""
    seen = seen_in_programs()
    wanted = {kind for base in (Condition, Effect, Operand) for kind in every_kind(base)} | set(get_args(Claim))

    assert {kind.__name__ for kind in wanted - LIVING - seen.keys()} == set()
    alike = {
        f"{kind.__name__}.{name}"
        for kind, fields in seen.items()
        if kind in wanted
        for name, values in fields.items()
        if len(values) < 2 and (kind, name) not in ALIKE
    }
    assert alike == set()
