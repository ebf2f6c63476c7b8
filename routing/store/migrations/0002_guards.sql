-- The guards: they hold for every SQL client. A refusal names the invariant of the hazard table that it keeps.

-- What is written stays as it was written ---------------------------------------------------------------------------
CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'N4: the journal is never edited'); END;
CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'N4: the journal is never shortened'); END;
CREATE TRIGGER item_never_vanishes BEFORE DELETE ON item
BEGIN SELECT RAISE(ABORT, 'N4: an item is never deleted'); END;
CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'N4: evidence is never edited'); END;
CREATE TRIGGER evidence_never_vanishes BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'N4: evidence is never deleted'); END;
CREATE TRIGGER evidence_is_new BEFORE INSERT ON evidence
WHEN NEW.id IS NOT (SELECT ifnull(max(id), 0) + 1 FROM evidence)
  OR (NEW.procedure IS NOT NULL AND NOT EXISTS (SELECT 1 FROM procedure WHERE id = NEW.procedure))
  OR (NEW.input IS NOT NULL AND NOT EXISTS (SELECT 1 FROM inbox WHERE id = NEW.input))
BEGIN SELECT RAISE(ABORT, 'N4: evidence is numbered in order, rests on what is kept, and is never replaced'); END;
CREATE TRIGGER inbox_never_changes BEFORE UPDATE ON inbox
BEGIN SELECT RAISE(ABORT, 'N4: what was received is never edited'); END;
CREATE TRIGGER inbox_never_vanishes BEFORE DELETE ON inbox
BEGIN SELECT RAISE(ABORT, 'N4: what was received is never deleted'); END;
CREATE TRIGGER inbox_is_new BEFORE INSERT ON inbox
WHEN NEW.id IS NOT (SELECT ifnull(max(id), 0) + 1 FROM inbox)
  OR EXISTS (SELECT 1 FROM inbox WHERE source = NEW.source AND message_id = NEW.message_id AND digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'N1: an input is kept once, in order, and never replaced'); END;
CREATE TRIGGER raw_only_redacted BEFORE UPDATE ON raw
WHEN NOT (NEW.input = OLD.input AND NEW.bytes IS NULL AND OLD.bytes IS NOT NULL
  AND EXISTS (SELECT 1 FROM evidence WHERE id = NEW.redacted AND kind = 'redaction'))
BEGIN SELECT RAISE(ABORT, 'N4: stored bytes are only emptied, by a recorded redaction'); END;
CREATE TRIGGER raw_never_vanishes BEFORE DELETE ON raw
BEGIN SELECT RAISE(ABORT, 'N4: stored bytes are never deleted'); END;
CREATE TRIGGER raw_is_new BEFORE INSERT ON raw
WHEN EXISTS (SELECT 1 FROM raw WHERE input = NEW.input)
  OR NOT EXISTS (SELECT 1 FROM inbox WHERE id = NEW.input) OR NEW.bytes IS NULL
BEGIN SELECT RAISE(ABORT, 'N4: stored bytes belong to one input and are never replaced'); END;
CREATE TRIGGER outcome_never_changes BEFORE UPDATE ON outcome
BEGIN SELECT RAISE(ABORT, 'N3: an input has one outcome'); END;
CREATE TRIGGER outcome_never_vanishes BEFORE DELETE ON outcome
BEGIN SELECT RAISE(ABORT, 'N3: an input keeps its outcome'); END;
CREATE TRIGGER outcome_is_new BEFORE INSERT ON outcome
WHEN EXISTS (SELECT 1 FROM outcome WHERE input = NEW.input)
  OR NOT EXISTS (SELECT 1 FROM inbox WHERE id = NEW.input)
  OR (NEW.item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item))
BEGIN SELECT RAISE(ABORT, 'N3: an input has one outcome'); END;

