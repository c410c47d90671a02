"""Accounts of programs: an agent whose number begins with `svc-` (docs/decisions/0016-who-comes-in.md)."""

from datetime import datetime, timedelta

from adapters.auth.api_keys import Limits
from application.permissions import FOR_PEOPLE
from domain.key.words import is_program
from domain.values import AgentId

LONGEST_KEY = timedelta(days=366)
"""How long a key of a program lives at most."""


class NotForPrograms(Exception):
    """Programs come in by keys that are narrowed and end, and by nothing else. pointer: to the field at fault."""

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


def check_person(agent: AgentId) -> None:
    """Raises NotForPrograms for what people alone have: passwords and sessions."""
    if is_program(agent):
        raise NotForPrograms(f"{agent} is a service account: programs come in by keys alone")


def check_limits(agent: AgentId, limits: Limits, now: datetime) -> None:
    """Raises NotForPrograms for a program's key that is not narrowed, or does not end within LONGEST_KEY."""
    if not is_program(agent):
        return
    if not limits.scopes or limits.scopes & FOR_PEOPLE:
        refused = ", ".join(sorted((limits.scopes or frozenset()) & FOR_PEOPLE)) or "all that its role may"
        raise NotForPrograms(f"{refused} is not for programs: name read, or actions that people need not do", "/scopes")
    if limits.expires_at is None or limits.expires_at > now + LONGEST_KEY:
        raise NotForPrograms(f"a key of a service account ends within {LONGEST_KEY.days} days: say when", "/expires_at")
