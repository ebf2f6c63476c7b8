"""The checks of `verify` that one SQL statement makes: each row it returns is an item (or NULL) and what is wrong.

None of them trusts the guards or the settings: they hold for a file that anybody may have written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

_IMAGE: Final = (  # what an item is, under its journal's newest row
    "kind",
    "procedure",
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
    "rulebook",
    "opened_at",
)
DIFFERS: Final = " OR ".join(f"item.{name} IS NOT journal.{name}" for name in _IMAGE)
_DISCHARGED: Final = "('reported', 'closed', 'superseded')"
_NEEDS: Final = "('preliminary', 'final_report', 'amend', 'withdraw', 'close', 'supersede')"


@frozen(kw_only=True)
class SqlCheck:
    """One check: its number in the hazard table, the invariant it proves, the statement, and what to do about a row.

    *screened* says that the screens speak for it, and it is only asked where they have a doubt.
    """

    check: str
    invariant: str
    sql: str
    action: str
    screened: bool = False


_RESTORE: Final = "stop writing, keep a copy of the files, and compare with the newest backup and seal"
_REBUILD: Final = "rebuild the items from the journal: `verify --repair`"
_ASK: Final = "ask who wrote this row, and look at the item by hand"


@frozen(kw_only=True)
class RowCheck:
    """One condition that no row of the journal may meet, and the words for a row that does.

    *unless* is what keeps a row from meeting it for as long as the transition table is ours: for the screens.
    """

    check: str
    invariant: str
    condition: str
    words: str
    action: str = _ASK
    unless: str = ""


_LAST: Final = "9223372036854775807"
# The texts of a row that no other check compares to the last character.
FREE_TEXTS: Final = (
    *("kind", "known", "worklist", "priority", "holder", "rulebook", "actor", "reason", "engine", "details", "body"),
)


def holds_nul(columns: Sequence[str]) -> str:
    """Return the condition that any of those columns of a row goes on behind a NUL."""
    return f"({' OR '.join(f'instr(now.{name}, char(0)) > 0' for name in columns)})"


ROW_CHECKS: Final = (
    RowCheck(
        check="V6",
        invariant="N6",
        condition="""(before.n IS NOT NULL AND (now.source IS NOT before.target OR now.kind <> before.kind
          OR now.procedure IS NOT before.procedure OR now.opened_at <> before.opened_at))""",
        words="row {n} does not begin where the row before ended",
    ),
    RowCheck(
        check="V6",
        invariant="I7",
        condition=f"""((before.n IS NOT NULL AND now.event <> 'override'
                  AND (ifnull(now.due_at, {_LAST}) > ifnull(before.due_at, {_LAST})
                    OR ifnull(now.preliminary_due_at, {_LAST}) > ifnull(before.preliminary_due_at, {_LAST})))
                  OR (now.event NOT IN ('override', 'adopt') AND now.rank > before.rank))""",
        words="row {n} makes it later or less urgent",
    ),
    RowCheck(
        check="V11",
        invariant="N10",
        condition="""(now.token <> before.token + (now.event IN ('claim', 'seize'))
                  OR (now.source = 'claimed' AND now.target = 'claimed' AND now.event <> 'seize'
                    AND now.holder IS NOT before.holder))""",
        words="row {n} does not carry the token or the holder that the row before left",
    ),
    RowCheck(
        check="V6",
        invariant="N6",
        condition="legal.event IS NULL",
        words="row {n} is a move that the transition table does not allow",
    ),
    RowCheck(
        check="V7",
        invariant="N7",
        condition="""((now.actor < '!' AND trim(now.actor) = '')
          OR (legal.needs_reason = 1 AND trim(ifnull(now.reason, '')) = ''))""",
        words="row {n} does not say who or why",
    ),
    RowCheck(
        check="V7",
        invariant="N7",
        condition=f"""((now.event IN {_NEEDS}
                    OR (now.target IN {_DISCHARGED} AND ifnull(now.source, '') NOT IN {_DISCHARGED}))
                  AND ifnull(CASE now.event
                    WHEN 'preliminary' THEN evidence.kind = 'report' AND evidence.status = 'preliminary'
                    WHEN 'final_report' THEN evidence.kind = 'report' AND evidence.status IN ('final', 'corrected')
                    WHEN 'amend' THEN evidence.kind = 'report'
                      AND evidence.status IN ('final', 'corrected', 'addendum')
                    WHEN 'withdraw' THEN evidence.kind = 'message'
                      OR (evidence.kind = 'report' AND evidence.status IN ('withdrawn', 'cancelled'))
                    WHEN 'close' THEN evidence.kind IN ('closure', 'message')
                    WHEN 'supersede' THEN evidence.kind = 'successor' AND evidence.item = now.successor END, 0) = 0)""",
        words="row {n} has no evidence that fits",
        unless="legal.needs_evidence = 0",
        action="reopen the item unless the report or the closure is found elsewhere",
    ),
    RowCheck(
        check="V4",
        invariant="N14",
        condition=holds_nul(FREE_TEXTS),
        words="row {n} has a text that goes on behind a NUL, where its hash does not reach",
        action=_RESTORE,
    ),
    RowCheck(
        check="V15",
        invariant="N14",
        condition="now.at < earlier.at",
        words="row {n} is before the row that was written before it, in time",
    ),
)

_MET: Final = [f"ifnull({one.condition}, 0)" for one in ROW_CHECKS]
# Item, n, and one truth for each of the checks, for the rows that meet any: the journal is long, so it is read once.
ROWS_SQL: Final = f"""SELECT now.item, now.n, {", ".join(_MET)} FROM journal AS now
    LEFT JOIN journal AS before ON before.item = now.item AND before.n = now.n - 1
    LEFT JOIN journal AS earlier ON earlier.seq = now.seq - 1
    LEFT JOIN legal ON legal.event = now.event AND legal.source = ifnull(now.source, '') AND legal.target = now.target
    LEFT JOIN evidence ON evidence.id = now.evidence AND evidence.procedure IS now.procedure
    WHERE now.seq BETWEEN :low AND :high AND ({" OR ".join(_MET)})"""  # noqa: S608 - words of ours

CHECKS: Final = (
    SqlCheck(
        check="V4",
        invariant="N13",
        sql="""SELECT item, 'rows 1 to ' || max(n) || ' should be there and ' || count(*) || ' are' FROM journal
            GROUP BY item HAVING count(*) <> max(n) OR min(n) <> 1""",
        action=_RESTORE,
        screened=True,
    ),
    SqlCheck(
        check="V4",
        invariant="N4",
        sql="""SELECT NULL, 'the journal should have ' || max(seq) || ' rows and has ' || count(*) FROM journal
            HAVING count(*) <> ifnull(max(seq), 0)""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V4",
        invariant="N14",
        sql="""SELECT item.id, 'its head is not the hash of its newest row' FROM item
            LEFT JOIN journal ON journal.item = item.id AND journal.n = item.version
            WHERE journal.hash IS NOT item.head""",
        action=_REBUILD,
        screened=True,
    ),
    SqlCheck(
        check="V5",
        invariant="N5",
        sql=f"""SELECT item.id, 'it is not what its newest journal row says' FROM item
            JOIN journal ON journal.item = item.id AND journal.n = item.version
            WHERE item.state <> journal.target OR {DIFFERS}
              OR item.open <> (item.state NOT IN {_DISCHARGED})
              OR item.readable <> (item.state IN ('waiting', 'claimed', 'preliminary'))""",  # noqa: S608
        action=_REBUILD,
        screened=True,
    ),
    SqlCheck(
        check="V5",
        invariant="N4",
        sql="SELECT item, 'it is in the journal and not among the items' FROM journal "
        "WHERE n = 1 AND item NOT IN (SELECT id FROM item)",
        action=_REBUILD,
        screened=True,
    ),
    SqlCheck(
        check="V5",
        invariant="N5",
        sql="SELECT id, 'it is among the items and not in the journal' FROM item "
        "WHERE id NOT IN (SELECT item FROM journal)",
        action=_RESTORE,
        screened=True,
    ),
    SqlCheck(
        check="V5",
        invariant="N13",
        sql="SELECT NULL, 'item numbers run to ' || max(id) || ' and there are ' || count(*) FROM item "
        "HAVING count(*) <> ifnull(max(id), 0)",
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
        sql="""SELECT NULL, 'inputs run to ' || max(id) || ' and there are ' || count(*) FROM inbox
            HAVING count(*) <> ifnull(max(id), 0)""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V8",
        invariant="N3",
        sql="""SELECT outcome.item, 'input ' || input || ' points to a thing that is not there' FROM outcome
            WHERE (item IS NOT NULL AND item NOT IN (SELECT id FROM item))
              OR input NOT IN (SELECT id FROM inbox) OR (outcome = 'quarantined' AND item IS NULL)""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V9",
        invariant="N12",
        sql="""SELECT item.id, 'it waits on `' || item.worklist || '`, which nobody may read' FROM item
            LEFT JOIN worklist ON code = item.worklist
            WHERE item.open = 1 AND ifnull(status, 'retired') = 'retired'""",
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
              SELECT code, code, 0 FROM worklist WHERE status <> 'retired' AND kind <> 'exceptions'
              UNION ALL SELECT chain.code, worklist.fallback, steps + 1 FROM chain JOIN worklist ON worklist.code = at
              WHERE steps < 100 AND worklist.fallback IS NOT NULL)
            SELECT NULL, 'the fallbacks of `' || code || '` do not end on the exceptions worklist' FROM chain
            GROUP BY code HAVING sum(at IN (SELECT code FROM worklist WHERE kind = 'exceptions')) = 0
              AND max(steps) > 0""",
        action="set the fallback of the worklist",
    ),
    SqlCheck(
        check="V13",
        invariant="N16",
        sql="""SELECT NULL, 'items accepted: ' || accepted || '; items there are: ' || there FROM (SELECT
              (SELECT count(*) FROM journal WHERE n = 1) AS accepted, (SELECT count(*) FROM item WHERE state IN
              ('expected', 'held', 'waiting', 'claimed', 'preliminary', 'reported', 'closed', 'superseded')) AS there)
            WHERE accepted <> there""",
        action=_REBUILD,
        screened=True,
    ),
    SqlCheck(
        check="V13",
        invariant="N16",
        sql="""SELECT NULL, 'the count of `' || worklist || '` ' || state || ' is off by ' || sum(count) FROM (
              SELECT worklist, state, count FROM tally UNION ALL
              SELECT worklist, state, -count(*) FROM item GROUP BY worklist, state)
            GROUP BY worklist, state HAVING sum(count) <> 0""",
        action=_REBUILD,
    ),
)

# The same, of what came after the newest seal: quick enough for every start. Counts by the item are left to the whole.
RECENT_CHECKS: Final = (
    SqlCheck(
        check="V4",
        invariant="N4",
        sql="""SELECT NULL, 'after the seal the journal should have ' || (max(seq) - :since) || ' rows and has '
            || count(*) FROM journal WHERE seq > :since HAVING count(*) <> ifnull(max(seq), :since) - :since""",
        action=_RESTORE,
    ),
    SqlCheck(
        check="V5",
        invariant="N5",
        sql=f"""SELECT item.id, 'it is not what its newest journal row says' FROM item
            JOIN journal ON journal.item = item.id AND journal.n = item.version
            WHERE item.id IN (SELECT item FROM journal WHERE seq > :since)
              AND (item.state <> journal.target OR {DIFFERS} OR item.open <> (item.state NOT IN {_DISCHARGED})
                OR item.readable <> (item.state IN ('waiting', 'claimed', 'preliminary')))""",  # noqa: S608
        action=_REBUILD,
    ),
    SqlCheck(
        check="V5",
        invariant="N4",
        sql="""SELECT item, 'it is in the journal and not among the items' FROM journal
            WHERE seq > :since AND item NOT IN (SELECT id FROM item)""",
        action=_REBUILD,
    ),
    SqlCheck(
        check="V13",
        invariant="N16",
        sql="""SELECT NULL, 'items accepted: ' || accepted || '; items counted: ' || counted FROM (SELECT
              (SELECT ifnull(max(id), 0) FROM item) AS accepted, (SELECT ifnull(sum(count), 0) FROM tally) AS counted)
            WHERE accepted <> counted""",
        action=_REBUILD,
    ),
)
