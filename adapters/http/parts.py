"""What the HTTP door needs of the rest; bootstrap names the real ones."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.auth.limiter import Limiter
from adapters.http.door import Authenticate
from adapters.lists import ProjectedLists
from adapters.postgres.histories import PostgresHistories
from application.case_reads import CaseReads
from application.cases import Cases
from application.masters import Masters
from domain.case.policy import CasePolicy
from projections.waiting import Positions


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts behind the HTTP door.

    authenticate: the actor behind an API key. fingerprint: keyed hash of what was asked. clock: now, UTC.
    ready: the state of every projection, and whether the service may take work.
    """

    authenticate: Authenticate
    limiter: Limiter
    cases: Cases
    masters: Masters
    policies: Mapping[str, CasePolicy]
    reads: CaseReads
    histories: PostgresHistories
    lists: ProjectedLists
    positions: Positions
    fingerprint: Callable[..., bytes]
    clock: Callable[[], datetime]
    ready: Callable[[], Awaitable[dict[str, Any]]]
