-- Why somebody's data were opened is said in words that may name them: sealed to that person, they go with an erasure.
-- Who opened what, and when, stays (A-3, A-4).
SET LOCAL ROLE redress_owner;

ALTER TABLE access.reads ADD COLUMN subject uuid, ADD COLUMN sealed bytea;
COMMENT ON COLUMN access.reads.reason IS 'As stated, of what is nobody''s, and of reads before reasons were sealed; NULL where the role opens without one';
COMMENT ON COLUMN access.reads.subject IS 'The person to whom the reason is sealed';
COMMENT ON COLUMN access.reads.sealed IS 'The reason as stated, sealed (AES-256-GCM); empty where the person was erased before';

CREATE FUNCTION access.note_reads(
    at timestamptz[], actor text[], kind text[], resource text[], reason text[], asked text[], shown int[],
    subject uuid[], sealed bytea[]
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
    INSERT INTO access.reads (at, actor, kind, resource, reason, asked, shown, subject, sealed)
    SELECT * FROM unnest(at, actor, kind, resource, reason, asked, shown, subject, sealed);
END $$;
COMMENT ON FUNCTION access.note_reads(
    timestamptz[], text[], text[], text[], text[], text[], int[], uuid[], bytea[]
) IS 'Writes down reads; the only door into access.reads';

DROP FUNCTION access.note_reads(timestamptz[], text[], text[], text[], text[], text[], int[]);
REVOKE ALL ON FUNCTION access.note_reads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.note_reads TO redress_app;
RESET ROLE;
