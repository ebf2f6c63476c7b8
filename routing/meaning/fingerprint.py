"""Fingerprints: a short digest of values, that changes exactly when what they mean changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, Final, cast

import attrs

_LENGTH: Final = 16
_LONG: Final = 256
_PLAIN: Final = frozenset({str, int, float, bool, type(None), date, datetime, time})


def fingerprint(value: Any, skip: Iterable[str] = ()) -> str:
    """Return 16 hex digits over *value*; fields outside its equality, and those named in *skip*, do not count.

    A record that is shared counts at each use, and is worked out once.
    """
    skipped, memo = frozenset(skip), dict[int, str]()

    def words(one: Any) -> str:
        kind = type(one)
        if kind in _PLAIN:
            return repr(one)
        if kind is tuple:
            return f"[{','.join(map(words, one))}]"
        found = memo.get(id(one))
        if found is None:
            names = fields_of(cast("Hashable", kind))
            if not names:
                return _other(one, words)
            parts = ",".join(words(getattr(one, name)) for name in names if name not in skipped)
            found = memo[id(one)] = _short(f"{kind.__name__}({parts})")
        return found

    return _digest(words(value))[:_LENGTH]


def _other(value: Any, words: Callable[[Any], str]) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{name!r}:{words(value[name])}' for name in sorted(value))}}}"
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(words, value)))}}}"
    if isinstance(value, tuple | list):
        return f"[{','.join(map(words, value))}]"
    return repr(value)


def _short(text: str) -> str:
    """Return a text as it is, or its digest: what is shared many times over must not grow with each use."""
    return text if len(text) < _LONG else _digest(text)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def fields_of(kind: Hashable) -> tuple[str, ...]:
    """Return the names of the fields of a record type that take part in its equality; none for another type."""
    if not isinstance(kind, type) or not attrs.has(kind):
        return ()
    return tuple(each.name for each in attrs.fields(kind) if each.eq)
