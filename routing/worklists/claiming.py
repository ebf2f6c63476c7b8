"""Claiming: an item in the hands of one reader, as a lease with a token; whose turn it is; giving it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from routing.errors import NotAllowed, NotFound, TransitionRefused
from routing.sources.procedure import called
from routing.states import Event, Kind, State
from routing.store.records import Item
from routing.worklists.acting import Acting
from routing.worklists.living import SKIPS
from routing.worklists.placing import key
from routing.worklists.reads import DIFFER, report_of
from routing.worklists.records import Claim
from routing.worklists.rights import BREAK, require_name
from routing.worklists.shelf import StoreShelf, is_gone
from routing.worklists.turns import turn

LEASE: Final = timedelta(minutes=30)
_MARGIN: Final = timedelta(days=1)  # the last day of the calendar is another one in another zone
_CANDIDATES: Final = (64, 1024, 16_384)  # how far it is looked for what the reader may take: seldom beyond the first


class Claims(Acting):
    """Claims, within one transaction."""

    def claim(self, item_id: int, by: str, lease: timedelta = LEASE) -> Claim:
        """Put an item into the hands of a reader, until the lease is over."""
        item = self.tx.item(item_id)
        require_name(by, "claim")
        self.rights.require_take(by, item, "claim")
        if not item.is_free(self.tx.now):
            reason = "somebody else has it" if item.state is State.CLAIMED else ""
            raise TransitionRefused(str(item_id), item.state.value, Event.CLAIM.value, reason)
        if self._reads_twice(item, by):
            raise NotAllowed(by, "read it twice", "a different reader", item.id)
        return self._claim(item, by, lease)

    def claim_next(self, reader: str, worklists: Iterable[str] | None = None, lease: timedelta = LEASE) -> Claim | None:
        """Claim the item whose turn it is among those that the reader may take; None when there is none.

        Items of kind `resolve` are for those whose skills their list asks for, and for who asks for the list by its
        name: who presses `next` on a list for everyone wants to read, and not to sort out what came in damaged.
        """
        require_name(reader, "claim")
        asked = None if worklists is None else self.rights.require_known(worklists)
        lists = [name for name in self.rights.lists(reader) if asked is None or name in asked]
        for item in self._by_turn(reader, lists, everything=asked is None):
            wanted = item.kind is not Kind.RESOLVE or asked is not None or self.rights.is_skilled(reader, item.worklist)
            if not wanted or not self.rights.may_take(reader, item):
                continue
            held = self.tx.hold_free(item.id)  # others may be claiming at this moment: what they have is passed over
            if held is not None and not self._reads_twice(held, reader):
                return self._claim(held, reader, lease)
        return None

    def _by_turn(self, reader: str, lists: list[str], *, everything: bool) -> Iterator[Item]:
        """Yield free items in the order of their turn: what is long overdue gains on what is more urgent (I10)."""
        asked = self.tx.asked_of(reader, _CANDIDATES[0]) if everything else ()
        mine = [one for one in asked if one.is_free(self.tx.now)]
        seen: set[int] = set()
        for limit in _CANDIDATES:
            found = {item.id: item for item in mine}
            if lists:
                found |= {item.id: item for item in self.tx.candidates(lists, limit, self.tx.now)}
                found |= {item.id: item for item in self.tx.overdue_in(lists, limit, self.tx.now)}
            fresh = [item for item in found.values() if item.id not in seen]
            yield from sorted(fresh, key=lambda item: turn(item, self.tx.now))
            seen |= set(found)
            if len(found) < limit:
                return

    def _claim(self, item: Item, by: str, lease: timedelta) -> Claim:
        event = Event.SEIZE if item.state is State.CLAIMED else Event.CLAIM
        changes = {"holder": by, "lease_until": self._end(item, event, lease)}
        return self._as_claim(self._move(item, event, by, changes=changes))

    def _end(self, item: Item, event: Event, lease: timedelta) -> datetime:
        """Return when a lease that begins now is over: one for no time, or past the end of the calendar, is refused."""
        reason = "a lease is longer than no time at all"
        if lease > timedelta(0):
            try:
                return self.tx.now + lease + _MARGIN - _MARGIN
            except OverflowError:
                reason = "the lease would end after the last day of the calendar"
        raise TransitionRefused(str(item.id), item.state.value, event.value, reason)

    def _as_claim(self, item: Item) -> Claim:
        name = None
        if item.procedure is not None and not is_gone(row := self.tx.procedure(item.procedure)):
            name = called(row.knowledge)
        return Claim(
            item_id=item.id,
            token=item.token,
            lease_until=item.lease_until or self.tx.now,
            accession=name.accession if name else None,
            study_uids=name.study_uids if name else (),
            worklist=item.worklist,
            holder=item.holder or "",
        )

    def _reads_twice(self, item: Item, reader: str) -> bool:
        """Return whether the reader has another read of the same report, or one of the reads that are arbitrated."""
        if item.procedure is None or item.kind not in {Kind.REPORT, Kind.ARBITRATE}:
            return False
        if item.kind is Kind.ARBITRATE and item.details.get("reason") != DIFFER:
            return False
        others = [one for one in self.tx.items_of(item.procedure) if one.kind is Kind.REPORT and one.id != item.id]
        same = [one for one in others if report_of(key(one)[1]) == report_of(key(item)[1])]
        if not same:
            return False
        held = any(one.holder == reader and not one.is_free(self.tx.now) for one in same)
        parts = {key(one)[1] for one in same}
        filed = StoreShelf(self.tx).procedure(item.procedure).filed
        return held or any(entry.part in parts and reader in entry.readers for entry in filed)

    def claimed(self, item_id: int, by: str, token: int) -> Claim:
        """Return the claim that a token stands for."""
        item = self._held(item_id, token)
        if item.holder != by:
            raise NotAllowed(by, "use another's claim", "to be its holder", item.id)
        return self._as_claim(item)

    def renew(self, claim: Claim, lease: timedelta = LEASE) -> Claim:
        """Lengthen the lease of a claim, counted from now."""
        item = self._held(claim.item_id, claim.token)
        changes = {"lease_until": self._end(item, Event.RENEW, lease)}
        return self._as_claim(self._move(item, Event.RENEW, claim.holder, changes=changes))

    def release(self, item_id: int, by: str, token: int | None = None) -> Item:
        """Give an item back to its list; somebody else's claim is broken only with a grant, and its holder is told."""
        require_name(by, "release")
        # A token is stale whether or not it was written down meanwhile that its lease is over.
        item = self.tx.item(item_id) if token is None else self._held(item_id, token)
        if item.state is not State.CLAIMED:
            raise TransitionRefused(str(item_id), item.state.value, Event.RELEASE.value)
        holder = item.holder
        if holder == by:
            moved = self._move(item, Event.RELEASE, by)
        else:
            self.rights.require(by, BREAK, item.worklist, item=item.id)
            moved = self._move(item, Event.BREAK, by, reason=f"claim of {holder} broken")
            self._tell(f"reader:{holder}", moved, "claim_broken", by=by)
        self._keep(moved, by)
        return self.tx.item(item_id)

    def skip(self, item_id: int, by: str, reason: str) -> Item:
        """Write that a reader passed an item over, and why: what is skipped again and again is looked at."""
        require_name(by, "skip")
        item = self.tx.item(item_id)
        self.rights.require_take(by, item, "skip")
        if not reason.strip():
            raise TransitionRefused(str(item_id), item.state.value, "skip", "it needs a reason")
        if not item.is_open:
            raise NotFound("open item", str(item_id))
        details = {**item.details, SKIPS: int(item.details.get(SKIPS, 0)) + 1}
        self._keep(self._note(item, by, f"skipped: {reason}", details=details), by)
        return self.tx.item(item_id)
