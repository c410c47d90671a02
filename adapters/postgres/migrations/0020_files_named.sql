-- A file that no piece of evidence names a day after it was put there is nobody's: the housekeeping removes it.
SET LOCAL ROLE redress_owner;
ALTER TABLE private.files ADD COLUMN named boolean NOT NULL DEFAULT false;
CREATE INDEX files_unnamed_idx ON private.files (stored_at) WHERE NOT named;
COMMENT ON COLUMN private.files.named IS 'Whether the history of the case was seen to name it';
COMMENT ON INDEX private.files_unnamed_idx IS 'Those to be looked for in the history of their case';
RESET ROLE;
