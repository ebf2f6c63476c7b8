"""Seals: one hash over the heads of all chains, each following the seal before.

A chain by itself cannot show that its tail was cut or that all of it was written anew. A seal whose hash has left the
host (printed, mailed, signed) can: what it covered must still be there.
"""

from __future__ import annotations

import hashlib
from typing import Any

from routing.store import rows
from routing.store.records import Seal

_MANY = 1000  # heads at once
_COLUMNS = "k, at, items, events, last_seq, root, prev, hash"


def root_now(connection: Any) -> tuple[int, str]:
    """Return how many items there are, and the hash over (item, version, head) of all of them in order."""
    return root_of_forms(connection.execute(f"SELECT {_form('id', 'version', 'head')} FROM item ORDER BY id"))  # noqa: S608


def root_at(connection: Any, last_seq: int) -> tuple[int, str]:
    """Return the same as it was when the journal ended with row *last_seq*, from the journal alone."""
    newest = f"""SELECT {_form("item", "n", "hash")} FROM (
        SELECT item, max(n) AS n, hash FROM journal WHERE seq <= ? GROUP BY item ORDER BY item)"""  # noqa: S608
    return root_of_forms(connection.execute(newest, (last_seq,)))


def root_of_forms(forms: Any) -> tuple[int, str]:
    """Return how many heads there are, and the hash over the forms of all of them in order."""
    running, items = hashlib.sha256(), 0
    while many := forms.fetchmany(_MANY):
        items += len(many)
        running.update(b"".join([form for (form,) in many]))
    return items, running.hexdigest()


def root_of(heads: Any) -> tuple[int, str]:
    """Return how many heads there are, and the hash over all of them in order."""
    running, items = hashlib.sha256(), 0
    for items, head in enumerate(heads, 1):  # noqa: B007 - the count is wanted after the loop
        running.update(rows.canonical(head))
    return items, running.hexdigest()


def _form(item: str, n: str, head: str) -> str:
    """Return the expression for `rows.canonical` of a head. What a stranger put behind a NUL is still in it."""
    form = f"printf('%d,%d,%d|%d%d', length({item}), length({n}), length({head}), {item}, {n}) || {head}"
    return f"CAST({form} AS BLOB)"


def hash_of(seal: Seal) -> str:
    """Return what the hash of a seal must be, from everything else in it."""
    columns = (seal.k, rows.to_number(seal.at), seal.items, seal.events, seal.last_seq, seal.root, seal.prev)
    return hashlib.sha256(rows.canonical(columns)).hexdigest()


def seals_of(connection: Any) -> tuple[Seal, ...]:
    """Return all seals, oldest first."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM seal ORDER BY k")  # noqa: S608
    return tuple(
        Seal(
            k=row[0],
            at=rows.to_instant(row[1]) or rows.EPOCH,
            items=row[2],
            events=row[3],
            last_seq=row[4],
            root=row[5],
            prev=row[6],
            hash=row[7],
        )
        for row in found
    )
