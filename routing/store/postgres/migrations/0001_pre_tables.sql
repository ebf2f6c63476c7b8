-- The tables of a PostgreSQL store: those of SQLite, in the schema `routing`. Instants are UTC, in whole microseconds
-- since 1970. Identity stands only in `alias`, `procedure.knowledge`, `patient` and `raw`.
--
-- Texts compare by their bytes, as in SQLite. Many write at once, so numbers come from sequences and may have gaps;
-- what is complete is proved by chains and seals.

CREATE TABLE migration (
  number integer PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  sha256 text COLLATE "C" NOT NULL
);

CREATE TABLE meta (
  name text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);

-- What each opening found the server's settings to be, whenever they differ from the last line (N17).
CREATE TABLE settings (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text COLLATE "C" NOT NULL
);

-- The transition table of routing.states as data (N6). `source` is '' for an item that begins.
CREATE TABLE legal (
  event text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  needs_evidence smallint NOT NULL CHECK (needs_evidence IN (0, 1)),
  needs_reason smallint NOT NULL CHECK (needs_reason IN (0, 1)),
  raises_token smallint NOT NULL CHECK (raises_token IN (0, 1)),
  moves_list smallint NOT NULL CHECK (moves_list IN (0, 1)),
  may_lengthen smallint NOT NULL CHECK (may_lengthen IN (0, 1)),
  may_lower smallint NOT NULL CHECK (may_lower IN (0, 1)),
  PRIMARY KEY (event, source, target)
);

CREATE TABLE worklist (
  code text COLLATE "C" PRIMARY KEY,
  status text COLLATE "C" NOT NULL CHECK (status IN ('active', 'closing', 'retired')),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('list', 'exceptions')),
  fallback text COLLATE "C" REFERENCES worklist (code)
);

CREATE TABLE rulebook (
  fingerprint text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  text text COLLATE "C" NOT NULL,
  tables text COLLATE "C" NOT NULL,
  added_at bigint NOT NULL
);

CREATE TABLE activation (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fingerprint text COLLATE "C" NOT NULL REFERENCES rulebook (fingerprint),
  actor text COLLATE "C" NOT NULL CHECK (btrim(actor) <> ''),
  reason text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);

CREATE TABLE procedure (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision bigint NOT NULL,
  digest text COLLATE "C" NOT NULL CHECK (length(digest) = 64),
  knowledge text COLLATE "C" NOT NULL
) WITH (fillfactor = 85);

CREATE TABLE alias (
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('accession', 'study_uid', 'placer', 'filler', 'patient')),
  value text COLLATE "C" NOT NULL CHECK (value <> ''),
  issuer text COLLATE "C" NOT NULL,
  procedure bigint NOT NULL REFERENCES procedure (id),
  PRIMARY KEY (kind, value, issuer, procedure)
);
CREATE INDEX alias_of ON alias (procedure);

CREATE TABLE patient (
  number text COLLATE "C" NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  digest text COLLATE "C" NOT NULL CHECK (length(digest) = 64),
  knowledge text COLLATE "C" NOT NULL,
  PRIMARY KEY (number, issuer)
);

-- What was received (N1). `concluded` makes a commit without an outcome impossible: its key is checked then (N3).
CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL CHECK (digest <> ''),
  kind text COLLATE "C" NOT NULL,
  received_at bigint NOT NULL,
  raw_sha256 text COLLATE "C" NOT NULL CHECK (length(raw_sha256) = 64),
  concluded bigint GENERATED ALWAYS AS (id) STORED,
  kept bigint GENERATED ALWAYS AS (id) STORED,
  UNIQUE (source, message_id, digest)
);
CREATE INDEX inbox_of ON inbox (source, id);

CREATE TABLE evidence (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('report', 'message', 'closure', 'successor', 'redaction')),
  procedure bigint REFERENCES procedure (id),
  status text COLLATE "C",
  item bigint,
  input bigint REFERENCES inbox (id),
  digest text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  CHECK (kind <> 'report' OR (status IS NOT NULL
    AND status IN ('preliminary', 'final', 'corrected', 'addendum', 'withdrawn', 'cancelled'))),
  CHECK (kind <> 'message' OR input IS NOT NULL),
  CHECK (kind <> 'successor' OR item IS NOT NULL)
);