-- The journal row is the transition ---------------------------------------------------------------------------------
CREATE TRIGGER journal_begins BEFORE INSERT ON journal WHEN NEW.n = 1
BEGIN
  SELECT CASE
    WHEN NEW.item IS NOT (SELECT ifnull(max(id), 0) + 1 FROM item) OR NEW.source IS NOT NULL OR NEW.token <> 0
      OR NEW.prev <> '0000000000000000000000000000000000000000000000000000000000000000' OR NEW.details IS NULL
      THEN RAISE(ABORT, 'N13: a new item takes the next number and a first row that follows nothing')
    WHEN NOT EXISTS (SELECT 1 FROM legal WHERE event = NEW.event AND source = '' AND target = NEW.target)
      THEN RAISE(ABORT, 'N6: the transition table does not allow an item to begin like this')
    WHEN NOT EXISTS (SELECT 1 FROM rulebook WHERE fingerprint = NEW.rulebook)
      THEN RAISE(ABORT, 'N15: the rulebook is not kept')
  END;
END;

CREATE TRIGGER journal_follows BEFORE INSERT ON journal WHEN NEW.n IS NOT 1
BEGIN
  SELECT CASE
    WHEN item.version IS NOT NEW.n - 1 OR item.head IS NOT NEW.prev OR item.state IS NOT NEW.source
      THEN RAISE(ABORT, 'N13: the item has moved on, or never was')
    WHEN legal.event IS NULL
      THEN RAISE(ABORT, 'N6: the transition table does not allow this move')
    WHEN item.kind IS NOT NEW.kind OR item.procedure IS NOT NEW.procedure OR item.opened_at IS NOT NEW.opened_at
      THEN RAISE(ABORT, 'N4: kind, procedure and opening of an item never change')
    WHEN NEW.token IS NOT item.token + ifnull(raises_token, 0)
      THEN RAISE(ABORT, 'N10: the token of the claim is not the current one')
    WHEN NEW.source = 'claimed' AND NEW.target = 'claimed' AND NEW.event <> 'seize' AND NEW.holder IS NOT item.holder
      THEN RAISE(ABORT, 'N10: a claim changes hands only when it is taken anew')
    WHEN NEW.event IN ('seize', 'lapse') AND NEW.at < item.lease_until
      THEN RAISE(ABORT, 'N10: the lease is not over')
    WHEN (ifnull(NEW.due_at, 9223372036854775807) > ifnull(item.due_at, 9223372036854775807)
      OR ifnull(NEW.preliminary_due_at, 9223372036854775807) > ifnull(item.preliminary_due_at, 9223372036854775807))
      AND ifnull(may_lengthen, 0) = 0
      THEN RAISE(ABORT, 'I7: due never moves later, except by an authorised override')
    WHEN NEW.rank > item.rank AND ifnull(may_lower, 0) = 0
      THEN RAISE(ABORT, 'I7: priority never falls, except by an authorised override or another rulebook')
    WHEN NEW.worklist IS NOT item.worklist AND (NEW.target = 'claimed' OR ifnull(moves_list, 0) = 0)
      THEN RAISE(ABORT, 'N12: this event does not move an item to another worklist')
    WHEN NEW.rulebook IS NOT item.rulebook
      AND NEW.rulebook IS NOT (SELECT fingerprint FROM activation ORDER BY seq DESC LIMIT 1)
      THEN RAISE(ABORT, 'N15: an item changes its rulebook only to the active one')
    WHEN NEW.draft IS NOT CASE
        WHEN NEW.event = 'preliminary' THEN 1
        WHEN NEW.target IN ('reported', 'closed', 'superseded') THEN 0
        WHEN NEW.event IN ('withdraw', 'reopen') THEN NEW.target = 'preliminary'
        ELSE item.draft END
      THEN RAISE(ABORT, 'N7: a draft stands from a preliminary report until a final, a withdrawal or a closure')
    WHEN NEW.source = 'superseded' AND NEW.target = 'superseded' AND NEW.successor IS NOT item.successor
      THEN RAISE(ABORT, 'N7: an item that gave way keeps its successor')
    WHEN needs_reason = 1 AND trim(ifnull(NEW.reason, '')) = ''
      THEN RAISE(ABORT, 'N7: this act needs a reason')
  END
  FROM (SELECT 1) LEFT JOIN item ON item.id = NEW.item
    LEFT JOIN legal ON event = NEW.event AND source = NEW.source AND target = NEW.target;
