"""The generator: the same seed tells the same cases, all of them hold, and they look like a year's work."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from adapters.intake.believable import ZONE, arrivals, at_work, languages
from adapters.intake.generate import DAYS, Plan, case_id, generate
from application import phrases, wire
from application.sealing import opened, reveal, subjects
from application.streams import agent_stream, case_stream
from domain.case.case import Case
from domain.case.words import Status
from domain.values import AgentId
from tests.adapters.intake.service import Service

pytestmark = pytest.mark.anyio

END = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = Plan(cases=600, agents=5, seed=42, end=END)
BESIDE = {"case.reassigned", "case.noted", "case.paused", "case.resumed", "case.interim_reply_sent", "case.linked"}
ON_THE_WAY = {"case.escalated", "case.escalation_answered", "case.answer_reviewed", "case.fulfilled", "case.reopened"}


async def plain(service: Service, plan: Plan) -> dict[UUID, list[Mapping[str, Any]]]:
    """The opened content of every case, without the random ids of persons."""
    log, keyring = service.generator.log, service.generator.keyring
    stored = await log.load([UUID(case_id(plan.seed, number)) for number in range(plan.cases)])
    decoded = {stream: [wire.decode(one.topic, one.state) for one in events] for stream, events in stored.items()}
    persons = {subject for events in decoded.values() for event, _ in events for subject in subjects(event)}
    show = opened(await keyring.opener(list(persons)))
    told = {stream: [(reveal(event, show), meta) for event, meta in events] for stream, events in decoded.items()}
    for events in told.values():
        events[0][0]["customer"].pop("subject")
    return {stream: [{"meta": meta, **data} for data, meta in events] for stream, events in told.items()}


async def cases(service: Service, plan: Plan) -> list[Case]:
    streams = [case_stream(case_id(plan.seed, number)) for number in range(plan.cases)]
    states = await service.generator.log.states(streams)
    return [states[stream] for stream in streams]


def in_order(service: Service) -> list[tuple[str, datetime, dict[str, Any]]]:
    with psycopg.connect(service.database.admin) as connection:
        return connection.execute("SELECT topic, at, data FROM log.readable ORDER BY position").fetchall()


async def test_the_same_seed_tells_the_same_cases(service: Service, other_service: Service) -> None:
    first = await generate(PLAN, service.generator)
    other = await generate(PLAN, other_service.generator)
    assert (first.cases, first.events) == (600, other.events)
    assert await plain(service, PLAN) == await plain(other_service, PLAN)


async def test_a_second_run_adds_nothing_and_a_longer_one_the_rest(other_service: Service) -> None:
    short = replace(PLAN, cases=40)
    await generate(short, other_service.generator)
    events = in_order(other_service)
    again = await generate(short, other_service.generator)
    assert (again.cases, again.already_there, again.events) == (0, 40, 0)
    assert in_order(other_service) == events
    longer = await generate(replace(short, cases=60), other_service.generator)
    assert (longer.cases, longer.already_there) == (20, 40)


async def test_another_seed_tells_others(other_service: Service) -> None:
    await generate(replace(PLAN, cases=5), other_service.generator)
    other = await generate(replace(PLAN, cases=5, seed=43), other_service.generator)
    assert (other.cases, other.already_there) == (5, 0)


async def test_every_case_loads_and_folds_to_a_believable_mix(service: Service) -> None:
    await generate(PLAN, service.generator)
    told = await cases(service, PLAN)
    statuses = Counter(case.status for case in told)
    assert None not in statuses
    assert statuses[Status.CLOSED] > 300
    assert set(Status) - set(statuses) == set()
    assert 15 < sum(bool(case.merged_into) for case in told) < 60
    assert {case.team for case in told} == {"g-t1", "g-t2"}
    numbers = {case.received.number for case in told if case.received}
    assert len(numbers) == 600


async def test_the_work_is_recorded_in_the_order_of_time(service: Service) -> None:
    await generate(PLAN, service.generator)
    events = in_order(service)
    times = [at for _, at, _ in events]
    assert times == sorted(times)
    assert END - timedelta(days=DAYS) <= times[0]
    assert times[-1] < END
    assert {topic for topic, _, _ in events} >= BESIDE | ON_THE_WAY


async def test_its_people_are_registered(service: Service) -> None:
    await generate(PLAN, service.generator)
    stream = agent_stream(AgentId("g1001"))
    agent = (await service.generator.log.states([stream]))[stream]
    assert (agent.role, agent.team) == ("agent", "g-t1")


async def test_nobody_can_be_read_in_the_log(service: Service) -> None:
    await generate(PLAN, service.generator)
    with psycopg.connect(service.database.admin) as connection:
        stored = b"".join(row[0] for row in connection.execute("SELECT state FROM log.events", binary=True))
    names = {data[0]["customer"]["name"] for data in (await plain(service, PLAN)).values()}
    assert len(names) > 100
    assert [name for name in names if name.encode() in stored] == []


async def test_one_agent_is_enough(other_service: Service) -> None:
    outcome = await generate(replace(PLAN, cases=80, agents=1), other_service.generator)
    assert outcome.cases == 80
    assert outcome.events_a_second > 0


async def test_nothing_to_generate(other_service: Service) -> None:
    outcome = await generate(replace(PLAN, cases=0), other_service.generator)
    assert (outcome.cases, outcome.events) == (0, 0)


# ---- what it is made of ---------------------------------------------------------------------------------------------
def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for item in (value.values() if isinstance(value, Mapping) else value) for text in texts(item)]


def test_no_text_holds_a_forbidden_phrase() -> None:
    forbidden = phrases.shipped()
    stories = [(told.phrases, story.solution) for told in languages().values() for story in told.stories.values()]
    assert [text for text in texts(stories) if forbidden.hits("/text", text)] == []


def test_both_languages_share_their_phrases() -> None:
    told = languages()
    assert told["zh"].phrases.keys() == told["en"].phrases.keys()


def test_complaints_come_in_order_and_at_waking_hours() -> None:
    rng = Random(1)  # noqa: S311  made-up data
    drawn = arrivals(500, rng, END - timedelta(days=30), END)
    assert drawn == sorted(drawn)
    assert {at.astimezone(ZONE).hour for at in drawn[1:-1]} <= set(range(8, 24))
    night = datetime(2026, 2, 1, 23, tzinfo=ZONE)
    assert at_work(night, rng).astimezone(ZONE).date() == datetime(2026, 2, 2, tzinfo=ZONE).date()
    assert at_work(night - timedelta(hours=3), rng) == night - timedelta(hours=3)
    early = datetime(2026, 2, 1, 3, tzinfo=ZONE)
    assert at_work(early, rng).astimezone(ZONE).hour == 9
