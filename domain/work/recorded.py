"""Facts that are recorded in one go: callbacks, exams, telephone tests and faults, missed calls, points, calls."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from domain.kernel import Decider, Event, Malformed
from domain.values import Actor, AgentId
from domain.work import events as e
from domain.work import facts
from domain.work.moments import begun, happened
from domain.work.refusals import AboutYou, AlreadyRecorded, NoSuchFact, by_another

WorkEvent = (
    e.CallbackMade
    | e.CallbacksTallied
    | e.SummaryHandedIn
    | e.ExamTaken
    | e.PhoneTested
    | e.PhoneFaultReported
    | e.MissedCallLogged
    | e.PointsShortageFound
    | e.CallRecorded
)
"""The events that record a fact in one go."""
FULL = Decimal(100)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WorkFact:
    """A fact as it was last recorded, None before it is, and whether it was withdrawn since."""

    recorded: WorkEvent | None = None
    withdrawn: bool = False

    @property
    def agents(self) -> frozenset[AgentId]:
        """Whose fact it is; nobody's in particular where it names no agent."""
        match self.recorded:
            case e.PointsShortageFound() as shortage:
                return frozenset({shortage.order_agent, shortage.duty_agent})
            case e.PhoneFaultReported() | e.MissedCallLogged() | None:
                return frozenset()
            case recorded:
                return frozenset({recorded.agent}) if recorded.agent else frozenset()

    def fact(self) -> facts.Fact | None:
        """The fact as the ledgers judge it; None where they know none such, and once it is withdrawn."""
        return None if self.withdrawn else _judged(self.recorded)


def _judged(recorded: WorkEvent | None) -> facts.Fact | None:
    match recorded:
        case e.CallbacksTallied(month=month, agent=agent, count=count, full_weeks=full_weeks):
            return facts.MemberCallbacks(month=month, agent=agent, count=count, full_weeks=full_weeks)
        case e.ExamTaken(month=month, agent=agent, typing=typing, knowledge=knowledge, service=service):
            return facts.Exam(month=month, agent=agent, typing=typing, knowledge=knowledge, service=service)
        case e.MissedCallLogged(at=at):
            return facts.MissedCall(at=at)
        case e.PhoneFaultReported(at=at, found_in_time=False):
            return facts.PhoneFault(at=at)
        case e.PointsShortageFound(at=at, order_agent=entered, duty_agent=duty, points=points):
            return facts.PointsShortage(at=at, order_agent=entered, duty_agent=duty, points=points)
        case _:
            return None


def evolve(fact: WorkFact, event: Event) -> WorkFact:
    """Fold one event into the state."""
    match event:
        case e.FactWithdrawn():
            return replace(fact, withdrawn=True)
        case _ if isinstance(event, WorkEvent):
            return WorkFact(event)
        case _:
            return fact


WORK_FACT = Decider("work fact", WorkFact(), evolve)


# ---- W-2 ------------------------------------------------------------------------------------------------------------
def make_callback(fact: WorkFact, made: e.CallbackMade, now: datetime) -> list[Event]:
    """W-2: record a call to a member."""
    happened(made.at, now, "W-2")
    return _new(fact, made, "W-2")


def tally_callbacks(fact: WorkFact, tallied: e.CallbacksTallied, now: datetime) -> list[Event]:
    """W-2: record a month's number from elsewhere; another number for it is a correction with a reason."""
    begun(tallied.month, now, "W-2")
    return _new_or_corrected(fact, tallied, "W-2")


def hand_in_summary(_: WorkFact, handed_in: e.SummaryHandedIn, now: datetime) -> list[Event]:
    """W-2: hand in a week's summary; the last one holds."""
    if handed_in.week.weekday() != 0:
        raise Malformed("week is named by its Monday", rule="W-2", pointer="/week")
    happened(datetime.combine(handed_in.week, datetime.min.time(), now.tzinfo), now, "W-2", "/week")
    return [handed_in]


# ---- W-3 ------------------------------------------------------------------------------------------------------------
def take_exam(fact: WorkFact, taken: e.ExamTaken, now: datetime) -> list[Event]:
    """W-3: record an agent's exam of a month; other results for it are a correction with a reason."""
    for name, part in (("typing", taken.typing), ("knowledge", taken.knowledge), ("service", taken.service)):
        if not 0 <= part <= FULL:
            raise Malformed(f"{name} is {part}: each part of an exam is 0 to 100", rule="W-3", pointer=f"/{name}")
    begun(taken.month, now, "W-3")
    return _new_or_corrected(fact, taken, "W-3")


