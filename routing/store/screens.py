"""Screens: quick questions whose silence proves that the checks of `routing.store.proofs` would find nothing.

A screen answers only whether there is a doubt; where there is any, the proofs are asked, so that what `verify` finds
never depends on a screen. Screens may therefore be strict, trust that the schema and the transition table are ours
(`verify` asks them only when V2 found no difference), and lean on each other: all of them must be silent.

- `moves` shows that each row follows the item's row before it, so that an item's rows run from 1 without a gap;
- `chain` shows that each row has the hash of its columns;
- `items` shows that each item is what its newest row says, that no later row is there, and that it is lawful itself;
- `pages` shows that the file is whole and every reference resolves; the engine checks its own conditions on rows
  (CHECK) in a way that takes as long as everything else, so that they are asked here by SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from routing.store import proofs, rows, schema
from routing.store.checks import CHECKS, DIFFERS, FREE_TEXTS, ROW_CHECKS, holds_nul
from routing.store.proofs import LEAST, MOST

_RANGE: Final = "BETWEEN :low AND :high"
_CHUNK: Final = 200  # so many rows are fetched as one: a row by itself costs more to fetch than to hash
_UNLAWFUL: Final = [
    f"(NOT ifnull({one.unless}, 0) AND {one.condition})" if one.unless else one.condition
    for one in ROW_CHECKS
    if one.condition != holds_nul(FREE_TEXTS)
]
_NUL: Final = holds_nul([name for name in FREE_TEXTS if name not in rows.LAST_TEXTS])  # `chain` sees one in the others
# Nothing comes before the first row of an item, so that nothing is looked up there. The guards let no row rest on the
# evidence of another procedure.
_MOVES: Final = f"""SELECT 1 FROM journal AS now
    LEFT JOIN journal AS before ON now.n > 1 AND before.item = now.item AND before.n = now.n - 1
    LEFT JOIN journal AS earlier ON earlier.seq = now.seq - 1
    LEFT JOIN legal ON legal.event = now.event AND legal.source = ifnull(now.source, '') AND legal.target = now.target
    LEFT JOIN evidence ON evidence.id = now.evidence AND evidence.procedure IS now.procedure
    WHERE now.seq {_RANGE} AND (now.prev IS NOT iif(now.n = 1, '{rows.GENESIS}', before.hash)
      OR (now.evidence NOT NULL AND evidence.id IS NULL) OR {" OR ".join(_UNLAWFUL)} OR {_NUL})
    LIMIT 1"""  # noqa: S608 - words of ours, here and below
_CHAIN: Final = f"""SELECT count(*), CAST(group_concat({rows.WHOLE_FORM_IN_SQL}, char(0)) AS BLOB),
    group_concat(hash) FROM journal WHERE seq {_RANGE}"""  # noqa: S608
_ITEMS: Final = f"""SELECT 1 FROM item LEFT JOIN journal ON journal.item = item.id AND journal.n = item.version
    WHERE {{which}} AND (journal.hash IS NOT item.head OR item.state IS NOT journal.target OR {DIFFERS}
      OR item.details IS NOT ifnull(journal.details, (SELECT said.details FROM journal AS said
        WHERE said.item = item.id AND said.n < item.version AND said.details NOT NULL ORDER BY said.n DESC LIMIT 1)))
    LIMIT 1"""  # noqa: S608
_BEHIND: Final = """SELECT 1 FROM item WHERE {which}
    AND EXISTS (SELECT 1 FROM journal AS later WHERE later.item = item.id AND later.n > item.version) LIMIT 1"""
_ITEMLESS: Final = "SELECT 1 FROM journal WHERE seq > :since AND item NOT IN (SELECT id FROM item) LIMIT 1"
# Each item has as many rows as its version says or more, so that none has more, and no row is of another item, when
# all together have not.
_TOTALS: Final = "SELECT 1 WHERE (SELECT total(version) FROM item) <> (SELECT count(*) FROM journal)"
# What the digests of procedures are over: of those with names, and of those without.
_NAMED: Final = f"""SELECT count(*), CAST(group_concat(printf('%d,%s|', length(knowledge), lengths)
      || knowledge || texts, char(0)) AS BLOB), group_concat(digest)
    FROM (SELECT procedure AS number, group_concat(kind || value || issuer, '') AS texts,
        group_concat(printf('%d,%d,%d', length(kind), length(value), length(issuer))) AS lengths
      FROM alias WHERE procedure {_RANGE} GROUP BY procedure)
    CROSS JOIN procedure ON id = number"""  # noqa: S608
_NAMELESS: Final = f"""SELECT count(*), CAST(group_concat(length(knowledge) || '|' || knowledge, char(0)) AS BLOB),
      group_concat(digest)
    FROM procedure WHERE id {_RANGE} AND NOT EXISTS (SELECT 1 FROM alias WHERE procedure = id)"""  # noqa: S608
_BYTES: Final = f"""SELECT bytes, raw_sha256 FROM raw JOIN inbox ON id = input
    WHERE input {_RANGE} AND bytes NOT NULL"""  # noqa: S608
# Outcomes that name anything but one procedure that is there.
_OUTCOMES: Final = f"""SELECT procedures FROM outcome WHERE input {_RANGE} AND procedures <> '[]'
    AND NOT (CAST(substr(procedures, 2) AS INTEGER) <= :last
      AND procedures = '[' || CAST(substr(procedures, 2) AS INTEGER) || ']')"""  # noqa: S608


@contextmanager
def reading(connection: Any) -> Iterator[None]:
    """Give a connection more memory while much is read."""
    (before,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute("PRAGMA cache_size = -128000")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = {before}")


def pages(connection: Any, _low: int = LEAST, _high: int = MOST) -> bool:
    """Doubt the file, the references of every table but the journal's, and whatever a host has added to the file."""
    names = [name for name in schema.objects_of(connection) if name.startswith("table ")]
    quoted = {name: '"' + name.removeprefix("table ").replace('"', '""') + '"' for name in names}
    (before,) = connection.execute("PRAGMA ignore_check_constraints").fetchone()
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        asked = [connection.execute("PRAGMA integrity_check(1)").fetchall()]
    finally:
        connection.execute(f"PRAGMA ignore_check_constraints = {before}")
    added = [said for name, said in quoted.items() if name not in schema.expected_objects()]
    asked += [connection.execute(f"PRAGMA integrity_check({said})").fetchall() for said in added]
    if any(found != [("ok",)] for found in asked):
        return True
    return any(
        _any(connection, f"PRAGMA foreign_key_check({said})")
        for name, said in quoted.items()
        if name != "table journal"
    )


