-- The tables of a SQLite store. Instants are UTC, in whole microseconds since 1970. Identity stands only in `alias`,
-- `procedure.knowledge`, `patient` and `raw`; the journal and its chain hold none.

CREATE TABLE migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What each opening found the engine's settings to be, whenever they differ from the last line (N17).
CREATE TABLE settings (
  seq INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- The transition table of routing.states as data (N6). `source` is '' for an item that begins.
CREATE TABLE legal (
  event TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  needs_evidence INTEGER NOT NULL CHECK (needs_evidence IN (0, 1)),
  needs_reason INTEGER NOT NULL CHECK (needs_reason IN (0, 1)),
  raises_token INTEGER NOT NULL CHECK (raises_token IN (0, 1)),
  moves_list INTEGER NOT NULL CHECK (moves_list IN (0, 1)),
  may_lengthen INTEGER NOT NULL CHECK (may_lengthen IN (0, 1)),
  may_lower INTEGER NOT NULL CHECK (may_lower IN (0, 1)),
  PRIMARY KEY (event, source, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE worklist (
  code TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('active', 'closing', 'retired')),
  kind TEXT NOT NULL CHECK (kind IN ('list', 'exceptions')),
  fallback TEXT REFERENCES worklist (code)
) STRICT, WITHOUT ROWID;

CREATE TABLE rulebook (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  tables TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE activation (
  seq INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL REFERENCES rulebook (fingerprint),
  actor TEXT NOT NULL CHECK (trim(actor) <> ''),
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE procedure (
  id INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  knowledge TEXT NOT NULL
) STRICT;

CREATE TABLE alias (
  kind TEXT NOT NULL CHECK (kind IN ('accession', 'study_uid', 'placer', 'filler', 'patient')),
  value TEXT NOT NULL CHECK (value <> ''),
  issuer TEXT NOT NULL,
  procedure INTEGER NOT NULL REFERENCES procedure (id),
  PRIMARY KEY (kind, value, issuer, procedure)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_of ON alias (procedure);

CREATE TABLE patient (
  number TEXT NOT NULL,
  issuer TEXT NOT NULL,
  revision INTEGER NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  knowledge TEXT NOT NULL,
  PRIMARY KEY (number, issuer)
) STRICT, WITHOUT ROWID;

-- What was received (N1). `concluded` makes a commit without an outcome impossible: its key is checked at the commit (N3).
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  message_id TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (digest <> ''),
  kind TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  raw_sha256 TEXT NOT NULL CHECK (length(raw_sha256) = 64),
  concluded INTEGER NOT NULL REFERENCES outcome (input) DEFERRABLE INITIALLY DEFERRED,
  kept INTEGER NOT NULL REFERENCES raw (input) DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (source, message_id, digest),
  CHECK (concluded = id AND kept = id)
) STRICT;
CREATE INDEX inbox_of ON inbox (source, id);

CREATE TABLE raw (
  input INTEGER PRIMARY KEY REFERENCES inbox (id),
  bytes BLOB,
  redacted INTEGER REFERENCES evidence (id),
  CHECK ((bytes IS NULL) = (redacted IS NOT NULL))
) STRICT;

CREATE TABLE outcome (
  input INTEGER PRIMARY KEY REFERENCES inbox (id),
  outcome TEXT NOT NULL
    CHECK (outcome IN ('accepted', 'accepted_with_warning', 'duplicate_ignored', 'parked', 'quarantined')),
  procedures TEXT NOT NULL,
  warnings TEXT NOT NULL,
  item INTEGER REFERENCES item (id),
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  CHECK (outcome <> 'quarantined' OR item IS NOT NULL)
) STRICT;

CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('report', 'message', 'closure', 'successor', 'redaction')),
  procedure INTEGER REFERENCES procedure (id),
  status TEXT,
  item INTEGER REFERENCES item (id),
  input INTEGER REFERENCES inbox (id),
  digest TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  CHECK (kind <> 'report' OR status IN ('preliminary', 'final', 'corrected', 'addendum', 'withdrawn', 'cancelled')),
  CHECK (kind <> 'message' OR input IS NOT NULL),
  CHECK (kind <> 'successor' OR item IS NOT NULL)
) STRICT;

-- The only write path (N5): inserting a row here is the transition. Each row is a full image of the item, so that the
-- item is what its newest row says; `details` alone is carried over where it is NULL. What may be long stands last in
-- every table, so that the guards do not read through it.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  item INTEGER NOT NULL,
  n INTEGER NOT NULL,
  event TEXT NOT NULL,
  source TEXT,
  target TEXT NOT NULL,
  kind TEXT NOT NULL,
  procedure INTEGER,
  known TEXT,
  worklist TEXT NOT NULL,
  priority TEXT NOT NULL,
  rank INTEGER NOT NULL,
  due_at INTEGER,
  preliminary_due_at INTEGER,
  wake_at INTEGER,
  holder TEXT,
  token INTEGER NOT NULL,
  lease_until INTEGER,
  draft INTEGER NOT NULL,
  successor INTEGER,
  opened_at INTEGER NOT NULL,
  rulebook TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  evidence INTEGER REFERENCES evidence (id),
  engine TEXT NOT NULL,
  at INTEGER NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  details TEXT,
  body TEXT NOT NULL,
  UNIQUE (item, n)
) STRICT;

CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  procedure INTEGER REFERENCES procedure (id),
  kind TEXT NOT NULL CHECK (kind IN ('report', 'opinion', 'arbitrate', 'recheck', 'audit', 'resolve')),
  state TEXT NOT NULL CHECK (state IN
    ('expected', 'held', 'waiting', 'claimed', 'preliminary', 'reported', 'closed', 'superseded')),
  open INTEGER NOT NULL CHECK (open = (state IN ('expected', 'held', 'waiting', 'claimed', 'preliminary'))),
  readable INTEGER NOT NULL CHECK (readable = (state IN ('waiting', 'claimed', 'preliminary'))),
  worklist TEXT NOT NULL REFERENCES worklist (code),
  priority TEXT NOT NULL,
  rank INTEGER NOT NULL,
  due_at INTEGER,
  preliminary_due_at INTEGER,
  wake_at INTEGER,
  holder TEXT,
  token INTEGER NOT NULL,
  lease_until INTEGER,
  draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
  successor INTEGER REFERENCES item (id),
  opened_at INTEGER NOT NULL,
  rulebook TEXT NOT NULL REFERENCES rulebook (fingerprint),
  version INTEGER NOT NULL,
  head TEXT NOT NULL,
  details TEXT NOT NULL,
  CHECK (procedure IS NOT NULL OR kind = 'resolve'),
  CHECK ((state = 'claimed') = (holder IS NOT NULL) AND (state = 'claimed') = (lease_until IS NOT NULL)),
  CHECK (state = 'claimed' OR (draft = 1) = (state = 'preliminary')),
  CHECK ((state = 'superseded') = (successor IS NOT NULL)),
  CHECK (state <> 'held' OR wake_at IS NOT NULL)
) STRICT;
CREATE INDEX item_page ON item (worklist, rank, ifnull(due_at, 9223372036854775807), opened_at, id) WHERE open = 1;
-- A claim, and the end of one, leave all indexes alone but the last of these: an index written is a page to sync.
CREATE INDEX item_readable ON item (worklist, rank, ifnull(due_at, 9223372036854775807), opened_at, id)
  WHERE readable = 1;
