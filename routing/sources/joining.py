"""Joining: from the news of one input to the procedures that it changes, in any order of arrival.

What shares an accession number, a study UID or, where it has neither, an order number is gathered; the news is folded
in; `routing.sources.sorting` then says afresh which procedures there are. A procedure keeps its number for as long as
any of what it was made of is in it. `Register` does this in memory, for dry runs and for deciding several inputs at
once; `routing.worklists` does the same against a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from attrs import evolve, field, frozen

from routing.decision import Problem
from routing.sources.account import Account, Heard, account_of, said_at, stamp_of
from routing.sources.news import Keys, Merge, News, NewsKind, Reading
from routing.sources.numbering import numbered
from routing.sources.patients import Pair, Patients, PatientState
from routing.sources.procedure import Procedure
from routing.sources.sorting import is_seeking, sort_out

_WORK = frozenset({NewsKind.ORDER, NewsKind.IMAGES, NewsKind.REPORT})


class Shelf(Protocol):
    """Where procedures and patients are found by what names them. Kinds: accession, study_uid, number, patient."""

    def procedures_named(self, kind: str, value: str) -> Iterable[tuple[int, Procedure]]:
        """Return the procedures that the name leads to, with their numbers."""

    def patients_numbered(self, number: str) -> Iterable[PatientState]:
        """Return what is known of patients under this number, whatever the issuer."""


@frozen(kw_only=True)
class Change:
    """What one input changed.

    `procedures` are all that were gathered, as they are now; the number is None for one that is new. `gone` are those
    that became part of another, with the place of that one in `procedures`. `named` are the places of the procedures
    that the input names, `refused` of those of them to which it may not be applied. `patients` are the identities that
    changed. `doubts` are kinds of warning.
    """

    procedures: tuple[tuple[int | None, Procedure], ...] = ()
    gone: Mapping[int, int] = field(factory=dict)
    named: tuple[int, ...] = ()
    refused: frozenset[int] = frozenset()
    patients: tuple[PatientState, ...] = ()
    doubts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def take_in(news: Sequence[News], shelf: Shelf, at: datetime, *, source: str = "", zone: tzinfo = UTC) -> Change:
    """
    Return what the news of one input changes; nothing is written.

    A piece of news without any key is a problem `empty_key` and joins nothing. A merge of a patient into themselves is
    a problem `merge_conflict` and changes nothing.
    """
    work = [one for one in news if one.kind in _WORK]
    problems = [_keyless(one) for one in work if not _has_key(one.keys)]
    work = [one for one in work if _has_key(one.keys)]
    states = _States(shelf)
    problems += [problem for one in news if (problem := states.take_in(one, at, zone)) is not None]
    found = _Gathering(shelf)
    for one in work:
        found.follow([account_of(one, Heard(stamp=0))])
    for number in states.numbers():
        found.gather("patient", number)
    stamp = max(stamp_of(at), *(procedure.latest + 1 for procedure in found.procedures.values()), 0)
    heard = Heard(stamp=stamp, source=source, zone=zone)
    accounts, doubts, touched = _fold(found.accounts(), work, heard)
    patients = states.patients(pair for account in accounts.values() for pair in _pairs(account))
    return _change(found, accounts, patients, states, (tuple(doubts), tuple(problems), touched))


def _keyless(news: News) -> Problem:
    what = news.kind.value
    return Problem(kind="empty_key", source=what, message=f"the {what} names no accession, study or order number")


def _has_key(keys: Keys) -> bool:
    return bool(keys.accession or keys.study_uid or keys.placer_number or keys.filler_number)


def _fold(
    accounts: dict[tuple[object, ...], Account], news: Iterable[News], heard: Heard
) -> tuple[dict[tuple[object, ...], Account], list[str], set[tuple[object, ...]]]:
    doubts: list[str] = []
    touched: set[tuple[object, ...]] = set()
    for one in news:
        empty = account_of(one, heard)
        accounts[empty.identity], raised = accounts.get(empty.identity, empty).told(one, heard)
        doubts += raised
        touched.add(empty.identity)
    return accounts, list(dict.fromkeys(doubts)), touched


def _change(
    found: _Gathering,
    accounts: Mapping[tuple[object, ...], Account],
    patients: Patients,
    states: _States,
    rest: tuple[tuple[str, ...], tuple[Problem, ...], set[tuple[object, ...]]],
) -> Change:
    doubts, problems, touched = rest
    sorted_out = sort_out(accounts.values(), patients)
    numbers, gone = numbered(found.procedures, sorted_out)

    became: dict[int, list[Procedure]] = {}
    stayed = {number: at for at, number in enumerate(numbers) if number is not None}
    for old, one in found.procedures.items():
        for at in {stayed.get(old), gone.get(old)} - {None}:
            became.setdefault(at or 0, []).append(one)
    procedures = tuple(
        (number, _same(found.procedures.get(number or 0), procedure.with_acts_of(became.get(at, ()))))
        for at, (number, procedure) in enumerate(zip(numbers, sorted_out, strict=True))
    )
    applied = {at for at, one in enumerate(sorted_out) if any(each.identity in touched for each in one.accounts)}
    refused = {at for at, one in enumerate(sorted_out) if any(each.identity in touched for each in one.aside)} - applied
    return Change(
        procedures=procedures,
        gone=gone,
        named=tuple(sorted(applied | refused)),
        refused=frozenset(refused),
        patients=states.changed(),
        doubts=doubts,
        problems=problems,
    )


def _same(old: Procedure | None, new: Procedure) -> Procedure:
    """Return what was there before where it is the same, with what was worked out of it."""
    return old.seen_with(new.patients) if old is not None and old == new else new


def _pairs(account: Account) -> tuple[Pair, ...]:
    patient = account.patient
    own: tuple[Pair, ...] = ((patient.number, patient.issuer),) if patient.number else ()
    return (*own, *patient.others)


class _Gathering:
    """All procedures that share a key, found step by step."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.procedures: dict[int, Procedure] = {}
        self._asked: set[tuple[str, str]] = set()

    def accounts(self) -> dict[tuple[object, ...], Account]:
        """Return every account of the procedures, once; where two know it differently, all that both know."""
        accounts: dict[tuple[object, ...], Account] = {}
        for procedure in self.procedures.values():
            for account in (*procedure.accounts, *procedure.aside):
                known = accounts.get(account.identity)
                accounts[account.identity] = account if known is None else known.joined(account)
        return accounts

    def follow(self, accounts: Iterable[Account]) -> None:
        """Gather whatever shares a key with the accounts, and what shares one with that."""
        for account in accounts:
            keys = account.keys
            if keys.accession:
                self.gather("accession", keys.accession)
            if keys.study_uid:
                self.gather("study_uid", keys.study_uid)
            for number in (keys.placer_number, keys.filler_number):
                if number:
                    self.gather("number", number.partition("^")[0], seeking_only=not is_seeking(account))

    def gather(self, kind: str, value: str, *, seeking_only: bool = False) -> None:
        """Gather what one name leads to; with *seeking_only* just what has no better key than that name."""
        asked = (f"{kind}?" if seeking_only else kind, value)
        if asked in self._asked:
            return
        self._asked.add(asked)
        for number, procedure in self.shelf.procedures_named(kind, value):
            accounts = (*procedure.accounts, *procedure.aside)
            if number in self.procedures or (seeking_only and not any(is_seeking(one) for one in accounts)):
                continue
            self.procedures[number] = procedure
            self.follow(accounts)


