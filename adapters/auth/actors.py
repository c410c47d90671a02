"""Who somebody is, read from the log: role, team, limit, deputy."""

from datetime import UTC, datetime

from application.event_log import Log
from application.streams import agent_stream
from domain.agent.words import Presence
from domain.values import Actor, AgentId, local_day

"""The zone whose day decides which dated limit holds; the default zone of calendars (rulebook)."""


class Actors:
    """What a key or a session may do follows from its agent, so that it changes with the agent at once."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def of(self, agent_id: AgentId) -> Actor | None:
        """The actor an agent is today; None for nobody, or somebody who has left."""
        stream = agent_stream(agent_id)
        agent = (await self._log.states([stream]))[stream]
        today = local_day(datetime.now(UTC))
        if agent.role is None or agent.presence_on(today) is Presence.LEFT:
            return None
        deputy = agent.deputy_on(today)
        return Actor(agent_id, agent.role, agent.team, agent.limit_fen_on(today), deputy=deputy)
