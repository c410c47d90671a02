-- A database of its own for the keys of persons: what stands in 0001 and 0004 of the log's database, and no more.
DO $$
BEGIN
    CREATE ROLE redress_owner NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE redress_app LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    -- An administrator who is no superuser can make things for the owner only as a member of that role.
    IF NOT pg_has_role(current_user, 'redress_owner', 'USAGE') THEN
        EXECUTE format('GRANT redress_owner TO %I', current_user);
    END IF;
END $$;
COMMENT ON SCHEMA migrations IS 'Which numbered SQL files of redress this database has seen';
GRANT USAGE ON SCHEMA migrations TO redress_app;
GRANT SELECT ON migrations.applied TO redress_app;
CREATE SCHEMA private AUTHORIZATION redress_owner;
COMMENT ON SCHEMA private IS 'Keys to personal data: a backup of it keeps who is erased, so keep none for long';
GRANT USAGE ON SCHEMA private TO redress_app;
SET LOCAL ROLE redress_owner;

CREATE TABLE private.subjects (
    subject uuid PRIMARY KEY,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    restricted_at timestamptz
);
COMMENT ON TABLE private.subjects IS 'The data key of each person; a row that is gone is a person erased';
COMMENT ON COLUMN private.subjects.subject IS 'A random id, never derived from a name or a number';
COMMENT ON COLUMN private.subjects.wrapped IS 'The data key as its wrapper stores it';
COMMENT ON COLUMN private.subjects.restricted_at IS 'Since when nobody may read what is kept on the person; NULL: roles say who may';

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
COMMENT ON TABLE private.master_key_check IS 'Which master key the keys belong to: one row, written once, compared at every start';
COMMENT ON COLUMN private.master_key_check.one IS 'Keeps it at one row';
COMMENT ON COLUMN private.master_key_check.value IS 'HMAC-SHA256 of a constant by a key derived from the master key';

CREATE FUNCTION private.tell_changed_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('person_keys', OLD.subject::text);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION private.tell_changed_key IS 'Lets every process drop what it keeps of the person''s key';
CREATE TRIGGER changed_key AFTER UPDATE OR DELETE ON private.subjects
    FOR EACH ROW EXECUTE FUNCTION private.tell_changed_key();

GRANT SELECT, INSERT, UPDATE, DELETE ON private.subjects, private.identities TO redress_app;
GRANT SELECT, INSERT ON private.master_key_check TO redress_app;
RESET ROLE;
