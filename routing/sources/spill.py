"""A register that holds any number of procedures in little memory: the rest lies in a temporary database.

The database is SQLite's own temporary file: nameless, readable by nobody else, and gone when the register is.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from attrs import evolve

from routing.sources.joining import Register, names_of, patients_of
from routing.sources.patients import PatientState, load_patient_state
from routing.sources.procedure import Procedure, dump, load

_IN_MEMORY: Final = 1000  # procedures
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
CREATE TABLE procedure (number INTEGER PRIMARY KEY, knowledge TEXT NOT NULL);
CREATE TABLE name (kind TEXT, value TEXT, number INTEGER, PRIMARY KEY (kind, value, number)) WITHOUT ROWID;
CREATE TABLE patient (number TEXT, issuer TEXT, knowledge TEXT, PRIMARY KEY (number, issuer)) WITHOUT ROWID;
CREATE TABLE goes_by (number INTEGER, place INTEGER, PRIMARY KEY (number, place)) WITHOUT ROWID;
CREATE TABLE heard (number TEXT, issuer TEXT, place INTEGER, PRIMARY KEY (number, issuer, place)) WITHOUT ROWID;
"""


class SpillingRegister(Register):
    """Procedures and patients joined as inputs are told, as `Register` does, with only the latest of them in memory."""

    def __init__(self, zone: tzinfo = UTC, in_memory: int = _IN_MEMORY) -> None:
        super().__init__(zone)
        self._most = in_memory
        self._latest: OrderedDict[int, Procedure] = OrderedDict()
        self._unwritten: set[int] = set()
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Let the temporary database go; nothing can be asked afterwards."""
        self._database.close()

    def procedures_named(self, kind: str, value: str) -> list[tuple[int, Procedure]]:
        """Return the procedures that the name leads to, with their numbers."""
        kinds = ("placer", "filler") if kind == "number" else (kind, kind)
        found = self._database.execute(
            "SELECT DISTINCT number FROM name WHERE kind IN (?, ?) AND value = ? ORDER BY number", (*kinds, value)
        ).fetchall()
        return [(number, self._read(number)) for (number,) in found]

    def patients_numbered(self, number: str) -> list[PatientState]:
        """Return what is known of patients under this number, whatever the issuer."""
        found = self._database.execute("SELECT knowledge FROM patient WHERE number = ?", (number,)).fetchall()
        return [load_patient_state(json.loads(knowledge)) for (knowledge,) in found]

    def procedures(self) -> Iterator[tuple[Procedure, tuple[int, ...]]]:
        """Yield the procedures in the order in which they came, each with the places of the inputs that it goes by."""
        self._write_out(0)
        number = 0
        while found := self._database.execute(
            "SELECT number, knowledge FROM procedure WHERE number > ? ORDER BY number LIMIT 1", (number,)
        ).fetchone():
            number, knowledge = found
            yield self._told(number, load(knowledge))

    def places(self) -> set[int]:
        """Return the places of the inputs that some procedure goes by."""
        found = self._database.execute("SELECT place FROM goes_by UNION SELECT place FROM heard")
        return {place for (place,) in found}

    def _told(self, number: int, procedure: Procedure) -> tuple[Procedure, tuple[int, ...]]:
        patients = patients_of(procedure, self)
        found = {place for (place,) in self._database.execute("SELECT place FROM goes_by WHERE number = ?", (number,))}
        for pair in patients.pairs:
            asked = self._database.execute(
                "SELECT place FROM heard WHERE number = ? AND issuer = ?", (pair[0], pair[1] or "")
            )
            found |= {place for (place,) in asked}
        return evolve(procedure, patients=patients), tuple(sorted(found))

    def _put_patient(self, state: PatientState, place: int) -> None:
        text = json.dumps(state.dump(), ensure_ascii=False, separators=(",", ":"))
        pair = state.number, state.issuer or ""
        self._database.execute("REPLACE INTO patient VALUES (?, ?, ?)", (*pair, text))
        self._database.execute("INSERT OR IGNORE INTO heard VALUES (?, ?, ?)", (*pair, place))

    def _merge(self, gone: int, into: int) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO goes_by SELECT ?, place FROM goes_by WHERE number = ?", (into, gone)
        )
        self._database.execute("DELETE FROM goes_by WHERE number = ?", (gone,))
        self._forget(gone)
        self._latest.pop(gone, None)
        self._unwritten.discard(gone)
        self._database.execute("DELETE FROM procedure WHERE number = ?", (gone,))

    def _goes_by(self, number: int, place: int) -> None:
        self._database.execute("INSERT OR IGNORE INTO goes_by VALUES (?, ?)", (number, place))

    def _put(self, number: int | None, procedure: Procedure) -> int:
        old: set[tuple[str, str]] = set()
        if number is None:
            number, self._next = self._next, self._next + 1
        else:
            old = {name[:2] for name in names_of(self._read(number))}
        new = {name[:2] for name in names_of(procedure)}
        self._rename(number, old, new)
        self._latest[number] = procedure
        self._latest.move_to_end(number)
        self._unwritten.add(number)
        if len(self._latest) > self._most:
            self._write_out(self._most)
        return number

    def _forget(self, number: int) -> None:
        self._rename(number, {name[:2] for name in names_of(self._read(number))}, set())

    def _rename(self, number: int, old: set[tuple[str, str]], new: set[tuple[str, str]]) -> None:
        gone, come = [(*name, number) for name in old - new], [(*name, number) for name in new - old]
        self._database.executemany("DELETE FROM name WHERE kind = ? AND value = ? AND number = ?", gone)
        self._database.executemany("INSERT OR IGNORE INTO name VALUES (?, ?, ?)", come)

    def _read(self, number: int) -> Procedure:
        found = self._latest.get(number)
        if found is None:
            row = self._database.execute("SELECT knowledge FROM procedure WHERE number = ?", (number,)).fetchone()
            found = self._latest[number] = load(row[0]) if row else Procedure()
        self._latest.move_to_end(number)
        return found

    def _write_out(self, most: int) -> None:
        """Write until at most so many procedures are in memory."""
        while len(self._latest) > most:
            number, procedure = self._latest.popitem(last=False)
            if number in self._unwritten:
                self._unwritten.remove(number)
                self._database.execute("REPLACE INTO procedure VALUES (?, ?)", (number, dump(procedure)))
