-- Outgoing webhooks: what signs messages, and how far each message has come. What is to be sent, read.* says.
CREATE SCHEMA webhooks AUTHORIZATION redress_owner;

SET LOCAL ROLE redress_owner;
COMMENT ON SCHEMA webhooks IS 'How far outgoing messages have come: no projection makes it again';
GRANT USAGE ON SCHEMA webhooks TO redress_app;

CREATE TABLE private.webhook_secrets (
    webhook uuid PRIMARY KEY,
    wrapped bytea NOT NULL
);
COMMENT ON TABLE private.webhook_secrets IS 'By what the messages to an address are signed';
COMMENT ON COLUMN private.webhook_secrets.wrapped IS 'Nonce and secret, sealed by the master key for this webhook (AES-256-GCM)';

CREATE TABLE webhooks.deliveries (
    webhook uuid NOT NULL,
    position bigint NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    tries int NOT NULL DEFAULT 0,
    next_at timestamptz,
    PRIMARY KEY (webhook, position)
);
CREATE INDEX deliveries_next_at_idx ON webhooks.deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_position_idx ON webhooks.deliveries (position);
COMMENT ON TABLE webhooks.deliveries IS 'Each message to each address, from when on it is to be sent';
COMMENT ON COLUMN webhooks.deliveries.position IS 'Of the event because of which it is sent';
COMMENT ON COLUMN webhooks.deliveries.next_at IS 'When it is tried next; null once it is delivered or given up';
COMMENT ON INDEX webhooks.deliveries_next_at_idx IS 'What is due';
COMMENT ON INDEX webhooks.deliveries_position_idx IS 'Up to where messages have been taken over';

CREATE TABLE webhooks.attempts (
    webhook uuid NOT NULL,
    position bigint NOT NULL,
    number int NOT NULL,
    at timestamptz NOT NULL,
    status int,
    fault text,
    PRIMARY KEY (webhook, position, number),
    FOREIGN KEY (webhook, position) REFERENCES webhooks.deliveries
);
COMMENT ON TABLE webhooks.attempts IS 'Every attempt to deliver a message';
COMMENT ON COLUMN webhooks.attempts.status IS 'HTTP status of the answer; null where there was none';
COMMENT ON COLUMN webhooks.attempts.fault IS 'Why there was none';

GRANT SELECT, INSERT, UPDATE ON webhooks.deliveries TO redress_app;
GRANT SELECT, INSERT ON webhooks.attempts TO redress_app;
RESET ROLE;
