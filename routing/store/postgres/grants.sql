-- What the roles may do; done anew after every migration. {app} and {reader} are names of roles.
-- The application inserts journal rows and what they rest on. It owns nothing, deletes nothing but a name of a
-- procedure, and can write no number, no instant of the journal and no hash.
REVOKE ALL ON ALL TABLES IN SCHEMA routing FROM PUBLIC, {app};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA routing FROM PUBLIC, {app};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA routing FROM PUBLIC;
GRANT USAGE ON SCHEMA routing TO {app};
GRANT SELECT ON ALL TABLES IN SCHEMA routing TO {app};
GRANT EXECUTE ON FUNCTION clock(), refused(text), begin_writing(bigint), close_gate(), settled(), hold_item(bigint),
  hold_items_of(bigint), hold_named(integer, text, text, text), hold_free(bigint, bigint) TO {app};
GRANT INSERT (item, n, event, source, target, kind, procedure, worklist, priority, rank, due_at, preliminary_due_at,
  wake_at, holder, token, lease_until, draft, successor, opened_at, rulebook, actor, reason, evidence, engine, prev,
  details, body) ON journal TO {app};
GRANT INSERT (source, message_id, digest, kind, received_at, raw_sha256) ON inbox TO {app};
GRANT INSERT (input, bytes), UPDATE (bytes, redacted) ON raw TO {app};
GRANT INSERT ON outcome TO {app};
GRANT INSERT (kind, procedure, status, item, input, digest, body, at) ON evidence TO {app};
GRANT INSERT (revision, digest, knowledge), UPDATE (revision, digest, knowledge) ON procedure TO {app};
GRANT INSERT, DELETE ON alias TO {app};
GRANT INSERT, UPDATE (number, revision, digest, knowledge) ON patient TO {app};
GRANT INSERT, UPDATE (status, kind, fallback) ON worklist TO {app};
GRANT INSERT ON rulebook TO {app};
GRANT INSERT (fingerprint, actor, reason, at) ON activation TO {app};
GRANT INSERT ON seal TO {app};
GRANT INSERT (item, target, payload, made_at, done_at), UPDATE (done_at) ON outbox TO {app};
GRANT INSERT (actor, act, scope, given, by, reason, at) ON grants TO {app};
GRANT INSERT, UPDATE (skills, body, revision) ON reader TO {app};
GRANT INSERT, UPDATE (value) ON meta TO {app};
GRANT INSERT (text) ON settings TO {app};
GRANT INSERT (at, now) ON clock_step TO {app};
