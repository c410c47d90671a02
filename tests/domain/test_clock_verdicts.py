"""How clocks stand after a history: stopped, met, breached, taken up again (D-3, C-8). The 6th of March is a Friday."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case import events as e
from domain.case.words import ClockKind, ReopenCause, Severity, Status
from domain.kernel import Event
from domain.time.clock import State
from domain.time.merged import with_targets
from domain.time.timing import Fact, clocks, timing, unjudged
from tests.support import cases
from tests.support.cases import OTHER, THIS
from tests.support.clocks import (
    analysed,
    breach,
    extended,
    fact,
    found,
    moment,
    names,
    paused,
    policy,
    promised,
    received,
    recorded,
    resumed,
    shown,
)

FRIDAY = "2026-03-06T16:30"
RECEIVED = received(FRIDAY)
REOPENED = e.Reopened(cause=ReopenCause.REQUESTED, from_status=Status.RESOLVED, to_status=Status.ANALYSED)
AGAIN = e.Reopened(cause=ReopenCause.REQUESTED, from_status=Status.WITHDRAWN, to_status=Status.RECEIVED)
MET = e.DeadlineMet(
    clock="acknowledge",
    number=1,
    kind=ClockKind.INTERNAL,
    policy="default-1",
    calendar="default-1",
    due_at=moment("2026-03-09T09:30"),
    stopped_at=moment("2026-03-09T09:00"),
)


def states(facts: list[Fact], now: str) -> dict[str, str]:
    return {f"{clock.rule.name}/{clock.number}": str(clock.state) for clock in clocks(facts, [policy()], moment(now))}


# ---- stopped in time, or not ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-06T17:00", "met"),
        ("2026-03-09T09:30", "met"),  # at its due time
        ("2026-03-09T09:30:00.000001", "breached"),  # a moment later
        ("2026-03-20T10:00", "breached"),
    ],
)
def test_an_acknowledgement_meets_its_clock_or_comes_too_late(at: str, state: str) -> None:
    clock = found([RECEIVED, fact(at, cases.ACKNOWLEDGED)], "acknowledge", "2026-03-31T10:00")
    assert (clock.state, clock.stopped_at) == (state, moment(at))
    assert clock.breached_at == (moment("2026-03-09T09:30") if state == "breached" else None)


@pytest.mark.parametrize(
    "event", [cases.INTERIM_REPLY, cases.PROPOSED, cases.RESOLVED], ids=["interim reply", "proposal", "resolution"]
)
def test_the_first_answer_stops_the_answer_clock(event: Event) -> None:
    """D-3."""
    facts = [RECEIVED, fact("2026-03-07T10:00", event), fact("2026-03-08T10:00", cases.RESOLVED)]
    assert found(facts, "answer", "2026-03-20T10:00").stopped_at == moment("2026-03-07T10:00")


def test_an_interim_reply_is_followed_by_the_time_it_told() -> None:
    told = replace(cases.INTERIM_REPLY, answer_by=moment("2026-03-09T12:00"))
    again = replace(cases.INTERIM_REPLY, answer_by=moment("2026-03-10T12:00"))
    facts = [RECEIVED, fact("2026-03-07T10:00", told), fact("2026-03-09T11:00", again)]
    standing = states(facts, "2026-03-10T12:01")
    assert (standing["hear_back/1"], standing["hear_back/2"]) == ("met", "breached")


def test_an_acknowledgement_that_names_no_time_promises_none() -> None:
    facts = [RECEIVED, fact("2026-03-06T17:00", replace(cases.ACKNOWLEDGED, answer_by=None))]
    assert names(facts, "2026-03-06T17:00") == ["acknowledge/1", "answer/1", "resolve/1"]


def test_a_callback_counts_when_the_customer_was_reached_or_nothing_more_is_owed() -> None:
    """C-8: three working days from the resolution on Monday 10:00."""
    resolved = [RECEIVED, fact("2026-03-09T10:00", cases.RESOLVED)]
    assert shown(found(resolved, "callback", "2026-03-09T10:00").due_at) == "2026-03-12T10:00"
    tried = [*resolved, fact("2026-03-10T10:00", cases.UNREACHED)]
    assert found(tried, "callback", "2026-03-10T11:00").state is State.RUNNING
    reached = [*tried, fact("2026-03-11T10:00", cases.CALLED_BACK)]
    assert found(reached, "callback", "2026-03-20T10:00").state is State.MET
    last = [*tried, fact("2026-03-12T09:00", replace(cases.UNREACHED, ends_step=True))]
    assert found(last, "callback", "2026-03-20T10:00").state is State.MET
    assert found(tried, "callback", "2026-03-12T10:01").state is State.BREACHED


def test_each_escalation_is_stopped_by_its_own_answer() -> None:
    one = replace(cases.ESCALATED, hear_back_by=moment("2026-03-09T10:00"))
    two = replace(one, number=2)
    facts = [
        RECEIVED,
        fact("2026-03-06T17:00", one),
        fact("2026-03-06T17:10", two),
        fact("2026-03-06T17:30", replace(cases.ESCALATION_ANSWERED, number=2)),
    ]
    standing = states(facts, "2026-03-09T10:01")
    assert (standing["escalation/1"], standing["escalation/2"]) == ("breached", "met")


def test_a_promise_is_kept_by_the_resolution_or_broken_visibly() -> None:
    facts = [
        RECEIVED,
        promised("2026-03-06T17:00", "2026-03-07T10:00"),
        promised("2026-03-06T17:00", "2026-03-09T12:00", number=2),
        fact("2026-03-09T11:00", cases.RESOLVED),
    ]
    standing = states(facts, "2026-03-09T12:00")
    assert (standing["promise/1"], standing["promise/2"]) == ("breached", "met")


def test_the_guest_at_the_table_is_settled_by_an_answer_or_a_solution() -> None:
    here = received(FRIDAY, on_site=True)
    asked = fact("2026-03-06T16:32", cases.ESCALATED)
    answered = fact("2026-03-06T16:35", cases.ESCALATION_ANSWERED)
    assert states([here, asked, answered], "2026-03-06T16:41")["on_site/1"] == "met"
    assert states([here, asked], "2026-03-06T16:41")["on_site/1"] == "breached"


# ---- nothing undoes a verdict ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "late",
    [
        extended("2026-03-12T10:00", "2026-03-31T10:00"),
        analysed("2026-03-12T10:00", Severity.MAJOR),
        paused("2026-03-12T10:00", "2026-03-09T10:00"),
    ],
    ids=["extension", "another severity", "waiting told afterwards"],
)
def test_what_comes_after_the_due_time_rescues_nothing(late: Fact) -> None:
    """D-3c: whether or not the breach was recorded in between."""
    expected = (State.BREACHED, moment("2026-03-11T16:30"))
    for between in ([], recorded("2026-03-11T17:00", breach("resolve", "2026-03-11T16:30"))):
        clock = found([RECEIVED, *between, late, resumed("2026-03-20T10:00")], "resolve", "2026-03-25T10:00")
        assert (clock.state, clock.due_at) == expected


def test_an_analysis_after_the_resolution_changes_no_verdict() -> None:
    facts = [RECEIVED, fact("2026-03-10T17:00", cases.RESOLVED), analysed("2026-03-10T18:00", Severity.MINOR)]
    clock = found(facts, "resolve", "2026-03-20T10:00")
    assert (clock.state, shown(clock.due_at)) == (State.MET, "2026-03-11T16:30")


def test_a_recorded_verdict_stands_whatever_the_policy_would_say() -> None:
    """D-3c."""
    told = [RECEIVED, *recorded("2026-03-06T17:01", breach("acknowledge", "2026-03-06T17:00"))]
    clock = found([*told, fact("2026-03-06T17:30", cases.ACKNOWLEDGED)], "acknowledge", "2026-03-20T10:00")
    assert (clock.state, shown(clock.due_at), clock.recorded) == (State.BREACHED, "2026-03-06T17:00", True)
    late = [RECEIVED, fact("2026-03-09T17:00", cases.ACKNOWLEDGED), *recorded("2026-03-09T17:00", MET)]
    clock = found(late, "acknowledge", "2026-03-20T10:00")
    assert (clock.state, clock.stopped_at, clock.recorded) == (State.MET, moment("2026-03-09T09:00"), True)


def test_the_end_of_a_waiting_moves_no_due_time_of_a_recorded_breach() -> None:
    told = [RECEIVED, paused("2026-03-06T16:40"), *recorded(FRIDAY, breach("acknowledge", "2026-03-06T17:00"))]
    clock = found([*told, fact("2026-03-09T12:00", cases.ACKNOWLEDGED)], "acknowledge", "2026-03-20T10:00")
    assert (clock.state, shown(clock.due_at)) == (State.BREACHED, "2026-03-06T17:00")


def test_another_policy_judges_a_history_without_what_was_recorded_of_it() -> None:
    other = replace(policy(), version="default-2", warn_percent=50)
    told = [RECEIVED, *recorded("2026-03-06T17:01", breach("acknowledge", "2026-03-06T17:00"))]
    [clock, *_] = clocks(told, [policy(), other], moment("2026-03-06T17:30"))
    assert (clock.policy.version, clock.state) == ("default-1", State.BREACHED)
    [clock, *_] = clocks(unjudged(told), [policy(), other], moment("2026-03-06T17:30"))
    assert (clock.policy.version, clock.state) == ("default-2", State.RUNNING)


def test_what_is_recorded_of_another_clock_concerns_none() -> None:
    other = replace(MET, policy="elsewhere-1")
    assert timing([RECEIVED, *recorded(FRIDAY, other)], [policy()]).clocks == timing([RECEIVED], [policy()]).clocks


# ---- waiting --------------------------------------------------------------------------------------------------------
def test_while_it_waits_no_time_runs_out() -> None:
    waiting = [RECEIVED, paused("2026-03-06T17:00")]
    assert states(waiting, "2026-04-30T10:00") == {
        "acknowledge/1": "paused",
        "answer/1": "paused",
        "resolve/1": "paused",
    }
    assert (
        states([*waiting, fact("2026-04-30T10:00", cases.ACKNOWLEDGED)], "2026-04-30T10:00")["acknowledge/1"] == "met"
    )


def test_waiting_that_begins_at_the_due_time_is_too_late() -> None:
    facts = [RECEIVED, paused("2026-03-09T09:30")]
    assert found(facts, "acknowledge", "2026-03-09T09:31").state is State.BREACHED


def test_a_clock_that_begins_while_the_case_waits_waits_too() -> None:
    facts = [
        RECEIVED,
        paused("2026-03-06T17:00"),
        fact("2026-03-09T10:00", cases.RESOLVED),
    ]
    assert found(facts, "callback", "2026-03-31T10:00").state is State.PAUSED
    facts.append(resumed("2026-03-10T10:00"))
    assert shown(found(facts, "callback", "2026-03-10T10:00").due_at) == "2026-03-13T10:00"  # 8 hours later
    assert found(facts, "resolve", "2026-03-31T10:00").state is State.MET


@pytest.mark.parametrize("event", [cases.CLOSED, cases.MERGED], ids=["closing", "merging"])
def test_the_end_of_a_case_ends_its_waiting(event: Event) -> None:
    facts = [RECEIVED, paused("2026-03-06T17:00"), fact("2026-03-09T10:00", event)]
    assert shown(found(facts, "acknowledge", "2026-03-09T10:00").due_at) == "2026-03-09T11:30"


# ---- given up, and taken up again -----------------------------------------------------------------------------------
def test_withdrawn_is_no_verdict_but_what_was_breached_stays_so() -> None:
    facts = [RECEIVED, fact("2026-03-09T10:00", cases.WITHDRAWN)]
    assert states(facts, "2026-03-31T10:00") == {
        "acknowledge/1": "breached",
        "answer/1": "breached",
        "resolve/1": "stopped",
    }


def test_a_reopened_case_has_new_episodes_and_keeps_its_first_stops() -> None:
    """C-8: three working days from Monday the 16th, 10:00; the callback that was owed is owed no more."""
    facts = [
        RECEIVED,
        fact("2026-03-06T17:00", replace(cases.ACKNOWLEDGED, answer_by=None)),
        fact("2026-03-10T10:00", replace(cases.RESOLVED, answers=())),
        fact("2026-03-11T10:00", REOPENED),
    ]
    assert states(facts, "2026-03-11T10:00") == {
        "acknowledge/1": "met",
        "answer/1": "breached",
        "resolve/1": "met",
        "callback/1": "stopped",
        "answer/2": "running",
        "resolve/2": "running",
    }
    assert found(facts, "resolve", "2026-03-11T10:00").stopped_at == moment("2026-03-10T10:00")
    assert shown(found(facts, "resolve", "2026-03-11T10:00", number=2).due_at) == "2026-03-16T10:00"
    facts.append(fact("2026-03-12T10:00", cases.RESOLVED))
    assert shown(found(facts, "callback", "2026-03-12T10:00", number=2).due_at) == "2026-03-17T10:00"


def test_what_was_given_up_is_owed_anew_once_the_case_is_taken_up_again() -> None:
    """D-3b: withdrawn before it was acknowledged, a reopened case is not without that clock."""
    facts = [
        received(FRIDAY, on_site=True),
        promised("2026-03-06T16:31", "2026-03-09T10:00"),
        fact("2026-03-06T16:35", cases.WITHDRAWN),
        fact("2026-03-09T10:00", AGAIN),
    ]
    assert states(facts, "2026-03-09T10:00") == {
        **dict.fromkeys(("on_site/1", "acknowledge/1", "answer/1", "resolve/1", "promise/1"), "stopped"),
        **dict.fromkeys(("acknowledge/2", "answer/2", "resolve/2"), "running"),
    }


def test_a_callback_is_owed_from_the_next_resolution_on_not_from_the_reopening_c_8() -> None:
    """Whether it was withdrawn before it was reopened, or after."""
    resolved = [RECEIVED, fact("2026-03-10T10:00", replace(cases.RESOLVED, answers=()))]
    withdrawn = [*resolved, fact("2026-03-11T10:00", cases.WITHDRAWN), fact("2026-03-11T11:00", AGAIN)]
    twice = [*resolved, fact("2026-03-11T09:00", REOPENED), *withdrawn[2:]]
    for facts in (withdrawn, twice):
        assert "callback/2" not in states(facts, "2026-03-12T09:00")
        facts.append(fact("2026-03-12T10:00", cases.RESOLVED))
        assert shown(found(facts, "callback", "2026-03-12T10:00", number=2).due_at) == "2026-03-17T10:00"


def test_a_promise_made_after_the_callback_ends_with_the_case_c_11() -> None:
    facts = [RECEIVED, fact("2026-03-09T10:00", cases.RESOLVED), fact("2026-03-09T11:00", cases.CALLED_BACK)]
    facts.append(promised("2026-03-09T12:00", "2026-03-10T10:00"))
    assert states([*facts, fact("2026-03-10T09:00", cases.CLOSED)], "2026-03-31T10:00")["promise/1"] == "met"
    assert states([*facts, fact("2026-03-10T11:00", cases.CLOSED)], "2026-03-31T10:00")["promise/1"] == "breached"


def test_a_clock_that_runs_is_not_started_twice() -> None:
    rules = tuple(replace(rule, starts=("case.received", "case.resolved")) for rule in policy().clocks[1:2])
    twice = replace(policy(), clocks=rules)
    facts = [RECEIVED, fact("2026-03-06T17:00", cases.RESOLVED)]
    assert names(facts, "2026-03-06T17:00", [twice]) == ["acknowledge/1"]
    told = promised("2026-03-06T17:00", "2026-03-07T10:00")
    assert names([RECEIVED, told, told], "2026-03-06T17:00")[3:] == ["promise/1"]


# ---- cases that came otherwise --------------------------------------------------------------------------------------
def test_the_receipt_of_an_imported_case_starts_nothing_but_a_promise_made_here_does() -> None:
    """Part 2: what the source lacks is absent; nobody here could have kept those times."""
    came = replace(cases.IMPORTED, received_at=moment("1999-06-01T10:00"), source="cfpb")
    facts = [fact(FRIDAY, came)]
    assert names(facts, FRIDAY) == []
    assert names([*facts, promised("2026-03-06T17:00", "2026-03-07T10:00")], FRIDAY) == ["promise/1"]


def test_an_imported_case_that_is_resolved_owes_what_it_grants_and_no_callback() -> None:
    """Part 2: its way is receipt, resolution, closing; there is no step that could stop such a clock."""
    came = replace(cases.IMPORTED, received_at=moment("1999-06-01T10:00"), source="cfpb")
    facts = [fact(FRIDAY, came), fact("2026-03-09T10:00", granting("2026-03-12"))]
    assert names(facts, "2026-03-09T10:00") == ["grant/1"]
    again = [*facts, fact("2026-03-10T10:00", REOPENED)]
    assert names(again, "2026-03-10T10:00") == ["grant/1", "answer/1", "resolve/1"]


def test_an_unknown_class_counts_as_ordinary() -> None:
    assert isinstance(RECEIVED.event, e.Received)
    nameless = replace(RECEIVED.event, customer=replace(RECEIVED.event.customer, customer_class=None))
    assert shown(found([fact(FRIDAY, nameless)], "acknowledge", FRIDAY).due_at) == "2026-03-09T09:30"


def test_without_a_receipt_there_are_no_clocks() -> None:
    assert clocks([], [policy()], moment(FRIDAY)) == ()
    assert names([promised(FRIDAY, "2026-03-07T10:00")], FRIDAY) == []


def test_a_target_may_go_by_what_the_case_is_about_and_by_its_team() -> None:
    [rule] = [rule for rule in policy().clocks if rule.name == "resolve"]
    short = replace(rule.targets[0], severities=(), classes=(), types=(cases.CLARIFIED.type,), teams=("t9",))
    clock = replace(rule, targets=(short, *rule.targets))
    by_type = replace(policy(), clocks=(clock,), recomputed_by=("case.clarified", "case.reassigned"))
    moved = fact("2026-03-06T17:10", replace(cases.REASSIGNED, team="t9"))
    facts = [RECEIVED, fact("2026-03-06T17:00", cases.CLARIFIED)]
    now = "2026-03-06T17:10"
    assert shown(found(facts, "resolve", now, policies=[by_type]).due_at) == "2026-03-11T16:30"
    assert shown(found([*facts, moved], "resolve", now, policies=[by_type]).due_at) == "2026-03-09T11:30"


# ---- what was granted -----------------------------------------------------------------------------------------------
def granting(*due: str) -> e.Resolved:
    """A resolution that grants the first demands by these days, and refuses the next one."""
    granted = [replace(cases.GRANTED, demand=n, due=date.fromisoformat(day)) for n, day in enumerate(due, 1)]
    return replace(cases.RESOLVED, answers=(*granted, replace(cases.REFUSED, demand=len(due) + 1)))


def test_each_grant_is_due_at_the_end_of_its_day_and_stopped_by_its_own_fulfilment_c_7() -> None:
    facts = [RECEIVED, fact("2026-03-09T10:00", granting("2026-03-10", "2026-03-12"))]
    first, second = (found(facts, "grant", "2026-03-09T10:00", number=n) for n in (1, 2))
    assert [shown(one.due_at) for one in (first, second)] == ["2026-03-11T00:00", "2026-03-13T00:00"]
    assert (first.demand, second.demand, first.rule.rule) == (1, 2, "C-7")
    facts.append(fact("2026-03-10T15:00", replace(cases.FULFILLED, demand=2)))
    standing = states(facts, "2026-03-11T00:00:01")
    assert (standing["grant/1"], standing["grant/2"]) == ("breached", "met")


def test_a_grant_is_owed_beyond_the_closing_but_not_beyond_another_resolution_or_the_withdrawal_c_7() -> None:
    facts = [RECEIVED, fact("2026-03-09T10:00", granting("2026-03-12")), fact("2026-03-09T11:00", cases.CLOSED)]
    assert states(facts, "2026-03-10T10:00")["grant/1"] == "running"
    facts.append(fact("2026-03-10T10:00", replace(REOPENED, from_status=Status.CLOSED)))
    assert states(facts, "2026-03-10T10:00")["grant/1"] == "running"
    again = [*facts, fact("2026-03-11T10:00", granting("2026-03-20"))]
    assert states(again, "2026-03-11T10:00")["grant/1"] == "stopped"
    assert found(again, "grant", "2026-03-11T10:00", number=2).demand == 1
    withdrawn = [*facts, fact("2026-03-11T10:00", cases.WITHDRAWN)]
    assert states(withdrawn, "2026-03-31T10:00")["grant/1"] == "stopped"


def test_what_the_target_of_a_merge_grants_is_owed_there_alone_c_11() -> None:
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED)]
    target = [received("2026-03-05T10:00"), fact("2026-03-09T11:00", granting("2026-03-12"))]
    standing = states(with_targets(own, {OTHER: target}), "2026-03-09T12:00")
    assert (standing["resolve/1"], "grant/1" in standing) == ("met", False)


# ---- merged ---------------------------------------------------------------------------------------------------------
def test_while_merged_the_clocks_run_on_and_the_target_stops_them() -> None:
    """C-11."""
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED)]
    target = [
        received("2026-03-05T10:00"),
        fact("2026-03-05T11:00", cases.ACKNOWLEDGED),
        fact("2026-03-05T12:00", cases.INTERIM_REPLY),
        promised("2026-03-09T10:00", "2026-03-10T10:00"),
        fact("2026-03-09T11:00", cases.RESOLVED),
    ]
    assert states(own, "2026-03-31T10:00")["resolve/1"] == "breached"
    both = with_targets(own, {OTHER: target})
    standing = states(both, "2026-03-09T12:00")
    assert (standing["acknowledge/1"], standing["resolve/1"]) == ("met", "met")
    assert found(both, "acknowledge", "2026-03-09T12:00").stopped_at == moment("2026-03-06T17:00")
    assert "promise/1" not in standing


def test_unmerged_a_case_waits_no_longer_for_what_the_target_waits_for_c_11() -> None:
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED), fact("2026-03-09T15:00", cases.UNMERGED)]
    target = [received("2026-03-05T10:00"), paused("2026-03-09T11:00"), resumed("2026-03-30T11:00")]
    both = with_targets(own, {OTHER: target})
    clock = found(both, "resolve", "2026-03-09T16:00")
    assert (clock.state, [pause.length for pause in clock.pauses]) == ("running", [timedelta(hours=4)])
    assert states(both, "2026-03-31T10:00")["resolve/1"] == "breached"


def test_a_case_that_waited_itself_waits_on_when_unmerged_c_11() -> None:
    own = [RECEIVED, paused("2026-03-06T16:40"), fact("2026-03-06T17:00", cases.MERGED)]
    target = [received("2026-03-05T10:00"), paused("2026-03-09T11:00"), resumed("2026-03-09T12:00")]
    again = [*own, fact("2026-03-09T15:00", cases.UNMERGED)]
    assert states(with_targets(own, {OTHER: target}), "2026-03-09T14:00")["resolve/1"] == "running"
    assert states(with_targets(again, {OTHER: target}), "2026-05-31T10:00")["resolve/1"] == "paused"
    over = [*again, resumed("2026-03-10T15:00")]
    clock = found(with_targets(over, {OTHER: target}), "resolve", "2026-03-10T16:00")
    assert [pause.length for pause in clock.pauses] == [timedelta(minutes=minutes) for minutes in (20, 60, 24 * 60)]


@pytest.mark.parametrize("end", [cases.RESOLVED, cases.WITHDRAWN])
def test_what_the_target_s_end_has_ended_is_owed_anew_once_the_merge_is_undone_c_11(end: Event) -> None:
    """D-3b: nobody has answered this case."""
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED)]
    target = {OTHER: [received("2026-03-05T10:00"), fact("2026-03-06T17:10", end)]}
    undone = [*own, fact("2026-03-09T10:00", cases.UNMERGED)]
    standing = states(with_targets(undone, target), "2026-03-09T10:00")
    assert (standing["resolve/2"], standing["answer/2"]) == ("running", "running")
    assert standing.get("callback/1") in {None, "stopped"}
    assert shown(found(with_targets(undone, target), "resolve", "2026-03-09T10:00", number=2).due_at) == (
        "2026-03-12T10:00"
    )


def test_what_is_resolved_itself_or_goes_on_in_the_target_is_not_owed_anew_c_11() -> None:
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED)]
    ended = [received("2026-03-05T10:00"), fact("2026-03-06T17:10", cases.RESOLVED)]
    resolved = fact("2026-03-09T10:00", replace(cases.UNMERGED, to_status=Status.RESOLVED))
    assert "resolve/2" not in states(with_targets([*own, resolved], {OTHER: ended}), "2026-03-09T10:00")
    undone = [*own, fact("2026-03-09T10:00", cases.UNMERGED)]
    reopened = [*ended, fact("2026-03-06T17:20", REOPENED)]
    assert "resolve/3" not in states(with_targets(undone, {OTHER: reopened}), "2026-03-09T10:00")


def test_what_the_target_does_before_and_after_the_merge_is_its_own() -> None:
    own = [RECEIVED, fact("2026-03-06T17:00", cases.MERGED), fact("2026-03-09T10:00", cases.UNMERGED)]
    target = [
        received("2026-03-05T10:00"),
        fact("2026-03-06T16:00", cases.INTERIM_REPLY),
        fact("2026-03-09T11:00", cases.RESOLVED),
    ]
    assert with_targets(own, {OTHER: target}) == own
    assert with_targets([RECEIVED], {}) == [RECEIVED]
    assert THIS != OTHER