END;

CREATE TRIGGER journal_is_lawful BEFORE INSERT ON journal
BEGIN
  SELECT CASE
    WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal)
      THEN RAISE(ABORT, 'N4: the journal is numbered without gaps')
    WHEN trim(NEW.actor) = ''
      THEN RAISE(ABORT, 'N7: every act has a named actor')
    WHEN NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary')
      AND NOT EXISTS (SELECT 1 FROM worklist WHERE code = NEW.worklist AND (status = 'active' OR (status = 'closing'
        AND NEW.worklist IS (SELECT worklist FROM item WHERE id = NEW.item AND open = 1))))
      THEN RAISE(ABORT, 'N12: the worklist does not take items')
    WHEN trim(NEW.engine) = ''
      THEN RAISE(ABORT, 'N15: the row does not say which engine wrote it')
    WHEN NEW.known IS NOT (SELECT digest FROM procedure WHERE id = NEW.procedure)
      OR (NEW.procedure IS NULL) <> (NEW.known IS NULL)
      THEN RAISE(ABORT, 'N15: the row does not rest on what is known of the procedure')
    WHEN length(NEW.hash) <> 64 OR NEW.hash = NEW.prev OR length(NEW.prev) <> 64
      THEN RAISE(ABORT, 'N14: the row is not chained')
    WHEN NEW.at < (SELECT at FROM journal ORDER BY seq DESC LIMIT 1)
      THEN RAISE(ABORT, 'N14: time in the journal never runs backwards')
  END;
END;

CREATE TRIGGER journal_has_evidence BEFORE INSERT ON journal
WHEN NEW.evidence IS NOT NULL OR NEW.event IN ('preliminary', 'final_report', 'amend', 'withdraw', 'close', 'supersede')
  OR (NEW.target IN ('reported', 'closed', 'superseded') AND NEW.source IS NOT NEW.target)
BEGIN
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM evidence WHERE id = NEW.evidence AND procedure IS NEW.procedure)
      THEN RAISE(ABORT, 'N7: the evidence is not kept, or is about another procedure')
    WHEN NEW.event IN ('preliminary', 'final_report', 'amend', 'withdraw', 'close', 'supersede')
      AND NOT EXISTS (SELECT 1 FROM evidence WHERE id = NEW.evidence AND CASE NEW.event
        WHEN 'preliminary' THEN kind = 'report' AND status = 'preliminary'
        WHEN 'final_report' THEN kind = 'report' AND status IN ('final', 'corrected')
        WHEN 'amend' THEN kind = 'report' AND status IN ('final', 'corrected', 'addendum')
        WHEN 'withdraw' THEN kind = 'message' OR (kind = 'report' AND status IN ('withdrawn', 'cancelled'))
        WHEN 'close' THEN kind IN ('closure', 'message')
        WHEN 'supersede' THEN kind = 'successor' AND item = NEW.successor END)
      THEN RAISE(ABORT, 'N7: the evidence does not fit the event')
    WHEN NEW.event = 'supersede' AND NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.successor AND id <> NEW.item
      AND open = 1 AND kind = NEW.kind)
      THEN RAISE(ABORT, 'N7: an item gives way only to an open item of its kind')
    WHEN NEW.event IN ('final_report', 'close', 'supersede') AND EXISTS (SELECT 1 FROM journal
      WHERE item = NEW.item AND event = NEW.event AND evidence = NEW.evidence)
      THEN RAISE(ABORT, 'N7: the same evidence does not end an item twice')
  END;
END;

