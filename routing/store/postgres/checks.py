"""The checks of `verify` on PostgreSQL: each row that a statement returns is an item (or NULL) and what is wrong.

They are those of SQLite, but for what only holds where one writes at a time: numbers without gaps, and one order of all
rows in time. What is missing is found by the chains, by what refers to it, and by the seals. `:since` is the last row
that the newest seal covers, 0 for the whole.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from routing.store import rows
from routing.store.checks import SqlCheck

_NAMES: Final = ("kind", "procedure", "worklist", "priority", "rank", "due_at", "preliminary_due_at", "wake_at")
_ALSO: Final = ("holder", "token", "lease_until", "draft", "successor", "rulebook", "opened_at")
_IMAGE: Final = (*_NAMES, *_ALSO)
_DISCHARGED: Final = "('reported', 'closed', 'superseded')"
_NEEDS: Final = "('preliminary', 'final_report', 'amend', 'withdraw', 'close', 'supersede')"
_RESTORE: Final = "stop writing, keep a copy of the database, and compare with the newest backup and seal"
_REBUILD: Final = "ask who can write as the owner; restore the newest backup beside it and compare the items"
_ASK: Final = "ask who wrote this row, and look at the item by hand"
_LAST: Final = "9223372036854775807"

_LENGTHS: Final = [
    f"coalesce(length(now.{name}), -1)"
    for name in rows.JOURNAL
    if name not in {"seq", "item", "n", "procedure", "rank", "due_at", "preliminary_due_at", "wake_at", "token"}
    and name not in {"lease_until", "draft", "successor", "opened_at", "evidence", "at"}
]
_VALUES: Final = [f"coalesce(CAST(now.{name} AS text), 'None')" for name in rows.JOURNAL]
# Written out here, and not the function of the guards: `verify` trusts none of them.
_FORM: Final = " || ".join([f"{length} || ','" for length in _LENGTHS] + [f"{value} || '|'" for value in _VALUES])
_HASH: Final = f"encode(sha256(convert_to({_FORM}, 'UTF8')), 'hex')"

_ROWS: Final = """FROM journal AS now
    LEFT JOIN journal AS before ON before.item = now.item AND before.n = now.n - 1
    LEFT JOIN legal ON legal.event = now.event AND legal.source = coalesce(now.source, '')
      AND legal.target = now.target
    LEFT JOIN evidence ON evidence.id = now.evidence AND evidence.procedure IS NOT DISTINCT FROM now.procedure
    WHERE now.seq > :since AND """


class _Row(NamedTuple):
    """A condition that no row of the journal may meet; `{n}` in its words is the row's number."""

    check: str
    invariant: str
    words: str
    condition: str
    action: str = _ASK

    def as_check(self) -> SqlCheck:
        first, _, last = self.words.partition("{n}")
        sql = f"SELECT now.item, '{first}' || now.n || '{last}' {_ROWS} ({self.condition})"
        return SqlCheck(check=self.check, invariant=self.invariant, sql=sql, action=self.action)


