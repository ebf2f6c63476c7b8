"""Fingerprints: a short digest of values, that changes exactly when what they mean changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, cast

import attrs

_LENGTH = 16


def fingerprint(value: Any, skip: Iterable[str] = ()) -> str:
    """Return 16 hex digits over *value*; fields outside its equality, and those named in *skip*, do not count.

    A record that is shared counts at each use, and is worked out once.
    """
    skipped, memo = frozenset(skip), dict[int, bytes]()

    def digest(one: Any) -> bytes:
        if isinstance(one, Enum) or not attrs.has(type(one)):
            return _plain(one, digest)
        found = memo.get(id(one))
        if found is None:
            names = [name for name in fields_of(cast("Hashable", type(one))) if name not in skipped]
            parts = (name.encode() + b"=" + digest(getattr(one, name)) for name in names)
            found = memo[id(one)] = _join(type(one).__name__, parts)
        return found

    return digest(value).hex()[:_LENGTH]


def _plain(value: Any, digest: Callable[[Any], bytes]) -> bytes:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}".encode()
    if isinstance(value, Mapping):
        return _join("mapping", (str(name).encode() + b"=" + digest(value[name]) for name in sorted(value)))
    if isinstance(value, set | frozenset):
        return _join("set", sorted(map(digest, value)))
    if isinstance(value, tuple | list):
        return _join("list", map(digest, value))
    return repr(value).encode("utf-8", "surrogatepass")


def _join(word: str, parts: Iterable[bytes]) -> bytes:
    total = sha256(word.encode())
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.digest()


@cache
def fields_of(kind: Hashable) -> tuple[str, ...]:
    """Return the names of the fields of a record type that take part in its equality; none for another type."""
    if not isinstance(kind, type) or not attrs.has(kind):
        return ()
    return tuple(each.name for each in attrs.fields(kind) if each.eq)