CREATE TRIGGER journal_begins_the_item AFTER INSERT ON journal WHEN NEW.n = 1
BEGIN
  UPDATE tally SET count = count + 1, seq = NEW.seq WHERE worklist = NEW.worklist AND state = NEW.target;
  INSERT INTO item (id, procedure, kind, state, open, readable, worklist, priority, rank, due_at, preliminary_due_at, wake_at,
    holder, token, lease_until, draft, successor, opened_at, rulebook, details, version, head)
  VALUES (NEW.item, NEW.procedure, NEW.kind, NEW.target,
    NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'),
    NEW.target IN ('waiting', 'claimed', 'preliminary'), NEW.worklist, NEW.priority, NEW.rank,
    NEW.due_at, NEW.preliminary_due_at, NEW.wake_at, NEW.holder, NEW.token, NEW.lease_until, NEW.draft, NEW.successor,
    NEW.opened_at, NEW.rulebook, NEW.details, 1, NEW.hash);
  -- An outer OR IGNORE reaches into triggers: never believe that the lines above did their work.
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item AND version = NEW.n AND head = NEW.hash)
      THEN RAISE(ABORT, 'N5: the journal row did not move the item')
  END;
END;

-- An item that stays where it is and as urgent as it is leaves the indexes of the pages alone.
CREATE TRIGGER journal_moves_the_item AFTER INSERT ON journal WHEN NEW.n > 1
BEGIN
  UPDATE tally SET count = count - 1, seq = NEW.seq
  WHERE worklist = (SELECT worklist FROM item WHERE id = NEW.item) AND state = NEW.source
    AND (state <> NEW.target OR worklist <> NEW.worklist);
  UPDATE tally SET count = count + 1, seq = NEW.seq
  WHERE worklist = NEW.worklist AND state = NEW.target
    AND (state <> NEW.source OR worklist <> (SELECT worklist FROM item WHERE id = NEW.item));
  UPDATE item SET state = NEW.target, holder = NEW.holder, token = NEW.token, lease_until = NEW.lease_until,
    draft = NEW.draft, details = ifnull(NEW.details, details), version = NEW.n, head = NEW.hash
  WHERE id = NEW.item AND worklist = NEW.worklist AND rank = NEW.rank AND due_at IS NEW.due_at
    AND wake_at IS NEW.wake_at AND priority = NEW.priority AND preliminary_due_at IS NEW.preliminary_due_at
    AND successor IS NEW.successor AND rulebook = NEW.rulebook
    AND open = (NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'))
    AND readable = (NEW.target IN ('waiting', 'claimed', 'preliminary'));
  UPDATE item SET state = NEW.target, open = NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'),
    readable = NEW.target IN ('waiting', 'claimed', 'preliminary'),
    worklist = NEW.worklist, priority = NEW.priority, rank = NEW.rank, due_at = NEW.due_at,
    preliminary_due_at = NEW.preliminary_due_at, wake_at = NEW.wake_at, holder = NEW.holder, token = NEW.token,
    lease_until = NEW.lease_until, draft = NEW.draft, successor = NEW.successor, rulebook = NEW.rulebook,
    details = ifnull(NEW.details, details), version = NEW.n, head = NEW.hash
  WHERE id = NEW.item AND version = NEW.n - 1;
  -- An outer OR IGNORE reaches into triggers: never believe that the lines above did their work.
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item AND version = NEW.n AND head = NEW.hash)
      THEN RAISE(ABORT, 'N5: the journal row did not move the item')
  END;
END;

CREATE TRIGGER item_only_by_the_journal BEFORE UPDATE ON item
WHEN NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind
  OR NEW.procedure IS NOT OLD.procedure OR NEW.opened_at <> OLD.opened_at
  OR NOT EXISTS (SELECT 1 FROM journal WHERE item = NEW.id AND n = NEW.version AND target IS NEW.state
    AND worklist IS NEW.worklist AND priority IS NEW.priority AND rank IS NEW.rank AND due_at IS NEW.due_at
    AND preliminary_due_at IS NEW.preliminary_due_at AND wake_at IS NEW.wake_at AND holder IS NEW.holder
    AND token IS NEW.token AND lease_until IS NEW.lease_until AND draft IS NEW.draft
    AND successor IS NEW.successor AND rulebook IS NEW.rulebook AND ifnull(details, OLD.details) IS NEW.details
    AND hash IS NEW.head)