# ---- W-4, W-5, W-7 --------------------------------------------------------------------------------------------------
def record_phone_test(fact: WorkFact, tested: e.PhoneTested, now: datetime) -> list[Event]:
    """W-4: record a test of the telephone line."""
    happened(tested.at, now, "W-4")
    return _new(fact, tested, "W-4")


def report_fault(fact: WorkFact, reported: e.PhoneFaultReported, now: datetime) -> list[Event]:
    """W-4: record a fault of the telephone line."""
    happened(reported.at, now, "W-4")
    return _new(fact, reported, "W-4")


def log_missed_call(fact: WorkFact, logged: e.MissedCallLogged, now: datetime) -> list[Event]:
    """W-5: record a call nobody took."""
    happened(logged.at, now, "W-5")
    return _new(fact, logged, "W-5")


def find_shortage(fact: WorkFact, found: e.PointsShortageFound, now: datetime) -> list[Event]:
    """W-7: record a shortage of gold-card points."""
    happened(found.at, now, "W-7")
    if found.points < 1:
        raise Malformed("points is the number that is missing: 1 or more", rule="W-7", pointer="/points")
    return _new(fact, found, "W-7")


# ---- W-9 ------------------------------------------------------------------------------------------------------------
def record_call(fact: WorkFact, call: e.CallRecorded, now: datetime) -> list[Event]:
    """W-9: record a call. Raises Malformed where its times are not in the order of a call; a repeat is nothing."""
    happened(call.ended_at, now, "W-9", "/ended_at")
    if call.holds and call.answered_at is None:
        raise Malformed("nobody is on hold in a call that was not answered", rule="W-9", pointer="/holds")
    last = call.began_at
    for at, pointer in _moments(call):
        if at < last:
            detail = f"{pointer[1:]} lies before what comes first: began, answered, holds, ended"
            raise Malformed(detail, rule="W-9", pointer=pointer)
        last = at
    return [] if fact == WorkFact(call) else _new(fact, call, "W-9")


def _moments(call: e.CallRecorded) -> list[tuple[datetime, str]]:
    """The times of a call in the order in which they must come, with their pointers."""
    answered = [(call.answered_at, "/answered_at")] if call.answered_at else []
    holds = [
        (at, f"/holds/{number}/{name}")
        for number, hold in enumerate(call.holds)
        for at, name in ((hold.began_at, "began_at"), (hold.ended_at, "ended_at"))
    ]
    return [*answered, *holds, (call.ended_at, "/ended_at")]


# ---- what all share -------------------------------------------------------------------------------------------------
def withdraw(
    fact: WorkFact, withdrawn: e.FactWithdrawn, actor: Actor, bearing: tuple[AgentId, ...] = ()
) -> list[Event]:
    """Take back a fact that should never have been recorded; a repeat is nothing. Raises NoSuchFact, AboutYou.

    bearing: who has a line by it, as those on duty have when a call was missed.
    """
    if fact.recorded is None:
        raise NoSuchFact("there is no such fact")
    by_another(actor, fact.agents.union(bearing), "L-0")
    return [] if fact.withdrawn else [withdrawn]


def permit_account(fact: WorkFact, event: Event, actor: Actor) -> None:
    """L-0: another account of a month than is on record comes from somebody else than it is about. Raises AboutYou.

    So does how many weeks somebody worked: it says how many callbacks were due (W-2).
    """
    match event:
        case e.CallbacksTallied() | e.ExamTaken() if fact.recorded and not fact.withdrawn:
            if not _same(fact.recorded, event):
                by_another(actor, fact.agents, "L-0")
        case e.CallbacksTallied(full_weeks=int()) if event.agent == actor.id:
            detail = "how long you worked follows from your first and last day: leave it out, or ask a supervisor"
            raise AboutYou(detail, rule="W-2", pointer="/full_weeks")


def _new(fact: WorkFact, event: WorkEvent, rule: str) -> list[Event]:
    if fact.recorded is not None and not fact.withdrawn:
        raise AlreadyRecorded("this fact is on record otherwise: have that withdrawn first", rule=rule)
    return [event]


def _new_or_corrected(fact: WorkFact, event: e.CallbacksTallied | e.ExamTaken, rule: str) -> list[Event]:
    """The first account of a month, or another one with a reason; the same one again is nothing."""
    if fact.recorded is None or fact.withdrawn:
        return [event]
    if _same(fact.recorded, event):
        return []
    if event.reason is None:
        raise AlreadyRecorded("this month has another account: give the reason of the correction", rule=rule)
    return [event]


def _same(known: WorkEvent, event: e.CallbacksTallied | e.ExamTaken) -> bool:
    """Whether it says the same as is on record, whatever the reason."""
    return isinstance(known, type(event)) and replace(event, reason=None) == replace(known, reason=None)
