"""Where each aggregate's events stand in the log: its stream's id is made from its own id, or is it."""

from uuid import UUID, uuid5

from application.event_log import Stream
from domain.agent.agent import AGENT, Agent
from domain.case.case import CASE, Case
from domain.customer.customer import CUSTOMER, Customer
from domain.department.department import DEPARTMENT, Department
from domain.merchant.merchant import MERCHANT, Merchant
from domain.team.team import TEAM, Team
from domain.values import AgentId, CaseId, SubjectId

_NAMESPACE = UUID("6b1f3a60-5d0c-4f6e-9c7a-0e5a4f1d2b3c")


def _named(kind: str, key: str) -> UUID:
    return uuid5(_NAMESPACE, f"{kind}:{key}")


def case_stream(case: CaseId) -> Stream[Case]:
    """A case's stream has the case's id."""
    return Stream(UUID(case), CASE)


def imported_case(source: str, external_ref: str) -> CaseId:
    """The id of an imported case: the same row of the same source is the same case for ever."""
    return CaseId(str(_named("imported", f"{source}:{external_ref}")))


def customer_stream(subject: SubjectId) -> Stream[Customer]:
    """A customer's stream has the person's subject id."""
    return Stream(UUID(subject), CUSTOMER)


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
