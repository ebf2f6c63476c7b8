"""Between rows of SQL and values: instants, JSON, text that every database can keep, and the hash of a journal row.

The hash of a row is the SHA-256 of its columns in the order of `JOURNAL`, behind the lengths of its texts, so that no
two rows have the same bytes; `prev` among them is the hash of the item's row before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from routing.errors import NaiveMoment
from routing.states import Event, Kind, State
from routing.store.records import Activation, Evidence, Input, Item, JournalRow, Notice, Reader, StoredRulebook

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
GENESIS: Final = "0" * 64  # what the first row of a chain follows

ITEM: Final = (
    "id",
    "procedure",
    "kind",
    "state",
    "worklist",
    "priority",
    "rank",
    "due_at",
    "preliminary_due_at",
    "wake_at",
    "holder",
    "token",
    "lease_until",
    "draft",
    "successor",
    "opened_at",
    "rulebook",
    "details",
    "version",
    "head",
)
# every column but the hash, in the order of the table and of the chain
JOURNAL: Final = (
    "seq",
    "item",
    "n",
    "event",
    "source",
    "target",
    "kind",
    "procedure",
    "known",
    "worklist",
    "priority",
    "rank",
    "due_at",
    "preliminary_due_at",
    "wake_at",
    "holder",
    "token",
    "lease_until",
    "draft",
    "successor",
    "opened_at",
    "rulebook",
    "actor",
    "reason",
    "evidence",
    "engine",
    "at",
    "prev",
    "details",
    "body",
)
_NUMBERS: Final = frozenset(
    {"seq", "item", "n", "procedure", "rank", "due_at", "preliminary_due_at", "wake_at", "token", "lease_until"}
    | {"draft", "successor", "opened_at", "evidence", "at"}
)
INPUT: Final = (
    "id",
    "source",
    "message_id",
    "digest",
    "kind",
    "received_at",
    "outcome",
    "procedures",
    "warnings",
    "item",
    "reason",
    "body",
)

_STATES: Final = {state.value: state for state in State}
_KINDS: Final = {kind.value: kind for kind in Kind}
_EVENTS: Final = {event.value: event for event in Event}


def to_number(instant: datetime | None, name: str = "at") -> int | None:
    """Return whole microseconds since 1970 in UTC. Raises NaiveMoment when there is no time zone."""
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise NaiveMoment(name)
    return (instant - EPOCH) // _MICROSECOND


def to_instant(number: int | None) -> datetime | None:
    """Return the instant that many microseconds after 1970, or None."""
    return None if number is None else EPOCH + timedelta(microseconds=number)


def _instant(number: int) -> datetime:
    return EPOCH + timedelta(microseconds=number)


def clean(text: str) -> str:
    """Return the text as every database can keep it: no NUL, no lone surrogate; each becomes U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def to_json(value: Mapping[str, Any] | Sequence[Any] | None) -> str:
    """Return JSON in one form only: sorted keys, no spaces, ASCII."""
    if value:
        return _encode(value)
    return "[]" if isinstance(value, (list, tuple)) else "{}"


def from_json(text: str) -> Any:
    """Return the value of a JSON text; most of those that are kept are empty."""
    return {} if text == "{}" else [] if text == "[]" else json.loads(text)


_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def digest_of(*texts: str) -> str:
    """Return the SHA-256 over length-prefixed texts."""
    return hashlib.sha256(canonical(texts)).hexdigest()


def canonical(values: Sequence[str | int | None]) -> bytes:
    """Return the one byte form of any row: the lengths in characters, - for NULL, then the values."""
    texts = ["" if value is None else str(value) for value in values]
    lengths = [str(len(text)) for text in texts]
    if None in values:
        lengths = ["-" if value is None else length for value, length in zip(values, lengths, strict=True)]
    return f"{','.join(lengths)}|{''.join(texts)}".encode("utf-8", "surrogatepass")


_TEXT_NAMES: Final = [name for name in JOURNAL if name not in _NUMBERS]
_TEXTS: Final = itemgetter(*(JOURNAL.index(name) for name in _TEXT_NAMES))
_FORM: Final = "%d," * len(_TEXT_NAMES) + "%s|" * len(JOURNAL)

_SELDOM: Final = ("wake_at", "holder", "lease_until", "successor")  # most rows have none of them
LAST_TEXTS: Final = ("details", "body")


def _form_in_sql(*, without: Sequence[str] = (), behind: Sequence[str] = ()) -> str:
    """Return the expression that makes the form of a row of `journal`.

    The columns *without* are NULL. The texts *behind*, the last ones, are put there whole: what the database formats
    ends where a NUL stands.
    """
    lengths = [name for name in _TEXT_NAMES if name not in without]
    values = [name for name in JOURNAL if name not in {*without, *behind}]
    form = "".join("-1," if name in without else "%d," for name in _TEXT_NAMES)
    form += "".join("None|" if name in without else "%s|" for name in JOURNAL if name not in behind)
    arguments = [f"ifnull(length(journal.{name}), -1)" for name in lengths]
    arguments += [f"ifnull(journal.{name}, 'None')" for name in values]
    last = [f" || ifnull(journal.{name}, 'None') || '|'" for name in behind]
    return f"printf('{form}', {', '.join(arguments)}){''.join(last)}"


