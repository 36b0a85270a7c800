-- What a tenant has open is counted before more is taken.
CREATE INDEX checks_open ON checks (tenant) WHERE status IN ('queued', 'running');
CREATE INDEX imports_open_of_tenant ON imports (tenant) WHERE completed_at IS NULL;

-- Of the file that it came as; 0 for one from before.
ALTER TABLE imports ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
-- With which its lines are counted as requests; NULL for one from before.
ALTER TABLE imports ADD COLUMN key_id TEXT;

-- The SHA-256 of a video that came with the request, once all of it has come. NULL where the fingerprint is of the
-- body, too.
ALTER TABLE idempotency ADD COLUMN body_sha256 TEXT;
