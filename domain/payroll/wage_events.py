"""The events of wages. Stored for ever; reasons are sealed to the agent."""

from domain.kernel import Event, event
from domain.values import AgentId, Month, Private


@event("wage.recorded")
class Recorded(Event):
    """L-5: an agent's gross wage of a month, and the minimum wage where it is not the policy's; whole fen.

    A later one for the same agent and month corrects it, with a reason.
    """

    agent: AgentId
    month: Month
    gross_fen: int
    minimum_wage_fen: int | None = None
    reason: Private | None = None