CREATE INDEX item_age ON item (worklist, readable, opened_at) WHERE open = 1;
CREATE INDEX item_held ON item (worklist, opened_at) WHERE state = 'held';
CREATE INDEX item_draft ON item (worklist, opened_at) WHERE state = 'preliminary';
CREATE INDEX item_lease ON item (lease_until, id) WHERE state = 'claimed';
CREATE INDEX item_wake ON item (wake_at, id) WHERE open = 1 AND wake_at IS NOT NULL;
CREATE INDEX item_due ON item (due_at, id) WHERE open = 1 AND due_at IS NOT NULL;
CREATE INDEX item_procedure ON item (procedure);

-- How many items are where, kept by the guards; `seq` is the journal row that changed the count last.
CREATE TABLE tally (
  worklist TEXT NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  seq INTEGER NOT NULL,
  PRIMARY KEY (worklist, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE seal (
  k INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  items INTEGER NOT NULL,
  events INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  root TEXT NOT NULL CHECK (length(root) = 64),
  prev TEXT NOT NULL CHECK (length(prev) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  item INTEGER REFERENCES item (id),
  target TEXT NOT NULL,
  payload TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  done_at INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (id) WHERE done_at IS NULL;

CREATE TABLE grants (
  seq INTEGER PRIMARY KEY,
  actor TEXT NOT NULL CHECK (trim(actor) <> ''),
  act TEXT NOT NULL CHECK (trim(act) <> ''),
  scope TEXT NOT NULL,
  given INTEGER NOT NULL CHECK (given IN (0, 1)),
  by TEXT NOT NULL CHECK (trim(by) <> ''),
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_of ON grants (actor, act, scope, seq);

CREATE TABLE reader (
  name TEXT NOT NULL PRIMARY KEY,
  skills TEXT NOT NULL,
  body TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Clocks that stood behind what was already written, by more than an hour.
CREATE TABLE clock_step (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  now INTEGER NOT NULL
) STRICT;
