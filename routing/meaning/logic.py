"""Three-valued logic (Kleene): True, False, and None for unknown.

Unknown is never counted as either: `both` is False as soon as one part is, `either` True as soon as one part is, and
otherwise an unknown part makes them unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def negate(truth: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    return None if truth is None else not truth


def both(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold; stops at the first that does not."""
    known = True
    for truth in truths:
        if truth is False:
            return False
        known = known and truth is not None
    return True if known else None


def either(truths: Iterable[Truth]) -> Truth:
    """Return whether any holds; stops at the first that does."""
    known = True
    for truth in truths:
        if truth:
            return True
        known = known and truth is not None
    return False if known else None
