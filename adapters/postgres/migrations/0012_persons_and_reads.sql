-- What is kept on a person may be restricted, every change of a person's key is told at once, and who read what is kept
-- month by month, each with its own end.
SET LOCAL ROLE redress_owner;

ALTER TABLE private.subjects ADD COLUMN restricted_at timestamptz;
COMMENT ON COLUMN private.subjects.restricted_at IS 'Since when nobody may read what is kept on the person; NULL: roles say who may';

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

-- ---- who read what -------------------------------------------------------------------------------------------------
ALTER TABLE access.reads RENAME TO reads_before;
ALTER INDEX access.reads_resource_idx RENAME TO reads_before_resource_idx;
CREATE TABLE access.reads (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    resource text NOT NULL,
    reason text
) PARTITION BY RANGE (at);
CREATE INDEX reads_resource_idx ON access.reads (resource, id);
CREATE INDEX reads_actor_idx ON access.reads (actor, id);
CREATE INDEX reads_id_idx ON access.reads (id);
COMMENT ON TABLE access.reads IS 'Who opened personal data, exported, downloaded, logged in: when and why; a partition a month (UTC)';
COMMENT ON SEQUENCE access.reads_id_seq IS 'The order in which reads were written down';
COMMENT ON COLUMN access.reads.kind IS 'opened, exported, downloaded, logged_in';
COMMENT ON COLUMN access.reads.resource IS 'The case, fact, person or file: an id, never a name';
COMMENT ON COLUMN access.reads.reason IS 'As stated; NULL where the role opens without one';
COMMENT ON INDEX access.reads_resource_idx IS 'The reads of one case or person, in order';
COMMENT ON INDEX access.reads_actor_idx IS 'What one person has read, in order';
COMMENT ON INDEX access.reads_id_idx IS 'All of them, in order';

CREATE FUNCTION access.reads_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 months' $$;
COMMENT ON FUNCTION access.reads_life IS 'How long it stays on record who read what';

CREATE FUNCTION access.month_of_reads(moment timestamptz) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    month text := 'reads_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('access.' || month) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('access.reads'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS access.%I PARTITION OF access.reads FOR VALUES FROM (%L) TO (%L)',
            month, first AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON access.%I FROM redress_app', month);
    END IF;
    RETURN month;
END $$;
COMMENT ON FUNCTION access.month_of_reads IS 'The partition of a moment, made where it is missing';

-- The only way in: what was read stays on record as it was written down (A-4).
CREATE FUNCTION access.note_read(at timestamptz, actor text, kind text, resource text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM access.month_of_reads(at);
    -- nobody waits for the disk to read a case: what the last moments before a crash of the server held may be lost
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO access.reads (at, actor, kind, resource, reason) VALUES (at, actor, kind, resource, reason);
END $$;
COMMENT ON FUNCTION access.note_read IS 'Writes down one read; the only door into access.reads';

CREATE FUNCTION access.forget_reads() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    month text;
    dropped bigint := 0;
BEGIN
    FOR month IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'access.reads'::regclass
            AND to_date(substr(c.relname, 7), 'YYYY_MM') + interval '1 month' <= now() - access.reads_life()
    LOOP
        EXECUTE format('DROP TABLE access.%I', month);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
COMMENT ON FUNCTION access.forget_reads IS 'Drops the months that have been kept long enough and says how many they were';

DO $$
BEGIN
    PERFORM access.note_read(at, actor, 'opened', resource::text, reason) FROM access.reads_before ORDER BY at;
END $$;
DROP TABLE access.reads_before;

REVOKE ALL ON FUNCTION access.month_of_reads, access.note_read, access.forget_reads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.note_read, access.forget_reads TO redress_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON access.reads FROM redress_app;
RESET ROLE;
