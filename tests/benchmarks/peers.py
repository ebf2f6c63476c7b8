"""Queues that keep their work on disk, for comparison: one cycle is put, take, acknowledge, each durable."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

Cycle = Callable[[int], None]


def litequeue_cycle(folder: Path) -> Cycle | None:
    """Return one cycle of litequeue at `synchronous=FULL` (its own default is NORMAL), or None without it."""
    try:
        litequeue = importlib.import_module("litequeue")
    except ImportError:
        return None
    queue = litequeue.LiteQueue(str(folder / "litequeue.db"))
    queue.conn.execute("PRAGMA synchronous = FULL")
    assert queue.conn.execute("PRAGMA synchronous").fetchone()[0] == 2

    def cycle(number: int) -> None:
        queue.put(f"A-{number}")
        queue.done(queue.pop().message_id)

    return cycle


def persist_queue_cycle(folder: Path) -> Cycle | None:
    """Return one cycle of persist-queue's acknowledged queue (its default is FULL), or None without it."""
    try:
        persistqueue = importlib.import_module("persistqueue")
    except ImportError:
        return None
    queue = persistqueue.SQLiteAckQueue(str(folder / "persist"), auto_commit=True)

    def cycle(number: int) -> None:
        queue.put(f"A-{number}")
        queue.ack(queue.get(block=False))

    return cycle
