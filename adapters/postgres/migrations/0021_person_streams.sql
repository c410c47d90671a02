-- Where in the log something of a person's stands: an export or an erasure asks these streams, not the whole log.
SET LOCAL ROLE redress_owner;

CREATE TABLE private.person_streams (
    person text NOT NULL,
    stream uuid NOT NULL,
    PRIMARY KEY (person, stream)
);
COMMENT ON TABLE private.person_streams IS 'Which streams hold something sealed for a person, or name somebody of the staff';
COMMENT ON COLUMN private.person_streams.person IS 'Id of the person, or an employee number';

CREATE TABLE private.person_streams_upto (
    position bigint NOT NULL
);
INSERT INTO private.person_streams_upto VALUES (0);
COMMENT ON TABLE private.person_streams_upto IS 'One row: how far the log has been looked through';
RESET ROLE;