def _either_form(behind: Sequence[str] = ()) -> str:
    seldom = " AND ".join(f"journal.{name} IS NULL" for name in _SELDOM)
    short, full = _form_in_sql(without=_SELDOM, behind=behind), _form_in_sql(behind=behind)
    return f"CASE WHEN {seldom} THEN {short} ELSE {full} END"


# The same form, made by the database: `verify` needs it for every row that ever was. NULL has length -1 and reads None.
FORM_IN_SQL: Final = f"CAST({_either_form()} AS BLOB)"
# As text, a NUL in one of `LAST_TEXTS` still among it.
WHOLE_FORM_IN_SQL: Final = _either_form(LAST_TEXTS)


def hash_of(columns: Sequence[str | int | None]) -> str:
    """Return the hash of a journal row from its columns in the order of `JOURNAL`.

    The lengths of the texts in characters stand first (-1 for NULL), then all columns; one formatting makes it, here
    and in SQL (`FORM_IN_SQL`).
    """
    lengths = [-1 if text is None else len(text) for text in _TEXTS(columns)]
    form = _FORM % (*lengths, *columns)
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()


def item_of(row: Sequence[Any]) -> Item:
    """Return the item of a row selected in the order of `ITEM`."""
    return Item(
        id=row[0],
        procedure=row[1],
        kind=_KINDS[row[2]],
        state=_STATES[row[3]],
        worklist=row[4],
        priority=row[5],
        rank=row[6],
        due_at=to_instant(row[7]),
        preliminary_due_at=to_instant(row[8]),
        wake_at=to_instant(row[9]),
        holder=row[10],
        token=row[11],
        lease_until=to_instant(row[12]),
        draft=bool(row[13]),
        successor=row[14],
        opened_at=_instant(row[15]),
        rulebook=row[16],
        details=from_json(row[17]),
        version=row[18],
        head=row[19],
    )


def journal_row_of(row: Mapping[str, Any]) -> JournalRow:
    """Return the history's form of a journal row."""
    return JournalRow(
        seq=row["seq"],
        item=row["item"],
        n=row["n"],
        at=_instant(row["at"]),
        event=_EVENTS[row["event"]],
        source=_STATES[row["source"]] if row["source"] else None,
        target=_STATES[row["target"]],
        kind=_KINDS[row["kind"]],
        procedure=row["procedure"],
        worklist=row["worklist"],
        priority=row["priority"],
        due_at=to_instant(row["due_at"]),
        holder=row["holder"],
        token=row["token"],
        actor=row["actor"],
        reason=row["reason"],
        evidence=row["evidence"],
        rulebook=row["rulebook"],
        body=from_json(row["body"]),
        hash=row["hash"],
    )


def input_of(row: Sequence[Any]) -> Input:
    """Return the input of a row selected in the order of `INPUT`."""
    return Input(
        id=row[0],
        source=row[1],
        message_id=row[2],
        digest=row[3],
        kind=row[4],
        received_at=_instant(row[5]),
        outcome=row[6],
        procedures=tuple(from_json(row[7])),
        warnings=tuple(from_json(row[8])),
        item=row[9],
        reason=row[10],
        body=from_json(row[11]),
    )


def evidence_of(row: Sequence[Any]) -> Evidence:
    """Return the evidence of a row (kind, procedure, status, item, input, digest, body)."""
    return Evidence(
        kind=row[0],
        procedure=row[1],
        status=row[2],
        item=row[3],
        input=row[4],
        digest=row[5],
        body=from_json(row[6]),
    )


def activation_of(row: Sequence[Any]) -> Activation:
    """Return the activation of a row (fingerprint, actor, reason, at)."""
    return Activation(fingerprint=row[0], actor=row[1], reason=row[2], at=to_instant(row[3]) or EPOCH)


def rulebook_of(row: Sequence[Any]) -> StoredRulebook:
    """Return the stored rulebook of a row (fingerprint, name, text, tables, added_at)."""
    added_at = to_instant(row[4]) or EPOCH
    return StoredRulebook(fingerprint=row[0], name=row[1], text=row[2], tables=from_json(row[3]), added_at=added_at)


def notice_of(row: Sequence[Any]) -> Notice:
    """Return the notice of a row (id, item, target, payload, made_at)."""
    made_at = to_instant(row[4]) or EPOCH
    return Notice(id=row[0], item=row[1], target=row[2], payload=from_json(row[3]), made_at=made_at)


def reader_of(row: Sequence[Any]) -> Reader:
    """Return the reader of a row (name, skills, body)."""
    return Reader(name=row[0], skills=tuple(from_json(row[1])), body=from_json(row[2]))
