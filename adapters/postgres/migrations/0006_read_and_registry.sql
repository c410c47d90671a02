-- How far each projection has read, and numbers that are given out once. The projections make their own tables.
SET LOCAL ROLE redress_owner;

-- Exactly as PostgresTrackingRecorder of eventsourcing 9.5.6 lays it out for one row an application.
CREATE TABLE read.tracking (
    application_name text,
    notification_id bigint,
    PRIMARY KEY (application_name)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);
COMMENT ON TABLE read.tracking IS 'The position up to which each projection has read; written with its rows';

CREATE SEQUENCE registry.case_number;
COMMENT ON SEQUENCE registry.case_number IS 'The running number in a case''s number; it may have gaps';
RESET ROLE;
