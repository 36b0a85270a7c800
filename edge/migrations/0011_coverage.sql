-- Seconds of a reference that were seen when it was indexed; NULL for those from before this was kept.
ALTER TABLE library_references ADD COLUMN seen_s REAL;
