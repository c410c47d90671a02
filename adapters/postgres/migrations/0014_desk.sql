-- What people keep at their desks: views of the inbox and drafts of what they write, sealed; and who looks at which case.
SET LOCAL ROLE redress_owner;

CREATE TABLE private.views (
    agent text NOT NULL,
    id uuid NOT NULL,
    subject uuid NOT NULL REFERENCES private.subjects ON DELETE CASCADE,
    box bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent, id)
);
CREATE INDEX views_subject_idx ON private.views (subject);
COMMENT ON TABLE private.views IS 'Filters of the inbox that somebody keeps under a name';
COMMENT ON COLUMN private.views.subject IS 'Whose key seals it: the agent''s own person';
COMMENT ON COLUMN private.views.box IS 'Name and filters, which may name a customer, as JSON (AES-256-GCM)';
COMMENT ON INDEX private.views_subject_idx IS 'For the cascade when a person is erased';

CREATE TABLE private.drafts (
    agent text NOT NULL,
    form text NOT NULL,
    subject uuid NOT NULL REFERENCES private.subjects ON DELETE CASCADE,
    box bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent, form)
);
CREATE INDEX drafts_subject_idx ON private.drafts (subject);
CREATE INDEX drafts_written_at_idx ON private.drafts (written_at);
COMMENT ON TABLE private.drafts IS 'What has been typed and not yet sent; it is gone when sent, and after seven days';
COMMENT ON COLUMN private.drafts.form IS 'The path of the form';
COMMENT ON COLUMN private.drafts.subject IS 'Whose key seals it: the customer of the case, else the writer';
COMMENT ON COLUMN private.drafts.box IS 'The fields as typed, as JSON (AES-256-GCM)';
COMMENT ON INDEX private.drafts_subject_idx IS 'For the cascade when a person is erased';
COMMENT ON INDEX private.drafts_written_at_idx IS 'Those that are too old';

-- unlogged: who looked at what when the server broke down need not outlive it
CREATE UNLOGGED TABLE access.presence (
    stream uuid PRIMARY KEY,
    agent text NOT NULL,
    case_id uuid NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX presence_case_idx ON access.presence (case_id);
COMMENT ON TABLE access.presence IS 'Who has a case open now: a row for each open stream of a page';
COMMENT ON COLUMN access.presence.seen_at IS 'The stream''s last beat; a row without one for long is of a process that died';
COMMENT ON INDEX access.presence_case_idx IS 'Who looks at these cases';
RESET ROLE;
