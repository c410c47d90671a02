-- A command may say of which other streams it holds on to the version it has read: a payroll month that must still be
-- open, a roster that must not have changed. held_counts[i] says how many of them, in their order, are those of
-- command i. One that has moved is a conflict, like a stream of its own events that has.
SET LOCAL ROLE redress_owner;

DROP FUNCTION log.append;
DROP FUNCTION log.fits;

CREATE FUNCTION log.fits(
    command_ids uuid[], streams uuid[], versions bigint[], held_streams uuid[], held_versions bigint[])
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN NOT EXISTS (
            SELECT FROM log.commands
            WHERE command_id = ANY (command_ids) AND recorded_at > now() - log.command_life())
        AND cardinality(command_ids) = (SELECT count(DISTINCT id) FROM unnest(command_ids) AS c (id))
        -- Every stream is continued from its head, one version after the other.
        AND NOT EXISTS (
            SELECT
            FROM (SELECT stream, version - row_number() OVER (PARTITION BY stream ORDER BY k) AS before
                  FROM unnest(streams, versions) WITH ORDINALITY AS e (stream, version, k)) AS wanted
            GROUP BY stream
            HAVING min(before) <> max(before) OR min(before) <> coalesce(
                (SELECT max(e.originator_version) FROM log.events AS e WHERE e.originator_id = stream), 0))
        -- What is held stands where it was read, and nothing in this batch moves it: such a batch goes one by one.
        AND NOT EXISTS (
            SELECT
            FROM (SELECT DISTINCT stream, version FROM unnest(held_streams, held_versions) AS h (stream, version)) AS held
            WHERE stream = ANY (streams) OR version <> coalesce(
                (SELECT max(e.originator_version) FROM log.events AS e WHERE e.originator_id = stream), 0));
END $$;
COMMENT ON FUNCTION log.fits IS
    'Whether all commands are new, all their events continue their streams and all they hold stands; called under the lock';

CREATE FUNCTION log.append(
    command_ids uuid[], fingerprints bytea[], answers bytea[], counts int[],
    streams uuid[], versions bigint[], topics text[], states bytea[],
    held_counts int[], held_streams uuid[], held_versions bigint[])
RETURNS TABLE (n int, outcome text, answer bytea, "position" bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    total int := coalesce(cardinality(command_ids), 0);
    events int := coalesce(cardinality(streams), 0);
    latest bigint;
    upto int := 0;
    held_upto int := 0;
BEGIN
    IF total = 0 THEN
        RETURN;
    END IF;
    IF events <> (SELECT sum(many) FROM unnest(counts) AS c (many)) THEN
        RAISE EXCEPTION 'the commands have other events than these %', events USING ERRCODE = 'invalid_parameter_value';
    END IF;
    LOCK TABLE log.turn IN EXCLUSIVE MODE;
    latest := coalesce((SELECT max(e.notification_id) FROM log.events AS e), 0);

    IF log.fits(command_ids, streams, versions, held_streams, held_versions) THEN
        INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id)
            SELECT stream, version, topic, state, latest + k
            FROM unnest(streams, versions, topics, states) WITH ORDINALITY AS e (stream, version, topic, state, k);
        -- Only a command too old to be remembered can still stand there.
        RETURN QUERY
            INSERT INTO log.commands AS c (command_id, fingerprint, answer, position)
                SELECT id, print, words, latest + sum(many) OVER (ORDER BY k)
                FROM unnest(command_ids, fingerprints, answers, counts) WITH ORDINALITY AS e (id, print, words, many, k)
            ON CONFLICT (command_id) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer,
                position = excluded.position, recorded_at = excluded.recorded_at
            RETURNING array_position(command_ids, c.command_id), 'stored', NULL::bytea, c.position;
        IF events > 0 THEN
            NOTIFY log_events;
        END IF;
    ELSIF total = 1 THEN
        RETURN QUERY
            SELECT 1, CASE WHEN c.fingerprint = fingerprints[1] THEN 'repeated' ELSE 'reused' END, c.answer, c.position
            FROM log.commands AS c
            WHERE c.command_id = command_ids[1] AND c.recorded_at > now() - log.command_life();
        IF NOT FOUND THEN
            RETURN QUERY SELECT 1, 'conflict', NULL::bytea, NULL::bigint;
        END IF;
    ELSE
        FOR i IN 1 .. total LOOP
            RETURN QUERY
                SELECT i, a.outcome, a.answer, a.position
                FROM log.append(
                    command_ids[i:i], fingerprints[i:i], answers[i:i], counts[i:i],
                    streams[upto + 1:upto + counts[i]], versions[upto + 1:upto + counts[i]],
                    topics[upto + 1:upto + counts[i]], states[upto + 1:upto + counts[i]],
                    held_counts[i:i],
                    held_streams[held_upto + 1:held_upto + held_counts[i]],
                    held_versions[held_upto + 1:held_upto + held_counts[i]]) AS a;
            upto := upto + counts[i];
            held_upto := held_upto + held_counts[i];
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION log.append IS 'Stores batches of commands with their events; the only door into the log';

REVOKE ALL ON FUNCTION log.fits, log.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO redress_app;
RESET ROLE;
