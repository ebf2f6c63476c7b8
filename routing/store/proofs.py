"""The checks of `verify` one by one, as they are defined: plain, complete, and slow on a long journal.

Each reads a range of numbers, both ends included: of items, of rows of the journal, of procedures or of inputs. What
`verify` finds is what these find; `routing.store.screens` only says when they need not be asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from routing.store import rows
from routing.store.checks import CHECKS, ROW_CHECKS, ROWS_SQL
from routing.store.records import IntegrityFinding
from routing.store.writing import known_digest

LEAST: Final = -(2**63)  # the ends of the numbers of SQLite: a stranger may have used any
MOST: Final = 2**63 - 1
KEEP: Final = "stop writing, keep a copy of the files, and compare with the newest backup and seal"
_REBUILD: Final = "rebuild the items from the journal: `verify --repair`"
_AGAIN: Final = "receive the procedure's inputs again from their stored bytes"
_CHAIN: Final = f"""SELECT journal.item, n, prev, hash, journal.details, {rows.FORM_IN_SQL},
      head = hash, item.details
    FROM journal LEFT JOIN item ON item.id = journal.item AND version = n"""  # noqa: S608 - words of ours


def finding(check: str, invariant: str, item: int | None, evidence: str, action: str) -> IntegrityFinding:
    """Return a finding."""
    return IntegrityFinding(check=check, invariant=invariant, item=item, evidence=evidence, action=action)


def pages(connection: Any, _low: int = LEAST, _high: int = MOST) -> Iterator[IntegrityFinding]:
    """V3: the file itself, and V8: every reference resolves."""
    for (word,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if word != "ok":
            yield finding("V3", "N4", None, f"the file is damaged: {word}", "restore the newest backup beside it")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield finding("V8", "N3", None, f"row {row} of {table} points to no {parent}", "look at the row by hand")


def statements(connection: Any, _low: int = LEAST, _high: int = MOST) -> Iterator[IntegrityFinding]:
    """All checks that one SQL statement makes."""
    for check in CHECKS:
        for item, evidence in connection.execute(check.sql):
            yield finding(check.check, check.invariant, item, evidence or "", check.action)


def moves(connection: Any, low: int = LEAST, high: int = MOST) -> Iterator[IntegrityFinding]:
    """V6, V7, V11, V15: each row of the journal is lawful after the one before. By the numbers of rows."""
    for item, n, *met in connection.execute(ROWS_SQL, {"low": low, "high": high}):
        for one, is_met in zip(ROW_CHECKS, met, strict=True):
            if is_met:
                yield finding(one.check, one.invariant, item, one.words.format(n=n), one.action)


def chain(connection: Any, low: int = LEAST, high: int = MOST, *, since: int = 0) -> Iterator[IntegrityFinding]:
    """V4: each row has the hash of its columns and follows the row before; V5: the item stands at the newest.

    Of the items from *low* to *high*. With *since* only the rows after that number are read, each item's first after
    the one that was there.
    """
    later = "AND seq > :since " if since else ""
    sql = f"{_CHAIN} WHERE journal.item BETWEEN :low AND :high {later}ORDER BY journal.item, n"
    item, head, details, stands = None, rows.GENESIS, None, True
    for number, n, prev, found, said, form, is_newest, kept in connection.execute(
        sql, {"low": low, "high": high, "since": since}
    ):
        if number != item:
            if not stands:
                yield finding("V5", "N5", item, "it is not where its newest journal row left it", _REBUILD)
            item, head, details = number, rows.GENESIS, None
            if since:
                head, details = _before(connection, item, n)
        if prev != head:
            yield finding("V4", "N14", item, f"row {n} does not follow the row before", KEEP)
        head, details = found, details if said is None else said
        stands = is_newest == 1 and kept == details
        if hashlib.sha256(form).hexdigest() != found:
            yield finding("V4", "N14", item, f"row {n} was changed after it was written", KEEP)
    if not stands:
        yield finding("V5", "N5", item, "it is not where its newest journal row left it", _REBUILD)


def _before(connection: Any, item: int, n: int) -> tuple[str, str | None]:
    """Return the hash of an item's row before row *n*, and what its details were then."""
    found = connection.execute("SELECT hash FROM journal WHERE item = ? AND n = ?", (item, n - 1)).fetchone()
    sql = "SELECT details FROM journal WHERE item = ? AND n < ? AND details NOT NULL ORDER BY n DESC LIMIT 1"
    details = connection.execute(sql, (item, n)).fetchone()
    return (found[0] if found else rows.GENESIS), (details[0] if details else None)


