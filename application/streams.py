"""Where each aggregate's events stand in the log: its stream's id is made from its own id, or is it."""

from datetime import date
from uuid import UUID, uuid5

from application.event_log import Stream
from domain.agent.agent import AGENT, Agent
from domain.case.case import CASE, Case
from domain.customer.customer import CUSTOMER, Customer
from domain.department.department import DEPARTMENT, Department
from domain.key.key import KEYS, Keys
from domain.ledger.voucher import VOUCHER, Voucher
from domain.merchant.merchant import MERCHANT, Merchant
from domain.notice.notice import READER, Reader
from domain.payroll.account import ACCOUNT, Account
from domain.payroll.months import PAYROLL, Payroll
from domain.payroll.policies import ACKNOWLEDGEMENTS, PAYROLL_POLICY_REGISTER, Acknowledgements
from domain.payroll.policy import PayrollPolicy
from domain.payroll.wage import WAGE, Wage
from domain.published import Register
from domain.report.report import DAILY_REPORT, DailyReport
from domain.shift.shift import SHIFT, Shift
from domain.subject.subject import SUBJECT, Subject
from domain.swap.swap import SWAP, SWAPS_OF_MONTH, Swap
from domain.tariff.tariff import Tariff
from domain.tariff.tariffs import TARIFF_REGISTER
from domain.team.team import TEAM, Team
from domain.time.deadlines import DeadlinePolicy
from domain.time.events import BusinessCalendar
from domain.time.published import CALENDAR_REGISTER, DEADLINE_POLICY_REGISTER
from domain.time.timing import CLOCKS, Records
from domain.values import AgentId, CaseId, Month, SubjectId
from domain.webhook.webhook import WEBHOOKS, Webhooks
from domain.work.conduct import CONDUCT, ConductReport
from domain.work.order import ORDER, ServiceOrder
from domain.work.recorded import WORK_FACT, WorkFact
from domain.work.review import REVIEW, QualityReview

_NAMESPACE = UUID("6b1f3a60-5d0c-4f6e-9c7a-0e5a4f1d2b3c")


def _named(kind: str, key: str) -> UUID:
    return uuid5(_NAMESPACE, f"{kind}:{key}")


def case_stream(case: CaseId) -> Stream[Case]:
    """A case's stream has the case's id."""
    return Stream(UUID(case), CASE)


def clock_stream(case: CaseId) -> Stream[Records]:
    """What is recorded of a case's clocks, by the case's id (D-3)."""
    return Stream(_named("clocks", case), CLOCKS)


def notice_stream(agent: AgentId) -> Stream[Reader]:
    """What somebody has read of the notices to them."""
    return Stream(_named("notices", agent), READER)


def imported_case(source: str, external_ref: str) -> CaseId:
    """The id of an imported case: the same row of the same source is the same case for ever."""
    return CaseId(str(_named("imported", f"{source}:{external_ref}")))


def customer_stream(subject: SubjectId) -> Stream[Customer]:
    """A customer's stream has the person's subject id."""
    return Stream(UUID(subject), CUSTOMER)


def subject_stream(subject: SubjectId) -> Stream[Subject]:
    """What is decided of everything that is kept on a person (A-3)."""
    return Stream(_named("subject", subject), SUBJECT)


def agent_stream(agent: AgentId) -> Stream[Agent]:
    """An agent's stream, by employee number."""
    return Stream(_named("agent", agent), AGENT)


def team_stream(team: str) -> Stream[Team]:
    """A team's stream, by its id."""
    return Stream(_named("team", team), TEAM)


def merchant_stream(merchant: str) -> Stream[Merchant]:
    """A merchant's stream, by its id."""
    return Stream(_named("merchant", merchant), MERCHANT)


def department_stream(department: str) -> Stream[Department]:
    """A department's stream, by its id."""
    return Stream(_named("department", department), DEPARTMENT)


# ---- facts of the work ----------------------------------------------------------------------------------------------
def order_stream(order: UUID) -> Stream[ServiceOrder]:
    """A service order's stream has the order's id (W-1)."""
    return Stream(order, ORDER)


def fact_stream(fact: UUID) -> Stream[WorkFact]:
    """The stream of a fact that is recorded in one go has the fact's id (W-2 to W-5, W-7, W-9)."""
    return Stream(fact, WORK_FACT)


