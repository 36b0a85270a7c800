-- Maintenance of the whole installation: its jobs, who did what, the epoch of the index, and the evidence of checks.

-- A job's whole state, so that any turn can go on where the last one was.
CREATE TABLE maintenance_jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- As it was asked for.
  request TEXT NOT NULL,
  -- The tenant, of a purge: nothing new is taken from it until the job has ended.
  tenant TEXT,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  -- Raised when a message is taken: its copies come too late.
  turn INTEGER NOT NULL DEFAULT 0,
  -- Where it goes on; only its kind can read it.
  state TEXT,
  progress TEXT NOT NULL,
  -- Failures that may pass, since it last got on.
  failures INTEGER NOT NULL DEFAULT 0,
  cancel_requested_at TEXT,
  result TEXT,
  problem TEXT,
  -- The key that asked.
  asked_by TEXT NOT NULL,
  created_at TEXT NOT NULL,
  started_at TEXT,
  updated_at TEXT NOT NULL,
  completed_at TEXT
);
CREATE INDEX maintenance_jobs_by_time ON maintenance_jobs (created_at, id);
CREATE INDEX maintenance_jobs_open ON maintenance_jobs (updated_at) WHERE completed_at IS NULL;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  -- Who: the key and its tenant.
  key_id TEXT NOT NULL,
  key_tenant TEXT NOT NULL,
  -- What, such as generation.switch or job.restore.
  action TEXT NOT NULL,
  -- On what, as JSON.
  subject TEXT NOT NULL,
  -- begun, done, refused; of a job: asked, then completed, failed or cancelled.
  outcome TEXT NOT NULL,
  job_id TEXT
);
CREATE INDEX audit_by_age ON audit (at);
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only');
END;

-- Stands in front of every library's epoch: raised, no verdict counts that was cached before, anywhere.
CREATE TABLE index_epoch (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,
  -- The model, as JSON, whose verdicts may be cached; NULL: whichever answers.
  model TEXT
);
INSERT INTO index_epoch VALUES (1, 0, NULL);

-- What a check's verdict was made from, for trying other thresholds. It goes with its check.
CREATE TABLE check_evidence (
  check_id TEXT PRIMARY KEY,
  evidence TEXT NOT NULL
) WITHOUT ROWID;

-- Whose an object is.
CREATE INDEX library_references_by_object ON library_references (object_key) WHERE object_key IS NOT NULL;
CREATE INDEX deleted_references_by_object ON deleted_references (object_key) WHERE object_key IS NOT NULL;
CREATE INDEX checks_by_object ON checks (object_key) WHERE object_key IS NOT NULL;
CREATE INDEX uploads_by_object ON uploads (object_key);
CREATE INDEX idempotency_by_object ON idempotency (object_key) WHERE object_key IS NOT NULL;
