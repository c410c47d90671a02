"""Everything judged again, from the log alone and not from the views: what each matter comes to now (L-6, L-7).

The log comes stream by stream. Of orders nothing is kept but counts by month and agent; of the rarer facts, what the
rules ask of several at once.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from application.event_log import Log
from application.judging import Judging
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from domain.kernel import Event
from domain.ledger.events import Cause
from domain.ledger.lines import Code, Line
from domain.ledger.rules import MONTHLY_RULES, Judged, NoTariff, judge_cause
from domain.shift.shift import SHIFT
from domain.tariff.tariff import Tariff
from domain.values import DEFAULT_ZONE, AgentId, CaseId, Month, local_day
from domain.work import events as work
from domain.work.conduct import CONDUCT
from domain.work.facts import Duty, Exam, MemberCallbacks, MissedCall, Order, PhoneFault
from domain.work.order import ORDER
from domain.work.recorded import WORK_FACT, WorkFact

FACTS = (
    "order.",
    "member_callback.",
    "exam.",
    "phone_fault.",
    "missed_call.",
    "points_shortage.",
    "fact.withdrawn",
    "conduct.",
    "case.analysed",
    "shift.",
)
"""Beginnings of the topics that are read."""
TOGETHER = 500
"""How many of the rarer matters are judged at once."""
Streams = AsyncIterator[tuple[UUID, Sequence[Event]]]
"""The events under FACTS, stream by stream, each oldest first."""