_IS_CHANGED: Final = f"{_HASH} <> now.hash"
_CONDITIONS: Final = (
    _Row(
        "V4",
        "N14",
        "row {n} does not follow the row before",
        f"now.prev <> coalesce(before.hash, '{rows.GENESIS}')",
        _RESTORE,
    ),
    _Row("V4", "N14", "row {n} was changed after it was written", _IS_CHANGED, _RESTORE),
    _Row("V4", "N13", "rows before row {n} should be there and are not", "now.n > 1 AND before.n IS NULL", _RESTORE),
    _Row(
        "V6",
        "N6",
        "row {n} does not begin where the row before ended",
        """before.n IS NOT NULL AND (now.source IS DISTINCT FROM before.target OR now.kind <> before.kind
          OR now.procedure IS DISTINCT FROM before.procedure OR now.opened_at <> before.opened_at)""",
    ),
    _Row(
        "V6",
        "I7",
        "row {n} makes it later or less urgent",
        f"""(now.event <> 'override' AND (coalesce(now.due_at, {_LAST}) > coalesce(before.due_at, {_LAST})
            OR coalesce(now.preliminary_due_at, {_LAST}) > coalesce(before.preliminary_due_at, {_LAST}))
            AND before.n IS NOT NULL)
          OR (now.event NOT IN ('override', 'adopt') AND now.rank > before.rank)""",
    ),
    _Row(
        "V11",
        "N10",
        "row {n} does not carry the token or the holder that the row before left",
        """now.token <> before.token + CAST(now.event IN ('claim', 'seize') AS integer)
          OR (now.source = 'claimed' AND now.target = 'claimed' AND now.event <> 'seize'
            AND now.holder IS DISTINCT FROM before.holder)""",
    ),
    _Row("V6", "N6", "row {n} is a move that the transition table does not allow", "legal.event IS NULL"),
    _Row(
        "V7",
        "N7",
        "row {n} does not say who or why",
        "btrim(now.actor) = '' OR (legal.needs_reason = 1 AND btrim(coalesce(now.reason, '')) = '')",
    ),
    _Row(
        "V7",
        "N7",
        "row {n} has no evidence that fits",
        f"""(now.event IN {_NEEDS} OR (now.target IN {_DISCHARGED} AND coalesce(now.source, '') NOT IN {_DISCHARGED}))
          AND NOT coalesce(CASE now.event
            WHEN 'preliminary' THEN evidence.kind = 'report' AND evidence.status = 'preliminary'
            WHEN 'final_report' THEN evidence.kind = 'report' AND evidence.status IN ('final', 'corrected')
            WHEN 'amend' THEN evidence.kind = 'report' AND evidence.status IN ('final', 'corrected', 'addendum')
            WHEN 'withdraw' THEN evidence.kind = 'message'
              OR (evidence.kind = 'report' AND evidence.status IN ('withdrawn', 'cancelled'))
            WHEN 'close' THEN evidence.kind IN ('closure', 'message')
            WHEN 'supersede' THEN evidence.kind = 'successor' AND evidence.item = now.successor END, false)""",
        "reopen the item unless the report or the closure is found elsewhere",
    ),
    _Row("V15", "N14", "row {n} is before the row that was written before it, in time", "now.at < before.at"),
)

# Of each row of the journal, the whole or since the newest seal.
ROW_CHECKS: Final = tuple(one.as_check() for one in _CONDITIONS)
# What together is silent where every one of them is: the journal is long, and read twice rather than ten times.
_ANY_OTHER: Final = " OR ".join(f"({one.condition})" for one in _CONDITIONS if one.condition != _IS_CHANGED)
ROW_SCREENS: Final = (
    f"SELECT 1 {_ROWS} ({_ANY_OTHER}) LIMIT 1",
    f"SELECT 1 FROM journal AS now WHERE now.seq > :since AND {_IS_CHANGED} LIMIT 1",  # noqa: S608 - words of ours
)

_DIFFERS: Final = " OR ".join(f"item.{name} IS DISTINCT FROM journal.{name}" for name in _IMAGE)
# Of each item that has a row since then.
ITEM_CHECKS: Final = (
    SqlCheck(
        check="V5",
        invariant="N5",
        sql=f"""SELECT newest.item, 'it is not what its newest journal row says' FROM (
              SELECT item, max(n) AS n FROM journal WHERE seq > :since GROUP BY item) AS newest
            JOIN journal ON journal.item = newest.item AND journal.n = newest.n
            LEFT JOIN item ON item.id = newest.item
            WHERE item.id IS NULL OR item.version <> journal.n OR item.head <> journal.hash
              OR item.state <> journal.target OR {_DIFFERS}
              OR item.details IS DISTINCT FROM (SELECT details FROM journal AS said WHERE said.item = item.id
                AND said.details IS NOT NULL ORDER BY said.n DESC LIMIT 1)""",  # noqa: S608
        action=_REBUILD,
    ),
)

