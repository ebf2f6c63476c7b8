"""Every statement can be written, and every case of it has its expected decision."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.statements.runner import Outcome, outcomes_of_cases, proved, refused
from tests.statements.statement import Case, Check, Statement, read_statements

RULEBOOKS = Path(__file__).parent
STATEMENTS = tuple(read_statements(RULEBOOKS / "cases"))


@cache
def outcomes(name: str) -> dict[str, Outcome]:
    """Return the outcomes of one statement by case; its rulebook is loaded once."""
    statement = next(one for one in STATEMENTS if one.name == name)
    return {outcome.name: outcome for outcome in outcomes_of_cases(statement, RULEBOOKS)}


@pytest.mark.parametrize(
    ("statement", "case"),
    [pytest.param(one, case, id=f"{one.name}-{case.name}") for one in STATEMENTS for case in one.cases],
)
def test_a_case_has_its_expected_decision(statement: Statement, case: Case) -> None:
    """What a department says in words is what the rulebook decides."""
    outcome = outcomes(statement.name)[f"{statement.name} / {case.name}"]

    assert not outcome.failures, "\n".join(outcome.failures)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        pytest.param(one, number, id=f"{one.name}-{number}")
        for one in STATEMENTS
        for number, _ in enumerate(one.refused, start=1)
    ],
)
def test_a_refused_change_does_not_load(statement: Statement, number: int) -> None:
    """A rulebook that would lose or misplace a study is stopped before it decides one."""
    outcome = refused(statement, RULEBOOKS, number)

    assert not outcome.failures, "\n".join(outcome.failures)


@pytest.mark.parametrize(
    ("statement", "number", "check"),
    [
        pytest.param(one, number, check, id=f"{one.name}-{number}")
        for one in STATEMENTS
        for number, check in enumerate(one.checks, start=1)
    ],
)
def test_a_proof_comes_out_as_expected(statement: Statement, number: int, check: Check) -> None:
    """Guarantees are proved or refuted, and rules that can never win are found."""
    outcome = proved(statement, RULEBOOKS, number, check)

    if outcome.left:
        pytest.skip("left to the proofs")
    assert not outcome.failures, "\n".join(outcome.failures)


def test_every_case_has_a_name_of_its_own() -> None:
    """Two cases of one name would hide one another above."""
    for statement in STATEMENTS:
        assert len({case.name for case in statement.cases}) == len(statement.cases), statement.name
