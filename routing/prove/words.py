"""Regions of studies in words: what must be known, or not known, of a study for it to lie in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from routing.attributes import Duration
from routing.prove.asked import CLOCK
from routing.prove.facets import Facet, bits_of
from routing.prove.formulas import Formula, Literal, every, exactly
from routing.prove.quantities import nominal_days
from routing.prove.search import Model
from routing.prove.space import Space
from routing.prove.study import shown_value

_MOST_NAMED: Final = 6
_MOST_GROWN: Final = 80
Stays = Callable[[Sequence[Formula]], bool]
Region = Mapping[int, tuple[Formula, str]]
"""For each facet that matters, what must hold of it and how that is said."""


def region(space: Space, model: Model, facets: Iterable[int], stays: Stays) -> Region:
    """Return a region around a model, as wide as it can be while *stays* says that all of it is alike."""
    values = {place: model.get(place, space.facets[place].default) for place in facets}
    kept = {place: exactly(space.facets[place], value) for place, value in values.items()}
    for place in sorted(values, key=lambda one: (model.get(one) is not None, -one)):
        rest = [formula for other, formula in kept.items() if other != place]
        if stays(rest):
            del kept[place]
            continue
        facet = space.facets[place]
        grow = _grown_set if facet.many else _grown
        kept[place] = grow(facet, values[place], _Beside(rest, stays))
    return {place: (formula, _said(space.facets[place], formula)) for place, formula in kept.items()}


def said(found: Region) -> str:
    """Return a region in words."""
    return ", ".join(text for _, text in found.values()) or "every study"


@frozen
class _Beside:
    """Whether a formula beside others still leaves all of a region alike."""

    rest: Sequence[Formula]
    stays: Stays

    def __call__(self, formula: Formula) -> bool:
        return self.stays([*self.rest, formula])


def _grown(facet: Facet, value: int, stays: Callable[[Formula], bool]) -> Formula:
    """Return as many classes around the one as may be."""
    mask = value
    for number in range(min(len(facet.classes), _MOST_GROWN)):
        if not mask >> number & 1 and stays(Literal(facet.place, mask | 1 << number)):
            mask |= 1 << number
    return Literal(facet.place, mask)


def _grown_set(facet: Facet, value: int, stays: Callable[[Formula], bool]) -> Formula:
    """Return what a set must have and must not have, as little of both as may be."""
    last = 1 << len(facet.classes) - 1  # what stands for all that is not named
    has = [Literal(facet.place, 1 << bit) for bit in bits_of(value & ~last)]
    known = [Literal(facet.place, facet.full)] if value == last else []
    out = facet.full & ~value & ~last
    for parts in (has, [*has, *known]):
        if stays(every((*parts, Literal(facet.place, out, some=False)))):
            for bit in bits_of(out) if out.bit_count() <= _MOST_GROWN else ():
                less = out & ~(1 << bit)
                if stays(every((*parts, Literal(facet.place, less, some=False)) if less else parts)):
                    out = less
            return every((*parts, Literal(facet.place, out, some=False)) if out else parts)
    return exactly(facet, value)


# --- in words


def _said(facet: Facet, formula: Formula) -> str:
    parts = [formula] if isinstance(formula, Literal) else list(formula.parts)
    literals = [part for part in parts if isinstance(part, Literal)]
    if facet.many:
        return f"{facet.name} {' and '.join(_set_part(facet, one) for one in literals)}"
    return _plain(facet, literals[0].mask)


def _set_part(facet: Facet, literal: Literal) -> str:
    if literal.mask == facet.full:
        return "known" if literal.some else "unknown"
    return f"{'with' if literal.some else 'without'} {_names(facet, literal.mask)}"


def _plain(facet: Facet, mask: int) -> str:
    numbers = bits_of(mask)
    if facet.key == (CLOCK,):
        walls = [wall for number in numbers if (wall := facet.classes[number].wall) is not None]
        return f"at times like {' or '.join(f'{wall:%A %H:%M}' for wall in walls[:2])}"
    if facet.key[0] == "sample":
        return f"{'outside' if mask & 1 else 'in'} the sample of `{facet.name}`"
    values = [next(iter(facet.classes[number].values.values()), None) for number in numbers]
    known = [value for value in values if value is not None]
    texts = [_lengths(facet, known)] if known and isinstance(known[0], Duration) else _listed(facet, known, mask)
    return f"{facet.name} {' or '.join(filter(None, ['unknown' if mask & 1 else '', *texts]))}"


def _listed(facet: Facet, known: Sequence[Any], mask: int) -> list[str]:
    absent = [
        next(iter(one.values.values()), None) for number, one in enumerate(facet.classes) if not mask >> number & 1
    ]
    rest = [value for value in absent if value is not None]
    if not rest and known:
        return ["known"]
    if len(rest) < len(known):
        return [f"other than {' or '.join(str(shown_value(value)) for value in rest[:_MOST_NAMED])}"]
    return [str(shown_value(value)) for value in known[:_MOST_NAMED]]


def _lengths(facet: Facet, known: Sequence[Duration]) -> str:
    """Return lengths of time as a stretch."""
    every_one = [value for one in facet.classes for value in one.values.values() if isinstance(value, Duration)]
    ordered = sorted((one for one in every_one if one.precision is None), key=nominal_days)
    mine = sorted((one for one in known if one.precision is None), key=nominal_days)
    if not mine:
        return " or ".join(str(shown_value(one)) for one in known[:_MOST_NAMED])
    low, high = mine[0], mine[-1]
    above = next((one for one in ordered if nominal_days(one) > nominal_days(high)), None)
    if nominal_days(low) <= nominal_days(ordered[0]):
        return f"under {shown_value(above)}" if above else "known"
    return f"from {shown_value(low)}" + (f" to under {shown_value(above)}" if above else "")


def _names(facet: Facet, mask: int) -> str:
    texts = [str(shown_value(next(iter(facet.classes[bit].values.values()))[0])) for bit in bits_of(mask)]
    if len(texts) > _MOST_NAMED:
        return f"{', '.join(texts[:_MOST_NAMED])} and {len(texts) - _MOST_NAMED} more"
    return ", ".join(texts)
