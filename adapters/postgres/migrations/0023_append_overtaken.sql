-- A batch in which one command comes too late is stored without it, by as few statements as any other. One by one it
-- would hold the turn, for which all who write wait, many times as long.
SET LOCAL ROLE redress_owner;

CREATE FUNCTION log.owners(counts int[]) RETURNS int[]
LANGUAGE sql IMMUTABLE
AS $$
    SELECT array_agg(i::int ORDER BY i)
    FROM unnest(counts) WITH ORDINALITY AS c (many, i), generate_series(1, many)
$$;
COMMENT ON FUNCTION log.owners IS 'For each of the items that counts count, in their order, whose it is: a number from 1';

CREATE FUNCTION log.overtaken(
    command_ids uuid[], counts int[], streams uuid[], versions bigint[],
    held_counts int[], held_streams uuid[], held_versions bigint[])
RETURNS int[]
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN ARRAY (
        SELECT DISTINCT i
        FROM (SELECT i, stream, version - 1 FROM unnest(log.owners(counts), streams, versions) AS e (i, stream, version)
              UNION ALL
              SELECT * FROM unnest(log.owners(held_counts), held_streams, held_versions)) AS seen (i, stream, version)
        WHERE version < (SELECT max(e.originator_version) FROM log.events AS e WHERE e.originator_id = stream)
        -- Whoever stands there already, or twice in the batch, has another answer.
        AND cardinality(array_positions(command_ids, command_ids[i])) = 1
        AND command_ids[i] <> ALL (ARRAY (
            SELECT command_id FROM log.commands
            WHERE command_id = ANY (command_ids) AND recorded_at > now() - log.command_life())));
END $$;
COMMENT ON FUNCTION log.overtaken IS
    'Which new commands write or hold a stream that has gone on since they read it; called under the lock';

CREATE OR REPLACE FUNCTION log.append(
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
    late int[];
    timely int[];
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
        RETURN;
    END IF;
    IF total = 1 THEN
        RETURN QUERY
            SELECT 1, CASE WHEN c.fingerprint = fingerprints[1] THEN 'repeated' ELSE 'reused' END, c.answer, c.position
            FROM log.commands AS c
            WHERE c.command_id = command_ids[1] AND c.recorded_at > now() - log.command_life();
        IF NOT FOUND THEN
            RETURN QUERY SELECT 1, 'conflict', NULL::bytea, NULL::bigint;
        END IF;
        RETURN;
    END IF;

    late := log.overtaken(command_ids, counts, streams, versions, held_counts, held_streams, held_versions);
    IF cardinality(late) > 0 THEN
        timely := ARRAY (SELECT i FROM generate_series(1, total) AS i WHERE i <> ALL (late) ORDER BY i);
        RETURN QUERY SELECT i, 'conflict', NULL::bytea, NULL::bigint FROM unnest(late) AS i;
        RETURN QUERY
            SELECT timely[a.n], a.outcome, a.answer, a.position
            FROM (SELECT array_agg(id ORDER BY i) AS ids, array_agg(print ORDER BY i) AS prints,
                         array_agg(words ORDER BY i) AS words, array_agg(many ORDER BY i) AS counts,
                         array_agg(held ORDER BY i) AS held_counts
                  FROM unnest(command_ids, fingerprints, answers, counts, held_counts) WITH ORDINALITY
                      AS e (id, print, words, many, held, i)
                  WHERE i = ANY (timely)) AS c,
                 (SELECT array_agg(stream ORDER BY k) AS streams, array_agg(version ORDER BY k) AS versions,
                         array_agg(topic ORDER BY k) AS topics, array_agg(state ORDER BY k) AS states
                  FROM unnest(log.owners(counts), streams, versions, topics, states) WITH ORDINALITY
                      AS e (i, stream, version, topic, state, k)
                  WHERE i = ANY (timely)) AS r,
                 (SELECT array_agg(stream ORDER BY k) AS streams, array_agg(version ORDER BY k) AS versions
                  FROM unnest(log.owners(held_counts), held_streams, held_versions) WITH ORDINALITY
                      AS e (i, stream, version, k)
                  WHERE i = ANY (timely)) AS h,
                 log.append(c.ids, c.prints, c.words, c.counts, r.streams, r.versions, r.topics, r.states,
                            c.held_counts, h.streams, h.versions) AS a;
        RETURN;
    END IF;

    -- They are in one another's way, or some were stored before.
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
END $$;

REVOKE ALL ON FUNCTION log.owners, log.overtaken FROM PUBLIC;
RESET ROLE;