def conditions(connection: Any, _low: int = LEAST, _high: int = MOST) -> bool:
    """Doubt the rows that break a condition of their table."""
    return any(_any(connection, sql) for sql in _conditions())


@lru_cache
def _conditions() -> tuple[str, ...]:
    tables = [name.removeprefix("table ") for name in schema.expected_objects() if name.startswith("table ")]
    asked = {table: " AND ".join(schema.constraints_of(table)) for table in tables}
    return tuple(f"SELECT 1 FROM {table} WHERE NOT ({said}) LIMIT 1" for table, said in asked.items() if said)  # noqa: S608


def statements(connection: Any, _low: int = LEAST, _high: int = MOST) -> bool:
    """Doubt what the statements find that no other screen speaks for."""
    return any(_any(connection, sql) for sql in (_TOTALS, *(check.sql for check in CHECKS if not check.screened)))


def moves(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt the rows that are unlawful, or do not follow the item's row before. By the numbers of rows."""
    return _any(connection, _MOVES, low=low, high=high)


def chain(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt the rows whose hash is not that of their columns. By the numbers of rows."""
    return _differs(connection, "seq", "journal", [_CHAIN], low, high)


def items(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt the items that are not what their newest row says. By the numbers of items."""
    return _any(connection, _ITEMS.format(which=f"item.id {_RANGE}"), low=low, high=high)


def knowledge(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt what is known of procedures. By their numbers."""
    return _differs(connection, "id", "procedure", [_NAMED, _NAMELESS], low, high)


def patients(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt what is known of patients, and that open items have names."""
    return any(True for _ in proofs.patients(connection, low, high))


def inputs(connection: Any, low: int = LEAST, high: int = MOST) -> bool:
    """Doubt the stored bytes, and the procedures that outcomes name. By the numbers of inputs."""
    between = {"low": low, "high": high}
    sha256 = hashlib.sha256
    if any(sha256(raw).hexdigest() != digest for raw, digest in connection.execute(_BYTES, between)):
        return True
    last = connection.execute("SELECT ifnull(max(id), 0) FROM procedure").fetchone()[0]
    named = connection.execute(_OUTCOMES, between | {"last": last})
    return any(proofs.names_another(procedures, last) for (procedures,) in named)


def recent(connection: Any, since: int) -> bool:
    """Doubt the rows after that number, or all where it is 0, and the items that they moved."""
    if not since:
        return moves(connection) or chain(connection) or items(connection) or _any(connection, _TOTALS)
    moved = "item.id IN (SELECT item FROM journal WHERE seq > :since)"
    return (
        moves(connection, since + 1)
        or chain(connection, since + 1)
        or any(_any(connection, sql.format(which=moved), since=since) for sql in (_ITEMS, _BEHIND))
        or _any(connection, _ITEMLESS, since=since)
    )


def _any(connection: Any, sql: str, **values: int) -> bool:
    return connection.execute(sql, values).fetchone() is not None


def _differs(connection: Any, key: str, table: str, statements: list[str], low: int, high: int) -> bool:
    """Return whether the hash of any row is not that of its form, or a form holds a NUL.

    The statements give how many rows there are between two keys, their forms with a NUL between them, and their hashes
    with a comma between them. A digest has no comma, so that no two lists of hashes look alike.
    """
    first = f"SELECT min({key}) FROM {table} WHERE {key} {_RANGE}"  # noqa: S608
    sha256 = hashlib.sha256  # looked up once: the loop is as long as the journal
    while low <= high and (at := connection.execute(first, {"low": low, "high": high}).fetchone()[0]) is not None:
        last = min(at + _CHUNK - 1, high)
        for sql in statements:
            count, forms, found = connection.execute(sql, {"low": at, "high": last}).fetchone()
            digests = [one.digest() for one in map(sha256, forms.split(b"\0"))] if count else []
            if len(digests) != count or b"".join(digests).hex(",", 32) != (found or ""):
                return True
        low = last + 1
    return False


SCREENS: Final[dict[str, Callable[..., bool]]] = {
    "pages": pages,
    "conditions": conditions,
    "statements": statements,
    "items": items,
    "moves": moves,
    "chain": chain,
    "knowledge": knowledge,
    "patients": patients,
    "inputs": inputs,
}
