"""The questions that a SQLite store answers. Each is one statement of prepared SQL on the thread's own connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from routing.errors import NotFound
from routing.states import State
from routing.store import rows, seals
from routing.store.pages import FREE, overdue_sql, page_sql, urgency
from routing.store.recent import Recent
from routing.store.records import (
    Activation,
    Alias,
    CountRow,
    Evidence,
    Grant,
    Input,
    Item,
    JournalRow,
    Notice,
    PatientRow,
    Procedure,
    Reader,
    Seal,
    StoredRulebook,
    Worklist,
)

_ITEM: Final = ", ".join(rows.ITEM)
_ONE: Final = f"SELECT {_ITEM} FROM item WHERE id = ?"  # noqa: S608 - names of columns
_JOURNAL: Final = (*rows.JOURNAL, "hash")
_INPUT: Final = f"SELECT {', '.join(rows.INPUT)} FROM inbox JOIN outcome ON input = id"  # noqa: S608 - names of columns
_OVERDUE_COUNTS: Final = """SELECT worklist, count(*),
      sum(CASE WHEN state = 'claimed' AND lease_until > ? THEN 0 ELSE 1 END)
    FROM item WHERE open = 1 AND due_at IS NOT NULL AND due_at <= ? GROUP BY worklist ORDER BY worklist"""
_BATCH: Final = 100  # lists in one statement; SQLite joins at most 500
_KNOWN: Final = "SELECT id, revision, digest FROM procedure"
# The digest is of all that a procedure is, and differs with each revision: the guards see to that.
RECENT: Final = Recent[tuple[int, int, str], Procedure](512)
_OPEN: Final = "('expected', 'held', 'waiting', 'claimed', 'preliminary')"

_ASKED_AT: Final = """instr(details, '"asked":"')"""
# What stands before the first quotation mark is in the index (in the very words of its definition).
_ASKED: Final = f"""open = 1 AND {_ASKED_AT} > 0
    AND substr(details, {_ASKED_AT} + 9, instr(substr(details, {_ASKED_AT} + 9), '"') - 1) IN ({{marks}})
    AND json_extract(details, '$.asked') IN ({{marks}}) ORDER BY id LIMIT ?"""

_UNREAD_AT: Final = """instr(details, '"unread_by":"')"""
_UNREAD: Final = f"""{_UNREAD_AT} > 0
    AND substr(details, {_UNREAD_AT} + 13, instr(substr(details, {_UNREAD_AT} + 13), '"') - 1) = ?
    AND json_extract(details, '$.unread_by') = ? ORDER BY id LIMIT ?"""
_INSTANCE: Final = "kind = 'dicom' AND replace(message_id, rtrim(message_id, replace(message_id, '/', '')), '') = ?"

_COUNTS: Final = """SELECT worklist, state, count, CASE state
    WHEN 'claimed' THEN (SELECT min(opened_at) FROM item INDEXED BY item_lease
      WHERE item.worklist = tally.worklist AND item.state = 'claimed')
    WHEN 'held' THEN (SELECT min(opened_at) FROM item INDEXED BY item_held
      WHERE item.worklist = tally.worklist AND item.state = 'held')
    WHEN 'preliminary' THEN (SELECT min(opened_at) FROM item INDEXED BY item_draft
      WHERE item.worklist = tally.worklist AND item.state = 'preliminary')
    WHEN 'waiting' THEN (SELECT opened_at FROM item INDEXED BY item_age
      WHERE item.worklist = tally.worklist AND readable = 1 AND open = 1 AND item.state = 'waiting'
      ORDER BY opened_at LIMIT 1)
    WHEN 'expected' THEN (SELECT opened_at FROM item INDEXED BY item_age
      WHERE item.worklist = tally.worklist AND readable = 0 AND open = 1 AND item.state = 'expected'
      ORDER BY opened_at LIMIT 1)
    END FROM tally WHERE count > 0 ORDER BY worklist, state"""


class SqliteReading:
    """The reading half. A subclass says how to get the connection."""

    def _connection(self) -> Any:
        raise NotImplementedError

    def _fetched(self, sql: str, parameters: Any) -> list[Any]:
        return list(self._connection().execute(sql, parameters))

    def _all(self, sql: str, *parameters: Any) -> list[Any]:
        return self._fetched(sql, parameters)

    def _one(self, sql: str, *parameters: Any) -> Any:
        return self._connection().execute(sql, parameters).fetchone()

    def _items(self, where: str, *parameters: Any) -> tuple[Item, ...]:
        return tuple(rows.item_of(row) for row in self._all(f"SELECT {_ITEM} FROM item WHERE {where}", *parameters))  # noqa: S608

    def _found(self, row: Any, what: str, name: object) -> Any:
        if row is None:
            raise NotFound(what, str(name))
        return row

    # items -----------------------------------------------------------------------------------------------------------

    def item(self, item: int) -> Item:
        """Return the item. Raises NotFound."""
        return rows.item_of(self._found(self._one(_ONE, item), "item", item))

    def items_of(self, procedure: int, *, open_only: bool = False) -> tuple[Item, ...]:
        """Return the items of a procedure, oldest first."""
        also = "AND open = 1 " if open_only else ""
        return self._items(f"procedure = ? {also}ORDER BY id", procedure)

    def page(
        self, worklists: Sequence[str] | None, limit: int | None, *, after: Item | None = None
    ) -> tuple[Item, ...]:
        """Return open items, most urgent first: priority, due (none last), age. *worklists* None means all."""
        return self._most_urgent("open = 1", worklists, limit, after=after)

    def candidates(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return the most urgent items that are free to claim at *now*: waiting, preliminary, or lease over."""
        return self._most_urgent(FREE, worklists, limit, now=rows.to_number(now, "now"))

    def _most_urgent(
        self,
        where: str,
        worklists: Sequence[str] | None,
        limit: int | None,
        *,
        after: Item | None = None,
        now: int | None = None,
    ) -> tuple[Item, ...]:
        lists = self._busy_lists() if worklists is None else list(dict.fromkeys(worklists))
        parameters: dict[str, Any] = {"limit": -1 if limit is None else limit, "now": now}
        if after is not None:
            parameters |= dict(zip(("rank", "due", "opened", "id"), urgency(after), strict=True))
        later = after is not None
        found = self._merged(lists, lambda some: page_sql(some, where, after=later), parameters)
        if len(lists) > _BATCH:
            found = sorted(found, key=urgency)[:limit]
        return tuple(found)

    def _merged(self, lists: Sequence[str], sql: Callable[[int], str], parameters: Mapping[str, Any]) -> list[Item]:
        """Return what a statement over several lists finds, for as many lists as there are."""
        found: list[Item] = []
        for start in range(0, len(lists), _BATCH):
            some = lists[start : start + _BATCH]
            named = {**parameters, **{f"w{number}": code for number, code in enumerate(some)}}
            found += [rows.item_of(row) for row in self._fetched(sql(len(some)), named)]
        return found

    def _busy_lists(self) -> list[str]:
        sql = f"SELECT DISTINCT worklist FROM tally WHERE count > 0 AND state IN {_OPEN}"  # noqa: S608
        return [row[0] for row in self._all(sql)]

    def held_by(self, reader: str) -> tuple[Item, ...]:
        """Return what the reader has claimed, whether or not the lease is over."""
        return self._items("state = 'claimed' AND holder = ? ORDER BY lease_until, id", reader)

    def awake(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose `wake_at` has come, earliest first."""
        where = "open = 1 AND wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def overdue(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return open items whose due has passed, earliest first."""
        where = "open = 1 AND due_at IS NOT NULL AND due_at < ? ORDER BY due_at, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def overdue_in(self, worklists: Sequence[str], limit: int, now: datetime) -> tuple[Item, ...]:
        """Return items of the lists that are free to claim at *now* and whose due has passed, earliest due first."""
        lists = list(dict.fromkeys(worklists))
        found = self._merged(lists, overdue_sql, {"limit": limit, "now": rows.to_number(now, "now")})
        return tuple(sorted(found, key=lambda item: (item.due_at or rows.EPOCH, item.id))[:limit])

    def asked_of(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return open items that ask this reader (`asked` in their details), oldest first."""
        return self.asked_of_any([reader], limit)

    def asked_of_any(self, names: Sequence[str], limit: int) -> tuple[Item, ...]:
        """Return open items that ask any of these, each once, oldest first."""
        cleaned = {rows.clean(name): rows.to_json([rows.clean(name)])[2:].partition('"')[0] for name in names}
        marks = ", ".join("?" * len(cleaned))
        return self._items(_ASKED.format(marks=marks), *cleaned.values(), *cleaned, limit) if cleaned else ()

    def unread_by(self, reader: str, limit: int) -> tuple[Item, ...]:
        """Return items whose answer this reader has not read (`unread_by` in their details), oldest first."""
        name = rows.clean(reader)
        return self._items(_UNREAD, rows.to_json([name])[2:].partition('"')[0], name, limit)

    def aged(self, worklist: str, limit: int, *, after: Item | None = None) -> tuple[Item, ...]:
        """Return items of a list that can be read (waiting, claimed, preliminary), those that began first before."""
        later = "AND (opened_at, id) > (?, ?)" if after is not None else ""
        last = (rows.to_number(after.opened_at), after.id) if after is not None else ()
        where = f"worklist = ? AND open = 1 AND readable = 1 {later} ORDER BY opened_at, id LIMIT ?"
        return self._items(where, rows.clean(worklist), *last, limit)

    def lapsed(self, now: datetime, limit: int) -> tuple[Item, ...]:
        """Return claimed items whose lease is over, earliest first."""
        where = "state = 'claimed' AND lease_until <= ? ORDER BY lease_until, id LIMIT ?"
        return self._items(where, rows.to_number(now, "now"), limit)

    def history(self, item: int) -> tuple[JournalRow, ...]:
        """Return what happened to the item, oldest first. Raises NotFound."""
        found = self._all(f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE item = ? ORDER BY n", item)  # noqa: S608
        if not found:
            raise NotFound("item", str(item))
        return tuple(rows.journal_row_of(dict(zip(_JOURNAL, row, strict=True))) for row in found)

    def journal_since(self, seq: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the rows of the journal after row *seq*, of all items, in the order in which they were written."""
        sql = f"SELECT {', '.join(_JOURNAL)} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        return tuple(rows.journal_row_of(dict(zip(_JOURNAL, row, strict=True))) for row in self._all(sql, seq, limit))

    def evidence(self, evidence: int) -> Evidence:
        """Return one row of evidence. Raises NotFound."""
        sql = "SELECT kind, procedure, status, item, input, digest, body FROM evidence WHERE id = ?"
        return rows.evidence_of(self._found(self._one(sql, evidence), "evidence", evidence))

    # procedures and patients -----------------------------------------------------------------------------------------

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

    # the inbox -------------------------------------------------------------------------------------------------------

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

    # the rest --------------------------------------------------------------------------------------------------------

    def counts(self) -> tuple[CountRow, ...]:
        """Return how many items are in each worklist and state, discharged ones too, from the table the guards keep."""
        return tuple(
            CountRow(worklist=worklist, state=State(state), count=count, oldest=rows.to_instant(oldest))
            for worklist, state, count, oldest in self._all(_COUNTS)
        )

    def overdue_counts(self, now: datetime) -> Mapping[str, tuple[int, int]]:
        """Return for each list with overdue items how many there are, and how many of them nobody has in hand."""
        at = rows.to_number(now, "now")
        return {row[0]: (int(row[1]), int(row[2])) for row in self._all(_OVERDUE_COUNTS, at, at)}

    def worklists(self) -> tuple[Worklist, ...]:
        """Return all worklists, by code."""
        found = self._all("SELECT code, status, kind, fallback FROM worklist ORDER BY code")
        return tuple(Worklist(code=row[0], status=row[1], kind=row[2], fallback=row[3]) for row in found)

    def active_fingerprint(self) -> str | None:
        """Return the fingerprint of the rulebook that was activated last, or None."""
        row = self._one("SELECT fingerprint FROM activation ORDER BY seq DESC LIMIT 1")
        return str(row[0]) if row else None

    def active_rulebook(self) -> StoredRulebook | None:
        """Return the rulebook that was activated last, or None."""
        fingerprint = self.active_fingerprint()
        return self.rulebook(fingerprint) if fingerprint else None

    def activations(self, limit: int) -> tuple[Activation, ...]:
        """Return which rulebooks were made active, by whom and why, the newest first."""
        sql = "SELECT fingerprint, actor, reason, at FROM activation ORDER BY seq DESC LIMIT ?"
        return tuple(rows.activation_of(row) for row in self._all(sql, limit))

    def rulebook(self, fingerprint: str) -> StoredRulebook:
        """Return a stored rulebook. Raises NotFound."""
        sql = "SELECT fingerprint, name, text, tables, added_at FROM rulebook WHERE fingerprint = ?"
        return rows.rulebook_of(self._found(self._one(sql, fingerprint), "rulebook", fingerprint))

    def grants(self, actor: str | None = None) -> tuple[Grant, ...]:
        """Return the rights in force, all of them or those of one actor, oldest first."""
        whose, name = ("", ()) if actor is None else ("WHERE actor = ?", (rows.clean(actor),))
        sql = f"""SELECT actor, act, scope, by, reason FROM grants WHERE given = 1
            AND seq IN (SELECT max(seq) FROM grants {whose} GROUP BY actor, act, scope) ORDER BY seq"""  # noqa: S608
        found = self._all(sql, *name)
        return tuple(Grant(actor=row[0], act=row[1], scope=row[2], by=row[3], reason=row[4]) for row in found)

    def reader(self, name: str) -> Reader | None:
        """Return a reader of the directory, or None."""
        row = self._one("SELECT name, skills, body FROM reader WHERE name = ?", rows.clean(name))
        return rows.reader_of(row) if row else None

    def readers(self) -> tuple[Reader, ...]:
        """Return the directory; empty when there is none."""
        return tuple(rows.reader_of(row) for row in self._all("SELECT name, skills, body FROM reader ORDER BY name"))

    def notices(self, limit: int) -> tuple[Notice, ...]:
        """Return what is still to be told, oldest first."""
        sql = "SELECT id, item, target, payload, made_at FROM outbox WHERE done_at IS NULL ORDER BY id LIMIT ?"
        return tuple(rows.notice_of(row) for row in self._all(sql, limit))

    def seals(self) -> tuple[Seal, ...]:
        """Return all seals, oldest first."""
        return seals.seals_of(self._connection())

    def meta(self, name: str) -> str | None:
        """Return a remark of the store about itself, such as the instant of the last tick."""
        row = self._one("SELECT value FROM meta WHERE name = ?", f"remark.{name}")
        return str(row[0]) if row else None
