"""Attacks on a store by somebody at an SQL prompt, each aimed at one guard.

`guard` is the trigger that refuses the attack, with the number of the refusal inside it where it has several; with
exactly that guard taken away the attack succeeds, which a test shows. `also` names guards that cover it a second time.
"""

from typing import Any, Final

from attrs import frozen

from routing.store import rows
from routing.store.records import Item
from routing.store.sqlite import SqliteStore
from tests.store.building import HOUR, NOW, OTHER_BOOK, forged

Statement = tuple[str, list[Any]]


@frozen
class World:
    """The store under attack, and its items by name."""

    store: SqliteStore
    items: dict[str, Item]
    evidence: dict[str, int]


@frozen
class Attack:
    guard: str
    sql: Any  # a statement, or a function of the world that makes one
    also: tuple[str, ...] = ()

    def statement(self, world: World) -> Statement:
        return (self.sql, []) if isinstance(self.sql, str) else self.sql(world)


def forging(name: str, prefix: str = "INSERT", **said: Any) -> Any:
    """Return a maker of a well-formed journal row about an item of the world, with one thing wrong in it."""

    def make(world: World) -> Statement:
        row = {key: value(world) if callable(value) else value for key, value in said.items()}
        sql, values = forged(world.store, world.items[name], **row)
        return sql.replace("INSERT", prefix, 1), values

    return make


def beginning(prefix: str = "INSERT", **said: Any) -> Any:
    """Return a maker of the first journal row of a new item, with one thing wrong in it."""

    def make(world: World) -> Statement:
        first = {
            "item": world.store._one("SELECT max(id) + 1 FROM item")[0],
            "n": 1,
            "event": "accept",
            "source": None,
            "target": "waiting",
            "prev": rows.GENESIS,
            "token": 0,
            "details": "{}",
        }
        sql, values = forged(world.store, world.items["waiting"], **first | said)
        return sql.replace("INSERT", prefix, 1), values

    return make


def _evidence(name: str) -> Any:
    return lambda world: world.evidence[name]


def _item(name: str) -> Any:
    return lambda world: world.items[name].id


LATER: Final = rows.to_number(NOW + 99 * HOUR)
CLAIM: Final = {"holder": "mallory", "lease_until": LATER}

