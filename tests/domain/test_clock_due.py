"""When the clocks of cases are due by the shipped policies, worked by hand (D-3, D-3a). March 2026: Friday is the 6th.

The default calendar is open from 09:00 to 12:00 and from 13:00 to 18:00, Monday to Friday, eight hours.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case import events as e
from domain.case.beside import NeverShorter
from domain.case.words import Channel, CustomerClass, Severity
from domain.case.words import Clock as ExtendedTerm
from domain.kernel import Event
from domain.time.calendar import Period
from domain.time.clock import Clock, State, reckoning
from domain.time.deadlines import DeadlinePolicy
from domain.time.owed import check_extendable
from domain.time.timing import Fact, clocks, timing
from tests.support import cases
from tests.support.clocks import (
    analysed,
    extended,
    fact,
    found,
    moment,
    names,
    paused,
    policy,
    promised,
    received,
    resumed,
    shown,
)

FRIDAY = "2026-03-06T16:30"
ORDINARY, TOP, RELATION = CustomerClass.ORDINARY, CustomerClass.TOP, CustomerClass.RELATION


@pytest.mark.parametrize(
    ("customer_class", "clock", "due_at", "warn_at"),
    [
        # two working hours: 1.5 h on Friday, half an hour on Monday; 80 %: 96 minutes
        (ORDINARY, "acknowledge", "2026-03-09T09:30", "2026-03-09T09:06"),
        # half: one hour on Friday; 48 minutes
        (TOP, "acknowledge", "2026-03-06T17:30", "2026-03-06T17:18"),
        (RELATION, "acknowledge", "2026-03-06T17:30", "2026-03-06T17:18"),
        # 24 hours of clock time, over Friday night; 19 h 12 min
        (ORDINARY, "answer", "2026-03-07T16:30", "2026-03-07T11:42"),
        (TOP, "answer", "2026-03-07T04:30", "2026-03-07T02:06"),  # 12 h; 9 h 36 min
        # until analysed as ordinary: three working days; of their 24 h 19 h 12 min: 1:30, 8, 8, 1:42
        (ORDINARY, "resolve", "2026-03-11T16:30", "2026-03-11T10:42"),
        # half: Monday 16:30, and 4 h of Monday's 8: 1.5 h, 2.5 h on Tuesday; of 12 h 9:36: 1:30, 8, 0:06
        (TOP, "resolve", "2026-03-10T11:30", "2026-03-10T09:06"),
    ],
)
def test_what_a_complaint_of_friday_afternoon_is_owed(
    customer_class: CustomerClass, clock: str, due_at: str, warn_at: str
) -> None:
    at_work = found([received(FRIDAY, customer_class=customer_class)], clock, FRIDAY)
    assert (shown(at_work.due_at), shown(at_work.warn_at)) == (due_at, warn_at)
    assert at_work.state is State.RUNNING


@pytest.mark.parametrize(
    ("customer_class", "severity", "due_at"),
    [
        (ORDINARY, Severity.MINOR, "2026-03-09T16:30"),  # one working day
        (ORDINARY, Severity.ORDINARY, "2026-03-11T16:30"),  # three
        (ORDINARY, Severity.MAJOR, "2026-03-13T16:30"),  # five
        (ORDINARY, Severity.CRITICAL, "2026-03-10T16:30"),  # two
        (TOP, Severity.MINOR, "2026-03-09T11:30"),  # half of Friday's 8 h: 1.5 h, 2.5 h on Monday
        (TOP, Severity.ORDINARY, "2026-03-10T11:30"),  # one and a half, as before
        (TOP, Severity.MAJOR, "2026-03-11T11:30"),  # two and a half: Tuesday 16:30, 1.5 h, 2.5 h
        (RELATION, Severity.CRITICAL, "2026-03-09T16:30"),  # one
        (CustomerClass.IMPORTANT, Severity.MAJOR, "2026-03-13T16:30"),  # no half for others
        (CustomerClass.CARDHOLDER, Severity.MINOR, "2026-03-09T16:30"),
    ],
)
def test_once_analysed_it_is_computed_anew_from_receipt(
    customer_class: CustomerClass, severity: Severity, due_at: str
) -> None:
    facts = [received(FRIDAY, customer_class=customer_class), analysed("2026-03-06T17:00", severity)]
    assert shown(found(facts, "resolve", "2026-03-06T17:00").due_at) == due_at


def test_analysed_again_the_last_severity_holds() -> None:
    facts = [
        received(FRIDAY),
        analysed("2026-03-06T17:00", Severity.MINOR),
        analysed("2026-03-09T10:00", Severity.MAJOR),
    ]
    assert shown(found(facts, "resolve", "2026-03-09T10:00").due_at) == "2026-03-13T16:30"


def test_a_time_that_has_passed_when_it_is_set_is_breached_from_then_on() -> None:
    """Minor: due on Monday 16:30; analysed on Tuesday: the ladder begins then, not before anybody could know."""
    facts = [received(FRIDAY), analysed("2026-03-10T10:00", Severity.MINOR)]
    clock = found(facts, "resolve", "2026-03-10T10:01")
    assert (shown(clock.due_at), clock.state) == ("2026-03-09T16:30", State.BREACHED)
    assert clock.breached_at == moment("2026-03-10T10:00")


@pytest.mark.parametrize(
    ("start", "clock", "due_at"),
    [
        ("2026-03-09T11:30", "acknowledge", "2026-03-09T14:30"),  # half an hour before lunch, 1.5 after
        ("2026-03-09T12:15", "acknowledge", "2026-03-09T15:00"),  # received at lunch
        ("2026-02-18T10:00", "acknowledge", "2026-02-24T11:00"),  # received in the festival: the 24th from 09:00
        ("2026-02-13T17:00", "acknowledge", "2026-02-14T10:00"),  # over to the Saturday that is worked
        ("2026-02-14T17:30", "acknowledge", "2026-02-24T10:30"),  # from it over the festival
        ("2026-09-30T17:00", "resolve", "2026-10-10T17:00"),  # 8, 9 October, and Saturday the 10th
        ("2026-03-31T17:30", "acknowledge", "2026-04-01T10:30"),  # over the end of a month
        ("2028-02-28T10:00", "resolve", "2028-03-02T10:00"),  # Tuesday the leap day, Wednesday, Thursday
        ("2026-03-06T20:00", "resolve", "2026-03-11T18:00"),  # after closing: cut to Wednesday's
        ("2026-03-07T10:00", "resolve", "2026-03-11T10:00"),  # Saturday: Monday is the first day
    ],
)
def test_receipts_at_odd_hours(start: str, clock: str, due_at: str) -> None:
    assert shown(found([received(start)], clock, start).due_at) == due_at


def test_the_guest_at_the_table_has_ten_minutes_whoever_it_is() -> None:
    """C-17: clock time, also at night, on Saturday, and for a top customer; no others have this clock."""
    facts = [received("2026-03-07T23:55", customer_class=TOP, on_site=True)]
    assert shown(found(facts, "on_site", "2026-03-07T23:55").due_at) == "2026-03-08T00:05"
    assert names([received("2026-03-07T23:55")], "2026-03-07T23:55") == ["acknowledge/1", "answer/1", "resolve/1"]


def test_promises_and_escalations_are_due_when_they_say() -> None:
    facts = [
        received(FRIDAY),
        fact("2026-03-06T17:00", replace(cases.ACKNOWLEDGED, answer_by=moment("2026-03-07T12:00"))),
        promised("2026-03-06T17:05", "2026-03-07T20:00"),
        promised("2026-03-06T17:10", "2026-03-08T20:00", number=2),
        fact("2026-03-06T17:20", replace(cases.ESCALATED, hear_back_by=moment("2026-03-06T19:20"))),
    ]
    now = "2026-03-06T17:30"
    assert names(facts, now)[3:] == ["hear_back/1", "promise/1", "promise/2", "escalation/1"]
    assert shown(found(facts, "hear_back", now).due_at) == "2026-03-07T12:00"
    assert shown(found(facts, "promise", now).due_at) == "2026-03-07T20:00"
    assert shown(found(facts, "promise", now, number=2).due_at) == "2026-03-08T20:00"
    escalated = found(facts, "escalation", now)
    assert (shown(escalated.due_at), shown(escalated.warn_at)) == ("2026-03-06T19:20", "2026-03-06T18:56")  # 96 of 120


# ---- waiting and putting off ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("steps", "clock", "due_at"),
    [
        # from Friday 17:00 to Monday 10:00: an hour of Friday, an hour of Monday; 24 h of clock time wait 65 h
        ([paused("2026-03-06T17:00"), resumed("2026-03-09T10:00")], "acknowledge", "2026-03-09T11:30"),
        ([paused("2026-03-06T17:00"), resumed("2026-03-09T10:00")], "answer", "2026-03-10T09:30"),
        ([paused("2026-03-06T17:00"), resumed("2026-03-09T10:00")], "resolve", "2026-03-12T09:30"),
        # over a weekend only: nothing but clock time
        ([paused("2026-03-06T18:00"), resumed("2026-03-08T18:00")], "resolve", "2026-03-11T16:30"),
        # resumed on a weekend: Friday's last hour
        ([paused("2026-03-06T17:00"), resumed("2026-03-07T11:00")], "resolve", "2026-03-11T17:30"),
        # of no length
        ([paused("2026-03-06T17:00"), resumed("2026-03-06T17:00")], "answer", "2026-03-07T16:30"),
        # since an earlier moment than it was told: two hours, one of them before it was recorded
        ([paused("2026-03-09T11:00", "2026-03-09T10:00"), resumed("2026-03-09T12:00")], "resolve", "2026-03-12T09:30"),
        # twice
        (
            [
                *(paused("2026-03-09T09:00"), resumed("2026-03-09T10:00")),
                *(paused("2026-03-10T09:00"), resumed("2026-03-10T09:30")),
            ],
            "resolve",
            "2026-03-11T18:00",
        ),
        # before an extension, which says until when; after it, which moves it
        (
            [paused("2026-03-09T09:00"), resumed("2026-03-09T11:00"), extended("2026-03-10T09:00", "2026-03-13T12:00")],
            "resolve",
            "2026-03-13T12:00",
        ),
        (
            [extended("2026-03-06T17:00", "2026-03-13T12:00"), paused("2026-03-09T09:00"), resumed("2026-03-09T11:00")],
            "resolve",
            "2026-03-13T15:00",
        ),
        # an extension never shortens, and is of its own term
        ([extended("2026-03-06T17:00", "2026-03-09T12:00")], "resolve", "2026-03-11T16:30"),
        ([extended("2026-03-06T17:00", "2026-03-20T12:00", ExtendedTerm.ANSWER)], "resolve", "2026-03-11T16:30"),
        ([extended("2026-03-06T17:00", "2026-03-20T12:00", ExtendedTerm.ANSWER)], "answer", "2026-03-20T12:00"),
        # an extension outlasts a shorter time set by the analysis
        (
            [extended("2026-03-06T17:00", "2026-03-13T12:00"), analysed("2026-03-09T09:00", Severity.MINOR)],
            "resolve",
            "2026-03-13T12:00",
        ),
        # waiting, then analysed: anew from receipt, with what was waited
        (
            [
                *(paused("2026-03-06T17:00"), resumed("2026-03-09T10:00")),
                analysed("2026-03-09T11:00", Severity.CRITICAL),
            ],
            "resolve",
            "2026-03-11T09:30",
        ),
    ],
)
def test_waiting_and_extensions(steps: list[Fact], clock: str, due_at: str) -> None:
    facts = [received(FRIDAY), *steps]
    assert shown(found(facts, clock, "2026-03-06T18:00").due_at) == due_at


def test_a_promise_does_not_wait() -> None:
    facts = [received(FRIDAY), promised(FRIDAY, "2026-03-07T12:00"), paused("2026-03-06T17:00")]
    assert found(facts, "promise", "2026-03-07T12:01").state is State.BREACHED


@pytest.mark.parametrize(
    "event",
    [
        *(cases.NOTED, cases.CONTACTED, cases.ATTACHED, cases.LINKED, cases.REASSIGNED, cases.INVESTIGATED),
        *(cases.PASSED, cases.FULFILLED, cases.SUMMARISED, cases.REVIEW_REQUESTED, cases.UNREACHED, cases.CLARIFIED),
    ],
    ids=lambda event: event.topic,
)
def test_what_no_policy_names_moves_no_clock(event: Event) -> None:
    """D-3b."""
    before = [received(FRIDAY), promised(FRIDAY, "2026-03-07T12:00")]
    for now in ("2026-03-06T17:10", "2026-03-20T12:00"):
        for clock in names(before, now):
            name, _, number = clock.partition("/")
            without = found(before, name, now, number=int(number))
            assert found([*before, fact("2026-03-06T17:05", event)], name, now, number=int(number)) == without


# ---- the packs of regulators ----------------------------------------------------------------------------------------
LONDON, NEW_YORK, SYDNEY, KOLKATA = "Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"


@pytest.mark.parametrize(
    ("pack", "zone", "start", "clock", "due_at"),
    [
        ("uk-disp-1", LONDON, "2026-03-06T16:30", "summary", "2026-03-11T17:00"),  # Monday, Tuesday, Wednesday
        ("uk-disp-1", LONDON, "2026-04-02T16:00", "summary", "2026-04-09T17:00"),  # Easter is closed: Tue, Wed, Thu
        ("uk-disp-1", LONDON, "2026-04-03T12:00", "summary", "2026-04-09T17:00"),  # received on Good Friday
        ("uk-disp-1", LONDON, "2026-03-04T18:00", "summary", "2026-03-09T17:00"),  # after closing: Thu, Fri, Mon
        ("uk-disp-1", LONDON, "2026-04-02T16:00", "final", "2026-05-29T00:00"),  # 56 days: 28 May
        ("uk-disp-1", LONDON, "2026-02-01T10:00", "final", "2026-03-30T00:00"),  # 29 March, an hour shorter
        ("uk-disp-payments-1", LONDON, "2026-03-02T10:00", "final", "2026-03-23T17:00"),  # 3 to 23 March: 4, 5, 5, 1
        ("us-cfpb-1", NEW_YORK, "2026-03-01T10:00", "response", "2026-03-17T00:00"),  # the 16th, over the change
        ("us-cfpb-1", NEW_YORK, "2026-03-01T10:00", "final", "2026-05-01T00:00"),  # 30 days of March, 30 of April
        ("us-cfpb-1", NEW_YORK, "2026-10-20T23:59", "response", "2026-11-05T00:00"),  # 4 November, over the change
        ("us-cfpb-1", NEW_YORK, "2026-10-20T23:59", "final", "2026-12-20T00:00"),  # 11 + 30 + 19
        ("au-rg271-1", SYDNEY, "2026-03-10T09:00", "acknowledge", "2026-03-11T09:00"),
        ("au-rg271-1", SYDNEY, "2026-04-04T12:00", "acknowledge", "2026-04-05T11:00"),  # that night has 25 hours
        ("au-rg271-1", SYDNEY, "2026-03-10T09:00", "final", "2026-04-10T00:00"),  # 21 days of March, 9 of April
        ("uk-hos-1", LONDON, "2026-03-02T09:30", "acknowledge", "2026-03-09T17:00"),  # 3, 4, 5, 6, 9
        ("in-cpgrams-1", KOLKATA, "2026-02-10T11:00", "final", "2026-03-04T00:00"),  # 18 days of February, 3 of March
        ("in-cpgrams-1", KOLKATA, "2028-02-10T11:00", "final", "2028-03-03T00:00"),  # 19 in a leap year, 2 of March
    ],
)
def test_regulatory_clocks_from_receipt(pack: str, zone: str, start: str, clock: str, due_at: str) -> None:
    came = received(start, zone)
    assert isinstance(came.event, e.Received)
    facts = [Fact(came.at, replace(came.event, channel=Channel.REGULATOR))]
    policies = [policy(), policy(pack)]
    at_work = [
        one for one in _clocks(facts, policies, start, zone) if one.policy.version == pack and one.rule.name == clock
    ]
    assert [shown(one.due_at, zone) for one in at_work] == [due_at]


def _clocks(facts: list[Fact], policies: list[DeadlinePolicy], now: str, zone: str) -> tuple[Clock, ...]:
    return clocks(facts, policies, moment(now, zone))


def test_the_stages_of_the_housing_ombudsman_run_from_the_acknowledgement() -> None:
    """Ten working days from Wednesday the 4th: 5, 6, 9 to 13, 16, 17, 18; twenty: on to 1 April."""
    came, told = received("2026-03-02T09:30", LONDON), fact("2026-03-04T10:00", cases.ACKNOWLEDGED, LONDON)
    assert isinstance(came.event, e.Received)
    stage = e.SecondStage(of=cases.OTHER, barred=())
    second = Fact(came.at, replace(came.event, second_stage=stage))
    policies = [policy(), policy("uk-hos-1")]
    assert "stage_one/1" not in names([came], "2026-03-04T10:00", policies)
    one = found([came, told], "stage_one", "2026-03-04T10:00", policies=policies)
    assert shown(one.due_at, LONDON) == "2026-03-18T17:00"
    two = found([second, told], "stage_two", "2026-03-04T10:00", policies=policies)
    assert shown(two.due_at, LONDON) == "2026-04-01T17:00"
    assert "stage_two/1" not in names([came, told], "2026-03-04T10:00", policies)
    assert "stage_one/1" not in names([second, told], "2026-03-04T10:00", policies)


def test_a_regulatory_clock_neither_waits_nor_goes_beyond_what_is_granted() -> None:
    """35 working days from 2 March 2026 end on 22 April: 22 in March, 2 and 11 in April without Easter's two."""
    pack = policy("uk-disp-payments-1")
    steps = [
        received("2026-03-02T10:00", LONDON),
        fact("2026-03-03T10:00", cases.PAUSED, LONDON),
        fact("2026-03-05T10:00", replace(cases.RESUMED, resumed_at=moment("2026-03-05T10:00", LONDON)), LONDON),
    ]
    now = "2026-03-06T10:00"
    assert shown(found(steps, "final", now, policies=[policy(), pack]).due_at, LONDON) == "2026-03-23T17:00"
    [rule] = pack.clocks
    as_resolve = replace(pack, clocks=(replace(rule, extended_as="resolve"),))
    for until, due_at in (("2026-04-01T12:00", "2026-04-01T12:00"), ("2026-06-01T12:00", "2026-04-22T17:00")):
        put_off = fact(now, replace(cases.EXTENDED, until=moment(until, LONDON)), LONDON)
        clock = found([*steps, put_off], "final", now, policies=[policy(), as_resolve])
        assert shown(clock.due_at, LONDON) == due_at


