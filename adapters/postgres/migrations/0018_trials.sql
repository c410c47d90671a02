-- Tariffs that are tried on history: how far each trial is, for whichever process is asked.
SET LOCAL ROLE redress_owner;

-- unlogged: a trial goes with the process that runs it, and can be begun again
CREATE UNLOGGED TABLE access.trials (
    id uuid PRIMARY KEY,
    agent text NOT NULL,
    asked bytea NOT NULL,
    shown jsonb NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX trials_begun_at_idx ON access.trials (begun_at);
COMMENT ON TABLE access.trials IS 'How far tariffs tried on history are, and what came of it';
COMMENT ON COLUMN access.trials.asked IS 'Fingerprint of the request';
COMMENT ON COLUMN access.trials.shown IS 'As the API shows it';
COMMENT ON COLUMN access.trials.beat_at IS 'When its process last said that it goes on; one silent for long has died';
COMMENT ON INDEX access.trials_begun_at_idx IS 'Those that are too old';
RESET ROLE;
