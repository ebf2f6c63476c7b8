"""Spreading work over processes: results come back in order, and only so much is under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_CHUNK = 64
_AHEAD = 4  # chunks under way for each process


def spread(make: Callable[[_Given], _Made], things: Iterable[_Given], jobs: int) -> Iterator[_Made]:
    """Yield what *make* makes of each thing, in order. With more than one job, *make* and all it meets are pickled."""
    if jobs <= 1:
        yield from map(make, things)
        return
    left = iter(things)
    chunks = iter(lambda: list(islice(left, _CHUNK)), [])
    with ProcessPoolExecutor(jobs) as pool:
        under_way: deque[Future[list[_Made]]] = deque()
        try:
            for chunk in chunks:
                under_way.append(pool.submit(_made, make, chunk))
                if len(under_way) >= jobs * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            for one in under_way:
                one.cancel()


def _made(make: Callable[[_Given], _Made], chunk: list[_Given]) -> list[_Made]:
    return [make(one) for one in chunk]