BEGIN SELECT RAISE(ABORT, 'N5: an item changes only by the journal'); END;

CREATE TRIGGER item_only_from_the_journal BEFORE INSERT ON item
WHEN EXISTS (SELECT 1 FROM item WHERE id = NEW.id)
  OR NOT EXISTS (SELECT 1 FROM journal WHERE item = NEW.id AND n = 1 AND NEW.version = 1 AND target IS NEW.state
    AND kind IS NEW.kind AND procedure IS NEW.procedure AND worklist IS NEW.worklist AND priority IS NEW.priority
    AND rank IS NEW.rank AND due_at IS NEW.due_at AND preliminary_due_at IS NEW.preliminary_due_at
    AND wake_at IS NEW.wake_at AND holder IS NEW.holder AND token IS NEW.token AND lease_until IS NEW.lease_until
    AND draft IS NEW.draft AND successor IS NEW.successor AND opened_at IS NEW.opened_at
    AND rulebook IS NEW.rulebook AND details IS NEW.details AND hash IS NEW.head)
BEGIN SELECT RAISE(ABORT, 'N5: an item begins only by the journal'); END;

-- The counts --------------------------------------------------------------------------------------------------------
CREATE TRIGGER tally_of_a_new_worklist AFTER INSERT ON worklist
BEGIN
  INSERT INTO tally (worklist, state, count, seq)
  VALUES (NEW.code, 'expected', 0, 0), (NEW.code, 'held', 0, 0), (NEW.code, 'waiting', 0, 0),
    (NEW.code, 'claimed', 0, 0), (NEW.code, 'preliminary', 0, 0), (NEW.code, 'reported', 0, 0),
    (NEW.code, 'closed', 0, 0), (NEW.code, 'superseded', 0, 0);
END;

-- Only while the journal row is there and the item has not followed it yet, which is inside the guards above.
CREATE TRIGGER tally_only_by_the_journal BEFORE UPDATE ON tally
WHEN NEW.worklist <> OLD.worklist OR NEW.state <> OLD.state OR NEW.seq <= OLD.seq
  OR NOT EXISTS (
    SELECT 1 FROM journal AS now LEFT JOIN item ON item.id = now.item
    WHERE now.seq = NEW.seq AND ifnull(item.version, 0) = now.n - 1
      AND (item.id IS NULL OR now.worklist <> item.worklist OR now.target <> item.state)
      AND ((NEW.count = OLD.count + 1 AND now.worklist = NEW.worklist AND now.target = NEW.state)
        OR (NEW.count = OLD.count - 1 AND item.worklist = NEW.worklist AND item.state = NEW.state)))
BEGIN SELECT RAISE(ABORT, 'N16: the counts are kept by the journal alone'); END;
CREATE TRIGGER tally_begins_at_nothing BEFORE INSERT ON tally
WHEN NEW.count <> 0 OR NEW.seq <> 0 OR EXISTS (SELECT 1 FROM tally WHERE worklist = NEW.worklist AND state = NEW.state)
BEGIN SELECT RAISE(ABORT, 'N16: the counts are kept by the journal alone'); END;
CREATE TRIGGER tally_never_vanishes BEFORE DELETE ON tally
BEGIN SELECT RAISE(ABORT, 'N16: the counts are kept by the journal alone'); END;

-- What the items rest on --------------------------------------------------------------------------------------------
CREATE TRIGGER legal_is_frozen BEFORE INSERT ON legal
BEGIN SELECT RAISE(ABORT, 'N6: the transition table is frozen'); END;
CREATE TRIGGER legal_never_changes BEFORE UPDATE ON legal
BEGIN SELECT RAISE(ABORT, 'N6: the transition table is frozen'); END;
CREATE TRIGGER legal_never_vanishes BEFORE DELETE ON legal
BEGIN SELECT RAISE(ABORT, 'N6: the transition table is frozen'); END;

