-- Work that was acknowledged is tried until it ends: how often it has failed in a way that may pass, and when it is
-- due again. NULL: somebody is at work on it, or about to be.
ALTER TABLE checks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checks ADD COLUMN due_at TEXT;
CREATE INDEX checks_due ON checks (due_at) WHERE due_at IS NOT NULL AND status IN ('queued', 'running');
ALTER TABLE library_references ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE library_references ADD COLUMN due_at TEXT;
CREATE INDEX library_references_due ON library_references (due_at)
  WHERE due_at IS NOT NULL AND status = 'indexing';

-- Work that has broken off together with its backend, by what it is about, so that another request for it counts on.
CREATE TABLE analysis_crashes (
  tenant TEXT NOT NULL,
  -- The SHA-256 of a video, or a question's id.
  work TEXT NOT NULL,
  crashes INTEGER NOT NULL,
  -- The last one that was heard of.
  stage TEXT NOT NULL,
  -- The analysis, as JSON, that broke off while its backend did not answer: whether it has ended is asked first.
  pending TEXT,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant, work)
);
CREATE INDEX analysis_crashes_by_age ON analysis_crashes (updated_at);
