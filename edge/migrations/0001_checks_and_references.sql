-- The truth about references, checks and keys. Times are ISO 8601 in UTC, so that they sort as text.

CREATE TABLE library_references (
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  -- 'indexing' rows are claims: they hold the id and the content until the backend has made them durable.
  status TEXT NOT NULL CHECK (status IN ('indexing', 'ready')),
  -- The analysis that makes the index entry: a job of its own, or the check that found the video unique.
  job_id TEXT NOT NULL,
  -- 1 once a client has heard 202: from then on only a final failure may remove the row.
  acknowledged INTEGER NOT NULL DEFAULT 0,
  object_key TEXT,
  source TEXT NOT NULL,
  duration_s REAL,
  frames INTEGER,
  packets_sha256 TEXT,
  metadata TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant, library, id)
);
CREATE UNIQUE INDEX library_references_by_content ON library_references (tenant, library, sha256);
CREATE INDEX library_references_unfinished ON library_references (updated_at) WHERE status = 'indexing';

-- References that no longer exist for anyone but are perhaps still in the backend's index. Keyed with the job,
-- so that an id can be used again at once while the backend still forgets its predecessor.
CREATE TABLE deleted_references (
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  object_key TEXT,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant, library, id, job_id)
);
CREATE INDEX deleted_references_by_age ON deleted_references (updated_at);

-- Why an acknowledged reference never became ready: its row is gone, but its owner wants to know.
CREATE TABLE reference_failures (
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  id TEXT NOT NULL,
  problem TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (tenant, library, id)
);

-- Raised by every deletion: verdicts cached under an older epoch are never looked at again.
CREATE TABLE library_epochs (
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (tenant, library)
);

CREATE TABLE checks (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  -- 'queued' until the video is in the object store, then 'running'.
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed')),
  request TEXT NOT NULL,
  -- Only while queued: a signed link is a secret, so it is forgotten as soon as it has been fetched.
  source_url TEXT,
  sha256 TEXT,
  bytes INTEGER,
  object_key TEXT,
  intake_ms INTEGER,
  result TEXT,
  problem TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  completed_at TEXT
);
CREATE INDEX checks_unfinished ON checks (updated_at) WHERE status IN ('queued', 'running');

CREATE TABLE api_keys (
  key_hash TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  scopes TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  created_at TEXT NOT NULL
);
