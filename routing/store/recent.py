"""What was read or written lately, so that it is not read and understood again. It is told apart by its content."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A few values by keys that say all of what the value is: a value that is kept is never out of date.

    It begins anew when it is full. Safe to share between threads, and after a fork: there is no lock.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what is kept under the key, or None."""
        return self._kept.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep a value and return it."""
        if len(self._kept) >= self._most:
            self._kept = {}
        self._kept[key] = value
        return value
