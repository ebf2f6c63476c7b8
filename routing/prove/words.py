"""Regions of studies in words: what must be known, or not known, of a study for it to lie in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from routing.prove.asked import CLOCK
from routing.prove.facets import Facet, bits_of
from routing.prove.formulas import Formula, Literal, every, exactly
from routing.prove.search import Model
from routing.prove.space import Space
from routing.prove.study import shown_value

_MOST_NAMED = 6
Region = Mapping[int, tuple[Formula, str]]
"""For each facet that matters, what must hold of it and how that is said."""


def region(space: Space, model: Model, facets: Iterable[int], stays: Callable[[Sequence[Formula]], bool]) -> Region:
    """Return a region around a model, as wide as it can be while *stays* says that all of it is alike."""
    parts = {place: _exactly(space.facets[place], _value(space, model, place)) for place in facets}
    kept = dict(parts)
    for place in sorted(parts, key=lambda one: (model.get(one) is not None, -one)):
        rest = {other: part for other, part in kept.items() if other != place}
        if stays([formula for formula, _ in rest.values()]):
            kept = rest
            continue
        for wider in _wider(space.facets[place], _value(space, model, place)):
            tried = {**kept, place: wider}
            if stays([formula for formula, _ in tried.values()]):
                kept = tried
                break
    return kept


def said(found: Region) -> str:
    """Return a region in words."""
    return ", ".join(text for _, text in found.values()) or "every study"


def _value(space: Space, model: Model, place: int) -> int:
    value = model.get(place)
    return space.facets[place].default if value is None else value


def _exactly(facet: Facet, value: int) -> tuple[Formula, str]:
    """Return that a facet has just this value."""
    if not facet.many:
        return Literal(facet.place, value), _plain(facet, value)
    if not value:
        return Literal(facet.place, facet.full, some=False), f"{facet.name} unknown"
    return exactly(facet, value), f"{facet.name} only {_names(facet, value)}"


def _wider(facet: Facet, value: int) -> list[tuple[Formula, str]]:
    """Return wider parts that hold the value, the widest first."""
    if not facet.many:
        wider = [(facet.full & ~1, f"{facet.name} known")] if value != 1 and facet.key != (CLOCK,) else []
        return [(Literal(facet.place, mask), text) for mask, text in wider]
    named = facet.full & ~value
    found: list[tuple[Formula, str]] = []
    if value:
        has = every(Literal(facet.place, 1 << bit) for bit in bits_of(value))
        found.append((has, f"{facet.name} with {_names(facet, value)}"))
    for bit in bits_of(named):
        found.append((Literal(facet.place, 1 << bit, some=False), f"{facet.name} without {_names(facet, 1 << bit)}"))
    if named:
        listed = named & ~(1 << len(facet.classes) - 1)
        if listed:
            found.append(
                (Literal(facet.place, listed, some=False), f"{facet.name} with none of {_names(facet, listed)}")
            )
    return found


def _plain(facet: Facet, value: int) -> str:
    number = bits_of(value)[0]
    if facet.key == (CLOCK,):
        wall = facet.classes[number].wall
        return f"at times like {wall:%A %Y-%m-%d %H:%M}" if wall else "at any time"
    if facet.key[0] == "sample":
        return f"{'outside' if number == 0 else 'in'} the sample of `{facet.name}`"
    given = facet.classes[number].values
    if not given:
        return f"{facet.name} unknown"
    return f"{facet.name} {shown_value(next(iter(given.values())))}"


def _names(facet: Facet, mask: int) -> str:
    texts = [str(shown_value(next(iter(facet.classes[bit].values.values()))[0])) for bit in bits_of(mask)]
    if len(texts) > _MOST_NAMED:
        return f"{', '.join(texts[:_MOST_NAMED])} and {len(texts) - _MOST_NAMED} more"
    return ", ".join(texts)
