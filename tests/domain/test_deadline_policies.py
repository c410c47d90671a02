"""Which policy holds for a case, and which policies cannot hold at all (D-3, D-3a, D-3b)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.deadline_policies import shipped_versions
from domain.agent.words import Rank
from domain.case.events import DeadlineExtended
from domain.case.words import Channel, ComplaintType, CustomerClass, Severity
from domain.case.words import Clock as ExtendedTerm
from domain.time.deadlines import (
    About,
    ClockRule,
    DeadlinePolicy,
    NoDeadlinePolicy,
    Only,
    Rung,
    chosen,
    faults,
)
from domain.time.owed import NotExtendable, check_extendable
from domain.time.terms import Term, Unit, every_hour
from domain.time.timing import Timing, clocks
from tests.support.cases import ANALYSED, EXTENDED
from tests.support.clocks import fact, moment, policy, received

AT = datetime(2026, 3, 6, 8, tzinfo=UTC)
DEFAULT, DISP, CFPB = policy(), policy("uk-disp-1"), policy("us-cfpb-1")
RESOLVE = next(rule for rule in DEFAULT.clocks if rule.name == "resolve")


def versions(*policies: DeadlinePolicy, team: str | None = "t1", at: datetime = AT) -> list[str]:
    return [held.version for held in chosen(policies, team, Channel.HOTLINE, at)]


def changed(held: DeadlinePolicy, version: str, **fields: Any) -> DeadlinePolicy:
    return replace(held, version=version, **fields)


def test_the_internal_policy_comes_first_then_the_packs_by_name() -> None:
    assert versions(policy("uk-hos-1"), DISP, DEFAULT) == ["default-1", "uk-disp-1", "uk-hos-1"]


def test_of_one_name_the_latest_that_has_begun_holds() -> None:
    later = changed(DEFAULT, "default-2", valid_from=date(2026, 3, 6))
    coming = changed(DEFAULT, "default-3", valid_from=date(2026, 3, 7))
    assert versions(coming, later, DEFAULT) == ["default-2"]


def test_a_policy_begins_with_the_day_where_its_calendar_is() -> None:
    later = changed(DEFAULT, "default-2", valid_from=date(2026, 3, 6))
    assert versions(DEFAULT, later, at=datetime(2026, 3, 5, 15, 59, tzinfo=UTC)) == ["default-1"]
    assert versions(DEFAULT, later, at=datetime(2026, 3, 5, 16, tzinfo=UTC)) == ["default-2"]


def test_a_policy_of_the_team_or_the_channel_comes_before_one_for_all() -> None:
    own = changed(DEFAULT, "own-1", name="own", teams=("t1",))
    calls = changed(DEFAULT, "calls-1", name="calls", teams=("t1",), channels=(Channel.HOTLINE,))
    assert versions(DEFAULT, own) == ["own-1"]
    assert versions(calls, DEFAULT, own) == ["calls-1"]
    assert versions(DEFAULT, own, team="t2") == ["default-1"]
    assert versions(DEFAULT, own, team=None) == ["default-1"]


def test_a_pack_binds_the_channels_it_names() -> None:
    assert versions(DEFAULT, CFPB) == ["default-1"]
    assert [held.version for held in chosen([DEFAULT, CFPB], "t1", Channel.REGULATOR, AT)] == ["default-1", "us-cfpb-1"]


@pytest.mark.parametrize(
    "policies",
    [[], [DISP], [changed(DEFAULT, "own-1", teams=("t2",))], [replace(DEFAULT, valid_from=date(2027, 1, 1))]],
)
def test_without_an_internal_policy_a_case_is_refused_loudly(policies: list[DeadlinePolicy]) -> None:
    """D-3b: also where a regulator's clock would run."""
    with pytest.raises(NoDeadlinePolicy, match="publish one") as refused:
        versions(*policies)
    assert (refused.value.code, refused.value.rule, refused.value.status) == ("no_deadline_policy", "D-3b", 409)


def test_a_case_for_which_no_target_stands_is_refused_loudly() -> None:
    """D-3b."""
    rule = replace(RESOLVE, targets=RESOLVE.targets[-2:-1])
    short = replace(DEFAULT, clocks=(rule,), recomputed_by=("case.analysed",))
    with pytest.raises(NoDeadlinePolicy, match="default-1 has no resolve time for such a case") as refused:
        clocks([received("2026-03-06T16:30"), fact("2026-03-06T17:00", ANALYSED)], [short], moment("2026-03-06T17:00"))
    assert refused.value.rule == "D-3b"


def test_a_target_fits_what_it_names() -> None:
    target = replace(
        RESOLVE.targets[-1],
        severities=(Severity.MINOR,),
        classes=(CustomerClass.TOP,),
        types=(ComplaintType.PRICE,),
        teams=("t1",),
    )
    fitting = About(severity=Severity.MINOR, customer_class=CustomerClass.TOP, type=ComplaintType.PRICE, team="t1")
    assert target.fits(fitting)
    others: list[dict[str, Any]] = [
        {"severity": Severity.MAJOR},
        {"customer_class": CustomerClass.ORDINARY},
        {"type": None},
        {"team": "t2"},
    ]
    assert [target.fits(replace(fitting, **other)) for other in others] == [False] * 4