CHECKS: Final = (
    SqlCheck(
        check="V5",
        invariant="N5",
        sql="SELECT id, 'it is among the items and not in the journal' FROM item "
        "WHERE NOT EXISTS (SELECT 1 FROM journal WHERE journal.item = item.id)",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V7",
        invariant="N7",
        sql="""SELECT item.id, 'it gave way to ' || item.successor || ', which is not another item of its kind'
            FROM item LEFT JOIN item AS heir ON heir.id = item.successor
            WHERE item.state = 'superseded' AND (heir.id IS NULL OR heir.id = item.id OR heir.kind <> item.kind)""",
        action="reopen the item",
    ),
    SqlCheck(
        check="V8",
        invariant="N3",
        sql="""SELECT NULL, 'input ' || inbox.id || ' has no outcome' FROM inbox
            WHERE NOT EXISTS (SELECT 1 FROM outcome WHERE input = inbox.id)""",
        action="receive the input again from its stored bytes",
    ),
    SqlCheck(
        check="V8",
        invariant="N1",
        sql="""SELECT NULL, 'input ' || inbox.id || ' has no stored bytes' FROM inbox
            WHERE NOT EXISTS (SELECT 1 FROM raw WHERE input = inbox.id)""",
        action="ask the sender to send it again",
    ),
    SqlCheck(
        check="V8",
        invariant="N1",
        sql="""SELECT NULL, 'the bytes of input ' || input || ' are not those received' FROM raw
            JOIN inbox ON id = input WHERE bytes IS NOT NULL AND encode(sha256(bytes), 'hex') <> raw_sha256""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V8",
        invariant="N3",
        sql="""SELECT outcome.item, 'input ' || input || ' points to a thing that is not there' FROM outcome
            WHERE (item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM item WHERE id = outcome.item))
              OR NOT EXISTS (SELECT 1 FROM inbox WHERE id = input) OR (outcome = 'quarantined' AND item IS NULL)
              OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(CAST(procedures AS jsonb)) AS named
                WHERE NOT EXISTS (SELECT 1 FROM procedure WHERE id = CAST(named AS bigint)))""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V9",
        invariant="N12",
        sql="""SELECT item.id, 'it waits on `' || item.worklist || '`, which nobody may read' FROM item
            LEFT JOIN worklist ON code = item.worklist
            WHERE item.open = 1 AND coalesce(status, 'retired') = 'retired'""",
        action="pass the item to an active worklist",
    ),
    SqlCheck(
        check="V9",
        invariant="N12",
        sql="""SELECT NULL, 'there is no active exceptions worklist'
            WHERE EXISTS (SELECT 1 FROM worklist)
              AND NOT EXISTS (SELECT 1 FROM worklist WHERE kind = 'exceptions' AND status = 'active')""",
        action="activate a rulebook that names one",
    ),
    SqlCheck(
        check="V9",
        invariant="N12",
        sql="""WITH RECURSIVE chain (code, at, steps) AS (
              SELECT CAST(code AS text), CAST(code AS text), 0 FROM worklist
              WHERE status <> 'retired' AND kind <> 'exceptions'
              UNION ALL SELECT chain.code, CAST(worklist.fallback AS text), steps + 1 FROM chain
              JOIN worklist ON worklist.code = at WHERE steps < 100 AND worklist.fallback IS NOT NULL)
            SELECT NULL, 'the fallbacks of `' || code || '` do not end on the exceptions worklist' FROM chain
            GROUP BY code HAVING NOT bool_or(at IN (SELECT code FROM worklist WHERE kind = 'exceptions'))
              AND max(steps) > 0""",
        action="set the fallback of the worklist",
    ),
    SqlCheck(
        check="V13",
        invariant="N16",
        sql="""SELECT NULL, 'items accepted: ' || accepted || '; items there are: ' || there FROM (SELECT
              (SELECT count(*) FROM journal WHERE n = 1) AS accepted, (SELECT count(*) FROM item) AS there) AS counted
            WHERE accepted <> there""",
        action=_REBUILD,
    ),
    SqlCheck(
        check="V13",
        invariant="N16",
        sql="""SELECT NULL, 'the count of `' || worklist || '` ' || state || ' is off by ' || sum(count) FROM (
              SELECT worklist, state, count FROM tally UNION ALL
              SELECT worklist, state, -count(*) FROM item GROUP BY worklist, state) AS counted
            GROUP BY worklist, state HAVING sum(count) <> 0""",
        action="add up the counts anew, as the owner: `routing migrate`",
    ),
    SqlCheck(
        check="V5",
        invariant="N4",
        sql="""SELECT id, 'its procedure has no name left' FROM item WHERE open = 1 AND procedure IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.procedure = item.procedure)""",
        action="receive the procedure's inputs again from their stored bytes",
    ),
)
