-- The keys of persons may lie in another database: what is sealed here cannot refer to them there. Who erases a person
-- deletes it (adapters/people.py); without the key it opens no more in any case.
SET LOCAL ROLE redress_owner;
ALTER TABLE private.views DROP CONSTRAINT views_subject_fkey;
ALTER TABLE private.drafts DROP CONSTRAINT drafts_subject_fkey;
ALTER TABLE private.files DROP CONSTRAINT files_subject_fkey;
COMMENT ON INDEX private.views_subject_idx IS 'What goes when a person is erased';
COMMENT ON INDEX private.drafts_subject_idx IS 'What goes when a person is erased';
COMMENT ON INDEX private.files_subject_idx IS 'What goes when a person is erased';
RESET ROLE;
