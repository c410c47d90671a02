-- The log's two tables, their guard, and a view for people.
SET LOCAL ROLE redress_owner;

-- Exactly as PostgresApplicationRecorder of eventsourcing 9.5.6 lays it out, so that the library can read it.
CREATE TABLE log.events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigserial,
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);
CREATE UNIQUE INDEX events_notification_id_idx ON log.events (notification_id ASC);
COMMENT ON TABLE log.events IS 'Every event that was ever recorded; never updated, never deleted';
COMMENT ON COLUMN log.events.originator_id IS 'The stream: one aggregate';
COMMENT ON COLUMN log.events.originator_version IS 'The place in the stream, from 1';
COMMENT ON COLUMN log.events.topic IS 'The stored name of the kind of event, for ever';
COMMENT ON COLUMN log.events.state IS 'UTF-8 JSON {"v", "data", "meta"}; personal data is sealed per person';
COMMENT ON COLUMN log.events.notification_id IS 'The position in the one order, given by log.append';
COMMENT ON INDEX log.events_notification_id_idx IS 'Readers follow the one order by it';
COMMENT ON SEQUENCE log.events_notification_id_seq IS 'Part of the library''s layout; log.append counts on from the last position instead';

CREATE TABLE log.commands (
    command_id uuid PRIMARY KEY,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log.commands IS 'What was asked and answered, in the transaction of its events, so that a repeat gets the first answer';
COMMENT ON COLUMN log.commands.fingerprint IS 'Keyed hash over the request: tells a repeat from a reused id';
COMMENT ON COLUMN log.commands.answer IS 'The answer, byte for byte';
COMMENT ON COLUMN log.commands.position IS 'Position of the command''s last event; without events the last position of the log then';

CREATE INDEX commands_recorded_at_idx ON log.commands (recorded_at);
COMMENT ON INDEX log.commands_recorded_at_idx IS 'Finds the commands to forget among millions to keep';

CREATE TABLE log.turn ();
COMMENT ON TABLE log.turn IS 'Always empty: whoever holds its lock may append';

CREATE FUNCTION log.command_life() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN interval '30 days';
COMMENT ON FUNCTION log.command_life IS 'How long a command is remembered; older ones count as unknown';

CREATE FUNCTION log.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % of %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
COMMENT ON FUNCTION log.refuse_change IS 'Refuses whatever would alter what has been recorded';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
-- ALWAYS: also while session_replication_role is "replica", which switches ordinary triggers off.
ALTER TABLE log.events ENABLE ALWAYS TRIGGER append_only;
COMMENT ON TRIGGER append_only ON log.events IS 'Holds the owner and superusers to it as well';

CREATE VIEW log.readable AS
    SELECT notification_id AS position,
           originator_id AS stream,
           originator_version AS version,
           (body #>> '{meta,at}')::timestamptz AS at,
           body #>> '{meta,actor}' AS actor,
           topic,
           body -> 'data' AS data,
           body -> 'meta' AS meta
    FROM log.events
    -- OFFSET 0 keeps the planner from parsing the body once for every column.
    CROSS JOIN LATERAL (SELECT convert_from(state, 'UTF8')::jsonb AS body OFFSET 0) AS stored;
COMMENT ON VIEW log.readable IS 'The log for people with psql: ORDER BY position';

GRANT SELECT ON log.events, log.commands, log.readable TO redress_app;
RESET ROLE;
