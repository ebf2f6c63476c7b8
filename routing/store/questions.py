"""Asking a store: one statement at a time on whatever connection there is, and rows that have to be there."""

from __future__ import annotations

from typing import Any, Final

from routing.errors import NotFound
from routing.store import rows
from routing.store.records import Item

ITEM: Final = ", ".join(rows.ITEM)


class Questions:
    """What every question is asked by. A subclass says how to get the connection."""

    def _connection(self) -> Any:
        raise NotImplementedError

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        return list(self._connection().execute(sql, parameters))

    def _all(self, sql: str, *parameters: Any) -> list[Any]:
        return self._fetched(sql, parameters)

    def _one(self, sql: str, *parameters: Any) -> Any:
        return self._connection().execute(sql, parameters).fetchone()

    def _items(self, where: str, *parameters: Any) -> tuple[Item, ...]:
        return tuple(rows.item_of(row) for row in self._all(f"SELECT {ITEM} FROM item WHERE {where}", *parameters))  # noqa: S608

    def _found(self, row: Any, what: str, name: object) -> Any:
        if row is None:
            raise NotFound(what, str(name))
        return row
