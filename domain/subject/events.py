"""The events of what is kept on a person, customer or staff (A-3). Stored for ever; why stands sealed to the person.

`agent` is the employee number of somebody who works or worked here, None for customers. What outlives the erasure says
who had it done and on which grounds, not who was erased.
"""

from domain.kernel import Event, event
from domain.subject.words import Grounds, RestrictedFor
from domain.values import AgentId, Private, SubjectId


@event("subject.erasure_requested")
class ErasureRequested(Event):
    """Somebody asks that what is kept on a person be erased; nothing stood against it then."""

    subject: SubjectId
    agent: AgentId | None = None
    grounds: Grounds
    reason: Private
    by: AgentId


@event("subject.erasure_approved")
class ErasureApproved(Event):
    """A-4: an auditor has decided that it is to be done."""

    by: AgentId


@event("subject.erasure_rejected")
class ErasureRejected(Event):
    """An auditor has decided that it is not to be done."""

    reason: Private
    by: AgentId


@event("subject.erasure_confirmed")
class ErasureConfirmed(Event):
    """A-4: a second person agrees; from here on there is no way back."""

    by: AgentId


@event("subject.erased")
class Erased(Event):
    """The person's key is destroyed: what was sealed with it, in so many events, opens no more, anywhere."""

    subject: SubjectId
    agent: AgentId | None = None
    grounds: Grounds
    requested_by: AgentId
    approved_by: AgentId
    confirmed_by: AgentId
    events: int


@event("subject.restricted")
class Restricted(Event):
    """What is kept on the person stays, and nobody can read it."""

    subject: SubjectId
    agent: AgentId | None = None
    grounds: RestrictedFor
    reason: Private
    by: AgentId


@event("subject.released")
class Released(Event):
    """The restriction is lifted: roles see again what they saw before."""

    subject: SubjectId
    agent: AgentId | None = None
    reason: Private
    by: AgentId


@event("subject.held")
class Held(Event):
    """A legal hold: nothing of the person is erased until it is lifted."""

    subject: SubjectId
    agent: AgentId | None = None
    reason: Private
    by: AgentId


@event("subject.hold_lifted")
class HoldLifted(Event):
    """The legal hold is over."""

    reason: Private
    by: AgentId
