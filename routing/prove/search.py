"""The search: a model of formulas over facets, or the proof that there is none.

Exact within its budget, which counts steps so that the same question always ends the same: literals narrow the facets
they are about, an alternative with one way left is taken, and what stays open is tried way by way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from routing.prove.facets import Facet, bits_of
from routing.prove.formulas import All, Formula, Literal, Some

STEPS: Final = 20_000
"""Steps that one question may take."""

Model: TypeAlias = Mapping[int, int]
"""A value for each facet that matters, as bits; the others are as when nothing is said."""

_Narrowed = dict[int, Any]  # of a plain facet the classes left; of a set facet what is out, and what must be hit


class OutOfSteps(Exception):
    """The question was not settled within its budget."""


class Search:
    """Finds models over a number of facets."""

    def __init__(self, facets: Sequence[Facet], steps: int = STEPS) -> None:
        self.facets = facets
        self._full: list[int] = []
        self._many: list[bool] = []
        self._default: list[int] = []
        self._steps, self._left = steps, steps
        self._grow()

    def _grow(self) -> None:
        """Take up facets that came since: some comparisons make one of their own when they are first asked about."""
        for facet in self.facets[len(self._full) :]:
            self._full.append(facet.full)
            self._many.append(facet.many)
            self._default.append(facet.default)

    def find(self, formulas: Iterable[Formula]) -> Model | None:
        """Return a smallest model of all formulas, or None when there is none.

        Raises:
            OutOfSteps: the budget ran out.

        """
        self._left = self._steps
        self._grow()
        state = self._solve({}, list(formulas))
        return None if state is None else self._model(state)

    def holds(self, formula: Formula, model: Model) -> bool:
        """Say whether a formula holds in a model."""
        if isinstance(formula, Literal):
            value = model.get(formula.facet)
            if value is None:
                value = self.facets[formula.facet].default
            return (value & formula.mask != 0) is formula.some
        if isinstance(formula, All):
            return all(self.holds(part, model) for part in formula.parts)
        return any(self.holds(part, model) for part in formula.parts)

    # --- solving

    def _solve(self, state: _Narrowed, todo: list[Formula]) -> _Narrowed | None:
        waiting: list[tuple[_Narrowed, list[Formula]]] = [(state, todo)]
        while waiting:
            self._left -= 1
            if self._left < 0:
                raise OutOfSteps
            state, todo = waiting.pop()
            pending = self._settle(state, todo)
            if pending is None:
                continue
            if not pending:
                return state
            pending.sort(key=_width, reverse=True)
            narrowest = pending.pop()
            waiting.extend((dict(state), [*pending, part]) for part in reversed(narrowest.parts))
        return None

    def _settle(  # noqa: C901 - the inner loop of every proof: one function, for speed
        self, state: _Narrowed, todo: list[Formula]
    ) -> list[Some] | None:
        """Narrow *state* as far as it must be; return the alternatives that stay open, or None when it fails."""
        pending: list[Some] = []
        while True:
            while todo:
                one = todo.pop()
                if isinstance(one, Literal):
                    if not self._narrow(state, one):
                        return None
                elif isinstance(one, All):
                    todo.extend(one.parts)
                else:
                    pending.append(one)
            rest: list[Some] = []
            for one in pending:
                left = self._open_parts(state, one)
                if left is None:
                    continue
                if not left:
                    return None
                if len(left) == 1:
                    todo.append(left[0])
                else:
                    rest.append(one if len(left) == len(one.parts) else Some(tuple(left)))
            pending = rest
            if not todo:
                return pending

    def _open_parts(self, state: _Narrowed, alternative: Some) -> list[Formula] | None:
        """Return the parts that may still hold; None when one is sure to."""
        left = []
        for part in alternative.parts:
            truth = self._truth(state, part)
            if truth:
                return None
            if truth is None:
                left.append(part)
        return left

    def _truth(self, state: _Narrowed, formula: Formula) -> bool | None:
        if isinstance(formula, Literal):
            return self._literal(state, formula)
        wanted = isinstance(formula, Some)
        known = True
        for part in formula.parts:
            truth = self._truth(state, part)
            if truth is wanted:
                return wanted
            known = known and truth is not None
        return (not wanted) if known else None

    def _literal(self, state: _Narrowed, literal: Literal) -> bool | None:
        place, mask, positive = literal.facet, literal.mask, literal.some
        found = state.get(place)
        if self._many[place]:
            if found is None:
                return None if mask else not positive
            out, needs = found
            left = mask & ~out
            if not left:
                return not positive
            for need in needs:
                if not need & ~out & ~mask:
                    return positive
            return None
        left = self._full[place] if found is None else found
        if not left & mask:
            return not positive
        return positive if not left & ~mask else None

    def _narrow(self, state: _Narrowed, literal: Literal) -> bool:
        place, mask = literal.facet, literal.mask
        found = state.get(place)
        if not self._many[place]:
            left = self._full[place] if found is None else found
            left = left & mask if literal.some else left & ~mask
            state[place] = left
            return bool(left)
        out, needs = (0, ()) if found is None else found
        if literal.some:
            left = mask & ~out
            if not left:
                return False
            if not any(need & left == need for need in needs):
                needs = (*(need for need in needs if need & left != left), left)
        else:
            out |= mask
            needs = tuple(need & ~out for need in needs)
            if 0 in needs:
                return False
        state[place] = (out, needs)
        return True

    def _model(self, state: _Narrowed) -> Model:
        return {place: self._smallest(place, found) for place, found in state.items()}

    def _smallest(self, place: int, found: Any) -> int:
        """Return the first class that is left; of a set, few members that hit all that must be hit."""
        if not self._many[place]:
            left: int = found & -found
            return left
        chosen = 0
        needs = list(found[1])
        while needs:
            candidates = bits_of(min(needs, key=int.bit_count))
            best = max(candidates, key=lambda bit: (sum(need >> bit & 1 for need in needs), -bit))
            chosen |= 1 << best
            needs = [need for need in needs if not need & chosen]
        return chosen


def _width(alternative: Some) -> int:
    return len(alternative.parts)
