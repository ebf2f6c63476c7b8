"""What is done to a PostgreSQL store as a whole: an export, and the rebuilding of items from their journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from routing.errors import StoreRefused
from routing.states import Event
from routing.store import rows
from routing.store.postgres.connection import configure
from routing.store.postgres.place import Place, driver
from routing.store.postgres.session import Session, meaning
from routing.store.postgres.store import PostgresStore
from routing.store.postgres.verify import verify
from routing.store.postgres.writing import PostgresWriting
from routing.store.records import Move

_IDENTITY: Final = frozenset({"alias", "patient", "procedure", "raw"})
_REBUILDABLE: Final = frozenset({"V1", "V5", "V13"})
_TABLES: Final = """SELECT relname FROM pg_class WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r'
    ORDER BY relname"""
_COLUMNS: Final = (
    f"id, {', '.join(rows.ITEM[1:4])}, open, readable, {', '.join(rows.ITEM[4:17])}, version, head, details"
)
# An item as its journal has it, in the order of these columns.
_IMAGE: Final = """
    SELECT DISTINCT ON (j.item) j.item, j.procedure, j.kind, j.target,
      CAST(j.target NOT IN ('reported', 'closed', 'superseded') AS integer),
      CAST(j.target IN ('waiting', 'claimed', 'preliminary') AS integer), j.worklist,
      j.priority, j.rank, j.due_at, j.preliminary_due_at, j.wake_at, j.holder, j.token, j.lease_until, j.draft,
      j.successor, j.opened_at, j.rulebook, j.n, j.hash,
      (SELECT details FROM journal WHERE item = j.item AND details IS NOT NULL ORDER BY n DESC LIMIT 1)
    FROM journal AS j ORDER BY j.item, j.n DESC"""
_COUNT: Final = "INSERT INTO tally SELECT worklist, state, 0, count(*) FROM item GROUP BY worklist, state"


def export(store: PostgresStore, *, identity: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table with its table's name, of one moment, for a copy in another form.

    Without *identity* the tables that hold who the patients are, and what their messages said, are left out.
    """
    with store.reading(), store.borrowed() as session:
        for (name,) in session.execute(_TABLES).fetchall():
            if name in _IDENTITY and not identity:
                continue
            session.flush()
            with session.connection.cursor("exported") as cursor:
                cursor.execute(f"SELECT * FROM {name}")  # noqa: S608 - a name of ours
                names = [column.name for column in cursor.description]
                yield from ((name, dict(zip(names, row, strict=True))) for row in cursor)


def repair(url: str, *, at: datetime, actor: str) -> tuple[int, ...]:
    """Rebuild items and counts from the journal where they differ from it, as the owner at *url*, and journal that.

    Nothing else is ever mended: where the journal itself, the schema or the evidence is in doubt, nothing is done.
    The numbers of the items that were rebuilt come back; none where the store was sound.

    Raises:
        StoreRefused: something is wrong that a rebuilding cannot mend, or this is not the owner; nothing was changed.

    """
    psycopg = driver()
    place = Place(url=url, forced=frozenset({"owner"}))
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            configure(connection)
            with connection.transaction():
                return _repair(Session(connection), place, at, actor)
    except psycopg.Error as error:
        raise meaning(error) from error


def _repair(session: Session, place: Place, at: datetime, actor: str) -> tuple[int, ...]:
    session.execute("SELECT pg_advisory_xact_lock(1380930900, 0)")
    found = verify(session, place).findings
    beyond = [one for one in found if one.check not in _REBUILDABLE]
    if beyond:
        raise StoreRefused(f"a rebuilding does not mend {beyond[0].check}: {beyond[0].evidence}")
    if all(one.check == "V1" for one in found):
        return ()
    mended = _rebuild(session)
    tx = PostgresWriting(session, at, {}, session.begin_writing(rows.to_number(at) or 0))
    for number in mended:
        tx.move(tx.item(number), Move(event=Event.NOTE, actor=actor, reason="rebuilt from the journal"))
    left = [one for one in verify(session, place).findings if one.check != "V1"]
    if left:
        raise StoreRefused(f"the rebuilding left {left[0].check}: {left[0].evidence}")
    return mended


def _rebuild(session: Session) -> tuple[int, ...]:
    # The guards are away for the length of this transaction only, and it ends with the schema as it was made.
    for name in ("item", "tally"):
        session.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    there = set(session.execute(f"SELECT {_COLUMNS} FROM item"))  # noqa: S608 - names of columns
    right = set(session.execute(_IMAGE))
    names = [name.strip() for name in _COLUMNS.split(",")]
    known, wanted = {row[0] for row in there}, {row[0] for row in right}
    for number in known - wanted:
        session.execute("DELETE FROM item WHERE id = ?", (number,))
    for row in sorted(right - there):
        if row[0] in known:
            changes = ", ".join(f"{name} = ?" for name in names[1:])
            session.execute(f"UPDATE item SET {changes} WHERE id = ?", (*row[1:], row[0]))  # noqa: S608
        else:
            marks = ", ".join("?" * len(row))
            session.execute(f"INSERT INTO item ({_COLUMNS}) VALUES ({marks})", row)  # noqa: S608
    session.execute("DELETE FROM tally")
    session.execute(_COUNT)
    for name in ("item", "tally"):
        session.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
    return tuple(sorted(row[0] for row in right - there))
