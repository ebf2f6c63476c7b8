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
# place among the paths, field, component, where in the field
_Wanted = tuple[int, int, int, _Where]
Plan = tuple[int, list[_Wanted]]  # what is wanted of one segment, after the last field of that
_Others = list[tuple[int, tuple[str, int, int, _Where]]]
_NOT_ALL: Final = -1  # instead of the component, where a further repetition or a sub-component is named


@lru_cache(maxsize=256)
def plan_of(paths: tuple[str, ...]) -> tuple[dict[str, Plan], _Others]:
    """Return what is wanted of the first segment of each name, and the other paths with their places, parsed.

    The others lead into headers, or into a further segment of a name. Neither is to be changed.
    """
    firsts: dict[str, Plan] = {}
    others: _Others = []
    for at, path in enumerate(paths):
        name, place, field, *steps = path_of(path)
        repetition, component, subcomponent = where = (steps[0], steps[1], steps[2])
        if place != 1 or name in HEADERS:
            others.append((at, (name, place, field, where)))
            continue
        last, wanted = firsts.get(name, (0, []))
        wanted.append((at, field, component if repetition == 1 and not subcomponent else _NOT_ALL, where))
        firsts[name] = max(last, field), wanted
    return firsts, others


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
