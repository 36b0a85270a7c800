-- Libraries that have something to say of themselves. One that only has references needs no row.
CREATE TABLE libraries (
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Whole, as JSON; NULL: the default policy.
  policy TEXT,
  -- 0 with the default policy, and one more with every change.
  policy_version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
);

-- The policy, as JSON with its version, that a check's analysis began with: an analysis that is taken up again
-- must ask for the same.
ALTER TABLE checks ADD COLUMN policy TEXT;

-- Places for videos too large for one request, and what became of them.
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- 'open' takes parts, 'verifying' is one object, 'ready' is hashed, 'failed' has a problem and no object.
  status TEXT NOT NULL CHECK (status IN ('open', 'verifying', 'ready', 'failed')),
  -- Whether the parts go through the Worker or straight to the bucket.
  via TEXT NOT NULL CHECK (via IN ('worker', 's3')),
  object_key TEXT NOT NULL,
  multipart_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  part_bytes INTEGER NOT NULL,
  content_type TEXT,
  -- What the client says; nothing is looked up or indexed by it once the bytes are there.
  declared_sha256 TEXT,
  -- What the bytes say.
  sha256 TEXT,
  problem TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX uploads_by_tenant ON uploads (tenant, expires_at);
CREATE INDEX uploads_by_age ON uploads (expires_at);

-- Parts that came through the Worker; those in the bucket are asked of the bucket.
CREATE TABLE upload_parts (
  upload_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (upload_id, part)
);
