"""Worklists: the living half as one object. What is received stays on a list until it has been dealt with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from routing.errors import RulebookError, StoreRefused
from routing.store.protocol import Store
from routing.worklists.base import Clock, aware
from routing.worklists.cabinet import Cabinet
from routing.worklists.changing import begin
from routing.worklists.counter import Counter
from routing.worklists.desk import Desk
from routing.worklists.inbox import Inbox
from routing.worklists.office import Office
from routing.worklists.outbox import Outbox
from routing.worklists.owed import HOLD
from routing.worklists.readers import Readers


class Worklists(Inbox, Desk, Office, Cabinet, Counter, Outbox):
    """A store of worklists with the rulebook that is active in it. Safe to share between threads.

    Every act names its actor, is one transaction, and is durable when the method returns; when it raises, nothing was
    written. What is refused is a `RoutingError`.
    """

    @classmethod
    def open(
        cls,
        where: Any,
        rulebook: Any = None,
        *,
        clock: Clock | None = None,
        readers: Readers = None,
        hold: timedelta = HOLD,
        profiles: Any = None,
        actor: str = "host",
        **options: Any,
    ) -> Worklists:
        """
        Open the worklists of a store, making it when there is none.

        Args:
            where: a path, a URL, or a store.
            rulebook: the rules to work by; a new store activates it. None: the store's active one.
            clock: gives the present instant, aware; the system's clock where None.
            readers: the host's directory: a mapping of names to skills, a function, or a `Directory`, beside the store
            hold: how long a final report that came before any image covers the images that come.
            profiles: the sender profiles.
            actor: who opens it; a first activation is in this name.
            options: for the store.

        Raises:
            OtherRulebookActive: the store works by another rulebook; only `activate` changes it. Nothing is written.
            StoreRefused: there is no rulebook, or the store is weaker than what is promised.

        """
        from routing.store import open_store  # noqa: PLC0415 - a host may bring a store of its own

        if not hasattr(where, "writing") and not exists(str(where)):
            _require_usable(rulebook)  # before anything is made
        store: Store = where if hasattr(where, "writing") else open_store(str(where), **options)
        try:
            ticking = clock or _system_clock
            judge = begin(store, rulebook, aware(ticking()), actor)
        except BaseException:
            if store is not where:
                store.close()
            raise
        return cls(store, judge, clock=ticking, readers=readers, hold=hold, profiles=profiles)

    @contextmanager
    def joined(self, connection: Any) -> Iterator[Self]:
        """
        Give the worklists inside a host's own transaction, on its psycopg connection to a PostgreSQL store.

        What is received and reported there is there when the host commits, and gone when it does not; acknowledge
        nothing before. Nothing is tried again: a transaction that was broken off is the host's to begin anew.

        Raises:
            StoreRefused: the store is a file, or the connection is in no transaction, or weaker than promised.

        """
        join = getattr(self._store, "joined", None)
        if join is None:
            raise StoreRefused("only a PostgreSQL store can be part of a host's transaction")
        with join(connection) as store:
            yield type(self)(
                store,
                self._judge,
                clock=self._clock,
                readers=self._readers,
                hold=self._hold,
                profiles=self._profiles,
            )

    def __enter__(self) -> Self:
        """Use it in a `with` statement: it closes at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store's connections."""
        self._store.close()


def exists(where: str) -> bool:
    """Return whether there is a store at a path or URL."""
    from routing.store import exists as there_is  # noqa: PLC0415 - as in `open`

    return there_is(str(where))


def _require_usable(rulebook: Any) -> None:
    """Refuse what a new store could not begin with."""
    if rulebook is None:
        raise StoreRefused("the store has no rulebook yet: give one")
    if refuted := getattr(rulebook, "refuted", ()):  # a host's own rules may prove nothing
        raise RulebookError(refuted)


def _system_clock() -> datetime:
    return datetime.now(UTC)
