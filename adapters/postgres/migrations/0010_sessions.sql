-- Who is signed in at the console.
SET LOCAL ROLE redress_owner;

CREATE TABLE access.sessions (
    sha256 bytea PRIMARY KEY,
    agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX sessions_agent_idx ON access.sessions (agent) WHERE ended_at IS NULL;
COMMENT ON TABLE access.sessions IS 'Who is signed in at the console';
COMMENT ON COLUMN access.sessions.sha256 IS 'SHA-256 of the token in the cookie, which is random and long';
COMMENT ON COLUMN access.sessions.used_at IS 'The last request, to the minute';
COMMENT ON COLUMN access.sessions.ended_at IS 'When it was signed out or revoked';
COMMENT ON INDEX access.sessions_agent_idx IS 'The sessions of one person, to end them all';
RESET ROLE;
