-- A person's key goes when the person is erased, one by one: no single statement of the service empties the tables.
SET LOCAL ROLE redress_owner;
REVOKE TRUNCATE ON private.subjects, private.identities FROM redress_app;
RESET ROLE;
