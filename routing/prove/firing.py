"""Which rules are true in a model: sets of rules as bits, one lookup for each facet."""

from __future__ import annotations

from collections.abc import Sequence

from routing.prove.facets import Facet, bits_of
from routing.prove.formulas import Formula, Literal, conjuncts
from routing.prove.search import Model, Search


class Firing:
    """The formulas of rules, arranged so that those true in a model are found without asking each."""

    def __init__(self, formulas: Sequence[Formula], search: Search) -> None:
        self._formulas, self._search = formulas, search
        self._all = (1 << len(formulas)) - 1
        self._by_facet: dict[int, list[tuple[Literal, int]]] = {}
        self._plain = 0  # rules that are nothing but literals joined by `and`
        self._memo: dict[tuple[int, int], int] = {}
        grouped: dict[Literal, int] = {}
        for place, formula in enumerate(formulas):
            parts = conjuncts(formula)
            literals = [part for part in parts if isinstance(part, Literal)]
            self._plain |= (len(literals) == len(parts)) << place
            for literal in literals:
                grouped[literal] = grouped.get(literal, 0) | 1 << place
        for literal, rules in grouped.items():
            self._by_facet.setdefault(literal.facet, []).append((literal, rules))

    def bits(self, model: Model) -> int:
        """Return the rules that are true in a model, as bits."""
        left = self._all
        facets = self._search.facets
        for place in self._by_facet:
            value = model.get(place)
            left &= self._allowed(facets[place], facets[place].default if value is None else value)
            if not left:
                return 0
        found = left & self._plain
        for place in bits_of(left & ~self._plain):
            found |= self._search.holds(self._formulas[place], model) << place
        return found

    def _allowed(self, facet: Facet, value: int) -> int:
        key = (facet.place, value)
        found = self._memo.get(key)
        if found is None:
            found = self._all
            for literal, rules in self._by_facet[facet.place]:
                if (value & literal.mask != 0) is not literal.some:
                    found &= ~rules
            self._memo[key] = found
        return found
