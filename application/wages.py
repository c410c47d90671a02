"""Commands on wages: what payroll records of an agent's month (L-5)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from application.cases import UnknownAgent
from application.event_log import Changes, Command, Done, Log, States
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.sealing import Keyring, seal
from application.streams import agent_stream, wage_stream
from domain.payroll import wage as wages
from domain.payroll import wage_events as e
from domain.values import Actor, AgentId, Month


def wage_id(agent: AgentId, month: Month) -> str:
    """What a wage is known by, such as `2026-03-a1001`: in its order wages are listed by month and agent."""
    return f"{month}-{agent}"


class Wages:
    """Every command on wages. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring) -> None:
        self._log, self._keyring = log, keyring

    async def record(
        self, agent: AgentId, month: Month, facts: Mapping[str, Any], actor: Actor, command: Command
    ) -> Done:
        """L-5: record an agent's wage of a month, or correct it. facts: the amounts and the reason.

        Raises UnknownAgent, Malformed, ReasonNeeded.
        """
        permit(actor, Action.RECORD_WAGES)
        stream, person = wage_stream(agent, month), agent_stream(agent)

        async def changes(states: States) -> Changes:
            sealer = await self._keyring.sealer(await self._keyring.subject(("agent", agent)))
            named = {"agent": agent, "month": {"year": month.year, "number": month.number}}
            recorded = seal(e.Recorded, {**facts, **named}, sealer)
            events = wages.record(states[stream], recorded, command.meta.at)
            if states[person].presence is None:
                raise UnknownAgent(f"there is no agent {agent}: register them first", pointer="/agent")
            return {stream: events}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(wage_id(agent, month), states.version(stream)))

        return await self._log.transact([stream, person], changes, command, answer)
