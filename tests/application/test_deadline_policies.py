"""Deadline policies as documents: what ships, with the figures of D-3 and D-3a, and what is said of bad ones."""

from decimal import Decimal
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from application import deadline_policies
from application.deadline_policies import parse, policy_file, shipped, shipped_text, shipped_versions
from application.documents import BadDocument, read
from domain.agent.words import Rank
from domain.case.words import ClockKind, CustomerClass, Severity
from domain.time.deadlines import About, ClockRule, DeadlinePolicy
from domain.time.terms import Ending, Term, Unit

PACKS = ["au-rg271-1", "in-cpgrams-1", "uk-disp-1", "uk-disp-payments-1", "uk-hos-1", "us-cfpb-1"]
WORKING_DAYS, DAYS, END = Unit.WORKING_DAYS, Unit.DAYS, Ending.END_OF_DAY


def rule(policy: DeadlinePolicy, name: str) -> ClockRule:
    return next(clock for clock in policy.clocks if clock.name == name)


def within(name: str, severity: Severity, customer_class: CustomerClass) -> Term:
    return rule(shipped(), name).within(About(severity=severity, customer_class=customer_class), "default-1")


def test_the_default_and_the_packs_ship_and_keep_to_the_schema() -> None:
    assert shipped_versions() == sorted(["default-1", *PACKS])
    for version in shipped_versions():
        assert shipped(version).version == version
        plain = msgspec.to_builtins(yaml.safe_load(shipped_text(version)))
        jsonschema.validate(plain, deadline_policies.schema())


@pytest.mark.parametrize("version", PACKS)
def test_a_pack_names_its_source_and_is_no_legal_advice(version: str) -> None:
    """D-3a."""
    pack = shipped(version)
    assert pack.kind is ClockKind.REGULATORY
    assert pack.source is not None
    assert (pack.source.notice, pack.source.url[:4]) == ("not legal advice", "http")
    assert pack.source.title
    assert not any(clock.pausable for clock in pack.clocks)


@pytest.mark.parametrize("customer_class", list(CustomerClass))
def test_the_default_times_are_those_of_the_rulebook_half_for_top_and_relation(customer_class: CustomerClass) -> None:
    """D-3."""
    half = Decimal("0.5") if customer_class in {CustomerClass.TOP, CustomerClass.RELATION} else Decimal(1)
    days = {Severity.MINOR: 1, Severity.ORDINARY: 3, Severity.MAJOR: 5, Severity.CRITICAL: 2}
    for severity in Severity:
        assert within("acknowledge", severity, customer_class) == Term(120 * half, Unit.WORKING_MINUTES)
        assert within("answer", severity, customer_class) == Term(1440 * half, Unit.MINUTES)
        assert within("resolve", severity, customer_class) == Term(days[severity] * half, WORKING_DAYS)
        assert within("callback", severity, customer_class) == Term(3 * half, WORKING_DAYS)
        assert within("on_site", severity, customer_class) == Term(Decimal(10), Unit.MINUTES)


def test_the_default_warns_at_80_percent_and_climbs_the_ladder() -> None:
    """D-3d, D-4."""
    assert shipped().warn_percent == 80
    ladder = [(rung.after.total_seconds() / 3600, rung.rank) for rung in shipped().ladder]
    assert ladder == [(1, Rank.SUPERVISOR), (4, Rank.MANAGER), (24, Rank.HEAD)]


