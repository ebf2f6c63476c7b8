"""The questions about procedures and patients: what is known, and by what names it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from routing.store import rows
from routing.store.questions import Questions
from routing.store.recent import Recent
from routing.store.records import Alias, PatientRow, Procedure

_KNOWN: Final = "SELECT id, revision, digest FROM procedure"
# The digest is of all that a procedure is, and differs with each revision: the guards see to that.
RECENT: Final = Recent[tuple[int, int, str], Procedure](512)


class KnownReading(Questions):
    """What is asked about procedures and patients."""

    def procedure(self, procedure: int) -> Procedure:
        """Return the procedure. Raises NotFound."""
        found = self._one(f"{_KNOWN} WHERE id = ?", procedure)
        return self._known_procedure(self._found(found, "procedure", procedure))

    def _known_procedure(self, row: Any) -> Procedure:
        """Return a procedure by number, revision and digest: what was read before is not read again."""
        name: tuple[int, int, str] = (row[0], row[1], row[2])
        found = RECENT.get(name)
        if found is None:
            row = self._one("SELECT id, revision, knowledge FROM procedure WHERE id = ?", row[0])
            found = RECENT.put(name, self._procedure_of(row))
        return found

    def _procedure_of(self, row: Any) -> Procedure:
        found = self._all("SELECT kind, value, issuer FROM alias WHERE procedure = ? ORDER BY 1, 2, 3", row[0])
        aliases = tuple(Alias(kind=kind, value=value, issuer=issuer) for kind, value, issuer in found)
        return Procedure(id=row[0], revision=row[1], knowledge=row[2], aliases=aliases)

    def aliases(self, procedures: Sequence[int]) -> Mapping[int, tuple[Alias, ...]]:
        """Return the names of several procedures at once, without what is known of them."""
        found: dict[int, list[Alias]] = {number: [] for number in procedures}
        sql = """SELECT procedure, kind, alias.value, issuer FROM json_each(?) JOIN alias ON procedure = json_each.value
            ORDER BY 1, 2, 3, 4"""
        for number, kind, value, issuer in self._all(sql, rows.to_json(list(found))):
            found[number].append(Alias(kind=kind, value=value, issuer=issuer))
        return {number: tuple(names) for number, names in found.items()}

    def first_lines(self, procedures: Sequence[int]) -> Mapping[int, str]:
        """Return the first line of what is known of several procedures at once: enough to say what they are called."""
        sql = """SELECT procedure.id, substr(knowledge, 1, instr(knowledge || char(10), char(10)) - 1)
            FROM json_each(?) JOIN procedure ON procedure.id = json_each.value"""
        return dict(self._all(sql, rows.to_json(list(procedures))))

    def inputs_of(self, procedure: int) -> tuple[int, ...]:
        """Return the numbers of the inputs whose outcome names the procedure, oldest first."""
        sql = """SELECT input FROM outcome WHERE procedures <> '[]'
            AND EXISTS (SELECT 1 FROM json_each(procedures) WHERE value = ?) ORDER BY input"""
        return tuple(row[0] for row in self._all(sql, procedure))

    def procedures_by(self, kind: str, value: str, issuer: str | None = None) -> tuple[Procedure, ...]:
        """Return the procedures that a name leads to; *issuer* None means whatever the issuer, "" means not said."""
        also = "" if issuer is None else "AND issuer = ?"
        sql = f"{_KNOWN} WHERE id IN (SELECT procedure FROM alias WHERE kind = ? AND value = ? {also}) ORDER BY id"  # noqa: S608
        given = (kind, rows.clean(value)) if issuer is None else (kind, rows.clean(value), rows.clean(issuer))
        return tuple(self._known_procedure(row) for row in self._all(sql, *given))

    def procedures(self) -> Iterator[Procedure]:
        """Return every procedure, in order of arrival."""
        last = 0
        while found := self._all(
            "SELECT id, revision, knowledge FROM procedure WHERE id > ? ORDER BY id LIMIT 500", last
        ):
            yield from (self._procedure_of(row) for row in found)
            last = found[-1][0]

    def patient(self, number: str, issuer: str) -> PatientRow | None:
        """Return what is known of one patient identity, or None."""
        return next((row for row in self.patients_by_number(number) if row.issuer == rows.clean(issuer)), None)

    def patients_by_number(self, number: str) -> tuple[PatientRow, ...]:
        """Return what is known under a number, whatever the issuer."""
        sql = "SELECT number, issuer, revision, knowledge FROM patient WHERE number = ? ORDER BY issuer"
        found = self._all(sql, rows.clean(number))
        return tuple(PatientRow(number=row[0], issuer=row[1], revision=row[2], knowledge=row[3]) for row in found)
