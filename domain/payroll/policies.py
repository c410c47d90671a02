"""The register of payroll policies (A-4), and who has acknowledged one of them (L-5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.kernel import Decider, Event, Refusal
from domain.payroll import policy_events as e
from domain.payroll.policy import PayrollPolicy, faults
from domain.published import Kind, NoSuchVersion, Register, Status
from domain.values import AgentId

PAYROLL_POLICIES = Kind(
    name="payroll policy", proposed=e.Proposed, published=e.Published, withdrawn=e.Withdrawn, faults=faults
)
PAYROLL_POLICY_REGISTER = PAYROLL_POLICIES.decider


@dataclass(frozen=True, slots=True)
class Acknowledgements:
    """Who has acknowledged one policy."""

    agents: frozenset[AgentId] = frozenset()


def evolve(acknowledgements: Acknowledgements, event: Event) -> Acknowledgements:
    """Fold one event into the state."""
    match event:
        case e.Acknowledged():
            return Acknowledgements(acknowledgements.agents | {event.agent})
        case _:
            return acknowledgements


ACKNOWLEDGEMENTS = Decider("acknowledgements of a payroll policy", Acknowledgements(), evolve)


class NotPublished(Refusal):
    """Only a published policy is acknowledged."""

    code = "not_published"


def acknowledge(
    acknowledgements: Acknowledgements,
    register: Register[PayrollPolicy],
    shipped: Sequence[PayrollPolicy],
    version: str,
    agent: AgentId,
) -> list[Event]:
    """L-5: an agent acknowledges a published policy; a repeat is nothing. Raises NoSuchVersion, NotPublished."""
    statuses = [entry.status for entry in register.all(shipped) if entry.document.version == version]
    if not statuses:
        raise NoSuchVersion(f"there is no payroll policy {version}")
    if statuses != [Status.PUBLISHED]:
        raise NotPublished(f"payroll policy {version} is not in force: wait until it is published", rule="L-5")
    return [] if agent in acknowledgements.agents else [e.Acknowledged(of_version=version, agent=agent)]
