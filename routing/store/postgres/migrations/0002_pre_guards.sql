-- The guards: they hold for every SQL client, and for the owner of the tables too. A refusal names the invariant of the
-- hazard table that it keeps. What the application may do at all is in `grants.sql`.
--
-- Advisory locks (class, object): 1380930900 the gate, shared by every writer, alone for whoever changes the lists or
-- seals; ..901 the sealer; ..902 a name in one of 1,024 buckets; ..903 a slot of the counts. In the one-number space,
-- 21071 * 2^48 + s: a transaction that will write journal rows, all of them numbered above s.

-- A word for every refusal -------------------------------------------------------------------------------------------
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = '23R00';
END $$;

CREATE FUNCTION refused(said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = said, ERRCODE = '23R00';
END $$;

-- Who changes the search path pays for it at every call, so only what has to be safe from a stranger's path does.
--
-- The clock: the server's, and in a store made for tests the one that the session says -------------------------------
CREATE FUNCTION clock() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('routing.now', true), '') <> ''
    AND EXISTS (SELECT 1 FROM routing.meta WHERE name = 'clock' AND value = 'session') THEN
    RETURN current_setting('routing.now')::bigint;
  END IF;
  RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
END $$;

-- What every writing transaction begins with; a journal row of a stranger's transaction begins it too -----------------
CREATE FUNCTION begin_writing(said bigint) RETURNS TABLE (slot integer, now bigint, written bigint, durable text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  mine constant integer := pg_backend_pid() % 64;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1380930900, 0);
  PERFORM pg_advisory_xact_lock_shared((21071::bigint << 48) | (SELECT last_value FROM journal_seq));
  FOR step IN 0..63 LOOP
    slot := (mine + step) % 64;
    EXIT WHEN pg_try_advisory_xact_lock(1380930903, slot);
    IF step = 63 THEN
      PERFORM pg_advisory_xact_lock(1380930903, slot);
    END IF;
  END LOOP;
  PERFORM set_config('routing.begun', slot || ' ' || transaction_timestamp(), true);
  IF said IS NOT NULL AND EXISTS (SELECT 1 FROM meta WHERE name = 'clock' AND value = 'session') THEN
    now := said;
    written := greatest(
      coalesce((SELECT journal.at FROM journal ORDER BY seq DESC LIMIT 1), -1),
      coalesce((SELECT outcome.at FROM outcome ORDER BY input DESC LIMIT 1), -1));
    PERFORM set_config('routing.now', greatest(said, written)::text, true);
  ELSE
    now := clock();
    written := now;
  END IF;
  durable := current_setting('synchronous_commit');
  RETURN NEXT;
END $$;

-- The gate to oneself: no other writer is in the middle of anything
CREATE FUNCTION close_gate() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1380930900, 0);
END $$;

-- The number up to which the journal has settled: no transaction that is under way can still write a row below it. A
-- reader that goes no further never passes over a row that is committed late.
CREATE FUNCTION settled() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  last bigint;
  under_way bigint;
BEGIN
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO last FROM journal_seq;
  SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO under_way FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 21071 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
  RETURN least(last, under_way);
END $$;

-- Holding what is looked at, so that transactions side by side come one after the other -------------------------------
-- Always the procedure before its items: a procedure is what two inputs, or an input and an act, have in common.
CREATE FUNCTION hold_item(number bigint) RETURNS SETOF item
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM 1 FROM procedure WHERE id = (SELECT procedure FROM item WHERE id = number) FOR NO KEY UPDATE;
  RETURN QUERY SELECT * FROM item WHERE id = number FOR NO KEY UPDATE;
END $$;

CREATE FUNCTION hold_items_of(number bigint) RETURNS SETOF item
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM 1 FROM procedure WHERE id = number FOR NO KEY UPDATE;
  RETURN QUERY SELECT * FROM item WHERE procedure = number ORDER BY id;
END $$;

CREATE FUNCTION hold_named(bucket integer, said_kind text, said_value text, said_issuer text) RETURNS SETOF procedure
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1380930902, bucket);
  RETURN QUERY SELECT * FROM procedure WHERE id IN (SELECT procedure FROM alias WHERE kind = said_kind
    AND value = said_value AND (said_issuer IS NULL OR issuer = said_issuer)) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- An item that is free and in no other transaction's hands, held; nothing where it is not: nobody is waited for.
