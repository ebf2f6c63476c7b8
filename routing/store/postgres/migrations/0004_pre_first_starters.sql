-- Hosts that start together on a store without a rulebook come one after the other, and a transaction begins in fewer
-- steps.

-- Until a rulebook is active every writer is alone from the beginning. Whoever begins beside others and then wants to be
-- alone, as an activation does, waits for who wants the same: of many that make a store ready one would get on, and the
-- others be broken off, again and again.
CREATE OR REPLACE FUNCTION begin_writing(said bigint)
RETURNS TABLE (slot integer, now bigint, written bigint, durable text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = routing, pg_temp AS $$
DECLARE
  is_free boolean;
  is_told boolean;
BEGIN
  IF EXISTS (SELECT 1 FROM activation) THEN
    PERFORM pg_advisory_xact_lock_shared(1380930900, 0);
  ELSE
    PERFORM pg_advisory_xact_lock(1380930900, 0);
  END IF;
  slot := pg_backend_pid() % 64;
  -- One statement where there were four; what it calls is called in this order.
  SELECT pg_advisory_xact_lock_shared((21071::bigint << 48) | last_value) IS NOT NULL
      AND pg_try_advisory_xact_lock(1380930903, slot),
    said IS NOT NULL AND EXISTS (SELECT 1 FROM meta WHERE name = 'clock' AND value = 'session')
  INTO is_free, is_told FROM journal_seq;
  FOR step IN 1..63 LOOP
    EXIT WHEN is_free;
    slot := (slot + 1) % 64;
    is_free := pg_try_advisory_xact_lock(1380930903, slot);
  END LOOP;
  IF NOT is_free THEN
    PERFORM pg_advisory_xact_lock(1380930903, slot);
  END IF;
  PERFORM set_config('routing.begun', slot || ' ' || transaction_timestamp(), true);
  durable := current_setting('synchronous_commit');
  IF is_told THEN
    now := said;
    written := greatest(
      coalesce((SELECT journal.at FROM journal ORDER BY seq DESC LIMIT 1), -1),
      coalesce((SELECT outcome.at FROM outcome ORDER BY input DESC LIMIT 1), -1));
    PERFORM set_config('routing.now', greatest(said, written)::text, true);
  ELSE
    now := clock();
    written := now;
  END IF;
  RETURN NEXT;
END $$;
