-- The same guards of the journal, word for word but for lists of words: whenever a guard looks into a list of three
-- words or more SQLite builds a tree in memory for it, which took a quarter of the engine's time for a transition.
-- Words that are compared one by one need none.
DROP TRIGGER journal_follows;
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
        WHEN (NEW.target = 'reported' OR NEW.target = 'closed' OR NEW.target = 'superseded') THEN 0
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

DROP TRIGGER journal_is_lawful;
CREATE TRIGGER journal_is_lawful BEFORE INSERT ON journal
BEGIN
  SELECT CASE
    WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal)
      THEN RAISE(ABORT, 'N4: the journal is numbered without gaps')
    WHEN trim(NEW.actor) = ''
      THEN RAISE(ABORT, 'N7: every act has a named actor')
    WHEN (NEW.target = 'expected' OR NEW.target = 'held' OR NEW.target = 'waiting' OR NEW.target = 'claimed'
      OR NEW.target = 'preliminary')
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

DROP TRIGGER journal_has_evidence;
CREATE TRIGGER journal_has_evidence BEFORE INSERT ON journal
WHEN NEW.evidence IS NOT NULL OR NEW.event = 'preliminary' OR NEW.event = 'final_report' OR NEW.event = 'amend'
  OR NEW.event = 'withdraw' OR NEW.event = 'close' OR NEW.event = 'supersede'
  OR ((NEW.target = 'reported' OR NEW.target = 'closed' OR NEW.target = 'superseded') AND NEW.source IS NOT NEW.target)
BEGIN
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM evidence WHERE id = NEW.evidence AND procedure IS NEW.procedure)
      THEN RAISE(ABORT, 'N7: the evidence is not kept, or is about another procedure')
    WHEN (NEW.event = 'preliminary' OR NEW.event = 'final_report' OR NEW.event = 'amend' OR NEW.event = 'withdraw'
      OR NEW.event = 'close' OR NEW.event = 'supersede')
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
    WHEN (NEW.event = 'final_report' OR NEW.event = 'close' OR NEW.event = 'supersede') AND EXISTS (
      SELECT 1 FROM journal WHERE item = NEW.item AND event = NEW.event AND evidence = NEW.evidence)
      THEN RAISE(ABORT, 'N7: the same evidence does not end an item twice')
  END;
END;

DROP TRIGGER journal_begins_the_item;
CREATE TRIGGER journal_begins_the_item AFTER INSERT ON journal WHEN NEW.n = 1
BEGIN
  UPDATE tally SET count = count + 1, seq = NEW.seq WHERE worklist = NEW.worklist AND state = NEW.target;
  INSERT INTO item (id, procedure, kind, state, open, readable, worklist, priority, rank, due_at,
    preliminary_due_at, wake_at, holder, token, lease_until, draft, successor, opened_at, rulebook, details, version,
    head)
  VALUES (NEW.item, NEW.procedure, NEW.kind, NEW.target,
    (NEW.target = 'expected' OR NEW.target = 'held' OR NEW.target = 'waiting' OR NEW.target = 'claimed'
      OR NEW.target = 'preliminary'),
    (NEW.target = 'waiting' OR NEW.target = 'claimed' OR NEW.target = 'preliminary'),
    NEW.worklist, NEW.priority, NEW.rank, NEW.due_at, NEW.preliminary_due_at, NEW.wake_at, NEW.holder,
    NEW.token, NEW.lease_until, NEW.draft, NEW.successor, NEW.opened_at, NEW.rulebook, NEW.details, 1, NEW.hash);
  -- An outer OR IGNORE reaches into triggers: never believe that the lines above did their work.
  SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM item WHERE id = NEW.item AND version = NEW.n AND head = NEW.hash)
      THEN RAISE(ABORT, 'N5: the journal row did not move the item')
  END;
END;

DROP TRIGGER journal_moves_the_item;
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
    AND open = (NEW.target = 'expected' OR NEW.target = 'held' OR NEW.target = 'waiting' OR NEW.target = 'claimed'
      OR NEW.target = 'preliminary')
    AND readable = (NEW.target = 'waiting' OR NEW.target = 'claimed' OR NEW.target = 'preliminary');
  UPDATE item SET state = NEW.target,
    open = (NEW.target = 'expected' OR NEW.target = 'held' OR NEW.target = 'waiting' OR NEW.target = 'claimed'
      OR NEW.target = 'preliminary'),
    readable = (NEW.target = 'waiting' OR NEW.target = 'claimed' OR NEW.target = 'preliminary'),
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