def knowledge(connection: Any, low: int = LEAST, high: int = MOST) -> Iterator[IntegrityFinding]:
    """V5: what is known of procedures is what was written, with its names. By the numbers of procedures."""
    for number, known, digest, names in _known(connection, low, high):
        if known_digest(known, names) != digest:
            yield finding("V5", "N15", None, f"what is known of procedure {number} was changed from outside", _AGAIN)


def patients(connection: Any, _low: int = LEAST, _high: int = MOST) -> Iterator[IntegrityFinding]:
    """V5: what is known of patients is what was written, and every open item can still be found by a name."""
    for position, (known, digest) in enumerate(connection.execute("SELECT knowledge, digest FROM patient"), 1):
        if rows.digest_of(known) != digest:
            yield finding("V5", "N15", None, f"what is known of patient {position} was changed from outside", _AGAIN)
    nameless = (
        "SELECT id FROM item WHERE open = 1 AND procedure NOT NULL AND procedure NOT IN (SELECT procedure FROM alias)"
    )
    for (item,) in connection.execute(nameless):
        yield finding("V5", "N4", item, "its procedure has no name left", _AGAIN)


def _known(connection: Any, low: int, high: int) -> Iterator[tuple[int, str, str, list[tuple[str, str, str]]]]:
    """Yield each procedure's number, knowledge and digest with its names in order, reading both tables side by side."""
    between = {"low": low, "high": high}
    aliases = connection.execute(
        "SELECT procedure, kind, value, issuer FROM alias WHERE procedure BETWEEN :low AND :high ORDER BY 1, 2, 3, 4",
        between,
    )
    alias = aliases.fetchone()
    sql = "SELECT id, knowledge, digest FROM procedure WHERE id BETWEEN :low AND :high ORDER BY id"
    for number, known, digest in connection.execute(sql, between):
        names = []
        while alias is not None and alias[0] <= number:
            if alias[0] == number:
                names.append(alias[1:])
            alias = aliases.fetchone()
        yield number, known, digest, names


def inputs(connection: Any, low: int = LEAST, high: int = MOST) -> Iterator[IntegrityFinding]:
    """V8: the stored bytes are those that were received, and every procedure that an outcome names is there."""
    between = {"low": low, "high": high}
    sql = """SELECT input, bytes, raw_sha256 FROM raw JOIN inbox ON id = input
        WHERE input BETWEEN :low AND :high AND bytes IS NOT NULL"""
    for number, raw, digest in connection.execute(sql, between):
        if hashlib.sha256(raw).hexdigest() != digest:
            yield finding("V8", "N1", None, f"the bytes of input {number} are not those received", KEEP)
    last = connection.execute("SELECT ifnull(max(id), 0) FROM procedure").fetchone()[0]
    sql = "SELECT input, procedures FROM outcome WHERE input BETWEEN :low AND :high AND procedures <> '[]'"
    for number, procedures in connection.execute(sql, between):
        if names_another(procedures, last):
            yield finding("V8", "N3", None, f"input {number} names a procedure that is not there", KEEP)


def names_another(procedures: str, last: int) -> bool:
    """Return whether the list of an outcome names anything but procedures up to the last there is."""
    try:
        named = json.loads(procedures)
    except ValueError:
        return True
    return not isinstance(named, list) or any(not isinstance(one, int) or one > last for one in named)


PROOFS: Final[dict[str, Callable[..., Iterator[IntegrityFinding]]]] = {
    "pages": pages,
    "statements": statements,
    "moves": moves,
    "chain": chain,
    "knowledge": knowledge,
    "patients": patients,
    "inputs": inputs,
}
