"""Samples: a reproducible share of procedures, the same on every machine and for ever."""

from __future__ import annotations

from hashlib import sha256

_PARTS = 1 << 64


def in_sample(rule: str, key: str, percent: float) -> bool:
    """Say whether the procedure named by *key* is in the rule's sample; a larger share holds every smaller one."""
    digest = sha256(f"{len(rule)}:{rule}:{key}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") * 100 < percent * _PARTS