ATTACKS: Final[dict[str, Attack]] = {
    # editing and deleting what is written
    "edit the journal": Attack("journal_never_changes", "UPDATE journal SET actor = 'nobody'"),
    "renumber the journal": Attack("journal_never_changes", "UPDATE OR REPLACE journal SET seq = 1 WHERE seq = 2"),
    "empty the journal": Attack("journal_never_shrinks", "DELETE FROM journal"),
    "cut the tail of the journal": Attack(
        "journal_never_shrinks", "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)"
    ),
    "replace a journal row": Attack("journal_is_lawful/0", forging("waiting", "INSERT OR REPLACE", seq=3)),
    "delete an item": Attack("item_never_vanishes", "DELETE FROM item WHERE state = 'waiting'"),
    "edit evidence": Attack("evidence_never_changes", "UPDATE evidence SET status = 'final' WHERE kind = 'report'"),
    "delete evidence": Attack("evidence_never_vanishes", "DELETE FROM evidence"),
    "replace evidence": Attack(
        "evidence_is_new",
        "INSERT OR REPLACE INTO evidence SELECT id, kind, procedure, 'final', item, input, digest, body, at "
        "FROM evidence WHERE kind = 'report' LIMIT 1",
    ),
    "number evidence far ahead": Attack(
        "evidence_is_new", "INSERT INTO evidence VALUES (900, 'closure', 1, NULL, NULL, NULL, '', '{}', 0)"
    ),
    "evidence about nothing": Attack(
        "evidence_is_new",
        "INSERT INTO evidence SELECT max(id) + 1, 'closure', 9999, NULL, NULL, NULL, '', '{}', 0 FROM evidence",
    ),
    "edit the inbox": Attack("inbox_never_changes", "UPDATE inbox SET digest = 'another'"),
    "empty the inbox": Attack("inbox_never_vanishes", "DELETE FROM inbox"),
    "replace an input": Attack(
        "inbox_is_new",
        "INSERT OR REPLACE INTO inbox SELECT id, 'other', message_id, digest, kind, received_at, raw_sha256, id, id "
        "FROM inbox LIMIT 1",
    ),
    "replace an input by its identity": Attack(
        "inbox_is_new",
        "INSERT OR REPLACE INTO inbox SELECT (SELECT max(id) + 1 FROM inbox), source, message_id, digest, 'x', "
        "received_at, raw_sha256, (SELECT max(id) + 1 FROM inbox), (SELECT max(id) + 1 FROM inbox) FROM inbox LIMIT 1",
    ),
    "edit stored bytes": Attack("raw_only_redacted", "UPDATE raw SET bytes = x'00'"),
    "empty stored bytes": Attack("raw_only_redacted", "UPDATE raw SET bytes = NULL, redacted = 1"),
    "delete stored bytes": Attack("raw_never_vanishes", "DELETE FROM raw"),
    "replace stored bytes": Attack("raw_is_new", "INSERT OR REPLACE INTO raw VALUES (1, x'00', NULL)"),
    "edit an outcome": Attack("outcome_never_changes", "UPDATE outcome SET outcome = 'duplicate_ignored'"),
    "delete an outcome": Attack("outcome_never_vanishes", "DELETE FROM outcome"),
    "replace an outcome": Attack(
        "outcome_is_new",
        "INSERT OR REPLACE INTO outcome SELECT input, 'duplicate_ignored', '[]', '[]', NULL, '', '{}', 0 FROM outcome",
    ),
    # items by any way but the journal
    "set an item's state": Attack(
        "item_only_by_the_journal",
        "UPDATE item SET state = 'closed', open = 0, readable = 0 WHERE state = 'waiting'",
        also=("tally_only_by_the_journal",),
    ),
    "move an item": Attack(
        "item_only_by_the_journal",
        "UPDATE item SET worklist = 'chest' WHERE state = 'waiting'",
        also=("tally_only_by_the_journal",),
    ),
    "lower an item": Attack("item_only_by_the_journal", "UPDATE item SET rank = 9, priority = 'low'"),
    "put off an item": Attack("item_only_by_the_journal", "UPDATE item SET due_at = NULL"),
    "take over a claim": Attack("item_only_by_the_journal", "UPDATE item SET holder = 'me' WHERE state = 'claimed'"),
    "a move that says it is the next": Attack(
        "item_only_by_the_journal", "UPDATE item SET version = version + 1, due_at = NULL WHERE state = 'waiting'"
    ),
    "a move that changes nothing": Attack("item_only_by_the_journal", "UPDATE item SET state = state"),
    "renumber an item over another": Attack(
        "item_only_by_the_journal", "UPDATE OR REPLACE item SET id = 1 WHERE id = 2"
    ),
    "insert an item": Attack(
        "item_only_from_the_journal",
        "INSERT INTO item SELECT (SELECT max(id) + 1 FROM item), procedure, kind, state, open, readable, worklist, "
        "priority, rank, due_at, preliminary_due_at, wake_at, holder, token, lease_until, draft, successor, opened_at, "
        "rulebook, version, head, details FROM item LIMIT 1",
    ),
    "replace an item": Attack(
        "item_only_from_the_journal",
        "INSERT OR REPLACE INTO item SELECT id, procedure, kind, state, open, readable, worklist, 'low', 9, due_at, "
        "preliminary_due_at, wake_at, holder, token, lease_until, draft, successor, opened_at, rulebook, "
        "version, head, details FROM item WHERE state = 'waiting'",
    ),
    # journal rows with one thing wrong
    "begin with a token": Attack("journal_begins/0", beginning(token=1)),
    "begin as claimed": Attack("journal_begins/1", beginning(target="claimed", **CLAIM)),
    "begin at another number": Attack("journal_begins/0", beginning(item=900)),
    "follow another row": Attack("journal_follows/0", forging("waiting", prev="0" * 64)),
    "skip a version": Attack("journal_follows/0", forging("waiting", n=9), also=("item_only_by_the_journal",)),
    "start from another state": Attack(
        "journal_follows/0", forging("expected", event="route", source="waiting", target="waiting")
    ),
    "become another kind": Attack("journal_follows/2", forging("waiting", kind="audit")),
    "become another procedure": Attack(
        "journal_follows/2",
        forging("waiting", procedure=1, known=lambda world: world.store._one("SELECT digest FROM procedure")[0]),
    ),
    "restart the clock": Attack("journal_follows/2", forging("waiting", opened_at=LATER)),
    "claim without a new token": Attack(
        "journal_follows/3", forging("waiting", event="claim", target="claimed", **CLAIM)
    ),
    "write with an old token": Attack("journal_follows/3", forging("claimed", event="renew", token=0)),
    "renew somebody else's claim": Attack("journal_follows/4", forging("claimed", event="renew", **CLAIM)),
    "seize before the lease is over": Attack("journal_follows/5", forging("claimed", event="seize", token=2, **CLAIM)),
    "lapse before the lease is over": Attack(
        "journal_follows/5",
        forging("claimed", event="lapse", target="waiting", holder=None, lease_until=None),
    ),
    "a later due": Attack("journal_follows/6", forging("waiting", event="route", due_at=LATER)),
    "no due any more": Attack("journal_follows/6", forging("waiting", event="pass", due_at=None)),
    "no preliminary due any more": Attack(
        "journal_follows/6", forging("waiting", event="route", preliminary_due_at=None)
    ),
    "a lower priority": Attack("journal_follows/7", forging("waiting", event="route", rank=9)),
    "a note that moves": Attack("journal_follows/8", forging("waiting", worklist="chest")),
    "another list under a reader's hands": Attack(
        "journal_follows/8", forging("claimed", event="route", worklist="chest")
    ),
    "another rulebook than the active one": Attack(
        "journal_follows/9", forging("waiting", event="adopt", rulebook=OTHER_BOOK)
    ),
    "a draft from nowhere": Attack("journal_follows/10", forging("claimed", draft=1)),
    "another successor": Attack("journal_follows/11", forging("superseded", successor=_item("waiting"))),
    "the same report twice": Attack(
        "journal_has_evidence/3",
        forging("reopened", event="final_report", target="reported", evidence=_evidence("final of reopened")),
    ),
    "a gap in the journal": Attack("journal_is_lawful/0", forging("waiting", seq=9999)),
    "a move outside the table": Attack("journal_follows/1", forging("expected", target="waiting")),
    "an event that is not in the table": Attack("journal_follows/1", forging("waiting", event="forget")),
    "nobody's act": Attack("journal_is_lawful/1", forging("waiting", actor=" ")),
    "a pass without a reason": Attack("journal_follows/12", forging("waiting", event="pass", reason="  ")),
    "a list that is not there": Attack("journal_is_lawful/2", forging("waiting", event="route", worklist="nowhere")),
    "a rulebook that is not kept": Attack("journal_begins/2", beginning(rulebook="none")),
    "an unknown engine": Attack("journal_is_lawful/3", forging("waiting", engine="")),
    "rest on nothing": Attack("journal_is_lawful/4", forging("waiting", known="0" * 64)),
    "an unchained row": Attack("journal_is_lawful/5", forging("waiting", hash="none")),
    "run backwards in time": Attack("journal_is_lawful/6", forging("waiting", at=0)),
    "report with another procedure's report": Attack(
        "journal_has_evidence/0",
        forging("waiting", event="final_report", target="reported", evidence=_evidence("final of reported")),
    ),
    "report without a report": Attack(
        "journal_has_evidence/0",
        forging("waiting", event="final_report", target="reported"),
        also=("journal_has_evidence/1",),
    ),
    "close without a closure": Attack(
        "journal_has_evidence/0",
        forging("waiting", event="close", target="closed"),
        also=("journal_has_evidence/1",),
    ),
    "report with a preliminary report": Attack(
        "journal_has_evidence/1",
        forging("waiting", event="final_report", target="reported", evidence=_evidence("preliminary of waiting")),
    ),
    "close with a report": Attack(
        "journal_has_evidence/1",
        forging("waiting", event="close", target="closed", evidence=_evidence("preliminary of waiting")),
    ),
    "give way to a reported item": Attack(
        "journal_has_evidence/2",
        forging(
            "waiting",
            event="supersede",
            target="superseded",
            successor=_item("reported"),
            evidence=_evidence("successor of waiting"),
        ),
    ),
    "a row that is ignored by the item": Attack(
        "journal_moves_the_item/0", forging("waiting", "INSERT OR IGNORE", holder="mallory")
    ),
    "a route that is ignored by the item": Attack(
        "journal_moves_the_item/0",
        forging("waiting", "INSERT OR IGNORE", event="route", worklist="chest", holder="mallory"),
    ),
    "a beginning that is ignored by the item": Attack(
        "journal_begins_the_item/0", beginning(prefix="INSERT OR IGNORE", holder="mallory")
    ),
    # the counts
    "lower a count": Attack("tally_only_by_the_journal", "UPDATE tally SET count = 0"),
    "a count that says it is the next": Attack(
        "tally_only_by_the_journal", "UPDATE tally SET count = count - 1, seq = seq + 1 WHERE count > 0"
    ),
    "invent a count": Attack("tally_begins_at_nothing", "INSERT INTO tally VALUES ('nowhere', 'waiting', 5, 0)"),
    "replace a count": Attack(
        "tally_begins_at_nothing", "INSERT OR REPLACE INTO tally SELECT worklist, state, 0, 0 FROM tally"
    ),
    "forget the counts": Attack("tally_never_vanishes", "DELETE FROM tally"),
    # what the items rest on
    "allow one more move": Attack(
        "legal_is_frozen", "INSERT INTO legal VALUES ('forget', 'waiting', 'closed', 0, 0, 0, 0, 0, 0)"
    ),
    "ask for no evidence": Attack("legal_never_changes", "UPDATE legal SET needs_evidence = 0"),
    "forget the table": Attack("legal_never_vanishes", "DELETE FROM legal"),
    "delete a list": Attack("worklist_never_vanishes", "DELETE FROM worklist WHERE code = 'neuro'"),
    "replace a list": Attack(
        "worklist_is_new/0",
        "INSERT OR REPLACE INTO worklist VALUES ('neuro', 'retired', 'list', NULL)",
        also=("tally_of_a_new_worklist",),
    ),
    "a list that falls back on nothing": Attack(
        "worklist_is_new/1", "INSERT INTO worklist VALUES ('dental', 'active', 'list', 'nowhere')"
    ),
    "rename a list": Attack("worklist_never_strands/0", "UPDATE worklist SET code = 'brain' WHERE code = 'neuro'"),
    "retire a list with work": Attack(
        "worklist_never_strands/1", "UPDATE worklist SET status = 'retired' WHERE code = 'neuro'"
    ),
    "retire the exceptions list": Attack(
        "worklist_never_strands/2", "UPDATE worklist SET status = 'retired' WHERE code = 'exceptions'"
    ),
    "make the exceptions list ordinary": Attack(
        "worklist_never_strands/2", "UPDATE worklist SET kind = 'list' WHERE code = 'exceptions'"
    ),
    "lists that fall back on each other": Attack(
        "worklist_never_strands/3", "UPDATE worklist SET fallback = 'neuro' WHERE code = 'neuro'"
    ),
    "edit a rulebook": Attack("rulebook_never_changes", "UPDATE rulebook SET text = ''"),
    "delete a rulebook": Attack("rulebook_never_vanishes", "DELETE FROM rulebook"),
    "replace a rulebook": Attack(
        "rulebook_is_new", "INSERT OR REPLACE INTO rulebook SELECT fingerprint, name, '', '{}', 0 FROM rulebook"
    ),
    "edit an activation": Attack("activation_never_changes", "UPDATE activation SET fingerprint = 'other'"),
    "delete an activation": Attack("activation_never_vanishes", "DELETE FROM activation"),
    "activate what is not kept": Attack(
        "activation_is_new", "INSERT INTO activation SELECT max(seq) + 1, 'none', 'x', '', 0 FROM activation"
    ),
    "edit what is known": Attack("procedure_only_learns", "UPDATE procedure SET knowledge = '{}'"),
    "delete a procedure": Attack("procedure_never_vanishes", "DELETE FROM procedure"),
    "replace a procedure": Attack(
        "procedure_is_new", "INSERT OR REPLACE INTO procedure SELECT id, 1, digest, '{}' FROM procedure"
    ),
    "rename a procedure": Attack("alias_never_changes", "UPDATE alias SET value = 'A-0'"),
    "a name for nothing": Attack("alias_is_new", "INSERT INTO alias VALUES ('accession', 'A-0', '', 9999)"),
    "take the names away": Attack("alias_never_the_last", "DELETE FROM alias"),
    "edit a patient": Attack("patient_only_learns", "UPDATE patient SET knowledge = '{}'"),
    "call a patient otherwise": Attack(
        "patient_only_learns",
        "UPDATE patient SET number = 'P-2', revision = revision + 1, knowledge = '{}', digest = raw_sha256 FROM inbox",
    ),
    "call a patient redacted without a redaction": Attack(
        "patient_only_learns",
        "UPDATE patient SET number = 'redacted 1', revision = revision + 1, knowledge = '{}', digest = raw_sha256 "
        "FROM inbox",
    ),
    "delete a patient": Attack("patient_never_vanishes", "DELETE FROM patient"),
    "replace a patient": Attack(
        "patient_is_new", "INSERT OR REPLACE INTO patient SELECT number, issuer, 1, digest, '{}' FROM patient"
    ),
    # the rest of the books
    "edit a seal": Attack("seal_never_changes", "UPDATE seal SET root = prev"),
    "delete a seal": Attack("seal_never_vanishes", "DELETE FROM seal"),
    "replace a seal": Attack(
        "seal_is_new", "INSERT OR REPLACE INTO seal SELECT k, at, 0, 0, 0, root, prev, hash FROM seal"
    ),
    "edit a notice": Attack("outbox_only_done", "UPDATE outbox SET payload = '{}'"),
    "delete a notice": Attack("outbox_never_vanishes", "DELETE FROM outbox"),
    "a notice that is done at once": Attack(
        "outbox_is_new", "INSERT INTO outbox SELECT max(id) + 1, NULL, 'x', '{}', 0, 0 FROM outbox"
    ),
    "edit a grant": Attack("grants_never_change", "UPDATE grants SET given = 1"),
    "delete a grant": Attack("grants_never_vanish", "DELETE FROM grants"),
    "replace a grant": Attack(
        "grants_are_new", "INSERT OR REPLACE INTO grants SELECT seq, 'mallory', act, scope, 1, by, '', 0 FROM grants"
    ),
    "rename a reader": Attack("reader_only_revised", "UPDATE reader SET name = 'mallory'"),
    "delete a reader": Attack("reader_never_vanishes", "DELETE FROM reader"),
    "replace a reader": Attack("reader_is_new", "INSERT OR REPLACE INTO reader SELECT name, '[]', '{}', 1 FROM reader"),
    "rename a remark": Attack("meta_only_remarks", "UPDATE meta SET name = 'schema'"),
    "delete a remark": Attack("meta_never_vanishes", "DELETE FROM meta"),
    "invent a fact about the store": Attack("meta_is_new", "INSERT INTO meta VALUES ('schema', '99')"),
    "edit the settings": Attack("settings_never_change", "UPDATE settings SET text = '{}'"),
    "delete the settings": Attack("settings_never_vanish", "DELETE FROM settings"),
    "replace the settings": Attack("settings_are_new", "INSERT OR REPLACE INTO settings VALUES (1, '{}')"),
    "edit a migration": Attack("migration_never_changes", "UPDATE migration SET sha256 = ''"),
    "delete a migration": Attack("migration_never_vanishes", "DELETE FROM migration"),
    "replace a migration": Attack("migration_is_new", "INSERT OR REPLACE INTO migration VALUES (1, '', '')"),
    "edit a step of the clock": Attack("clock_step_never_changes", "UPDATE clock_step SET at = 0"),
    "delete a step of the clock": Attack("clock_step_never_vanishes", "DELETE FROM clock_step"),
    "replace a step of the clock": Attack("clock_step_is_new", "INSERT OR REPLACE INTO clock_step VALUES (1, 0, 0)"),
    # text that ends before its end, for whoever measures or prints it
    "a migration with a NUL": Attack(
        "migration_holds_no_nul", "INSERT INTO migration SELECT max(number) + 1, char(0), '' FROM migration"
    ),
    "a remark with a NUL": Attack("meta_holds_no_nul", "INSERT INTO meta VALUES ('remark.x', char(0))"),
    "put a NUL into a remark": Attack(
        "meta_keeps_no_nul", "UPDATE meta SET value = char(0) WHERE name = 'remark.ticked_at'"
    ),
    "settings with a NUL": Attack(
        "settings_holds_no_nul", "INSERT INTO settings SELECT max(seq) + 1, char(0) FROM settings"
    ),
    "a list with a NUL": Attack(
        "worklist_holds_no_nul",
        "INSERT INTO worklist VALUES ('x' || char(0), 'active', 'list', NULL)",
        also=("tally_holds_no_nul",),
    ),
    "a rulebook with a NUL": Attack("rulebook_holds_no_nul", "INSERT INTO rulebook VALUES ('x', '', char(0), '{}', 0)"),
    "an activation with a NUL": Attack(
        "activation_holds_no_nul",
        "INSERT INTO activation SELECT max(seq) + 1, fingerprint, 'x' || char(0), '', 0 FROM activation",
    ),
    "knowledge with a NUL": Attack(
        "procedure_holds_no_nul", "INSERT INTO procedure SELECT max(id) + 1, 1, digest, char(0) FROM procedure"
    ),
    "put a NUL into knowledge": Attack(
        "procedure_keeps_no_nul",
        "UPDATE procedure SET knowledge = char(0), digest = prev, revision = revision + 1 FROM seal WHERE id = 1",
    ),
    "a name with a NUL": Attack("alias_holds_no_nul", "INSERT INTO alias VALUES ('accession', 'x' || char(0), '', 1)"),
    "a patient with a NUL": Attack(
        "patient_holds_no_nul", "INSERT INTO patient SELECT char(0), issuer, 1, digest, '{}' FROM patient"
    ),
    "put a NUL into a patient": Attack(
        "patient_keeps_no_nul",
        "UPDATE patient SET knowledge = char(0), digest = prev, revision = revision + 1 FROM seal",
    ),
    "an input with a NUL": Attack(
        "inbox_holds_no_nul",
        "INSERT INTO inbox SELECT max(id) + 1, char(0), '', 'd', 'hl7', 0, raw_sha256, max(id) + 1, max(id) + 1 "
        "FROM inbox",
    ),
    "an outcome with a NUL": Attack(
        "outcome_holds_no_nul",
        "INSERT OR REPLACE INTO outcome SELECT input, outcome, procedures, warnings, item, char(0), body, at "
        "FROM outcome",
        also=("outcome_is_new",),
    ),
    "evidence with a NUL": Attack(
        "evidence_holds_no_nul",
        "INSERT INTO evidence SELECT max(id) + 1, 'closure', 1, NULL, NULL, NULL, '', char(0), 0 FROM evidence",
    ),
    "a journal row with a NUL": Attack("journal_holds_no_nul", forging("waiting", reason="because\0of nothing")),
    "a count with a NUL": Attack("tally_holds_no_nul", "INSERT INTO tally VALUES (char(0), 'waiting', 0, 0)"),
    "a seal with a NUL": Attack(
        "seal_holds_no_nul",
        "INSERT INTO seal SELECT k + 1, at, items, events, last_seq, root || char(0), hash, root FROM seal",
    ),
    "a notice with a NUL": Attack(
        "outbox_holds_no_nul", "INSERT INTO outbox SELECT max(id) + 1, NULL, 'x', char(0), 0, NULL FROM outbox"
    ),
    "a grant with a NUL": Attack(
        "grants_holds_no_nul", "INSERT INTO grants SELECT max(seq) + 1, 'x', 'y', char(0), 1, 'z', '', 0 FROM grants"
    ),
    "a reader with a NUL": Attack("reader_holds_no_nul", "INSERT INTO reader VALUES ('x', char(0), '{}', 1)"),
    "put a NUL into a reader": Attack(
        "reader_keeps_no_nul", "UPDATE reader SET skills = char(0), revision = revision + 1"
    ),
}
