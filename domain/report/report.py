"""The report of a day: made once, by the late shift; the early shift passes its items on and ticks them off (S-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.report import events as e
from domain.values import Actor, AgentId, local_day

RULE = "S-4"


@dataclass(frozen=True, slots=True)
class Course:
    """What has become of an item: to whom it was passed last, and whether it is ticked off."""

    to: AgentId | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class DailyReport:
    """What decisions need to know of a day's report; `made` is None before it is. courses: by the items' numbers."""

    made: e.Made | None = None
    courses: Mapping[int, Course] = field(default_factory=dict)
    sent: bool = False


def evolve(report: DailyReport, event: Event) -> DailyReport:
    """Fold one event into the state."""
    match event:
        case e.Made():
            return DailyReport(event, {item.number: Course() for item in event.items})
        case e.ItemPassedOn():
            return _with(report, event.number, replace(report.courses[event.number], to=event.to))
        case e.ItemTickedOff():
            return _with(report, event.number, replace(report.courses[event.number], done=True))
        case e.Sent():
            return replace(report, sent=True)
        case _:
            return report


def _with(report: DailyReport, number: int, course: Course) -> DailyReport:
    return replace(report, courses={**report.courses, number: course})


DAILY_REPORT = Decider("daily report", DailyReport(), evolve)


class AlreadyMade(Refusal):
    """A day has one report."""

    code = "already_made"


class NotLateShift(Forbidden):
    """The late shift makes the report of its day, or a supervisor."""

    code = "not_late_shift"


class NoSuchReport(Unknown):
    """There is no report of this day."""


class NoSuchItem(Unknown):
    """The report has no item of this number."""


class TickedOff(Refusal):
    """What is ticked off is seen to."""

    code = "ticked_off"


def make(report: DailyReport, made: e.Made, late: frozenset[AgentId], by: Actor) -> list[Event]:
    """S-4: make the day's report. late: who is on its late shifts. Raises NotLateShift, Malformed, AlreadyMade."""
    check_made(made.date, late, by, made.at)
    if report.made:
        detail = (
            f"{report.made.by} has made the report of {made.date}, and a day has one: read it, and put what it does not"
            " say into the notes of the next handover"
        )
        raise AlreadyMade(detail, rule=RULE, pointer="/date")
    return [made]


def begun(day: date, at: datetime) -> bool:
    """Whether a local day has begun at a moment."""
    return day <= local_day(at)


def check_made(day: date, late: frozenset[AgentId], by: Actor, at: datetime) -> None:
    """S-4: who makes the report of a local day, and not before it has begun. Raises NotLateShift, Malformed."""
    if by.id not in late and not by.supervises:
        raise NotLateShift("you are not on the late shift of that day: it makes the report, or a supervisor", rule=RULE)
    if not begun(day, at):
        raise Malformed("date: that day has not begun", rule=RULE, pointer="/date")


def pass_on(report: DailyReport, passed: e.ItemPassedOn) -> list[Event]:
    """S-4: pass an item on; again to the same is nothing. Raises NoSuchReport, NoSuchItem, TickedOff."""
    course = _course(report, passed.number)
    if course.done:
        raise TickedOff("this item is ticked off: there is nothing left to pass on", rule=RULE)
    return [] if course.to == passed.to else [passed]


def tick_off(report: DailyReport, ticked: e.ItemTickedOff) -> list[Event]:
    """S-4: tick an item off; again is nothing. Raises NoSuchReport, NoSuchItem."""
    return [] if _course(report, ticked.number).done else [ticked]


def send(report: DailyReport, sent: e.Sent) -> list[Event]:
    """S-4: note that the digest went out; again is nothing. Raises NoSuchReport."""
    made_of(report)
    return [] if report.sent else [sent]


def made_of(report: DailyReport) -> e.Made:
    """The report as it was made. Raises NoSuchReport."""
    if report.made is None:
        raise NoSuchReport("there is no report of this day")
    return report.made


def _course(report: DailyReport, number: int) -> Course:
    made_of(report)
    if number not in report.courses:
        raise NoSuchItem("the report has no such item")
    return report.courses[number]
