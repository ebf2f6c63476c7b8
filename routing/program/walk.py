"""Walking the checked form: all that stands inside a condition, an effect or a rule."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, cast

import attrs

from routing.program.conditions import Defined


def walk(value: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Yield *value* and every record inside it, outermost first; what stands in a shared define comes once."""
    seen = set() if seen is None else seen
    if isinstance(value, tuple):
        for each in value:
            yield from walk(each, seen)
    elif names := _fields(cast("Hashable", type(value))):
        yield value
        if isinstance(value, Defined):
            if id(value.condition) in seen:
                return
            seen.add(id(value.condition))
        for name in names:
            yield from walk(getattr(value, name), seen)


@cache
def _fields(kind: Hashable) -> tuple[str, ...]:
    if not isinstance(kind, type) or not attrs.has(kind):
        return ()
    return tuple(each.name for each in attrs.fields(kind) if each.name != "span")