CREATE TABLE raw (
  input bigint PRIMARY KEY REFERENCES inbox (id),
  bytes bytea,
  redacted bigint REFERENCES evidence (id),
  CHECK ((bytes IS NULL) = (redacted IS NOT NULL))
);
ALTER TABLE inbox ADD FOREIGN KEY (kept) REFERENCES raw (input) DEFERRABLE INITIALLY DEFERRED;

CREATE SEQUENCE journal_seq AS bigint;
CREATE SEQUENCE item_id AS bigint;

-- The only write path (N5): inserting a row here is the transition. Each row is a full image of the item, so that the
-- item is what its newest row says; `details` alone is carried over where it is NULL. `seq`, `known`, `at` and `hash`
-- are written by the guard and by nobody else.
CREATE TABLE journal (
  seq bigint PRIMARY KEY,
  item bigint NOT NULL,
  n bigint NOT NULL,
  event text COLLATE "C" NOT NULL,
  source text COLLATE "C",
  target text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  procedure bigint,
  known text COLLATE "C",
  worklist text COLLATE "C" NOT NULL,
  priority text COLLATE "C" NOT NULL,
  rank bigint NOT NULL,
  due_at bigint,
  preliminary_due_at bigint,
  wake_at bigint,
  holder text COLLATE "C",
  token bigint NOT NULL,
  lease_until bigint,
  draft smallint NOT NULL,
  successor bigint,
  opened_at bigint NOT NULL,
  rulebook text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  reason text COLLATE "C",
  evidence bigint REFERENCES evidence (id),
  engine text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  prev text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  details text COLLATE "C",
  body text COLLATE "C" NOT NULL,
  came text COLLATE "C" GENERATED ALWAYS AS (coalesce(source, '')) STORED,
  UNIQUE (item, n),
  FOREIGN KEY (event, came, target) REFERENCES legal (event, source, target)
);

