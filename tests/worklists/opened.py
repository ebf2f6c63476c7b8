"""Worklists for tests: a store in a folder, a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from routing.sources.news import News
from routing.worklists import Receipt, Worklists
from tests.worklists.plain import plain_rulebook
from tests.worklists.telling import at, reading


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, minutes: float = 100) -> None:
        self.now = at(minutes)

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.now

    def move_to(self, minutes: float) -> None:
        """Set the clock to a minute of the day."""
        self.now = at(minutes)


@contextmanager
def opened(clock: HandClock | None = None, rulebook: Any = None, **how: Any) -> Iterator[Worklists]:
    """Give worklists on a store of their own, for as long as the block lasts."""
    with (
        TemporaryDirectory() as folder,
        Worklists.open(
            Path(folder) / "worklist.db", rulebook or plain_rulebook(), clock=clock or HandClock(), **how
        ) as worklists,
    ):
        yield worklists


def receive(worklists: Worklists, *news: News, sender: str = "RIS|STO", minutes: float | None = None) -> Receipt:
    """Receive news as one input."""
    return worklists.receive(reading(*news, sender=sender), at=at(minutes) if minutes is not None else None)


def open_items(worklists: Worklists, *, without: Iterable[str] = ()) -> set[tuple[Any, ...]]:
    """Return (accession, issuer, study, kind, reason, state, worklist, priority) of the open items."""
    return {
        (
            line.accession,
            line.accession_issuer,
            line.study_uid,
            line.kind,
            line.reason if line.kind == "resolve" else "",
            line.state,
            line.worklist,
            line.priority,
        )
        for line in worklists.page(limit=None)
        if line.kind not in without
    }


def kinds(worklists: Worklists) -> list[str]:
    """Return what is open as `kind state` or, of a `resolve`, `resolve reason`, sorted."""
    return sorted(
        f"resolve {line.reason}" if line.kind == "resolve" else f"{line.kind} {line.state}"
        for line in worklists.page(limit=None)
    )
