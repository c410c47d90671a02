"""States made again from a bundle's events: that the history can be read, and what it comes to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from application import wire
from domain.agent.agent import AGENT
from domain.case.case import CASE
from domain.customer.customer import CUSTOMER
from domain.department.department import DEPARTMENT
from domain.kernel import Decider, Event
from domain.key.key import KEYS
from domain.ledger.voucher import VOUCHER
from domain.merchant.merchant import MERCHANT
from domain.notice.notice import READER
from domain.payroll.account import ACCOUNT
from domain.payroll.months import PAYROLL
from domain.payroll.policies import ACKNOWLEDGEMENTS, PAYROLL_POLICY_REGISTER
from domain.payroll.wage import WAGE
from domain.report.report import DAILY_REPORT
from domain.shift.shift import SHIFT
from domain.subject.subject import SUBJECT
from domain.swap.swap import SWAP, SWAPS_OF_MONTH
from domain.tariff.tariffs import TARIFF_REGISTER
from domain.team.team import TEAM
from domain.time.published import CALENDAR_REGISTER, DEADLINE_POLICY_REGISTER
from domain.time.timing import CLOCKS
from domain.webhook.webhook import WEBHOOKS
from domain.work.conduct import CONDUCT
from domain.work.order import ORDER
from domain.work.recorded import WORK_FACT
from domain.work.review import REVIEW

_FACTS = ("call", "callback_summary", "exam", "fact", "member_callback", "missed_call", "phone_fault", "phone_test")
DECIDERS: tuple[tuple[tuple[str, ...], Decider[Any]], ...] = (
    (("agent.",), AGENT),
    ((*(f"case.deadline_{what}" for what in ("set", "warned", "breached", "met")), "case.alerted"), CLOCKS),
    (("case.",), CASE),
    (("customer.",), CUSTOMER),
    (("department.",), DEPARTMENT),
    (("merchant.",), MERCHANT),
    (("team.",), TEAM),
    (("shift.",), SHIFT),
    (("subject.",), SUBJECT),
    (("swap.counted",), SWAPS_OF_MONTH),
    (("swap.",), SWAP),
    (("daily_report.",), DAILY_REPORT),
    (("order.",), ORDER),
    (("conduct.",), CONDUCT),
    (("quality_review.",), REVIEW),
    ((*(f"{fact}." for fact in _FACTS), "points_shortage."), WORK_FACT),
    (("tariff.",), TARIFF_REGISTER),
    (("notice.",), READER),
    (("webhook.",), WEBHOOKS),
    (("key.",), KEYS),
    (("deadline_policy.",), DEADLINE_POLICY_REGISTER),
    (("calendar.",), CALENDAR_REGISTER),
    (("payroll_policy.acknowledged",), ACKNOWLEDGEMENTS),
    (("payroll_policy.",), PAYROLL_POLICY_REGISTER),
    (("wage.",), WAGE),
    (("payroll.stated", "ledger.offset", "payroll.opening_changed"), ACCOUNT),
    (("payroll.",), PAYROLL),
    (("ledger.",), VOUCHER),
)
"""How a stream is folded, by the topic of its first event; the first that fits."""


class _Line(msgspec.Struct):
    position: int
    stream: UUID
    version: int
    topic: str
    body: msgspec.Raw


_line = msgspec.json.Decoder(_Line).decode


@dataclass(slots=True)
class _Stream:
    decider: Decider[Any]
    state: Any
    version: int = 0


@dataclass(frozen=True, slots=True)
class Unfoldable:
    """An event that cannot be read, or does not follow in its stream's history.

    line: of events.jsonl, from 1. position: None where the line does not tell it.
    """

    line: int
    position: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Rederived:
    """What the events come to: streams by kind, cases by status, and what could not be made out.

    partial: streams of which the bundle has not all events from the first on; they are read, but have no state.
    """

    streams: dict[str, int]
    cases: dict[str, int]
    partial: int
    unfoldable: list[Unfoldable] = field(default_factory=list)


def rederive(lines: Iterable[bytes]) -> Rederived:
    """Read every event of `events.jsonl` and fold every stream."""
    streams, unfoldable, partial = dict[UUID, _Stream](), list[Unfoldable](), set[UUID]()
    for number, text in enumerate(lines, 1):
        position = None
        try:
            line = _line(text)
            position = line.position
            event = wire.decode_event(line.topic, bytes(line.body))
            if line.stream not in partial and not _fold(streams, line, event):
                partial.add(line.stream)
                streams.pop(line.stream, None)
        except Exception as error:  # noqa: BLE001  whatever it is, the history cannot be read there
            unfoldable.append(Unfoldable(number, position, type(error).__name__))
    kinds = Counter(one.decider.name for one in streams.values())
    cases = Counter(str(one.state.status) for one in streams.values() if one.decider is CASE)
    return Rederived(dict(sorted(kinds.items())), dict(sorted(cases.items())), len(partial), unfoldable)


def _fold(streams: dict[UUID, _Stream], line: _Line, event: Event) -> bool:
    """Fold an event into its stream; False where one before it is missing."""
    stream = streams.get(line.stream)
    if stream is None:
        decider = decider_of(line.topic)
        stream = streams[line.stream] = _Stream(decider, decider.initial)
    if line.version != stream.version + 1:
        return False
    stream.state, stream.version = stream.decider.evolve(stream.state, event), line.version
    return True


def decider_of(topic: str) -> Decider[Any]:
    """How a stream that begins with this topic is folded. Raises LookupError."""
    for beginnings, decider in DECIDERS:
        if topic.startswith(beginnings):
            return decider
    raise LookupError(f"nothing folds {topic}")
