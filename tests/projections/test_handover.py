"""A handover as it stands: sums, teams, what is due, the telephone, notices; and again after a rebuild (S-3)."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from application.handover import Span
from domain.agent import events as agent
from domain.case import events as e
from domain.case.words import Channel, Direction, ReopenCause, Status
from domain.kernel import Event
from domain.merchant import events as merchant
from domain.shift.handover import CaseLine, Grant, Handover, MissedCall, Notice, PhoneTest
from domain.shift.words import NoticeKind, ShiftKind, StepKind
from domain.team import events as team
from domain.values import AgentId, CaseId, Role
from domain.work import events as work
from domain.work.words import ConductKind, PhoneTestShift
from projections.clocks import ClocksView
from projections.directory import Directory
from projections.handover_summary import handover, position
from projections.handover_view import HandoverView
from projections.rebuild import rebuild
from tests.projections.projecting import World, everything
from tests.support import cases as c
from tests.support.cases import DAY, HOUR, NOW, sealed

VIEWS = (HandoverView(), ClocksView(), Directory())
UNTIL = NOW + DAY
TEAMS = ("t1", "t2")


def handed_over(world: World, of_team: str | None = None, after: int = 0, **span: object) -> Handover:
    usual = {"team": of_team, "kind": ShiftKind.EARLY, "day": NOW.date(), "after": after, "until": UNTIL}

    async def ask() -> Handover:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await handover(connection, Span(**{**usual, **span}))  # type: ignore[arg-type]

    return asyncio.run(ask())


def projected(world: World) -> None:
    states = world.project(VIEWS)
    assert not any(state.failed for state in states), states


def founded(world: World) -> None:
    for name in TEAMS:
        world.record(uuid4(), team.Registered(id=name, name=name))


def received(world: World, **facts: object) -> UUID:
    case = uuid4()
    number = f"n-{len(world.versions):05}"
    world.record(case, replace(c.RECEIVED, number=number, **facts))  # type: ignore[arg-type]
    return case


def line(shown: Handover, case: UUID) -> CaseLine:
    [found] = [one for one in shown.cases if one.case == str(case)]
    return found


# ---- single things --------------------------------------------------------------------------------------------------
def test_a_case_stands_with_step_next_action_deadline_and_promise_s_3(world: World) -> None:
    founded(world)
    case = received(world)
    world.record(case, c.ACKNOWLEDGED, c.CLARIFIED, c.PROMISED)
    projected(world)
    shown = handed_over(world)
    found = line(shown, case)
    assert (found.status, found.next_action, found.handler) == (Status.CLARIFIED, "investigation", "a1")
    terms = {(term.clock, term.number): term.due_at for term in found.terms}
    assert terms["promise", 1] == NOW + DAY
    assert found.due_at == min(terms.values())
    assert found.changed == shown.upto == world.head()


def test_what_is_open_beside_it_is_told_s_3(world: World) -> None:
    founded(world)
    case = received(world)
    message = e.CustomerContacted(direction=Direction.IN, channel=Channel.WEB, words=sealed("and?"))
    world.record(case, *c.until(Status.RESOLVED)[1:], c.ESCALATED, message)
    closed = received(world)
    world.record(closed, *c.until(Status.CLOSED)[1:])
    projected(world)
    shown = handed_over(world)
    found = line(shown, case)
    assert (found.escalations, found.message_at, found.next_action) == ((1,), NOW, "callbacks")
    assert found.grants == (Grant(demand=1, due=c.GRANTED.due),)
    assert [one.case for one in shown.callbacks] == [str(case)]
    assert [one.case for one in shown.escalated] == [one.case for one in shown.messages] == [str(case)]
    assert {one.case for one in shown.granted} == {str(case), str(closed)}
    assert (line(shown, closed).open, shown.open_at_end) == (False, 1)


def test_who_is_called_or_written_back_to_has_no_message_s_3(world: World) -> None:
    founded(world)
    message = e.CustomerContacted(direction=Direction.IN, channel=Channel.CHAT, words=sealed("and?"))
    spoken = replace(message, channel=Channel.HOTLINE)
    answered, asked = received(world), received(world)
    world.record(answered, message, c.CONTACTED)
    world.record(asked, spoken)
    projected(world)
    assert handed_over(world).messages == ()


def test_what_is_carried_out_and_ended_leaves_the_handover_s_3(world: World) -> None:
    founded(world)
    case = received(world)
    world.record(case, *c.until(Status.CLOSED)[1:], c.FULFILLED)
    projected(world)
    shown = handed_over(world)
    assert shown.cases == ()
    assert world.rows("SELECT count(*) FROM read.handover_cases_1") == [(0,)]
    assert shown.counts[StepKind.CLOSED] == shown.counts[StepKind.RECEIVED] == 1


def test_a_case_that_comes_back_stands_as_if_it_had_never_left_s_3(world: World) -> None:
    founded(world)
    case, other = received(world), received(world)
    for one in (case, other):
        world.record(one, *c.until(Status.CLOSED)[1:], c.FULFILLED)
        projected(world)
    world.record(case, c.NOTED)
    projected(world)
    world.record(case, c.REOPENED, c.PROPOSED)
    world.record(other, c.REOPENED)
    projected(world)
    shown = handed_over(world)
    assert (line(shown, case).status, line(shown, case).next_action) == (Status.PROPOSED, "resolution")
    assert (line(shown, other).status, line(shown, other).next_action) == (Status.ANALYSED, "proposals")
    assert (shown.open_at_start, shown.open_at_end, shown.counts[StepKind.REOPENED]) == (0, 2, 2)


def test_cases_of_no_team_stand_in_the_first_ones_handover_s_3(world: World) -> None:
    founded(world)
    nobodys, second = received(world, team=None), received(world, team="t2")
    projected(world)
    assert {one.case for one in handed_over(world, "t1").cases} == {str(nobodys)}
    assert {one.case for one in handed_over(world, "t2").cases} == {str(second)}
    assert {one.case for one in handed_over(world, None).cases} == {str(nobodys), str(second)}


def test_only_what_lies_between_the_positions_is_told_s_3(world: World) -> None:
    founded(world)
    case = received(world)
    after = world.record(uuid4(), work.MissedCallLogged(at=NOW - HOUR))
    missed = uuid4()
    world.record(missed, work.MissedCallLogged(at=NOW))
    world.record(case, c.ACKNOWLEDGED, c.CLARIFIED)
    projected(world)
    shown = handed_over(world, after=after)
    assert [(step.kind, step.opens) for step in shown.steps] == [(StepKind.CLARIFIED, 0)]
    assert shown.missed_calls == (MissedCall(fact=str(missed), at=NOW),)
    assert (shown.open_at_start, shown.open_at_end) == (1, 1)


def test_the_telephone_a_missing_test_is_shown_w_4(world: World) -> None:
    founded(world)
    tested = work.PhoneTested(agent=AgentId("a1"), shift=PhoneTestShift.EARLY, at=NOW, ok=False)
    world.record(uuid4(), tested)
    world.record(uuid4(), work.PhoneFaultReported(at=NOW, found_in_time=True))
    withdrawn = uuid4()
    world.record(withdrawn, work.PhoneFaultReported(at=NOW))
    world.record(withdrawn, work.FactWithdrawn(reason=sealed("a mistake")))
    projected(world)
    early, middle = (handed_over(world, kind=kind) for kind in (ShiftKind.EARLY, ShiftKind.MIDDLE))
    made = PhoneTest(shift=PhoneTestShift.EARLY, at=NOW, ok=False)
    assert early.phone_tests == (made,)
    assert middle.phone_tests == (made, PhoneTest(shift=PhoneTestShift.MIDDLE, at=None, ok=None))
    assert handed_over(world, day=NOW.date() - DAY).phone_tests[0].at is None
    assert [fault.found_in_time for fault in early.phone_faults] == [True]


def test_conduct_is_told_to_the_team_of_the_agent_w_6(world: World) -> None:
    founded(world)
    for name, of_team in (("a1", "t1"), ("a2", "t2")):
        facts = {"id": name, "name": name, "role": Role.AGENT, "team": of_team, "joined_on": date(2024, 1, 1)}
        world.record(uuid4(), asyncio.run(world.sealed(agent.Registered, facts)))
        world.record(uuid4(), work.ConductReported(agent=AgentId(name), at=NOW, code=ConductKind.LATE))
    projected(world)
    assert [one.agent for one in handed_over(world, "t1").conduct] == ["a1"]
    assert {one.agent for one in handed_over(world).conduct} == {"a1", "a2"}


def test_new_merchants_and_changed_offers_are_notices_s_3(world: World) -> None:
    founded(world)
    shop, day = uuid4(), date(2024, 6, 1)
    first = world.record(shop, merchant.Registered(id="m1", name="江南小馆"))
    changes: list[Event] = []
    for value in (True, False):
        changes.append(merchant.SigningChanged(from_day=day, signed=value))
        changes.append(merchant.RecommendationChanged(from_day=day, recommended=value))
    world.record(shop, *changes)
    projected(world)
    kinds = [NoticeKind.SIGNED, NoticeKind.RECOMMENDED, NoticeKind.NO_LONGER_SIGNED, NoticeKind.NO_LONGER_RECOMMENDED]
    later = [Notice(position=first + at, merchant="m1", kind=kind, from_day=day) for at, kind in enumerate(kinds, 1)]
    new = Notice(position=first, merchant="m1", kind=NoticeKind.NEW, from_day=None)
    assert handed_over(world).notices == (new, *later)


def test_no_personal_data_lies_in_the_rows_a_3(world: World) -> None:
    founded(world)
    world.receive(customer={"name": "Canary", "phone": "13812345678"}, narrative="Canary", team="t1")
    projected(world)
    boxes = world.rows("SELECT kept::text FROM read.handover_cases_1")
    assert len(boxes) == 1
    assert '"box": ""' in boxes[0][0]
    assert '"box": "' not in boxes[0][0].replace('"box": ""', "")


# ---- laws -----------------------------------------------------------------------------------------------------------
@dataclass
class Modelled:
    """A case as the laws have it."""

    id: UUID
    team: str | None
    status: Status = Status.RECEIVED
    promises: list[datetime] = field(default_factory=list)
    merged: bool = False

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.status not in {Status.CLOSED, Status.WITHDRAWN, Status.MERGED}


OPEN = ("clarify", "promise", "resolve", "close", "withdraw", "merge", "assign", "note")
ENDED = {Status.CLOSED: ("reopen",), Status.WITHDRAWN: ("reopen",), Status.MERGED: ("unmerge",)}
ACTIONS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(("receive", *OPEN, "reopen", "unmerge")), st.integers(1, 40)),
    max_size=25,
)


def events_of(model: Modelled, action: str, number: int, others: Collection[Modelled]) -> list[Event]:
    """What an action records, which the model takes in."""
    return ENDING.get(action, worked_on)(model, action, number, others)


def closed(model: Modelled, *_: object) -> list[Event]:
    model.status = Status.CLOSED
    return [c.CLOSED]


def withdrawn(model: Modelled, *_: object) -> list[Event]:
    model.promises, model.status = [], Status.WITHDRAWN
    return [c.WITHDRAWN]


def merged(model: Modelled, _: str, __: int, others: Collection[Modelled]) -> list[Event]:
    into = next((other.id for other in others if other is not model), None)
    if into is None:
        return []
    model.status, model.merged = Status.MERGED, True
    return [e.Merged(into=CaseId(str(into)))]


def worked_on(model: Modelled, action: str, number: int, _: Collection[Modelled]) -> list[Event]:
    match action:
        case "promise":
            model.promises.append(NOW + number * HOUR)
            return [replace(c.PROMISED, number=len(model.promises), due_at=NOW + number * HOUR)]
        case "resolve":
            model.promises, model.status = [], Status.RESOLVED
            return [replace(c.RESOLVED, answers=())]
        case "unmerge":
            model.status = Status.RECEIVED
            return [replace(c.UNMERGED, to_status=Status.RECEIVED)]
        case "reopen":
            was, model.status = model.status, Status.ANALYSED
            return [e.Reopened(cause=ReopenCause.REQUESTED, from_status=was, to_status=Status.ANALYSED)]
        case "assign":
            model.team = (*TEAMS, None)[number % 3]
            return [replace(c.REASSIGNED, team=model.team)]
    return [c.CLARIFIED if action == "clarify" else c.NOTED]


ENDING: dict[str, Callable[..., list[Event]]] = {"close": closed, "withdraw": withdrawn, "merge": merged}


def act(world: World, models: list[Modelled], actions: Collection[tuple[int, str, int]]) -> None:
    """Record what can be done; the rest is passed over."""
    for at, action, number in actions:
        if action == "receive" or not models:
            of_team = (*TEAMS, None)[number % 3]
            models.append(Modelled(received(world, team=of_team), of_team))
            continue
        model = models[-4:][at % len(models[-4:])]
        if action in (OPEN if model.open else ENDED[model.status]):
            world.record(model.id, *events_of(model, action, number, [one for one in models if one.open]))


def check(world: World, models: Collection[Modelled], opened: Collection[Modelled], after: int) -> None:
    """The laws of S-3 between a position and now."""
    shown = {name: handed_over(world, name, after) for name in (*TEAMS, None)}
    whole = shown[None]
    still = [model for model in models if model.open]
    assert (whole.open_at_start, whole.open_at_end) == (len(opened), len(still))
    assert whole.open_at_start == sum(shown[name].open_at_start for name in TEAMS)
    counts = whole.counts
    back = sum(step.opens for step in whole.steps if step.kind is StepKind.REOPENED)
    came = counts[StepKind.RECEIVED] + back + counts[StepKind.UNMERGED]
    went = counts[StepKind.CLOSED] + counts[StepKind.WITHDRAWN] + counts[StepKind.MERGED]
    assert whole.open_at_start + came - went == whole.open_at_end
    standing = [one.case for name in TEAMS for one in shown[name].cases if one.open]
    assert sorted(standing) == sorted(str(model.id) for model in still)
    assert {one.case for one in shown["t2"].cases} == {str(model.id) for model in still if model.team == "t2"}
    due = {one.case for one in whole.due}
    owing = [model for model in still if not model.merged and any(at < UNTIL for at in model.promises)]
    assert {str(model.id) for model in owing} <= due


@dataclass
class Lawful:
    """A world in which one history goes on from example to example: what is recorded stays."""

    world: World
    models: list[Modelled] = field(default_factory=list)


@pytest.fixture(scope="module")
def lawful(shared_world: World) -> Lawful:
    founded(shared_world)
    return Lawful(shared_world)


@settings(max_examples=20, deadline=None)
@given(before=ACTIONS, during=ACTIONS, cut=st.integers(1, 7))
def test_nothing_is_lost_between_two_positions_s_3(
    lawful: Lawful, before: list[tuple[int, str, int]], during: list[tuple[int, str, int]], cut: int
) -> None:
    world, models = lawful.world, lawful.models
    act(world, models, before)
    after = world.head()
    opened = [model for model in models if model.open]
    act(world, models, during)
    world.project(VIEWS, batch=cut)
    check(world, models, opened, after)


def test_rebuilt_it_is_the_same_to_the_last_row(lawful: Lawful) -> None:
    world, views = lawful.world, [HandoverView()]
    kept, shown = everything(world, views), handed_over(world)
    assert len(kept["read.handover_cases_1"]) > 0
    asyncio.run(rebuild(world.dsn, world.keyring, views))
    assert everything(world, views) == kept
    assert handed_over(world) == shown


def test_the_position_is_that_of_all_views_together(world: World) -> None:
    case = received(world)
    projected(world)
    world.record(case, c.ACKNOWLEDGED)
    world.project([HandoverView()])

    async def ask() -> int:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await position(connection)

    assert asyncio.run(ask()) == world.head() - 1
