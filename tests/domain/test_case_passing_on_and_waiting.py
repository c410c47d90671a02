"""C-2, C-11: the work passes on, waits, is promised for a time; words and evidence join it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case.beside import (
    attach,
    contact,
    extend,
    note,
    pause,
    promise,
    reassign,
    reply_interim,
    resume,
    waiting_since,
)
from domain.case.words import Clock, Status, WaitingFor
from domain.values import AgentId, Role
from tests.support.cases import (
    ATTACHED,
    COLLEAGUE,
    CONTACTED,
    DAY,
    EXTENDED,
    HOUR,
    INTERIM_REPLY,
    NOTED,
    NOW,
    OWNER,
    PAUSED,
    PROMISED,
    REASSIGNED,
    RECEIVED,
    REOPENED,
    RESUMED,
    WITHDRAWN,
    sealed,
    until,
)
from tests.support.spec import given, setting

PRESENT = Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1")
REASON = sealed("holiday")
OPEN = (Status.RECEIVED, Status.CLARIFIED, Status.ANALYSED, Status.RESOLVED, Status.SUMMARISED)


# ---- C-2: passing on ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", OPEN)
def test_the_work_passes_on_and_ownership_stays(status: Status) -> None:
    given(*until(status)).when(reassign, COLLEAGUE.id, PRESENT, REASON).then(REASSIGNED)
    case = given(*until(status), REASSIGNED).state
    assert (case.owner, case.handler, case.status) == (OWNER.id, COLLEAGUE.id, status)


def test_the_case_goes_along_to_the_team() -> None:
    elsewhere = replace(PRESENT, team="t2")
    given(RECEIVED).when(reassign, COLLEAGUE.id, elsewhere, REASON).then(replace(REASSIGNED, team="t2"))
    assert given(RECEIVED, replace(REASSIGNED, team="t2")).state.team == "t2"
    # who is of no team leaves it to the team it is of: nobody's, it would be open to all
    of_no_team = replace(PRESENT, role=Role.SUPERVISOR, team=None)
    given(RECEIVED).when(reassign, COLLEAGUE.id, of_no_team, REASON).then(replace(REASSIGNED, team=RECEIVED.team))


@pytest.mark.parametrize(
    ("presence", "word"), [(Presence.ABSENT, "absent"), (Presence.LEFT, "left"), (None, "unknown")]
)
def test_work_passes_only_to_who_is_there(presence: Presence | None, word: str) -> None:
    outcome = given(RECEIVED).when(reassign, COLLEAGUE.id, replace(PRESENT, presence=presence), REASON)
    outcome.then_refused("agent_not_available", "C-2", f"agent a2 is {word}: name an agent who is present", "/agent")


def test_passing_on_to_who_has_it_changes_nothing() -> None:
    given(RECEIVED).when(reassign, OWNER.id, PRESENT, REASON).then()


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_ended_work_does_not_pass_on(status: Status) -> None:
    outcome = given(*until(status)).when(reassign, COLLEAGUE.id, PRESENT, REASON)
    outcome.then_refused("not_on_the_way", "C-2", f"assignment does not follow {status}")


# ---- C-11: waiting --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("category", list(WaitingFor))
def test_a_case_waits_for_somebody(category: WaitingFor) -> None:
    given(RECEIVED).when(pause, replace(PAUSED, category=category)).then(replace(PAUSED, category=category))


def test_waiting_begins_at_the_earliest_with_receipt() -> None:
    since_receipt = replace(PAUSED, since=RECEIVED.received_at)
    given(RECEIVED).when(pause, since_receipt).then(since_receipt)
    before = replace(PAUSED, since=RECEIVED.received_at - timedelta(seconds=1))
    given(RECEIVED).when(pause, before).then_refused(
        "too_early", "C-11", "at the earliest at 2024-05-06T01:00", "/since"
    )


def test_waiting_begins_at_the_earliest_with_the_last_resumption() -> None:
    waited = (RECEIVED, PAUSED, RESUMED)
    later = NOW + 2 * HOUR
    again = replace(PAUSED, since=RESUMED.resumed_at)
    given(*waited).when(pause, again, at=later).then(again)
    given(*waited).when(pause, PAUSED, at=later).then_refused("too_early", "C-11", "2024-05-06T03:00", "/since")


def test_waiting_has_not_yet_begun_in_the_future() -> None:
    future = replace(PAUSED, since=NOW + timedelta(minutes=5, seconds=1))
    given(RECEIVED).when(pause, future).then_refused("invalid", "C-1", "since lies in the future", "/since")


def test_a_waiting_case_does_not_wait_twice() -> None:
    given(RECEIVED, PAUSED).when(pause, PAUSED).then_refused("need_unmet", "C-11", "resume it first")


def test_a_waiting_case_goes_on() -> None:
    given(RECEIVED, PAUSED).when(resume, RESUMED).then(RESUMED)
    assert given(RECEIVED, PAUSED).state.paused
    assert not given(RECEIVED, PAUSED, RESUMED).state.paused


def test_what_does_not_wait_does_not_resume() -> None:
    given(RECEIVED).when(resume, RESUMED).then_refused("need_unmet", "C-11", "the case is not paused")
    given(RECEIVED, PAUSED, RESUMED).when(resume, RESUMED).then_refused("need_unmet", "C-11", "not paused")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_an_ended_case_does_not_wait(status: Status) -> None:
    outcome = given(*until(status)).when(pause, PAUSED)
    outcome.then_refused("not_on_the_way", "C-11", f"pause does not follow {status}")


def test_what_waited_when_it_ended_waits_at_the_earliest_from_its_end() -> None:
    back = replace(REOPENED, from_status=Status.WITHDRAWN, to_status=Status.RECEIVED)
    history = (RECEIVED, PAUSED, replace(WITHDRAWN, withdrawn_at=NOW + DAY), back)
    outcome = given(*history).when(pause, replace(PAUSED, since=NOW + HOUR), at=NOW + 2 * DAY)
    outcome.then_refused("too_early", "C-11", "at the earliest at", "/since")


def test_a_day_of_waiting_begins_with_its_first_moment_in_shanghai() -> None:
    case = given(RECEIVED).state
    assert waiting_since(case, date(2024, 5, 7), setting(case)) == datetime(2024, 5, 6, 16, tzinfo=UTC)


def test_on_the_day_of_receipt_or_resumption_waiting_begins_then() -> None:
    case = given(RECEIVED).state
    assert waiting_since(case, date(2024, 5, 6), setting(case)) == RECEIVED.received_at
    resumed = given(RECEIVED, PAUSED, RESUMED).state
    assert waiting_since(resumed, date(2024, 5, 6), setting(resumed)) == RESUMED.resumed_at


# ---- C-11: terms ----------------------------------------------------------------------------------------------------
LATER = replace(EXTENDED, until=NOW + 2 * DAY)
LATEST = replace(EXTENDED, until=NOW + 3 * DAY)


def test_a_term_is_put_off() -> None:
    given(RECEIVED).when(extend, EXTENDED).then(EXTENDED)
    given(RECEIVED, EXTENDED).when(extend, LATER).then(LATER)


@pytest.mark.parametrize("delay", [timedelta(0), -HOUR])
def test_a_term_is_never_shortened(delay: timedelta) -> None:
    outcome = given(RECEIVED, LATER).when(extend, replace(LATER, until=LATER.until + delay))
    outcome.then_refused("never_shorter", "C-11", "the term stands at 2024-05-08", "/until")


def test_a_term_is_put_off_beyond_what_an_interim_reply_has_told() -> None:
    told = replace(EXTENDED, clock=Clock.ANSWER, until=INTERIM_REPLY.answer_by)
    outcome = given(RECEIVED, INTERIM_REPLY).when(extend, told)
    outcome.then_refused("never_shorter", "C-11", "the term stands at 2024-05-", "/until")
    later = replace(told, until=told.until + HOUR)
    given(RECEIVED, INTERIM_REPLY).when(extend, later).then(later)


def test_a_term_is_put_off_twice() -> None:
    outcome = given(RECEIVED, EXTENDED, LATER).when(extend, LATEST)
    outcome.then_refused("too_many_extensions", "C-11", "put off 2 times: answer, or make a new promise", "/clock")


def test_each_term_has_its_own_extensions() -> None:
    other = replace(EXTENDED, clock=Clock.CALLBACK)
    given(RECEIVED, EXTENDED, LATER).when(extend, other).then(other)


def test_a_term_is_put_off_to_a_time_to_come() -> None:
    outcome = given(RECEIVED).when(extend, replace(EXTENDED, until=NOW))
    outcome.then_refused("invalid", "C-11", "name a time to come", "/until")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_ended_cases_have_no_terms(status: Status) -> None:
    given(*until(status)).when(extend, EXTENDED).then_refused("not_on_the_way", "C-11", "possible now are")


# ---- C-11, D-1: promises and words ----------------------------------------------------------------------------------
def test_promises_get_their_numbers() -> None:
    given(RECEIVED).when(promise, replace(PROMISED, number=0)).then(PROMISED)
    given(RECEIVED, PROMISED).when(promise, PROMISED).then(replace(PROMISED, number=2))


def test_a_promise_is_for_a_time_to_come() -> None:
    outcome = given(RECEIVED).when(promise, replace(PROMISED, due_at=NOW))
    outcome.then_refused("invalid", "C-11", "name a time to come", "/due_at")


def test_nothing_is_promised_after_the_end() -> None:
    outcome = given(*until(Status.CLOSED)).when(promise, PROMISED)
    outcome.then_refused("not_on_the_way", "C-11", "promises does not follow closed")


def test_the_customer_hears_how_things_stand_until_there_is_an_answer() -> None:
    given(*until(Status.PROPOSED)).when(reply_interim, INTERIM_REPLY).then(INTERIM_REPLY)
    outcome = given(*until(Status.RESOLVED)).when(reply_interim, INTERIM_REPLY)
    outcome.then_refused("not_on_the_way", "D-1", "interim-replies does not follow resolved")


def test_the_answer_announced_is_yet_to_come() -> None:
    outcome = given(RECEIVED).when(reply_interim, replace(INTERIM_REPLY, answer_by=NOW))
    outcome.then_refused("invalid", "D-1", "name a time to come", "/answer_by")


ANY_TIME = [(contact, CONTACTED), (note, NOTED), (attach, ATTACHED)]


@pytest.mark.parametrize(("decide", "said"), ANY_TIME)
@pytest.mark.parametrize("status", [status for status in Status if status is not Status.MERGED])
def test_words_and_evidence_join_a_case_at_any_time(status: Status, decide: object, said: object) -> None:
    assert callable(decide)
    case = given(*until(status))
    assert case.when(decide, said).decided == [said]


@pytest.mark.parametrize(("decide", "said"), ANY_TIME)
def test_words_and_evidence_go_to_the_case_it_was_merged_into(decide: object, said: object) -> None:
    assert callable(decide)
    given(*until(Status.MERGED)).when(decide, said).then_refused("merged", "C-11", "give the command there")


def test_an_unknown_agent_is_nobody() -> None:
    outcome = given(RECEIVED).when(reassign, AgentId("a9"), Agent(), REASON)
    outcome.then_refused("agent_not_available", "C-2", "agent a9 is unknown", "/agent")