@pytest.mark.parametrize(
    ("version", "clock", "expected", "at_most"),
    [
        ("uk-disp-1", "summary", Term(Decimal(3), WORKING_DAYS, END), None),
        ("uk-disp-1", "final", Term(Decimal(56), DAYS, END), None),
        ("uk-disp-payments-1", "final", Term(Decimal(15), WORKING_DAYS, END), Term(Decimal(35), WORKING_DAYS, END)),
        ("us-cfpb-1", "response", Term(Decimal(15), DAYS, END), None),
        ("us-cfpb-1", "final", Term(Decimal(60), DAYS, END), None),
        ("au-rg271-1", "acknowledge", Term(Decimal(1440), Unit.MINUTES), None),
        ("au-rg271-1", "final", Term(Decimal(30), DAYS, END), None),
        ("uk-hos-1", "acknowledge", Term(Decimal(5), WORKING_DAYS, END), None),
        ("uk-hos-1", "stage_one", Term(Decimal(10), WORKING_DAYS, END), Term(Decimal(20), WORKING_DAYS, END)),
        ("uk-hos-1", "stage_two", Term(Decimal(20), WORKING_DAYS, END), Term(Decimal(40), WORKING_DAYS, END)),
        ("in-cpgrams-1", "final", Term(Decimal(21), DAYS, END), None),
    ],
)
def test_the_packs_have_the_figures_of_the_rulebook(
    version: str, clock: str, expected: Term, at_most: Term | None
) -> None:
    """D-3a."""
    found = rule(shipped(version), clock)
    assert ([target.within for target in found.targets], found.at_most) == ([expected], at_most)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("calendar: default-1", "calendar: default-9", "line 7: calendar: there is no calendar default-9"),
        ("calendar: default-1", "time_zone: Mars/Base", "line 7: time_zone: 'Mars/Base' is no time zone"),
        ("calendar: default-1", "time_zone: Asia/Shanghai", "clocks/1/targets: working time is counted on a business"),
        ("calendar: default-1", "warn_at: 3", "warn_at: unknown"),
        ("calendar: default-1", "recomputed_by: []", "the document: name either a calendar or"),
        ("within: 10 minutes", "within: soon", "clocks/0/targets/0/within: 'soon' is no time"),
        ("after: 4 hours", "after: later", "ladder/1/after: 'later' is no time"),
        ("after: 4 hours", "after: 4 working hours", "ladder/1/after: 4 working hours: the ladder counts hours"),
        ("after: 4 hours", "after: 1 hour", "ladder: each rung comes later"),
        ("[case.analysed]", "[case.noted]", "line 8: recomputed_by: case.noted never moves a clock (D-3b)"),
        ("stops: [case.acknowledged]", "stops: [case.noted]", "clocks/1/stops: case.noted never moves a clock"),
        ("warn_percent: 80", "warn_percent: 100", "warn_percent: a warning comes between"),
        ("severities: [minor]", "severities: [slight]", "clocks/4/targets/0/severities/0: Invalid enum value"),
        ("name: on_site", "name: acknowledge", "clocks/1/name: acknowledge is named twice"),
    ],
)
def test_a_bad_policy_is_told_with_its_place_and_reason(old: str, new: str, said: str) -> None:
    text = shipped_text()
    assert old in text
    with pytest.raises(BadDocument) as told:
        parse(read("p.yaml", text.replace(old, new, 1)))
    assert said in str(told.value)


def test_a_case_for_which_nothing_is_said_is_found_when_a_policy_is_read() -> None:
    """D-3b."""
    text = shipped_text().replace("      - {within: 3 working days}\n", "", 1)
    with pytest.raises(BadDocument, match="nothing is said of ordinary cases of important customers"):
        parse(read("p.yaml", text))


def test_at_most_is_read_like_other_times() -> None:
    text = shipped_text("uk-disp-payments-1").replace("at_most: 35 working days", "at_most: 0.5 working days")
    with pytest.raises(BadDocument, match=r"clocks/0/at_most: 0\.5: only working days that end at an hour have parts"):
        parse(read("p.yaml", text))


def test_a_file_is_read_on_a_shipped_calendar(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(shipped_text(), "utf-8")
    assert policy_file(file) == shipped()


def test_calendars_may_come_from_elsewhere() -> None:
    other = shipped("uk-disp-1").calendar
    assert parse(read("p.yaml", shipped_text()), lambda _: other).calendar == other
