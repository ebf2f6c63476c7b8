"""Fingerprints: a short digest of values, that changes exactly when what they mean changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from hashlib import sha256
from typing import Any, cast

import attrs

_LENGTH = 16


def fingerprint(value: Any, skip: frozenset[str] | set[str] = frozenset()) -> str:
    """Return 16 hex digits over *value*; fields outside its equality, and those named in *skip*, do not count."""
    digest = sha256()
    for word in _words(value, frozenset(skip)):
        digest.update(word.encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()[:_LENGTH]


def _words(value: Any, skip: frozenset[str]) -> Iterator[str]:
    if isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif attrs.has(type(value)):
        yield type(value).__name__
        for each in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            if each.eq and each.name not in skip:
                yield each.name
                yield from _words(getattr(value, each.name), skip)
        yield ")"
    elif isinstance(value, Mapping):
        for name in sorted(value):
            yield str(name)
            yield from _words(value[name], skip)
        yield "}"
    elif isinstance(value, (set, frozenset)):
        yield from sorted(map(repr, value))
        yield "}"
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _words(each, skip)
        yield "]"
    else:
        yield repr(value)
