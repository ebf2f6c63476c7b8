"""Items whose details name somebody: who is asked, and who has not read an answer.

An index holds what stands between the first quotation marks after the name of the detail, in the very words of its
definition; what is found by it is compared with the whole name, as `rows.to_json` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from routing.store import rows
from routing.store.questions import Questions
from routing.store.records import Item


class Naming(Questions):
    """What is found by a name in the details. The two words are SQLite's."""

    _position: ClassVar[str] = """instr(details, '"{detail}":"')"""
    _first_part: ClassVar[str] = (
        "substr(details, {position} + {after}, instr(substr(details, {position} + {after}), '\"') - 1)"
    )

    def asked_of(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return open items that ask this reader (`asked` in their details), oldest first."""
        return self.asked_of_any([reader], limit)

    def asked_of_any(self, names: Sequence[str], limit: int) -> tuple[Item, ...]:
        """Return open items that ask any of these, each once, oldest first."""
        return self._naming("asked", names, limit, "open = 1 AND ")

    def unread_by(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return items whose answer this reader has not read (`unread_by` in their details), oldest first."""
        return self._naming("unread_by", [reader], limit)

    def _naming(self, detail: str, names: Sequence[str], limit: int, also: str = "") -> tuple[Item, ...]:
        """Return items whose *detail* is one of these names, oldest first."""
        told = sorted({rows.to_json([rows.clean(name)])[1:-1] for name in names})
        if not told:
            return ()
        position = self._position.format(detail=detail)
        first = self._first_part.format(detail=detail, position=position, after=len(detail) + 4)
        marks, whole = ", ".join("?" * len(told)), " OR ".join([f"substr(details, {position}, ?) = ?"] * len(told))
        where = f"{also}{position} > 0 AND {first} IN ({marks}) AND ({whole}) ORDER BY id LIMIT ?"
        begins = [f'"{detail}":{name}' for name in told]
        pairs = [one for begin in begins for one in (len(begin), begin)]
        return self._items(where, *(name[1:].partition('"')[0] for name in told), *pairs, limit)
