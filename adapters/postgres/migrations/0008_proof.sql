-- The tree over the log: its tiles, its head, and the keys that sign heads.
--
-- The service seals events after their commit and in their order. log.append holds the lock of log.turn until its
-- commit is visible, and gives positions under it: whoever sees a position sees all before it, so that the sealer, which
-- goes by positions, skips none.
CREATE SCHEMA proof AUTHORIZATION redress_owner;
COMMENT ON SCHEMA proof IS 'The Merkle tree over the log, its signed heads, and who took proofs away';
GRANT USAGE ON SCHEMA proof TO redress_app;

SET LOCAL ROLE redress_owner;

CREATE TABLE proof.keys (
    number int PRIMARY KEY,
    verifier text NOT NULL,
    wrapped bytea,
    rotation text CHECK ((rotation IS NULL) = (number = 1)),
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE proof.keys IS 'The keys that sign heads; the last one is in force';
COMMENT ON COLUMN proof.keys.verifier IS 'The public key with the log''s name (c2sp.org/signed-note)';
COMMENT ON COLUMN proof.keys.wrapped IS 'Nonce and private key, sealed by the master key; none once another took over';
COMMENT ON COLUMN proof.keys.rotation IS 'The note by which it took over, signed by the key before and by itself';

CREATE TABLE proof.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    position bigint NOT NULL,
    note text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE proof.head IS 'The newest head of the tree: one row, written with the tiles it speaks of';
COMMENT ON COLUMN proof.head.one IS 'Keeps it at one row';
COMMENT ON COLUMN proof.head.size IS 'How many events are sealed';
COMMENT ON COLUMN proof.head.position IS 'The position of the last of them';
COMMENT ON COLUMN proof.head.note IS 'The signed checkpoint (c2sp.org/tlog-checkpoint)';

CREATE TABLE proof.tiles (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
) WITH (
    -- The last tile of a level is written anew with every batch.
    autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.02,
    toast.autovacuum_vacuum_threshold = 2000, toast.autovacuum_vacuum_scale_factor = 0.02
);
-- Hashes do not get shorter by compressing.
ALTER TABLE proof.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE proof.tiles IS 'The hashes of the tree, up to 256 a row (c2sp.org/tlog-tiles)';
COMMENT ON COLUMN proof.tiles.hashes IS 'SHA-256 hashes, one behind the other; level 0 holds those of events';

CREATE TABLE proof.runs (
    index bigint PRIMARY KEY,
    position bigint NOT NULL UNIQUE
);
COMMENT ON TABLE proof.runs IS 'Which leaf is which position: where a run begins that has no gap in its positions';
COMMENT ON COLUMN proof.runs.index IS 'The first leaf of the run';
COMMENT ON COLUMN proof.runs.position IS 'Its position';

CREATE TABLE proof.exports (
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    selection text NOT NULL,
    size bigint NOT NULL,
    events bigint NOT NULL
);
COMMENT ON TABLE proof.exports IS 'Who took which part of the log away as a bundle';
COMMENT ON COLUMN proof.exports.size IS 'The size of the tree it was proven against';
COMMENT ON COLUMN proof.exports.events IS 'How many events were in it';

GRANT SELECT, INSERT, UPDATE ON proof.keys, proof.head, proof.tiles TO redress_app;
GRANT SELECT, INSERT ON proof.runs, proof.exports TO redress_app;
RESET ROLE;
