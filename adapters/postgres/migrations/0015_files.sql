-- Evidence: what was handed in or recorded, sealed to the customer of its case and erased with them.
SET LOCAL ROLE redress_owner;

CREATE TABLE private.files (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    subject uuid NOT NULL REFERENCES private.subjects ON DELETE CASCADE,
    media_type text NOT NULL,
    box bytea NOT NULL,
    stored_by text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
-- sealed bytes do not shrink: trying costs time for nothing
ALTER TABLE private.files ALTER COLUMN box SET STORAGE EXTERNAL;
CREATE INDEX files_case_idx ON private.files (case_id);
CREATE INDEX files_subject_idx ON private.files (subject);
COMMENT ON TABLE private.files IS 'Evidence as it was handed in; the event that names it is in the log';
COMMENT ON COLUMN private.files.subject IS 'The customer of the case, whose key seals it';
COMMENT ON COLUMN private.files.media_type IS 'What its first bytes say it is';
COMMENT ON COLUMN private.files.box IS 'The file (AES-256-GCM)';
COMMENT ON INDEX private.files_case_idx IS 'The files of one case';
COMMENT ON INDEX private.files_subject_idx IS 'For the cascade when a person is erased';
RESET ROLE;