CREATE TRIGGER worklist_never_vanishes BEFORE DELETE ON worklist
BEGIN SELECT RAISE(ABORT, 'N12: a worklist is retired, never deleted'); END;
CREATE TRIGGER worklist_is_new BEFORE INSERT ON worklist
BEGIN
  SELECT RAISE(ABORT, 'N12: a worklist is changed, never replaced')
  WHERE EXISTS (SELECT 1 FROM worklist WHERE code = NEW.code);
  SELECT RAISE(ABORT, 'N12: the fallback is not an active worklist')
  WHERE NEW.fallback IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM worklist WHERE code = NEW.fallback AND status = 'active');
END;
CREATE TRIGGER worklist_never_strands BEFORE UPDATE ON worklist
BEGIN
  SELECT RAISE(ABORT, 'N12: a worklist is never renamed') WHERE NEW.code <> OLD.code;
  SELECT RAISE(ABORT, 'N12: a worklist with open items is not retired')
  WHERE NEW.status = 'retired' AND EXISTS (SELECT 1 FROM item WHERE worklist = OLD.code AND open = 1);
  SELECT RAISE(ABORT, 'N12: the last exceptions worklist stays')
  WHERE OLD.kind = 'exceptions' AND (NEW.kind <> 'exceptions' OR NEW.status <> 'active')
    AND NOT EXISTS (SELECT 1 FROM worklist WHERE kind = 'exceptions' AND status = 'active' AND code <> OLD.code);
  SELECT RAISE(ABORT, 'N12: the fallback is not an active worklist, or leads back here')
  WHERE NEW.fallback IS NOT NULL AND (
    NOT EXISTS (SELECT 1 FROM worklist WHERE code = NEW.fallback AND status = 'active')
    OR NEW.code IN (WITH RECURSIVE chain (code) AS (SELECT NEW.fallback UNION
      SELECT worklist.fallback FROM worklist JOIN chain ON worklist.code = chain.code
      WHERE worklist.fallback IS NOT NULL) SELECT code FROM chain));
END;

CREATE TRIGGER rulebook_never_changes BEFORE UPDATE ON rulebook
BEGIN SELECT RAISE(ABORT, 'N15: a kept rulebook is never edited'); END;
CREATE TRIGGER rulebook_never_vanishes BEFORE DELETE ON rulebook
BEGIN SELECT RAISE(ABORT, 'N15: a kept rulebook is never deleted'); END;
CREATE TRIGGER rulebook_is_new BEFORE INSERT ON rulebook
WHEN EXISTS (SELECT 1 FROM rulebook WHERE fingerprint = NEW.fingerprint)
BEGIN SELECT RAISE(ABORT, 'N15: a kept rulebook is never replaced'); END;
CREATE TRIGGER activation_never_changes BEFORE UPDATE ON activation
BEGIN SELECT RAISE(ABORT, 'N15: an activation is never edited'); END;
CREATE TRIGGER activation_never_vanishes BEFORE DELETE ON activation
BEGIN SELECT RAISE(ABORT, 'N15: an activation is never deleted'); END;
CREATE TRIGGER activation_is_new BEFORE INSERT ON activation
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM activation)
  OR NOT EXISTS (SELECT 1 FROM rulebook WHERE fingerprint = NEW.fingerprint)
BEGIN SELECT RAISE(ABORT, 'N15: an activation is numbered in order and names a kept rulebook'); END;

