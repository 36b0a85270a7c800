-- Webhooks: who wants to hear, with which secret it is signed, and what has been and is to be sent.

CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- A JSON array of event types; null for all of them.
  events TEXT,
  disabled_at TEXT,
  -- 'requested' by the owner, 'gone' (410), 'failing' for days.
  disabled_reason TEXT CHECK (disabled_reason IN ('requested', 'gone', 'failing')),
  -- When the first attempt failed since the last one that did not.
  failing_since TEXT,
  created_at TEXT NOT NULL
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant, id);

-- The `webhook_url` of one check or reference: sealed, because it may hold a signature, and gone once delivered.
CREATE TABLE webhook_addresses (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  job_id TEXT NOT NULL,
  sealed_url TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX webhook_addresses_by_job ON webhook_addresses (job_id);
CREATE INDEX webhook_addresses_by_age ON webhook_addresses (created_at);

-- Sealed, not hashed: we sign with them. Those with `retires_at` sign beside their successor until then.
CREATE TABLE webhook_secrets (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- Empty for the tenant's own secret, which signs what goes to the addresses of single jobs.
  endpoint_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at TEXT NOT NULL,
  retires_at TEXT
);
CREATE UNIQUE INDEX webhook_secrets_current ON webhook_secrets (tenant, endpoint_id) WHERE retires_at IS NULL;
CREATE INDEX webhook_secrets_by_owner ON webhook_secrets (tenant, endpoint_id);
CREATE INDEX webhook_secrets_retired ON webhook_secrets (retires_at) WHERE retires_at IS NOT NULL;

-- The outbox and the log in one: a row is written with what it tells of, and is kept for a while when it is done.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  -- The message id that receivers see. Made from the job and the type, so that an event is never told twice.
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  -- The id of the check or reference.
  subject TEXT NOT NULL,
  -- One of both.
  endpoint_id TEXT,
  address_id TEXT,
  -- What is sent, byte for byte the same at every attempt.
  body TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  -- Why there will be no further attempt, where that is not the last attempt's fault.
  error TEXT,
  -- Attempts begun, ever; and those of the schedule that is under way, which a replay begins anew.
  attempts INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  -- While an attempt is under way: when it counts as lost.
  next_attempt_at TEXT,
  -- A JSON array of the latest attempts.
  log TEXT NOT NULL DEFAULT '[]',
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX webhook_deliveries_once
  ON webhook_deliveries (event_id, COALESCE(endpoint_id, address_id));
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_tenant ON webhook_deliveries (tenant, created_at, id);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
