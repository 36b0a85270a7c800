-- Checks that can be cancelled, listed, decided and deleted; references that can be disabled; imports.

-- A new column in place of the old one, since SQLite cannot change a CHECK: the rest of the table stays as it is.
DROP INDEX checks_unfinished;
ALTER TABLE checks RENAME COLUMN status TO former_status;
ALTER TABLE checks ADD COLUMN status TEXT NOT NULL DEFAULT 'queued'
  CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled'));
UPDATE checks SET status = former_status;
ALTER TABLE checks DROP COLUMN former_status;
CREATE INDEX checks_unfinished ON checks (updated_at) WHERE status IN ('queued', 'running');

-- The verdict, to be found without reading results.
ALTER TABLE checks ADD COLUMN verdict TEXT GENERATED ALWAYS AS (json_extract(result, '$.verdict')) VIRTUAL;
-- The decision in force, as JSON; those before it are in check_decisions.
ALTER TABLE checks ADD COLUMN decision TEXT;
ALTER TABLE checks ADD COLUMN decided TEXT GENERATED ALWAYS AS (json_extract(decision, '$.decision')) VIRTUAL;

CREATE INDEX checks_by_time ON checks (tenant, created_at, id);
CREATE INDEX checks_by_status ON checks (tenant, status, created_at, id);
CREATE INDEX checks_by_verdict ON checks (tenant, verdict, created_at, id);
CREATE INDEX checks_by_library ON checks (tenant, library, created_at, id);
CREATE INDEX checks_by_decision ON checks (tenant, verdict, decided, created_at, id) WHERE verdict = 'review';
CREATE INDEX checks_ended ON checks (completed_at) WHERE completed_at IS NOT NULL;

CREATE TABLE check_decisions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  check_id TEXT NOT NULL,
  -- As the API shows it: decision, by, reason, decided_at.
  decision TEXT NOT NULL
);
CREATE INDEX check_decisions_of ON check_decisions (check_id, number);

-- Set: in no verdict, although the index still has it.
ALTER TABLE library_references ADD COLUMN disabled_at TEXT;
CREATE INDEX library_references_by_time ON library_references (tenant, library, created_at, id);
CREATE INDEX library_references_indexing ON library_references (tenant, library, created_at, id)
  WHERE status = 'indexing';
CREATE INDEX library_references_disabled ON library_references (tenant, library, created_at, id)
  WHERE disabled_at IS NOT NULL;

CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'cancelled')),
  total INTEGER NOT NULL,
  -- Raised when a message is taken: its copies come too late.
  turn INTEGER NOT NULL DEFAULT 0,
  -- Lines by status as JSON, once none of them is open any more.
  counts TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  completed_at TEXT
);
CREATE INDEX imports_by_time ON imports (tenant, created_at, id);
CREATE INDEX imports_open ON imports (updated_at) WHERE completed_at IS NULL;
CREATE INDEX imports_ended ON imports (completed_at) WHERE completed_at IS NOT NULL;

CREATE TABLE import_lines (
  import_id TEXT NOT NULL,
  line INTEGER NOT NULL,
  -- 'indexing': the video is in and the reference promised.
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'indexing', 'done', 'failed', 'cancelled')),
  -- Until the line has ended: a signed link is a secret.
  source_url TEXT,
  -- Without its query string.
  url TEXT,
  reference_id TEXT,
  metadata TEXT NOT NULL,
  problem TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (import_id, line)
) WITHOUT ROWID;
CREATE INDEX import_lines_by_status ON import_lines (import_id, status, line);