CREATE TRIGGER procedure_only_learns BEFORE UPDATE ON procedure
WHEN NEW.id <> OLD.id OR NEW.revision <> OLD.revision + 1 OR NEW.digest = OLD.digest
BEGIN SELECT RAISE(ABORT, 'N4: what is known of a procedure changes by revisions'); END;
CREATE TRIGGER procedure_never_vanishes BEFORE DELETE ON procedure
BEGIN SELECT RAISE(ABORT, 'N4: a procedure is never deleted'); END;
CREATE TRIGGER procedure_is_new BEFORE INSERT ON procedure
WHEN NEW.revision <> 1 OR NEW.id IS NOT (SELECT ifnull(max(id), 0) + 1 FROM procedure)
BEGIN SELECT RAISE(ABORT, 'N4: a procedure is numbered in order and never replaced'); END;
CREATE TRIGGER alias_never_changes BEFORE UPDATE ON alias
BEGIN SELECT RAISE(ABORT, 'N4: a name of a procedure is added or dropped, never edited'); END;
CREATE TRIGGER alias_is_new BEFORE INSERT ON alias
WHEN NOT EXISTS (SELECT 1 FROM procedure WHERE id = NEW.procedure)
  OR EXISTS (SELECT 1 FROM alias WHERE kind = NEW.kind AND value = NEW.value AND issuer = NEW.issuer
    AND procedure = NEW.procedure)
BEGIN SELECT RAISE(ABORT, 'N4: a name leads to a procedure, once'); END;
CREATE TRIGGER alias_never_the_last BEFORE DELETE ON alias
WHEN EXISTS (SELECT 1 FROM item WHERE procedure = OLD.procedure AND open = 1)
  AND NOT EXISTS (SELECT 1 FROM alias WHERE procedure = OLD.procedure
    AND NOT (kind = OLD.kind AND value = OLD.value AND issuer = OLD.issuer))
BEGIN SELECT RAISE(ABORT, 'N4: a procedure with open items keeps a name'); END;
CREATE TRIGGER patient_only_learns BEFORE UPDATE ON patient
WHEN NEW.issuer <> OLD.issuer OR NEW.revision <> OLD.revision + 1 OR NEW.digest = OLD.digest
  OR (NEW.number <> OLD.number AND NOT (NEW.knowledge = '{}' AND EXISTS (SELECT 1 FROM evidence
    WHERE kind = 'redaction' AND NEW.number = 'redacted ' || id)))
BEGIN SELECT RAISE(ABORT, 'N4: what is known of a patient changes by revisions, and its number by a redaction'); END;
CREATE TRIGGER patient_never_vanishes BEFORE DELETE ON patient
BEGIN SELECT RAISE(ABORT, 'N4: what is known of a patient is never deleted'); END;
CREATE TRIGGER patient_is_new BEFORE INSERT ON patient
WHEN NEW.revision <> 1 OR EXISTS (SELECT 1 FROM patient WHERE number = NEW.number AND issuer = NEW.issuer)
BEGIN SELECT RAISE(ABORT, 'N4: what is known of a patient is never replaced'); END;

-- The rest of the books ---------------------------------------------------------------------------------------------
CREATE TRIGGER seal_never_changes BEFORE UPDATE ON seal
BEGIN SELECT RAISE(ABORT, 'N14: a seal is never edited'); END;
CREATE TRIGGER seal_never_vanishes BEFORE DELETE ON seal
BEGIN SELECT RAISE(ABORT, 'N14: a seal is never deleted'); END;
CREATE TRIGGER seal_is_new BEFORE INSERT ON seal
WHEN NEW.k IS NOT (SELECT ifnull(max(k), 0) + 1 FROM seal)
  OR NEW.prev IS NOT ifnull((SELECT hash FROM seal ORDER BY k DESC LIMIT 1),
    '0000000000000000000000000000000000000000000000000000000000000000')
  OR NEW.last_seq IS NOT (SELECT ifnull(max(seq), 0) FROM journal)
BEGIN SELECT RAISE(ABORT, 'N14: a seal follows the last seal and covers the whole journal'); END;
CREATE TRIGGER outbox_only_done BEFORE UPDATE ON outbox
WHEN NEW.id <> OLD.id OR NEW.item IS NOT OLD.item OR NEW.target <> OLD.target OR NEW.payload <> OLD.payload
  OR NEW.made_at <> OLD.made_at OR OLD.done_at IS NOT NULL OR NEW.done_at IS NULL