def conduct_stream(report: UUID) -> Stream[ConductReport]:
    """A conduct report's stream has the report's id (W-6)."""
    return Stream(report, CONDUCT)


def review_stream(review: UUID) -> Stream[QualityReview]:
    """A quality review's stream has the review's id (W-8)."""
    return Stream(review, REVIEW)


def exam_id(agent: AgentId, month: Month) -> UUID:
    """An agent has one exam in a month (W-3)."""
    return _named("exam", f"{agent}:{month}")


def tally_id(agent: AgentId, month: Month) -> UUID:
    """An agent has one number of callbacks from elsewhere in a month (W-2)."""
    return _named("callback tally", f"{agent}:{month}")


def call_id(external_ref: str) -> UUID:
    """A call is the same call for ever in the telephone system it comes from (W-9)."""
    return _named("call", external_ref)


def new_fact_id(kind: str, command_id: UUID) -> UUID:
    """The id of a fact without a key of its own: a repeated command makes the same fact."""
    return _named(kind, str(command_id))


def import_command(kind: str, source: str, ref: str) -> UUID:
    """The id of the command that imports a row: the same row of the same source is the same command for ever."""
    return _named("import", f"{kind}:{source}:{ref}")


def shift_stream(shift: str) -> Stream[Shift]:
    """A shift's stream has the shift's id."""
    return Stream(UUID(shift), SHIFT)


def swap_stream(swap: str) -> Stream[Swap]:
    """A swap's stream has the swap's id."""
    return Stream(UUID(swap), SWAP)


def swaps_of_month_stream(agent: AgentId, month: Month) -> Stream[tuple[str, ...]]:
    """The swaps granted to an agent in a month."""
    return Stream(_named("swaps", f"{month}-{agent}"), SWAPS_OF_MONTH)


def daily_report_stream(day: date) -> Stream[DailyReport]:
    """The report of a local day."""
    return Stream(_named("daily report", day.isoformat()), DAILY_REPORT)


def tariff_register_stream() -> Stream[Register[Tariff]]:
    """The one stream of all tariffs."""
    return Stream(_named("register", "tariffs"), TARIFF_REGISTER)


def deadline_policy_register_stream() -> Stream[Register[DeadlinePolicy]]:
    """The one stream of all deadline policies."""
    return Stream(_named("register", "deadline-policies"), DEADLINE_POLICY_REGISTER)


def calendar_register_stream() -> Stream[Register[BusinessCalendar]]:
    """The one stream of all business calendars."""
    return Stream(_named("register", "calendars"), CALENDAR_REGISTER)


def payroll_policy_register_stream() -> Stream[Register[PayrollPolicy]]:
    """The one stream of all payroll policies."""
    return Stream(_named("register", "payroll-policies"), PAYROLL_POLICY_REGISTER)


def acknowledgements_stream(version: str) -> Stream[Acknowledgements]:
    """Who has acknowledged a payroll policy, by its version."""
    return Stream(_named("acknowledgements", version), ACKNOWLEDGEMENTS)


def wage_stream(agent: AgentId, month: Month) -> Stream[Wage]:
    """An agent's wage of a month."""
    return Stream(_named("wage", f"{month}-{agent}"), WAGE)


def account_stream(agent: AgentId, month: Month) -> Stream[Account]:
    """The statement of an agent's month, and what came late."""
    return Stream(_named("account", f"{month}:{agent}"), ACCOUNT)


def payroll_stream() -> Stream[Payroll]:
    """The one stream of all payroll months: two or three events a month."""
    return Stream(_named("payroll", "months"), PAYROLL)


def voucher_stream(matter: str) -> Stream[Voucher]:
    """The lines of one matter, by its text form (`order:<id>`, `month:2007-03:B-EXAM`)."""
    return Stream(_named("voucher", matter), VOUCHER)


def webhooks_stream() -> Stream[Webhooks]:
    """The one stream of all webhooks."""
    return Stream(_named("register", "webhooks"), WEBHOOKS)


def new_webhook(command_id: UUID) -> str:
    """The id of a new webhook: a repeated command makes the same one."""
    return str(_named("webhook", str(command_id)))


def keys_stream() -> Stream[Keys]:
    """The one stream of all keys that were proposed for somebody else."""
    return Stream(_named("register", "keys"), KEYS)


def new_key(command_id: UUID) -> str:
    """The prefix of a key to be proposed: a repeated command makes the same one."""
    return _named("key", str(command_id)).hex[:8]
