"""What can be imported beside cases, one row each of KINDS: its body, its own key, and the command that records it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from adapters.http import fact_bodies as b
from adapters.http.fields import Body
from adapters.http.shift_bodies import ShiftBody
from adapters.http.wages import WageBody
from adapters.intake.importing import IMPORTER
from adapters.intake.merchant_rows import MerchantRow
from application.event_log import Command, Done
from application.facts import RECORDINGS, Facts
from application.masters import Masters
from application.shifts import ShiftId, Shifts
from application.streams import merchant_stream, new_fact_id, wage_stream
from application.wages import Wages
from domain.values import AgentId, Month, Role

PAYROLL = replace(IMPORTER, role=Role.PAYROLL)
"""Wages are payroll's: whoever may run the command line stands in for it."""


@dataclass(frozen=True, slots=True)
class Recorders:
    """Those who record."""

    facts: Facts
    shifts: Shifts
    wages: Wages
    masters: Masters


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    record: the command of the application; `id` is that of the record where it has no key of its own. own: the id of
    its stream where it has one, such as that of an agent's exam of a month. needed: fields that the API fills in from
    who sends the request, and an import cannot.
    """

    body: type[Body]
    record: Callable[[Recorders, Any, UUID, Command], Awaitable[Done]]
    own: Callable[[Any], UUID | None] = lambda _: None
    needed: frozenset[str] = frozenset()


def _recorded(kind: str, body: type[b.FactBody], *needed: str) -> Kind:
    """A fact that is recorded in one go."""
    return Kind(
        body,
        lambda by, stated, _, c: by.facts.record(kind, stated.stated(), IMPORTER, c),
        lambda stated: RECORDINGS[kind].key(stated.stated()),
        frozenset(needed),
    )


def _callbacks_kind(stated: b.CallbackBody) -> str:
    return "callback-tallies" if stated.tallied else "member-callbacks"


KINDS: dict[str, Kind] = {
    "orders": Kind(b.OrderBody, lambda by, body, _, c: by.facts.enter_order(body.stated(), IMPORTER, c)),
    "member-callbacks": Kind(
        b.CallbackBody,
        lambda by, body, _, c: by.facts.record(_callbacks_kind(body), body.stated(), IMPORTER, c),
        lambda body: RECORDINGS[_callbacks_kind(body)].key(body.stated()),
    ),
    "exams": _recorded("exams", b.ExamBody),
    "missed-calls": _recorded("missed-calls", b.MissedCallBody),
    "phone-tests": _recorded("phone-tests", b.PhoneTestBody, "agent"),
    "phone-faults": _recorded("phone-faults", b.PhoneFaultBody),
    "points-shortages": _recorded("points-shortages", b.PointsShortageBody),
    "calls": _recorded("calls", b.CallBody),
    "conduct-reports": Kind(
        b.ConductReportBody, lambda by, body, _, c: by.facts.report_conduct(body.stated(), IMPORTER, c)
    ),
    "shifts": Kind(
        ShiftBody, lambda by, body, id_, c: by.shifts.plan(ShiftId(str(id_)), body.model_dump(), IMPORTER, c)
    ),
    "wages": Kind(
        WageBody,
        lambda by, body, _, c: by.wages.record(
            AgentId(body.agent), Month.parse(body.month), body.model_dump(exclude={"agent", "month"}), PAYROLL, c
        ),
        lambda body: wage_stream(AgentId(body.agent), Month.parse(body.month)).id,
    ),
    "merchants": Kind(
        MerchantRow,
        lambda by, body, _, c: by.masters.take_over_merchant(body.id, body.name, body.periods(), IMPORTER, c),
        lambda body: merchant_stream(body.id).id,
    ),
}


def stream_of(name: str, body: Body, command_id: UUID) -> UUID:
    """The stream that holds a record: by its own key, else by the command that records it."""
    return KINDS[name].own(body) or new_fact_id(name, command_id)
