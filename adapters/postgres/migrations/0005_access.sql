-- Who may come in, and who opened what.
SET LOCAL ROLE redress_owner;

CREATE TABLE access.api_keys (
    prefix text PRIMARY KEY,
    sha256 bytea NOT NULL,
    agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE access.api_keys IS 'Keys to the API, of each only the beginning and a hash';
COMMENT ON COLUMN access.api_keys.prefix IS 'The part of the key by which it is found and named';
COMMENT ON COLUMN access.api_keys.sha256 IS 'SHA-256 of the whole key, which is random and long';

CREATE TABLE access.reads (
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    resource uuid NOT NULL,
    reason text NOT NULL
);
CREATE INDEX reads_resource_idx ON access.reads (resource, at);
COMMENT ON TABLE access.reads IS 'Who opened personal data, when and why';
COMMENT ON COLUMN access.reads.resource IS 'The case, or the customer, whose data were opened';
COMMENT ON INDEX access.reads_resource_idx IS 'The reads of one case or customer, in order';
-- what was opened stays on record (A-4)
REVOKE UPDATE, DELETE, TRUNCATE ON access.reads FROM redress_app;
RESET ROLE;
