-- Every process that answers keeps for a moment who was let in, and must hear when a key, a session or an agent changes.
SET LOCAL ROLE redress_owner;

CREATE FUNCTION access.tell_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('access_changed', '');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION access.tell_changed IS 'Lets every process look up again who may come in';

CREATE TRIGGER removed AFTER DELETE ON access.api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER changed AFTER UPDATE OF sha256, agent, scopes, revoked_at, expires_at ON access.api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER removed AFTER DELETE ON access.sessions
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
CREATE TRIGGER changed AFTER UPDATE OF agent, role, created_at, ended_at ON access.sessions
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell_changed();
-- What an agent may do is folded from events.
CREATE TRIGGER changed_agent AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.topic LIKE 'agent.%') EXECUTE FUNCTION access.tell_changed();
RESET ROLE;
