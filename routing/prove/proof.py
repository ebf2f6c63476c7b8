"""A proof: a finding, and the made-up study that shows it where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from routing.codes import finding
from routing.diagnostics import Finding, Related, Span
from routing.prove.prover import Prover
from routing.prove.study import Study

_NAMED = 4


@frozen(kw_only=True)
class Proof:
    """A finding with its study."""

    finding: Finding
    study: Study | None = field(default=None, hash=False)


def proof(
    name: str,
    span: Span,
    message: str,
    help_: str = "",
    related: Sequence[Related] = (),
    study: Study | None = None,
) -> Proof:
    """Return a proof whose finding shows its study."""
    return Proof(finding=finding(name, span, message, help_, related, study.shown() if study else None), study=study)


def undecided(span: Span, what: str) -> Proof:
    """Return the note that a question was not settled: it is never taken as fine."""
    help_ = "this is not a fault by itself: it was too much to work out, so look at it yourself"
    return proof("undecided", span, f"it is not settled {what}", help_)


def named(prover: Prover, places: Sequence[int]) -> str:
    """Return the names of rules, for a message."""
    names = [f"`{prover.rules[place].rule.name}`" for place in places]
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} other rules"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def seen(prover: Prover, places: Sequence[int], message: str) -> list[Related]:
    """Return where rules stand."""
    return [Related(span=prover.rules[place].rule.span, message=message) for place in places[:_NAMED]]
