"""Changing the rules: which rulebook a store works by, and deciding anew when another is activated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from routing.errors import NotFound, OtherRulebookActive, RulebookError, StoreRefused
from routing.states import OPEN
from routing.store.protocol import Reading, Store, Writing
from routing.store.records import Activation, StoredRulebook, Worklist
from routing.worklists.again import persist
from routing.worklists.board import look_at_lists
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper
from routing.worklists.leaving import keep_readers
from routing.worklists.shelf import StoreShelf, open_numbers

_FAR_BACK: Final = 1000  # activations that are looked through for another rulebook


def begin(store: Store, rulebook: Any, now: datetime, actor: str) -> Judge:
    """
    Return the judge to work with: the rulebook given, activated in a store that has none, or the store's own.

    Raises:
        OtherRulebookActive: the store works by another one. Nothing is written.
        StoreRefused: there is no rulebook at all.

    """
    found = store.active_rulebook()
    if rulebook is None:
        if found is None:
            raise StoreRefused("the store has no rulebook yet: give one")
        return Judge(_loaded(found))
    judge = Judge(rulebook)
    if found is not None and found.fingerprint != judge.fingerprint:
        raise OtherRulebookActive(found.fingerprint, judge.fingerprint)
    if found is None:
        persist(store, lambda: _activate_first(store, judge, now, actor))
    return judge


def _activate_first(store: Store, judge: Judge, now: datetime, actor: str) -> None:
    with store.writing(now) as tx:
        if tx.active_rulebook() is None:
            activate(tx, judge, actor, "the first rulebook of this store", timedelta())


def activate(tx: Writing, judge: Judge, actor: str, reason: str, hold: timedelta) -> int:
    """Make a rulebook the active one and decide anew what is open and in nobody's hands; return how many procedures.

    A list that the new book lacks stays, closing, until it is empty, for those who could read it (`leaving`). Due times
    never move later by this.

    Raises:
        RulebookError: a made-up study breaks a guarantee of the rulebook. Nothing is written.

    """
    if refuted := getattr(judge.rules, "refuted", ()):  # a host's own rules may prove nothing
        raise RulebookError(refuted)
    tx.add_rulebook(judge.stored(tx.now))
    known = {worklist.code: worklist for worklist in tx.worklists()}
    for worklist in judge.worklists():
        tx.put_worklist(worklist)
    keep_readers(tx, judge)
    tx.activate(judge.fingerprint, actor=actor, reason=reason)
    keeper, decided = Keeper(tx, judge, hold=hold, actor=actor), 0
    for numbers in open_numbers(tx):
        shelf = StoreShelf(tx)  # one for some: it remembers what it has read
        for number in numbers:
            keeper.keep(number, shelf.procedure(number))
            decided += 1
    for code, worklist in known.items():
        if code not in judge.lists and worklist.status == "active":
            fallback = judge.exceptions_list
            tx.put_worklist(Worklist(code=code, status="closing", kind="list", fallback=fallback))
    look_at_lists(tx, judge, hold)
    retire(tx)
    return decided


def retire(tx: Writing) -> None:
    """Retire the closing lists that are empty; work that comes back from one is placed by the active rulebook."""
    closing = [worklist for worklist in tx.worklists() if worklist.status == "closing"]
    if not closing:
        return
    busy = {row.worklist for row in tx.counts() if row.count and row.state in OPEN}
    for worklist in closing:
        if worklist.code not in busy:
            tx.put_worklist(evolve(worklist, status="retired"))


def previous(store: Reading) -> Activation:
    """Return the activation of the rulebook that was active before the present one. Raises NotFound."""
    found = store.activations(_FAR_BACK)
    now = found[0].fingerprint if found else ""
    for one in found:
        if one.fingerprint != now:
            return one
    raise NotFound("rulebook active before", now)


def loaded(stored: StoredRulebook) -> Any:
    """Return a rulebook from its stored text. Raises StoreRefused where that no longer gives the same rules."""
    rulebook = _loaded(stored)
    if rulebook.fingerprint != stored.fingerprint:
        raise StoreRefused(
            f"the text of rulebook {stored.fingerprint} no longer gives the same rules: activate it anew"
        )
    return rulebook


def _loaded(stored: StoredRulebook) -> Any:
    from routing.rulebook import Rulebook  # noqa: PLC0415 - hosts that bring their rulebook need no parser here

    return Rulebook.loads(stored.text, tables=stored.tables)
