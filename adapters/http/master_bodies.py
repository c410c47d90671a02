"""The request bodies and answers of the masters: agents, teams, merchants, departments, customers."""

from typing import Annotated

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.fields import Body, Day, Fen, Id, Line, Text, Truth, Word
from domain.agent.words import Rank
from domain.case.words import CustomerClass
from domain.values import Role


class AgentBody(Body):
    """Somebody who begins to work here."""

    id: Id = Field(description="employee number (工号), given once for ever")
    name: Line = Field(description="name", examples=["李雷"])
    role: Role = Field(description="what they may do")
    team: Id | None = Field(None, description="id of their team")
    rank: Rank | None = Field(None, description="for supervisors")
    joined_on: Day = Field(description="first day", examples=["2026-03-01"])


class TeamOfAgentBody(Body):
    """In which team an agent works."""

    team: Id = Field(description="id of the team")


class LimitBody(Body):
    """C-7: what an agent may grant from a day on."""

    from_day: Day = Field(description="first day")
    limit_fen: Fen | None = Field(description="whole fen; null: the limit of the role")


class DepartureBody(Body):
    """The end of somebody's work here."""

    last_day: Day = Field(description="last day")


class DeputyBody(Body):
    """L-0: the days on which an agent stands in for a supervisor."""

    from_day: Day = Field(alias="from", description="first day")
    to_day: Day = Field(alias="to", description="last day")
    reason: Text = Field(description="why a deputy is needed")


class NamedBody(Body):
    """A team or merchant by its id and name."""

    id: Id = Field(description="id, given once for ever")
    name: Line = Field(description="name")


class NameBody(Body):
    """Another name."""

    name: Line = Field(description="the new name")


Matters = Annotated[list[Word], Field(max_length=100)]


class DepartmentBody(NamedBody):
    """A department and what goes there."""

    matters: Matters = Field(description="which matters go there", examples=[["merchant_data", "discounts"]])


class MattersBody(Body):
    """What goes to a department."""

    matters: Matters = Field(description="which matters go there")


class SigningBody(Body):
    """Whether a merchant is signed (签约) from a day on."""

    from_day: Day = Field(description="first day")
    signed: Truth = Field(description="signed or not")


class RecommendationBody(Body):
    """Whether a merchant is key recommended (重点推荐) from a day on."""

    from_day: Day = Field(description="first day")
    recommended: Truth = Field(description="recommended or not")


class ClassBody(Body):
    """C-9: the evaluation behind a customer's class, step by step."""

    customer_class: CustomerClass = Field(description="the class decided")
    collected: Text = Field(description="what was collected")
    planned: Text = Field(description="what was planned")
    evaluated: Text = Field(description="how it was evaluated")
    decided: Text = Field(description="the decision and its grounds")
    adjusted: Text | None = Field(None, description="what was adjusted later")


class TextingBody(Body):
    """The "do not text" mark."""

    allowed: Truth = Field(description="whether texts may be sent")


class MasterAnswered(Answer):
    """What a command on a master answers."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of the log that holds this, for `min_position`")
