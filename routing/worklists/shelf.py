"""The store as a shelf of procedures and patients, for joining and for asking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve

from routing.sources.joining import names_of, patients_of
from routing.sources.patients import Patients, PatientState, load_patient_state
from routing.sources.procedure import Procedure, dump, load
from routing.store.protocol import Reading, Writing
from routing.store.recent import Recent
from routing.store.records import Alias, Item
from routing.store.records import Procedure as Row

_GONE = '{"gone":'
_LOADED: Final = Recent[str, Procedure](1024)  # by the very text that says what is known


class StoreShelf:
    """Procedures and patients of a store, read within one transaction or snapshot.

    What it has once read of a patient it does not read again: after writing of patients, take another shelf.
    """

    def __init__(self, store: Reading) -> None:
        self._store = store
        self._read: dict[tuple[int, int], Procedure] = {}
        self._newest: dict[int, Procedure] = {}
        self._patients: dict[str, list[PatientState]] = {}

    def procedures_named(self, kind: str, value: str) -> list[tuple[int, Procedure]]:
        """Return the procedures that the name leads to, with their numbers."""
        kinds = ("placer", "filler") if kind == "number" else (kind,)
        rows: dict[int, Row] = {}
        for one in kinds:
            rows |= {row.id: row for row in self._store.procedures_by(one, value)}
        return [(number, self._load(row)) for number, row in sorted(rows.items()) if not is_gone(row)]

    def _load(self, row: Row) -> Procedure:
        name = row.id, row.revision
        if name not in self._read:
            self._read[name] = self._newest[row.id] = loaded(row.knowledge)
        return self._read[name]

    def has_read(self, number: int, procedure: Procedure) -> bool:
        """Return whether a procedure was read here, and was then just as it is now."""
        return self._newest.get(number) == procedure

    def patients_numbered(self, number: str) -> list[PatientState]:
        """Return what is known of patients under this number, whatever the issuer."""
        if number not in self._patients:
            found = self._store.patients_by_number(number)
            self._patients[number] = [load_patient_state(json.loads(row.knowledge)) for row in found]
        return self._patients[number]

    def procedure(self, number: int) -> Procedure:
        """Return a procedure, seen with what is now known of its patient. Raises NotFound."""
        row = self._store.procedure(number)
        if is_gone(row):
            return Procedure()
        procedure = self._load(row)
        patients = patients_of(procedure, self)
        return procedure.seen_with(patients) if patients.pairs else procedure


def open_numbers(store: Reading, chunk: int = 1000) -> Iterator[list[int]]:
    """Yield the numbers of the procedures that have an open item, each once and some at a time, most urgent first.

    What is decided anew meanwhile is not met again, and nothing is left out: an item only ever becomes more urgent.
    """
    seen: set[int] = set()
    last: Item | None = None
    while items := store.page(None, chunk, after=last):
        found = {item.procedure: None for item in items if item.procedure is not None and item.procedure not in seen}
        seen.update(found)
        yield list(found)
        last = items[-1]


def loaded(text: str) -> Procedure:
    """Return the procedure that `dump` wrote, seen without what is known of its patient."""
    return _LOADED.get(text) or _LOADED.put(text, load(text))


def dumped(procedure: Procedure) -> str:
    """Return a procedure as the text that the store keeps; who reads it soon need not make it again."""
    text = dump(procedure)
    _LOADED.put(text, evolve(procedure, patients=Patients()) if procedure.patients.pairs else procedure)
    return text


def is_gone(row: Row) -> bool:
    """Return whether the procedure has become part of another."""
    return row.knowledge.startswith(_GONE)


def successor(row: Row) -> int:
    """Return the procedure that this one has become part of."""
    return int(json.loads(row.knowledge)["gone"])


def mark_gone(tx: Writing, number: int, into: int) -> None:
    """Write that a procedure has become part of another; no name leads to it any more."""
    tx.change_procedure(number, json.dumps({"gone": into}, separators=(",", ":")), ())


def write_patient(tx: Writing, state: PatientState) -> None:
    """Write what is now known of a patient identity."""
    text = json.dumps(state.dump(), ensure_ascii=False, separators=(",", ":"))
    tx.put_patient(state.number, state.issuer or "", text)


def aliases_of(procedure: Procedure) -> tuple[Alias, ...]:
    """Return every name that leads to a procedure."""
    return tuple(Alias(kind=kind, value=value, issuer=issuer) for kind, value, issuer in names_of(procedure))


def named(store: Reading, names: Iterable[tuple[str, str | None]]) -> list[int]:
    """Return the numbers of the procedures that any of the names leads to."""
    found: dict[int, None] = {}
    for kind, value in names:
        for row in store.procedures_by(kind, value) if value else ():
            if not is_gone(row):
                found[row.id] = None
    return sorted(found)
