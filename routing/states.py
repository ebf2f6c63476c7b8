"""The one transition table: which event may move an item from which state to which.

It is the whole truth about the life of an item. The SQL guards, the diagram in the documentation and the checks in
code are all made from `TRANSITIONS`; a move that is not in it is refused. An event's value is its word in the journal.

An item leaves the open states only by a final report, an authorised closure, or by giving way to its successor; the
only ways out of a discharged state are `reopen` and `withdraw`, which keep the original clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from routing.errors import TransitionRefused


class _Word(Enum):
    """An enum whose members are told apart by identity: they are keys in every lookup of the table."""

    __hash__ = object.__hash__


class State(_Word):
    """Where an item is in its life."""

    EXPECTED = "expected"  # ordered, no image yet
    HELD = "held"  # waiting for the rest of the images, with a ceiling
    WAITING = "waiting"
    CLAIMED = "claimed"
    PRELIMINARY = "preliminary"  # a draft stands; waits for sign-off
    REPORTED = "reported"
    CLOSED = "closed"
    SUPERSEDED = "superseded"  # gave way to an item that is named


class Kind(_Word):
    """What work is owed. All kinds live by the same table."""

    REPORT = "report"
    OPINION = "opinion"
    ARBITRATE = "arbitrate"
    RECHECK = "recheck"  # images came after the final report
    AUDIT = "audit"
    RESOLVE = "resolve"  # needs a human


class Event(_Word):
    """What can happen to an item; the value is the word in the journal."""

    ACCEPT = "accept"  # the item begins
    IMAGES = "images"  # the first clinical images are here
    HOLD_OVER = "hold_over"  # complete, or at the ceiling
    CLAIM = "claim"
    SEIZE = "seize"  # claim what somebody holds by a lease that is over
    RENEW = "renew"
    RELEASE = "release"
    LAPSE = "lapse"  # write down that a lease is over
    BREAK = "break"  # end somebody's claim, by a grant
    ROUTE = "route"  # decided anew by the same rulebook
    ADOPT = "adopt"  # decided anew because another rulebook was activated
    PASS = "pass"  # noqa: S105 - a reader passes it to another list
    ESCALATE = "escalate"
    OVERRIDE = "override"  # later, less urgent or elsewhere, by a grant
    NOTE = "note"  # something worth keeping that moves nothing
    PRELIMINARY = "preliminary"
    FINAL_REPORT = "final_report"
    AMEND = "amend"  # a corrected report or an addendum after the final
    WITHDRAW = "withdraw"  # the report was taken back
    CLOSE = "close"
    SUPERSEDE = "supersede"
    REOPEN = "reopen"


OPEN: Final = frozenset({State.EXPECTED, State.HELD, State.WAITING, State.CLAIMED, State.PRELIMINARY})
DISCHARGED: Final = frozenset({State.REPORTED, State.CLOSED, State.SUPERSEDED})

_E, _S = Event, State
_REST: Final = (_S.EXPECTED, _S.HELD, _S.WAITING, _S.PRELIMINARY)  # open and in nobody's hands
_BACK: Final = (_S.WAITING, _S.PRELIMINARY)  # where a claim ends: `preliminary` while a draft stands


def _table() -> Iterator[tuple[tuple[State | None, Event], tuple[State, ...]]]:
    yield (None, _E.ACCEPT), (_S.EXPECTED, _S.HELD, _S.WAITING)
    yield (_S.EXPECTED, _E.IMAGES), (_S.HELD, _S.WAITING)
    yield (_S.HELD, _E.HOLD_OVER), (_S.WAITING,)
    yield (_S.WAITING, _E.CLAIM), (_S.CLAIMED,)
    yield (_S.PRELIMINARY, _E.CLAIM), (_S.CLAIMED,)
    yield (_S.CLAIMED, _E.SEIZE), (_S.CLAIMED,)
    yield (_S.CLAIMED, _E.RENEW), (_S.CLAIMED,)
    for ends in (_E.RELEASE, _E.LAPSE, _E.BREAK, _E.PASS):
        yield (_S.CLAIMED, ends), _BACK
    yield (_S.CLAIMED, _E.OVERRIDE), (_S.CLAIMED, *_BACK)
    for state in (*_REST, _S.CLAIMED):
        yield (state, _E.ROUTE), (state,)
        yield (state, _E.ESCALATE), (state,)
        yield (state, _E.CLOSE), (_S.CLOSED,)
        yield (state, _E.SUPERSEDE), (_S.SUPERSEDED,)
    for state in _REST:
        yield (state, _E.ADOPT), (state,)
        yield (state, _E.PASS), (state,)
        yield (state, _E.OVERRIDE), (state,)
    for state in _S:
        yield (state, _E.NOTE), (state,)
    yield (_S.HELD, _E.PRELIMINARY), (_S.PRELIMINARY,)
    yield (_S.WAITING, _E.PRELIMINARY), (_S.PRELIMINARY,)
    yield (_S.PRELIMINARY, _E.PRELIMINARY), (_S.PRELIMINARY,)
    yield (_S.CLAIMED, _E.PRELIMINARY), (_S.PRELIMINARY, _S.CLAIMED)  # from outside: the reader keeps the claim
    for state in (_S.HELD, _S.WAITING, _S.CLAIMED, _S.PRELIMINARY):
        yield (state, _E.FINAL_REPORT), (_S.REPORTED,)
    yield (_S.REPORTED, _E.AMEND), (_S.REPORTED,)
    yield (_S.PRELIMINARY, _E.WITHDRAW), (_S.WAITING,)
    yield (_S.CLAIMED, _E.WITHDRAW), (_S.CLAIMED,)  # the draft under the claim was taken back
    yield (_S.REPORTED, _E.WITHDRAW), _BACK
    yield (_S.CLOSED, _E.WITHDRAW), (_S.WAITING, _S.EXPECTED, _S.PRELIMINARY)
    for state in (_S.REPORTED, _S.CLOSED, _S.SUPERSEDED):
        yield (state, _E.REOPEN), (_S.WAITING, _S.EXPECTED, _S.HELD, _S.PRELIMINARY)


TRANSITIONS: Final[Mapping[tuple[State | None, Event], tuple[State, ...]]] = MappingProxyType(dict(_table()))

NEEDS_EVIDENCE: Final = frozenset(
    {Event.PRELIMINARY, Event.FINAL_REPORT, Event.AMEND, Event.WITHDRAW, Event.CLOSE, Event.SUPERSEDE}
)
NEEDS_REASON: Final = frozenset(
    {Event.BREAK, Event.PASS, Event.OVERRIDE, Event.WITHDRAW, Event.CLOSE, Event.SUPERSEDE, Event.REOPEN}
)
RAISES_TOKEN: Final = frozenset({Event.CLAIM, Event.SEIZE})  # by exactly one; every other event keeps it
MOVES_LIST: Final = frozenset(  # may name another worklist
    {Event.ACCEPT, Event.IMAGES, Event.HOLD_OVER, Event.ROUTE, Event.ADOPT, Event.PASS, Event.ESCALATE, Event.OVERRIDE}
) | {Event.RELEASE, Event.LAPSE, Event.BREAK, Event.PRELIMINARY, Event.REOPEN, Event.WITHDRAW}
MAY_LENGTHEN: Final = frozenset({Event.OVERRIDE})  # a later due, by a grant
MAY_LOWER: Final = frozenset({Event.OVERRIDE, Event.ADOPT})  # a lower priority; another book may rank them otherwise


def next_state(
    state: State | None, event: Event, *, to: State | None = None, draft: bool = False, item_id: str = "new"
) -> State:
    """Return the state that *event* leads to from *state* (None: there is no item yet).

    Where the table allows several, *to* says which; without it a claim ends in `preliminary` while a *draft* stands and
    else in `waiting`, and a reopened item goes to `waiting`. A *to* that the table does not allow is refused.

    Raises:
        TransitionRefused: the pair is not in the table, or needs a *to* that was not given. This is pure.

    """
    targets = TRANSITIONS.get((state, event), ())
    if to is None and len(targets) > 1 and state is not None and event is not Event.IMAGES:
        to = _default(targets, event, draft=draft)
    if to is None and len(targets) == 1:
        return targets[0]
    if to in targets:
        return to
    reason = "" if not targets or to else f"to which of {', '.join(one.value for one in targets)}"
    raise TransitionRefused(item_id, state.value if state else "new", event.value, reason)


def _default(targets: tuple[State, ...], event: Event, *, draft: bool) -> State:
    if event is Event.PRELIMINARY or event is Event.OVERRIDE:
        return targets[0]
    return State.PRELIMINARY if draft and event is not Event.WITHDRAW else State.WAITING


def is_allowed(state: State | None, event: Event) -> bool:
    """Return whether the table lets *event* happen to an item in *state*."""
    return (state, event) in TRANSITIONS