BEGIN SELECT RAISE(ABORT, 'N4: a notice is only marked as delivered, once'); END;
CREATE TRIGGER outbox_never_vanishes BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'N4: a notice is never deleted'); END;
CREATE TRIGGER outbox_is_new BEFORE INSERT ON outbox
WHEN NEW.id IS NOT (SELECT ifnull(max(id), 0) + 1 FROM outbox) OR NEW.done_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'N4: a notice is numbered in order and begins undelivered'); END;
CREATE TRIGGER grants_never_change BEFORE UPDATE ON grants
BEGIN SELECT RAISE(ABORT, 'N7: a grant is taken back, never edited'); END;
CREATE TRIGGER grants_never_vanish BEFORE DELETE ON grants
BEGIN SELECT RAISE(ABORT, 'N7: a grant is taken back, never deleted'); END;
CREATE TRIGGER grants_are_new BEFORE INSERT ON grants
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM grants)
BEGIN SELECT RAISE(ABORT, 'N7: grants are numbered in order and never replaced'); END;
CREATE TRIGGER reader_only_revised BEFORE UPDATE ON reader
WHEN NEW.name <> OLD.name OR NEW.revision <> OLD.revision + 1
BEGIN SELECT RAISE(ABORT, 'N4: a reader changes by revisions'); END;
CREATE TRIGGER reader_never_vanishes BEFORE DELETE ON reader
BEGIN SELECT RAISE(ABORT, 'N4: a reader is never deleted'); END;
CREATE TRIGGER reader_is_new BEFORE INSERT ON reader
WHEN NEW.revision <> 1 OR EXISTS (SELECT 1 FROM reader WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'N4: a reader is never replaced'); END;
CREATE TRIGGER meta_only_remarks BEFORE UPDATE ON meta
WHEN NEW.name <> OLD.name OR OLD.name NOT LIKE 'remark.%'
BEGIN SELECT RAISE(ABORT, 'N17: what the store is does not change'); END;
CREATE TRIGGER meta_never_vanishes BEFORE DELETE ON meta
BEGIN SELECT RAISE(ABORT, 'N17: what the store is does not change'); END;
CREATE TRIGGER meta_is_new BEFORE INSERT ON meta
WHEN NEW.name NOT LIKE 'remark.%' OR EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'N17: what the store is does not change'); END;
CREATE TRIGGER settings_never_change BEFORE UPDATE ON settings
BEGIN SELECT RAISE(ABORT, 'N17: the record of settings is never edited'); END;
CREATE TRIGGER settings_never_vanish BEFORE DELETE ON settings
BEGIN SELECT RAISE(ABORT, 'N17: the record of settings is never shortened'); END;
CREATE TRIGGER settings_are_new BEFORE INSERT ON settings
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM settings)
BEGIN SELECT RAISE(ABORT, 'N17: the record of settings is numbered in order'); END;
CREATE TRIGGER migration_never_changes BEFORE UPDATE ON migration
BEGIN SELECT RAISE(ABORT, 'N17: the record of migrations is never edited'); END;
CREATE TRIGGER migration_never_vanishes BEFORE DELETE ON migration
BEGIN SELECT RAISE(ABORT, 'N17: the record of migrations is never shortened'); END;
CREATE TRIGGER migration_is_new BEFORE INSERT ON migration
WHEN NEW.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM migration)
BEGIN SELECT RAISE(ABORT, 'N17: the record of migrations is numbered in order'); END;
CREATE TRIGGER clock_step_never_changes BEFORE UPDATE ON clock_step
BEGIN SELECT RAISE(ABORT, 'N14: a step of the clock is never edited'); END;
CREATE TRIGGER clock_step_never_vanishes BEFORE DELETE ON clock_step
BEGIN SELECT RAISE(ABORT, 'N14: a step of the clock is never deleted'); END;
CREATE TRIGGER clock_step_is_new BEFORE INSERT ON clock_step
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM clock_step)
BEGIN SELECT RAISE(ABORT, 'N14: steps of the clock are numbered in order'); END;