CREATE FUNCTION hold_free(number bigint, moment bigint) RETURNS SETOF item
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  whose bigint;
BEGIN
  SELECT procedure INTO whose FROM item WHERE id = number;
  IF whose IS NOT NULL THEN
    PERFORM 1 FROM procedure WHERE id = whose FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT * FROM item WHERE id = number AND readable = 1
    AND (state <> 'claimed' OR lease_until <= moment) FOR NO KEY UPDATE SKIP LOCKED;
END $$;

-- The journal row is the transition ---------------------------------------------------------------------------------
-- Everything that it rests on comes in few statements and is judged in one place: each call and each statement costs
-- more than what it asks.
CREATE FUNCTION journal_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  was item;
  given record;
  reason text;
  no_due constant bigint := 9223372036854775807;
  stays_open constant boolean := NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary');
BEGIN
  IF NOT coalesce(current_setting('routing.begun', true) LIKE '% ' || transaction_timestamp(), false) THEN
    PERFORM begin_writing(NULL);
  END IF;
  IF NEW.n > 1 THEN
    SELECT * INTO was FROM item WHERE id = NEW.item FOR NO KEY UPDATE;
  END IF;
  SELECT law.*, (SELECT digest FROM procedure WHERE id = NEW.procedure) AS known,
    (SELECT status FROM worklist WHERE code = NEW.worklist) AS takes,
    (SELECT at FROM journal WHERE item = NEW.item AND n = NEW.n - 1) AS before
  INTO given FROM (SELECT 1) AS one
  LEFT JOIN legal AS law ON event = NEW.event AND source = coalesce(NEW.source, '') AND target = NEW.target;
  NEW.known := given.known;
  NEW.at := greatest(clock(), given.before);
  reason := CASE
    WHEN NEW.n = 1 THEN CASE
      WHEN NEW.item IS NOT NULL OR NEW.source IS NOT NULL OR NEW.token <> 0 OR NEW.prev <> repeat('0', 64)
        OR NEW.details IS NULL
        THEN 'N13: a new item takes the next number and a first row that follows nothing'
      WHEN given.event IS NULL
        THEN 'N6: the transition table does not allow an item to begin like this' END
    WHEN was.version IS DISTINCT FROM NEW.n - 1 OR was.head IS DISTINCT FROM NEW.prev
      OR was.state IS DISTINCT FROM NEW.source
      THEN 'N13: the item has moved on, or never was'
    WHEN given.event IS NULL
      THEN 'N6: the transition table does not allow this move'
    WHEN was.kind <> NEW.kind OR was.procedure IS DISTINCT FROM NEW.procedure OR was.opened_at <> NEW.opened_at
      THEN 'N4: kind, procedure and opening of an item never change'
    WHEN NEW.token IS DISTINCT FROM was.token + given.raises_token
      THEN 'N10: the token of the claim is not the current one'
    WHEN NEW.source = 'claimed' AND NEW.target = 'claimed' AND NEW.event <> 'seize'
      AND NEW.holder IS DISTINCT FROM was.holder
      THEN 'N10: a claim changes hands only when it is taken anew'
    WHEN NEW.event IN ('seize', 'lapse') AND NEW.at < was.lease_until
      THEN 'N10: the lease is not over'
    WHEN (coalesce(NEW.due_at, no_due) > coalesce(was.due_at, no_due)
      OR coalesce(NEW.preliminary_due_at, no_due) > coalesce(was.preliminary_due_at, no_due))
      AND given.may_lengthen = 0
      THEN 'I7: due never moves later, except by an authorised override'
    WHEN NEW.rank > was.rank AND given.may_lower = 0
      THEN 'I7: priority never falls, except by an authorised override or another rulebook'
    WHEN NEW.worklist <> was.worklist AND (NEW.target = 'claimed' OR given.moves_list = 0)
      THEN 'N12: this event does not move an item to another worklist'
    WHEN NEW.draft IS DISTINCT FROM CASE
        WHEN NEW.event = 'preliminary' THEN 1
        WHEN NEW.target IN ('reported', 'closed', 'superseded') THEN 0
        WHEN NEW.event IN ('withdraw', 'reopen') THEN (NEW.target = 'preliminary')::integer
        ELSE was.draft END
      THEN 'N7: a draft stands from a preliminary report until a final, a withdrawal or a closure'
    WHEN NEW.source = 'superseded' AND NEW.target = 'superseded' AND NEW.successor IS DISTINCT FROM was.successor
      THEN 'N7: an item that gave way keeps its successor'
    WHEN given.needs_reason = 1 AND btrim(coalesce(NEW.reason, '')) = ''
      THEN 'N7: this act needs a reason'
  END;
  reason := coalesce(reason, CASE
    WHEN btrim(NEW.actor) = ''
      THEN 'N7: every act has a named actor'
    WHEN btrim(NEW.engine) = ''
      THEN 'N15: the row does not say which engine wrote it'
    WHEN NEW.procedure IS NOT NULL AND NEW.known IS NULL
      THEN 'N15: the row does not rest on what is known of the procedure'
    WHEN stays_open AND NOT coalesce(given.takes = 'active' OR (given.takes = 'closing'
      AND was.worklist IS NOT DISTINCT FROM NEW.worklist AND was.open = 1), false)
      THEN 'N12: the worklist does not take items'
  END);
  IF reason IS NULL AND NEW.rulebook IS DISTINCT FROM was.rulebook THEN
    reason := rulebook_refused(NEW.rulebook, NEW.n = 1);
  END IF;
  IF reason IS NULL AND (NEW.evidence IS NOT NULL OR given.needs_evidence = 1
    OR (NOT stays_open AND NEW.source IS DISTINCT FROM NEW.target)) THEN
    reason := evidence_refused(NEW, given.needs_evidence = 1);
  END IF;
  IF reason IS NOT NULL THEN
    PERFORM refused(reason);
  END IF;
  IF NEW.n = 1 THEN
    NEW.item := nextval('item_id');
  END IF;
  NEW.seq := nextval('journal_seq');
  -- The one form of a row that is hashed, as routing.store.rows makes it: the lengths of the texts, then all columns.
  NEW.hash := encode(sha256(convert_to(format(
    '%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|'
    || '%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|',
    length(NEW.event), coalesce(length(NEW.source), -1), length(NEW.target), length(NEW.kind),
    coalesce(length(NEW.known), -1), length(NEW.worklist), length(NEW.priority), coalesce(length(NEW.holder), -1),
    length(NEW.rulebook), length(NEW.actor), coalesce(length(NEW.reason), -1), length(NEW.engine), length(NEW.prev),
    coalesce(length(NEW.details), -1), length(NEW.body),
    NEW.seq, NEW.item, NEW.n, NEW.event, coalesce(NEW.source, 'None'), NEW.target, NEW.kind,
    coalesce(NEW.procedure::text, 'None'), coalesce(NEW.known, 'None'), NEW.worklist, NEW.priority, NEW.rank,
    coalesce(NEW.due_at::text, 'None'), coalesce(NEW.preliminary_due_at::text, 'None'),
    coalesce(NEW.wake_at::text, 'None'), coalesce(NEW.holder, 'None'), NEW.token,
    coalesce(NEW.lease_until::text, 'None'), NEW.draft, coalesce(NEW.successor::text, 'None'), NEW.opened_at,
    NEW.rulebook, NEW.actor, coalesce(NEW.reason, 'None'), coalesce(NEW.evidence::text, 'None'), NEW.engine, NEW.at,
    NEW.prev, coalesce(NEW.details, 'None'), NEW.body), 'UTF8')), 'hex');
  RETURN NEW;
