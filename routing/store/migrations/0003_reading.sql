-- Overdue work of a list, what a reader is asked, and no text that ends before its end.

-- What is free to claim and past its due, list by list: a claim leaves this index alone.
CREATE INDEX item_overdue ON item (worklist, due_at, id) WHERE readable = 1 AND due_at IS NOT NULL;
-- What a pass, an opinion or a sign-off asks of one reader: `asked` in the details, up to its first quotation mark. The
-- functions for JSON are not for schemas before SQLite 3.41; the question compares the whole name.
CREATE INDEX item_asked ON item (substr(details, instr(details, '"asked":"') + 9,
    instr(substr(details, instr(details, '"asked":"') + 9), '"') - 1), id)
  WHERE open = 1 AND instr(details, '"asked":"') > 0;

-- A NUL ends a text for `length` and `printf`, by which rows are hashed, and not for the text itself: what came behind
-- it would be in no chain and in no digest. An item gets its texts from the journal.
CREATE TRIGGER migration_holds_no_nul BEFORE INSERT ON migration
WHEN instr(NEW.name || NEW.sha256, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER meta_holds_no_nul BEFORE INSERT ON meta
WHEN instr(NEW.name || NEW.value, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER meta_keeps_no_nul BEFORE UPDATE ON meta
WHEN instr(NEW.name || NEW.value, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER settings_holds_no_nul BEFORE INSERT ON settings
WHEN instr(NEW.text, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER worklist_holds_no_nul BEFORE INSERT ON worklist
WHEN instr(NEW.code || NEW.status || NEW.kind || ifnull(NEW.fallback, ''), char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER rulebook_holds_no_nul BEFORE INSERT ON rulebook
WHEN instr(NEW.fingerprint || NEW.name || NEW.text || NEW.tables, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER activation_holds_no_nul BEFORE INSERT ON activation
WHEN instr(NEW.fingerprint || NEW.actor || NEW.reason, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER procedure_holds_no_nul BEFORE INSERT ON procedure
WHEN instr(NEW.digest || NEW.knowledge, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER procedure_keeps_no_nul BEFORE UPDATE ON procedure
WHEN instr(NEW.digest || NEW.knowledge, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER alias_holds_no_nul BEFORE INSERT ON alias
WHEN instr(NEW.kind || NEW.value || NEW.issuer, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER patient_holds_no_nul BEFORE INSERT ON patient
WHEN instr(NEW.number || NEW.issuer || NEW.digest || NEW.knowledge, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER patient_keeps_no_nul BEFORE UPDATE ON patient
WHEN instr(NEW.number || NEW.issuer || NEW.digest || NEW.knowledge, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER inbox_holds_no_nul BEFORE INSERT ON inbox
WHEN instr(NEW.source || NEW.message_id || NEW.digest || NEW.kind || NEW.raw_sha256, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER outcome_holds_no_nul BEFORE INSERT ON outcome
WHEN instr(NEW.outcome || NEW.procedures || NEW.warnings || NEW.reason || NEW.body, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER evidence_holds_no_nul BEFORE INSERT ON evidence
WHEN instr(NEW.kind || ifnull(NEW.status, '') || NEW.digest || NEW.body, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER journal_holds_no_nul BEFORE INSERT ON journal
WHEN instr(NEW.event || ifnull(NEW.source, '') || NEW.target || NEW.kind || ifnull(NEW.known, '') || NEW.worklist ||
  NEW.priority || ifnull(NEW.holder, '') || NEW.rulebook || NEW.actor || ifnull(NEW.reason, '') || NEW.engine ||
  NEW.prev || NEW.hash || ifnull(NEW.details, '') || NEW.body, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER tally_holds_no_nul BEFORE INSERT ON tally
WHEN instr(NEW.worklist || NEW.state, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER seal_holds_no_nul BEFORE INSERT ON seal
WHEN instr(NEW.root || NEW.prev || NEW.hash, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER outbox_holds_no_nul BEFORE INSERT ON outbox
WHEN instr(NEW.target || NEW.payload, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER grants_holds_no_nul BEFORE INSERT ON grants
WHEN instr(NEW.actor || NEW.act || NEW.scope || NEW.by || NEW.reason, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER reader_holds_no_nul BEFORE INSERT ON reader
WHEN instr(NEW.name || NEW.skills || NEW.body, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
CREATE TRIGGER reader_keeps_no_nul BEFORE UPDATE ON reader
WHEN instr(NEW.name || NEW.skills || NEW.body, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'N14: a text holds NUL'); END;
