"""Studies for what `check` says about care; what a proof shows to be impossible is not said.

An exception that may be unknown matters only where it can be unknown while the rest of its rule is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from routing import program
from routing.diagnostics import Finding
from routing.program import Condition
from routing.prove.formulas import Formula, every
from routing.prove.proof import Proof
from routing.prove.prover import Prover


def with_studies(prover: Prover, findings: Iterable[Finding]) -> Iterator[Proof]:
    """Yield findings that came before the proofs, with a study each where one shows it."""
    for one in findings:
        formula = _shown_by(prover, one)
        if formula is None:
            yield Proof(finding=one)
            continue
        answer = prover.find([formula])
        if answer.model is not None:
            study = prover.study(answer.model)
            yield Proof(finding=evolve(one, witness=study.shown() if study else None), study=study)
        elif answer.is_open:
            yield Proof(finding=one)


def _shown_by(prover: Prover, finding: Finding) -> Formula | None:
    """Return what holds for a study that shows the finding; None where there is nothing to show."""
    for place, one in enumerate(prover.rules):
        condition = one.rule.condition
        match finding.name:
            case "unless-may-be-unknown":
                parts = list(_parts(condition))
                for part in parts:
                    if isinstance(part, program.Not) and part.part.span == finding.span:
                        others = (other for other in parts if other is not part)
                        rest = (prover.space.meaning(other, prover.compiled).true for other in others)
                        return every((*rest, prover.space.meaning(part.part, prover.compiled).unknown))
            case "words-lower-care" | "later-than-otherwise":
                spans = [effect.span for effect in one.rule.effects]
                if finding.span in spans or any(near.span in spans for near in finding.related):
                    return prover.fires[place]
            case _:
                return None
    return None


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, program.And):
        for part in condition.parts:
            yield from _parts(part)
    else:
        yield condition