class _States:
    """Patient identities: those that the news tells of, and those that give way to one another."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._known: dict[Pair, PatientState] = {}
        self._loaded: set[str] = set()
        self._changed: set[Pair] = set()

    def take_in(self, news: News, at: datetime, zone: tzinfo) -> Problem | None:
        """Fold in what a piece of news says of a patient; a merge that cannot be is returned as a problem."""
        heard = Heard(stamp=stamp_of(at), zone=zone)
        if news.kind is NewsKind.MERGE and news.merge is not None:
            return self._merge(news, news.merge, heard)
        if news.kind is not NewsKind.PATIENT or not news.patient.number:
            return None
        self._put(self._state((news.patient.number, news.patient.issuer)).told(news, heard))
        return None

    def _merge(self, news: News, merge: Merge, heard: Heard) -> Problem | None:
        if not merge.survivor.number or not merge.gone.number:
            return Problem(kind="empty_key", source="MRG-1", message="a merge has to name both patients")
        survivor, gone = (merge.survivor.number, merge.survivor.issuer), (merge.gone.number, merge.gone.issuer)
        if survivor == gone:
            return Problem(kind="merge_conflict", source="MRG-1", message="a patient cannot be merged into themselves")
        said = said_at(news.said_at, heard.zone)
        self._put(self._state(gone).merged(survivor, undone=merge.undone, said=said, stamp=heard.stamp))
        self._put(self._state(survivor).with_absorbed(gone))
        if not merge.undone:
            self._put(self._state(survivor).told(news, heard))
        return None

    def _state(self, pair: Pair) -> PatientState:
        self._load(pair[0])
        return self._known.get(pair) or PatientState(number=pair[0], issuer=pair[1])

    def _put(self, state: PatientState) -> None:
        self._known[state.pair] = state
        self._changed.add(state.pair)

    def _load(self, number: str) -> None:
        wanted = [number]
        while wanted:
            one = wanted.pop()
            if one in self._loaded:
                continue
            self._loaded.add(one)
            for state in self.shelf.patients_numbered(one):
                self._known.setdefault(state.pair, state)
                wanted += [way.to[0] for way in state.gave_way] + [pair[0] for pair in state.absorbed]

    def numbers(self) -> list[str]:
        """Return the numbers of those that changed, and of those that are the same person."""
        for number, _ in list(self._changed):
            self._load(number)
        linked = {pair[0] for pair in self._known} if self._changed else set()
        return sorted(linked | {number for number, _ in self._changed})

    def changed(self) -> tuple[PatientState, ...]:
        """Return the states to be written."""
        return tuple(self._known[pair] for pair in sorted(self._changed, key=lambda pair: (pair[0], pair[1] or "")))

    def patients(self, pairs: Iterable[Pair]) -> Patients:
        """Return all that is known of these identities and those they are linked with."""
        for number, _ in pairs:
            self._load(number)
        return Patients(self._known.values())


def patients_of(procedure: Procedure, shelf: Shelf) -> Patients:
    """Return what is known of a procedure's patient."""
    states = _States(shelf)
    return states.patients(pair for account in (*procedure.accounts, *procedure.aside) for pair in _pairs(account))