# ---- the sum --------------------------------------------------------------------------------------------------------
def test_the_sum_shows_what_counted_what_was_waited_and_by_what() -> None:
    """D-3c."""
    facts = [received(FRIDAY), paused("2026-03-06T17:00"), resumed("2026-03-09T10:00")]
    told = reckoning(found(facts, "acknowledge", "2026-03-09T11:00"))
    assert [(shown(part.start), shown(part.end)) for part in told.counted] == [
        ("2026-03-06T16:30", "2026-03-06T17:00"),
        ("2026-03-09T10:00", "2026-03-09T11:30"),
    ]
    assert told.paused == (Period(moment("2026-03-06T17:00"), moment("2026-03-09T10:00")),)
    assert (told.calendar, told.policy) == ("default-1", "default-1")


def test_the_sum_of_clock_time_is_one_stretch_over_midnight() -> None:
    told = reckoning(found([received(FRIDAY)], "answer", FRIDAY))
    assert told.counted == (Period(moment(FRIDAY), moment("2026-03-07T16:30")),)
    assert told.calendar == "every hour of Asia/Shanghai"


def test_the_sum_adds_up_to_the_time_of_the_policy() -> None:
    told = reckoning(found([received("2026-02-13T17:30")], "acknowledge", "2026-02-13T17:30"))
    assert sum((part.length for part in told.counted), timedelta()) == timedelta(hours=2)


def test_an_extension_names_a_time_after_the_due_time_of_what_runs_c_11() -> None:
    """Resolve ends on Wednesday the 11th, 16:30; what has run out may be put off to any time to come."""
    known = timing([received(FRIDAY)], [policy()])
    due_at = found([received(FRIDAY)], "resolve", FRIDAY).due_at
    for until in (due_at - timedelta(days=1), due_at):
        with pytest.raises(NeverShorter, match="the term ends at 2026-03-11") as refused:
            check_extendable(known, replace(cases.EXTENDED, clock=ExtendedTerm.RESOLVE, until=until))
        assert (refused.value.rule, refused.value.pointer) == ("C-11", "/until")
    check_extendable(known, replace(cases.EXTENDED, clock=ExtendedTerm.RESOLVE, until=due_at + timedelta(seconds=1)))
    over = timing([received(FRIDAY), fact("2026-03-10T10:00", cases.RESOLVED)], [policy()])
    check_extendable(over, replace(cases.EXTENDED, clock=ExtendedTerm.RESOLVE, until=due_at))
