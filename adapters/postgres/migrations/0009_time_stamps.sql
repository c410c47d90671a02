-- Time stamps (RFC 3161) of signed heads, by an authority outside of the house.
SET LOCAL ROLE redress_owner;

CREATE TABLE proof.time_stamps (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    answer bytea NOT NULL,
    stamped_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE proof.time_stamps IS 'Signed heads that a time stamping authority has seen, and what it answered';
COMMENT ON COLUMN proof.time_stamps.size IS 'How many events are sealed under the head';
COMMENT ON COLUMN proof.time_stamps.note IS 'The signed checkpoint; the stamp is over its SHA-256';
COMMENT ON COLUMN proof.time_stamps.answer IS 'The authority''s answer as it came, a TimeStampResp in DER';

GRANT SELECT, INSERT ON proof.time_stamps TO redress_app;
RESET ROLE;
