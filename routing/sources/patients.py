"""What is known of patients apart from any procedure: the latest state, and which identity gave way to which.

Both hold for procedures that come later. A merge is a statement with a time, and may be taken back by a later one;
nothing is ever rewritten by it, so that taking it back gives what there was. The older of two merges that together
would make a circle does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import ATTRIBUTES, Group, Missing
from routing.sources.account import Heard, Statement, said_at
from routing.sources.compact import dump_value, load_value
from routing.sources.news import News, Patient

Pair = tuple[str, str | None]

_NEVER: Final = -(2**62)
_DEPTH: Final = (
    8  # how many statements of one attribute are kept: as many admissions may be cancelled one after another
)
_CANCELS: Final[Mapping[str, tuple[str, ...]]] = {
    "A11": ("A01", "A04", "A05"),
    "A12": ("A02",),
    "A13": ("A03",),
    "A27": ("A14",),
    "A38": ("A05", "A14"),
}


@frozen(kw_only=True)
class Saying:
    """One value of the patient's state with the trigger event that brought it."""

    event: str
    statement: Statement


@frozen(kw_only=True)
class GaveWay:
    """That this identity gave way to `to` (or, with `undone`, no longer does), said at that time."""

    said: int
    to: Pair
    undone: bool
    stamp: int


@frozen(kw_only=True)
class PatientState:
    """What is known of one patient identity: sayings by attribute, newest first; cancels of events; where it went."""

    number: str
    issuer: str | None
    sayings: Mapping[str, tuple[Saying, ...]] = field(factory=dict)
    cancels: tuple[tuple[int, str], ...] = ()
    gave_way: tuple[GaveWay, ...] = ()
    absorbed: tuple[Pair, ...] = ()

    @property
    def pair(self) -> Pair:
        """The identity as number and issuer."""
        return self.number, self.issuer

    def told(self, news: News, heard: Heard) -> PatientState:
        """Return the state with an ADT's or SIU's news of this identity folded in, in any order of arrival."""
        said = said_at(news.said_at, heard.zone)
        event = news.event or ""
        sayings = dict(self.sayings)
        for name, value in news.attributes.items():
            if value.value is None and value.missing is not Missing.NULL:
                continue
            if event in _CANCELS and _is_state(name):
                continue  # it shows the visit that is taken back
            saying = Saying(event=event, statement=Statement(value=value, said=said, stamp=heard.stamp))
            sayings[name] = _kept((*sayings.get(name, ()), saying))
        cancels = self.cancels
        if event in _CANCELS:
            cancels = tuple(sorted({*cancels, (said if said is not None else _NEVER, event)})[-_DEPTH:])
        return evolve(self, sayings=sayings, cancels=cancels)

    def merged(self, to: Pair, *, undone: bool, said: int | None, stamp: int) -> PatientState:
        """Return the state of an identity that gave way to another, or came back."""
        mine = GaveWay(said=said if said is not None else _NEVER, to=to, undone=undone, stamp=stamp)
        known = {(one.said, one.to, one.undone): one for one in (mine, *self.gave_way)}
        order = sorted(known.values(), key=lambda one: (one.said, one.undone, one.to[0], one.to[1] or ""), reverse=True)
        return evolve(self, gave_way=tuple(order))

    def with_absorbed(self, gone: Pair) -> PatientState:
        """Return the state of an identity to which another gave way."""
        pairs = sorted({*self.absorbed, gone}, key=lambda pair: (pair[0], pair[1] or ""))
        return evolve(self, absorbed=tuple(pairs))

    def standing(self, name: str) -> Statement | None:
        """Return the newest saying on an attribute that no later message has taken back, a null included."""
        sayings = list(self.sayings.get(name, ()))
        if _is_state(name):
            for said, event in self.cancels:
                gone = next((one for one in sayings if one.event in _CANCELS[event] and _when(one) <= said), None)
                if gone:
                    sayings.remove(gone)
        return sayings[0].statement if sayings else None

    def dump(self) -> dict[str, Any]:
        """Return the state as plain JSON."""
        return {
            "n": self.number,
            "i": self.issuer,
            "s": {
                name: [
                    [one.event, dump_value(one.statement.value), one.statement.said, one.statement.stamp]
                    for one in sayings
                ]
                for name, sayings in self.sayings.items()
            },
            "c": [list(one) for one in self.cancels],
            "g": [[one.said, list(one.to), one.undone, one.stamp] for one in self.gave_way],
            "a": [list(pair) for pair in self.absorbed],
        }


