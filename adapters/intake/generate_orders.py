"""Believable service orders (W-1), each entered and done, stored in chunks through the same append as all others."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID, uuid5

from adapters.ciphers import SubjectSealer
from adapters.intake.believable import People
from adapters.keyring import PostgresKeyring
from adapters.postgres.event_log import PostgresLog
from application import wire
from application.envelope import Meta
from application.event_log import Conflict, Done, Row, Write
from application.sealing import seal
from domain.values import Actor
from domain.work import events as e
from domain.work.facts import OrderField
from domain.work.order import ORDER, enter_finished

BLOCK = 1_000
"""Orders stored in one transaction."""
A_MEMBER = 5
"""Orders of one member, about."""
SEATED, FAULTY, STEERED = 0.93, 0.02, 0.03
"""Shares of orders."""
_NAMESPACE = UUID("3d0c1c2e-6f4a-4a0a-8f0b-5b7d0a9e4c11")
_SURNAMES = "王李张刘陈杨赵黄周吴"
_FIELDS = (OrderField.PHONE, OrderField.REMARKS, OrderField.CARD_NO, OrderField.DINING_TIME)


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """How many orders, entered from `begin` on and before `end`."""

    orders: int
    seed: int
    begin: datetime
    end: datetime


@dataclass(slots=True)
class OrderMaker:
    """Makes orders of a seed: always the same ones, with the same ids."""

    plan: OrderPlan
    people: People
    members: list[SubjectSealer] = field(default_factory=list)

    def writes(self, numbers: Sequence[int]) -> list[Write]:
        """One command for each order."""
        return [self._write(number) for number in numbers]

    def _write(self, number: int) -> Write:
        chance = Random(f"{self.plan.seed}:order:{number}")  # noqa: S311  made-up data
        agent, at = chance.choice(self.people.agents), self._at(number, chance)
        member = chance.choice(self.members)
        entered = seal(e.OrderEntered, {**self._facts(chance, agent, at), "subject": member.subject}, member)
        done = e.OrderDone(
            seated=chance.random() < SEATED,
            wrong=(chance.choice(_FIELDS),) if chance.random() < FAULTY else (),
            judged=False,
        )
        return _stored(order_id(self.plan.seed, number), agent, at, entered, done)

    def _at(self, number: int, chance: Random) -> datetime:
        step = (self.plan.end - self.plan.begin) / self.plan.orders
        return self.plan.begin + step * number + timedelta(seconds=chance.random() * step.total_seconds())

    def _facts(self, chance: Random, agent: Actor, at: datetime) -> dict[str, Any]:
        merchant = chance.choice(sorted(self.people.merchants))
        known = sum(map(ord, merchant))
        return {
            "agent": agent.id,
            "at": at,
            "merchant": merchant,
            "signed": known % 3 != 0,
            "recommended": known % 4 == 0,
            "steered": chance.random() < STEERED,
            "tables": chance.choice((1, 1, 1, 2, 3)),
            "new_member": chance.random() < 0.2,  # noqa: PLR2004  a share
            "dining_time": at + timedelta(hours=chance.randint(1, 60)),
            "card_no": f"VIP {chance.randrange(10**8):08d}",
            "member_name": f"{chance.choice(_SURNAMES)}先生",
            "phone": f"139{chance.randrange(10**8):08d}",
            "remarks": None,
        }


def order_id(seed: int, number: int) -> UUID:
    """The id of a generated order."""
    return uuid5(_NAMESPACE, f"{seed}:{number}")


def _stored(order: UUID, agent: Actor, at: datetime, entered: e.OrderEntered, done: e.OrderDone) -> Write:
    meta = wire.encode_meta(Meta(agent.id, at, order, order, order))
    events = enter_finished(ORDER.initial, entered, done, at)
    rows = [Row(order, version, event.topic, wire.encode(event, meta)) for version, event in enumerate(events, 1)]
    return Write(order, order.bytes, b"{}", rows)


async def generate_orders(
    plan: OrderPlan, people: People, log: PostgresLog, keyring: PostgresKeyring
) -> AsyncIterator[int]:
    """Store what is not there yet; block by block how many orders were new. Raises Conflict, Busy, Unavailable."""
    maker, new = OrderMaker(plan, people), 0
    numbers = iter(range(plan.orders))
    while block := list(islice(numbers, BLOCK)):
        maker.members = await keyring.new_subjects(max(1, len(block) // A_MEMBER))
        there = await log.load([order_id(plan.seed, number) for number in block])
        writes = maker.writes([number for number in block if not there[order_id(plan.seed, number)]])
        if not all(isinstance(outcome, Done) for outcome in await log.append_many(writes)):
            raise Conflict("somebody else works on the orders that are being generated: run it again")
        new += len(writes)
        yield new
