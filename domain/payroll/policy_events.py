"""The events of payroll policies. Stored for ever; a policy holds no personal data."""

from domain.kernel import Event, event
from domain.payroll.policy import PayrollPolicy
from domain.published import DocumentProposed, DocumentPublished, DocumentWithdrawn
from domain.values import AgentId


@event("payroll_policy.proposed")
class Proposed(DocumentProposed[PayrollPolicy]):
    """A-4: somebody lays a payroll policy before a second person."""

    document: PayrollPolicy


@event("payroll_policy.published")
class Published(DocumentPublished):
    """A-4: another person has put the policy in force from its first day on."""


@event("payroll_policy.withdrawn")
class Withdrawn(DocumentWithdrawn):
    """A-4: the proposed policy is taken back."""


@event("payroll_policy.acknowledged")
class Acknowledged(Event):
    """L-5: the agent has taken note of a policy and agrees that it is applied to their wage."""

    of_version: str
    agent: AgentId