def load_patient_state(dumped: Mapping[str, Any]) -> PatientState:
    """Return the state that `PatientState.dump` wrote."""
    return PatientState(
        number=dumped["n"],
        issuer=dumped["i"],
        sayings={
            name: tuple(
                Saying(event=event, statement=Statement(value=load_value(value), said=said, stamp=stamp))
                for event, value, said, stamp in sayings
            )
            for name, sayings in dumped["s"].items()
        },
        cancels=tuple((said, event) for said, event in dumped["c"]),
        gave_way=tuple(
            GaveWay(said=said, to=(to[0], to[1]), undone=undone, stamp=stamp) for said, to, undone, stamp in dumped["g"]
        ),
        absorbed=tuple((pair[0], pair[1]) for pair in dumped["a"]),
    )


@frozen(kw_only=True, slots=False)
class Identity:
    """Who a patient is: the numbers that inputs go by, and the further ones that they mention."""

    own: frozenset[Pair] = field(default=frozenset(), repr=False)
    further: frozenset[Pair] = field(default=frozenset(), repr=False)

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        """All numbers, each with its issuer."""
        return self.own | self.further if self.further else self.own

    @cached_property
    def numbers(self) -> frozenset[str]:
        """All numbers, whoever gave them."""
        return frozenset(number for number, _ in self.pairs)

    @cached_property
    def issuers(self) -> frozenset[str | None]:
        """Who gave the numbers that inputs go by."""
        return frozenset(issuer for _, issuer in self.own)

    def with_more(self, other: Identity) -> Identity:
        """Return who both are together."""
        if other.own <= self.own and other.further <= self.further:
            return self
        return Identity(own=self.own | other.own, further=self.further | other.further)


