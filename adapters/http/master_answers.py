"""The shapes of what is read of the masters, for OpenAPI."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, Field

from adapters.http.answers import Answer
from domain.agent.words import Presence, Rank
from domain.case.words import CustomerClass, Status
from domain.values import Role


class _Master(Answer, extra="forbid"):
    """What every master has."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")


class AgentShown(_Master):
    """Somebody who works here."""

    name: str | None = Field(description="name")
    role: Role = Field(description="what they may do")
    rank: Rank | None = Field(description="of supervisors")
    team: str | None = Field(description="id of their team")
    presence: Presence = Field(description="present, absent, or left for good")
    joined_on: date = Field(description="first day")
    left_on: date | None = Field(description="last day, once they have left")
    limits: dict[str, int | None] = Field(
        description="what they may grant in whole fen, by the first day of each limit; null: the role's limit (C-7)"
    )


class TeamShown(_Master):
    """A team."""

    name: str = Field(description="name")


class DepartmentShown(_Master):
    """A department."""

    name: str = Field(description="name")
    matters: list[str] = Field(description="which matters go there")


class MerchantShown(_Master):
    """A merchant."""

    name: str = Field(description="name")
    signings: dict[str, bool] = Field(description="signed (签约) or not, by the first day of each period")
    recommendations: dict[str, bool] = Field(description="key recommended (重点推荐) or not, likewise")


class CustomerShown(Answer, extra="forbid"):
    """A customer as far as decisions go; the person stands in the cases."""

    id: str = Field(description="random id of the person")
    version: int = Field(description="number of events, as in the ETag; 0 before the first")
    customer_class: CustomerClass | None = Field(description="class as evaluated (C-9); null: as stated at receipt")
    texts_allowed: bool = Field(description="whether texts may be sent")


class StepShown(Answer, extra="forbid"):
    """One row of the way."""

    command: str = Field(description="the command")
    event: str = Field(description="the topic it records")
    rule: str = Field(description="the rule it follows")
    after: list[Status] = Field(description="the statuses it may follow")
    needs: list[str] = Field(description="what must hold beside the status")


class NeedShown(Answer, extra="forbid"):
    """What must hold beside the status."""

    name: str = Field(description="the need")
    rule: str = Field(description="the rule that asks for it")
    otherwise: str = Field(description="what to do when it does not hold")


class PolicyShown(Answer, extra="forbid"):
    """A case policy: the way of a case as data, and the figures the business may change."""

    version: str = Field(description="its version, which a case keeps")
    kind: str = Field(description="for which cases")
    valid_from: date = Field(description="first day, local to `time_zone`")
    time_zone: str = Field(description="whose local days count")
    reopen_to: Status = Field(description="where the work begins again")
    reopen_within_days: int = Field(description="how long after its end a case is reopened")
    unreached_days_end_callback: int = Field(description="local days not reached that end the callback step")
    extensions_per_clock: int = Field(description="how often a term is put off")
    grant_due_days: int = Field(description="days after which a grant falls due where no day is named")
    limit_fen: dict[Role, int] = Field(description="what a role may grant in whole fen, without an own limit")
    steps: list[StepShown] = Field(description="the way, row by row")
    needs: list[NeedShown] = Field(description="the words of the needs")


class PolicyList(Answer):
    """Every policy."""

    items: list[PolicyShown] = Field(description="in the order of their versions")
    next: str | None = Field(description="`after` of the next page; null on the last")


class AgentList(Answer):
    """A page of agents."""

    items: list[AgentShown] = Field(description="in the order of their ids")
    next: str | None = Field(description="`after` of the next page; null on the last")


class TeamList(Answer):
    """A page of teams."""

    items: list[TeamShown] = Field(description="in the order of their ids")
    next: str | None = Field(description="`after` of the next page; null on the last")


class DepartmentList(Answer):
    """A page of departments."""

    items: list[DepartmentShown] = Field(description="in the order of their ids")
    next: str | None = Field(description="`after` of the next page; null on the last")


class MerchantList(Answer):
    """A page of merchants."""

    items: list[MerchantShown] = Field(description="in the order of their ids")
    next: str | None = Field(description="`after` of the next page; null on the last")


SHOWN: Mapping[str, tuple[type[BaseModel], type[BaseModel]]] = {
    "agents": (AgentShown, AgentList),
    "teams": (TeamShown, TeamList),
    "merchants": (MerchantShown, MerchantList),
    "departments": (DepartmentShown, DepartmentList),
}
"""By the word in the path: the shape of one, and of a page of them."""
