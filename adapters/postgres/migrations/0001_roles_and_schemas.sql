-- Who may what. Roles belong to the whole cluster: another database of it may have made them already, or be making them
-- at this moment.
DO $$
BEGIN
    CREATE ROLE redress_owner NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    CREATE ROLE redress_app LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    -- An administrator who is no superuser can make things for the owner only as a member of that role.
    IF NOT pg_has_role(current_user, 'redress_owner', 'USAGE') THEN
        EXECUTE format('GRANT redress_owner TO %I', current_user);
    END IF;
END $$;
COMMENT ON SCHEMA migrations IS 'Which numbered SQL files of redress this database has seen';
GRANT USAGE ON SCHEMA migrations TO redress_app;
GRANT SELECT ON migrations.applied TO redress_app;

CREATE SCHEMA log AUTHORIZATION redress_owner;
COMMENT ON SCHEMA log IS 'What happened, in one order, append-only: written through log.append alone';
CREATE SCHEMA private AUTHORIZATION redress_owner;
COMMENT ON SCHEMA private IS 'Keys to personal data, and columns that hold it opened: left out of dumps';
CREATE SCHEMA access AUTHORIZATION redress_owner;
COMMENT ON SCHEMA access IS 'Who may come in, and who opened personal data';
CREATE SCHEMA read AUTHORIZATION redress_owner;
COMMENT ON SCHEMA read IS 'What projections made of the log: can be dropped and rebuilt';
CREATE SCHEMA registry AUTHORIZATION redress_owner;
COMMENT ON SCHEMA registry IS 'Numbers that are given out once';

GRANT USAGE ON SCHEMA log, private, access, read, registry TO redress_app;
-- projections make their own tables; their private columns stand in the schema private
GRANT CREATE ON SCHEMA read, private TO redress_app;
ALTER DEFAULT PRIVILEGES FOR ROLE redress_owner IN SCHEMA private, access, read, registry
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO redress_app;
ALTER DEFAULT PRIVILEGES FOR ROLE redress_owner IN SCHEMA private, access, read, registry
    GRANT SELECT, USAGE, UPDATE ON SEQUENCES TO redress_app;