class Patients:
    """A handful of patient identities: who gave way to whom, and what is known of those who stayed."""

    def __init__(self, states: Iterable[PatientState] = ()) -> None:
        self._by_number: dict[str, list[PatientState]] = {}
        for state in sorted(states, key=lambda one: (one.number, one.issuer or "")):
            self._by_number.setdefault(state.number, []).append(state)
        self._heirs = self._without_circles()
        self._known: dict[frozenset[Pair], tuple[PatientState, ...]] = {}
        self._survivors: dict[Pair, Pair] = {}

    @property
    def pairs(self) -> frozenset[Pair]:
        """The identities of which something is known."""
        return frozenset(state.pair for states in self._by_number.values() for state in states)

    def survivor(self, pair: Pair) -> Pair:
        """Return the identity that stands for this one now: itself, unless it gave way."""
        if not self._heirs:
            return pair
        if pair not in self._survivors:
            self._survivors[pair] = self._survivor(pair)
        return self._survivors[pair]

    def _survivor(self, pair: Pair) -> Pair:
        seen = {pair}
        while (state := self._gone(pair)) and (heir := self._heirs.get(state.pair)) and heir not in seen:
            seen.add(heir)
            pair = heir
        return pair

    def identity(self, patients: Iterable[Patient]) -> Identity:
        """Return all that inputs say of who the patient is, each number as it stands now."""
        said = list(patients)
        own = [(patient.number, patient.issuer) for patient in said if patient.number]
        further = [pair for patient in said for pair in patient.others]
        return Identity(
            own=frozenset(self.survivor(pair) for pair in own), further=frozenset(map(self.survivor, further))
        )

    def standing(self, identities: frozenset[Pair], name: str) -> Statement | None:
        """Return the newest saying on an attribute under any of the identities; those that stayed before those gone."""
        mine = [state for state in self._states_of(identities) if state.pair not in self._heirs]
        rest = [state for state in self._states_of(identities) if state.pair in self._heirs]
        groups = (mine + rest,) if _is_state(name) else (mine, rest)
        for group in groups:
            found = [said for state in group if (said := state.standing(name)) is not None]
            if found:
                return max(found, key=_order)
        return None

    def names(self, identities: frozenset[Pair]) -> set[str]:
        """Return the attributes of which something was said."""
        return {name for state in self._states_of(identities) for name in state.sayings}

    def _states_of(self, identities: frozenset[Pair]) -> tuple[PatientState, ...]:
        if identities not in self._known:
            self._known[identities] = self._found(identities)
        return self._known[identities]

    def _found(self, identities: frozenset[Pair]) -> tuple[PatientState, ...]:
        found = [state for pair in identities for state in self._by_number.get(pair[0], ()) if _alike(state.pair, pair)]
        for gone in self._heirs:
            heir = self.survivor(gone)
            if any(_alike(heir, pair) for pair in identities):
                found += [state for state in self._by_number[gone[0]] if state.pair == gone]
        return tuple({state.pair: state for state in found}.values())

    def _gone(self, pair: Pair) -> PatientState | None:
        states = [state for state in self._by_number.get(pair[0], ()) if _alike(state.pair, pair)]
        exact = [state for state in states if state.issuer == pair[1]]
        return next((state for state in (*exact, *states) if state.pair in self._heirs), None)

    def _without_circles(self) -> dict[Pair, Pair]:
        newest = [
            (state.gave_way[0], state.pair)
            for states in self._by_number.values()
            for state in states
            if state.gave_way and not state.gave_way[0].undone
        ]
        heirs: dict[Pair, Pair] = {}
        for way, gone in sorted(newest, key=lambda one: (-one[0].said, one[1][0], one[1][1] or "")):
            at: Pair | None = way.to
            while at is not None and at != gone:
                at = heirs.get(at)
            if at is None:
                heirs[gone] = way.to
        return heirs


def agree(one: Identity, other: Identity) -> bool | None:
    """Return whether two identities are the same patient; None where one of them says nothing.

    The numbers that inputs go by decide where one issuer gave both: a further number that two patients seem to share
    is often what one was copied with. Else any number in common makes them one.
    """
    if not one.pairs or not other.pairs:
        return None
    shared = one.numbers & other.numbers
    if shared and any(_alike(mine, theirs) for mine in one.own if mine[0] in shared for theirs in other.own):
        return True
    if not one.issuers.isdisjoint(other.issuers):
        return False
    return bool(shared) and any(_alike(mine, theirs) for mine in one.pairs for theirs in other.pairs)


def _alike(one: Pair, other: Pair) -> bool:
    return one[0] == other[0] and (one[1] == other[1] or one[1] is None or other[1] is None)


def _is_state(name: str) -> bool:
    attribute = ATTRIBUTES.get(name)
    return attribute is not None and attribute.group is Group.STATE


def _kept(sayings: tuple[Saying, ...]) -> tuple[Saying, ...]:
    known: dict[tuple[Any, ...], Saying] = {}
    for one in sayings:
        key = (_when(one), one.event, repr(one.statement.value))
        if key not in known or one.statement.stamp < known[key].statement.stamp:
            known[key] = one
    return tuple(known[key] for key in sorted(known, reverse=True)[:_DEPTH])


def _when(saying: Saying) -> int:
    return saying.statement.said if saying.statement.said is not None else _NEVER


def _order(statement: Statement) -> tuple[int, str]:
    return (statement.said if statement.said is not None else _NEVER), repr(statement.value)
