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
