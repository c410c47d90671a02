-- Local passwords, signing in elsewhere, keys that are narrowed and end, and links by which customers follow a complaint.
SET LOCAL ROLE redress_owner;

CREATE TABLE access.passwords (
    agent text PRIMARY KEY,
    hash text NOT NULL,
    temporary boolean NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    failed_before int NOT NULL DEFAULT 0,
    signed_in_at timestamptz
);
COMMENT ON TABLE access.passwords IS 'Local passwords of people';
COMMENT ON COLUMN access.passwords.hash IS 'argon2id with its salt and cost';
COMMENT ON COLUMN access.passwords.temporary IS 'Set by somebody else: it is good for a few days, to set one''s own';
COMMENT ON COLUMN access.passwords.failed_before IS 'How many tries had failed before the last sign-in; its owner is told';
COMMENT ON COLUMN access.passwords.signed_in_at IS 'When it last let its owner in; NULL: never';

CREATE TABLE access.sign_in_tries (
    account bytea PRIMARY KEY,
    failed int NOT NULL,
    last_at timestamptz NOT NULL,
    closed_until timestamptz
);
CREATE INDEX sign_in_tries_last_at_idx ON access.sign_in_tries (last_at);
COMMENT ON TABLE access.sign_in_tries IS 'Tries with a password that have failed, also for numbers that nobody has';
COMMENT ON COLUMN access.sign_in_tries.account IS 'SHA-256 of the number as typed';
COMMENT ON COLUMN access.sign_in_tries.closed_until IS 'Until when no password is looked at';
COMMENT ON INDEX access.sign_in_tries_last_at_idx IS 'Those that are too old';

CREATE TABLE access.oidc_sign_ins (
    state bytea PRIMARY KEY,
    browser bytea NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX oidc_sign_ins_begun_at_idx ON access.oidc_sign_ins (begun_at);
COMMENT ON TABLE access.oidc_sign_ins IS 'Who has gone to the identity provider and is not back yet; each row is good once';
COMMENT ON COLUMN access.oidc_sign_ins.state IS 'SHA-256 of the state';
COMMENT ON COLUMN access.oidc_sign_ins.browser IS 'SHA-256 of the secret in the browser''s cookie, from which nonce and verifier are made';
COMMENT ON INDEX access.oidc_sign_ins_begun_at_idx IS 'Those that are too old';

ALTER TABLE access.sessions
    ADD COLUMN role text,
    ADD COLUMN way text;
COMMENT ON COLUMN access.sessions.role IS 'The role in which it was begun: it ends when that changes; NULL: begun before this was kept';
COMMENT ON COLUMN access.sessions.way IS 'How its owner signed in: password, key, provider, demo; NULL: before this was kept';

ALTER TABLE access.api_keys
    ADD COLUMN scopes text[],
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN used_at timestamptz,
    ADD COLUMN label text;
CREATE INDEX api_keys_agent_idx ON access.api_keys (agent) WHERE revoked_at IS NULL;
COMMENT ON COLUMN access.api_keys.scopes IS 'What the key is narrowed to: read, write, or actions; NULL: all that its owner may';
COMMENT ON COLUMN access.api_keys.expires_at IS 'From when it lets nobody in; NULL: never';
COMMENT ON COLUMN access.api_keys.used_at IS 'The last request, to the minute; NULL: never';
COMMENT ON COLUMN access.api_keys.label IS 'What it is for, in its owner''s words';
COMMENT ON INDEX access.api_keys_agent_idx IS 'The keys of one person';

CREATE TABLE access.complaint_links (
    sha256 bytea PRIMARY KEY,
    case_id uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.complaint_links IS 'By which secret link a customer follows which complaint';
COMMENT ON COLUMN access.complaint_links.sha256 IS 'SHA-256 of the secret in the link, which is random and long';
RESET ROLE;