END $$;

-- These two have no search path of their own: they are called from the guard and from nowhere else.
CREATE FUNCTION rulebook_refused(said text, is_new boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF is_new AND NOT EXISTS (SELECT 1 FROM rulebook WHERE fingerprint = said) THEN
    RETURN 'N15: the rulebook is not kept';
  ELSIF NOT is_new AND said IS DISTINCT FROM (SELECT fingerprint FROM activation ORDER BY seq DESC LIMIT 1) THEN
    RETURN 'N15: an item changes its rulebook only to the active one';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION evidence_refused(said journal, needed boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  proof evidence;
BEGIN
  SELECT * INTO proof FROM evidence WHERE id = said.evidence AND procedure IS NOT DISTINCT FROM said.procedure;
  IF NOT FOUND THEN
    RETURN 'N7: the evidence is not kept, or is about another procedure';
  ELSIF needed AND NOT coalesce(CASE said.event
      WHEN 'preliminary' THEN proof.kind = 'report' AND proof.status = 'preliminary'
      WHEN 'final_report' THEN proof.kind = 'report' AND proof.status IN ('final', 'corrected')
      WHEN 'amend' THEN proof.kind = 'report' AND proof.status IN ('final', 'corrected', 'addendum')
      WHEN 'withdraw' THEN proof.kind = 'message'
        OR (proof.kind = 'report' AND proof.status IN ('withdrawn', 'cancelled'))
      WHEN 'close' THEN proof.kind IN ('closure', 'message')
      WHEN 'supersede' THEN proof.kind = 'successor' AND proof.item = said.successor END, false) THEN
    RETURN 'N7: the evidence does not fit the event';
  ELSIF said.event = 'supersede' THEN
    PERFORM 1 FROM item WHERE id = said.successor AND id <> said.item AND open = 1 AND kind = said.kind FOR SHARE;
    IF NOT FOUND THEN
      RETURN 'N7: an item gives way only to an open item of its kind';
    END IF;
  END IF;
  IF said.event IN ('final_report', 'close', 'supersede') AND EXISTS (SELECT 1 FROM journal
    WHERE item = said.item AND event = said.event AND evidence = said.evidence) THEN
    RETURN 'N7: the same evidence does not end an item twice';
  END IF;
  RETURN NULL;
END $$;

-- The item follows its journal row. Most rows leave it on its list: one statement, and another where that is not so.
CREATE FUNCTION journal_applies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  was_on text := NEW.worklist;
  mine constant smallint := split_part(current_setting('routing.begun'), ' ', 1)::smallint;
  is_open constant smallint := (NEW.target IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'))::integer;
  is_readable constant smallint := (NEW.target IN ('waiting', 'claimed', 'preliminary'))::integer;
BEGIN
  IF NEW.n = 1 THEN
    INSERT INTO item (id, procedure, kind, state, open, readable, worklist, priority, rank, due_at, preliminary_due_at,
      wake_at, holder, token, lease_until, draft, successor, opened_at, rulebook, version, head, details)
    VALUES (NEW.item, NEW.procedure, NEW.kind, NEW.target, is_open, is_readable, NEW.worklist, NEW.priority, NEW.rank,
      NEW.due_at, NEW.preliminary_due_at, NEW.wake_at, NEW.holder, NEW.token, NEW.lease_until, NEW.draft,
      NEW.successor, NEW.opened_at, NEW.rulebook, 1, NEW.hash, NEW.details);
    INSERT INTO tally (worklist, state, slot, count) VALUES (NEW.worklist, NEW.target, mine, 1)
    ON CONFLICT (worklist, state, slot) DO UPDATE SET count = tally.count + 1;
    RETURN NULL;
  END IF;
  UPDATE item SET state = NEW.target, open = is_open, readable = is_readable, priority = NEW.priority, rank = NEW.rank,
    due_at = NEW.due_at, preliminary_due_at = NEW.preliminary_due_at, wake_at = NEW.wake_at, holder = NEW.holder,
    token = NEW.token, lease_until = NEW.lease_until, draft = NEW.draft, successor = NEW.successor,
    rulebook = NEW.rulebook, details = coalesce(NEW.details, details), version = NEW.n, head = NEW.hash
  WHERE id = NEW.item AND version = NEW.n - 1 AND worklist = NEW.worklist;
  IF NOT FOUND THEN
    was_on := (SELECT worklist FROM item WHERE id = NEW.item);
    UPDATE item SET state = NEW.target, open = is_open, readable = is_readable, worklist = NEW.worklist,
      priority = NEW.priority, rank = NEW.rank, due_at = NEW.due_at, preliminary_due_at = NEW.preliminary_due_at,
      wake_at = NEW.wake_at, holder = NEW.holder, token = NEW.token, lease_until = NEW.lease_until,
      draft = NEW.draft, successor = NEW.successor, rulebook = NEW.rulebook,
      details = coalesce(NEW.details, details), version = NEW.n, head = NEW.hash
    WHERE id = NEW.item AND version = NEW.n - 1;
    IF NOT FOUND THEN
      PERFORM refused('N5: the journal row did not move the item');
    END IF;
  END IF;
  IF NEW.source <> NEW.target OR was_on <> NEW.worklist THEN
    INSERT INTO tally (worklist, state, slot, count)
    VALUES (was_on, NEW.source, mine, -1), (NEW.worklist, NEW.target, mine, 1)
    ON CONFLICT (worklist, state, slot) DO UPDATE SET count = tally.count + excluded.count;
  END IF;
  RETURN NULL;
END $$;

-- These two are belts: what a stranger may do goes through the guard above, which the path of a session cannot reach.
CREATE FUNCTION item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said routing.journal;
  kept text := NEW.details;
BEGIN
  SELECT * INTO said FROM routing.journal AS row WHERE item = NEW.id AND n = NEW.version;
  IF TG_OP = 'UPDATE' THEN
    kept := coalesce(said.details, OLD.details);
    IF NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id THEN
      PERFORM routing.refused('N5: an item changes only by the journal');
    END IF;
  ELSIF NEW.version <> 1 THEN
    PERFORM routing.refused('N5: an item begins only by the journal');
  ELSE
    kept := said.details;
  END IF;
  IF (NEW.procedure, NEW.kind, NEW.state, NEW.worklist, NEW.priority, NEW.rank, NEW.due_at, NEW.preliminary_due_at,
      NEW.wake_at, NEW.holder, NEW.token, NEW.lease_until, NEW.draft, NEW.successor, NEW.opened_at, NEW.rulebook,
      NEW.head, NEW.details)
    IS DISTINCT FROM (said.procedure, said.kind, said.target, said.worklist, said.priority, said.rank, said.due_at,
      said.preliminary_due_at, said.wake_at, said.holder, said.token, said.lease_until, said.draft, said.successor,
      said.opened_at, said.rulebook, said.hash, kept) THEN
    PERFORM routing.refused('N5: an item changes only by the journal');
  END IF;
  RETURN NEW;
END $$;

-- At the commit once more, whatever was done in between: each item that changed stands at its newest row.
CREATE FUNCTION item_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM routing.item WHERE id = NEW.id
    AND head = (SELECT hash FROM routing.journal AS row WHERE row.item = NEW.id ORDER BY n DESC LIMIT 1)) THEN
    PERFORM routing.refused('N5: the item does not stand at its newest journal row');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER journal_guard BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_guard();
CREATE TRIGGER journal_applies AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_applies();
CREATE TRIGGER item_guard BEFORE INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION item_guard();
CREATE CONSTRAINT TRIGGER item_stands AFTER INSERT OR UPDATE ON item DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION item_stands();

-- What is written stays as it was written ---------------------------------------------------------------------------
CREATE TRIGGER journal_never_changes BEFORE UPDATE OR DELETE ON journal
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: the journal is never edited or shortened');
CREATE TRIGGER item_never_vanishes BEFORE DELETE ON item
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: an item is never deleted');
CREATE TRIGGER evidence_never_changes BEFORE UPDATE OR DELETE ON evidence
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: evidence is never edited or deleted');
CREATE TRIGGER inbox_never_changes BEFORE UPDATE OR DELETE ON inbox
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: what was received is never edited or deleted');
CREATE TRIGGER raw_never_vanishes BEFORE DELETE ON raw
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: stored bytes are never deleted');
CREATE TRIGGER outcome_never_changes BEFORE UPDATE OR DELETE ON outcome
  FOR EACH ROW EXECUTE FUNCTION refuse('N3: an input has one outcome, and keeps it');
CREATE TRIGGER legal_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON legal
  FOR EACH ROW EXECUTE FUNCTION refuse('N6: the transition table is frozen');
CREATE TRIGGER worklist_never_vanishes BEFORE DELETE ON worklist
  FOR EACH ROW EXECUTE FUNCTION refuse('N12: a worklist is retired, never deleted');
CREATE TRIGGER rulebook_never_changes BEFORE UPDATE OR DELETE ON rulebook
  FOR EACH ROW EXECUTE FUNCTION refuse('N15: a kept rulebook is never edited or deleted');
CREATE TRIGGER activation_never_changes BEFORE UPDATE OR DELETE ON activation
  FOR EACH ROW EXECUTE FUNCTION refuse('N15: an activation is never edited or deleted');
CREATE TRIGGER procedure_never_vanishes BEFORE DELETE ON procedure
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: a procedure is never deleted');
CREATE TRIGGER alias_never_changes BEFORE UPDATE ON alias
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: a name of a procedure is added or dropped, never edited');
CREATE TRIGGER patient_never_vanishes BEFORE DELETE ON patient
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: what is known of a patient is never deleted');
CREATE TRIGGER tally_never_vanishes BEFORE DELETE ON tally
  FOR EACH ROW EXECUTE FUNCTION refuse('N16: the counts are kept by the journal alone');
CREATE TRIGGER seal_never_changes BEFORE UPDATE OR DELETE ON seal
  FOR EACH ROW EXECUTE FUNCTION refuse('N14: a seal is never edited or deleted');
CREATE TRIGGER outbox_never_vanishes BEFORE DELETE ON outbox
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: a notice is never deleted');
CREATE TRIGGER grants_never_change BEFORE UPDATE OR DELETE ON grants
  FOR EACH ROW EXECUTE FUNCTION refuse('N7: a grant is taken back, never edited or deleted');
CREATE TRIGGER reader_never_vanishes BEFORE DELETE ON reader
  FOR EACH ROW EXECUTE FUNCTION refuse('N4: a reader is never deleted');
CREATE TRIGGER meta_never_vanishes BEFORE DELETE ON meta
  FOR EACH ROW EXECUTE FUNCTION refuse('N17: what the store is does not change');
CREATE TRIGGER settings_never_change BEFORE UPDATE OR DELETE ON settings
  FOR EACH ROW EXECUTE FUNCTION refuse('N17: the record of settings is never edited or shortened');
CREATE TRIGGER migration_never_changes BEFORE UPDATE OR DELETE ON migration
  FOR EACH ROW EXECUTE FUNCTION refuse('N17: the record of migrations is never edited or shortened');
CREATE TRIGGER clock_step_never_changes BEFORE UPDATE OR DELETE ON clock_step
  FOR EACH ROW EXECUTE FUNCTION refuse('N14: a step of the clock is never edited or deleted');

CREATE FUNCTION changes_lawfully() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'raw' THEN
    IF TG_OP = 'INSERT' AND NEW.bytes IS NULL THEN
      PERFORM refused('N4: stored bytes belong to one input and are never replaced');
    ELSIF TG_OP = 'UPDATE' AND NOT (NEW.input = OLD.input AND NEW.bytes IS NULL AND OLD.bytes IS NOT NULL
      AND EXISTS (SELECT 1 FROM evidence WHERE id = NEW.redacted AND kind = 'redaction')) THEN
      PERFORM refused('N4: stored bytes are only emptied, by a recorded redaction');
    END IF;
  ELSIF TG_TABLE_NAME = 'procedure' THEN
    IF TG_OP = 'INSERT' AND NEW.revision <> 1 THEN
      PERFORM refused('N4: a procedure is numbered in order and never replaced');
    ELSIF TG_OP = 'UPDATE'
      AND (NEW.id <> OLD.id OR NEW.revision <> OLD.revision + 1 OR NEW.digest = OLD.digest) THEN
      PERFORM refused('N4: what is known of a procedure changes by revisions');
    END IF;
  ELSIF TG_TABLE_NAME = 'patient' THEN
    IF TG_OP = 'INSERT' AND NEW.revision <> 1 THEN
      PERFORM refused('N4: what is known of a patient is never replaced');
    ELSIF TG_OP = 'UPDATE'
      AND (NEW.issuer <> OLD.issuer OR NEW.revision <> OLD.revision + 1 OR NEW.digest = OLD.digest
      OR (NEW.number <> OLD.number AND NOT (NEW.knowledge = '{}' AND EXISTS (SELECT 1 FROM evidence
        WHERE kind = 'redaction' AND NEW.number = 'redacted ' || id)))) THEN
      PERFORM refused('N4: what is known of a patient changes by revisions, and its number by a redaction');
    END IF;
  ELSIF TG_TABLE_NAME = 'outbox' THEN
    IF TG_OP = 'INSERT' AND NEW.done_at IS NOT NULL THEN
      PERFORM refused('N4: a notice is numbered in order and begins undelivered');
    ELSIF TG_OP = 'UPDATE' AND (NEW.id <> OLD.id OR NEW.item IS DISTINCT FROM OLD.item OR NEW.target <> OLD.target
      OR NEW.payload <> OLD.payload OR NEW.made_at <> OLD.made_at OR OLD.done_at IS NOT NULL
      OR NEW.done_at IS NULL) THEN
      PERFORM refused('N4: a notice is only marked as delivered, once');
    END IF;
  ELSIF TG_TABLE_NAME = 'reader' THEN
    IF TG_OP = 'INSERT' AND NEW.revision <> 1 THEN
      PERFORM refused('N4: a reader is never replaced');
    ELSIF TG_OP = 'UPDATE' AND (NEW.name <> OLD.name OR NEW.revision <> OLD.revision + 1) THEN
      PERFORM refused('N4: a reader changes by revisions');
    END IF;
  ELSIF TG_TABLE_NAME = 'meta' THEN
    IF NEW.name NOT LIKE 'remark.%' OR (TG_OP = 'UPDATE' AND NEW.name <> OLD.name) THEN
      PERFORM refused('N17: what the store is does not change');
    END IF;
  ELSIF TG_TABLE_NAME = 'seal' THEN
    PERFORM pg_advisory_xact_lock(1380930901, 0);
    IF NEW.k IS DISTINCT FROM (SELECT coalesce(max(k), 0) + 1 FROM seal)
      OR NEW.prev IS DISTINCT FROM coalesce((SELECT hash FROM seal ORDER BY k DESC LIMIT 1), repeat('0', 64))
      OR NEW.last_seq > (SELECT coalesce(max(seq), 0) FROM journal)
      OR NEW.last_seq < (SELECT coalesce(max(last_seq), 0) FROM seal) THEN
      PERFORM refused('N14: a seal follows the last seal and covers the whole journal');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER raw_only_redacted BEFORE INSERT OR UPDATE ON raw
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER procedure_only_learns BEFORE INSERT OR UPDATE ON procedure
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER patient_only_learns BEFORE INSERT OR UPDATE ON patient
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER outbox_only_done BEFORE INSERT OR UPDATE ON outbox
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER reader_only_revised BEFORE INSERT OR UPDATE ON reader
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER meta_only_remarks BEFORE INSERT OR UPDATE ON meta
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();
CREATE TRIGGER seal_follows BEFORE INSERT ON seal
  FOR EACH ROW EXECUTE FUNCTION changes_lawfully();

-- The last name of open work stays. The procedure is held, so that of two that drop a name one sees the other.
CREATE FUNCTION alias_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM 1 FROM procedure WHERE id = OLD.procedure FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM item WHERE procedure = OLD.procedure AND open = 1)
    AND NOT EXISTS (SELECT 1 FROM alias WHERE procedure = OLD.procedure
      AND NOT (kind = OLD.kind AND value = OLD.value AND issuer = OLD.issuer)) THEN
    PERFORM refused('N4: a procedure with open items keeps a name');
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER alias_never_the_last BEFORE DELETE ON alias FOR EACH ROW EXECUTE FUNCTION alias_guard();

CREATE FUNCTION worklist_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM close_gate();
  IF NEW.fallback IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM worklist WHERE code = NEW.fallback AND status = 'active') THEN
    PERFORM refused('N12: the fallback is not an active worklist, or leads back here');
  END IF;
  IF TG_OP = 'INSERT' THEN
    RETURN NEW;
  END IF;
  IF NEW.code <> OLD.code THEN
    PERFORM refused('N12: a worklist is never renamed');
  ELSIF NEW.status = 'retired' AND EXISTS (SELECT 1 FROM item WHERE worklist = OLD.code AND open = 1) THEN
    PERFORM refused('N12: a worklist with open items is not retired');
  ELSIF OLD.kind = 'exceptions' AND (NEW.kind <> 'exceptions' OR NEW.status <> 'active')
    AND NOT EXISTS (SELECT 1 FROM worklist WHERE kind = 'exceptions' AND status = 'active' AND code <> OLD.code) THEN
    PERFORM refused('N12: the last exceptions worklist stays');
  ELSIF NEW.code IN (WITH RECURSIVE chain (code) AS (SELECT NEW.fallback::text UNION
      SELECT worklist.fallback::text FROM worklist JOIN chain ON worklist.code = chain.code
      WHERE worklist.fallback IS NOT NULL) SELECT code FROM chain WHERE code IS NOT NULL) THEN
    PERFORM refused('N12: the fallback is not an active worklist, or leads back here');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER worklist_never_strands BEFORE INSERT OR UPDATE ON worklist
  FOR EACH ROW EXECUTE FUNCTION worklist_guard();

-- An activation waits for the writers that decide by the rulebook before, and they for it.
CREATE FUNCTION activation_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
BEGIN
  PERFORM close_gate();
  RETURN NEW;
END $$;
CREATE TRIGGER activation_alone BEFORE INSERT ON activation FOR EACH ROW EXECUTE FUNCTION activation_guard();

-- No table is ever emptied -------------------------------------------------------------------------------------------
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'routing'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT
      EXECUTE FUNCTION refuse(%L)', one.relname, 'N4: no table of the store is ever emptied');
  END LOOP;
END $$;
