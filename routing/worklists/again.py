"""Trying again what was broken off with nothing written: a deadlock, a connection that was lost before its commit.

It is for whole acts, each one transaction of ours. An act whose outcome is not known is never tried again: the store
has found out whether it was committed, or says that it could not.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from routing.errors import StoreInterrupted

_TIMES: Final = 8
_FIRST_PAUSE: Final = 0.005  # seconds; doubled each time, and by chance shorter, so that two do not meet again

B = TypeVar("B")
P = ParamSpec("P")
R = TypeVar("R")


def again(act: Callable[Concatenate[B, P], R]) -> Callable[Concatenate[B, P], R]:
    """Let a method be tried again when the store broke it off and nothing was written."""

    @wraps(act)
    def tried(self: B, /, *said: P.args, **named: P.kwargs) -> R:
        return persist(getattr(self, "store", None), lambda: act(self, *said, **named))

    return tried


def persist(store: Any, act: Callable[[], R]) -> R:
    """Return what an act returns, tried again when *store* broke it off and nothing was written.

    In a host's own transaction nothing can be tried again: all of it is gone, and the host must know.
    """
    for turn in range(_TIMES):
        try:
            return act()
        except StoreInterrupted:
            if turn == _TIMES - 1 or not getattr(store, "retries", False):
                raise
            time.sleep(random.uniform(0, _FIRST_PAUSE * 2**turn))  # noqa: S311 - no secret
    raise AssertionError
