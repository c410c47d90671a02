"""What the HTTP door needs of the rest; bootstrap names the real ones."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.auth.api_keys import ApiKeys
from adapters.auth.limiter import Limiter
from adapters.auth.passwords import Passwords
from adapters.auth.provider import Provider
from adapters.auth.sessions import Sessions
from adapters.complaint_links import ComplaintLinks
from adapters.desk import Desk
from adapters.files import Files
from adapters.handover_parts import HandoverParts
from adapters.http.door import Authenticate
from adapters.lists import ProjectedLists
from adapters.payroll_months import MonthReads
from adapters.person_export.export import PersonExport
from adapters.postgres.histories import PostgresHistories
from adapters.postgres.read_audit import PostgresReadAudit
from adapters.presence import Presence
from adapters.proof.parts import Proof
from adapters.trials import Trials
from adapters.webhooks.parts import WebhookParts
from application.case_reads import CaseReads
from application.cases import Cases
from application.fact_reads import FactReads
from application.facts import Facts
from application.key_proposals import KeyProposals
from application.ledger_reads import LineReads
from application.ledgers import Ledgers
from application.masters import Masters
from application.notices import Notices
from application.payroll import Judged, PayrollMonths
from application.published import PayrollPolicies, Publishing
from application.shifts import Shifts
from application.subjects import Subjects
from application.wages import Wages
from domain.case.policy import CasePolicy
from domain.tariff.tariff import Tariff
from domain.time.deadlines import DeadlinePolicy
from domain.time.events import BusinessCalendar
from projections.waiting import Positions


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts behind the HTTP door.

    authenticate: the actor behind an API key. fingerprint: keyed hash of what was asked. clock: now, UTC.
    judged: whether all up to a position is judged, and can be read, in time.
    provider: where people sign in besides; None: nowhere. local_sign_in: whether they do with passwords and keys.
    public_url: where people reach the console; None: as they asked.
    ready: the state of every projection, and whether the service may take work.
    """

    authenticate: Authenticate
    sessions: Sessions
    keys: ApiKeys
    key_proposals: KeyProposals
    passwords: Passwords
    provider: Provider | None
    local_sign_in: bool
    public_url: str | None
    complaint_links: ComplaintLinks
    limiter: Limiter
    cases: Cases
    masters: Masters
    facts: Facts
    fact_reads: FactReads
    shifts: Shifts
    shift_work: HandoverParts
    tariffs: Publishing[Tariff]
    payroll_policies: PayrollPolicies
    deadline_policies: Publishing[DeadlinePolicy]
    calendars: Publishing[BusinessCalendar]
    trials: Trials
    wages: Wages
    notices: Notices
    webhooks: WebhookParts
    ledgers: Ledgers
    line_reads: LineReads
    payroll: PayrollMonths
    month_reads: MonthReads
    judged: Judged
    policies: Mapping[str, CasePolicy]
    reads: CaseReads
    histories: PostgresHistories
    subjects: Subjects
    person_export: PersonExport
    audit: PostgresReadAudit
    lists: ProjectedLists
    desk: Desk
    files: Files
    presence: Presence
    proof: Proof
    positions: Positions
    fingerprint: Callable[..., bytes]
    clock: Callable[[], datetime]
    ready: Callable[[], Awaitable[dict[str, Any]]]
