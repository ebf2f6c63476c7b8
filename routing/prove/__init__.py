"""Proofs: what a rulebook can and cannot do, over every study there could be.

Exact over the finite partition of attribute values that the rulebook induces, with *unknown* as a value. Every study
that is reported is one that can be decided, and was. What is not settled within the budget is `undecided`, never fine.

Outside the partition: a text so long that it is cut, a clock of which only the day is known, a study without any key,
and a host that supplies a declared attribute in place of what it is made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import define, field

from routing.compile import Compiled
from routing.decide import REPORT
from routing.diagnostics import Finding
from routing.prove.care import with_studies
from routing.prove.conditions import always_false, always_true, dead, same_as
from routing.prove.contributes import never_contributes
from routing.prove.guarantees import all_broken
from routing.prove.overlaps import Shape, Shapes, conflicts, rest
from routing.prove.proof import Proof
from routing.prove.prover import Prover
from routing.prove.space import Space
from routing.prove.study import Study
from routing.prove.unknowns import on_unknown
from routing.prove.wins import never_wins

__all__ = ["Proof", "Proofs", "Shape", "Shapes", "Study", "prove", "refuted"]


@define
class Proofs:
    """The proofs of one rulebook, each worked out when it is asked for."""

    compiled: Compiled
    _provers: dict[str, Prover] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        space = Space.of(self.compiled)
        kinds = dict.fromkeys((REPORT, *self.compiled.kinds))
        self._provers = {kind: Prover(space, self.compiled, kind) for kind in kinds}

    def guarantees(self) -> list[Proof]:
        """Return the guarantees that are refuted, each with a study, and those not settled."""
        return list(all_broken(list(self._provers.values())))

    def rules(self) -> Iterator[Proof]:
        """Yield what is proved of rules, conditions and effects."""
        for prover in self._provers.values():
            never = dead(prover)
            yield from always_false(prover, never)
            yield from always_true(prover)
            losing = dict(never_wins(prover, never))
            yield from losing.values()
            yield from never_contributes(prover, never)
            yield from same_as(prover, never | frozenset(losing))

    def conflicts(self) -> list[Proof]:
        """Return the rules that take studies from later, more specific ones; the most surprising first."""
        return [one for prover in self._provers.values() for one in conflicts(prover, dead(prover))]

    def rest(self, *, every: bool = False) -> Shapes:
        """Return the shapes of what falls to `otherwise`: the first ones, or all of them."""
        return rest(self._provers[REPORT], every_one=every)

    def on_unknown(self) -> list[Shape]:
        """Return the rules that lower care although an attribute that decides it is unknown: close, hold, pass on."""
        return [one for prover in self._provers.values() for one in on_unknown(prover)]

    def shown(self, findings: Sequence[Finding]) -> list[Proof]:
        """Return findings with a study each where one shows them; without those that are proved impossible."""
        return list(with_studies(self._provers[REPORT], findings))


def prove(compiled: Compiled, findings: Sequence[Finding] = ()) -> list[Proof]:
    """Return all that is proved of a rulebook, and *findings* that came before with a study each."""
    proofs = Proofs(compiled)
    return [*proofs.shown(findings), *proofs.guarantees(), *proofs.rules()]


def refuted(compiled: Compiled) -> tuple[Finding, ...]:
    """Return the guarantees that a made-up study breaks; empty at once where there are no guarantees."""
    if not compiled.program.guarantees:
        return ()
    found = (one.finding for one in Proofs(compiled).guarantees())
    return tuple(one for one in found if one.name == "guarantee-refuted")
