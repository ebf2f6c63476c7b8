"""The questions about inputs: what came in, whether it came before, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing.store import rows
from routing.store.questions import Questions
from routing.store.records import Input

_INPUT: Final = f"SELECT {', '.join(rows.INPUT)} FROM inbox JOIN outcome ON input = id"  # noqa: S608 - names of columns
_INSTANCE: Final = "kind = 'dicom' AND replace(message_id, rtrim(message_id, replace(message_id, '/', '')), '') = ?"


class InboxReading(Questions):
    """What is asked about inputs."""

    def input_by(self, source: str, message_id: str, digest: str) -> Input | None:
        """Return the input with exactly this identity, or None."""
        row = self._one(
            f"{_INPUT} WHERE source = ? AND message_id = ? AND digest = ?",
            rows.clean(source),
            rows.clean(message_id),
            digest,
        )
        return rows.input_of(row) if row else None

    def inputs_by_id(self, source: str, message_id: str) -> tuple[Input, ...]:
        """Return the inputs of this sender and id, whatever their digests, oldest first."""
        # By `+id`: sorted by an index they would be looked for among all that the sender ever sent.
        found = self._all(
            f"{_INPUT} WHERE source = ? AND message_id = ? ORDER BY +id", rows.clean(source), rows.clean(message_id)
        )
        return tuple(rows.input_of(row) for row in found)

    def came_elsewhere(self, instance: str, study: str) -> bool:
        """Return whether an instance, by its UID, has come in another study than this; whoever sent it."""
        beginning = rows.clean(f"{study}/")
        other = "message_id LIKE '%/%' AND substr(message_id, 1, length(?)) <> ?"
        sql = f"SELECT 1 FROM inbox WHERE {_INSTANCE} AND {other} LIMIT 1"  # noqa: S608
        return self._one(sql, rows.clean(instance), beginning, beginning) is not None

    def latest_input(self, source: str) -> Input | None:
        """Return the newest input of a sender, or None."""
        row = self._one(
            f"{_INPUT} WHERE inbox.id = (SELECT max(id) FROM inbox WHERE source = ?)",  # noqa: S608
            rows.clean(source),
        )
        return rows.input_of(row) if row else None

    def input(self, number: int) -> Input:
        """Return one input. Raises NotFound."""
        return rows.input_of(self._found(self._one(f"{_INPUT} WHERE id = ?", number), "input", number))

    def raw(self, number: int) -> bytes | None:
        """Return the bytes of an input as they were stored; None when they were redacted. Raises NotFound."""
        row = self._found(self._one("SELECT bytes FROM raw WHERE input = ?", number), "input", number)
        return None if row[0] is None else bytes(row[0])

    def inputs(self) -> Iterator[Input]:
        """Return every input, in order of arrival."""
        last = 0
        while found := self._all(f"{_INPUT} WHERE id > ? ORDER BY id LIMIT 500", last):
            yield from (rows.input_of(row) for row in found)
            last = found[-1][0]