@pytest.mark.parametrize("version", ["default-1", "uk-disp-1", "uk-disp-payments-1", "us-cfpb-1"])
def test_the_shipped_policies_are_sound(version: str) -> None:
    assert faults(policy(version)) == []


def putting_off(term: ExtendedTerm) -> DeadlineExtended:
    return replace(EXTENDED, clock=term)


@pytest.mark.parametrize("version", shipped_versions())
def test_every_clock_that_a_pack_lets_be_put_off_can_be_c_11(version: str) -> None:
    for known in policy(version).clocks:
        if known.extended_as:
            check_extendable(Timing(policies=(policy(version),)), putting_off(ExtendedTerm(known.extended_as)))


def test_a_term_that_no_policy_of_the_case_lets_be_put_off_is_refused_c_11() -> None:
    check_extendable(Timing(policies=(DEFAULT,)), putting_off(ExtendedTerm.RESOLVE))
    check_extendable(Timing(policies=(DEFAULT, policy("uk-disp-payments-1"))), putting_off(ExtendedTerm.FINAL))
    for known, said in ((DEFAULT, "there are acknowledge, answer, callback, resolve"), (CFPB, "none")):
        with pytest.raises(NotExtendable, match=said) as refused:
            check_extendable(Timing(policies=(known,)), putting_off(ExtendedTerm.FINAL))
        assert (refused.value.rule, refused.value.pointer) == ("C-11", "/clock")


def rule(**fields: Any) -> dict[str, Any]:
    return {"clocks": (replace(RESOLVE, **fields),)}


WORKING = Term(Decimal(60), Unit.WORKING_MINUTES)


@pytest.mark.parametrize(
    ("held", "fields", "path", "said"),
    [
        (DEFAULT, {"warn_percent": 0}, "warn_percent", "between 1 and 99"),
        (DEFAULT, {"warn_percent": 100}, "warn_percent", "between 1 and 99"),
        (DEFAULT, {"clocks": ()}, "clocks", "name one"),
        (DISP, {"source": None}, "source", "names its source"),
        (DEFAULT, {"ladder": (Rung(after=timedelta(hours=1), rank=Rank.HEAD),) * 2}, "ladder", "later than the one"),
        (DEFAULT, {"recomputed_by": ("case.noted",)}, "recomputed_by", "case.noted never moves a clock (D-3b)"),
        (DEFAULT, {"clocks": (RESOLVE, RESOLVE)}, "clocks/1/name", "resolve is named twice"),
        (DEFAULT, rule(starts=("case.evidence_attached",)), "clocks/0/starts", "never moves a clock"),
        (DEFAULT, rule(stops=("case.customer_contacted",)), "clocks/0/stops", "never moves a clock"),
        (DEFAULT, rule(voids=("case.linked",)), "clocks/0/voids", "never moves a clock"),
        (DEFAULT, rule(starts=()), "clocks/0/starts", "name them"),
        (DEFAULT, rule(stops=()), "clocks/0/starts", "name them"),
        (DEFAULT, rule(targets=()), "clocks/0/targets", "name a time themselves"),
        (
            DEFAULT,
            rule(targets=RESOLVE.targets[:-1]),
            "clocks/0/targets",
            "nothing is said of ordinary cases of important",
        ),
        (DEFAULT, rule(extended_as="summary"), "clocks/0/extended_as", "final, stage_one, stage_two"),
        (CFPB, rule(), "clocks/0/targets", "counted on a business calendar"),
        (CFPB, {"clocks": (replace(CFPB.clocks[0], at_most=WORKING),)}, "clocks/0/targets", "on a business calendar"),
    ],
)
def test_a_policy_that_cannot_hold_is_told_where_and_why(
    held: DeadlinePolicy, fields: dict[str, Any], path: str, said: str
) -> None:
    found = faults(replace(held, **fields))
    assert path in {place for place, _ in found}
    assert any(said in reason for place, reason in found if place == path)


PROMISED = tuple(rule for rule in DEFAULT.clocks if not rule.targets)


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        (PROMISED, "acknowledge, answer, resolve, callback,"),
        ((*PROMISED, RESOLVE), "acknowledge, answer, callback,"),
        ((*PROMISED, replace(RESOLVE, only=Only.ON_SITE)), "acknowledge, answer, resolve, callback,"),
        ((*PROMISED, replace(RESOLVE, name="done")), "acknowledge, answer, callback,"),
        ((*PROMISED, replace(RESOLVE, name="done", extended_as=None)), "acknowledge, answer, resolve, callback,"),
    ],
)
def test_an_internal_policy_says_when_each_term_is_owed_d_3b(held: tuple[ClockRule, ...], missing: str) -> None:
    [(path, said)] = faults(replace(DEFAULT, clocks=held))
    assert path == "clocks"
    assert f"nothing is said of {missing}" in said


def test_a_pack_need_not_have_the_terms_of_our_own() -> None:
    assert faults(replace(DISP, clocks=DISP.clocks[-1:])) == []


def test_a_calendar_with_every_hour_is_known_for_what_it_is() -> None:
    assert faults(replace(DEFAULT, calendar=every_hour("Asia/Shanghai"))) != []