@frozen(kw_only=True)
class Joined:
    """What several inputs come to: procedures with the places of the inputs that name each, and problems by place."""

    procedures: tuple[tuple[Procedure, tuple[int, ...]], ...]
    problems: tuple[tuple[int, Problem], ...]


class Register:
    """Procedures and patients in memory, joined as inputs are told."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._procedures: dict[int, Procedure] = {}
        self._patients: dict[Pair, PatientState] = {}
        self._inputs: dict[int, list[int]] = {}
        self._heard: dict[Pair, list[int]] = {}  # the inputs that told of a patient
        self._names: dict[tuple[str, str], set[int]] = {}
        self._next = 1

    def procedures_named(self, kind: str, value: str) -> list[tuple[int, Procedure]]:
        """Return the procedures that the name leads to, with their numbers."""
        kinds = ("placer", "filler") if kind == "number" else (kind,)
        numbers = sorted({number for one in kinds for number in self._names.get((one, value), ())})
        return [(number, self._procedures[number]) for number in numbers]

    def patients_numbered(self, number: str) -> list[PatientState]:
        """Return what is known of patients under this number, whatever the issuer."""
        return [state for pair, state in self._patients.items() if pair[0] == number]

    def told(self, reading: Reading, at: datetime, place: int = 0) -> Change:
        """Take in one input and return what it changed; one that is refused changes nothing."""
        if reading.refused is not None:
            return Change(problems=(reading.refused,))
        change = take_in(reading.news, self, at, source=str(place), zone=self._zone)
        for state in change.patients:
            self._put_patient(state, place)
        numbers = [self._put(number, procedure) for number, procedure in change.procedures]
        for gone, at_place in change.gone.items():
            self._merge(gone, numbers[at_place])
        for named in change.named:
            self._goes_by(numbers[named], place)
        return change

    def procedures(self) -> Iterator[tuple[Procedure, tuple[int, ...]]]:
        """Yield the procedures in the order in which they came, each with the places of the inputs that it goes by."""
        return (self._told(number, procedure) for number, procedure in sorted(self._procedures.items()))

    def _told(self, number: int, procedure: Procedure) -> tuple[Procedure, tuple[int, ...]]:
        patients = patients_of(procedure, self)
        heard = (place for pair in patients.pairs for place in self._heard.get(pair, ()))
        return evolve(procedure, patients=patients), tuple(sorted({*self._inputs.get(number, ()), *heard}))

    def _put_patient(self, state: PatientState, place: int) -> None:
        self._patients[state.pair] = state
        self._heard.setdefault(state.pair, []).append(place)

    def _merge(self, gone: int, into: int) -> None:
        self._inputs.setdefault(into, []).extend(self._inputs.pop(gone, []))
        self._forget(gone)

    def _goes_by(self, number: int, place: int) -> None:
        self._inputs.setdefault(number, []).append(place)

    def _put(self, number: int | None, procedure: Procedure) -> int:
        if number is None:
            number, self._next = self._next, self._next + 1
        else:
            self._forget(number)
        self._procedures[number] = procedure
        for name in names_of(procedure):
            self._names.setdefault(name[:2], set()).add(number)
        return number

    def _forget(self, number: int) -> None:
        procedure = self._procedures.pop(number, None)
        for name in names_of(procedure) if procedure else ():
            self._names.get(name[:2], set()).discard(number)


def names_of(procedure: Procedure) -> tuple[tuple[str, str, str], ...]:
    """Return what leads to a procedure, as (kind, value, issuer): accession, study UIDs, order numbers, patients."""
    names: dict[tuple[str, str, str], None] = {}
    for account in (*procedure.accounts, *procedure.aside):
        keys = account.keys
        if keys.accession:
            names["accession", keys.accession, keys.accession_issuer or ""] = None
        if keys.study_uid:
            names["study_uid", keys.study_uid, ""] = None
        for role, number in (("placer", keys.placer_number), ("filler", keys.filler_number)):
            if number and (bare := number.partition("^")[0]):
                names[role, bare, ""] = None
        for pair in _pairs(account):
            names["patient", pair[0], pair[1] or ""] = None
    return tuple(names)


def join(readings: Sequence[Reading], at: datetime, *, zone: tzinfo = UTC) -> Joined:
    """Return the procedures that several inputs come to when they all arrive at *at*, in whatever order."""
    register = Register(zone)
    problems: list[tuple[int, Problem]] = []
    for place, reading in enumerate(readings):
        change = register.told(reading, at, place)
        problems += [(place, problem) for problem in change.problems]
    return Joined(procedures=tuple(register.procedures()), problems=tuple(problems))
