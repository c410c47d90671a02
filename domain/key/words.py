"""The words of proposed keys."""

from enum import StrEnum

from domain.values import AgentId

PROGRAM = "svc-"
"""How the numbers of programs begin; nobody else's does."""


class Status(StrEnum):
    """How far a proposed key has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    COLLECTED = "collected"


def is_program(agent: AgentId) -> bool:
    """Whether a number is that of a program."""
    return agent.startswith(PROGRAM)
