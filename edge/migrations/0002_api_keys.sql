-- Keys with a name, limits and up to two live secrets; and the answers that an Idempotency-Key repeats.

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  -- A JSON array.
  scopes TEXT NOT NULL,
  -- NULL: as the Worker's settings say.
  per_minute INTEGER,
  per_day INTEGER,
  expires_at TEXT,
  revoked_at TEXT,
  last_used_at TEXT,
  created_at TEXT NOT NULL
);
CREATE INDEX keys_by_tenant ON keys (tenant, id);

CREATE TABLE key_secrets (
  -- SHA-256 of the whole key as it is sent.
  hash TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- Set on the secret that a rotation has replaced.
  expires_at TEXT
);
CREATE INDEX key_secrets_by_key ON key_secrets (key_id);

-- Keys made before they had ids.
INSERT INTO key_secrets (hash, key_id, created_at)
SELECT key_hash, 'key_' || lower(hex(randomblob(13))), created_at FROM api_keys;

INSERT INTO keys (id, tenant, name, scopes, expires_at, revoked_at, created_at)
SELECT s.key_id, a.tenant, 'made before keys had names', a.scopes, a.expires_at, a.revoked_at, a.created_at
FROM api_keys a JOIN key_secrets s ON s.hash = a.key_hash;

DROP TABLE api_keys;

CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  -- SHA-256 of the Idempotency-Key: the key itself opens the stored answer.
  key_hash TEXT NOT NULL,
  -- What tells one request from another.
  fingerprint TEXT NOT NULL,
  -- Who works on it, and until when at the latest; meaningless once there is an answer.
  holder TEXT NOT NULL,
  held_until TEXT NOT NULL,
  -- The answer, encrypted: in the row, or in the object store where it is large.
  answer BLOB,
  object_key TEXT,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (tenant, key_hash)
);
CREATE INDEX idempotency_by_age ON idempotency (expires_at);
