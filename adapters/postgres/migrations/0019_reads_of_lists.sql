-- Lists and searches that show personal data are written down as well: one row for each, not for each of their rows.
-- All that is read at the same moment is written down by one statement.
SET LOCAL ROLE redress_owner;

ALTER TABLE access.reads ADD COLUMN asked text, ADD COLUMN shown int;
COMMENT ON COLUMN access.reads.kind IS 'opened, listed, followed, exported, downloaded, logged_in';
COMMENT ON COLUMN access.reads.resource IS 'The case, fact, person, file or list: an id, never a name';
COMMENT ON COLUMN access.reads.asked IS 'How a list was narrowed; words that were searched as a keyed hash';
COMMENT ON COLUMN access.reads.shown IS 'How many rows of a list were shown';

CREATE FUNCTION access.note_reads(
    at timestamptz[], actor text[], kind text[], resource text[], reason text[], asked text[], shown int[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moment timestamptz;
BEGIN
    FOR moment IN SELECT DISTINCT date_trunc('month', m AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' FROM unnest(at) m LOOP
        PERFORM access.month_of_reads(moment);
    END LOOP;
    -- nobody waits for the disk to read a case: what the last moments before a crash of the server held may be lost
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO access.reads (at, actor, kind, resource, reason, asked, shown)
    SELECT * FROM unnest(at, actor, kind, resource, reason, asked, shown);
END $$;
COMMENT ON FUNCTION access.note_reads IS 'Writes down reads; the only door into access.reads';

DROP FUNCTION access.note_read;
REVOKE ALL ON FUNCTION access.note_reads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.note_reads TO redress_app;
RESET ROLE;
