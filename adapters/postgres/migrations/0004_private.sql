-- Persons and their keys. Erasing a person is deleting their row: what was sealed for them opens no more.
SET LOCAL ROLE redress_owner;

CREATE TABLE private.subjects (
    subject uuid PRIMARY KEY,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE private.subjects IS 'The data key of each person; a row that is gone is a person erased';
COMMENT ON COLUMN private.subjects.subject IS 'A random id, never derived from a name or a number';
COMMENT ON COLUMN private.subjects.wrapped IS 'Nonce and data key, sealed by the master key for this subject (AES-256-GCM)';

CREATE TABLE private.identities (
    digest bytea PRIMARY KEY,
    subject uuid NOT NULL REFERENCES private.subjects ON DELETE CASCADE
);
CREATE INDEX identities_subject_idx ON private.identities (subject);
COMMENT ON TABLE private.identities IS 'Who is known already, without saying who';
COMMENT ON COLUMN private.identities.digest IS 'HMAC-SHA256 over the identifying texts';
COMMENT ON INDEX private.identities_subject_idx IS 'For the cascade when a person is erased';

CREATE TABLE private.master_key_check (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    value bytea NOT NULL
);
COMMENT ON TABLE private.master_key_check IS 'Which master key wraps the keys of persons: one row, written once, compared at every start';
COMMENT ON COLUMN private.master_key_check.one IS 'Keeps it at one row';
COMMENT ON COLUMN private.master_key_check.value IS 'HMAC-SHA256 of a constant by a key derived from the master key';
-- a service with another key must not make the database its own
REVOKE UPDATE, DELETE, TRUNCATE ON private.master_key_check FROM redress_app;
RESET ROLE;
