-- Which index is this database's, and what is expected of it: an index that is another's, older or empty answers
-- nothing. Counted by triggers, so that no way of changing a reference can be forgotten.

CREATE TABLE index_installation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- Made once, and never changed: the index of these rows has it too.
  installation TEXT NOT NULL,
  -- Since when an index is known to be this one's.
  claimed_at TEXT,
  -- References in the index, of all libraries.
  ready INTEGER NOT NULL
);
INSERT INTO index_installation
SELECT 1, lower(hex(randomblob(16))), NULL, (SELECT COUNT(*) FROM library_references WHERE status = 'ready');

CREATE TABLE library_index (
  tenant TEXT NOT NULL,
  library TEXT NOT NULL,
  -- The highest that the index has told: it was written so often.
  epoch INTEGER NOT NULL DEFAULT 0,
  -- References in the index.
  ready INTEGER NOT NULL DEFAULT 0,
  -- Of these, how many an operator has accepted to be missing there.
  lacking INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, library)
);
INSERT INTO library_index (tenant, library, ready)
SELECT tenant, library, COUNT(*) FROM library_references WHERE status = 'ready' GROUP BY tenant, library;

CREATE TRIGGER library_index_gains AFTER UPDATE OF status ON library_references
WHEN NEW.status = 'ready' AND OLD.status <> 'ready'
BEGIN
  INSERT INTO library_index (tenant, library, ready) VALUES (NEW.tenant, NEW.library, 1)
    ON CONFLICT DO UPDATE SET ready = ready + 1;
  UPDATE index_installation SET ready = ready + 1;
END;
CREATE TRIGGER library_index_gains_at_once AFTER INSERT ON library_references
WHEN NEW.status = 'ready'
BEGIN
  INSERT INTO library_index (tenant, library, ready) VALUES (NEW.tenant, NEW.library, 1)
    ON CONFLICT DO UPDATE SET ready = ready + 1;
  UPDATE index_installation SET ready = ready + 1;
END;
CREATE TRIGGER library_index_loses AFTER DELETE ON library_references
WHEN OLD.status = 'ready'
BEGIN
  UPDATE library_index SET ready = ready - 1 WHERE tenant = OLD.tenant AND library = OLD.library;
  UPDATE index_installation SET ready = ready - 1;
END;

-- How often it was disabled and enabled: odd while it is disabled. And what of that the index has been told.
ALTER TABLE library_references ADD COLUMN availability INTEGER NOT NULL DEFAULT 0;
ALTER TABLE library_references ADD COLUMN availability_told INTEGER NOT NULL DEFAULT 0;
UPDATE library_references SET availability = 1 WHERE disabled_at IS NOT NULL;
CREATE INDEX library_references_untold ON library_references (tenant, library)
  WHERE availability <> availability_told;

-- Set once the index has no entry of it any more; its object may still have to go.
ALTER TABLE deleted_references ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deleted_references_untold ON deleted_references (tenant, library) WHERE forgotten = 0;
