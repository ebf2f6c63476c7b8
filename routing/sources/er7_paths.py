"""Paths into HL7 messages, `OBX[3]-5` or `PID-3[2].1`: parsed once, and planned together where many are asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HEADERS: Final = frozenset({"MSH", "BHS", "FHS"})
_PATH: Final = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?\Z")


_PATHS: Final[dict[str, tuple[str, int, int, int, int, int]]] = {}  # those that were asked for, parsed
_PATHS_LIMIT: Final = 4096


_Where = tuple[int, int, int]  # repetition, component, sub-component
FIRST: Final[_Where] = (1, 1, 0)
WHOLE: Final[_Where] = (1, 0, 0)


_Wanted = tuple[str, int, str, tuple[tuple[int, int, bool, _Where], ...]]


@lru_cache(maxsize=256)
def plan_of(paths: tuple[str, ...]) -> tuple[_Wanted, ...]:
    """Return the segments that paths lead into, each once: name, place, mark, and what is wanted of its fields.

    The mark is what stands before it in a text of segments, nothing where it is not the first of its name or a header.
    Each field is (place among the paths, field, whether that is its first component, where in the field).
    """
    wanted: dict[tuple[str, int], list[tuple[int, int, bool, _Where]]] = {}
    for at, path in enumerate(paths):
        name, place, field, repetition, component, subcomponent = path_of(path)
        where = (repetition, component, subcomponent)
        step = (at, field, where == FIRST, WHOLE if where == WHOLE else where)
        wanted.setdefault((name, place), []).append(step)
    return tuple(
        (name, place, "" if place != 1 or name in HEADERS else f"\r{name}", tuple(steps))
        for (name, place), steps in wanted.items()
    )


def path_of(path: str) -> tuple[str, int, int, int, int, int]:
    """Return (segment, its place, field, repetition, component, sub-component); the last two are 0 when not named."""
    if found := _PATHS.get(path):
        return found
    match = _PATH.match(path)
    if match is None:
        raise ValueError(f"`{path}` is no HL7 path: write OBR-4.2, OBX[3]-5 or PID-3[2].1")
    name, place, field, repetition, component, subcomponent = match.groups()
    parsed = name, int(place or 1), int(field), int(repetition or 1), int(component or 0), int(subcomponent or 0)
    if len(_PATHS) < _PATHS_LIMIT:
        _PATHS[path] = parsed
    return parsed
