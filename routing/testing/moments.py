"""What every store promises of time, transactions and seals."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from routing.errors import NaiveMoment, StoreBusy, StoreRefused
from routing.states import Event
from routing.store import rows, seals
from routing.store.protocol import Store
from routing.store.records import JournalRow, Move
from routing.testing.given import Given
from routing.testing.invented import BOOK, HOUR, NOW, accept, furnish, move, next_free


class Moments(Given):
    """Time, transactions, writers side by side, seals."""

    def test_time_in_the_journal_never_runs_backwards_and_leases_use_now(self, store: Store) -> None:
        """The clock of a host may be put back; order is by number, and `now` is what leases count from."""
        with store.writing(NOW) as tx:
            item = accept(tx, "A-1")
        with store.writing(NOW - timedelta(minutes=5)) as tx:
            assert (tx.at, tx.now, tx.stepped_back) == (NOW, NOW - timedelta(minutes=5), False)
            item = move(tx, item, Event.CLAIM)
        with store.writing(NOW - 2 * HOUR) as tx:
            assert tx.stepped_back

        assert store.history(item.id)[-1].at == NOW
        assert item.lease_until == NOW + HOUR - timedelta(minutes=5)

    def test_a_moment_without_a_zone_is_refused(self, store: Store) -> None:
        """An hour off is a reader too many or a due time missed."""
        naive = NOW.replace(tzinfo=None)
        with pytest.raises(NaiveMoment), store.writing(naive):
            pass
        with pytest.raises(NaiveMoment), store.writing(NOW) as tx:
            accept(tx, "A-1", due_at=naive)

    def test_a_transaction_that_raises_leaves_nothing(self, store: Store) -> None:
        """And a part that raises is undone alone."""
        with suppress(ZeroDivisionError), store.writing(NOW) as tx:
            accept(tx, "never")
            tx.seal()
            _ = 1 / 0
        with store.writing(NOW) as tx:
            with suppress(ZeroDivisionError), tx.part():
                accept(tx, "never")
                _ = 1 / 0
            kept = accept(tx, "A-1")

        assert store.page(None, None) == (kept,)
        assert store.procedures_by("accession", "never") == ()
        assert store.seals() == ()

    def test_a_refused_write_that_is_overheard_still_commits_nothing(self, store: Store) -> None:
        """What follows a refusal in the same transaction must not be taken for kept when it is not."""
        with suppress(StoreRefused), store.writing(NOW) as tx:
            with suppress(Exception):
                tx.activate("0" * 64, actor="x")
            accept(tx, "A-1")

        kept = bool(store.procedures_by("accession", "A-1"))
        assert kept == bool(store.page(None, None))
        active = store.active_rulebook()
        assert active is not None
        assert active.fingerprint == BOOK

    def test_the_journal_is_told_from_any_row_on(self, store: Store) -> None:
        """Whoever goes on after the last row that was told misses none and hears none twice."""
        with store.writing(NOW) as tx:
            items = [accept(tx, f"A-{number}") for number in range(5)]
        told: list[JournalRow] = []
        while some := store.journal_since(told[-1].seq if told else 0, 2):
            told += some

        assert [row.item for row in told] == [item.id for item in items]
        assert store.journal_since(told[-1].seq, 9) == ()

    def test_several_questions_can_see_one_moment(self, store: Store) -> None:
        """What another writer commits in between does not show until the moment has ended."""
        with store.writing(NOW) as tx:
            accept(tx, "A-1")
        with store.reading() as moment:
            before = moment.page(None, None)
            _in_a_thread(lambda: _accepted(store, "A-2"))
            assert moment.page(None, None) == before
            assert sum(row.count for row in moment.counts()) == 1

        assert len(store.page(None, None)) == 2

    def test_writers_side_by_side_take_each_item_once(self, store: Store) -> None:
        """Every item has one winner, and every token one holder."""
        with store.writing(NOW) as tx:
            items = [accept(tx, f"A-{number}") for number in range(12)]
        won: list[tuple[int, int, str]] = []
        threads = [threading.Thread(target=_claims, args=(store, f"reader-{n}", won)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(item for item, _, _ in won) == sorted(item.id for item in items)
        assert {item.id: (item.token, item.holder) for item in store.page(None, None)} == {
            item: (token, name) for item, token, name in won
        }

    def test_seals_follow_each_other_and_cover_what_is_there(self, store: Store) -> None:
        """N14: a seal that left the host shows a cut tail and a full rewrite."""
        with store.writing(NOW) as tx:
            move(tx, accept(tx, "A-1"), Event.CLAIM)
            tx.seal()
        with store.writing(NOW) as tx:
            accept(tx, "A-2")
        with store.writing(NOW) as tx:
            newest = tx.seal()

        kept = store.seals()
        assert [(seal.k, seal.items, seal.events) for seal in kept] == [(1, 1, 2), (2, 2, 3)]
        assert kept[0].prev == rows.GENESIS
        assert all(after.prev == before.hash for before, after in pairwise(kept))
        assert all(seals.hash_of(seal) == seal.hash for seal in kept)
        wrong = hashlib.sha256(b"another store").hexdigest()
        assert [one for one in store.verify(anchor=newest.hash).findings if one.check == "V12"] == []
        assert [one.check for one in store.verify(anchor=wrong).findings if one.check == "V12"] == ["V12"]
        assert [one for one in store.verify(since_seal=True).findings if one.check != "V1"] == []

    def test_a_closed_store_says_so(self, empty: Store) -> None:
        """Going on would open it again in silence, and nobody would close it any more."""
        with empty.writing(NOW) as tx:
            furnish(tx)
        empty.close()
        empty.close()

        asked: list[Callable[[], Any]] = [empty.counts, empty.verify, lambda: empty.page(None, None)]
        asked += [lambda: empty.journal_since(0, 1), lambda: empty.woken(0.01)]
        for ask in asked:
            with pytest.raises(StoreRefused, match="closed"):
                ask()
        with pytest.raises(StoreRefused, match="closed"), empty.reading():
            pass
        with pytest.raises(StoreRefused, match="closed"), empty.writing(NOW):
            pass


def _accepted(store: Store, name: str) -> None:
    with store.writing(NOW) as tx:
        accept(tx, name)


def _in_a_thread(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def _claims(store: Store, name: str, won: list[tuple[int, int, str]]) -> None:
    """Claim whatever is free until nothing is."""
    while True:
        try:
            with store.writing(NOW) as tx:
                item = next_free(tx, "neuro")
                if item is not None:
                    said = {"holder": name, "lease_until": tx.now + HOUR}
                    item = tx.move(item, Move(event=Event.CLAIM, actor=name, changes=said))
        except StoreBusy:
            continue
        if item is None:
            return
        won.append((item.id, item.token, name))