CREATE TABLE item (
  id bigint PRIMARY KEY,
  procedure bigint REFERENCES procedure (id),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('report', 'opinion', 'arbitrate', 'recheck', 'audit', 'resolve')),
  state text COLLATE "C" NOT NULL CHECK (state IN
    ('expected', 'held', 'waiting', 'claimed', 'preliminary', 'reported', 'closed', 'superseded')),
  open smallint NOT NULL
    CHECK (open = (state IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'))::integer),
  readable smallint NOT NULL CHECK (readable = (state IN ('waiting', 'claimed', 'preliminary'))::integer),
  worklist text COLLATE "C" NOT NULL REFERENCES worklist (code),
  priority text COLLATE "C" NOT NULL,
  rank bigint NOT NULL,
  due_at bigint,
  preliminary_due_at bigint,
  wake_at bigint,
  holder text COLLATE "C",
  token bigint NOT NULL,
  lease_until bigint,
  draft smallint NOT NULL CHECK (draft IN (0, 1)),
  successor bigint REFERENCES item (id),
  opened_at bigint NOT NULL,
  rulebook text COLLATE "C" NOT NULL REFERENCES rulebook (fingerprint),
  version bigint NOT NULL,
  head text COLLATE "C" NOT NULL,
  details text COLLATE "C" NOT NULL,
  CHECK (procedure IS NOT NULL OR kind = 'resolve'),
  CHECK ((state = 'claimed') = (holder IS NOT NULL) AND (state = 'claimed') = (lease_until IS NOT NULL)),
  CHECK (state = 'claimed' OR (draft = 1) = (state = 'preliminary')),
  CHECK ((state = 'superseded') = (successor IS NOT NULL)),
  CHECK (state <> 'held' OR wake_at IS NOT NULL)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE evidence ADD FOREIGN KEY (item) REFERENCES item (id);
CREATE INDEX item_page ON item (worklist, rank, (coalesce(due_at, 9223372036854775807)), opened_at, id) WHERE open = 1;
-- What nobody has in hand: a claim takes the item out of it, so that the next claim does not walk past all before it.
CREATE INDEX item_free ON item (worklist, rank, (coalesce(due_at, 9223372036854775807)), opened_at, id)
  WHERE readable = 1 AND state <> 'claimed';
CREATE INDEX item_age ON item (worklist, readable, opened_at, id) WHERE open = 1;
CREATE INDEX item_claimed ON item (worklist, opened_at) WHERE state = 'claimed';
CREATE INDEX item_held ON item (worklist, opened_at) WHERE state = 'held';
CREATE INDEX item_draft ON item (worklist, opened_at) WHERE state = 'preliminary';
CREATE INDEX item_lease ON item (lease_until, id) WHERE state = 'claimed';
CREATE INDEX item_wake ON item (wake_at, id) WHERE open = 1 AND wake_at IS NOT NULL;
CREATE INDEX item_due ON item (due_at, id) WHERE open = 1 AND due_at IS NOT NULL;
-- What is free to claim and past its due, list by list; and what a pass, an opinion or a sign-off asks of one reader:
-- `asked` in the details, up to its first quotation mark. They are no jsonb, which takes no \u0000.
CREATE INDEX item_overdue ON item (worklist, due_at, id) WHERE readable = 1 AND due_at IS NOT NULL;
CREATE INDEX item_asked ON item ((split_part(split_part(details, '"asked":"', 2), '"', 1)), id)
  WHERE open = 1 AND strpos(details, '"asked":"') > 0;
CREATE INDEX item_procedure ON item (procedure);

CREATE TABLE outcome (
  input bigint PRIMARY KEY REFERENCES inbox (id),
  outcome text COLLATE "C" NOT NULL
    CHECK (outcome IN ('accepted', 'accepted_with_warning', 'duplicate_ignored', 'parked', 'quarantined')),
  procedures text COLLATE "C" NOT NULL,
  warnings text COLLATE "C" NOT NULL,
  item bigint REFERENCES item (id),
  reason text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  CHECK (outcome <> 'quarantined' OR item IS NOT NULL)
);
CREATE INDEX outcome_names ON outcome USING gin ((procedures::jsonb));
ALTER TABLE inbox ADD FOREIGN KEY (concluded) REFERENCES outcome (input) DEFERRABLE INITIALLY DEFERRED;

-- How many items are where, kept by the guards. One count has a row for each slot: transactions side by side take
-- different slots, so that they do not wait for each other; the sum over the slots is the count.
CREATE TABLE tally (
  worklist text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  slot smallint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (worklist, state, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE seal (
  k bigint PRIMARY KEY,
  at bigint NOT NULL,
  items bigint NOT NULL,
  events bigint NOT NULL,
  last_seq bigint NOT NULL,
  root text COLLATE "C" NOT NULL CHECK (length(root) = 64),
  prev text COLLATE "C" NOT NULL CHECK (length(prev) = 64),
  hash text COLLATE "C" NOT NULL CHECK (length(hash) = 64)
);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item bigint REFERENCES item (id),
  target text COLLATE "C" NOT NULL,
  payload text COLLATE "C" NOT NULL,
  made_at bigint NOT NULL,
  done_at bigint
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE done_at IS NULL;

CREATE TABLE grants (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor text COLLATE "C" NOT NULL CHECK (btrim(actor) <> ''),
  act text COLLATE "C" NOT NULL CHECK (btrim(act) <> ''),
  scope text COLLATE "C" NOT NULL,
  given smallint NOT NULL CHECK (given IN (0, 1)),
  by text COLLATE "C" NOT NULL CHECK (btrim(by) <> ''),
  reason text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX grants_of ON grants (actor, act, scope, seq);

CREATE TABLE reader (
  name text COLLATE "C" PRIMARY KEY,
  skills text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  revision bigint NOT NULL
);

-- Clocks that stood behind what was already written, by more than an hour.
CREATE TABLE clock_step (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  now bigint NOT NULL
);
